"""A firm in its scenario: what every question about it starts from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.firms import Firms
from simsme.firms_file import FirmsFile
from simsme.plan import Plan, plan_run
from simsme.policy import Policy
from simsme.population import Population
from simsme.problems import InputError, Problem, did_you_mean
from simsme.runway.ample_levers import ample_policy
from simsme.runway.own_firm import DRAWN, Assumed, OwnFirm, assumed_numbers
from simsme.scenario import Scenario
from simsme.world import World

DAYS_OF_WEEK = 7
WEEKS = 52
SHEET_WEEKS = 13
REPORT_WEEKS = (13, 26, 52)
DRAWS = 500

CLOCK = (
    f"time.step_days={DAYS_OF_WEEK}",
    f"time.horizon_days={WEEKS * DAYS_OF_WEEK}",
    f"time.headline_day={SHEET_WEEKS * DAYS_OF_WEEK}",
    f"time.report_days=[{', '.join(str(weeks * DAYS_OF_WEEK) for weeks in REPORT_WEEKS)}]",
)
"""Weeks of a year, whatever the scenario has."""

OWN_BOOKS = ("adjust.cash_factor=1", "adjust.margin_shift=0")
"""An owner knows its own cash and costs; a scenario's doubt about those of all firms is not about them."""


@dataclass(frozen=True)
class Case:
    """One firm in a scenario.

    Attributes
    ----------
    plan
        The scenario; weekly steps over a year.
    firms
        The firm, one row.
    population
        All firms of the scenario or the file: what estates bring follows from them, and from nothing else about them.
    assumed, remarks
        What about the firm nobody said, and what is odd about it.
    """

    plan: Plan
    firms: Firms
    population: Firms
    assumed: tuple[Assumed, ...]
    remarks: tuple[str, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.plan.scenario

    @property
    def reference(self) -> Policy:
        """The policy in force anyway; its funds have money for everybody, since nobody else is there to ask them."""
        return ample_policy(self.stated_reference)

    @property
    def stated_reference(self) -> Policy:
        """The same as the scenario states it."""
        return next(policy for policy in self.plan.policies if policy.name == self.scenario.reference)

    @property
    def draws(self) -> NDArray[np.uint64]:
        """Numbers of the draws, (d,)."""
        return np.arange(self.scenario.draws, dtype=np.uint64)

    @cached_property
    def estates_bring(self) -> Lanes:
        """What the estate of a firm brings, share of book value, (1, 1) or (d, 1)."""
        return World(self.scenario, self.population, (self.reference,)).liquidation_share(self.draws)


def plan_for_one(
    scenario: str, *, draws: int | None = None, seed: int | None = None, overrides: Sequence[str] = (), firms: Path | None = None
) -> Plan:
    """Plan weekly steps over a year; firms that are described by their owner keep cash and costs as they are in every draw.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    taken = [
        Problem(f"--set {pair}", "", "runway always counts in weeks over a year; of [time] only start_date can be set")
        for pair in overrides
        if pair.split("=")[0].strip().startswith("time.") and pair.split("=")[0].strip() != "time.start_date"
    ]
    if taken:
        raise InputError(taken)
    said = {pair.split("=")[0].strip() for pair in overrides}
    neutral = [pair for pair in OWN_BOOKS if pair.split("=")[0] not in said] if firms is None else []
    plan = plan_run(scenario, draws=DRAWS if draws is None else draws, seed=seed, overrides=[*CLOCK, *neutral, *overrides], firms=firms)
    # contagion and funds tie a firm to others that are not there
    return replace(plan, scenario=plan.scenario.model_copy(update={"contagion": None})) if plan.scenario.contagion is not None else plan


def case_of_owner(plan: Plan, found: OwnFirm) -> Case:
    """A firm that its owner described; the population is the one that the scenario draws."""
    from simsme.draw_firms import draw_firms

    population = draw_firms(population_of(plan))
    return Case(plan, found.firms, population, found.assumed, found.remarks)


def case_of_row(plan: Plan, firm_id: str) -> Case:
    """A firm of a file, as every other command reads it.

    Raises
    ------
    InputError
        With all faults of the file, or where it has no such firm.
    """
    firms = plan.firms()
    if firm_id not in firms.ids:
        nearest = did_you_mean(firm_id, firms.ids) or f"; the first is {firms.ids[int(np.argmin(firms.order))]}"
        raise InputError([Problem(f"--firm {firm_id}", "", f"{plan.firms_file} has no firm of this firm_id{nearest}")])
    one = firms.take([firms.ids.index(firm_id)])
    said = _said_of(plan, firm_id)
    kinds = tuple(
        Assumed(name, getattr(one, f"{name}_names")[int(getattr(one, name)[0])], "", name.replace("_", " "), "assumption", why, "")
        for name, why in (("industry", "drawn by the shares of all firms"), ("size", "by its sales"), ("legal_form", "drawn by the shares"))
        if name not in said
    )
    assumed = (*kinds, *assumed_numbers(one, said, population_of(plan), DRAWN))
    return Case(plan, one, firms, assumed, tuple(remark for remark in firms.remarks if firm_id in remark or "column" in remark))


def _said_of(plan: Plan, firm_id: str) -> set[str]:
    """Names of the columns that the file, or the scenario for all firms of it, says of one firm."""
    from simsme.firm_cells import read_cells

    file = plan.scenario.firms or FirmsFile()
    cells = read_cells(plan.firms_file or Path(), file)
    row = cells.columns["firm_id"].index(firm_id)
    return {name for name, texts in cells.columns.items() if texts[row]} | set(file.constants)


def population_of(plan: Plan) -> Population:
    """The scenario's population; the default one where its firms come from a file."""
    return Population() if plan.scenario.population is None else plan.scenario.population


def variants_of(firms: Firms, changes: Sequence[dict[str, float]]) -> Firms:
    """The firm once for each set of changed columns, all with one key: they share all luck."""
    rows = firms.take([0] * len(changes))
    columns = {name for change in changes for name in change}
    changed: dict[str, Any] = {
        name: np.array([change.get(name, float(getattr(firms, name)[0])) for change in changes], dtype=np.float64) for name in columns
    }
    return replace(rows, **changed)
