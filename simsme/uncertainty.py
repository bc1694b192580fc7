"""The uncertain numbers of a scenario: those given as a distribution, by dotted name."""

from collections.abc import Iterator, Mapping

from simsme.distributions import Distribution
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.tables import Table

NOT_ONCE_A_DRAW = ("population", "firms", "shock.sales.depth")
"""Tables and numbers whose distributions are not uncertainty: they spread firms, not draws."""


def uncertain_numbers(scenario: Scenario) -> dict[str, Distribution]:
    """Return the distributions from which a number is drawn once a draw, by dotted name.

    Names follow the tables of the scenario (``credit.renewal``, ``exit.background_rate.micro``); numbers of levers are called
    ``policy.<policy>.levers.<lever>.<field>``, where the lever is called by its label.
    """
    found = {name: value for name, value in _distributions("", scenario) if not _spreads_firms(name)}
    for policy in scenario.policy:
        found |= dict(_of_policy(policy))
    return found


def _of_policy(policy: Policy) -> Iterator[tuple[str, Distribution]]:
    for lever in policy.levers:
        yield from _distributions(f"policy.{policy.name}.levers.{lever.label}", lever)


def _spreads_firms(name: str) -> bool:
    return any(name == table or name.startswith(f"{table}.") for table in NOT_ONCE_A_DRAW)


def _distributions(name: str, value: object) -> Iterator[tuple[str, Distribution]]:
    if isinstance(value, Distribution):
        yield name, value
    elif isinstance(value, Table):
        for field in type(value).model_fields:
            yield from _distributions(f"{name}.{field}" if name else field, getattr(value, field))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _distributions(f"{name}.{key}", item)
