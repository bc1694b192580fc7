"""Where the sliders and switches stand, as overrides of the scenario: what was not moved stays as the scenario has it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from simsme.distributions import Uniform
from simsme.exploring.controls import DEPTH, Value
from simsme.new_scenario.toml_lines import toml_value
from simsme.optimization.scenario_copy import lever_table
from simsme.policy import Policy
from simsme.scenario import Scenario


@dataclass(frozen=True)
class State:
    """What was moved.

    Attributes
    ----------
    policy
        Name of the policy that is looked at.
    shock
        Numbers of the shock that were moved, by dotted name.
    levers
        Numbers that were moved, by label of the lever and name of the field.
    off
        Labels of the levers that are switched off.
    """

    policy: str
    shock: Mapping[str, Value] = field(default_factory=dict)
    levers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    def overrides(self, scenario: Scenario) -> tuple[str, ...]:
        """Return the state as ``key=value`` pairs, as ``--set`` and :func:`simsme.run` take them."""
        pairs = [f"{name}={_shock_text(scenario, name, value)}" for name, value in self.shock.items()]
        policy = next(known for known in scenario.policies if known.name == self.policy)
        if self.off & {lever.label for lever in policy.levers}:
            pairs.append(f"policy.{policy.name}.levers={toml_value(self._left(policy))}")
        else:
            pairs += [
                f"policy.{policy.name}.levers.{label}.{name}={value:g}"
                for label, moved in self.levers.items()
                for name, value in moved.items()
            ]
        return tuple(pairs)

    def _left(self, policy: Policy) -> list[dict[str, object]]:
        """Levers that are switched on, with what was moved."""
        return [lever_table(lever) | dict(self.levers.get(lever.label, {})) for lever in policy.levers if lever.label not in self.off]

    def line_of_python(self, scenario: str, scenario_file: Scenario, draws: int) -> str:
        """Return the line of Python that runs the state."""
        overrides = self.overrides(scenario_file)
        given = f", overrides={json.dumps(list(overrides), ensure_ascii=False)}" if overrides else ""
        return f"out = simsme.run({json.dumps(scenario, ensure_ascii=False)}, policies=[{json.dumps(self.policy)}], draws={draws}{given})"


def _shock_text(scenario: Scenario, name: str, value: Value) -> str:
    if not isinstance(value, tuple):
        return f"{value:g}"
    depth = scenario.shock.sales.depth if name == DEPTH and scenario.shock is not None and scenario.shock.sales is not None else None
    common = {"common": depth.common} if isinstance(depth, Uniform) and depth.common is not None else {}
    return toml_value({"dist": "uniform", "low": value[0], "high": value[1], **common})
