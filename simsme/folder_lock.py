"""One run at a time in a folder: a lock that the system lifts when the process ends, however it ends."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from simsme.problems import InputError, Problem

LOCK = "at-work.lock"
"""Name of the locked file."""


class FolderLock:
    """A lock on a folder that is there, held until :meth:`release` or the end of the process.

    Raises
    ------
    InputError
        Where another run holds it. Nothing is locked on a system that has no locks.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self._file = self.path.open("ab")
        if sys.platform == "win32":
            return
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            message = "another run is at work here; wait until it has ended, or choose another folder with --out"
            raise InputError([Problem(str(folder), "", message)]) from None
        except OSError:
            # some network drives have no locks
            return

    def release(self, delete: bool = False) -> None:
        """Let others in; with `delete` the file goes too."""
        if delete:
            with suppress(OSError):
                os.unlink(self.path)
        self._file.close()
