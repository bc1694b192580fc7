"""A finished sweep: all its runs as one tidy table, with paired errors."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.costs import critical_value
from simsme.shown_as_table import ShownAsTable
from simsme.sweeping.cell import SHARES, SUMS, Cell
from simsme.sweeping.grid import Axis, Point, points

MEASURES = (*SHARES, "gain_exit", *SUMS)
"""What the table tells. ``gain_exit`` and all that is saved or paid are paired with the reference of the same run."""

CHANGES = ("exit", "gain_exit")
"""Measures of which the change against the first run of the grid is told as well, paired draw by draw."""


@dataclass(frozen=True)
class Told:
    """A mean over draws with its Monte Carlo standard error and the 95 % interval of the mean (not a band over draws)."""

    mean: float
    mc_error: float | None
    low: float | None
    high: float | None

    @property
    def is_told_from_zero(self) -> bool:
        """Whether the 95 % interval leaves out zero."""
        return self.low is not None and self.high is not None and (self.low > 0.0 or self.high < 0.0)


@dataclass(frozen=True, repr=False)
class Sweep(ShownAsTable):
    """A finished grid of runs.

    Attributes
    ----------
    scenario, digest
        Name of the scenario; digest of all runs of the grid.
    currency
        Unit of money.
    seed, draws, firms
        Of the first run.
    axes
        What was varied.
    cells
        One a point of the grid, the last axis fastest.
    """

    scenario: str
    digest: str
    currency: str
    seed: int
    draws: int
    firms: int
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """The points of the grid, as the cells."""
        return tuple(points(self.axes))

    @property
    def policies(self) -> tuple[str, ...]:
        """Policies of all runs, in the order of the first that has them."""
        return tuple(dict.fromkeys(policy for cell in self.cells for policy in cell.policies))

    @property
    def reference(self) -> str:
        """The reference of the first run."""
        return self.cells[0].reference

    @property
    def days(self) -> tuple[float, ...]:
        """Days that all runs report."""
        return tuple(day for day in self.cells[0].days if all(day in cell.days for cell in self.cells))

    @property
    def headline_day(self) -> float:
        """Headline of the first run, or the first day that all runs report."""
        first = self.cells[0].headline_day
        return first if first in self.days else self.days[0]

    def told(self, number: int, policy: str, measure: str, day: float | None = None) -> Told | None:
        """A measure in one run of the grid; None where the run has no such policy or day."""
        cell, wanted = self.cells[number], self.headline_day if day is None else day
        if policy not in cell.policies or wanted not in cell.days:
            return None
        return _told(cell.at(measure, policy, wanted))

    def change(self, number: int, policy: str, measure: str, day: float | None = None) -> Told | None:
        """A measure in one run less that in the first, paired; None where draws are not the same in both, or something is not there."""
        first, cell, wanted = self.cells[0], self.cells[number], self.headline_day if day is None else day
        for one in (first, cell):
            if policy not in one.policies or wanted not in one.days:
                return None
        here, there = cell.at(measure, policy, wanted), first.at(measure, policy, wanted)
        same_draws = not any(axis.key in ("seed", "draws") for axis in self.axes)
        return _told(here - there) if same_draws else None

    def table(self) -> pd.DataFrame:
        """One row a point of the grid, policy and reported day.

        Columns
        -------
        a column a key
            Its value.
        policy, day, weight
            Which policy, the reported day, and the number of firms that the firms stand for.
        cash, open, exit, gain_exit, firms_saved, jobs_saved, net_cost
            Means over draws: shares of firms, their gain against the reference of the same run, firms, jobs, and money. With ``_low`` and
            ``_high`` the 95 % interval of the mean, with ``_mc_error`` its standard error.
        change_exit, change_gain_exit
            Against the first point of the grid, in the same way.
        """
        table = pd.DataFrame(list(self._rows()))
        texts = {axis.key for axis in self.axes if axis.numbers is None} | {"policy"}
        return table.astype({name: "float64" for name in table.columns if name not in texts})

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme sweep --json`` prints it."""
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "currency": self.currency,
            "seed": self.seed,
            "draws": self.draws,
            "firms": self.firms,
            "reference": self.reference,
            "headline_day": self.headline_day,
            "axes": [{"key": axis.key, "values": [_plain(axis, place) for place in range(len(axis.texts))]} for axis in self.axes],
            "rows": list(self._rows()),
        }

    def _rows(self) -> Iterator[dict[str, Any]]:
        for number, (cell, point) in enumerate(zip(self.cells, self.points, strict=True)):
            where = {axis.key: _plain(axis, place) for axis, place in zip(self.axes, point.places, strict=True)}
            for policy in cell.policies:
                for day in cell.days:
                    row: dict[str, Any] = where | {"policy": policy, "day": day, "weight": cell.weight}
                    for measure in MEASURES:
                        row |= _columns(measure, self.told(number, policy, measure, day))
                    for measure in CHANGES:
                        row |= _columns(f"change_{measure}", self.change(number, policy, measure, day))
                    yield row


def _told(values: NDArray[np.float64]) -> Told:
    mean = float(values.mean())
    if values.size < 2:
        return Told(mean, None, None, None)
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    half = critical_value(values.size) * error
    return Told(mean, error, mean - half, mean + half)


def _columns(name: str, told: Told | None) -> dict[str, float | None]:
    suffixes = {"": "mean", "_low": "low", "_high": "high", "_mc_error": "mc_error"}
    return {name + suffix: None if told is None else getattr(told, part) for suffix, part in suffixes.items()}


def _plain(axis: Axis, place: int) -> Any:
    """A value as it stands in the table: a number where all values of the axis are numbers, else as written."""
    return axis.values[place] if axis.numbers is not None else axis.texts[place]
