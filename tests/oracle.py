"""A second, slow version of the model: one draw, plain Python floats, written from docs/model.md and nothing else.

It exists to be compared with the engine. It shares no function with the package; where the page can be read in two ways, the
reading chosen here is marked ``READING``. Sections below carry the numbers of docs/model.md; sections 1 and 3 are in `oracle_firm`,
section 2 is in `oracle_shock`, the funds of section 6a are in `oracle_funds`.

A firm that no public fund serves lives its life alone (`simulate`); firms that share funds live theirs step by step together
(`simulate_together`). Every step asserts what must hold whatever the scenario: the change in cash is the sum of the flows, equity is
assets less liabilities, and no balance is negative.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from tests.oracle_couplings import Observatory, Review, Seen, hit_of, unpaid_in
from tests.oracle_exit import Leaving
from tests.oracle_firm import Decisions, Firm
from tests.oracle_funds import ANSWERS, BRIDGE, FACILITY, FUND_KINDS, GUARANTEE, Dealings, Fund, Request
from tests.oracle_levers import label_of
from tests.oracle_shock import MONTH, YEAR, Shock
from tests.oracle_trace import BALANCES, Trace

__all__ = ("BALANCES", "MONTH", "YEAR", "Decisions", "Firm", "Life", "Shock", "Together", "Trace", "simulate", "simulate_together")


class Life(Leaving):
    """Section 4: a firm, its balances, and what one step does to them."""

    def step(self, number: int, start: float, end: float) -> None:
        """Live the days (start, end] where no fund is asked for anything."""
        self.ask(number, start, end, 0)
        self.finish(set())

    def ask(self, number: int, start: float, end: float, firm: int) -> dict[str, list[Request]]:
        """Begin the step (start, end]: return what the firm with this number asks of its funds."""
        self.number, self.a, self.b, self.h = number, start, end, end - start
        for booked in self.trace.flows.values():
            booked.append(0.0)
        self.trace.detail.append({})
        self.trace.open.append(False)
        self.trace.dormant.append(False)
        self.dealings = {kind: Dealings() for kind in FUND_KINDS}
        requests: dict[str, list[Request]] = {kind: [] for kind in FUND_KINDS}
        if self.alive:
            self.open_the_step()
            requests[BRIDGE] = self.ask_for_advances(firm)
            requests[GUARANTEE] = self.ask_for_a_guarantee(firm)
            requests[FACILITY] = self.ask_for_a_cheap_loan(firm)
        self.trace.requests.append({request.slot: (request.amount, request.day) for request in requests[BRIDGE]})
        for kind, name in ANSWERS.items():
            for request in requests[kind]:
                self.trace.requests[-1][name] = (request.amount, request.day)
        return requests

    def finish(self, answers: Set[int | str]) -> None:
        """Live the step that was begun, with what funds granted: numbers of slots, ``guarantee`` and ``facility``."""
        self.trace.answers.append(answers)
        assert answers <= set(self.trace.requests[-1])
        if self.alive:
            self.hear(answers)
            self.sell()
            self.collect()
            self.buy()
            self.pay_people()
            self.pay_rent()
            self.pay_tax()
            self.serve_debt()
            self.receive_support()
            self.cash_endpoint()
            self.finance_the_gap()
            self.settle()
            self.accrue_fees()
            self.draw()
            self.apply_for_a_loan()
            self.close_the_books()
            self.exit_or_carry_on()
            self.check()
            self.dealings[BRIDGE].advances = [(slot.advance, slot.coming_day) for slot in self.slots if slot.advance > 0]
            self.dealings[GUARANTEE].book = self.guaranteed * (self.slots[1].principal + self.slots[1].coming)
            self.dealings[FACILITY].book = self.slots[1].principal + self.slots[1].coming if self.facility_rate_of > 0 else 0.0
        for name, amount in self.snapshot().items():
            self.trace.balances[name].append(amount)
        self.trace.close_call, self.trace.closest = self.decisions.closest, self.decisions.closest_name


def simulate(
    firm: Mapping[str, Any],
    scenario: Mapping[str, Any],
    luck: Mapping[str, Any],
    levers: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[float, float]],
) -> Trace:
    """Live the life of a firm that no public fund serves, step by step.

    Parameters
    ----------
    firm
        The columns of docs/model.md section 1, before the adjustments of ``[adjust]``.
    scenario
        The tables of a scenario as plain numbers; a shock table that is off is None. Beside them ``liquidation_share`` and,
        where there is a season, ``season_by_step``.
    luck
        Uniforms, normals and per-step paths of section 3.
    levers
        One mapping a lever: who, when, and ``terms``.
    steps
        Pairs of days (a, b]; each step starts where the one before ends.

    Returns
    -------
    Trace
        Everything that happened.
    """
    assert not any(lever.get("kind") in FUND_KINDS for lever in levers), "firms that share a fund live together"
    life = Life(firm, scenario, luck, levers)
    for number, (start, end) in enumerate(steps):
        life.step(number, start, end)
    return life.trace


@dataclass
class Together:
    """The lives of all firms of one draw under one policy, its funds in the order of their labels by kind, its reviews and contagion.

    ``hits`` is the share of what customers would pay that contagion took in each step.
    """

    traces: list[Trace]
    funds: list[Fund]
    reviews: list[Review]
    hits: list[float]

    @property
    def coupled(self) -> bool:
        """Whether what one firm does can reach another."""
        return bool(self.funds or self.reviews or any(self.hits))


def simulate_together(
    firms: Sequence[Mapping[str, Any]],
    scenario: Mapping[str, Any],
    lucks: Sequence[Mapping[str, Any]],
    levers: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[float, float]],
    weights: Sequence[float],
    queue_luck: Sequence[float],
) -> Together:
    """Live the lives of all firms of a draw, which share the public funds among the levers.

    Parameters
    ----------
    firms, lucks
        Of every firm, in canonical order, what `simulate` takes.
    scenario, steps
        As for `simulate`.
    levers
        As for `simulate`; those of a fund have besides: ``kind`` (one of `FUND_KINDS`), ``label``, ``capital`` (money),
        ``cases_per_week`` (or None), ``queue``, and for guarantees ``leverage`` and ``claim_limit``; those under review ``review_days``,
        ``start_when`` and ``stop_when``.
    weights, queue_luck
        Of every firm: how many it stands for, and the uniform of random queues.

    Returns
    -------
    Together
        Everything that happened.
    """
    chosen = [lever for kind in FUND_KINDS for lever in sorted(levers, key=label_of) if lever.get("kind") == kind]
    funds = [Fund(lever, weights, queue_luck) for lever in chosen]
    lives = [Life(firm, scenario, luck, levers) for firm, luck in zip(firms, lucks, strict=True)]
    members = [{number: life for number, life in enumerate(lives) if life.levers.funds.get(fund.kind) == fund.label} for fund in funds]
    reviews = {
        label_of(lever): Review(lever, next((fund for fund in funds if fund.label == label_of(lever)), None))
        for lever in levers
        if lever.get("review_days") is not None
    }
    traces, observatory, seen = [life.trace for life in lives], Observatory(weights), Seen()
    contagion_share, unpaid, hits = float((scenario.get("contagion") or {}).get("contagion_share", 0.0)), 0.0, []
    for life in lives:
        life.levers.reviews = {label: review.in_force for label, review in reviews.items()}
    for number, (start, end) in enumerate(steps):
        for review in reviews.values():
            review.hold_reviews(start, end, seen)
        owed = sum(weight * (life.receivables + life.order_receivables) for weight, life in zip(weights, lives, strict=True))
        hits.append(hit_of(contagion_share, unpaid, owed))
        for life in lives:
            life.hit = hits[-1]
            life.levers.known.clear()
        alive = [life.alive for life in lives]
        asked = [life.ask(number, start, end, firm) for firm, life in enumerate(lives)]
        granted: list[set[int | str]] = [set() for _ in lives]
        for fund, belong in zip(funds, members, strict=True):
            requests = [request for firm in belong for request in asked[firm][fund.kind]]
            for firm, slot in fund.answer(start, end, requests):
                granted[firm].add(slot if fund.kind == BRIDGE else ANSWERS[fund.kind])
        for life, answers in zip(lives, granted, strict=True):
            life.finish(answers)
        for fund, belong in zip(funds, members, strict=True):
            fund.close_the_books(end, {firm: life.dealings[fund.kind] for firm, life in belong.items() if alive[firm]})
        seen = observatory.look(end, traces, number)
        unpaid = unpaid_in(number, traces, weights)
    return Together(traces, funds, list(reviews.values()), hits)
