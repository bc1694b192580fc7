"""What there is to tell of a firm's life under a policy, a chapter a subject: cash, loans, bridge, gaps, arrears, staff, exit.

A chapter turns steps into sentences: one for an event, one for an episode however many steps it lasts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from simsme.calendar_days import date_text
from simsme.chronicle import Moment
from simsme.engine.records import CAUSES, Firm, Loan, Rules, State

CREDITORS = {
    "people": "wages and social insurance",
    "interest": "interest",
    "rent": "rent",
    "suppliers": "suppliers",
    "tax": "taxes",
}
"""Classes of arrears in words."""

LOANS = ("the loan", "the new loan")
"""The two slots of a firm's loans in words."""

FEW = 3
"""Episodes of a kind that are told one by one; more of them are told together."""

NOTICED_LAY_OFF = 0.95
"""Staffing below this share of normal is worth a sentence."""


@dataclass(frozen=True)
class Sentence:
    """A plain sentence about some days.

    Attributes
    ----------
    first_day, last_day
        The days it speaks of; the same for what happened on one day.
    text
        The sentence, amounts rounded to whole units of money.
    amounts
        The amounts in it, by what they are, not rounded.
    """

    first_day: float
    last_day: float
    text: str
    amounts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Life:
    """A firm's steps under a policy, with what it takes to tell of them.

    Attributes
    ----------
    firm, rules
        Constants of the firm and of the draw.
    moments
        Its steps.
    start
        Date of day 0.
    employees
        People on day 0.
    rolling
        Labels of the levers that let its loans run on.
    """

    firm: Firm
    rules: Rules
    moments: Sequence[Moment]
    start: date
    employees: float
    rolling: tuple[str, ...]

    def on(self, day: float) -> str:
        """A day as a date."""
        return date_text(day, self.start)

    def episodes(self, holds: Callable[[Moment], object]) -> list[list[Moment]]:
        """Unbroken runs of steps for which something holds."""
        return [list(group) for is_so, group in groupby(self.moments, key=lambda moment: bool(holds(moment))) if is_so]


def money(amount: float) -> str:
    """Format an amount in whole units."""
    return f"{amount:,.0f}"


def cash_runs_short(life: Life) -> Iterator[Sentence]:
    """The endpoint ``cash``: the first step in which more falls due than there is."""
    short = next((moment for moment in life.moments if moment.events.cash_out), None)
    if short is None:
        return
    booked, before = short.booked, short.before
    principal = sum(float(loan.principal) for slot, loan in enumerate(_loans(before)) if _principal_is_asked(short, slot))
    arrears = _arrears(before)
    called = float(before.bridge) if short.events.call_met or short.events.call_failed else 0.0
    current = float(short.after.dues - before.dues) + float(before.private_accrued)
    cash = float(before.cash) + booked["cash_sales"] + booked["collections"] + booked["vat_in"]
    line = max(float(life.firm.credit_line - before.line_drawn), 0.0)
    due = principal + arrears + called + current
    parts = {"loan principal": principal, "old arrears": arrears, "a bridge that was called": called}
    named = [f"{money(amount)} {name}" for name, amount in parts.items() if amount > life.firm.negligible]
    among = f", {_listed(named)} among it," if named else ""
    unused = ""
    if line > 0.0:
        unused = f" and an unused credit line of {money(line)}" if cash + line < due else f"; its credit line of {money(line)} had been cut"
    yield _of_step(
        short,
        f"Cash ran short for the first time: {money(due)} fell due{among} against {money(cash)} of cash and receipts{unused}.",
        due=due,
        principal=principal,
        arrears=arrears,
        cash_and_receipts=cash,
        unused_line=line,
    )


def loans_fall_due(life: Life) -> Iterator[Sentence]:
    """Maturities and recalls: run on, repaid and lent again or not, or overdue."""
    for moment in life.moments:
        events = moment.events
        for slot, loan in enumerate(_loans(moment.before)):
            if not (events.rolled[slot] or events.repaid[slot] or events.became_overdue[slot]):
                continue
            principal = float(loan.principal)
            recalled = bool(events.recalled)
            day = moment.clock.b if recalled else min(max(float(loan.due_day), moment.clock.a), moment.clock.b)
            text = f"The bank recalled {LOANS[slot]} of {money(principal)}" if recalled else f"{_start(slot)} of {money(principal)} fell due"
            amounts = {"principal": principal}
            if events.rolled[slot]:
                until = life.on(float(_loans(moment.after)[slot].due_day))
                by = f"under {_listed(life.rolling)}" if events.rolled_by_lever[slot] else "by the bank's leave"
                text += f" and ran on {by}: nothing had to be repaid, the next due day is {until}."
            elif events.repaid[slot]:
                bridged = float(events.bridged[slot])
                text += f", {_repaid(principal, bridged, life)}; {_lent_again(moment, slot, life)}"
                amounts |= {"bridge": bridged, "own_cash": principal - bridged}
            else:
                grace = float(life.rules.grace_days)
                text += f" and could not be repaid: there was not the cash, and no bridge. The bank waits {grace:g} days or more."
            yield Sentence(day, day, text, amounts)


def bank_money_arrives(life: Life) -> Iterator[Sentence]:
    """Money that the bank had promised is paid out."""
    for moment in life.moments:
        for slot, arrived in enumerate(map(float, moment.events.arrived)):
            if arrived <= 0.0:
                continue
            before, after = _loans(moment.before)[slot], _loans(moment.after)[slot]
            promised = float(before.coming_day)
            day = promised if promised <= moment.clock.b else float(after.due_day - life.rules.term_days)
            bridged = min(float(moment.before.bridge) + sum(map(float, moment.events.bridged)), arrived)
            went = f", {money(bridged)} of which repaid the bridge" if bridged > 0.0 else ""
            yield Sentence(day, day, f"The bank paid out {money(arrived)}{went}.", {"arrived": arrived, "to_bridge": bridged})


def overdue_loans_end(life: Life) -> Iterator[Sentence]:
    """An overdue loan is repaid, or the bank reschedules it."""
    for moment in life.moments:
        for slot, (before, after) in enumerate(zip(_loans(moment.before), _loans(moment.after), strict=True)):
            if moment.events.rescheduled[slot]:
                principal = float(after.principal)
                text = f"The bank did not enforce the overdue loan of {money(principal)}, but rescheduled it to {life.on(float(after.due_day))}."
                yield _of_step(moment, text, principal=principal)
            elif _is_overdue(before) and not _is_overdue(after):
                principal = float(before.principal)
                yield _of_step(moment, f"The overdue loan of {money(principal)} was repaid; the bank does not lend it again.", principal=principal)


def bridge_ends(life: Life) -> Iterator[Sentence]:
    """The private bridge is called or paid back, and what it cost by then."""
    fees = 0.0
    for moment in life.moments:
        fees += moment.booked["private_fees_paid"]
        bridge = float(moment.before.bridge)
        if moment.events.call_met:
            yield _of_step(moment, f"The private lender called the bridge of {money(bridge)}, and got it.", bridge=bridge)
        elif moment.events.call_failed:
            yield _of_step(moment, f"The private lender called the bridge of {money(bridge)}, which it could not pay.", bridge=bridge)
        elif bridge > 0.0 and moment.after.bridge == 0.0 and not moment.events.cause:
            paid = f"; private lenders had been paid {money(fees)} of fees by then" if fees > life.firm.negligible else ""
            yield _of_step(moment, f"The bridge was paid back{paid}.", fees=fees)


def gap_is_financed(life: Life) -> Iterator[Sentence]:
    """What closed the gap: the credit line, the owner, private lenders."""
    negligible = float(life.firm.negligible)
    for episode in life.episodes(lambda moment: moment.after.line_drawn > negligible):
        most = max(float(moment.after.line_drawn) for moment in episode)
        line = float(life.firm.credit_line)
        yield _of_steps(episode, f"It drew on its credit line, {money(most)} of {money(line)} at the most.", line_drawn=most, credit_line=line)
    for item, who, left in (("owner_in", "The owner put in", "owner_funds"), ("informal_lent", "Private lenders lent", "informal_credit")):
        gave = [moment for moment in life.moments if moment.booked[item] > negligible]
        if gave:
            total = sum(moment.booked[item] for moment in gave)
            rest = float(getattr(gave[-1].after, left))
            ending = f"; {money(rest)} could still be had" if rest > negligible else ", and there is no more"
            times = "" if len(gave) == 1 else f" in {len(gave)} parts"
            yield _of_steps(gave, f"{who} {money(total)}{times}{ending}.", total=total, left=rest)


def bills_stay_unpaid(life: Life) -> Iterator[Sentence]:
    """Arrears: each episode, or all of them together where there are many."""
    episodes = life.episodes(lambda moment: _arrears(moment.after) > life.firm.negligible)
    if len(episodes) > FEW + 1:
        told, together = episodes[:1], episodes[1:]
        yield _unpaid(told[0], life, "")
        yield _unpaid([moment for episode in together for moment in episode], life, f" {len(together)} more times")
        return
    for episode in episodes:
        yield _unpaid(episode, life, "")


def stays_shut(life: Life) -> Iterator[Sentence]:
    """Closed by order, and dormant by choice."""
    for episode in life.episodes(lambda moment: moment.weather.closed):
        yield _of_steps(episode, "It was closed by order.")
    episodes = life.episodes(lambda moment: moment.events.dormant)
    reason = "sales less materials would not have covered what staying shut saves"
    if len(episodes) > FEW:
        steps = [moment for episode in episodes for moment in episode]
        days = sum(moment.clock.h for moment in steps)
        yield _of_steps(steps, f"It lay dormant {len(episodes)} times, {days:g} days in all: {reason}.")
        return
    for episode in episodes:
        yield _of_steps(episode, f"It lay dormant: {reason}.")


def staff_is_cut(life: Life) -> Iterator[Sentence]:
    """Lay-offs down to the fewest people."""
    lowest = min(life.moments, key=lambda moment: float(moment.after.staffing))
    staffing = float(lowest.after.staffing)
    if staffing < NOTICED_LAY_OFF:
        people = f", from {life.employees:.0f} people to {life.employees * staffing:.0f}" if life.employees >= 2.0 else ""
        steps = life.moments[: list(life.moments).index(lowest) + 1]
        yield _of_steps(steps, f"Staffing shrank with sales to {100 * staffing:.0f} % of normal{people}.", staffing=staffing)


def asks_for_a_loan(life: Life) -> Iterator[Sentence]:
    """Applications for a new loan, refusals in a row told together."""
    asked = [moment for moment in life.moments if moment.events.applied]
    for approved, group in groupby(asked, key=lambda moment: bool(moment.events.approved)):
        moments = list(group)
        if not approved:
            times = f" {len(moments)} times" if len(moments) > 1 else ""
            reason = "the bank was lending less" if life.firm.acceptable else "it saw too high a risk"
            yield _of_steps(moments, f"It asked the bank for a loan{times} and was refused: {reason}.")
            continue
        for moment in moments:
            coming, day = float(moment.after.new_loan.coming), float(moment.after.new_loan.coming_day)
            text = f"It asked the bank for a loan, which agreed to {money(coming)}, to be paid out on {life.on(day)}."
            yield _of_step(moment, text, coming=coming)


def leaves(life: Life) -> Iterator[Sentence]:
    """Why it left, and what its creditors got; or that it was still there at the end."""
    last = life.moments[-1]
    estate = last.estate
    if estate is None:
        yield _still_there(last)
        return
    cause = CAUSES[int(last.events.cause) - 1]
    yield _of_step(last, _reason(cause, life))
    brought = float(last.after.cash + estate.receivables + estate.goods + estate.fixed_assets)
    lost = {
        "banks": float(estate.lost_by_banks),
        "people": float(estate.lost_by_people),
        "suppliers": float(estate.lost_by_suppliers),
        "landlord": float(estate.lost_by_rent),
        "government": float(estate.lost_by_tax),
        "private lenders": float(estate.lost_by_private),
    }
    losers = [f"{who} {money(amount)}" for who, amount in lost.items() if amount > life.firm.negligible]
    owner = float(estate.owner)
    left = f" {money(owner)} was left for the owner." if owner > life.firm.negligible else ""
    losses = f"Lost: {_listed(losers)}." if losers else "Nobody lost anything."
    yield _of_step(last, f"Its estate brought {money(brought)}. {losses}{left}", estate=brought, owner=owner, **lost)


CHAPTERS = (
    stays_shut,
    staff_is_cut,
    loans_fall_due,
    cash_runs_short,
    gap_is_financed,
    bank_money_arrives,
    bridge_ends,
    bills_stay_unpaid,
    asks_for_a_loan,
    overdue_loans_end,
)
"""All chapters but the last, in the order in which they are told where they begin on one day."""


def told(life: Life) -> tuple[Sentence, ...]:
    """Return all sentences of a life in the order of their days; how it ended comes last."""
    sentences = [sentence for chapter in CHAPTERS for sentence in chapter(life)]
    return (*sorted(sentences, key=lambda sentence: sentence.first_day), *leaves(life))


def _reason(cause: str, life: Life) -> str:
    last = life.moments[-1]
    if cause == "patience":
        return f"It left: its creditors lost patience, the oldest unpaid bill being older than {float(life.firm.patience):.0f} days."
    if cause == "loan":
        if last.events.call_failed:
            return "It left: it could not meet the call of its bridge."
        return "It left: the grace of its overdue loan was over, and the bank enforced it."
    if cause == "owner":
        return "It left: the owner gave up, bills unpaid and what is left and what is expected worth less than hope could bear."
    return "It left for a reason that has nothing to do with cash."


def _still_there(last: Moment) -> Sentence:
    after = last.after
    debt = float(after.term_loan.principal + after.new_loan.principal + after.line_drawn)
    private = float(after.bridge + after.informal_debt)
    arrears, equity, cash = _arrears(after), float(after.equity), float(after.cash)
    owing = {"bank": debt, "private lenders": private, "unpaid bills": arrears}
    owed = [f"{money(amount)} ({name})" for name, amount in owing.items() if amount >= 0.5]
    doing = "trading" if last.events.trades else "shut"
    text = f"Still there, {doing}, with {money(cash)} in cash" + (f"; it owed {_listed(owed)}" if owed else " and no debt")
    text += "." if equity >= 0.0 else f". Its debts exceeded what it owned by {money(-equity)}."
    return Sentence(last.clock.b, last.clock.b, text, {"cash": cash, "bank_debt": debt, "private_debt": private, "arrears": arrears, "equity": equity})


def _repaid(principal: float, bridged: float, life: Life) -> str:
    if bridged == 0.0:
        return "and was repaid from its own cash"
    fee = f"at {100 * float(life.rules.bridge_fee_per_day):.2g} % a day"
    if principal - bridged <= life.firm.negligible:
        return f"and was repaid with a private bridge {fee}"
    return f"and was repaid with {money(principal - bridged)} of its own and a private bridge of {money(bridged)} {fee}"


def _lent_again(moment: Moment, slot: int, life: Life) -> str:
    after = _loans(moment.after)[slot]
    if moment.events.relent[slot]:
        if after.coming > 0.0:
            return f"the bank agreed to lend {money(float(after.coming))} again on {life.on(float(after.coming_day))}."
        return "the bank lent again at once."
    return "a recalled loan is not lent again." if moment.events.recalled else "the bank did not lend again."


def _unpaid(moments: Sequence[Moment], life: Life, times: str) -> Sentence:
    most = {name: max(float(getattr(moment.after.arrears, name)) for moment in moments) for name in CREDITORS}
    total = max(_arrears(moment.after) for moment in moments)
    named = [f"{words} {money(most[name])}" for name, words in CREDITORS.items() if most[name] > life.firm.negligible and most[name] >= 0.5]
    text = f"Bills stayed unpaid{times}, {money(total)} at the most ({_listed(named)})."
    return _of_steps(moments, text, most=total, **most)


def _loans(state: State) -> tuple[Loan, Loan]:
    return state.term_loan, state.new_loan


def _arrears(state: State) -> float:
    return float(sum(map(float, state.arrears)))


def _is_overdue(loan: Loan) -> bool:
    return float(loan.overdue_day) < float("inf")


def _principal_is_asked(moment: Moment, slot: int) -> bool:
    """Whether the principal of a loan falls due in the step or was overdue before it."""
    return bool(moment.events.repaid[slot] or moment.events.became_overdue[slot]) or _is_overdue(_loans(moment.before)[slot])


def _start(slot: int) -> str:
    return LOANS[slot].capitalize()


def _of_step(moment: Moment, text: str, **amounts: float) -> Sentence:
    return Sentence(moment.clock.a + 1.0, moment.clock.b, text, amounts)


def _of_steps(moments: Sequence[Moment], text: str, **amounts: float) -> Sentence:
    return Sentence(moments[0].clock.a + 1.0, moments[-1].clock.b, text, amounts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] if names else "nothing"
