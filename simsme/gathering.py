"""From the lives of firms to weighted shares: every sum over firms is taken here, in one order, for all blocks alike."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.simulate import Lives
from simsme.fates import DECILES, fate_codes, runway_decile
from simsme.firms import Firms
from simsme.outcomes import CAUSES, CLASSES, REPORTED, REVIEW_SERIES, STILL_OPEN, SUPPORT

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

    def sums(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of a weight over the firms of each group, (G,): first over the firms of each combination, then over combinations."""
        totals: NDArray[np.float64] = self.sums_by(weight, np.zeros(weight.size, dtype=np.intp), 1)[0]
        return totals

    def sums_by(self, weight: NDArray[np.float64], kind: Codes, kinds: int) -> NDArray[np.float64]:
        """The same, firms of each of some kinds by themselves, (kind, G)."""
        shape = (*self._shape, kinds)
        table = np.bincount(self.cells * kinds + kind, weights=weight, minlength=int(np.prod(shape))).reshape(shape)
        columns = range(len(self._shape))
        others = (tuple(axis for axis in columns if axis != column) for column in columns)
        return np.concatenate([table.sum(axis=axes) for axes in others]).T

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

    def shares(*flags: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Share of the firms for each combination of yes and no, an axis for each of the flags."""
        code = np.zeros(weight.size, dtype=np.uint8)
        for flag in flags:
            code = 2 * code + flag
        combinations = np.bincount(code, weights=weight, minlength=2 ** len(flags)) / total
        return combinations.reshape((2,) * len(flags))

    def by_group(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
        shares: NDArray[np.float64] = grouping.sums(weight * flags) / group_weight
        return shares

    for draw in range(draws):
        beyond = np.searchsorted(ends, runway_days[draw], side="left")
        runway[draw] = _left_over(np.bincount(np.minimum(beyond, steps + 1), weights=weight, minlength=steps + 2)[: steps + 1], total)
        lasting = [by_group(runway_days[draw] > ends[number + 1]) for number in reported]
        for policy in range(policies):
            for name, step in (("cash", lives.cash_out_step), ("exit", lives.exit_step)):
                gone = np.bincount(step[policy, draw], weights=weight, minlength=steps + 1)[:steps]
                curves[name][policy, draw, 1:] = _left_over(gone, total)
            for position, number in enumerate(reported):
                here = lives.exit_step[policy, draw]
                there = lives.exit_step[reference, draw]
                dead, dead_there = here <= number, there <= number
                out, out_there = lives.cash_out_step[policy, draw] <= number, lives.cash_out_step[reference, draw] <= number
                reached = lives.reached_step[policy, draw] <= number
                gain_cash, gain_exit = shares(reached, out, out_there), shares(reached, dead, dead_there)
                fates = shares(dead, dead_there, here > there, here < there)
                values = {
                    "reached": gain_exit[1].sum(),
                    "reached_gain_cash": gain_cash[1, 0, 1] - gain_cash[1, 1, 0],
                    "reached_gain_exit": gain_exit[1, 0, 1] - gain_exit[1, 1, 0],
                    "always": fates[0, 0].sum(),
                    "saved": fates[0, 1].sum(),
                    "delayed": fates[1, 1, 1, 0],
                    "lost": fates[1, 1, 0, 0],
                    "hastened": fates[1, 1, 0, 1],
                    "harmed": fates[1, 0].sum(),
                    "zombie": shares(~dead & dead_there & lives.unsound[policy, position, draw])[1],
                    "insolvent": shares(lives.insolvent[policy, position, draw])[1],
                }
                causes = np.bincount(np.where(dead, lives.cause[policy, draw], 0), weights=weight, minlength=len(CAUSES) + 1) / total
                values |= dict(zip(CAUSES, causes[1:], strict=True))
                for name, value in values.items():
                    report[name][policy, draw, position] = value
                groups["runway"][policy, draw, position] = lasting[position]
                groups["cash"][policy, draw, position] = by_group(~out)
                groups["open"][policy, draw, position] = by_group(lives.trades[policy, position, draw])
                groups["exit"][policy, draw, position] = by_group(~dead)
                fate, moved = fate_codes(here, there, number), weight * lives.support[policy, position, draw]
                unsound = ~dead & dead_there & lives.unsound[policy, position, draw]
                shares_of = grouping.sums_by(weight, np.where(unsound, len(CLASSES), fate), len(CLASSES) + 1) / group_weight
                shares_of[CLASSES.index("saved")] += shares_of[-1]
                for kind, name in enumerate(classes):
                    classes[name][policy, draw, position] = shares_of[kind]
                moved_for = grouping.sums_by(moved, (fate == 0).astype(np.intp), 2)
                support["paid"][policy, draw, position], support["deadweight"][policy, draw, position] = moved_for.sum(axis=0), moved_for[1]

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


def _left_over(gone: NDArray[Any], total: float) -> NDArray[np.float64]:
    """Share that is left after each step, when these weights go in the steps; round-off does not take it below 0."""
    left: NDArray[np.float64] = np.maximum(1.0 - np.cumsum(gone) / total, 0.0)
    return left
