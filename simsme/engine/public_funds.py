"""The public funds of a policy: who belongs to them, what they can afford, and their books as a run goes on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags, Lanes
from simsme.engine import funds
from simsme.engine.fund_accounts import FundFlows, Holdings
from simsme.engine.requests import Answers, Requests
from simsme.engine.terms import NOTHING

SERIES = ("capital", "used", "requested", "served", "passed_over", "exhausted_days", "fees", "losses")
"""What is reported of a fund after each step; the last three are cumulated since day 0."""

ASKED, SERVED, TURNED_AWAY = range(3)
FIRMS = ("asked", "served", "turned_away")
"""Firms, weighted, that are reported of a fund by a day."""


@dataclass(frozen=True)
class PublicFunds:
    """Funds of a policy in the draws of a block.

    Attributes
    ----------
    numbers
        Kind, queue and what each can afford, (draw, fund, number), see :mod:`simsme.engine.funds`.
    members
        Number of the bridge fund, the guarantee fund and, where the policy has one, the facility that each firm belongs to, -1 for none,
        (draw, kind, firm).
    """

    numbers: Lanes
    members: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of funds."""
        return int(self.numbers.shape[1])


class FundBooks:
    """The books of a policy's funds in the draws of a block, step by step.

    Parameters
    ----------
    public_funds
        The funds.
    weight, luck
        Weights of the firms, (firm,), and their places in a random queue, (draw, firm).
    steps, reports
        How many steps and reported days there are.
    """

    def __init__(self, public_funds: PublicFunds, weight: Lanes, luck: Lanes, steps: int, reports: int) -> None:
        draws, kinds, firms = public_funds.members.shape
        self._funds, self._weight, self._luck = public_funds, np.ascontiguousarray(weight), luck
        self._shape = (draws, firms)
        self._books = np.zeros((draws, public_funds.count, funds.BOOKS))
        self._asked = np.zeros((kinds, draws, firms), dtype=np.bool_)
        self._served = np.zeros((kinds, draws, firms), dtype=np.bool_)
        self.series = np.zeros((public_funds.count, len(SERIES), steps + 1, draws))
        self.series[:, SERIES.index("capital"), 0] = np.maximum(public_funds.numbers[:, :, funds.CAPITAL].T, 0.0)
        self.firms = np.zeros((public_funds.count, len(FIRMS), reports, draws))

    def answer(self, a: float, b: float, requests: Requests, holdings: Holdings) -> Answers:
        """Let every fund answer the requests of a step over the days (a, b]."""
        asked, held = self._rows(requests), self._rows(holdings)
        answers = np.empty((4, *self._shape))
        for draw in range(self._shape[0]):
            given = (self._weight, self._luck[draw], self._funds.numbers[draw], self._books[draw])
            answers[:, draw] = funds.answer(a, b, asked[draw], held[draw], self._funds.members[draw], *given)
        belongs = self._funds.members >= 0
        for_advance = (asked[:, funds.ADVANCE_TERM] > 0.0) | (asked[:, funds.ADVANCE_NEW] > 0.0)
        self._asked[0] |= for_advance & belongs[:, 0]
        self._asked[1] |= (asked[:, funds.ASKED] > 0.0) & belongs[:, 1]
        self._served[0] |= (answers[0] > 0.0) | (answers[1] > 0.0)
        self._served[1] |= answers[2] > 0.0
        if len(self._asked) == 2:
            return Answers(answers[0], answers[1], answers[2], NOTHING)
        self._asked[2] |= (asked[:, funds.CHEAP_LOAN] > 0.0) & belongs[:, 2]
        self._served[2] |= answers[3] > 0.0
        return Answers(*answers)

    def use(self, fund: int) -> Lanes:
        """What a fund has out, as a share of what it may have out at once, (draw,); 1 where it has lost all its capital to that."""
        numbers, books = self._funds.numbers[:, fund], self._books[:, fund]
        capital = np.maximum(numbers[:, funds.CAPITAL] + books[:, funds.FEES] - books[:, funds.LOSSES] - books[:, funds.CLAIMS], 0.0)
        leverage = np.where(numbers[:, funds.KIND] == funds.GUARANTEE, numbers[:, funds.LEVERAGE], 1.0)
        used, capacity = books[:, funds.USED], capital * leverage
        share: Lanes = np.where(capacity > 0.0, used / np.where(capacity > 0.0, capacity, 1.0), (used > 0.0) * 1.0)
        return share

    def claim_rate(self, fund: int) -> Lanes:
        """Claims on a guarantee fund, as a share of the guarantees that it granted, both since day 0, (draw,); 0 before the first."""
        claims, granted = self._books[:, fund, funds.CLAIMS], self._books[:, fund, funds.GRANTED]
        rate: Lanes = np.where(granted > 0.0, claims / np.where(granted > 0.0, granted, 1.0), 0.0)
        return rate

    def book(self, number: int, report: int, flows: FundFlows, holdings: Holdings) -> None:
        """Enter what a step moved.

        Parameters
        ----------
        number
            Number of the step.
        report
            Position of the reported day that it ends on; -1 where it is none.
        flows, holdings
            What it moved, and what funds have out after it.
        """
        moved, held = self._rows(flows), self._rows(holdings)
        for draw in range(self._shape[0]):
            given = (self._weight, self._funds.numbers[draw], self._books[draw])
            funds.book(moved[draw], held[draw], self._funds.members[draw], *given)
        books = np.moveaxis(self._books, 0, -1)
        losses = books[:, funds.LOSSES] + books[:, funds.CLAIMS]
        capital = self._funds.numbers[:, :, funds.CAPITAL].T + books[:, funds.FEES] - losses
        columns = (funds.USED, funds.REQUESTED, funds.SERVED, funds.PASSED_OVER, funds.EXHAUSTED_DAYS, funds.FEES)
        for position, value in enumerate((np.maximum(capital, 0.0), *(books[:, column] for column in columns), losses)):
            self.series[:, position, number + 1] = value
        if report >= 0:
            self._count_firms(report)

    def _count_firms(self, report: int) -> None:
        for fund in range(self._funds.count):
            kind = int(self._funds.numbers[0, fund, funds.KIND])
            for draw in range(self._shape[0]):
                member = self._funds.members[draw, kind] == fund
                asked, served = self._asked[kind, draw] & member, self._served[kind, draw] & member
                for position, flags in ((ASKED, asked), (SERVED, served), (TURNED_AWAY, asked & ~served)):
                    self.firms[fund, position, report, draw] = self._weigh(flags)

    def _weigh(self, flags: Flags) -> float:
        return float(np.bincount(flags, weights=self._weight, minlength=2)[1])

    def _rows(self, record: tuple[Lanes, ...]) -> Lanes:
        """A record of one number per firm and draw as rows of each draw, (draw, row, firm)."""
        rows = np.empty((self._shape[0], len(record), self._shape[1]))
        for position, value in enumerate(record):
            rows[:, position] = value
        return rows
