"""Which levers of a policy reach a firm, and which of them change which term on a day: the names that a story gives to what happened."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simsme.engine.records import Clock, Firm, State
from simsme.engine.terms import LeverRow, cash_lasts_days, in_force, maturity_day
from simsme.levers.lever import Lever

Offers = Mapping[str, tuple[str, ...]]
"""Labels of the levers that change a term, by the name of the term."""


class OffersOfStep(NamedTuple):
    """What is offered on the days that matter in a step: its last, and those of the maturities of the two loans."""

    now: Offers
    term_loan: Offers
    new_loan: Offers


class Offering(NamedTuple):
    """A row of a lever that reaches the firm: the lever's label, the row, and the terms that it changes."""

    label: str
    row: LeverRow
    terms: tuple[str, ...]


class LaterPart(NamedTuple):
    """A part of a lever after its first: when it begins, and whether the firm is lucky enough for it to work."""

    label: str
    from_day: float
    works: bool


def offerings(levers: Sequence[Lever], rows_by_lever: Sequence[Sequence[LeverRow]]) -> tuple[Offering, ...]:
    """Return the rows that reach the firm.

    Parameters
    ----------
    levers
        The levers of a policy, in their order.
    rows_by_lever
        Rows of each, for one firm in one draw.
    """
    return tuple(
        Offering(lever.label, row, tuple(name for name, value in row.terms._asdict().items() if value.any()))
        for lever, rows in zip(levers, rows_by_lever, strict=True)
        for row in rows
        if row.reaches.all()
    )


def later_parts(levers: Sequence[Lever], rows_by_lever: Sequence[Sequence[LeverRow]]) -> Iterator[LaterPart]:
    """Yield the later parts of the levers whose first part reaches the firm; parameters as those of :func:`offerings`.

    The rows of a lever stand part by part, see :mod:`simsme.world.reach`.
    """
    for lever, rows in zip(levers, rows_by_lever, strict=True):
        openings = len(rows) // len(lever.parts())
        for place, row in enumerate(rows[:openings]):
            if row.reaches.all():
                later = rows[openings + place :: openings]
                yield from (LaterPart(lever.label, float(part.from_day.item()), bool(part.reaches.all())) for part in later)


def offers_in_step(offered: Sequence[Offering], clock: Clock, firm: Firm, before: State) -> OffersOfStep:
    """Return what the levers in force offer a firm in a step, given its state before it. Whether a review stopped them is not looked at."""
    cash_days = cash_lasts_days(firm, before)

    def on(day: float) -> Offers:
        found: dict[str, tuple[str, ...]] = {}
        for offering in offered:
            row = offering.row._replace(status=None)
            if in_force(row, day, before.smoothed, before.arrears.interest, cash_days).all():
                found |= {name: (*found.get(name, ()), offering.label) for name in offering.terms}
        return {name: tuple(dict.fromkeys(labels)) for name, labels in found.items()}

    now = on(clock.b)
    term_loan, new_loan = (float(maturity_day(clock, loan.due_day).item()) for loan in (before.term_loan, before.new_loan))
    return OffersOfStep(now, *(now if day == clock.b else on(day) for day in (term_loan, new_loan)))
