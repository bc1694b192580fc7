"""Run a scenario: draws cut into blocks, blocks run by threads, results put together in one order."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simsme.batches import Work
from simsme.census import take_census
from simsme.crew import Crew, Threads
from simsme.draw_firms import DrawnFirms
from simsme.draw_range import DrawRange
from simsme.execution import LANES, check_engine, engine_by_size, prepare, threads_of_use
from simsme.firm_level import FirmLevel, firm_table
from simsme.firm_tally import Tally, Watch
from simsme.firms import Firms
from simsme.gathering import Shares
from simsme.join_draws import join_draws
from simsme.kept_batches import KeptBatches
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.precision import Precision, draws_wanted, precision_of
from simsme.provenance import Provenance
from simsme.scenario import LoadedScenario, Scenario
from simsme.simulating import Progress as Progress
from simsme.simulating import Simulation
from simsme.survival import differences
from simsme.world.timetable import steps_of_scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes
    ----------
    plan
        What was run.
    outcomes
        What happened, draw by draw.
    seconds
        Seconds spent: ``simulate`` and ``total``.
    started, ended
        When.
    by_firm
        Counts by firm; None where the run was not asked for them.
    """

    plan: Plan
    outcomes: Outcomes
    seconds: dict[str, float]
    started: datetime
    ended: datetime
    by_firm: FirmLevel | None = None

    @property
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self.plan.scenario

    @property
    def json(self) -> dict[str, Any]:
        """The summary as one object of plain numbers, texts, lists and tables, as ``simsme run --json`` prints it."""
        from simsme.summary import summarize

        return summarize(
            self.outcomes,
            scenario=self.scenario.name,
            digest=self.plan.digest,
            seed=self.scenario.seed,
            step_days=self.scenario.time.step_days,
            currency=self.scenario.currency,
            seconds=self.seconds,
        ) | {"precision": self.precision.json}

    @property
    def precision(self) -> Precision:
        """How precise the run turned out to be, and what ended it."""
        wanted, most = self.scenario.precision, self.scenario.max_draws
        return precision_of(self.outcomes, wanted=wanted, max_draws=most, pilot_draws=None if wanted is None else self.scenario.draws)

    @property
    def summary(self) -> "pd.DataFrame":
        """One row per policy, at the headline day."""
        from simsme.summary import summary_table

        return summary_table(self.outcomes)

    @property
    def curves(self) -> "pd.DataFrame":
        """Survival by policy, endpoint and day."""
        from simsme.curves import curves_table

        return curves_table(self.outcomes)

    @property
    def groups(self) -> "pd.DataFrame":
        """Survival by policy and group of firms."""
        from simsme.groups import groups_table

        return groups_table(self.outcomes)

    @property
    def accounts(self) -> "pd.DataFrame":
        """Flows of funds, accruals, revaluations and balances by policy and day."""
        from simsme.flow_of_funds import accounts_table

        return accounts_table(self.outcomes)

    @property
    def costs(self) -> "pd.DataFrame":
        """What each policy costs whom, by reported day, entry of the accounts and lever, see `simsme.cost_tables.costs_table`."""
        from simsme.cost_tables import costs_table

        return costs_table(self.outcomes)

    @property
    def effectiveness(self) -> "pd.DataFrame":
        """Policies compared by net cost and by what they save: dominance, frontier, cost of a firm or job more."""
        from simsme.cost_tables import effectiveness_table

        return effectiveness_table(self.outcomes)

    @property
    def classes(self) -> "pd.DataFrame":
        """Fates of firms against the reference and deadweight of support, for all firms and by group."""
        from simsme.class_tables import classes_table

        return classes_table(self.outcomes)

    @property
    def firm_level(self) -> "pd.DataFrame":
        """One row a firm and policy, see :meth:`simsme.firm_level.FirmLevel.parts`; ValueError without ``firm_level=True``."""
        return firm_table(self.by_firm)

    @property
    def funds(self) -> "pd.DataFrame":
        """What became of every public fund by every reported day; no rows where there are none."""
        from simsme.fund_tables import funds_table

        return funds_table(self.outcomes)

    @property
    def reviews(self) -> "pd.DataFrame":
        """When levers under review were in force, see `simsme.review_tables.reviews_table`; no rows where there are none."""
        from simsme.review_tables import reviews_table

        return reviews_table(self.outcomes)

    def provenance(self, command: Sequence[str] = ()) -> Provenance:
        """Where the result came from."""
        file = self.plan.firms_file
        return Provenance(
            scenario=self.scenario.name,
            digest=self.plan.digest,
            seed=self.scenario.seed,
            draws=self.outcomes.draws,
            policies=self.outcomes.policies,
            overrides=self.plan.loaded.overrides,
            command=tuple(command),
            started=self.started,
            ended=self.ended,
            firm_file=None if file is None else file.name,
            firm_file_digest=self.plan.firms_digest,
        )

    def save(self, folder: str | Path | None = None, command: Sequence[str] = (), firm_format: str | None = None) -> Path:
        """Write the results folder and return it; it lies under ``results`` where no folder is given.

        What was counted by firm goes into a file of a format of `simsme.firm_level_files.FILES`: Parquet or else npz where none is given.
        """
        from simsme.results import results_folder, write_results

        place = results_folder(self.scenario.name, self.plan.digest, None if folder is None else Path(folder))
        return write_results(
            place,
            self.outcomes,
            summary=self.json,
            scenario_text=self.plan.loaded.text,
            provenance=self.provenance(command),
            by_firm=self.by_firm,
            firm_format=firm_format,
        )

    def __repr__(self) -> str:
        ran = self.outcomes
        return f"<Run of {self.scenario.name}: {len(ran.firms_as_needed):,} firms, {ran.draws:,} draws, policies {', '.join(ran.policies)}>"

    def _repr_html_(self) -> str:
        from simsme.display import summary_html

        return summary_html(self.outcomes, currency=self.scenario.currency)


def run(
    scenario: str | LoadedScenario,
    *,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    precision: float | None = None,
    max_draws: int | None = None,
    seed: int | None = None,
    step_days: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    progress: Progress | None = None,
    firm_level: bool = False,
    engine: str | None = None,
    scheduler: str | None = None,
) -> Run:
    """Run a scenario.

    Parameters
    ----------
    scenario, policies, firms, draws, precision, max_draws, seed, step_days, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    jobs
        Threads; as many as there are cores where not given, fewer where NumPy has little to do, see
        `simsme.execution.threads_of_use`. Results do not depend on it.
    progress
        Told how many draws are done.
    firm_level
        Count what happens to each firm as well.
    engine
        ``numpy`` or ``compiled``; chosen by the size of the run where not given. Results do not depend on it.
    scheduler
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers run the draws. Results do not depend on it.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> out = simsme.run("three-months", draws=2, overrides=["population.firms=100"])
    >>> list(out.summary["policy"])[:2]
    ['none', 'renewal']
    """
    plan = plan_run(
        scenario,
        policies=policies,
        firms=firms,
        draws=draws,
        precision=precision,
        max_draws=max_draws,
        seed=seed,
        step_days=step_days,
        overrides=overrides,
    )
    return execute(plan, jobs=jobs, progress=progress, firm_level=firm_level, engine=engine, precise=True, scheduler=scheduler)


def execute(
    plan: Plan,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    lanes: int | None = None,
    firms: Firms | DrawnFirms | None = None,
    firm_level: bool = False,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
    precise: bool = False,
    scheduler: str | None = None,
    kept: KeptBatches | None = None,
    watch: Watch | None = None,
) -> Run:
    """Run a plan.

    Parameters
    ----------
    plan
        What to run.
    jobs
        Threads; as many as are of use where not given, see `simsme.execution.threads_of_use`.
    progress
        Told how many draws are done.
    lanes
        Firms times draws of a block; what suits the engine where not given. No result depends on it.
    firms
        The plan's firms, where they have been read already.
    firm_level
        Count what happens to each firm as well.
    engine
        ``numpy`` or ``compiled``; chosen by the size of the run where not given. No result depends on it.
    announce
        Called when the engine has to be compiled first, which happens once on a machine.
    precise
        Go on after the draws of the pilot until the scenario's precision is reached, where it has one, see `simsme.precision`.
    scheduler
        Address of a Dask scheduler whose workers run the batches, such as ``tcp://host:8786``; threads here where not given. No result
        depends on it.
    kept
        Where finished batches are kept, and taken from.
    watch
        With ``firm_level``, in threads here and with nothing kept: told what became of all firms, batch by batch, in any order of batches.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    if watch is not None and (not firm_level or scheduler is not None or kept is not None):
        raise ValueError("only a run that counts by firm, here and from its first draw, can be watched")
    run = _prepared(plan, firms, engine, lanes, announce, progress, firm_level, precise, jobs, watch)
    simulating = time.perf_counter()
    with run.simulation(plan, jobs, scheduler, kept, progress) as simulation:
        simulation.run(DrawRange(0, plan.scenario.draws))
        if precise and plan.scenario.precision is not None:
            simulation.run(DrawRange(0, _draws_wanted(plan, simulation.within(DrawRange(0, plan.scenario.draws)))))
    simulated = time.perf_counter()
    outcomes = join_draws(plan.scenario, plan.policies, run.work.firms, run.work.census.whole, simulation.all())
    by_firm = None if run.tally is None else replace(run.tally.level, draws=outcomes.draws)
    ended = datetime.now(UTC)
    seconds = {"simulate": simulated - simulating, "total": time.perf_counter() - clock}
    return Run(plan, outcomes, seconds, started, ended, by_firm)


def execute_part(
    plan: Plan,
    draws: DrawRange,
    kept: KeptBatches,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    firms: Firms | DrawnFirms | None = None,
    firm_level: bool = False,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
    scheduler: str | None = None,
) -> None:
    """Run some of the draws of a plan and keep what becomes of them, to be merged with others; as :func:`execute` else."""
    run = _prepared(plan, firms, engine, None, announce, progress, firm_level, False, jobs)
    with run.simulation(plan, jobs, scheduler, kept, progress) as simulation:
        simulation.run(draws)
        if run.tally is not None:
            kept.keep_tally(run.tally, last=True)


def join_parts(plan: Plan, firms: Firms | DrawnFirms, parts: Mapping[DrawRange, Shares], tally: Tally | None, started: datetime) -> Run:
    """Put parts of a run together, which were run elsewhere and make up all its draws."""
    clock = time.perf_counter()
    whole = take_census(plan.scenario, plan.policies, firms, os.cpu_count() or 1).whole
    outcomes = join_draws(plan.scenario, plan.policies, firms, whole, [parts[part] for part in sorted(parts)])
    return Run(plan, outcomes, {"total": time.perf_counter() - clock}, started, datetime.now(UTC), None if tally is None else tally.level)


@dataclass(frozen=True)
class _Prepared:
    """A run that could begin at once."""

    work: Work
    tally: Tally | None

    @contextmanager
    def simulation(
        self, plan: Plan, jobs: int | None, scheduler: str | None, kept: KeptBatches | None, progress: Progress | None
    ) -> Iterator[Simulation]:
        """Give out the simulation, whose crew is let go at the end, or stopped where something goes wrong."""
        crew: Crew
        if scheduler is None:
            work, draws = self.work, plan.scenario.draws
            crew = Threads(work, self.tally, jobs or threads_of_use(work.engine, len(work.firms), draws))
        else:
            from simsme.cluster import Cluster

            crew = Cluster(scheduler, plan, self.work, self.tally)
        try:
            yield Simulation(crew, self.work, self.tally, kept, progress)
        except BaseException:
            crew.stop()
            raise
        crew.close()


def _prepared(
    plan: Plan,
    firms: Firms | DrawnFirms | None,
    engine: str | None,
    lanes: int | None,
    announce: Callable[[], None] | None,
    progress: Progress | None,
    firm_level: bool,
    precise: bool,
    jobs: int | None,
    watch: Watch | None = None,
) -> _Prepared:
    check_engine(engine, plan.scenario, plan.policies)
    if firms is None:
        firms = plan.firms_as_needed() if watch is None else plan.firms()
    tally = None
    if firm_level:
        tally = Tally(FirmLevel.of(_with_most_draws(plan.scenario, precise), plan.policies, firms), watch)
    chosen = engine or engine_by_size(plan.scenario, plan.policies, len(firms))
    threads = jobs or threads_of_use(chosen, len(firms), plan.scenario.draws)
    work = Work.on(plan.scenario, plan.policies, firms, chosen, lanes or LANES[chosen], threads)
    prepare(chosen, announce or _nothing, _nothing if progress is None else partial(progress, 0, plan.scenario.draws))
    return _Prepared(work, tally)


def _nothing() -> None:
    pass


def timed(run: Run, total: float) -> Run:
    """The run with the seconds of the whole process."""
    return replace(run, seconds={**run.seconds, "total": total})


def _draws_wanted(plan: Plan, pilot: Sequence[Shares]) -> int:
    """How many draws the precision takes, by the pilot."""
    day = [0.0, *(clock.b for clock in steps_of_scenario(plan.scenario))].index(float(plan.scenario.time.headline_day))
    alive = np.concatenate([part.survival["exit"][:, :, day] for part in pilot], axis=1)
    reference = [policy.name for policy in plan.policies].index(plan.scenario.reference)
    precision, most = plan.scenario.precision, plan.scenario.max_draws
    assert precision is not None and most is not None
    return draws_wanted(differences(alive, reference), precision, most)


def _with_most_draws(scenario: Scenario, precise: bool) -> Scenario:
    """The scenario with the largest number of draws that may be run, so that counts by firm find room."""
    if not precise or scenario.max_draws is None:
        return scenario
    return scenario.model_copy(update={"draws": scenario.max_draws})
