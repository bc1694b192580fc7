"""A chunk of firms in the compiled kernel: its opening, its weather and its steps, and what is noted of it.

The functions take the records of :mod:`simsme.compiled.records`; ``slot`` is the chunk's place in the working room, ``place`` the policy's.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from simsme.compiled import loops, words
from simsme.compiled.formulas import VALUED
from simsme.compiled.rows import ANSWERS, COMMON, FLOWS, HOLDINGS, LUCK, OF_A_FIRM, OWN, REQUESTS, STATE, STRIDE
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.sums import CHUNK, SUMMANDS
from simsme.streams import channel

_U: Final = np.uint64
_LANES, _LUCK, _LUCKS, _STATES = len(OF_A_FIRM), COMMON[LUCK[0]], len(LUCK), len(STATE)
_ITEMS, _BALANCES, _VALUED = len(ITEMS), len(BALANCES), len(VALUED)
_WEIGHT, _PATIENCE, _SLOW = COMMON["weight"], COMMON["firm.patience"], COMMON["slow"]
_U_NOISE, _V_NOISE = COMMON["noise.u"], COMMON["noise.v"]
_NOISE, _DOWN, _DEPTH, _OUTLOOK = (COMMON[f"given.{name}"] for name in ("noise", "down", "depth", "outlook_depth"))
_PAST, _MAY_LEAVE, _CAUSE = COMMON["past_dues"], COMMON["may_leave"], COMMON["cause"]
_TRADES, _INSOLVENT, _UNSOUND = COMMON["still_trades"], COMMON["insolvent"], COMMON["unsound"]
_TERM_MATURES, _NEW_MATURES = COMMON["guard.term_loan"], COMMON["guard.new_loan"]
_CASH, _DUES = OWN["state.cash"], OWN["state.dues"]
_CASH_OUT, _EXIT, _REACHED = OWN["marks.cash_out_step"], OWN["marks.exit_step"], OWN["marks.reached_step"]
_CAUSE_KEPT, _TROUGH, _SUPPORT = OWN["marks.cause"], OWN["marks.trough"], OWN["marks.support"]
_REQUESTS, _ANSWERS, _HOLDINGS, _FLOWS = COMMON[REQUESTS[0]], OWN[ANSWERS[0]], COMMON[HOLDINGS[0]], COMMON[FLOWS[0]]
_NOISE_CHANNEL = channel("noise")


@njit(error_model="numpy", forceinline=True)
def fold(sums: Any, number: int) -> Any:
    """Sum of partial sums, see :func:`simsme.engine.sums.folded`."""
    at = number * SUMMANDS
    left = (sums[at] + sums[at + 1]) + (sums[at + 2] + sums[at + 3])
    return left + ((sums[at + 4] + sums[at + 5]) + (sums[at + 6] + sums[at + 7]))


@njit(error_model="numpy", forceinline=True)
def weight_of(common: Any, row: int) -> Any:
    """Weight of the firms for which a row is 1, in the order of :mod:`simsme.engine.sums`."""
    s0, s1, s2, s3, s4, s5, s6, s7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(CHUNK // SUMMANDS):
        w, f = _WEIGHT * STRIDE + i * SUMMANDS, row * STRIDE + i * SUMMANDS
        s0 += common[w] * common[f]
        s1 += common[w + 1] * common[f + 1]
        s2 += common[w + 2] * common[f + 2]
        s3 += common[w + 3] * common[f + 3]
        s4 += common[w + 4] * common[f + 4]
        s5 += common[w + 5] * common[f + 5]
        s6 += common[w + 6] * common[f + 6]
        s7 += common[w + 7] * common[f + 7]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


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
    rows[row * STRIDE : (row + 1) * STRIDE] = number


@njit(error_model="numpy", forceinline=True)
def anybody(common: Any, row: int) -> Any:
    """Whether a row is not 0 for any firm."""
    found = 0
    for j in range(CHUNK):
        found += common[row * STRIDE + j] != 0.0
    return found > 0


@njit(error_model="numpy", forceinline=True)
def choose(common: Any, row: int, chosen: Any) -> Any:
    """Gather the firms for which a row is not 0; returns how many they are."""
    few = 0
    if anybody(common, row):
        for j in range(CHUNK):
            chosen[few] = j  # written over unless the firm is chosen: cheaper than a branch that nobody can predict
            few += common[row * STRIDE + j] != 0.0
    return few


@njit(error_model="numpy", forceinline=True)
def draw_noise(inputs: Any, common: Any, draw: int, number: int, first: int, count: int) -> None:
    """Two uniform numbers of every firm, see :func:`simsme.streams.uniforms_pair`."""
    seed, draw_number, keys = inputs.seed, inputs.draw_numbers[draw], inputs.keys
    for j in range(_U(count)):
        w0, w1, w2, w3 = words.philox(seed, draw_number, keys[_U(first) + j], _U(number), _U(_NOISE_CHANNEL))
        common[_U(_U_NOISE * STRIDE) + j] = words.unit(w0, w1)
        common[_U(_V_NOISE * STRIDE) + j] = words.unit(w2, w3)
    for j in range(count, CHUNK):
        common[_U_NOISE * STRIDE + j] = 0.5
        common[_V_NOISE * STRIDE + j] = 0.5


@njit(error_model="numpy", forceinline=True)
def look_back(common: Any, ends: Any, number: int, step_then: Any) -> None:
    """Step that contains the day b - patience, the last finished one at the most; from step to step it only moves on."""
    a, b = ends[number], ends[number + 1]
    for j in range(CHUNK):
        day = min(b - common[_PATIENCE * STRIDE + j], a)
        left = step_then[j]
        while left < number and ends[left + 1] <= day:
            left += 1
        step_then[j] = left


@njit(error_model="numpy", forceinline=True)
def look_up_past_dues(common: Any, history: Any, ends: Any, number: int, step_then: Any) -> None:
    """Dues at the day b - patience, interpolated between ends of steps, for firms that may leave."""
    a, b = ends[number], ends[number + 1]
    for j in range(CHUNK):
        if common[_MAY_LEAVE * STRIDE + j] != 0.0:
            day, left = min(max(b - common[_PATIENCE * STRIDE + j], 0.0), a), step_then[j]
            before, after = history[left, j], history[left + 1, j]
            common[_PAST * STRIDE + j] = before + (after - before) * ((day - ends[left]) / (ends[left + 1] - ends[left]))


@njit(error_model="numpy", forceinline=True)
def open_chunk(inputs: Any, space: Any, draw: int, chunk: int, slot: int) -> Any:
    """Put a chunk of firms on day 0; returns its first firm and how many it has."""
    firms, steps = inputs.keys.shape[0], inputs.of_step.shape[1]
    first = chunk * CHUNK
    count = min(CHUNK, firms - first)
    common = space.common[slot]
    for row in range(_LANES):
        take(row, common, inputs.lanes[draw, row], first, count)
    for j in range(count, CHUNK):
        common[_WEIGHT * STRIDE + j] = 0.0
    for row in (_SLOW, _NOISE, _DOWN, _DEPTH, _OUTLOOK):
        fill(common, row, 0.0)
    for place in range(inputs.policies.shape[0]):
        own = space.own[slot, place]
        own[:] = 0.0
        for row in range(_STATES):
            take(row, own, inputs.opening[draw, row], first, count)
        for row in (_CASH_OUT, _EXIT, _REACHED):
            fill(own, row, float(steps))
        for j in range(CHUNK):
            own[_TROUGH * STRIDE + j] = own[_CASH * STRIDE + j]
            space.history[slot, place, 0, j] = 0.0
    for lever in range(inputs.reach.shape[0]):
        for j in range(count):
            space.reach[slot, lever, j] = 1.0 if inputs.reach[lever, draw, first + j] else 0.0
        for j in range(count, CHUNK):
            space.reach[slot, lever, j] = 0.0
    space.totals[slot] = 0.0
    space.step_then[slot] = 0
    return first, count


@njit(error_model="numpy", forceinline=True)
def make_weather(inputs: Any, space: Any, draw: int, number: int, chunk: int, slot: int) -> None:
    """Weather of a step for a chunk, and on the first step of a year its luck."""
    first = chunk * CHUNK
    count = min(CHUNK, inputs.keys.shape[0] - first)
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, 0], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    if number == 0 or inputs.years[number] != inputs.years[number - 1]:
        for row in range(_LUCKS):
            take(_LUCK + row, common, inputs.lucks[inputs.years[number], draw, row], first, count)
        loops.own_numbers_of_firms(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)
    draw_noise(inputs, common, draw, number, first, count)
    if inputs.given_noise.size > 0:
        take(_NOISE, common, inputs.given_noise[number, draw], first, count)
    if inputs.given_down.size > 0:
        take(_DOWN, common, inputs.given_down[number, draw], first, count)
    if inputs.given_depth.size > 0:
        take(_DEPTH, common, inputs.given_depth[number, 0], first, count)
        take(_OUTLOOK, common, inputs.given_depth[number, 1], first, count)
    look_back(common, inputs.ends, number, space.step_then[slot])
    loops.weather_of_firms(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)


@njit(error_model="numpy", forceinline=True)
def find_terms(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int) -> None:
    """Terms of a step under a policy. Where it has no levers, they are neutral already."""
    policy = inputs.policies[place]
    begin, end = inputs.levers_of[policy], inputs.levers_of[policy + 1]
    if begin == end:
        return
    common, own, sums, terms = space.common[slot], space.own[slot, place], space.sums, space.terms
    of_draw, of_step, term, new = inputs.of_draw[draw], inputs.of_step[draw, number], space.chosen[1], space.chosen[2]
    loops.guard_term_loan(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, term, 0)
    loops.guard_new_loan(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, new, 0)
    few_term, few_new = choose(common, _TERM_MATURES, term), choose(common, _NEW_MATURES, new)
    space.few[1], space.few[2] = few_term, few_new
    for lever in range(begin, end):
        offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever]
        if inputs.offers[lever, 0]:
            loops.lever_terms_now(common, own, of_draw, of_step, sums, own, offer, reach, terms, term, 0)
        if inputs.offers[lever, 1] and few_term > 0:
            loops.lever_terms_term_loan(common, own, of_draw, of_step, sums, own, offer, reach, terms, term, few_term)
        if inputs.offers[lever, 2] and few_new > 0:
            loops.lever_terms_new_loan(common, own, of_draw, of_step, sums, own, offer, reach, terms, new, few_new)


@njit(error_model="numpy", forceinline=True)
def find_terms_of_few(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, few: int) -> None:
    """Terms of a step under a policy for the chosen firms only."""
    policy = inputs.policies[place]
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, place], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    for lever in range(inputs.levers_of[policy], inputs.levers_of[policy + 1]):
        offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever]
        if inputs.offers[lever, 0]:
            loops.lever_terms_now_of_few(common, own, of_draw, of_step, sums, own, offer, reach, terms, chosen, few)
        if inputs.offers[lever, 1]:
            loops.lever_terms_term_loan(common, own, of_draw, of_step, sums, own, offer, reach, terms, chosen, few)
        if inputs.offers[lever, 2]:
            loops.lever_terms_new_loan(common, own, of_draw, of_step, sums, own, offer, reach, terms, chosen, few)


@njit(error_model="numpy", forceinline=True)
def clear_terms(terms: Any, rows: Any, chosen: Any, few: int) -> None:
    """Make the terms of the chosen firms neutral again."""
    for i in range(few):
        for row in rows:
            terms[row * STRIDE + chosen[i]] = 0.0


@njit(error_model="numpy", forceinline=True)
def choose_concerned(space: Any, chunk: int, slot: int, place: int) -> Any:
    """Gather the firms of a chunk that funds concern in the step; returns how many they are."""
    begin, end = space.counts[place, slot], space.counts[place, slot + 1]
    for i in range(end - begin):
        space.chosen[0, i] = space.concerned[place, begin + i] - chunk * CHUNK
    return end - begin


@njit(error_model="numpy", forceinline=True)
def hold(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, few: int) -> None:
    """What funds have out with the chosen firms of a chunk."""
    common, own, sums, chosen = space.common[slot], space.own[slot, place], space.sums, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    loops.hold_of_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, space.terms, chosen, few)
    for i in range(few):
        for row in range(len(HOLDINGS)):
            space.holdings[place, row, space.counts[place, slot] + i] = common[(_HOLDINGS + row) * STRIDE + chosen[i]]


@njit(error_model="numpy", forceinline=True)
def move_money(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int) -> None:
    """What a step moved between the firms of a chunk and funds, before firms leave."""
    common, own, sums, chosen = space.common[slot], space.own[slot, place], space.sums, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    few = choose_concerned(space, slot, slot, place)
    loops.flows_of_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, space.terms, chosen, few)
    for i in range(few):
        for row in range(len(FLOWS)):
            space.flows[place, row, space.counts[place, slot] + i] = common[(_FLOWS + row) * STRIDE + chosen[i]]


@njit(error_model="numpy", forceinline=True)
def take_step(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, with_funds: bool, asking: bool) -> None:
    """Take a chunk through a step under a policy, up to its books."""
    policy = inputs.policies[place]
    begin, end = inputs.levers_of[policy], inputs.levers_of[policy + 1]
    common, own, model = space.common[slot], space.own[slot, place], space.own[slot, 0]
    sums, terms, chosen = space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    sums[:] = 0.0
    if with_funds:
        loops.step_with_funds(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
    else:
        loops.step_of_firms(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
    fill(common, _CAUSE, 0.0)
    few = 0
    if anybody(common, _MAY_LEAVE):
        for lever in range(begin, end):
            offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever]
            if inputs.offers[lever, 3]:
                loops.lever_due_terms_term_loan(common, own, of_draw, of_step, sums, model, offer, reach, terms, chosen, 0)
            if inputs.offers[lever, 4]:
                loops.lever_due_terms_new_loan(common, own, of_draw, of_step, sums, model, offer, reach, terms, chosen, 0)
        look_up_past_dues(common, space.history[slot, place], inputs.ends, number, space.step_then[slot])
        loops.causes_of_exit(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
        few = choose(common, _CAUSE, chosen)
    if end > begin:
        for row in inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]]:
            fill(terms, row, 0.0)
        clear_terms(terms, inputs.rows_of_term, space.chosen[1], space.few[1])
        clear_terms(terms, inputs.rows_of_new, space.chosen[2], space.few[2])
    if asking:
        move_money(inputs, space, draw, number, slot, place)
        few = choose(common, _CAUSE, chosen)
    if few > 0:
        loops.estates(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, few)
    for at in range(_ITEMS * SUMMANDS):
        space.totals[slot, place, at] += sums[at]
    for j in range(CHUNK):
        space.history[slot, place, number + 1, j] = own[_DUES * STRIDE + j]
    loops.marks(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
    if place > 0:
        loops.reached(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)


@njit(error_model="numpy", forceinline=True)
def note(inputs: Any, space: Any, results: Any, draw: int, number: int, report: int, chunk: int, slot: int, place: int) -> None:
    """Note what a step left behind: who trades, and on a reported day everything."""
    policy = inputs.policies[place]
    first = chunk * CHUNK
    count = min(CHUNK, inputs.keys.shape[0] - first)
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, place], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    results.trading[policy, number, draw, chunk] = weight_of(common, _TRADES)
    if report < 0:
        return
    for item in range(_ITEMS):
        results.flows[policy, report, item, draw, chunk] = fold(space.totals[slot, place], item)
    sums[: (_BALANCES + _VALUED) * SUMMANDS] = 0.0
    loops.report(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)
    for balance in range(_BALANCES):
        results.closing[policy, report, balance, draw, chunk] = fold(sums, balance)
    for value in range(_VALUED):
        results.valued[value, policy, report, draw, chunk] = fold(sums, _BALANCES + value)
    for j in range(count):
        results.flags[0, policy, report, draw, first + j] = common[_TRADES * STRIDE + j] != 0.0
        results.flags[1, policy, report, draw, first + j] = common[_INSOLVENT * STRIDE + j] != 0.0
        results.flags[2, policy, report, draw, first + j] = common[_UNSOUND * STRIDE + j] != 0.0


@njit(error_model="numpy", forceinline=True)
def close_chunk(inputs: Any, space: Any, results: Any, draw: int, chunk: int, slot: int) -> None:
    """Hand over what was noted of the firms of a chunk."""
    first = chunk * CHUNK
    for place in range(inputs.policies.shape[0]):
        policy, own = inputs.policies[place], space.own[slot, place]
        for j in range(min(CHUNK, inputs.keys.shape[0] - first)):
            results.steps[0, policy, draw, first + j] = np.int16(own[_CASH_OUT * STRIDE + j])
            results.steps[1, policy, draw, first + j] = np.int16(own[_EXIT * STRIDE + j])
            results.steps[2, policy, draw, first + j] = np.int16(own[_REACHED * STRIDE + j])
            results.cause[policy, draw, first + j] = np.int8(own[_CAUSE_KEPT * STRIDE + j])
            results.lowest[0, policy, draw, first + j] = own[_TROUGH * STRIDE + j]
            results.lowest[1, policy, draw, first + j] = own[_SUPPORT * STRIDE + j]
