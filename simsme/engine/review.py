"""Levers under review: on each review day a draw decides, by what can be observed in it under the policy, what is in force from then on.

What is decided on a day holds for the days after it. A step that begins on a review day is wholly under what was decided on it; where
review days lie inside a step, all of them see what there was before the step, so that the first of them decides.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes
from simsme.engine.public_funds import FundBooks
from simsme.engine.records import Clock, State
from simsme.engine.sums import total_sums
from simsme.engine.terms import LeverRow, Status

EXIT_DAYS = 28.0
"""Days over which exits are counted."""


class Condition(NamedTuple):
    """What is observed (``exits``, ``sales_fall``, ``fund_use``, ``claim_rate``), and whether it has to be above or below a share."""

    observed: str
    above: bool
    share: float


@dataclass(frozen=True)
class Review:
    """How a lever of a policy is reviewed.

    Attributes
    ----------
    rows
        Rows of the lever among those of the policy.
    every_days
        Days between reviews.
    start, stop
        It starts when all of the first hold, and stops when one of the second does.
    fund
        Number of the lever's own fund among those of the policy; -1 where it has none.
    """

    rows: slice
    every_days: int
    start: tuple[Condition, ...]
    stop: tuple[Condition, ...]
    fund: int


class Reviewed:
    """The levers of a policy in the draws of a block, under review.

    Parameters
    ----------
    levers, reviews
        Rows of the policy, and reviews of some of them.
    weight
        Per firm.
    draws, steps
        How many draws and steps.

    Attributes
    ----------
    in_force, days
        Whether each of the levers was in force at the end of each step, day 0 first, and on how many days since day 0: (review, step,
        draw). It is where both its window, the widest over firms, and its review say so.
    """

    def __init__(self, levers: tuple[LeverRow, ...], reviews: Sequence[Review], weight: Lanes, draws: int, steps: int) -> None:
        self._levers, self._reviews, self._weight = levers, tuple(reviews), weight
        self._on: list[Flags] = [np.full((draws, 1), not review.start) for review in reviews]
        self._days, self._gone = [0.0], [np.zeros((draws, 1))]
        self._seen: dict[str, Lanes] = {"exits": np.zeros((draws, 1)), "sales_fall": np.zeros((draws, 1))}
        self._windows = [_window(levers[review.rows], draws) for review in reviews]
        self.in_force, self.days = np.zeros((len(reviews), steps + 1, draws)), np.zeros((len(reviews), steps + 1, draws))
        for place, (on, (first, last)) in enumerate(zip(self._on, self._windows, strict=True)):
            self.in_force[place, 0] = on[:, 0] & (first <= 0.0) & (last >= 0.0)

    def in_step(self, number: int, clock: Clock, fund_books: FundBooks | None) -> tuple[LeverRow, ...]:
        """The policy's rows in a step, the levers whose review days lie in it or at its start being reviewed.

        Parameters
        ----------
        number, clock
            The step.
        fund_books
            Books of the policy's funds before it; None where it has none.
        """
        levers = list(self._levers)
        for place, review in enumerate(self._reviews):
            day, before = math.ceil(clock.a / review.every_days) * float(review.every_days), self._on[place]
            if day < clock.b:
                self._on[place] = self._decided(review, before, fund_books)
            status = Status(day, before, self._on[place])
            self._note(place, number, clock, status)
            levers[review.rows] = [row._replace(status=status) for row in levers[review.rows]]
        return tuple(levers)

    def _note(self, place: int, number: int, clock: Clock, status: Status) -> None:
        """Note whether, and for how many days of a step, a lever is in force; day t is all that lies between t - 1 and t."""
        first, last = self._windows[place]
        reviewed = min(status.day, clock.b)
        days = self.days[place, number].copy()
        for start, end, on in ((clock.a, reviewed, status.before), (reviewed, clock.b, status.after)):
            inside = np.minimum(end, last) - np.maximum(start, first - 1.0)
            days += np.where(on[:, 0], np.maximum(inside, 0.0), 0.0)
        self.days[place, number + 1] = days
        on_last_day = status.after if clock.b > status.day else status.before
        self.in_force[place, number + 1] = on_last_day[:, 0] & (first <= clock.b) & (clock.b <= last)

    def _decided(self, review: Review, on: Flags, fund_books: FundBooks | None) -> Flags:
        """Whether the lever is in force after a review: what stops it is stronger than what starts it."""
        start, stop = np.ones_like(on), np.zeros_like(on)
        for condition in review.start:
            start = start & self._holds(condition, review.fund, fund_books)
        for condition in review.stop:
            stop = stop | self._holds(condition, review.fund, fund_books)
        return (on | start) & ~stop

    def _holds(self, condition: Condition, fund: int, fund_books: FundBooks | None) -> Flags:
        observed = condition.observed
        if observed in self._seen:
            found = self._seen[observed]
        elif fund_books is None:
            raise ValueError(f"{observed} is observed of a lever without a fund")
        else:
            found = (fund_books.use(fund) if observed == "fund_use" else fund_books.claim_rate(fund))[:, None]
        holds: Flags = found > condition.share if condition.above else found < condition.share
        return holds

    def observe(self, clock: Clock, state: State) -> None:
        """Note what can be seen at the end of a step: how many firms left in the last weeks, how far sales have fallen."""
        shape = (state.alive.shape[0], state.alive.shape[1])
        alive, firms = total_sums(state.alive, self._weight, shape), total_sums(np.ones(shape), self._weight, shape)
        self._days.append(clock.b)
        self._gone.append(firms - alive)
        earlier = int(np.searchsorted(self._days, clock.b - EXIT_DAYS, side="right")) - 1
        gone_by_then = self._gone[earlier] if earlier >= 0 else self._gone[0]
        sales = total_sums(state.alive * state.smoothed, self._weight, shape)
        self._seen = {
            "exits": (self._gone[-1] - gone_by_then) / firms,
            "sales_fall": np.where(alive > 0.0, 1.0 - sales / np.where(alive > 0.0, alive, 1.0), 0.0),
        }


def _window(rows: Sequence[LeverRow], draws: int) -> tuple[Lanes, Lanes]:
    """First and last day of a lever in each draw, for the firms for which it begins first and ends last."""
    first, last = np.full(draws, np.inf), np.full(draws, -np.inf)
    for row in rows:
        first = np.minimum(first, np.broadcast_to(np.min(np.atleast_2d(row.from_day), axis=-1), (draws,)))
        last = np.maximum(last, np.broadcast_to(np.max(np.atleast_2d(row.to_day), axis=-1), (draws,)))
    return first, last
