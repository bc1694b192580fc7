"""Runs of a sensitivity study: survival and gains at the headline day, with numbers moved through their ranges, on the same draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsme.firms import Firms
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.possible_worlds import Parameter, uncertain_parameters, world_at
from simsme.problems import InputError, Problem
from simsme.provenance import digest
from simsme.robustness.effects import Tornado
from simsme.robustness.indices import Decomposition, sobol_indices
from simsme.robustness.screening import Points, Screening, elementary_effects
from simsme.robustness.study import Study, Subject
from simsme.runs import execute
from simsme.scenario import LoadedScenario
from simsme.world_runs import engine_of_many, plan_in

METHODS = ("tornado", "morris", "sobol")

DRAWS, FIRMS = 20, 1000
"""Draws and firms of a run where nobody asks for others: what matters shows with few, since all runs meet the same luck."""

SIZES = {"tornado": 1, "morris": 10, "sobol": 128}
"""Trajectories of a screening and rows of a Sobol' design where nobody asks for others."""

LARGEST = 8
"""Numbers that a Sobol' study takes where nobody names any: those that matter most in a tornado."""

Told = Callable[[int, int], None]
"""Told how many runs are done, of how many."""


AnyStudy = Tornado | Screening | Decomposition


@dataclass(frozen=True)
class Runs:
    """A function of the numbers that move: outcomes by draw at places on their scales.

    Attributes
    ----------
    plan
        What is run.
    parameters
        The numbers that move, K.
    firms
        The plan's firms.
    engine
        ``numpy`` or ``compiled``.
    jobs
        Threads of a run; as many as cores where None.
    announce
        Called when the engine has to be compiled first.
    """

    plan: Plan
    parameters: tuple[Parameter, ...]
    firms: Firms
    engine: str
    jobs: int | None = None
    announce: Callable[[], None] | None = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes: survival under the reference, then the gain of every other policy."""
        reference = self.plan.scenario.reference
        return ("exit", "cash", *(f"gain:{policy.name}" for policy in self.plan.policies if policy.name != reference))

    def at(self, places: Points, tell: Told) -> NDArray[np.float64]:
        """Return the outcomes at places on the scales of the numbers, (N, S, D); NaN leaves a number as the scenario has it.

        Raises
        ------
        InputError
            Where the numbers of a place contradict each other in this scenario.
        """
        found = []
        for number, place in enumerate(places):
            shares = {position: float(share) for position, share in enumerate(place) if not np.isnan(share)}
            world = world_at(self.parameters, shares, number)
            planned = plan_in(self.plan, world)
            firms = planned.firms() if world.changes_firms else self.firms
            told = partial(_alive, tell, number, len(places))
            run = execute(planned, jobs=self.jobs, progress=told, firms=firms, engine=self.engine, announce=self.announce)
            found.append(_measured(run.outcomes))
            tell(number + 1, len(places))
        return np.stack(found)


def plan_sensitivity(
    scenario: str | LoadedScenario,
    *,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    sample: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Plan the runs of a study: they end on the headline day, with fewer draws and firms than the scenario asks for.

    Parameters
    ----------
    scenario, policies, firms, seed, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    draws
        Draws of each run; `DRAWS`, or the scenario's number where that is smaller.
    sample
        Firms of each run where they are drawn; `FIRMS`, or the scenario's number where that is smaller. Firms of a file all take part.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    whole = plan_run(scenario, policies=policies, firms=firms, draws=draws, seed=seed, overrides=overrides)
    asked = whole.scenario
    few = [f"time.horizon_days={asked.time.headline_day}", f"time.report_days=[{asked.time.headline_day}]"]
    # a precision that was asked for brings draws of its own, with which another number cannot stand
    if draws is None and not any(override.startswith("precision") for override in overrides):
        few.append(f"draws={min(asked.draws, DRAWS)}")
    if firms is None and asked.population is not None:
        few.append(f"population.firms={min(asked.population.firms, FIRMS) if sample is None else sample}")
    return plan_run(whole.loaded, policies=policies, firms=firms, overrides=few)


def study(
    plan: Plan,
    method: str = "tornado",
    *,
    only: Sequence[str] | None = None,
    size: int | None = None,
    largest: int = LARGEST,
    jobs: int | None = None,
    progress: Told | None = None,
    firms: Firms | None = None,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
) -> AnyStudy:
    """Find what each uncertain number changes.

    Parameters
    ----------
    plan
        The runs, see `plan_sensitivity`.
    method
        ``tornado``, ``morris`` or ``sobol``.
    only
        Names of the defaults that move; all uncertainties, and what the scenario gives as a distribution, where not given.
    size
        Trajectories of ``morris`` (2 or more) or rows of the design of ``sobol`` (a power of two); see `SIZES`.
    largest
        How many numbers ``sobol`` takes where `only` names none: those that matter most in a tornado, which is run first.
    jobs, engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many runs are done, of how many; a tornado that comes first is told by itself.
    firms
        The plan's firms, where they have been read already.

    Raises
    ------
    InputError
        For a name, size or method that cannot be, and where nothing is uncertain.
    """
    check_study(plan, method, only, size)
    size = SIZES[method] if size is None else size
    firms = plan.firms() if firms is None else firms
    parameters = uncertain_parameters(plan.scenario, plan.policies, only=only, drawn=True)
    runs_in_all = {"tornado": 2 * len(parameters), "morris": size * (len(parameters) + 1), "sobol": size * (largest + 2)}[method]
    engine = engine or engine_of_many(plan, len(firms.key), runs_in_all)
    runs = Runs(plan, parameters, firms, engine, jobs, announce)
    tell: Told = (lambda done, total: None) if progress is None else progress
    if method == "tornado":
        return _tornado(runs, tell)
    if method == "morris":
        return _screened(runs, size, tell)
    if only is None and len(parameters) > largest:
        names = set(_tornado(runs, tell).largest(largest))
        runs = Runs(plan, tuple(found for found in parameters if found.name in names), firms, engine, jobs, announce)
    return _decomposed(runs, size, tell)


def check_study(plan: Plan, method: str, only: Sequence[str] | None, size: int | None) -> None:
    """Check everything that determines a study, before anything is computed.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    problems = []
    if method not in METHODS:
        problems.append(Problem(f"method={method}", "", f"is not known; one of {', '.join(METHODS)}"))
    if size is not None:
        if method == "tornado":
            problems.append(Problem(f"size={size}", "", "a tornado has no size: it runs each number at both ends of its range"))
        if method == "morris" and size < 2:
            problems.append(Problem(f"size={size}", "", "must be 2 or more trajectories: an error needs two"))
        if method == "sobol" and (size < 2 or size & (size - 1)):
            problems.append(Problem(f"size={size}", "", "must be a power of two, such as 64 or 128: rows of a Sobol' sequence"))
    try:
        parameters = uncertain_parameters(plan.scenario, plan.policies, only=only, drawn=True)
        if not parameters:
            problems.append(Problem(plan.loaded.file, "", "nothing in this scenario is declared uncertain"))
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)


def sensitivity(
    scenario: str | LoadedScenario,
    method: str = "tornado",
    *,
    only: Sequence[str] | None = None,
    size: int | None = None,
    largest: int = LARGEST,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    sample: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    jobs: int | None = None,
    progress: Told | None = None,
    engine: str | None = None,
) -> AnyStudy:
    """Find what each uncertain number changes: survival under the reference, and the gain of each policy, at the headline day.

    Parameters
    ----------
    scenario, policies, firms, draws, sample, seed, overrides
        What to run, see :func:`plan_sensitivity`.
    method, only, size, largest
        How, see :func:`study`.
    jobs, engine
        As in :func:`simsme.run`; no result depends on them.
    progress
        Told how many runs are done, of how many.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.sensitivity("three-months", only=["credit.kappa"], policies=[], draws=2, sample=50)
    >>> found.swings("exit")[0].subject.name
    'credit.kappa'
    """
    plan = plan_sensitivity(scenario, policies=policies, firms=firms, draws=draws, sample=sample, seed=seed, overrides=overrides)
    return study(plan, method, only=only, size=size, largest=largest, jobs=jobs, progress=progress, engine=engine)


def _tornado(runs: Runs, tell: Told) -> Tornado:
    numbers = len(runs.parameters)
    places = np.full((2 * numbers + 1, numbers), np.nan)
    for number in range(numbers):
        places[1 + number, number], places[1 + numbers + number, number] = 0.0, 1.0
    found = runs.at(places, tell)
    return Tornado(_about(runs, len(places), "tornado"), found[0], found[1 : 1 + numbers], found[1 + numbers :])


def _screened(runs: Runs, size: int, tell: Told) -> Screening:
    effects = elementary_effects(lambda places: runs.at(places, tell).mean(axis=2), len(runs.parameters), size, runs.plan.scenario.seed)
    return Screening(_about(runs, size * (len(runs.parameters) + 1), f"morris {size}"), effects)


def _decomposed(runs: Runs, size: int, tell: Told) -> Decomposition:
    indices = sobol_indices(lambda places: runs.at(places, tell).mean(axis=2), len(runs.parameters), size, runs.plan.scenario.seed)
    return Decomposition(_about(runs, size * (len(runs.parameters) + 2), f"sobol {size}"), indices, size)


def _about(runs: Runs, evaluations: int, how: str) -> Study:
    plan, scenario = runs.plan, runs.plan.scenario
    names = [parameter.name for parameter in runs.parameters]
    return Study(
        scenario=scenario.name,
        digest=digest(
            scenario.canonical() | {"study": {"how": how, "names": names}},
            firm_file_digest=plan.firms_digest,
            policies=[policy.name for policy in plan.policies],
        ),
        reference=scenario.reference,
        seed=scenario.seed,
        firms=len(runs.firms.key),
        draws=scenario.draws,
        day=float(scenario.time.headline_day),
        evaluations=evaluations,
        subjects=tuple(map(_subject, runs.parameters)),
        outcomes=runs.outcomes,
    )


def _subject(parameter: Parameter) -> Subject:
    return Subject(
        name=parameter.name,
        text=parameter.entry.text,
        unit=parameter.entry.unit,
        own=parameter.own,
        low=parameter.value_at(0.0),
        high=parameter.value_at(1.0),
        drawn=parameter.drawn,
    )


def _measured(outcomes: Outcomes) -> NDArray[np.float64]:
    """Outcomes of a run in the order of `Runs.outcomes`, (S, D)."""
    day, reference = outcomes.day_index(), outcomes.reference_index
    alive = outcomes.survival["exit"][:, :, day]
    gains = np.delete(alive - alive[reference], reference, axis=0)
    return np.stack([alive[reference], outcomes.survival["cash"][reference, :, day], *gains])


def _alive(tell: Told, done: int, total: int, draws_done: int, draws: int) -> None:
    """While a run goes on nothing is done that counts, but whoever is told may want to stop."""
    tell(done, total)
