"""The report of a results folder as a file, complete or not there at all."""

import os
import tempfile
from pathlib import Path

from simsme.problems import InputError, Problem
from simsme.report.contents import read_contents
from simsme.report.page import report_page
from simsme.results import REPORT
from simsme.stored_runs import said_of, the_one_inside


def write_report(run: str | Path, file: str | Path | None = None, sensitivity: str | Path | None = None) -> Path:
    """Write the report of a stored run.

    Parameters
    ----------
    run
        A results folder.
    file
        Where to; ``report.html`` in that folder where not given. A file that is there is replaced.

    sensitivity
        Folder of a tornado that ``simsme sensitivity --out`` wrote, by which assumptions are ranked; not ranked where not given.

    Returns
    -------
    Path
        The file: one page of HTML that loads nothing from anywhere.

    Raises
    ------
    InputError
        Where the folder is no finished run, and where the file cannot be written.

    Examples
    --------
    >>> import simsme
    >>> folder = simsme.run("three-months").save()  # doctest: +SKIP
    >>> simsme.write_report(folder)  # doctest: +SKIP
    """
    run = the_one_inside(Path(run))
    with said_of(str(run)):
        page = report_page(read_contents(run, sensitivity))
    place = Path(run) / REPORT if file is None else Path(file)
    try:
        handle, partial = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".partial")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(page)
            os.chmod(partial, 0o644)
            os.replace(partial, place)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError([Problem(str(place), "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error
    return place
