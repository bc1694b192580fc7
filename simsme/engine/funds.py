"""How public funds answer the requests of a step: one draw and one policy, all firms, request by request in the order of the queue.

Plain loops over few requests, with arrays of float64 over firms in canonical order. Sums are taken in that order, one after the other,
so that this text gives the same bits when it is compiled. Rows of the arrays are named below.
"""

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes

BRIDGE, GUARANTEE, FACILITY = 0.0, 1.0, 2.0
"""Kinds of fund."""

RANDOM, FIRST_COME, SMALLEST, NEEDIEST = 0.0, 1.0, 2.0, 3.0
"""Orders in which a fund serves requests."""

# numbers of a fund, the columns of ``numbers``
KIND, QUEUE, CAPITAL, DAYS, COVER, LEVERAGE, CLAIM_LIMIT, CASES_PER_WEEK = range(8)
NUMBERS = 8

# what became of a fund, the columns of ``books``: since day 0; then in the step; then at its end
FEES, LOSSES, CLAIMS, GRANTED, EXHAUSTED_DAYS, REQUESTED, SERVED, PASSED_OVER, USED, ROOM = range(10)
BOOKS = 10

# rows of ``requests`` (simsme.engine.requests.Requests), ``holdings`` (Holdings) and ``flows`` (FundFlows)
ADVANCE_TERM, DAY_TERM, ADVANCE_NEW, DAY_NEW, ASKED, ASKED_DAY, CHEAP_LOAN, APPROVED_DAY = range(8)
CASH_DAYS, OPEN_TERM, BACK_TERM, OPEN_NEW, BACK_NEW, GUARANTEED, GUARANTEED_LOAN, FACILITY_LOAN = range(8)
ADVANCE_FEES, GUARANTEE_FEES, LOST_ADVANCES, CLAIMS_PAID = range(4)

ROUND_OFF = 1e-9
"""Part of the capital, and of a case, by which a cap may be passed."""


def answer(
    a: float,
    b: float,
    requests: Lanes,
    holdings: Lanes,
    members: NDArray[np.int64],
    weight: Lanes,
    luck: Lanes,
    numbers: Lanes,
    books: Lanes,
) -> Lanes:
    """Serve each request whole or pass it over.

    Parameters
    ----------
    a, b
        The step covers the days (a, b].
    requests
        (8, n), what firms ask for.
    holdings
        (8, n), what funds have out at the start of the step.
    members
        (3, n), number of the bridge fund, the guarantee fund and the facility that a firm belongs to; -1 for none. The last row may be
        absent where there is no facility.
    weight, luck
        (n,), how many firms a firm stands for, and its place in a random queue.
    numbers
        (f, NUMBERS), the funds.
    books
        (f, BOOKS), what became of them so far; brought up to date.

    Returns
    -------
    ndarray, (4, n)
        1 where an advance on the term loan, one on the new loan, a guarantee, a place in a facility is granted, else 0.
    """
    h = b - a
    answers = np.zeros((4, requests.shape[1]))
    for fund in range(numbers.shape[0]):
        capital, queue, cover = numbers[fund, CAPITAL], numbers[fund, QUEUE], numbers[fund, COVER]
        kind, bridge = numbers[fund, KIND], numbers[fund, KIND] == BRIDGE
        capital_now = max(capital + books[fund, FEES] - books[fund, LOSSES] - books[fund, CLAIMS], 0.0)
        days_used, open_at_end, book = 0.0, 0.0, 0.0
        if bridge:
            asking = np.flatnonzero((members[0] == fund) & ((requests[ADVANCE_TERM] > 0.0) | (requests[ADVANCE_NEW] > 0.0)))
            for firm in np.flatnonzero((members[0] == fund) & ((holdings[OPEN_TERM] > 0.0) | (holdings[OPEN_NEW] > 0.0))):
                for row in (OPEN_TERM, OPEN_NEW):
                    if holdings[row, firm] > 0.0:
                        out, back = weight[firm] * holdings[row, firm], holdings[row + 1, firm]
                        days_used += out * (min(back, b) - a)
                        if back > b:
                            open_at_end += out
        elif kind == GUARANTEE:
            asking = np.flatnonzero((members[1] == fund) & (requests[ASKED] > 0.0))
            for firm in np.flatnonzero((members[1] == fund) & (holdings[GUARANTEED] > 0.0)):
                book += weight[firm] * holdings[GUARANTEED, firm] * holdings[GUARANTEED_LOAN, firm]
        else:
            asking = np.flatnonzero((members[2] == fund) & (requests[CHEAP_LOAN] > 0.0))
            for firm in np.flatnonzero((members[2] == fund) & (holdings[FACILITY_LOAN] > 0.0)):
                book += weight[firm] * holdings[FACILITY_LOAN, firm]

        # the requests, firm by firm, the term loan before the new one; answers have a row for each kind of request
        count = 0
        firms = np.empty(2 * asking.size, dtype=np.int64)
        rows = np.empty(2 * asking.size, dtype=np.int64)
        lots = np.empty(2 * asking.size)
        keys = np.empty(2 * asking.size)
        for firm in asking:
            for row in (0, 1, 2, 3):
                if max(row - 1, 0) == kind and requests[2 * row, firm] > 0.0:
                    firms[count], rows[count], lots[count] = firm, row, luck[firm]
                    if queue == FIRST_COME:
                        keys[count] = requests[2 * row + 1, firm]
                    elif queue == SMALLEST:
                        keys[count] = requests[2 * row, firm]
                    elif queue == NEEDIEST:
                        keys[count] = holdings[CASH_DAYS, firm]
                    else:
                        keys[count] = 0.0
                    count += 1
        by_luck = np.argsort(lots[:count], kind="mergesort")
        order = by_luck[np.argsort(keys[:count][by_luck], kind="mergesort")]

        stopped = books[fund, CLAIMS] > numbers[fund, CLAIM_LIMIT] * books[fund, GRANTED]
        room = numbers[fund, CASES_PER_WEEK] * h / 7.0 + books[fund, ROOM]
        slack = ROUND_OFF * capital
        cases, requested, served, granted, no_room = 0.0, 0.0, 0.0, 0.0, False
        passed_over = 0.0
        for place in order:
            firm, row = firms[place], rows[place]
            day, amount = requests[2 * row + 1, firm], weight[firm] * requests[2 * row, firm]
            requested += amount
            if cases + weight[firm] > room + ROUND_OFF:
                no_room = True
                passed_over += amount
                continue
            back = day + numbers[fund, DAYS]
            days, left = amount * (min(back, b) - day), amount if back > b else 0.0
            if bridge:
                holds = (
                    amount <= capital_now + slack
                    and days_used + days <= capital_now * h + slack * h
                    and (left == 0.0 or open_at_end + left <= capital_now + slack)
                )
            elif kind == GUARANTEE:
                limit = (capital_now + slack) * numbers[fund, LEVERAGE]
                holds = not stopped and book + cover * amount <= limit
            else:
                holds = book + amount <= capital_now + slack
            if holds:
                answers[row, firm] = 1.0
                cases += weight[firm]
                served += amount
                days_used += days
                open_at_end += left
                book += amount if kind == FACILITY else cover * amount
                granted += cover * amount
            else:
                passed_over += amount
        books[fund, REQUESTED], books[fund, SERVED], books[fund, PASSED_OVER] = requested, served, passed_over
        books[fund, GRANTED] += granted
        books[fund, EXHAUSTED_DAYS] += h if passed_over > 0.0 else 0.0
        books[fund, ROOM] = room - cases if no_room else 0.0
    return answers


def book(flows: Lanes, holdings: Lanes, members: NDArray[np.int64], weight: Lanes, numbers: Lanes, books: Lanes) -> None:
    """Enter into the books of funds what a step moved between them and firms, and what they have out at its end.

    Parameters
    ----------
    flows
        (4, n), what each firm moved.
    holdings
        (8, n), at the end of the step.
    members, weight, numbers, books
        As :func:`answer` takes them.
    """
    for fund in range(numbers.shape[0]):
        used = 0.0
        if numbers[fund, KIND] == BRIDGE:
            for firm in np.flatnonzero((members[0] == fund) & ((flows[ADVANCE_FEES] != 0.0) | (flows[LOST_ADVANCES] != 0.0))):
                books[fund, FEES] += weight[firm] * flows[ADVANCE_FEES, firm]
                books[fund, LOSSES] += weight[firm] * flows[LOST_ADVANCES, firm]
            for firm in np.flatnonzero((members[0] == fund) & ((holdings[OPEN_TERM] > 0.0) | (holdings[OPEN_NEW] > 0.0))):
                used += weight[firm] * (holdings[OPEN_TERM, firm] + holdings[OPEN_NEW, firm])
        elif numbers[fund, KIND] == GUARANTEE:
            for firm in np.flatnonzero((members[1] == fund) & ((flows[GUARANTEE_FEES] != 0.0) | (flows[CLAIMS_PAID] != 0.0))):
                books[fund, FEES] += weight[firm] * flows[GUARANTEE_FEES, firm]
                books[fund, CLAIMS] += weight[firm] * flows[CLAIMS_PAID, firm]
            for firm in np.flatnonzero((members[1] == fund) & (holdings[GUARANTEED] > 0.0)):
                used += weight[firm] * holdings[GUARANTEED, firm] * holdings[GUARANTEED_LOAN, firm]
        else:
            for firm in np.flatnonzero((members[2] == fund) & (holdings[FACILITY_LOAN] > 0.0)):
                used += weight[firm] * holdings[FACILITY_LOAN, firm]
        books[fund, USED] = used
