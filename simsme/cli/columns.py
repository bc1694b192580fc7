"""Tables for a terminal: rounded numbers, their bands below them, as many columns side by side as there is room."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

MISSING = "–"
"""Shown where there is no number."""

GAP = "  "
"""Between columns; twice that between groups of columns."""

LEAST_FOR_NAMES = 24
"""Characters that the column of names has at least before its names are wrapped."""

SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))

Estimate = Mapping[str, float | None]


@dataclass(frozen=True)
class Column:
    """A column: its head in two lines, and for each row what stands in its first and in its second line."""

    head: tuple[str, str]
    cells: tuple[tuple[str, str], ...]

    @property
    def width(self) -> int:
        """Characters of its widest text."""
        return max(len(text) for texts in (self.head, *self.cells) for text in texts)


@dataclass(frozen=True)
class Group:
    """Columns that stand together under a title."""

    title: str
    columns: tuple[Column, ...]

    @property
    def widths(self) -> tuple[int, ...]:
        """Characters of each column, the last one widened where the title is wider than all of them."""
        widths = [column.width for column in self.columns]
        widths[-1] += max(len(self.title) - sum(widths) - len(GAP) * (len(widths) - 1), 0)
        return tuple(widths)

    @property
    def width(self) -> int:
        """Characters of all of it."""
        return sum(self.widths) + len(GAP) * (len(self.columns) - 1)


def table_lines(names: Column, groups: Sequence[Group], width: int) -> list[Text]:
    """Return the lines of a table.

    Parameters
    ----------
    names
        The column of names, which stands before every block of groups. Long names are wrapped where a group would else find no room.
    groups
        All other columns. Those that find no room come below the others, and a group that is wider than the screen in parts.
    width
        Characters of a line.
    """
    widest = max((group.width for group in groups), default=0) + 2 * len(GAP)
    texts = _names(names, max(width - widest, min(LEAST_FOR_NAMES, names.width)))
    room = width - max(len(line) for text in (names.head, *texts) for line in text)
    lines: list[Text] = []
    for block in _blocks([part for group in groups for part in _parts(group, room)], room):
        lines += [Text(), *_block_lines(names.head, texts, block)]
    return lines


def _names(names: Column, room: int) -> list[list[str]]:
    """The lines of each name: one where there is room, else as many as it takes."""
    if names.width <= room:
        return [[name] for name, _ in names.cells]
    return [textwrap.wrap(name, room, subsequent_indent=" ", break_on_hyphens=False) or [""] for name, _ in names.cells]


def _parts(group: Group, room: int) -> Iterator[Group]:
    """The columns of a group as far as there is room for them, then the others under the same title."""
    while len(group.columns) > 1 and group.width + 2 * len(GAP) > room:
        fits = len(group.columns) - 1
        while fits > 1 and replace(group, columns=group.columns[:fits]).width + 2 * len(GAP) > room:
            fits -= 1
        yield replace(group, columns=group.columns[:fits])
        group = replace(group, columns=group.columns[fits:])
    yield group


def number(value: float | None, decimals: int = 1, sign: str = "") -> str:
    """Format a number with a proper minus; :data:`MISSING` where there is none, no sign where it rounds to 0."""
    if value is None:
        return MISSING
    text = f"{value:{sign},.{decimals}f}"
    return text.replace("-", "−") if any(digit in "123456789" for digit in text) else f"{0:.{decimals}f}"


def scale_of(largest: float) -> tuple[float, str]:
    """Return the thousands by which money of this size is divided, and their name."""
    return next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))


def percent(share: float | None) -> str:
    """Format a share in percent, without the sign."""
    return number(None if share is None else 100.0 * share)


def band(estimate: Estimate, factor: float, decimals: int) -> str:
    """The band of an estimate; nothing where it has none or is nowhere uncertain."""
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None or low == high:
        return ""
    texts = number(factor * low, decimals), number(factor * high, decimals)
    return " to ".join(texts) if "−" in "".join(texts) else "–".join(texts)


def decimals_for(values: Sequence[float], few: float = 10.0) -> int:
    """Decimals that leave the largest value about three digits."""
    largest = max(map(abs, values), default=0.0)
    return 0 if largest >= 100 else 1 if largest >= few else 2


def _blocks(groups: Sequence[Group], room: int) -> list[list[Group]]:
    """Put groups side by side as long as there is room."""
    blocks: list[list[Group]] = []
    left = 0
    for group in groups:
        needed = group.width + 2 * len(GAP)
        if not blocks or needed > left:
            blocks.append([])
            left = room
        blocks[-1].append(group)
        left -= needed
    return blocks


def _block_lines(head: tuple[str, str], names: Sequence[Sequence[str]], groups: Sequence[Group]) -> list[Text]:
    width = max(len(line) for text in (head, *names) for line in text)
    titles, upper, lower = Text(" " * width), Text(" " * width), Text(head[1].ljust(width), style="bold")
    rows = [[Text().append(line.ljust(width), style="bold") for line in (*name, *[""] * (2 - len(name)))] for name in names]
    for group in groups:
        titles.append(2 * GAP)
        titles.append(f" {group.title} ".center(group.width, "─") if group.width > len(group.title) + 2 else group.title, style="dim")
        for position, (column, width) in enumerate(zip(group.columns, group.widths, strict=True)):
            before = GAP if position else 2 * GAP
            upper.append(before + column.head[0].rjust(width), style="bold")
            lower.append(before + column.head[1].rjust(width), style="bold")
            for row, (value, below) in zip(rows, column.cells, strict=True):
                row[0].append(before + value.rjust(width))
                row[1].append(before + below.rjust(width), style="dim")
    lines = [titles, upper, lower, *(line for row in rows for line in row)]
    for line in lines:
        line.rstrip()
    return [line for line in lines if line.plain]
