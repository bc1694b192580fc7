"""The command line as a user meets it: real processes, their output, their exit codes, what they leave on disk."""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import simsme
from simsme.cli.application import answer
from simsme.cli.columns import number
from simsme.cli.policy_table import policy_table
from simsme.levers import kinds
from simsme.notes import early_end, idle_levers
from simsme.reference import entries
from simsme.scenario import load_scenario, parse_scenario, shipped_scenarios

ROOT = Path(simsme.__file__).parents[1]
HEAVY = ("numpy", "pandas", "scipy", "matplotlib")
QUICK = ("--set", "population.firms=40", "--draws", "2", "--set", "time.horizon_days=182", "--set", "time.report_days=[91]")
ENDPOINTS = {"runway", "cash", "open", "exit"}


def environment(**more):
    """That of the tests without what would change the screen."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING")}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8", "TERM": "dumb"} | more


def start(*arguments, cwd, **more):
    command = [sys.executable, "-m", "simsme", *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=cwd, env=environment(**more), text=True, encoding="utf-8", **pipes)


def simsme_process(*arguments, cwd, given="", **more):
    """Run the command line in a process of its own."""
    process = start(*arguments, cwd=cwd, **more)
    out, err = process.communicate(given, timeout=300)
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def modules_after(statement):
    code = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\nprint([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def seconds_of(*command):
    """Seconds of work that a process takes, fewest of some tries; the machine may have other things to do."""
    resource = pytest.importorskip("resource")
    tries = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], env=environment(), capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        tries.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(tries)


class TestQuickStart:
    def test_importing_the_package_loads_nothing_heavy(self):
        assert modules_after("import simsme; simsme.__version__; dir(simsme)") == "[]"
        assert seconds_of("-c", "import simsme") < 0.5

    @pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"], ["story", "-h"], ["--version"]])
    def test_help_loads_nothing_heavy(self, arguments):
        assert modules_after(f"sys.argv = ['simsme', *{arguments}]; from simsme.cli import main; main()") == "[]"

    @pytest.mark.parametrize("arguments", [["check", "three-months"], ["assumptions"], ["levers", "--json"]])
    def test_what_needs_no_arrays_loads_none(self, arguments):
        assert modules_after(f"sys.argv = ['simsme', *{arguments}]; from simsme.cli import main; main()") == "[]"

    def test_help_is_there_at_once(self):
        assert seconds_of("-m", "simsme", "--help") < 0.4

    def test_the_function_run_is_no_module(self):
        importlib.import_module("simsme.runs")
        assert callable(simsme.run)
        assert simsme.run.__name__ == "run"

    @pytest.mark.parametrize("name", simsme.__all__)
    def test_no_public_name_is_that_of_a_module(self, name):
        assert getattr(simsme, name) is not None
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"simsme.{name}")

    def test_an_unknown_name_is_an_attribute_error(self):
        with pytest.raises(AttributeError, match="no attribute 'plot_survivol'"):
            _ = simsme.plot_survivol


class TestHelp:
    def test_help_names_all_commands(self, tmp_path):
        for arguments in ((), ("--help",), ("-h",)):
            done = simsme_process(*arguments, cwd=tmp_path)
            assert done.returncode == 0
            assert all(command in done.stdout for command in ("run", "check", "levers", "assumptions", "story"))
            assert done.stderr == ""

    def test_version(self, tmp_path):
        assert simsme_process("--version", cwd=tmp_path).stdout == f"simsme {simsme.__version__}\n"


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """A run on an empty folder, with all that it said and left."""
    folder = tmp_path_factory.mktemp("run")
    begin = time.perf_counter()
    done = simsme_process("run", "three-months", *QUICK, "--out", "kept", "--json", cwd=folder)
    return folder, done, time.perf_counter() - begin


class TestRun:
    def test_json_is_one_object_and_nothing_else(self, first):
        _, done, _ = first
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout)
        expected = {"scenario", "digest", "seed", "firms", "draws", "step_days", "horizon_days", "headline_day", "reference", "policies"}
        assert expected | {"seconds", "firm_weeks_per_second", "notes", "remarks"} <= set(summary)
        assert (summary["scenario"], summary["firms"], summary["draws"]) == ("three-months", 40, 2)
        policy = summary["policies"][0]
        assert set(policy["survival"]) == ENDPOINTS
        assert set(policy["survival"]["exit"]) == {"mean", "low", "high", "mc_error"}
        assert set(policy["by_day"]) == {"91", "182"}

    def test_the_total_is_that_of_the_whole_process(self, first):
        _, done, wall = first
        seconds = json.loads(done.stdout)["seconds"]
        assert seconds["simulate"] <= seconds["total"] <= wall
        assert seconds["total"] > 0.5 * wall

    def test_the_folder_holds_what_it_should(self, first):
        folder, done, _ = first
        summary = json.loads(done.stdout)
        (place,) = (folder / "kept").iterdir()
        assert place.name == f"three-months-{summary['digest'][:8]}"
        names = {"manifest.json", "summary.json", "scenario.toml", "curves.csv", "summary.csv", "groups.csv", "accounts.csv", "figures"}
        assert {path.name for path in place.iterdir()} == names | {
            *("costs.csv", "effectiveness.csv", "classes.csv", "draws.csv"),
            *("funds.csv", "fund_use.csv", "fund_layers.csv"),
        }
        assert {"funds.png", "funds.svg", "funds.csv"} <= {path.name for path in (place / "figures").iterdir()}
        manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["command"][:3] == ["simsme", "run", "three-months"]
        assert manifest["digest"] == summary["digest"]
        assert (place / "scenario.toml").read_text(encoding="utf-8") == (ROOT / "scenarios" / "three-months.toml").read_text(
            encoding="utf-8"
        )
        assert str(place.relative_to(folder)) in done.stderr

    def test_the_same_again_is_not_computed_again(self, first):
        folder, done, _ = first
        again = simsme_process("run", "three-months", *QUICK, "--out", "kept", "--json", cwd=folder)
        assert again.returncode == 0
        assert "stored" in again.stderr
        assert "--force" in again.stderr
        fresh, stored = json.loads(done.stdout), json.loads(again.stdout)
        assert stored["policies"] == fresh["policies"]
        assert stored["seconds"]["simulate"] == fresh["seconds"]["simulate"]
        quiet = simsme_process("run", "three-months", *QUICK, "--out", "kept", "--quiet", cwd=folder)
        assert (quiet.returncode, quiet.stderr) == (0, "")
        assert quiet.stdout.startswith("three-months: Sales down")

    def test_force_computes_again(self, first):
        folder, done, _ = first
        again = simsme_process("run", "three-months", *QUICK, "--out", "kept", "--json", "--force", "--jobs", "1", cwd=folder)
        assert "stored in" not in again.stderr
        forced, fresh = json.loads(again.stdout), json.loads(done.stdout)
        assert forced["policies"] == fresh["policies"]
        assert forced["seconds"] != fresh["seconds"]

    def test_another_seed_is_another_result(self, first):
        folder, done, _ = first
        other = simsme_process("run", "three-months", *QUICK, "--seed", "1", "--json", "--out", "other", cwd=folder)
        assert json.loads(other.stdout)["digest"] != json.loads(done.stdout)["digest"]

    @pytest.mark.parametrize("width", [80, 100, 120])
    def test_the_table_fits_the_screen(self, first, width):
        folder, done, _ = first
        table = simsme_process("run", "three-months", *QUICK, "--out", "kept", cwd=folder, COLUMNS=str(width))
        lines = table.stdout.splitlines()
        assert max(map(len, lines)) <= width
        assert not any(line != line.rstrip() for line in lines)
        for policy in json.loads(done.stdout)["policies"]:
            assert any(line.startswith(policy["policy"]) for line in lines)
        assert all(name in table.stdout for name in ("runway", "cash", "open", "exit", "reached", "saved", "net cost", "per firm"))
        assert any(line.startswith("relending-for-all  bridge") for line in lines)
        assert all(name in table.stdout for name in ("peak use", "exhausted", "served", "turned", "fees", "losses"))
        assert "Monte Carlo standard error" in table.stdout
        assert "5th to 95th percentile" in table.stdout

    def test_the_reference_runs_in_any_case(self, tmp_path):
        done = simsme_process("run", "three-months", *QUICK, "--policy", "package", "--json", cwd=tmp_path)
        assert [entry["policy"] for entry in json.loads(done.stdout)["policies"]] == ["none", "package"]
        assert (tmp_path / "results").is_dir()

    def test_a_scenario_from_standard_input(self, tmp_path):
        text = 'name = "mine"\ndraws = 1\n[population]\nfirms = 5\n[time]\nhorizon_days = 28\nheadline_day = 14\n[shock]\n'
        done = simsme_process("run", "-", "--json", cwd=tmp_path, given=text)
        assert done.returncode == 0, done.stderr
        summary = json.loads(done.stdout)
        assert (summary["scenario"], summary["headline_day"]) == ("mine", 14)
        assert summary["policies"][0]["survival"]["exit"]["mc_error"] is None
        assert "this comparison stops at day 28, before the shock" in done.stderr
        assert summary["notes"][0].startswith("this comparison stops at day 28")
        table = simsme_process("run", "-", cwd=tmp_path, given=text)
        assert table.returncode == 0
        assert "this comparison stops at day 28" in table.stderr

    def test_own_firms(self, tmp_path):
        rows = ["firm_id,sales,cash,industry,employees", "a,1000000,20000,retail,3", "b,500000,800000,catering,4", "c,300000,10000,,"]
        (tmp_path / "own.csv").write_text("\n".join(rows), encoding="utf-8")
        done = simsme_process("run", "three-months", "--firms", "own.csv", "--draws", "2", "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["firms"] == 3
        assert "filled in from the scenario's distributions for all 3 firms: size" in done.stderr
        assert "1 of 3 firms: industry" in done.stderr
        assert "cash above a year's sales" in done.stderr
        assert "loan" in " ".join(json.loads(done.stdout)["notes"])

    def test_a_scenario_for_a_file_of_firms_wants_the_file(self, tmp_path):
        done = simsme_process("run", "poland-firms", *QUICK, cwd=tmp_path)
        assert done.returncode == 2
        assert "give it with --firms" in done.stderr


class TestTable:
    def test_numbers_have_a_proper_minus_and_no_sign_at_zero(self):
        assert number(None) == "–"
        assert number(-1234.56) == "−1,234.6"
        assert number(0.001, 2, "+") == "0.00"
        assert number(-0.001, 2) == "0.00"
        assert number(1.5, 1, "+") == "+1.5"

    def test_one_draw_and_one_policy_have_no_bands(self):
        lone = {"mean": 0.5, "low": 0.5, "high": 0.5, "mc_error": None}
        entry = {
            "policy": "none",
            "survival": dict.fromkeys(("runway", "cash", "open", "exit"), lone),
            "difference": {"exit": lone},
            "reached": {"share": 0.0, "difference": {"exit": None}},
            "firms_saved": lone | {"mean": 0.0},
            "jobs_saved": lone | {"mean": 0.0},
        }
        summary = {"policies": [entry | {"by_day": {"91": entry}}], "reference": "none", "headline_day": 91.0, "currency": ""}
        lines = [line.plain for line in policy_table(summary, 120)]
        assert "50.0" in lines[-1]
        assert not any(" to " in line for line in lines)


class TestNotes:
    def test_a_run_that_goes_on_long_enough_has_no_note(self):
        assert early_end(load_scenario("three-months").scenario) is None
        assert early_end(load_scenario("calm").scenario) is None

    def test_the_note_counts_shock_grace_and_patience(self):
        short = load_scenario("three-months", ["time.horizon_days=200", "time.report_days=[]"]).scenario
        assert "on day 201" in str(early_end(short))
        uncertain = load_scenario(
            "three-months", ["time.horizon_days=200", "time.report_days=[]", "credit.grace_days={dist='uniform', low=80.0, high=110.0}"]
        )
        assert "grace (95 days)" in str(early_end(uncertain.scenario))

    @pytest.mark.parametrize(
        ("levers", "reason"),
        [
            ('{ kind = "loan_renewal", from_day = 365 }', "loan_renewal of policy a does nothing here: it works from day 365 on"),
            ('{ kind = "grant", to_day = 20 }', "grant of policy a does nothing here: it works from day 28 on, and its to_day is 20"),
            ('{ kind = "targeted_closure" }', "targeted_closure of policy a does nothing here: the scenario has no [shock.closure]"),
            ('{ kind = "training", name = "x" }', "training:x of policy a does nothing here: the scenario has no [shock.labour]"),
            ('{ kind = "contract_enforcement" }', "the scenario has no [shock.payment]"),
            (
                '{ kind = "rent_relief", from_day = 15, to_day = 20 }',
                "no step ends from day 15 to day 20, and a step counts by its last day",
            ),
            ('{ kind = "rent_relief", from_day = 15, to_day = 21 }', ""),
            ('{ kind = "rent_relief", to_day = 6 }', "no step ends from day 0 to day 6"),
            ('{ kind = "rent_relief", from_day = 90, to_day = 91 }', ""),
            ('{ kind = "loan_renewal", from_day = 15, to_day = 20 }', ""),
            ('{ kind = "loan_renewal", from_day = 364 }', ""),
            ('{ kind = "lending_forbearance" }', ""),
            ('{ kind = "grant", to_day = 20 }, { kind = "streamlined_service" }', ""),
        ],
    )
    def test_a_lever_that_cannot_do_anything(self, levers, reason):
        text = f'[population]\nfirms = 5\n[[policy]]\nname = "a"\nlevers = [{levers}]\n'
        notes = list(idle_levers(parse_scenario(text, "mine.toml").scenario))
        assert len(notes) == bool(reason)
        assert reason in "".join(notes)

    @pytest.mark.parametrize("name", shipped_scenarios())
    def test_no_lever_of_a_shipped_scenario_is_idle(self, name):
        assert list(idle_levers(load_scenario(name).scenario)) == []


class TestCheck:
    def test_ok(self, tmp_path):
        done = simsme_process("check", "three-months", cwd=tmp_path)
        assert done.returncode == 0
        assert done.stdout.startswith("ok three-months")
        assert "5,000 drawn" in done.stdout
        assert "policy forbearance" in done.stdout
        assert done.stderr == ""
        assert not list(tmp_path.iterdir())

    def test_a_file_with_another_file(self, tmp_path):
        (tmp_path / "mine.toml").write_text('[population]\nfirms = 5\n[shock.sales]\npath = "falls.csv"\n', encoding="utf-8")
        (tmp_path / "falls.csv").write_text("week,industry,sales_fall\n1,all,0.3\n2,all,2\n", encoding="utf-8")
        done = simsme_process("check", "mine.toml", cwd=tmp_path)
        assert done.returncode == 2
        assert "falls.csv" in done.stderr
        assert "row 3" in done.stderr
        (tmp_path / "falls.csv").write_text("week,industry,sales_fall\n1,all,0.3\n2,all,0.2\n", encoding="utf-8")
        assert simsme_process("check", "mine.toml", cwd=tmp_path).returncode == 0

    def test_a_file_of_firms(self, tmp_path):
        (tmp_path / "own.csv").write_text("firm_id,sales,cash\na,1,1\nb,2,2\n", encoding="utf-8")
        done = simsme_process("check", "three-months", "--firms", "own.csv", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "2 from own.csv" in done.stdout


class TestCatalogue:
    def test_levers_say_what_they_do(self, capsys):
        assert answer(["levers"]) == 0
        out = capsys.readouterr().out
        assert all(name in out for name in ("loan_renewal", "lending_forbearance", "take_up", "term_days", "max_risk", "every lever"))
        assert ":class:" not in out

    def test_one_lever(self, capsys):
        assert answer(["levers", "loan_renewal"]) == 0
        out = capsys.readouterr().out
        assert "renewal_lift" not in out
        assert "plausible" in out

    def test_levers_name_each_other_by_kind_and_their_words(self, capsys):
        assert answer(["levers"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "`loan_renewal`" in shown
        assert not any(word in shown for word in ("LoanRenewal", "LargeFirmOrders", "GuaranteeFund", ":class:"))
        assert 'allowed "state" or "all"' in shown

    def test_levers_as_json(self, capsys):
        assert answer(["levers", "--json"]) == 0
        levers = json.loads(capsys.readouterr().out)["levers"]
        assert [lever["kind"] for lever in levers] == list(kinds())
        (renewal,) = (lever for lever in levers if lever["kind"] == "loan_renewal")
        fields = {field["name"]: field for field in renewal["fields"]}
        assert fields["term_days"]["default"] == 365
        assert fields["take_up"]["unit"]
        assert fields["to_day"]["default"] is None

    def test_every_default_is_listed(self, capsys):
        assert answer(["assumptions"]) == 0
        out = capsys.readouterr().out
        assert all(f"{entry.name} = " in out for entry in entries())

    @pytest.mark.parametrize("basis", ["assumption", "published", "derived"])
    def test_by_basis(self, capsys, basis):
        assert answer(["assumptions", "--basis", basis, "--json"]) == 0
        listed = json.loads(capsys.readouterr().out)["assumptions"]
        assert [found["name"] for found in listed] == [entry.name for entry in entries() if entry.basis == basis]
        assert {"name", "value", "range", "unit", "basis", "source"} <= set(listed[0])


class TestStory:
    def test_it_is_told(self, tmp_path):
        done = simsme_process(
            "story", "three-months", "firm-0000003", "--set", "population.firms=40", "--draw", "1", cwd=tmp_path, COLUMNS="90"
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("firm-0000003 in three-months, draw 1; all amounts in CNY")
        assert "Levers: loan_renewal is open to it." in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 90
        assert not list(tmp_path.iterdir())

    def test_as_json(self, capsys):
        arguments = ["story", "three-months", "firm-0000003", "--policy", "package", "--set", "population.firms=40", "--json"]
        assert answer(arguments) == 0
        story = json.loads(capsys.readouterr().out)
        assert [life["policy"] for life in story["policies"]] == ["none", "package"]
        assert story["policies"][0]["sentences"][-1]["text"]

    def test_a_narrow_screen(self, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "50")
        assert answer(["story", "three-months", "firm-0000003", "--set", "population.firms=40"]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 60


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
class TestEnds:
    @pytest.mark.parametrize("seconds", [0.2, 0.4, 2.5])
    def test_ctrl_c(self, tmp_path, seconds):
        code = "print(flush=True); import simsme.cli; simsme.cli.main()"  # the line says that Python itself is there
        command = [sys.executable, "-c", code, "run", "three-months", "--draws", "2000"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, cwd=tmp_path, env=environment(), text=True, encoding="utf-8", **pipes) as process:
            try:
                assert process.stdout.readline() == "\n"
                time.sleep(seconds)
                out, err = self.interrupted(process)
            finally:
                process.kill()
        # CPython ends by the signal itself where it came while a class was being made at import; a shell shows 130 for both
        assert process.returncode in (130, -signal.SIGINT)
        assert out == ""
        # a large run says first how much memory it will need
        said = [line for line in err.splitlines() if " of memory will be needed, " not in line]
        assert said == ["simsme: stopped"] or ("Exception ignored" in err and err.endswith("simsme: stopped\n"))
        assert not list(tmp_path.iterdir())

    @staticmethod
    def interrupted(process):
        """Press Ctrl-C, and again where CPython lost the first one, as it may in the midst of an import."""
        for _ in range(3):
            process.send_signal(signal.SIGINT)
            try:
                return process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                continue
        raise AssertionError("does not stop")

    def test_a_reader_that_goes_away(self, tmp_path):
        process = start("assumptions", cwd=tmp_path)
        assert process.stdout.readline().startswith("draws = ")
        process.stdout.close()
        assert process.stderr.read() == ""
        process.stderr.close()
        process.stdin.close()
        assert process.wait(timeout=60) != 2

    def test_a_terminal_that_knows_no_signs(self, tmp_path):
        for arguments in (["--help"], ["run", "three-months", *QUICK], ["story", "three-months", "firm-0000001", *QUICK[:2]]):
            done = simsme_process(*arguments, cwd=tmp_path, PYTHONIOENCODING="ascii")
            assert done.returncode == 0, done.stderr
            assert done.stdout.isascii()

    def test_a_fault_of_ours_is_told_as_one(self, monkeypatch, capsys):
        def broken():
            raise RuntimeError("the moon fell down")

        monkeypatch.setattr("simsme.levers.kinds", broken)
        assert answer(["levers"]) == 1
        err = capsys.readouterr().err
        assert "Traceback" in err
        assert err.splitlines()[-1].startswith("simsme: this is a fault of simsme")
        assert "the moon fell down" in err.splitlines()[-1]
