"""Stages 1 to 6 of section 4 for the oracle: what a firm sells, collects and buys, and what falls due to people, landlord and state."""

import math

from tests.oracle_books import Books
from tests.oracle_shock import MONTH, NEVER, YEAR, caught_up, left_after


class Trade(Books):
    """What comes of trading in a step."""

    def open_the_step(self) -> None:
        firm = self.firm
        self.cash_before = self.cash
        self.performing_before = any(slot.principal > 0 and not slot.overdue for slot in self.slots)
        self.interest_arrears_before = self.arrears["interest"]
        self.smoothed_before = self.smoothed
        self.terms_today = terms = self.terms(self.b)
        self.weather = weather = self.shock.step(self.number, self.a, self.b, terms)
        self.m = firm.m * (1 - terms.materials_saving)
        self.bridge_before, self.informal_debt_before = self.bridge, self.informal_debt
        self.interest_after = 0.0  # interest that accrues after what is due was fixed
        self.bridged_on = self.a
        self.bridge_fees = 0.0  # of bridges that begin or end inside the step
        self.call_failed = False
        self.intensity = weather.intensity
        credit_shock = self.shock.table("credit") or {"tightening": 0.0, "line_cut": 0.0, "recall_rate": 0.0}
        self.tightening, self.line_cut = float(credit_shock["tightening"]), float(credit_shock["line_cut"])
        self.recall_rate = float(credit_shock["recall_rate"])
        payment = self.shock.table("payment") or {"receivable_stretch": 1.0, "bad_debt_share": 0.0}
        self.stretch, self.bad_debt_share = float(payment["receivable_stretch"]), float(payment["bad_debt_share"])

        # Dormant: by trading it would earn less than it saves by closing.
        earns = weather.demand * firm.sales * (weather.sales_price * (1 - firm.tax_share) - self.m * weather.materials_price)
        saves = (1 - self.behaviour["dormant_payroll_share"]) * firm.people_cost * self.staffing * weather.wage_level
        was_dormant = self.dormant
        self.dormant = self.decisions.poorer("dormant", earns, saves)
        self.principal_2_before, self.fee_rate_before = self.slots[1].principal, self.guarantee_fee_rate
        if self.dormant and not was_dormant:
            self.count("dormancy")
        if was_dormant and not self.dormant:
            self.count("reopening")
        if self.dormant and weather.orders > 0:
            self.count("dormant_with_orders")
        if weather.opened_early:
            self.count("closure_shortened")
        self.trace.dormant[self.number] = self.dormant
        self.trading = 0.0 if self.dormant else weather.open_share
        self.trace.detail[-1].update(intensity=weather.intensity, demand=weather.demand, latent=weather.latent, trading=self.trading)

    def sell(self) -> None:
        firm, weather = self.firm, self.weather
        contracts = self.shock.table("contracts")
        self.intake = firm.sales / YEAR * self.h * weather.latent * self.trading
        self.blocked = contracts["blocked_share"] * self.intensity * self.intake if contracts else 0.0
        self.to_deliver = self.undelivered + self.blocked
        self.undelivered = left_after(self.undelivered, self.blocked, self.h, contracts["contract_delay_days"]) if contracts else 0.0
        self.late = self.to_deliver - self.undelivered
        self.revenue = (self.intake - self.blocked + self.late) * weather.sales_price
        self.order_sales = weather.orders * self.revenue
        self.credit_sales = firm.credit_sales_share * (self.revenue - self.order_sales)
        self.cash_sales = self.revenue - self.credit_sales - self.order_sales
        self.book("cash_sales", self.cash_sales)
        self.book("credit_sales", self.credit_sales + self.order_sales)
        self.book("order_sales", self.order_sales)
        self.book("lifted_sales", weather.lifted * self.revenue)

    def collect(self) -> None:
        terms = self.terms_today
        self.lag = self.firm.receivable_days * (1 + (self.stretch - 1) * self.intensity * (1 - terms.stretch_relief))
        if terms.order_days > 0:
            self.order_terms = terms.order_days
        order_lag = self.order_terms
        if terms.prompt_share > 0:
            self.lag -= terms.prompt_share * max(self.lag - terms.prompt_days, 0.0)
            order_lag = min(order_lag, terms.prompt_days)
        owed = self.receivables + self.credit_sales
        self.receivables = left_after(self.receivables, self.credit_sales, self.h, self.lag)
        matured = owed - self.receivables
        self.bad_debt = self.bad_debt_share * self.intensity * (1 - terms.bad_debt_relief) * matured
        self.bad_debt += self.hit * (matured - self.bad_debt)

        ordered = self.order_receivables + self.order_sales
        self.order_receivables = left_after(self.order_receivables, self.order_sales, self.h, order_lag)
        order_matured = ordered - self.order_receivables

        # What was lent on receivables ends with them; the financier bears bad debt without recourse, and what customers did not pay.
        run_off = self.factored * matured / owed if owed > 0 else 0.0
        without_recourse = run_off * (self.bad_debt / matured) * (1 - self.recourse_of) if matured > 0 else 0.0
        self.lost_by_financiers = max(without_recourse, run_off - (matured - self.bad_debt))
        self.receivables_repaid = run_off - self.lost_by_financiers
        self.factored -= run_off
        if run_off > 0:
            self.count("factoring_run_off")
        if self.lost_by_financiers > 0:
            self.count("financier_loses")
        self.receipts = self.cash_sales + matured - self.bad_debt + order_matured
        self.vat_in = self.firm.vat_share * self.receipts
        self.book("receivables_repaid", self.receivables_repaid)
        self.book("lost_by_financiers", self.lost_by_financiers)
        self.book("collections", matured - self.bad_debt + order_matured)
        self.book("bad_debt", self.bad_debt)
        self.book("vat_in", self.vat_in)

    def buy(self) -> None:
        firm, behaviour = self.firm, self.behaviour
        normal_use = self.m * firm.sales / YEAR  # a day
        plan = 1 + behaviour["materials_elasticity"] * (self.smoothed - 1)
        used = self.m * self.intake
        if firm.inventory_days > 0:
            target = normal_use * firm.inventory_days * plan
            restock = (target - self.stock) * caught_up(self.h, behaviour["inventory_adjust_days"])
            units = max(self.trading * (normal_use * self.h * plan + restock), used - self.stock, 0.0)
        else:
            units = used  # services hold no stock
        purchases = units * self.weather.materials_price
        all_units, all_cost = self.stock + units, self.stock_cost + purchases
        unit_cost = all_cost / all_units if all_units > 0 else 0.0
        self.stock = max(all_units - used, 0.0)
        self.stock_cost = max(all_cost - unit_cost * used, 0.0)
        cost_used = all_cost - self.stock_cost

        # The cost of blocked orders waits until they are delivered.
        wip_in = cost_used * self.blocked / self.intake if self.intake > 0 else 0.0
        waiting = self.work_in_progress + wip_in
        released = waiting * self.late / self.to_deliver if self.to_deliver > 0 else 0.0
        self.work_in_progress = waiting - released
        self.materials_used = cost_used - wip_in + released

        unsold = self.shock.table("unsold")
        rate = behaviour["unsold_share_per_year"] + (self.intensity * unsold["share_per_year"] if unsold else 0.0)
        unsalable = 1 - math.exp(-rate * self.h / YEAR)
        self.write_down = unsalable * self.stock_cost
        self.stock *= 1 - unsalable
        self.stock_cost -= self.write_down

        lag = firm.payable_days * (1 + (self.stretch - 1) / 2 * self.intensity)
        owed = self.payables + purchases
        self.payables = left_after(self.payables, purchases, self.h, lag)
        self.overheads = firm.overheads * self.h / YEAR
        self.overheads_subsidised = self.terms_today.overheads_relief * self.overheads
        self.outlay = max(self.terms_today.outlay_share * firm.sales - self.so_far["invested"], 0.0)
        self.so_far["invested"] += self.outlay
        self.suppliers_due = owed - self.payables + self.overheads - self.overheads_subsidised + self.outlay
        sold = self.weather.latent * self.trading
        self.smoothed += (sold - self.smoothed) * caught_up(self.h, behaviour["demand_smoothing_days"])
        self.book("purchases", purchases)
        self.book("materials_used", self.materials_used)
        self.book("write_down", self.write_down)
        self.book("overheads_expense", self.overheads)
        self.book("overheads_subsidised", self.overheads_subsidised)
        self.book("investment_expense", self.outlay)

    def fall_due(self, accrued: float, amount: float, day: float, period: float) -> tuple[float, float]:
        """Return what of an accrual falls due in the step, and what stays accrued."""
        n = math.floor((self.b - day) / period)
        if n > math.floor((self.a - day) / period):
            due_on = day + period * n
            return accrued + amount * (due_on - self.a) / self.h, amount * (self.b - due_on) / self.h
        return 0.0, accrued + amount

    def pay_people(self) -> None:
        firm, behaviour, weather, terms = self.firm, self.behaviour, self.weather, self.terms_today
        kept = terms.retention if weather.wanted < 1 else 0.0
        wanted = 1 + behaviour["payroll_elasticity"] * (1 - kept) * (weather.wanted - 1)
        moved = self.trading * (wanted - self.staffing) * caught_up(self.h, behaviour["payroll_lag_days"])
        self.staffing = max(self.staffing + moved, 0.0)
        paid_share = self.trading + (1 - self.trading) * behaviour["dormant_payroll_share"]
        people_expense = firm.people_cost / YEAR * self.h * self.staffing * weather.wage_level * paid_share
        social = firm.social_share / (1 + firm.social_share)
        waived = terms.social_relief * social * people_expense
        self.people_expense = people_expense - waived
        self.people_due, self.people_accrued = self.fall_due(self.people_accrued, self.people_expense, firm.payday, MONTH)
        self.social_deferred = 0.0
        whole = social / (1 - social * terms.social_relief)  # all social insurance, as a part of what is left of people_cost
        social_left = whole * (1 - terms.social_relief)
        if self.decisions.later("public_deferral", terms.public_deferral_day, self.b):
            self.social_deferred = min(terms.social_deferral_share, 1 - terms.social_relief) * whole * self.people_due
        social_due = max(social_left * self.people_due - self.social_deferred, 0.0)  # not below 0 by round-off
        self.people_due -= self.social_deferred
        self.social_of_due = social_due / self.people_due if self.people_due > 0 else social_left
        self.book("people_expense", self.people_expense)
        self.book("social_waived", waived)
        self.book("social_deferred", self.social_deferred)

    def pay_rent(self) -> None:
        firm = self.firm
        rent = firm.rent / YEAR * self.h * self.weather.rent_level
        waived = self.terms_today.rent_relief * rent
        self.rent_expense = rent - waived
        self.book("rent_waived", waived)
        self.book("rent_compensation", self.terms_today.rent_state_share * waived)
        self.rent_due, self.rent_accrued = self.fall_due(self.rent_accrued, self.rent_expense, firm.rent_day, firm.rent_period)
        self.book("rent_expense", self.rent_expense)

    def pay_tax(self) -> None:
        self.tax_expense = self.firm.tax_share * self.revenue
        self.tax_due, self.tax_accrued = self.fall_due(self.tax_accrued, self.tax_expense + self.vat_in, self.firm.tax_day, MONTH)
        terms, tax_deferred, comes_due = self.terms_today, 0.0, 0.0
        if self.decisions.later("public_deferral", terms.public_deferral_day, self.b):
            tax_deferred = terms.tax_deferral_share * self.tax_due
        # READING: what was deferred before and falls due now is not deferred again.
        if self.decisions.day_reached("deferred_tax", self.deferred_tax_day, self.b):
            comes_due, self.deferred_tax, self.deferred_tax_day = self.deferred_tax, 0.0, NEVER
            self.count("deferred_tax_due")
        self.tax_due += comes_due - tax_deferred
        self.put_off_now = self.social_deferred + tax_deferred
        self.owe_the_state_later(self.put_off_now, terms.public_deferral_day)
        self.book("tax_deferred", tax_deferred)
        self.book("tax_expense", self.tax_expense)

    def owe_the_state_later(self, amount: float, day: float) -> None:
        """Add to what is owed to the state on one day, the later one."""
        if amount > 0:  # READING: what defers nothing moves no day
            self.deferred_tax_day = max(self.deferred_tax_day, day) if self.deferred_tax > 0 else day
            self.deferred_tax += amount

    def receive_support(self) -> None:
        """Stage 8; what a lump sum has brought so far is deducted from it."""
        terms, sales = self.terms_today, self.firm.sales
        entitled = {
            "tax_refunds": (terms.refund_share * sales, "refunded"),
            "grants": (terms.grant_share * sales + terms.grant_amount, "granted"),
            "innovation_grants": (terms.innovation_share * sales, "innovated"),
            "public_equity": (terms.growth_share * sales, "growth_received"),
            "public_advances": (terms.public_advance_share * sales, "advanced_publicly"),
        }
        received = {"wage_subsidies": terms.wage_subsidy * self.people_expense, "digital_subsidies": terms.outlay_subsidy * self.outlay}
        for entry, (in_all, balance) in entitled.items():
            received[entry] = max(in_all - self.so_far[balance], 0.0)
            self.so_far[balance] += received[entry]
        for entry, amount in received.items():
            self.book(entry, amount)
        self.support = sum(received.values())
        self.given = self.support - received["public_advances"]  # not to be paid back
        self.advanced_now = received["public_advances"]
        self.owe_the_state_later(self.advanced_now, self.b + terms.public_advance_days)
        self.book("programme_costs", terms.programme_cost * self.h / YEAR)
