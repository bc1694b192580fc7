"""Reviews and contagion for the oracle, section 6c of docs/model.md: how the firms of a draw act on each other but through funds.

Written like `oracle`: plain floats and lists, from the page and from nothing else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.oracle_funds import GUARANTEE, Fund
from tests.oracle_trace import Trace

EXIT_DAYS = 28.0
MOST = 0.5
"""Largest share of what customers would have paid that contagion takes."""


@dataclass(frozen=True)
class Seen:
    """What can be seen of a draw under a policy on a day on which a step ended."""

    exits: float = 0.0
    sales_fall: float = 0.0


@dataclass
class Observatory:
    """All firms of the draw, to be looked at at the ends of steps."""

    weights: Sequence[float]
    left: list[tuple[float, float]] = field(default_factory=list)
    """Weight of every firm that left, and the end of the step in which it did."""

    def look(self, day: float, traces: Sequence[Trace], number: int) -> Seen:
        """Return what is seen at the end of a step."""
        firms = list(zip(self.weights, traces, strict=True))
        self.left += [(weight, day) for weight, trace in firms if trace.exit_step == number]
        lately = sum(weight for weight, then in self.left if then > day - EXIT_DAYS)
        alive = [(weight, trace.balances["smoothed"][number]) for weight, trace in firms if trace.exit_step is None]
        there = sum(weight for weight, _ in alive)
        fall = 1 - sum(weight * smoothed for weight, smoothed in alive) / there if there > 0 else 0.0
        return Seen(lately / sum(self.weights), fall)


class Review:
    """A lever under review.

    Attributes
    ----------
    decisions
        Review day, and whether the lever is in force on the days after it.
    close_call
        The smallest distance of what was observed from what a condition asks.
    """

    def __init__(self, lever: Mapping[str, Any], fund: Fund | None) -> None:
        self.every, self.fund = int(lever["review_days"]), fund
        self.start, self.stop = lever.get("start_when") or {}, lever.get("stop_when") or {}
        self.on_at_first = not self.start
        self.decisions: list[tuple[float, bool]] = []
        self.close_call, self.closest = math.inf, "review"
        self.events: dict[str, int] = {}

    def in_force(self, day: float) -> bool:
        """Tell whether the lever is in force on a day, as decided on the last review day before it."""
        decided = [on for then, on in self.decisions if then < day]
        return decided[-1] if decided else self.on_at_first

    def hold_reviews(self, start: float, end: float, seen: Seen) -> None:
        """Decide on every review day from the first day of a step to the one before its last."""
        for day in range(math.ceil(start), math.ceil(end)):
            if day % self.every == 0:
                before = self.decisions[-1][1] if self.decisions else self.on_at_first
                on = before or all(self.holds(name, share, seen) for name, share in self.start.items())
                on = on and not any(self.holds(name, share, seen) for name, share in self.stop.items())
                if on != before:
                    event = "review_starts" if on else "review_stops"
                    self.events[event] = self.events.get(event, 0) + 1
                self.decisions.append((float(day), on))

    def holds(self, name: str, share: float, seen: Seen) -> bool:
        observed, _, side = name.rpartition("_")
        value = self.observe(observed, seen)
        if value != 0:  # nothing has happened, in both versions
            self.close_call = min(self.close_call, abs(value - share))
        return value > share if side == "above" else value < share

    def observe(self, name: str, seen: Seen) -> float:
        if name in ("exits", "sales_fall"):
            return float(getattr(seen, name))
        assert self.fund is not None
        if name == "claim_rate":
            assert self.fund.kind == GUARANTEE
            return self.fund.claims / self.fund.granted if self.fund.granted > 0 else 0.0
        used = self.fund.series["used"][-1] if self.fund.series["used"] else 0.0
        may = self.fund.capital_now * self.fund.leverage
        return used / may if may > 0 else float(used > 0)


def hit_of(share: float, unpaid: float, owed: float) -> float:
    """Return the share of what customers would pay that contagion takes in a step."""
    return min(share * unpaid / owed, MOST) if owed > 0 else 0.0


def unpaid_in(number: int, traces: Sequence[Trace], weights: Sequence[float]) -> float:
    """Return what suppliers were not paid in a step: the rise of arrears, and what estates did not cover."""
    rise = lost = 0.0
    for weight, trace in zip(weights, traces, strict=True):
        arrears = trace.balances["arrears_suppliers"]
        rise += weight * (arrears[number] - (arrears[number - 1] if number else 0.0))
        lost += weight * trace.flows["lost_by_suppliers"][number]
    return max(rise, 0.0) + lost
