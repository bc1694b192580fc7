"""Stage 12 and section 5 for the oracle: profit, the decision to go, and the estate of who goes."""

from collections.abc import Mapping

from tests.oracle_books import ROUND_OFF
from tests.oracle_firm import Slot
from tests.oracle_funds import BRIDGE, FUND_KINDS, GUARANTEE
from tests.oracle_settlement import Settlement
from tests.oracle_shock import NEVER, YEAR
from tests.oracle_trace import ARREARS, BALANCES, CAUSES, ENTITLEMENTS


class Leaving(Settlement):
    """Exit or carry on."""

    def close_the_books(self) -> None:
        """Section 5: profit and equity."""
        costs = self.materials_used + self.people_expense + self.rent_expense + self.overheads + self.tax_expense
        financing = self.interest_expense + self.interest_after + self.private_accrued + self.fund_fees
        profit = self.revenue - costs - financing - self.bad_debt - self.write_down - self.outlay - self.discount_expense
        profit += self.given + self.overheads_subsidised + self.interest_subsidised + self.rate_relief + self.lost_by_financiers
        self.equity += profit + self.owner_put_in - self.drawings
        assert abs(self.equity - self.net_assets()) <= ROUND_OFF * self.scale, (self.number, self.equity, self.net_assets())

    def dues_until(self, day: float) -> float:
        """Return all that ever fell due by a day: linear between the ends of steps, 0 before day 0."""
        if day <= 0:
            return 0.0
        for (before, low), (after, high) in zip(self.dues, self.dues[1:], strict=False):
            if day <= after:
                return low + (high - low) * (day - before) / (after - before)
        return self.dues[-1][1]

    def exit_or_carry_on(self) -> None:
        firm, leave, today = self.firm, self.leave, self.b
        causes = []
        owed = sum(self.arrears.values())

        all_dues = self.dues[-1][1] + self.dues_of_the_step
        self.dues.append((today, all_dues))
        tolerated = all_dues - owed + leave["patience_tolerance_days"] * firm.normal_outflow
        exist = self.decisions.poorer("arrears", self.dust, owed)
        if exist and self.decisions.poorer("patience", tolerated, self.dues_until(today - self.character.patience)):
            causes.append("patience")

        if self.call_failed:
            causes.append("loan")
        for slot in self.slots:
            grace_ends = slot.overdue_day + self.credit["grace_days"] * (1 + self.terms_today.grace_lift)
            if slot.overdue and self.decisions.day_reached("grace", grace_ends, today):
                if self.decisions.less("workout", self.this_year("workout"), self.credit["workout"]):
                    slot.due_day, slot.overdue_day = grace_ends + self.credit["term_days"], NEVER
                    self.count("rescheduled")
                else:
                    causes.append("loan")

        hopeless = -self.character.hope * firm.sales
        if self.decisions.poorer("arrears", self.dust, owed) and self.decisions.poorer("owner", self.worth(), hopeless):
            causes.append("owner")

        before = self.cumulated_other
        rate = leave["background_rate"]
        self.cumulated_other += (rate[firm.size] if isinstance(rate, Mapping) else rate) * self.h / YEAR
        if self.reached("other", before, self.cumulated_other):
            causes.append("other")

        if causes:
            self.alive = False
            self.trace.exit_step, self.trace.cause = self.number, min(causes, key=CAUSES.index)
            self.count(f"exit_{self.trace.cause}")
            for slot in self.slots:
                if slot.coming_day < NEVER:
                    self.count("late_loan" if slot.asked_for else "late_relending")
            if self.bridge > 0:
                self.count("bridge_left_at_exit")
            self.divide_the_estate()
        else:
            self.trace.open[self.number] = not self.dormant and not self.weather.closed_at_end

    def worth(self) -> float:
        """Return what carrying on is worth to the owner."""
        firm, weather, today, outlook = self.firm, self.weather, self.b, self.leave["outlook_days"]
        at_risk = 0.0
        for slot in self.slots:
            if slot.overdue:  # READING: an overdue loan is no loan that matures; it is counted once, here
                at_risk += (1 - self.credit["workout"]) * slot.principal
            elif slot.due_day <= today + outlook:
                then = self.terms(slot.due_day)
                runs_on = then.rolled or self.decisions.later("deferral", then.deferral_day, slot.due_day)
                odds = 1.0 if runs_on else self.renewal_odds(slot.due_day, self.arrears["interest"])
                at_risk += (1 - odds) * slot.principal
        price = weather.sales_price * (1 - firm.tax_share) - self.m * weather.materials_price
        debt = sum(slot.principal for slot in self.slots) + self.line_drawn
        people = firm.people_cost * self.staffing * weather.wage_level
        asleep = self.behaviour["dormant_payroll_share"]
        trading = weather.outlook_demand * firm.sales * price - weather.outlook_open * (1 - asleep) * people
        yearly = max(trading, 0.0) - asleep * people - firm.rent * weather.rent_level - firm.overheads - firm.r * debt
        has = self.cash + self.owner_funds + self.leave["collectable_share"] * (self.receivables + self.order_receivables)
        has -= self.factored + self.deferred_tax + self.deferred_interest
        has += self.leave["stock_share"] * (self.stock_cost + self.work_in_progress)
        has += sum(slot.coming - slot.advance for slot in self.slots) - self.fund_accrued
        worth = has - self.payables - sum(self.arrears.values()) - self.bridge - at_risk + outlook / YEAR * yearly
        self.trace.detail[-1]["worth"] = worth
        return float(worth)

    def divide_the_estate(self) -> None:
        """Pay creditors in their order from what can be had; what is not covered is lost to them."""
        sold_at = self.scenario["liquidation_share"]
        goods = self.stock_cost + self.work_in_progress
        outstanding = self.receivables + self.order_receivables
        collected = self.leave["collectable_share"] * outstanding
        to_financiers = min(self.factored, collected)  # they come first
        self.book("estate_receivables", collected)
        self.book("lost_receivables", outstanding - collected)
        self.book("estate_goods", sold_at * goods)
        self.book("lost_goods", goods - sold_at * goods)
        security = sold_at * self.fixed_assets
        self.book("estate_fixed_assets", security)
        self.book("lost_fixed_assets", self.fixed_assets - security)
        left = self.cash + collected - to_financiers + sold_at * goods + security

        banks = sum(slot.principal for slot in self.slots) + self.line_drawn + self.interest_accrued + self.arrears["interest"]
        banks += self.deferred_interest
        people = self.people_accrued + self.arrears["people"]
        government = self.tax_accrued + self.arrears["tax"] + self.deferred_tax
        pool = {
            "suppliers": self.payables + self.arrears["suppliers"],
            "landlords": self.rent_accrued + self.arrears["rent"],
            "private": self.bridge + self.informal_debt + self.private_accrued,
            "funds": sum(slot.advance for slot in self.slots) + self.fund_accrued,
            "financiers": self.factored - to_financiers,
        }
        to_banks = min(banks, security)
        left -= to_banks
        to_people = min(people, left)
        left -= to_people
        to_government = min(government, left)
        left -= to_government
        pool["banks"] = banks - to_banks
        claims = sum(pool.values())
        share = min(left, claims) / claims if claims > 0 else 0.0
        left -= min(left, claims)

        social = self.firm.social_share / (1 + self.firm.social_share)
        self.book("estate_wages", to_people * (1 - social))
        self.book("estate_social", to_people * social)
        self.book("lost_by_people", people - to_people)
        self.book("estate_tax", to_government)
        self.book("lost_by_government", government - to_government)
        of_state = to_government / government if government > 0 else 0.0
        self.book("deferred_paid", self.put_off_open * of_state)
        self.book("public_advances_repaid", self.advance_open * of_state)
        self.book("estate_banks", to_banks + pool["banks"] * share)
        self.book("lost_by_banks", pool["banks"] * (1 - share))
        entries = {"suppliers": "estate_suppliers", "landlords": "estate_rent", "private": "estate_private", "funds": "estate_funds"}
        for name, entry in (entries | {"financiers": "estate_financiers"}).items():
            self.book(entry, pool[name] * share)
            self.book(f"lost_by_{name}", pool[name] * (1 - share))
        self.book("estate_financiers", to_financiers)
        if pool["financiers"] * (1 - share) > 0:
            self.count("financier_loses_at_exit")
        self.book("estate_owner", left)
        self.settle_with_funds(share, pool["banks"] * (1 - share) / banks if banks > 0 else 0.0)

        for name in BALANCES:
            if hasattr(self, name) and name not in ("fund_accrued", "asked_day", "deferred_tax_day", "deferred_interest_day"):
                setattr(self, name, 0.0)
        self.deferred_tax_day = self.deferred_interest_day = NEVER
        self.so_far = dict.fromkeys(ENTITLEMENTS, 0.0)
        self.arrears = dict.fromkeys(ARREARS, 0.0)
        self.slots = (Slot(), Slot())

    def settle_with_funds(self, paid_share: float, lost_share_of_banks: float) -> None:
        """Tell funds what an estate pays them, and let them pay the bank for what it loses of a guaranteed loan."""
        advances = sum(slot.advance for slot in self.slots)
        self.dealings[BRIDGE].recovered += advances * paid_share
        self.dealings[BRIDGE].lost += advances * (1 - paid_share)
        for kind, owed in self.fees_owed.items():
            self.dealings[kind].fees += owed * paid_share
        claims = self.guaranteed * lost_share_of_banks * self.slots[1].principal
        assert claims <= self.guaranteed * self.slots[1].principal * (1 + ROUND_OFF)
        self.dealings[GUARANTEE].claims += claims
        self.book("claims_paid", claims)
        compensation = self.compensated * (1 - self.guaranteed) * lost_share_of_banks * self.slots[1].principal
        self.book("compensation_paid", compensation)
        if compensation > 0:
            self.count("compensated_loan_lost")
        if self.asked > 0:
            self.count("gone_while_waiting_for_a_guarantee")
        self.fees_owed = dict.fromkeys(FUND_KINDS, 0.0)
        self.asked_day = NEVER
