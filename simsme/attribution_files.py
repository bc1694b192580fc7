"""An attribution as files: the table, the object with all numbers, and a figure; all of them or none."""

import os
import shutil
from pathlib import Path

from simsme.attribution import Attribution
from simsme.csv_text import write_table
from simsme.problems import InputError, Problem
from simsme.provenance import Provenance
from simsme.summary import as_json

FILES = ("attribution.csv", "attribution.png", "attribution.svg", "attribution.json")
"""The last comes last, and is there only where the others are."""

_UNFINISHED = "attribution.partial"


def check_place(folder: Path, *, replace: bool = False) -> None:
    """Check, before anything is computed, that the files can be written; changes nothing on disk.

    Raises
    ------
    InputError
        Where the folder is no folder or cannot be made or written to, or where a file of ours is there and is not to be replaced.
    """
    problems = []
    if folder.is_dir() and not replace:
        there = [folder / name for name in FILES if (folder / name).exists()]
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


def write_attribution(folder: Path, attribution: Attribution, provenance: Provenance, *, replace: bool = False) -> tuple[Path, ...]:
    """Write ``attribution.csv``, ``.json``, ``.png`` and ``.svg``.

    Parameters
    ----------
    folder : Path
        Where; it is made where it is not there.
    attribution : Attribution
        What to write.
    provenance : Provenance
        Where it came from; it goes into the figure and the JSON.
    replace : bool
        Whether files of these names are written over.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    InputError
        As `check_place`, and where writing fails; nothing is then left that looks finished.
    """
    from simsme.plots.attribution import write_attribution_figure  # loads matplotlib, which checking does not need

    check_place(folder, replace=replace)
    unfinished = folder / _UNFINISHED
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
        write_table(attribution.table(), unfinished / FILES[0])
        write_attribution_figure(unfinished, attribution, provenance)
        content = attribution.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
        # an older object must not vouch for newer files
        (folder / FILES[-1]).unlink(missing_ok=True)
        for name in FILES:
            (unfinished / name).replace(folder / name)
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        raise InputError([Problem(place, "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return tuple(folder / name for name in FILES)
