"""Dominance and the frontier: examples from the literature, the same answer by another road, and what resampling says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsme.cost_tables import EFFECTIVENESS_COLUMNS, effectiveness_table
from simsme.costs import Costs, cost_per
from simsme.effectiveness import DOMINATED, EXTENDEDLY_DOMINATED, ON_FRONTIER, SAME, Comparison, on_frontier, places
from simsme.outcomes import Outcomes
from tests.synthetic_money import blank, booked, costly


def statuses(costs, effects):
    return [place.status for place in places(costs, effects)]


def ratios(costs, effects):
    """Incremental ratio of each policy on the frontier after the first."""
    found = places(costs, effects)
    kept = [(policy, place.against[0]) for policy, place in enumerate(found) if place.status == ON_FRONTIER and place.against]
    return {policy: (costs[policy] - costs[before]) / (effects[policy] - effects[before]) for policy, before in kept}


def test_three_ways_to_teach_children() -> None:
    """European Commission, Guide to cost-benefit analysis of investment projects: the second is out by extended dominance."""
    costs, effects = [1000.0, 4000.0, 9000.0], [10.0, 15.0, 40.0]
    assert statuses(costs, effects) == [ON_FRONTIER, EXTENDEDLY_DOMINATED, ON_FRONTIER]
    assert places(costs, effects)[1].against == (0, 2)
    assert ratios(costs, effects) == pytest.approx({2: 8000 / 30})


def test_six_ways_to_screen() -> None:
    """Incremental ratios as published: screening for bowel cancer, Australia and New Zealand Health Policy 2, 10 (2005), table 7."""
    costs = [0.0, 140_117_791.0, 248_112_291.0, 304_301_903.0, 370_181_240.0, 422_777_702.0]
    effects = [0.0, 3551.0, 6023.0, 6720.0, 7076.0, 7299.0]
    assert set(statuses(costs, effects)) == {ON_FRONTIER}
    published = {1: 39_459.0, 2: 43_687.0, 3: 80_616.0, 4: 185_054.0, 5: 235_859.0}
    assert ratios(costs, effects) == pytest.approx(published, rel=1e-4)


def test_dominance_is_looked_for_again_once_a_policy_is_out() -> None:
    """The fourth makes the third a detour, and without the third the second is one too."""
    costs, effects = [0.0, 30.0, 62.0, 65.0], [0.0, 10.0, 20.0, 30.0]
    assert statuses(costs, effects) == [ON_FRONTIER, EXTENDEDLY_DOMINATED, EXTENDEDLY_DOMINATED, ON_FRONTIER]
    assert {place.against for place in places(costs, effects)[1:3]} == {(0, 3)}


def test_a_dominated_policy_names_one_that_is_not() -> None:
    costs, effects = [0.0, 5.0, 4.0, 6.0], [0.0, 10.0, 12.0, 9.0]
    found = places(costs, effects)
    assert [place.status for place in found] == [ON_FRONTIER, DOMINATED, ON_FRONTIER, DOMINATED]
    assert found[1].against == found[3].against == (2,)


def test_a_policy_that_saves_firms_and_money_dominates_doing_nothing() -> None:
    assert statuses([0.0, -1.0], [0.0, 2.0]) == [DOMINATED, ON_FRONTIER]


def test_policies_that_are_the_same_are_told_so() -> None:
    found = places([0.0, 1.0, 1.0, 0.0], [0.0, 2.0, 2.0, 0.0])
    assert [place.status for place in found] == [ON_FRONTIER, ON_FRONTIER, SAME, SAME]
    assert (found[2].against, found[3].against) == ((1,), (0,))
    # on a straight line nobody is in the way of anybody
    assert statuses([0.0, 1.0, 2.0], [0.0, 1.0, 2.0]) == [ON_FRONTIER] * 3


SMALL = st.integers(-4, 4).map(float)


@given(points=st.lists(st.tuples(SMALL, SMALL), min_size=1, max_size=7))
def test_the_frontier_by_another_road(points: list[tuple[float, float]]) -> None:
    """Policy by policy against all others and all mixtures of two, and by the ladder of ratios: the same frontier."""
    costs, effects = np.array(points).T
    here = on_frontier(costs[None], effects[None])[0]
    ladder = [place.status for place in places(costs, effects)]
    for policy, status in enumerate(ladder):
        if status == SAME:
            assert here[policy] == here[places(costs, effects)[policy].against[0]]
        else:
            assert here[policy] == (status == ON_FRONTIER)
    for weight in np.linspace(0.0, 1.0, 5):
        for one in range(len(points)):
            for two in range(len(points)):
                mixed = weight * costs[one] + (1 - weight) * costs[two], weight * effects[one] + (1 - weight) * effects[two]
                better = (mixed[1] >= effects - 1e-12) & (mixed[0] < costs - 1e-9)
                assert not (here & better).any()


def test_fieller_against_numbers_worked_by_hand() -> None:
    """Units 4, 6, 5, 5 and money 10, 14, 8, 8: means 5 and 10, variances of the means 1/6 and 2, covariance 1/3, t = 3.1824."""
    cost = cost_per(np.array([10.0, 14.0, 8.0, 8.0]), np.array([4.0, 6.0, 5.0, 5.0]), "firms")
    assert cost.value == pytest.approx(2.0)
    # ends of a r^2 - 2 b r + c = 0 with a = 25 - t^2/6, b = 50 - t^2/3, c = 100 - 2 t^2, t^2 = 10.1279
    a, b, c = 25 - 10.1279 / 6, 50 - 10.1279 / 3, 100 - 2 * 10.1279
    root = (b * b - a * c) ** 0.5
    assert (cost.low, cost.high) == pytest.approx(((b - root) / a, (b + root) / a), rel=1e-5)
    assert (cost.low, cost.high) == pytest.approx((1.2389, 2.7611), abs=1e-4)
    assert cost.reason is None


def saving(outcomes: Outcomes, saved: np.ndarray) -> Outcomes:
    """The outcomes with these shares of firms saved, (P, D), on every day."""
    report = {name: values.copy() for name, values in outcomes.report.items()}
    report["saved"][:], report["harmed"][:] = np.maximum(saved, 0.0)[:, :, None], np.maximum(-saved, 0.0)[:, :, None]
    return replace(outcomes, report=report)


def world(noise: float = 1e-4, draws: int = 30) -> Outcomes:
    """None, a cheap, a detour, a dear and a dominated policy, with noise."""
    rng = np.random.default_rng(4)
    saved = np.array([0.0, 0.010, 0.012, 0.030, 0.009])[:, None] + noise * rng.standard_normal((5, draws)) * (np.arange(5) > 0)[:, None]
    outcomes = saving(blank(("none", "cheap", "detour", "dear", "waste"), draws=draws), saved)
    for policy, money in enumerate((0.0, 1e5, 3e5, 5e5, 2e5)):
        outcomes = booked(outcomes, policy, {"grants": money * (1 + 0.01 * rng.standard_normal(draws))})
    return outcomes


def test_increments_are_paired_and_run_along_the_frontier() -> None:
    outcomes = world()
    compared = Comparison(Costs(outcomes), "firms_saved", 0)
    assert compared.frontier == (0, 1, 3)
    assert compared.why(2) == "extendedly dominated by a mixture of cheap and dear"
    assert compared.why(4) == "dominated by cheap"
    money = compared.money[3] - compared.money[1]
    units = compared.units[3] - compared.units[1]
    increment = compared.increment(3)
    assert increment.value == pytest.approx(money.mean() / units.mean())
    assert increment.low is not None and increment.high is not None and increment.low < increment.value < increment.high
    assert compared.increment(2).reason == "extendedly dominated by a mixture of cheap and dear"
    assert compared.increment(0).reason == "the cheapest policy on the frontier"
    assert compared.frontier_shares == pytest.approx([1, 1, 0, 1, 0])


def test_a_frontier_that_hangs_on_few_draws_says_so() -> None:
    shares = Comparison(Costs(world(noise=0.02)), "firms_saved", 0).frontier_shares
    assert ((shares > 0.02) & (shares < 0.98)).any()
    again = Comparison(Costs(world(noise=0.02)), "firms_saved", 0).frontier_shares
    assert (shares == again).all()


def test_no_ratio_where_what_is_saved_more_is_not_distinguishable_from_none() -> None:
    rng = np.random.default_rng(0)
    saved = np.array([0.0, 0.010, 0.0105])[:, None] + np.array([[0.0], [0.001], [0.004]]) * rng.standard_normal((3, 40))
    outcomes = saving(blank(("none", "one", "other"), draws=40), saved)
    outcomes = booked(booked(outcomes, 1, {"grants": 1e5}), 2, {"grants": 3e5})
    compared = Comparison(Costs(outcomes), "firms_saved", 0)
    assert compared.frontier == (0, 1, 2)
    assert compared.increment(1).value is not None
    increment = compared.increment(2)
    assert (increment.value, increment.low, increment.high) == (None, None, None)
    assert increment.reason is not None and "more firms saved are not distinguishable from none (95 % interval −" in increment.reason


def test_the_table_begins_with_the_frontier() -> None:
    table = effectiveness_table(world())
    assert tuple(table.columns) == EFFECTIVENESS_COLUMNS
    assert len(table) == 2 * 3 * 5
    part = table.query("effect == 'firms_saved' and day == 91")
    assert list(part["policy"]) == ["none", "cheap", "dear", "detour", "waste"]
    assert list(part["status"]) == [ON_FRONTIER] * 3 + [EXTENDEDLY_DOMINATED, DOMINATED]
    assert list(part["against"]) == ["", "none", "cheap", "cheap + dear", "cheap"]
    assert part["icer"].notna().tolist() == [False, True, True, False, False]
    first = part.iloc[1]
    assert first["icer"] == pytest.approx(first["cost_per"])
    assert part["icer"].dropna().is_monotonic_increasing


def test_one_draw_has_a_frontier_and_no_errors() -> None:
    table = effectiveness_table(world(noise=0.0, draws=1))
    assert set(table.query("effect == 'firms_saved'")["status"]) == {ON_FRONTIER, DOMINATED, EXTENDEDLY_DOMINATED}
    assert table[["icer", "cost_per", "frontier_share", "saved_mc_error"]].isna().all().all()
    assert table["cost_per_reason"].str.contains("one draw").any()


def test_all_policies_of_a_costly_world_have_a_place() -> None:
    table = effectiveness_table(costly())
    assert set(table["policy"]) == {"none", "subsidy", "relief", "orders", "all"}
    cheapest = table.query("effect == 'firms_saved' and day == 364").set_index("policy")
    assert cheapest.loc["orders", "status"] == ON_FRONTIER and cheapest.loc["all", "status"] == DOMINATED
