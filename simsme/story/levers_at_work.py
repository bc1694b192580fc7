"""Which levers of a policy reach a firm, and which of them change which term on a day: the names that a story gives to what happened."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from simsme.engine.records import Clock, Firm, State
from simsme.engine.terms import LeverRow, Status, cash_lasts_days, in_force, maturity_day
from simsme.levers.lever import Lever

Offers = Mapping[str, tuple[str, ...]]
"""Labels of the levers that change a term, by the name of the term."""


class OffersOfStep(NamedTuple):
    """What is offered on the days that matter in a step: its last, and those of the maturities of the two loans."""

    now: Offers
    term_loan: Offers
    new_loan: Offers


class Offering(NamedTuple):
    """A row of a lever that reaches the firm: the lever's label, the row, its place among the policy's, the terms that it changes."""

    label: str
    row: LeverRow
    place: int
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
    all_rows = [(lever.label, row) for lever, rows in zip(levers, rows_by_lever, strict=True) for row in rows]
    return tuple(
        Offering(label, row, place, tuple(name for name, value in row.terms._asdict().items() if value.any()))
        for place, (label, row) in enumerate(all_rows)
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


def offers_in_step(
    offered: Sequence[Offering], clock: Clock, firm: Firm, before: State, statuses: Sequence[Status | None] = ()
) -> tuple[OffersOfStep, OffersOfStep]:
    """Return what the levers in force offer a firm in a step, given its state before it, and what those would that their reviews stopped.

    Parameters
    ----------
    statuses
        What the reviews of the policy's rows have come to, in their order; none where no lever is under review.
    """
    cash_days = cash_lasts_days(firm, before)

    def on(day: float) -> tuple[Offers, Offers]:
        found: dict[str, tuple[str, ...]] = {}
        stopped: dict[str, tuple[str, ...]] = {}
        for offering in offered:
            status = statuses[offering.place] if statuses else None
            reviewed, plain = offering.row._replace(status=status), offering.row._replace(status=None)
            eligible, works = (
                bool(in_force(row, day, before.smoothed, before.arrears.interest, cash_days).all()) for row in (plain, reviewed)
            )
            if eligible:
                into = found if works else stopped
                into |= {name: (*into.get(name, ()), offering.label) for name in offering.terms}
        once = ({name: tuple(dict.fromkeys(labels)) for name, labels in into.items()} for into in (found, stopped))
        return next(once), next(once)

    now = on(clock.b)
    days = [float(maturity_day(clock, loan.due_day).item()) for loan in (before.term_loan, before.new_loan)]
    term, new = (now if day == clock.b else on(day) for day in days)
    return OffersOfStep(now[0], term[0], new[0]), OffersOfStep(now[1], term[1], new[1])
