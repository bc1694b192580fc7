"""What a report is made of: the stored run, its tables, and what each policy looks like."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsme.plots.style import Look, looks_of
from simsme.problems import InputError, Problem
from simsme.stored_runs import read_run, stored_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from simsme.comparison.record import Record

TORNADO = "sensitivity.csv"
"""Table of a folder of ``simsme sensitivity``."""

GAINS = "figures/difference-exit.csv"
"""Numbers of the figure of paired differences."""


@dataclass(frozen=True)
class Contents:
    """A stored run as a report needs it.

    Attributes
    ----------
    record
        The run, its summary and curves.
    folder
        Where it lies.
    manifest
        Versions, command and times of the run.
    classes, fund_use, gains, influence
        Tables of the folder; None where the run has none. ``gains`` are paired differences to the reference by day; ``influence`` is what
        ``simsme sensitivity`` found, where it was asked.
    """

    record: "Record"
    folder: Path
    manifest: dict[str, Any]
    classes: "pd.DataFrame | None"
    fund_use: "pd.DataFrame | None"
    gains: "pd.DataFrame | None"
    influence: "pd.DataFrame | None" = None

    @property
    def summary(self) -> "Mapping[str, Any]":
        """The summary of the run, as ``simsme run --json`` prints it."""
        return self.record.summary

    @property
    def reference(self) -> str:
        """Name of the reference policy."""
        return str(self.summary["reference"])

    @property
    def policies(self) -> list[dict[str, Any]]:
        """Entries of the summary, one a policy, in the order of the run."""
        return list(self.summary["policies"])

    @property
    def others(self) -> list[dict[str, Any]]:
        """Entries of all policies but the reference."""
        return [entry for entry in self.policies if entry["policy"] != self.reference]

    @property
    def best(self) -> str:
        """Name of the policy under which most firms are not gone for good on the headline day; the reference where there is no other."""
        ahead = max(self.others, key=lambda entry: float(entry["difference"]["exit"]["mean"]), default=None)
        return self.reference if ahead is None else str(ahead["policy"])

    @property
    def days(self) -> list[int]:
        """Reported days, ascending."""
        return sorted(int(day) for day in self.policies[0]["by_day"])

    @property
    def currency(self) -> str:
        """Currency of all amounts; empty where the scenario names none."""
        return str(self.summary.get("currency", ""))

    @cached_property
    def looks(self) -> dict[str, Look]:
        """Colour and dashes of each policy, as in the figures."""
        return looks_of([entry["policy"] for entry in self.policies], self.reference)

    def title_of(self, policy: str) -> str:
        """Title of a policy, or its name where it has none."""
        return next((entry["title"] or policy for entry in self.policies if entry["policy"] == policy), policy)


def read_contents(folder: str | Path, sensitivity: str | Path | None = None) -> Contents:
    """Read a results folder and, where it is given, the folder of a tornado that ``simsme sensitivity`` wrote.

    Raises
    ------
    InputError
        Where it is not a results folder, the run did not finish, or a file is missing or was changed.
    """
    import json

    record = read_run(folder)
    place = Path(folder)
    manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
    classes, fund_use, gains = (stored_table(place, file) for file in ("classes.csv", "fund_use.csv", GAINS))
    influence = None if sensitivity is None else _influence(Path(sensitivity))
    return Contents(record, place, manifest, classes, fund_use, gains, influence)


def _influence(folder: Path) -> "pd.DataFrame":
    """Return what each number does to the share of firms that are not gone, the largest first: columns ``name`` and ``effect``."""
    import pandas as pd

    file = folder / TORNADO
    try:
        found = pd.read_csv(file)
    except (OSError, ValueError) as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise InputError([Problem(str(file), "", f"{why}; a folder that simsme sensitivity wrote with --out is needed")]) from None
    if not {"outcome", "name", "width"} <= set(found.columns):
        raise InputError([Problem(str(file), "", "is no tornado; run simsme sensitivity with --method tornado")])
    found = found[found["outcome"] == "exit"]
    return found.rename(columns={"width": "effect"})[["name", "effect"]]
