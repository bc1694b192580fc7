"""Published numbers with their roles: ``data/targets``, one file a source.

What role a number plays stands in its file before anything is fitted or run, and does not move:

- ``input``: the scenario is given it;
- ``calibration``: a parameter was fitted to it;
- ``validation``: nothing was fitted to it, and the simulation should meet it;
- ``context``: shown beside the simulation, which has no number of its own that would have to be the same.

Calibration and validation are counted, the others are shown.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

ROLES = ("input", "calibration", "validation", "context")
COUNTED = ("calibration", "validation")


@dataclass(frozen=True)
class Target:
    """A published number.

    Attributes
    ----------
    source
        Name of the source, such as ``bachas``.
    id
        Name of the number within its source.
    what
        What the number says, in a few words.
    role
        One of `ROLES`.
    published
        The number; None where the source gives a band, or says no more than an order or a limit.
    low, high
        Between which a simulated number passes; None where there is no limit. Around ``published`` they are ``tolerance`` away.
    tolerance
        How far the simulated number may be from the published one; None for a band.
    tolerance_from
        Where tolerance or band come from: the source's sampling error, or ``ours``.
    unit
        Unit of all these numbers.
    basis
        ``published``, ``derived`` (arithmetic on published numbers) or ``assumption``.
    source_quality
        ``official``, ``academic``, ``media`` or ``copy``.
    document
        What was read; with its address where that is official, academic or of an established medium.
    recorded
        Verdict when it was last recorded, ``pass`` or ``miss``; empty where none was.
    """

    source: str
    id: str
    what: str
    role: str
    published: float | None
    low: float | None
    high: float | None
    tolerance: float | None
    tolerance_from: str
    unit: str
    basis: str
    source_quality: str
    document: str
    recorded: str

    @property
    def is_counted(self) -> bool:
        """Whether the number has a verdict."""
        return self.role in COUNTED

    def is_met(self, simulated: float, grace: float = 0.0) -> bool:
        """Whether a simulated number lies inside the limits, ``grace`` added at both ends."""
        above = self.low is None or simulated >= self.low - grace
        return above and (self.high is None or simulated <= self.high + grace)


@cache
def targets_of(source: str) -> tuple[Target, ...]:
    """Return the numbers of a source, in the order of its file."""
    text = _folder().joinpath(f"{source}.toml").read_text(encoding="utf-8")
    recorded = _recorded().get(source, {})
    tables = tomllib.loads(text)
    return tuple(
        _target(source, {**tables["source"], **family, **number}, recorded) for family in tables["family"] for number in family["numbers"]
    )


def title_of(source: str) -> str:
    """Return what a source is called on a page."""
    text = _folder().joinpath(f"{source}.toml").read_text(encoding="utf-8")
    title: str = tomllib.loads(text)["source"]["title"]
    return title


def _target(source: str, table: dict[str, Any], recorded: dict[str, list[str]]) -> Target:
    published, tolerance = table.get("published"), table.get("tolerance")
    low, high = table.get("low"), table.get("high")
    if published is not None and tolerance is not None:
        low, high = published - tolerance, published + tolerance
    identifier = table["id"]
    return Target(
        source=source,
        id=identifier,
        what=table["what"].format_map(table),
        role=table["role"],
        published=None if published is None else float(published),
        low=low,
        high=high,
        tolerance=None if tolerance is None else float(tolerance),
        tolerance_from=table.get("tolerance_from", ""),
        unit=table["unit"],
        basis=table["basis"],
        source_quality=table["source_quality"],
        document=table["document"],
        recorded=next((verdict for verdict in ("pass", "miss") if identifier in recorded.get(verdict, ())), ""),
    )


@cache
def _recorded() -> dict[str, dict[str, list[str]]]:
    """Verdicts as they were last recorded: by source, the numbers that pass and those that miss."""
    recorded: dict[str, dict[str, list[str]]] = tomllib.loads(_folder().joinpath("recorded.toml").read_text(encoding="utf-8"))
    return recorded


def _folder() -> Any:
    return files("simsme").joinpath("data", "targets")
