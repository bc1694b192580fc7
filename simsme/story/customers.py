"""Chapters on what customers owe: that they pay sooner, and what a financier lends on it."""

from collections.abc import Iterator

import numpy as np

from simsme.engine.receivables_finance import offer, run_off
from simsme.engine.terms import NEUTRAL, NOTHING, Terms
from simsme.engine.trade import Collected, Sold, collect
from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, listed, money, of_steps, total_of, under

NOTICED_DAYS = 0.5
"""Customers who pay sooner by less than this are not worth a sentence."""

EASING = ("prompt_share", "stretch_relief", "bad_debt_relief")
"""Terms under which customers pay sooner, or more of them."""


def customers_pay_sooner(life: Life) -> Iterator[Sentence]:
    """Days of payment under the levers in force and without them, on average, and bad debt that came in."""
    sells_on_credit = [moment for moment in life.moments if life.counts(moment.booked["credit_sales"] + float(moment.before.receivables))]
    moments = [moment for moment in sells_on_credit if any(getattr(moment.terms, term) > 0.0 for term in EASING)]
    days, usual_days, spared, total = 0.0, 0.0, 0.0, sum(moment.clock.h for moment in moments)
    for moment in moments:
        eased = collected(moment, life, moment.terms)
        days += float(eased.days) * moment.clock.h / total
        usual_days += float(collected(moment, life, NEUTRAL).days) * moment.clock.h / total
        spared += float(moment.terms.bad_debt_relief * life.rules.bad_debt_share * moment.weather.intensity * eased.matured)
    said = []
    if usual_days - days >= NOTICED_DAYS:
        said.append(f"customers paid after {days:.0f} days on average instead of {usual_days:.0f}")
    if life.counts(spared):
        said.append(f"{money(spared)} came in that would never have been paid")
    if said:
        amounts = {"days": days, "days_without": usual_days, "bad_debt_spared": spared}
        yield of_steps(moments, under(moments, EASING, f"{listed(said)}."), amounts)


def financier_lends(life: Life) -> Iterator[Sentence]:
    """What was lent on receivables, at what price, and what became of it."""
    lent_in = life.with_item("receivables_lent")
    if not lent_in:
        return
    moments = [moment for moment in life.moments if moment.before.factored > 0.0 or moment in lent_in]
    lent, price = total_of(moments, "receivables_lent"), total_of(moments, "discount_expense")
    repaid, lost = total_of(moments, "receivables_repaid"), sum(lost_by_financier(moment) for moment in moments)
    left = float(moments[-1].after.factored)
    times = f" in {len(lent_in)} parts" if len(lent_in) > 1 else ""
    became = {
        "{} was repaid as customers paid": repaid,
        "the financier lost {} on customers who never paid": lost,
        "{} was still lent at the end": left,
    }
    parts = [what.format(money(amount)) for what, amount in became.items() if life.counts(amount)]
    ending = f"; {listed(parts)}." if parts else "."
    text = f"a financier lent it {money(lent)}{times} on what customers owed, at a price of {money(price)}{ending}"
    amounts = {"receivables_lent": lent, "discount_expense": price, "repaid": repaid, "lost": lost, "still_lent": left}
    yield of_steps(moments, under(lent_in, ("receivables_advance",), text), amounts)


def collected(moment: Moment, life: Life, terms: Terms) -> Collected:
    """What customers would pay in a step under some terms, its sales being what they were."""
    return collect(moment.clock, life.firm, life.rules, moment.met, terms, moment.before, _sold(moment))


def financier_offers(moment: Moment, life: Life) -> float:
    """Most that a financier would have paid out in a step."""
    paid = collected(moment, life, moment.terms)
    ended = run_off(moment.terms, moment.before, _sold(moment), paid)
    return float(offer(moment.terms, paid, ended.factored).cash)


def lost_by_financier(moment: Moment) -> float:
    """What a financier lost in a step on customers; not what the firm's estate left unpaid."""
    of_estate = 0.0 if moment.estate is None else float(moment.estate.lost_by_financiers)
    return moment.booked.get("lost_by_financiers", 0.0) - of_estate


def _sold(moment: Moment) -> Sold:
    """What it sold, as far as it matters for what customers pay."""
    credit, cash, orders = (np.asarray(moment.booked.get(item, 0.0)) for item in ("credit_sales", "cash_sales", "order_sales"))
    not_asked = NOTHING
    return Sold(not_asked, not_asked, not_asked, not_asked, cash + credit, credit - orders, cash, orders)
