"""What tables of cost must know of the levers of a run: their names and terms, and what of the sales they bring others lose."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.lever_numbers import is_plainly, lever_number
from simsme.world.reach import in_order

SALES_TERMS = {"order_sales": "order_demand", "lifted_sales": "demand_lift"}
"""Memoranda of sales that levers bring, and the term that brings them."""


def terms_offered(lever: Lever) -> tuple[str, ...]:
    """Names of the terms that a lever changes, in order; not those that it leaves at 0 in every draw."""
    return tuple(sorted({name for part in lever.parts() for name, value in part.terms.items() if not is_plainly(value, 0.0)}))


def displaced_shares(policies: Sequence[Policy], numbers: DrawnNumbers) -> dict[str, NDArray[np.float64]]:
    """Share of the sales gained under levers that are other firms' sales, by memorandum, (policy, draw).

    Where several levers of a policy bring sales of one memorandum, which the accounts do not tell apart, it is the mean of their shares
    by what they offer: take-up times odds times the term.
    """
    return {item: _shares(policies, numbers, term) for item, term in SALES_TERMS.items()}


def _shares(policies: Sequence[Policy], numbers: DrawnNumbers, term: str) -> NDArray[np.float64]:
    draws = len(numbers.draws)
    shares = np.zeros((len(policies), draws))
    for place, policy in enumerate(policies):
        offered, displaced = np.zeros(draws), np.zeros(draws)
        for lever in in_order(policy):
            weight = _offer(lever, numbers, term)
            offered += weight
            displaced += weight * np.ravel(lever_number(lever, numbers, "displacement_share", lever.displaces()))
        shares[place] = np.where(offered > 0.0, displaced / np.where(offered > 0.0, offered, 1.0), 0.0)
    return shares


def _offer(lever: Lever, numbers: DrawnNumbers, term: str) -> NDArray[np.float64]:
    """What a lever offers of a term to a firm on average, (draw,)."""
    offered = np.zeros(len(numbers.draws))
    for part in lever.parts():
        if term in part.terms:
            take_up = lever_number(lever, numbers, "take_up", lever.take_up)
            odds = lever_number(lever, numbers, f"{part.name}.odds", part.odds)
            offered = offered + np.ravel(take_up * odds * lever_number(lever, numbers, term, part.terms[term]))
    return offered
