"""What can be moved: the main numbers of the shock and of each lever of a policy, with their limits and how they are shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simsme.distributions import Distribution, Uniform
from simsme.levers import Lever
from simsme.reference import Entry, entry
from simsme.scenario import Scenario

Value = float | tuple[float, float]

OWN_NUMBERS = 2
"""Numbers of a lever's own that can be moved, beside its take-up and its delay."""

SHOCK = (
    ("shock.duration_days", "Days of the full shock", 0.0, 364.0, 7.0),
    ("shock.recovery_half_life_days", "Recovery: days to half of the fall", 0.0, 364.0, 7.0),
    ("shock.costs.materials_rise", "Rise of prices of materials, %", 0.0, 0.5, 0.01),
    ("shock.costs.wage_rise", "Rise of wages, %", 0.0, 0.3, 0.01),
    ("shock.payment.receivable_stretch", "Delay of customers, times", 1.0, 4.0, 0.1),
    ("shock.credit.tightening", "Tighter credit, % fewer loans", 0.0, 1.0, 0.01),
)
"""Numbers of the shock: dotted name, label, lowest, highest, step. Those of tables that a scenario does not have start at nothing."""

NOTHING = {"shock.payment.receivable_stretch": 1.0}
"""Values that change nothing where that is not 0."""

DEPTH = "shock.sales.depth"


@dataclass(frozen=True)
class Control:
    """A number that can be moved.

    Attributes
    ----------
    name
        Dotted name in the scenario, or name of a lever's field.
    label
        In words, with the unit.
    low, high, step
        Limits and step, in the scenario's own unit (shares, not percent).
    value
        Where it stands at first; two numbers for the limits of a uniform distribution.
    as_percent
        Whether it is shown in percent.
    """

    name: str
    label: str
    low: float
    high: float
    step: float
    value: Value
    as_percent: bool


def shock_controls(scenario: Scenario) -> tuple[Control, ...]:
    """Return what can be moved of a scenario's shock; nothing where it has none."""
    return tuple(_of_shock(scenario)) if scenario.shock is not None else ()


def _of_shock(scenario: Scenario) -> Iterator[Control]:
    sales = scenario.shock.sales if scenario.shock is not None else None
    if sales is not None and isinstance(sales.depth, Uniform):
        yield Control(DEPTH, "Fall of sales, from and to, %", 0.0, 0.95, 0.01, (sales.depth.low, sales.depth.high), True)
    for name, label, low, high, step in SHOCK:
        found = _middle(_value_at(scenario, name))
        value = NOTHING.get(name, 0.0) if found is None else found
        yield Control(name, label, min(low, value), max(high, value), step, value, "%" in label)


def _value_at(scenario: Scenario, name: str) -> Any:
    value: Any = scenario
    for part in name.split("."):
        value = getattr(value, part, None)
    return value


def _middle(value: Any) -> float | None:
    """A number; the middle of a distribution; None where there is neither."""
    if isinstance(value, Distribution):
        import numpy as np

        return float(value.quantile(np.array([0.5]))[0])
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def lever_controls(lever: Lever) -> tuple[Control, ...]:
    """Return what can be moved of a lever: its take-up, its delay, and the first numbers of its own that have a plausible range."""
    own = [name for name in type(lever).model_fields if name not in Lever.model_fields]
    controls = [found for name in own if (found := _of_field(lever, name)) is not None][:OWN_NUMBERS]
    first = [found for name in ("take_up", "delay_days") if (found := _of_field(lever, name)) is not None]
    return (*first, *controls)


def _of_field(lever: Lever, name: str) -> Control | None:
    value, found = _middle(getattr(lever, name)), _entry_of(lever, name)
    if value is None or found is None:
        return None
    if name == "take_up":
        low, high = 0.0, 1.0
    elif name == "delay_days":
        low, high = 0.0, 91.0
    elif found.range is None:
        return None
    else:
        low, high = min(found.range[0], found.limits[0], 0.0) if found.limits[0] >= 0.0 else found.range[0], 1.5 * found.range[1]
        high = min(high, found.limits[1])
    low, high = min(low, value), max(high, value)
    if not high > low:
        return None
    # shares are shown in percent, days and counts as they are
    is_share = high <= 1.0 and "day" not in found.unit
    step = 0.01 if is_share else 1.0 if high - low >= 10.0 else (high - low) / 50.0
    # "share of refusals" becomes "% of refusals"
    unit = found.unit.replace("share", "%", 1) if found.unit.startswith("share") else "%" if is_share else found.unit
    words = name.removesuffix("_days").replace("_", " ")
    return Control(name, f"{words}, {unit}" if unit else words, low, high, step, value, is_share)


def _entry_of(lever: Lever, name: str) -> Entry | None:
    extra = type(lever).model_fields[name].json_schema_extra
    known_by = extra.get("reference") if isinstance(extra, Mapping) else None
    return entry(str(known_by)) if known_by else None
