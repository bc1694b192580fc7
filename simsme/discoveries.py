"""Find out which firms a policy misses, and in which worlds it fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsme.discovery.features import Cases, Numeric
from simsme.discovery.finding import find_boxes
from simsme.discovery.firm_features import firm_features
from simsme.discovery.result import Boxes, Discovery, Subject
from simsme.plan import Plan, plan_run
from simsme.problems import InputError, Problem
from simsme.reference import entry
from simsme.robustness.across_worlds import AcrossWorlds
from simsme.runs import Progress, Run, execute
from simsme.scenario import LoadedScenario
from simsme.world_runs import drawn_for, run_worlds

MOST_BOXES = 3
FEWEST_FIRMS, FEWEST_WORLDS = 100, 40
"""Fewer leave halves on which nothing can be found."""

PEEL_OF_WORLDS, SMALLEST_OF_WORLDS = 0.1, 0.08
"""Worlds are few: a peel takes more of them at a time, and a box holds some of them."""

WORST = 0.25
"""Share of the worlds that counts as failures where nobody says what a failure is."""


@dataclass(frozen=True)
class Failure:
    """What counts as a failure of a policy in a world.

    Attributes
    ----------
    gain_below
        A gain in the share of firms that are not gone for good, against the reference, below this, in [-1, 1].
    survival_below
        A share of firms that are not gone for good below this, in [0, 1].
    """

    gain_below: float | None = None
    survival_below: float | None = None


def plan_discovery(plan: Plan, policy: str, *, day: float | None = None, worlds: int = 0, failure: Failure | None = None) -> float:
    """Check everything that determines a discovery, before anything is computed, and return the day.

    Parameters
    ----------
    plan
        A run of the policy and the reference.
    policy
        Name of the policy, one of the plan's.
    day
        A reported day; the headline day where not given.
    worlds
        Worlds to run; none where 0.
    failure
        What counts as a failure in a world.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems = []
    time = plan.scenario.time
    wanted = float(time.headline_day if day is None else day)
    if wanted not in time.report_days:
        listed = ", ".join(f"{known:g}" for known in time.report_days)
        problems.append(Problem(f"day={wanted:g}", "", f"is not reported; reported are {listed} (time.report_days)"))
    if worlds and worlds < FEWEST_WORLDS:
        problems.append(
            Problem(f"worlds={worlds}", "", f"are too few to find boxes on one half of them: {FEWEST_WORLDS} or more are needed")
        )
    if failure is not None and not worlds and (failure.gain_below, failure.survival_below) != (None, None):
        problems.append(Problem("failure", "", "says in which worlds the policy fails, and no worlds are run; give their number too"))
    if failure is not None and failure.gain_below is not None and failure.survival_below is not None:
        problems.append(Problem("failure", "", "is either a gain or a survival that is too low, not both"))
    if worlds and policy == plan.scenario.reference and (failure is None or failure.survival_below is None):
        message = f'"{policy}" is the reference, which gains nothing against itself; say below which survival it fails'
        problems.append(Problem(plan.loaded.file, "policy", message))
    if problems:
        raise InputError(problems)
    if worlds:
        drawn_for(plan, worlds)
    return wanted


def search_firms(run: Run, policy: str, day: float, *, boxes: int = MOST_BOXES) -> Boxes:
    """Look for boxes of firms that are gone for good by a day under a policy, in a run with counts by firm.

    Raises
    ------
    InputError
        Where there are too few firms.
    """
    firms, level = run.outcomes.firms, run.by_firm
    if level is None:
        raise ValueError("this run counted nothing by firm; run it with firm_level=True")
    if len(firms) < FEWEST_FIRMS:
        message = f"{len(firms)} firms are too few to find boxes on one half of them: {FEWEST_FIRMS} or more are needed"
        raise InputError([Problem(run.plan.loaded.file, "firms", message)])
    table = run.firm_level
    gone = table[table["policy"] == policy].set_index("firm_id")[f"gone_by_{day:.0f}"]
    outcome = gone.loc[list(firms.ids)].to_numpy(dtype=np.float64)
    cases = Cases(firm_features(firms), outcome, firms.weight)
    counts = f"each firm counts by the share of {run.outcomes.draws} draws in which it is"
    definition = f'Lost is a firm that is gone for good by day {day:g} under "{policy}"; {counts}.'
    subject = Subject("firms", "lost", f'of the firms still lost under "{policy}"', definition)
    return Boxes(subject, cases, find_boxes(cases, seed=run.scenario.seed, most=boxes))


def search_worlds(across: AcrossWorlds, policy: str, day: float, failure: Failure | None = None, *, boxes: int = MOST_BOXES) -> Boxes:
    """Look for boxes of worlds in which a policy fails.

    A failure is what `failure` says or, where it says nothing, the quarter of the worlds with the smallest gain.
    """
    step = int(np.flatnonzero(np.abs(across.days - day) < 1e-6)[0])
    survival = across.curves["exit"][..., step].astype(np.float64).mean(axis=-1)
    here = survival[:, across.policies.index(policy)]
    gain = here - survival[:, across.policies.index(across.reference)]
    fails, definition = _failures(here, gain, failure or Failure(), policy, across.reference, day)
    features = tuple(
        Numeric(name, across.values[:, number], _unit_of(name), called=name)
        for number, name in enumerate(across.parameters)
        if _varies(across.values[:, number])
    )
    cases = Cases(features, fails.astype(np.float64), np.ones(len(fails)))
    subject = Subject("worlds", "failures", f'of the failures of "{policy}"', definition)
    search = find_boxes(cases, seed=across.seed, most=boxes, share=PEEL_OF_WORLDS, smallest=SMALLEST_OF_WORLDS)
    return Boxes(subject, cases, search)


def run_discovery(
    plan: Plan,
    policy: str,
    day: float,
    *,
    worlds: int = 0,
    failure: Failure | None = None,
    boxes: int = MOST_BOXES,
    jobs: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
    announce: Callable[[], None] | None = None,
) -> Discovery:
    """Run a policy and look for boxes of firms that it misses and of worlds in which it fails.

    Parameters
    ----------
    plan, policy, day, worlds, failure
        As `plan_discovery` has checked them.
    boxes
        Boxes at the most, of each kind.
    jobs, engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many draws are done, of how many in all runs.

    Raises
    ------
    InputError
        Where there are too few firms.
    """
    firms, draws = plan.firms(), plan.scenario.draws
    in_all = draws * (1 + worlds)
    told = None if progress is None else partial(_told, progress, 0, in_all)
    run = execute(plan, jobs=jobs, progress=told, firms=firms, firm_level=True, engine=engine, announce=announce)
    missed = search_firms(run, policy, day, boxes=boxes)
    failed = None
    if worlds:
        told = None if progress is None else partial(_told, progress, draws, in_all)
        across = run_worlds(plan, worlds, jobs=jobs, progress=told, firms=firms, engine=engine, announce=announce)
        failed = search_worlds(across, policy, day, failure, boxes=boxes)
    scenario = plan.scenario
    return Discovery(scenario.name, policy, scenario.reference, plan.digest, scenario.seed, draws, day, missed, failed)


def discover(
    scenario: str | LoadedScenario,
    policy: str,
    *,
    day: float | None = None,
    worlds: int = 0,
    failure: Failure | None = None,
    boxes: int = MOST_BOXES,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    engine: str | None = None,
    progress: Progress | None = None,
) -> Discovery:
    """Find out which firms a policy misses and, where worlds are asked for, in which worlds it fails.

    Parameters
    ----------
    scenario, firms, draws, seed, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    policy
        Name of the policy.
    day
        By which day a firm is lost, one of the reported; the headline day where not given.
    worlds
        Worlds to run beside the scenario itself; none where 0.
    failure
        What counts as a failure in a world; the quarter of the worlds with the smallest gain where not given.
    boxes
        Boxes at the most, of firms and of worlds each.
    jobs, engine, progress
        As in :func:`simsme.run`.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.discover("three-months", "package", draws=20)  # doctest: +SKIP
    """
    plan = plan_run(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, overrides=overrides)
    wanted = plan_discovery(plan, policy, day=day, worlds=worlds, failure=failure)
    return run_discovery(plan, policy, wanted, worlds=worlds, failure=failure, boxes=boxes, jobs=jobs, engine=engine, progress=progress)


def _failures(
    survival: NDArray[np.float64], gain: NDArray[np.float64], failure: Failure, policy: str, reference: str, day: float
) -> tuple[NDArray[np.bool_], str]:
    """Worlds in which a policy fails, and a sentence that says what that is."""
    of_firms = f"the share of firms that are not gone for good by day {day:g}"
    if failure.survival_below is not None:
        return survival < failure.survival_below, f'"{policy}" fails where {of_firms} is below {100 * failure.survival_below:.3g} %.'
    against = f'what "{policy}" adds to {of_firms}, against "{reference}",'
    if failure.gain_below is not None:
        return gain < failure.gain_below, f'"{policy}" fails where {against} is below {100 * failure.gain_below:.3g} percentage points.'
    limit = float(np.quantile(gain, WORST, method="inverted_cdf"))
    told = f'"{policy}" fails in the quarter of worlds in which {against} is smallest: {100 * limit:.3g} percentage points or less.'
    return gain <= limit, told


def _unit_of(name: str) -> str:
    """How a restriction of a number reads: the number and, where it has one, its unit."""
    unit = entry(name).unit
    return "{}" if unit in ("", "share", "probability") else f"{{}} {unit}"


def _varies(values: NDArray[np.float64]) -> bool:
    return bool(np.isfinite(values).all() and (values != values[0]).any())


def _told(progress: Progress, before: int, total: int, done: int, draws: int) -> None:
    progress(before + done, total)
