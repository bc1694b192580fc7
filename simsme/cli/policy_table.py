"""The table of policies for a terminal: survival, and what policies change."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Estimate, Group, band, decimals_for, number, percent, table_lines


def policy_table(summary: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of a summary, see `simsme.summary.summarize`.

    Parameters
    ----------
    summary
        Fresh or stored.
    width
        Characters of a line. Groups of columns that find no room come below the others.
    """
    policies, reference, headline = summary["policies"], summary["reference"], summary["headline_day"]
    names = Column(("", "policy"), tuple((entry["policy"], "") for entry in policies))
    groups = [_survival(policies, headline), _differences(policies, reference), _saved(policies)]
    groups += [_exit_on(policies, day, reference) for day in policies[0]["by_day"] if float(day) != headline]
    return table_lines(names, groups, width)


def _survival(policies: Sequence[Mapping[str, Any]], day: float) -> Group:
    def column(name: str) -> Column:
        estimates = [entry["survival"][name] for entry in policies]
        return Column(("", name), tuple((percent(estimate["mean"]), band(estimate, 100.0, 0)) for estimate in estimates))

    return Group(f"survival, day {day:g}, %", tuple(column(name) for name in ("runway", "cash", "open", "exit")))


def _differences(policies: Sequence[Mapping[str, Any]], reference: str) -> Group:
    everyone = [_unless_reference(entry, entry["difference"]["exit"], reference) for entry in policies]
    reached = [_unless_reference(entry, entry["reached"]["difference"]["exit"], reference) for entry in policies]
    return Group(f"exit against {reference}, points", (_points("all firms", everyone), _points("reached", reached)))


def _saved(policies: Sequence[Mapping[str, Any]]) -> Group:
    columns = [Column(("reached", "%"), tuple((percent(entry["reached"]["share"]), "") for entry in policies))]
    for name in ("firms", "jobs"):
        saved = [entry[f"{name}_saved"] for entry in policies]
        decimals = min(decimals_for([estimate["mean"] for estimate in saved]), 1)
        cells = tuple((number(estimate["mean"], decimals), band(estimate, 1.0, max(decimals - 1, 0))) for estimate in saved)
        columns.append(Column((name, "saved"), cells))
    return Group("what they change", tuple(columns))


def _exit_on(policies: Sequence[Mapping[str, Any]], day: str, reference: str) -> Group:
    entries = [entry["by_day"][day] for entry in policies]
    survival = tuple((percent(entry["survival"]["exit"]["mean"]), band(entry["survival"]["exit"], 100.0, 0)) for entry in entries)
    differences = [
        _unless_reference(policy, entry["difference"]["exit"], reference) for policy, entry in zip(policies, entries, strict=True)
    ]
    return Group(f"exit, day {day}", (Column(("", "%"), survival), _points(f"against {reference}", differences)))


def _unless_reference(entry: Mapping[str, Any], estimate: Estimate | None, reference: str) -> Estimate | None:
    return None if entry["policy"] == reference else estimate


def _points(head: str, estimates: Sequence[Estimate | None]) -> Column:
    """Differences of shares in percentage points with their errors, and their bands."""
    decimals = decimals_for([100.0 * (estimate["mean"] or 0.0) for estimate in estimates if estimate is not None], few=5.0)

    def cell(estimate: Estimate | None) -> tuple[str, str]:
        if estimate is None or estimate["mean"] is None:
            return MISSING, ""
        text, error = number(100.0 * estimate["mean"], decimals, "+"), estimate["mc_error"]
        return text if error is None else f"{text} ± {number(100.0 * error, decimals)}", band(estimate, 100.0, decimals - 1)

    return Column(("", head), tuple(cell(estimate) for estimate in estimates))
