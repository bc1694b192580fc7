"""The tables of a comparison for a terminal: what changed in the scenario, and what in the outcome."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, decimals_for, number, scale_of, table_lines

LONGEST = 60
"""Characters of a value at most."""


def change_lines(found: Mapping[str, Any], width: int) -> list[Text]:
    """Return a line a change: key, value in A, value in B. Two lines for a change that does not fit into one."""
    told = [row for change in found["changes"] for row in _leaves(change["key"], change["a"], change["b"])]
    rows = [(key, _value(a), _value(b)) for key, a, b in told]
    if not rows:
        return [Text("  Nothing differs in the scenario.")]
    keys, first = (max(len(row[place]) for row in rows) for place in (0, 1))
    lines = []
    for key, a, b in rows:
        if 2 + keys + 2 + first + 4 + max(len(row[2]) for row in rows) <= width:
            lines.append(Text("  ").append(key.ljust(keys + 2), style="bold").append(f"{a.ljust(first)}  → {b}"))
        else:
            lines += [Text("  ").append(key, style="bold"), Text(f"    {a}  → {b}")]
    return lines


def comparison_table(found: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of what :meth:`simsme.comparison.comparison.Comparison.json` returns."""
    rows = {(row["policy"], row["day"], row["measure"]): row for row in found["differences"]}
    policies = list(dict.fromkeys(row["policy"] for row in found["differences"]))
    days = list(dict.fromkeys(row["day"] for row in found["differences"]))
    groups = []
    for day in days:
        groups.append(_shares([rows.get((policy, day, "exit")) for policy in policies], f"exit, day {day:g}, %"))
        groups.append(_shares([rows.get((policy, day, "gain_exit")) for policy in policies], "gain against the reference, points"))
    last = days[-1]
    for measure, title in (("firms_saved", "firms saved"), ("jobs_saved", "jobs saved"), ("net_cost", "net cost")):
        unit = f", {found['currency']}" if measure == "net_cost" and found["currency"] else ""
        groups.append(_amounts([rows.get((policy, last, measure)) for policy in policies], f"{title}{unit}, day {last:g}"))
    return table_lines(Column(("", "policy"), tuple((policy, "") for policy in policies)), groups, width)


def _shares(rows: Sequence[Mapping[str, Any] | None], title: str) -> Group:
    decimals = 1 if title.endswith("%") else 2  # gains are small
    return Group(title, (*_both(rows, "", 100.0, decimals), _gap(rows, 100.0, "")))


def _amounts(rows: Sequence[Mapping[str, Any] | None], title: str) -> Group:
    largest = max((max(abs(row["a"]), abs(row["b"])) for row in rows if row), default=0.0)
    scale, word = scale_of(largest)
    decimals = decimals_for([largest / scale])
    return Group(title, (*_both(rows, word, 1.0 / scale, decimals), _gap(rows, 1.0 / scale, word)))


def _both(rows: Sequence[Mapping[str, Any] | None], unit: str, factor: float, decimals: int) -> tuple[Column, Column]:
    """Means of both runs, and the Monte Carlo error of each below it."""

    def cell(row: Mapping[str, Any] | None, name: str) -> tuple[str, str]:
        if row is None:
            return MISSING, ""
        error = row[f"{name}_mc_error"]
        return number(factor * row[name], decimals), f"± {number(factor * error, decimals)}" if error else ""

    a, b = (Column((unit, name.upper()), tuple(cell(row, name) for row in rows)) for name in ("a", "b"))
    return a, b


def _gap(rows: Sequence[Mapping[str, Any] | None], factor: float, unit: str) -> Column:
    """Difference with its error, and the 95 % interval below."""
    decimals = decimals_for([factor * row["difference"] for row in rows if row], few=5.0)

    def cell(row: Mapping[str, Any] | None) -> tuple[str, str]:
        if row is None:
            return MISSING, ""
        text = number(factor * row["difference"], decimals, "+")
        if row["mc_error"] is None:
            return text, ""
        low, high = (number(factor * row[name], decimals) for name in ("low", "high"))
        return f"{text} ± {number(factor * row['mc_error'], decimals)}", "" if low == high else f"{low} to {high}"

    return Column((unit, "B − A"), tuple(cell(row) for row in rows))


def _leaves(key: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any]]:
    """A table that only one of the two has, number by number."""
    table = a if b is None else b if a is None else None
    if not isinstance(table, Mapping) or "dist" in table:
        yield key, a, b
        return
    for name, value in table.items():
        if value is not None:
            yield from _leaves(f"{key}.{name}", *((value, None) if b is None else (None, value)))


def _value(value: Any) -> str:
    """A value of a scenario in few characters."""
    text = "not there" if value is None else _words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _words(value: Any) -> str:
    """A value in words and numbers: no brackets, quotes or braces of a file."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value, 0) if abs(value) >= 10_000 else f"{value:g}".replace("-", "−")
    if isinstance(value, Mapping):
        parts = [f"{key.replace('_', ' ')} {_words(part)}" for key, part in value.items() if key != "dist"]
        return ", ".join([str(value["dist"]), *parts]) if "dist" in value else "; ".join(parts) or "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(_words, value)) or "nothing"
    return str(value)
