"""A sensitivity study as files: the table, the object with all numbers, and a figure; all of them or none."""

from pathlib import Path

from simsme.csv_text import write_table
from simsme.provenance import Provenance
from simsme.robustness.effects import Tornado
from simsme.robustness.indices import Decomposition
from simsme.robustness.screening import Screening
from simsme.study_files import written_together
from simsme.summary import as_json

FILES = ("sensitivity.csv", "sensitivity.png", "sensitivity.svg", "sensitivity.json")
"""The last comes last, and is there only where the others are."""


def write_sensitivity(
    folder: Path, found: Tornado | Screening | Decomposition, provenance: Provenance, *, replace: bool = False
) -> tuple[Path, ...]:
    """Write all `FILES`.

    Parameters
    ----------
    folder
        Where; it is made where it is not there.
    found
        What to write.
    provenance
        Where it came from; it goes into the figure and the JSON.
    replace
        Whether files of these names are written over.

    Raises
    ------
    InputError
        Where the folder cannot be written, or a file is there and is not to be replaced; nothing is then left that looks finished.
    """
    from simsme.plots.tornado import write_sensitivity_figure  # loads matplotlib, which checking does not need

    with written_together(folder, FILES, replace=replace) as unfinished:
        write_table(found.table(), unfinished / FILES[0])
        write_sensitivity_figure(unfinished, found, provenance)
        content = found.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES)
