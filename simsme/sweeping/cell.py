"""What one run of a grid leaves: its outcomes draw by draw on the reported days, small enough to keep all of them."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from simsme.costs import Costs
from simsme.outcomes import HasOutcomes, outcomes_of

SHARES = ("cash", "open", "exit")
SUMS = ("firms_saved", "jobs_saved", "net_cost")


@dataclass(frozen=True)
class Cell:
    """One run of a grid.

    Attributes
    ----------
    digest
        Of all that determines the run.
    policies, reference
        Those that ran, and which of them the others are compared with.
    days, headline_day
        Reported days, (R,), and the headline.
    weight
        Number of firms that the firms stand for.
    by_draw : dict of ndarray, (P, D, R)
        Keys `SHARES` (of firms) and `SUMS` (against the reference in the same draw).
    """

    digest: str
    policies: tuple[str, ...]
    reference: str
    days: tuple[float, ...]
    headline_day: float
    weight: float
    by_draw: dict[str, NDArray[np.float64]]

    @property
    def gain_exit(self) -> NDArray[np.float64]:
        """Exit less that of the reference in the same draw, (P, D, R)."""
        shares = self.by_draw["exit"]
        gain: NDArray[np.float64] = shares - shares[self.policies.index(self.reference)]
        return gain

    def at(self, measure: str, policy: str, day: float) -> NDArray[np.float64]:
        """A measure of a policy on a reported day, (D,)."""
        values = self.gain_exit if measure == "gain_exit" else self.by_draw[measure]
        return values[self.policies.index(policy), :, self.days.index(day)]


def cell_of(source: HasOutcomes, digest: str) -> Cell:
    """Take what a sweep needs out of a finished run."""
    outcomes = outcomes_of(source)
    costs, steps = Costs(outcomes), [outcomes.day_index(float(day)) for day in outcomes.report_days]
    by_draw = {name: np.ascontiguousarray(outcomes.endpoint(name)[:, :, steps]) for name in SHARES}
    by_draw |= {name: np.asarray(values) for name, values in zip(SUMS, (costs.firms_saved, costs.jobs_saved, costs.net), strict=True)}
    days = tuple(float(day) for day in outcomes.report_days)
    return Cell(digest, outcomes.policies, outcomes.reference, days, outcomes.headline_day, outcomes.weight, by_draw)


def cell_file(folder: Path, digest: str) -> Path:
    """Where a cell is kept."""
    return folder / f"{digest[:16]}.npz"


def keep_cell(folder: Path, cell: Cell) -> None:
    """Write a cell, complete or not at all; OSError where that is not possible."""
    folder.mkdir(parents=True, exist_ok=True)
    place = cell_file(folder, cell.digest)
    unfinished = place.with_name(place.name + ".partial")
    texts = {"digest": cell.digest, "reference": cell.reference, "policies": list(cell.policies)}
    numbers = {"days": cell.days, "headline_day": cell.headline_day, "weight": cell.weight}
    content: dict[str, Any] = {name: np.array(value) for name, value in (texts | numbers).items()} | cell.by_draw
    with unfinished.open("wb") as file:
        np.savez_compressed(file, **content)
    os.replace(unfinished, place)


def kept_cell(folder: Path, digest: str) -> Cell | None:
    """Read a cell that was kept; None where there is none, it is another run's, or it cannot be read."""
    try:
        with cell_file(folder, digest).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if str(stored["digest"]) != digest:
                return None
            return Cell(
                digest=digest,
                policies=tuple(str(name) for name in stored["policies"]),
                reference=str(stored["reference"]),
                days=tuple(float(day) for day in stored["days"]),
                headline_day=float(stored["headline_day"]),
                weight=float(stored["weight"]),
                by_draw={name: stored[name] for name in (*SHARES, *SUMS)},
            )
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
