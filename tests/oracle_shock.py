"""Section 2 of docs/model.md for the oracle: the shock, prices and noise that a firm meets, in plain Python floats."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from tests.oracle_firm import Decisions, Firm

YEAR = 365.0
MONTH = YEAR / 12.0
NEVER = math.inf


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


class Relief(Protocol):
    """What levers change of the conditions of a step (section 6b)."""

    @property
    def closure_relief(self) -> float: ...
    @property
    def labour_relief(self) -> float: ...
    @property
    def demand_lift(self) -> float: ...
    @property
    def order_demand(self) -> float: ...
    @property
    def outlook_lift(self) -> float: ...


@dataclass(frozen=True)
class Without:
    """No lever changes the conditions."""

    closure_relief: float = 0.0
    labour_relief: float = 0.0
    demand_lift: float = 0.0
    order_demand: float = 0.0
    outlook_lift: float = 0.0


WITHOUT = Without()


@dataclass(frozen=True)
class Weather:
    """What a step brings to a firm that it cannot change; `orders` and `lifted` are the parts of what it sells that levers brought."""

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
    orders: float
    lifted: float
    opened_early: bool


class Shock:
    """Section 2: the shock, prices and noise that a firm meets."""

    def __init__(self, firm: "Firm", scenario: Mapping[str, Any], luck: Mapping[str, Any], decisions: "Decisions") -> None:
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

    def labour_share(self, intensity: float, relief: float) -> float:
        labour = self.table("labour")
        if labour is None or not self.hit_by_labour:
            return 1.0
        served = 1.0 - (1.0 - float(labour["served_share"])) * intensity
        return 1.0 - (1.0 - served) * (1.0 - relief)

    def closed_days(self, start: float, end: float, reopening_day: float) -> float:
        return max(min(end, reopening_day) - max(start, self.from_day), 0.0)

    def step(self, number: int, start: float, end: float, relief: Relief = WITHOUT) -> Weather:
        """Return the weather of one step; steps must be asked for in their order, since the slow part remembers."""
        days = end - start
        intensity = self.mean(self.intensity_until, start, end)

        reopening_day = self.reopening_day
        if reopening_day > -NEVER:
            reopening_day = self.from_day + (reopening_day - self.from_day) * (1.0 - relief.closure_relief)
        closed_at_end = self.from_day < end < reopening_day
        closed_days = self.closed_days(start, end, reopening_day)
        opened_early = closed_days < self.closed_days(start, end, self.reopening_day)
        unclosed = 1.0 - closed_days / days
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
        served = self.labour_share(intensity, relief.labour_relief)
        more = relief.demand_lift + relief.order_demand
        latent = (wanted * white + more) * served
        outlook_open = 1.0 - (1.0 - self.outlook_open(end, closed_at_end)) * (1.0 - relief.closure_relief)
        return Weather(
            intensity=intensity,
            open_share=unclosed * (1.0 - down),
            closed_at_end=closed_at_end,
            wanted=wanted + more,
            demand=(wanted + more) * served,
            latent=latent,
            outlook_demand=self.outlook(number, end, slow, more, relief.labour_relief) * outlook_open * (1.0 + relief.outlook_lift),
            outlook_open=outlook_open,
            materials_price=materials_price,
            wage_level=wage_level,
            rent_level=rent_level,
            sales_price=sales_price,
            orders=relief.order_demand * served / latent if latent > 0 else 0.0,
            lifted=relief.demand_lift * served / latent if latent > 0 else 0.0,
            opened_early=opened_early,
        )

    def outlook(self, number: int, today: float, slow: float, more: float, labour_relief: float) -> float:
        """Return what the owner expects demand to be, on average over the days to come."""
        days = self.scenario["exit"]["outlook_days"]
        depth = self.depth(today, today + days, self.luck.get("depth_path_outlook"), number)
        served = self.labour_share(self.mean(self.intensity_until, today, today + days), labour_relief)
        return ((1.0 - depth) * slow + more) * served

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
