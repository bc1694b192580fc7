"""Figures and tables of a run made by processes beside this one, which load what they need while this one simulates.

A figure takes a fifth of a second, and one process draws one figure at a time. So where a process can be doubled, one loads and then
becomes several hands, which take one piece of work after the other; elsewhere there are several processes. The files are the same, whoever
makes them; what such a process cannot make, or where there can be none, is made here.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # nothing is loaded here, so that processes can be started at once
    from simsme.outcomes import Outcomes
    from simsme.provenance import Provenance

LARGEST_BYTES = 200_000_000
"""Of outcomes that are handed over: with tens of thousands of draws, copies would take more than drawing here."""

FIGURES = "figures"
"""Folder of the figures inside that of the results."""

_DOUBLES = sys.platform == "linux"
"""Whether a process can be doubled with all that it has loaded; elsewhere libraries of the system do not stand that, or there is no way."""

_CHILD = "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv[1]); from simsme.painters import obey; obey()"
"""What such a process runs, which lives too shortly to look for memory that is no longer used."""


@dataclass(frozen=True)
class Painters:
    """Processes that wait for figures to draw and tables to write.

    Attributes
    ----------
    processes
        That were started; they load what they need at once, and end with this one at the latest.
    """

    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    _hands: list[int] = field(default_factory=list)
    _sending: list[Thread] = field(default_factory=list)

    def hire(self, hands: int) -> None:
        """Get ready to make so many files at a time, or as many as processes can be started for."""
        count = min(hands, 1) if _DOUBLES else hands
        command = [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path)]
        try:
            for _ in range(count if sys.executable else 0):
                # what goes wrong there shows here, where the files are then made; nothing is said, but the end of it is that of all hands
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                self.processes.append(process)
                self._hands.append(hands // count)
        except OSError:
            pass

    def paint(self, folder: Path, outcomes: "Outcomes", provenance: "Provenance", summary: Mapping[str, Any]) -> None:
        """Have all figures and tables made in an existing folder of results; returns at once, see `done`."""
        if _bytes_of(outcomes) > LARGEST_BYTES:
            return
        # firms are in no figure and in no table
        sent: Any = replace(outcomes, firms_as_needed=None)  # type: ignore[arg-type]
        for place, (process, hands) in enumerate(zip(self.processes, self._hands, strict=True)):
            part = slice(place, None, len(self.processes))
            order = pickle.dumps((folder, sent, provenance, summary, part, hands))
            # the return code tells of a process that has died
            thread = Thread(target=process.communicate, args=(order,), daemon=True)
            thread.start()
            self._sending.append(thread)

    def done(self) -> bool:
        """Wait until all that was ordered is made; whether it is."""
        for thread in self._sending:
            thread.join()
        return bool(self._sending) and all(process.returncode == 0 for process in self.processes)

    def dismiss(self) -> None:
        """End the processes: nothing is to be made."""
        for process in self.processes:
            process.kill()
            process.communicate()


def obey() -> None:
    """Be such a process: load what is needed, read an order from standard input, make the files, and end with code 0 if all are made.

    Where the process that started this one has ended, there is nothing to be read.
    """
    from simsme.figure_data import figure_names, write_figure_data
    from simsme.plots.files import write_figure
    from simsme.run_tables import write_tables

    for needed in ("pandas", "scipy.special"):
        # what tables load when they need it is there before the order is
        import_module(needed)
    content = sys.stdin.buffer.read()
    if not content:
        sys.exit(1)
    # from the process that started this one, and from nowhere else
    folder, outcomes, provenance, summary, part, hands = pickle.loads(content)
    figures, currency = folder / FIGURES, str(summary.get("currency", ""))
    drawing = (partial(write_figure, figures, name, outcomes, provenance, currency) for name in figure_names(outcomes))
    tables = (partial(write_tables, folder, outcomes, summary), partial(write_figure_data, figures, outcomes))
    # at once: to take down what was loaded takes as long as a figure
    os._exit(0 if _made([*tables, *drawing][part], hands) else 1)


def _made(pieces: Sequence[Callable[[], object]], hands: int) -> bool:
    """Do all pieces of work, so many at a time, and say whether all are done."""
    # numbers of pieces wait in a pipe, from which every hand takes the next
    waiting, put = os.pipe()
    os.write(put, bytes(range(len(pieces))))
    os.close(put)
    children = []
    for _ in range(hands - 1):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                _take(waiting, pieces)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    _take(waiting, pieces)
    return [os.waitpid(child, 0)[1] for child in children] == [0] * len(children)


def _take(waiting: int, pieces: Sequence[Callable[[], object]]) -> None:
    """Do the pieces of work whose numbers are read, one after the other until none is left."""
    while number := os.read(waiting, 1):
        pieces[number[0]]()


def _bytes_of(outcomes: "Outcomes") -> int:
    """Size of the largest arrays, which grow with the draws."""
    return int(outcomes.flows.nbytes + outcomes.balances.nbytes + sum(curve.nbytes for curve in outcomes.survival.values()))
