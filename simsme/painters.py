"""Figures drawn by processes beside this one, which load what draws while this one simulates and then draw side by side.

A figure takes a fifth of a second, and one process draws one figure at a time. The files are the same, whoever draws them; what a process
cannot draw, or where there can be none, is drawn here.
"""

import json
import pickle
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # nothing is loaded here, so that processes can be started at once
    from simsme.outcomes import Outcomes
    from simsme.provenance import Provenance

LARGEST_BYTES = 200_000_000
"""Of outcomes that are handed over: with tens of thousands of draws, copies would take more than drawing here."""

_CHILD = "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv[1]); from simsme.painters import obey; obey()"
"""What such a process runs, which lives too shortly to look for memory that is no longer used."""


@dataclass(frozen=True)
class Painters:
    """Processes that wait for figures to draw.

    Attributes
    ----------
    processes
        That were started; they load what they need at once, and end with this one at the latest.
    """

    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    _sending: list[Thread] = field(default_factory=list)

    def hire(self, count: int) -> None:
        """Start so many processes more, or as many as can be started."""
        command = [sys.executable, "-P", "-c", _CHILD, json.dumps(sys.path)]
        try:
            for _ in range(count if sys.executable else 0):
                # what goes wrong there shows here, where the figures are then drawn
                process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                self.processes.append(process)
        except OSError:
            pass

    def paint(self, folder: Path, outcomes: "Outcomes", provenance: "Provenance", currency: str) -> None:
        """Have all figures drawn into an existing folder, without their data; returns at once, see `done`."""
        if _bytes_of(outcomes) > LARGEST_BYTES:
            return
        # firms are in no figure
        sent: Any = replace(outcomes, firms=None)  # type: ignore[arg-type]
        for place, process in enumerate(self.processes):
            order = pickle.dumps((folder, sent, provenance, currency, slice(place, None, len(self.processes))))
            # the return code tells of a process that has died
            thread = Thread(target=process.communicate, args=(order,), daemon=True)
            thread.start()
            self._sending.append(thread)

    def done(self) -> bool:
        """Wait until all that was ordered is drawn; whether it is."""
        for thread in self._sending:
            thread.join()
        return bool(self._sending) and all(process.returncode == 0 for process in self.processes)

    def dismiss(self) -> None:
        """End the processes: nothing is to be drawn."""
        for process in self.processes:
            process.kill()
            process.communicate()


def obey() -> None:
    """Be such a process: load what draws, read an order from standard input, draw, and end with code 0 if all is drawn.

    Where the process that started this one has ended, there is nothing to be read.
    """
    from simsme.figure_data import figure_names
    from simsme.plots.files import write_figure

    order = sys.stdin.buffer.read()
    if not order:
        sys.exit(1)
    # from the process that started this one, and from nowhere else
    folder, outcomes, provenance, currency, part = pickle.loads(order)
    for name in figure_names(outcomes)[part]:
        write_figure(folder, name, outcomes, provenance, currency)


def _bytes_of(outcomes: "Outcomes") -> int:
    """Size of the largest arrays, which grow with the draws."""
    return int(outcomes.flows.nbytes + outcomes.balances.nbytes + sum(curve.nbytes for curve in outcomes.survival.values()))
