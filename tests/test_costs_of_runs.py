"""Costs of real runs: the accounts close over all sectors, and what the state pays is the same by two roads."""

import numpy as np
import pytest

from simsme.class_tables import classes_table
from simsme.cost_tables import costs_table
from simsme.costs import Costs, booked, expected_loss
from simsme.engine.accounts import SECTORS
from simsme.flow_of_funds import closure
from simsme.lever_entries import LEVER_ENTRIES, items_of
from simsme.outcomes import CLASSES, Outcomes
from simsme.runs import run
from simsme.scenario import parse_scenario
from simsme.survival import differences

SCENARIO = """
name = "money"
draws = 3
[population]
firms = 60
[time]
horizon_days = 182
report_days = [91]
[shock]

[[policy]]
name = "state"
levers = [
    { kind = "wage_subsidy", take_up = 1.0 },
    { kind = "grant", take_up = 1.0 },
    { kind = "tax_refund", take_up = 1.0 },
    { kind = "public_services", take_up = 1.0 },
]

[[policy]]
name = "later"
levers = [
    { kind = "tax_deferral", take_up = 1.0, until_day = 120 },
    { kind = "social_insurance_relief", take_up = 1.0, waived_share = 0.3, deferred_share = 0.5, until_day = 120 },
    { kind = "rent_relief", take_up = 1.0, waived_share = 0.5, state_share = 0.4 },
]

[[policy]]
name = "sales"
levers = [
    { kind = "large_firm_orders", take_up = 0.5, displacement_share = 0.25 },
    { kind = "fair_access", take_up = 0.5, sales_lift = 0.1, displacement_share = 1.0 },
    { kind = "digital_transformation", take_up = 0.5, sales_lift = 0.1, effect_days = 0, failure_odds = 0.0 },
]

[[policy]]
name = "banks"
levers = [
    { kind = "loan_renewal", take_up = 0.5 },
    { kind = "emergency_relending", take_up = 1.0, capital = 1e9 },
    { kind = "guarantee_fund", take_up = 1.0, capital = 1e9 },
]
"""


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return run(parse_scenario(SCENARIO, "money.toml"), engine="numpy", jobs=1).outcomes


def test_nothing_appears_and_nothing_is_lost(outcomes: Outcomes) -> None:
    gaps, costs = closure(outcomes), Costs(outcomes)
    assert gaps.draw < 1e-9
    off = differences(sum(expected_loss(outcomes, sector) for sector in SECTORS), outcomes.reference_index)
    total = sum(costs.wealth_change(sector) for sector in SECTORS)
    assert np.all(np.abs(total + off) <= 1e-12 * np.abs(outcomes.flows).sum(axis=-1))


def test_what_the_state_pays_by_another_road(outcomes: Outcomes) -> None:
    """All it gives for good, what it waives, what it loses more and must expect to lose: so much less wealth, its return apart."""
    given = booked(outcomes, tuple(item for item in items_of("outlay") if LEVER_ENTRIES[item].payer == "government"))
    given = given - booked(outcomes, ("public_advances",)) + booked(outcomes, ("compensation_paid", "social_waived"))
    lost = differences(booked(outcomes, ("lost_by_government",)) + expected_loss(outcomes, "government"), outcomes.reference_index)
    scale = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(Costs(outcomes).by_payer["government"] - given - lost) <= 1e-11 * scale)
    assert given[outcomes.policy_index("state")].min() > 0.0


def test_what_landlords_pay_by_another_road(outcomes: Outcomes) -> None:
    lost = differences(booked(outcomes, ("lost_by_landlords",)), outcomes.reference_index)
    waived = booked(outcomes, ("rent_waived",)) - booked(outcomes, ("rent_compensation",))
    scale = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(Costs(outcomes).by_payer["landlords"] - waived - lost) <= 1e-11 * scale)


def test_money_stands_under_the_levers_that_move_it(outcomes: Outcomes) -> None:
    table = costs_table(outcomes).query("day == 182").set_index(["policy", "item"])
    moved = {
        ("state", "wage_subsidies"): "wage_subsidy",
        ("state", "grants"): "grant",
        ("state", "tax_refunds"): "tax_refund",
        ("state", "overheads_subsidised"): "public_services",
        ("later", "tax_deferred"): "tax_deferral",
        ("later", "social_waived"): "social_insurance_relief",
        ("later", "rent_compensation"): "rent_relief",
        ("sales", "order_sales"): "large_firm_orders",
        ("sales", "lifted_sales"): "digital_transformation + fair_access",
        ("banks", "rolled_principal"): "loan_renewal",
        ("banks", "advance_lent"): "emergency_relending",
    }
    for place, levers in moved.items():
        assert table.loc[place, "mean"] > 0.0, place
        assert table.loc[place, "levers"] == levers
    # nothing that levers bring about is booked without one that does
    without = table[(table["levers"] == "") & table.index.get_level_values("item").isin(LEVER_ENTRIES)]
    assert (without["mean"] == 0.0).all()


def test_half_of_the_sales_lifted_are_other_firms(outcomes: Outcomes) -> None:
    """Fair access takes them all from others, digital firms none; both offer as much to as many."""
    shares = {item: values[outcomes.policy_index("sales")] for item, values in outcomes.displaced.items()}
    assert shares["order_sales"] == pytest.approx(0.25) and shares["lifted_sales"] == pytest.approx(0.5)
    assert not outcomes.displaced["order_sales"][outcomes.policy_index("banks")].any()


def test_groups_add_up_to_all_firms(outcomes: Outcomes) -> None:
    table = classes_table(outcomes)
    assert set(table["column"]) == {"all", "industry", "size", "loan_due", "runway_decile"}
    everyone = table[table["column"] == "all"].set_index(["policy", "day"])
    for _, groups in table[table["column"] != "all"].groupby("column"):
        for measure in (*CLASSES, "zombie"):
            total = (groups[measure] * groups["firms"]).groupby([groups["policy"], groups["day"]]).sum() / outcomes.weight
            assert total.to_numpy() == pytest.approx(everyone[measure].sort_index().to_numpy(), abs=1e-12)
        paid = groups.groupby(["policy", "day"])["support"].sum()
        assert paid.to_numpy() == pytest.approx(everyone["support"].sort_index().to_numpy())
    assert everyone.loc[("state", 182.0), "deadweight"] > 0.5
