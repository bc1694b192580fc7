"""A comparison as files: the table, the object with all numbers, and a figure."""

from pathlib import Path

from simsme.comparison.comparison import Comparison
from simsme.csv_text import write_table
from simsme.provenance import Provenance
from simsme.study_files import written_together
from simsme.summary import as_json

FILES = ("comparison.csv", "comparison.png", "comparison.svg", "comparison.json")


def write_comparison(folder: Path, comparison: Comparison, *, replace: bool = False) -> tuple[Path, ...]:
    """Write ``comparison.csv``, ``.json``, ``.png`` and ``.svg``; see `simsme.study_files.written_together` for when it refuses."""
    from simsme.plots.comparison import write_comparison_figure  # loads matplotlib, which checking does not need

    a = comparison.a
    provenance = Provenance(a.scenario, a.digest, a.seed, a.draws, comparison.policies)
    with written_together(folder, FILES, replace=replace) as unfinished:
        write_table(comparison.table(), unfinished / FILES[0])
        write_comparison_figure(unfinished, comparison, provenance)
        (unfinished / FILES[-1]).write_text(as_json(comparison.json(), indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES)
