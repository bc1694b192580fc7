"""Stages 7 and 11 of section 4 and section 6a for the oracle: what a firm owes its bank and asks of it, and of public funds."""

import math
from collections.abc import Set

from tests.oracle_firm import Slot
from tests.oracle_funds import Request
from tests.oracle_levers import NEUTRAL, Terms, lift
from tests.oracle_shock import MONTH, NEVER, YEAR
from tests.oracle_trade import Trade


class Credit(Trade):
    """Loans: when they fall due, whether the bank lends again, and what is asked of funds."""

    def recall(self) -> tuple[float, bool]:
        """Return the cumulated hazard at the end of the step, and whether loans are recalled in it."""
        relief = self.terms_today.tightening_relief  # READING: terms at the end of the step
        after = self.cumulated_recall
        if self.performing_before:
            after += self.recall_rate * self.intensity * self.h / YEAR * (1 - relief)
        return after, self.reached("recall", self.cumulated_recall, after)

    def fate_of(self, slot: Slot, recalled: bool) -> tuple[str, float]:
        """Return what happens to a loan in the step (nothing, ``recalled``, ``rolled``, ``norepay``, ``due``) and on which day."""
        performing = slot.principal > 0 and not slot.overdue
        if not (performing and (slot.due_day <= self.b or recalled)):
            return "", NEVER
        day = min(max(slot.due_day, self.a), self.b)
        if recalled:
            return "recalled", day
        if self.decisions.later("deferral", self.terms(day).deferral_day, day):
            return "deferred", day
        if self.terms(day).rolled:
            return "rolled", day
        forgotten = self.decisions.less("norepay", self.this_year("norepay"), self.credit["norepay"])
        return ("norepay" if forgotten else "due"), day

    def days_of_cash(self) -> float:
        cash = self.cash_before if self.cash_before > self.dust else 0.0
        return cash / self.firm.normal_outflow if self.firm.normal_outflow > 0 else NEVER

    def ask_for_advances(self, firm: int) -> list[Request]:
        requests = []
        after, recalled = self.recall()
        for number, slot in enumerate(self.slots):
            slot.request, slot.granted, slot.overdue_since = 0.0, 0.0, NEVER
            fate, day = self.fate_of(slot, recalled)
            terms_day = day
            if slot.overdue and self.decisions.less("recall", after, -math.log(self.luck["recall"])):
                fate, day, terms_day = "overdue", self.a, self.b
            slot.terms_day = terms_day
            if fate not in ("due", "overdue"):
                continue
            terms = self.terms(terms_day)
            if not (terms.advance_share > 0 and terms.advance_cap > 0):
                continue
            odds = self.renewal_odds(terms_day, self.interest_arrears_before)
            if not self.decisions.less("renewal", self.this_year("renewal"), odds):
                continue
            coming = self.lent_again(slot.principal, terms_day)
            amount = min(terms.advance_share * slot.principal, terms.advance_cap, coming)
            if self.decisions.poorer("advance", self.dust, amount):
                slot.request = amount
                requests.append(Request(firm, number, amount, day, self.days_of_cash(), until=day + terms.advance_days))
                self.count(f"advance_asked_{fate}")
        return requests

    def ask_for_a_guarantee(self, firm: int) -> list[Request]:
        if self.asked == 0:
            return []
        if not self.terms_today.cover > 0:
            self.count("guarantee_lapsed_out_of_force")
            self.asked, self.asked_day = 0.0, NEVER
            return []
        return [Request(firm, 1, self.asked, self.asked_day, self.days_of_cash(), cover=self.terms_today.cover)]

    def ask_for_a_cheap_loan(self, firm: int) -> list[Request]:
        """Ask a facility for a place, in the step after the one in which the bank approved the loan."""
        slot = self.slots[1]
        if self.approved_in != self.number - 1 or not (slot.coming > 0 and self.terms_today.facility_rate > 0):
            return []
        return [Request(firm, 1, slot.coming, self.a, self.days_of_cash())]

    def hear(self, answers: Set[int | str]) -> None:
        """Take what funds have granted."""
        for number, slot in enumerate(self.slots):
            if number in answers:
                slot.granted = slot.request
                if slot.overdue:
                    slot.overdue_since, slot.overdue_day = slot.overdue_day, NEVER
        if "facility" in answers:
            self.facility_rate_of = self.terms_today.facility_rate
            self.count("facility_says_yes")
        if "guarantee" in answers:
            slot = self.slots[1]
            assert slot.principal == slot.coming == 0
            slot.coming = self.asked
            slot.coming_day = max(self.asked_day - self.h / 2 + self.approval_days, self.a)
            slot.asked_for = True
            self.guaranteed = self.terms_today.cover
            self.trace.detail[-1]["guaranteed"] = self.guaranteed * self.asked
            self.guarantee_fee_rate = self.terms_today.cover * self.terms_today.guarantee_fee_per_year
            self.asked, self.asked_day = 0.0, NEVER
        elif self.asked > 0 and self.decisions.day_reached("lapse", self.asked_day + self.credit["reapply_days"], self.b):
            self.count("guarantee_lapsed_unanswered")
            self.asked, self.asked_day = 0.0, NEVER

    def serve_debt(self) -> None:
        firm, credit = self.firm, self.credit
        cumulated, recalled = self.recall()
        interest = firm.r / YEAR * self.line_drawn * self.h
        for slot in self.slots:
            slot.falls_due, slot.recalled, slot.bridged, slot.repaid, slot.used, slot.day = False, False, False, 0.0, 0.0, NEVER
            owed_days = self.h
            if slot.overdue_since < NEVER:
                fate, day = "due", self.a  # a loan that was overdue, and a fund helps to repay it
            else:
                fate, day = self.fate_of(slot, recalled)
            if fate == "deferred":
                slot.due_day = self.terms(day).deferral_day
                self.book("deferred_principal", slot.principal)
            elif fate == "rolled":
                slot.due_day = day + self.terms(day).roll_days
                self.book("rolled_principal", slot.principal)
            elif fate == "norepay":
                slot.due_day = day + credit["term_days"]
            elif fate:
                slot.falls_due, slot.recalled, slot.day = True, fate == "recalled", day
                owed_days = day - self.a
            if fate in ("recalled", "deferred", "rolled", "norepay"):
                self.count("recall" if fate == "recalled" else fate)
            of_slot = firm.r / YEAR * slot.principal * owed_days  # in the end that of slot 2
            interest += of_slot
        self.cumulated_recall = cumulated
        self.interest_expense = interest
        self.rate_relief = min(self.facility_rate_of * self.principal_2_before * self.h / YEAR, of_slot)
        accrues = interest - self.rate_relief
        self.interest_due, self.interest_accrued = self.fall_due(self.interest_accrued, accrues, firm.interest_day, MONTH)
        self.defer_interest()
        self.book("rate_relief", self.rate_relief)
        self.private_due, self.private_accrued = self.private_accrued, 0.0
        self.funds_due = self.fund_accrued

        waiting = any(slot.coming_day < NEVER for slot in self.slots)
        self.called = False
        if self.bridge > 0:
            before = self.bridge_clock
            if self.refused and not waiting:
                self.bridge_clock += self.h / credit["bridge_call_days"]
            self.called = self.reached("bridge_call", before, self.bridge_clock)
        if self.bridge == 0 or self.called:
            self.bridge_clock = 0.0
        self.call_due = self.bridge if self.called else 0.0

    def defer_interest(self) -> None:
        """Put off a part of the interest due; what was put off to this step is due with it, and the state pays a part of all that."""
        terms, put_off = self.terms_today, 0.0
        if self.decisions.later("interest_deferral", terms.interest_deferral_day, self.b):
            put_off = terms.interest_deferral_share * self.interest_due
        self.interest_due -= put_off
        if self.decisions.day_reached("deferred_interest", self.deferred_interest_day, self.b):
            self.interest_due += self.deferred_interest
            self.deferred_interest, self.deferred_interest_day = 0.0, NEVER
            self.count("deferred_interest_due")
        if put_off > 0:
            day = terms.interest_deferral_day
            self.deferred_interest_day = max(self.deferred_interest_day, day) if self.deferred_interest > 0 else day
            self.deferred_interest += put_off
        self.interest_subsidised = terms.interest_subsidy * self.interest_due
        self.interest_due -= self.interest_subsidised
        self.book("interest_deferred", put_off)
        self.book("interest_subsidised", self.interest_subsidised)

    @property
    def approval_days(self) -> float:
        return float(self.credit["approval_days"] * (1 - self.terms_today.approval_relief))

    def view(self, terms: Terms) -> tuple[float, float, float]:
        """How the bank sees the firm, with what information the terms give: perceived and prudent risk, and odds of renewal."""
        if terms.informed_perceived > 0:
            return terms.informed_perceived, terms.informed_prudent, terms.informed_renewal
        plain = self.character
        return plain.perceived_risk, plain.prudent_risk, plain.renewal_by_risk

    def lent_again(self, principal: float, day: float) -> float:
        """Return what the bank lends again of a principal, with the terms of a day."""
        kappa = self.credit["kappa"]
        return float((kappa + (1 - kappa) * self.terms(day).kappa_lift) * principal)

    def renewal_odds(self, day: float, interest_arrears: float) -> float:
        terms = self.terms(day)
        odds = self.view(terms)[2] * (1 - self.tightening * self.intensity * (1 - terms.tightening_relief))
        if self.decisions.poorer("renewal_in_arrears", self.dust, interest_arrears):
            odds *= self.credit["renewal_in_arrears"]
        return lift(float(odds), terms.renewal_lift)

    def apply_for_a_loan(self) -> None:
        credit, slot = self.credit, self.slots[1]
        if slot.principal > 0 or slot.coming > 0 or self.asked > 0 or any(each.overdue for each in self.slots):
            return
        if not self.decisions.day_reached("reapply", self.last_application + credit["reapply_days"], self.b):
            return
        if not self.decisions.less("apply", self.this_year("apply"), credit["apply"]):
            return
        if not self.decisions.poorer("short", self.cash, self.reserve - self.dust):
            return
        self.last_application = self.b
        self.count("loan_applied")
        appetite = 1 - self.tightening * self.intensity * (1 - self.terms_today.tightening_relief)
        willing = self.decisions.less("approval", self.this_year("approval"), appetite)
        needed = max(credit["cover_days"] * self.firm.normal_outflow + sum(self.arrears.values()) - self.cash, 0.0)
        amount = min(needed, credit["loan_cap_share"] * self.firm.sales)
        compensated = self.is_compensated()
        if willing:
            self.note_what_information_did()
        if willing and (self.is_acceptable(0.0) or compensated):
            slot.coming = amount
            slot.coming_day = max(self.b - self.h / 2 + self.approval_days, self.b)
            slot.asked_for = True
            self.approved_in = self.number
            self.count("loan_approved")
            if not self.is_acceptable(0.0):
                self.compensated = self.terms_today.compensation
                self.count("loan_compensated")
        elif willing and self.may_be_guaranteed():
            self.asked, self.asked_day = amount, self.b
            self.count("guarantee_asked")
        else:
            self.count("loan_refused")

    def is_acceptable(self, borne: float, informed: bool = True) -> bool:
        """Tell whether the bank would lend if somebody else bore a share of the loss."""
        margin, loss = self.credit["bank_margin"], self.credit["lgd"]
        prudent = self.view(self.terms_today if informed else NEUTRAL)[1] * (1 - self.terms_today.risk_discount)
        return not self.decisions.more("acceptable", prudent * (margin + (1 - borne) * loss), margin)

    def is_compensated(self) -> bool:
        """Tell whether the bank would lend because the state bears a part of its loss."""
        terms = self.terms_today
        if self.is_acceptable(0.0) or not (terms.compensation > 0 and self.is_acceptable(terms.compensation)):
            return False
        return not self.decisions.more("compensation_max_risk", self.view(terms)[0], terms.compensation_max_risk)

    def note_what_information_did(self) -> None:
        if self.is_acceptable(0.0) != self.is_acceptable(0.0, informed=False):
            self.count("informed_approval" if self.is_acceptable(0.0) else "informed_refusal")

    def may_be_guaranteed(self) -> bool:
        """Tell whether a firm that the bank refuses would be accepted by both with a guarantee."""
        terms = self.terms_today
        if not (terms.cover > 0 and self.is_acceptable(terms.cover)):
            return False
        return not self.decisions.more("guarantee_max_risk", self.view(terms)[0], terms.guarantee_max_risk)
