"""What is noted of a chunk of firms in the compiled kernel: who trades, on reported days everything, and in the end what became of them.

Of a policy that has not set a firm apart the reference tells what became of it. Sums are taken over all lanes in the order of
:mod:`simsme.engine.sums`, so that they have the same bits whoever has a column.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from simsme.compiled import loops, words
from simsme.compiled.chunks import packed
from simsme.compiled.rows import BOOKS, COMMON, ESTATE_ITEMS, MARKS, REPORTED, STRIDE, VALUED, WORK
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.sums import CHUNK

_U: Final = np.uint64
_WEIGHT = COMMON["weight"]
_TRADES, _FLAGS, _REPORTED = WORK["still_trades"], tuple(WORK[name] for name in ("still_trades", "insolvent", "unsound")), WORK[REPORTED[0]]
_CASH_OUT, _EXIT, _REACHED = MARKS["marks.cash_out_step"], MARKS["marks.exit_step"], MARKS["marks.reached_step"]
_CAUSE, _TROUGH, _SUPPORT = MARKS["marks.cause"], BOOKS["books.trough"], BOOKS["books.support"]
_BY_ESTATES = tuple(item in ESTATE_ITEMS for item in ITEMS)
_ITEM_ROWS = tuple(MARKS[f"marks.{item}"] if item in ESTATE_ITEMS else BOOKS[f"books.{item}"] for item in ITEMS)
_ITEMS, _BALANCES, _VALUED = len(ITEMS), len(BALANCES), len(VALUED)


@njit(error_model="numpy", forceinline=True)
def _lay_out(line: Any, lanes: Any, count: int, mine: Any, model: Any, row: int) -> None:
    """Put a number of every lane into a line: from its column, or from the reference where it has none."""
    at = row * STRIDE
    if count < CHUNK:
        for j in range(CHUNK):
            line[j] = model[at + j]
        for j in range(_U(count)):
            line[_U(lanes[j])] = mine[_U(at) + j]
    else:
        for j in range(CHUNK):
            line[j] = mine[at + j]


@njit(error_model="numpy", forceinline=False)
def _add_up(common: Any, numbers: Any, row: int, sums: Any) -> None:
    """Weighted partial sums of a number of every lane."""
    words.wide()
    words.add_up(sums, common, _U(_WEIGHT * STRIDE), numbers, _U(row * STRIDE))


@njit(error_model="numpy")
def _total(common: Any, line: Any, lanes: Any, count: int, mine: Any, model: Any, row: int) -> Any:
    """Weighted sum of a number over all lanes, in the order of :mod:`simsme.engine.sums`."""
    sums = line[CHUNK:]
    if count == CHUNK:
        _add_up(common, mine, row, sums)
    else:
        _lay_out(line, lanes, count, mine, model, row)
        _add_up(common, line, 0, sums)
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))


@njit(error_model="numpy")
def note_opening(inputs: Any, space: Any, results: Any, draw: int, chunk: int) -> None:
    """Note the balances with which the firms of a chunk begin."""
    common, own, work, terms, of_draw = space.common[0], space.own[0, 0, 0], space.work[0], space.terms, inputs.of_draw[draw]
    rows = (common, own, own, space.books[0, 0, 0], space.books[0, 0, 1], space.marks[0, 0], work)
    loops.opening_balances(rows, of_draw, of_draw, of_draw, terms, terms, space.chosen[0], CHUNK)
    for balance in range(_BALANCES):
        row = _REPORTED + balance
        results.opening[balance, draw, chunk] = _total(common, space.line, space.lanes[0], CHUNK, work, work, row)


@njit(error_model="numpy", forceinline=True)
def note(inputs: Any, space: Any, results: Any, rows: Any, draw: int, number: int, report: int, chunk: int, place: int) -> None:
    """Note what a step left behind: who trades, and on a reported day everything."""
    policy, model, count, lanes = inputs.policies[place], inputs.policies[0], space.awake[place], space.lanes[place]
    common, line, work, known = space.common[0], space.line, rows[6], space.work[0]
    differs = count == CHUNK
    if not differs:
        for j in range(_U(count)):
            differs |= work[_U(_TRADES * STRIDE) + j] != known[_U(_TRADES * STRIDE) + _U(lanes[j])]
    if not differs:
        results.trading[policy, number, draw, chunk] = results.trading[model, number, draw, chunk]
    else:
        results.trading[policy, number, draw, chunk] = _total(common, line, lanes, count, work, known, _TRADES)
    if report < 0:
        return
    if count == 0:
        for item in range(_ITEMS):
            results.flows[policy, report, draw, chunk, item] = results.flows[model, report, draw, chunk, item]
        for balance in range(_BALANCES):
            results.closing[policy, report, draw, chunk, balance] = results.closing[model, report, draw, chunk, balance]
        for value in range(_VALUED):
            results.valued[value, policy, report, draw, chunk] = results.valued[value, model, report, draw, chunk]
    else:
        of_draw, of_step, terms, new = inputs.of_draw[draw], inputs.of_step[draw, number], space.terms, (number + 1) % 2
        loops.report(rows, of_draw, of_step, of_draw, terms, terms, space.chosen[0], packed(count))
        for item in range(_ITEMS):
            mine, there = (rows[5], space.marks[0, 0]) if _BY_ESTATES[item] else (rows[4], space.books[0, 0, new])
            results.flows[policy, report, draw, chunk, item] = _total(common, line, lanes, count, mine, there, _ITEM_ROWS[item])
        for balance in range(_BALANCES):
            results.closing[policy, report, draw, chunk, balance] = _total(common, line, lanes, count, work, known, _REPORTED + balance)
        for value in range(_VALUED):
            row = _REPORTED + _BALANCES + value
            results.valued[value, policy, report, draw, chunk] = _total(common, line, lanes, count, work, known, row)
    _lay_out(line, lanes, count, rows[4], space.books[0, 0, (number + 1) % 2], _SUPPORT)
    for j in range(min(CHUNK, inputs.keys.shape[0] - chunk * CHUNK)):
        results.support[policy, report, draw, chunk * CHUNK + j] = line[j]
    for flag in range(len(_FLAGS)):
        _lay_out(line, lanes, count, work, known, _FLAGS[flag])
        for j in range(min(CHUNK, inputs.keys.shape[0] - chunk * CHUNK)):
            results.flags[flag, policy, report, draw, chunk * CHUNK + j] = line[j] != 0.0


@njit(error_model="numpy")
def close_chunk(inputs: Any, space: Any, results: Any, draw: int, chunk: int) -> None:
    """Hand over what was noted of the firms of a chunk."""
    first, steps = chunk * CHUNK, inputs.of_step.shape[1]
    for place in range(inputs.policies.shape[0]):
        policy, whole = inputs.policies[place], space.awake[place] == CHUNK
        for j in range(min(CHUNK, inputs.keys.shape[0] - first)):
            column, owner = j, place
            if not whole:
                column = space.columns[place, j]
                if column < 0:
                    column, owner = j, 0
            marks, books = space.marks[0, owner], space.books[0, owner, steps % 2]
            results.steps[0, policy, draw, first + j] = np.int16(marks[_CASH_OUT * STRIDE + column])
            results.steps[1, policy, draw, first + j] = np.int16(marks[_EXIT * STRIDE + column])
            results.steps[2, policy, draw, first + j] = np.int16(marks[_REACHED * STRIDE + column])
            results.cause[policy, draw, first + j] = np.int8(marks[_CAUSE * STRIDE + column])
            results.trough[policy, draw, first + j] = books[_TROUGH * STRIDE + column]
