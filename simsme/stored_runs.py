"""Results folders that are read again, and compared."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd

from simsme.comparison.comparison import Comparison, compare_records
from simsme.comparison.record import Record
from simsme.comparison.settings import Settings, by_name
from simsme.csv_text import unguarded
from simsme.overrides import apply_override
from simsme.problems import InputError, Problem
from simsme.provenance import content_digest
from simsme.results import MADE_BY, MANIFEST, SCENARIO, SUMMARY
from simsme.run_tables import DRAWS
from simsme.scenario import parse_scenario
from simsme.summary import as_json
from simsme.textfile import decoded, parse_toml

CURVES = "curves.csv"
NEEDED = (SUMMARY, SCENARIO, CURVES)


def compare(run_a: str | Path, run_b: str | Path) -> Comparison:
    """Compare two stored runs: what changed in the scenario, what in the outcome.

    Parameters
    ----------
    run_a, run_b
        Results folders, as ``simsme run`` names them. Differences are those of B less A.

    Raises
    ------
    InputError
        Where one of them is no finished results folder, and where the two have no money, no policy or no reported day in common.

    Examples
    --------
    >>> import simsme
    >>> simsme.compare("results/three-months-0123abcd", "results/three-months-4567cdef").table()  # doctest: +SKIP
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for folder in (run_a, run_b):
        try:
            records.append(read_run(folder))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    with said_of(f"{run_a} or {run_b}"):
        found = compare_records(*records)
        # what is no number of JSON shows here, and not to somebody who reads it later
        as_json(found.json())
    return found


def read_run(folder: str | Path) -> Record:
    """Read what a run has stored: the folder, or the one results folder inside it, as ``simsme run --out`` leaves it.

    Raises
    ------
    InputError
        Where it is not a results folder, the run did not finish, or a file is missing or was changed.
    """
    with said_of(str(folder)):
        return _record(the_one_inside(Path(folder)), str(folder))


def the_one_inside(folder: Path) -> Path:
    """The results folder that a folder holds where it is none itself and holds exactly one."""
    if not folder.is_dir() or (folder / MANIFEST).exists():
        return folder
    inside = [file.parent for file in folder.glob(f"*/{MANIFEST}")]
    return inside[0] if len(inside) == 1 else folder


@contextmanager
def said_of(name: str) -> Iterator[None]:
    """Say of a results folder that it holds what no run writes, where reading it shows that.

    Digests tell what was changed by accident; who writes files of his own may write their digests as well.

    Raises
    ------
    InputError
        Where the block stumbles over what it reads.
    """
    try:
        yield
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        what = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        raise _refused(name, f"holds what simsme run does not write ({what}); run the scenario again, with --force") from error


def _record(place: Path, name: str) -> Record:
    manifest = _manifest(place, name)
    files = {file: _content(place, name, file, manifest) for file in (*NEEDED, DRAWS) if file in NEEDED or file in manifest["files"]}
    summary = json.loads(files[SUMMARY], parse_constant=_no_number)
    settings, with_defaults = _settings(decoded(files[SCENARIO], f"{name}/{SCENARIO}"), place, manifest)
    by_draw = _table(files[DRAWS]) if DRAWS in files else None
    if by_draw is not None:
        _check_draws(by_draw, manifest["policies"], summary["policies"][0]["by_day"], int(manifest["draws"]))
    return Record(
        folder=name,
        scenario=str(manifest["scenario"]),
        digest=str(manifest["digest"]),
        version=str(manifest["versions"]["simsme"]),
        seed=int(manifest["seed"]),
        draws=int(manifest["draws"]),
        firms_file=manifest.get("firm_file"),
        firms_digest=manifest.get("firm_file_digest"),
        settings=settings,
        with_defaults=with_defaults,
        policies=tuple(manifest["policies"]),
        summary=summary,
        curves=_table(files[CURVES]),
        by_draw=by_draw,
    )


def _check_draws(by_draw: pd.DataFrame, policies: Iterable[str], days: Iterable[str], draws: int) -> None:
    """Refuse, by a ValueError, a table that does not hold every draw of every policy and reported day once."""
    numbers = by_draw.groupby(["policy", "day"])["draw"].agg(sorted)
    if set(numbers.index) != set(product(policies, map(float, days))) or any(found != [*range(draws)] for found in numbers):
        raise ValueError(f"{DRAWS} does not hold every draw of every policy and day once")


def stored_table(folder: str | Path, file: str) -> pd.DataFrame | None:
    """Return a table of a results folder; None where the run has none of this name.

    Raises
    ------
    InputError
        As `read_run`.
    """
    place, name = Path(folder), str(folder)
    manifest = _manifest(place, name)
    return _table(_content(place, name, file, manifest)) if file in manifest["files"] else None


def _manifest(place: Path, name: str) -> Mapping[str, Any]:
    """The manifest of a finished run."""
    if not place.is_dir():
        raise _refused(name, "is a file; a results folder of simsme run is needed" if place.exists() else f"no such folder{_near(place)}")
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        raise _refused(name, _study(place) or f"is not a results folder of simsme: there is no {MANIFEST} in it{_inside(place)}") from None
    except (OSError, ValueError, RecursionError):
        raise _refused(name, f"{MANIFEST} cannot be read; run the scenario again") from None
    if not isinstance(manifest, dict) or manifest.get("made_by") != MADE_BY:
        raise _refused(name, f"is not a results folder of simsme: its {MANIFEST} is somebody else's")
    if manifest.get("complete") is not True or not isinstance(manifest.get("files"), dict):
        raise _refused(name, "is an unfinished run; run the scenario again")
    return manifest


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def _content(place: Path, name: str, file: str, manifest: Mapping[str, Any]) -> bytes:
    try:
        content = (place / file).read_bytes()
    except OSError:
        content = None
    if content is None or content_digest(content) != manifest["files"].get(file):
        what = "is missing" if content is None else "was changed after the run"
        raise _refused(f"{name}/{file}", f"{what}; run the scenario again, with --force")
    return content


def _settings(text: str, place: Path, manifest: Mapping[str, Any]) -> tuple[Settings, bool]:
    """The scenario with defaults or, where this version cannot read it or it names files that are not there, as it was written."""
    overrides = list(manifest["overrides"])
    try:
        # a scenario without a name had that of its file
        named = parse_toml(text, SCENARIO).get("name")
        named_so = [] if named or any(override.startswith("name=") for override in overrides) else [f'name="{manifest["scenario"]}"']
        return by_name(parse_scenario(text, SCENARIO, place, [*overrides, *named_so]).scenario.canonical()), True
    except InputError:
        tables = parse_toml(text, SCENARIO)
        for override in overrides:
            apply_override(tables, override)
        return by_name(tables), False


def _table(content: bytes) -> pd.DataFrame:
    # a policy may be called "none" or "1"
    table = pd.read_csv(StringIO(content.decode("utf-8")), dtype={"policy": str}, keep_default_na=False, na_values=[""])
    for column in table.columns:
        if not pd.api.types.is_numeric_dtype(table[column]):
            table[column] = [unguarded(cell) if isinstance(cell, str) else cell for cell in table[column]]
    return table


def _near(place: Path) -> str:
    """Results folders beside the one that is not there."""
    parent = place.parent
    there = sorted(found.parent.name for found in parent.glob(f"*/{MANIFEST}")) if parent.is_dir() else []
    return f"; in {parent} there is {', '.join(there[:5])}{' and more' if len(there) > 5 else ''}" if there else ""


def _inside(place: Path) -> str:
    """Results folders inside the one that is none."""
    there = sorted(str(found.parent) for found in place.glob(f"*/{MANIFEST}"))
    return f"; did you mean {', '.join(there[:3])}?" if there else ""


STUDIES = {
    "worlds.json": ("simsme run --worlds", "many worlds", "policies.csv (over all worlds), worlds.csv (one row a world) and figures"),
    "sweep.json": ("simsme sweep", "a sweep", "sweep.csv and sweep.png"),
    "sensitivity.json": ("simsme sensitivity", "a sensitivity analysis", "sensitivity.csv and sensitivity.png"),
}
"""Files by which the folders of studies are known: the command, what it stores, and where what came of it stands."""


def _study(place: Path) -> str:
    """What a folder is that a study of many runs has written; empty where it is none."""
    for file, (command, what, shown) in STUDIES.items():
        if (place / file).is_file():
            return f"holds {what} ({command}), not a single run: look at {shown} there; for this command, run the scenario by itself"
    return ""


def _refused(name: str, message: str) -> InputError:
    return InputError([Problem(name, "", message)])
