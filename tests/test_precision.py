"""As precise as asked: the number of draws that a precision takes, what ended a run, and that nothing else depends on it."""

import json
from pathlib import Path

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.precision import Precision, draws_wanted, paired_exits, precision_of, smallest_difference
from simsme.problems import InputError
from simsme.runs import Run, run
from simsme.scenario import MAX_DRAWS, PILOT_DRAWS, Scenario, load_scenario, parse_scenario
from simsme.survival import over_draws
from tests.synthetic_outcomes import synthetic_outcomes

SMALL = ("population.firms=60", "time.horizon_days=91", "time.report_days=[91]")
POLICIES = ("renewal", "forbearance")
FIRMS = "[population]\nfirms = 10\n"


def small(**asked: float) -> Run:
    return run("three-months", policies=POLICIES, overrides=SMALL, jobs=1, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def precise() -> Run:
    return small(precision=0.001)


# ------------------------------------------------------------------------------------------------------------------ how many draws


def pilot(sd: float, draws: int = 100) -> np.ndarray:
    """Two policies, the second with exactly this standard deviation."""
    values = np.linspace(-1.0, 1.0, draws)
    return np.stack([np.zeros(draws), sd * values / values.std(ddof=1)])


def test_a_pilot_that_is_precise_enough_is_the_whole_run() -> None:
    assert draws_wanted(pilot(0.00499), 0.0005, 5000) == 100
    assert draws_wanted(pilot(0.00501), 0.0005, 5000) > 100
    assert draws_wanted(np.zeros((3, 100)), 1e-6, 5000) == 100


def test_draws_follow_from_the_upper_end_of_the_variance() -> None:
    # the 5 % quantile of chi-squared with 99 degrees of freedom is 77.046
    assert draws_wanted(pilot(0.01), 0.0005, 5000) == int(np.ceil(400 * 99 / 77.04633))
    assert draws_wanted(pilot(0.01), 0.0005, 450) == 450
    assert draws_wanted(pilot(0.01), 0.0005, 50) == 100


def test_the_error_with_all_draws_is_below_what_was_asked() -> None:
    """In 95 of 100 runs of normal differences, as `SURE` says."""
    luck = np.random.default_rng(3)
    kept = 0
    for _ in range(400):
        first = luck.normal(0.0, 0.01, (1, 100))
        draws = draws_wanted(first, 0.0006, 100_000)
        every = np.concatenate([first[0], luck.normal(0.0, 0.01, draws - 100)])
        kept += every.std(ddof=1) / np.sqrt(draws) <= 0.0006
    assert 0.92 <= kept / 400 <= 0.995


def test_smallest_difference_is_told_from_zero_in_four_of_five() -> None:
    luck = np.random.default_rng(4)
    true = smallest_difference(0.01 / np.sqrt(100), 100)
    assert true == pytest.approx(2.826 * 0.001, rel=1e-3)
    draws = luck.normal(true, 0.01, (4000, 100))
    told = draws.mean(axis=1) > 1.984 * draws.std(axis=1, ddof=1) / 10
    assert told.mean() == pytest.approx(0.80, abs=0.02)


# ------------------------------------------------------------------------------------------------------------------------- a run


def test_a_run_for_a_precision_is_the_run_of_its_draws(precise: Run) -> None:
    draws = precise.outcomes.draws
    assert draws > PILOT_DRAWS and precise.precision.ended_by == "precision"
    given = small(draws=draws)
    assert given.precision.ended_by == "draws" and given.plan.digest != precise.plan.digest
    one, other = precise.json, given.json
    assert {key for key in one if one[key] != other[key]} <= {"digest", "seconds", "firm_weeks_per_second", "precision"}
    for name in ("runway", "flows", "balances", "exposure_loss"):
        assert np.array_equal(getattr(precise.outcomes, name), getattr(given.outcomes, name)), name
    for endpoint, curves in precise.outcomes.survival.items():
        assert np.array_equal(curves, given.outcomes.survival[endpoint])


def test_the_error_is_that_of_the_tables(precise: Run) -> None:
    errors = [entry["difference"]["exit"]["mc_error"] for entry in precise.json["policies"]]
    told = precise.precision
    assert told.largest_error == max(errors) and told.policy == precise.outcomes.policies[int(np.argmax(errors))]
    assert told.largest_error == float(over_draws(paired_exits(precise.outcomes), axis=1).mc_error.max())
    assert precise.provenance().draws == precise.outcomes.draws
    assert json.loads(json.dumps(precise.json))["precision"] == told.json


def test_what_ended_a_run_is_said(precise: Run) -> None:
    assert "After a pilot of 100 draws" in precise.precision.words
    enough = small(precision=0.1)
    assert enough.precision.ended_by == "pilot" and enough.outcomes.draws == PILOT_DRAWS
    assert enough.precision.words.startswith("The 100 draws of the pilot are enough")
    most = small(precision=0.0001, max_draws=104)
    assert most.precision.ended_by == "max_draws" and most.outcomes.draws == 104
    assert most.precision.words.startswith("Ended by the limit of 104 draws")
    assert {enough.plan.digest, most.plan.digest}.isdisjoint({precise.plan.digest})


def test_firms_are_counted_over_all_draws() -> None:
    kinds = {"policies": ("renewal",), "overrides": SMALL, "jobs": 1, "firm_level": True}
    asked = run("three-months", precision=0.0001, max_draws=110, **kinds)  # type: ignore[arg-type]
    given = run("three-months", draws=asked.outcomes.draws, **kinds)  # type: ignore[arg-type]
    assert asked.outcomes.draws == 110
    assert asked.firm_level.equals(given.firm_level)


def test_nothing_to_compare() -> None:
    alone = precision_of(synthetic_outcomes(("none",), draws=2, firms=50))
    assert alone.largest_error is None and alone.words == ""
    once = precision_of(synthetic_outcomes(draws=1, firms=50))
    assert once.detectable is None and once.words == ""


def test_errors_are_in_points() -> None:
    told = Precision(0.0005, 5000, 100, 100, "pilot", 0.000255, "package", 0.00072)
    assert "at most 0.026 points (package), 0.050 asked for" in told.words and "A true difference of 0.072 points" in told.words


# ---------------------------------------------------------------------------------------------------------------------- asking


def test_shipped_scenario_asks_for_a_precision() -> None:
    scenario = load_scenario("three-months").scenario
    assert (scenario.precision, scenario.draws, scenario.max_draws) == (0.0005, PILOT_DRAWS, MAX_DRAWS)
    assert load_scenario("calm").scenario.precision is None


@pytest.mark.parametrize(
    ("head", "overrides", "found"),
    [
        ("precision = 0.001", (), (100, 0.001, MAX_DRAWS)),
        ("precision = 0.001\nmax_draws = 300", (), (100, 0.001, 300)),
        ("draws = 7", ("precision=0.001",), (100, 0.001, MAX_DRAWS)),
        ("precision = 0.001\nmax_draws = 300", ("draws=7",), (7, None, None)),
        ("precision = 0.001", ("max_draws=400",), (100, 0.001, 400)),
    ],
)
def test_an_override_of_one_takes_the_place_of_the_other(head: str, overrides: tuple[str, ...], found: tuple[object, ...]) -> None:
    scenario = parse_scenario(f"{head}\n{FIRMS}", "a.toml", None, overrides).scenario
    assert (scenario.draws, scenario.precision, scenario.max_draws) == found


@pytest.mark.parametrize(
    ("head", "overrides", "fragments"),
    [
        ('draws = 7\nprecision = 0.001\nseed = "x"', (), ["a.toml: precision: draws and precision cannot both", "a.toml: seed"]),
        ("", ("draws=7", "precision=0.001"), ["--set precision=0.001: precision: draws and precision cannot both"]),
        ("draws = 7\nmax_draws = 300", (), ["a.toml: max_draws: has a meaning only with precision"]),
        ("precision = 0.001", ("draws=7", "max_draws=300"), ["--set max_draws=300: max_draws: has a meaning only"]),
        ("precision = 0", (), ["a.toml: precision: 0 is outside the allowed range 0.000001 to 0.1"]),
        ("precision = 0.01\nmax_draws = 50", (), ["a.toml: max_draws: 50 is outside the allowed range 100 to 1,000,000"]),
        ("precison = 0.01", (), ["precison", 'did you mean "precision"']),
    ],
)
def test_what_cannot_be_asked(head: str, overrides: tuple[str, ...], fragments: list[str]) -> None:
    with pytest.raises(InputError) as error:
        parse_scenario(f"{head}\n{FIRMS}", "a.toml", None, overrides)
    told = "\n".join(str(problem) for problem in error.value.problems)
    assert [fragment for fragment in fragments if fragment not in told] == []


def test_a_scenario_made_in_python() -> None:
    population = load_scenario("three-months").scenario.population
    assert Scenario(name="a", population=population, precision=0.01).draws == PILOT_DRAWS
    with pytest.raises(ValueError, match="draws and precision cannot both be given"):
        Scenario(name="a", population=population, precision=0.01, draws=5)


@pytest.mark.parametrize(
    ("options", "fragment"),
    [
        (["--draws", "3", "--precision", "0.01"], "--precision 0.01: draws and precision cannot both be given"),
        (["--draws", "3", "--max-draws", "200"], "--max-draws 200: has a meaning only with precision"),
        (["--precision", "2"], "--precision 2.0: 2 is outside the allowed range"),
    ],
)
def test_options_that_exclude_each_other(options: list[str], fragment: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["run", "three-months", *options]) == 2
    assert fragment in capsys.readouterr().err


def test_the_screen_says_what_ended_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    sets = [word for override in SMALL for word in ("--set", override)]
    assert answer(["run", "three-months", "--policy", "renewal", *sets, "--precision", "0.05", "--quiet"]) == 0
    assert "The 100 draws of the pilot are enough" in " ".join(capsys.readouterr().out.split())
    assert answer(["check", "three-months", "--set", "precision=0.001"]) == 0
    assert "100 to 5,000, for a Monte Carlo error of 0.1 points" in " ".join(capsys.readouterr().out.split())
