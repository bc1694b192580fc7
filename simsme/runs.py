"""Run a scenario: draws cut into blocks, blocks run by threads, results put together in one order."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.execution import LANES, adder, check_engine, engine_for, live, prepare
from simsme.firm_level import FirmLevel, firm_table
from simsme.firms import Firms
from simsme.gathering import Grouping, Shares, group_firms, join_firms, weigh
from simsme.join_draws import join_draws
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.precision import Precision, draws_wanted, precision_of
from simsme.provenance import Provenance
from simsme.scenario import LoadedScenario, Scenario
from simsme.survival import differences
from simsme.world import World

if TYPE_CHECKING:
    import pandas as pd

WAKE_SECONDS = 0.2
"""How often progress is told."""

Progress = Callable[[int, int], None]
"""Called with (draws done, draws in all) as a run goes on."""


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
        return f"<Run of {self.scenario.name}: {len(ran.firms.key):,} firms, {ran.draws:,} draws, policies {', '.join(ran.policies)}>"

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
) -> Run:
    """Run a scenario; see :func:`plan_run` for what it takes.

    Parameters
    ----------
    jobs
        Threads; as many as there are cores where not given. Results do not depend on it.
    progress
        Told how many draws are done.
    firm_level
        Count what happens to each firm as well.
    engine
        ``numpy`` or ``compiled``; chosen by the size of the run where not given. Results do not depend on it.

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
    return execute(plan, jobs=jobs, progress=progress, firm_level=firm_level, engine=engine, precise=True)


def execute(
    plan: Plan,
    *,
    jobs: int | None = None,
    progress: Progress | None = None,
    lanes: int | None = None,
    firms: Firms | None = None,
    firm_level: bool = False,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
    precise: bool = False,
) -> Run:
    """Run a plan.

    Parameters
    ----------
    plan
        What to run.
    jobs
        Threads; as many as there are cores where not given.
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
    """
    check_engine(engine, plan.scenario, plan.policies)
    started, clock = datetime.now(UTC), time.perf_counter()
    firms = plan.firms() if firms is None else firms
    world = World(plan.scenario, firms, plan.policies)
    grouping = group_firms(firms, plan.scenario.time.horizon_days)
    by_firm = FirmLevel.of(_with_most_draws(world, precise)) if firm_level else None
    chosen = engine or engine_for(world)
    lanes = lanes or LANES[chosen]
    prepare(chosen, announce or _nothing, _nothing if progress is None else partial(progress, 0, plan.scenario.draws))
    simulating = time.perf_counter()
    parts: dict[int, Shares] = {}
    workers = jobs or os.cpu_count() or 1
    stop, done = threading.Event(), dict[int, float]()

    estates_bring = _for_all_draws(world)

    def work(draws: NDArray[np.uint64]) -> Shares:
        def lived(share: float) -> None:
            if stop.is_set():
                raise CancelledError
            done[int(draws[0])] += share * len(draws)

        return _batch(world, grouping, draws, lanes, chosen, lived, by_firm, estates_bring)

    def simulate(first: int, end: int) -> None:
        """Run the draws from `first` to before `end`. The luck of a draw is that of its number, however many there are."""
        batches = list(_batches(first, end, len(firms.key), lanes, workers))
        done.update((int(draws[0]), 0.0) for draws in batches)
        futures = {pool.submit(work, draws): int(draws[0]) for draws in batches}
        running = set(futures)
        while running:
            ended_now, running = wait(running, timeout=WAKE_SECONDS, return_when=FIRST_COMPLETED)
            parts.update((futures[future], future.result()) for future in ended_now)
            if progress is not None:
                progress(int(sum(done.values()) + 1e-6), end)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            simulate(0, plan.scenario.draws)
            if precise and plan.scenario.precision is not None:
                simulate(plan.scenario.draws, _draws_wanted(plan, world, parts))
        except BaseException:
            # batches that run end at their next step, so that Ctrl-C is answered at once
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    simulated = time.perf_counter()
    outcomes = join_draws(world, grouping, [parts[first] for first in sorted(parts)])
    if by_firm is not None:
        by_firm = replace(by_firm, draws=outcomes.draws)
    ended = datetime.now(UTC)
    seconds = {"simulate": simulated - simulating, "total": time.perf_counter() - clock}
    return Run(plan, outcomes, seconds, started, ended, by_firm)


def _nothing() -> None:
    pass


def timed(run: Run, total: float) -> Run:
    """The run with the seconds of the whole process."""
    return replace(run, seconds={**run.seconds, "total": total})


def _batches(first: int, end: int, firms: int, lanes: int, workers: int) -> Iterator[NDArray[np.uint64]]:
    """Draws that are run together: as many as fill a block, in batches of nearly the same size for every worker."""
    draws = end - first
    if draws:
        rounds = max(1, -(-draws * firms // (lanes * workers)))
        yield from np.array_split(np.arange(first, end, dtype=np.uint64), min(draws, rounds * workers))


def _draws_wanted(plan: Plan, world: World, parts: Mapping[int, Shares]) -> int:
    """How many draws the precision takes, by the pilot."""
    day = [0.0, *(clock.b for clock in world.steps)].index(float(plan.scenario.time.headline_day))
    alive = np.concatenate([parts[first].survival["exit"][:, :, day] for first in sorted(parts)], axis=1)
    reference = [policy.name for policy in world.policies].index(plan.scenario.reference)
    precision, most = plan.scenario.precision, plan.scenario.max_draws
    assert precision is not None and most is not None
    return draws_wanted(differences(alive, reference), precision, most)


def _with_most_draws(world: World, precise: bool) -> World:
    """The world of the largest number of draws that may be run, so that counts by firm find room."""
    most = world.scenario.max_draws
    if not precise or most is None:
        return world
    return World(world.scenario.model_copy(update={"draws": most}), world.firms, world.policies)


def _row_blocks(world: World, draws: int, lanes: int) -> Iterator[slice]:
    """Rows of firms that are run together: all where they meet, else multiples of a chunk, so that sums do not depend on it."""
    firms = len(world.firms.key)
    size = firms if world.firms_meet else max(CHUNK, lanes // draws // CHUNK * CHUNK)
    for first in range(0, firms, size):
        yield slice(first, min(first + size, firms))


def _batch(
    world: World,
    grouping: Grouping,
    draws: NDArray[np.uint64],
    lanes: int,
    engine: str,
    lived: Callable[[float], None],
    by_firm: FirmLevel | None,
    estates_bring: Lanes | None,
) -> Shares:
    """Run all firms in some draws and weigh what became of them; count it by firm where that is wanted."""
    lives: list[Lives] = []
    estates_bring = world.liquidation_share(draws) if estates_bring is None else estates_bring
    for rows in _row_blocks(world, len(draws), lanes):
        part = (rows.stop - rows.start) / len(world.firms.key)
        lives.append(live(engine, world, draws, rows, estates_bring, partial(_part_lived, lived, part)))
    ends = np.array([0.0, *(clock.b for clock in world.steps)])
    reported = tuple(number for number, clock in enumerate(world.steps) if clock.b in world.report_days)
    reference = [policy.name for policy in world.policies].index(world.scenario.reference)
    joined, runway_days = join_firms(lives), world.runway_days(draws)
    if by_firm is not None:
        by_firm.add(joined, runway_days)
    return weigh(joined, world.firms, grouping, ends, reported, reference, runway_days, adder(engine))


def _for_all_draws(world: World) -> Lanes | None:
    """What estates bring, where it is the same in all draws; it takes a while to find."""
    share = world.liquidation_share(np.arange(2, dtype=np.uint64))
    return share if share.shape[0] == 1 else None


def _part_lived(lived: Callable[[float], None], part: float, share: float) -> None:
    lived(part * share)
