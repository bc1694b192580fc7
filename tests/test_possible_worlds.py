"""Possible worlds: everything declared, ranges made distributions as documented, the same world whatever is asked besides."""

import math
from pathlib import Path

import numpy as np
import pytest

from simsme.column_spec import ColumnSpec
from simsme.distributions import KINDS
from simsme.levers import kinds
from simsme.overrides import parse_override
from simsme.plan import plan_run
from simsme.possible_worlds import PossibleWorld, draw_worlds, uncertain_parameters, world_at
from simsme.possible_worlds.spans import Span, span_of
from simsme.possible_worlds.spread_numbers import middle_of, multiplied
from simsme.problems import InputError
from simsme.reference import ROLES, Entry, add_entries, entries, entry
from simsme.scenario import load_scenario, parse_scenario, shipped_scenarios

SMALL = """
name = "small"
currency = "CNY"
draws = 4
[population]
firms = 50
[shock]
[shock.sales]
[credit]
kappa = 0.85
renewal = { dist = "uniform", low = 0.88, high = 0.96 }
[[policy]]
name = "forbearance"
levers = [{ kind = "lending_forbearance", renewal_lift = 0.2 }]
[[policy]]
name = "both"
levers = [{ kind = "loan_renewal" }, { kind = "lending_forbearance" }]
"""


def small():
    return parse_scenario(SMALL, "small.toml", Path())


def an_entry(low, high, *, limits=(-math.inf, math.inf), value=1.0):
    return Entry("x", value, (low, high), limits, "", "assumption", "", "", "x", "uncertainty")


# ------------------------------------------------------------------------------------------------------------------- declarations


def test_every_default_is_declared_in_the_file_itself():
    import tomllib

    text = (Path(__file__).parents[1] / "simsme" / "data" / "reference.toml").read_text(encoding="utf-8")

    def undeclared(name, table):
        if "basis" in table:
            return [] if "role" in table else [name]
        return [found for key, below in table.items() for found in undeclared(f"{name}.{key}".lstrip("."), below)]

    assert undeclared("", tomllib.loads(text)) == []


@pytest.mark.parametrize("found", entries(), ids=lambda found: found.name)
def test_a_declaration_agrees_with_the_rest_of_the_entry(found):
    assert found.role in ROLES
    if found.role == "uncertainty":
        assert found.range is not None, "an uncertainty needs a range"
        assert found.range[0] < found.range[1]
    of_a_lever = found.name.split(".")[0] in {*kinds(), "lever"}
    if found.role == "lever":
        assert of_a_lever, "only a lever has levers' numbers"
    if of_a_lever:
        assert found.role != "choice"
    if found.carried_by:
        assert entry(found.carried_by).role == found.role == "uncertainty"
        assert not entry(found.carried_by).carried_by


def test_what_a_policy_maker_sets_is_no_uncertainty():
    set_by_policy = {"take_up", "capital", "capital_share", "layers", "leverage", "cases_per_week", "sales_share", "amount", "until_day"}
    names = [found.name for found in entries() if found.name.split(".")[0] in kinds() and found.name.split(".")[1] in set_by_policy]
    assert names
    assert {entry(name).role for name in names} == {"lever"}


def test_the_range_of_what_is_spread_over_firms_holds_its_middle():
    for found in entries():
        if found.range is not None and isinstance(found.value, dict):
            kind = ColumnSpec if found.name.startswith("population.") else KINDS[found.value["dist"]]
            assert found.range[0] <= middle_of(kind.model_validate(found.value)) <= found.range[1], found.name


# ------------------------------------------------------------------------------------------------------ from a range to a distribution


def test_the_number_is_the_median_and_the_range_the_limits():
    span = Span(10.0, 20.0, 40.0)
    assert [span.at(share) for share in (0.0, 0.5, 1.0)] == [10.0, 20.0, 40.0]
    # half a triangle: three quarters of the half below lie in the upper half of it
    assert span.at(0.125) == pytest.approx(15.0)
    assert span.at(0.875) == pytest.approx(30.0)
    drawn = [span.at(share) for share in np.linspace(0.0, 1.0, 101)]
    assert drawn == sorted(drawn)


def test_a_number_at_an_end_of_its_range_has_all_weight_on_the_other_side():
    assert [Span(0.0, 0.0, 0.9).at(share) for share in (0.0, 0.75, 1.0)] == pytest.approx([0.0, 0.45, 0.9])
    assert [Span(0.0, 1.0, 1.0).at(share) for share in (0.0, 0.25, 1.0)] == pytest.approx([0.0, 0.5, 1.0])
    assert [Span(2.0, 2.0, 2.0).at(share) for share in (0.0, 0.5, 1.0)] == [2.0, 2.0, 2.0]


def test_a_range_stands_where_the_scenario_s_number_is_in_it_and_moves_along_where_it_is_not():
    assert span_of(an_entry(30.0, 182.0), 60.0, 91.0) == Span(30.0, 60.0, 182.0)
    moved = span_of(an_entry(30.0, 182.0), 14.0, 91.0)
    assert (moved.low, moved.high) == pytest.approx((14.0 * 30.0 / 91.0, 28.0))
    assert span_of(an_entry(0.2, 0.9, limits=(0.0, 1.0)), 0.95, 0.8).high == 1.0
    assert span_of(an_entry(-0.02, 0.02), 0.03, 0.0) == Span(pytest.approx(0.01), 0.03, pytest.approx(0.05))


def test_what_is_spread_over_firms_moves_as_a_whole():
    spec = ColumnSpec.model_validate(
        {"value": 0.5, "industry": {"retail": {"dist": "uniform", "low": 0.2, "high": 0.8}, "catering": 0.9}, "size_factor": {"micro": 1.1}}
    )
    twice = multiplied(spec, 1.5, 0.0, 1.0)
    assert twice["value"] == 0.75
    assert twice["industry"]["catering"] == pytest.approx(1.0 / 1.1), "limits hold after the factors"
    assert twice["industry"]["retail"]["low"] == pytest.approx(0.3)
    assert twice["industry"]["retail"]["maximum"] == pytest.approx(1.0 / 1.1)
    assert twice["size_factor"] == {"micro": 1.1}
    assert list(ColumnSpec.model_validate(twice).outside(0.0, 1.0)) == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_median_of_any_distribution_is_multiplied(kind):
    numbers = {
        "uniform": {"low": 1.0, "high": 3.0},
        "norm": {"mean": 2.0, "sd": 0.5},
        "lognorm": {"median": 2.0, "sigma": 0.5},
        "beta": {"a": 2.0, "b": 3.0},
        "triang": {"low": 1.0, "mode": 1.5, "high": 4.0},
        "gamma": {"mean": 2.0, "sd": 1.0},
        "expon": {"mean": 2.0},
        "weibull": {"scale": 2.0, "shape": 1.5},
        "truncnorm": {"mean": 2.0, "sd": 1.0, "low": 0.5, "high": 3.0},
        "quantiles": {"p": (0.0, 0.5, 1.0), "x": (1.0, 2.0, 5.0)},
        "choice": {"values": (1.0, 2.0, 4.0)},
    }
    distribution = KINDS[kind].model_validate({"dist": kind, **numbers[kind]})
    moved = KINDS[kind].model_validate(multiplied(distribution, 1.3, 0.0, math.inf))
    shares = np.array([0.1, 0.5, 0.9])
    assert moved.quantile(shares) == pytest.approx(1.3 * distribution.quantile(shares))


# --------------------------------------------------------------------------------------------------------------------------- worlds


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_shipped_scenario_has_worlds_and_they_hold_what_they_say(name):
    loaded = load_scenario(name)
    for world in draw_worlds(loaded, 3, fix_drawn=True):
        credit = world.scenario_of(loaded).scenario.credit
        assert credit.kappa == world.values["credit.kappa"]
        assert len(world.values) > 60


def test_a_world_depends_on_the_seed_and_on_nothing_else_that_is_asked():
    loaded = small()
    few, many = draw_worlds(loaded, 3), draw_worlds(loaded, 10)
    assert few == many[:3]
    assert draw_worlds(loaded, 3, seed=1) != few
    kappa = draw_worlds(loaded, 3, only=["credit.kappa"])
    assert [world.values["credit.kappa"] for world in kappa] == [world.values["credit.kappa"] for world in few]
    assert len({world.values["credit.kappa"] for world in many}) == 10


def test_worlds_follow_the_ranges():
    values = np.array([world.values["credit.kappa"] for world in draw_worlds(small(), 2000, only=["credit.kappa"])])
    low, high = entry("credit.kappa").range
    assert low <= values.min() < low + 0.01
    assert high - 0.02 < values.max() <= high
    assert np.median(values) == pytest.approx(0.85, abs=0.003), "the scenario's number, not the default's"


def test_a_lever_s_effect_is_the_same_fact_in_all_policies():
    loaded = small()
    world = draw_worlds(loaded, 1)[0]
    forbearance, both = world.scenario_of(loaded).scenario.policy
    assert forbearance.levers[0].kappa_lift == both.levers[1].kappa_lift
    # 0.2 and 0.12 are different medians of one range, met by the same luck
    share = world.shares["lending_forbearance.renewal_lift"]
    assert forbearance.levers[0].renewal_lift == pytest.approx(Span(0.0, 0.2, 0.7).at(share))
    assert both.levers[1].renewal_lift == pytest.approx(Span(0.0, 0.12, 0.7).at(share))


def test_levers_numbers_are_never_drawn_unless_asked_for():
    loaded = small()
    assert not any("take_up" in override for override in draw_worlds(loaded, 1)[0].overrides)
    world = draw_worlds(loaded, 1, only=["loan_renewal.take_up"])[0]
    assert [parse_override(override)[0] for override in world.overrides] == [("policy", "both", "levers", "0", "take_up")]


def test_policies_that_are_not_run_bring_nothing():
    plan = plan_run(small(), policies=[])
    assert not any(override.startswith("policy.") for override in draw_worlds(plan, 1)[0].overrides)


def test_what_the_scenario_draws_itself_stays_as_it_is_unless_asked_for():
    loaded = small()
    assert "credit.renewal" not in draw_worlds(loaded, 1)[0].values
    world = draw_worlds(loaded, 1, fix_drawn=True)[0]
    assert 0.88 < world.values["credit.renewal"] < 0.96
    assert world.scenario_of(loaded).scenario.credit.renewal == world.values["credit.renewal"]


def test_what_a_scenario_leaves_out_no_world_brings_in():
    names = {parameter.name for parameter in uncertain_parameters(small().scenario)}
    assert "shock.sales.scar" in names
    assert not {name for name in names if name.startswith(("shock.closure", "shock.costs", "contagion"))}


def test_a_number_carried_by_another_is_not_drawn_twice():
    names = {parameter.name for parameter in uncertain_parameters(small().scenario)}
    assert "adjust.cash_factor" in names
    assert "population.cash" not in names


def test_what_firms_have_in_common_of_the_fall_moves_with_or_without_the_fall():
    loaded = small()
    names = ["shock.sales.common", "shock.sales.depth"]
    alone = draw_worlds(loaded, 1, only=names[:1])[0].scenario_of(loaded).scenario.shock.sales.depth
    both = draw_worlds(loaded, 1, only=names)[0].scenario_of(loaded).scenario.shock.sales.depth
    assert alone.common == both.common != 0.3
    assert (alone.low, alone.high) == (0.2, 0.5)
    assert both.low / 0.2 == pytest.approx(both.high / 0.5)
    assert both.low != 0.2


def test_a_world_can_be_set_at_the_ends_of_ranges():
    loaded = small()
    parameters = uncertain_parameters(loaded.scenario, only=["credit.kappa", "shock.sales.depth"])
    low, high = world_at(parameters, {0: 0.0}), world_at(parameters, {0: 1.0, 1: 1.0})
    assert list(low.values) == [parameters[0].name]
    assert high.scenario_of(loaded).scenario.credit.kappa == high.values["credit.kappa"] == 1.0
    assert high.values["shock.sales.depth"] == 0.45
    assert isinstance(high, PossibleWorld)


def test_firms_are_drawn_again_only_where_a_world_moves_them():
    loaded = small()
    assert draw_worlds(loaded, 1)[0].changes_firms
    assert not draw_worlds(loaded, 1, only=["credit.kappa"])[0].changes_firms


def test_a_name_that_is_not_there_is_refused_with_the_likely_one():
    with pytest.raises(InputError) as caught:
        uncertain_parameters(small().scenario, only=["credit.kapa", "seed"])
    said = str(caught.value)
    assert "credit.kappa" in said
    assert "a choice" in said


@pytest.mark.parametrize(("lines", "said"), [('role = "guess"', "role is 'guess'"), ('role = "uncertainty"', "needs a range")])
def test_defaults_of_other_packages_are_declared_as_well(tmp_path, lines, said):
    file = tmp_path / "reference.toml"
    file.write_text(f'[strange_lever.size]\nvalue = 1.0\nunit = ""\nbasis = "assumption"\ntext = "x"\n{lines}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        add_entries(file)
