"""Weights of firms added up by what became of them: the sums over firms from which all shares are taken.

Every sum takes the firms in their order, one after another, so that it has the same bits whoever adds: NumPy here, or compiled code
(:func:`simsme.compiled.tally.count`).
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.engine.simulate import Lives
from simsme.fates import fate_codes
from simsme.outcomes import CAUSES, CLASSES

GAIN_CASH: Final = slice(0, 8)
GAIN_EXIT: Final = slice(8, 16)
FATES: Final = slice(16, 32)
ZOMBIE, INSOLVENT = 32, 33
CAUSED: Final = slice(34, 34 + len(CAUSES) + 1)
KINDS = 34 + len(CAUSES) + 1
"""Places of :attr:`Tally.firms`: combinations of yes and no, the first of them the highest digit, and causes of exit."""

STAYING: Final = slice(0, 3)
UNSOUND: Final = len(CLASSES)
CLASSED: Final = slice(3, 3 + len(CLASSES) + 1)
MOVED: Final = slice(CLASSED.stop, CLASSED.stop + 2)
CELL_KINDS = MOVED.stop
"""Places of :attr:`Tally.cells`: who has cash, trades and has not left; classes, the unsound among the saved apart; support."""


class Tally(NamedTuple):
    """Sums of weights in a draw.

    Attributes
    ----------
    gone
        Of firms without cash, and of those that left, in each step, (2, policy, step); the last is for those that never do.
    firms
        By combination of what became of them by a reported day, (policy, report, kind).
    cells
        The same by combination of groups, (policy, report, cell, kind).
    """

    gone: NDArray[np.float64]
    firms: NDArray[np.float64]
    cells: NDArray[np.float64]


def room(policies: int, steps: int, reports: int, cells: int) -> Tally:
    """A tally of nobody."""
    return Tally(np.zeros((2, policies, steps + 1)), np.zeros((policies, reports, KINDS)), np.zeros((policies, reports, cells, CELL_KINDS)))


def count(
    tally: Tally,
    lives: Lives,
    weight: NDArray[np.float64],
    cells: NDArray[np.intp],
    reported: NDArray[np.int64],
    reference: int,
    draw: int,
) -> None:
    """Add up the weights of all firms in a draw.

    Parameters
    ----------
    tally
        Filled.
    lives
        Of all firms in some draws.
    weight, cells
        Weight of each firm, and which combination of groups it is in.
    reported
        Numbers of the steps that are reported.
    reference
        Position of the reference policy.
    draw
        Which of the draws.
    """
    total = tally.cells.shape[2]
    there, out_there = lives.exit_step[reference, draw], lives.cash_out_step[reference, draw]
    for policy in range(tally.firms.shape[0]):
        here, out_here = lives.exit_step[policy, draw], lives.cash_out_step[policy, draw]
        for kind, step in enumerate((out_here, here)):
            tally.gone[kind, policy] = np.bincount(step, weights=weight, minlength=tally.gone.shape[2])
        for report, number in enumerate(reported):
            dead, dead_there = here <= number, there <= number
            out, reached = out_here <= number, lives.reached_step[policy, draw] <= number
            unsound = ~dead & dead_there & lives.unsound[policy, report, draw]
            firms, by_cell = tally.firms[policy, report], tally.cells[policy, report]
            firms[GAIN_CASH] = _combinations(weight, reached, out, out_there <= number)
            firms[GAIN_EXIT] = _combinations(weight, reached, dead, dead_there)
            firms[FATES] = _combinations(weight, dead, dead_there, here > there, here < there)
            firms[ZOMBIE] = _combinations(weight, unsound)[1]
            firms[INSOLVENT] = _combinations(weight, lives.insolvent[policy, report, draw])[1]
            firms[CAUSED] = np.bincount(np.where(dead, lives.cause[policy, draw], 0), weights=weight, minlength=len(CAUSES) + 1)
            for kind, stays in enumerate((~out, lives.trades[policy, report, draw], ~dead)):
                by_cell[:, kind] = np.bincount(cells, weights=weight * stays, minlength=total)
            fate = fate_codes(here, there, int(number))
            by_cell[:, CLASSED] = _by_cell(cells, total, np.where(unsound, UNSOUND, fate), UNSOUND + 1, weight)
            by_cell[:, MOVED] = _by_cell(cells, total, (fate == 0).astype(np.intp), 2, weight * lives.support[policy, report, draw])


def _combinations(weight: NDArray[np.float64], *flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weight of the firms for each combination of yes and no."""
    code = np.zeros(weight.size, dtype=np.uint8)
    for flag in flags:
        code = 2 * code + flag
    return np.bincount(code, weights=weight, minlength=2 ** len(flags)).astype(np.float64, copy=False)


def _by_cell(cells: NDArray[np.intp], total: int, kind: NDArray[np.intp], kinds: int, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(cells * kinds + kind, weights=weight, minlength=total * kinds).astype(np.float64, copy=False).reshape(total, kinds)
