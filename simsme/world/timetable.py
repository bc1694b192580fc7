"""Steps of a run on its calendar: where they begin and end, and the season they fall in."""

from datetime import date, timedelta

from simsme.engine.records import Clock
from simsme.scenario import Scenario


def steps_of(step_days: float, horizon_days: float, cuts: tuple[float, ...]) -> tuple[Clock, ...]:
    """Steps from day 0 to the horizon, cut where a reported day falls inside one.

    Parameters
    ----------
    step_days
        Length of a whole step.
    horizon_days
        Last day.
    cuts
        Days on which a step has to end.
    """
    ends = {float(horizon_days), *(float(day) for day in cuts if 0 < day <= horizon_days)}
    number = 1
    while number * step_days < horizon_days:
        ends.add(float(number * step_days))
        number += 1
    ordered = [0.0, *sorted(ends)]
    return tuple(Clock(a, b, b - a) for a, b in zip(ordered, ordered[1:], strict=False))


def report_days_of(scenario: Scenario) -> tuple[float, ...]:
    """Reported days of a scenario, the headline and the horizon among them."""
    time = scenario.time
    return tuple(sorted({float(day) for day in (time.headline_day, time.horizon_days, *time.report_days)}))


def steps_of_scenario(scenario: Scenario) -> tuple[Clock, ...]:
    """Clock of every step of a scenario."""
    return steps_of(scenario.time.step_days, scenario.time.horizon_days, report_days_of(scenario))


def season_of(clock: Clock, start_date: date, monthly: tuple[float, ...] | None) -> float:
    """Mean of the monthly factors, taken relative to their own mean, over the days of a step; 1 where there are none."""
    if monthly is None:
        return 1.0
    mean = sum(monthly) / len(monthly)
    total, day = 0.0, int(clock.a)
    while day < clock.b:
        span = min(clock.b, day + 1.0) - max(clock.a, float(day))
        total += span * monthly[(start_date + timedelta(days=day)).month - 1] / mean
        day += 1
    return total / clock.h
