"""Costs of real runs: the accounts close over all sectors, and what the state pays is the same by two roads."""

import numpy as np
import pytest

from simsme.class_tables import classes_table
from simsme.cost_tables import costs_table
from simsme.costs import Costs, booked, expected_loss
from simsme.engine.accounts import BALANCES, ITEMS, SECTORS
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
[shock.payment]
bad_debt_share = 0.05

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
    { kind = "digital_transformation", take_up = 0.5, sales_lift = 0.1, effect_days = 98, failure_odds = 0.0 },
]

[[policy]]
name = "banks"
levers = [
    { kind = "loan_renewal", take_up = 0.5 },
    { kind = "emergency_relending", take_up = 1.0, capital = 1e9 },
    { kind = "guarantee_fund", take_up = 1.0, capital = 1e9 },
]

[[policy]]
name = "stakes"
levers = [
    { kind = "growth_fund", name = "equity", take_up = 0.5, min_margin = 0.0, sales_share = 0.05 },
    { kind = "growth_fund", name = "loans", take_up = 0.5, instrument = "advance", min_margin = 0.0, advance_days = 120 },
    { kind = "receivables_finance", take_up = 1.0, recourse = 0.2 },
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
    given = given - outcomes.still_open["equity"]
    lost = differences(booked(outcomes, ("lost_by_government",)) + expected_loss(outcomes, "government"), outcomes.reference_index)
    scale = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(Costs(outcomes).by_payer["government"] - given - lost) <= 1e-11 * scale)
    assert given[outcomes.policy_index("state")].min() > 0.0


def test_what_landlords_pay_by_another_road(outcomes: Outcomes) -> None:
    lost = differences(booked(outcomes, ("lost_by_landlords",)), outcomes.reference_index)
    waived = booked(outcomes, ("rent_waived",)) - booked(outcomes, ("rent_compensation",))
    scale = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(Costs(outcomes).by_payer["landlords"] - waived - lost) <= 1e-11 * scale)


@pytest.mark.parametrize(
    ("policy", "joined", "paid", "is_open"),
    [
        ("later", ("tax_deferred", "social_deferred"), "deferred_paid", "put_off"),
        ("stakes", ("public_advances",), "public_advances_repaid", "advances"),
    ],
)
def test_what_the_state_waits_for_is_paid_open_or_lost(
    outcomes: Outcomes, policy: str, joined: tuple[str, ...], paid: str, is_open: str
) -> None:
    place = outcomes.policy_index(policy)
    put_off, back = booked(outcomes, joined)[place], booked(outcomes, (paid,))[place]
    left = outcomes.still_open[is_open][place]
    lost = put_off - back - left
    # on day 91 nothing is due yet; on day 182 all of it was
    assert (lost >= -1e-9 * put_off).all() and (lost <= booked(outcomes, ("lost_by_government",))[place] + 1e-9 * put_off).all()
    assert (left[:, 0] > 0.9 * (put_off - lost)[:, 0]).all() and (left[:, 1] < 0.5 * put_off[:, 1]).all()
    owed = outcomes.balances[..., BALANCES.index("owed_government")][place]
    assert (left <= owed).all()
    others = [p for p in range(len(outcomes.policies)) if p != place]
    assert not outcomes.still_open[is_open][others].any() and not booked(outcomes, (paid,))[others].any()


def test_equity_is_worth_what_is_expected_of_it(outcomes: Outcomes) -> None:
    place = outcomes.policy_index("stakes")
    paid_in, there = booked(outcomes, ("public_equity",))[place], outcomes.still_open["equity"][place]
    valued = there - outcomes.exposure_loss_state[place]
    assert (there <= paid_in).all() and (there[:, 1] < paid_in[:, 1]).any() and (valued > 0.3 * paid_in).all() and (valued < there).all()


def test_financiers_are_expected_to_lose_what_they_then_lose(outcomes: Outcomes) -> None:
    place = outcomes.policy_index("stakes")
    lent = outcomes.balances[place, :, :, BALANCES.index("owed_financiers")]
    expected = outcomes.exposure_loss_financiers[place]
    assert (expected > 0.0).any() and (expected <= 0.1 * lent).all()
    assert not np.delete(outcomes.exposure_loss_financiers, place, axis=0).any()


def test_support_counts_up_to_its_day(outcomes: Outcomes) -> None:
    """What a run that ends on day 91 says of support is what a longer one says of day 91."""
    short = run(parse_scenario(SCENARIO.replace("horizon_days = 182", "horizon_days = 91"), "money.toml"), engine="numpy", jobs=1).outcomes
    for name, groups in outcomes.group_support.items():
        # groups by whether a loan falls due within the run, and the same groups of everything else
        same = [g for g, (column, _) in enumerate(outcomes.group_names) if column != "loan_due"]
        assert groups[:, :, 0][..., same] == pytest.approx(short.group_support[name][:, :, 0][..., same], rel=1e-12)
        assert (groups[:, :, 1] >= groups[:, :, 0] * (1.0 - 1e-12)).all() or name == "deadweight"
    paid = outcomes.group_support["paid"].sum(axis=-1)
    assert (paid[outcomes.policy_index("state"), :, 1] > 1.02 * paid[outcomes.policy_index("state"), :, 0]).all()


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
        ("stakes", "public_equity"): "growth_fund:equity",
        ("stakes", "equity"): "growth_fund:equity",
        ("stakes", "public_advances_repaid"): "growth_fund:loans",
        ("later", "deferred_paid"): "social_insurance_relief + tax_deferral",
        ("later", "put_off"): "social_insurance_relief + tax_deferral",
        ("banks", "rolled_principal"): "loan_renewal",
        ("banks", "advance_lent"): "emergency_relending",
    }
    for place, levers in moved.items():
        assert table.loc[place, "mean"] > 0.0, place
        assert table.loc[place, "levers"] == levers
    # nothing that levers bring about is booked without one that does
    without = table[(table["levers"] == "") & table.index.get_level_values("item").isin(LEVER_ENTRIES)]
    assert (without["mean"] == 0.0).all()


def test_part_of_the_sales_lifted_are_other_firms(outcomes: Outcomes) -> None:
    """Fair access takes them all from others, digital firms none.

    Digital firms gain by as much of their sales, but from day 98 on only: by day 91 all are fair access's, by day 182 fair access had 182
    days and digital firms 91 (steps of seven days that end on day 98 or later), so that two thirds are.
    """
    shares = {item: values[outcomes.policy_index("sales")] for item, values in outcomes.displaced.items()}
    assert tuple(outcomes.report_days) == (91.0, 182.0)
    assert shares["order_sales"] == pytest.approx(0.25)
    assert np.allclose(shares["lifted_sales"], [1.0, 2 / 3], rtol=1e-12)
    assert not outcomes.displaced["order_sales"][outcomes.policy_index("banks")].any()
    lifted = outcomes.flows[outcomes.policy_index("sales"), :, :, ITEMS.index("lifted_sales")]
    assert np.all(lifted[:, 0] > 0.0) and np.all(lifted[:, 1] > 2.0 * lifted[:, 0])


def test_levers_for_few_firms_bring_few_of_the_sales(outcomes: Outcomes) -> None:
    """As much to every firm of an industry from one lever as to every firm from another: the share is that of the industry's sales."""
    text = (
        SCENARIO[: SCENARIO.index("[[policy]]")]
        + """
[[policy]]
name = "sales"
levers = [
    { kind = "fair_access", take_up = 1.0, sales_lift = 0.1, displacement_share = 1.0, industries = ["retail"], observation_noise = 0.5 },
    { kind = "fair_access", name = "all", take_up = 1.0, sales_lift = 0.1, displacement_share = 0.0 },
]
"""
    )
    found = run(parse_scenario(text, "money.toml"), engine="numpy", jobs=1).outcomes
    firms = found.firms
    sales = firms.weight * firms.sales
    retail = float(sales[firms.industry == firms.industry_names.index("retail")].sum() / sales.sum())
    assert 0.0 < retail < 1.0
    assert np.allclose(found.displaced["lifted_sales"][found.policy_index("sales")], retail / (1.0 + retail), rtol=1e-12)


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
