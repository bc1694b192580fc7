"""The books of a firm for the oracle: what it owns and owes, its luck, the terms it has, and what must hold after every step."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tests.oracle_firm import Character, Decisions, Firm, Slot
from tests.oracle_funds import FUND_KINDS, Dealings
from tests.oracle_levers import LeversOfFirm, Standing, Terms
from tests.oracle_shock import MONTH, NEVER, YEAR, Shock
from tests.oracle_trace import ARREARS, BALANCES, ENTITLEMENTS, MONEY_IN, MONEY_OUT, Trace

ROUND_OFF = 1e-9


class Books:
    """A firm and its balances; sections 1, 3 and 5."""

    def __init__(
        self, columns: Mapping[str, Any], scenario: Mapping[str, Any], luck: Mapping[str, Any], levers: Sequence[Mapping[str, Any]]
    ) -> None:
        self.behaviour, self.credit, self.leave = scenario["behaviour"], scenario["credit"], scenario["exit"]
        self.scenario, self.luck = scenario, luck
        self.decisions = Decisions()
        self.firm = firm = Firm(columns, scenario["adjust"], self.behaviour)
        self.shock = Shock(firm, scenario, luck, self.decisions)
        self.character = Character(firm, scenario, luck)
        self.levers = LeversOfFirm(firm, scenario, luck, self.decisions)
        self.levers.compile(levers)
        self.trace = Trace()
        self.trace.events.update(self.levers.events)

        # Opening balances: those of normal times.
        self.alive = True
        self.cash = firm.cash
        self.receivables = firm.credit_sales_share * firm.sales / YEAR * firm.receivable_days
        self.stock = firm.m * firm.sales / YEAR * firm.inventory_days
        self.stock_cost = self.stock
        self.work_in_progress = 0.0
        self.undelivered = 0.0
        self.fixed_assets = firm.fixed_assets
        self.payables = firm.m * firm.sales / YEAR * firm.payable_days
        self.people_accrued = firm.people_cost / YEAR * (MONTH - firm.payday)
        self.rent_accrued = firm.rent / YEAR * (firm.rent_period - firm.rent_day)
        self.tax_accrued = (firm.tax_share + firm.vat_share) * firm.sales / YEAR * (MONTH - firm.tax_day)
        self.interest_accrued = firm.r * firm.loan / YEAR * (MONTH - firm.interest_day)
        self.private_accrued = 0.0
        self.arrears = dict.fromkeys(ARREARS, 0.0)
        self.slots = (Slot(firm.loan, firm.loan_due_day if firm.loan > 0 else NEVER), Slot())
        self.line_drawn = 0.0
        self.bridge = 0.0
        self.informal_debt = 0.0
        self.owner_funds = firm.owner_funds
        self.informal_credit = firm.informal_credit
        self.smoothed = self.staffing = 1.0
        self.refused = False  # the bank did not lend again, and a bridge stays for it
        self.cumulated_recall = self.bridge_clock = self.cumulated_other = 0.0
        self.last_application = -NEVER
        self.fees_owed = dict.fromkeys(FUND_KINDS, 0.0)  # fund_accrued, by kind of fund
        self.asked, self.asked_day = 0.0, NEVER  # a loan that waits for a guarantee
        self.guaranteed = self.guarantee_fee_rate = 0.0  # of slot 2
        self.order_receivables = self.order_terms = 0.0
        self.factored = self.recourse_of = 0.0  # lent against receivables
        self.deferred_tax, self.deferred_tax_day = 0.0, NEVER
        self.deferred_interest, self.deferred_interest_day = 0.0, NEVER
        self.put_off_open = self.advance_open = 0.0  # of what is owed to the state
        self.compensated = self.facility_rate_of = 0.0  # of slot 2
        self.approved_in = -1  # step in which the loan in slot 2 was approved without a guarantee
        self.hit = 0.0  # share of what customers would pay in the step that contagion takes
        self.so_far = dict.fromkeys(ENTITLEMENTS, 0.0)
        self.dealings = {kind: Dealings() for kind in FUND_KINDS}
        self.dormant = False
        self.number, self.a, self.b, self.h = -1, 0.0, 0.0, 0.0
        self.cash_before, self.smoothed_before, self.interest_arrears_before = self.cash, self.smoothed, 0.0
        self.dues = [(0.0, 0.0)]  # (day, all that ever fell due)
        self.equity = self.net_assets()
        self.trace.opening = self.snapshot()
        self.scale = max(1.0, firm.sales, firm.cash, firm.loan, firm.fixed_assets, firm.owner_funds, firm.credit_line)
        self.decisions.money_scale = self.scale
        # READING: a need that is financed to the last cent leaves arrears of round-off, and a bridge repaid down to the reserve leaves
        # a shortage of round-off. Neither is one: amounts up to a millionth of a year's sales do not count in decisions.
        self.dust = 1e-6 * firm.sales

    # ------------------------------------------------------------------------------------------------- accounts, section 5

    def net_assets(self) -> float:
        """Return assets less liabilities."""
        owns = self.cash + self.receivables + self.order_receivables + self.stock_cost + self.work_in_progress + self.fixed_assets
        accrued = self.people_accrued + self.rent_accrued + self.tax_accrued + self.interest_accrued + self.private_accrued
        borrowed = sum(slot.principal for slot in self.slots) + self.line_drawn + self.bridge + self.informal_debt
        to_funds = sum(slot.advance for slot in self.slots) + self.fund_accrued
        put_off = self.deferred_tax + self.deferred_interest
        return owns - self.payables - accrued - sum(self.arrears.values()) - borrowed - to_funds - self.factored - put_off

    @property
    def fund_accrued(self) -> float:
        return sum(self.fees_owed.values())

    def snapshot(self) -> dict[str, float]:
        values = {f"arrears_{name}": amount for name, amount in self.arrears.items()} | self.so_far
        for number, slot in enumerate(self.slots, start=1):
            for name in ("principal", "due_day", "coming", "coming_day", "overdue_day", "advance"):
                values[f"{name}_{number}"] = getattr(slot, name)
        return {name: values[name] if name in values else getattr(self, name) for name in BALANCES}

    def book(self, entry: str, amount: float) -> None:
        self.trace.flows[entry][self.number] += amount

    def count(self, event: str) -> None:
        self.trace.events[event] += 1

    def check(self) -> None:
        flows = self.trace.flows
        moved = sum(flows[name][self.number] for name in MONEY_IN) - sum(flows[name][self.number] for name in MONEY_OUT)
        assert abs(self.cash - self.cash_before - moved) <= ROUND_OFF * self.scale, (self.number, self.cash, self.cash_before, moved)
        assert abs(self.equity - self.net_assets()) <= ROUND_OFF * self.scale
        for slot in self.slots:
            assert slot.advance <= slot.coming, (self.number, slot)
        for name, amount in self.snapshot().items():
            if name != "equity":
                assert amount >= -ROUND_OFF * self.scale, (self.number, name, amount)
        for name, booked in flows.items():
            assert booked[self.number] >= -ROUND_OFF * self.scale, (self.number, name, booked[self.number])

    # ------------------------------------------------------------------------------------------------------ luck and levers

    def reached(self, name: str, before: float, after: float) -> bool:
        """Tell whether a cumulated hazard reaches the firm's threshold in this step for the first time."""
        threshold = -math.log(self.luck[name])
        if before >= threshold:
            return False
        return not self.decisions.less(name, after, threshold)

    def this_year(self, name: str) -> float:
        """Return the luck that is drawn anew each year."""
        return float(self.luck[name][math.floor(self.a / YEAR)])

    def terms(self, day: float) -> Terms:
        """The terms in force on a day, given the state at the start of the step."""
        return self.levers.terms(day, Standing(self.smoothed_before, self.interest_arrears_before, self.cash_before))
