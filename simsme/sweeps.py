"""Run a scenario over a grid of values, all on the same draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from simsme.execution import COMPILED, COMPILED_FROM, NUMPY
from simsme.firms import Firms
from simsme.plan import Plan, plan_run
from simsme.problems import InputError, Problem
from simsme.provenance import canonical_json, content_digest
from simsme.runs import Progress, execute
from simsme.scenario import LoadedScenario, load_scenario
from simsme.sweeping.cell import Cell, cell_of, keep_cell, kept_cell
from simsme.sweeping.grid import Axis, Point, parse_axes, points
from simsme.sweeping.result import Sweep
from simsme.world.couplings import beyond_compiled

MANY_RUNS = 200
"""Runs from which somebody has to say that so many are meant."""

FIRM_WEEKS_PER_SECOND = {NUMPY: 0.8e6, COMPILED: 12e6}
"""Rough speeds on two cores, for an estimate before anything has run."""

SECONDS_OF_A_RUN = 0.3
"""What a run takes besides."""


@dataclass(frozen=True)
class GridPlan:
    """A sweep before it is run.

    Attributes
    ----------
    axes
        What is varied.
    points, plans
        The points of the grid and the run of each.
    """

    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    plans: tuple[Plan, ...]

    @property
    def digest(self) -> str:
        """Digest of all runs in their order."""
        return content_digest("\n".join(plan.digest for plan in self.plans).encode("ascii"))

    def firm_weeks(self, firms: int) -> float:
        """Firms times weeks times draws times policies, over all runs."""
        return sum(
            firms * plan.scenario.draws * len(plan.policies) * plan.scenario.time.horizon_days / plan.scenario.time.step_days
            for plan in self.plans
        )

    def engine(self, firms: int) -> str:
        """The execution that is the faster one for all runs together, of those that can run them."""
        if any(beyond_compiled(plan.scenario, plan.policies) for plan in self.plans):
            return NUMPY
        return COMPILED if self.firm_weeks(firms) >= COMPILED_FROM else NUMPY

    def estimated_seconds(self, firms: int, engine: str | None = None) -> float:
        """Roughly how long all runs take on two cores."""
        return self.firm_weeks(firms) / FIRM_WEEKS_PER_SECOND[engine or self.engine(firms)] + SECONDS_OF_A_RUN * len(self.plans)


def plan_sweep(
    scenario: str | LoadedScenario,
    vary: Sequence[str],
    *,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    most_runs: int | None = MANY_RUNS,
) -> GridPlan:
    """Read and check every run of a grid before anything is computed.

    Parameters
    ----------
    scenario, policies, firms, draws, seed, overrides
        See :func:`simsme.plan.plan_run`.
    vary
        ``key=a,b,c``, once a key; all combinations run.
    most_runs
        More runs than that are refused; None where any number is meant.

    Raises
    ------
    InputError
        With everything that is wrong with any value of the grid.
    """
    loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
    axes = parse_axes(vary)
    given = [name for name, value in (("draws", draws), ("seed", seed)) if value is not None]
    twice = [
        Problem(f"--vary {axis.key}", "", f"is given by --{axis.key} as well; leave one of the two away")
        for axis in axes
        if axis.key in given
    ]
    if twice:
        raise InputError(twice)
    count = 1
    for axis in axes:
        count *= len(axis.texts)
    if most_runs is not None and count > most_runs:
        sizes = " x ".join(str(len(axis.texts)) for axis in axes)
        raise InputError([Problem("--vary", "", f"asks for {count:,} runs ({sizes}), more than {most_runs}; --yes runs them all")])
    grid, plans, problems = tuple(points(axes)), [], dict[Problem, None]()
    for point in grid:
        try:
            plans.append(plan_run(loaded, policies=policies, firms=firms, draws=draws, seed=seed, overrides=[*overrides, *point.overrides]))
        except InputError as error:
            # the same mistake at every point of the grid is one mistake
            problems |= dict.fromkeys(_renamed(problem, point.overrides) for problem in error.problems)
    if problems:
        raise InputError(problems)
    return GridPlan(axes, grid, tuple(plans))


def run_sweep(
    grid: GridPlan,
    *,
    jobs: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    announce: Callable[[], None] | None = None,
    keep: Path | None = None,
    afresh: bool = False,
    finished: Callable[[int], None] | None = None,
) -> Sweep:
    """Run a grid.

    Parameters
    ----------
    grid
        What to run.
    jobs, engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many draws are done, of how many in all runs.
    keep
        Folder in which every finished run is kept, and from which runs of an earlier sweep are taken.
    afresh
        Whether runs that are kept are computed again.
    finished
        Told how many runs are done whenever one is.
    """
    known: dict[str, Firms] = {}
    cells: list[Cell] = []
    draws_done, draws_in_all = 0, sum(plan.scenario.draws for plan in grid.plans)
    firm_count, chosen = 0, engine
    for plan in grid.plans:
        firms = _firms_of(plan, known)
        firm_count, chosen = firm_count or len(firms.key), chosen or grid.engine(len(firms.key))
        cell = kept_cell(keep, plan.digest) if keep is not None and not afresh else None
        if cell is None:
            told = None if progress is None else partial(_told, progress, draws_done, draws_in_all)
            run = execute(plan, jobs=jobs, progress=told, firms=firms, engine=chosen, announce=announce)
            cell = cell_of(run, plan.digest)
            if keep is not None:
                _keep(keep, cell)
        cells.append(cell)
        draws_done += plan.scenario.draws
        if progress is not None:
            progress(draws_done, draws_in_all)
        if finished is not None:
            finished(len(cells))
    first = grid.plans[0].scenario
    sweep = Sweep(first.name, grid.digest, first.currency, first.seed, first.draws, firm_count, grid.axes, tuple(cells))
    if not sweep.days:
        raise InputError([Problem("--vary", "", "the runs have no reported day in common (time.report_days)")])
    return sweep


def sweep(
    scenario: str | LoadedScenario,
    vary: Mapping[str, Sequence[Any]],
    *,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    keep: str | Path | None = None,
) -> Sweep:
    """Run a scenario for all combinations of some values, on the same draws.

    Parameters
    ----------
    scenario, policies, firms, draws, seed, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    vary
        Values by key, such as ``{"credit.renewal": [0.8, 0.9]}``. A value is a number, or text as ``--set`` takes it.
    jobs, engine
        As in :func:`simsme.run`; no result depends on them.
    progress
        Told how many draws are done, of how many in all runs.
    keep
        Folder in which finished runs are kept and found again.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> small = ["population.firms=100"]
    >>> grid = simsme.sweep("three-months", {"credit.renewal": [0.8, 0.9]}, policies=["renewal"], draws=2, overrides=small)
    >>> len(grid.table()["credit.renewal"].unique())
    2
    """
    texts = [f"{key}={','.join(_written(value) for value in values)}" for key, values in vary.items()]
    plan = plan_sweep(scenario, texts, policies=policies, firms=firms, draws=draws, seed=seed, overrides=overrides, most_runs=None)
    return run_sweep(plan, jobs=jobs, engine=engine, progress=progress, keep=None if keep is None else Path(keep))


def _firms_of(plan: Plan, known: dict[str, Firms]) -> Firms:
    """The firms of a run; those of runs that differ in other things are the same and are drawn or read once."""
    canonical = plan.scenario.canonical()
    key = canonical_json({name: canonical.get(name) for name in ("population", "firms")} | {"file": str(plan.firms_file)})
    if key not in known:
        known.clear()  # the grid varies its last key fastest: one set at a time keeps memory small
        known[key] = plan.firms()
    return known[key]


def _keep(folder: Path, cell: Cell) -> None:
    try:
        keep_cell(folder, cell)
    except OSError as error:
        place = error.filename if isinstance(error.filename, str) else str(folder)
        raise InputError([Problem(place, "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error


def _told(progress: Progress, before: int, total: int, done: int, draws: int) -> None:
    progress(before + done, total)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else repr(value)


def _renamed(problem: Problem, varied: Sequence[str]) -> Problem:
    """What is wrong with a varied value is reported under --vary."""
    for override in varied:
        if problem.file == f"--set {override}":
            return Problem(f"--vary {override}", problem.place, problem.message)
    return problem
