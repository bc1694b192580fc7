"""From the lives of firms to weighted shares: every sum over firms is taken here, in one order, for all blocks alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.fates import DECILES, decile_of, reported_runway_days, runway_decile
from simsme.firms import Firms
from simsme.outcomes import CAUSES, CLASSES, REPORTED, REVIEW_SERIES, STILL_OPEN, SUPPORT
from simsme.pairwise import PairwiseSum
from simsme.tally import (
    CAUSED,
    CLASSED,
    FATES,
    GAIN_CASH,
    GAIN_EXIT,
    INSOLVENT,
    MOVED,
    STAYING,
    UNSOUND,
    ZOMBIE,
    Tally,
    add_by_code,
    count,
    room,
)
from simsme.world.lever_names import Admitted

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Grouping:
    """Ways to divide the firms: name and values of each column, and every firm's code in it."""

    columns: tuple[tuple[str, tuple[str, ...], Codes], ...]

    @property
    def kinds(self) -> "Kinds":
        """The groups, without the firms."""
        return Kinds(tuple((name, values) for name, values, _ in self.columns))

    @cached_property
    def cells(self) -> Codes:
        """Which of all combinations of the columns' values each firm is."""
        return np.ravel_multi_index(tuple(codes for _, _, codes in self.columns), self.kinds.shape)


@dataclass(frozen=True)
class Kinds:
    """The groups into which firms are divided: name and values of each column."""

    columns: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(column, value) of each group, in order."""
        return tuple((column, value) for column, values in self.columns for value in values)

    @property
    def size(self) -> int:
        """Number of combinations of the columns' values."""
        return int(np.prod(self.shape))

    def by_group(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over combinations for each group: (..., cell, kind) to (..., G, kind)."""
        before, columns = table.shape[:-2], range(len(self.shape))
        # always laid out alike: numpy adds up in another order where an array lies otherwise in memory
        cells = np.ascontiguousarray(table).reshape(*before, *self.shape, table.shape[-1])
        others = (tuple(len(before) + axis for axis in columns if axis != column) for column in columns)
        return np.concatenate([cells.sum(axis=axes) for axes in others], axis=-2)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each column."""
        return tuple(len(values) for _, values in self.columns)


def group_firms(firms: Firms, horizon_days: float, bounds: NDArray[np.float64] | None = None) -> Grouping:
    """Divide firms by industry, by size, by whether a bank loan falls due within the horizon, and by decile of static runway.

    The deciles are those of the firms, or have these bounds, see :func:`simsme.fates.decile_bounds`, where more firms belong to them.
    """
    due = (firms.loan > 0.0) & (firms.loan_due_day <= horizon_days)
    deciles = runway_decile(firms) if bounds is None else decile_of(reported_runway_days(firms), bounds)
    return Grouping(
        (
            ("industry", firms.industry_names, firms.industry.astype(np.intp)),
            ("size", firms.size_names, firms.size.astype(np.intp)),
            ("loan_due", ("no", "yes"), due.astype(np.intp)),
            ("runway_decile", tuple(str(decile) for decile in range(1, DECILES + 1)), deciles),
        )
    )


@dataclass(frozen=True)
class Whole:
    """What is known of all firms of a run together, whether or not anybody holds them.

    Attributes
    ----------
    count
        How many they are.
    weight, jobs
        Weight, and weighted jobs, as a run publishes them.
    weight_in_order, jobs_in_order
        The same, added firm by firm; the last bits are others.
    kinds, group_weight
        How they are divided, and the weight of each group, (G,).
    admitted
        Share of firms that levers which bring sales admit.
    """

    count: int
    weight: float
    jobs: float
    weight_in_order: float
    jobs_in_order: float
    kinds: Kinds
    group_weight: NDArray[np.float64]
    admitted: Admitted


@dataclass(frozen=True)
class Shares:
    """Weighted results of some draws; shapes as in :class:`simsme.outcomes.Outcomes`."""

    survival: dict[str, NDArray[np.float64]]
    runway: NDArray[np.float64]
    report: dict[str, NDArray[np.float64]]
    group_survival: dict[str, NDArray[np.float64]]
    flows: NDArray[np.float64]
    balances: NDArray[np.float64]
    opening: NDArray[np.float64]
    exposure_loss: NDArray[np.float64]
    exposure_loss_funds: NDArray[np.float64]
    exposure_loss_state: NDArray[np.float64]
    exposure_loss_financiers: NDArray[np.float64]
    fund_series: dict[str, NDArray[np.float64]]
    fund_firms: dict[str, NDArray[np.float64]]
    group_classes: dict[str, NDArray[np.float64]]
    group_support: dict[str, NDArray[np.float64]]
    still_open: dict[str, NDArray[np.float64]]
    review_series: dict[str, NDArray[np.float64]]


OF_POPULATION = ("fund_series", "fund_firms", "review_in_force", "review_days")
"""What of lives is no sum over firms: it needs all firms in one block, and where there are several blocks there is none of it."""


EXPOSURES = ("exposure_loss", "exposure_loss_funds", "exposure_loss_state", "exposure_loss_financiers")

BY_CHUNK = ("trading", "flows", "closing", "opening", "jobs", *EXPOSURES, *(f"open_{name}" for name in STILL_OPEN))
"""What of lives is summed over chunks of firms already, chunks on the last axis."""


def join_firms(parts: list[Lives]) -> Lives:
    """Put the lives of blocks of firms of the same draws side by side, in the order of the firms."""
    if len(parts) == 1:
        return parts[0]
    names = [name for name in Lives.__dataclass_fields__ if name not in OF_POPULATION]
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names}
    return Lives(**joined, **{name: getattr(parts[0], name) for name in OF_POPULATION})


class Weighing:
    """Turns the lives of firms in some draws into weighted shares, block of firms after block.

    Sums go on from block to block where a single block of all firms would have them, so that no bit depends on the blocks. Between two
    blocks of a draw its sums by combination of groups are held: 96 bytes for each combination, policy and reported day.

    Parameters
    ----------
    whole
        All firms.
    policies, draws
        How many there are.
    ends
        Ends of the steps, 0 first, (T,).
    reported
        Numbers of the steps that are reported.
    reference
        Position of the reference policy.
    add_up
        Adds up the weights of the firms, see :func:`simsme.tally.count`.
    """

    def __init__(
        self,
        whole: Whole,
        policies: int,
        draws: int,
        ends: NDArray[np.float64],
        reported: tuple[int, ...],
        reference: int,
        add_up: Callable[..., None] = count,
    ) -> None:
        steps, reports, size = len(ends) - 1, len(reported), len(whole.kinds.names)
        self._whole, self._ends, self._reported, self._reference, self._add_up = whole, ends, reported, reference, add_up
        self._seen, self._draws = 0, draws
        self._group_weight = np.where(whole.group_weight > 0.0, whole.group_weight, 1.0)
        self._curves = {name: np.ones((policies, draws, steps + 1)) for name in ("cash", "exit")}
        self._report = {name: np.zeros((policies, draws, reports)) for name in REPORTED}
        self._groups = {name: np.zeros((policies, draws, reports, size)) for name in ("runway", "cash", "open", "exit")}
        self._classes = {name: np.zeros((policies, draws, reports, size)) for name in (*CLASSES, "zombie")}
        self._support = {name: np.zeros((policies, draws, reports, size)) for name in SUPPORT}
        self._runway_gone = np.zeros((draws, steps + 2))
        self._runway_left = np.zeros((draws, reports, whole.kinds.size))
        self._tallies: dict[int, Tally] = {}
        self._money = {name: PairwiseSum(-(-whole.count // CHUNK)) for name in BY_CHUNK}
        self._of_population: dict[str, NDArray[np.float64]] = {}

    def add(self, lives: Lives, weight: NDArray[np.float64], cells: Codes, runway_days: NDArray[np.float64]) -> None:
        """Add the next firms.

        Parameters
        ----------
        lives
            Of these firms, in all of the draws. All blocks but the last are multiples of `simsme.engine.sums.CHUNK`.
        weight, cells
            Their weights, and which combinations of groups they are, (n,).
        runway_days
            Their static runway, (draw, firm).
        """
        self._seen += weight.size
        whole = self._seen == self._whole.count
        policies, steps, days = lives.exit_step.shape[0], len(self._ends) - 1, np.array(self._reported, dtype=np.int64)
        for draw in range(self._draws):
            beyond = np.minimum(np.searchsorted(self._ends, runway_days[draw], side="left"), steps + 1)
            add_by_code(self._runway_gone[draw], beyond, weight)
            for position, number in enumerate(self._reported):
                add_by_code(self._runway_left[draw, position], cells, weight * (runway_days[draw] > self._ends[number + 1]))
            found = self._tallies.pop(draw, None) or room(policies, steps, len(self._reported), self._whole.kinds.size)
            self._add_up(found, lives, weight, cells, days, self._reference, draw)
            if whole:
                self._end(draw, found)
            else:
                self._tallies[draw] = found
        for name, total in self._money.items():
            total.add(getattr(lives, name))
        self._of_population = {name: getattr(lives, name) for name in OF_POPULATION}

    def _end(self, draw: int, found: Tally) -> None:
        """Turn the sums of a draw into shares, when all firms have been added."""
        kinds, steps = self._whole.kinds, len(self._ends) - 1
        for position in range(len(self._reported)):
            left = kinds.by_group(self._runway_left[draw, position][:, None])[:, 0]
            self._groups["runway"][:, draw, position] = left / self._group_weight
        for kind, name in enumerate(self._curves):
            self._curves[name][:, draw, 1:] = _left_over(found.gone[kind, :, :steps], self._whole.weight_in_order)
        for name, value in _of_all(found.firms / self._whole.weight_in_order).items():
            self._report[name][:, draw] = value
        staying = kinds.by_group(found.cells[..., STAYING]) / self._group_weight[:, None]
        for kind, name in enumerate(("cash", "open", "exit")):
            self._groups[name][:, draw] = staying[..., kind]
        classed = kinds.by_group(found.cells[..., CLASSED]) / self._group_weight[:, None]
        classed[..., CLASSES.index("saved")] += classed[..., UNSOUND]
        for kind, name in enumerate(self._classes):
            self._classes[name][:, draw] = classed[..., kind]
        moved = kinds.by_group(found.cells[..., MOVED])
        self._support["paid"][:, draw], self._support["deadweight"][:, draw] = moved[..., 0] + moved[..., 1], moved[..., 1]

    def shares(self) -> Shares:
        """The shares, when all firms have been added.

        Raises
        ------
        ValueError
            While firms are missing.
        """
        if self._seen != self._whole.count:
            raise ValueError(f"{self._seen} of {self._whole.count} firms were weighed")
        steps, sums = len(self._ends) - 1, {name: total.total for name, total in self._money.items()}
        policies, draws, _ = self._curves["exit"].shape
        opening_jobs, total = self._whole.jobs_in_order, self._whole.weight_in_order
        self._report["jobs"] = np.swapaxes(sums["jobs"], 1, 2) / (opening_jobs if opening_jobs > 0.0 else 1.0)
        trading = np.swapaxes(sums["trading"], 1, 2) / total
        series, by_fund = self._of_population["fund_series"], self._of_population["fund_firms"]
        return Shares(
            survival={
                "cash": self._curves["cash"],
                "open": np.concatenate([np.ones((policies, draws, 1)), trading], axis=2),
                "exit": self._curves["exit"],
            },
            runway=_left_over(self._runway_gone[:, : steps + 1], total),
            report=self._report,
            group_survival=self._groups,
            flows=np.moveaxis(sums["flows"], -1, 1),
            balances=np.moveaxis(sums["closing"], -1, 1),
            opening=np.moveaxis(sums["opening"], -1, 0),
            **{name: np.swapaxes(sums[name], 1, 2) for name in EXPOSURES},
            fund_series={name: np.swapaxes(series[:, position], 1, 2) for position, name in enumerate(SERIES)},
            fund_firms={name: np.swapaxes(by_fund[:, position], 1, 2) for position, name in enumerate(FIRMS)},
            group_classes=self._classes,
            group_support=self._support,
            still_open={name: np.swapaxes(sums[f"open_{name}"], 1, 2) for name in STILL_OPEN},
            review_series={name: np.swapaxes(self._of_population[f"review_{name}"], 1, 2) for name in REVIEW_SERIES},
        )


def _of_all(firms: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Shares of all firms by name of `simsme.outcomes.REPORTED`, (policy, report), from the firms of a tally."""
    shape = firms.shape[:2]
    gain_cash, gain_exit = (firms[..., kinds].reshape(*shape, 2, 2, 2) for kinds in (GAIN_CASH, GAIN_EXIT))
    fates = firms[..., FATES].reshape(*shape, 2, 2, 2, 2)
    values = {
        "reached": _summed(gain_exit[:, :, 1]),
        "reached_gain_cash": gain_cash[:, :, 1, 0, 1] - gain_cash[:, :, 1, 1, 0],
        "reached_gain_exit": gain_exit[:, :, 1, 0, 1] - gain_exit[:, :, 1, 1, 0],
        "always": _summed(fates[:, :, 0, 0]),
        "saved": _summed(fates[:, :, 0, 1]),
        "delayed": fates[:, :, 1, 1, 1, 0],
        "lost": fates[:, :, 1, 1, 0, 0],
        "hastened": fates[:, :, 1, 1, 0, 1],
        "harmed": _summed(fates[:, :, 1, 0]),
        "zombie": firms[..., ZOMBIE],
        "insolvent": firms[..., INSOLVENT],
    }
    return values | {name: firms[..., CAUSED.start + 1 + place] for place, name in enumerate(CAUSES)}


def _summed(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum over the combinations on the last axes, each as :func:`numpy.sum` takes the four of them."""
    sums: NDArray[np.float64] = np.ascontiguousarray(shares).sum(axis=(2, 3))
    return sums


def _left_over(gone: NDArray[Any], total: float) -> NDArray[np.float64]:
    """Share that is left after each step, when these weights go in the steps; round-off does not take it below 0."""
    left: NDArray[np.float64] = np.maximum(1.0 - np.cumsum(gone, axis=-1) / total, 0.0)
    return left
