"""Simulated method of moments: the settings at which simulated shares are nearest to observed ones, and which of them that pins down.

The objective is the sum of squared gaps in standard errors of the observations. All runs have the same luck (common random numbers), so it
is a fixed function of the settings; it has small steps, since single firms cross single days, and slopes are taken over a tenth of a range.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.calibration.moments import Moments, Simulation
from simsme.calibration.task import Bounded

Floats = NDArray[np.float64]

SLOPE_STEP = 0.1
"""Of a range: over which slopes are taken."""

MOST_STEPS = 12
"""Of the search; each takes one run a number and one more."""

LOGARITHMIC_FROM = 3.0
"""A range whose ends have this ratio or more is walked in logarithms."""

LOOSE_FROM = 0.5
"""A direction is not pinned down where one standard error of the targets lets it move by this part of the ranges or more."""


FLAT = 1e-6
"""Standard errors a range: below this the targets do not change at all."""

FAR = 0.5
"""Of the ranges: how far along a direction that is not pinned down its ends are looked at."""


@dataclass(frozen=True)
class Direction:
    """A direction in the settings, and how well the targets know it.

    Attributes
    ----------
    weights
        Part of each number in it, in units of its range; the squares add up to 1.
    spread
        By how many ranges one may go before the gaps grow by one standard error; infinite where the targets do not speak of it.
    ends
        Settings half the ranges away both ways, inside the ranges, and the simulated shares there; empty where it is pinned down.
    """

    weights: Floats
    spread: float
    ends: tuple[tuple[Floats, Floats], ...] = ()

    @property
    def is_loose(self) -> bool:
        """Whether the targets do not pin it down."""
        return self.spread >= LOOSE_FROM


@dataclass(frozen=True)
class Fit:
    """What came of a calibration.

    Attributes
    ----------
    numbers
        What was free.
    values
        Where it ended, (number,).
    before, after
        Simulated shares with the scenario's own settings and with these.
    directions
        From the best known to the least.
    runs
        How often the scenario was run.
    """

    numbers: tuple[Bounded, ...]
    values: Floats
    before: Moments
    after: Moments
    directions: tuple[Direction, ...]
    runs: int

    @property
    def at_bounds(self) -> tuple[str, ...]:
        """Numbers that ended at an end of their range."""
        ends = zip(self.numbers, self.values, strict=True)
        return tuple(
            number.name for number, value in ends if min(value - number.low, number.high - value) < 1e-3 * (number.high - number.low)
        )


def most_runs(numbers: int) -> int:
    """Return how many runs a calibration of so many numbers takes at the most: slopes at each step, and the directions at the end."""
    return 1 + (numbers + 1) * MOST_STEPS + 4 * numbers


def calibrate(simulation: Simulation, numbers: tuple[Bounded, ...], tell: Callable[[int], None] = lambda runs: None) -> Fit:
    """Fit numbers of a scenario to its targets.

    Parameters
    ----------
    simulation
        The scenario and the targets.
    numbers
        What may move.
    tell
        Told after every run how many there have been.
    """
    from scipy.optimize import least_squares

    known: dict[bytes, Moments] = {}
    observed = np.array([target.percent for target in simulation.targets])
    errors = np.array([target.error for target in simulation.targets])

    def moments(place: Floats) -> Moments:
        key = np.round(place, 9).tobytes()
        if key not in known:
            known[key] = simulation.moments(settings(numbers, values_at(numbers, place)))
            tell(len(known))
        return known[key]

    def gaps(shifted: Floats) -> Floats:
        of_errors: Floats = (moments(shifted - 1.0).values - observed) / errors
        return of_errors

    start = place_of(numbers, np.array([number.start for number in numbers]))
    before = moments(start)
    # places are shifted from [0, 1] to [1, 2], where scipy's steps, which are relative, are those of a range
    inside = 1.0 + np.clip(start, 1e-3, 1.0 - 1e-3)
    slope_steps = np.full(len(numbers), SLOPE_STEP)
    found = least_squares(gaps, inside, bounds=(1.0, 2.0), diff_step=slope_steps, max_nfev=MOST_STEPS, xtol=1e-3, ftol=1e-3)
    best = min((np.asarray(found.x) - 1.0, start), key=lambda place: float(np.square(gaps(place + 1.0)).sum()))
    after = moments(best)
    directions = tuple(_with_ends(direction, best, numbers, moments) for direction in _directions(best, errors, moments))
    return Fit(numbers, values_at(numbers, best), before, after, directions, len(known))


def settings(numbers: tuple[Bounded, ...], values: Floats) -> list[str]:
    """Return the settings of a scenario that give numbers their values."""
    return [f"{number.name}={float(value)!r}" for number, value in zip(numbers, values, strict=True)]


def values_at(numbers: tuple[Bounded, ...], place: Floats) -> Floats:
    """Return the values of numbers at a place in the unit cube of their ranges."""
    values = [
        number.low * (number.high / number.low) ** part if _is_logarithmic(number) else number.low + part * (number.high - number.low)
        for number, part in zip(numbers, place, strict=True)
    ]
    return np.array(values)


def place_of(numbers: tuple[Bounded, ...], values: Floats) -> Floats:
    """Return the place of values in the unit cube of their ranges."""
    parts = [
        np.log(value / number.low) / np.log(number.high / number.low)
        if _is_logarithmic(number)
        else (value - number.low) / (number.high - number.low)
        for number, value in zip(numbers, values, strict=True)
    ]
    return np.array(parts)


def _is_logarithmic(number: Bounded) -> bool:
    return number.low > 0.0 and number.high >= LOGARITHMIC_FROM * number.low


def _directions(best: Floats, errors: Floats, moments: Callable[[Floats], Moments]) -> list[Direction]:
    """Directions of the settings from the one that the targets know best to those of which they say nothing."""
    slopes = np.empty((len(errors), len(best)))
    for column in range(len(best)):
        below, above = best.copy(), best.copy()
        below[column], above[column] = max(best[column] - SLOPE_STEP, 0.0), min(best[column] + SLOPE_STEP, 1.0)
        rise = moments(above).values - moments(below).values
        slopes[:, column] = rise / errors / (above[column] - below[column])
    _, strengths, rows = np.linalg.svd(slopes)
    strengths = np.concatenate([strengths, np.zeros(len(best) - len(strengths))])
    spreads = [float(1.0 / strength) if strength > FLAT else np.inf for strength in strengths]
    return [Direction(_pointed(row), spread) for row, spread in zip(rows, spreads, strict=True)]


def _pointed(row: Floats) -> Floats:
    """A direction with its largest part above 0."""
    pointed: Floats = row * (1.0 if row[np.argmax(np.abs(row))] > 0.0 else -1.0)
    return pointed


def _with_ends(direction: Direction, best: Floats, numbers: tuple[Bounded, ...], moments: Callable[[Floats], Moments]) -> Direction:
    """The direction with what is simulated far along it; as it is where the targets pin it down."""
    if not direction.is_loose:
        return direction
    ends = []
    for way in (-1.0, 1.0):
        place = np.clip(best + way * FAR * direction.weights, 0.0, 1.0)
        ends.append((values_at(numbers, place), moments(place).values))
    return Direction(direction.weights, direction.spread, tuple(ends))
