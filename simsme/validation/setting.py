"""How large the runs of a validation are, and to whom progress is told."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing(words: str) -> None:
    pass


@dataclass(frozen=True)
class Setting:
    """Size of the runs; what is recorded was run with none of it given.

    Attributes
    ----------
    draws
        Draws of every run that has luck; each source's own number where not given.
    firms
        Firms of every run that draws them; each source's own number where not given.
    jobs
        Threads of a run.
    tell
        Told what is going on.
    """

    draws: int | None = None
    firms: int | None = None
    jobs: int | None = None
    tell: Callable[[str], None] = _nothing

    @property
    def firms_override(self) -> tuple[str, ...]:
        """The setting of a scenario that sets the number of firms; none where it is not given."""
        return () if self.firms is None else (f"population.firms={self.firms}",)
