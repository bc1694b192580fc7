"""A result on the screen: what was run, the table of policies, and how to read it."""

from collections.abc import Mapping
from typing import Any

from simsme.cli.fund_table import fund_table
from simsme.cli.policy_table import policy_table
from simsme.cli.screen import print_prose, screen


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
    for row in (*policy_table(summary, console.width), *fund_table(summary, console.width)):
        console.print(row)
    console.print()
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
            "reached: firms for which the policy changed a payment, a date or a decision. net cost: what the policy costs those who pay "
            "for it, open loans at expected loss; below zero they gain."
        )
    if summary["funds"]:
        lines.append(
            "peak use: the most that a public fund had out at the end of a step, in percent of its capital (for guarantees of capital "
            "times leverage); days exhausted: days of steps in which somebody was passed over; turned away: firms that asked and were "
            "never served; losses: advances lost, or claims paid on guarantees."
        )
    policies_of: dict[str, list[str]] = {}
    for entry in summary["policies"]:
        reason = entry["cost"].get("reason")
        if reason and entry["policy"] != summary["reference"]:
            policies_of.setdefault(reason, []).append(entry["policy"])
    lines += [f"No cost per firm saved for {', '.join(policies)}: {reason}." for reason, policies in policies_of.items()]
    return lines
