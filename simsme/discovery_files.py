"""A discovery as files: the table of restrictions, the object with all numbers, and a figure."""

from pathlib import Path

from simsme.csv_text import write_table
from simsme.discovery.result import Discovery
from simsme.provenance import Provenance
from simsme.study_files import written_together
from simsme.summary import as_json

FILES = ("discovery.csv", "discovery.png", "discovery.svg", "discovery.json")


def write_discovery(folder: Path, discovery: Discovery, provenance: Provenance, *, replace: bool = False) -> tuple[Path, ...]:
    """Write ``discovery.csv``, ``.json``, ``.png`` and ``.svg``; see `simsme.study_files.written_together` for when it refuses."""
    from simsme.plots.discovery import write_discovery_figure  # loads matplotlib, which checking does not need

    with written_together(folder, FILES, replace=replace) as unfinished:
        write_table(discovery.table(), unfinished / FILES[0])
        write_discovery_figure(unfinished, discovery, provenance)
        content = discovery.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES)
