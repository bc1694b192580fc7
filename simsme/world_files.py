"""Outcomes across worlds as files: tables, figures and the object with all numbers; all of them or none."""

import json
from pathlib import Path
from typing import Any

from simsme.csv_text import write_table
from simsme.provenance import Provenance
from simsme.results import results_folder
from simsme.robustness.across_worlds import AcrossWorlds
from simsme.study_files import written_together
from simsme.summary import as_json

FILES = (
    *("policies.csv", "bands.csv", "worlds.csv"),
    *("worlds-exit.png", "worlds-exit.svg", "worlds-gain.png", "worlds-gain.svg"),
    *("scenario.toml", "worlds.json"),
)
"""The last comes last, and is there only where the others are."""


def worlds_folder(scenario: str, digest: str, worlds: int, out: Path | None = None) -> Path:
    """Return where the result of a run in many worlds belongs; arguments as in `simsme.results.results_folder`."""
    folder = results_folder(scenario, digest, out)
    return folder.with_name(f"{folder.name}-{worlds}-worlds")


def find_worlds(folder: Path, digest: str) -> dict[str, Any] | None:
    """Return the stored object of a run in many worlds; None where there is none, it is of another run, or a file is missing."""
    try:
        found = json.loads((folder / FILES[-1]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    whole = isinstance(found, dict) and found.get("digest") == digest and all((folder / name).is_file() for name in FILES)
    return found if whole else None


def write_worlds(folder: Path, found: AcrossWorlds, provenance: Provenance, scenario_text: str) -> tuple[Path, ...]:
    """Write all `FILES`, in place of older ones.

    Parameters
    ----------
    folder
        Where; it is made where it is not there.
    found
        What to write.
    provenance
        Where it came from; it goes into figures and JSON.
    scenario_text
        The scenario as read.

    Raises
    ------
    InputError
        Where the folder cannot be written; nothing is then left that looks finished.
    """
    from simsme.plots.worlds import write_worlds_figures  # loads matplotlib, which looking for a stored result does not need

    with written_together(folder, FILES, replace=True) as unfinished:
        write_table(found.policies_table(), unfinished / FILES[0])
        write_table(found.bands_table(), unfinished / FILES[1])
        write_table(found.worlds_table(), unfinished / FILES[2])
        write_worlds_figures(unfinished, found, provenance)
        (unfinished / "scenario.toml").write_text(scenario_text, encoding="utf-8", newline="")
        content = found.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES)
