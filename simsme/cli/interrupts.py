"""Ctrl-C that cannot get lost.

Python turns Ctrl-C into an exception wherever it happens to be, and some places swallow it: a module that is being imported with its
own idea of what may go wrong, a callback of the garbage collector; others make another exception of it. So that it was asked for is
remembered, and long work asks.
"""

import signal
import threading
from types import FrameType

_asked = threading.Event()


def listen() -> None:
    """Remember Ctrl-C from now on, and raise KeyboardInterrupt as ever; does nothing outside the main thread."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _remember)


def asked() -> bool:
    """Whether Ctrl-C was pressed since :func:`listen`."""
    return _asked.is_set()


def raise_if_asked() -> None:
    """Raise the KeyboardInterrupt that something else may have swallowed."""
    if asked():
        raise KeyboardInterrupt


def _remember(number: int, frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
