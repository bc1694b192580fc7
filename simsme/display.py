"""The table of policies in words and rounded numbers, for a terminal or a notebook."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from simsme.gain_left import gains_left
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.summary import summary_table

MISSING = "–"
"""Shown where there is no number."""


@dataclass(frozen=True)
class ReadableTable:
    """A table as text.

    Attributes
    ----------
    header : tuple of str
        Column heads; the first column holds names, the others numbers.
    rows : tuple of tuple of str
        One row a policy.
    notes : tuple of str
        What the columns mean, and why a number is missing.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def readable_table(source: Outcomes | HasOutcomes | Mapping[str, Any], *, currency: str | None = None) -> ReadableTable:
    """Format the table of policies: shares in percent, differences in percentage points with their Monte Carlo error.

    Parameters
    ----------
    source : Outcomes, a run, or a summary
        Anything that `simsme.summary.summary_table` takes.
    currency : str, optional
        Name of the currency, for the heads of the columns of money; a summary's own where not given.
    """
    table = summary_table(source)
    if currency is None:
        currency = str(source.get("currency", "")) if isinstance(source, Mapping) else ""
    day = f"{table['day'].iloc[0]:g}"
    money = f" ({currency})" if currency else ""
    header = (
        "policy",
        "runway %",
        "cash %",
        "open %",
        "exit %",
        "exit: difference",
        "reached %",
        "exit: difference among reached",
        "firms saved",
        f"net cost{money}",
        f"carried{money}",
        f"cost per firm saved{money}",
    )
    rows = tuple(_row(row) for _, row in table.iterrows())
    notes = [
        f"Survival on day {day}: percent of firms whose static runway lasts (runway), that have not run short of cash (cash), "
        "that trade (open), that are not gone for good (exit).",
        "Differences to the reference in percentage points, ± Monte Carlo standard error of the mean over draws.",
        "Net cost: wealth that banks, public funds, the state and others who pay for levers lack against the reference, open claims at "
        "expected loss; carried: principal that ran on instead of falling due.",
    ]
    left = _left(source)
    notes += [f"Firms not gone for good (exit), in points of all firms: {'; '.join(left)}."] if left else []
    notes += [f"No cost per firm saved for {row['policy']}: {row['reason']}." for _, row in table.iterrows() if _said(row["reason"])]
    return ReadableTable(header, rows, tuple(notes))


def summary_html(source: Outcomes | HasOutcomes | Mapping[str, Any], *, currency: str | None = None) -> str:
    """Return the table of policies as HTML, for rich display in a notebook."""
    table = readable_table(source, currency=currency)
    head = "".join(f"<th>{escape(text)}</th>" for text in table.header)
    body = "".join(
        f'<tr><th style="text-align: left">{escape(row[0])}</th>' + "".join(f"<td>{escape(text)}</td>" for text in row[1:]) + "</tr>"
        for row in table.rows
    )
    notes = "<br>".join(escape(note) for note in table.notes)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p><small>{notes}</small></p>"


def percent(share: float, decimals: int = 1) -> str:
    """Format a share in percent, without the sign."""
    return MISSING if not math.isfinite(share) else f"{100 * share:.{decimals}f}"


def points(difference: float, error: float) -> str:
    """Format a difference of shares in percentage points with its Monte Carlo error; two digits after the point."""
    if not math.isfinite(difference):
        return MISSING
    text = f"{100 * difference:+.2f}" if difference else "0"
    return text if not math.isfinite(error) or (difference == 0 and error == 0) else f"{text} ± {100 * error:.2f}"


def amount(money: float) -> str:
    """Format money with three significant digits and a word for the thousands."""
    if not math.isfinite(money):
        return MISSING
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if abs(money) >= 0.9995 * size:
            return f"{_three_digits(money / size)}{word}"
    return _three_digits(money) if abs(money) < 1000 else f"{money:,.0f}"


def _three_digits(value: float) -> str:
    size = abs(value)
    if size == 0:
        return "0"
    return f"{value:,.{0 if size >= 99.95 else 1 if size >= 9.995 else 2}f}"


def _left(source: Outcomes | HasOutcomes | Mapping[str, Any]) -> list[str]:
    """What is left of each policy's gain, in words."""
    if isinstance(source, Mapping):
        told = [(entry["policy"], entry["gain_left"]) for entry in source["policies"]]
        return [f"{policy}: {gain['words']}" for policy, gain in told if gain is not None]
    return [f"{gain.policy}: {gain.words}" for gain in gains_left(outcomes_of(source))]


def _row(row: "pd.Series[Any]") -> tuple[str, ...]:
    return (
        str(row["policy"]),
        percent(row["runway"]),
        percent(row["cash"]),
        percent(row["open"]),
        percent(row["exit"]),
        points(row["difference_exit"], row["difference_exit_mc_error"]),
        percent(row["reached"]),
        points(row["difference_exit_reached"], row["difference_exit_reached_mc_error"]),
        amount(row["firms_saved"]),
        amount(row["cost_net"]),
        amount(row["carried"]),
        amount(row["cost_per_firm_saved"]),
    )


def _said(reason: object) -> bool:
    return isinstance(reason, str) and reason != "this is the reference"
