"""What the bank said to a firm, and what it would have said without the policy's levers."""

from collections.abc import Iterator
from itertools import groupby

from simsme.engine.credit import bank_view, renewal_odds, tightened
from simsme.engine.terms import NEUTRAL, Terms
from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, is_overdue, listed, loans, money, of_step, of_steps, offering

VIEW = ("informed_prudent", "risk_discount")
"""Terms that change the risk by which the bank decides on a new loan."""

APPETITE = ("tightening_relief",)
"""Terms that change how much it is willing to lend in the shock."""

RENEWAL = ("informed_renewal", "renewal_lift", "tightening_relief")
"""Terms that change the odds of being lent to again."""


def asks_for_a_loan(life: Life) -> Iterator[Sentence]:
    """Applications for a new loan; refusals in a row for one reason are told together."""
    asked = [moment for moment in life.moments if moment.events.applied and not moment.events.asks_guarantee]

    def why(moment: Moment) -> tuple[bool, str]:
        approved = bool(moment.events.approved)
        return approved, (_why_agreed if approved else _why_refused)(moment, life)

    for (approved, reason), group in groupby(asked, key=why):
        moments = list(group)
        if not approved:
            times = f" {len(moments)} times" if len(moments) > 1 else ""
            yield of_steps(moments, f"It asked the bank for a loan{times} and was refused: {reason}.")
            continue
        for moment in moments:
            coming, day = float(moment.after.new_loan.coming), float(moment.after.new_loan.coming_day)
            usual = max(moment.clock.b - 0.5 * moment.clock.h + float(life.rules.approval_days), moment.clock.b)
            sooner = f", {usual - day:.0f} days sooner{_thanks_to(moment, ('approval_relief',))}" if usual - day >= 0.5 else ""
            text = f"It asked the bank for a loan, which agreed to {money(coming)}, to be paid out on {life.on(day)}{sooner}{reason}."
            yield of_step(moment, text, {"coming": coming})


def lent_again_or_not(moment: Moment, slot: int, life: Life) -> str:
    """What the bank said after a loan was repaid, as the end of a sentence."""
    after = loans(moment.after)[slot]
    if not moment.events.relent[slot]:
        if moment.events.recalled:
            return "a recalled loan is not lent again."
        would = f"; without {_renewing(moment, slot)} it would have" if _lends_again_anyway(moment, life) else ""
        return f"the bank did not lend again{would}."
    without = _without_renewing(moment, slot, life)
    if after.coming > 0.0:
        return f"the bank agreed to lend {money(float(after.coming))} again on {life.on(float(after.coming_day))}{without}."
    arrived = float(moment.events.arrived[slot])
    if arrived <= 0.0:
        return "the bank agreed to lend again, but nothing of it."
    before, paid_out = loans(moment.before)[slot], float(after.due_day - life.rules.term_days)
    repaid = moment.clock.a if is_overdue(before) else float(before.due_day)
    days = paid_out - repaid if moment.events.advanced[slot] else float(life.rules.gap_days)
    return f"the bank lent {money(arrived)} again after {round(days, 1):g} days{without}."


def _risk(life: Life, terms: Terms) -> float:
    """Risk by which the bank decides on a new loan, a year."""
    return float(bank_view(life.firm, terms).prudent_risk)


def _acceptable(life: Life, risk: float, state_bears: float) -> bool:
    rules = life.rules
    return bool(risk * (rules.bank_margin + (1.0 - state_bears) * rules.lgd) <= rules.bank_margin)


def _is_compensated(moment: Moment, life: Life) -> bool:
    """Whether the bank lends because the state bears a part of the loss."""
    terms, risk = moment.terms, _risk(life, moment.terms)
    known_well = bool(bank_view(life.firm, terms).perceived_risk <= terms.compensation_max_risk)
    return known_well and not _acceptable(life, risk, 0.0) and _acceptable(life, risk, float(terms.compensation))


def _would_lend(moment: Moment, life: Life) -> bool:
    """Whether the bank would be willing to lend to a firm that it accepts if no lever were in force."""
    return bool(moment.luck.approval < 1.0 - tightened(life.rules, moment.weather, NEUTRAL))


def _why_agreed(moment: Moment, life: Life) -> str:
    """To whom it is owed that the bank agreed; nothing where it would have agreed anyway."""
    if _is_compensated(moment, life):
        share, labels = 100 * float(moment.terms.compensation), listed(_of(moment, ("compensation",)))
        return f"; without {labels}, by which the state bears {share:.0f} % of a loss, it would have seen too high a risk"
    reasons, risk, plain_risk = [], _risk(life, moment.terms), _risk(life, NEUTRAL)
    if not _acceptable(life, plain_risk, 0.0):
        seen = f"it would have seen a risk of {100 * plain_risk:.1f} % a year and not of {100 * risk:.1f} %"
        reasons.append(f"without {listed(_of(moment, VIEW))} {seen}")
    if not _would_lend(moment, life):
        reasons.append(f"without {listed(_of(moment, APPETITE))} it was lending less")
    return f"; else it would have refused: {listed(reasons)}" if reasons else ""


def _why_refused(moment: Moment, life: Life) -> str:
    risk, plain_risk = _risk(life, moment.terms), _risk(life, NEUTRAL)
    if _acceptable(life, risk, 0.0) or _is_compensated(moment, life):
        return "the bank was lending less"
    if _acceptable(life, plain_risk, 0.0) and _would_lend(moment, life):
        seen = f"the bank saw a risk of {100 * risk:.1f} % a year"
        return f"{seen}; without {listed(_of(moment, VIEW))} it would have seen {100 * plain_risk:.1f} % and agreed"
    return "the bank saw too high a risk"


def _of(moment: Moment, terms: tuple[str, ...]) -> tuple[str, ...]:
    return offering((moment.offers.now,), *terms)


def _thanks_to(moment: Moment, terms: tuple[str, ...]) -> str:
    labels = _of(moment, terms)
    return f" thanks to {listed(labels)}" if labels else ""


def _lends_again_anyway(moment: Moment, life: Life) -> bool:
    odds = renewal_odds(life.firm, life.rules, moment.weather, NEUTRAL, moment.before.arrears.interest)
    return bool(moment.luck.renewal < odds)


def _renewing(moment: Moment, slot: int) -> str:
    return listed(offering((moment.offers[1 + slot],), *RENEWAL))


def _without_renewing(moment: Moment, slot: int, life: Life) -> str:
    """What the bank would have done without levers, where that is something else."""
    if not _lends_again_anyway(moment, life):
        return f"; without {_renewing(moment, slot)} it would not have"
    sum_again = float(loans(moment.after)[slot].coming) or float(moment.events.arrived[slot])
    usual = float(life.rules.kappa) * float(loans(moment.before)[slot].principal)
    if life.counts(sum_again - usual):
        return f", {money(sum_again - usual)} more thanks to {listed(offering((moment.offers[1 + slot],), 'kappa_lift'))}"
    return ""
