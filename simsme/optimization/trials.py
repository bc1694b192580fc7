"""Trials of mixes: policies run together on the same draws, in every world, and what they save and cost."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from simsme.costs import Costs
from simsme.execution import COMPILED, NUMPY
from simsme.firms import Firms
from simsme.frontier import AIMS
from simsme.lever_entries import PAYERS
from simsme.levers.lever import Lever
from simsme.optimization.goals import Measured, Mix
from simsme.optimization.space import Space
from simsme.plan import Plan
from simsme.policy import Policy
from simsme.runs import execute
from simsme.world.couplings import beyond_compiled

FEWEST_DRAWS = 4
"""Draws of a scenario at the least, and of a rung where there are so many."""

Told = Callable[[int], None]
"""Told how many mixes have been run since it was last told; an exception that it raises ends the search."""


@dataclass(frozen=True)
class Setting:
    """A world in which mixes are tried.

    Attributes
    ----------
    plan
        A run of the scenario in this world.
    firms
        Its firms.
    levers
        By candidate and level the lever with this world's numbers; None where it is off.
    """

    plan: Plan
    firms: Firms
    levers: tuple[tuple[Lever | None, ...], ...]

    @property
    def reference(self) -> Policy:
        """The policy that mixes are compared with."""
        return next(policy for policy in self.plan.policies if policy.name == self.plan.scenario.reference)

    def policy(self, mix: Mix, name: str) -> Policy:
        """The levers of a mix and, under any other label, the reference's."""
        chosen = [levers[level] for levers, level in zip(self.levers, mix, strict=True)]
        kept = {lever.label: lever for lever in self.reference.levers} | {lever.label: lever for lever in chosen if lever is not None}
        return self.reference.model_copy(update={"name": name, "title": "", "levers": tuple(kept.values())})


@dataclass(frozen=True)
class Trials:
    """Runs mixes in all worlds.

    Attributes
    ----------
    settings
        The worlds, at least one.
    space
        The mixes.
    maximize
        ``firms`` or ``jobs``.
    day
        A reported day, by which units are saved and money is spent.
    payers
        Whose cost is held to the budget.
    engine, jobs
        As in :func:`simsme.runs.execute`; no result depends on them.
    told, announce
        Told about what goes on.
    """

    settings: tuple[Setting, ...]
    space: Space
    maximize: str
    day: float
    payers: tuple[str, ...]
    engine: str | None = None
    jobs: int | None = None
    told: Told | None = None
    announce: Callable[[], None] | None = None
    counted: dict[int, int] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """Draws of the scenario: the first half is for the search, the rest for what is told of its result."""
        return self.settings[0].plan.scenario.draws

    @property
    def rungs(self) -> tuple[int, ...]:
        """Numbers of draws with which the search looks, from few to all that it has."""
        most = self.draws // 2
        few = (max(FEWEST_DRAWS, math.ceil(most / 8)), max(FEWEST_DRAWS, math.ceil(most / 3)))
        return tuple(sorted({number for number in few if number < most})) + (most,)

    def measure(self, mixes: Sequence[Mix], rung: int) -> list[Measured]:
        """What mixes save and cost with the draws of a rung."""
        saved, costs = self.by_draw(mixes, self.rungs[rung])
        paid = self._budgeted(costs)
        return [Measured(saved[place].mean(axis=-1), float(paid[place].mean())) for place in range(len(mixes))]

    def by_draw(self, mixes: Sequence[Mix], draws: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What mixes save and cost, draw by draw.

        Returns
        -------
        saved : ndarray, (M, W, D)
            Firms or jobs more than under the reference.
        costs : ndarray, (M, payer, W, D)
            Net cost to each of `simsme.lever_entries.PAYERS`.
        """
        self.counted[draws] = self.counted.get(draws, 0) + len(mixes)
        saved = np.zeros((len(mixes), len(self.settings), draws))
        costs = np.zeros((len(mixes), len(PAYERS), len(self.settings), draws))
        for world, setting in enumerate(self.settings):
            policies = (setting.reference, *(setting.policy(mix, f"mix-{number}") for number, mix in enumerate(mixes)))
            scenario = setting.plan.scenario.model_copy(update={"draws": draws, "precision": None, "max_draws": None})
            plan = replace(setting.plan, scenario=scenario, policies=policies)
            run = execute(
                plan,
                jobs=self.jobs,
                progress=self._told,
                firms=setting.firms,
                engine=self.engine or (NUMPY if beyond_compiled(scenario, policies) else COMPILED),
                announce=self.announce,
            )
            found, report = Costs(run.outcomes), run.outcomes.report_index(self.day)
            units = found.firms_saved if self.maximize == AIMS[0] else found.jobs_saved
            saved[:, world] = units[1:, :, report]
            for place, payer in enumerate(PAYERS):
                costs[:, place, world] = found.by_payer[payer][1:, :, report]
        if self.told is not None:
            self.told(len(mixes))
        return saved, costs

    def _budgeted(self, costs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cost to those whose money the budget is, (M, W, D)."""
        total: NDArray[np.float64] = costs[:, [PAYERS.index(payer) for payer in self.payers]].sum(axis=1)
        return total

    def _told(self, done: int, draws: int) -> None:
        # between two batches nothing else would hear Ctrl-C
        if self.told is not None:
            self.told(0)
