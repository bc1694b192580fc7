"""What a firm's story says of levers: who paid how much and when, what fell due on which day, what would have been without them."""

import datetime
import re
from typing import Any

import pytest

from simsme.levers import (
    CreditInformation,
    DebtDeferral,
    DigitalTransformation,
    Grant,
    GrowthFund,
    InnovationSupport,
    InterestSubsidy,
    LargeFirmOrders,
    LendingForbearance,
    LoanRenewal,
    PromptPayment,
    PublicServices,
    ReceivablesFinance,
    RelendingFacility,
    RentRelief,
    RiskCompensation,
    SocialInsuranceRelief,
    StreamlinedService,
    TargetedClosure,
    TaxDeferral,
    TaxRefund,
    Training,
    WageSubsidy,
    kinds,
)
from simsme.levers.lever import Lever
from simsme.levers.review import Conditions
from simsme.policy import Policy
from simsme.story.chapters import told
from simsme.story.chronicle import Chronicle, Chronicles, record_lives
from simsme.story.sentences import Life, Sentence
from simsme.story.support import AS_IT_COMES, AT_ONCE
from simsme.world import World
from tests.fund_worlds import lively_world
from tests.worlds_for_tests import NO_SALES, Size, bare_firm, still_world

START = datetime.date(2022, 3, 1)
MONTH = 365.0 / 12.0
CLOCK = {"step_days": 7, "horizon_days": 182, "headline_day": 91}


def sentences_of(lives: Chronicles, life: Chronicle) -> tuple[Sentence, ...]:
    return told(Life(lives.firm, lives.rules, life.moments, START, 10.0, life.later))


def of_levers(*levers: Lever, firm: dict[str, Any] | None = None, **tables: Any) -> tuple[list[Sentence], Chronicle]:
    """Sentences of a bare firm's life that are not in its life without the levers, and that life."""
    world = still_world([bare_firm(**(firm or {}))], [Policy(name="levers", levers=levers)], **{"time": CLOCK, **tables})
    lives = record_lives(world, 0, 0)
    without = sentences_of(lives, lives.lives[0])
    return [said for said in sentences_of(lives, lives.lives[1]) if said not in without], lives.lives[1]


def the_one(sentences: list[Sentence], start: str) -> Sentence:
    (found,) = [said for said in sentences if said.text.startswith(start)]
    return found


class TestMoneyOfTheState:
    def test_what_comes_each_week_is_told_once(self):
        # 100 a day of wages, three tenths of it for 56 days
        said, _ = of_levers(WageSubsidy(take_up=1.0, subsidy_share=0.3, to_day=56.0), firm={"payroll": 36_500.0})
        found = the_one(said, "Under wage_subsidy")
        assert found.text == "Under wage_subsidy the state paid 1,680 of what its people cost."
        assert (found.first_day, found.last_day) == (1.0, 56.0)
        assert found.amounts == {"wage_subsidies": pytest.approx(1680.0)}

    def test_a_lever_that_a_review_starts_and_stops(self):
        # all sales are gone at once, and smoothed over 28 days: by day 28 they are 63 % below normal, by day 14 39 %
        lever = WageSubsidy(take_up=1.0, subsidy_share=0.3, to_day=70.0, review_days=14, start_when=Conditions(sales_fall_above=0.5))
        said, _ = of_levers(lever, firm={"payroll": 36_500.0, "cash": 1e6}, shock=NO_SALES)
        found = the_one(said, "Under wage_subsidy")
        assert (found.first_day, found.last_day) == (29.0, 70.0)
        assert found.amounts == {"wage_subsidies": pytest.approx(30.0 * 42.0)}
        without = the_one(said, "wage_subsidy was not in force")
        assert without.text == "wage_subsidy was not in force, as its review had decided."
        assert (without.first_day, without.last_day) == (1.0, 28.0)

    def test_a_loan_falls_due_while_its_lever_is_stopped(self):
        """The window is open and the firm is reached: it is the review that keeps renewal back, until sales have fallen."""
        lever = LoanRenewal(take_up=1.0, review_days=7, start_when=Conditions(sales_fall_above=0.5))
        firm = {"loan": 3_650.0, "loan_due_day": 10.0, "cash": 1e6}
        said, _ = of_levers(lever, firm=firm, shock=NO_SALES)
        found = the_one(said, "When the loan fell due")
        assert found.text == "When the loan fell due, loan_renewal was not in force, as its review had decided."
        assert found.step_end == 14.0
        later, _ = of_levers(lever, firm=firm | {"loan_due_day": 60.0}, shock=NO_SALES)
        assert not [each for each in later if "not in force" in each.text]
        assert the_one(later, "The loan of 3,650 fell due").text.startswith("The loan of 3,650 fell due and ran on under loan_renewal")

    def test_rent_insurance_overheads_and_interest(self):
        firm = {"rent": 36_500.0, "overheads": 36_500.0, "payroll": 36_500.0, "social_share": 0.25, "state_landlord": 1.0, "cash": 1e6}
        firm |= {"loan": 3_650.0, "loan_rate": 0.1, "loan_due_day": 1e4, "interest_day": MONTH}
        levers = (
            RentRelief(waived_share=0.5, to_day=91.0, take_up=1.0),
            SocialInsuranceRelief(waived_share=0.4, deferred_share=0.0, take_up=1.0),
            PublicServices(take_up=1.0, paid_share=0.2),
            InterestSubsidy(take_up=1.0, subsidy_share=0.5),
        )
        said, _ = of_levers(*levers, firm=firm)
        texts = [found.text for found in said]
        assert "Under rent_relief rent of 4,550 was waived." in texts
        assert "Under social_insurance_relief social insurance of 1,820 was waived." in texts
        assert "Under public_services the state paid 3,640 of its overheads." in texts
        assert "Under interest_subsidy the state paid 76 of its interest." in texts

    def test_sums_that_come_once_are_told_with_their_step(self):
        levers = (
            TaxRefund(take_up=1.0, refund_share=0.01, from_day=10.0, delay_days=0.0),
            Grant(take_up=1.0, sales_share=0.0, amount=500.0, from_day=20.0, delay_days=0.0),
            GrowthFund(take_up=1.0, sales_share=0.02, from_day=0.0, delay_days=0.0),
        )
        said, _ = of_levers(*levers)
        found = {each.text: (each.first_day, each.last_day) for each in said}
        assert found["Under tax_refund the state paid back 3,650 of taxes."] == (8.0, 14.0)
        assert found["Under grant the state gave it 500."] == (15.0, 21.0)
        assert found["Under growth_fund the state put in 7,300 as equity, which is never repaid."] == (1.0, 7.0)

    def test_an_advance_is_told_with_the_day_on_which_it_is_due(self):
        lever = GrowthFund(take_up=1.0, instrument="advance", sales_share=0.02, advance_days=60.0, delay_days=0.0)
        said, _ = of_levers(lever)
        assert the_one(said, "Under growth_fund").text == "Under growth_fund the state advanced it 7,300, due with the taxes of 7 May 2022."
        assert the_one(said, "What had been").text == "What had been put off fell due at once, 7,300 of a public advance, and was paid."
        assert the_one(said, "What had been").first_day == 67.0


class TestWhatIsPutOff:
    def test_taxes_with_the_day_of_the_cliff(self):
        lever = TaxDeferral(take_up=1.0, deferred_share=0.5, until_day=100.0)
        said, _ = of_levers(lever, firm={"tax_share": 0.1, "tax_day": MONTH})
        assert the_one(said, "Under tax_deferral").text == "Under tax_deferral 4,562 of taxes was put off to 9 Jun 2022."
        cliff = the_one(said, "What had been put off")
        assert cliff.text == "What had been put off fell due at once, 4,562 of taxes, and was paid."
        assert (cliff.first_day, cliff.last_day) == (100.0, 100.0)

    def test_what_cannot_be_paid_on_its_day(self):
        # wages of 100 a day are paid from cash, insurance of 25 a day is not: nothing is left on day 70
        lever = SocialInsuranceRelief(waived_share=0.0, deferred_share=1.0, until_day=70.0, take_up=1.0)
        firm = {"payroll": 36_500.0, "social_share": 0.25, "payday": MONTH, "cash": 2 * MONTH * 100.0 + 500.0}
        said, life = of_levers(lever, firm=firm, shock=NO_SALES)
        cliff = the_one(said, "What had been put off")
        put_off = 2 * MONTH * 25.0
        assert cliff.text == f"What had been put off fell due at once, {put_off:,.0f} of social insurance; 1,021 of it could not be paid."
        assert cliff.amounts["unpaid"] == pytest.approx(put_off - 500.0)
        assert life.moments[9].after.arrears.tax == pytest.approx(put_off - 500.0)
        nothing_left, _ = of_levers(lever, firm=firm | {"cash": 2 * MONTH * 100.0}, shock=NO_SALES)
        assert the_one(nothing_left, "What had been put off").text.endswith("of social insurance, and could not be paid.")

    def test_what_is_not_due_yet_is_owed_at_the_end(self):
        said, _ = of_levers(TaxDeferral(take_up=1.0, deferred_share=1.0, until_day=300.0), firm={"tax_share": 0.1, "tax_day": MONTH})
        assert the_one(said, "Under tax_deferral").text.endswith("put off to 26 Dec 2022.")
        assert re.search(r"it owed 15,208 to the state for later\.$", the_one(said, "Still there").text)

    def test_principal_and_interest(self):
        lever = DebtDeferral(take_up=1.0, until_day=120.0, interest_share=0.5)
        firm = {"cash": 1e6, "loan": 3_650.0, "loan_rate": 0.1, "loan_due_day": 50.0, "interest_day": MONTH}
        said, _ = of_levers(lever, firm=firm)
        moved = the_one(said, "The loan of 3,650 fell due and was put off")
        assert moved.text.endswith("was put off to 29 Jun 2022 under debt_deferral: nothing had to be repaid.")
        assert moved.first_day == 50.0
        assert the_one(said, "Under debt_deferral").text == "Under debt_deferral 46 of interest was put off to 29 Jun 2022."
        assert the_one(said, "What had been put off").first_day == 120.0
        assert the_one(said, "The loan of 3,650 fell due and was repaid").first_day == 120.0


class TestBusiness:
    def test_orders_with_share_of_sales_and_days_of_payment(self):
        said, life = of_levers(LargeFirmOrders(take_up=1.0, sales_share=0.25, payment_days=30.0, delay_days=0.0))
        found = the_one(said, "Under large_firm_orders")
        left = float(life.moments[-1].after.order_receivables)
        assert found.text == (
            "Under large_firm_orders large firms ordered for 45,500, 20.0 % of its sales in this time, and paid after 30 days; "
            f"{left:,.0f} was still to come at the end."
        )
        sooner, _ = of_levers(
            LargeFirmOrders(take_up=1.0, sales_share=0.25, payment_days=30.0, delay_days=0.0),
            PromptPayment(take_up=1.0, buyer_share=1.0, payment_days=10.0, delay_days=0.0),
        )
        assert the_one(sooner, "Under large_firm_orders").amounts["payment_days"] == 10.0

    @pytest.mark.parametrize(("failure_odds", "found"), [(0.0, "began to bear fruit."), (1.0, "had failed: it brought nothing.")])
    def test_an_investment_and_what_came_of_it(self, failure_odds, found):
        numbers = {"outlay_share": 0.1, "outlay_subsidy": 0.3, "effect_days": 90.0, "materials_saving": 0.2, "sales_lift": 0.1}
        lever = DigitalTransformation(take_up=1.0, delay_days=0.0, failure_odds=failure_odds, **numbers)
        said, life = of_levers(lever, firm={"materials_share": 0.4, "cash": 1e6})
        begins = "Under digital_transformation it invested 36,500, of which the state paid 10,950; "
        begins += "it was to bring something from 30 May 2022 on."
        assert the_one(said, "Under digital_transformation it invested").text == begins
        assert (the_one(said, "The investment").text, the_one(said, "The investment").first_day) == (
            f"The investment under digital_transformation {found}",
            90.0,
        )
        more = [each.text for each in said if "it sold" in each.text or "it bought" in each.text]
        if failure_odds:
            assert not more
        else:
            # sales of 1,100 a day from the step that ends on day 91; a fifth less of 440 a day of materials
            lifted = sum(moment.booked["lifted_sales"] for moment in life.moments)
            assert lifted == pytest.approx(100.0 * (182 - 84))
            assert more == [
                f"Under digital_transformation it sold {lifted:,.0f} more.",
                f"Under digital_transformation it bought {88 * 98:,.0f} less of materials for what it sold.",
            ]

    def test_an_investment_that_comes_later_is_told_under_its_own_lever(self):
        digital = DigitalTransformation(take_up=1.0, delay_days=0.0, outlay_share=0.1, outlay_subsidy=0.0, effect_days=20.0)
        project = InnovationSupport(take_up=1.0, from_day=50.0, delay_days=0.0, sales_share=0.05, spent_share=1.0)
        said, _ = of_levers(digital, project)
        assert [each.text for each in said if "it invested" in each.text] == [
            "Under digital_transformation it invested 36,500; it was to bring something from 21 Mar 2022 on.",
            "Under innovation_support it invested 18,250.",
        ]
        assert len([each for each in said if each.text.startswith("The investment under")]) == 1

    def test_people_who_are_found(self):
        shock = {"duration_days": 3650.0, "labour": {"affected_share": 1.0, "served_share": 0.8}}
        said, _ = of_levers(Training(labour_relief=0.5, take_up=1.0, delay_days=0.0), shock=shock)
        text = "Under training it found people: at the worst it could serve 90.0 % of what customers wanted instead of 80.0 %."
        assert the_one(said, "Under training").text == text


class TestCustomers:
    CREDITOR = {"credit_sales_share": 1.0, "receivable_days": 60.0}

    def test_customers_who_pay_sooner(self):
        lever = PromptPayment(take_up=1.0, buyer_share=0.5, payment_days=20.0, delay_days=0.0)
        said, _ = of_levers(lever, firm=self.CREDITOR)
        assert the_one(said, "Under prompt_payment").text == "Under prompt_payment customers paid after 40 days on average instead of 60."

    def test_what_is_lent_is_repaid_lost_or_still_lent(self):
        numbers = {"receivables_discount": 0.06, "receivables_fee": 0.01, "confirmed_share": 1.0, "advance_share": 0.8, "recourse": 0.0}
        lever = ReceivablesFinance(take_up=1.0, delay_days=0.0, **numbers)
        firm = self.CREDITOR | {"overheads": 400_000.0, "cash": 1_000.0}
        shock = {"duration_days": 90.0, "payment": {"receivable_stretch": 1.0, "bad_debt_share": 0.3}}
        said, life = of_levers(lever, firm=firm, shock=shock)
        found = the_one(said, "Under receivables_finance")
        assert re.search(
            r"a financier lent it [\d,]+ in \d+ parts on what customers owed, at a price of [\d,]+; [\d,]+ was repaid", found.text
        )
        assert re.search(r"the financier lost [\d,]+ on customers who never paid", found.text)
        amounts = found.amounts
        assert amounts["lost"] > 0.0
        face = amounts["receivables_lent"] + amounts["discount_expense"]
        assert amounts["repaid"] + amounts["lost"] + amounts["still_lent"] == pytest.approx(face)
        assert amounts["receivables_lent"] == pytest.approx(sum(moment.booked["receivables_lent"] for moment in life.moments))

    def test_cash_that_runs_short_counts_what_a_financier_would_lend(self):
        numbers = {"receivables_discount": 0.0, "receivables_fee": 0.0, "confirmed_share": 1.0, "advance_share": 0.5}
        lever = ReceivablesFinance(take_up=1.0, delay_days=0.0, **numbers)
        said, _ = of_levers(lever, firm=self.CREDITOR | {"overheads": 800_000.0, "cash": 1_000.0})
        short = the_one(said, "Cash ran short")
        assert "that a financier would lend on what customers owed" in short.text
        assert short.amounts["due"] > short.amounts["cash_and_receipts"] + short.amounts["offered"] > 0.0


class TestClosure:
    SHOCK = {"duration_days": 3650.0, "closure": {"closed_share": 1.0, "closed_days": 28.0, "reopening_half_life_days": 0.0}}

    @pytest.mark.parametrize(
        ("lever", "text"),
        [
            ({"closure_relief": 0.5}, "until 15 Mar 2022; without targeted_closure it would have been until 29 Mar 2022."),
            (
                {"closure_relief": 0.5, "from_day": 21.0},
                "until 15 Mar 2022; without targeted_closure it would have been until 29 Mar 2022.",
            ),
            ({"closure_relief": 0.1, "from_day": 28.0}, "until 29 Mar 2022."),
        ],
    )
    def test_a_closure_that_is_shorter(self, lever, text):
        """A lever that comes on day 21 is in force in the whole of the step that ends then: the firm opens as that begins."""
        world = still_world(
            [bare_firm()], [Policy(name="levers", levers=(TargetedClosure(take_up=1.0, **lever),))], time=CLOCK, shock=self.SHOCK
        )
        lives = record_lives(world, 0, 0)
        found = the_one(list(sentences_of(lives, lives.lives[1])), "It was closed")
        assert found.text == f"It was closed by order {text}"

    def test_a_closure_that_does_not_happen(self):
        said, _ = of_levers(TargetedClosure(take_up=1.0, closure_relief=1.0), shock=self.SHOCK)
        text = "It was not closed by order; without targeted_closure it would have been until 29 Mar 2022."
        assert the_one(said, "It was not closed").text == text


LENDING = {
    "apply": 1.0,
    "bank_margin": 0.06,
    "lgd": 0.6,
    "opacity": 0.0,
    "risk_aversion": 0.0,
    "approval_days": 20.0,
    "loan_cap_share": 0.05,
}
"""A bank that sees every risk and lends up to 0.06 / 0.66 = 9.1 %."""

NEEDY = {"overheads": 365_000.0, "cash": 100.0}
"""It spends the 1,000 that it sells a day."""


class TestTheBank:
    def test_a_loan_that_the_state_makes_possible(self):
        lever = RiskCompensation(take_up=1.0, loss_share=0.5, max_perceived_risk=0.2, delay_days=0.0)
        said, life = of_levers(lever, firm=NEEDY | {"default_risk": 0.12}, credit=LENDING)
        found = the_one(said, "It asked the bank for a loan, which agreed")
        assert found.text.endswith(
            "; without risk_compensation, by which the state bears 50 % of a loss, it would have seen too high a risk."
        )
        assert life.moments[0].after.compensated == 0.5
        # a firm that the bank accepts anyway owes it nothing
        assert not of_levers(lever, firm=NEEDY | {"default_risk": 0.05}, credit=LENDING)[0]

    def test_what_the_state_makes_good_of_its_loss(self):
        lever = RiskCompensation(take_up=1.0, loss_share=0.5, max_perceived_risk=0.2, delay_days=0.0)
        firm = NEEDY | {"default_risk": 0.12, "cash": 10.0, "overheads": 400_000.0}
        exits = {"patience_days": 30.0}
        said, life = of_levers(lever, firm=firm, credit=LENDING, shock=NO_SALES, exit=exits)
        assert life.moments[-1].estate is not None
        assert re.search(r"The state made good [\d,]+ of the banks' loss\.", said[-1].text)

    def test_a_loan_that_comes_sooner_and_one_that_the_shock_would_have_stopped(self):
        shock = {"duration_days": 3650.0, "credit": {"tightening": 1.0, "line_cut": 0.0, "recall_rate": 0.0}}
        levers = (
            LendingForbearance(take_up=1.0, tightening_relief=1.0),
            StreamlinedService(take_up=1.0, approval_relief=0.5, delay_days=0.0),
        )
        said, _ = of_levers(*levers, firm=NEEDY, credit=LENDING, shock=shock)
        found = the_one(said, "It asked the bank for a loan, which agreed")
        assert ", 10 days sooner thanks to streamlined_service; else it would have refused: without lending_forbearance" in found.text
        assert found.text.endswith("it was lending less.")

    def test_a_place_in_a_facility(self):
        lever = RelendingFacility(take_up=1.0, rate_cut=0.015, capital=1e9, delay_days=0.0)
        said, _ = of_levers(lever, firm=NEEDY | {"loan_rate": 0.05}, credit=LENDING)
        assert re.search(r"the central bank took on its new loan of [\d,]+: it cost 1.5 % a year less", the_one(said[:1], "Under").text)
        assert re.fullmatch(r"Under relending_facility the central bank paid \d+ of the interest on its new loan\.", said[1].text)

    def test_no_place_in_a_facility(self):
        said, _ = of_levers(RelendingFacility(take_up=1.0, capital=1.0, delay_days=0.0), firm=NEEDY, credit=LENDING)
        assert re.fullmatch(
            r"It asked for a cheaper loan from the central bank's facility, for [\d,]+, and was passed over\.", said[0].text
        )

    def test_money_that_is_lent_again_thanks_to_a_lever(self):
        firm = {"loan": 1_000.0, "loan_due_day": 50.0, "cash": 5_000.0}
        lever = LendingForbearance(take_up=1.0, renewal_lift=1.0, kappa_lift=1.0)
        said, _ = of_levers(lever, firm=firm, credit={"renewal": 0.0, "kappa": 0.9})
        assert the_one(said, "The loan of 1,000 fell due").text.endswith("; without lending_forbearance it would not have.")
        said, _ = of_levers(lever, firm=firm, credit={"renewal": 1.0, "kappa": 0.9})
        assert the_one(said, "The loan of 1,000 fell due").text.endswith(", 100 more thanks to lending_forbearance.")

    def test_a_longer_grace(self):
        firm = {"loan": 1_000.0, "loan_due_day": 50.0}
        credit = {"grace_days": 40.0}
        said, _ = of_levers(LendingForbearance(take_up=1.0, grace_lift=0.5), firm=firm, shock=NO_SALES, credit=credit)
        assert the_one(said, "The loan of 1,000 fell due").text.endswith(
            "The bank's usual grace is 40 days, under lending_forbearance it is 60."
        )

    @pytest.mark.parametrize(("risk_aversion", "what"), [(0.0, "refuses"), (1.0, "agrees")])
    def test_what_better_information_changes_is_what_is_told(self, risk_aversion, what):
        """What the story says that the bank would have done without the lever is what it does without it."""
        rows = [bare_firm(f"f{n:02d}", **NEEDY, default_risk=0.04 + 0.004 * n) for n in range(24)]
        lever = CreditInformation(take_up=1.0, opacity_relief=0.9, approval_relief=0.0, delay_days=0.0)
        credit = LENDING | {"opacity": 0.6, "risk_sigma": 0.8, "risk_aversion": risk_aversion}
        clock = {**CLOCK, "horizon_days": 7, "headline_day": 7}
        world = still_world(rows, [Policy(name="levers", levers=(lever,))], time=clock, credit=credit)
        seen = {"agrees": 0, "refuses": 0, "says the same": 0}
        for row in range(len(rows)):
            lives = record_lives(world, row, 0)
            without, (moment,) = lives.lives[0].moments[0].events, lives.lives[1].moments
            (said,) = [each.text for each in sentences_of(lives, lives.lives[1]) if each.text.startswith("It asked the bank")]
            if bool(without.approved) == bool(moment.events.approved):
                assert "credit_information" not in said
                seen["says the same"] += 1
            elif moment.events.approved:
                assert re.search(
                    r"; else it would have refused: without credit_information it would have seen a risk of [\d.]+ % a year", said
                )
                seen["agrees"] += 1
            else:
                assert re.search(r"without credit_information it would have seen [\d.]+ % and agreed\.$", said)
                seen["refuses"] += 1
        assert seen[what] > 0, seen
        assert seen["says the same"] > 0, seen


def test_a_lever_that_does_nothing_for_the_firm_is_not_told():
    levers = (
        RentRelief(take_up=1.0, landlords="all"),
        SocialInsuranceRelief(take_up=1.0, waived_share=0.5, deferred_share=0.5),
        TaxDeferral(take_up=1.0),
        InterestSubsidy(take_up=1.0),
        WageSubsidy(take_up=1.0),
        PublicServices(take_up=1.0),
        DebtDeferral(take_up=1.0),
        ReceivablesFinance(take_up=1.0),
        TargetedClosure(take_up=1.0),
        Training(take_up=1.0),
        PromptPayment(take_up=1.0),
    )
    assert not of_levers(*levers)[0]


PUT_OFF = ("tax_deferred", "social_deferred", "interest_deferred")
OTHERS = ("public_advances", "investment_expense", "receivables_lent", "order_sales", *PUT_OFF)
"""Other amounts that are told where they count."""


@pytest.mark.parametrize("seed", range(3))
def test_all_that_was_paid_or_waived_is_told(seed):
    """All levers in random worlds: sums told are sums booked, and what is not told is not worth a sentence."""
    more = {"rent_relief": {"landlords": "all"}, "growth_fund": {"instrument": "advance" if seed else "equity"}}
    levers = tuple(of.model_validate({"kind": kind, "take_up": 0.8, **more.get(kind, {})}) for kind, of in sorted(kinds().items()))
    world: World = lively_world(seed, Policy(name="all", levers=levers), size=Size(8, 1, 7, 126))
    said_of = 0
    for row in range(len(world.firms.ids)):
        lives = record_lives(world, row, 0)
        life = lives.lives[1]
        sentences = sentences_of(lives, life)
        for item in (
            *AS_IT_COMES,
            *AT_ONCE,
            "public_advances",
            "investment_expense",
            "receivables_lent",
            "tax_deferred",
            "interest_deferred",
        ):
            booked = sum(moment.booked.get(item, 0.0) for moment in life.moments)
            # what is put off is told again on the day on which it is due
            amounts = [said.amounts[item] for said in sentences if item in said.amounts and "due" not in said.amounts]
            worth_it = booked > max(float(lives.firm.negligible), 0.5)
            assert sum(amounts) == pytest.approx(booked if worth_it else 0.0, rel=1e-9, abs=1.0), item
            said_of += len(amounts)
    assert said_of > 40
