"""Which firms a policy has set apart from the reference, and the columns in which they live.

While a policy has changed nothing for a firm, to the last bit, its life is that of the firm under the reference policy and is not lived
again; only the hazard of a recall, of which nothing has come, is carried along where a policy changes it. The reference goes first in a
step. A firm wakes under a policy in the first step in which one of the levers in force for it, or an answer of a public fund, can matter to
it (see :mod:`simsme.engine.occasions`): a column is made for it, which begins as the reference began the step. Where the step turns out the
same nevertheless, it goes back to sleep, but not again and again. Columns stand in the order in which firms woke, and what they need of the
firm and of the weather is gathered for them. Where most firms of a chunk are awake, all are woken, and the columns are the lanes.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from simsme.compiled import loops
from simsme.compiled.chunks import choose, combine_terms, fill
from simsme.compiled.rows import ANSWERS, MARKS, OWN, REACH, STRIDE, WORK
from simsme.engine.sums import CHUNK, SUMMANDS

_U: Final = np.uint64
_WAKES, _HAPPENED, _ANSWERS, _REACHED = WORK["wakes"], WORK["happened"], MARKS[ANSWERS[0]], MARKS["marks.reached_step"]
_HAZARD, _HAZARD_THEN = OWN["state.recall_hazard"], WORK["hazard_asleep"]
_NOTED, _ANSWERED = np.arange(_ANSWERS, dtype=np.uint64), np.arange(_ANSWERS, len(MARKS), dtype=np.uint64)
_OFFERED = np.arange(len(REACH), dtype=np.uint64)
_REACHES: Final = REACH["lever.reaches"] + 1
_NONE: Final = np.uint64(2**63)
"""No row."""


@njit(error_model="numpy", forceinline=True)
def _moved(rows: Any, begins: Any, policy: int) -> Any:
    """Rows that change at all under a policy or the reference."""
    return rows[begins[policy] : begins[policy + 1]]


@njit(error_model="numpy", forceinline=True)
def _offered(inputs: Any, lever: int) -> Any:
    """Rows of a lever that have something in them: whom it reaches, and what it offers firm by firm if it does."""
    return _OFFERED if inputs.informed_of[lever] >= 0 else _OFFERED[:_REACHES]


WHOLE_FROM: Final = 160
"""Awake firms of a chunk from which all are woken: gathering then costs more than the steps of those that sleep."""

TRIES: Final = 2
"""How often a firm may go back to sleep under a policy: waking costs as much as a few steps."""


@njit(error_model="numpy", forceinline=True)
def _copy(target: Any, column: Any, source: Any, lane: Any, rows: Any) -> None:
    """Copy one firm's numbers of some rows to a column."""
    for row in rows:
        target[row * _U(STRIDE) + _U(column)] = source[row * _U(STRIDE) + _U(lane)]


@njit(error_model="numpy")
def _spread(target: Any, source: Any, rows: Any, lanes: Any, count: int, line: Any) -> None:
    """Put columns where their lanes are, and what the reference has where there is no column."""
    for row in rows:
        at = row * _U(STRIDE)
        for j in range(_U(count)):
            line[j] = target[at + j]
        for j in range(_U(STRIDE)):
            target[at + j] = source[at + j]
        for j in range(_U(count)):
            target[at + _U(lanes[j])] = line[j]


@njit(error_model="numpy", forceinline=True)
def note_occasions(happened: Any, work: Any) -> None:
    """Keep what happened to every lane as bits."""
    for j in range(_U(CHUNK)):
        happened[j] = np.uint16(work[_U(_HAPPENED * STRIDE) + j])


@njit(error_model="numpy", forceinline=True)
def _may_wake(inputs: Any, space: Any, draw: int, first: int, count: int, begin: int, end: int, columns: Any, chosen: Any) -> Any:
    """Gather the lanes that sleep and to which something happens on which one of some levers that reaches them can matter."""
    if begin == end:
        return _U(0)
    candidates, happened = space.candidates, space.happened
    candidates[:] = False
    for lever in range(begin, end):
        reach, matters_on = inputs.reach[lever, draw], inputs.matters_on[lever]
        for j in range(_U(count)):
            candidates[j] |= reach[_U(first) + j] & ((happened[j] & matters_on) != 0)
    few = _U(0)
    for group in range(_U(CHUNK // SUMMANDS)):
        if space.candidate_groups[group] != _U(0):  # mostly nobody of a group may wake
            for j in range(group * _U(SUMMANDS), (group + _U(1)) * _U(SUMMANDS)):
                chosen[few] = j
                few += _U(candidates[j] & (columns[j] < 0))
    return few


@njit(error_model="numpy", forceinline=True)
def wake(inputs: Any, space: Any, rows: Any, draw: int, number: int, first: int, count: int, place: int) -> None:
    """Wake the firms of a chunk that a policy may set apart in a step.

    ``rows`` are those of the reference, which has taken the step up to the question who leaves, its occasions included.
    """
    awake, model, policy, work, chosen = space.awake[place], inputs.policies[0], inputs.policies[place], rows[6], space.chosen[0]
    lanes, columns, since = space.lanes[place], space.columns[place], space.since[place]
    space.fresh[place] = awake
    if awake == CHUNK:
        return
    fill(work, _WAKES, 0.0)
    relieved, hazards = inputs.relieves[policy], space.hazards[place]
    if relieved:
        of_draw, of_step, terms = inputs.of_draw[draw], inputs.of_step[draw, number], space.terms_asleep
        for lever in range(inputs.levers_of[policy], inputs.levers_of[policy + 1]):
            if inputs.offers[lever, 0]:
                loops.lever_in_force(rows, of_draw, of_step, inputs.of_lever[lever, draw], space.reach[0, lever], terms, chosen, CHUNK)
                combine_terms(inputs, draw, lever, work, space.reach[0, lever], terms, CHUNK)
        loops.hazards_of_sleepers(rows, of_draw, of_step, of_draw, hazards, terms, chosen, CHUNK)
        for row in inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]]:
            fill(terms, row, 0.0)
    for either in (model, policy):  # whom the reference sets apart from firms without levers, it sets apart from this policy too
        begin, end = inputs.levers_of[either], inputs.levers_of[either + 1]
        few = _may_wake(inputs, space, draw, first, count, begin, end, columns, chosen)
        if few > 0:
            for lever in range(begin, end):
                offer, reach = inputs.of_lever[lever, draw], space.reach[0, lever]
                loops.woken_by_lever(rows, inputs.of_draw[draw], inputs.of_step[draw, number], offer, reach, space.terms, chosen, few)
        if inputs.answers_of[either] >= 0:
            found = inputs.answers[inputs.answers_of[either], draw, number]
            for j in range(count):
                if found[first + j] != 0:
                    work[_WAKES * STRIDE + j] = 1.0
    some = 0
    for i in range(choose(work, _WAKES, count, chosen)):
        lane = chosen[i]
        if columns[lane] < 0:
            chosen[some] = lane
            some += 1

    states, books, marks = space.own[0, place, number % 2], space.books[0, place, number % 2], space.marks[0, place]
    states_moved = _moved(inputs.states_moved, inputs.states_of_policy, policy)
    books_moved = _moved(inputs.books_moved, inputs.books_of_policy, policy)
    if awake + some > WHOLE_FROM:
        _spread(states, rows[1], states_moved, lanes, awake, space.line)
        _spread(books, rows[3], books_moved, lanes, awake, space.line)
        _spread(marks, rows[5], _NOTED, lanes, awake, space.line)
        for row in _ANSWERED:
            fill(marks, row, 0.0)
        for lane in range(CHUNK):
            if columns[lane] < 0:
                since[lane] = number
                if relieved:
                    states[_HAZARD * STRIDE + lane] = hazards[lane]
            lanes[lane], columns[lane], space.lane_numbers[place, lane] = lane, lane, float(lane)
        space.awake[place] = CHUNK
        space.fresh[place] = CHUNK
        return
    gathered, begin, end = space.gathered[place], inputs.levers_of[policy], inputs.levers_of[policy + 1]
    for i in range(some):
        lane, column = np.int64(chosen[i]), awake + i
        _copy(states, column, rows[1], lane, states_moved)
        _copy(books, column, rows[3], lane, books_moved)
        _copy(marks, column, rows[5], lane, _NOTED)
        for row in _ANSWERED:
            marks[row * _U(STRIDE) + _U(column)] = 0.0
        _copy(gathered, column, rows[0], lane, inputs.rows_of_year)
        for lever in range(begin, end):
            _copy(space.gathered_reach[lever], column, space.reach[0, lever], lane, _offered(inputs, lever))
        if relieved:
            states[_HAZARD * STRIDE + column] = hazards[lane]
        lanes[column], columns[lane], since[lane] = lane, column, number
        space.lane_numbers[place, column] = float(lane)
    space.awake[place] = awake + some
    if relieved:
        for lane in range(CHUNK):
            hazards[lane] = work[_HAZARD_THEN * STRIDE + lane]


@njit(error_model="numpy", forceinline=True)
def gather(gathered: Any, common: Any, lanes: Any, count: int, rows: Any) -> None:
    """Bring rows of what all policies share to the columns of a policy."""
    for row in rows:
        for j in range(_U(count)):
            gathered[row * _U(STRIDE) + j] = common[row * _U(STRIDE) + _U(lanes[j])]


@njit(error_model="numpy", forceinline=True)
def _same(mine: Any, column: Any, model: Any, lane: Any, rows: Any, but: Any) -> Any:
    """Whether the numbers of a column are those of the reference, in some rows but one."""
    for row in rows:  # noqa: SIM110  # Numba compiles loops, not generators
        if mine[row * _U(STRIDE) + _U(column)] != model[row * _U(STRIDE) + _U(lane)] and row != but:
            return False
    return True


@njit(error_model="numpy", forceinline=True)
def let_sleep(inputs: Any, space: Any, rows: Any, number: int, place: int) -> None:
    """Firms that woke in the step and are what they are under the reference after it go back to sleep.

    ``rows`` are those of the policy.
    """
    new, kept, policy = (number + 1) % 2, space.fresh[place], inputs.policies[place]
    gathered, states, books, marks = rows[0], rows[2], rows[4], rows[5]
    there, booked, noted = space.own[0, 0, new], space.books[0, 0, new], space.marks[0, 0]
    lanes, columns = space.lanes[place], space.columns[place]
    states_moved = _moved(inputs.states_moved, inputs.states_of_policy, policy)
    books_moved = _moved(inputs.books_moved, inputs.books_of_policy, policy)
    for column in range(space.fresh[place], space.awake[place]):
        lane = lanes[column]
        if (
            space.tries[place, lane] < TRIES
            and marks[_REACHED * STRIDE + column] == noted[_REACHED * STRIDE + lane]  # said already, and most differ
            and _same(states, column, there, lane, states_moved, _U(_HAZARD))
            and _same(books, column, booked, lane, books_moved, _NONE)
            and _same(marks, column, noted, lane, _NOTED, _NONE)
        ):
            space.hazards[place, lane] = states[_HAZARD * STRIDE + column]
            space.tries[place, lane] += 1
            columns[lane] = -1
            continue
        if kept < column:
            _copy(states, kept, states, column, states_moved)
            _copy(books, kept, books, column, books_moved)
            _copy(marks, kept, marks, column, _NOTED)
            _copy(marks, kept, marks, column, _ANSWERED)
            _copy(gathered, kept, gathered, column, inputs.rows_of_year)
            for lever in range(inputs.levers_of[policy], inputs.levers_of[policy + 1]):
                _copy(space.gathered_reach[lever], kept, space.gathered_reach[lever], column, _offered(inputs, lever))
            lanes[kept], columns[lane] = lane, kept
            space.lane_numbers[place, kept] = float(lane)
        kept += 1
    space.awake[place] = kept
