"""Levers of finance: known answers worked out by hand in the comment of each test, and each lever beside the one nearest to it.

The firms sell 1,000 a day, or nothing under a shock that takes all sales. A month is 365/12 = 30.41667 days; the interest day is 21: a
loan's interest of 10 a day is 304.1667 on days 21, 51.4167, 81.8333, 112.25 and 142.6667.
"""

from typing import Any

import numpy as np
import pytest

from simsme.levers import (
    CreditInformation,
    DebtDeferral,
    GrowthFund,
    GuaranteeFund,
    InterestSubsidy,
    LoanRenewal,
    PromptPayment,
    ReceivablesFinance,
    RelendingFacility,
    RiskCompensation,
    StreamlinedService,
)
from simsme.levers.lever import Lever
from simsme.policy import Policy
from tests.worlds_for_tests import NO_SALES, Film, bare_firm, film, still_world

MONTH = 365.0 / 12.0
DAILY = {"step_days": 1, "horizon_days": 154, "headline_day": 91}
EARLIER_INTEREST = 10.0 * MONTH


def policy(name: str, *levers: Lever) -> Policy:
    """A policy of these levers."""
    return Policy(name=name, levers=levers)


def watched(firms: list[dict[str, Any]], *policies: Policy, **tables: Any) -> Film:
    """A still world in steps of a day, run and filmed; policy 0 is that of no levers."""
    return film(still_world(firms, policies, **{"time": DAILY} | tables))


def exit_day(filmed: Film, at: int, firm: int = 0) -> float:
    """Day on which a firm leaves under a policy; infinite where it stays."""
    return float(filmed.day_of(filmed.lives.exit_step[at, 0])[firm])


def cash_out_day(filmed: Film, at: int, firm: int = 0) -> float:
    """Day on which a firm is short of cash for the first time."""
    return float(filmed.day_of(filmed.lives.cash_out_step[at, 0])[firm])


def booked_on(filmed: Film, item: str, at: int) -> dict[float, float]:
    """What was booked under a name by the first firm, by the day on which the step ends; nothing where it was 0."""
    found = {}
    for clock, step in zip(filmed.block.steps, filmed.booked[at], strict=True):
        amount = float(np.ravel(step.get(item, 0.0))[0])
        if abs(amount) > 1e-9:
            found[clock.b] = amount
    return found


# ------------------------------------------------------------------------------------------------------------------ debt_deferral

OWES = bare_firm(cash=50_000.0, loan=100_000.0, loan_due_day=40.0)
"""Cannot repay its loan."""

NO_RENEWAL = {"renewal": 0.0, "grace_days": 30.0}


def test_a_deferred_loan_falls_due_on_its_new_day_and_the_firm_fails_that_much_later() -> None:
    # 100,000 fall due on day 40; there are 50,000, nobody lends, and nothing is sold or spent. Without the lever the loan is overdue on
    # day 40 and the firm fails 30 days of grace later, on day 70. Put off to day 120 it fails on day 150: the cliff.
    deferral = policy("deferral", DebtDeferral(take_up=1.0, until_day=120.0, interest_share=0.0))
    filmed = watched([OWES], deferral, shock=NO_SALES, credit=NO_RENEWAL)
    assert [exit_day(filmed, at) for at in (0, 1)] == [70.0, 150.0]
    assert [cash_out_day(filmed, at) for at in (0, 1)] == [40.0, 120.0]
    assert booked_on(filmed, "deferred_principal", 1) == {40.0: 100_000.0}


def test_a_deferral_that_ends_before_the_loan_falls_due_changes_nothing() -> None:
    # The day to which it moves, 40, is not after the due day, 40.
    deferral = policy("deferral", DebtDeferral(take_up=1.0, until_day=40.0, interest_share=0.0))
    filmed = watched([OWES], deferral, shock=NO_SALES, credit=NO_RENEWAL)
    assert exit_day(filmed, 1) == exit_day(filmed, 0) == 70.0
    assert booked_on(filmed, "deferred_principal", 1) == {}


def test_deferred_interest_is_due_at_once_on_the_day() -> None:
    # Half of the four payments of 304.17 before day 120 is put off: 152.08 each, 608.33 on day 120. From then on it is paid in full.
    firm = bare_firm(cash=500_000.0, loan=100_000.0, loan_rate=0.0365, loan_due_day=10_000.0)
    deferral = policy("deferral", DebtDeferral(take_up=1.0, until_day=120.0, interest_share=0.5))
    filmed = watched([firm], deferral, shock=NO_SALES)
    half = EARLIER_INTEREST / 2.0
    assert booked_on(filmed, "interest_deferred", 1) == pytest.approx({21.0: half, 52.0: half, 82.0: half, 113.0: half})
    paid = booked_on(filmed, "interest_paid", 1)
    assert {day: paid[day] for day in paid if day < 150.0} == pytest.approx(
        {21.0: half, 52.0: half, 82.0: half, 113.0: half, 120.0: 4.0 * half, 143.0: 2.0 * half}
    )
    assert filmed.total("interest_paid", 1) == pytest.approx(filmed.total("interest_paid", 0))


def test_nothing_is_left_to_renew_until_the_day_of_the_deferral() -> None:
    # Renewal alone rolls the loan over on day 40; beside a deferral, on day 120, to which it was put off. The firm lives the same life:
    # either way nothing is due.
    renewal = LoanRenewal(take_up=1.0)
    deferral = DebtDeferral(take_up=1.0, until_day=120.0, interest_share=0.0)
    both = policy("both", renewal, deferral)
    filmed = watched([OWES], policy("renewal", renewal), both, shock=NO_SALES, credit=NO_RENEWAL)
    assert booked_on(filmed, "rolled_principal", 1) == {40.0: 100_000.0}
    assert booked_on(filmed, "rolled_principal", 2) == {120.0: 100_000.0}
    assert [exit_day(filmed, at) for at in (1, 2)] == [np.inf, np.inf]
    np.testing.assert_array_equal(filmed.after(154.0, 1).cash, filmed.after(154.0, 2).cash)


# -------------------------------------------------------------------------------------------------------------- interest_subsidy

PAYS_INTEREST = bare_firm(cash=500_000.0, loan=100_000.0, loan_rate=0.0365, loan_due_day=10_000.0)


def test_the_state_pays_its_share_of_the_interest_that_falls_due() -> None:
    # A quarter of 304.17 is 76.04, five times from day 21 to day 142.67: 380.21 from the state, three times that from the firm.
    filmed = watched([PAYS_INTEREST], policy("subsidy", InterestSubsidy(take_up=1.0, subsidy_share=0.25)), shock=NO_SALES)
    assert filmed.total("interest_subsidised", 1)[0, 0] == pytest.approx(380.2083333)
    assert filmed.total("interest_paid", 1)[0, 0] == pytest.approx(3.0 * 380.2083333)
    assert filmed.total("interest_paid", 0)[0, 0] == pytest.approx(4.0 * 380.2083333)
    assert filmed.after(154.0, 1).cash[0, 0] - filmed.after(154.0, 0).cash[0, 0] == pytest.approx(380.2083333)


def test_interest_that_is_put_off_is_subsidised_when_it_is_due() -> None:
    # All interest to day 120 is put off: the state pays nothing before, and a quarter of the four payments then: 304.17.
    levers = (InterestSubsidy(take_up=1.0, subsidy_share=0.25), DebtDeferral(take_up=1.0, until_day=120.0, interest_share=1.0))
    filmed = watched([PAYS_INTEREST], policy("both", *levers), shock=NO_SALES)
    subsidised = booked_on(filmed, "interest_subsidised", 1)
    assert min(subsidised) == 120.0
    assert subsidised[120.0] == pytest.approx(EARLIER_INTEREST)


# ----------------------------------------------------------------------------------------------------------- receivables_finance

SELLS_ON_CREDIT = bare_firm(credit_sales_share=1.0, receivable_days=60.0, payroll=365_000.0)
"""Is owed 60,000 at all times, of which 1,000 come in each day, and pays 30,416.67 on days 15, 45.42, ..."""

FINANCE = ReceivablesFinance(
    take_up=1.0, confirmed_share=0.5, advance_share=0.8, receivables_discount=0.073, receivables_fee=0.01, recourse=1.0
)


def test_receivables_fill_a_gap_at_a_discount_and_repay_themselves() -> None:
    # On day 15 there are 15,000 and 30,416.67 fall due: 15,416.67 are short. 0.5 * 0.8 * 60,000 = 24,000 can be financed, at
    # 0.01 + 0.073 * 60 / 365 = 0.022: 23,472 of cash, enough. Owed: 15,416.67 / 0.978 = 15,763.46, of which 346.80 is the discount. Each
    # day 1,000 of the 61,000 that are outstanding come in, and with them 1/61 of what is owed.
    filmed = watched([SELLS_ON_CREDIT], policy("finance", FINANCE))
    gap = 30_416.0 + 2.0 / 3.0 - 15_000.0
    assert [cash_out_day(filmed, at) for at in (0, 1)][0] == 15.0
    assert booked_on(filmed, "receivables_lent", 1)[15.0] == pytest.approx(gap)
    assert booked_on(filmed, "discount_expense", 1)[15.0] == pytest.approx(gap * 0.022 / 0.978)
    assert filmed.after(15.0, 1).factored[0, 0] == pytest.approx(gap / 0.978)
    assert booked_on(filmed, "receivables_repaid", 1)[16.0] == pytest.approx(gap / 0.978 / 61.0)
    assert filmed.after(16.0, 1).factored[0, 0] == pytest.approx(gap / 0.978 * 60.0 / 61.0)
    assert cash_out_day(filmed, 1) > 15.0
    assert filmed.after(15.0, 0).arrears.people[0, 0] == pytest.approx(gap)
    assert filmed.after(15.0, 1).arrears.people[0, 0] == pytest.approx(0.0, abs=1e-9)


def test_bad_debt_is_the_financiers_without_recourse_and_the_firms_with_it() -> None:
    # A tenth of what matures is never paid. Without recourse a tenth of what ends of the advance is the financier's loss, with it nothing.
    bad = {"duration_days": 3650.0, "payment": {"receivable_stretch": 1.0, "bad_debt_share": 0.1}}
    policies = [policy(f"recourse-{share:g}", FINANCE.model_copy(update={"recourse": share})) for share in (0.0, 1.0)]
    filmed = watched([SELLS_ON_CREDIT], *policies, shock=bad)
    lost, repaid = filmed.total("lost_by_financiers", 1)[0, 0], filmed.total("receivables_repaid", 1)[0, 0]
    assert lost > 0.0
    assert lost == pytest.approx(0.1 * (lost + repaid))
    assert filmed.total("lost_by_financiers", 2)[0, 0] == 0.0


# ---------------------------------------------------------------------------------------------------------------- prompt_payment


def test_prompt_buyers_release_a_stock_of_cash() -> None:
    # Customers pay after 90 days; half of them must after 60: 75 on average. Of 90,000 outstanding 15,000 come in over time: by day t
    # 15,000 (1 - exp(-t / 75)) more cash than without, 10,541.89 by day 91.
    firm = bare_firm(credit_sales_share=1.0, receivable_days=90.0, cash=1.0)
    filmed = watched([firm], policy("prompt", PromptPayment(take_up=1.0, buyer_share=0.5, payment_days=60.0)))
    for day in (30.0, 91.0, 154.0):
        gained = filmed.after(day, 1).cash[0, 0] - filmed.after(day, 0).cash[0, 0]
        assert gained == pytest.approx(15_000.0 * (1.0 - np.exp(-day / 75.0)))


def test_a_firm_whose_customers_pay_sooner_gains_nothing_by_prompt_payment() -> None:
    firm = bare_firm(credit_sales_share=1.0, receivable_days=45.0)
    filmed = watched([firm], policy("prompt", PromptPayment(take_up=1.0, buyer_share=0.5, payment_days=60.0)))
    np.testing.assert_array_equal(filmed.after(154.0, 1).cash, filmed.after(154.0, 0).cash)


def test_prompt_payment_leaves_less_to_finance() -> None:
    # With 45,000 instead of 60,000 outstanding in the end (45 days on average), less can be advanced: at most 0.4 of it.
    prompt = PromptPayment(take_up=1.0, buyer_share=0.5, payment_days=30.0)
    filmed = watched([SELLS_ON_CREDIT], policy("finance", FINANCE), policy("both", FINANCE, prompt))
    assert filmed.after(154.0, 2).receivables[0, 0] == pytest.approx(45_000.0 + 15_000.0 * np.exp(-154.0 / 45.0))
    lent = [filmed.total("receivables_lent", at)[0, 0] for at in (1, 2)]
    assert lent[1] < lent[0]


# ------------------------------------------------------------------------------------------------ new loans: who gets one, and when

LENDS = {
    "apply": 1.0,
    "cover_days": 60.0,
    "approval_days": 15.0,
    "bank_margin": 0.03,
    "lgd": 0.55,
    "loan_cap_share": 1.0,
}
"""A bank that lends where risk * (0.03 + 0.55) <= 0.03, which is 5.17 % at the most; with half the loss borne 0.03 / 0.305 = 9.84 %."""


def short_of_cash(**columns: Any) -> dict[str, Any]:
    """A firm that pays 100 a day, sells nothing, and has cash for 70 days: short of 60 days' reserve after day 10."""
    return bare_firm(overheads=36_500.0, cash=7_000.0, **columns)


def firms_at(*risks: float, **columns: Any) -> list[dict[str, Any]]:
    """Firms that are short of cash, of these default risks."""
    return [short_of_cash(firm_id=f"f{number:04d}", default_risk=risk, **columns) for number, risk in enumerate(risks)]


def as_listed(filmed: Film, values: Any) -> Any:
    """Numbers of firms in the order in which a test lists the firms, which is that of their names."""
    return np.ravel(values)[np.argsort(filmed.world.firms.ids)]


def lent(filmed: Film, at: int) -> list[bool]:
    """Whether each firm was lent to under a policy."""
    found: list[bool] = (as_listed(filmed, filmed.total("bank_lent", at)) > 0.0).tolist()
    return found


def first_lent(filmed: Film, at: int) -> float:
    """Day on which the first firm's first loan arrived."""
    return min(booked_on(filmed, "bank_lent", at))


def test_a_bank_that_sees_everything_judges_by_the_firm_alone() -> None:
    # All noise gone, the bank's view is the firm's own risk, and there is no margin for caution: 5.1 % is lent to, 5.3 % is not.
    firms = firms_at(0.001, 0.051, 0.053, 0.3)
    informed = policy("informed", CreditInformation(take_up=1.0, opacity_relief=1.0, approval_relief=0.0))
    filmed = watched(firms, informed, shock=NO_SALES, credit=LENDS | {"opacity": 1.0})
    assert lent(filmed, 1) == [True, True, False, False]
    row = filmed.block.levers[1][0]
    np.testing.assert_allclose(row.terms.informed_perceived[0], filmed.world.firms.default_risk, rtol=1e-12)
    np.testing.assert_allclose(row.terms.informed_prudent[0], filmed.world.firms.default_risk, rtol=1e-12)


def test_information_without_relief_is_the_plain_view_to_the_last_bit() -> None:
    firms = firms_at(*(0.01 * number for number in range(1, 13)))
    informed = policy("informed", CreditInformation(take_up=1.0, opacity_relief=1e-300, approval_relief=0.0))
    filmed = watched(firms, informed, shock=NO_SALES, credit=LENDS)
    terms, firm = filmed.block.levers[1][0].terms, filmed.block.firm
    np.testing.assert_array_equal(terms.informed_perceived, firm.perceived_risk)
    np.testing.assert_array_equal(terms.informed_prudent, firm.prudent_risk)
    np.testing.assert_array_equal(terms.informed_renewal, firm.renewal_by_risk)


def test_less_noise_moves_approvals_from_bad_firms_to_good_ones() -> None:
    # 2,000 firms at 4 %, to which a bank that knew them would lend, and 2,000 at 7 %, to which it would not: as noise falls more of
    # the first and fewer of the second are lent to. The margin for caution shrinks with it, which is why more are lent to in all.
    risks = np.repeat([0.04, 0.07], 2000)
    firms = firms_at(*risks)
    informed = policy("informed", CreditInformation(take_up=1.0, opacity_relief=0.6, approval_relief=0.0))
    filmed = watched(firms, informed, shock=NO_SALES, credit=LENDS, time={"step_days": 7, "horizon_days": 91, "headline_day": 91})
    good, bad = ([np.mean(np.asarray(lent(filmed, at))[risks == risk]) for at in (0, 1)] for risk in (0.04, 0.07))
    assert good[1] > good[0] + 0.05
    assert bad[1] < bad[0]


def test_approved_money_arrives_sooner() -> None:
    # Cash falls below the reserve of 6,000 in the step to day 11 (on day 10 there are 6,000); money comes 15 days after the middle of it,
    # on day 25.5, in the step to day 26. With 0.8 of the days gone it comes after 3, on day 13.5; with half of these gone too, on day 12.
    one = CreditInformation(take_up=1.0, opacity_relief=0.0, approval_relief=0.8)
    two = StreamlinedService(take_up=1.0, approval_relief=0.5)
    # 1e-9 days of cash more, or round-off would decide on which day it is short
    firm = short_of_cash(default_risk=0.001) | {"cash": 7_000.0 + 1e-7}
    filmed = watched([firm], policy("one", one), policy("two", one, two), shock=NO_SALES, credit=LENDS)
    assert [first_lent(filmed, at) for at in (0, 1, 2)] == [26.0, 14.0, 12.0]


# --------------------------------------------------------------------------------------------------------------- risk_compensation

CLEAR = LENDS | {"opacity": 0.0}
"""The bank sees every firm's risk."""

IMPATIENT = {"patience_days": 10.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}

COMPENSATION = RiskCompensation(take_up=1.0, loss_share=0.5, max_perceived_risk=0.10)


def test_the_state_bears_its_share_of_what_banks_lose_on_loans_that_it_made_possible() -> None:
    # Lent to at 5.17 % at the most without, 9.84 % with half the loss borne: 8 % and 9.5 % are, 10 % is not.
    firms = firms_at(0.05, 0.08, 0.095, 0.10)
    filmed = watched(firms, policy("compensation", COMPENSATION), shock=NO_SALES, credit=CLEAR, exit=IMPATIENT)
    assert lent(filmed, 0) == [True, False, False, False]
    assert lent(filmed, 1) == [True, True, True, False]
    # All leave once the money is gone, with empty hands. The bank loses what it lent; the state pays half of it, but for the first, to
    # whom the bank would have lent in any case.
    assert np.isfinite(filmed.day_of(filmed.lives.exit_step[1])).all()
    owed = as_listed(filmed, filmed.total("bank_lent", 1))
    assert (filmed.total("bank_repaid", 1) == 0.0).all()
    np.testing.assert_allclose(as_listed(filmed, filmed.total("compensation_paid", 1)), [0.0, 0.5 * owed[1], 0.5 * owed[2], 0.0])


def test_nobody_is_compensated_above_the_highest_risk() -> None:
    lower = COMPENSATION.model_copy(update={"max_perceived_risk": 0.08})
    firms = firms_at(0.0799, 0.0801)
    filmed = watched(firms, policy("compensation", lower), shock=NO_SALES, credit=CLEAR)
    assert lent(filmed, 1) == [True, False]


def test_a_guarantee_is_asked_for_only_where_compensation_does_not_suffice() -> None:
    # With 0.8 of the loss covered a bank lends up to 0.03 / (0.03 + 0.2 * 0.55) = 21.4 %. At 8 % compensation suffices and no fee is paid;
    # at 12 % a guarantee is needed.
    guarantee = GuaranteeFund(take_up=1.0, guarantee_max_risk=0.2, capital=1e9, claim_limit=1.0)
    firms = firms_at(0.08, 0.12)
    filmed = watched(firms, policy("guarantee", guarantee), policy("both", guarantee, COMPENSATION), shock=NO_SALES, credit=CLEAR)
    assert lent(filmed, 1) == lent(filmed, 2) == [True, True]
    day_after = filmed.states[2][40]
    assert (as_listed(filmed, day_after.guaranteed) > 0.0).tolist() == [False, True]
    assert (as_listed(filmed, day_after.compensated) > 0.0).tolist() == [True, False]
    assert (as_listed(filmed, filmed.states[1][40].guaranteed) > 0.0).tolist() == [True, True]


# -------------------------------------------------------------------------------------------------------------------- growth_fund


def test_firms_of_good_margin_get_the_money_once() -> None:
    # A twentieth of yearly sales of 365,000 is 18,250, once. Margins of 0.08 and more: 1 - 0.92, not 1 - 0.93.
    firms = [bare_firm(f"f{number}", overheads=share * 365_000.0, cash=10_000.0) for number, share in enumerate((0.9, 0.92, 0.93))]
    filmed = watched(firms, policy("fund", GrowthFund(take_up=1.0, sales_share=0.05, min_margin=0.0799999)))
    np.testing.assert_allclose(as_listed(filmed, filmed.total("public_equity", 1)), [18_250.0, 18_250.0, 0.0])
    np.testing.assert_allclose(as_listed(filmed, filmed.booked[1][0]["public_equity"]), [18_250.0, 18_250.0, 0.0])


def test_an_advance_is_due_after_its_days() -> None:
    # 18,250 on day 1, due 100 days later, on day 101, with the taxes.
    fund = GrowthFund(take_up=1.0, sales_share=0.05, instrument="advance", advance_days=100.0)
    filmed = watched([bare_firm(cash=10_000.0)], policy("fund", fund))
    assert booked_on(filmed, "public_advances", 1) == {1.0: pytest.approx(18_250.0)}
    gained = [filmed.after(day, 1).cash[0, 0] - filmed.after(day, 0).cash[0, 0] for day in (100.0, 101.0)]
    assert gained == pytest.approx([18_250.0, 0.0])


def test_banks_trust_firms_in_which_the_state_has_invested() -> None:
    # 5.17 % at the most, with a tenth of the risk set aside 5.75 %. (Of no money, or the firm would not be short.)
    firms = firms_at(0.0517, 0.0574, 0.0576)
    fund = GrowthFund(take_up=1.0, sales_share=0.0, risk_discount=0.1, min_margin=-10.0)
    filmed = watched(firms, policy("fund", fund), shock=NO_SALES, credit=CLEAR)
    assert lent(filmed, 0) == [True, False, False]
    assert lent(filmed, 1) == [True, True, False]


def test_compensation_reaches_further_where_risk_is_discounted() -> None:
    # 9.84 % with half the loss borne; 0.0984 / 0.9 = 10.93 % with a tenth of the risk set aside.
    firms = firms_at(0.109, 0.110)
    wide = COMPENSATION.model_copy(update={"max_perceived_risk": 0.2})
    fund = GrowthFund(take_up=1.0, sales_share=0.0, risk_discount=0.1, min_margin=-10.0)
    filmed = watched(firms, policy("compensation", wide), policy("both", wide, fund), shock=NO_SALES, credit=CLEAR)
    assert lent(filmed, 1) == [False, False]
    assert lent(filmed, 2) == [True, False]


# ------------------------------------------------------------------------------------------------------------- relending_facility


FACILITY = RelendingFacility(take_up=1.0, rate_cut=0.02, capital=1e9)


def test_a_facility_pays_the_bank_part_of_the_interest_while_the_loan_runs() -> None:
    # The loan arrives on day 25.5, in the step to day 26: 0.02 / 365 of it a day is paid to the bank in each step from then on, 128 of them
    # to day 154, and the firm owes that much less interest; the loan itself is the same.
    firm = short_of_cash(default_risk=0.001, loan_rate=0.0365) | {"cash": 7_000.0 + 1e-7}
    filmed = watched([firm], policy("facility", FACILITY), shock=NO_SALES, credit=LENDS)
    loan = booked_on(filmed, "bank_lent", 1)
    assert loan == booked_on(filmed, "bank_lent", 0)
    assert min(loan) == 26.0
    assert filmed.total("rate_relief", 0)[0, 0] == 0.0
    assert filmed.total("rate_relief", 1)[0, 0] == pytest.approx(loan[26.0] * 0.02 * 128.0 / 365.0)
    assert first_lent(filmed, 1) == first_lent(filmed, 0)


def test_a_facility_lends_no_more_than_its_capital() -> None:
    # Two firms get loans of the same size, and there is money for one and a half.
    firms = firms_at(0.001, 0.001, loan_rate=0.0365)
    ample = watched(firms, policy("facility", FACILITY), shock=NO_SALES, credit=LENDS)
    loan = float(ample.total("bank_lent", 1)[0, 0])
    scarce = watched(firms, policy("facility", FACILITY.model_copy(update={"capital": 1.5 * loan})), shock=NO_SALES, credit=LENDS)
    assert sorted((ample.total("rate_relief", 1)[0] > 0.0).tolist()) == [True, True]
    assert sorted((scarce.total("rate_relief", 1)[0] > 0.0).tolist()) == [False, True]


def test_a_facility_leaves_guaranteed_loans_alone() -> None:
    # The lever nearest to it: the firm of 12 % has its loan by a guarantee, and the facility is for loans that banks give without one.
    guarantee = GuaranteeFund(take_up=1.0, guarantee_max_risk=0.2, capital=1e9, claim_limit=1.0)
    filmed = watched(firms_at(0.05, 0.12, loan_rate=0.0365), policy("both", guarantee, FACILITY), shock=NO_SALES, credit=CLEAR)
    assert lent(filmed, 1) == [True, True]
    assert (as_listed(filmed, filmed.total("rate_relief", 1)) > 0.0).tolist() == [True, False]
