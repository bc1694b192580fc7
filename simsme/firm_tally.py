"""Counts by firm together with the draws that they hold, so that they can be kept, handed on and added up.

All counts are whole numbers: it does not matter in which order, where and in how many parts they are added.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.draw_range import DrawRange
from simsme.engine.simulate import Lives
from simsme.firm_level import FirmLevel

COUNTS = ("runway_out", "cash_out", "exits", "not_trading", "reached", "causes", "classes", "trough", "support")
"""What is counted, by the names that :class:`simsme.firm_level.FirmLevel` has for it."""


Watch = Callable[[DrawRange, Lives], None]
"""Told what became of all firms in some draws, one batch at a time."""


class Tally:
    """Counts by firm of the draws that have been run; threads may add at the same time.

    Parameters
    ----------
    level
        Counts to which nothing has been added.
    watch
        Told of every batch that is added here, where somebody counts more than this does; not of counts that come from elsewhere.

    Attributes
    ----------
    level
        The counts.
    counted
        The draws, (first, end), that they hold.
    """

    def __init__(self, level: FirmLevel, watch: Watch | None = None) -> None:
        self.level, self._watch = level, watch
        self.counted: set[DrawRange] = set()
        self._begun: set[DrawRange] = set()
        self._adding = threading.Lock()

    def add(self, draws: DrawRange, lives: Lives, runway_days: NDArray[np.float64]) -> None:
        """Count what became of all firms in some draws."""
        with self._adding:
            self.level.add(lives, runway_days)
            if self._watch is not None:
                self._watch(draws, lives)
            self.counted.add(draws)

    def add_some(
        self, draws: DrawRange, lives: Lives, runway_days: NDArray[np.float64], rows: slice, money_unit: NDArray[np.float64]
    ) -> None:
        """Count what became of some firms in some draws, see :meth:`simsme.firm_level.FirmLevel.add`; the last of all firms come last."""
        with self._adding:
            self._begun.add(draws)
            self.level.add(lives, runway_days, rows, money_unit)
            if rows.stop == len(self.level.firms):
                self._begun.remove(draws)
                self.counted.add(draws)

    def add_counts(self, counted: set[DrawRange], counts: Mapping[str, NDArray[Any]]) -> None:
        """Add counts of other draws.

        Raises
        ------
        ValueError
            Where they are not of these firms, policies and days.
        """
        here = {name: getattr(self.level, name) for name in COUNTS}
        if counts.keys() != here.keys() or any(counts[name].shape != here[name].shape for name in here):
            raise ValueError("counts by firm of another run")
        with self._adding:
            for name, values in here.items():
                values += counts[name].astype(values.dtype)
            self.counted |= counted

    @property
    def is_whole(self) -> bool:
        """Whether the counts are of all firms in each draw that they hold; looked at while nobody adds to them."""
        return not self._begun

    @contextmanager
    def at_rest(self) -> Iterator[dict[str, NDArray[Any]]]:
        """The counts by name, while nobody adds to them."""
        with self._adding:
            yield {name: getattr(self.level, name) for name in COUNTS}
