"""A second, slow version of the model: one firm, one draw, plain Python floats, written from docs/model.md and nothing else.

It exists to be compared with the engine. It shares no function with the package; where the page can be read in two ways, the
reading chosen here is marked ``READING``. Sections below carry the numbers of docs/model.md.

Every step asserts what must hold whatever the scenario: the change in cash is the sum of the flows, equity is assets less
liabilities, and no balance is negative.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

YEAR = 365.0
MONTH = YEAR / 12.0
NEVER = math.inf
ROUND_OFF = 1e-9
ARREARS = ("people", "interest", "rent", "suppliers", "tax")
CAUSES = ("patience", "loan", "owner", "other")

MONEY_IN = (
    *("cash_sales", "collections", "vat_in", "bank_lent", "bridge_lent", "informal_lent", "owner_in"),
    *("estate_receivables", "estate_goods", "estate_fixed_assets"),
)
MONEY_OUT = (
    *("wages_paid", "social_paid", "suppliers_paid", "rent_paid", "tax_paid", "interest_paid", "principal_repaid"),
    *("bridge_repaid", "informal_repaid", "private_fees_paid", "drawings"),
    *("estate_wages", "estate_social", "estate_tax", "estate_suppliers", "estate_rent", "estate_banks", "estate_private", "estate_owner"),
)
NO_MONEY = (
    *("credit_sales", "purchases", "materials_used", "people_expense", "rent_expense", "overheads_expense", "tax_expense"),
    *("interest_expense", "private_fees_expense", "bad_debt", "write_down", "lost_receivables", "lost_goods", "lost_fixed_assets"),
    *("lost_by_people", "lost_by_suppliers", "lost_by_landlords", "lost_by_government", "lost_by_banks", "lost_by_private"),
    "rolled_principal",
)

NUMBERS = (
    *("sales", "materials_share", "payroll", "social_share", "rent", "overheads", "tax_share", "vat_share", "cash", "inventory_days"),
    *("receivable_days", "payable_days", "credit_sales_share", "fixed_assets", "loan", "loan_rate", "loan_due_day", "credit_line"),
    *("default_risk", "owner_funds", "informal_credit", "sales_volatility", "payday", "tax_day", "interest_day", "rent_day"),
    "rent_every_months",
)
"""Numeric columns of a firm."""

BALANCES = (
    *("cash", "receivables", "stock", "stock_cost", "work_in_progress", "undelivered", "payables"),
    *("people_accrued", "rent_accrued", "tax_accrued", "interest_accrued", "private_accrued"),
    *("arrears_people", "arrears_interest", "arrears_rent", "arrears_suppliers", "arrears_tax"),
    *("principal_1", "principal_2", "due_day_1", "due_day_2", "coming_1", "coming_2", "coming_day_1", "coming_day_2"),
    *("overdue_day_1", "overdue_day_2", "line_drawn", "bridge", "informal_debt", "owner_funds", "informal_credit"),
    *("fixed_assets", "smoothed", "staffing", "equity"),
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
    detail: list[dict[str, float]] = field(default_factory=list)


def simulate(
    firm: Mapping[str, Any],
    scenario: Mapping[str, Any],
    luck: Mapping[str, Any],
    levers: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[float, float]],
) -> Trace:
    """Live one firm's life, step by step.

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
    life = Life(firm, scenario, luck, levers)
    for number, (start, end) in enumerate(steps):
        life.step(number, start, end)
    return life.trace


# ------------------------------------------------------------------------------------------------------------ 1. A firm


class Firm:
    """Section 1: the constants of a firm in a draw, adjusted, and what is derived from them."""

    def __init__(self, columns: Mapping[str, Any], adjust: Mapping[str, float], behaviour: Mapping[str, float]) -> None:
        value = {name: float(columns[name]) for name in NUMBERS}
        self.industry = columns["industry"]
        self.size = columns["size"]
        self.legal_form = columns["legal_form"]
        self.sales = value["sales"]
        self.social_share = value["social_share"]
        self.tax_share, self.vat_share = value["tax_share"], value["vat_share"]

        fixed_costs = value["payroll"] * (1 + self.social_share) + value["rent"] + value["overheads"]
        factor = 1.0  # READING: no sales, or no costs at all: nothing to adjust
        if self.sales > 0:
            costs = value["materials_share"] + fixed_costs / self.sales
            if costs > 0:
                factor = max((costs - adjust["margin_shift"]) / costs, 0.0)
        self.m = value["materials_share"] * factor
        self.payroll = value["payroll"] * factor
        self.rent = value["rent"] * factor
        self.overheads = value["overheads"] * factor
        self.cash = value["cash"] * adjust["cash_factor"]
        self.informal_credit = value["informal_credit"] * adjust["informal_factor"]
        self.sales_volatility = value["sales_volatility"] * adjust["volatility_factor"]

        self.inventory_days = value["inventory_days"]
        self.receivable_days = value["receivable_days"]
        self.payable_days = value["payable_days"]
        self.credit_sales_share = value["credit_sales_share"]
        self.fixed_assets = value["fixed_assets"]
        self.loan, self.r, self.loan_due_day = value["loan"], value["loan_rate"], value["loan_due_day"]
        self.credit_line = value["credit_line"]
        self.default_risk = value["default_risk"]
        self.owner_funds = value["owner_funds"]
        self.payday, self.tax_day, self.interest_day = value["payday"], value["tax_day"], value["interest_day"]
        self.rent_day, self.rent_period = value["rent_day"], MONTH * value["rent_every_months"]

        self.people_cost = self.payroll * (1 + self.social_share)
        fixed_a_year = self.people_cost + self.rent + self.overheads + self.r * self.loan
        self.normal_outflow = (fixed_a_year + self.m * self.sales + self.tax_share * self.sales) / YEAR
        self.fixed_outflow = fixed_a_year / YEAR
        self.target_buffer = max(self.cash, behaviour["buffer_days"] * self.normal_outflow)
        bought_a_day = (self.m * self.sales + self.overheads) / YEAR
        self.supplier_share = bought_a_day / self.normal_outflow if self.normal_outflow > 0 else 0.0


@dataclass
class Slot:
    """One of the two loans that a firm can have, or money on its way to become one."""

    principal: float = 0.0
    due_day: float = NEVER
    coming: float = 0.0
    coming_day: float = NEVER
    overdue_day: float = NEVER
    asked_for: bool = False
    """The money on its way was applied for (not re-lent); for the count of late loans only."""
    falls_due: bool = False
    """In this step."""
    day: float = NEVER
    """On which it falls due in this step."""
    recalled: bool = False
    bridged: bool = False
    repaid: float = 0.0
    """Principal repaid in this step's settlement."""

    @property
    def overdue(self) -> bool:
        return self.overdue_day < NEVER


# ----------------------------------------------------------------------------------------------------------- 2. The shock


def half(days: float, half_life_days: float) -> float:
    """2^(-days / half_life_days); with a half-life of 0 nothing is left."""
    return 2.0 ** (-days / half_life_days) if half_life_days > 0 else 0.0


def caught_up(days: float, lag_days: float) -> float:
    """1 - exp(-days / lag_days), all of it where the lag is 0."""
    return 1.0 - math.exp(-days / lag_days) if lag_days > 0 else 1.0


def left_after(old: float, inflow: float, days: float, lag_days: float) -> float:
    """What is left of a balance that drains with a lag, after an even inflow during the step: the exact solution."""
    if lag_days <= 0:
        return 0.0
    q = math.exp(-days / lag_days)
    return old * q + inflow * (lag_days / days) * (1.0 - q)


@dataclass(frozen=True)
class Weather:
    """What a step brings to a firm that it cannot change."""

    intensity: float
    open_share: float
    closed_at_end: bool
    wanted: float
    demand: float
    latent: float
    outlook_demand: float
    outlook_open: float
    materials_price: float
    wage_level: float
    rent_level: float
    sales_price: float


class Shock:
    """Section 2: the shock, prices and noise that a firm meets."""

    def __init__(self, firm: Firm, scenario: Mapping[str, Any], luck: Mapping[str, Any], decisions: "Decisions") -> None:
        self.firm, self.scenario, self.luck = firm, scenario, luck
        self.shock = scenario.get("shock")
        self.slow_log = 0.0  # x
        self.reopening_day = -NEVER
        self.hit_by_costs = self.hit_by_labour = False
        closure, costs, labour = self.table("closure"), self.table("costs"), self.table("labour")
        if closure is not None:
            share = closure["closed_share"]
            share = share[firm.industry] if isinstance(share, Mapping) else share
            if decisions.less("closure", luck["closure"], share):
                wait = -closure["reopening_half_life_days"] * math.log2(luck["reopening"])
                self.reopening_day = self.from_day + closure["closed_days"] + wait
        if costs is not None:
            self.hit_by_costs = decisions.less("cost_pressure", luck["cost_pressure"], costs["affected_share"])
        if labour is not None:
            self.hit_by_labour = decisions.less("labour", luck["labour"], labour["affected_share"])

    def table(self, name: str) -> Mapping[str, Any] | None:
        return None if self.shock is None else self.shock.get(name)

    @property
    def from_day(self) -> float:
        return float(self.shock["from_day"]) if self.shock is not None else NEVER

    # Integrals from the start of the shock to day t, so that means over a step are exact.

    def intensity_until(self, t: float) -> float:
        if self.shock is None or t <= self.from_day:
            return 0.0
        since = t - self.from_day
        full, half_life = float(self.shock["duration_days"]), float(self.shock["recovery_half_life_days"])
        if since <= full:
            return since
        return full + half_life / math.log(2.0) * (1.0 - half(since - full, half_life))

    def active_until(self, t: float) -> float:
        return max(t - self.from_day, 0.0) if self.shock is not None else 0.0

    def ramp_until(self, t: float, ramp_days: float) -> float:
        since = self.active_until(t)
        return since * since / (2.0 * ramp_days) if since < ramp_days else since - ramp_days / 2.0

    @staticmethod
    def mean(until: Callable[[float], float], start: float, end: float) -> float:
        return (until(end) - until(start)) / (end - start) if end > start else 0.0

    def depth(self, start: float, end: float, path: Sequence[float] | None, number: int) -> float:
        sales = self.table("sales")
        if sales is None:
            return 0.0
        if path is not None:
            return float(path[number])
        deepest = float(self.luck["depth"])
        scar = min(float(sales["scar"]), deepest)
        return self.mean(self.active_until, start, end) * scar + self.mean(self.intensity_until, start, end) * (deepest - scar)

    def labour_share(self, intensity: float) -> float:
        labour = self.table("labour")
        return 1.0 - (1.0 - float(labour["served_share"])) * intensity if labour is not None and self.hit_by_labour else 1.0

    def closed_days(self, start: float, end: float) -> float:
        return max(min(end, self.reopening_day) - max(start, self.from_day), 0.0)

    def step(self, number: int, start: float, end: float) -> Weather:
        """Return the weather of one step; steps must be asked for in their order, since the slow part remembers."""
        days = end - start
        intensity = self.mean(self.intensity_until, start, end)

        closed_at_end = self.from_day < end < self.reopening_day
        unclosed = 1.0 - self.closed_days(start, end) / days
        down = self.luck["down"][number] if self.table("shutdowns") is not None else 0.0

        materials_price = wage_level = rent_level = sales_price = 1.0
        costs = self.table("costs")
        if costs is not None and self.hit_by_costs:
            ramp = self.mean(lambda t: self.ramp_until(t, costs["ramp_days"]), start, end)
            materials_price = 1.0 + costs["materials_rise"] * ramp
            wage_level = 1.0 + costs["wage_rise"] * ramp
            rent_level = 1.0 + costs["rent_rise"] * ramp
            sales_price = 1.0 + costs["pass_through"] * self.firm.m * costs["materials_rise"] * ramp

        sales = self.scenario["sales"]
        reversion = sales["slow_reversion_per_year"]
        rho = math.exp(-reversion * days / YEAR)
        self.slow_log = rho * self.slow_log + sales["slow_sd"] * math.sqrt(1.0 - rho**2) * self.luck["slow"][number]
        variance = sales["slow_sd"] ** 2 * (1.0 - math.exp(-2.0 * reversion * end / YEAR))
        slow = math.exp(self.slow_log - variance / 2.0)
        if sales["noise"] == "gamma":
            white = self.luck["gamma_noise"][number]
        else:
            s2 = math.log(1.0 + self.firm.sales_volatility**2 * MONTH / days)
            white = math.exp(math.sqrt(s2) * self.luck["white"][number] - s2 / 2.0)
        season = self.scenario["season_by_step"][number] if sales.get("season") is not None else 1.0

        depth = self.depth(start, end, self.luck.get("depth_path"), number)
        wanted = (1.0 - depth) * season * slow
        demand = wanted * self.labour_share(intensity)
        outlook_open = self.outlook_open(end, closed_at_end)
        return Weather(
            intensity=intensity,
            open_share=unclosed * (1.0 - down),
            closed_at_end=closed_at_end,
            wanted=wanted,
            demand=demand,
            latent=demand * white,
            outlook_demand=self.outlook(number, end, slow) * outlook_open,
            outlook_open=outlook_open,
            materials_price=materials_price,
            wage_level=wage_level,
            rent_level=rent_level,
            sales_price=sales_price,
        )

    def outlook(self, number: int, today: float, slow: float) -> float:
        """Return what the owner expects demand to be, on average over the days to come."""
        days = self.scenario["exit"]["outlook_days"]
        depth = self.depth(today, today + days, self.luck.get("depth_path_outlook"), number)
        labour = self.labour_share(self.mean(self.intensity_until, today, today + days))
        return (1.0 - depth) * slow * labour

    def outlook_open(self, today: float, closed: bool) -> float:
        """Return the part of the days to come for which a firm that is closed today expects to be open."""
        closure = self.table("closure")
        if not closed or closure is None:
            return 1.0
        days = self.scenario["exit"]["outlook_days"]
        surely = min(max(self.from_day + closure["closed_days"] - today, 0.0), days)
        half_life, perhaps = closure["reopening_half_life_days"], 0.0
        if half_life > 0:
            perhaps = half_life / math.log(2.0) * (1.0 - half(days - surely, half_life))
        return 1.0 - (surely + perhaps) / days


# ----------------------------------------------------------------------------------------------------------------- 3. Luck


class Decisions:
    """Compare two numbers, and remember how close the closest call was."""

    def __init__(self) -> None:
        self.closest, self.closest_name = math.inf, ""
        self.money_scale = 1.0

    def _note(self, name: str, left: float, right: float, scale: float = 1.0) -> None:
        if left == right == 0 or math.isinf(left) or math.isinf(right):
            return  # nothing against nothing is no close call
        distance = abs(left - right) / max(scale, abs(left), abs(right))
        if distance < self.closest:
            self.closest, self.closest_name = distance, name

    def less(self, name: str, left: float, right: float) -> bool:
        """Tell whether left < right (its negation is: at least)."""
        self._note(name, left, right)
        return left < right

    def more(self, name: str, left: float, right: float) -> bool:
        """Tell whether left > right."""
        return self.less(name, right, left)

    def poorer(self, name: str, left: float, right: float) -> bool:
        """Tell whether the amount of money left < right; how close that is, is measured against the firm's size."""
        self._note(name, left, right, self.money_scale)
        return left < right

    def day_reached(self, name: str, day: float, today: float) -> bool:
        """Tell whether day <= today. Days that are the same to the last bit are no close call: calendars meet."""
        if day != today:
            self._note(name, day, today)
        return day <= today


class Character:
    """Section 3: constants of the firm in the draw that follow from its normals."""

    def __init__(self, firm: Firm, scenario: Mapping[str, Any], luck: Mapping[str, Any]) -> None:
        leave, credit = scenario["exit"], scenario["credit"]
        wait = max(leave["patience_days"] * math.exp(leave["patience_sigma"] * luck["patience"]), leave["patience_min_days"])
        self.patience = wait * (1.0 + leave["patience_supplier_factor"] * firm.supplier_share)
        self.hope = leave["hope_median"] * math.exp(leave["hope_sigma"] * luck["hope"])

        s2, o2 = credit["risk_sigma"] ** 2, credit["opacity"] ** 2
        w = s2 / (s2 + o2) if s2 + o2 > 0 else 0.0
        pool = math.log(credit["risk_median"])
        log_mean = pool + w * (math.log(firm.default_risk) + credit["opacity"] * luck["signal"] - pool)
        variance = (1.0 - w) * s2
        perceived_risk = math.exp(log_mean + variance / 2.0)
        self.prudent_risk = perceived_risk * math.exp(credit["risk_aversion"] * math.sqrt(variance))
        times = (perceived_risk / credit["risk_median"]) ** credit["renewal_risk_elasticity"]
        self.renewal_by_risk = credit["renewal"] ** times if credit["renewal"] > 0 else 0.0
        margin, loss = credit["bank_margin"], credit["lgd"]
        self.highest_risk = margin / (margin + loss) if margin + loss > 0 else 1.0  # READING: a bank that cannot lose


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
        return owns - self.payables - accrued - sum(self.arrears.values()) - borrowed

    def snapshot(self) -> dict[str, float]:
        values = {f"arrears_{name}": amount for name, amount in self.arrears.items()}
        for number, slot in enumerate(self.slots, start=1):
            for name in ("principal", "due_day", "coming", "coming_day", "overdue_day"):
                values[f"{name}_{number}"] = getattr(slot, name)
        return {name: values[name] if name in values else getattr(self, name) for name in BALANCES}

    def book(self, entry: str, amount: float) -> None:
        self.trace.flows[entry][self.number] += amount

    def count(self, event: str) -> None:
        self.trace.events[event] += 1

    # ------------------------------------------------------------------------------------------------------------ the step

    def step(self, number: int, start: float, end: float) -> None:
        """Live the days (start, end]."""
        self.number, self.a, self.b, self.h = number, start, end, end - start
        for booked in self.trace.flows.values():
            booked.append(0.0)
        self.trace.detail.append({})
        self.trace.open.append(False)
        self.trace.dormant.append(False)
        if self.alive:
            self.open_the_step()
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
            self.accrue_private_fees()
            self.draw()
            self.apply_for_a_loan()
            self.close_the_books()
            self.exit_or_carry_on()
            self.check()
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
        if self.dormant and not was_dormant:
            self.count("dormancy")
        if was_dormant and not self.dormant:
            self.count("reopening")
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

    def this_year(self, name: str, day: float) -> float:
        """Return the luck that is drawn anew each year."""
        return float(self.luck[name][math.floor(self.a / YEAR)])

    def terms(self, day: float) -> Terms:
        """Section 6: the terms in force on a day, given the state at the start of the step."""
        firm = self.firm
        lifts = {"renewal_lift": 0.0, "kappa_lift": 0.0, "tightening_relief": 0.0}
        rolled, roll_days, grace_lift = False, 0.0, 0.0
        for takes, lever in zip(self.takes, self.levers, strict=True):
            in_window = lever["from_day"] + lever["delay_days"] <= day <= lever["to_day"]
            if not (takes and in_window):
                continue
            if any(
                allowed is not None and own not in allowed
                for own, allowed in (
                    (firm.industry, lever["industries"]),
                    (firm.size, lever["sizes"]),
                    (firm.legal_form, lever["legal_forms"]),
                )
            ):
                continue
            if lever["max_risk"] is not None and self.decisions.more("max_risk", firm.default_risk, lever["max_risk"]):
                continue
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
        return Terms(**lifts, rolled=rolled, roll_days=roll_days, grace_lift=grace_lift)

    def serve_debt(self) -> None:
        firm, credit = self.firm, self.credit
        relief = self.terms_today.tightening_relief  # READING: terms at the end of the step
        before = self.cumulated_recall
        self.cumulated_recall += self.recall_rate * self.intensity * self.h / YEAR * (1 - relief)
        recalled = self.reached("recall", before, self.cumulated_recall)

        interest = firm.r / YEAR * self.line_drawn * self.h
        for slot in self.slots:
            slot.falls_due, slot.recalled, slot.bridged, slot.repaid, slot.day = False, False, False, 0.0, NEVER
            owed_days = self.h
            performing = slot.principal > 0 and not slot.overdue
            if performing and (slot.due_day <= self.b or recalled):
                slot.day = min(max(slot.due_day, self.a), self.b)
                terms = self.terms(slot.day)
                if recalled:
                    slot.falls_due = slot.recalled = True
                    self.count("recall")
                elif terms.rolled:
                    slot.due_day = slot.day + terms.roll_days
                    self.book("rolled_principal", slot.principal)
                    self.count("rolled")
                elif self.decisions.less("norepay", self.this_year("norepay", slot.day), credit["norepay"]):
                    slot.due_day = slot.day + credit["term_days"]
                    self.count("norepay")
                else:
                    slot.falls_due = True
                if slot.falls_due:
                    owed_days = slot.day - self.a
            interest += firm.r / YEAR * slot.principal * owed_days
        self.interest_expense = interest
        self.interest_due, self.interest_accrued = self.fall_due(self.interest_accrued, interest, firm.interest_day, MONTH)
        self.private_due, self.private_accrued = self.private_accrued, 0.0

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
        dues = self.people_due + self.interest_due + self.private_due + self.rent_due + self.suppliers_due + self.tax_due
        return float(dues + sum(self.arrears.values()) + self.call_due)

    def cash_endpoint(self) -> None:
        line_is_cut = self.decisions.less(
            "line", self.luck["line"], self.line_cut * self.intensity * (1 - self.terms_today.tightening_relief)
        )
        self.line_available = 0.0 if line_is_cut else max(self.firm.credit_line - self.line_drawn, 0.0)
        if line_is_cut:
            self.count("line_cut")
        principal = sum(slot.principal for slot in self.slots if slot.falls_due or slot.overdue)
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
        """Turn committed money into a loan; an outstanding bridge is repaid first. Return what is left of it."""
        amount, day = slot.coming, slot.coming_day
        slot.principal, slot.due_day = amount, day + self.credit["term_days"]
        slot.coming, slot.coming_day = 0.0, NEVER
        self.interest_after += self.firm.r / YEAR * amount * (self.b - day)
        to_bridge = min(self.bridge, amount)
        self.bridge -= to_bridge
        self.bridge_fees -= to_bridge * self.credit["bridge_fee_per_day"] * (self.b - max(day, self.bridged_on))
        self.cash += amount - to_bridge
        self.book("bank_lent", amount)
        self.book("bridge_repaid", to_bridge)
        self.count("loan_arrived" if slot.asked_for else "relending_arrived")
        slot.asked_for = False
        return amount - to_bridge

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

        first = self.people_due + self.interest_due + self.private_due
        share = min(self.cash, first) / first if first > 0 else 0.0
        self.cash -= min(self.cash, first)
        paid["people"] = self.people_due * share
        paid["interest"] = self.interest_due * share
        fees_paid = self.private_due * share
        self.informal_debt += self.private_due - fees_paid

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
            own = max(self.cash - rest, 0.0)
            lack = max(slot.principal - own, 0.0)
            if not self.decisions.poorer("own_cash", own, slot.principal):
                self.cash -= slot.principal
                self.count("repaid_in_cash")
            elif self.decisions.less("bridge", self.luck["bridge"], self.credit["bridge_access"]):
                self.bridge += lack
                self.bridge_fees += lack * fee * (self.b - slot.day)
                self.bridged_on = slot.day
                self.cash -= own
                self.book("bridge_lent", lack)
                self.count("bridged")
                slot.bridged = True
            elif not self.decisions.poorer("bank_first", self.cash + self.line_left + self.owner_funds, slot.principal):
                from_line = min(lack, self.line_left)
                from_owner = min(lack - from_line, self.owner_funds)
                self.line_left -= from_line
                self.line_drawn += from_line
                self.owner_funds -= from_owner
                self.owner_put_in += from_owner
                self.cash = max(self.cash - (slot.principal - from_line - from_owner), 0.0)
                self.book("bank_lent", from_line)
                self.book("owner_in", from_owner)
                self.count("repaid_bank_first")
            else:
                slot.overdue_day, slot.due_day = slot.day, NEVER
                self.interest_after += self.firm.r / YEAR * slot.principal * (self.b - slot.day)
                self.count("overdue")
                continue
            self.book("principal_repaid", slot.principal)
            slot.repaid, slot.principal, slot.due_day = slot.principal, 0.0, NEVER

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
            odds = self.renewal_odds(slot.day, self.interest_arrears_before)
            if self.decisions.less("renewal", self.this_year("renewal", slot.day), odds):
                kappa = self.credit["kappa"] + (1 - self.credit["kappa"]) * self.terms(slot.day).kappa_lift
                slot.coming, slot.coming_day = kappa * slot.repaid, slot.day + self.credit["gap_days"]
                self.count("relent")
                if slot.coming_day <= self.b:
                    self.count("relent_at_once")
                    self.bank_money_arrives(slot)
            else:
                self.refused = self.refused or slot.bridged
                self.count("not_relent")

    def accrue_private_fees(self) -> None:
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
                slot.principal, slot.due_day, slot.overdue_day = 0.0, NEVER, NEVER
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
        if slot.principal > 0 or slot.coming > 0 or any(each.overdue for each in self.slots):
            return
        if not self.decisions.day_reached("reapply", self.last_application + credit["reapply_days"], self.b):
            return
        if not self.decisions.less("apply", self.this_year("apply", self.b), credit["apply"]):
            return
        if not self.decisions.poorer("short", self.cash, self.reserve - self.dust):
            return
        self.last_application = self.b
        self.count("loan_applied")
        safe_enough = not self.decisions.more("acceptable", self.character.prudent_risk, self.character.highest_risk)
        appetite = 1 - self.tightening * self.intensity * (1 - self.terms_today.tightening_relief)
        if safe_enough and self.decisions.less("approval", self.this_year("approval", self.b), appetite):
            needed = max(credit["cover_days"] * self.firm.normal_outflow + sum(self.arrears.values()) - self.cash, 0.0)
            slot.coming = min(needed, credit["loan_cap_share"] * self.firm.sales)
            slot.coming_day = max(self.b - self.h / 2 + credit["approval_days"], self.b)
            slot.asked_for = True
            self.count("loan_approved")
        else:
            self.count("loan_refused")

    def close_the_books(self) -> None:
        """Section 5: profit and equity."""
        costs = self.materials_used + self.people_expense + self.rent_expense + self.overheads + self.tax_expense
        financing = self.interest_expense + self.interest_after + self.private_accrued
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
                if self.decisions.less("workout", self.this_year("workout", today), self.credit["workout"]):
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
        has += sum(slot.coming for slot in self.slots)
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
        for name, entry in (("suppliers", "estate_suppliers"), ("landlords", "estate_rent"), ("private", "estate_private")):
            self.book(entry, pool[name] * share)
            self.book(f"lost_by_{name}", pool[name] * (1 - share))
        self.book("estate_owner", left)

        for name in BALANCES:
            if hasattr(self, name):
                setattr(self, name, 0.0)
        self.arrears = dict.fromkeys(ARREARS, 0.0)
        self.slots = (Slot(), Slot())

    def check(self) -> None:
        flows = self.trace.flows
        moved = sum(flows[name][self.number] for name in MONEY_IN) - sum(flows[name][self.number] for name in MONEY_OUT)
        assert abs(self.cash - self.cash_before - moved) <= ROUND_OFF * self.scale, (self.number, self.cash, self.cash_before, moved)
        assert abs(self.equity - self.net_assets()) <= ROUND_OFF * self.scale
        for name, amount in self.snapshot().items():
            if name != "equity":
                assert amount >= -ROUND_OFF * self.scale, (self.number, name, amount)
        for name, booked in flows.items():
            assert booked[self.number] >= -ROUND_OFF * self.scale, (self.number, name, booked[self.number])
