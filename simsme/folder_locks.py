"""A lock on a folder, which nobody has to clear away: it ends with the process that holds it, however that ends."""

import os
import sys
from pathlib import Path


def lock(folder: Path) -> int | None:
    """Lock a folder.

    Returns
    -------
    int or None
        What :func:`unlock` takes; None where the system knows no locks of folders.

    Raises
    ------
    BlockingIOError
        Where another process, or another thread, has it.
    OSError
        Where there is no such folder.
    """
    if sys.platform == "win32":
        return None
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        # a file system without locks
        os.close(handle)
        return None
    return handle


def unlock(handle: int | None) -> None:
    """Give a lock back."""
    if handle is not None:
        os.close(handle)
