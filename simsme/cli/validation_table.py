"""The table of published and simulated numbers for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.text import Text

from simsme.cli.screen import print_prose, screen
from simsme.validation.rows import MISS, PASS, Row, pass_rates
from simsme.validation.targets import title_of
from simsme.validation.words import published_text, simulated_text, tolerance_text

STYLES = {PASS: "green", MISS: "red", None: "dim"}


def print_validation(rows: Sequence[Row]) -> None:
    """Print the rows by source and role, then pass rates; a miss with its cause below it."""
    console = screen()
    for source, group in groupby(rows, key=lambda row: row.target.source):
        console.print(Text(f"{source}: {title_of(source)}", style="bold"))
        of_source = list(group)
        for line in _lines(of_source):
            console.print(line)
        for reason in dict.fromkeys(row.absent for row in of_source if row.absent):
            console.print(Text(f"  not run: {reason}", style="dim"))
        console.print()
    for rate in pass_rates(rows):
        style = "green" if rate["passed"] == rate["of"] else "red"
        console.print(Text(f"{rate['source']}, {rate['role']}: ").append(f"{rate['passed']} of {rate['of']}", style=style))
    print_prose(
        console,
        "± is the Monte Carlo standard error. Inputs and context are shown and not counted; rates are never taken over sources together.",
        style="dim",
    )


def _lines(rows: Sequence[Row]) -> Iterator[Text]:
    cells = [
        (row.target.id, row.target.role, published_text(row.target), simulated_text(row), tolerance_text(row.target), row.verdict or "")
        for row in rows
    ]
    heads = ("", "role", "published", "simulated", "tolerance", "")
    widths = [max(len(line[column]) for line in (heads, *cells)) for column in range(len(heads))]
    yield Text("  " + "  ".join(head.ljust(width) for head, width in zip(heads, widths, strict=True)).rstrip(), style="dim")
    for row, cell in zip(rows, cells, strict=True):
        left = [text.ljust(width) for text, width in zip(cell[:2], widths[:2], strict=True)]
        right = [text.rjust(width) for text, width in zip(cell[2:-1], widths[2:-1], strict=True)]
        line = Text("  " + "  ".join([*left, *right])).append(f"  {cell[-1]:{widths[-1]}}", style=STYLES[row.verdict])
        yield line.append(f"  {row.target.what}", style="dim")
        yield from _below(row)


def _below(row: Row) -> Iterator[Text]:
    """What has to be said of a row: a note, and the cause of a miss."""
    if row.simulated is not None and row.simulated.note:
        yield Text(f"      {row.simulated.note}", style="dim")
    if row.verdict != MISS or row.simulated is None:
        return
    if row.cause is not None:
        yield Text(
            f"      cause: {row.cause.text}; measured: {row.cause.removed} gives {row.cause.simulated:.4g} ({row.cause.origin})",
            style="red",
        )
        return
    for tried in row.simulated.causes:
        yield Text(f"      not explained; {tried.removed} gives {tried.simulated:.4g} ({tried.origin})", style="red")
