"""The day until which a measure puts payments off lies after the day on which it starts."""

from typing import Protocol

from simsme.messages import shown
from simsme.quantities import Distribution, Uncertain
from simsme.tables import complaint


class PutsOff(Protocol):
    """A lever that moves payments to a day."""

    @property
    def from_day(self) -> float:
        """First day of the measure."""
        ...

    @property
    def until_day(self) -> Uncertain:
        """Day on which what was put off is due."""
        ...


def refuse_day_before_start(lever: PutsOff) -> None:
    """Complain where nothing can be put off, because the day is there before the measure is.

    Raises
    ------
    ValidationError
        When every value that `until_day` can have is at most `from_day`.
    """
    day = lever.until_day
    latest = day.support()[1] if isinstance(day, Distribution) else day
    if latest <= lever.from_day:
        first = shown(lever.from_day)
        message = f"{shown(latest)} is not after from_day {first}, so that nothing is put off; allowed: more than {first}"
        raise complaint(type(lever).__name__, [(("until_day",), message, day)])
