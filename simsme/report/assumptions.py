"""What the result rests on: what the scenario sets, how well each number is known, and which of them matter most."""

from collections.abc import Iterator, Mapping
from typing import Any

from simsme.reference import entries, entry
from simsme.report.contents import Contents
from simsme.report.markup import Markup, joined, table, tag

MOST = 40
"""Rows of the table of influence."""


def assumptions_section(contents: Contents) -> Markup:
    """Return the assumptions: ranked by influence where ``simsme sensitivity`` was run, and what the scenario sets otherwise."""
    parts = [_ranked(contents)] if contents.influence is not None else [_unranked(contents)]
    known = entries()
    by_basis = {basis: sum(found.basis == basis for found in known) for basis in ("published", "derived", "assumption")}
    parts.append(
        tag(
            "p",
            f"Of {len(known)} default numbers {by_basis['published']} were read in a source, {by_basis['derived']} are arithmetic on "
            f"published numbers, and {by_basis['assumption']} are assumptions that no source claims. ",
            tag("code", "simsme assumptions"),
            " lists them all.",
            of={"class": "note"},
        )
    )
    return joined(parts)


def _ranked(contents: Contents) -> Markup:
    found = contents.influence
    assert found is not None
    rows = [(row["name"], f"{100 * row['effect']:.2f}", *_facts(row["name"])) for row in found.head(MOST).to_dict("records")]
    return table(
        "Assumptions by influence: survival at the headline day from one end of a number's plausible range to the other, all else as it is",
        ("number", "percentage points", "default", "plausible", "basis", "what it means"),
        rows,
    )


def _unranked(contents: Contents) -> Markup:
    listed = []
    for name, value in _numbers("", contents.record.settings):
        facts = _facts(name)
        if facts[0] and facts[0] != _shown(value):
            listed.append((name, _shown(value), *facts))
    words = (
        "Numbers that this scenario sets away from their defaults. They are not ranked: for that, run simsme sensitivity on the scenario "
        "and give its folder to simsme report with --sensitivity."
    )
    return joined(
        [
            tag("p", words),
            table("Numbers set by the scenario", ("number", "here", "default", "plausible", "basis", "what it means"), listed),
        ]
    )


def _numbers(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Numbers of a scenario by dotted name; a distribution is one number."""
    if isinstance(value, Mapping) and "dist" not in value:
        for key, below in value.items():
            yield from _numbers(f"{name}.{key}" if name else key, below)
    else:
        yield name, value


def _facts(name: str) -> tuple[str, str, str, str]:
    try:
        found = entry(name)
    except KeyError:
        return "", "", "", ""
    plausible = f"{found.range[0]:g} to {found.range[1]:g}" if found.range else ""
    return _shown(found.value), plausible, found.basis, f"{found.text} ({found.unit})" if found.unit else found.text


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        parts = [f"{key} {_shown(part)}" for key, part in value.items() if key != "dist" and part is not None]
        return f"{value.get('dist', '')} ({', '.join(parts)})"
    return f"{value:g}" if isinstance(value, int | float) else str(value)
