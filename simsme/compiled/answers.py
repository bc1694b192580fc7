"""What public funds answer, found before anybody lives: all firms that may ask take each step together."""

from typing import Any

import numpy as np
from numba import njit

from simsme.compiled import loops
from simsme.compiled.chunks import (
    ONLY,
    begin_step,
    choose,
    choose_concerned,
    clear_terms,
    finish_step,
    hand_over,
    make_weather,
    open_chunk,
    rows_of,
)
from simsme.compiled.rows import ANSWERS, COLUMNS, HOLDINGS, MARKS, REQUESTS, STRIDE, WORK
from simsme.engine import funds
from simsme.engine.public_funds import ASKED, SERVED, TURNED_AWAY
from simsme.engine.sums import CHUNK

_HOLDINGS = WORK[HOLDINGS[0]]
_WEIGHT, _REQUESTS, _ANSWERS, _CONCERNS = COLUMNS.index("weight"), WORK[REQUESTS[0]], MARKS[ANSWERS[0]], MARKS["marks.concerns_funds"]
_answer, _book = njit(funds.answer, error_model="numpy"), njit(funds.book, error_model="numpy")


@njit(error_model="numpy", forceinline=True)
def chunks_of(inputs: Any) -> Any:
    """Number of chunks; there may be room for more."""
    return -(-inputs.keys.shape[0] // CHUNK)


@njit(error_model="numpy", forceinline=True)
def _ask(inputs: Any, space: Any, rows: Any, draw: int, number: int, chunk: int, slot: int, place: int) -> None:
    """Gather the firms of a chunk that funds concern, what they ask, and what funds have out with them."""
    policy, first = inputs.policies[place], chunk * CHUNK
    work, terms, chosen = rows[6], space.terms, space.chosen[0]
    of_draw, of_step = inputs.of_draw[draw], inputs.of_step[draw, number]
    members, count = inputs.fund_members[draw, policy], space.counts[place, slot]
    if number == 0:
        loops.concern_of_funds(rows, of_draw, of_step, of_draw, terms, terms, chosen, CHUNK)
    few = np.int64(0)
    for i in range(choose(rows[5], _CONCERNS, CHUNK, chosen)):
        firm = first + chosen[i]
        if firm < inputs.keys.shape[0] and (members[0, firm] >= 0 or members[1, firm] >= 0):
            space.concerned[place, count + few] = firm
            few += 1
    space.counts[place, slot + 1] = count + few
    if few == 0:
        return
    for i in range(few):
        chosen[i] = space.concerned[place, count + i] - first
    for lever in range(inputs.levers_of[policy], inputs.levers_of[policy + 1]):
        offer, reach = inputs.of_lever[lever, draw], space.reach[slot, lever]
        if inputs.offers[lever, 0]:
            loops.lever_terms_now_of_few(rows, of_draw, of_step, offer, reach, terms, chosen, few)
        if inputs.offers[lever, 1]:
            loops.lever_terms_term_loan(rows, of_draw, of_step, offer, reach, terms, chosen, few)
        if inputs.offers[lever, 2]:
            loops.lever_terms_new_loan(rows, of_draw, of_step, offer, reach, terms, chosen, few)
    loops.ask_funds(rows, of_draw, of_step, of_draw, terms, terms, chosen, few)
    clear_terms(terms, inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]], chosen, few)
    clear_terms(terms, inputs.rows_of_term, chosen, few)
    clear_terms(terms, inputs.rows_of_new, chosen, few)
    for i in range(few):
        firm, at = first + chosen[i], count + i
        space.queue[place, 0, at], space.queue[place, 1, at] = inputs.columns[_WEIGHT, firm], inputs.queue_luck[draw, firm]
        space.members[place, 0, at], space.members[place, 1, at] = members[0, firm], members[1, firm]
    hand_over(space.requests[place], count, work, _REQUESTS, len(REQUESTS), chosen, few)
    loops.hold_of_funds(rows, of_draw, of_step, of_draw, terms, terms, chosen, few)
    hand_over(space.holdings[place], count, work, _HOLDINGS, len(HOLDINGS), chosen, few)


@njit(error_model="numpy")
def _answer_all(inputs: Any, space: Any, results: Any, draw: int, number: int, place: int) -> None:
    """Let the funds of a policy answer, and give every chunk its answers; see :class:`simsme.engine.public_funds.FundBooks`."""
    policy, count = inputs.policies[place], space.counts[place, chunks_of(inputs)]
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
            space.marks[firm // CHUNK, place, (_ANSWERS + row) * STRIDE + firm % CHUNK] = answers[row, at]
            if answers[row, at] > 0.0:
                results.answers[number, firm] |= np.uint8(1 << row)


@njit(error_model="numpy")
def _enter(inputs: Any, space: Any, results: Any, draw: int, number: int, report: int, place: int) -> None:
    """Enter what a step moved into the books of a policy's funds, and report on them."""
    policy, firms = inputs.policies[place], inputs.keys.shape[0]
    begin, end = inputs.funds_of[policy], inputs.funds_of[policy + 1]
    members, weight, count = inputs.fund_members[draw, policy], inputs.columns[_WEIGHT], space.counts[place, chunks_of(inputs)]
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


@njit(error_model="numpy")
def find_answers(inputs: Any, space: Any, results: Any, draw: int) -> None:
    """Let all firms that may ask the funds of a policy take each step together, and note what they are answered."""
    chunks = chunks_of(inputs)
    for chunk in range(chunks):
        open_chunk(inputs, space, draw, chunk, chunk)
    policy = inputs.policies[0]
    space.fund_books[:] = 0.0
    space.asked[:] = False
    space.served[:] = False
    for fund in range(inputs.funds_of[policy], inputs.funds_of[policy + 1]):
        results.fund_series[fund, 0, 0, draw] = max(inputs.fund_numbers[draw, fund, funds.CAPITAL], 0.0)
    space.terms[:] = 0.0
    reported, yes, chosen = 0, np.bool_(True), space.chosen[0]
    family = inputs.families[policy]
    for number in range(inputs.of_step.shape[1]):
        report = reported if reported < inputs.reports.shape[0] and inputs.reports[reported] == number else -1
        for chunk in range(chunks):
            rows = rows_of(space, number, chunk, ONLY)
            make_weather(inputs, space, rows, draw, number, chunk, chunk)
            _ask(inputs, space, rows, draw, number, chunk, chunk, ONLY)
        _answer_all(inputs, space, results, draw, number, ONLY)
        for chunk in range(chunks):
            rows = rows_of(space, number, chunk, ONLY)
            begin_step(inputs, space, rows, draw, number, chunk, ONLY, family)
            finish_step(inputs, space, rows, draw, number, chunk, ONLY, yes)
            at, end = space.counts[ONLY, chunk], space.counts[ONLY, chunk + 1]
            few, terms = choose_concerned(space.concerned[ONLY], at, end, chunk * CHUNK, chosen), space.terms
            at_end = (rows[0], rows[2], rows[2], rows[3], rows[4], rows[5], rows[6])
            loops.hold_of_funds(at_end, inputs.of_draw[draw], inputs.of_step[draw, number], inputs.of_draw[draw], terms, terms, chosen, few)
            hand_over(space.holdings[ONLY], at, rows[6], _HOLDINGS, len(HOLDINGS), chosen, few)
            for i in range(few):
                for row in range(len(ANSWERS)):
                    space.marks[chunk, 0, (_ANSWERS + row) * STRIDE + chosen[i]] = 0.0
        _enter(inputs, space, results, draw, number, report, ONLY)
        if report >= 0:
            reported += 1
