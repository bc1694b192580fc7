"""The lives of firms under all policies, compiled: what goes round the recorded loops.

Where firms do not share a fund, a chunk of them lives through all steps while its numbers stay in the cache. Where they do, all chunks of
a draw take each step together, first up to what they ask of the funds, then, with the answers, to its end. Every policy steps on the same
weather. Nothing here depends on a scenario, a policy or a set of levers: it is compiled once and kept on disk.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from simsme.compiled import loops, words
from simsme.compiled.formulas import VALUED
from simsme.compiled.records import signature
from simsme.compiled.rows import ANSWERS, COMMON, FLOWS, HOLDINGS, LUCK, OF_A_FIRM, OWN, REQUESTS, STATE, STRIDE
from simsme.engine import funds
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.public_funds import ASKED, SERVED, TURNED_AWAY
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
_CONCERNS = OWN["marks.concerns_funds"]
_NOISE_CHANNEL = channel("noise")
_answer, _book = njit(funds.answer, error_model="numpy"), njit(funds.book, error_model="numpy")


@njit(error_model="numpy", forceinline=True)
def _fold(sums: Any, number: int) -> Any:
    """Sum of partial sums, see :func:`simsme.engine.sums.folded`."""
    at = number * SUMMANDS
    left = (sums[at] + sums[at + 1]) + (sums[at + 2] + sums[at + 3])
    return left + ((sums[at + 4] + sums[at + 5]) + (sums[at + 6] + sums[at + 7]))


@njit(error_model="numpy", forceinline=True)
def _weight_of(common: Any, row: int) -> Any:
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
def _take(row: int, target: Any, source: Any, first: int, count: int) -> None:
    """Copy numbers of firms to a row; where there are no more firms, the last one stands in, without weight."""
    for j in range(count):
        target[row * STRIDE + j] = source[first + j]
    for j in range(count, CHUNK):
        target[row * STRIDE + j] = source[first + count - 1]


@njit(error_model="numpy", forceinline=True)
def _fill(rows: Any, row: int, number: float) -> None:
    rows[row * STRIDE : (row + 1) * STRIDE] = number


@njit(error_model="numpy", forceinline=True)
def _anybody(common: Any, row: int) -> Any:
    """Whether a row is not 0 for any firm."""
    found = 0
    for j in range(CHUNK):
        found += common[row * STRIDE + j] != 0.0
    return found > 0


@njit(error_model="numpy", forceinline=True)
def _choose(common: Any, row: int, chosen: Any) -> Any:
    """Gather the firms for which a row is not 0; returns how many they are."""
    few = 0
    if _anybody(common, row):
        for j in range(CHUNK):
            chosen[few] = j  # written over unless the firm is chosen: cheaper than a branch that nobody can predict
            few += common[row * STRIDE + j] != 0.0
    return few


@njit(error_model="numpy", forceinline=True)
def _draw_noise(inputs: Any, common: Any, draw: int, number: int, first: int, count: int) -> None:
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
def _look_back(common: Any, ends: Any, number: int, step_then: Any) -> None:
    """Step that contains the day b - patience, the last finished one at the most; from step to step it only moves on."""
    a, b = ends[number], ends[number + 1]
    for j in range(CHUNK):
        day = min(b - common[_PATIENCE * STRIDE + j], a)
        left = step_then[j]
        while left < number and ends[left + 1] <= day:
            left += 1
        step_then[j] = left


@njit(error_model="numpy", forceinline=True)
def _past_dues(common: Any, history: Any, ends: Any, number: int, step_then: Any) -> None:
    """Dues at the day b - patience, interpolated between ends of steps, for firms that may leave."""
    a, b = ends[number], ends[number + 1]
    for j in range(CHUNK):
        if common[_MAY_LEAVE * STRIDE + j] != 0.0:
            day, left = min(max(b - common[_PATIENCE * STRIDE + j], 0.0), a), step_then[j]
            before, after = history[left, j], history[left + 1, j]
            common[_PAST * STRIDE + j] = before + (after - before) * ((day - ends[left]) / (ends[left + 1] - ends[left]))


@njit(error_model="numpy", forceinline=True)
def _open(inputs: Any, space: Any, draw: int, chunk: int, slot: int) -> Any:
    """Put a chunk of firms on day 0; returns its first firm and how many it has."""
    firms, steps = inputs.keys.shape[0], inputs.of_step.shape[1]
    first = chunk * CHUNK
    count = min(CHUNK, firms - first)
    common = space.common[slot]
    for row in range(_LANES):
        _take(row, common, inputs.lanes[draw, row], first, count)
    for j in range(count, CHUNK):
        common[_WEIGHT * STRIDE + j] = 0.0
    for row in (_SLOW, _NOISE, _DOWN, _DEPTH, _OUTLOOK):
        _fill(common, row, 0.0)
    for place in range(inputs.policies.shape[0]):
        own = space.own[slot, place]
        own[:] = 0.0
        for row in range(_STATES):
            _take(row, own, inputs.opening[draw, row], first, count)
        for row in (_CASH_OUT, _EXIT, _REACHED):
            _fill(own, row, float(steps))
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
def _weather(inputs: Any, space: Any, draw: int, number: int, chunk: int, slot: int) -> None:
    """Weather of a step for a chunk, and on the first step of a year its luck."""
    first = chunk * CHUNK
    count = min(CHUNK, inputs.keys.shape[0] - first)
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, 0], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    if number == 0 or inputs.years[number] != inputs.years[number - 1]:
        for row in range(_LUCKS):
            _take(_LUCK + row, common, inputs.lucks[inputs.years[number], draw, row], first, count)
        loops.own_numbers_of_firms(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)
    _draw_noise(inputs, common, draw, number, first, count)
    if inputs.given_noise.size > 0:
        _take(_NOISE, common, inputs.given_noise[number, draw], first, count)
    if inputs.given_down.size > 0:
        _take(_DOWN, common, inputs.given_down[number, draw], first, count)
    if inputs.given_depth.size > 0:
        _take(_DEPTH, common, inputs.given_depth[number, 0], first, count)
        _take(_OUTLOOK, common, inputs.given_depth[number, 1], first, count)
    _look_back(common, inputs.ends, number, space.step_then[slot])
    loops.weather_of_firms(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)


@njit(error_model="numpy", forceinline=True)
def _terms(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int) -> None:
    """Terms of a step under a policy. Where it has no levers, they are neutral already."""
    policy = inputs.policies[place]
    begin, end = inputs.levers_of[policy], inputs.levers_of[policy + 1]
    if begin == end:
        return
    common, own, sums, terms = space.common[slot], space.own[slot, place], space.sums, space.terms
    of_draw, of_step, term, new = inputs.of_draw[draw], inputs.of_step[draw, number], space.chosen[1], space.chosen[2]
    loops.guard_term_loan(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, term, 0)
    loops.guard_new_loan(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, new, 0)
    few_term, few_new = _choose(common, _TERM_MATURES, term), _choose(common, _NEW_MATURES, new)
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
def _terms_of_few(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, few: int) -> None:
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
def _clear(terms: Any, rows: Any, chosen: Any, few: int) -> None:
    """Make the terms of the chosen firms neutral again."""
    for i in range(few):
        for row in rows:
            terms[row * STRIDE + chosen[i]] = 0.0


@njit(error_model="numpy", forceinline=True)
def _step(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, shares_funds: bool) -> None:
    """Take a chunk through a step under a policy, up to its books."""
    policy = inputs.policies[place]
    begin, end = inputs.levers_of[policy], inputs.levers_of[policy + 1]
    common, own, model = space.common[slot], space.own[slot, place], space.own[slot, 0]
    sums, terms, chosen = space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    sums[:] = 0.0
    if shares_funds:
        loops.step_with_funds(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
    else:
        loops.step_of_firms(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
    _fill(common, _CAUSE, 0.0)
    few = 0
    if _anybody(common, _MAY_LEAVE):
        for lever in range(begin, end):
            offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever]
            if inputs.offers[lever, 3]:
                loops.lever_due_terms_term_loan(common, own, of_draw, of_step, sums, model, offer, reach, terms, chosen, 0)
            if inputs.offers[lever, 4]:
                loops.lever_due_terms_new_loan(common, own, of_draw, of_step, sums, model, offer, reach, terms, chosen, 0)
        _past_dues(common, space.history[slot, place], inputs.ends, number, space.step_then[slot])
        loops.causes_of_exit(common, own, of_draw, of_step, sums, model, of_draw, sums, terms, chosen, 0)
        few = _choose(common, _CAUSE, chosen)
    if end > begin:
        for row in inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]]:
            _fill(terms, row, 0.0)
        _clear(terms, inputs.rows_of_term, space.chosen[1], space.few[1])
        _clear(terms, inputs.rows_of_new, space.chosen[2], space.few[2])
    if shares_funds:
        _flows(inputs, space, draw, number, slot, place)
        few = _choose(common, _CAUSE, chosen)
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
def _note(inputs: Any, space: Any, results: Any, draw: int, number: int, report: int, chunk: int, slot: int, place: int) -> None:
    """Note what a step left behind: who trades, and on a reported day everything."""
    policy = inputs.policies[place]
    first = chunk * CHUNK
    count = min(CHUNK, inputs.keys.shape[0] - first)
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, place], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    results.trading[policy, number, draw, chunk] = _weight_of(common, _TRADES)
    if report < 0:
        return
    for item in range(_ITEMS):
        results.flows[policy, report, item, draw, chunk] = _fold(space.totals[slot, place], item)
    sums[: (_BALANCES + _VALUED) * SUMMANDS] = 0.0
    loops.report(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)
    for balance in range(_BALANCES):
        results.closing[policy, report, balance, draw, chunk] = _fold(sums, balance)
    for value in range(_VALUED):
        results.valued[value, policy, report, draw, chunk] = _fold(sums, _BALANCES + value)
    for j in range(count):
        results.flags[0, policy, report, draw, first + j] = common[_TRADES * STRIDE + j] != 0.0
        results.flags[1, policy, report, draw, first + j] = common[_INSOLVENT * STRIDE + j] != 0.0
        results.flags[2, policy, report, draw, first + j] = common[_UNSOUND * STRIDE + j] != 0.0


@njit(error_model="numpy", forceinline=True)
def _close(inputs: Any, space: Any, results: Any, draw: int, chunk: int, slot: int) -> None:
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


@njit(error_model="numpy", forceinline=True)
def _ask(inputs: Any, space: Any, draw: int, number: int, chunk: int, slot: int, place: int) -> None:
    """Gather the firms of a chunk that funds concern, what they ask, and what funds have out with them."""
    policy, first = inputs.policies[place], chunk * CHUNK
    common, own, sums, terms, chosen = space.common[slot], space.own[slot, place], space.sums, space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    members, count = inputs.fund_members[draw, policy], space.counts[place, slot]
    if number == 0:
        loops.concern_of_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, 0)
    few = 0
    for i in range(_choose(own, _CONCERNS, chosen)):
        firm = first + chosen[i]
        if firm < inputs.keys.shape[0] and (members[0, firm] >= 0 or members[1, firm] >= 0):
            space.concerned[place, count + few] = firm
            few += 1
    space.counts[place, slot + 1] = count + few
    if few == 0:
        return
    for i in range(few):
        chosen[i] = space.concerned[place, count + i] - first
    _terms_of_few(inputs, space, draw, number, slot, place, few)
    loops.ask_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, few)
    _clear(terms, inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]], chosen, few)
    _clear(terms, inputs.rows_of_term, chosen, few)
    _clear(terms, inputs.rows_of_new, chosen, few)
    for i in range(few):
        firm, at, j = first + chosen[i], count + i, chosen[i]
        space.queue[place, 0, at], space.queue[place, 1, at] = inputs.lanes[draw, _WEIGHT, firm], inputs.queue_luck[draw, firm]
        space.members[place, 0, at], space.members[place, 1, at] = members[0, firm], members[1, firm]
        for row in range(len(REQUESTS)):
            space.requests[place, row, at] = common[(_REQUESTS + row) * STRIDE + j]
    _hold(inputs, space, draw, number, slot, place, few)


@njit(error_model="numpy", forceinline=True)
def _hold(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int, few: int) -> None:
    """What funds have out with the chosen firms of a chunk."""
    common, own, sums, chosen = space.common[slot], space.own[slot, place], space.sums, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    loops.hold_of_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, space.terms, chosen, few)
    for i in range(few):
        for row in range(len(HOLDINGS)):
            space.holdings[place, row, space.counts[place, slot] + i] = common[(_HOLDINGS + row) * STRIDE + chosen[i]]


@njit(error_model="numpy", forceinline=True)
def _choose_concerned(space: Any, chunk: int, slot: int, place: int) -> Any:
    """Gather the firms of a chunk that funds concern in the step; returns how many they are."""
    begin, end = space.counts[place, slot], space.counts[place, slot + 1]
    for i in range(end - begin):
        space.chosen[0, i] = space.concerned[place, begin + i] - chunk * CHUNK
    return end - begin


@njit(error_model="numpy", forceinline=True)
def _flows(inputs: Any, space: Any, draw: int, number: int, slot: int, place: int) -> None:
    """What a step moved between the firms of a chunk and funds, before firms leave."""
    common, own, sums, chosen = space.common[slot], space.own[slot, place], space.sums, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    few = _choose_concerned(space, slot, slot, place)
    loops.flows_of_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, space.terms, chosen, few)
    for i in range(few):
        for row in range(len(FLOWS)):
            space.flows[place, row, space.counts[place, slot] + i] = common[(_FLOWS + row) * STRIDE + chosen[i]]


@njit(error_model="numpy", forceinline=True)
def _answers(inputs: Any, space: Any, draw: int, number: int, place: int) -> None:
    """Let the funds of a policy answer, and give every chunk its answers; see :class:`simsme.engine.public_funds.FundBooks`."""
    policy, count = inputs.policies[place], space.counts[place, -1]
    begin, end = inputs.funds_of[policy], inputs.funds_of[policy + 1]
    requests, members = space.requests[place][:, :count], space.members[place][:, :count]
    answers = _answer(
        inputs.ends[number],
        inputs.ends[number + 1],
        requests,
        space.holdings[place][:, :count],
        members,
        space.queue[place, 0, :count],
        space.queue[place, 1, :count],
        inputs.fund_numbers[draw, begin:end],
        space.fund_books[begin:end],
    )
    for at in range(count):
        firm = space.concerned[place, at]
        asks = requests[funds.ADVANCE_TERM, at] > 0.0 or requests[funds.ADVANCE_NEW, at] > 0.0
        space.asked[place, 0, firm] |= asks and members[0, at] >= 0
        space.asked[place, 1, firm] |= requests[funds.ASKED, at] > 0.0 and members[1, at] >= 0
        space.served[place, 0, firm] |= answers[0, at] > 0.0 or answers[1, at] > 0.0
        space.served[place, 1, firm] |= answers[2, at] > 0.0
        for row in range(len(ANSWERS)):
            space.own[firm // CHUNK, place, (_ANSWERS + row) * STRIDE + firm % CHUNK] = answers[row, at]


@njit(error_model="numpy", forceinline=True)
def _books(inputs: Any, space: Any, results: Any, draw: int, number: int, report: int, place: int) -> None:
    """Enter what a step moved into the books of a policy's funds, and report on them."""
    policy, firms = inputs.policies[place], inputs.keys.shape[0]
    begin, end = inputs.funds_of[policy], inputs.funds_of[policy + 1]
    members, weight, count = inputs.fund_members[draw, policy], inputs.lanes[draw, _WEIGHT], space.counts[place, -1]
    numbers, books = inputs.fund_numbers[draw, begin:end], space.fund_books[begin:end]
    flows, holdings, concerned = space.flows[place][:, :count], space.holdings[place][:, :count], space.members[place][:, :count]
    _book(flows, holdings, concerned, space.queue[place, 0, :count], numbers, books)
    for fund in range(end - begin):
        series, book = results.fund_series[begin + fund], books[fund]
        losses = book[funds.LOSSES] + book[funds.CLAIMS]
        series[0, number + 1, draw] = max(numbers[fund, funds.CAPITAL] + book[funds.FEES] - losses, 0.0)
        series[1, number + 1, draw] = book[funds.USED]
        series[2, number + 1, draw] = book[funds.REQUESTED]
        series[3, number + 1, draw] = book[funds.SERVED]
        series[4, number + 1, draw] = book[funds.PASSED_OVER]
        series[5, number + 1, draw] = book[funds.EXHAUSTED_DAYS]
        series[6, number + 1, draw] = book[funds.FEES]
        series[7, number + 1, draw] = losses
        if report >= 0:
            kind = int(numbers[fund, funds.KIND])
            asked, served, turned_away = 0.0, 0.0, 0.0
            for firm in range(firms):
                if members[kind, firm] == fund:
                    asked += weight[firm] * space.asked[place, kind, firm]
                    served += weight[firm] * space.served[place, kind, firm]
                    turned_away += weight[firm] * (space.asked[place, kind, firm] and not space.served[place, kind, firm])
            results.fund_firms[begin + fund, ASKED, report, draw] = asked
            results.fund_firms[begin + fund, SERVED, report, draw] = served
            results.fund_firms[begin + fund, TURNED_AWAY, report, draw] = turned_away


@njit(error_model="numpy", forceinline=True)
def _live_together(inputs: Any, space: Any, results: Any, draw: int, begin: int, end: int) -> None:
    """Let the chunks begin to end live through all steps together."""
    steps, places = inputs.of_step.shape[1], inputs.policies.shape[0]
    shares = space.requests.shape[0] > 0
    for chunk in range(begin, end):
        _open(inputs, space, draw, chunk, chunk - begin)
    if shares:
        space.fund_books[:] = 0.0
        space.asked[:] = False
        space.served[:] = False
        for place in range(places):
            for fund in range(inputs.funds_of[inputs.policies[place]], inputs.funds_of[inputs.policies[place] + 1]):
                results.fund_series[fund, 0, 0, draw] = max(inputs.fund_numbers[draw, fund, funds.CAPITAL], 0.0)
    space.terms[:] = 0.0
    reported = 0
    for number in range(steps):
        report = reported if reported < inputs.reports.shape[0] and inputs.reports[reported] == number else -1
        for chunk in range(begin, end):
            slot = chunk - begin
            _weather(inputs, space, draw, number, chunk, slot)
            if shares:
                for place in range(1, places):
                    _ask(inputs, space, draw, number, chunk, slot, place)
        if shares:
            for place in range(1, places):
                _answers(inputs, space, draw, number, place)
        for chunk in range(begin, end):
            slot = chunk - begin
            for place in range(places):
                with_funds = shares and place > 0
                _terms(inputs, space, draw, number, slot, place)
                _step(inputs, space, draw, number, slot, place, with_funds)
                _note(inputs, space, results, draw, number, report, chunk, slot, place)
                if with_funds:
                    few = _choose_concerned(space, chunk, slot, place)
                    _hold(inputs, space, draw, number, slot, place, few)
                    for i in range(few):
                        for row in range(len(ANSWERS)):
                            space.own[slot, place, (_ANSWERS + row) * STRIDE + space.chosen[0, i]] = 0.0
        if shares:
            for place in range(1, places):
                _books(inputs, space, results, draw, number, report, place)
        if report >= 0:
            reported += 1
    for chunk in range(begin, end):
        _close(inputs, space, results, draw, chunk, chunk - begin)


def entry(compiled_from: int) -> Any:
    """Compile, or load, ``live(inputs, space, results, draw, begin, end)``; machine code is kept under the stamp.

    It lets the chunks from ``begin`` to ``end`` live through a draw: all at once where they share funds, else one after another.
    """

    def live(inputs: Any, space: Any, results: Any, draw: int, begin: int, end: int) -> int:
        if space.requests.shape[0] > 0:
            _live_together(inputs, space, results, draw, begin, end)
        else:
            for chunk in range(begin, end):
                _live_together(inputs, space, results, draw, chunk, chunk + 1)
        return compiled_from

    try:
        return njit(signature(), cache=True, nogil=True, error_model="numpy")(live)
    except RuntimeError:  # nowhere to keep machine code: it lives as long as the process
        return njit(signature(), nogil=True, error_model="numpy")(live)
