"""A sweep as files: the tidy table, the object with all numbers, and a figure."""

import re
from pathlib import Path

from simsme.csv_text import write_table
from simsme.provenance import Provenance
from simsme.study_files import check_place, written_together
from simsme.summary import as_json
from simsme.sweeping.result import Sweep

FILES = ("sweep.csv", "sweep.png", "sweep.svg", "sweep.json")
CELLS = "sweep-cells"
"""Folder of runs that were finished, beside the folders of sweeps, which share them."""


def sweep_folder(scenario: str, digest: str, out: Path | None = None) -> Path:
    """Return where a sweep belongs: a folder of its own under ``results`` or another folder."""
    name = re.sub(r"[^\w.-]+", "-", scenario).strip(".-")[:60] or "scenario"
    return (Path("results") if out is None else out) / f"sweep-{name}-{digest[:8]}"


def check_sweep_place(folder: Path) -> None:
    """Check, before anything is computed, that a sweep can be written; InputError where it cannot. An older one is written over."""
    check_place(folder, FILES, replace=True)


def write_sweep(folder: Path, sweep: Sweep, provenance: Provenance) -> tuple[Path, ...]:
    """Write ``sweep.csv``, ``.json`` and, for one key or two, ``.png`` and ``.svg``; returns the files."""
    from simsme.plots.sweep import write_sweep_figure  # loads matplotlib, which checking does not need

    with written_together(folder, FILES, replace=True) as unfinished:
        write_table(sweep.table(), unfinished / FILES[0])
        if len(sweep.axes) <= 2:
            write_sweep_figure(unfinished, sweep, provenance)
        content = sweep.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES if (folder / name).exists())
