"""The results folder: everything a run leaves on disk, complete or not there at all.

A run writes into ``<name>.partial`` beside the folder and renames it at the very end, so that nothing half-done looks finished.
A folder that simsme did not make is neither overwritten nor deleted.
"""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simsme.firm_level import FirmLevel
from simsme.firm_level_files import FILES as FIRM_FILES
from simsme.firm_level_files import write_firm_level
from simsme.folder_locks import lock, unlock
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.painters import FIGURES, Painters
from simsme.problems import InputError, Problem
from simsme.provenance import Provenance, content_digest
from simsme.run_tables import DRAWS, FUND_TABLES, REVIEWS, TABLES, write_tables
from simsme.summary import as_json

MADE_BY = "simsme"
"""Mark in a manifest by which a folder is known to be ours."""

MANIFEST, SUMMARY, SCENARIO = "manifest.json", "summary.json", "scenario.toml"
REPORT = "report.html"
"""What `simsme report` adds to the folder of a run."""

CONTENTS = (MANIFEST, SUMMARY, SCENARIO, FIGURES, REPORT, DRAWS, *TABLES, *FUND_TABLES, REVIEWS, *FIRM_FILES.values())
"""Names of all that may stand in a results folder."""


BUSY = "is being written by another run of simsme at this moment; its result is the same: give the command again when it has ended"


def results_folder(scenario: str, digest: str, out: Path | None = None) -> Path:
    """Return where the result of a run belongs.

    Parameters
    ----------
    scenario : str
        Name of the scenario; what cannot stand in a file name becomes a hyphen.
    digest : str
        Digest of the run, of which the first eight digits are used.
    out : Path, optional
        Folder of the results; ``results`` in the current folder where not given.
    """
    name = re.sub(r"[^\w.-]+", "-", scenario).strip(".-")[:60] or "scenario"
    return (Path("results") if out is None else out) / f"{name}-{digest[:8]}"


def check_folder(folder: Path) -> None:
    """Check, before anything is computed, that a result can be written; changes nothing on disk.

    Raises
    ------
    InputError
        When the folder or its ``.partial`` is there and is not ours, or cannot be made.
    """
    for place in (folder, _partial(folder), _replaced(folder)):
        if _is_foreign(place):
            raise _unusable(place, "is there already and was not made by simsme; move it away or choose another folder with --out")
    ancestor = folder.parent
    while not ancestor.exists() and ancestor != ancestor.parent:
        ancestor = ancestor.parent
    if not ancestor.is_dir():
        raise _unusable(ancestor, "is not a folder; choose another one with --out")
    if not os.access(ancestor, os.W_OK | os.X_OK):
        raise _unusable(ancestor, "is not writable; choose another folder with --out")


def write_results(
    folder: Path,
    source: Outcomes | HasOutcomes,
    *,
    summary: Mapping[str, Any],
    scenario_text: str,
    provenance: Provenance,
    by_firm: FirmLevel | None = None,
    firm_format: str | None = None,
    painters: Painters | None = None,
) -> Path:
    """Write everything about a run into a folder, replacing an older result of ours that is there.

    Parameters
    ----------
    folder : Path
        Where, see `results_folder`.
    source : Outcomes or a run
        What happened.
    summary : mapping
        The summary, see `simsme.summary.summarize`.
    scenario_text : str
        The scenario as read.
    provenance : Provenance
        Where the result came from.
    by_firm : FirmLevel, optional
        Counts by firm, where they are to be written as well.
    firm_format : str, optional
        Format of that file, see `simsme.firm_level_files.chosen_format`.
    painters : Painters, optional
        Processes that write tables and draw figures; what they do not make is made here.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When the folder cannot be written; what was there before is then still there.
    """
    outcomes = outcomes_of(source)
    check_folder(folder)
    with _complete_or_absent(folder) as partial:
        (partial / FIGURES).mkdir()
        if painters is not None:
            painters.paint(partial, outcomes, provenance, summary)
        _write(partial / SCENARIO, scenario_text)
        _write(partial / SUMMARY, as_json(summary, indent=1) + "\n")
        if by_firm is not None:
            write_firm_level(partial, by_firm, firm_format)
        if painters is None or not painters.done():
            _write_tables_and_figures(partial, outcomes, provenance, summary)
        # the manifest comes last and vouches for all the others
        _write_manifest(partial, provenance.manifest() | {"complete": True, "files": _contents(partial)})
    return folder


def _write_tables_and_figures(folder: Path, outcomes: Outcomes, provenance: Provenance, summary: Mapping[str, Any]) -> None:
    """Write what no painter has made."""
    from simsme.plots import write_figures  # loads matplotlib, which looking for a stored result does not need

    write_tables(folder, outcomes, summary)
    write_figures(folder / FIGURES, outcomes, provenance, str(summary.get("currency", "")))


def find_stored(folder: Path, digest: str, any_of: Collection[str] = ()) -> dict[str, Any] | None:
    """Find the stored summary of a run in its folder.

    Parameters
    ----------
    folder : Path
        Where it would be, see `results_folder`.
    digest : str
        The full digest of the run.
    any_of : collection of str
        Names of files of which at least one must be there.

    Returns
    -------
    dict or None
        The summary; None where there is none, it is of another run or lacks what is wanted, or any file is missing or was changed.
    """
    manifest = _manifest(folder)
    if manifest is None or manifest.get("complete") is not True or manifest.get("digest") != digest:
        return None
    files = manifest.get("files")
    if not isinstance(files, dict) or SUMMARY not in files or (any_of and not any(name in files for name in any_of)):
        return None
    try:
        if any(content_digest((folder / name).read_bytes()) != expected for name, expected in files.items()):
            return None
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return summary if isinstance(summary, dict) else None


@contextmanager
def _complete_or_absent(folder: Path) -> Iterator[Path]:
    """Give out a fresh partial folder, and move it into place only when the block ends well."""
    partial, replaced = _partial(folder), _replaced(folder)
    held, ours = None, False
    try:
        if partial.exists():
            # a lock that can be had is that of a run that has ended, or was cut off
            unlock(lock(partial))
        if replaced.exists() and not folder.exists():
            # a run was cut off between moving the old result aside and moving the new one in
            replaced.rename(folder)
        for stale in (partial, replaced):
            if stale.exists():
                shutil.rmtree(stale)
        partial.mkdir(parents=True)
        ours = True
        held = lock(partial)
        _write_manifest(partial, {"complete": False})
        yield partial
        if folder.exists():
            folder.rename(replaced)
        try:
            partial.rename(folder)
        except OSError:
            if replaced.exists():
                replaced.rename(folder)
            raise
        if replaced.exists():
            shutil.rmtree(replaced)
    except BlockingIOError:
        raise _unusable(folder, BUSY) from None
    except OSError as error:
        place = Path(error.filename) if isinstance(error.filename, str) else folder
        if isinstance(error, FileNotFoundError | FileExistsError) and partial in (place, *place.parents):
            # two began at the same moment
            raise _unusable(folder, BUSY) from error
        if ours:
            shutil.rmtree(partial, ignore_errors=True)
        raise _unusable(place, f"cannot be written: {(error.strerror or str(error)).lower()}") from error
    except BaseException:
        # Ctrl-C: leave nothing half-written behind
        if ours:
            shutil.rmtree(partial, ignore_errors=True)
        raise
    finally:
        unlock(held)


def _partial(folder: Path) -> Path:
    return folder.with_name(folder.name + ".partial")


def _replaced(folder: Path) -> Path:
    return folder.with_name(folder.name + ".replaced")


def _is_foreign(place: Path) -> bool:
    """Whether something is there that we may not replace.

    A folder is ours when its manifest says so or, as a manifest may be damaged or cut off, when it holds nothing but what we write.
    """
    if place.is_symlink():
        return True
    if not place.exists():
        return False
    try:
        return not place.is_dir() or (_manifest(place) is None and any(part.name not in CONTENTS for part in place.iterdir()))
    except OSError:
        return True


def _manifest(folder: Path) -> dict[str, Any] | None:
    """Read the manifest of a folder; None where there is none of ours."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and content.get("made_by") == MADE_BY else None


def _write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    _write(folder / MANIFEST, as_json({"made_by": MADE_BY} | dict(content), indent=1) + "\n")


def _contents(folder: Path) -> dict[str, str]:
    """Digest of each file of a folder but the manifest, by its path inside the folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): content_digest(path.read_bytes()) for path in paths}


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _unusable(place: Path, message: str) -> InputError:
    return InputError([Problem(str(place), "", message)])
