"""Cost tables: who pays, that money never appears, what belongs to which lever, and that all of it is scaled alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from simsme.cost_tables import COST_COLUMNS, costs_table
from simsme.costs import Costs, expected_loss, open_claims, wealth
from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS, MEMORANDA, SECTORS
from simsme.engine.terms import Terms
from simsme.flow_of_funds import CLAIMS, closure, sector_claims, sector_flows
from simsme.lever_entries import LEVER_ENTRIES, PARTS, PAYERS, items_of, levers_behind
from simsme.levers import kinds
from simsme.outcomes import LeverName, Outcomes
from tests.synthetic_money import LEVERS, blank, booked, costly, with_levers
from tests.synthetic_outcomes import synthetic_outcomes


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return costly()


@pytest.fixture(scope="module")
def table(outcomes: Outcomes) -> pd.DataFrame:
    return costs_table(outcomes)


def row(table: pd.DataFrame, policy: str, part: str, item: str = "", sector: str | None = None, day: float = 364.0) -> pd.Series:
    chosen = table[(table["policy"] == policy) & (table["part"] == part) & (table["day"] == day)]
    chosen = chosen[(chosen["item"] == item) & ((chosen["sector"] == sector) if sector else True)]
    assert len(chosen) == 1, (policy, part, item, sector)
    return chosen.iloc[0]


# ------------------------------------------------------------------------------------------------------------ entries and levers


def test_every_entry_of_levers_is_in_the_chart_of_accounts() -> None:
    assert set(LEVER_ENTRIES) <= set(ITEMS)
    for item, entry in LEVER_ENTRIES.items():
        assert entry.part in PARTS and set(entry.terms) <= set(Terms._fields)
        if item in ENTRIES and entry.part in ("outlay", "claims"):
            assert ENTRIES[item].payer == entry.payer
        if item in ENTRIES and entry.part in ("repaid", "fees"):
            assert ENTRIES[item].payee == entry.payer
    assert set(MEMORANDA) <= set(LEVER_ENTRIES)


def test_whatever_a_payer_pays_out_under_levers_is_counted() -> None:
    """All that a payer other than banks pays is paid under levers, and is in a table of costs."""
    paid = {item for item, entry in ENTRIES.items() if entry.kind == "flow" and entry.payer in set(PAYERS) - {"banks"}}
    assert paid == set(items_of("outlay")) | set(items_of("claims"))


def test_every_lever_that_moves_money_is_behind_an_entry() -> None:
    known = {term for entry in LEVER_ENTRIES.values() for term in entry.terms}
    for kind in ("wage_subsidy", "tax_refund", "grant", "rent_relief", "loan_renewal", "guarantee_fund", "emergency_relending"):
        lever = kinds()[kind]()
        assert {name for part in lever.parts() for name in part.terms} & known, kind


def test_levers_whose_money_cannot_be_told_apart_stand_together(table: pd.DataFrame) -> None:
    assert row(table, "all", "outlay", "wage_subsidies")["levers"] == "wage_subsidy"
    assert row(table, "all", "outlay", "grants")["levers"] == "grant:needy + grant:small"
    assert row(table, "all", "outlay", "programme_costs")["levers"] == "credit_information + training"
    assert row(table, "subsidy", "outlay", "grants")["levers"] == ""
    assert row(table, "none", "outlay", "wage_subsidies")[["mean", "mc_error", "levers"]].tolist() == [0.0, 0.0, ""]
    mine = (LeverName("p", "somebodys_own", "somebodys_own", ("wage_subsidy",)),)
    assert levers_behind("wage_subsidies", "p", mine) == ("somebodys_own",)
    assert levers_behind("wage_subsidies", "q", mine) == ()


# ---------------------------------------------------------------------------------------------------------------------- closure


def test_money_never_appears(outcomes: Outcomes) -> None:
    """What all sectors gain and lose, firms and households among them, adds up to what expected losses take off, in every draw."""
    assert closure(outcomes).draw < 1e-12
    costs = Costs(outcomes)
    valued = sum(expected_loss(outcomes, sector) for sector in SECTORS)
    off = valued - valued[outcomes.reference_index]
    total = sum(costs.wealth_change(sector) for sector in SECTORS)
    size = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(total + off) <= 1e-12 * size)
    assert np.abs(off).max() > 0.0


def test_claims_and_flows_of_all_sectors_cancel(outcomes: Outcomes) -> None:
    assert set(CLAIMS) | {"firms", "customers", "other_buyers", "central_bank"} == set(SECTORS)
    size = np.abs(outcomes.flows).sum(axis=-1)
    assert np.all(np.abs(sum(sector_flows(outcomes, sector) for sector in SECTORS)) <= 1e-13 * size)
    assert np.all(np.abs(sum(sector_claims(outcomes, sector) for sector in SECTORS)) <= 1e-13 * size)
    with pytest.raises(ValueError, match="no sector 'martians'"):
        sector_claims(outcomes, "martians")


def test_what_firms_gain_the_rest_of_the_world_pays(outcomes: Outcomes) -> None:
    """A grant of 4 million and wages of 3 million leave the state 7 million poorer and firms 7 million richer, and nobody else."""
    costs = Costs(booked(blank(), 1, {"grants": 4e6, "wage_subsidies": 3e6}))
    gains = {sector: costs.wealth_change(sector)[1, 0, 0] for sector in SECTORS}
    assert gains.pop("firms") == 7e6 and gains.pop("government") == -7e6
    assert set(gains.values()) == {0.0}


# -------------------------------------------------------------------------------------------------------------- cost by payer


def cost_of(amounts: dict[str, float], **losses: float) -> dict[str, float]:
    """Cost to each payer of what is booked under the policy only, where it is not 0."""
    outcomes = booked(blank(), 1, amounts)
    for name, loss in losses.items():
        values = getattr(outcomes, name).copy()
        values[1] = loss
        outcomes = replace(outcomes, **{name: values})
    return {payer: float(cost[1, 0, 0]) for payer, cost in Costs(outcomes).by_payer.items() if cost[1, 0, 0]}


@pytest.mark.parametrize(
    ("amounts", "losses", "costs"),
    [
        ({"wage_subsidies": 5.0, "tax_refunds": 1.0}, {}, {"government": 6.0}),
        # repayable: nothing but what must be expected to be lost of it, or was lost
        ({"public_advances": 5.0}, {"exposure_loss_state": 0.5}, {"government": 0.5}),
        ({"public_advances": 5.0, "tax_paid": 4.0, "lost_by_government": 1.0}, {}, {"government": 1.0}),
        # deferred and paid, deferred and open, deferred and lost
        ({"tax_deferred": 9.0}, {}, {}),
        ({"social_deferred": 9.0, "people_expense": 9.0}, {"exposure_loss_state": 1.0}, {"government": 1.0}),
        # waived: whoever waives pays, but for what the state makes good
        ({"rent_waived": 8.0, "rent_expense": -8.0, "rent_compensation": 3.0}, {}, {"government": 3.0, "landlords": 5.0}),
        ({"social_waived": 8.0, "social_paid": -8.0}, {}, {"government": 8.0}),
        # the state pays the bank for a firm: no cost of the bank
        ({"interest_expense": 4.0, "interest_subsidised": 4.0}, {}, {"government": 4.0, "banks": -4.0}),
        ({"rate_relief": 4.0, "interest_expense": 4.0}, {}, {"central_bank": 4.0, "banks": -4.0}),
        # a bank's loss, and who makes it good
        ({"bank_lent": 10.0, "lost_by_banks": 10.0, "claims_paid": 7.0}, {}, {"banks": 3.0, "funds": 7.0}),
        ({"bank_lent": 10.0, "lost_by_banks": 10.0, "compensation_paid": 6.0}, {}, {"banks": 4.0, "government": 6.0}),
        ({"bank_lent": 10.0}, {"exposure_loss": 2.0}, {"banks": 2.0}),
        # an advance that comes back with its fee
        ({"advance_lent": 10.0, "fund_fees_expense": 1.0, "advance_repaid": 10.0, "fund_fees_paid": 1.0}, {}, {"funds": -1.0}),
        ({"advance_lent": 10.0, "lost_by_funds": 4.0, "estate_funds": 6.0}, {}, {"funds": 4.0}),
        # receivables
        ({"receivables_lent": 9.0, "discount_expense": 1.0, "receivables_repaid": 8.0, "lost_by_financiers": 2.0}, {}, {"financiers": 1.0}),
        # work that is paid for
        ({"programme_costs": 2.0}, {}, {"government": 2.0}),
        ({"overheads_expense": 5.0, "overheads_subsidised": 5.0}, {}, {"government": 5.0}),
    ],
)
def test_cost_to_each_payer(amounts: dict[str, float], losses: dict[str, float], costs: dict[str, float]) -> None:
    assert cost_of(amounts, **losses) == pytest.approx(costs)


def test_taxes_and_rents_of_firms_that_live_on_stand_apart() -> None:
    amounts = {"tax_expense": 5.0, "tax_paid": 4.0, "vat_in": 2.0, "rent_expense": 3.0, "rent_paid": 3.0, "grants": 6.0}
    costs = Costs(booked(blank(), 1, amounts))
    assert costs.returns["government"][1, 0, 0] == 7.0 and costs.returns["landlords"][1, 0, 0] == 3.0
    assert costs.net[1, 0, 0] == 6.0
    assert costs.wealth_change("government")[1, 0, 0] == 7.0 - 6.0


def test_a_waiver_is_no_return() -> None:
    """The state waives what firms that live on would have owed: both sides show."""
    costs = Costs(booked(blank(), 1, {"social_waived": 4.0}))
    assert costs.returns["government"][1, 0, 0] == 4.0
    assert costs.by_payer["government"][1, 0, 0] == 4.0


def test_net_cost_is_the_sum_over_payers(outcomes: Outcomes, table: pd.DataFrame) -> None:
    costs = Costs(outcomes)
    assert costs.net == pytest.approx(sum(costs.by_payer.values()))
    for policy in outcomes.policies:
        by_payer = [row(table, policy, "net_cost", sector=payer)["mean"] for payer in PAYERS]
        assert row(table, policy, "net_cost", sector="all")["mean"] == pytest.approx(sum(by_payer), abs=1e-6)
    assert not costs.net[outcomes.reference_index].any()


# ------------------------------------------------------------------------------------------------------------------------ tables


def test_the_table_is_tidy(outcomes: Outcomes, table: pd.DataFrame) -> None:
    assert tuple(table.columns) == COST_COLUMNS
    assert not table.duplicated(["policy", "day", "part", "item", "sector"]).any()
    assert set(table["part"]) >= {"outlay", "foregone", "carried", "displaced_sales", "net_cost", "return", "wealth_change", "losses"}
    # what nobody booked under any policy is left out
    assert not (table["item"] == "advance_lent").any()
    assert table.loc[table["part"] == "wealth_change", "sector"].nunique() == len(SECTORS)


def test_rows_are_what_was_booked(outcomes: Outcomes, table: pd.DataFrame) -> None:
    amounts = outcomes.flows[4, :, 2, ITEMS.index("grants")]
    found = row(table, "all", "outlay", "grants")
    assert found["mean"] == pytest.approx(amounts.mean()) and found["sector"] == "government"
    gap = open_claims(outcomes, "government")[4, :, 2]
    assert row(table, "all", "open_claims", "owed_government")["mean"] == pytest.approx(gap.mean())
    assert gap.mean() == pytest.approx(8e5)
    assert row(table, "relief", "foregone", "rent_waived")["sector"] == "landlords"


def test_sales_that_others_lose_are_a_share_of_those_gained(outcomes: Outcomes, table: pd.DataFrame) -> None:
    assert row(table, "orders", "displaced_sales", "order_sales")["mean"] == pytest.approx(0.25 * 5e6)
    assert row(table, "orders", "displaced_sales", "lifted_sales")["mean"] == pytest.approx(2e6)
    assert row(table, "orders", "displaced_sales", "lifted_sales")["levers"] == "fair_access"
    assert Costs(outcomes).displaced_sales[3, 0, 0] == pytest.approx(3.25e6)
    # sales are nobody's payment for a lever
    assert row(table, "orders", "net_cost", sector="all")["mean"] < 1e6


def test_all_is_scaled_by_weights_and_per_firm_by_their_sum(outcomes: Outcomes, table: pd.DataFrame) -> None:
    assert np.all(np.isclose(table["per_firm"] * outcomes.weight, table["mean"]))
    many = {name: 50.0 * getattr(outcomes, name) for name in ("flows", "balances", "opening", "weight", "jobs")}
    many |= {name: 50.0 * getattr(outcomes, name) for name in ("exposure_loss", "exposure_loss_funds", "exposure_loss_state")}
    scaled = costs_table(replace(outcomes, **many))
    assert scaled["mean"].to_numpy() == pytest.approx(50.0 * table["mean"].to_numpy(), rel=1e-9, abs=1e-3)
    assert scaled["per_firm"].to_numpy() == pytest.approx(table["per_firm"].to_numpy(), rel=1e-9, abs=1e-3)
    one, fifty = Costs(outcomes).per_firm_saved(1, 2), Costs(replace(outcomes, **many)).per_firm_saved(1, 2)
    assert one.value == pytest.approx(fifty.value) and one.low == pytest.approx(fifty.low)


def test_wealth_of_firms_is_cash_and_what_they_are_owed_less_what_they_owe(outcomes: Outcomes) -> None:
    held = {name: outcomes.balances[..., BALANCES.index(name)] for name in BALANCES}
    owed = sum(values for name, values in held.items() if name.startswith("owed_"))
    opening = outcomes.opening[None, :, None, BALANCES.index("cash")]
    assert wealth(outcomes, "firms") == pytest.approx(held["cash"] - opening + held["receivables"] - owed)


def test_without_levers_by_name_the_table_has_no_names() -> None:
    outcomes = with_levers(synthetic_outcomes(draws=2, firms=20), {})
    assert set(costs_table(outcomes)["levers"]) == {""}
    assert set(LEVERS) == {"subsidy", "relief", "orders", "all"}
