"""Chapters on bank and bridge: what falls due, what the bank says, what it pays out, what a private bridge comes to."""

from collections.abc import Iterator
from itertools import groupby

from simsme.story.chronicle import Moment
from simsme.story.public_funds import to_bridge_fund
from simsme.story.sentences import Life, Sentence, is_overdue, listed, loans, money, of_step, of_steps

LOANS = ("the loan", "the new loan")
"""The two slots of a firm's loans in words."""


def loans_fall_due(life: Life) -> Iterator[Sentence]:
    """Maturities and recalls: run on, repaid and lent again or not, or overdue."""
    for moment in life.moments:
        events = moment.events
        for slot, loan in enumerate(loans(moment.before)):
            if not (events.rolled[slot] or events.repaid[slot] or events.became_overdue[slot]):
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
            if events.rolled[slot]:
                until = life.on(float(loans(moment.after)[slot].due_day))
                by = f"under {listed(life.rolling)}" if events.rolled_by_lever[slot] else "by the bank's leave"
                text += f" and ran on {by}: nothing had to be repaid, the next due day is {until}."
            elif events.repaid[slot]:
                bridged, advanced = float(events.bridged[slot]), float(events.advanced[slot])
                text += f"{and_it} was repaid {_with_what(principal, bridged, advanced, life)}; {_lent_again(moment, slot, life)}"
                amounts |= {"bridge": bridged, "own_cash": principal - bridged - advanced}
                amounts |= {"advance": advanced} if advanced > 0.0 else {}
            else:
                grace = float(life.rules.grace_days)
                text += f"{and_it} could not be repaid: there was not the cash, and no bridge. The bank's usual grace is {grace:g} days."
            yield Sentence(day, day, moment.clock.b, text, amounts)


def bank_money_arrives(life: Life) -> Iterator[Sentence]:
    """Money that the bank had promised is paid out."""
    for moment in life.moments:
        for slot, arrived in enumerate(map(float, moment.events.arrived)):
            if arrived <= 0.0:
                continue
            before, after = loans(moment.before)[slot], loans(moment.after)[slot]
            promised = float(before.coming_day)
            day = promised if promised <= moment.clock.b else float(after.due_day - life.rules.term_days)
            to_fund = to_bridge_fund(moment, slot)
            bridged = min(float(moment.before.bridge) + sum(map(float, moment.events.bridged)), arrived - to_fund)
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


def asks_for_a_loan(life: Life) -> Iterator[Sentence]:
    """Applications for a new loan, refusals in a row told together."""
    asked = [moment for moment in life.moments if moment.events.applied and not moment.events.asks_guarantee]
    for approved, group in groupby(asked, key=lambda moment: bool(moment.events.approved)):
        moments = list(group)
        if not approved:
            times = f" {len(moments)} times" if len(moments) > 1 else ""
            margin = life.rules.bank_margin
            acceptable = life.firm.prudent_risk * (margin + life.rules.lgd) <= margin
            reason = "the bank was lending less" if acceptable else "the bank saw too high a risk"
            yield of_steps(moments, f"It asked the bank for a loan{times} and was refused: {reason}.")
            continue
        for moment in moments:
            coming, day = float(moment.after.new_loan.coming), float(moment.after.new_loan.coming_day)
            text = f"It asked the bank for a loan, which agreed to {money(coming)}, to be paid out on {life.on(day)}."
            yield of_step(moment, text, {"coming": coming})


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


def _lent_again(moment: Moment, slot: int, life: Life) -> str:
    after = loans(moment.after)[slot]
    if moment.events.relent[slot]:
        if after.coming > 0.0:
            return f"the bank agreed to lend {money(float(after.coming))} again on {life.on(float(after.coming_day))}."
        arrived = float(moment.events.arrived[slot])
        if arrived <= 0.0:
            return "the bank agreed to lend again, but nothing of it."
        before, paid_out = loans(moment.before)[slot], float(after.due_day - life.rules.term_days)
        repaid = moment.clock.a if is_overdue(before) else float(before.due_day)
        days = paid_out - repaid if moment.events.advanced[slot] else float(life.rules.gap_days)
        return f"the bank lent {money(arrived)} again after {days:.3g} days."
    return "a recalled loan is not lent again." if moment.events.recalled else "the bank did not lend again."
