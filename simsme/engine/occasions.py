"""On what occasions the terms of a policy can matter to a firm: anywhere else its life is what it is without any levers.

Most firms that a lever reaches notice nothing of it for most of the time: a loan that is to be renewed has to fall due first. An execution
that knows how a step goes without levers need not take it again for firms to which nothing of this kind happens. What is said here saves
time only; that it is true is tested, by comparing with the execution that takes every step. A term of which nothing is said here matters
wherever a lever with it is in force, so that a new term is right before anybody has thought about it.
"""

from typing import NamedTuple

from simsme.arithmetic import Flags, least
from simsme.engine.credit import crossed, performs, tightened
from simsme.engine.records import Clock, Firm, Loan, Luck, Rules, State, Weather
from simsme.engine.terms import NEUTRAL


class Occasions(NamedTuple):
    """What happens to a firm in a step in which nothing has yet set it apart from the same firm without levers.

    Levers only ever ease: no term makes credit tighter, or grace shorter, than it is without them.

    Attributes
    ----------
    needs_cut_line
        More falls due than there is cash, or a loan does, and the shock cuts an undrawn line.
    applies
        The firm applies for a loan.
    is_turned_down
        It does so in vain while credit is tight.
    grace_ends
        The usual grace of an overdue loan ends.
    term_falls_due, new_falls_due
        The loan falls due or is recalled.
    term_is_judged, new_is_judged
        The firm may leave, and its owner or creditors look at a loan that falls due soon.
    """

    needs_cut_line: Flags
    applies: Flags
    is_turned_down: Flags
    grace_ends: Flags
    term_falls_due: Flags
    new_falls_due: Flags
    term_is_judged: Flags
    new_is_judged: Flags


def occasions_of(
    clock: Clock,
    firm: Firm,
    rules: Rules,
    luck: Luck,
    weather: Weather,
    before: State,
    after: State,
    short: Flags,
    applied: Flags,
    may_leave: Flags,
) -> Occasions:
    """Occasions of a step, from the step as it goes without levers.

    Parameters
    ----------
    clock, firm, rules, luck, weather
        As :func:`simsme.engine.step.step` takes them.
    before, after
        At the start of the step, and at its end before firms leave.
    short, applied
        Events of the step.
    may_leave
        See :func:`simsme.engine.leaving.may_leave`.
    """
    recalled = crossed(before.recall_hazard, after.recall_hazard, luck.recall_at)

    def falls_due(loan: Loan) -> Flags:
        return performs(loan) & ((loan.due_day <= clock.b) | recalled)

    def is_judged(loan: Loan) -> Flags:
        return may_leave & (loan.due_day <= clock.b + rules.outlook_days)

    grace_ends = least(before.term_loan.overdue_day, before.new_loan.overdue_day) + rules.grace_days <= clock.b
    term_falls_due, new_falls_due = falls_due(before.term_loan), falls_due(before.new_loan)
    is_cut = (luck.line < rules.line_cut * weather.intensity) & (firm.credit_line > before.line_drawn)
    return Occasions(
        needs_cut_line=(short | term_falls_due | new_falls_due) & is_cut,
        applies=applied,
        is_turned_down=applied & (luck.approval >= 1.0 - tightened(rules, weather, NEUTRAL)),
        grace_ends=grace_ends | ((term_falls_due | new_falls_due) & (rules.grace_days <= clock.h)),
        term_falls_due=term_falls_due,
        new_falls_due=new_falls_due,
        term_is_judged=is_judged(after.term_loan),
        new_is_judged=is_judged(after.new_loan),
    )


_MATURITY = (
    *("rolled", "roll_days", "renewal_lift", "kappa_lift", "tightening_relief"),
    *("advance_share", "advance_cap", "advance_fee_per_day", "advance_days"),
)
_OUTLOOK = ("rolled", "renewal_lift", "tightening_relief")

MATTERS_ON: dict[str, dict[str, tuple[str, ...]]] = {
    "terms.now": {
        # the hazard of a recall, which it changes without anything coming of it, is carried along for firms that are not set apart
        "tightening_relief": ("needs_cut_line", "is_turned_down"),
        "grace_lift": ("grace_ends",),
        # what was asked for or granted before has set the firm apart already
        "cover": ("applies",),
        "guarantee_max_risk": ("applies",),
        "guarantee_fee_per_year": ("applies",),
    },
    "terms.term_loan": dict.fromkeys(_MATURITY, ("term_falls_due",)),
    "terms.new_loan": dict.fromkeys(_MATURITY, ("new_falls_due",)),
    "due_terms.term_loan": dict.fromkeys(_OUTLOOK, ("term_is_judged",)),
    "due_terms.new_loan": dict.fromkeys(_OUTLOOK, ("new_is_judged",)),
}
"""Occasions on which a term matters, for each day for which terms are asked (``now`` is the last of the step): on one of them at least."""
