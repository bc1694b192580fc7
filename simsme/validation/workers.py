"""Processes that share the runs of a validation.

Most of them are runs of few firms, in which NumPy's calls are so short that threads would wait for each other.
"""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from simsme.problems import InputError, Problem


@dataclass(frozen=True)
class Processes:
    """Processes that wait for work; safe to be asked by several threads.

    Attributes
    ----------
    pool
        The processes; each starts when there is work for it.
    """

    pool: ProcessPoolExecutor

    def call(self, function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return what a function of a module gives for each of the arguments, in their order."""
        futures = [self.pool.submit(_answer, function, one) for one in arguments]
        answers = [future.result() for future in futures]
        problems = [problem for _, found in answers for problem in found]
        if problems:
            raise InputError(list(dict.fromkeys(problems)))
        return [result for result, _ in answers]


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, tuple[Problem, ...]]:
    """The result, or the problems of an input that cannot be used: their exception does not survive the way between processes."""
    try:
        return function(*arguments), ()
    except InputError as error:
        return None, tuple(error.problems)


@contextmanager
def processes(number: int) -> Iterator[Processes | None]:
    """Provide some processes, None for one; they end at once where something goes wrong.

    Yields
    ------
    Processes or None
        To be asked as long as the context lasts.
    """
    if number < 2:
        yield None
        return
    before = set(multiprocessing.active_children())
    # spawned, not forked: this process has threads
    pool = ProcessPoolExecutor(number, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_ctrl_c_to_the_parent)
    try:
        yield Processes(pool)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    pool.shutdown()


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
