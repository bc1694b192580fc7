"""A chapter on levers under review: which of them were not in force when the firm would have had something of them."""

from collections.abc import Iterator
from functools import partial

from simsme.story.bank import LOANS
from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, is_overdue, listed, loans, of_step, of_steps, offering

AT_MATURITY = ("rolled", "renewal_lift", "kappa_lift", "advance_share", "deferral_day")
"""Terms of which a firm has something when a loan falls due."""

AT_APPLICATION = ("cover", "compensation", "risk_discount", "approval_relief", "informed_prudent")
"""Terms of which it has something when it applies for a loan."""

BY_REVIEW = "as its review had decided"


def lever_is_not_in_force(life: Life) -> Iterator[Sentence]:
    """Maturities, applications and requests that met a lever which its review had not started or had stopped; times without it."""
    for moment in life.moments:
        yield from _at_maturities(moment)
        stopped = offering((moment.stopped.now,), *AT_APPLICATION)
        if moment.events.applied and stopped:
            yield of_step(moment, f"When it asked the bank for a loan, {_were(stopped)} not in force, {BY_REVIEW}.")
        lapsed = float(moment.before.asked) > 0.0 and float(moment.after.asked) == 0.0 and not moment.events.answers.guarantee
        if lapsed and (of_fund := offering((moment.stopped.now,), "cover")):
            yield of_step(moment, f"Its request lapsed: {_were(of_fund)} no longer in force, {BY_REVIEW}.")
    for label in dict.fromkeys(label for moment in life.moments for label in _missed_all_along(moment)):
        for without in life.episodes(partial(_misses, label)):
            yield of_steps(without, f"{label} was not in force, {BY_REVIEW}.")


def _at_maturities(moment: Moment) -> Iterator[Sentence]:
    """Loans that fell due, or were recalled, while a lever was stopped that could have helped."""
    events = moment.events
    for slot, loan in enumerate(loans(moment.before)):
        falls_due = events.deferred[slot] or events.rolled[slot] or events.repaid[slot] or events.became_overdue[slot]
        stopped = offering((moment.stopped[1 + slot],), *AT_MATURITY)
        if falls_due and stopped and not is_overdue(loan):
            yield of_step(moment, f"When {LOANS[slot]} fell due, {_were(stopped)} not in force, {BY_REVIEW}.")


def _missed_all_along(moment: Moment) -> tuple[str, ...]:
    """Levers that are stopped and of which a firm has something in any step, not on an occasion."""
    stopped, on_occasion = moment.stopped.now, (*AT_MATURITY, *AT_APPLICATION)
    tied = offering((stopped,), *on_occasion)
    return tuple(label for label in offering((stopped,), *stopped) if label not in tied)


def _misses(label: str, moment: Moment) -> bool:
    return label in _missed_all_along(moment)


def _were(labels: tuple[str, ...]) -> str:
    return f"{listed(labels)} {'was' if len(labels) == 1 else 'were'}"
