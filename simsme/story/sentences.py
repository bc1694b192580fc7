"""A life as it is told: sentences about days, and the steps that they are made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType

from simsme.engine.records import Firm, Loan, Rules, State
from simsme.story.calendar_days import date_text
from simsme.story.chronicle import Moment
from simsme.story.levers_at_work import LaterPart, Offers

NO_AMOUNTS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Sentence:
    """A plain sentence about some days.

    Attributes
    ----------
    first_day, last_day
        The days it speaks of; the same for what happened on one day.
    step_end
        Last day of the step in which it begins: sentences are told in this order.
    text
        The sentence, amounts rounded to whole units of money.
    amounts
        The amounts in it, by what they are, not rounded.
    """

    first_day: float
    last_day: float
    step_end: float
    text: str
    amounts: Mapping[str, float]


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
    later
        Later parts of the levers that reach it.
    """

    firm: Firm
    rules: Rules
    moments: Sequence[Moment]
    start: date
    employees: float
    later: tuple[LaterPart, ...]

    def on(self, day: float) -> str:
        """A day as a date."""
        return date_text(day, self.start)

    def counts(self, amount: float) -> bool:
        """Whether an amount is worth a sentence: more than round-off, and not 0 as it is shown."""
        return amount > float(self.firm.negligible) and amount >= 0.5

    def with_item(self, item: str) -> list[Moment]:
        """Steps in which an amount was booked under a name; none where all of them together are not worth a sentence."""
        found = [moment for moment in self.moments if moment.booked.get(item, 0.0) > 0.0]
        return found if self.counts(total_of(found, item)) else []

    def episodes(self, holds: Callable[[Moment], object]) -> list[list[Moment]]:
        """Unbroken runs of steps for which something holds."""
        return [list(group) for is_so, group in groupby(self.moments, key=lambda moment: bool(holds(moment))) if is_so]


def money(amount: float) -> str:
    """Format an amount in whole units."""
    return f"{amount:,.0f}"


def total_of(moments: Iterable[Moment], item: str) -> float:
    """Return what was booked under a name in some steps."""
    return sum(moment.booked.get(item, 0.0) for moment in moments)


def offering(offers: Iterable[Offers], *terms: str) -> tuple[str, ...]:
    """Return the labels of all levers that offer one of some terms."""
    return tuple(dict.fromkeys(label for found in offers for term in terms for label in found.get(term, ())))


def under(moments: Iterable[Moment], terms: Sequence[str], text: str) -> str:
    """Return a sentence that begins with the levers to which it is owed."""
    labels = offering((moment.offers.now for moment in moments), *terms)
    return f"Under {listed(labels)} {text}" if labels else text[:1].upper() + text[1:]


def of_step(moment: Moment, text: str, amounts: Mapping[str, float] = NO_AMOUNTS) -> Sentence:
    """Return a sentence about a step."""
    return Sentence(moment.clock.a + 1.0, moment.clock.b, moment.clock.b, text, amounts)


def of_steps(moments: Sequence[Moment], text: str, amounts: Mapping[str, float] = NO_AMOUNTS) -> Sentence:
    """Return a sentence about all that lies between the first and the last of some steps."""
    return Sentence(moments[0].clock.a + 1.0, moments[-1].clock.b, moments[0].clock.b, text, amounts)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: ``a, b and c``."""
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] if names else "nothing"


def loans(state: State) -> tuple[Loan, Loan]:
    """Return the slots of a firm's loans."""
    return state.term_loan, state.new_loan


def total_arrears(state: State) -> float:
    """Return all that is overdue but bank principal."""
    return float(sum(map(float, state.arrears)))


def is_overdue(loan: Loan) -> bool:
    """Whether the principal of a loan is overdue."""
    return float(loan.overdue_day) < float("inf")
