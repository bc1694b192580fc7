"""What a command says besides its data: on standard error, and nothing where the user wants quiet."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE = 1.0
"""Seconds that may pass in silence before progress appears."""


@dataclass(frozen=True)
class Talk:
    """A voice on standard error.

    Attributes
    ----------
    quiet
        Say nothing and show no progress; errors are not its business.
    """

    quiet: bool = False

    def say(self, line: str) -> None:
        """Say one line."""
        if not self.quiet:
            print(line, file=sys.stderr, flush=True)

    @contextmanager
    def progress(self, what: str, total: int | None = None, unit: str = "") -> Iterator[Callable[[int, int], None]]:
        """Show how far something is, once it takes longer than a second, if somebody sits at the terminal.

        Parameters
        ----------
        what
            What is going on.
        total
            In how many parts it is done, at the most; None where it is done in one go, or nobody knows.
        unit
            What the parts are.

        Yields
        ------
        callable
            To be told (parts done, parts in all).
        """
        if self.quiet or not sys.stderr.isatty():
            yield lambda done, total: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        columns: list[ProgressColumn] = [SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()]
        if total is None and unit:
            columns.insert(2, TextColumn("{task.completed:,.0f} " + unit))
        elif total is not None:
            counts = TextColumn("{task.completed:,.0f} of {task.total:,.0f} " + unit)
            columns = [TextColumn("{task.description}"), BarColumn(), counts, TimeRemainingColumn()]
        bar = Progress(*columns, console=Console(stderr=True), transient=True)
        task = bar.add_task(what, total=total)
        later = threading.Timer(PATIENCE, bar.start)
        later.daemon = True
        later.start()
        try:
            yield lambda done, total: bar.update(task, completed=done, total=total)
        finally:
            later.cancel()
            later.join()
            bar.stop()
