"""The process: how long it has been running, whether it is simsme's own, and how that ends."""

import atexit
import contextlib
import os
import sys
import time
from typing import NoReturn

_LOADED = time.monotonic()
_PLAUSIBLE = 5.0
"""Seconds that may at most have passed before this module was loaded; more, and the process was something else before, such as a shell."""

_claimed: list[bool] = []
_codes: list[int] = []


def claim() -> None:
    """Say that this process runs a command and nothing else."""
    _claimed.append(True)
    # what is registered first is done last
    atexit.register(_leave)


def end(code: int) -> NoReturn:
    """End the process: threads that must be waited for are, what was registered for the end is done, and nothing is taken down.

    To take down what was loaded takes a tenth of a second, and a compiler at work in another thread does not stand it: it aborts.
    """
    _codes.append(code)
    sys.exit(code)


def _leave() -> None:
    """Leave at once, where it was :func:`end` that ended the process."""
    if _codes:
        for stream in (sys.stdout, sys.stderr):
            # None where there is none; nobody is left to be told of a stream that is full or closed
            with contextlib.suppress(AttributeError, OSError, ValueError):
                stream.flush()
        os._exit(_codes[-1])


def is_ours() -> bool:
    """Whether this process runs a command and nothing else, so that it may start others; that of a notebook or of tests may not."""
    return bool(_claimed)


def seconds_running() -> float:
    """Return the seconds since the process began, loading included; since this module was loaded where that is not known."""
    since_loaded = time.monotonic() - _LOADED
    since_start = _seconds_since_start()
    return since_start if since_start is not None and 0.0 <= since_start - since_loaded < _PLAUSIBLE else since_loaded


def _seconds_since_start() -> float | None:
    """Ask the kernel, where it says so in ``/proc``."""
    try:
        with open("/proc/self/stat", encoding="ascii", errors="replace") as file:
            # the second field, the name of the process, stands in parentheses and may hold anything; the start is the 22nd
            ticks = int(file.read().rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return None
