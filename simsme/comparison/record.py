"""A stored run as a comparison needs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from simsme.comparison.settings import Settings


@dataclass(frozen=True)
class Record:
    """A stored run.

    Attributes
    ----------
    folder
        Where it is stored, as the user named it.
    scenario, digest
        Name of the scenario; digest of all that determines the result.
    version
        Of simsme.
    seed, draws
        Of the run.
    firms_file, firms_digest
        Name and digest of the file of firms; None where firms were drawn.
    settings
        The scenario, overrides applied.
    with_defaults
        Whether the settings hold defaults as well as what was written down.
    policies
        Those that ran, the reference among them.
    summary
        What ``simsme run --json`` prints.
    curves
        See `simsme.curves.curves_table`.
    by_draw
        See `simsme.draw_tables.draws_table`; None where the run did not store it.
    """

    folder: str
    scenario: str
    digest: str
    version: str
    seed: int
    draws: int
    firms_file: str | None
    firms_digest: str | None
    settings: Settings
    with_defaults: bool
    policies: tuple[str, ...]
    summary: Mapping[str, Any]
    curves: pd.DataFrame
    by_draw: pd.DataFrame | None

    @property
    def currency(self) -> str:
        """Unit of money; empty where none was named."""
        return str(self.summary.get("currency", ""))

    @property
    def reference(self) -> str:
        """The policy that the others of the run are compared with."""
        return str(self.summary["reference"])

    @property
    def headline_day(self) -> float:
        """Day of the headline."""
        return float(self.summary["headline_day"])

    @property
    def days(self) -> tuple[float, ...]:
        """Reported days."""
        return tuple(float(day) for day in self.summary["policies"][0]["by_day"])

    def at(self, policy: str, day: float) -> Mapping[str, Any]:
        """What the summary says of a policy on a reported day."""
        entry = next(entry for entry in self.summary["policies"] if entry["policy"] == policy)
        found: Mapping[str, Any] = entry["by_day"][f"{day:g}"]
        return found

    @property
    def json(self) -> dict[str, Any]:
        """What was run, as a table for JSON."""
        return {
            "folder": self.folder,
            "scenario": self.scenario,
            "digest": self.digest,
            "version": self.version,
            "seed": self.seed,
            "draws": self.draws,
            "firms": self.summary["firms"],
            "weight": self.summary["weight"],
            "firms_file": self.firms_file,
            "reference": self.reference,
            "policies": list(self.policies),
        }
