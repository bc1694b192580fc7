"""Who runs batches: a crew takes ranges of draws and gives back what became of them."""

import threading
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Protocol

from simsme.batches import Work
from simsme.draw_range import DrawRange
from simsme.firm_tally import Tally
from simsme.gathering import Shares


class Crew(Protocol):
    """Workers that run batches, each of them whole.

    Attributes
    ----------
    workers
        How many batches are run side by side.
    """

    workers: int

    def start(self, batch: DrawRange) -> "Future[Shares]":
        """Run a batch as soon as a worker is free."""

    def done(self) -> float:
        """Draws done so far, parts of batches that are being run included."""

    def stop(self) -> None:
        """End at once; what is being run is lost."""

    def close(self) -> None:
        """Let the workers go when all is done."""


class Threads:
    """The threads of this process.

    Parameters
    ----------
    work
        What to run.
    tally
        Counts what happens to each firm, where that is wanted.
    workers
        How many.
    """

    def __init__(self, work: Work, tally: Tally | None, workers: int) -> None:
        self.workers = workers
        self._work, self._tally = work, tally
        self._pool = ThreadPoolExecutor(max_workers=workers)
        self._stop = threading.Event()
        self._done: dict[DrawRange, float] = {}

    def start(self, batch: DrawRange) -> "Future[Shares]":
        """See :meth:`Crew.start`."""
        self._done[batch] = 0.0
        return self._pool.submit(self._run, batch)

    def done(self) -> float:
        """See :meth:`Crew.done`."""
        return sum(self._done.values())

    def stop(self) -> None:
        """See :meth:`Crew.stop`: batches that run end at their next step, so that Ctrl-C is answered at once."""
        self._stop.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """See :meth:`Crew.close`."""
        self._pool.shutdown()

    def _run(self, batch: DrawRange) -> Shares:
        def lived(share: float) -> None:
            if self._stop.is_set():
                raise CancelledError
            self._done[batch] += share * batch.draws

        return self._work.run(batch, lived, self._tally)
