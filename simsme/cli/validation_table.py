"""The table of published and simulated numbers for a terminal."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from simsme.cli.screen import print_prose, screen
from simsme.validation.rows import MISS, PASS, Row, pass_rates
from simsme.validation.targets import Target, title_of
from simsme.validation.words import limits_text, published_text, simulated_text, tolerance_text

HEADS = ("", "role", "published", "simulated", "tolerance", "")

STYLES = {PASS: "green", MISS: "red", None: "dim"}


def print_validation(rows: Sequence[Row]) -> None:
    """Print the rows by source and role, then pass rates; a miss with its cause below it."""
    console = screen()
    for source, group in groupby(rows, key=lambda row: row.target.source):
        console.print(Text(f"{source}: {title_of(source)}", style="bold"))
        of_source = list(group)
        _print_rows(console, of_source)
        for reason in dict.fromkeys(row.absent for row in of_source if row.absent):
            print_prose(console, f"not run: {reason}", indent=2, style="dim")
        console.print()
    for rate in pass_rates(rows):
        style = "green" if rate["passed"] == rate["of"] else "red"
        console.print(Text(f"{rate['source']}, {rate['role']}: ").append(f"{rate['passed']} of {rate['of']}", style=style))
    print_prose(
        console,
        "± is the Monte Carlo standard error. tolerance: how far a simulated number may be off to pass, or between which numbers it must "
        "lie, and who says so. Inputs and context are shown and not counted; rates are never taken over sources together.",
        style="dim",
    )


def _print_rows(console: Console, rows: Sequence[Row]) -> None:
    """A line a number, and behind it, or below it where the screen is narrow, what it says and in which unit."""
    meanings = [f"{row.target.what} ({row.target.unit})" for row in rows]
    cells, widths = _cells(rows, tolerance_text)
    beside = sum(widths) + 2 * len(widths) + 2 + max(map(len, meanings)) <= console.width
    if not beside:
        cells, widths = _cells(rows, limits_text)
        said = [f"; tolerance: {row.target.tolerance_from}" if row.target.is_counted else "" for row in rows]
        meanings = [f"{row.target.what} ({row.target.unit}{by})" for row, by in zip(rows, said, strict=True)]
    heading = "  " + "  ".join(head.ljust(width) for head, width in zip(HEADS, widths, strict=True)).rstrip()
    console.print(Text(heading, style="dim"))
    for row, cell, meaning in zip(rows, cells, meanings, strict=True):
        left = [text.ljust(width) for text, width in zip(cell[:2], widths[:2], strict=True)]
        right = [text.rjust(width) for text, width in zip(cell[2:-1], widths[2:-1], strict=True)]
        line = Text("  " + "  ".join([*left, *right])).append(f"  {cell[-1]:{widths[-1]}}", style=STYLES[row.verdict])
        if beside:
            line.append(f"  {meaning}", style="dim")
        line.rstrip()
        console.print(line)
        if not beside:
            print_prose(console, meaning, indent=4, style="dim")
        for text, style in _below(row):
            print_prose(console, text, indent=6, style=style)


def _cells(rows: Sequence[Row], tolerance: Callable[[Target], str]) -> tuple[list[tuple[str, ...]], list[int]]:
    """What stands in each line, and how wide each column is."""
    cells: list[tuple[str, ...]] = [
        (row.target.id, row.target.role, published_text(row.target), simulated_text(row), tolerance(row.target), row.verdict or "")
        for row in rows
    ]
    return cells, [max(len(line[column]) for line in (HEADS, *cells)) for column in range(len(HEADS))]


def _below(row: Row) -> Iterator[tuple[str, str]]:
    """What has to be said of a row, and its style: a note, and the cause of a miss."""
    if row.simulated is not None and row.simulated.note:
        yield row.simulated.note, "dim"
    if row.verdict != MISS or row.simulated is None:
        return
    if row.cause is not None:
        yield f"cause: {row.cause.text}; measured: {row.cause.removed} gives {row.cause.simulated:.4g} ({row.cause.origin})", "red"
        return
    for tried in row.simulated.causes:
        yield f"not explained; {tried.removed} gives {tried.simulated:.4g} ({tried.origin})", "red"
