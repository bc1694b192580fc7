"""Stages 9 to 11 of section 4 for the oracle: finding money for what is due, paying it, and what is done with the rest."""

from tests.oracle_credit import Credit
from tests.oracle_firm import Slot
from tests.oracle_funds import BRIDGE, GUARANTEE
from tests.oracle_shock import NEVER, YEAR, caught_up
from tests.oracle_trace import ARREARS


class Settlement(Credit):
    """Who is paid, from what."""

    def owed_now(self) -> float:
        """Return what has fallen due, principal apart: dues of the step, old arrears, a bridge that is called."""
        dues = self.people_due + self.interest_due + self.private_due + self.funds_due + self.rent_due + self.suppliers_due + self.tax_due
        return float(dues + sum(self.arrears.values()) + self.call_due)

    def available(self) -> float:
        """Return the cash that there is before any gap is financed; financiers are paid out of the receipts at once."""
        return float(self.cash + self.receipts + self.vat_in - self.receivables_repaid + self.support)

    def discount(self) -> float:
        """What a financier keeps of what it lends on receivables, until they are paid."""
        terms = self.terms_today
        return float(min(terms.receivables_fee + terms.receivables_discount * self.lag / YEAR, 0.5))

    def room_of_financier(self) -> float:
        """Return what a financier would still pay out on receivables."""
        room = max(self.terms_today.receivables_advance * self.receivables - self.factored, 0.0)
        return float(room * (1 - self.discount()))

    def cash_endpoint(self) -> None:
        line_is_cut = self.decisions.less(
            "line", self.luck["line"], self.line_cut * self.intensity * (1 - self.terms_today.tightening_relief)
        )
        self.line_available = 0.0 if line_is_cut else max(self.firm.credit_line - self.line_drawn, 0.0)
        if line_is_cut:
            self.count("line_cut")
        principal = sum(slot.principal - slot.granted for slot in self.slots if slot.falls_due or slot.overdue)
        has = self.available() + self.line_available + self.room_of_financier()
        if self.trace.cash_out_step is None and self.decisions.poorer("cash", has, self.owed_now() + principal):
            self.trace.cash_out_step = self.number
            self.count("cash_out")

    def finance_the_gap(self) -> None:
        self.cash = self.available()
        need = max(self.owed_now() - self.cash, 0.0)
        self.trace.detail[-1]["need"] = need

        drawn = min(need, self.line_available)
        self.line_left = self.line_available - drawn
        self.line_drawn += drawn
        self.cash += drawn
        need -= drawn
        self.book("bank_lent", drawn)

        lent = min(need, self.room_of_financier())
        face = lent / (1 - self.discount())
        self.cash += lent
        need -= lent
        self.discount_expense = face - lent
        self.factored += face
        if face > 0:
            self.recourse_of = self.terms_today.recourse
        self.book("receivables_lent", lent)
        self.book("discount_expense", self.discount_expense)

        for slot in self.slots:
            if slot.coming_day <= self.b:
                need = max(need - self.bank_money_arrives(slot), 0.0)

        self.owner_put_in = min(need, self.owner_funds)
        self.owner_funds -= self.owner_put_in
        self.cash += self.owner_put_in
        need -= self.owner_put_in
        self.book("owner_in", self.owner_put_in)

        informal = min(need, self.informal_credit)
        self.informal_credit -= informal
        self.informal_debt += informal
        self.cash += informal
        self.book("informal_lent", informal)

    def bank_money_arrives(self, slot: Slot) -> float:
        """Turn committed money into a loan; an advance and then a bridge are repaid first. Return what is left of it."""
        amount, day = slot.coming, slot.coming_day
        slot.principal, slot.due_day = amount, day + self.credit["term_days"]
        slot.coming, slot.coming_day = 0.0, NEVER
        self.interest_after += self.firm.r / YEAR * amount * (self.b - day)
        to_fund, slot.advance = slot.advance, 0.0
        assert to_fund <= amount
        to_bridge = min(self.bridge, amount - to_fund)
        self.bridge -= to_bridge
        self.bridge_fees -= to_bridge * self.credit["bridge_fee_per_day"] * (self.b - max(day, self.bridged_on))
        self.cash += amount - to_fund - to_bridge
        self.book("bank_lent", amount)
        self.book("advance_repaid", to_fund)
        self.dealings[BRIDGE].repaid += to_fund
        self.book("bridge_repaid", to_bridge)
        self.count("loan_arrived" if slot.asked_for else "relending_arrived")
        slot.asked_for = False
        return amount - to_fund - to_bridge

    def settle(self) -> None:
        social = self.firm.social_share / (1 + self.firm.social_share)
        fee = self.credit["bridge_fee_per_day"]
        paid = dict.fromkeys(ARREARS, 0.0)

        first = self.people_due + self.interest_due + self.private_due + self.funds_due
        share = min(self.cash, first) / first if first > 0 else 0.0
        self.cash -= min(self.cash, first)
        paid["people"] = self.people_due * share
        paid["interest"] = self.interest_due * share
        fees_paid = self.private_due * share
        self.informal_debt += self.private_due - fees_paid
        self.advance_fees = 0.0
        for kind, owed in self.fees_owed.items():
            self.fees_owed[kind] = owed - owed * share
            self.dealings[kind].fees += owed * share
        self.book("fund_fees_paid", self.funds_due * share)

        old = sum(self.arrears.values())
        share = min(self.cash, old) / old if old > 0 else 0.0
        self.cash -= min(self.cash, old)
        old_paid = {name: amount * share for name, amount in self.arrears.items()}
        self.arrears = {name: self.arrears[name] - old_paid[name] for name in ARREARS}

        if self.call_due > 0:
            self.call_failed = self.decisions.poorer("call", self.cash + self.dust, self.bridge)
            self.count("call_failed" if self.call_failed else "call_met")
            if not self.call_failed:
                met = min(self.cash, self.bridge)
                self.cash -= met
                self.book("bridge_repaid", met)
                self.bridge -= met

        rest = self.rent_due + self.suppliers_due + self.tax_due
        for slot in self.slots:
            if not slot.falls_due:
                continue
            own, owed = max(self.cash - rest, 0.0), slot.principal - slot.granted
            lack = max(owed - own, 0.0)
            if owed == 0 or not self.decisions.poorer("own_cash", own, owed):
                self.cash -= owed
                self.count("repaid_in_cash")
            elif self.decisions.less("bridge", self.luck["bridge"], self.credit["bridge_access"]):
                self.bridge += lack
                self.bridge_fees += lack * fee * (self.b - slot.day)
                self.bridged_on = slot.day
                self.cash -= own
                self.book("bridge_lent", lack)
                self.count("bridged")
                slot.bridged = True
            elif not self.decisions.poorer("bank_first", self.cash + self.line_left + self.owner_funds, owed):
                from_line = min(lack, self.line_left)
                from_owner = min(lack - from_line, self.owner_funds)
                self.line_left -= from_line
                self.line_drawn += from_line
                self.owner_funds -= from_owner
                self.owner_put_in += from_owner
                self.cash = max(self.cash - (owed - from_line - from_owner), 0.0)
                self.book("bank_lent", from_line)
                self.book("owner_in", from_owner)
                self.count("repaid_bank_first")
            else:
                slot.overdue_day, slot.due_day = min(slot.overdue_since, slot.day), NEVER
                self.interest_after += self.firm.r / YEAR * slot.principal * (self.b - slot.day)
                self.count("overdue")
                if slot.granted > 0:
                    self.count("advance_given_back")
                continue
            if slot.granted > 0:
                slot.used = slot.granted
                self.book("advance_lent", slot.used)
                self.dealings[BRIDGE].lent += slot.used
                self.count("advance_used_late" if slot.overdue_since < NEVER else "advance_used")
            self.book("principal_repaid", slot.principal)
            slot.repaid = slot.principal
            self.empty(slot)

        for name, due in (("rent", self.rent_due), ("suppliers", self.suppliers_due), ("tax", self.tax_due)):
            paid[name] = min(self.cash, due)
            self.cash -= paid[name]
        dues = {
            "people": self.people_due,
            "interest": self.interest_due,
            "rent": self.rent_due,
            "suppliers": self.suppliers_due,
            "tax": self.tax_due,
        }
        for name in ARREARS:
            unpaid = dues[name] - paid[name]
            self.arrears[name] += unpaid
            if unpaid > self.dust:
                self.count(f"arrears_{name}")
        self.tell_what_came_back()
        to_state = paid["people"] * self.social_of_due + old_paid["people"] * social
        self.book("wages_paid", paid["people"] + old_paid["people"] - to_state)
        self.book("social_paid", to_state)
        for name in ("interest", "rent", "suppliers", "tax"):
            self.book(f"{name}_paid", paid[name] + old_paid[name])
        self.book("private_fees_paid", fees_paid)
        self.dues_of_the_step = sum(dues.values())

        # READING: the bank re-lends after everything due is settled, so that money that arrives at once pays none of it.
        for slot in self.slots:
            if slot.repaid == 0 or slot.recalled:
                self.refused = self.refused or slot.bridged
                continue
            odds = self.renewal_odds(slot.terms_day, self.interest_arrears_before)
            if self.decisions.less("renewal", self.this_year("renewal"), odds):
                terms = self.terms(slot.terms_day)
                slot.coming = self.lent_again(slot.repaid, slot.terms_day)
                slot.coming_day = slot.day + (terms.advance_days if slot.used > 0 else self.credit["gap_days"])
                slot.advance = slot.used
                self.advance_fees += slot.used * terms.advance_fee_per_day * terms.advance_days
                self.count("relent")
                if slot.coming_day <= self.b:
                    self.count("relent_at_once")
                    self.bank_money_arrives(slot)
            else:
                assert slot.used == 0, "a fund lends only against the bank's commitment"
                self.refused = self.refused or slot.bridged
                self.count("not_relent")

    def tell_what_came_back(self) -> None:
        """Of what is owed to the state, what was put off counts as paid last, and advances after that."""
        owed = self.deferred_tax + self.arrears["tax"]
        put_off = self.put_off_open + self.put_off_now
        advance = self.advance_open + self.advanced_now
        self.advance_open = min(advance, owed)
        self.put_off_open = min(put_off, owed - self.advance_open)
        self.book("deferred_paid", put_off - self.put_off_open)
        self.book("public_advances_repaid", advance - self.advance_open)
        if self.put_off_open > self.dust and self.deferred_tax == 0:
            self.count("put_off_and_in_arrears")

    def empty(self, slot: Slot) -> None:
        """Take a loan off the books that was repaid; with slot 2's the guarantee ends."""
        slot.principal, slot.due_day, slot.overdue_day = 0.0, NEVER, NEVER
        if slot is self.slots[1]:
            self.guaranteed = self.guarantee_fee_rate = self.compensated = self.facility_rate_of = 0.0

    def accrue_fees(self) -> None:
        of_guarantee = self.fee_rate_before * self.principal_2_before * self.h / YEAR
        self.fees_owed[BRIDGE] += self.advance_fees
        self.fees_owed[GUARANTEE] += of_guarantee
        self.fund_fees = self.advance_fees + of_guarantee
        self.book("fund_fees_expense", self.fund_fees)
        of_bridge = self.bridge_before * self.credit["bridge_fee_per_day"] * self.h + self.bridge_fees
        of_informal = self.informal_debt_before * self.credit["informal_rate"] / YEAR * self.h
        self.private_accrued = of_bridge + of_informal
        self.interest_accrued += self.interest_after
        self.book("private_fees_expense", self.private_accrued)
        self.book("interest_expense", self.interest_expense + self.interest_after)

    def draw(self) -> None:
        firm, behaviour = self.firm, self.behaviour
        self.reserve = self.credit["cover_days"] * firm.fixed_outflow
        for slot in self.slots:
            if slot.overdue and not self.decisions.poorer("repay_overdue", self.cash, slot.principal + self.reserve):
                self.cash -= slot.principal
                self.book("principal_repaid", slot.principal)
                self.empty(slot)
                self.count("overdue_repaid")

        repaid = min(self.bridge, max(self.cash - self.reserve, 0.0))
        self.bridge -= repaid
        self.cash -= repaid
        self.book("bridge_repaid", repaid)
        self.refused = self.refused and self.bridge > 0

        repaid = min(self.informal_debt, max(self.cash - firm.target_buffer, 0.0))
        self.informal_debt -= repaid
        self.cash -= repaid
        self.book("informal_repaid", repaid)

        repaid = min(self.line_drawn, max(self.cash - firm.target_buffer, 0.0))
        self.line_drawn -= repaid
        self.cash -= repaid
        self.book("principal_repaid", repaid)

        above = max(self.cash - behaviour["drawing_threshold"] * firm.target_buffer, 0.0)
        overdue = any(slot.overdue for slot in self.slots)
        behind = sum(self.arrears.values()) > self.dust
        self.drawings = 0.0 if overdue or behind else above * caught_up(self.h, behaviour["drawing_days"])
        self.cash -= self.drawings
        self.book("drawings", self.drawings)
        if self.drawings > self.dust and sum(self.arrears.values()) > self.dust:
            self.count("odd_drawings_with_arrears")
