"""Chapters on bank and bridge: what falls due, what the bank pays out, what a private bridge comes to."""

from collections.abc import Iterator

from simsme.story.bank_answers import lent_again_or_not
from simsme.story.chronicle import Moment
from simsme.story.public_funds import to_bridge_fund
from simsme.story.sentences import Life, Sentence, is_overdue, listed, loans, money, of_step, offering

LOANS = ("the loan", "the new loan")
"""The two slots of a firm's loans in words."""


def loans_fall_due(life: Life) -> Iterator[Sentence]:
    """Maturities and recalls: put off, run on, repaid and lent again or not, or overdue."""
    for moment in life.moments:
        events = moment.events
        for slot, loan in enumerate(loans(moment.before)):
            if not (events.deferred[slot] or events.rolled[slot] or events.repaid[slot] or events.became_overdue[slot]):
                continue
            principal = float(loan.principal)
            overdue = is_overdue(loan)
            recalled = bool(events.recalled) and not overdue
            day = moment.clock.b if recalled else min(max(float(loan.due_day), moment.clock.a), moment.clock.b)
            day = moment.clock.a + 1.0 if overdue else day
            name = f"{LOANS[slot]} of {money(principal)}"
            text = f"The bank recalled {name}" if recalled else f"T{name[1:]} {'was overdue' if overdue else 'fell due'}"
            and_it = ", which" if recalled else " and"
            amounts = {"principal": principal}
            offers, until = moment.offers[1 + slot], life.on(float(loans(moment.after)[slot].due_day))
            if events.deferred[slot]:
                text += f" and was put off to {until} under {listed(offering((offers,), 'deferral_day'))}: nothing had to be repaid."
            elif events.rolled[slot]:
                by = f"under {listed(offering((offers,), 'rolled'))}" if events.rolled_by_lever[slot] else "by the bank's leave"
                text += f" and ran on {by}: nothing had to be repaid, the next due day is {until}."
            elif events.repaid[slot]:
                bridged, advanced = float(events.bridged[slot]), float(events.advanced[slot])
                text += f"{and_it} was repaid {_with_what(principal, bridged, advanced, life)}; {lent_again_or_not(moment, slot, life)}"
                amounts |= {"bridge": bridged, "own_cash": principal - bridged - advanced}
                amounts |= {"advance": advanced} if advanced > 0.0 else {}
            else:
                text += f"{and_it} could not be repaid: there was not the cash, and no bridge. {_grace(moment, life)}"
            yield Sentence(day, day, moment.clock.b, text, amounts)


def bank_money_arrives(life: Life) -> Iterator[Sentence]:
    """Money that the bank had promised is paid out."""
    for moment in life.moments:
        bridge = float(moment.before.bridge) + sum(map(float, moment.events.bridged))
        for slot, arrived in enumerate(map(float, moment.events.arrived)):
            if arrived <= 0.0:
                continue
            before, after = loans(moment.before)[slot], loans(moment.after)[slot]
            promised = float(before.coming_day)
            day = promised if promised <= moment.clock.b else float(after.due_day - life.rules.term_days)
            to_fund = to_bridge_fund(moment, slot)
            bridged = min(bridge, arrived - to_fund)
            bridge -= bridged
            repaid = {"the public bridge fund": to_fund, "the bridge": bridged}
            went = [f"{'all' if part == arrived else money(part)} of which repaid {whom}" for whom, part in repaid.items() if part > 0.0]
            text = f"The bank paid out {', '.join((money(arrived), *went))}."
            amounts = {"arrived": arrived, "to_bridge": bridged} | ({"to_fund": to_fund} if to_fund > 0.0 else {})
            yield Sentence(day, day, moment.clock.b, text, amounts)


def overdue_loans_end(life: Life) -> Iterator[Sentence]:
    """An overdue loan is repaid, or the bank reschedules it."""
    for moment in life.moments:
        for slot, (before, after) in enumerate(zip(loans(moment.before), loans(moment.after), strict=True)):
            if moment.events.rescheduled[slot]:
                principal = float(after.principal)
                until = life.on(float(after.due_day))
                text = f"The bank did not enforce the overdue loan of {money(principal)}, but rescheduled it to {until}."
                yield of_step(moment, text, {"principal": principal})
            elif is_overdue(before) and not is_overdue(after) and not moment.events.repaid[slot]:
                principal = float(before.principal)
                text = f"The overdue loan of {money(principal)} was repaid; the bank does not lend it again."
                yield of_step(moment, text, {"principal": principal})


def bridge_ends(life: Life) -> Iterator[Sentence]:
    """The private bridge is called or paid back, and what it cost by then."""
    fees = 0.0
    for moment in life.moments:
        fees += moment.booked["private_fees_paid"]
        bridge = float(moment.before.bridge)
        if moment.events.call_met:
            yield of_step(moment, f"The private lender called the bridge of {money(bridge)}, and got it.", {"bridge": bridge})
        elif moment.events.call_failed:
            yield of_step(moment, f"The private lender called the bridge of {money(bridge)}, which it could not pay.", {"bridge": bridge})
        elif bridge > 0.0 and moment.after.bridge == 0.0 and not moment.events.cause:
            paid = f"; of the fees {money(fees)} had been paid by then" if fees > life.firm.negligible else ""
            yield of_step(moment, f"The bridge was paid back{paid}.", {"fees": fees})


def _grace(moment: Moment, life: Life) -> str:
    usual = float(life.rules.grace_days)
    longer = usual * (1.0 + float(moment.terms.grace_lift))
    more = f", under {listed(offering((moment.offers.now,), 'grace_lift'))} it is {longer:g}" if longer > usual else ""
    return f"The bank's usual grace is {usual:g} days{more}."


def _with_what(principal: float, bridged: float, advanced: float, life: Life) -> str:
    fee = f"at {100 * float(life.rules.bridge_fee_per_day):.2g} % a day"
    own = principal - bridged - advanced
    if advanced > 0.0:
        parts = [f"{money(advanced)} from the public bridge fund"]
        parts += [f"{money(own)} of its own"] if own > life.firm.negligible else []
        parts += [f"a private bridge of {money(bridged)} {fee}"] if bridged > 0.0 else []
        return f"with {listed(parts)}"
    if bridged == 0.0:
        return "in cash"
    if own <= life.firm.negligible:
        return f"with a private bridge {fee}"
    return f"with {money(own)} of its own and a private bridge of {money(bridged)} {fee}"
