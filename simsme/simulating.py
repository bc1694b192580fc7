"""Draws of a run, batch by batch: those that are kept are taken, the others are run by a crew and kept."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, wait

from simsme.batches import Work
from simsme.crew import Crew
from simsme.draw_range import DrawRange, gaps
from simsme.firm_tally import Tally
from simsme.gathering import Shares
from simsme.kept_batches import KeptBatches

WAKE_SECONDS = 0.2
"""How often progress is told."""

Progress = Callable[[int, int], None]
"""Called with (draws done, draws in all) as a run goes on."""

Parts = dict[DrawRange, Shares]
"""What became of the draws, batch by batch."""


class Simulation:
    """A run under way.

    Attributes
    ----------
    parts
        What has become of the draws so far.
    """

    def __init__(
        self, crew: Crew, work: Work, tally: Tally | None, kept: KeptBatches | None = None, progress: Progress | None = None
    ) -> None:
        self._crew, self._work, self._tally, self._kept, self._progress = crew, work, tally, kept, progress
        self.parts: Parts = {} if kept is None else kept.found(tally)

    def run(self, draws: DrawRange) -> None:
        """Run the draws that are not there yet. The luck of a draw is that of its number, however many there are."""
        missing = gaps(draws, self.parts)
        before = draws.end - sum(part.draws for part in missing) - self._crew.done()
        running = {self._crew.start(batch): batch for batch in self._work.cut(missing, self._crew.workers)}
        while running:
            for future in wait(running, timeout=WAKE_SECONDS, return_when=FIRST_COMPLETED).done:
                batch = running.pop(future)
                self.parts[batch] = future.result()
                if self._kept is not None:
                    self._kept.keep(batch, self.parts[batch])
            if self._kept is not None and self._tally is not None:
                self._kept.keep_tally(self._tally)
            if self._progress is not None:
                self._progress(int(before + self._crew.done() + 1e-6), draws.end)

    def within(self, draws: DrawRange) -> list[Shares]:
        """What became of some draws that have been run, in their order."""
        return [self.parts[part] for part in sorted(self.parts) if draws.first <= part.first and part.end <= draws.end]

    def all(self) -> list[Shares]:
        """What became of all draws that have been run, in their order."""
        return [self.parts[part] for part in sorted(self.parts)]
