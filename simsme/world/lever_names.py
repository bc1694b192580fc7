"""What tables of cost must know of the levers of a run: their names and terms, and what of the sales they bring others lose."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags
from simsme.engine.records import Clock
from simsme.firms import Firms
from simsme.levers.lever import Lever, Part
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.audience import eligible
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.lever_numbers import is_plainly, lever_number
from simsme.world.reach import in_order

Admitted = Mapping[tuple[str, str], float]
"""Share of firms, by weight and sales, that a lever admits by what they are, by name of the policy and label of the lever."""

SALES_TERMS = {"order_sales": "order_demand", "lifted_sales": "demand_lift"}
"""Memoranda of sales that levers bring, and the term that brings them."""


def terms_offered(lever: Lever) -> tuple[str, ...]:
    """Names of the terms that a lever changes, in order; not those that it leaves at 0 in every draw."""
    return tuple(sorted({name for part in lever.parts() for name, value in part.terms.items() if not is_plainly(value, 0.0)}))


def levers_that_sell(policies: Sequence[Policy]) -> tuple[tuple[str, Lever], ...]:
    """Levers that bring sales, each with the name of its policy."""
    terms = set(SALES_TERMS.values())
    return tuple((policy.name, lever) for policy in policies for lever in in_order(policy) if terms & set(terms_offered(lever)))


def admitted_firms(lever: Lever, scenario: Scenario, firms: Firms) -> Flags:
    """Firms that a lever admits by what they are, seen plainly, (n,)."""
    plainly_seen = lever.model_copy(update={"observation_noise": None})
    numbers = DrawnNumbers(scenario, scenario.seed, np.zeros(1, dtype=np.uint64))
    return eligible(plainly_seen, numbers, firms, slice(0, len(firms.key)))


def displaced_shares(
    policies: Sequence[Policy], numbers: DrawnNumbers, admitted: Admitted, steps: Sequence[Clock], report_days: Sequence[float]
) -> dict[str, NDArray[np.float64]]:
    """Share of the sales gained under levers that are other firms' sales, by memorandum, from day 0 to a reported day: (policy, draw, day).

    Where several levers of a policy bring sales of one memorandum, which the accounts do not tell apart, it is the mean of their shares
    by what they offer: take-up of the firms that may have it, by sales, times odds times the term times the days in force so far. What
    hangs on how firms fare (conditions, reviews, who is still there) and campaigns and services are left aside. ``admitted`` says of each
    lever that brings sales which share of firms it admits, by weight and sales.
    """
    return {item: _shares(policies, _Offers(numbers, admitted, steps, report_days), term) for item, term in SALES_TERMS.items()}


class _Offers(NamedTuple):
    """What levers offer of a term is reckoned by this."""

    numbers: DrawnNumbers
    admitted: Admitted
    steps: Sequence[Clock]
    report_days: Sequence[float]

    def of(self, policy: str, lever: Lever, term: str) -> NDArray[np.float64]:
        """What a lever of a policy offers of a term by a reported day, as a share of all firms' sales in a day times days: (draw, day)."""
        offered = np.zeros((len(self.numbers.draws), len(self.report_days)))
        for part in lever.parts():
            if term in part.terms:
                take_up = lever_number(lever, self.numbers, "take_up", lever.take_up)
                odds = lever_number(lever, self.numbers, f"{part.name}.odds", part.odds)
                share = take_up * odds * lever_number(lever, self.numbers, term, part.terms[term])
                offered = offered + share * self.admitted[policy, lever.label] * self._days(lever, part)
        return offered

    def _days(self, lever: Lever, part: Part) -> NDArray[np.float64]:
        """Days of the steps that a part of a lever has been in force in, by a reported day: (draw, day), or (1, day)."""
        delay = lever_number(lever, self.numbers, "delay_days", lever.delay_days)
        start = lever.from_day + delay + lever_number(lever, self.numbers, "after_days", part.after_days)
        ends, lengths = (np.array([getattr(step, name) for step in self.steps]) for name in ("b", "h"))
        in_force = (np.reshape(start, (-1, 1)) <= ends) & (ends <= lever.to_day)
        return np.asarray((in_force * lengths) @ (ends[:, None] <= np.asarray(self.report_days)))


def _shares(policies: Sequence[Policy], offers: _Offers, term: str) -> NDArray[np.float64]:
    shares = np.zeros((len(policies), len(offers.numbers.draws), len(offers.report_days)))
    for place, policy in enumerate(policies):
        offered, displaced = np.zeros(shares.shape[1:]), np.zeros(shares.shape[1:])
        for lever in in_order(policy):
            if term in terms_offered(lever):
                weight = offers.of(policy.name, lever, term)
                offered += weight
                displaced += weight * np.reshape(lever_number(lever, offers.numbers, "displacement_share", lever.displaces()), (-1, 1))
        shares[place] = np.where(offered > 0.0, displaced / np.where(offered > 0.0, offered, 1.0), 0.0)
    return shares
