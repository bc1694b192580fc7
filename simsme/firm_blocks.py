"""Blocks of the firms of a run, for all threads that run its batches: firms that nobody holds are drawn once for all of them."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from simsme.census import Census
from simsme.draw_firms import DrawnFirms
from simsme.firms import Firms
from simsme.gathering import Codes
from simsme.scenario import Scenario

KEPT = 8
"""Blocks that are kept for threads that come after the first one, some 12 megabytes each."""

AHEAD = 4
"""Blocks that are drawn ahead by threads that would have to wait."""


@dataclass(frozen=True)
class FirmBlock:
    """Firms that stand next to each other, and which combinations of groups they are."""

    firms: Firms
    cells: Codes


class FirmBlocks:
    """All firms of a run, block after block.

    Batches that run side by side go through the same blocks at about the same time. Who comes to a block first draws it; who finds that
    another thread is drawing it draws one of the next ones meanwhile.

    Parameters
    ----------
    scenario, firms, census
        The firms, held or not, and what is known of all of them.
    """

    def __init__(self, scenario: Scenario, firms: Firms | DrawnFirms, census: Census) -> None:
        self._scenario, self._firms, self._census = scenario, firms, census
        self._rows = [slice(None)] if isinstance(firms, Firms) else firms.blocks()
        # the block that was asked for last stands at the end
        self._blocks: dict[int, Future[FirmBlock]] = {}
        self._looking = threading.Lock()

    def __iter__(self) -> Iterator[FirmBlock]:
        return (self._block(number) for number in range(len(self._rows)))

    def _block(self, number: int) -> FirmBlock:
        while True:
            with self._looking:
                mine = self._to_draw(number)
                future = self._blocks[number]
                promised = None if mine is None else self._blocks[mine]
            if mine is None or promised is None:
                return future.result()
            try:
                promised.set_result(self._drawn(mine))
            except BaseException as error:
                with self._looking:
                    self._blocks.pop(mine, None)
                promised.set_exception(error)
                raise
            if mine == number:
                return future.result()

    def _to_draw(self, number: int) -> int | None:
        """Which block a thread that wants one is to draw now: that one, a later one while another thread draws it, or none."""
        wanted = self._blocks.pop(number, None)
        if wanted is not None:
            self._blocks[number] = wanted
        if wanted is not None and wanted.done():
            return None
        later = range(number + 1, min(number + 1 + AHEAD, len(self._rows)))
        mine = number if wanted is None else next((other for other in later if other not in self._blocks), None)
        if mine is not None:
            self._blocks[mine] = Future()
        done = [other for other, future in self._blocks.items() if future.done() and other != number]
        for other in done[: max(0, len(self._blocks) - KEPT)]:
            del self._blocks[other]
        return mine

    def _drawn(self, number: int) -> FirmBlock:
        firms = self._firms
        block = firms if isinstance(firms, Firms) else firms.take(self._rows[number])
        return FirmBlock(block, self._census.grouping(self._scenario, block).cells)
