"""What public funds answer, found before anybody lives: all firms that may ask take each step together."""

from typing import Any

import numpy as np
from numba import njit

from simsme.compiled import loops
from simsme.compiled.chunks import (
    choose,
    choose_concerned,
    clear_terms,
    find_terms,
    find_terms_of_few,
    hold,
    make_weather,
    open_chunk,
    take_step,
)
from simsme.compiled.rows import ANSWERS, COMMON, FLOWS, HOLDINGS, OWN, REQUESTS, STRIDE
from simsme.engine import funds
from simsme.engine.public_funds import ASKED, SERVED, TURNED_AWAY
from simsme.engine.sums import CHUNK

_WEIGHT, _PATIENCE, _SLOW = COMMON["weight"], COMMON["firm.patience"], COMMON["slow"]
_REQUESTS, _ANSWERS, _HOLDINGS, _FLOWS = COMMON[REQUESTS[0]], OWN[ANSWERS[0]], COMMON[HOLDINGS[0]], COMMON[FLOWS[0]]
_CONCERNS = OWN["marks.concerns_funds"]
_answer, _book = njit(funds.answer, error_model="numpy"), njit(funds.book, error_model="numpy")


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
    for i in range(choose(own, _CONCERNS, chosen)):
        firm = first + chosen[i]
        if firm < inputs.keys.shape[0] and (members[0, firm] >= 0 or members[1, firm] >= 0):
            space.concerned[place, count + few] = firm
            few += 1
    space.counts[place, slot + 1] = count + few
    if few == 0:
        return
    for i in range(few):
        chosen[i] = space.concerned[place, count + i] - first
    find_terms_of_few(inputs, space, draw, number, slot, place, few)
    loops.ask_funds(common, own, of_draw, of_step, sums, own, of_draw, sums, terms, chosen, few)
    clear_terms(terms, inputs.rows_everywhere[inputs.rows_of_policy[policy] : inputs.rows_of_policy[policy + 1]], chosen, few)
    clear_terms(terms, inputs.rows_of_term, chosen, few)
    clear_terms(terms, inputs.rows_of_new, chosen, few)
    for i in range(few):
        firm, at, j = first + chosen[i], count + i, chosen[i]
        space.queue[place, 0, at], space.queue[place, 1, at] = inputs.lanes[draw, _WEIGHT, firm], inputs.queue_luck[draw, firm]
        space.members[place, 0, at], space.members[place, 1, at] = members[0, firm], members[1, firm]
        for row in range(len(REQUESTS)):
            space.requests[place, row, at] = common[(_REQUESTS + row) * STRIDE + j]
    hold(inputs, space, draw, number, slot, place, few)


@njit(error_model="numpy", forceinline=True)
def _answer_all(inputs: Any, space: Any, results: Any, draw: int, number: int, place: int) -> None:
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
            if answers[row, at] > 0.0:
                results.answers[number, firm] |= np.uint8(1 << row)


@njit(error_model="numpy", forceinline=True)
def _enter(inputs: Any, space: Any, results: Any, draw: int, number: int, report: int, place: int) -> None:
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
def find_answers(inputs: Any, space: Any, results: Any, draw: int) -> None:
    """Let all firms that may ask the funds of a policy take each step together, and note what they are answered."""
    chunks = -(-inputs.keys.shape[0] // CHUNK)
    for chunk in range(chunks):
        open_chunk(inputs, space, draw, chunk, chunk)
    policy = inputs.policies[0]
    space.fund_books[:] = 0.0
    space.asked[:] = False
    space.served[:] = False
    for fund in range(inputs.funds_of[policy], inputs.funds_of[policy + 1]):
        results.fund_series[fund, 0, 0, draw] = max(inputs.fund_numbers[draw, fund, funds.CAPITAL], 0.0)
    space.terms[:] = 0.0
    reported = 0
    for number in range(inputs.of_step.shape[1]):
        report = reported if reported < inputs.reports.shape[0] and inputs.reports[reported] == number else -1
        for chunk in range(chunks):
            make_weather(inputs, space, draw, number, chunk, chunk)
            _ask(inputs, space, draw, number, chunk, chunk, 0)
        _answer_all(inputs, space, results, draw, number, 0)
        for chunk in range(chunks):
            find_terms(inputs, space, draw, number, chunk, 0)
            take_step(inputs, space, draw, number, chunk, 0, True, True)
            few = choose_concerned(space, chunk, chunk, 0)
            hold(inputs, space, draw, number, chunk, 0, few)
            for i in range(few):
                for row in range(len(ANSWERS)):
                    space.own[chunk, 0, (_ANSWERS + row) * STRIDE + space.chosen[0, i]] = 0.0
        _enter(inputs, space, results, draw, number, report, 0)
        if report >= 0:
            reported += 1
