"""Money that a financier lends against what customers owe: it ends as they pay, and comes in where a gap is left."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, least, most, where
from simsme.engine.records import State
from simsme.engine.terms import NOTHING, Terms
from simsme.engine.timing import YEAR
from simsme.engine.trade import Collected, Sold

DEAREST = 0.5
"""The discount takes no more than this part of what is assigned."""


class RunOff(NamedTuple):
    """What ends with the receivables that matured: repaid by the firm, lost by the financier; and what stays lent."""

    repaid: Lanes
    lost: Lanes
    factored: Lanes


def run_off(terms: Terms, state: State, sold: Sold, collected: Collected) -> RunOff:
    """Repay a financier out of what customers paid, and no further; without recourse he bears the bad debt on what he lent."""
    if terms.receivables_advance is NOTHING:
        return RunOff(NOTHING, NOTHING, state.factored)
    outstanding = state.receivables + sold.credit_sales
    part = where(outstanding > 0.0, collected.matured / where(outstanding > 0.0, outstanding, 1.0), 0.0)
    bad_part = where(collected.matured > 0.0, collected.bad_debt / where(collected.matured > 0.0, collected.matured, 1.0), 0.0)
    ends = state.factored * part
    lost = most(ends * bad_part * (1.0 - state.recourse_of), ends - (collected.matured - collected.bad_debt))
    return RunOff(ends - lost, lost, state.factored - ends)


class Offer(NamedTuple):
    """What a financier would pay out on receivables that are not assigned yet, and the share that he keeps of their face."""

    cash: Lanes
    discount: Lanes


def offer(terms: Terms, collected: Collected, factored: Lanes) -> Offer:
    """A financier lends up to a part of the receivables that are open after the step."""
    if terms.receivables_advance is NOTHING:
        return Offer(NOTHING, NOTHING)
    room = most(terms.receivables_advance * collected.receivables - factored, 0.0)
    discount = least(terms.receivables_fee + terms.receivables_discount * collected.days / YEAR, DEAREST)
    return Offer(room * (1.0 - discount), discount)


class Assigned(NamedTuple):
    """What was assigned in the step: the financier's discount, what he has lent in all, and the recourse on it."""

    discount: Lanes
    factored: Lanes
    recourse_of: Lanes


def assign(terms: Terms, state: State, offered: Offer, cash: Lanes, factored: Lanes) -> Assigned:
    """Assign receivables for cash."""
    if terms.receivables_advance is NOTHING:
        return Assigned(NOTHING, factored, state.recourse_of)
    face = cash / (1.0 - offered.discount)
    return Assigned(face - cash, factored + face, where(face > 0.0, terms.recourse, state.recourse_of))
