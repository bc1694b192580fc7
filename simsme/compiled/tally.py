"""Weights of firms added up in compiled code: the sums of :func:`simsme.tally.count`, to the bit."""

from functools import cache
from typing import Any

import numpy as np
from numba import boolean, float64, int8, int16, int64, njit, types

from simsme.compiled.loops import stamp
from simsme.engine.simulate import Lives

_U = np.uint64


def count(tally: Any, lives: Lives, weight: Any, cells: Any, reported: Any, reference: int, draw: int) -> None:
    """Add up the weights of firms in a draw; see :func:`simsme.tally.count`."""
    steps = lives.cash_out_step, lives.exit_step, lives.reached_step
    flags = lives.unsound, lives.insolvent, lives.trades
    _counter()(*tally, *steps, lives.cause, *flags, lives.support, weight, cells, reported, reference, draw)


@cache
def _counter() -> Any:
    """The compiled function, loaded from disk, or compiled where this machine has not done so before."""
    return _entry(stamp())


def _entry(compiled_from: int) -> Any:
    def count(
        gone: Any,
        firms: Any,
        cells: Any,
        cash_out_step: Any,
        exit_step: Any,
        reached_step: Any,
        causes: Any,
        unsound: Any,
        insolvent: Any,
        trades: Any,
        support: Any,
        weight: Any,
        cell: Any,
        reported: Any,
        reference: int,
        draw: int,
    ) -> int:
        draw_of, model = _U(draw), _U(reference)
        for policy in range(_U(exit_step.shape[0])):
            for i in range(_U(weight.shape[0])):
                gone[0, policy, _U(cash_out_step[policy, draw_of, i])] += weight[i]
                gone[1, policy, _U(exit_step[policy, draw_of, i])] += weight[i]
            for report in range(_U(reported.shape[0])):
                number = reported[report]
                for i in range(_U(weight.shape[0])):
                    w, at = weight[i], _U(cell[i])
                    here, there = exit_step[policy, draw_of, i], exit_step[model, draw_of, i]
                    dead, dead_there = here <= number, there <= number
                    out, out_there = cash_out_step[policy, draw_of, i] <= number, cash_out_step[model, draw_of, i] <= number
                    reached = reached_step[policy, draw_of, i] <= number
                    kept = (not dead) and dead_there and unsound[policy, report, draw_of, i]
                    firms[policy, report, _U(4 * reached + 2 * out + out_there)] += w
                    firms[policy, report, _U(8 + 4 * reached + 2 * dead + dead_there)] += w
                    firms[policy, report, _U(16 + 8 * dead + 4 * dead_there + 2 * (here > there) + (here < there))] += w
                    if kept:
                        firms[policy, report, _U(32)] += w
                    if insolvent[policy, report, draw_of, i]:
                        firms[policy, report, _U(33)] += w
                    cause = causes[policy, draw_of, i] if dead else 0
                    firms[policy, report, _U(34 + cause)] += w
                    if not out:
                        cells[policy, report, at, _U(0)] += w
                    if trades[policy, report, draw_of, i]:
                        cells[policy, report, at, _U(1)] += w
                    if not dead:
                        cells[policy, report, at, _U(2)] += w
                    # the codes of simsme.fates: always, saved, delayed, lost, hastened, harmed
                    late = 3 + (1 if there > here else 0) - (1 if there < here else 0)
                    fate = (late if dead_there else 5) if dead else (1 if dead_there else 0)
                    cells[policy, report, at, _U(3 + (6 if kept else fate))] += w
                    cells[policy, report, at, _U(10 + (fate == 0))] += w * support[policy, report, draw_of, i]
        return compiled_from

    real, flags, step = types.Array(float64, 3, "C"), types.Array(boolean, 4, "C"), types.Array(int16, 3, "C")
    whole = types.Array(int64, 1, "C")
    tally = real, real, types.Array(float64, 4, "C")
    lives = step, step, step, types.Array(int8, 3, "C"), flags, flags, flags, types.Array(float64, 4, "C")
    signature = int64(*tally, *lives, types.Array(float64, 1, "C", readonly=True), whole, whole, int64, int64)
    try:
        return njit(signature, cache=True, nogil=True, error_model="numpy")(count)
    except RuntimeError:  # nowhere to keep machine code: it lives as long as the process
        return njit(signature, nogil=True, error_model="numpy")(count)
