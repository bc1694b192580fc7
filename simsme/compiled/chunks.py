"""A chunk of firms in the compiled kernel: its opening, its weather, its steps.

The functions take the records of :mod:`simsme.compiled.records`; ``slot`` is the chunk's place in the working room, ``place`` the policy's.
The firms of a chunk stand in lanes. The reference policy has a column for every lane; another policy has columns only for the firms that it
has set apart from the reference, see :mod:`simsme.compiled.waking`.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from simsme.compiled import loops, words
from simsme.compiled.formulas import AIDED, ANY, FUNDED
from simsme.compiled.lever_formulas import COMBINATIONS
from simsme.compiled.luck import fill_luck
from simsme.compiled.rows import (
    BOOKS,
    COLUMNS,
    COMMON,
    FLOWS,
    LUCK_OF_YEAR,
    MADE_OUTSIDE,
    MARKS,
    OF_STEP,
    OWN,
    REACH,
    REACHING,
    STREAMS,
    STRIDE,
    WORK,
)
from simsme.engine.sums import CHUNK, SUMMANDS
from simsme.streams import channel

_COLUMN, _COLUMNS = WORK[f"column.{COLUMNS[0]}"], len(COLUMNS)
_DEPTH_OF, _CLOSED_SHARE, _BACKGROUND = (WORK[f"column.{name}"] for name in MADE_OUTSIDE)
_U_ROWS = tuple(WORK[f"draw.u.{name}"] for name in STREAMS)
_V_ROWS = tuple(WORK.get(f"draw.v.{name}", -1) for name in STREAMS)
_CHANNELS = tuple(channel(name) for name in STREAMS)
_YEAR_ROWS, _YEAR_CHANNELS = tuple(COMMON[f"luck.{name}"] for name in LUCK_OF_YEAR), tuple(channel(name) for name in LUCK_OF_YEAR)
_WEIGHT, _PATIENCE, _SLOW = COMMON["weight"], COMMON["firm.patience"], COMMON["slow"]
_U_NOISE, _V_NOISE = COMMON["noise.u"], COMMON["noise.v"]
_NOISE, _DOWN, _DEPTH, _OUTLOOK = (COMMON[f"given.{name}"] for name in ("noise", "down", "depth", "outlook_depth"))
_PAST, _MAY_LEAVE, _CAUSE = (WORK[label] for label in ("past_dues", "may_leave", "cause"))
_REACHING = np.array(REACHING, dtype=np.uint64)
_TERM_MATURES, _NEW_MATURES = WORK["guard.term_loan"], WORK["guard.new_loan"]
_HAZARD, _CASH, _DUES, _TROUGH = OWN["state.recall_hazard"], OWN["state.cash"], OWN["state.dues"], BOOKS["books.trough"]
_CASH_OUT, _EXIT, _REACHED = MARKS["marks.cash_out_step"], MARKS["marks.exit_step"], MARKS["marks.reached_step"]
_FLOWS = WORK[FLOWS[0]]
_NOISE_CHANNEL, _STEP_DAYS = channel("noise"), OF_STEP["clock.h"]
_U: Final = np.uint64
_MOST, _ANY_OF, _TOTAL_OF = (list(COMBINATIONS).index(rule) for rule in ("most", "any_of", "total_of"))
_OFFERED_BY_FIRM = len(REACH) - 1

ONLY: Final = np.int64(0)
"""The slot of a chunk that lives alone, and the place of such a policy. Numba would compile functions once more for a literal."""


@njit(error_model="numpy", forceinline=True)
def take(row: int, target: Any, source: Any, first: int, count: int) -> None:
    """Copy numbers of firms to a row; where there are no more firms, the last one stands in, without weight."""
    for j in range(count):
        target[row * STRIDE + j] = source[first + j]
    for j in range(count, CHUNK):
        target[row * STRIDE + j] = source[first + count - 1]


@njit(error_model="numpy", forceinline=True)
def fill(rows: Any, row: int, number: float) -> None:
    """Put one number for all firms into a row."""
    at = np.int64(row) * STRIDE
    rows[at : at + STRIDE] = number


@njit(error_model="numpy", forceinline=True)
def step_of(day: float, ends: Any, number: int) -> Any:
    """Step that contains a day that is not after the end of the last finished one, ``ends[number]``; that one at the most."""
    left = min(_U(day / ends[number + 1] * (number + 1)), _U(number))  # where it is if steps are of equal length
    while left > _U(0) and ends[left] > day:
        left -= _U(1)
    while left < _U(number) and ends[left + _U(1)] <= day:
        left += _U(1)
    return left


@njit(error_model="numpy", forceinline=True)
def choose(rows: Any, row: int, count: int, chosen: Any) -> Any:
    """Gather those of the first columns in which a row is not 0; returns how many they are."""
    few, at = _U(0), _U(row * STRIDE)
    for begin in range(_U(0), _U(count), _U(SUMMANDS)):
        few = pick(words.others(rows, at + begin, 0.0), begin, _U(count), chosen, few)
    return np.int64(few)


@njit(error_model="numpy", forceinline=True)
def pick(bits: Any, begin: Any, count: Any, chosen: Any, few: Any) -> Any:
    """Append those of a group of columns whose bit is set, up to a count of columns; returns how many are chosen by now."""
    while bits != _U(0):
        column = begin + words.lowest(bits)
        if column >= count:
            break
        chosen[few] = column
        few += _U(1)
        bits &= bits - _U(1)
    return few


@njit(error_model="numpy", forceinline=True)
def packed(count: int) -> int:
    """Columns for which a loop is run: as many as fill whole instructions."""
    return (count + SUMMANDS - 1) // SUMMANDS * SUMMANDS


@njit(error_model="numpy", forceinline=True)
def rows_of(space: Any, number: int, slot: int, place: int) -> Any:
    """The arrays of rows that recorded loops take. What a step makes anew changes places with what it was made from."""
    old, new = number % 2, (number + 1) % 2
    common = space.common[slot] if space.awake[place] == CHUNK else space.gathered[place]
    states, books = space.own[slot, place], space.books[0, place]
    return common, states[old], states[new], books[old], books[new], space.marks[slot, place], space.work[min(place, 1)]


@njit(error_model="numpy", forceinline=True)
def _of(values: Any, draw: int) -> Any:
    """What the firms have in a draw, of values that may be the same in all."""
    return values[min(draw, values.shape[0] - 1)]


@njit(error_model="numpy")
def open_firms(inputs: Any, space: Any, draw: int, first: int, count: int, slot: int) -> None:
    """What a chunk of firms is in a draw: constants, luck, and books on day 0."""
    work, terms, of_draw = space.work[0], space.terms, inputs.of_draw[draw]
    for column in range(_COLUMNS):
        take(_COLUMN + column, work, inputs.columns[column], first, count)
    take(_DEPTH_OF, work, _of(inputs.depth, draw), first, count)
    take(_CLOSED_SHARE, work, _of(inputs.closed_share, draw), first, count)
    take(_BACKGROUND, work, _of(inputs.background_rate, draw), first, count)
    for stream in range(len(_CHANNELS)):
        u, v = _U_ROWS[stream], _V_ROWS[stream]
        fill_luck(work, u * STRIDE, v * STRIDE, inputs.seed, inputs.draw_numbers[draw], inputs.keys, first, count, 0, _CHANNELS[stream])
    rows = space.common[slot], space.own[slot, 0, 0], space.own[slot, 0, 0], space.books[0, 0, 0], space.books[0, 0, 1]
    loops.open_firms((*rows, space.marks[slot, 0], work), of_draw, of_draw, of_draw, terms, terms, space.chosen[0], CHUNK)


@njit(error_model="numpy")
def open_chunk(inputs: Any, space: Any, draw: int, chunk: int, slot: int) -> Any:
    """Put a chunk of firms on day 0; returns its first firm and how many it has. No policy has set anybody apart yet."""
    firms, steps = inputs.keys.shape[0], inputs.of_step.shape[1]
    first = chunk * CHUNK
    count = min(CHUNK, firms - first)
    common, own, books, marks = space.common[slot], space.own[slot, 0], space.books[0, 0], space.marks[slot, 0]
    open_firms(inputs, space, draw, first, count, slot)
    for j in range(count, CHUNK):
        common[_WEIGHT * STRIDE + j] = 0.0
    for row in (_SLOW, _NOISE, _DOWN, _DEPTH, _OUTLOOK):
        fill(common, row, 0.0)
    books[0] = 0.0
    marks[:] = 0.0
    for row in (_CASH_OUT, _EXIT, _REACHED):
        fill(marks, row, float(steps))
    for j in range(CHUNK):
        books[0, _TROUGH * STRIDE + j] = own[0, _CASH * STRIDE + j]
        space.history[slot, 0, 0, j] = 0.0
        space.lanes[0, j] = j
    for policy in inputs.policies:
        for lever in range(inputs.levers_of[policy], inputs.levers_of[policy + 1]):
            for j in range(count):
                space.reach[slot, lever, j] = 1.0 if inputs.reach[lever, draw, first + j] else 0.0
            for j in range(count, CHUNK):
                space.reach[slot, lever, j] = 0.0
            if inputs.informed_of[lever] >= 0:
                for row in range(_OFFERED_BY_FIRM):
                    take(row + 1, space.reach[slot, lever], inputs.informed[inputs.informed_of[lever], draw, row], first, count)
    space.awake[:] = 0
    space.awake[0] = CHUNK
    space.columns[:] = -1
    space.tries[:] = 0
    space.since[:] = 0
    for place in range(inputs.policies.shape[0]):
        space.hazards[place] = own[0, _HAZARD * STRIDE : (_HAZARD + 1) * STRIDE]
    return first, count


@njit(error_model="numpy", forceinline=True)
def renewed(inputs: Any, draw: int, number: int) -> Any:
    """Whether what lasts for a year of equal steps is another one than in the step before."""
    days = inputs.of_step[draw, number, _STEP_DAYS] != inputs.of_step[draw, number - 1, _STEP_DAYS]
    return days or inputs.years[number] != inputs.years[number - 1]


@njit(error_model="numpy", forceinline=True)
def make_weather(inputs: Any, space: Any, rows: Any, draw: int, number: int, chunk: int, slot: int) -> None:
    """Weather of a step for a chunk, and on the first step of a year its luck."""
    first = chunk * CHUNK
    count = min(CHUNK, inputs.keys.shape[0] - first)
    common, terms, chosen = space.common[slot], space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    if number == 0 or inputs.years[number] != inputs.years[number - 1]:
        for kind in range(len(_YEAR_CHANNELS)):
            at, stream = _YEAR_ROWS[kind] * STRIDE, _YEAR_CHANNELS[kind]
            fill_luck(common, at, -1, inputs.seed, inputs.draw_numbers[draw], inputs.keys, first, count, inputs.years[number], stream)
    if number == 0 or renewed(inputs, draw, number):
        loops.own_numbers_of_firms(rows, of_draw, of_step, of_draw, terms, terms, chosen, CHUNK)
    u, v, draw_number = _U_NOISE * STRIDE, _V_NOISE * STRIDE, inputs.draw_numbers[draw]
    fill_luck(common, u, v, inputs.seed, draw_number, inputs.keys, first, count, number, _NOISE_CHANNEL)
    if inputs.given_noise.size > 0:
        take(_NOISE, common, inputs.given_noise[number, draw], first, count)
    if inputs.given_down.size > 0:
        take(_DOWN, common, inputs.given_down[number, draw], first, count)
    if inputs.given_depth.size > 0:
        take(_DEPTH, common, inputs.given_depth[number, 0], first, count)
        take(_OUTLOOK, common, inputs.given_depth[number, 1], first, count)
    loops.weather_of_firms(rows, of_draw, of_step, of_draw, terms, terms, chosen, CHUNK)


@njit(error_model="numpy", forceinline=True)
def look_up_past_dues(
    work: Any, common: Any, lanes: Any, since: Any, history: Any, model: Any, ends: Any, number: int, chosen: Any, few: int
) -> None:
    """Dues at the day b - patience, interpolated between ends of steps, for firms that may leave."""
    a, b = ends[number], ends[number + 1]
    for i in range(_U(few)):
        lane = _U(lanes[chosen[i]])
        day = min(max(b - common[_U(_PATIENCE * STRIDE) + lane], 0.0), a)
        left = step_of(day, ends, number)
        # before a policy set the firm apart its past is that of the reference
        after_left = left + _U(1)
        before = history[left, lane] if left > _U(since[lane]) else model[left, lane]
        after = history[after_left, lane] if after_left > _U(since[lane]) else model[after_left, lane]
        work[_U(_PAST * STRIDE) + chosen[i]] = before + (after - before) * ((day - ends[left]) / (ends[after_left] - ends[left]))


@njit(error_model="numpy")
def combine_terms(inputs: Any, draw: int, lever: int, work: Any, reach: Any, terms: Any, count: int) -> None:
    """Combine the terms of the last day of a step with what a lever offers where it is in force."""
    for k in range(inputs.now_of[lever], inputs.now_of[lever + 1]):
        at, rule, offered = inputs.now_row[k] * STRIDE, inputs.now_rule[k], inputs.now_offered[k, draw]
        if rule == _MOST:
            loops.combine_most(work, reach, terms, at, offered, count)
        elif rule == _ANY_OF:
            loops.combine_any_of(work, reach, terms, at, offered, count)
        elif rule == _TOTAL_OF:
            loops.combine_total_of(work, reach, terms, at, offered, count)
        else:
            loops.combine_last_of(work, reach, terms, at, int(offered) * STRIDE, count)


@njit(error_model="numpy", forceinline=True)
def clear_terms(terms: Any, rows: Any, chosen: Any, few: int) -> None:
    """Make the terms of the chosen firms neutral again."""
    for i in range(_U(few)):
        for row in rows:
            terms[row * _U(STRIDE) + chosen[i]] = 0.0


@njit(error_model="numpy", forceinline=True)
def choose_concerned(concerned: Any, begin: int, end: int, first: int, chosen: Any) -> Any:
    """Gather the firms of a chunk that funds concern in the step; returns how many they are."""
    for i in range(end - begin):
        chosen[i] = concerned[begin + i] - first
    return end - begin


@njit(error_model="numpy", forceinline=True)
def hand_over(target: Any, begin: int, work: Any, row: int, rows: int, chosen: Any, few: int) -> None:
    """Copy rows of the chosen firms of a chunk to where those of all chunks stand that funds concern."""
    for i in range(few):
        for k in range(rows):
            target[k, begin + i] = work[(row + k) * STRIDE + chosen[i]]


@njit(error_model="numpy", forceinline=True)
def begin_step(inputs: Any, space: Any, rows: Any, draw: int, number: int, slot: int, place: int, family: int) -> None:
    """Take a policy's columns of a chunk through a step, up to the question who leaves."""
    policy, count, work, terms = inputs.policies[place], space.awake[place], rows[-1], space.terms
    begin, end, whole = inputs.levers_of[policy], inputs.levers_of[policy + 1], packed(space.awake[place])
    of_draw, of_step, chosen = inputs.of_draw[draw], inputs.of_step[draw, number], space.chosen[0]
    term, new = space.chosen[1], space.chosen[2]
    if end > begin:
        loops.guard_term_loan(rows, of_draw, of_step, of_draw, terms, terms, term, whole)
        loops.guard_new_loan(rows, of_draw, of_step, of_draw, terms, terms, new, whole)
        few_term, few_new = choose(work, _TERM_MATURES, count, term), choose(work, _NEW_MATURES, count, new)
        space.few[1], space.few[2] = few_term, few_new
        for lever in range(begin, end):
            offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever] if count == CHUNK else space.gathered_reach[lever]
            if inputs.offers[lever, 0]:
                loops.lever_in_force(rows, of_draw, of_step, offer, reach, terms, term, whole)
                combine_terms(inputs, draw, lever, work, reach, terms, whole)
            if inputs.offers[lever, 1] and few_term > 0:
                loops.lever_terms_term_loan(rows, of_draw, of_step, offer, reach, terms, term, few_term)
            if inputs.offers[lever, 2] and few_new > 0:
                loops.lever_terms_new_loan(rows, of_draw, of_step, offer, reach, terms, new, few_new)
    if family == ANY:
        loops.step_with_levers(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)
    elif family == AIDED:
        loops.step_with_aid(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)
    elif family == FUNDED:
        loops.step_with_funds(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)
    else:
        loops.step_of_firms(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)


@njit(error_model="numpy")
def mark_reached(marks: Any, lanes: Any, count: int, after: Any, model: Any, number: int, never: float, chosen: Any) -> None:
    """Mark the columns that a policy has reached in a step: those that differ from the reference for the first time."""
    few, at = _U(0), _U(_REACHED * STRIDE)
    for begin in range(_U(0), _U(count), _U(SUMMANDS)):  # most have been reached before
        few = pick(words.others(marks, at + begin, never) ^ _U(2**SUMMANDS - 1), begin, _U(count), chosen, few)
    for i in range(few):
        j = chosen[i]
        lane = _U(lanes[j])
        for row in _REACHING:
            if after[row * _U(STRIDE) + j] != model[row * _U(STRIDE) + lane]:
                marks[at + j] = float(number)
                break


@njit(error_model="numpy", forceinline=True)
def finish_step(inputs: Any, space: Any, rows: Any, draw: int, number: int, slot: int, place: int, asking: bool) -> None:
    """Let those leave who leave, and note what became of everybody."""
    policy, count, after, marks, work = inputs.policies[place], space.awake[place], rows[2], rows[5], rows[6]
    begin, last, whole = inputs.levers_of[policy], inputs.levers_of[policy + 1], packed(space.awake[place])
    of_draw, of_step, terms, chosen = inputs.of_draw[draw], inputs.of_step[draw, number], space.terms, space.chosen[0]
    lanes, history = space.lanes[place], space.history[slot, place]
    fill(work, _CAUSE, 0.0)
    few = choose(work, _MAY_LEAVE, count, chosen)
    if few > 0:
        for lever in range(begin, last):
            offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever] if count == CHUNK else space.gathered_reach[lever]
            if inputs.offers[lever, 3]:
                loops.lever_due_terms_term_loan(rows, of_draw, of_step, offer, reach, terms, chosen, whole)
            if inputs.offers[lever, 4]:
                loops.lever_due_terms_new_loan(rows, of_draw, of_step, offer, reach, terms, chosen, whole)
        model, since = space.history[slot, 0], space.since[place]
        look_up_past_dues(work, space.common[slot], lanes, since, history, model, inputs.ends, number, chosen, few)
        loops.causes_of_exit(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)
        few = choose(work, _CAUSE, count, chosen)
    if last > begin:
        for row in inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]]:
            for j in range(_U(whole)):
                terms[row * _U(STRIDE) + j] = 0.0
        clear_terms(terms, inputs.rows_of_term, space.chosen[1], space.few[1])
        clear_terms(terms, inputs.rows_of_new, space.chosen[2], space.few[2])
    if asking:
        at, end = space.counts[place, slot], space.counts[place, slot + 1]
        few = choose_concerned(space.concerned[place], at, end, slot * CHUNK, chosen)
        loops.flows_of_funds(rows, of_draw, of_step, of_draw, terms, terms, chosen, few)
        hand_over(space.flows[place], at, work, _FLOWS, len(FLOWS), chosen, few)
        few = choose(work, _CAUSE, count, chosen)
    if few > 0:
        loops.estates(rows, of_draw, of_step, of_draw, terms, terms, chosen, few)
    loops.marks(rows, of_draw, of_step, of_draw, terms, terms, chosen, whole)
    if count == CHUNK:
        for j in range(CHUNK):
            history[number + 1, j] = after[_DUES * STRIDE + j]
    else:
        for j in range(_U(count)):
            history[number + 1, _U(lanes[j])] = after[_U(_DUES * STRIDE) + j]
    if place > 0:
        mark_reached(marks, lanes, count, after, space.own[slot, 0, (number + 1) % 2], number, float(inputs.of_step.shape[1]), chosen)
