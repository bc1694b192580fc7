"""Calibration: it finds numbers that are known, says what it cannot know, and names what is wrong with a file of targets."""

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest

from simsme.calibration.fit import calibrate, place_of, values_at
from simsme.calibration.moments import Simulation
from simsme.calibration.report import patch, ridge_lines, tables
from simsme.calibration.task import Bounded, Observed, bounded, read_task
from simsme.cli.application import answer
from simsme.runs import run
from simsme.scenario import load_scenario

DOCS = Path(__file__).parents[1] / "docs"
SMALL = ("population.firms=300",)
RUNWAY = """
[[target]]
measure = "runway"
day = 30
percent = {first}
error = 1.0

[[target]]
measure = "runway"
day = 91
percent = {second}
error = 1.0

[[parameter]]
name = "population.cash.median"

[[parameter]]
name = "population.cash.sigma"
low = 0.6
high = 1.3
"""


def observed(*settings):
    """Runway by days 30 and 91 that a scenario shows, percent."""
    clock = ("time.horizon_days=91", "time.report_days=[30]")
    out = run("three-months", policies=["none"], draws=2, overrides=[*SMALL, *settings, *clock]).outcomes
    return [100.0 * (1.0 - out.runway[:, out.days == day].mean()) for day in (30, 91)]


@pytest.fixture
def file(tmp_path):
    """Write a file of targets."""

    def write(text):
        path = tmp_path / "targets.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def fit_of(path, scenario="three-months", overrides=SMALL):
    task, loaded = read_task(path), load_scenario(scenario, overrides)
    return task, calibrate(Simulation(loaded, task.target, draws=2), bounded(task, loaded, str(path)))


def test_numbers_that_made_the_targets_are_found_again(file):
    first, second = observed("population.cash.median=3.0", "population.cash.sigma=0.8")
    task, fit = fit_of(file(RUNWAY.format(first=first, second=second)))
    assert fit.after.values == pytest.approx([first, second], abs=0.5)
    assert fit.values == pytest.approx([3.0, 0.8], rel=0.1)
    assert not any(direction.is_loose for direction in fit.directions)
    assert ridge_lines(fit) == ["The targets pin down every number."]


def test_one_number_does_not_pin_down_two(file):
    first, _ = observed("population.cash.median=3.0", "population.cash.sigma=0.8")
    text = RUNWAY.format(first=first, second=0).split("[[target]]")
    task, fit = fit_of(file("[[target]]".join([text[0], text[1]]) + "[[parameter]]" + RUNWAY.split("[[parameter]]", 1)[1]))
    assert len(task.target) == 1
    loose = [direction for direction in fit.directions if direction.is_loose]
    assert len(loose) == 1 and len(loose[0].ends) == 2
    # along the ridge a longer runway in the middle goes with more or less spread, and the target stays within a few points
    for _, shares in loose[0].ends:
        assert shares[0] == pytest.approx(first, abs=10.0)
    assert "population.cash" in "\n".join(ridge_lines(fit))
    json.dumps(tables(fit, task.target), allow_nan=False)


def test_the_patch_is_toml_and_gives_the_same_shares(file):
    first, second = observed("population.cash.median=3.0", "population.cash.sigma=0.8")
    task, fit = fit_of(file(RUNWAY.format(first=first, second=second)))
    text = patch(fit, task.target, "three-months", "simsme calibrate")
    cash = tomllib.loads(text)["population"]["cash"]
    assert f"--set population.cash.median={cash['median']!r} --set population.cash.sigma={cash['sigma']!r}\n" in text
    again = observed(f"population.cash.median={cash['median']!r}", f"population.cash.sigma={cash['sigma']!r}")
    assert again == pytest.approx(list(fit.after.values), abs=0.5)


def test_places_and_values_go_both_ways():
    numbers = (Bounded("a", 1.0, 100.0, 10.0), Bounded("b", 0.0, 2.0, 1.0))
    assert place_of(numbers, np.array([10.0, 0.5])) == pytest.approx([0.5, 0.25])
    assert values_at(numbers, np.array([0.5, 0.25])) == pytest.approx([10.0, 0.5])


def test_groups_jobs_and_policies_can_be_asked_for():
    loaded = load_scenario("three-months", SMALL)
    asked = (
        Observed(measure="exit", day=91, percent=5.0, error=1.0, group={"size": "micro"}),
        Observed(measure="jobs", day=91, percent=5.0, error=1.0),
        Observed(measure="exit", day=91, percent=5.0, error=1.0, policy="renewal-for-all"),
        Observed(measure="exit", day=91, percent=5.0, error=1.0),
    )
    found = Simulation(loaded, asked, draws=2).moments([])
    assert found.values.shape == (4,)
    assert found.values[2] <= found.values[3]


def test_a_number_starts_where_the_scenario_has_it(file):
    path = file(RUNWAY.format(first=20, second=64))
    loaded = load_scenario("three-months", ["population.cash.median=1.7"])
    assert [number.start for number in bounded(read_task(path), loaded, str(path))] == [1.7, 0.915]


class TestCommand:
    def test_it_writes_a_patch_once(self, file, monkeypatch, tmp_path, capsys):
        monkeypatch.chdir(tmp_path)
        words = ["calibrate", "three-months", "--targets", str(file(RUNWAY.format(first=20, second=64))), "--draws", "2"]
        words += ["--set", "population.firms=200"]
        assert answer([*words, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert [target["observed"] for target in said["targets"]] == [20.0, 64.0]
        text = Path("three-months-calibrated.toml").read_text(encoding="utf-8")
        assert "population.cash.median = " in text and str(tmp_path) not in text
        assert answer(words) == 2
        assert "--force" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('measure = "runway"', 'measure = "survival"', "measure"),
            ("day = 91", "day = 9100", "the horizon"),
            ("percent = 64", "percent = 640", "percent"),
            ("error = 1.0", "error = 0.0", "above 0"),
            ("low = 0.6", "low = 1.6", "must be below high"),
            ("low = 0.6\nhigh = 1.3\n", "", "give low and high"),
            ("population.cash.median", "population.cahs.median", "no plausible range"),
            ('measure = "runway"', 'measure = "runway"\npolicy = "renewl"', 'did you mean "renewal"'),
            ('measure = "runway"', 'measure = "runway"\ndays = 3', "days"),
        ],
    )
    def test_what_is_wrong_with_a_file_is_said(self, old, new, said, file, monkeypatch, tmp_path, capsys):
        monkeypatch.chdir(tmp_path)
        text = RUNWAY.format(first=20, second=64)
        assert old in text
        assert answer(["calibrate", "three-months", "--targets", str(file(text.replace(old, new)))]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert "Traceback" not in error
        assert list(tmp_path.glob("*-calibrated.toml")) == []

    def test_a_file_without_parameters_is_refused(self, file, capsys):
        assert answer(["calibrate", "three-months", "--targets", str(file("target = []\nparameter = []\n"))]) == 2
        assert "write one [[target]] or more" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["esiec-runway", "esiec-exits"])
def test_files_of_the_page_can_be_read(name):
    scenario = {"esiec-runway": "three-months", "esiec-exits": "china-2020"}[name]
    path = DOCS / f"{name}.toml"
    assert bounded(read_task(path), load_scenario(scenario), name)


class TestANewcomersFile:
    """What somebody writes who has another country's survey: typos, numbers that are none, names that do not exist."""

    def said(self, file, text, capsys, *words):
        path = file(text)
        assert answer(["calibrate", "three-months", "--targets", str(path), *words]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert not list(path.parent.glob("*calibrated*"))
        return [line.removeprefix(f"{path}: ") for line in captured.err.splitlines()]

    def test_what_is_wrong_with_the_file_is_said_at_once(self, file, capsys):
        text = """
            [[target]]
            measure = "runaway"
            day = 30
            percent = nan
            error = 0

            [[target]]
            mesure = "exit"
            day = 91
            percent = 120
            error = 1.0

            [[parameter]]
            name = "exit.hope_median"
            low = nan
            high = inf
        """
        lines = self.said(file, text, capsys)
        assert [line.split(": ")[0] for line in lines] == [
            "target.0.measure",
            "target.0.percent",
            "target.0.error",
            "target.1.measure",
            "target.1.percent",
            "target.1.mesure",
            "parameter.0.low",
            "parameter.0.high",
        ]
        assert 'did you mean "runway"?' in lines[0] and "found nan" in lines[1] and 'did you mean "measure"?' in lines[5]

    def test_what_the_scenario_does_not_have_is_said_at_once(self, file, capsys):
        text = """
            [[target]]
            measure = "exit"
            day = 9999
            percent = 12
            error = 1.0
            group = { size = "mirco" }
            policy = "renewall"

            [[parameter]]
            name = "population.cash.mediann"

            [[parameter]]
            name = "exit.patience_days"
            low = 40
            high = 10

            [[parameter]]
            name = "exit.patience_days"
        """
        lines = self.said(file, text, capsys)
        assert len(lines) == 6
        assert "1 to 364" in lines[0] and 'did you mean "renewal"?' in lines[1] and 'did you mean "size = micro"?' in lines[2]
        assert 'did you mean "population.cash.median"?' in lines[3]
        assert "must be below high" in lines[4] and "twice" in lines[5]

    @pytest.mark.parametrize(("text", "told"), [("", "is empty"), ("[[target", "is not TOML")])
    def test_a_file_that_is_none_is_named(self, file, text, told, capsys):
        assert told in self.said(file, text, capsys)[0]

    def test_a_file_that_is_not_there_is_named(self, tmp_path, capsys):
        assert answer(["calibrate", "three-months", "--targets", str(tmp_path / "nowhere.toml")]) == 2
        assert "no such file" in capsys.readouterr().err
