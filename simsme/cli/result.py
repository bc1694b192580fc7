"""A result on the screen: what was run, the table of policies, and how to read it."""

from collections.abc import Iterator, Mapping
from typing import Any

from simsme.cli.fund_table import fund_table
from simsme.cli.money_table import money_table
from simsme.cli.policy_table import policy_table
from simsme.cli.reasons import without_ratio
from simsme.cli.review_table import review_table
from simsme.cli.screen import print_pairs, print_prose, screen
from simsme.precision import Precision

GAINS_HEAD = "Firms not gone for good (exit), against the reference, in percentage points of all firms:"


def print_result(summary: Mapping[str, Any], title: str) -> None:
    """Print a summary, see `simsme.summary.summarize`, for a reader.

    Parameters
    ----------
    summary
        Fresh or stored.
    title
        Title of the scenario; may be empty.
    """
    console = screen()
    name = summary["scenario"]
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    print_prose(console, _what_ran(summary), style="dim")
    for table in (policy_table, money_table, fund_table, review_table):
        for row in table(summary, console.width):
            console.print(row)
    console.print()
    left = gains_by_policy(summary)
    if left:
        print_prose(console, GAINS_HEAD)
        print_pairs(console, left)
    if "precision" in summary and (told := Precision(**summary["precision"]).words):
        print_prose(console, told)
    for line in _how_to_read(summary):
        print_prose(console, line, style="dim")


def _what_ran(summary: Mapping[str, Any]) -> str:
    firms = f"{summary['firms']:,} firms"
    if abs(summary["weight"] - summary["firms"]) > 0.5:
        firms += f" that stand for {summary['weight']:,.0f}"
    draws = f"{summary['draws']:,} draw" + ("s" if summary["draws"] > 1 else "")
    return f"{firms}, {draws}, seed {summary['seed']}, steps of {summary['step_days']:g} days to day {summary['horizon_days']:g}"


def _how_to_read(summary: Mapping[str, Any]) -> list[str]:
    lines = [
        "Shares of firms. runway: cash alone would outlast the day with no sales; cash: never short of cash so far; open: trades; "
        "exit: not gone for good.",
    ]
    if summary["draws"] > 1:
        lines.append(
            "Below each number its band, 5th to 95th percentile over draws (differences paired draw by draw); "
            "± is the Monte Carlo standard error of a mean."
        )
    if len(summary["policies"]) > 1:
        lines.append(
            "reached: firms for which the policy changed a payment, a date or a decision. net cost: wealth that banks, public funds, the "
            "state and others who pay for levers lack against the reference, open claims at expected loss; below zero they gain. taxes "
            "back: taxes that arise beyond the reference, not taken off the net cost. on the frontier: no other policy, and no mixture "
            "of two, saves as many firms for less; below it the share of resampled draws in which this holds. deadweight: share of the "
            "support that went to firms that live with and without it."
        )
    if summary["funds"]:
        lines.append(
            "peak use: the most that a public fund had out at the end of a step, in percent of its capital (for guarantees of capital "
            "times leverage); days exhausted: days of steps in which somebody was passed over; turned away: firms that asked and were "
            "never served; losses: advances lost, or claims paid on guarantees."
        )
    if summary.get("reviews"):
        lines.append(
            "lever under review: in force by its window and by what its review decided; % of draws on that day, and days since day 0."
        )
    return lines + list(_without_ratio(summary))


def gains_by_policy(summary: Mapping[str, Any]) -> dict[str, str]:
    """What each policy gained by the headline day, and what of it is left on the last reported one; empty where none is told."""
    return {entry["policy"]: entry["gain_left"]["words"] for entry in summary["policies"] if entry.get("gain_left")}


def _without_ratio(summary: Mapping[str, Any]) -> Iterator[str]:
    """Why there is no cost per firm or per job saved, the policies with one reason together."""
    others = [entry for entry in summary["policies"] if entry["policy"] != summary["reference"]]
    for what, key in (("firm", "reason"), ("job", "job_reason")):
        costs = ((entry["policy"], entry["by_day"][max(entry["by_day"], key=float)]["cost"].get(key)) for entry in others)
        yield from without_ratio(what, costs)
