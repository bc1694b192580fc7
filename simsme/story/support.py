"""Chapters on money from the state: what it paid and what was waived as it came, told together, and sums that were paid once."""

from collections.abc import Iterator

from simsme.story.sentences import Life, Sentence, money, of_step, of_steps, total_of, under

AS_IT_COMES = {
    "wage_subsidies": ("wage_subsidy", "the state paid {} of what its people cost."),
    "overheads_subsidised": ("overheads_relief", "the state paid {} of its overheads."),
    "social_waived": ("social_relief", "social insurance of {} was waived."),
    "rent_waived": ("rent_relief", "rent of {} was waived."),
    "interest_subsidised": ("interest_subsidy", "the state paid {} of its interest."),
    "rate_relief": ("facility_rate", "the central bank paid {} of the interest on its new loan."),
}
"""Amounts of many steps: the term behind each, and how it is told."""

AT_ONCE = {
    "tax_refunds": ("refund_share", "the state paid back {} of taxes."),
    "grants": ("grant_share", "the state gave it {}."),
    "innovation_grants": ("innovation_share", "the state gave it {} for a research project."),
    "public_equity": ("growth_share", "the state put in {} as equity, which is never repaid."),
}
"""Amounts of one step."""

ALSO = {"grants": "grant_amount"}
"""Second terms behind an amount."""


def is_helped_along(life: Life) -> Iterator[Sentence]:
    """What the state paid or landlords and insurers waived while a lever was in force."""
    for item, (term, text) in AS_IT_COMES.items():
        moments = life.with_item(item)
        if moments:
            total = total_of(moments, item)
            yield of_steps(moments, under(moments, (term,), text.format(money(total))), {item: total})


def is_given_money(life: Life) -> Iterator[Sentence]:
    """Refunds, grants, equity; and advances, with the day on which they are due."""
    for item, (term, text) in AT_ONCE.items():
        for moment in life.with_item(item):
            amount = moment.booked[item]
            yield of_step(moment, under((moment,), (term, ALSO.get(item, term)), text.format(money(amount))), {item: amount})
    for moment in life.with_item("public_advances"):
        amount = moment.booked["public_advances"]
        due = life.on(float(moment.after.deferred_tax_day))
        text = f"the state advanced it {money(amount)}, due with the taxes of {due}."
        yield of_step(moment, under((moment,), ("public_advance_share",), text), {"public_advances": amount})
