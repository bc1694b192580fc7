"""How the shock of a scenario meets firms in a draw, and the weather of each step that comes of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags, Lanes, Number, least, log, most, where
from simsme.engine.records import Clock, Firm, Weather
from simsme.engine.timing import MONTH
from simsme.engine.weather import Exposure, Pressure, Shape, drift, fall_of_sales, observe, shape_over, white_noise
from simsme.firms import Firms
from simsme.quantities import Distribution
from simsme.sales_path import ALL_INDUSTRIES, SalesPath
from simsme.scenario import Scenario
from simsme.streams import normals, normals_pair, uniforms
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.rules import shock_number
from simsme.world.shutdowns import shutdown_shares
from simsme.world.timetable import season_of


@dataclass(frozen=True)
class Shocked:
    """Firms of a block and the numbers of its draws."""

    scenario: Scenario
    numbers: DrawnNumbers
    firms: Firms
    rows: slice

    @property
    def shape(self) -> tuple[int, int]:
        """(draws, firms)."""
        return len(self.numbers.draws), len(self.firms.key[self.rows])

    def uniform(self, name: str) -> Lanes:
        """A uniform number of each firm in each draw."""
        return uniforms(self.numbers.seed, self.numbers.draws[:, None], self.firms.key[self.rows], 0, name)

    def number(self, table: str, name: str, off: float = 0.0) -> Lanes:
        """A number of one of the shock's tables, or the one that has no effect where the table is absent."""
        return shock_number(self.scenario, self.numbers, table, name, off)


def pressure_of_draw(at: Shocked) -> Pressure:
    """Numbers of the shock that hold for all firms of a draw."""
    shock, numbers = at.scenario.shock, at.numbers
    return Pressure(
        from_day=np.asarray(0.0 if shock is None else shock.from_day, dtype=np.float64),
        closed_days=at.number("closure", "closed_days"),
        reopening_half_life_days=at.number("closure", "reopening_half_life_days"),
        materials_rise=at.number("costs", "materials_rise"),
        wage_rise=at.number("costs", "wage_rise"),
        rent_rise=at.number("costs", "rent_rise"),
        pass_through=at.number("costs", "pass_through"),
        served_share=at.number("labour", "served_share", 1.0),
        slow_sd=numbers.number("sales.slow_sd"),
        slow_reversion_per_year=numbers.number("sales.slow_reversion_per_year"),
        outlook_days=numbers.number("exit.outlook_days"),
    )


def depth_of_firms(at: Shocked) -> Lanes:
    """Depth of each firm's fall of sales, tied together by what is common to a draw, moved by its industry's offset."""
    sales = None if at.scenario.shock is None else at.scenario.shock.sales
    if sales is None or sales.depth is None:
        return np.zeros(at.shape)
    if isinstance(sales.depth, Distribution):
        from scipy.special import ndtr

        seed, draws = at.numbers.seed, at.numbers.draws[:, None]
        of_draw = normals(seed, draws, np.zeros(1, dtype=np.uint64), 0, "depth")
        of_firm = normals(seed, draws, at.firms.key[at.rows], 1, "depth")
        common = sales.depth.common or 0.0
        depth = sales.depth.quantile(ndtr(np.sqrt(common) * of_draw + np.sqrt(1.0 - common) * of_firm))
    else:
        depth = np.full(at.shape, float(sales.depth))
    offsets = np.array([sales.industry_offset.get(name, 0.0) for name in at.firms.industry_names])
    fall: Lanes = np.clip(depth + offsets[at.firms.industry[at.rows]], 0.0, 1.0)
    return fall


def closed_share_of_firms(at: Shocked) -> Lanes:
    """Probability of being closed by order: one for all, or by industry (those that are not named stay open)."""
    closure = None if at.scenario.shock is None else at.scenario.shock.closure
    name = "shock.closure.closed_share"
    if closure is None:
        return np.zeros(())
    if not isinstance(closure.closed_share, Mapping):
        return at.numbers.drawn(name, closure.closed_share)
    industry = at.firms.industry[at.rows]
    share: Lanes = np.zeros((1, industry.shape[0]))
    for code, value in enumerate(at.firms.industry_names):
        if value in closure.closed_share:
            share = where(industry == code, at.numbers.drawn(f"{name}.{value}", closure.closed_share[value]), share)
    return share


def reopening_day(luck: Lanes, from_day: Number, closed_days: Lanes, half_life_days: Lanes) -> Lanes:
    """Day on which a closed firm opens again: half of those still closed in each half-life after the order ends."""
    half_lives = -log(luck) / log(2.0)
    day: Lanes = from_day + closed_days + half_life_days * half_lives
    return day


def volatility_of_firms(at: Shocked) -> Lanes:
    """Coefficient of variation of monthly sales, broadcasts to (draw, firm)."""
    return at.firms.sales_volatility[at.rows] * at.numbers.number("adjust.volatility_factor")


def exposure_of_firms(at: Shocked) -> Exposure:
    """Depth, closure and who is hit by dear costs and by lack of labour."""
    shock = at.scenario.shock
    depth = depth_of_firms(at)
    nobody = np.zeros(at.shape, dtype=np.bool_)
    closed, reopens = nobody, np.zeros(at.shape)
    if shock is not None and shock.closure is not None:
        closed = at.uniform("closure") < closed_share_of_firms(at)
        closed_days, half_life = at.number("closure", "closed_days"), at.number("closure", "reopening_half_life_days")
        reopens = reopening_day(at.uniform("reopening"), shock.from_day, closed_days, half_life)

    def hit(table: str, channel: str) -> Flags:
        return at.uniform(channel) < at.number(table, "affected_share") if _is_on(at.scenario, table) else nobody

    return Exposure(
        depth=depth,
        scar=least(at.number("sales", "scar"), depth),
        closed=closed,
        reopens=reopens,
        hit_by_costs=hit("costs", "cost_pressure"),
        hit_by_labour=hit("labour", "labour"),
    )


def shape_of_shock(at: Shocked, start: float, end: float) -> Shape:
    """The shock's shape over some days; all 0 in calm weather."""
    shock = at.scenario.shock
    if shock is None:
        return Shape(np.zeros(()), np.zeros(()), np.zeros(()))
    return shape_over(start, end, shock.from_day, shock.duration_days, shock.recovery_half_life_days, at.number("costs", "ramp_days"))


def path_mean(path: SalesPath, industries: tuple[str, ...], start: float, end: float) -> Lanes:
    """Mean fall over the days (start, end) by industry; the last week's fall stays."""
    means = np.zeros(len(industries))
    for code, name in enumerate(industries):
        falls = path.falls.get(name, path.falls.get(ALL_INDUSTRIES, (0.0,)))
        last = float(7 * len(falls))
        for week, fall in enumerate(falls):
            means[code] += fall * max(min(end, 7.0 * (week + 1)) - max(start, 7.0 * week), 0.0)
        means[code] += falls[-1] * max(end - max(start, last), 0.0)
    return means / (end - start)


def shutdowns_of_firms(at: Shocked, steps: tuple[Clock, ...]) -> Lanes:
    """Part of each step lost to unscheduled shutdowns: (step, draw, firm), or (step,) zeros where there are none."""
    shock = at.scenario.shock
    if shock is None or shock.shutdowns is None:
        return np.zeros(len(steps))
    return shutdown_shares(
        at.numbers.seed,
        at.numbers.draws[:, None],
        at.firms.key[at.rows],
        steps,
        shock.from_day,
        shock.from_day + shock.duration_days + shock.recovery_half_life_days,
        at.number("shutdowns", "rate_per_year"),
        at.number("shutdowns", "mean_days"),
    )


def gamma_noise(volatility: Lanes, h: float, z: Lanes) -> Lanes:
    """Gamma factor of mean 1 with the variance of the log-normal one."""
    from scipy.special import gammaincinv, ndtr

    shape = 1.0 / most(volatility * volatility * (MONTH / h), 1e-12)
    noise: Lanes = where(volatility > 0.0, gammaincinv(shape, ndtr(z)) / shape, 1.0)
    return noise


@dataclass(frozen=True)
class Span:
    """What the shock is like over a step and over the days that the owner then looks ahead, and the season of the step.

    ``path_depth`` and ``path_outlook`` are the mean falls of a given path by firm; None where the fall follows from the shape.
    """

    clock: Clock
    shape: Shape
    outlook: Shape
    season: float
    path_depth: Lanes | None
    path_outlook: Lanes | None


@dataclass(frozen=True)
class Climate:
    """What the weather of firms is made of, but for what is a firm's own.

    Attributes
    ----------
    seed, draws, keys
        Of the noise: seed of the run, numbers of the draws (d,), keys of the firms (n,).
    pressure
        Numbers of the draws.
    noise
        ``lognormal`` or ``gamma``.
    down
        Part of each step lost to shutdowns: (step, draw, firm), or (step,) zeros where there are none.
    spans
        One for each step.
    """

    seed: int
    draws: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    pressure: Pressure
    noise: str
    down: Lanes
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Sky(Climate):
    """All that the weather of firms is made of.

    Attributes
    ----------
    exposure
        How the shock meets each firm.
    volatility
        Coefficient of variation of monthly sales, broadcasts to (draw, firm).
    """

    exposure: Exposure
    volatility: Lanes

    def by_step(self, firm: Firm) -> Callable[[int], Weather]:
        """Weather by number of the step. The slow part of sales goes from step to step, so steps have to be asked for in order."""
        slow: NDArray[np.float64] = np.zeros((len(self.draws), len(self.keys)))
        expected = 0
        noise_of = gamma_noise if self.noise == "gamma" else white_noise

        def of_step(number: int) -> Weather:
            nonlocal slow, expected
            if number != expected:
                raise ValueError(f"weather of step {number} was asked for where step {expected} comes next")
            expected += 1
            span = self.spans[number]
            white, drifting = normals_pair(self.seed, self.draws[:, None], self.keys, number, "noise")
            slow = drift(slow, self.pressure, span.clock.h, drifting)
            return observe(
                span.clock,
                firm,
                self.pressure,
                self.exposure,
                span.shape,
                span.outlook,
                depth=fall_of_sales(span.shape, self.exposure) if span.path_depth is None else span.path_depth,
                outlook_depth=fall_of_sales(span.outlook, self.exposure) if span.path_outlook is None else span.path_outlook,
                season=span.season,
                down=self.down[number],
                slow=slow,
                noise=noise_of(self.volatility, span.clock.h, white),
            )

        return of_step


def climate_over(at: Shocked, steps: tuple[Clock, ...]) -> Climate:
    """What the shock of a scenario is like over the steps, for the firms of a block."""
    scenario, numbers = at.scenario, at.numbers
    industry = at.firms.industry[at.rows]
    path = None if scenario.shock is None or scenario.shock.sales is None else scenario.shock.sales.path

    def path_over(start: float, end: float) -> Lanes | None:
        return None if path is None else path_mean(path, at.firms.industry_names, start, end)[industry]

    def span(clock: Clock) -> Span:
        ahead = clock.b + scenario.exit.outlook_days
        return Span(
            clock=clock,
            shape=shape_of_shock(at, clock.a, clock.b),
            outlook=shape_of_shock(at, clock.b, ahead),
            season=season_of(clock, scenario.time.start_date, scenario.sales.season),
            path_depth=path_over(clock.a, clock.b),
            path_outlook=path_over(clock.b, ahead),
        )

    return Climate(
        seed=numbers.seed,
        draws=numbers.draws,
        keys=at.firms.key[at.rows],
        pressure=pressure_of_draw(at),
        noise=scenario.sales.noise,
        down=shutdowns_of_firms(at, steps),
        spans=tuple(span(clock) for clock in steps),
    )


def sky_over(at: Shocked, climate: Climate) -> Sky:
    """How the shock of a scenario meets the firms of a block."""
    return Sky(**vars(climate), exposure=exposure_of_firms(at), volatility=volatility_of_firms(at))


def _is_on(scenario: Scenario, table: str) -> bool:
    return scenario.shock is not None and getattr(scenario.shock, table) is not None
