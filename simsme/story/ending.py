"""How a life ends: why the firm left and what its creditors got, or how it stood on the last day."""

from collections.abc import Iterator

from simsme.engine.records import CAUSES
from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, listed, money, of_step, total_arrears


def leaves(life: Life) -> Iterator[Sentence]:
    """Why it left, and what its creditors got; or that it was still there at the end."""
    last = life.moments[-1]
    estate = last.estate
    if estate is None:
        yield _still_there(last)
        return
    cause = CAUSES[int(last.events.cause) - 1]
    yield of_step(last, _reason(cause, life))
    brought = float(last.after.cash + estate.receivables + estate.goods + estate.fixed_assets)
    lost = {
        "banks": float(estate.lost_by_banks),
        "people": float(estate.lost_by_people),
        "suppliers": float(estate.lost_by_suppliers),
        "landlord": float(estate.lost_by_rent),
        "government": float(estate.lost_by_tax),
        "private lenders": float(estate.lost_by_private),
        "public funds": float(estate.lost_by_funds),
        "a financier": float(estate.lost_by_financiers),
    }
    losers = [f"{who} {money(amount)}" for who, amount in lost.items() if amount > life.firm.negligible]
    owner = float(estate.owner)
    left = f" {money(owner)} was left for the owner." if owner > life.firm.negligible else ""
    losses = f"Lost: {listed(losers)}." if losers else "Nobody lost anything."
    claims = float(estate.claims)
    if claims > life.firm.negligible:
        losses += f" The public guarantee fund made good {money(claims)} of the banks' loss."
    compensation = float(estate.compensation)
    if compensation > life.firm.negligible:
        losses += f" The state made good {money(compensation)} of the banks' loss."
    amounts = {"estate": brought, "owner": owner} | {f"lost_by_{who.replace(' ', '_')}": amount for who, amount in lost.items()}
    yield of_step(last, f"Its estate brought {money(brought)}. {losses}{left}", amounts)


def _reason(cause: str, life: Life) -> str:
    last = life.moments[-1]
    if cause == "patience":
        return f"It left: its creditors lost patience, the oldest unpaid bill being older than {float(life.firm.patience):.0f} days."
    if cause == "loan":
        if last.events.call_failed:
            return "It left: it could not meet the call of its bridge."
        return "It left: the grace of its overdue loan was over, and the bank enforced it."
    if cause == "owner":
        return "It left: the owner gave up. Bills were unpaid, and what it had and could expect was worth too little to go on."
    return "It left for a reason that has nothing to do with cash."


def _still_there(last: Moment) -> Sentence:
    after = last.after
    owed = {
        "to the bank": float(after.term_loan.principal + after.new_loan.principal + after.line_drawn + after.deferred_interest),
        "to private lenders": float(after.bridge + after.informal_debt),
        "to public funds": float(after.term_loan.advance + after.new_loan.advance + after.fund_accrued),
        "to a financier": float(after.factored),
        "to the state for later": float(after.deferred_tax),
        "in unpaid bills": total_arrears(after),
    }
    owing = [f"{money(amount)} {whom}" for whom, amount in owed.items() if amount >= 0.5]
    cash, equity = float(after.cash), float(after.equity)
    doing = "trading" if last.events.trades else "shut"
    text = f"Still there, {doing}, with {money(cash)} in cash" + (f"; it owed {listed(owing)}" if owing else " and no debt")
    text += "." if equity >= 0.0 else f". All that it owed was {money(-equity)} more than all that it had."
    end = last.clock.b
    amounts = {"cash": cash, "equity": equity} | {name.replace(" ", "_"): amount for name, amount in owed.items()}
    return Sentence(end, end, end, text, amounts)
