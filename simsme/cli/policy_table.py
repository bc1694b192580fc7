"""The table of policies for a terminal: rounded numbers, their bands below them, as many columns side by side as there is room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

MISSING = "–"
"""Shown where there is no number."""

GAP = "  "
"""Between columns; twice that between groups of columns."""

SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))

Estimate = Mapping[str, float | None]


@dataclass(frozen=True)
class Column:
    """A column: its head in two lines, and for each policy what stands in its first and in its second line."""

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
    groups = [_survival(policies, headline), _differences(policies, reference), _saved(policies, summary.get("currency", ""))]
    groups += [_exit_on(policies, day, reference) for day in policies[0]["by_day"] if float(day) != headline]
    lines: list[Text] = []
    for block in _blocks(groups, width - names.width):
        lines += [Text(), *_block_lines(names, block)]
    return lines


def number(value: float | None, decimals: int = 1, sign: str = "") -> str:
    """Format a number with a proper minus; :data:`MISSING` where there is none, no sign where it rounds to 0."""
    if value is None:
        return MISSING
    text = f"{value:{sign},.{decimals}f}"
    return text.replace("-", "−") if any(digit in "123456789" for digit in text) else f"{0:.{decimals}f}"


def scale_of(largest: float) -> tuple[float, str]:
    """Return the thousands by which money of this size is divided, and their name."""
    return next(((scale, word) for scale, word in SCALES if largest >= scale), (1.0, ""))


def _survival(policies: Sequence[Mapping[str, Any]], day: float) -> Group:
    def column(name: str) -> Column:
        estimates = [entry["survival"][name] for entry in policies]
        return Column(("", name), tuple((_percent(estimate["mean"]), _band(estimate, 100.0, 0)) for estimate in estimates))

    return Group(f"survival, day {day:g}, %", tuple(column(name) for name in ("runway", "cash", "open", "exit")))


def _differences(policies: Sequence[Mapping[str, Any]], reference: str) -> Group:
    everyone = [_unless_reference(entry, entry["difference"]["exit"], reference) for entry in policies]
    reached = [_unless_reference(entry, entry["reached"]["difference"]["exit"], reference) for entry in policies]
    return Group(f"exit against {reference}, points", (_points("all firms", everyone), _points("reached", reached)))


def _saved(policies: Sequence[Mapping[str, Any]], currency: str) -> Group:
    firms = [entry["firms_saved"] for entry in policies]
    costs = [entry["cost"] for entry in policies]
    net_scale, net_word = scale_of(max(abs(cost["net"]) for cost in costs))
    firm_scale, firm_word = scale_of(max(abs(cost["per_firm_saved"] or 0.0) for cost in costs))
    net_decimals = _decimals([cost["net"] / net_scale for cost in costs])
    firm_decimals = _decimals([(cost["per_firm_saved"] or 0.0) / firm_scale for cost in costs])
    saved_decimals = min(_decimals([estimate["mean"] for estimate in firms]), 1)
    columns = (
        Column(("reached", "%"), tuple((_percent(entry["reached"]["share"]), "") for entry in policies)),
        Column(
            ("firms", "saved"),
            tuple((number(saved["mean"], saved_decimals), _band(saved, 1.0, max(saved_decimals - 1, 0))) for saved in firms),
        ),
        Column(
            ("net cost", net_word),
            tuple(
                (number(cost["net"] / net_scale, net_decimals), _band(cost["net_estimate"], 1.0 / net_scale, max(net_decimals - 1, 0)))
                for cost in costs
            ),
        ),
        Column(
            ("per firm", firm_word),
            tuple(
                (number(None if cost["per_firm_saved"] is None else cost["per_firm_saved"] / firm_scale, firm_decimals), "")
                for cost in costs
            ),
        ),
    )
    return Group(f"saved, at a cost in {currency}" if currency else "saved, at a cost", columns)


def _exit_on(policies: Sequence[Mapping[str, Any]], day: str, reference: str) -> Group:
    entries = [entry["by_day"][day] for entry in policies]
    survival = tuple((_percent(entry["survival"]["exit"]["mean"]), _band(entry["survival"]["exit"], 100.0, 0)) for entry in entries)
    differences = [
        _unless_reference(policy, entry["difference"]["exit"], reference) for policy, entry in zip(policies, entries, strict=True)
    ]
    return Group(f"exit, day {day}", (Column(("", "%"), survival), _points(f"against {reference}", differences)))


def _unless_reference(entry: Mapping[str, Any], estimate: Estimate | None, reference: str) -> Estimate | None:
    return None if entry["policy"] == reference else estimate


def _points(head: str, estimates: Sequence[Estimate | None]) -> Column:
    """Differences of shares in percentage points with their errors, and their bands."""
    decimals = _decimals([100.0 * (estimate["mean"] or 0.0) for estimate in estimates if estimate is not None], few=5.0)

    def cell(estimate: Estimate | None) -> tuple[str, str]:
        if estimate is None or estimate["mean"] is None:
            return MISSING, ""
        text, error = number(100.0 * estimate["mean"], decimals, "+"), estimate["mc_error"]
        return text if error is None else f"{text} ± {number(100.0 * error, decimals)}", _band(estimate, 100.0, decimals - 1)

    return Column(("", head), tuple(cell(estimate) for estimate in estimates))


def _percent(share: float | None) -> str:
    return number(None if share is None else 100.0 * share)


def _band(estimate: Estimate, factor: float, decimals: int) -> str:
    """The band of an estimate; nothing where it has none or is nowhere uncertain."""
    low, high = estimate["low"], estimate["high"]
    if low is None or high is None or low == high:
        return ""
    texts = number(factor * low, decimals), number(factor * high, decimals)
    return " to ".join(texts) if "−" in "".join(texts) else "–".join(texts)


def _decimals(values: Sequence[float], few: float = 10.0) -> int:
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


def _block_lines(names: Column, groups: Sequence[Group]) -> list[Text]:
    titles, upper, lower = Text(" " * names.width), Text(" " * names.width), Text(names.head[1].ljust(names.width), style="bold")
    rows = [(Text().append(name.ljust(names.width), style="bold"), Text(" " * names.width)) for name, _ in names.cells]
    for group in groups:
        titles.append(2 * GAP)
        titles.append(f" {group.title} ".center(group.width, "─") if group.width > len(group.title) + 2 else group.title, style="dim")
        for position, (column, width) in enumerate(zip(group.columns, group.widths, strict=True)):
            before = GAP if position else 2 * GAP
            upper.append(before + column.head[0].rjust(width), style="bold")
            lower.append(before + column.head[1].rjust(width), style="bold")
            for (first, second), (value, band) in zip(rows, column.cells, strict=True):
                first.append(before + value.rjust(width))
                second.append(before + band.rjust(width), style="dim")
    lines = [titles, upper, lower, *(line for row in rows for line in row)]
    for line in lines:
        line.rstrip()
    return [line for line in lines if line.plain]
