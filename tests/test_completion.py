"""What the Tab key offers, asked as a shell asks; the groups of commands in the help; versions for machines."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.main import get_command

import simsme
from simsme.cli.application import app
from simsme.cli.completion import complete_lever, complete_policy, complete_scenario


def offered(line, folder):
    """What bash is offered at the end of a line."""
    words = line.split(" ")
    asked = {"_SIMSME_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    command = [sys.executable, "-m", "simsme"]
    done = subprocess.run(command, env=os.environ | asked, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


class TestCompletion:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("simsme run th", ["three-months"]),
            ("simsme run three-months --policy ren", ["renewal", "renewal-for-all"]),
            ("simsme attribute article-package --policy fin", ["finance"]),
            ("simsme levers loan", ["loan_renewal"]),
            ("simsme runway --scenario ca", ["calm"]),
            ("simsme discover no-such-scenario --policy re", []),
        ],
    )
    def test_a_shell_is_told(self, line, expected, tmp_path):
        assert offered(line, tmp_path) == expected

    def test_own_files_and_levers_are_offered(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine.toml").write_text("", encoding="utf-8")
        assert complete_scenario("m") == ["mine.toml"]
        assert set(complete_scenario("")) == {*simsme.shipped_scenarios(), "mine.toml"}
        assert "guarantee_fund" in complete_lever("")

    def test_every_option_for_a_policy_or_scenario_is_completed(self):
        """A command that is new does not forget it."""
        forgotten = []
        for name, command in get_command(app).commands.items():
            for parameter in command.params:
                wanted = parameter.name in ("scenario", "policy") or parameter.metavar in ("SCENARIO", "KIND")
                if wanted and parameter._custom_shell_complete is None:
                    forgotten.append(f"{name} {parameter.name}")
        assert forgotten == []

    def test_a_file_that_cannot_be_read_offers_nothing(self, tmp_path, monkeypatch):
        class Line:
            params = {"scenario": str(tmp_path / "broken.toml")}
            args = ()

        (tmp_path / "broken.toml").write_text("policy = 3", encoding="utf-8")
        assert complete_policy(Line(), "") == []


class TestHelp:
    def test_commands_stand_in_groups(self):
        panels = {name: command.rich_help_panel for name, command in get_command(app).commands.items()}
        assert all(isinstance(panel, str) for panel in panels.values()), panels
        assert panels["run"] == "Run and look"
        assert 4 <= len(set(panels.values())) <= 7

    def test_help_says_table_names_whole(self, capsys):
        """Square brackets are marks of the help's own: what stands in them is lost."""
        from simsme.cli.application import answer

        assert answer(["calibrate", "--help"]) == 0
        assert "[]" not in capsys.readouterr().out

    @pytest.mark.parametrize("arguments", [["--version", "--json"], ["--json", "--version"]])
    def test_versions_for_machines(self, arguments, capsys):
        from simsme.cli.application import answer

        assert answer(arguments) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["simsme"] == simsme.__version__
        assert {"python", "numpy"} <= set(told["versions"])


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_itself_is_offered_them(tmp_path):
    """The function that bash is given, called as bash calls it."""
    script = subprocess.run(
        [sys.executable, "-m", "simsme"], env=os.environ | {"_SIMSME_COMPLETE": "source_bash"}, capture_output=True, text=True, check=True
    ).stdout
    (tmp_path / "simsme").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m simsme "$@"\n', encoding="utf-8")
    (tmp_path / "simsme").chmod(0o755)
    asked = 'COMP_WORDS=(simsme levers loan); COMP_CWORD=2; _simsme_completion simsme; echo "${COMPREPLY[@]}"'
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["loan_renewal"]
