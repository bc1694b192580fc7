"""What is uncertain in a scenario: every number in it that is declared an uncertainty, with its place, and its values in other worlds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simsme.column_spec import ColumnSpec
from simsme.distributions import KINDS, Distribution
from simsme.policy import Policy
from simsme.population import Population
from simsme.possible_worlds.spans import Span, span_of
from simsme.possible_worlds.spread_numbers import middle_of, multiplied, of_firms_there_are, written
from simsme.problems import InputError, Problem, did_you_mean
from simsme.reference import Entry, entry
from simsme.scenario import Scenario
from simsme.shock_tables import SalesShock
from simsme.tables import Table
from simsme.uncertainty import NOT_ONCE_A_DRAW

UNCERTAINTY = "uncertainty"

COMMON, DEPTH = "shock.sales.common", "shock.sales.depth"
"""What firms have in common of the fall of sales has an entry of its own, and is a key of the distribution of the fall."""

MIDDLE_SHARE = 0.95
"""Part of a scenario's own distribution that counts as plausible: its middle, without the tails."""

_Found = tuple[str, Entry, Any]
"""Dotted place, entry, and value in the scenario."""


@dataclass(frozen=True)
class Place:
    """Where a number stands in a scenario, and its values in other worlds.

    Attributes
    ----------
    dotted
        Its dotted name, as ``--set`` takes it.
    number
        What the scenario has: a number, a distribution, or a table of them.
    span
        Values of the number or, of what is spread over firms, of its middle; None where the scenario draws it, from a distribution, once
        a draw.
    limits
        Lowest and highest value that the simulator accepts.
    first
        A table that has to be written out before the number can stand in it, as (dotted name, value); None for most.
    """

    dotted: str
    number: Any
    span: Span | None
    limits: tuple[float, float]
    first: tuple[str, Any] | None = None

    def value_at(self, share: float) -> float:
        """Return the number, or the middle of what is spread over firms, below which this share of the worlds lies."""
        if self.span is not None:
            return self.span.at(share)
        import numpy as np

        inside = 0.5 * (1.0 - MIDDLE_SHARE) + MIDDLE_SHARE * share
        return float(self.number.quantile(np.array(inside)))

    def written_at(self, share: float) -> Any:
        """Return what stands in the scenario's file there in that world."""
        value = self.value_at(share)
        if self.span is None or isinstance(self.number, int | float):
            return value
        return multiplied(self.number, value / self.span.middle, *self.limits)


@dataclass(frozen=True)
class Parameter:
    """A number that is uncertain, wherever it stands: in several policies one lever's effect is the same.

    Attributes
    ----------
    entry
        Its entry among the defaults, with name, unit and meaning.
    places
        Where it stands in the scenario.
    drawn
        Whether the scenario itself gives it as a distribution, from which every draw takes another value.
    """

    entry: Entry
    places: tuple[Place, ...]
    drawn: bool = False

    @property
    def name(self) -> str:
        """Dotted name of its default."""
        return self.entry.name

    @property
    def own(self) -> float:
        """The scenario's number, or the middle of what is spread; of the first place where there are several."""
        return middle_of(self.places[0].number)

    def value_at(self, share: float) -> float:
        """Return its value below which this share of the worlds lies; of the first place where there are several."""
        return self.places[0].value_at(share)

    def settings_at(self, share: float) -> dict[str, Any]:
        """Return what stands in the scenario there in that world, by dotted place, in the order in which it has to be set."""
        settings: dict[str, Any] = {}
        for place in self.places:
            if place.first is not None:
                settings.setdefault(*place.first)
            settings[place.dotted] = place.written_at(share)
        return settings


def uncertain_parameters(
    scenario: Scenario,
    policies: Sequence[Policy] | None = None,
    *,
    only: Sequence[str] | None = None,
    drawn: bool = False,
) -> tuple[Parameter, ...]:
    """Return what is uncertain in a scenario, in its order, then in its policies.

    A table that a scenario leaves out (no ``[shock.closure]``) brings nothing: no world adds a shock that the scenario does not have.

    Parameters
    ----------
    scenario
        The scenario.
    policies
        Policies that are run; all where not given.
    only
        Names of those that are wanted. A lever's number or a fund's size may be among them, which is not uncertain by itself.
    drawn
        Whether those are wanted too that the scenario itself gives as a distribution.

    Raises
    ------
    InputError
        Where a name is not that of a number with a plausible range that the scenario has.
    """
    wanted = None if only is None else set(only)
    found = list(_of_scenario("", scenario))
    for policy in scenario.policy if policies is None else policies:
        found += _of_policy(policy)
    places: dict[tuple[str, bool], list[Place]] = {}
    known: dict[str, Entry] = {}
    for dotted, known_entry, value in found:
        place, by_draw = _place(dotted, known_entry, value), _drawn_once_a_draw(dotted, value)
        if place is None or (known_entry.carried_by and wanted is None):
            continue
        known[known_entry.name] = known_entry
        chosen = known_entry.role == UNCERTAINTY or by_draw if wanted is None else known_entry.name in wanted
        if chosen and (drawn or not by_draw):
            places.setdefault((known_entry.name, by_draw), []).append(place)
    if wanted is not None:
        _refuse_unknown(wanted, known)
    return tuple(Parameter(known[name], tuple(where), by_draw) for (name, by_draw), where in places.items())


def _refuse_unknown(wanted: set[str], known: Mapping[str, Entry]) -> None:
    problems = []
    for name in sorted(wanted - set(known)):
        try:
            message = f"is not a number of this scenario with a plausible range (a {entry(name).role})"
        except KeyError:
            message = f"is not the name of a default{did_you_mean(name, known)}; simsme assumptions lists them"
        problems.append(Problem(f"only={name}", "", message))
    if problems:
        raise InputError(problems)


def _of_scenario(name: str, table: Table) -> Iterator[_Found]:
    """Numbers of a table and the tables in it that have an entry; policies apart."""
    if isinstance(table, SalesShock) and table.path is not None:
        return
    for field, about in type(table).model_fields.items():
        value, dotted = getattr(table, field), f"{name}.{field}" if name else field
        extra = about.json_schema_extra
        if isinstance(extra, dict) and "reference" in extra:
            if isinstance(value, ColumnSpec) and isinstance(table, Population):
                value = of_firms_there_are(value, table.industry_names, table.size_names)
            yield dotted, entry(str(extra["reference"])), value
            if dotted == DEPTH and isinstance(value, Distribution):
                yield f"{DEPTH}.common", entry(COMMON), value
        elif isinstance(value, Table) and not isinstance(value, Distribution | ColumnSpec):
            yield from _of_scenario(dotted, value)


def _of_policy(policy: Policy) -> Iterator[_Found]:
    for number, lever in enumerate(policy.levers):
        for field, about in type(lever).model_fields.items():
            extra = about.json_schema_extra
            if isinstance(extra, dict) and "reference" in extra:
                yield f"policy.{policy.name}.levers.{number}.{field}", entry(str(extra["reference"])), getattr(lever, field)


def _drawn_once_a_draw(dotted: str, value: Any) -> bool:
    spread_over_firms = any(dotted == table or dotted.startswith(f"{table}.") for table in NOT_ONCE_A_DRAW)
    return isinstance(value, Distribution) and not spread_over_firms


def _place(dotted: str, known: Entry, value: Any) -> Place | None:
    """Place of a number; None where it has no range and no distribution, is left out, or is spread around 0."""
    if _drawn_once_a_draw(dotted, value):
        return Place(dotted, value, None, known.limits)
    if known.range is None or value is None or isinstance(value, str | bool):
        return None
    if dotted == f"{DEPTH}.common":
        common = float(value.common)
        return Place(dotted, common, span_of(known, common, known.value), known.limits, (DEPTH, written(value)))
    plain = value.value if isinstance(value, ColumnSpec) and isinstance(written(value), float) else value
    middle = middle_of(plain)
    if not isinstance(plain, int | float) and middle <= 0.0:
        return None
    return Place(dotted, plain, span_of(known, middle, _default_middle(known)), known.limits)


def _default_middle(known: Entry) -> float:
    """The number about which a range is stated: the default, or the middle of its distribution or table."""
    value = known.value
    if not isinstance(value, Mapping):
        return float(value)
    kind = ColumnSpec if known.name.startswith("population.") else KINDS[value["dist"]]
    return middle_of(kind.model_validate(value))
