"""What there is to choose from: the levers, and for each of them the terms on which it may be in the mix, off being the first."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from simsme.levers.lever import Lever
from simsme.messages import shown
from simsme.optimization.goals import Mix
from simsme.optimization.scenario_copy import lever_table
from simsme.policy import Policy
from simsme.reference import entry

OFF = "off"
AS_GIVEN = "as in the scenario"
"""What levels are called that are not told by a number."""

GENEROSITY: Mapping[str, str] = MappingProxyType(
    {
        "loan_renewal": "term_days",
        "emergency_relending": "capital_share",
        "guarantee_fund": "capital_share",
        "debt_deferral": "interest_share",
        "relending_facility": "capital_share",
        "interest_subsidy": "subsidy_share",
        "prompt_payment": "payment_days",
        "risk_compensation": "loss_share",
        "growth_fund": "sales_share",
        "tax_refund": "refund_share",
        "tax_deferral": "deferred_share",
        "social_insurance_relief": "waived_share",
        "rent_relief": "waived_share",
        "wage_subsidy": "subsidy_share",
        "grant": "sales_share",
        "large_firm_orders": "sales_share",
        "digital_transformation": "outlay_subsidy",
        "innovation_support": "sales_share",
        "public_services": "paid_share",
    }
)
"""The number by which a lever gives more or less, by kind. The others are on or off: what they do is a fact and no choice."""

IN_NEED: Mapping[str, Any] = MappingProxyType({"max_cash_days": 30.0})
"""To whom a targeted level is confined: firms whose cash covers at most a month of their normal outflow."""


@dataclass(frozen=True)
class Level:
    """Terms on which a lever may be in the mix.

    Attributes
    ----------
    words
        What tells it from the lever's other levels.
    lever
        The lever on these terms; None where it is off, and as the reference has it.
    """

    words: str
    lever: Lever | None


@dataclass(frozen=True)
class Candidate:
    """A lever that may be in the mix.

    Attributes
    ----------
    label
        Its kind, and its name where it has one.
    levels
        At least two, the first of which is off unless the lever must be in.
    """

    label: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Space:
    """All mixes that are possible.

    Attributes
    ----------
    candidates
        The levers.
    left_out
        Sentences on what was not taken from the scenario, and why.
    """

    candidates: tuple[Candidate, ...]
    left_out: tuple[str, ...] = ()

    @property
    def levels(self) -> tuple[int, ...]:
        """Number of levels of each lever."""
        return tuple(len(candidate.levels) for candidate in self.candidates)

    @property
    def size(self) -> int:
        """Number of mixes."""
        return math.prod(self.levels)

    def chosen(self, mix: Mix) -> tuple[tuple[Candidate, Level], ...]:
        """The levers of a mix that are in, with their levels."""
        found = ((candidate, candidate.levels[level]) for candidate, level in zip(self.candidates, mix, strict=True))
        return tuple((candidate, level) for candidate, level in found if level.lever is not None)

    def words(self, mix: Mix) -> str:
        """A mix in words."""
        named = [f"{one.label} ({level.words})" if level.words != AS_GIVEN else one.label for one, level in self.chosen(mix)]
        return " + ".join(named) or "nothing"


def space_of_policies(policies: Sequence[Policy], reference: Policy) -> Space:
    """Return the levers of some policies, each off, as the policies have it, with less and with more of its main number, and in need only.

    Where policies have a lever on several terms, each of them is a level, but for those that differ in take-up: how many firms ask for a
    measure is not decided by who pays for it. The first policy's terms are those from which the other levels are made.

    Parameters
    ----------
    policies
        Policies of the scenario.
    reference
        The reference, whose levers are there in any case.
    """
    versions: dict[str, list[tuple[Policy, Lever]]] = {}
    for policy in policies:
        for lever in policy.levers:
            known = versions.setdefault(lever.label, [])
            if lever not in reference.levers and all(lever != other for _, other in known):
                known.append((policy, lever))
    candidates, left_out = [], []
    for label, found in versions.items():
        if not found:
            continue
        base = found[0][1]
        levels = [Level(OFF, None), Level(AS_GIVEN, base)]
        for policy, other in found[1:]:
            if other.take_up != base.take_up:
                left_out.append(f"{label} with the take-up {shown(other.take_up)} of {policy.name}")
            else:
                levels.append(Level(f"as in {policy.name}", other))
        made = [with_fields(base, changes) for changes in _usual_changes(base)]
        levels += [level for level in made if level is not None and all(level.lever != other.lever for other in levels)]
        candidates.append(Candidate(label, tuple(levels)))
    return Space(tuple(candidates), tuple(left_out))


def with_fields(base: Lever, changes: Mapping[str, Any]) -> Level | None:
    """Return the level of a lever with other terms; None where the lever does not allow them."""
    try:
        return changed_level(base, changes)
    except ValidationError:
        return None


def changed_level(base: Lever, changes: Mapping[str, Any]) -> Level:
    """Return the level of a lever with other terms.

    Raises
    ------
    ValidationError
        Where the lever does not allow them.
    """
    (lever,) = Policy.model_validate({"name": "level", "levers": [{**lever_table(base), **changes}]}).levers
    return Level(", ".join(f"{key} {_short(value)}" for key, value in changes.items()) or AS_GIVEN, lever)


def _usual_changes(base: Lever) -> list[dict[str, Any]]:
    """Less and more of the main number, from the ends of its plausible range, and the base and more of it for firms in need only."""
    field = GENEROSITY.get(base.kind)
    ends = entry(f"{base.kind}.{field}").range if field else None
    now = getattr(base, field) if field else None
    if field and field.startswith("capital_share") and math.isfinite(getattr(base, "capital", math.inf)):
        ends = None  # the fund's size is a sum of money, and no share
    other = [{field: end} for end in ends if end != now and end > 0.0] if field and ends and isinstance(now, int | float) else []
    needy: dict[str, Any] = dict(IN_NEED)
    if base.max_cash_days is not None:
        return other
    return [*other, needy, *({**change, **needy} for change in other[-1:])]


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "/".join(map(_short, value))
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else shown(value)
