"""Runs in many worlds: what is luck and what parameters, who is the best, and results that depend on nothing but what was asked."""

import json
from pathlib import Path

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.plan import plan_run
from simsme.possible_worlds import draw_worlds
from simsme.problems import InputError
from simsme.robustness.across_worlds import AcrossWorlds
from simsme.robustness.variance import components, spread_of
from simsme.runs import execute
from simsme.scenario import parse_scenario
from simsme.world_files import FILES
from simsme.world_runs import across_worlds, plan_in, run_worlds

SMALL = """
name = "small"
draws = 3
[time]
horizon_days = 56
headline_day = 28
[population]
firms = 60
cash = 0.5
[shock]
[shock.sales]
[shock.credit]
[credit]
renewal = { dist = "uniform", low = 0.88, high = 0.96 }
[[policy]]
name = "grant"
levers = [{ kind = "grant", take_up = 1.0, sales_share = 0.2, delay_days = 0 }]
[[policy]]
name = "same"
levers = [{ kind = "grant", take_up = 1.0, sales_share = 0.2, delay_days = 0 }]
[[policy]]
name = "idle"
levers = [{ kind = "training", take_up = 0.0 }]
"""


def small():
    return parse_scenario(SMALL, "small.toml", Path())


@pytest.fixture(scope="module")
def found():
    return across_worlds(small(), 4)


# ----------------------------------------------------------------------------------------------------------------------- variance


def test_variance_splits_into_what_made_it():
    rng = np.random.default_rng(5)
    worlds, draws, rest = rng.normal(0, 3, (400, 1)), rng.normal(0, 2, (1, 300)), rng.normal(0, 1, (400, 300))
    values = 10 + worlds + draws + rest
    assert components(values) == pytest.approx((9.0, 4.0, 1.0), rel=0.2)
    spread = spread_of(values)
    assert spread.parameters_share == pytest.approx(9 / 14, abs=0.06)
    assert spread.mc_error == pytest.approx(np.sqrt(9 / 400 + 4 / 300 + 1 / 120000), rel=0.15)
    shares = [spread_of(10 + rng.normal(0, 3, (40, 1)) + draws[:, :40] + rest[:40, :40]) for _ in range(60)]
    apart = np.std([one.parameters_share for one in shares], ddof=1)
    assert np.mean([one.parameters_share_error for one in shares]) == pytest.approx(apart, rel=0.35)
    assert spread.together[0] < min(spread.luck[0], spread.parameters[0])
    assert spread.together[1] > max(spread.luck[1], spread.parameters[1])


def test_luck_that_all_worlds_share_is_no_parameter():
    values = np.broadcast_to(np.arange(5.0), (3, 5))
    assert spread_of(values).parameters_share == 0.0
    assert spread_of(values.T).parameters_share == 1.0
    assert spread_of(np.ones((3, 5))).parameters_share is None


def test_noise_of_draws_is_not_taken_for_a_difference_of_worlds():
    values = np.random.default_rng(1).normal(0, 1, (200, 10))
    assert values.mean(axis=1).var() > 0.05
    assert spread_of(values).parameters_share < 0.03


# --------------------------------------------------------------------------------------------------------------------------- runs


def test_a_world_is_a_run_with_its_numbers(found):
    plan = plan_run(small())
    for world in draw_worlds(plan, 2):
        outcomes = execute(plan_in(plan, world)).outcomes
        np.testing.assert_array_equal(found.headline["exit"][world.number], outcomes.survival["exit"][:, :, outcomes.day_index(28)])
        by_hand = plan_run(small(), overrides=world.overrides)
        np.testing.assert_array_equal(execute(by_hand).outcomes.survival["exit"], outcomes.survival["exit"])


def test_worlds_depend_on_neither_their_number_nor_threads_nor_engine(found):
    fewer = run_worlds(plan_run(small()), 2, jobs=1, engine="compiled")
    np.testing.assert_array_equal(fewer.values, found.values[:2])
    for endpoint in ("exit", "cash"):
        np.testing.assert_array_equal(fewer.headline[endpoint], found.headline[endpoint][:2])


def test_worlds_differ_and_the_seed_changes_them(found):
    assert len(set(found.headline["exit"][:, 0].mean(axis=1))) > 1
    assert not np.array_equal(across_worlds(small(), 2, seed=3).values, found.values[:2])


def test_parameters_that_are_held_leave_only_luck():
    nothing_moves = across_worlds(small(), 2, only=["population.payroll_per_employee"])
    assert nothing_moves.survival("none").parameters_share == 0.0
    np.testing.assert_array_equal(nothing_moves.headline["exit"][0], nothing_moves.headline["exit"][1])


def test_what_the_scenario_draws_is_named(found):
    assert found.drawn == ("credit.renewal",)
    assert "credit.renewal" not in found.parameters


def test_who_is_the_best(found):
    grant, same, idle, none = (found.best(name) for name in ("grant", "same", "idle", "none"))
    assert grant.survival == same.survival == 2.0, "who ties shares the world"
    assert grant.clearly == 0, "nobody leads on who does the same"
    assert idle.survival == none.survival == 0.0
    assert found.helps("grant") == (4, 0)
    assert found.helps("idle") == (0, 0)
    assert sum(found.best(name).survival for name in found.policies) == pytest.approx(4.0)


def synthetic(exits, costs):
    worlds, policies, draws = np.shape(exits)
    shares = np.asarray(exits, dtype=np.float64)
    curves = np.repeat(shares[..., None], 2, axis=3).astype(np.float32)
    return AcrossWorlds(
        *("x", "d", "CNY"),
        *(0, 10, 10.0),
        policies=("none", "a", "b")[:policies],
        titles=("none", "a", "b")[:policies],
        reference="none",
        headline_day=91.0,
        days=np.array([0.0, 91.0]),
        parameters=("p",),
        drawn=(),
        values=np.arange(float(worlds))[:, None],
        curves={"exit": curves, "cash": curves},
        headline={"exit": shares, "cash": shares},
        cost_per_firm=np.asarray(costs, dtype=np.float64),
    )


def test_a_lead_is_clear_where_it_is_beyond_the_error():
    clear, unclear = [[0.5, 0.5, 0.5], [0.7, 0.71, 0.7], [0.6, 0.6, 0.61]], [[0.5, 0.5, 0.5], [0.7, 0.6, 0.7], [0.6, 0.7, 0.6]]
    found = synthetic([clear, unclear], [[np.nan, 5.0, 3.0], [np.nan, np.nan, np.nan]])
    assert (found.best("a").survival, found.best("a").clearly) == (2.0, 1)
    assert (found.best("a").cost, found.best("a").has_cost) == (0, 1)
    assert (found.best("b").cost, found.best("b").has_cost) == (1, 1)
    assert found.best("none").cost == 0


def test_one_draw_or_one_policy_is_no_trouble():
    alone = across_worlds(small(), 2, draws=1, policies=[])
    entry = alone.json()["policies"][0]
    assert entry["survival"]["exit"]["mc_error"] is None
    assert entry["best"]["clearly"] == 0


def test_tables_hold_what_the_arrays_hold(found):
    worlds = found.worlds_table()
    assert list(worlds["world"]) == [0, 1, 2, 3]
    np.testing.assert_allclose(worlds["gain:grant"], found.gains()[:, found.policies.index("grant")].mean(axis=1))
    np.testing.assert_allclose(worlds["credit.kappa"], found.values[:, found.parameters.index("credit.kappa")])
    bands = found.bands_table()
    assert (bands["together_low"] <= bands["mean"] + 1e-6).all()
    assert (bands["mean"] <= bands["together_high"] + 1e-6).all()
    assert list(found.policies_table()["policy"]) == list(found.policies)


def test_fewer_than_two_worlds_and_unknown_names_are_refused():
    with pytest.raises(InputError, match="2 or more"):
        across_worlds(small(), 1)
    with pytest.raises(InputError, match="credit.kappa"):
        across_worlds(small(), 2, only=["credit.kapa"])


# ------------------------------------------------------------------------------------------------------------------------ command


def command(tmp_path, *more):
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    return answer(["run", str(tmp_path / "small.toml"), "--worlds", "3", "--out", str(tmp_path / "results"), *more])


def test_the_command_prints_a_table_and_leaves_a_whole_folder(tmp_path, capsys):
    assert command(tmp_path) == 0
    said = capsys.readouterr()
    assert "in how many of 3 worlds" in said.out
    assert "grant" in said.out
    (folder,) = (tmp_path / "results").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert command(tmp_path) == 0
    assert "was stored" in capsys.readouterr().err
    # a result that lacks a file is not a result
    (folder / "bands.csv").unlink()
    assert command(tmp_path) == 0
    assert "was stored" not in capsys.readouterr().err
    assert (folder / "bands.csv").is_file()


def test_json_is_one_object_and_the_same_that_is_stored(tmp_path, capsys):
    assert command(tmp_path, "--json", "--quiet") == 0
    printed = json.loads(capsys.readouterr().out)
    (folder,) = (tmp_path / "results").iterdir()
    assert printed == json.loads((folder / "worlds.json").read_text(encoding="utf-8"))
    assert printed["worlds"] == 3
    assert [entry["policy"] for entry in printed["policies"]] == ["none", "grant", "same", "idle"]


@pytest.mark.parametrize(("more", "said"), [(["--worlds", "1"], "--worlds"), (["--firm-level"], "--firm-level")])
def test_what_cannot_be_is_refused_in_a_line(tmp_path, capsys, more, said):
    assert command(tmp_path, *more) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err
    assert "Traceback" not in output.err
    assert not (tmp_path / "results").exists()
