"""What a scenario says to the targets: simulated shares, always with the same luck, so that settings alone make a difference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.calibration.task import Observed
from simsme.outcomes import Outcomes
from simsme.problems import InputError, Problem, did_you_mean
from simsme.runs import run
from simsme.scenario import LoadedScenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Simulated shares, (target,), in percent, and their Monte Carlo errors."""

    values: Floats
    errors: Floats


@dataclass(frozen=True)
class Simulation:
    """A scenario that is run again and again with other settings.

    Attributes
    ----------
    loaded
        The scenario.
    targets
        What is measured.
    draws, jobs
        As in :func:`simsme.runs.run`.
    """

    loaded: LoadedScenario
    targets: tuple[Observed, ...]
    draws: int | None = None
    jobs: int | None = None

    def moments(self, settings: Sequence[str]) -> Moments:
        """Run with some settings, ``key=value``, up to the last day that is asked for."""
        scenario = self.loaded.scenario
        days = sorted({target.day for target in self.targets})
        last = max(days[-1], scenario.time.step_days)
        clock = [f"time.horizon_days={last}", f"time.headline_day={days[0]}", f"time.report_days={days!r}"]
        names = [target.policy or scenario.reference for target in self.targets]
        # no lever of a policy that is not asked for is run
        finished = run(self.loaded, policies=list(dict.fromkeys(names)), draws=self.draws, jobs=self.jobs, overrides=[*settings, *clock])
        found = [_percent(finished.outcomes, target, name) for target, name in zip(self.targets, names, strict=True)]
        count = max(len(found[0]), 2)
        errors = [values.std(ddof=1) / np.sqrt(count) if len(values) > 1 else 0.0 for values in found]
        return Moments(np.array([values.mean() for values in found]), np.array(errors))


def _percent(out: Outcomes, target: Observed, policy: str) -> Floats:
    """The measured share in percent, by draw."""
    number = out.policies.index(policy)
    if target.measure == "jobs":
        gone: Floats = 100.0 * (1.0 - out.report["jobs"][number, :, _position(out.report_days, target.day)])
        return gone
    if target.group:
        column = _group(out, target)
        here = out.group_survival[target.measure]
        of_group: Floats = 100.0 * (1.0 - here[number, :, _position(out.report_days, target.day), column])
        return of_group
    curve = out.runway if target.measure == "runway" else out.survival[target.measure][number]
    affected: Floats = 100.0 * (1.0 - curve[:, _position(out.days, target.day)])
    return affected


def _position(days: Floats, day: int) -> int:
    return int(np.flatnonzero(days == day)[0])


def _group(out: Outcomes, target: Observed) -> int:
    ((column, value),) = target.group.items()
    if (column, value) not in out.group_names:
        known = [f"{name} = {of}" for name, of in out.group_names]
        hint = did_you_mean(f"{column} = {value}", known) or f"; there is {', '.join(known)}"
        raise InputError([Problem("targets", target.label, f'no group {column} = "{value}"{hint}')])
    return out.group_names.index((column, value))
