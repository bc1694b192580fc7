"""Golden output: small runs of the shipped scenarios, kept so that no number changes unnoticed.

    python tests/golden/rewrite.py [SCENARIO ...]

computes the golden files anew and says what changed. Run it only when numbers are meant to change, with the versions of constraints.txt
installed, and put what changed and why into CHANGELOG.md.
"""

import gzip
import json
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from simsme.runs import run
from simsme.scenario import load_scenario, shipped_scenarios

FOLDER = Path(__file__).parent
CONSTRAINTS = FOLDER.parents[1] / "constraints.txt"

DRAWS = 6
FIRMS = 300
"""Few, so that a golden run takes a second or two; enough for every policy to show."""

FIRM_FILES = {"poland-firms": "poland_firms_5y.csv.gz"}
"""Scenarios that need a file of firms, which lies in the folder that SIMSME_DATA names or nowhere."""

VOLATILE = ("digest", "seconds", "firm_weeks_per_second", "precision")
"""What differs from run to run, or with every version; and the precision, which follows from the errors that are there."""


def golden_file(scenario: str) -> Path:
    """Return the golden file of a scenario."""
    return FOLDER / f"{scenario}.json"


def firm_file(scenario: str) -> Path | None:
    """Return the file of firms that a scenario needs; None where it needs none. FileNotFoundError where it is not there."""
    if load_scenario(scenario).scenario.firms is None:
        return None
    folder = os.environ.get("SIMSME_DATA")
    if folder is None or not (Path(folder) / FIRM_FILES[scenario]).exists():
        raise FileNotFoundError(f"{scenario} needs {FIRM_FILES[scenario]} in the folder that SIMSME_DATA names")
    return Path(folder) / FIRM_FILES[scenario]


def first_firms(source: Path, folder: Path) -> Path:
    """Copy the first rows of a file of firms, as many as a golden run takes."""
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        text = "".join(line for line, _ in zip(lines, range(FIRMS + 1), strict=False))
    copy = folder / "firms.csv"
    copy.write_text(text, encoding="utf-8")
    return copy


def produce(scenario: str, folder: Path) -> dict[str, Any]:
    """Run a scenario small and return its summary without what is volatile; `folder` is for what it needs on disk."""
    firms = firm_file(scenario)
    if firms is None:
        summary = run(scenario, draws=DRAWS, overrides=[f"population.firms={FIRMS}"]).json
    else:
        summary = run(scenario, draws=DRAWS, firms=first_firms(firms, folder)).json
    return {key: value for key, value in json.loads(json.dumps(summary)).items() if key not in VOLATILE}


def versions_differ() -> list[str]:
    """Return what is installed in another version than constraints.txt says, of the packages that numbers depend on."""
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return [
        f"{package} {metadata.version(package)} instead of {pinned[package]}"
        for package in ("numpy", "pandas", "scipy")
        if metadata.version(package) != pinned[package]
    ]


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number, text and null of a summary with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for position, part in enumerate(value):
            named = part.get("policy", position) if isinstance(part, dict) else position
            yield from leaves(part, f"{place}[{named}]")
    else:
        yield place, value


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What a reader of CHANGELOG wants to know: the headline numbers that changed."""
    before, after = dict(leaves(old)), dict(leaves(new))
    headline = re.compile(r"policies\[[\w-]+\]\.(survival|difference)\.\w+\.mean")
    places = [place for place in after if headline.fullmatch(place) and before.get(place) != after[place]]
    return [f"  {place}: {_short(before.get(place))} -> {_short(after[place])}" for place in places]


def _short(value: Any) -> str:
    return f"{value:.5f}" if isinstance(value, float) else str(value)


def _as_text(summary: dict[str, Any]) -> str:
    """JSON with a line for every number but those of a curve, which share one."""
    text = json.dumps(summary, indent=1, allow_nan=False)
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def main(names: list[str]) -> int:
    """Rewrite the golden files of the named scenarios, of all where none is named."""
    import tempfile

    if differing := versions_differ():
        print(f"not with these versions: {', '.join(differing)}; install those of constraints.txt first", file=sys.stderr)
        return 1
    for scenario in names or shipped_scenarios():
        path = golden_file(scenario)
        with tempfile.TemporaryDirectory() as folder:
            try:
                new = produce(scenario, Path(folder))
            except FileNotFoundError as error:
                print(f"{scenario}: not rewritten, {error}")
                continue
        old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        path.write_text(_as_text(new), encoding="utf-8")
        print(f"{scenario}: {'unchanged' if old == new else 'rewritten'} ({platform.machine()})", *_changes(old, new), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
