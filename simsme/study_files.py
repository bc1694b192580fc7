"""Files of a study, such as a comparison or a sweep: all of them or none, and never over what is there unless asked."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from simsme.problems import InputError, Problem


def check_place(folder: Path, files: Sequence[str], *, replace: bool = False) -> None:
    """Check, before anything is computed, that files can be written into a folder; changes nothing on disk.

    Raises
    ------
    InputError
        Where the folder is no folder or cannot be made or written to, or where one of the files is there and is not to be replaced.
    """
    problems = []
    if folder.is_dir() and not replace:
        there = [folder / name for name in files if (folder / name).exists()]
        problems += [Problem(str(file), "", "is there already and was not touched; --force writes over it") for file in there]
    ancestor = folder
    while not ancestor.exists() and ancestor != ancestor.parent:
        ancestor = ancestor.parent
    if not ancestor.is_dir():
        problems.append(Problem(str(ancestor), "", "is not a folder; choose another one with --out"))
    elif not os.access(ancestor, os.W_OK | os.X_OK):
        problems.append(Problem(str(ancestor), "", "is not writable; choose another folder with --out"))
    if problems:
        raise InputError(problems)


@contextmanager
def written_together(folder: Path, files: Sequence[str], *, replace: bool = False) -> Iterator[Path]:
    """Give out a folder to write files into, and move them to their place when the block ends well.

    Parameters
    ----------
    folder
        Where the files belong; it is made where it is not there.
    files
        Their names. The last comes last and is there only where the others are; one that the block did not write is left out.
    replace
        Whether files of these names are written over.

    Raises
    ------
    InputError
        As `check_place`, and where writing fails; nothing is then left that looks finished.
    """
    check_place(folder, files, replace=replace)
    unfinished = folder / f"{Path(files[-1]).stem}.partial"
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        yield unfinished
        # an older object must not vouch for newer files
        (folder / files[-1]).unlink(missing_ok=True)
        for name in files:
            if (unfinished / name).exists():
                (unfinished / name).replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        raise InputError([Problem(place, "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
