"""Need seen with an error: without one nothing changes, with one the oracle and both executions agree."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from simsme.firms import Firms
from simsme.levers import kinds
from simsme.problems import InputError
from simsme.runs import run
from simsme.scenario import LoadedScenario, parse_scenario
from simsme.streams import CHANNELS
from simsme.world import World
from simsme.world.audience import normal_margin, openings
from simsme.world.observation import ERRORS, error_numbers, sights
from simsme.world.reach import rows_by_lever
from tests.lever_cases import compare_levers
from tests.random_levers import random_policy_case
from tests.random_scenarios import Case

TEXT = """
draws = 4
[time]
horizon_days = 98
headline_day = 49
report_days = [49, 98]
[population]
firms = 300
[shock]
duration_days = 91
[shock.sales]
depth = { dist = "uniform", low = 0.2, high = 0.6 }
[exit]
patience_days = 10
[[policy]]
name = "exact"
levers = [{ kind = "grant", take_up = 1.0, sales_share = 0.02, LIMIT }]
[[policy]]
name = "zero"
levers = [{ kind = "grant", take_up = 1.0, sales_share = 0.02, LIMIT, observation_noise = 0.0 }]
[[policy]]
name = "noisy"
levers = [{ kind = "grant", take_up = 1.0, sales_share = 0.02, LIMIT, observation_noise = 0.4 }]
"""
LIMITS = ("max_cash_days = 30.0", "min_sales_fall = 0.35", "min_margin = 0.05", "max_cash_days = 40.0, min_sales_fall = 0.3")


def small(limit: str, *overrides: str) -> LoadedScenario:
    return parse_scenario(TEXT.replace("LIMIT", limit), "small.toml", None, list(overrides))


def world_of(limit: str) -> tuple[World, Firms]:
    from simsme.draw_firms import draw_firms

    loaded = small(limit)
    firms = draw_firms(loaded.scenario.population)
    return World(loaded.scenario, firms, loaded.scenario.policies), firms


@pytest.mark.parametrize("limit", LIMITS)
def test_no_noise_changes_no_bit(limit):
    out = run(small(limit), engine="numpy").outcomes
    exact, zero, noisy = (out.policy_index(name) for name in ("exact", "zero", "noisy"))
    assert np.array_equal(out.flows[exact], out.flows[zero]) and np.array_equal(out.balances[exact], out.balances[zero])
    assert not np.array_equal(out.flows[exact], out.flows[noisy])


@pytest.mark.parametrize("limit", LIMITS)
def test_both_executions_have_the_same_bits(limit):
    one, other = (run(small(limit), engine=engine).outcomes for engine in ("numpy", "compiled"))
    assert np.array_equal(one.flows, other.flows) and np.array_equal(one.balances, other.balances)
    assert all(np.array_equal(one.report[name], other.report[name]) for name in one.report)


def test_a_scenario_without_noise_has_the_digest_that_it_had():
    """The field is left out of what a digest is of, so that no stored result becomes another one."""
    assert "observation_noise" not in str(
        small(LIMITS[0], "policy.noisy.levers.grant.observation_noise=0.4").scenario.policies[0].model_dump(exclude_none=True)
    )


class TestErrors:
    def test_mean_and_variance(self):
        assert sum(ERRORS) == pytest.approx(0.0, abs=1e-12) and list(ERRORS) == sorted(ERRORS)
        assert np.mean(np.square(ERRORS)) == pytest.approx(1.0, abs=2e-5)

    def test_they_are_equally_likely_and_belong_to_the_firm_and_the_lever(self):
        world, firms = world_of("max_cash_days = 30.0")
        numbers, rows = world._numbers(np.arange(40, dtype=np.uint64)), slice(0, len(firms))
        noisy = world.policies[-1].levers[0]
        found = error_numbers(noisy, numbers, firms, rows)
        counts = np.bincount(found.ravel(), minlength=9)
        assert counts.sum() == 40 * 300 and np.abs(counts - counts.mean()).max() < 5 * np.sqrt(counts.mean())
        named = noisy.model_copy(update={"name": "other"})
        assert np.mean(found == error_numbers(named, numbers, firms, rows)) == pytest.approx(1 / 9, abs=0.02)
        again = error_numbers(noisy, numbers, firms, slice(100, 200))
        assert np.array_equal(found[:, 100:200], again)

    def test_the_channel_is_the_last(self):
        assert CHANNELS[-1] == "observation" and CHANNELS.index("part") == 24


class TestSights:
    def test_each_firm_is_seen_once(self):
        world, firms = world_of("max_cash_days = 30.0, min_sales_fall = 0.3")
        numbers, rows = world._numbers(np.arange(3, dtype=np.uint64)), slice(0, len(firms))
        noisy = world.policies[-1].levers[0]
        found = sights(noisy, numbers, firms, rows)
        assert np.array_equal(sum(sight.firms.astype(int) for sight in found), np.ones((3, 300)))
        assert [float(sight.max_cash_days) for sight in found] == pytest.approx([30 * np.exp(-0.4 * z) for z in ERRORS])
        assert [float(sight.min_sales_fall) for sight in found] == pytest.approx([0.3 + 0.4 * z for z in ERRORS])

    def test_a_lever_that_asks_for_nothing_has_one_row(self):
        world, firms = world_of("min_margin = 0.05")
        numbers, rows = world._numbers(np.arange(3, dtype=np.uint64)), slice(0, len(firms))
        assert len(sights(world.policies[-1].levers[0], numbers, firms, rows)) == 1
        assert [len(of_lever) for of_lever in rows_by_lever(world.policies[-1], numbers, firms, rows)] == [1]

    def test_margins_are_seen_with_the_error(self):
        world, firms = world_of("min_margin = 0.05")
        numbers, rows = world._numbers(np.arange(3, dtype=np.uint64)), slice(0, len(firms))
        noisy = world.policies[-1].levers[0]
        from simsme.world.audience import acting_levers

        (opening,) = openings(noisy, acting_levers((), numbers, firms, rows), numbers, firms, rows)
        error = 0.4 * np.array(ERRORS)[error_numbers(noisy, numbers, firms, rows)]
        assert np.array_equal(opening.reaches, normal_margin(firms, rows) + error >= 0.05)


def with_noise(case: Case, seed: int) -> Case:
    """Give the levers of a case limits where they may have some, and see all of them with errors."""
    rng, levers = np.random.default_rng(seed), []
    for lever in case.levers:
        if "fields" not in lever:
            levers.append(lever)
            continue
        changed = lever | {"observation_noise": float(rng.uniform(0.05, 1.0)), "min_margin": float(rng.uniform(-0.1, 0.2))}
        if lever["kind"] not in ("policy_awareness", "streamlined_service"):
            changed |= {"max_cash_days": float(rng.uniform(5.0, 150.0))} if rng.random() < 0.6 else {}
            changed |= {"min_sales_fall": float(rng.uniform(0.0, 0.5))} if rng.random() < 0.5 else {}
        levers.append(changed)
    return replace(case, levers=levers)


@pytest.mark.parametrize("group", range(4))
def test_engine_and_oracle_agree(group):
    paths, skipped, events = 0, 0, Counter()
    with np.errstate(all="ignore"):
        for seed in range(group, 40, 4):
            found = compare_levers(with_noise(random_policy_case(seed, 6), seed))
            assert not found.differences, found.differences[0]
            paths, skipped = paths + found.paths, skipped + found.skipped
            events.update(found.events)
    assert paths == 60 and skipped <= 1


@pytest.mark.parametrize("noise", ["-0.1", "3.5", '"x"'])
def test_mistakes(noise):
    with pytest.raises(InputError, match="observation_noise"):
        small("max_cash_days = 30.0", f"policy.noisy.levers.grant.observation_noise={noise}")


def test_every_lever_may_have_it():
    assert all("observation_noise" in kind.model_fields for kind in kinds().values())
