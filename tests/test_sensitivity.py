"""Sensitivity: known answers of known functions through the same code, runs that differ by what they say, and the command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.cli.sensitivity_table import sensitivity_tables
from simsme.plan import plan_run
from simsme.problems import InputError
from simsme.robustness.effects import Tornado, swing_of
from simsme.robustness.indices import Decomposition, design, sobol_indices
from simsme.robustness.screening import LEVELS, Screening, elementary_effects, trajectory
from simsme.robustness.study import Study, Subject
from simsme.runs import execute
from simsme.scenario import load_scenario, parse_scenario, shipped_scenarios
from simsme.sensitivity_files import FILES
from simsme.sensitivity_runs import DRAWS, FIRMS, plan_sensitivity, sensitivity, study

SMALL = """
name = "small"
draws = 4
[time]
horizon_days = 91
headline_day = 28
[population]
firms = 60
cash = 0.5
[adjust]
cash_factor = { dist = "lognorm", median = 1.0, sigma = 0.2 }
[shock]
[shock.sales]
[[policy]]
name = "grant"
levers = [{ kind = "grant", take_up = 0.5, sales_share = 0.2, delay_days = 0 }]
"""
NAMES = ["adjust.cash_factor", "behaviour.materials_elasticity", "shock.sales.depth"]


def small():
    return parse_scenario(SMALL, "small.toml", Path())


# ------------------------------------------------------------------------------------------------------------------ Sobol' indices


def ishigami(places):
    x = math.pi * (2.0 * places - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(places):
    a = np.array([0.0, 1.0, 4.5, 9.0])
    return np.prod((np.abs(4.0 * places - 2.0) + a) / (1.0 + a), axis=1)


def ishigami_indices():
    first = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2
    second, mixed = 49 / 8, 0.1**2 * math.pi**8 * (1 / 18 - 1 / 50)
    total = first + second + mixed
    return [first / total, second / total, 0.0], [(first + mixed) / total, second / total, mixed / total], total


def g_indices():
    parts = [1 / 3 / (1 + a) ** 2 for a in (0.0, 1.0, 4.5, 9.0)]
    whole = math.prod(1 + part for part in parts) - 1
    totals = [part * math.prod(1 + other for other in parts[:i] + parts[i + 1 :]) / whole for i, part in enumerate(parts)]
    return [part / whole for part in parts], totals, whole


@pytest.mark.parametrize(("function", "known"), [(ishigami, ishigami_indices()), (g_function, g_indices())], ids=["ishigami", "g"])
def test_sobol_indices_are_those_of_a_function_whose_indices_are_known(function, known):
    first, total, variance = known
    found = sobol_indices(lambda places: function(places)[:, None], len(first), 4096, seed=7)
    assert found.first[0] == pytest.approx(first, abs=0.02)
    assert found.total[0] == pytest.approx(total, abs=0.02)
    assert found.variance[0] == pytest.approx(variance, rel=0.02)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    first, total, _ = g_indices()
    inside = []
    for seed in range(12):
        found = sobol_indices(lambda places: g_function(places)[:, None], 4, 256, seed)
        for truth, (low, high) in ((first, found.first_interval[:, 0]), (total, found.total_interval[:, 0])):
            inside += list((low <= truth) & (truth <= high))
    assert np.mean(inside) > 0.85


def test_outcomes_side_by_side_are_those_one_by_one_and_one_that_never_varies_has_none():
    both = sobol_indices(lambda places: np.stack([ishigami(places), 0 * places[:, 0] + 3, places[:, 2]], axis=1), 3, 64, 1)
    alone = sobol_indices(lambda places: ishigami(places)[:, None], 3, 64, 1)
    assert both.first[0] == pytest.approx(alone.first[0], abs=1e-12)
    assert np.isnan(both.total[1]).all()
    assert both.variance[1] == 0.0
    assert both.total[2] == pytest.approx([0, 0, 1], abs=0.1)


def test_the_design_is_two_independent_even_sets():
    one, other = design(3, 256, seed=2)
    assert abs(np.corrcoef(one.T, other.T) - np.eye(6)).max() < 0.05
    assert one.mean(axis=0) == pytest.approx(0.5, abs=0.02)
    assert ((one >= 0) & (one < 1)).all()
    with pytest.raises(ValueError, match="power of two"):
        design(3, 100, 0)


# ---------------------------------------------------------------------------------------------------------------------------- Morris


def test_screening_finds_the_slopes_of_a_plane_and_the_bend_of_what_is_none():
    found = elementary_effects(lambda u: np.stack([2 * u[:, 0] - 3 * u[:, 1], u[:, 0] * u[:, 2]], axis=1), 3, 40, seed=3)
    assert found.mean[:, 0] == pytest.approx([2, -3, 0])
    assert found.size[:, 0] == pytest.approx([2, 3, 0])
    assert found.spread[:, 0] == pytest.approx([0, 0, 0], abs=1e-12)
    assert found.size[0, 1] == pytest.approx(0.5, abs=0.15)
    assert found.spread[0, 1] > 0.2
    assert found.mean_error[0, 1] == pytest.approx(found.spread[0, 1] / math.sqrt(40))
    assert found.spread_error[:, 0] == pytest.approx([0, 0, 0], abs=1e-12) and 0.0 < found.spread_error[0, 1] < found.spread[0, 1]
    assert found.size_error[0, 1] == pytest.approx(found.spread[0, 1] / math.sqrt(40))


def test_a_trajectory_moves_one_number_after_the_other_on_the_grid_and_depends_on_its_number_only():
    places, order = trajectory(6, seed=1, number=4)
    assert sorted(order) == list(range(6))
    assert ((np.diff(places, axis=0) != 0).sum(axis=1) == 1).all()
    assert np.round(places * (LEVELS - 1), 9).tolist() == np.round(places * (LEVELS - 1)).tolist()
    again, _ = trajectory(6, seed=1, number=4)
    np.testing.assert_array_equal(places, again)


# --------------------------------------------------------------------------------------------------------------------------- tornado


def subject(name="x"):
    return Subject(name, "what it is", "days", 1.0, 0.0, 2.0)


def test_a_swing_is_paired_and_spans_all_three():
    own, low, high = np.array([1.0, 2.0, 4.0]), np.array([0.5, 1.5, 3.5]), np.array([0.8, 1.9, 3.9])
    found = swing_of(subject(), own, low, high)
    assert found.change_low == pytest.approx(-0.5)
    assert found.error_low == pytest.approx(0.0, abs=1e-12), "the same in all draws, however far draws lie apart"
    assert found.width == pytest.approx(0.5), "both ends lie on one side of the scenario's number"
    assert found.clear
    noisy = swing_of(subject(), own, own + np.array([-1.0, 1.0, 0.1]), own)
    assert not noisy.clear
    assert swing_of(subject(), own[:1], low[:1], high[:1]).width_error is None


def test_the_largest_comes_first_and_who_matters_for_any_outcome_is_chosen():
    about = Study("s", "d", "none", 0, 1, 2, 91.0, 7, (subject("a"), subject("b"), subject("c")), ("exit", "gain:p"))
    own = np.zeros((2, 2))
    effects = np.array([[1.0, 0.0], [3.0, 1.0], [2.0, 2.0]])[:, :, None] * np.ones(2)
    found = Tornado(about, own, -effects, effects)
    assert [swing.subject.name for swing in found.swings("exit")] == ["b", "c", "a"]
    assert [swing.subject.name for swing in found.swings("gain:p")] == ["c", "b", "a"]
    assert found.largest(2) == ("b", "c")
    assert list(found.table()["rank"]) == [1, 2, 3, 1, 2, 3]
    with pytest.raises(ValueError, match="gain:p"):
        found.swings("gain")


# ------------------------------------------------------------------------------------------------------------------------------ runs


@pytest.fixture(scope="module")
def found():
    return sensitivity(small(), only=NAMES)


def test_a_tornado_s_runs_are_runs_with_that_number_set(found):
    assert isinstance(found, Tornado)
    assert found.study.outcomes == ("exit", "cash", "gain:grant")
    number = [one.name for one in found.study.subjects].index("behaviour.materials_elasticity")
    for end, setting in ((found.low, 0), (found.high, 1)):
        outcomes = execute(plan_run(small(), overrides=[f"behaviour.materials_elasticity={setting}"])).outcomes
        day = outcomes.day_index(28)
        np.testing.assert_array_equal(end[number, 0], outcomes.survival["exit"][0, :, day])
        np.testing.assert_array_equal(end[number, 1], outcomes.survival["cash"][0, :, day])
        gain = outcomes.survival["exit"][1, :, day] - outcomes.survival["exit"][0, :, day]
        np.testing.assert_array_equal(end[number, 2], gain)


def test_ending_on_the_headline_day_changes_nothing_before_it(found):
    outcomes = execute(plan_run(small())).outcomes
    np.testing.assert_array_equal(found.own[0], outcomes.survival["exit"][0, :, outcomes.day_index(28)])


def test_what_the_scenario_draws_moves_through_the_middle_of_its_distribution(found):
    cash = next(one for one in found.study.subjects if one.name == "adjust.cash_factor")
    assert cash.drawn
    assert (cash.low, cash.own, cash.high) == pytest.approx((math.exp(-0.392), 1.0, math.exp(0.392)), abs=0.001)
    assert found.swings("cash")[0].subject.name == "adjust.cash_factor"
    swing = found.swings("cash")[0]
    assert swing.change_low < 0 < swing.change_high, "more cash keeps more firms from running short"


def test_a_deeper_fall_of_sales_costs_firms(found):
    swing = next(one for one in found.swings("cash") if one.subject.name == "shock.sales.depth")
    assert swing.change_high < 0 < swing.change_low
    assert swing.clear


def test_studies_depend_on_neither_threads_nor_engine(found):
    again = sensitivity(small(), only=NAMES, jobs=1, engine="compiled")
    np.testing.assert_array_equal(again.high, found.high)
    assert again.study == found.study


def test_screening_and_indices_of_runs_agree_on_what_matters():
    plan = plan_sensitivity(small(), draws=2, policies=[])
    screened = study(plan, "morris", only=NAMES, size=3)
    assert isinstance(screened, Screening)
    assert screened.study.evaluations == 12
    decomposed = study(plan, "sobol", only=NAMES, size=8)
    assert isinstance(decomposed, Decomposition)
    assert decomposed.study.evaluations == 40
    for result in (screened, decomposed):
        cash = result.json()["outcomes"][1]
        assert cash["outcome"] == "cash"
        assert cash["parameters"][0]["name"] == "adjust.cash_factor"
        assert list(result.table()["rank"])[:3] == [1, 2, 3]


def test_without_names_indices_are_of_what_matters_in_a_tornado():
    told = []
    plan = plan_sensitivity(small(), draws=1, sample=30, policies=[])
    found = study(plan, "sobol", size=2, largest=2, progress=lambda done, total: told.append((done, total)))
    assert len(found.study.subjects) == 2
    totals = {total for _, total in told}
    assert 8 in totals, "the runs of the design"
    assert len(totals) == 2, "and of the tornado before it"


def test_runs_are_small_by_default_and_as_large_as_asked_for():
    whole = load_scenario("three-months").scenario
    plan = plan_sensitivity("three-months")
    assert (plan.scenario.draws, plan.scenario.population.firms) == (DRAWS, FIRMS)
    assert plan.scenario.time.horizon_days == whole.time.headline_day
    asked = plan_sensitivity("three-months", draws=7, sample=123)
    assert (asked.scenario.draws, asked.scenario.population.firms) == (7, 123)
    assert plan_sensitivity(small()).scenario.draws == 4, "never more than the scenario has"


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_can_be_studied(name):
    if load_scenario(name).scenario.firms is None:
        plan_sensitivity(name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"method": "fast"}, "one of tornado, morris, sobol"),
        ({"method": "sobol", "size": 100}, "power of two"),
        ({"method": "morris", "size": 1}, "2 or more"),
        ({"size": 4}, "no size"),
        ({"only": ["credit.kapa"]}, "credit.kappa"),
        ({"only": ["seed"]}, "a choice"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(arguments, said):
    with pytest.raises(InputError, match=said):
        sensitivity(small(), **arguments)


# --------------------------------------------------------------------------------------------------------------------------- command


def command(tmp_path, *more):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return answer(["sensitivity", str(tmp_path / "small.toml"), "--out", str(tmp_path / "results"), *more])


def test_the_command_prints_tables_and_leaves_a_whole_folder(tmp_path, capsys):
    assert command(tmp_path, "--only", ",".join(NAMES)) == 0
    said = capsys.readouterr()
    assert "Gain by grant" in said.out
    assert "adjust.cash_factor" in said.out
    (folder,) = (tmp_path / "results").iterdir()
    assert folder.name.endswith("-tornado")
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    first = (folder / "sensitivity.csv").read_bytes()
    assert command(tmp_path, "--only", NAMES[0], "--only", ",".join(NAMES[1:])) == 0
    assert (folder / "sensitivity.csv").read_bytes() == first
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_noise_is_not_printed_as_an_effect():
    """One draw in four differs by a firm: the error of the difference is as large as the difference."""
    about = Study("s", "d", "none", 0, 1, 4, 91.0, 3, (subject("a"),), ("gain:p",))
    noise = np.array([0.01, 0.0, 0.0, 0.0])
    lines = [line.plain for line in sensitivity_tables(Tornado(about, np.zeros((1, 4)), noise[None, None], noise[None, None]).json(), 120)]
    assert any("more than the Monte Carlo error" in line for line in lines)
    clear = noise + 0.02
    lines = [line.plain for line in sensitivity_tables(Tornado(about, np.zeros((1, 4)), clear[None, None], clear[None, None]).json(), 120)]
    assert any(line.startswith("a ") and "2.25 ± 0.25" in line for line in lines)


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_json_is_one_object_and_the_same_that_is_stored(tmp_path, capsys, method):
    size = {"tornado": [], "morris": ["--size", "2"], "sobol": ["--size", "2"]}[method]
    assert command(tmp_path, "--method", method, "--only", NAMES[2], "--draws", "1", "--json", "--quiet", *size) == 0
    said = capsys.readouterr()
    printed = json.loads(said.out)
    assert said.err == ""
    (folder,) = (tmp_path / "results").iterdir()
    assert printed == json.loads((folder / "sensitivity.json").read_text(encoding="utf-8"))
    assert printed["method"] == method
    assert printed["outcomes"][0]["parameters"][0]["name"] == NAMES[2]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--method", "sobol", "--size", "3", "--only", "credit.kapa"], ["--size 3", "--only credit.kapa"]),
        (["--policy", "grunt"], ["grant"]),
        (["--draws", "0"], ["--draws 0"]),
        (["--sample", "5", "--firms", "x.csv"], ["--sample 5"]),
    ],
)
def test_what_is_wrong_is_said_in_lines_and_nothing_is_written(tmp_path, capsys, more, said):
    assert command(tmp_path, *more) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert all(part in output.err for part in said)
    assert "Traceback" not in output.err
    assert not (tmp_path / "results").exists()
