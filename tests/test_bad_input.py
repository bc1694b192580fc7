"""What a user can get wrong: a clear line for each fault, exit code 2, no traceback, nothing written."""

import os
import sys

import pytest

from simsme.cli.application import answer
from tests.test_cli import simsme_process

POPULATION = "[population]\nfirms = 5\n"

SCENARIOS = {
    "empty": ("", ["bad.toml", "is empty"]),
    "blank": (" \n\n", ["bad.toml", "is empty"]),
    "syntax": ("[population\nfirms = 3\n", ["bad.toml", "line 1", "is not TOML"]),
    "unknown key": (POPULATION + "[credit]\nrenewel = 0.9\n", ["bad.toml", "credit.renewel", "unknown key", 'did you mean "renewal"']),
    "unknown table": (POPULATION + "[shok]\n", ["bad.toml", "shok", "unknown key", 'did you mean "shock"']),
    "wrong type": (POPULATION + '[credit]\nkappa = "a lot"\n', ["bad.toml", "credit.kappa", '"a lot"', "number"]),
    "a number as text": (POPULATION + '[credit]\nkappa = "0.5"\n', ["credit.kappa", '"0.5"']),
    "true for a number": (POPULATION + "[credit]\nkappa = true\n", ["credit.kappa", "true"]),
    "out of range": (POPULATION + "[credit]\nkappa = 1.5\n", ["bad.toml", "credit.kappa", "1.5", "0 to 1"]),
    "infinite": (POPULATION + "[credit]\nkappa = inf\n", ["bad.toml", "credit.kappa"]),
    "not a number": (POPULATION + "[credit]\nkappa = nan\n", ["bad.toml", "credit.kappa"]),
    "a distribution out of range": (
        POPULATION + '[credit]\nkappa = { dist = "uniform", low = 0.5, high = 1.5 }\n',
        ["bad.toml", "credit.kappa", "uniform", "0 to 1"],
    ),
    "a distribution upside down": (
        POPULATION + '[credit]\nkappa = { dist = "uniform", low = 0.9, high = 0.5 }\n',
        ["credit.kappa", "0.9", "0.5"],
    ),
    "an unknown distribution": (
        POPULATION + '[credit]\nkappa = { dist = "unifrom", low = 0.1, high = 0.5 }\n',
        ["credit.kappa", "uniform"],
    ),
    "unknown lever": (
        POPULATION + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renwal" }]\n',
        ["policy.a.levers.0.kind", "loan_renwal", 'did you mean "loan_renewal"'],
    ),
    "unknown field of a lever": (
        POPULATION + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", takeup = 0.3 }]\n',
        ["policy.a.levers.0.takeup", "unknown key", "take_up"],
    ),
    "a policy twice": (POPULATION + '[[policy]]\nname = "a"\n[[policy]]\nname = "a"\n', ["policy", '"a"']),
    "reference missing": ('reference = "nothing"\n' + POPULATION + '[[policy]]\nname = "a"\n', ["reference", '"nothing"', "none"]),
    "no firms": ('name = "x"\n', ["bad.toml", "population", "is missing"]),
    "no draws": ("draws = 0\n" + POPULATION, ["bad.toml", "draws", "0 is outside the allowed range 1 to"]),
    "horizon shorter than a step": (
        POPULATION + "[time]\nstep_days = 14\nhorizon_days = 7\nheadline_day = 7\n",
        ["time.horizon_days", "14 or more"],
    ),
    "headline after the horizon": (POPULATION + "[time]\nhorizon_days = 50\n", ["time.headline_day", "91", "1 to 50"]),
    "report after the horizon": (POPULATION + "[time]\nreport_days = [400]\n", ["time.report_days", "400", "1 to 364"]),
    "a window upside down": (
        POPULATION + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", from_day = 30, to_day = 10 }]\n',
        ["policy.a.levers.0.to_day", "10 is before from_day 30", "30 or more"],
    ),
    "unknown industry": (POPULATION + "[shock.closure]\nclosed_share = { catring = 0.5 }\n", ["catring"]),
    "a missing path": (POPULATION + '[shock.sales]\npath = "nowhere.csv"\n', ["nowhere.csv", "no such file"]),
}

FIRMS = {
    "empty": ("", ["own.csv", "is empty"]),
    "header only": ("firm_id,sales,cash\n", ["own.csv", "no firms"]),
    "no column cash": ("firm_id,sales\na,1\n", ["own.csv", "cash"]),
    "misspelt column": ("firm_id,sales,cahs\na,1,2\n", ["own.csv", "cash", "cahs"]),
    "duplicate": ("firm_id,sales,cash\na,1,2\na,3,4\n", ["own.csv", "row 3", "firm_id", '"a"']),
    "missing id": ("firm_id,sales,cash\na,1,2\n,3,4\n", ["own.csv", "row 3", "firm_id", "missing"]),
    "unprintable id": ("firm_id,sales,cash\na\x07b,1,2\n", ["own.csv", "row 2", "firm_id"]),
    "not a number": ("firm_id,sales,cash\na,nan,2\n", ["own.csv", "row 2", "sales", "nan"]),
    "infinite": ("firm_id,sales,cash\na,1,inf\n", ["own.csv", "row 2", "cash", "inf"]),
    "negative sales": ("firm_id,sales,cash\na,-7,2\n", ["own.csv", "row 2", "sales", "-7", "above 0"]),
    "text": ("firm_id,sales,cash\na,much,2\n", ["own.csv", "row 2", "sales", '"much"', "number"]),
    "unknown industry": (
        "firm_id,sales,cash,industry\na,1,2,retial\n",
        ["own.csv", "row 2", "industry", "retial", 'did you mean "retail"'],
    ),
    "unknown size": ("firm_id,sales,cash,size\na,1,2,tiny\n", ["own.csv", "row 2", "size", "tiny"]),
    "share above 1": ("firm_id,sales,cash,tax_share\na,1,2,1.5\n", ["own.csv", "row 2", "tax_share", "1.5", "0 to 1"]),
}

OPTIONS = {
    "unknown scenario": (["run", "three-month"], ['no such file, and no shipped scenario of that name; did you mean "three-months"']),
    "missing file": (["run", "nope.toml"], ["nope.toml: no such file"]),
    "a folder": (["run", "."], ["is a directory"]),
    "zero draws": (["run", "three-months", "--draws", "0"], ["--draws 0: 0 is outside the allowed range 1 to"]),
    "negative seed": (["run", "three-months", "--seed", "-1"], ["--seed -1: -1 is outside the allowed range 0 to"]),
    "long steps": (["run", "three-months", "--step-days", "20"], ["--step-days 20: 20 is outside the allowed range 1 to 14"]),
    "no threads": (["run", "three-months", "--jobs", "0"], ["simsme run", "--jobs"]),
    "text for a number": (["run", "three-months", "--draws", "many"], ["simsme run", "--draws"]),
    "unknown policy": (["run", "three-months", "--policy", "renewl"], ['no policy is called "renewl"; did you mean "renewal"?']),
    "unknown key": (["run", "three-months", "--set", "credit.renewel=1"], ["--set credit.renewel=1", "unknown key", "renewal"]),
    "no key": (["run", "three-months", "--set", "0.3"], ["--set 0.3", "key=value"]),
    "wrong mapping": (
        ["run", "three-months", "--set", "firms.columns.cash=money", "--firms", "fine.csv"],
        ["fine.csv", "money"],
    ),
    "mapping of an unknown column": (["check", "three-months", "--set", "firms.columns.cahs=money"], ["cahs", 'did you mean "cash"']),
    "missing firms": (["run", "three-months", "--firms", "nope.csv"], ["nope.csv: cannot be read: no such file"]),
    "a folder of firms": (["run", "three-months", "--firms", "."], ["cannot be read"]),
    "no such firm": (["story", "three-months", "firm-2", "--set", "population.firms=5"], ["firm_id", "firm-2", "nearest: firm-0000002"]),
    "no such draw": (
        ["story", "three-months", "firm-0000001", "--draw", "100", "--set", "population.firms=5"],
        ["--draw", "100", "0 to 99"],
    ),
    "no such lever": (["levers", "loan_renwal"], ['no lever is called "loan_renwal"; did you mean "loan_renewal"?']),
    "no such basis": (["assumptions", "--basis", "guess"], ["simsme assumptions", "--basis", "assumption"]),
    "no such command": (["rnu"], ["No such command", "run"]),
    "no such option": (["run", "three-months", "--drwas", "3"], ["--drwas", "--draws"]),
    "no scenario": (["run"], ["SCENARIO"]),
    "no place for results": (["run", "three-months", "--out", "fine.csv", "--draws", "1"], ["fine.csv", "is not a folder", "--out"]),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "fine.csv").write_text("firm_id,sales,cash\na,1,1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(arguments, fragments, folder, capsys):
    """Give the arguments and expect a refusal that says it all."""
    before = sorted(path.name for path in folder.rglob("*"))
    code = answer(arguments)
    out, err = capsys.readouterr()
    assert code == 2, err
    assert out == ""
    assert "Traceback" not in err
    assert [fragment for fragment in fragments if fragment not in err] == [], err
    assert sorted(path.name for path in folder.rglob("*")) == before
    return err.splitlines()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("command", ["run", "check"])
def test_scenarios(name, command, folder, capsys):
    text, fragments = SCENARIOS[name]
    (folder / "bad.toml").write_text(text, encoding="utf-8")
    refused([command, "bad.toml"], fragments, folder, capsys)


@pytest.mark.parametrize("name", FIRMS)
@pytest.mark.parametrize("command", ["run", "check"])
def test_files_of_firms(name, command, folder, capsys):
    text, fragments = FIRMS[name]
    (folder / "own.csv").write_text(text, encoding="utf-8", newline="")
    refused([command, "three-months", "--firms", "own.csv"], fragments, folder, capsys)


@pytest.mark.parametrize("name", OPTIONS)
def test_options(name, folder, capsys):
    arguments, fragments = OPTIONS[name]
    refused(arguments, fragments, folder, capsys)


def test_everything_wrong_with_a_scenario_at_once(folder, capsys):
    text = POPULATION + '[credit]\nkappa = 2\nrenewel = 1\n[time]\nstep_days = 0\n[[policy]]\nname = "a"\nlevers = [{ kind = "x" }]\n'
    (folder / "bad.toml").write_text(text, encoding="utf-8")
    lines = refused(
        ["run", "bad.toml", "--draws", "0"],
        ["credit.kappa", "credit.renewel", "time.step_days", "levers.0.kind", "--draws 0"],
        folder,
        capsys,
    )
    assert len(lines) == 5


def test_firms_that_nobody_is_are_named_with_everything_else(folder, capsys):
    levers = '{ kind = "rent_relief", industries = ["retial"], take_up = 2 }, { kind = "grant", sizes = "micro" }'
    (folder / "bad.toml").write_text(f'{POPULATION}[[policy]]\nname = "a"\nlevers = [{levers}]\n', encoding="utf-8")
    unknown = 'levers.0.industries: unknown industry "retial"; did you mean "retail"?'
    said = refused(["check", "bad.toml"], ["levers.0.take_up: 2 is", unknown, "levers.1.sizes: must be"], folder, capsys)
    assert len(said) == 3


def test_everything_wrong_with_a_file_of_firms_at_once(folder, capsys):
    (folder / "own.csv").write_text("firm_id,sales,cash\na,-1,x\na,nan,2\n,3,inf\n", encoding="utf-8")
    lines = refused(["run", "three-months", "--firms", "own.csv"], ["row 2", "row 3", "row 4"], folder, capsys)
    assert len(lines) == 6


def test_bytes_that_are_no_text(folder, capsys):
    (folder / "bad.toml").write_bytes(b'name = "\xff\xfe"\n')
    refused(["check", "bad.toml"], ["bad.toml", "line 1", "UTF-8"], folder, capsys)


def test_a_folder_of_another_s(folder, capsys):
    """A folder of the name of the results, which simsme did not make, is left alone."""
    arguments = ["run", "three-months", "--draws", "1", "--set", "population.firms=5", "--quiet"]
    assert answer(arguments) == 0
    (place,) = (folder / "results").iterdir()
    for path in sorted(place.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (place / "thesis.txt").write_text("mine", encoding="utf-8")
    capsys.readouterr()
    refused(arguments, [place.name, "was not made by simsme", "--out"], folder, capsys)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="whoever may do everything can write anywhere")
def test_a_folder_that_may_not_be_written(folder, capsys):
    (folder / "locked").mkdir()
    (folder / "locked").chmod(0o500)
    refused(["run", "three-months", "--draws", "1", "--out", "locked/results"], ["locked", "not writable", "--out"], folder, capsys)


@pytest.mark.parametrize(
    ("given", "fragment"), [("", "standard input: is empty"), ("[", "standard input: line 1"), ("x = 1", "population")]
)
def test_standard_input(given, fragment, tmp_path):
    done = simsme_process("run", "-", cwd=tmp_path, given=given)
    assert (done.returncode, done.stdout) == (2, "")
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())
