"""Chapters on what is put off to a day: taxes, social insurance and interest, and the day on which all of it falls due."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, listed, money, of_steps, total_of, under


@dataclass(frozen=True)
class Creditor:
    """To whom a sum is put off.

    Attributes
    ----------
    owed
        Field of the state with the sum; its day is the field with ``_day``.
    items
        What of it is put off, by the name under which it is booked: what it is called, and the term behind it, which is empty for a
        public advance: that is owed with what is put off.
    arrears
        Class of arrears of what of it is not paid.
    """

    owed: str
    items: Mapping[str, tuple[str, str]]
    arrears: str


STATE = Creditor(
    "deferred_tax",
    {
        "tax_deferred": ("taxes", "tax_deferral_share"),
        "social_deferred": ("social insurance", "social_deferral_share"),
        "public_advances": ("a public advance", ""),
    },
    "tax",
)
BANK = Creditor("deferred_interest", {"interest_deferred": ("interest", "interest_deferral_share")}, "interest")


def dues_are_put_off(life: Life) -> Iterator[Sentence]:
    """What was put off, by the day on which it was due again, and what came of that day."""
    for creditor in (STATE, BANK):
        since: list[Moment] = []
        for moment in life.moments:
            if _owed(moment, creditor) and _day(moment, creditor) <= moment.clock.b:
                yield from _told(since, creditor, life)
                if life.counts(_owed(moment, creditor)):
                    yield _falls_due(since, moment, creditor, life)
                since = []
            since.append(moment)
        yield from _told(since, creditor, life)


def _owed(moment: Moment, creditor: Creditor) -> float:
    return float(getattr(moment.before, creditor.owed))


def _day(moment: Moment, creditor: Creditor) -> float:
    return float(getattr(moment.before, f"{creditor.owed}_day"))


def _parts(since: Sequence[Moment], creditor: Creditor, life: Life) -> dict[str, float]:
    """What was put off that is worth telling, by the name under which it is booked."""
    amounts = {item: total_of(since, item) for item in creditor.items}
    return {item: amount for item, amount in amounts.items() if life.counts(amount)}


def _named(parts: Mapping[str, float], creditor: Creditor) -> str:
    return listed([f"{money(amount)} of {creditor.items[item][0]}" for item, amount in parts.items()])


def _told(since: Sequence[Moment], creditor: Creditor, life: Life) -> Iterator[Sentence]:
    """What levers put off; an advance is told where it comes."""
    parts = {item: amount for item, amount in _parts(since, creditor, life).items() if creditor.items[item][1]}
    if not parts:
        return
    moments = [moment for moment in since if any(moment.booked.get(item, 0.0) > 0.0 for item in parts)]
    until = life.on(float(getattr(since[-1].after, f"{creditor.owed}_day")))
    terms = [creditor.items[item][1] for item in parts]
    text = f"{_named(parts, creditor)} {'was' if len(parts) == 1 else 'were'} put off to {until}."
    yield of_steps(moments, under(moments, terms, text), parts)


def _falls_due(since: Sequence[Moment], moment: Moment, creditor: Creditor, life: Life) -> Sentence:
    owed, day = _owed(moment, creditor), max(_day(moment, creditor), moment.clock.a)
    parts = _parts(since, creditor, life)
    before, after = (float(getattr(state.arrears, creditor.arrears)) for state in (moment.before, moment.after))
    # interest is paid before old arrears, taxes after them
    unpaid = min(after if creditor is STATE else max(after - before, 0.0), owed)
    text = f"What had been put off fell due at once, {_named(parts, creditor)}"
    if life.counts(owed - unpaid):
        text += f"; {money(unpaid)} of it could not be paid." if life.counts(unpaid) else ", and was paid."
    else:
        text += ", and could not be paid."
    return Sentence(day, day, moment.clock.b, text, {**parts, "due": owed, "unpaid": unpaid})
