"""Chapters on money running out: the day on which cash ran short, who closed the gap, which bills stayed unpaid."""

from collections.abc import Iterator, Sequence

from simsme.story.chronicle import Moment
from simsme.story.customers import financier_offers
from simsme.story.public_funds import granted_advances
from simsme.story.sentences import Life, Sentence, is_overdue, listed, loans, money, of_step, of_steps, total_arrears
from simsme.story.support import AT_ONCE

CREDITORS = {
    "people": "wages and social insurance",
    "interest": "interest",
    "rent": "rent",
    "suppliers": "suppliers",
    "tax": "taxes",
}
"""Classes of arrears in words."""

FROM_THE_STATE = ("wage_subsidies", "digital_subsidies", "public_advances", *AT_ONCE)
"""What the state pays into a firm's account."""

FEW = 4
"""Episodes that are told one by one; where there are more, all but the first are told together."""


def cash_runs_short(life: Life) -> Iterator[Sentence]:
    """The endpoint ``cash``: the first step in which more falls due than there is."""
    short = next((moment for moment in life.moments if moment.events.cash_out), None)
    if short is None:
        return
    booked, before = short.booked, short.before
    granted = granted_advances(short)
    principal = sum(float(loan.principal) - granted[slot] for slot, loan in enumerate(loans(before)) if _principal_is_asked(short, slot))
    arrears = total_arrears(before)
    called = float(before.bridge) if short.events.call_met or short.events.call_failed else 0.0
    current = float(short.after.dues - before.dues) + float(before.private_accrued) + float(before.fund_accrued)
    support = sum(booked.get(item, 0.0) for item in FROM_THE_STATE)
    receipts = booked["cash_sales"] + booked["collections"] + booked["vat_in"] - booked.get("receivables_repaid", 0.0)
    cash = float(before.cash) + receipts + support
    line, offered = max(float(life.firm.credit_line - before.line_drawn), 0.0), financier_offers(short, life)
    due = principal + arrears + called + current
    parts = {"loan principal": principal, "old arrears": arrears, "a bridge that was called": called}
    named = [f"{money(amount)} {name}" for name, amount in parts.items() if amount > life.firm.negligible]
    among = f", {listed(named)} among it," if named else ""
    was_cut = line > 0.0 and cash + line + offered >= due
    there = [f"{money(cash)} of cash and receipts" + (f" ({money(support)} from the state)" if life.counts(support) else "")]
    there += [f"an unused credit line of {money(line)}"] if line > 0.0 and not was_cut else []
    there += [f"{money(offered)} that a financier would lend on what customers owed"] if life.counts(offered) else []
    cut = f"; its credit line of {money(line)} had been cut" if was_cut else ""
    text = f"Cash ran short for the first time: {money(due)} fell due{among} against {listed(there)}{cut}."
    amounts = {"due": due, "principal": principal, "arrears": arrears, "cash_and_receipts": cash, "unused_line": line, "offered": offered}
    yield of_step(short, text, amounts)


def gap_is_financed(life: Life) -> Iterator[Sentence]:
    """What closed the gap: the credit line, the owner, private lenders."""
    negligible = float(life.firm.negligible)
    for episode in life.episodes(lambda moment: moment.after.line_drawn > negligible):
        most = max(float(moment.after.line_drawn) for moment in episode)
        text = f"It drew on its credit line, {money(most)} of {money(float(life.firm.credit_line))} at the most."
        yield of_steps(episode, text, {"line_drawn": most})
    for item, who, left in (("owner_in", "The owner put in", "owner_funds"), ("informal_lent", "Private lenders lent", "informal_credit")):
        gave = [moment for moment in life.moments if moment.booked[item] > negligible]
        if gave:
            total = sum(moment.booked[item] for moment in gave)
            rest = float(getattr(gave[-1].after, left))
            ending = f"; {money(rest)} could still be had" if rest > negligible else ", and there is no more"
            times = "" if len(gave) == 1 else f" in {len(gave)} parts"
            yield of_steps(gave, f"{who} {money(total)}{times}{ending}.", {"total": total, "left": rest})


def bills_stay_unpaid(life: Life) -> Iterator[Sentence]:
    """Arrears: each episode, or all of them together where there are many."""
    episodes = life.episodes(lambda moment: total_arrears(moment.after) > life.firm.negligible)
    if len(episodes) > FEW:
        told, together = episodes[:1], episodes[1:]
        yield _unpaid(told[0], life, "")
        yield _unpaid([moment for episode in together for moment in episode], life, f" {len(together)} more times")
        return
    for episode in episodes:
        yield _unpaid(episode, life, "")


def _unpaid(moments: Sequence[Moment], life: Life, times: str) -> Sentence:
    most = {name: max(float(getattr(moment.after.arrears, name)) for moment in moments) for name in CREDITORS}
    total = max(total_arrears(moment.after) for moment in moments)
    classes = [name for name in CREDITORS if most[name] > life.firm.negligible and most[name] >= 0.5]
    named = [f"{CREDITORS[name]}{' up to' if len(classes) > 1 else ''} {money(most[name])}" for name in classes]
    text = f"Bills stayed unpaid{times}, {money(total)} at the most ({listed(named)})."
    return of_steps(moments, text, {"total": total} | most)


def _principal_is_asked(moment: Moment, slot: int) -> bool:
    """Whether the principal of a loan falls due in the step or was overdue before it."""
    return bool(moment.events.repaid[slot] or moment.events.became_overdue[slot]) or is_overdue(loans(moment.before)[slot])
