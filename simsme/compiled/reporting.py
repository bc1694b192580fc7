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
_ITEM_OF_BOOK = np.array([ITEMS.index(name) if (name := label.removeprefix("books.")) in ITEMS else -1 for label in BOOKS])
_ITEM_OF_ESTATE = np.array([ITEMS.index(item) for item in ESTATE_ITEMS])
_ROW_OF_ESTATE = np.array([MARKS[f"marks.{item}"] for item in ESTATE_ITEMS])
_BALANCES, _VALUED = len(BALANCES), len(VALUED)


@njit(error_model="numpy", forceinline=True)
def _lay_out(line: Any, lanes: Any, count: int, mine: Any, model: Any, row: int) -> None:
    """Put a number of every lane into a line: from its column, or from the reference where it has none."""
    at = _U(row) * _U(STRIDE)
    if count < CHUNK:
        for j in range(_U(CHUNK)):
            line[j] = model[at + j]
        for j in range(_U(count)):
            line[_U(lanes[j])] = mine[at + j]
    else:
        for j in range(_U(CHUNK)):
            line[j] = mine[at + j]


@njit(error_model="numpy", forceinline=False)
def _add_up(common: Any, numbers: Any, row: int, sums: Any) -> None:
    """Weighted partial sums of a number of every lane."""
    words.wide()
    words.add_up(sums, common, _U(_WEIGHT * STRIDE), numbers, _U(row) * _U(STRIDE))


@njit(error_model="numpy")
def _total(common: Any, line: Any, lanes: Any, count: int, mine: Any, model: Any, row: int, there: float) -> Any:
    """Weighted sum of a number over all lanes, in the order of :mod:`simsme.engine.sums`; ``there`` is what it is under the reference."""
    if count < CHUNK:
        at, differs = _U(row) * _U(STRIDE), 0
        for j in range(_U(count)):
            differs |= mine[at + j] != model[at + _U(lanes[j])]
        if not differs:
            return there
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
        results.opening[balance, draw, chunk] = _total(common, space.line, space.lanes[0], CHUNK, work, work, row, 0.0)


@njit(error_model="numpy", forceinline=True)
def note(inputs: Any, space: Any, results: Any, rows: Any, draw: int, number: int, report: int, chunk: int, place: int) -> None:
    """Note what a step left behind: who trades, and on a reported day everything."""
    policy, model, count, lanes = inputs.policies[place], inputs.policies[0], space.awake[place], space.lanes[place]
    common, line, work, known = space.common[0], space.line, rows[6], space.work[0]
    trading, new = results.trading, (number + 1) % 2
    trading[policy, number, draw, chunk] = _total(common, line, lanes, count, work, known, _TRADES, trading[model, number, draw, chunk])
    if report < 0:
        return
    if count > 0:
        of_draw, of_step, terms = inputs.of_draw[draw], inputs.of_step[draw, number], space.terms
        loops.report(rows, of_draw, of_step, of_draw, terms, terms, space.chosen[0], packed(count))
    flows, there = results.flows[policy, report, draw, chunk], results.flows[model, report, draw, chunk]
    if count == CHUNK:
        flows[:] = 0.0
    else:
        flows[:] = there
    for row in inputs.books_moved[inputs.books_of_policy[policy] : inputs.books_of_policy[policy + 1]]:
        item = _ITEM_OF_BOOK[row]
        if item >= 0:
            flows[item] = _total(common, line, lanes, count, rows[4], space.books[0, 0, new], row, there[item])
    for estate in range(_ITEM_OF_ESTATE.shape[0]):
        item, row = _ITEM_OF_ESTATE[estate], _ROW_OF_ESTATE[estate]
        flows[item] = _total(common, line, lanes, count, rows[5], space.marks[0, 0], row, there[item])
    closing, closing_there = results.closing[policy, report, draw, chunk], results.closing[model, report, draw, chunk]
    for balance in range(_BALANCES):
        row = _REPORTED + balance
        closing[balance] = _total(common, line, lanes, count, work, known, row, closing_there[balance])
    for value in range(_VALUED):
        row, valued = _REPORTED + _BALANCES + value, results.valued[value]
        valued_there = valued[model, report, draw, chunk]
        valued[policy, report, draw, chunk] = _total(common, line, lanes, count, work, known, row, valued_there)
    _lay_out(line, lanes, count, rows[4], space.books[0, 0, new], _SUPPORT)
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
