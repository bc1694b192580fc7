"""A second, slow version of the model: one draw, plain Python floats, written from docs/model.md and nothing else.

It exists to be compared with the engine. It shares no function with the package; where the page can be read in two ways, the
reading chosen here is marked ``READING``. Sections below carry the numbers of docs/model.md; sections 1 and 3 are in `oracle_firm`,
section 2 is in `oracle_shock`, the funds of section 6a are in `oracle_funds`.

A firm that no public fund serves lives its life alone (`simulate`); firms that share funds live theirs step by step together
(`simulate_together`). Every step asserts what must hold whatever the scenario: the change in cash is the sum of the flows, equity is
assets less liabilities, and no balance is negative.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from tests.oracle_firm import Character, Decisions, Firm, Slot
from tests.oracle_funds import BRIDGE, FUND_KINDS, GUARANTEE, Dealings, Fund, Request
from tests.oracle_shock import MONTH, NEVER, YEAR, Shock, caught_up, left_after

ROUND_OFF = 1e-9
ARREARS = ("people", "interest", "rent", "suppliers", "tax")
CAUSES = ("patience", "loan", "owner", "other")

MONEY_IN = (
    *("cash_sales", "collections", "vat_in", "bank_lent", "bridge_lent", "informal_lent", "owner_in", "advance_lent"),
    *("estate_receivables", "estate_goods", "estate_fixed_assets"),
)
MONEY_OUT = (
    *("wages_paid", "social_paid", "suppliers_paid", "rent_paid", "tax_paid", "interest_paid", "principal_repaid"),
    *("bridge_repaid", "informal_repaid", "private_fees_paid", "drawings", "advance_repaid", "fund_fees_paid"),
    *("estate_wages", "estate_social", "estate_tax", "estate_suppliers", "estate_rent", "estate_banks", "estate_private", "estate_owner"),
    "estate_funds",
)
NO_MONEY = (
    *("credit_sales", "purchases", "materials_used", "people_expense", "rent_expense", "overheads_expense", "tax_expense"),
    *("interest_expense", "private_fees_expense", "bad_debt", "write_down", "lost_receivables", "lost_goods", "lost_fixed_assets"),
    *("lost_by_people", "lost_by_suppliers", "lost_by_landlords", "lost_by_government", "lost_by_banks", "lost_by_private"),
    *("rolled_principal", "fund_fees_expense", "lost_by_funds", "claims_paid"),
)

BALANCES = (
    *("cash", "receivables", "stock", "stock_cost", "work_in_progress", "undelivered", "payables"),
    *("people_accrued", "rent_accrued", "tax_accrued", "interest_accrued", "private_accrued"),
    *("arrears_people", "arrears_interest", "arrears_rent", "arrears_suppliers", "arrears_tax"),
    *("principal_1", "principal_2", "due_day_1", "due_day_2", "coming_1", "coming_2", "coming_day_1", "coming_day_2"),
    *("overdue_day_1", "overdue_day_2", "line_drawn", "bridge", "informal_debt", "owner_funds", "informal_credit"),
    *("fixed_assets", "smoothed", "staffing", "equity"),
    *("advance_1", "advance_2", "fund_accrued", "asked", "asked_day", "guaranteed", "guarantee_fee_rate"),
)
"""What `Trace.balances` records at the end of every step; days are infinite where there is no such day."""


@dataclass
class Trace:
    """The life of one firm in one draw under one policy.

    Attributes
    ----------
    balances
        For each name of `BALANCES`, its value at the end of every step (0, days infinite, from the step of the exit on).
    flows
        For each entry of the accounts (and ``rolled_principal``), the amount booked in every step.
    opening
        The same names as ``balances``, at day 0.
    open, dormant
        For every step: trades at its end; stayed away by choice.
    cash_out_step, exit_step
        Index of the step, None where it did not happen.
    cause
        ``patience``, ``loan``, ``owner``, ``other``, or empty.
    close_call, closest
        The smallest relative distance of a decision from its opposite, and which decision it was.
    events
        How often each kind of event happened.
    requests, answers
        For every step, what the firm asked of funds: amount and day by slot, or by ``guarantee``; and which of it was granted.
    detail
        Worked quantities of every step that are no balance (demand, need, worth ...), to find out where two versions part.
    """

    balances: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in BALANCES})
    flows: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in (*MONEY_IN, *MONEY_OUT, *NO_MONEY)})
    opening: dict[str, float] = field(default_factory=dict)
    open: list[bool] = field(default_factory=list)
    dormant: list[bool] = field(default_factory=list)
    cash_out_step: int | None = None
    exit_step: int | None = None
    cause: str = ""
    close_call: float = math.inf
    closest: str = ""
    events: Counter[str] = field(default_factory=Counter)
    requests: list[dict[int | str, tuple[float, float]]] = field(default_factory=list)
    answers: list[Set[int | str]] = field(default_factory=list)
    detail: list[dict[str, float]] = field(default_factory=list)


def simulate(
    firm: Mapping[str, Any],
    scenario: Mapping[str, Any],
    luck: Mapping[str, Any],
    levers: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[float, float]],
) -> Trace:
    """Live the life of a firm that no public fund serves, step by step.

    Parameters
    ----------
    firm
        The columns of docs/model.md section 1, before the adjustments of ``[adjust]``.
    scenario
        The tables of a scenario as plain numbers; a shock table that is off is None. Beside them ``liquidation_share`` and,
        where there is a season, ``season_by_step``.
    luck
        Uniforms, normals and per-step paths of section 3.
    levers
        One mapping a lever: who, when, and ``terms``.
    steps
        Pairs of days (a, b]; each step starts where the one before ends.

    Returns
    -------
    Trace
        Everything that happened.
    """
    assert not any(lever.get("kind") in FUND_KINDS for lever in levers), "firms that share a fund live together"
    life = Life(firm, scenario, luck, levers)
    for number, (start, end) in enumerate(steps):
        life.step(number, start, end)
    return life.trace


@dataclass
class Together:
    """The lives of all firms of one draw under one policy, and its funds in the order of their labels by kind."""

    traces: list[Trace]
    funds: list[Fund]


def simulate_together(
    firms: Sequence[Mapping[str, Any]],
    scenario: Mapping[str, Any],
    lucks: Sequence[Mapping[str, Any]],
    levers: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[float, float]],
    weights: Sequence[float],
    queue_luck: Sequence[float],
) -> Together:
    """Live the lives of all firms of a draw, which share the public funds among the levers.

    Parameters
    ----------
    firms, lucks
        Of every firm, in canonical order, what `simulate` takes.
    scenario, steps
        As for `simulate`.
    levers
        As for `simulate`; those of a fund have besides: ``kind`` (``emergency_relending`` or ``guarantee_fund``), ``label``,
        ``capital`` (money), ``cases_per_week`` (or None), ``queue``, and for guarantees ``leverage`` and ``claim_limit``.
    weights, queue_luck
        Of every firm: how many it stands for, and the uniform of random queues.

    Returns
    -------
    Together
        Everything that happened.
    """
    chosen = [lever for kind in FUND_KINDS for lever in sorted(levers, key=label) if lever.get("kind") == kind]
    funds = [Fund(lever, weights, queue_luck) for lever in chosen]
    lives = [Life(firm, scenario, luck, levers) for firm, luck in zip(firms, lucks, strict=True)]
    members = [{number: life for number, life in enumerate(lives) if life.funds.get(fund.kind) == fund.label} for fund in funds]
    for number, (start, end) in enumerate(steps):
        alive = [life.alive for life in lives]
        asked = [life.ask(number, start, end, firm) for firm, life in enumerate(lives)]
        granted: list[set[int | str]] = [set() for _ in lives]
        for fund, belong in zip(funds, members, strict=True):
            requests = [request for firm in belong for request in asked[firm][fund.kind]]
            for firm, slot in fund.answer(start, end, requests):
                granted[firm].add(slot if fund.kind == BRIDGE else "guarantee")
        for life, answers in zip(lives, granted, strict=True):
            life.finish(answers)
        for fund, belong in zip(funds, members, strict=True):
            fund.close_the_books(end, {firm: life.dealings[fund.kind] for firm, life in belong.items() if alive[firm]})
    return Together([life.trace for life in lives], funds)


def label(lever: Mapping[str, Any]) -> str:
    return str(lever.get("label", ""))


# --------------------------------------------------------------------------------------------------------------- 6. Levers


@dataclass(frozen=True)
class Terms:
    """What the levers in force on a day add up to."""

    renewal_lift: float = 0.0
    kappa_lift: float = 0.0
    tightening_relief: float = 0.0
    rolled: bool = False
    roll_days: float = 0.0
    grace_lift: float = 0.0
    advance_share: float = 0.0
    advance_cap: float = 0.0
    advance_fee_per_day: float = 0.0
    advance_days: float = 0.0
    cover: float = 0.0
    guarantee_max_risk: float = 0.0
    guarantee_fee_per_year: float = 0.0


OF_FUNDS = ("advance_share", "advance_cap", "advance_fee_per_day", "advance_days", "cover", "guarantee_max_risk", "guarantee_fee_per_year")


def together(x: float, y: float) -> float:
    """Combine two shares of which each takes its part of what the other leaves."""
    return 1.0 - (1.0 - x) * (1.0 - y)


def lift(p: float, by: float) -> float:
    """Raise odds."""
    return 1.0 - (1.0 - p) * (1.0 - by) if by > 0 else p


# -------------------------------------------------------------------------------------------------------------- 4. One step


class Life:
    """Section 4: a firm, its balances, and what one step does to them."""

    def __init__(
        self, columns: Mapping[str, Any], scenario: Mapping[str, Any], luck: Mapping[str, Any], levers: Sequence[Mapping[str, Any]]
    ) -> None:
        self.behaviour, self.credit, self.leave = scenario["behaviour"], scenario["credit"], scenario["exit"]
        self.scenario, self.luck, self.levers = scenario, luck, levers
        self.decisions = Decisions()
        self.firm = firm = Firm(columns, scenario["adjust"], self.behaviour)
        self.shock = Shock(firm, scenario, luck, self.decisions)
        self.character = Character(firm, scenario, luck)
        self.takes = [self.decisions.less("take_up", luck["take_up"][i], lever["take_up"]) for i, lever in enumerate(levers)]
        self.funds: dict[str, str] = {}  # label of the fund by kind: the first that reaches the firm
        for takes, lever in sorted(zip(self.takes, levers, strict=True), key=lambda pair: label(pair[1])):
            if lever.get("kind") in FUND_KINDS and takes and self.is_meant(lever):
                self.funds.setdefault(lever["kind"], lever["label"])
        self.trace = Trace()

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
        self.dealings = {kind: Dealings() for kind in FUND_KINDS}
        self.dormant = False
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
        owns = self.cash + self.receivables + self.stock_cost + self.work_in_progress + self.fixed_assets
        accrued = self.people_accrued + self.rent_accrued + self.tax_accrued + self.interest_accrued + self.private_accrued
        borrowed = sum(slot.principal for slot in self.slots) + self.line_drawn + self.bridge + self.informal_debt
        to_funds = sum(slot.advance for slot in self.slots) + self.fund_accrued
        return owns - self.payables - accrued - sum(self.arrears.values()) - borrowed - to_funds

    @property
    def fund_accrued(self) -> float:
        return sum(self.fees_owed.values())

    def snapshot(self) -> dict[str, float]:
        values = {f"arrears_{name}": amount for name, amount in self.arrears.items()}
        for number, slot in enumerate(self.slots, start=1):
            for name in ("principal", "due_day", "coming", "coming_day", "overdue_day", "advance"):
                values[f"{name}_{number}"] = getattr(slot, name)
        return {name: values[name] if name in values else getattr(self, name) for name in BALANCES}

    def book(self, entry: str, amount: float) -> None:
        self.trace.flows[entry][self.number] += amount

    def count(self, event: str) -> None:
        self.trace.events[event] += 1

    # ------------------------------------------------------------------------------------------------------------ the step

    def step(self, number: int, start: float, end: float) -> None:
        """Live the days (start, end] where no fund is asked for anything."""
        self.ask(number, start, end, 0)
        self.finish(set())

    def ask(self, number: int, start: float, end: float, firm: int) -> dict[str, list[Request]]:
        """Begin the step (start, end]: return what the firm with this number asks of its funds."""
        self.number, self.a, self.b, self.h = number, start, end, end - start
        for booked in self.trace.flows.values():
            booked.append(0.0)
        self.trace.detail.append({})
        self.trace.open.append(False)
        self.trace.dormant.append(False)
        self.dealings = {kind: Dealings() for kind in FUND_KINDS}
        requests: dict[str, list[Request]] = {kind: [] for kind in FUND_KINDS}
        if self.alive:
            self.open_the_step()
            requests[BRIDGE] = self.ask_for_advances(firm)
            requests[GUARANTEE] = self.ask_for_a_guarantee(firm)
        self.trace.requests.append({request.slot: (request.amount, request.day) for request in requests[BRIDGE]})
        for request in requests[GUARANTEE]:
            self.trace.requests[-1]["guarantee"] = (request.amount, request.day)
        return requests

    def finish(self, answers: Set[int | str]) -> None:
        """Live the step that was begun, with what funds granted: numbers of slots, and ``guarantee``."""
        self.trace.answers.append(answers)
        assert answers <= set(self.trace.requests[-1])
        if self.alive:
            self.hear(answers)
            self.sell()
            self.collect()
            self.buy()
            self.pay_people()
            self.pay_rent()
            self.pay_tax()
            self.serve_debt()
            self.cash_endpoint()
            self.finance_the_gap()
            self.settle()
            self.accrue_fees()
            self.draw()
            self.apply_for_a_loan()
            self.close_the_books()
            self.exit_or_carry_on()
            self.check()
            self.dealings[BRIDGE].advances = [(slot.advance, slot.coming_day) for slot in self.slots if slot.advance > 0]
            self.dealings[GUARANTEE].book = self.guaranteed * (self.slots[1].principal + self.slots[1].coming)
        for name, amount in self.snapshot().items():
            self.trace.balances[name].append(amount)
        self.trace.close_call, self.trace.closest = self.decisions.closest, self.decisions.closest_name

    def open_the_step(self) -> None:
        firm = self.firm
        self.cash_before = self.cash
        self.weather = weather = self.shock.step(self.number, self.a, self.b)
        self.intensity = weather.intensity
        self.interest_arrears_before = self.arrears["interest"]
        self.smoothed_before = self.smoothed
        self.bridge_before, self.informal_debt_before = self.bridge, self.informal_debt
        self.interest_after = 0.0  # interest that accrues after what is due was fixed
        self.bridged_on = self.a
        self.bridge_fees = 0.0  # of bridges that begin or end inside the step
        self.call_failed = False
        self.terms_today = self.terms(self.b)
        credit_shock = self.shock.table("credit") or {"tightening": 0.0, "line_cut": 0.0, "recall_rate": 0.0}
        self.tightening, self.line_cut = float(credit_shock["tightening"]), float(credit_shock["line_cut"])
        self.recall_rate = float(credit_shock["recall_rate"])
        payment = self.shock.table("payment") or {"receivable_stretch": 1.0, "bad_debt_share": 0.0}
        self.stretch, self.bad_debt_share = float(payment["receivable_stretch"]), float(payment["bad_debt_share"])

        # Dormant: by trading it would earn less than it saves by closing.
        earns = weather.demand * firm.sales * (weather.sales_price * (1 - firm.tax_share) - firm.m * weather.materials_price)
        saves = (1 - self.behaviour["dormant_payroll_share"]) * firm.people_cost * self.staffing * weather.wage_level
        was_dormant = self.dormant
        self.dormant = self.decisions.poorer("dormant", earns, saves)
        self.principal_2_before, self.fee_rate_before = self.slots[1].principal, self.guarantee_fee_rate
        if self.dormant and not was_dormant:
            self.count("dormancy")
        if was_dormant and not self.dormant:
            self.count("reopening")
        self.trace.dormant[self.number] = self.dormant
        self.trading = 0.0 if self.dormant else weather.open_share
        self.trace.detail[-1].update(intensity=weather.intensity, demand=weather.demand, latent=weather.latent, trading=self.trading)

    # ------------------------------------------------------------------------------------- what firms ask, section 6a

    def recall(self) -> tuple[float, bool]:
        """Return the cumulated hazard at the end of the step, and whether loans are recalled in it."""
        relief = self.terms_today.tightening_relief  # READING: terms at the end of the step
        after = self.cumulated_recall + self.recall_rate * self.intensity * self.h / YEAR * (1 - relief)
        return after, self.reached("recall", self.cumulated_recall, after)

    def fate_of(self, slot: Slot, recalled: bool) -> tuple[str, float]:
        """Return what happens to a loan in the step (nothing, ``recalled``, ``rolled``, ``norepay``, ``due``) and on which day."""
        performing = slot.principal > 0 and not slot.overdue
        if not (performing and (slot.due_day <= self.b or recalled)):
            return "", NEVER
        day = min(max(slot.due_day, self.a), self.b)
        if recalled:
            return "recalled", day
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

    def hear(self, answers: Set[int | str]) -> None:
        """Take what funds have granted."""
        for number, slot in enumerate(self.slots):
            if number in answers:
                slot.granted = slot.request
                if slot.overdue:
                    slot.overdue_since, slot.overdue_day = slot.overdue_day, NEVER
        if "guarantee" in answers:
            slot = self.slots[1]
            assert slot.principal == slot.coming == 0
            slot.coming = self.asked
            slot.coming_day = max(self.asked_day - self.h / 2 + self.credit["approval_days"], self.a)
            slot.asked_for = True
            self.guaranteed = self.terms_today.cover
            self.guarantee_fee_rate = self.terms_today.cover * self.terms_today.guarantee_fee_per_year
            self.asked, self.asked_day = 0.0, NEVER
        elif self.asked > 0 and self.decisions.day_reached("lapse", self.asked_day + self.credit["reapply_days"], self.b):
            self.count("guarantee_lapsed_unanswered")
            self.asked, self.asked_day = 0.0, NEVER

    # ---------------------------------------------------------------------------------------------------------- the stages

    def sell(self) -> None:
        firm, weather = self.firm, self.weather
        contracts = self.shock.table("contracts")
        self.intake = firm.sales / YEAR * self.h * weather.latent * self.trading
        self.blocked = contracts["blocked_share"] * self.intensity * self.intake if contracts else 0.0
        self.to_deliver = self.undelivered + self.blocked
        self.undelivered = left_after(self.undelivered, self.blocked, self.h, contracts["contract_delay_days"]) if contracts else 0.0
        self.late = self.to_deliver - self.undelivered
        self.revenue = (self.intake - self.blocked + self.late) * weather.sales_price
        self.credit_sales = firm.credit_sales_share * self.revenue
        self.cash_sales = self.revenue - self.credit_sales
        self.book("cash_sales", self.cash_sales)
        self.book("credit_sales", self.credit_sales)

    def collect(self) -> None:
        lag = self.firm.receivable_days * (1 + (self.stretch - 1) * self.intensity)
        owed = self.receivables + self.credit_sales
        self.receivables = left_after(self.receivables, self.credit_sales, self.h, lag)
        matured = owed - self.receivables
        self.bad_debt = self.bad_debt_share * self.intensity * matured
        self.receipts = self.cash_sales + matured - self.bad_debt
        self.vat_in = self.firm.vat_share * self.receipts
        self.book("collections", matured - self.bad_debt)
        self.book("bad_debt", self.bad_debt)
        self.book("vat_in", self.vat_in)

    def buy(self) -> None:
        firm, behaviour = self.firm, self.behaviour
        normal_use = firm.m * firm.sales / YEAR  # a day
        plan = 1 + behaviour["materials_elasticity"] * (self.smoothed - 1)
        used = firm.m * self.intake
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
        self.suppliers_due = owed - self.payables + self.overheads
        sold = self.weather.latent * self.trading
        self.smoothed += (sold - self.smoothed) * caught_up(self.h, behaviour["demand_smoothing_days"])
        self.book("purchases", purchases)
        self.book("materials_used", self.materials_used)
        self.book("write_down", self.write_down)
        self.book("overheads_expense", self.overheads)

    def fall_due(self, accrued: float, amount: float, day: float, period: float) -> tuple[float, float]:
        """Return what of an accrual falls due in the step, and what stays accrued."""
        n = math.floor((self.b - day) / period)
        if n > math.floor((self.a - day) / period):
            due_on = day + period * n
            return accrued + amount * (due_on - self.a) / self.h, amount * (self.b - due_on) / self.h
        return 0.0, accrued + amount

    def pay_people(self) -> None:
        firm, behaviour, weather = self.firm, self.behaviour, self.weather
        wanted = 1 + behaviour["payroll_elasticity"] * (weather.wanted - 1)
        moved = self.trading * (wanted - self.staffing) * caught_up(self.h, behaviour["payroll_lag_days"])
        self.staffing = max(self.staffing + moved, 0.0)
        paid_share = self.trading + (1 - self.trading) * behaviour["dormant_payroll_share"]
        self.people_expense = firm.people_cost / YEAR * self.h * self.staffing * weather.wage_level * paid_share
        self.people_due, self.people_accrued = self.fall_due(self.people_accrued, self.people_expense, firm.payday, MONTH)
        self.book("people_expense", self.people_expense)

    def pay_rent(self) -> None:
        firm = self.firm
        self.rent_expense = firm.rent / YEAR * self.h * self.weather.rent_level
        self.rent_due, self.rent_accrued = self.fall_due(self.rent_accrued, self.rent_expense, firm.rent_day, firm.rent_period)
        self.book("rent_expense", self.rent_expense)

    def pay_tax(self) -> None:
        self.tax_expense = self.firm.tax_share * self.revenue
        self.tax_due, self.tax_accrued = self.fall_due(self.tax_accrued, self.tax_expense + self.vat_in, self.firm.tax_day, MONTH)
        self.book("tax_expense", self.tax_expense)

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
        """Section 6: the terms in force on a day, given the state at the start of the step."""
        lifts = {"renewal_lift": 0.0, "kappa_lift": 0.0, "tightening_relief": 0.0}
        rolled, roll_days, grace_lift = False, 0.0, 0.0
        of_fund = dict.fromkeys(OF_FUNDS, 0.0)
        for takes, lever in zip(self.takes, self.levers, strict=True):
            in_window = lever["from_day"] + lever["delay_days"] <= day <= lever["to_day"]
            if not (takes and in_window and self.is_meant(lever)):
                continue
            if lever.get("kind") in FUND_KINDS and self.funds.get(lever["kind"]) != lever["label"]:
                continue  # a firm of another fund
            fall = lever["min_sales_fall"]
            if fall is not None and self.decisions.less("min_sales_fall", 1 - self.smoothed_before, fall):
                continue
            if lever["without_bank_arrears"] and self.decisions.poorer("bank_arrears", self.dust, self.interest_arrears_before):
                continue
            for name, value in lever["terms"].items():
                if name in lifts:
                    lifts[name] = together(lifts[name], value)
                elif name == "rolled":
                    rolled = rolled or value > 0
                elif name == "roll_days":
                    roll_days = max(roll_days, value)
                elif name == "grace_lift":
                    grace_lift += value
                elif name in of_fund:
                    of_fund[name] += value  # at most one lever has it
        return Terms(**lifts, rolled=rolled, roll_days=roll_days, grace_lift=grace_lift, **of_fund)

    def is_meant(self, lever: Mapping[str, Any]) -> bool:
        """Tell whether the firm is one of those that a lever is for: who it is, not how it fares."""
        firm = self.firm
        asked_of = ((firm.industry, lever["industries"]), (firm.size, lever["sizes"]), (firm.legal_form, lever["legal_forms"]))
        if any(allowed is not None and own not in allowed for own, allowed in asked_of):
            return False
        return lever["max_risk"] is None or not self.decisions.more("max_risk", firm.default_risk, lever["max_risk"])

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
            if fate == "rolled":
                slot.due_day = day + self.terms(day).roll_days
                self.book("rolled_principal", slot.principal)
            elif fate == "norepay":
                slot.due_day = day + credit["term_days"]
            elif fate:
                slot.falls_due, slot.recalled, slot.day = True, fate == "recalled", day
                owed_days = day - self.a
            if fate in ("recalled", "rolled", "norepay"):
                self.count("recall" if fate == "recalled" else fate)
            interest += firm.r / YEAR * slot.principal * owed_days
        self.cumulated_recall = cumulated
        self.interest_expense = interest
        self.interest_due, self.interest_accrued = self.fall_due(self.interest_accrued, interest, firm.interest_day, MONTH)
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

    def owed_now(self) -> float:
        """Return what has fallen due, principal apart: dues of the step, old arrears, a bridge that is called."""
        dues = self.people_due + self.interest_due + self.private_due + self.funds_due + self.rent_due + self.suppliers_due + self.tax_due
        return float(dues + sum(self.arrears.values()) + self.call_due)

    def cash_endpoint(self) -> None:
        line_is_cut = self.decisions.less(
            "line", self.luck["line"], self.line_cut * self.intensity * (1 - self.terms_today.tightening_relief)
        )
        self.line_available = 0.0 if line_is_cut else max(self.firm.credit_line - self.line_drawn, 0.0)
        if line_is_cut:
            self.count("line_cut")
        principal = sum(slot.principal - slot.granted for slot in self.slots if slot.falls_due or slot.overdue)
        has = self.cash + self.receipts + self.vat_in + self.line_available
        if self.trace.cash_out_step is None and self.decisions.poorer("cash", has, self.owed_now() + principal):
            self.trace.cash_out_step = self.number
            self.count("cash_out")

    def finance_the_gap(self) -> None:
        self.cash += self.receipts + self.vat_in
        need = max(self.owed_now() - self.cash, 0.0)
        self.trace.detail[-1]["need"] = need

        drawn = min(need, self.line_available)
        self.line_left = self.line_available - drawn
        self.line_drawn += drawn
        self.cash += drawn
        need -= drawn
        self.book("bank_lent", drawn)

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

    def lent_again(self, principal: float, day: float) -> float:
        """Return what the bank lends again of a principal, with the terms of a day."""
        kappa = self.credit["kappa"]
        return float((kappa + (1 - kappa) * self.terms(day).kappa_lift) * principal)

    def renewal_odds(self, day: float, interest_arrears: float) -> float:
        terms = self.terms(day)
        odds = self.character.renewal_by_risk * (1 - self.tightening * self.intensity * (1 - terms.tightening_relief))
        if self.decisions.poorer("renewal_in_arrears", self.dust, interest_arrears):
            odds *= self.credit["renewal_in_arrears"]
        return lift(float(odds), terms.renewal_lift)

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
        people = paid["people"] + old_paid["people"]
        self.book("wages_paid", people * (1 - social))
        self.book("social_paid", people * social)
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

    def empty(self, slot: Slot) -> None:
        """Take a loan off the books that was repaid; with slot 2's the guarantee ends."""
        slot.principal, slot.due_day, slot.overdue_day = 0.0, NEVER, NEVER
        if slot is self.slots[1]:
            self.guaranteed = self.guarantee_fee_rate = 0.0

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
        if willing and self.is_acceptable(0.0):
            slot.coming = amount
            slot.coming_day = max(self.b - self.h / 2 + credit["approval_days"], self.b)
            slot.asked_for = True
            self.count("loan_approved")
        elif willing and self.may_be_guaranteed():
            self.asked, self.asked_day = amount, self.b
            self.count("guarantee_asked")
        else:
            self.count("loan_refused")

    def is_acceptable(self, cover: float) -> bool:
        """Tell whether the bank would lend if somebody else bore a share of the loss."""
        margin, loss = self.credit["bank_margin"], self.credit["lgd"]
        return not self.decisions.more("acceptable", self.character.prudent_risk * (margin + (1 - cover) * loss), margin)

    def may_be_guaranteed(self) -> bool:
        """Tell whether a firm that the bank refuses would be accepted by both with a guarantee."""
        terms = self.terms_today
        if not (terms.cover > 0 and self.is_acceptable(terms.cover)):
            return False
        return not self.decisions.more("guarantee_max_risk", self.character.perceived_risk, terms.guarantee_max_risk)

    def close_the_books(self) -> None:
        """Section 5: profit and equity."""
        costs = self.materials_used + self.people_expense + self.rent_expense + self.overheads + self.tax_expense
        financing = self.interest_expense + self.interest_after + self.private_accrued + self.fund_fees
        profit = self.revenue - costs - financing - self.bad_debt - self.write_down
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
                odds = 1.0 if self.terms(slot.due_day).rolled else self.renewal_odds(slot.due_day, self.arrears["interest"])
                at_risk += (1 - odds) * slot.principal
        price = weather.sales_price * (1 - firm.tax_share) - firm.m * weather.materials_price
        debt = sum(slot.principal for slot in self.slots) + self.line_drawn
        people = firm.people_cost * self.staffing * weather.wage_level
        asleep = self.behaviour["dormant_payroll_share"]
        trading = weather.outlook_demand * firm.sales * price - weather.outlook_open * (1 - asleep) * people
        yearly = max(trading, 0.0) - asleep * people - firm.rent * weather.rent_level - firm.overheads - firm.r * debt
        has = self.cash + self.owner_funds + self.leave["collectable_share"] * self.receivables
        has += self.leave["stock_share"] * (self.stock_cost + self.work_in_progress)
        has += sum(slot.coming - slot.advance for slot in self.slots) - self.fund_accrued
        worth = has - self.payables - sum(self.arrears.values()) - self.bridge - at_risk + outlook / YEAR * yearly
        self.trace.detail[-1]["worth"] = worth
        return float(worth)

    def divide_the_estate(self) -> None:
        """Pay creditors in their order from what can be had; what is not covered is lost to them."""
        sold_at = self.scenario["liquidation_share"]
        goods = self.stock_cost + self.work_in_progress
        collected = self.leave["collectable_share"] * self.receivables
        self.book("estate_receivables", collected)
        self.book("lost_receivables", self.receivables - collected)
        self.book("estate_goods", sold_at * goods)
        self.book("lost_goods", goods - sold_at * goods)
        security = sold_at * self.fixed_assets
        self.book("estate_fixed_assets", security)
        self.book("lost_fixed_assets", self.fixed_assets - security)
        left = self.cash + collected + sold_at * goods + security

        banks = sum(slot.principal for slot in self.slots) + self.line_drawn + self.interest_accrued + self.arrears["interest"]
        people = self.people_accrued + self.arrears["people"]
        government = self.tax_accrued + self.arrears["tax"]
        pool = {
            "suppliers": self.payables + self.arrears["suppliers"],
            "landlords": self.rent_accrued + self.arrears["rent"],
            "private": self.bridge + self.informal_debt + self.private_accrued,
            "funds": sum(slot.advance for slot in self.slots) + self.fund_accrued,
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
        self.book("estate_banks", to_banks + pool["banks"] * share)
        self.book("lost_by_banks", pool["banks"] * (1 - share))
        entries = {"suppliers": "estate_suppliers", "landlords": "estate_rent", "private": "estate_private", "funds": "estate_funds"}
        for name, entry in entries.items():
            self.book(entry, pool[name] * share)
            self.book(f"lost_by_{name}", pool[name] * (1 - share))
        self.book("estate_owner", left)
        self.settle_with_funds(share, pool["banks"] * (1 - share) / banks if banks > 0 else 0.0)

        for name in BALANCES:
            if hasattr(self, name) and name not in ("fund_accrued", "asked_day"):
                setattr(self, name, 0.0)
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
        if self.asked > 0:
            self.count("gone_while_waiting_for_a_guarantee")
        self.fees_owed = dict.fromkeys(FUND_KINDS, 0.0)
        self.asked_day = NEVER

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
