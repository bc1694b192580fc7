"""What falls due now and is paid later: a firm has one sum deferred to the state and one to the bank, each with one day."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, least, most, where
from simsme.engine.records import Clock, State
from simsme.engine.terms import NOTHING, Terms, untouched

NEVER = float("inf")


class Released(NamedTuple):
    """What of a deferred sum falls due in a step, and what stays deferred until its day (infinite where nothing is)."""

    due: Lanes
    kept: Lanes
    day: Lanes


def release(clock: Clock, deferred: Lanes, day: Lanes) -> Released:
    """The whole of a deferred sum falls due in the step that holds its day."""
    falls = day <= clock.b
    return Released(where(falls, deferred, 0.0), where(falls, 0.0, deferred), where(falls, NEVER, day))


def moved(clock: Clock, due: Lanes, share: Lanes, until_day: Lanes) -> Lanes:
    """Part of what falls due in the step that moves to a day after it; nothing where no lever moves anything."""
    return share if untouched(share) else where(until_day > clock.b, share * due, 0.0)


class Deferred(NamedTuple):
    """A sum that is deferred, and the day on which the whole of it falls due."""

    amount: Lanes
    day: Lanes


def put_off(so_far: Deferred, amount: Lanes, until_day: Lanes) -> Deferred:
    """What is deferred joins what was; the later of the two days counts for the whole."""
    if untouched(amount):
        return so_far
    total = so_far.amount + amount
    latest = most(where(so_far.amount > 0.0, so_far.day, 0.0), where(amount > 0.0, until_day, 0.0))
    return Deferred(total, where(total > 0.0, latest, NEVER))


class OwedToState(NamedTuple):
    """What is open of taxes and social insurance that were put off, and of public advances, and what was paid of both in the step."""

    put_off_open: Lanes
    advance_open: Lanes
    put_off_paid: Lanes
    advance_repaid: Lanes


def settle_with_state(terms: Terms, state: State, put_off: Lanes, advances: Lanes, owed: Lanes) -> OwedToState:
    """Tell what of the taxes paid was put off or advanced before: of all that a firm owes it counts as paid last, advances after the rest.

    Parameters
    ----------
    put_off, advances
        What joins both in the step.
    owed
        What the firm owes the state after the step: put off until a day, and in arrears.
    """
    if untouched(terms.tax_deferral_share, terms.social_deferral_share, terms.public_advance_share):
        return OwedToState(state.put_off_open, state.advance_open, NOTHING, NOTHING)
    advanced, so_far = state.advance_open + advances, state.put_off_open + put_off
    advance_open = least(advanced, owed)
    put_off_open = least(so_far, owed - advance_open)
    return OwedToState(put_off_open, advance_open, so_far - put_off_open, advanced - advance_open)
