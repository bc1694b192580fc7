"""Public funds for the oracle, section 6a of docs/model.md: one fund of one draw, its queue, its caps and its books.

Written like `oracle`: plain floats and lists, from the page and from nothing else. A fund knows firms by their number only; what they
ask and what came of the answers is handed to it. Every step asserts that no cap is exceeded and that no money is lost: what the fund
has in hand is its capital and fees, less losses, claims and what is out.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

BRIDGE, GUARANTEE, FACILITY = "emergency_relending", "guarantee_fund", "relending_facility"
FUND_KINDS = (BRIDGE, GUARANTEE, FACILITY)
ANSWERS = {GUARANTEE: "guarantee", FACILITY: "facility"}
"""What a yes of a fund is called, where it is not the number of a slot."""
QUEUES = ("random", "first_come", "smallest", "neediest")
SERIES = ("capital", "used", "requested", "served", "passed_over", "exhausted_days", "fees", "losses")
WEEK = 7.0
SLACK = 1e-9
"""How far a cap may be exceeded, as a part of the capital: sums of floats are exact to less than that."""


@dataclass(frozen=True)
class Request:
    """What a firm asks of a fund in a step: an advance for the loan in a slot, a guarantee or a place in a facility for a new loan.

    Attributes
    ----------
    firm, slot
        Who asks, and for which loan (0 or 1); a guarantee or a place is always for the loan in slot 1.
    amount
        The advance, or the loan to be guaranteed.
    day
        When the principal falls due, when the guarantee was asked for, or when the loan was approved.
    until
        For an advance: when the bank's money is to come. Not used for a guarantee.
    cover
        For a guarantee: share of the loan's loss that the fund would bear. Not used for an advance.
    days_of_cash
        Cash over normal outflow at the start of the step.
    """

    firm: int
    slot: int
    amount: float
    day: float
    days_of_cash: float
    until: float = math.inf
    cover: float = 0.0


@dataclass
class Dealings:
    """Money between a firm and its fund in one step, before weights; what is open at the end of it.

    Attributes
    ----------
    lent, repaid, recovered
        Advances paid out, paid back, and paid by an estate.
    fees
        Fees paid, by the firm or its estate.
    lost
        Of advances, at exit.
    claims
        Paid to the bank for a guaranteed loan.
    advances
        Those open at the end of the step: amount, and day on which the bank's money comes.
    book
        Guaranteed amount, or loan with a place in a facility, at the end of the step.
    """

    lent: float = 0.0
    repaid: float = 0.0
    recovered: float = 0.0
    fees: float = 0.0
    lost: float = 0.0
    claims: float = 0.0
    advances: list[tuple[float, float]] = field(default_factory=list)
    book: float = 0.0


class Fund:
    """One fund in one draw under one policy.

    Parameters
    ----------
    lever
        `kind`, `label`, `capital`, `queue`, `cases_per_week` (None: no limit), and for guarantees `leverage`, `claim_limit`.
    weights, queue_luck
        Of all firms of the draw, members or not.

    Attributes
    ----------
    series
        For each name of `SERIES`, its value in or at the end of every step; exhausted days, fees and losses are cumulated.
    in_hand_at
        At the end of every step, what it has in hand beyond its capital.
    asked, served
        For every step, the firms that so far have asked the fund, and that were served.
    close_call, closest
        The smallest relative distance of a decision from its opposite, and which decision it was.
    events
        How often each kind of event happened.
    """

    def __init__(self, lever: Mapping[str, Any], weights: Sequence[float], queue_luck: Sequence[float]) -> None:
        self.kind, self.label, self.queue = str(lever["kind"]), str(lever["label"]), str(lever["queue"])
        assert self.kind in FUND_KINDS and self.queue in QUEUES
        self.capital = float(lever["capital"])
        self.cases_per_week = lever["cases_per_week"]
        self.leverage = float(lever["leverage"]) if self.kind == GUARANTEE else 1.0
        self.claim_limit = float(lever["claim_limit"]) if self.kind == GUARANTEE else math.inf
        self.weights, self.queue_luck = weights, queue_luck
        self.slack = SLACK * self.capital

        self.fees = self.losses = self.claims = self.granted = self.moved = 0.0
        self.open: list[tuple[float, float]] = []  # weighted advances and the days on which they come back, at the start of the step
        self.book = 0.0  # weighted guarantees at the start of the step
        self.room_left = 0.0
        self.passed_over_before: set[tuple[int, int]] = set()
        self.series: dict[str, list[float]] = {name: [] for name in SERIES}
        self.asked: list[set[int]] = []
        self.served: list[set[int]] = []
        self.in_hand_at: list[float] = []
        self.exhausted_days = 0.0
        self.close_call, self.closest = math.inf, ""
        self.events: Counter[str] = Counter()

    @property
    def capital_now(self) -> float:
        return max(self.capital + self.fees - self.losses - self.claims, 0.0)

    # ------------------------------------------------------------------------------------------------------------- the queue

    def order(self, requests: Sequence[Request], queue: str) -> list[Request]:
        """Return requests in the order of a queue; ties by the random number, then by firm and slot."""
        keys = [(self.key(request, queue), self.queue_luck[request.firm], request.firm, request.slot) for request in requests]
        return [requests[place] for place in sorted(range(len(requests)), key=lambda place: keys[place])]

    def key(self, request: Request, queue: str) -> float:
        if queue == "first_come":
            return request.day
        if queue == "smallest":
            return request.amount
        if queue == "neediest":
            return request.days_of_cash
        return self.queue_luck[request.firm]

    def note(self, name: str, distance: float) -> None:
        if distance < self.close_call:
            self.close_call, self.closest = distance, name

    def note_close_places(self, ordered: Sequence[Request]) -> None:
        for before, after in zip(ordered, ordered[1:], strict=False):
            one, other = self.key(before, self.queue), self.key(after, self.queue)
            # Days and amounts that are the same to the last bit meet by the calendar or by the cap on advances; that is no close call.
            if one != other and math.isfinite(other):
                self.note("place in the queue", abs(one - other) / max(1.0, abs(one), abs(other)))

    # -------------------------------------------------------------------------------------------------------------- the caps

    def answer(self, start: float, end: float, requests: Sequence[Request]) -> set[tuple[int, int]]:
        """Serve the requests of a step one by one; return the firm and slot of those that are served."""
        h = end - start
        room = self.cases_per_week * h / WEEK + self.room_left if self.cases_per_week is not None else math.inf
        ordered = self.order(requests, self.queue)
        self.note_close_places(ordered)
        stopped = self.stopped()
        served, cases, lacked_room = self.serve(ordered, start, end, room, stopped, watched=True)
        self.room_left = room - cases if lacked_room and self.cases_per_week is not None else 0.0
        assert cases <= room + SLACK

        requested = self.weighed(requests)
        given = self.weighed([request for request in requests if (request.firm, request.slot) in served])
        self.series["requested"].append(requested)
        self.series["served"].append(given)
        self.series["passed_over"].append(self.weighed([r for r in requests if (r.firm, r.slot) not in served]))
        self.asked.append((self.asked[-1] if self.asked else set()) | {request.firm for request in requests})
        self.served.append((self.served[-1] if self.served else set()) | {firm for firm, _ in served})
        if len(served) < len(requests):
            self.exhausted_days += h
            self.count("exhausted")
        self.series["exhausted_days"].append(self.exhausted_days)
        if self.kind == GUARANTEE:
            self.granted += sum(self.weights[r.firm] * r.cover * r.amount for r in requests if (r.firm, r.slot) in served)
        if stopped and self.serve(ordered, start, end, room, False, watched=False)[0]:
            self.count("claim_limit_stopped")
        elif any(self.serve(self.order(requests, other), start, end, room, stopped, watched=False)[0] != served for other in QUEUES):
            self.count(f"queue_{self.queue}")
        self.count_answers({(request.firm, request.slot) for request in requests}, served)
        self.served_now, self.book_before, self.open_before = served, self.book, list(self.open)
        self.capital_before = self.capital_now
        return served

    def weighed(self, requests: Sequence[Request]) -> float:
        return sum(self.weights[request.firm] * request.amount for request in requests)

    def stopped(self) -> bool:
        """Tell whether claims have passed their limit."""
        limit = self.claim_limit * self.granted
        if self.claims > 0:
            self.note("claim limit", abs(self.claims - limit) / max(self.claims, limit))
        return self.claims > limit

    def serve(
        self, ordered: Sequence[Request], start: float, end: float, room: float, stopped: bool, watched: bool
    ) -> tuple[set[tuple[int, int]], float, bool]:
        """Return who is served, the cases that took, and whether somebody found no room in processing."""
        h, capital = end - start, self.capital_now
        days_open = sum(amount * (min(back, end) - start) for amount, back in self.open)
        open_at_end = sum(amount for amount, back in self.open if back > end)
        cases = days_used = end_used = granted = 0.0
        lacked_room = False
        served: set[tuple[int, int]] = set()
        for request in ordered:
            weight = self.weights[request.firm]
            amount = weight * request.amount
            caps = [("processing", cases + weight, room, SLACK, 1.0)]
            if self.kind == GUARANTEE:
                covered, limit = request.cover * amount, capital * self.leverage
                caps.append(("book", self.book + granted + covered, limit, self.slack * self.leverage, limit))
            elif self.kind == FACILITY:
                caps.append(("book", self.book + granted + amount, capital, self.slack, capital))
            else:
                days = amount * (min(request.until, end) - request.day)
                caps.append(("advance", amount, capital, self.slack, capital))
                caps.append(("days", days_used + days, capital * h - days_open, self.slack * h, capital * h))
                if request.until > end:
                    caps.append(("open", end_used + amount, capital - open_at_end, self.slack, capital))
            exceeded = [name for name, used, limit, slack, scale in caps if not self.holds(name, used, limit, slack, scale, watched)]
            lacked_room = lacked_room or "processing" in exceeded
            if watched and len(exceeded) == 1 and not stopped:
                self.count(f"only_{exceeded[0]}_is_exceeded")
            holds = not exceeded and not stopped
            if holds:
                served.add((request.firm, request.slot))
                cases += weight
                if self.kind == GUARANTEE:
                    granted += covered
                elif self.kind == FACILITY:
                    granted += amount
                else:
                    days_used += days
                    end_used += amount if request.until > end else 0.0
        return served, cases, lacked_room

    def holds(self, name: str, used: float, limit: float, slack: float, scale: float, watched: bool) -> bool:
        """Tell whether a cap holds. What uses a cap up by construction is half a slack away from a close call."""
        if watched and math.isfinite(limit) and not used == limit == 0.0:  # nothing against nothing is no close call
            self.note(name, 4.0 * abs(used - limit - slack) / max(abs(used), abs(limit), scale, 1e-300))
        return used <= limit + slack

    def count(self, event: str) -> None:
        self.events[event] += 1

    def count_answers(self, asked: set[tuple[int, int]], served: set[tuple[int, int]]) -> None:
        what = {GUARANTEE: "guarantee", FACILITY: "cheap_loan"}.get(self.kind, "advance")
        for place in served:
            self.count(f"{what}_granted")
            if place in self.passed_over_before:
                self.count(f"{what}_granted_later")
        if asked - served:
            self.count(f"{what}_passed_over")
        self.passed_over_before = asked - served

    # ------------------------------------------------------------------------------------------------------------- the books

    def close_the_books(self, end: float, dealings: Mapping[int, Dealings]) -> None:
        """Book what came of a step: `dealings` of every member that was there at its start."""
        lent = repaid = recovered = fees = lost = claims = 0.0
        self.open, self.book = [], 0.0
        for firm, dealt in dealings.items():
            weight = self.weights[firm]
            lent += weight * dealt.lent
            repaid += weight * dealt.repaid
            recovered += weight * dealt.recovered
            fees += weight * dealt.fees
            lost += weight * dealt.lost
            claims += weight * dealt.claims
            self.open += [(weight * amount, back) for amount, back in dealt.advances]
            self.book += weight * dealt.book
            for event, happened in (("advance_lost", dealt.lost), ("claim_paid", dealt.claims), ("advance_repaid", dealt.repaid)):
                if happened > 0:
                    self.count(event)
        self.fees += fees
        self.losses += lost
        self.claims += claims
        self.moved += repaid + recovered + fees - lent - claims
        self.in_hand_at.append(self.moved)
        used = sum(amount for amount, _ in self.open) if self.kind == BRIDGE else self.book
        self.series["capital"].append(self.capital_now)
        self.series["used"].append(used)
        self.series["fees"].append(self.fees)
        self.series["losses"].append(self.losses + self.claims)
        self.check(end, used)

    def check(self, end: float, used: float) -> None:
        scale = SLACK * max(self.capital, self.fees, self.losses, self.claims, used, 1.0)
        booked = self.fees - self.losses - self.claims - (used if self.kind == BRIDGE else 0.0)
        assert abs(self.moved - booked) <= scale, (self.label, end, self.moved, booked)
        assert all(amount >= -scale and back > end for amount, back in self.open), (self.label, end, self.open)
        assert min(self.fees, self.losses, self.claims, self.book, used) >= -scale
        # Nothing is open beyond the capital of the step's start, unless it was so before and the capital has shrunk since.
        if self.kind == BRIDGE:
            before = sum(amount for amount, back in self.open_before if back > end)
            assert used <= max(self.capital_before, before) + scale, (self.label, end, used, self.capital_before)
        else:
            limit = self.capital_before * self.leverage
            assert used <= max(limit, self.book_before) + scale * self.leverage, (self.label, end, used, limit)
        assert self.served[-1] <= self.asked[-1]

    def weight_of(self, which: str, step: int) -> float:
        """Return the weighted number of firms that by the end of a step had ``asked``, were ``served``, or were ``turned_away``."""
        asked, served = self.asked[step], self.served[step]
        return sum(self.weights[firm] for firm in {"asked": asked, "served": served, "turned_away": asked - served}[which])
