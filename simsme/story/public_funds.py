"""Chapters on public funds: who was passed over, what did not do, and how a guarantee was asked for and given, cheap loans."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, loans, money, of_step, of_steps, under


def requested_advances(moment: Moment) -> tuple[float, float]:
    """What the firm asked of the bridge fund, by loan."""
    return float(moment.requests.advance_term), float(moment.requests.advance_new)


def granted_advances(moment: Moment) -> tuple[float, float]:
    """What the bridge fund would pay of each loan."""
    answers = moment.events.answers
    first, second = requested_advances(moment)
    return first * float(answers.advance_term), second * float(answers.advance_new)


def to_bridge_fund(moment: Moment, slot: int) -> float:
    """What of the bank's money that came in repaid the bridge fund."""
    if not moment.events.arrived[slot]:
        return 0.0
    return float(loans(moment.before)[slot].advance) or float(moment.events.advanced[slot])


def bridge_fund_says_no(life: Life) -> Iterator[Sentence]:
    """Advances that the bridge fund did not grant, and those that did not do."""
    for slot in (0, 1):
        asked = [moment for moment in life.moments if requested_advances(moment)[slot] > 0.0 and not moment.events.advanced[slot]]
        for granted, group in groupby(asked, key=lambda moment: granted_advances(moment)[slot] > 0.0):
            moments = list(group)
            sums = [requested_advances(moment)[slot] for moment in moments]
            amounts = {"requested": max(sums)}
            if granted:
                text = f"The public bridge fund would have paid {money(max(sums))} of its loan; it could not find the rest."
            else:
                text = f"It asked the public bridge fund for {money(max(sums))} and was passed over{_times(moments)}."
            yield of_steps(moments, text, amounts)


def guarantee_is_asked_for(life: Life) -> Iterator[Sentence]:
    """A loan that waits for a guarantee: asked for, passed over, granted or lapsed."""
    for moment in life.moments:
        if moment.events.asks_guarantee:
            asked = float(moment.after.asked)
            text = f"It asked the bank for a loan, which would lend {money(asked)} with a guarantee; it asked the public guarantee fund."
            yield of_step(moment, text, {"asked": asked})
    waiting = [moment for moment in life.moments if float(moment.before.asked) > 0.0]
    for _, group in groupby(waiting, key=lambda moment: float(moment.before.asked_day)):
        moments = list(group)
        last = moments[-1]
        granted = bool(last.events.answers.guarantee)
        in_vain = moments[:-1] if granted else moments
        if in_vain:
            waits = float(last.after.asked) > 0.0 and not last.events.asks_guarantee
            ending = "" if granted or waits else "; the request lapsed"
            yield of_steps(in_vain, f"The public guarantee fund passed it over{_times(in_vain)}{ending}.")
        if granted:
            yield _granted(last, life)


def loan_is_made_cheaper(life: Life) -> Iterator[Sentence]:
    """A place for its new loan in a facility of the central bank: granted, or not."""
    for moment in life.moments:
        asked = float(moment.requests.facility)
        if asked <= 0.0:
            continue
        if moment.events.answers.facility:
            rate = float(moment.terms.facility_rate)
            text = f"the central bank took on its new loan of {money(asked)}: it cost {100 * rate:.2g} % a year less."
            yield of_step(moment, under((moment,), ("facility_rate",), text), {"loan": asked, "rate_cut": rate})
        else:
            text = f"It asked for a cheaper loan from the central bank's facility, for {money(asked)}, and was passed over."
            yield of_step(moment, text, {"loan": asked})


def _granted(moment: Moment, life: Life) -> Sentence:
    asked = float(moment.before.asked)
    after = moment.after.new_loan
    when = f"on {life.on(float(after.coming_day))}" if float(after.coming) > 0.0 else "at once"
    text = f"The public guarantee fund said yes: the bank agreed to {money(asked)}, to be paid out {when}."
    return of_step(moment, text, {"coming": asked})


def _times(moments: Sequence[Moment]) -> str:
    return f" {len(moments)} times" if len(moments) > 1 else ""
