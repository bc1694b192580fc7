"""Attribution: games whose Shapley value is known, errors that are what they say, and policies shared out among their levers."""

import json
from dataclasses import replace
from itertools import permutations
from math import factorial
from pathlib import Path

import jsonschema
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from PIL import Image

import simsme
from simsme import coalitions as running
from simsme.attribution import ENTRANCES, MEASURES, Attribution, effect_of, ratio_of
from simsme.cli.application import answer
from simsme.coalitions import attribute, plan_game
from simsme.costs import Costs, critical_value
from simsme.plan import plan_run
from simsme.plots.attribution import plot_attribution
from simsme.problems import InputError
from simsme.runs import run
from simsme.scenario import LoadedScenario, parse_scenario
from simsme.shapley import (
    all_coalitions,
    alone_and_last,
    antithetic_orders,
    coalitions_of_orders,
    everybody,
    shapley_of_all,
    shapley_of_orders,
)
from simsme.survival import fieller_interval

mpl.use("Agg")

# ------------------------------------------------------------------------------------------------------------------- games by hand


def game(players: int, value) -> np.ndarray:
    """Values of all coalitions of a game given by a function of the set of players, (2**n, 1)."""
    return np.array([[float(value({i for i in range(players) if c >> i & 1}))] for c in all_coalitions(players)])


def random_game(players: int, seed: int = 0, draws: int = 5) -> np.ndarray:
    values = np.random.default_rng(seed).normal(size=(2**players, 2, draws))
    values[0] = 0.0
    return values


def by_definition(values: np.ndarray) -> np.ndarray:
    """Mean over all orders, one after the other."""
    players = len(values).bit_length() - 1
    total = np.zeros((players, *values.shape[1:]))
    for order in permutations(range(players)):
        coalition = 0
        for player in order:
            total[player] += values[coalition | 1 << player] - values[coalition]
            coalition |= 1 << player
    return total / factorial(players)


def all_orders_in_pairs(players: int) -> np.ndarray:
    forward = [order for order in permutations(range(players)) if order < order[::-1]]
    return np.array([one for order in forward for one in (order, order[::-1])])


class TestGames:
    def test_glove_game(self):
        """One has a left glove, two have a right one, a pair is worth 1: 2/3, 1/6, 1/6."""
        values = game(3, lambda who: 0 in who and len(who) > 1)
        assert shapley_of_all(values).mean[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])

    def test_airport_game(self):
        """A runway as long as the largest aeroplane needs (Littlechild and Owen 1973): each stretch is shared by those that use it."""
        needs = (4, 7, 9)
        values = game(3, lambda who: max((needs[i] for i in who), default=0))
        assert shapley_of_all(values).mean[:, 0] == pytest.approx([4 / 3, 4 / 3 + 3 / 2, 4 / 3 + 3 / 2 + 2])

    def test_majority_with_weights(self):
        """Weights 4, 3, 2, 1 and 6 to win: 5/12, 1/4, 1/4, 1/12 (Shapley and Shubik 1954)."""
        values = game(4, lambda who: sum((4, 3, 2, 1)[i] for i in who) >= 6)
        assert shapley_of_all(values).mean[:, 0] == pytest.approx([5 / 12, 1 / 4, 1 / 4, 1 / 12])

    def test_one_player_gets_all(self):
        assert shapley_of_all(np.array([[1.0], [4.5]])).mean.tolist() == [[3.5]]

    @pytest.mark.parametrize("players", [1, 2, 3, 4, 5])
    def test_it_is_the_mean_over_all_orders(self, players):
        values = random_game(players)
        assert shapley_of_all(values).mean == pytest.approx(by_definition(values))

    @given(players=st.integers(1, 6), seed=st.integers(0, 1000))
    def test_contributions_add_up(self, players, seed):
        values = random_game(players, seed, draws=3)
        assert shapley_of_all(values).mean.sum(axis=0) == pytest.approx(values[-1] - values[0], abs=1e-12)

    def test_who_changes_nothing_gets_exactly_nothing(self):
        values = random_game(4)
        coalitions = np.arange(16)
        values = values[coalitions & ~0b0100]
        assert not shapley_of_all(values).mean[2].any()

    def test_who_does_the_same_gets_the_same(self):
        worth = np.random.default_rng(3).normal(size=(4, 4))
        values = game(4, lambda who: worth[len(who & {0, 1}), len(who & {2}) + 2 * len(who & {3})])
        first, second, *_ = shapley_of_all(values).mean[:, 0]
        assert first == pytest.approx(second, abs=1e-14)

    def test_it_is_linear_in_the_values(self):
        one, other = random_game(4, 1), random_game(4, 2)
        both = shapley_of_all(3 * one - other).mean
        assert both == pytest.approx(3 * shapley_of_all(one).mean - shapley_of_all(other).mean)

    def test_alone_and_last(self):
        values = game(3, lambda who: len(who) ** 2)
        alone, last = alone_and_last(values, all_coalitions(3), 3)
        assert alone[:, 0].tolist() == [1.0, 1.0, 1.0]
        assert last[:, 0].tolist() == [5.0, 5.0, 5.0]

    def test_values_of_some_coalitions_only_are_refused(self):
        with pytest.raises(ValueError, match="all coalitions"):
            shapley_of_all(np.zeros((6, 1)))
        with pytest.raises(ValueError, match="all coalitions"):
            shapley_of_all(np.zeros((1, 1)))


class TestOrders:
    @pytest.mark.parametrize("players", [2, 3, 4, 5])
    def test_all_orders_give_what_all_coalitions_give(self, players):
        values = random_game(players)
        orders = all_orders_in_pairs(players)
        assert coalitions_of_orders(orders) == all_coalitions(players)
        sampled = shapley_of_orders(values, all_coalitions(players), orders)
        assert sampled.mean == pytest.approx(shapley_of_all(values).mean)
        assert sampled.pair_means.mean(axis=0) == pytest.approx(sampled.mean.mean(axis=-1))

    @given(players=st.integers(2, 8), pairs=st.integers(1, 6), seed=st.integers(0, 1000))
    def test_some_orders_add_up_too(self, players, pairs, seed):
        luck = np.random.default_rng(seed).random((pairs, players))
        orders = antithetic_orders(luck)
        coalitions = coalitions_of_orders(orders)
        values = random_game(players, seed, draws=2)[list(coalitions)]
        assert shapley_of_orders(values, coalitions, orders).mean.sum(axis=0) == pytest.approx(values[-1] - values[0], abs=1e-12)

    def test_an_order_is_followed_by_its_reverse(self):
        orders = antithetic_orders(np.array([[0.3, 0.1, 0.2], [0.1, 0.2, 0.3]]))
        assert orders.tolist() == [[1, 2, 0], [0, 2, 1], [0, 1, 2], [2, 1, 0]]

    def test_needed_are_those_on_the_way_alone_and_last_each_once(self):
        orders = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [0, 1, 2, 3], [3, 2, 1, 0]])
        found = coalitions_of_orders(orders)
        singles, lacking = {1, 2, 4, 8}, {14, 13, 11, 7}
        assert found == tuple(sorted({0, 15, 0b0011, 0b1100} | singles | lacking))
        assert (found[0], found[-1]) == (0, everybody(4))

    def test_effects_of_pairs_of_levers_need_one_pair_of_orders(self):
        """An order and its reverse put each of two before the other once, so that interactions of two have no error left."""
        rng = np.random.default_rng(0)
        worth, joint = rng.normal(size=7), rng.normal(size=(7, 7))
        values = game(7, lambda who: sum(worth[i] + sum(joint[i, j] for j in who if j < i) for i in who))
        orders = antithetic_orders(rng.random((3, 7)))
        sampled = shapley_of_orders(values, all_coalitions(7), orders)
        assert sampled.mean == pytest.approx(shapley_of_all(values).mean)
        assert sampled.pair_means.std(axis=0) == pytest.approx(np.zeros((7,)), abs=1e-12)

    def test_the_error_over_pairs_shrinks_and_is_that_of_the_estimate(self):
        values = game(7, lambda who: max((i**2 for i in who), default=0) + 10 * ({1, 3, 5} <= who))
        exact, rng = shapley_of_all(values).mean[:, 0], np.random.default_rng(1)

        def tried(pairs):
            found = [shapley_of_orders(values, all_coalitions(7), antithetic_orders(rng.random((pairs, 7)))) for _ in range(200)]
            claimed = np.sqrt(np.mean([one.pair_means.var(axis=0, ddof=1) / pairs for one in found], axis=0))
            happened = np.sqrt(np.mean([(one.mean[:, 0] - exact) ** 2 for one in found], axis=0))
            return claimed, happened

        (few, few_in_fact), (many, many_in_fact) = tried(5), tried(45)
        assert few_in_fact == pytest.approx(few, rel=0.3)
        assert many_in_fact == pytest.approx(many, rel=0.3)
        assert many == pytest.approx(few / 3, rel=0.25)

    def test_reverses_are_better_than_as_many_independent_orders(self):
        values = game(6, lambda who: np.sqrt(len(who)) + max(who, default=0))
        rng = np.random.default_rng(2)
        pairs = shapley_of_orders(values, all_coalitions(6), antithetic_orders(rng.random((200, 6)))).pair_means
        unpaired = np.argsort(rng.random((400, 6)), axis=1)
        others = shapley_of_orders(values, all_coalitions(6), unpaired).pair_means
        assert pairs.var(axis=0).sum() < 0.6 * others.var(axis=0).sum()

    def test_orders_come_in_pairs(self):
        with pytest.raises(ValueError, match="in pairs"):
            shapley_of_orders(random_game(2), all_coalitions(2), np.array([[0, 1]]))


# -------------------------------------------------------------------------------------------------------------------------- errors


class TestErrors:
    def test_an_effect_is_a_mean_with_students_interval(self):
        effect = effect_of(np.array([1.0, 2.0, 3.0, 6.0]))
        assert effect.mean == 3.0
        assert effect.mc_error == pytest.approx(np.sqrt(14 / 3) / 2)
        assert effect.high == pytest.approx(3.0 + 3.182446 * effect.mc_error)
        assert effect.low == pytest.approx(6.0 - effect.high)
        assert effect.permutation_error is None

    def test_one_draw_has_no_error(self):
        effect = effect_of(np.array([2.0]))
        assert (effect.mean, effect.mc_error, effect.low, effect.high) == (2.0, None, None, None)
        assert effect.json["interval"] is None

    def test_squares_of_two_half_widths_add_up(self):
        draws, pairs = np.array([1.0, 3.0, 1.0, 3.0]), np.array([1.5, 2.5, 2.0])
        effect = effect_of(draws, pairs)
        over_draws, over_pairs = 1.0 / np.sqrt(3), 0.5 / np.sqrt(3)
        assert effect.mc_error == pytest.approx(over_draws)
        assert effect.permutation_error == pytest.approx(over_pairs)
        # Student's t with 3 and with 2 degrees of freedom
        assert effect.high - effect.mean == pytest.approx(np.hypot(3.182446 * over_draws, 4.302653 * over_pairs))

    def test_pairs_that_agree_change_nothing(self):
        draws = np.array([1.0, 3.0, 2.0])
        assert replace(effect_of(draws, np.array([2.0, 2.0])), permutation_error=None) == effect_of(draws)

    def test_money_per_unit_is_fiellers(self):
        rng = np.random.default_rng(0)
        units = rng.normal(5.0, 2.0, 30)
        money = 100 * units + rng.normal(0.0, 200.0, 30)
        cost = ratio_of(units, money)
        assert cost.value == pytest.approx(money.mean() / units.mean())
        assert (cost.low, cost.high) == pytest.approx(fieller_interval(money, units, critical_value(30)))
        wider = ratio_of(units, money, np.stack([5 + rng.normal(0, 0.3, 10), 500 + rng.normal(0, 30, 10)], axis=1))
        assert wider.low < cost.low < cost.high < wider.high

    def test_orders_that_disagree_take_the_number_away(self):
        units, money = np.array([1.0, 1.1, 0.9, 1.0]), np.array([5.0, 5.0, 6.0, 4.0])
        assert ratio_of(units, money).value == pytest.approx(5.0)
        unsure = ratio_of(units, money, np.array([[4.0, 5.0], [-2.0, 5.0]]))
        assert unsure.value is None
        assert unsure.reason.startswith("firms saved are not distinguishable from none")

    @pytest.mark.parametrize(
        ("units", "reason"),
        [
            ([1.0], "one draw gives no interval for the jobs saved"),
            ([0.0, 0.0], "no jobs are saved or lost"),
            ([-1.0, 2.0, 0.0], "jobs saved are not distinguishable from none (95 % interval −3.5 to 4.1 jobs)"),
            ([-2.0, -2.1, -1.9], "jobs are lost, not saved"),
        ],
    )
    def test_no_number_without_a_reason(self, units, reason):
        cost = ratio_of(np.array(units), np.ones(len(units)), None, "jobs_saved")
        assert (cost.value, cost.low, cost.high, cost.reason) == (None, None, None, reason)


# ------------------------------------------------------------------------------------------------------------------------ policies

TEXT = """
name = "small"
draws = 6
[time]
horizon_days = 98
headline_day = 91
report_days = [49]
[population]
firms = 150
[population.loan_due_day]
dist = "uniform"
low = 0.0
high = 80.0
[population.with_loan]
size = { micro = 0.8, small = 0.8, medium = 0.8 }
[shock]
duration_days = 91
[shock.sales]
depth = 0.4
[credit]
renewal = 0.5
[exit]
patience_days = 10
[[policy]]
name = "three"
levers = [
    { kind = "loan_renewal", take_up = 0.5 },
    { kind = "lending_forbearance" },
    { kind = "emergency_relending", take_up = 0.5 },
]
[[policy]]
name = "renewal"
levers = [{ kind = "loan_renewal", take_up = 0.5 }]
[[policy]]
name = "more-renewal"
levers = [{ kind = "loan_renewal", take_up = 0.9 }]
[[policy]]
name = "useless"
levers = [
    { kind = "loan_renewal", take_up = 0.5 },
    { kind = "emergency_relending", take_up = 0.0 },
    { kind = "guarantee_fund", take_up = 0.0 },
]
[[policy]]
name = "twice"
levers = [{ kind = "loan_renewal", name = "a", take_up = 1.0 }, { kind = "loan_renewal", name = "b", take_up = 1.0 }]
[[policy]]
name = "halves"
levers = [{ kind = "loan_renewal", name = "a", take_up = 0.4 }, { kind = "loan_renewal", name = "b", take_up = 0.4 }]
[[policy]]
name = "turned"
levers = [
    { kind = "emergency_relending", take_up = 0.5 },
    { kind = "lending_forbearance" },
    { kind = "loan_renewal", take_up = 0.5 },
]
[[policy]]
name = "empty"
"""


def small(*overrides: str) -> LoadedScenario:
    return parse_scenario(TEXT, "small.toml", None, list(overrides))


@pytest.fixture(scope="module")
def three() -> Attribution:
    return attribute(small(), "three")


def values_of(out, policy: str) -> np.ndarray:
    costs, place, report = Costs(out.outcomes), out.outcomes.policy_index(policy), out.outcomes.report_index()
    return np.stack([measure[place, :, report] for measure in (costs.firms_saved, costs.jobs_saved, costs.net)])


def problems_with(policy: str, *overrides: str, **more) -> list[str]:
    with pytest.raises(InputError) as raised:
        attribute(small(*overrides), policy, **more)
    return [str(problem) for problem in raised.value.problems]


class TestPolicies:
    def test_contributions_add_up_to_the_policy_as_it_is_run(self, three):
        out = run(small(), policies=["three", "renewal"])
        assert np.array_equal(three.package, values_of(out, "three"))
        assert np.array_equal(three.alone[0], values_of(out, "renewal"))
        assert three.package[0].any()
        assert three.package[2].any()
        scale = np.abs(three.package).max(axis=1, keepdims=True)
        assert np.abs(three.shapley.sum(axis=0) - three.package).max() < 1e-12 * scale.max()
        assert (np.abs(three.shapley.sum(axis=0) - three.package) <= 1e-12 * scale).all()
        assert three.residual < 1e-12
        assert three.coalitions == 8
        assert three.permutations is None

    def test_it_says_what_a_run_says_of_the_policy(self, three):
        out = run(small(), policies=["three"])
        firm, told = Costs(out.outcomes).per_firm_saved(1, out.outcomes.report_index()), three.cost_per(None)
        assert (told.value, told.low, told.high) == pytest.approx((firm.value, firm.low, firm.high), nan_ok=True)
        saved = out.json["policies"][1]["firms_saved"]
        assert three.together("firms_saved").mean == pytest.approx(saved["mean"])
        assert three.together("firms_saved").mc_error == pytest.approx(saved["mc_error"])

    def test_batches_change_no_bit(self, three, monkeypatch):
        monkeypatch.setattr(running, "POLICIES_AT_ONCE", 3)
        again = attribute(small(), "three", jobs=1)
        for name in ("alone", "shapley", "last_in", "package"):
            assert np.array_equal(getattr(again, name), getattr(three, name))

    def test_the_order_of_levers_changes_nothing(self, three):
        turned = attribute(small(), "turned")
        assert turned.levers == three.levers[::-1]
        assert np.array_equal(turned.alone[::-1], three.alone)
        assert turned.shapley[::-1] == pytest.approx(three.shapley, rel=1e-9, abs=1e-6)

    def test_a_lever_that_reaches_nobody_gets_exactly_nothing(self):
        found = attribute(small(), "useless")
        for entrance in ENTRANCES:
            assert not getattr(found, entrance)[1:].any()
        assert found.shapley[0] == pytest.approx(found.package, rel=1e-12)
        nothing = found.effect("guarantee_fund", "net_cost")
        assert (nothing.mean, nothing.mc_error, nothing.low, nothing.high) == (0.0, 0.0, 0.0, 0.0)
        assert found.cost_per("guarantee_fund").reason == "no firms are saved or lost"

    def test_levers_that_do_the_same_to_all_share_evenly(self):
        found = attribute(small(), "twice")
        assert np.array_equal(found.shapley[0], found.shapley[1])
        assert np.array_equal(found.alone[0], found.package)
        assert not found.last_in.any()
        left_over = found.interaction("firms_saved")
        assert left_over.mean == found.together("firms_saved").mean > 0

    def test_levers_that_differ_in_luck_only_differ_by_luck_only(self):
        found = attribute(small("draws=12"), "halves")
        for number in range(len(MEASURES)):
            difference = effect_of(found.shapley[0, number] - found.shapley[1, number])
            assert abs(difference.mean) < 4 * difference.mc_error

    def test_one_lever_has_all_of_it(self):
        found = attribute(small(), "renewal", day=49)
        for entrance in ENTRANCES:
            assert np.array_equal(getattr(found, entrance)[0], found.package)
        assert not any(found.interaction(measure).mean for measure in MEASURES)
        assert (found.coalitions, found.day) == (2, 49.0)

    def test_levers_of_the_reference_stay(self, three):
        found = attribute(small("reference=renewal"), "three")
        assert found.levers == ("lending_forbearance", "emergency_relending")
        assert found.reference == "renewal"
        # on top of renewal, forbearance alone is what it adds to renewal where nobody re-lends
        out = run(small("reference=renewal"), policies=["three"])
        assert np.array_equal(found.package, values_of(out, "three"))

    def test_a_lever_with_other_terms_is_a_change_of_the_reference(self):
        found = attribute(small("reference=renewal"), "more-renewal")
        assert found.levers == ("loan_renewal",)
        assert found.package[0].sum() >= 0
        assert found.package[2].any()

    def test_some_orders_add_up_too(self, three):
        found = attribute(small(), "three", permutations=4)
        assert (found.permutations, found.pair_means.shape) == (4, (2, 3, 3))
        assert found.residual < 1e-12
        assert np.array_equal(found.package, three.package)
        assert np.array_equal(found.alone, three.alone)
        assert found.effect("loan_renewal", "firms_saved").permutation_error is not None
        assert found.effect("loan_renewal", "firms_saved", "alone").permutation_error is None

    def test_as_many_orders_as_there_are_is_all_coalitions(self, three):
        found = attribute(small(), "three", permutations=6)
        assert found.permutations is None
        assert np.array_equal(found.shapley, three.shapley)

    def test_more_than_six_levers_are_sampled(self):
        kinds = [f'{{ kind = "loan_renewal", name = "{name}", take_up = 0.1 }}' for name in "abcdefg"]
        text = TEXT + f'[[policy]]\nname = "many"\nlevers = [{", ".join(kinds)}]\n'
        plan = plan_run(parse_scenario(text, "small.toml", None, []), policies=["many"])
        many = plan_game(plan, "many")
        assert many.orders.shape == (20, 7)
        assert sorted(many.orders[0]) == list(range(7))
        assert np.array_equal(many.orders[1], many.orders[0][::-1])
        assert len(many.coalitions) == len(set(many.coalitions)) < 2**7
        assert plan_game(plan, "many", permutations=factorial(7)).orders is None
        again = plan_game(replace(plan, scenario=plan.scenario.model_copy(update={"seed": 1})), "many")
        assert not np.array_equal(again.orders, many.orders)

    def test_progress_counts_coalitions(self):
        told: list[tuple[int, int]] = []
        attribute(small("draws=1"), "three", progress=lambda done, total: told.append((done, total)))
        assert {total for _, total in told} == {7}
        assert told[-1][0] == 7
        assert sorted(told) == told


class TestMistakes:
    def test_an_unknown_policy(self):
        assert problems_with("tree") == ['small.toml: policy: no policy is called "tree"; did you mean "three"?']

    def test_the_reference(self):
        assert problems_with("none") == ["small.toml: policy none: is the reference, so that there is nothing to attribute"]

    def test_a_policy_like_the_reference(self):
        message = 'small.toml: policy empty: has the same levers as the reference "none", so that there is nothing to attribute'
        assert problems_with("empty") == [message]

    def test_a_policy_that_lacks_levers_of_the_reference(self):
        (message,) = problems_with("renewal", "reference=three")
        assert message.startswith('small.toml: policy renewal: lacks lending_forbearance, emergency_relending of the reference "three"')

    def test_all_at_once(self):
        assert problems_with("empty", day=50, permutations=5)[1:] == [
            "day=50: is not reported; reported are 49, 91, 98 (time.report_days)",
            "permutations=5: must be an even number from 4: an error needs two pairs of an order and its reverse",
        ]

    def test_names_that_are_not_there(self, three):
        with pytest.raises(ValueError, match="no lever 'grant'"):
            three.effect("grant", "firms_saved")
        with pytest.raises(ValueError, match="no measure 'firms'"):
            three.together("firms")
        with pytest.raises(ValueError, match="no entrance 'first'"):
            three.effect("loan_renewal", "firms_saved", "first")
        with pytest.raises(ValueError, match="no measure 'net_cost'"):
            three.cost_per(None, "net_cost")


# -------------------------------------------------------------------------------------------------------------- tables and figures

EFFECT = {
    "type": "object",
    "required": ["mean", "mc_error", "permutation_error", "interval"],
    "additionalProperties": False,
    "properties": {
        "mean": {"type": "number"},
        "mc_error": {"type": ["number", "null"]},
        "permutation_error": {"type": ["number", "null"]},
        "interval": {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}]},
    },
}
COST = {
    "type": "object",
    "required": ["value", "interval", "reason"],
    "additionalProperties": False,
    "properties": {
        "value": {"type": ["number", "null"]},
        "interval": EFFECT["properties"]["interval"],
        "reason": {"type": ["string", "null"]},
    },
}


def table_of(names, schema) -> dict:
    return {"type": "object", "required": list(names), "additionalProperties": False, "properties": dict.fromkeys(names, schema)}


def joined(*parts: dict) -> dict:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for part in parts for name in part["required"]],
        "properties": {name: schema for part in parts for name, schema in part["properties"].items()},
    }


COSTS = table_of(("cost_per_firm_saved", "cost_per_job_saved"), COST)
SCHEMA = joined(
    table_of(("scenario", "digest", "currency", "policy", "reference"), {"type": "string"}),
    table_of(("seed", "firms", "draws", "coalitions"), {"type": "integer"}),
    table_of(("weight", "day", "residual"), {"type": "number"}),
    table_of(("permutations",), {"type": ["integer", "null"]}),
    table_of(
        ("levers",),
        {
            "type": "array",
            "minItems": 1,
            "items": joined(table_of(("lever",), {"type": "string"}), table_of(MEASURES, table_of(ENTRANCES, EFFECT)), COSTS),
        },
    ),
    table_of(("sums",), table_of(("alone", "last_in"), table_of(MEASURES, EFFECT))),
    table_of(("package",), joined(table_of(MEASURES, EFFECT), COSTS)),
    table_of(("interaction",), table_of(MEASURES, EFFECT)),
)


class TestTables:
    def test_the_object_is_as_described(self, three):
        found = json.loads(json.dumps(three.json(), allow_nan=False))
        jsonschema.validate(found, SCHEMA)
        sampled = attribute(small("draws=1"), "three", permutations=4)
        jsonschema.validate(json.loads(json.dumps(sampled.json(), allow_nan=False)), SCHEMA)

    def test_the_table_says_the_same(self, three):
        table = three.table()
        assert list(table["lever"]) == list(three.levers)
        for measure in MEASURES:
            assert table[f"{measure}_shapley"].sum() == pytest.approx(three.together(measure).mean)
            for entrance in ENTRANCES:
                effect = three.effect("lending_forbearance", measure, entrance)
                row = table.iloc[1]
                assert row[f"{measure}_{entrance}_low"] == effect.low
                assert row[f"{measure}_{entrance}_mc_error"] == effect.mc_error
        assert table.filter(like="saved_shapley").dtypes.eq("float64").all()

    def test_bars_stand_for_means_and_lines_for_intervals(self, three):
        ax = plot_attribution(three, "firms_saved")
        bars = {container.get_label(): [bar.get_width() for bar in container] for container in ax.containers}
        by_entrance = dict(zip(ENTRANCES, bars.values(), strict=True))
        for entrance in ENTRANCES:
            assert by_entrance[entrance] == pytest.approx([three.effect(lever, "firms_saved", entrance).mean for lever in three.levers])
        lines = [tuple(line.get_xdata()) for line in ax.get_lines()]
        effect = three.effect("loan_renewal", "firms_saved")
        assert (effect.low, effect.high) in lines
        assert [label.get_text() for label in ax.get_yticklabels()] == list(three.levers)
        pyplot.close("all")

    def test_figures_of_a_kind_that_is_not_there(self, three):
        with pytest.raises(ValueError, match="no measure 'firms'"):
            plot_attribution(three, "firms")
        pyplot.close("all")

    def test_it_is_public(self, three):
        assert isinstance(three, simsme.Attribution)
        assert simsme.attribute is attribute
        assert simsme.plot_attribution is plot_attribution


class TestCommand:
    @pytest.fixture
    def place(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "120")
        (tmp_path / "small.toml").write_text(TEXT, encoding="utf-8")
        return tmp_path

    def test_a_table(self, place, capsys):
        assert answer(["attribute", "small.toml", "--policy", "three"]) == 0
        said = capsys.readouterr()
        lines = said.out.splitlines()
        assert max(map(len, lines)) <= 120
        for start in ("loan_renewal", "lending_forbearance", "emergency_relending", "all together", "interaction"):
            assert any(line.startswith(start) for line in lines), start
        assert all(word in said.out for word in ("alone", "last in", "Shapley", "per firm", "net cost", "jobs saved", "95 % interval"))
        assert "8 policies on the same 6 draws" in said.err
        assert list(place.iterdir()) == [place / "small.toml"]

    def test_it_says_why_there_is_no_cost(self, place, capsys):
        assert answer(["attribute", "small.toml", "--policy", "renewal", "--draws", "2", "-q"]) == 0
        said = capsys.readouterr().out
        assert "No cost per firm saved for loan_renewal, all together: " in said
        assert "No cost per job saved for loan_renewal, all together: " in said

    @pytest.mark.parametrize("width", ["60", "90"])
    def test_a_narrow_screen(self, place, capsys, monkeypatch, width):
        monkeypatch.setenv("COLUMNS", width)
        assert answer(["attribute", "small.toml", "--policy", "renewal", "--draws", "2", "-q"]) == 0
        said = capsys.readouterr()
        assert max(map(len, said.out.splitlines())) <= int(width) + 10
        assert said.err == ""

    def test_json(self, place, capsys, three):
        assert answer(["attribute", "small.toml", "--policy", "three", "--json", "--engine", "numpy", "--jobs", "1"]) == 0
        found = json.loads(capsys.readouterr().out)
        jsonschema.validate(found, SCHEMA)
        assert found == json.loads(json.dumps(three.json()))

    def test_options(self, place, capsys):
        rows = [f"f{n},1000000,{10000 + 9000 * n},300000,{2 * n + 1}" for n in range(20)]
        (place / "own.csv").write_text("\n".join(["firm_id,sales,cash,loan,loan_due_day", *rows]), encoding="utf-8")
        options = ["--firms", "own.csv", "--draws", "2", "--seed", "5", "--day", "49", "--set", "credit.renewal=0.3", "--permutations", "4"]
        assert answer(["attribute", "small.toml", "--policy", "three", "--json", *options]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["firms"], found["draws"], found["seed"], found["day"], found["permutations"]) == (20, 2, 5, 49, 4)

    def test_one_draw(self, place, capsys):
        assert answer(["attribute", "small.toml", "--policy", "three", "--draws", "1"]) == 0
        out = capsys.readouterr().out
        assert "±" not in out
        assert "one draw gives no interval for the firms saved" in " ".join(out.split())

    def test_files(self, place, capsys):
        command = ["attribute", "small.toml", "--policy", "three", "--draws", "3", "--out", "kept/here", "--json"]
        assert answer(command) == 0
        found = json.loads(capsys.readouterr().out)
        names = {"attribution.csv", "attribution.json", "attribution.png", "attribution.svg"}
        assert {path.name for path in (place / "kept/here").iterdir()} == names
        kept = json.loads((place / "kept/here/attribution.json").read_text(encoding="utf-8"))
        assert kept.pop("provenance")["digest"] == found["digest"]
        assert kept == found
        table = pd.read_csv(place / "kept/here/attribution.csv")
        assert table["firms_saved_shapley"].sum() == pytest.approx(found["package"]["firms_saved"]["mean"])
        with Image.open(place / "kept/here/attribution.png") as picture:
            assert picture.text["Digest"] == found["digest"]
            assert picture.width > 1000
        before = (place / "kept/here/attribution.json").read_bytes()
        assert answer(command) == 2
        assert "is there already and was not touched; --force writes over it" in capsys.readouterr().err
        assert (place / "kept/here/attribution.json").read_bytes() == before
        assert answer([*command, "--force", "--seed", "9"]) == 0
        assert (place / "kept/here/attribution.json").read_bytes() != before
        assert {path.name for path in (place / "kept/here").iterdir()} == names

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--policy", "tree"], 'small.toml: policy: no policy is called "tree"; did you mean "three"?\n'),
            (["--policy", "three", "--day", "50"], "--day 50: is not reported; reported are 49, 91, 98 (time.report_days)\n"),
            (["--policy", "three", "--permutations", "3"], "--permutations 3: must be an even number from 4"),
            (["--policy", "three", "--draws", "0"], "--draws 0"),
            (["--policy", "three", "--out", "small.toml"], "small.toml: is not a folder; choose another one with --out\n"),
            (["--policy", "empty"], "there is nothing to attribute"),
            ([], "--policy"),
        ],
    )
    def test_mistakes(self, place, capsys, options, message):
        assert answer(["attribute", "small.toml", *options]) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert said.out == ""
        assert "Traceback" not in said.err
        assert list(place.iterdir()) == [place / "small.toml"]
