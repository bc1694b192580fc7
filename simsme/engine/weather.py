"""What the world does to a firm in a step: the shock's shape, demand, noise and prices (section 2 of docs/model.md)."""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, Number, exp, least, log, most, sqrt, where
from simsme.engine.records import Clock, Firm, Weather
from simsme.engine.timing import MONTH, YEAR

LN_2 = 0.6931471805599453


class Shape(NamedTuple):
    """Means of the shock's shape over a span of days: whether it has begun, how strong it is, how far prices have risen."""

    active: Lanes
    intensity: Lanes
    ramp: Lanes


def overlap(start: Number, end: Number, low: Number, high: Number) -> Lanes:
    """Days that the spans (start, end) and (low, high) have in common."""
    common: Lanes = most(least(end, high) - most(start, low), 0.0)
    return common


def shape_over(start: float, end: float, from_day: float, duration_days: float, half_life_days: float, ramp_days: Lanes) -> Shape:
    """Exact means over (start, end) of a shock that begins on a day, holds, and then decays by half in each half-life.

    A half-life of 0 ends it at once.
    """
    span = end - start
    full_until = from_day + duration_days
    active = overlap(start, end, from_day, float("inf")) / span
    full = overlap(start, end, from_day, full_until)
    decaying_from, decaying_to = most(start, full_until), most(end, full_until)
    rate = LN_2 / most(half_life_days, 1e-9)
    tail = where(half_life_days > 0.0, (exp(-rate * (decaying_from - full_until)) - exp(-rate * (decaying_to - full_until))) / rate, 0.0)
    x, y = most(start - from_day, 0.0), most(end - from_day, 0.0)
    ramp = most(ramp_days, 1e-9)
    rising = (least(y, ramp) * least(y, ramp) - least(x, ramp) * least(x, ramp)) / (2.0 * ramp)
    risen = most(y - ramp, 0.0) - most(x - ramp, 0.0)
    return Shape(active, (full + tail) / span, (rising + risen) / span)


class Exposure(NamedTuple):
    """How the shock meets a firm in a draw: its depth, where it is closed and until when, what it is hit by."""

    depth: Lanes
    scar: Lanes
    closed: Flags
    reopens: Lanes
    hit_by_costs: Flags
    hit_by_labour: Flags


class Pressure(NamedTuple):
    """Numbers of the shock that hold for all firms of a draw."""

    from_day: Lanes
    closed_days: Lanes
    reopening_half_life_days: Lanes
    materials_rise: Lanes
    wage_rise: Lanes
    rent_rise: Lanes
    pass_through: Lanes
    served_share: Lanes
    slow_sd: Lanes
    slow_reversion_per_year: Lanes
    outlook_days: Lanes


def fall_of_sales(shape: Shape, exposure: Exposure) -> Lanes:
    """Mean fall of sales over the days of a shape: from the scar, which stays, to the depth of the full shock."""
    return shape.active * exposure.scar + shape.intensity * (exposure.depth - exposure.scar)


def drift(slow: Lanes, pressure: Pressure, h: float, z: Lanes) -> Lanes:
    """Next value of the slow part of log sales: exact discretisation of an Ornstein-Uhlenbeck process."""
    kept = exp(-pressure.slow_reversion_per_year * h / YEAR)
    return kept * slow + pressure.slow_sd * sqrt(1.0 - kept * kept) * z


def white_noise(volatility: Lanes, h: float, z: Lanes) -> Lanes:
    """Log-normal factor of mean 1 whose monthly mean has the given coefficient of variation, whatever the step."""
    variance = log(1.0 + volatility * volatility * (MONTH / h))
    return exp(sqrt(variance) * z - 0.5 * variance)


def observe(
    clock: Clock,
    firm: Firm,
    pressure: Pressure,
    exposure: Exposure,
    shape: Shape,
    outlook: Shape,
    depth: Lanes,
    outlook_depth: Lanes,
    season: float,
    down: Lanes,
    slow: Lanes,
    noise: Lanes,
) -> Weather:
    """Put the weather of a step together.

    Parameters
    ----------
    shape, outlook
        The shock's shape over the step and over the days that the owner looks ahead.
    depth, outlook_depth
        Mean fall of sales over the same spans, share.
    season
        Mean seasonal factor of the step.
    down
        Part of the step lost to unscheduled shutdowns.
    slow
        Slow part of log sales at the end of the step.
    noise
        White noise of the step.
    """
    v = pressure.slow_sd * pressure.slow_sd * (1.0 - exp(-2.0 * pressure.slow_reversion_per_year * clock.b / YEAR))
    level = exp(slow - 0.5 * v)
    shortage = where(exposure.hit_by_labour, 1.0 - pressure.served_share, 0.0)
    wanted = (1.0 - depth) * season * level
    served, outlook_served = 1.0 - shortage * shape.intensity, 1.0 - shortage * outlook.intensity
    demand = wanted * served
    closed_days = where(exposure.closed, overlap(clock.a, clock.b, pressure.from_day, exposure.reopens), 0.0)
    closed = exposure.closed & (pressure.from_day < clock.b) & (clock.b < exposure.reopens)
    mean_days = pressure.reopening_half_life_days / LN_2
    certain = least(most(pressure.from_day + pressure.closed_days - clock.b, 0.0), pressure.outlook_days)
    uncertain = mean_days * (1.0 - exp((certain - pressure.outlook_days) / most(mean_days, 1e-9)))
    outlook_open = where(closed, 1.0 - (certain + uncertain) / pressure.outlook_days, 1.0)
    outlook_wanted = (1.0 - outlook_depth) * level
    running = 1.0 - down
    ramp = where(exposure.hit_by_costs, shape.ramp, 0.0)
    return Weather(
        intensity=shape.intensity,
        wanted=wanted,
        demand=demand,
        latent=demand * noise,
        open_share=(1.0 - closed_days / clock.h) * running,
        closed=closed,
        materials_price=1.0 + pressure.materials_rise * ramp,
        wage_level=1.0 + pressure.wage_rise * ramp,
        rent_level=1.0 + pressure.rent_rise * ramp,
        sales_price=1.0 + pressure.pass_through * firm.materials_share * pressure.materials_rise * ramp,
        outlook_demand=outlook_wanted * outlook_served * outlook_open,
        outlook_open=outlook_open,
        noise=noise,
        served=served,
        outlook_served=outlook_served,
        outlook_wanted=outlook_wanted,
        running=running,
        closes_on=pressure.from_day,
        reopens_on=where(exposure.closed, exposure.reopens, pressure.from_day),
    )
