"""What was discovered, as sentences, a table and one object."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from simsme.discovery.box import Measured, Share
from simsme.discovery.features import Cases, Numeric, described_as
from simsme.discovery.finding import Found, Search
from simsme.shown_as_table import ShownAsTable


@dataclass(frozen=True)
class Subject:
    """What the boxes are boxes of, in words.

    Attributes
    ----------
    cases
        ``firms`` or ``worlds``.
    happens
        What happens to some of them, such as ``lost``.
    all_of_it
        All that is looked for, such as ``of the firms still lost``.
    definition
        A sentence that says exactly what was looked for.
    """

    cases: str
    happens: str
    all_of_it: str
    definition: str


@dataclass(frozen=True)
class Boxes:
    """Boxes of firms or of worlds.

    Attributes
    ----------
    subject
        What they are boxes of.
    cases
        What was known of each case and what came of it.
    search
        The boxes, each with its measures on both halves.
    """

    subject: Subject
    cases: Cases
    search: Search

    @property
    def sentences(self) -> tuple[str, ...]:
        """A sentence a box with its measures on the half that it was not found on; one sentence where nothing was found."""
        search, cases = self.search, self.subject.cases
        lines = [self._sentence(found, number) for number, found in enumerate(search.boxes)]
        if len(lines) > 1 and search.together is not None:
            coverage, density = search.together
            held = f"Together the {len(lines)} boxes hold {_percent(coverage)} {self.subject.all_of_it}"
            lines.append(f"{held}: {_percent(density)} of their {cases} are {self.subject.happens}.")
        if lines and search.failed is not None:
            lines.append("What else stood out on one half is not better than chance on the other.")
        if not lines:
            lines.append(self._nothing())
        return tuple(lines)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables."""
        search = self.search
        return {
            "cases": self.subject.cases,
            "definition": self.subject.definition,
            "count": len(self.cases),
            "found_on": search.found_on,
            "told_on": search.told_on,
            "overall": search.overall,
            "overall_low": search.overall_share.low,
            "overall_high": search.overall_share.high,
            "features": [feature.name for feature in self.cases.features],
            "boxes": [self._entry(found) for found in search.boxes],
            "not_better_than_chance": None if search.failed is None else self._entry(search.failed),
            "together": None if search.together is None else dict(zip(("coverage", "density"), search.together, strict=True)),
            "sentences": list(self.sentences),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row a box and restriction."""
        return [
            {"cases": self.subject.cases, "box": number + 1}
            | restriction
            | {
                "coverage": found.held_out.coverage.value,
                "coverage_low": found.held_out.coverage.low,
                "coverage_high": found.held_out.coverage.high,
                "density": found.held_out.density.value,
                "density_low": found.held_out.density.low,
                "density_high": found.held_out.density.high,
                "mass": found.held_out.mass,
                "mass_low": found.held_out.mass_share.low,
                "mass_high": found.held_out.mass_share.high,
                "overall": found.held_out.overall,
                "overall_low": found.held_out.overall_share.low,
                "overall_high": found.held_out.overall_share.high,
            }
            for number, found in enumerate(self.search.boxes)
            for restriction in self._restrictions(found)
        ]

    def _sentence(self, found: Found, number: int) -> str:
        measured, subject = found.held_out, self.subject
        where = self._phrase(found)
        begin = f"{_percent(measured.coverage.value)} {subject.all_of_it} are {where}"
        if number:
            begin = f"A further {begin}"
        lift = measured.density.value / measured.overall if measured.overall else math.inf
        return (
            f"{begin}: of the {subject.cases} in this box, {_percent(measured.mass)} of all, {_percent(measured.density.value)} "
            f"({_interval(measured.density)}) are {subject.happens}, {_times(lift)} the average of {_percent(measured.overall)}."
        )

    def _nothing(self) -> str:
        search, subject = self.search, self.subject
        if search.overall == 0.0:
            return f"No {subject.cases} are {subject.happens}: there is nothing to look for."
        if search.failed is None:
            return f"No box of {subject.cases} was found: what is known of them does not tell which are {subject.happens}."
        found = search.failed
        return (
            f"No box holds. The best box of one half ({self._phrase(found)}) is not better than chance on the other: "
            f"{_percent(found.held_out.density.value)} of its {subject.cases} are {subject.happens}, "
            f"{_percent(search.overall)} of all."
        )

    def _phrase(self, found: Found) -> str:
        features = [self.cases.features[restriction.feature] for restriction in found.box]
        return described_as(self.subject.cases, features, found.words)

    def _entry(self, found: Found) -> dict[str, Any]:
        return {
            "words": list(found.words),
            "restrictions": self._restrictions(found),
            "found_on": _measures(found.there),
            "held_out": _measures(found.held_out),
        }

    def _restrictions(self, found: Found) -> list[dict[str, Any]]:
        told = []
        for restriction, words in zip(found.box, found.words, strict=True):
            feature = self.cases.features[restriction.feature]
            entry: dict[str, Any] = {"feature": feature.name, "low": None, "high": None, "kinds": None, "words": words}
            if isinstance(feature, Numeric):
                entry |= {name: end if math.isfinite(end) else None for name, end in (("low", restriction.low), ("high", restriction.high))}
            else:
                entry["kinds"] = [feature.kinds[code] for code in sorted(restriction.kinds or ())]
            told.append(entry)
        return told


@dataclass(frozen=True, repr=False)
class Discovery(ShownAsTable):
    """Where a policy fails: which firms it misses and, where worlds were run, in which worlds.

    Attributes
    ----------
    scenario, policy, reference
        Names.
    digest
        Digest of the run.
    seed, draws
        Of the run.
    day
        By which day.
    firms, worlds
        What was found; worlds None where none were run.
    """

    scenario: str
    policy: str
    reference: str
    digest: str
    seed: int
    draws: int
    day: float
    firms: Boxes
    worlds: Boxes | None

    @property
    def parts(self) -> tuple[Boxes, ...]:
        """Boxes of firms and, where there are any, of worlds."""
        return (self.firms,) if self.worlds is None else (self.firms, self.worlds)

    def table(self) -> pd.DataFrame:
        """One row a box and restriction, with the box's measures on the half that it was not found on."""
        columns = ["cases", "box", "feature", "low", "high", "kinds", "words", "coverage", "coverage_low", "coverage_high"]
        columns += ["density", "density_low", "density_high", "mass", "overall"]
        rows = [row | {"kinds": None if row["kinds"] is None else "|".join(row["kinds"])} for boxes in self.parts for row in boxes.rows()]
        return pd.DataFrame(rows, columns=columns)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme discover --json`` prints it."""
        return {
            "scenario": self.scenario,
            "policy": self.policy,
            "reference": self.reference,
            "digest": self.digest,
            "seed": self.seed,
            "draws": self.draws,
            "day": self.day,
            "firms": self.firms.json(),
            "worlds": None if self.worlds is None else self.worlds.json(),
        }


def _measures(measured: Measured) -> dict[str, Any]:
    def share(of: Share) -> dict[str, float]:
        return {"value": of.value, "low": of.low, "high": of.high}

    return {
        "coverage": share(measured.coverage),
        "density": share(measured.density),
        "mass": measured.mass,
        "mass_low": measured.mass_share.low,
        "mass_high": measured.mass_share.high,
        "overall": measured.overall,
        "overall_low": measured.overall_share.low,
        "overall_high": measured.overall_share.high,
        "cases": measured.count,
        "score": measured.score,
    }


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.0f} %" if percent >= 10 or percent == 0.0 else f"{percent:.1f} %" if percent >= 1 else f"{percent:.2g} %"


def _interval(share: Share) -> str:
    return f"95 % interval {_percent(share.low)} to {_percent(share.high)}".replace(" % to", " to")


def _times(lift: float) -> str:
    return f"{lift:.0f} times" if lift >= 10 else f"{lift:.1f} times"
