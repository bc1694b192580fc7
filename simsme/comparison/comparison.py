"""A comparison of two stored runs: changes of the scenario, differences of the outcome, as tables."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from simsme.comparison.outcomes import GAINS, MEASURES, Difference, difference_of, pairing, same_firms
from simsme.comparison.record import Record
from simsme.comparison.settings import Change, changes
from simsme.problems import InputError, Problem
from simsme.shown_as_table import ShownAsTable


@dataclass(frozen=True, repr=False)
class Comparison(ShownAsTable):
    """Two stored runs, A and B, side by side.

    Attributes
    ----------
    a, b
        The runs.
    changes
        What differs in the scenarios, firms and versions.
    differences
        What differs in the outcomes: policies that both runs have, on the headline days that both report and on the last common day.
    paired
        Whether differences were taken draw by draw.
    pairing
        A sentence that says why, or why not.
    remarks
        What a reader has to know, a sentence each.
    """

    a: Record
    b: Record
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...]
    paired: bool
    pairing: str
    remarks: tuple[str, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """Policies that both runs have, in the order of A."""
        return tuple(dict.fromkeys(row.policy for row in self.differences))

    @property
    def days(self) -> tuple[float, ...]:
        """Days that are compared."""
        return tuple(dict.fromkeys(row.day for row in self.differences))

    def of(self, policy: str, day: float, measure: str) -> Difference | None:
        """One difference; None where there is nothing to compare, as for a gain of a reference."""
        wanted = (policy, day, measure)
        return next((row for row in self.differences if (row.policy, row.day, row.measure) == wanted), None)

    def table(self) -> pd.DataFrame:
        """One row a policy, day and measure; columns as the fields of `simsme.comparison.outcomes.Difference`."""
        table = pd.DataFrame([row.json for row in self.differences])
        return table.astype(
            {name: "float64" for name in ("day", "a", "a_mc_error", "b", "b_mc_error", "difference", "mc_error", "low", "high")}
        )

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme compare --json`` prints it."""
        return {
            "a": self.a.json,
            "b": self.b.json,
            "currency": self.a.currency,
            "changes": [change.json for change in self.changes],
            "paired": self.paired,
            "pairing": self.pairing,
            "remarks": list(self.remarks),
            "differences": [row.json for row in self.differences],
        }


def compare_records(a: Record, b: Record) -> Comparison:
    """Compare two stored runs.

    Raises
    ------
    InputError
        Where they have no money, no policy or no reported day in common.
    """
    policies = tuple(policy for policy in a.policies if policy in b.policies)
    days = tuple(day for day in a.days if day in b.days)
    problems = []
    if a.currency != b.currency:
        told = f"{a.currency or 'none'} and {b.currency or 'none'}"
        problems.append(Problem(b.folder, "currency", f"money is in another currency than in {a.folder} ({told}): they cannot be compared"))
    if not policies:
        told = f"{', '.join(a.policies)} and {', '.join(b.policies)}"
        problems.append(Problem(b.folder, "policies", f"has no policy in common with {a.folder} ({told})"))
    if not days:
        told = f"{_listed(a.days)} and {_listed(b.days)}"
        problems.append(Problem(b.folder, "time.report_days", f"has no reported day in common with {a.folder} ({told})"))
    if problems:
        raise InputError(problems)
    paired, why = pairing(a, b)
    shown = sorted({day for day in (a.headline_day, b.headline_day) if day in days} | {days[-1]})
    references = (a.reference, b.reference)
    differences = tuple(
        difference_of(a, b, policy, day, measure, paired=paired)
        for policy in policies
        for day in shown
        for measure in MEASURES
        if measure not in GAINS or policy not in references
    )
    return Comparison(a, b, (*_of_the_runs(a, b), *changes(a.settings, b.settings)), differences, paired, why, _remarks(a, b, shown))


def _of_the_runs(a: Record, b: Record) -> list[Change]:
    """What differs beside the scenarios."""
    found = []
    if a.version != b.version:
        found.append(Change("version of simsme", a.version, b.version))
    if a.firms_digest != b.firms_digest:
        found.append(Change("file of firms", *(_file_of(record, other) for record, other in ((a, b), (b, a)))))
    if set(a.policies) != set(b.policies):
        alone = [[policy for policy in one.policies if policy not in other.policies] for one, other in ((a, b), (b, a))]
        found.append(Change("policies run in one only", *(", ".join(names) or None for names in alone)))
    return found


def _file_of(record: Record, other: Record) -> str:
    if record.firms_digest is None:
        return "none: firms are drawn"
    same_name = record.firms_file == other.firms_file
    return f"{record.firms_file} ({record.firms_digest[:8]})" if same_name else str(record.firms_file)


def _remarks(a: Record, b: Record, shown: list[float]) -> tuple[str, ...]:
    remarks = []
    if a.digest == b.digest:
        remarks.append("Both are the same run: same scenario, firms, policies and version.")
    if not same_firms(a, b):
        remarks.append("The firms differ: differences are between two sets of firms, too.")
    if a.reference != b.reference:
        remarks.append(f"The references differ ({a.reference} and {b.reference}): a gain in A is against another policy than in B.")
    if a.days[-1] != b.days[-1]:
        remarks.append(f"The runs end on day {a.days[-1]:g} and day {b.days[-1]:g}; compared is up to day {shown[-1]:g}.")
    for record, other in ((a, b), (b, a)):
        if record.headline_day not in other.days:
            remarks.append(f"Day {record.headline_day:g}, the headline of {record.folder}, is not reported in {other.folder}.")
    if not (a.with_defaults and b.with_defaults):
        remarks.append("A scenario cannot be read by this version of simsme: only what was written down is compared, without defaults.")
    return tuple(remarks)


def _listed(days: tuple[float, ...]) -> str:
    return ", ".join(f"{day:g}" for day in days)
