"""Weights of firms added up by what became of them: the sums over firms from which all shares are taken.

Every sum takes the firms in their order, one after another, so that it has the same bits whoever adds: NumPy here, or compiled code
(:func:`simsme.compiled.tally.count`).
"""

from typing import Any, Final, NamedTuple

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
    """Add up the weights of firms in a draw.

    Parameters
    ----------
    tally
        Added to: the firms come after those that it holds, in their order.
    lives
        Of the firms in some draws.
    weight, cells
        Weight of each firm, and which combination of groups it is in.
    reported
        Numbers of the steps that are reported.
    reference
        Position of the reference policy.
    draw
        Which of the draws.
    """
    nobody_else = np.zeros(weight.size, dtype=np.intp)
    there, out_there = lives.exit_step[reference, draw], lives.cash_out_step[reference, draw]
    for policy in range(tally.firms.shape[0]):
        here, out_here = lives.exit_step[policy, draw], lives.cash_out_step[policy, draw]
        for kind, step in enumerate((out_here, here)):
            add_by_code(tally.gone[kind, policy], step, weight)
        for report, number in enumerate(reported):
            dead, dead_there = here <= number, there <= number
            out, reached = out_here <= number, lives.reached_step[policy, draw] <= number
            unsound = ~dead & dead_there & lives.unsound[policy, report, draw]
            firms, by_cell = tally.firms[policy, report], tally.cells[policy, report]
            _add_combinations(firms[GAIN_CASH], weight, reached, out, out_there <= number)
            _add_combinations(firms[GAIN_EXIT], weight, reached, dead, dead_there)
            _add_combinations(firms[FATES], weight, dead, dead_there, here > there, here < there)
            for kind, flags in ((ZOMBIE, unsound), (INSOLVENT, lives.insolvent[policy, report, draw])):
                add_by_code(firms[kind : kind + 1], nobody_else, weight * flags)
            add_by_code(firms[CAUSED], np.where(dead, lives.cause[policy, draw], 0), weight)
            for kind, stays in enumerate((~out, lives.trades[policy, report, draw], ~dead)):
                add_by_code(by_cell[:, kind], cells, weight * stays)
            fate = fate_codes(here, there, int(number))
            _add_by_cell(by_cell[:, CLASSED], cells, np.where(unsound, UNSOUND, fate), weight)
            _add_by_cell(by_cell[:, MOVED], cells, (fate == 0).astype(np.intp), weight * lives.support[policy, report, draw])


def add_by_code(sums: NDArray[np.float64], codes: NDArray[Any], weight: NDArray[np.float64]) -> None:
    """Add each weight to the sum of its code, one after another in the order of the firms; codes that have no sum are left out."""
    if not sums.any():
        sums[:] = np.bincount(codes, weights=weight, minlength=len(sums))[: len(sums)]
        return
    # what was there comes first, so that numbers are added in the order in which one call for all firms adds them
    before = np.arange(len(sums))
    sums[:] = np.bincount(np.concatenate([before, codes]), weights=np.concatenate([sums, weight]))[: len(sums)]


def _add_combinations(sums: NDArray[np.float64], weight: NDArray[np.float64], *flags: NDArray[np.bool_]) -> None:
    """Add the weight of the firms for each combination of yes and no."""
    code = np.zeros(weight.size, dtype=np.uint8)
    for flag in flags:
        code = 2 * code + flag
    add_by_code(sums, code, weight)


def _add_by_cell(sums: NDArray[np.float64], cells: NDArray[np.intp], kind: NDArray[np.intp], weight: NDArray[np.float64]) -> None:
    """Add weights by cell and kind, (cell, kind)."""
    kinds, flat = sums.shape[1], sums.reshape(-1)
    add_by_code(flat, cells * kinds + kind, weight)
    sums[:] = flat.reshape(sums.shape)
