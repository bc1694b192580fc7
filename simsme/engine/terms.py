"""Terms: the odds, dates and sums on which a firm meets its obligations, as the levers in force change them.

The set is closed: a lever can only name terms that stand here, so accounts and invariants hold for any lever. Each term has a
neutral value and a rule by which several levers combine; the order of levers changes nothing, and a term that no lever in force
touches is neutral to the last bit.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes, Number, least, most, where
from simsme.engine.records import Clock, State


class Terms(NamedTuple):
    """Values in force for a firm on a day; 0 is neutral for every one.

    Attributes
    ----------
    rolled
        1 where a loan that falls due runs on.
    roll_days
        Days for which it runs on.
    renewal_lift
        Share of the odds of not being lent to again that is removed.
    kappa_lift
        Share of the reduction of a re-lent sum that is removed.
    tightening_relief
        Share of the tightening of credit in the shock that is removed.
    grace_lift
        Extra days of grace for an overdue loan, as a multiple of the usual ones.
    advance_share, advance_cap
        Share of a maturing loan, and largest sum, that a bridge fund advances.
    advance_fee_per_day, advance_days
        Its fee, as a share of the advance, and the days until the bank's money repays it.
    cover
        Share of the loss on a new loan that a guarantee fund bears.
    guarantee_max_risk
        Highest perceived risk that it guarantees.
    guarantee_fee_per_year
        Its fee, as a share of what it bears.
    """

    rolled: Lanes
    roll_days: Lanes
    renewal_lift: Lanes
    kappa_lift: Lanes
    tightening_relief: Lanes
    grace_lift: Lanes
    advance_share: Lanes
    advance_cap: Lanes
    advance_fee_per_day: Lanes
    advance_days: Lanes
    cover: Lanes
    guarantee_max_risk: Lanes
    guarantee_fee_per_year: Lanes


class LeverRow(NamedTuple):
    """A lever as the engine meets it: whom it reaches, when it is in force, what it changes."""

    reaches: Flags
    from_day: Lanes
    to_day: Lanes
    min_sales_fall: Lanes
    max_interest_arrears: Lanes
    terms: Terms


def any_of(left: Lanes, right: Lanes) -> Lanes:
    """Odds combine: 1 - (1 - p)(1 - q), and nothing happens to p where q is 0."""
    return where(right > 0.0, where(left > 0.0, 1.0 - (1.0 - left) * (1.0 - right), right), left)


def total_of(left: Lanes, right: Lanes) -> Lanes:
    """Sums add up."""
    return left + right


RULES: dict[str, Callable[[Lanes, Lanes], Lanes]] = {
    "rolled": most,
    "roll_days": most,
    "renewal_lift": any_of,
    "kappa_lift": any_of,
    "tightening_relief": any_of,
    "grace_lift": total_of,
    # of the funds of a kind one at the most reaches a firm (see simsme.world.reach), so that these never meet
    "advance_share": most,
    "advance_cap": most,
    "advance_fee_per_day": most,
    "advance_days": most,
    "cover": most,
    "guarantee_max_risk": most,
    "guarantee_fee_per_year": most,
}
"""How each term combines where several levers are in force, by name, in the order of :class:`Terms`."""

NOTHING: Lanes = np.zeros(())
"""What a lever offers of a term that it does not change."""

NEUTRAL = Terms(*(NOTHING for _ in Terms._fields))


def in_force(row: LeverRow, day: Number, smoothed: Lanes, interest_arrears: Lanes) -> Flags:
    """Whether a lever is in force for a firm on a day, given its smoothed sales (normal = 1) and its overdue interest."""
    return (
        row.reaches
        & (row.from_day <= day)
        & (day <= row.to_day)
        & (1.0 - smoothed >= row.min_sales_fall)
        & (interest_arrears <= row.max_interest_arrears)
    )


def terms_in_force(levers: tuple[LeverRow, ...], day: Number, smoothed: Lanes, interest_arrears: Lanes) -> Terms:
    """Terms on a day: the neutral ones, changed in turn by every lever in force."""
    terms = NEUTRAL
    for row in levers:
        on = in_force(row, day, smoothed, interest_arrears)
        offered = zip(RULES.values(), terms, row.terms, strict=True)
        terms = Terms(*(so_far if value is NOTHING else rule(so_far, where(on, value, 0.0)) for rule, so_far, value in offered))
    return terms


class StepTerms(NamedTuple):
    """Terms on the days that matter in a step: on its last day, and on the days on which the two loans fall due in it."""

    now: Terms
    term_loan: Terms
    new_loan: Terms


class DueTerms(NamedTuple):
    """Terms on the coming due days of the two loans, as far as levers are announced."""

    term_loan: Terms
    new_loan: Terms


def maturity_day(clock: Clock, due_day: Lanes) -> Lanes:
    """Day of the step to which a maturity refers; its last day where the loan is recalled before it is due."""
    day: Lanes = least(most(due_day, clock.a), clock.b)
    return day


def terms_of_step(levers: tuple[LeverRow, ...], clock: Clock, state: State) -> StepTerms:
    """Terms in a step for firms that are eligible as they were before it."""

    def on(day: Number) -> Terms:
        return terms_in_force(levers, day, state.smoothed, state.arrears.interest)

    return StepTerms(on(clock.b), on(maturity_day(clock, state.term_loan.due_day)), on(maturity_day(clock, state.new_loan.due_day)))


def terms_when_due(levers: tuple[LeverRow, ...], before: State, after: State) -> DueTerms:
    """Terms on the due days of loans after a step, for firms that are eligible as they were before it."""

    def on(day: Lanes) -> Terms:
        return terms_in_force(levers, day, before.smoothed, before.arrears.interest)

    return DueTerms(on(after.term_loan.due_day), on(after.new_loan.due_day))
