"""Ctrl-C and a request to end (SIGTERM) that cannot get lost.

Python turns Ctrl-C into an exception wherever it happens to be, and some places swallow it: a module that is being imported with its
own idea of what may go wrong, a callback of the garbage collector; others make another exception of it. So that it was asked for is
remembered, and long work asks.
"""

import signal
import threading
from types import FrameType

_asked = threading.Event()
_signals: list[int] = []


def listen() -> None:
    """Remember Ctrl-C and SIGTERM from now on, and raise KeyboardInterrupt for both; does nothing outside the main thread.

    A second of them ends the process at once, see :func:`stop_listening`.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _remember)
        signal.signal(signal.SIGTERM, _remember)


def stop_listening() -> None:
    """Let the next signal end the process at once and without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def exit_code() -> int:
    """Exit code of what was stopped, by the custom of shells: 128 and the number of the signal, 130 for Ctrl-C and 143 for SIGTERM."""
    return 128 + (_signals[0] if _signals else signal.SIGINT)


def asked() -> bool:
    """Whether Ctrl-C was pressed since :func:`listen`."""
    return _asked.is_set()


def raise_if_asked() -> None:
    """Raise the KeyboardInterrupt that something else may have swallowed."""
    if asked():
        raise KeyboardInterrupt


def _remember(number: int, frame: FrameType | None) -> None:
    _signals.append(number)
    _asked.set()
    raise KeyboardInterrupt
