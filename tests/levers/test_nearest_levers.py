"""Every kind of lever has an answer worked out by hand and a test beside the lever nearest to it; those that no other page has are here."""

from importlib import import_module

import pytest

from simsme.levers import InterestSubsidy, LargeFirmOrders, LendingForbearance, LoanRenewal, TargetedClosure
from tests.levers.test_every_lever import SHIPPED
from tests.levers.test_finance_levers import FACILITY, LENDS, booked_on, policy, short_of_cash, watched
from tests.levers.test_industry_levers import CLOSED, SELLER
from tests.levers.test_relief_levers import cash, clock, each_step, lives
from tests.worlds_for_tests import NO_SALES, bare_firm

ACTING, FINANCE, INDUSTRY, RELIEF = (f"tests.levers.test_{name}_levers" for name in ("acting", "finance", "industry", "relief"))
FUNDS, KNOWN, ORACLE, TERMS = (f"tests.test_{name}" for name in ("funds", "known_answers", "lever_oracle", "lever_terms_known"))

SHOWN = {
    "contract_enforcement": (INDUSTRY, "contracts_that_are_enforced", INDUSTRY, "enforcement_and_prompt_payment"),
    "credit_information": (FINANCE, "less_noise_moves_approvals_from_bad_firms_to_good_ones", FINANCE, "approved_money_arrives_sooner"),
    "debt_deferral": (
        FINANCE,
        "deferred_interest_is_due_at_once_on_the_day",
        FINANCE,
        "nothing_is_left_to_renew_until_the_day_of_the_deferral",
    ),
    "digital_transformation": (
        *(INDUSTRY, "digital_investment_costs_first_and_saves_later"),
        *(INDUSTRY, "the_digital_subsidy_is_on_all_that_is_invested"),
    ),
    "emergency_relending": (
        FUNDS,
        "a_fund_of_one_loan_serves_one_of_two",
        FUNDS,
        "with_renewal_for_all_the_bridge_fund_does_nothing_at_all",
    ),
    "fair_access": (INDUSTRY, "access_and_orders_add_up", INDUSTRY, "access_and_orders_add_up"),
    "grant": (RELIEF, "a_grant_is_paid_once", INDUSTRY, "an_innovation_grant_saves_nobody"),
    "growth_fund": (FINANCE, "firms_of_good_margin_get_the_money_once", FINANCE, "compensation_reaches_further_where_risk_is_discounted"),
    "guarantee_fund": (
        *(FUNDS, "a_guarantee_brings_the_loan_after_the_answer_and_the_banks_days"),
        *(FINANCE, "a_guarantee_is_asked_for_only_where_compensation_does_not_suffice"),
    ),
    "innovation_support": (INDUSTRY, "an_innovation_grant_is_spent", INDUSTRY, "an_innovation_grant_saves_nobody"),
    "interest_subsidy": (
        *(FINANCE, "the_state_pays_its_share_of_the_interest_that_falls_due"),
        *(FINANCE, "interest_that_is_put_off_is_subsidised_when_it_is_due"),
    ),
    "large_firm_orders": (INDUSTRY, "orders_cost_first_and_pay_later", INDUSTRY, "access_and_orders_add_up"),
    "lending_forbearance": (KNOWN, "odds_under_forbearance", __name__, "renewal_leaves_forbearance_only_what_is_recalled"),
    "loan_renewal": (KNOWN, "renewal_of_the_only_obligation", FINANCE, "nothing_is_left_to_renew_until_the_day_of_the_deferral"),
    "policy_awareness": (ACTING, "a_campaign_works_at_the_firms_that_it_reaches", ACTING, "a_campaign_comes_sooner_by_a_service"),
    "prompt_payment": (FINANCE, "prompt_buyers_release_a_stock_of_cash", FINANCE, "prompt_payment_leaves_less_to_finance"),
    "public_services": (INDUSTRY, "services_that_the_state_pays", INDUSTRY, "services_and_wages_are_paid_side_by_side"),
    "receivables_finance": (
        *(FINANCE, "receivables_fill_a_gap_at_a_discount_and_repay_themselves"),
        *(FINANCE, "prompt_payment_leaves_less_to_finance"),
    ),
    "relending_facility": (
        *(FINANCE, "a_facility_pays_the_bank_part_of_the_interest_while_the_loan_runs"),
        *(__name__, "a_subsidy_is_on_the_interest_that_a_facility_leaves"),
    ),
    "rent_relief": (RELIEF, "waived_rent", TERMS, "waived_rent_and_overheads_that_the_state_pays"),
    "risk_compensation": (
        *(FINANCE, "the_state_bears_its_share_of_what_banks_lose_on_loans_that_it_made_possible"),
        *(FINANCE, "a_guarantee_is_asked_for_only_where_compensation_does_not_suffice"),
    ),
    "social_insurance_relief": (
        *(RELIEF, "waived_social_insurance"),
        *(RELIEF, "taxes_and_social_insurance_are_put_off_to_the_later_day"),
    ),
    "streamlined_service": (
        ACTING,
        "a_service_shortens_delays_where_it_is_at_work_in_time",
        ACTING,
        "a_campaign_comes_sooner_by_a_service",
    ),
    "targeted_closure": (INDUSTRY, "a_closure_that_is_half_as_long", __name__, "orders_are_served_on_the_days_that_a_closure_leaves"),
    "tax_deferral": (RELIEF, "deferred_taxes_are_all_due_on_the_day", RELIEF, "a_deferral_and_a_refund_add_up"),
    "tax_refund": (RELIEF, "a_refund_is_paid_once_and_lasts_as_long_as_it_pays", RELIEF, "a_deferral_and_a_refund_add_up"),
    "training": (INDUSTRY, "training_takes_its_time_and_helps_nobody_who_has_people", INDUSTRY, "orders_need_people"),
    "wage_subsidy": (RELIEF, "a_wage_subsidy_comes_as_wages_are_earned", RELIEF, "the_subsidy_is_on_what_is_left_of_social_insurance"),
}
"""By kind: where its known answer is, where it meets the lever nearest to it. That it does nothing at zero is in test_every_lever."""


def test_every_kind_has_both() -> None:
    assert set(SHOWN) == set(SHIPPED)


@pytest.mark.parametrize("kind", sorted(SHOWN))
def test_both_are_there(kind: str) -> None:
    known_in, known, beside_in, beside = SHOWN[kind]
    for module, name in ((known_in, known), (beside_in, beside)):
        assert callable(getattr(import_module(module), f"test_{name}")), (module, name)


def test_renewal_leaves_forbearance_only_what_is_recalled() -> None:
    # A loan of 10,000 on day 50, which the bank would not lend again. Renewed, nothing falls due, and better odds of being lent to again
    # are for nobody. Recalled (5 a year, so that few are left by day 154) it is not renewed: 10,000 are repaid, but where banks forbear.
    firm = bare_firm(cash=20_000.0, loan=10_000.0, loan_due_day=50.0)
    forbearance, renewal = LendingForbearance(take_up=1.0, renewal_lift=1.0, tightening_relief=1.0), LoanRenewal(take_up=1.0)
    policies = policy("forbearance", forbearance), policy("renewal", renewal), policy("both", renewal, forbearance)
    credit = {"renewal": 0.0, "kappa": 1.0}

    due = watched([firm], *policies, shock=NO_SALES, credit=credit)
    assert [sum(booked_on(due, "principal_repaid", at).values()) for at in range(4)] == [10_000.0, 10_000.0, 0.0, 0.0]
    assert [sum(booked_on(due, "bank_lent", at).values()) for at in range(4)] == [0.0, 10_000.0, 0.0, 0.0]
    for alone, both in zip(due.states[2], due.states[3], strict=True):
        assert alone.cash == both.cash and alone.term_loan.due_day == both.term_loan.due_day

    recalls = NO_SALES | {"credit": {"tightening": 0.0, "line_cut": 0.0, "recall_rate": 5.0}}
    recalled = watched([dict(firm, firm_id=f"firm-{number}") for number in range(40)], *policies, shock=recalls, credit=credit)
    repaid = [recalled.total("principal_repaid", at)[0] > 0.0 for at in range(4)]
    assert repaid[2].mean() > 0.5
    assert not repaid[3].any()


def test_a_subsidy_is_on_the_interest_that_a_facility_leaves() -> None:
    # The loan arrives on day 25.5 and bears 0.0001 of it a day; of that 117.1667 days are due by day 142.6667. Half of it without a
    # facility; with one, from day 26 on, 116.6667 days at 0.02 / 365 are the central bank's, and the state pays half of the rest.
    firm = short_of_cash(default_risk=0.001, loan_rate=0.0365) | {"cash": 7_000.0 + 1e-7}
    subsidy = InterestSubsidy(take_up=1.0, subsidy_share=0.5)
    filmed = watched([firm], policy("subsidy", subsidy), policy("both", subsidy, FACILITY), shock=NO_SALES, credit=LENDS)
    loan = sum(booked_on(filmed, "bank_lent", 1).values())
    interest = loan * 0.0001 * (142.0 + 2.0 / 3.0 - 25.5)
    relief = loan * 0.02 / 365.0 * (142.0 + 2.0 / 3.0 - 26.0)
    assert filmed.total("interest_subsidised", 1)[0, 0] == pytest.approx(0.5 * interest)
    assert filmed.total("interest_subsidised", 2)[0, 0] == pytest.approx(0.5 * (interest - relief))


@each_step
def test_orders_are_served_on_the_days_that_a_closure_leaves(step_days: int) -> None:
    # Closed for 28 of 84 days; orders of a tenth, paid at once, bring 100 a day while the firm is open: 5,600. Half of the closure does
    # not happen: 14 days of 1,000. Both: 70 days of 1,100, which is 1,400 more than the two alone.
    orders, closure = LargeFirmOrders(take_up=1.0, sales_share=0.1, payment_days=0.0), TargetedClosure(closure_relief=0.5)
    found = lives(SELLER, clock(step_days), (orders,), (closure,), (orders, closure), shock=CLOSED)
    gains = [cash(found, 84.0, at) - cash(found, 84.0, 0) for at in (1, 2, 3)]
    assert gains == pytest.approx([5_600.0, 14_000.0, 21_000.0])
