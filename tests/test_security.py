"""What files and names may not do: run code, lead elsewhere, or become a formula."""

import ast
import io
import re
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simsme.cli.application import answer
from simsme.csv_text import guarded, unguarded, write_table
from simsme.firm_level_files import read_firm_level
from simsme.problems import InputError
from simsme.results import results_folder
from simsme.scenario import load_scenario, parse_scenario
from simsme.sweeping.cell import kept_cell

MODULES = sorted((Path(__file__).parents[1] / "simsme").rglob("*.py"))
EVIL = "=1+1|' /C calc'!A0"
POPULATION = "population = { firms = 4 }\n"


@cache
def all_calls():
    """Every call of every module: the module, the name of what is called, and the call as it is written."""
    return [
        (path.name, ast.unparse(node.func), node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]


def calls(name):
    """Modules that call something of this name, with the calls."""
    return [(module, ast.unparse(call)) for module, called, call in all_calls() if called == name]


class TestNoCode:
    def test_nothing_is_evaluated(self):
        for name in ("eval", "os.system", "os.popen", "__import__", "yaml.load", "marshal.loads", "shelve.open", "pd.read_pickle"):
            assert calls(name) == [], name
        # the stages of the engine, recorded from the engine itself
        assert {module for module, _ in calls("exec")} <= {"loops.py"}
        # from the process that started this one
        assert {module for module, _ in calls("pickle.loads")} == {"painters.py"}
        assert all("shell" not in call for name in ("subprocess.run", "subprocess.Popen") for _, call in calls(name))

    def test_arrays_are_read_without_objects(self):
        found = calls("np.load")
        assert found
        assert [call for _, call in found if "allow_pickle=False" not in call] == []

    @pytest.fixture
    def trap(self, tmp_path):
        """Arrays that would run code if they were read as objects."""

        class Trap:
            def __reduce__(self):
                return Path.touch, (tmp_path / "sprung",)

        content = io.BytesIO()
        np.save(content, np.array([Trap()], dtype=object), allow_pickle=True)
        return content.getvalue()

    def test_a_kept_cell_of_somebody(self, tmp_path, trap):
        with zipfile.ZipFile(tmp_path / f"{'0' * 16}.npz", "w") as archive:
            archive.writestr("digest.npy", trap)
        assert kept_cell(tmp_path, "0" * 64) is None
        assert not (tmp_path / "sprung").exists()

    def test_firms_of_somebody(self, tmp_path, trap):
        with zipfile.ZipFile(tmp_path / "firms.npz", "w") as archive:
            archive.writestr("firm_id.npy", trap)
        with pytest.raises((InputError, ValueError)):
            read_firm_level(tmp_path / "firms.npz")
        assert not (tmp_path / "sprung").exists()

    @pytest.mark.parametrize("name", ["__import__", "os.system", "eval", "__class__"])
    def test_a_distribution_by_another_name(self, name):
        with pytest.raises(InputError, match="dist"):
            parse_scenario(f'{POPULATION}credit = {{ kappa = {{ dist = "{name}", low = 0, high = 1 }} }}\n', "x.toml")


class TestPaths:
    @pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../falls.csv", "..\\falls.csv", "C:\\falls.csv", ".."])
    def test_a_scenario_reads_beside_itself_only(self, path, tmp_path):
        (tmp_path / "falls.csv").write_text("week,industry,sales_fall\n1,all,0.5\n", encoding="utf-8")
        (tmp_path / "sent").mkdir()
        scenario = tmp_path / "sent" / "x.toml"
        scenario.write_text(f"{POPULATION}[shock.sales]\npath = '{path}'\n", encoding="utf-8")
        with pytest.raises(InputError, match=r"shock\.sales\.path: must lie in the folder of the scenario") as refused:
            load_scenario(str(scenario))
        assert "root:" not in str(refused.value)

    def test_below_is_fine(self, tmp_path):
        (tmp_path / "paths").mkdir()
        (tmp_path / "paths" / "falls.csv").write_text("week,industry,sales_fall\n1,all,0.5\n", encoding="utf-8")
        (tmp_path / "x.toml").write_text(f'{POPULATION}[shock.sales]\npath = "paths/falls.csv"\n', encoding="utf-8")
        assert load_scenario(str(tmp_path / "x.toml")).scenario.shock.sales.path.falls == {"all": (0.5,)}

    @pytest.mark.parametrize("name", ["../../x", "/tmp/x", "..", "a/b", "C:\\x", "\x00", "x" * 500, "con\n"])
    def test_a_name_is_one_folder(self, name, tmp_path):
        folder = results_folder(name, "0" * 64, tmp_path)
        assert folder.parent == tmp_path
        assert re.fullmatch(r"[\w.-]{1,60}-00000000", folder.name)
        assert not folder.name.startswith(".")


class TestFormulas:
    @pytest.mark.parametrize("text", [EVIL, "+1+1", "-2+3", "@SUM(1)", "\tx", "\rx", "'=1", "''=1", "plain", "a=b", "", "-", "'quoted'"])
    def test_a_text_comes_back_and_is_no_formula(self, text):
        written = guarded(text)
        assert unguarded(written) == text
        assert not re.match(r"[=+\-@\t\r]", written)

    @pytest.mark.parametrize("number", ["-0.5", "+3", "-1e-3", ".5", "-.5"])
    def test_a_number_in_a_table_is_no_formula(self, number, tmp_path):
        assert unguarded(guarded(number)) == number
        write_table(pd.DataFrame({"value": [number]}), tmp_path / "x.csv")
        assert (tmp_path / "x.csv").read_text(encoding="utf-8") == f"value\n{number}\n"

    def test_a_table(self, tmp_path):
        write_table(pd.DataFrame({"policy": [EVIL, "b"], "mean": [-1.5, 2.0]}), tmp_path / "x.csv")
        assert (tmp_path / "x.csv").read_text(encoding="utf-8") == f"policy,mean\n'{EVIL},-1.5\nb,2.0\n"

    def test_all_that_a_run_and_its_report_write(self, tmp_path, capsys):
        """Regions come from a user's file and titles from a scenario: both go through tables, figures and the report."""
        evil = f"{EVIL}<script>alert(1)</script>"
        firms = "".join(f'{evil}{row},1000000,50000,"{evil}"\n' for row in range(3))
        (tmp_path / "firms.csv").write_text(f"firm_id,sales,cash,region\n{firms}", encoding="utf-8")
        (tmp_path / "x.toml").write_text(
            f'title = "{evil}"\ncurrency = "<b>"\ndraws = 2\nfirms = {{}}\n[[policy]]\nname = "p"\ntitle = "{evil}"\n'
            'levers = [{ kind = "loan_renewal" }]\n',
            encoding="utf-8",
        )
        arguments = ["--firms", str(tmp_path / "firms.csv"), "--out", str(tmp_path / "out"), "--firm-level-as", "csv", "--quiet"]
        assert answer(["run", str(tmp_path / "x.toml"), *arguments, "--engine", "numpy"]) == 0, capsys.readouterr().err
        (folder,) = (tmp_path / "out").iterdir()
        seen = 0
        for file in folder.rglob("*.csv"):
            cells = pd.read_csv(file, dtype=str, keep_default_na=False).to_numpy().ravel()
            seen += sum(EVIL in cell for cell in cells)
            assert [cell for cell in cells if re.match(r"[=+@\t\r]", cell)] == [], file
        assert seen
        assert answer(["report", str(folder), "--quiet"]) == 0
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
