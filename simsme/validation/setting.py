"""How large the runs of a validation are, who works at them, and to whom progress is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol


class Workers(Protocol):
    """Somebody who calls functions with arguments, several at a time."""

    def call(self, function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return what the function gives for each of the arguments, in their order."""


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
    workers
        Processes that share the runs of a source; None where they are made one after the other, here. No number depends on it.
    """

    draws: int | None = None
    firms: int | None = None
    jobs: int | None = None
    tell: Callable[[str], None] = _nothing
    workers: Workers | None = None

    @property
    def firms_override(self) -> tuple[str, ...]:
        """The setting of a scenario that sets the number of firms; none where it is not given."""
        return () if self.firms is None else (f"population.firms={self.firms}",)

    def each(self, function: Callable[..., Any], *items: tuple[Any, ...]) -> list[Any]:
        """Call a function of a module with a setting and each of the items, and return what it gives, in their order."""
        if self.workers is None:
            return [function(self, *item) for item in items]
        # a process has one core, and nobody to tell anything
        alone = replace(self, jobs=1, tell=_nothing, workers=None)
        return self.workers.call(function, [(alone, *item) for item in items])
