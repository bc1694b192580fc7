"""Every default number of the simulator with its unit, plausible range, allowed limits and source.

The numbers themselves are data: `data/reference.toml`, one entry each, under the dotted name that the number has in a scenario.
"""

import math
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import Field

BASES = ("published", "derived", "assumption")
ROLES = ("uncertainty", "lever", "choice")
SOURCE_QUALITIES = ("official", "academic", "media", "copy", "")


@dataclass(frozen=True)
class Entry:
    """One default number and where it comes from.

    Attributes
    ----------
    name
        Dotted name, as in a scenario file.
    value
        The default: a number, a text, a date, a list, or a table (a distribution).
    range
        Lowest and highest plausible value, of the middle of what is spread over firms; None where the number is a choice and not an
        estimate.
    limits
        Lowest and highest value that the simulator accepts (may be infinite).
    unit
        For instance ``share``, ``days``, ``per year``.
    basis
        ``published`` (read in the source), ``derived`` (arithmetic on published numbers) or ``assumption`` (no source claims it).
    source
        Where it was read, or how it was derived; empty for most assumptions.
    source_quality
        ``official``, ``academic``, ``media``, ``copy`` (the text was seen in a copy only), or empty.
    text
        What the number means.
    role
        ``uncertainty`` (a fact that nobody knows, or how somebody responds: other worlds have other values in the range), ``lever`` (set
        by whoever makes a policy) or ``choice`` (set by whoever asks, or a convention). See docs/uncertainty.md.
    carried_by
        Name of the entry by which worlds move this number, so that it is not drawn by itself; empty for nearly all.
    """

    name: str
    value: Any
    range: tuple[float, float] | None
    limits: tuple[float, float]
    unit: str
    basis: str
    source: str
    source_quality: str
    text: str
    role: str
    carried_by: str = ""


def entries() -> tuple[Entry, ...]:
    """Return all entries in the order of the file, then those of other packages."""
    return (*_shipped().values(), *_added.values())


def entry(name: str) -> Entry:
    """Return the entry of a dotted name; KeyError where there is none."""
    return _added[name] if name in _added else _shipped()[name]


def add_entries(file: Traversable) -> None:
    """Make the defaults of another package's levers known: `reference`, ``simsme levers`` and ``simsme assumptions`` find them.

    Parameters
    ----------
    file
        A file like `data/reference.toml`, for instance ``importlib.resources.files(__package__) / "reference.toml"``.

    Raises
    ------
    ValueError
        When a name is taken, an entry's basis is none of `BASES`, its role none of `ROLES`, or an uncertainty has no range.
    """
    found = {added.name: added for added in _entries_below("", tomllib.loads(file.read_text(encoding="utf-8")), "lever")}
    for added in found.values():
        if added.name in _shipped() or _added.get(added.name, added) != added:
            raise ValueError(f"{file.name}: the default {added.name!r} is there already")
        if added.basis not in BASES:
            raise ValueError(f"{file.name}: {added.name}: basis is {added.basis!r}; allowed: {', '.join(BASES)}")
        if added.role not in ROLES:
            raise ValueError(f"{file.name}: {added.name}: role is {added.role!r}; allowed: {', '.join(ROLES)}")
        if added.role == "uncertainty" and added.range is None:
            raise ValueError(f"{file.name}: {added.name}: an uncertainty needs a range")
    _added.update(found)


def reference(name: str, *, per_firm: bool = False) -> Any:
    """Return a model field whose default, meaning, unit, limits and source are those of the entry `name`.

    Parameters
    ----------
    name
        Dotted name of the entry.
    per_firm
        The field is drawn anew for every firm, so that its distribution may say how much firms have in ``common``.
    """
    found = entry(name)
    return Field(
        default=found.value,
        # A default is checked and converted as if a file gave it; infinity stands for "not given", which a file cannot write.
        validate_default=found.value != math.inf,
        description=found.text,
        json_schema_extra={
            "reference": name,
            "unit": found.unit,
            "basis": found.basis,
            "source": found.source,
            "limits": [bound if math.isfinite(bound) else None for bound in found.limits],
            "range": list(found.range) if found.range else None,
            "per_firm": per_firm,
        },
    )


_added: dict[str, Entry] = {}
"""Entries of other packages, by name."""


@cache
def _shipped() -> dict[str, Entry]:
    text = files("simsme").joinpath("data", "reference.toml").read_text(encoding="utf-8")
    return {found.name: found for found in _entries_below("", tomllib.loads(text))}


def _entries_below(name: str, table: dict[str, Any], role: str = "") -> Iterator[Entry]:
    """Entries of a table. `role` is that of entries that name none; theirs follows from the range where it is empty."""
    if "basis" in table:
        known_range = table.get("range")
        lowest, highest = table.get("limits", (-math.inf, math.inf))
        yield Entry(
            name=name,
            value=table["value"],
            range=(float(known_range[0]), float(known_range[1])) if known_range else None,
            limits=(float(lowest), float(highest)),
            unit=table["unit"],
            basis=table["basis"],
            source=table.get("source", ""),
            source_quality=table.get("source_quality", ""),
            text=table["text"],
            role=table.get("role", role or ("uncertainty" if known_range else "choice")),
            carried_by=table.get("carried_by", ""),
        )
        return
    for key, below in table.items():
        yield from _entries_below(f"{name}.{key}" if name else key, below, role)
