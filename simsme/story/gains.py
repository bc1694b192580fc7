"""Chapters on business that levers bring: orders of large firms, more sales, investment and what comes of it, people who are found."""

from collections.abc import Iterator

from simsme.story.sentences import Life, Sentence, listed, money, of_step, of_steps, offering, total_of, under


def large_firms_order(life: Life) -> Iterator[Sentence]:
    """Orders: how much, what share of sales, when they are paid."""
    moments = life.with_item("order_sales")
    if not moments:
        return
    ordered, last = total_of(moments, "order_sales"), moments[-1]
    share = ordered / (total_of(moments, "cash_sales") + total_of(moments, "credit_sales"))
    days = float(last.after.order_terms)
    if last.terms.prompt_share > 0.0:
        days = min(days, float(last.terms.prompt_days))
    owed = float(life.moments[-1].after.order_receivables)
    text = f"large firms ordered for {money(ordered)}, {100 * share:.1f} % of its sales in this time, and paid after {days:.0f} days"
    text += f"; {money(owed)} was still to come at the end." if life.counts(owed) else "."
    amounts = {"order_sales": ordered, "share_of_sales": share, "payment_days": days, "still_owed": owed}
    yield of_steps(moments, under(moments, ("order_demand",), text), amounts)


def sells_more(life: Life) -> Iterator[Sentence]:
    """More ordinary demand, less material for the same sales, people who can serve what customers want."""
    moments = life.with_item("lifted_sales")
    if moments:
        lifted = total_of(moments, "lifted_sales")
        yield of_steps(moments, under(moments, ("demand_lift",), f"it sold {money(lifted)} more."), {"lifted_sales": lifted})
    moments = [moment for moment in life.moments if moment.terms.materials_saving > 0.0]
    saved = sum(moment.booked["purchases"] * _spared(float(moment.terms.materials_saving)) for moment in moments)
    if life.counts(saved):
        text = f"it bought {money(saved)} less of materials for what it sold."
        yield of_steps(moments, under(moments, ("materials_saving",), text), {"saved": saved})
    moments = [moment for moment in life.moments if moment.terms.labour_relief > 0.0 and moment.weather.served < 1.0]
    if moments:
        worst = min(moments, key=lambda moment: float(moment.weather.served))
        served = float(worst.weather.served)
        relieved = 1.0 - (1.0 - served) * (1.0 - float(worst.terms.labour_relief))
        if relieved - served >= 0.0005:
            shares = f"{100 * relieved:.1f} % of what customers wanted instead of {100 * served:.1f} %"
            text = f"it found people: at the worst it could serve {shares}."
            yield of_steps(moments, under(moments, ("labour_relief",), text), {"served": relieved, "served_without": served})


def invests(life: Life) -> Iterator[Sentence]:
    """What it invested on a lever's account, what the state paid of it, and whether it worked."""
    told: set[str] = set()
    for moment in life.with_item("investment_expense"):
        outlay, subsidy = moment.booked["investment_expense"], moment.booked.get("digital_subsidies", 0.0)
        # a lever's outlay comes once: what comes later is owed to the levers that joined it
        offering_it = offering((moment.offers.now,), "outlay_share")
        labels = [label for label in offering_it if label not in told] or offering_it
        later = [part for part in life.later if part.label in labels and part.label not in told]
        told |= set(labels)
        text = f"Under {listed(labels)} it invested {money(outlay)}"
        text += f", of which the state paid {money(subsidy)}" if life.counts(subsidy) else ""
        text += f"; it was to bring something from {life.on(min(part.from_day for part in later))} on." if later else "."
        yield of_step(moment, text, {"investment_expense": outlay, "digital_subsidies": subsidy})
        for part in later:
            begins = next((then for then in life.moments if then.clock.a < part.from_day <= then.clock.b), None)
            if begins is not None:
                found = "began to bear fruit." if part.works else "had failed: it brought nothing."
                yield Sentence(part.from_day, part.from_day, begins.clock.b, f"The investment under {part.label} {found}", {})


def _spared(saving: float) -> float:
    """What is not bought, as a multiple of what is."""
    return saving / (1.0 - saving) if saving < 1.0 else 0.0
