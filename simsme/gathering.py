"""From the lives of firms to weighted shares: every sum over firms is taken here, in one order, for all blocks alike."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.simulate import Lives
from simsme.fates import DECILES, runway_decile
from simsme.firms import Firms
from simsme.outcomes import CAUSES, CLASSES, REPORTED, REVIEW_SERIES, STILL_OPEN, SUPPORT
from simsme.tally import CAUSED, CLASSED, FATES, GAIN_CASH, GAIN_EXIT, INSOLVENT, MOVED, STAYING, UNSOUND, ZOMBIE, count, room

Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Grouping:
    """Ways to divide the firms: name and values of each column, and every firm's code in it."""

    columns: tuple[tuple[str, tuple[str, ...], Codes], ...]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(column, value) of each group, in order."""
        return tuple((column, value) for column, values, _ in self.columns for value in values)

    @cached_property
    def cells(self) -> Codes:
        """Which of all combinations of the columns' values each firm is."""
        return np.ravel_multi_index(tuple(codes for _, _, codes in self.columns), self._shape)

    @property
    def size(self) -> int:
        """Number of combinations."""
        return int(np.prod(self._shape))

    def sums(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of a weight over the firms of each group, (G,): first over the firms of each combination, then over combinations."""
        sums: NDArray[np.float64] = self.by_group(
            np.bincount(self.cells, weights=weight, minlength=self.size).astype(np.float64, copy=False)[:, None]
        )[:, 0]
        return sums

    def by_group(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over combinations for each group: (..., cell, kind) to (..., G, kind)."""
        before, columns = table.shape[:-2], range(len(self._shape))
        # always laid out alike: numpy adds up in another order where an array lies otherwise in memory
        cells = np.ascontiguousarray(table).reshape(*before, *self._shape, table.shape[-1])
        others = (tuple(len(before) + axis for axis in columns if axis != column) for column in columns)
        return np.concatenate([cells.sum(axis=axes) for axes in others], axis=-2)

    @property
    def _shape(self) -> tuple[int, ...]:
        return tuple(len(values) for _, values, _ in self.columns)


def group_firms(firms: Firms, horizon_days: float) -> Grouping:
    """Divide firms by industry, by size, by whether a bank loan falls due within the horizon, and by decile of static runway."""
    due = (firms.loan > 0.0) & (firms.loan_due_day <= horizon_days)
    return Grouping(
        (
            ("industry", firms.industry_names, firms.industry.astype(np.intp)),
            ("size", firms.size_names, firms.size.astype(np.intp)),
            ("loan_due", ("no", "yes"), due.astype(np.intp)),
            ("runway_decile", tuple(str(decile) for decile in range(1, DECILES + 1)), runway_decile(firms)),
        )
    )


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


def join_firms(parts: list[Lives]) -> Lives:
    """Put the lives of blocks of firms of the same draws side by side, in the order of the firms."""
    if len(parts) == 1:
        return parts[0]
    names = [name for name in Lives.__dataclass_fields__ if name not in OF_POPULATION]
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names}
    return Lives(**joined, **{name: getattr(parts[0], name) for name in OF_POPULATION})


def weigh(
    lives: Lives,
    firms: Firms,
    grouping: Grouping,
    ends: NDArray[np.float64],
    reported: tuple[int, ...],
    reference: int,
    runway_days: NDArray[np.float64],
    add_up: Callable[..., None] = count,
) -> Shares:
    """Turn lives into weighted shares.

    Parameters
    ----------
    lives
        Of all firms in some draws.
    firms, grouping
        Who they are.
    ends
        Ends of the steps, 0 first, (T,).
    reported
        Numbers of the steps that are reported.
    reference
        Position of the reference policy.
    runway_days
        Static runway, (draw, firm).
    add_up
        Adds up the weights of the firms, see :func:`simsme.tally.count`.
    """
    weight = firms.weight
    total = float(np.bincount(np.zeros(weight.size, dtype=np.intp), weights=weight)[0])
    policies, draws, _ = lives.exit_step.shape
    steps, reports = len(ends) - 1, len(reported)
    curves = {name: np.ones((policies, draws, steps + 1)) for name in ("cash", "exit")}
    runway = np.ones((draws, steps + 1))
    report = {name: np.zeros((policies, draws, reports)) for name in REPORTED}
    size = len(grouping.names)
    groups = {name: np.zeros((policies, draws, reports, size)) for name in ("runway", "cash", "open", "exit")}
    classes = {name: np.zeros((policies, draws, reports, size)) for name in (*CLASSES, "zombie")}
    support = {name: np.zeros((policies, draws, reports, size)) for name in SUPPORT}
    group_weight = grouping.sums(weight)
    group_weight = np.where(group_weight > 0.0, group_weight, 1.0)
    days = np.array(reported, dtype=np.int64)

    for draw in range(draws):
        beyond = np.searchsorted(ends, runway_days[draw], side="left")
        runway[draw] = _left_over(np.bincount(np.minimum(beyond, steps + 1), weights=weight, minlength=steps + 2)[: steps + 1], total)
        for position, number in enumerate(reported):
            groups["runway"][:, draw, position] = grouping.sums(weight * (runway_days[draw] > ends[number + 1])) / group_weight
        found = room(policies, steps, reports, grouping.size)
        add_up(found, lives, weight, grouping.cells, days, reference, draw)
        for kind, name in enumerate(curves):
            curves[name][:, draw, 1:] = _left_over(found.gone[kind, :, :steps], total)
        for name, value in _of_all(found.firms / total).items():
            report[name][:, draw] = value
        staying = grouping.by_group(found.cells[..., STAYING]) / group_weight[:, None]
        for kind, name in enumerate(("cash", "open", "exit")):
            groups[name][:, draw] = staying[..., kind]
        classed = grouping.by_group(found.cells[..., CLASSED]) / group_weight[:, None]
        classed[..., CLASSES.index("saved")] += classed[..., UNSOUND]
        for kind, name in enumerate(classes):
            classes[name][:, draw] = classed[..., kind]
        moved = grouping.by_group(found.cells[..., MOVED])
        support["paid"][:, draw], support["deadweight"][:, draw] = moved[..., 0] + moved[..., 1], moved[..., 1]

    opening_jobs = float(np.bincount(np.zeros(weight.size, dtype=np.intp), weights=weight * firms.employees)[0])
    report["jobs"] = np.swapaxes(lives.jobs.sum(axis=-1), 1, 2) / (opening_jobs if opening_jobs > 0.0 else 1.0)
    trading = np.swapaxes(lives.trading.sum(axis=-1), 1, 2) / total
    return Shares(
        survival={"cash": curves["cash"], "open": np.concatenate([np.ones((policies, draws, 1)), trading], axis=2), "exit": curves["exit"]},
        runway=runway,
        report=report,
        group_survival=groups,
        flows=np.moveaxis(lives.flows.sum(axis=-1), -1, 1),
        balances=np.moveaxis(lives.closing.sum(axis=-1), -1, 1),
        opening=np.moveaxis(lives.opening.sum(axis=-1), -1, 0),
        exposure_loss=np.swapaxes(lives.exposure_loss.sum(axis=-1), 1, 2),
        exposure_loss_funds=np.swapaxes(lives.exposure_loss_funds.sum(axis=-1), 1, 2),
        exposure_loss_state=np.swapaxes(lives.exposure_loss_state.sum(axis=-1), 1, 2),
        exposure_loss_financiers=np.swapaxes(lives.exposure_loss_financiers.sum(axis=-1), 1, 2),
        fund_series={name: np.swapaxes(lives.fund_series[:, position], 1, 2) for position, name in enumerate(SERIES)},
        fund_firms={name: np.swapaxes(lives.fund_firms[:, position], 1, 2) for position, name in enumerate(FIRMS)},
        group_classes=classes,
        group_support=support,
        still_open={name: np.swapaxes(getattr(lives, f"open_{name}").sum(axis=-1), 1, 2) for name in STILL_OPEN},
        review_series={name: np.swapaxes(getattr(lives, f"review_{name}"), 1, 2) for name in REVIEW_SERIES},
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
