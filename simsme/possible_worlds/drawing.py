"""Worlds drawn from the plausible ranges of all that is uncertain, or set at chosen points of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simsme.new_scenario.toml_lines import toml_value
from simsme.policy import Policy
from simsme.possible_worlds.parameters import Parameter, uncertain_parameters
from simsme.scenario import LoadedScenario, Scenario, parse_scenario
from simsme.streams import firm_key, uniforms

FIRMS = ("population.", "firms.")
"""Beginnings of the places at which a setting changes the firms."""


@dataclass(frozen=True)
class PossibleWorld:
    """A scenario's uncertain numbers, fixed.

    Attributes
    ----------
    number
        Number of the world, from 0; it is the same world however many are drawn.
    shares
        Point of each number on its range, by name of its default: the share of worlds in which it is lower, in [0, 1].
    values
        The numbers themselves, by name of the default; the middle of what is spread over firms.
    overrides
        The same as ``key=value``, as ``--set`` takes them.
    """

    number: int
    shares: Mapping[str, float]
    values: Mapping[str, float]
    overrides: tuple[str, ...]

    @property
    def changes_firms(self) -> bool:
        """Whether the firms of this world are other ones, so that they have to be drawn again."""
        return any(override.startswith(FIRMS) for override in self.overrides)

    def scenario_of(self, loaded: LoadedScenario) -> LoadedScenario:
        """Return the scenario in this world, the world's numbers among its overrides.

        Raises
        ------
        InputError
            Where numbers that are plausible one by one contradict each other in this scenario.
        """
        return parse_scenario(loaded.text, loaded.file, loaded.folder, (*loaded.overrides, *self.overrides))


class Planned(Protocol):
    """A run before it is run, see `simsme.plan.Plan`."""

    @property
    def scenario(self) -> Scenario:
        """The scenario."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies to run."""


def draw_worlds(
    source: LoadedScenario | Planned,
    count: int,
    seed: int | None = None,
    *,
    only: Sequence[str] | None = None,
    fix_drawn: bool = False,
) -> tuple[PossibleWorld, ...]:
    """Draw worlds: every number that is uncertain in the scenario, at a value of its range.

    Numbers are drawn independently of each other, see `simsme.possible_worlds.spans` for how a range becomes a distribution. World k is
    the same whatever the count, and a number's luck depends on the seed, k and its name only.

    Parameters
    ----------
    source
        A scenario that was read or, to leave out levers of policies that are not run, the plan of a run.
    count
        How many worlds.
    seed
        Seed of the worlds; the scenario's where not given. It does not touch the luck of firms and draws.
    only
        Names of the defaults that differ between worlds; all uncertainties where not given.
    fix_drawn
        Whether numbers that the scenario gives as a distribution, and so draws anew in every draw, are fixed too. By default they stay as
        the scenario has them.

    Raises
    ------
    InputError
        Where a name in `only` is not that of a number of the scenario that has a plausible range.

    Examples
    --------
    >>> import simsme
    >>> worlds = simsme.draw_worlds(simsme.load_scenario("three-months"), 3)
    >>> [world.number for world in worlds]
    [0, 1, 2]
    """
    policies = None if isinstance(source, LoadedScenario) else source.policies
    parameters = uncertain_parameters(source.scenario, policies, only=only, drawn=fix_drawn)
    numbers = np.arange(count, dtype=np.uint64)[:, None]
    keys = np.array([firm_key(f"world:{parameter.name}") for parameter in parameters], dtype=np.uint64)
    shares = uniforms(source.scenario.seed if seed is None else seed, numbers, keys, 0, "parameter")
    return tuple(world_at(parameters, dict(enumerate(map(float, row))), number) for number, row in enumerate(shares))


def world_at(parameters: Sequence[Parameter], shares: Mapping[int, float], number: int = 0) -> PossibleWorld:
    """Return the world in which numbers stand at given points of their ranges.

    Parameters
    ----------
    parameters
        The numbers, as `uncertain_parameters` returns them.
    shares
        Point of a number on its range, in [0, 1], by its position among the parameters; the others keep the scenario's value.
    number
        Number of the world.
    """
    settings: dict[str, Any] = {}
    for position, share in shares.items():
        for dotted, value in parameters[position].settings_at(share).items():
            # a table that only has to be there is not written over once a world has moved it
            if dotted not in settings or parameters[position].places[0].first is None:
                settings[dotted] = value
    return PossibleWorld(
        number=number,
        shares={parameters[position].name: share for position, share in shares.items()},
        values={parameters[position].name: parameters[position].value_at(share) for position, share in shares.items()},
        overrides=tuple(f"{dotted}={toml_value(value)}" for dotted, value in settings.items()),
    )
