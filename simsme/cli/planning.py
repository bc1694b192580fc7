"""From the arguments of a command to a planned run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simsme.problems import InputError, Problem

if TYPE_CHECKING:
    from simsme.plan import Plan


def planned(
    scenario: str,
    *,
    policies: Sequence[str] | None,
    firms: Path | None,
    seed: int | None,
    step_days: int | None,
    overrides: Sequence[str] | None,
    draws: int | None = None,
    precision: float | None = None,
    max_draws: int | None = None,
) -> "Plan":
    """Plan a run; what is wrong with an option is reported under the name of the option.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    from simsme.plan import plan_run

    options: dict[str, tuple[str, float | None]] = {
        "draws": ("--draws", draws),
        "precision": ("--precision", precision),
        "max_draws": ("--max-draws", max_draws),
        "seed": ("--seed", seed),
        "time.step_days": ("--step-days", step_days),
    }
    try:
        return plan_run(
            scenario,
            policies=policies or None,
            firms=firms,
            draws=draws,
            precision=precision,
            max_draws=max_draws,
            seed=seed,
            step_days=step_days,
            overrides=overrides or (),
        )
    except InputError as error:
        names = {f"--set {key}={value}": f"{option} {value}" for key, (option, value) in options.items() if value is not None}
        raise InputError([_renamed(problem, names) for problem in error.problems]) from None


def _renamed(problem: Problem, names: Mapping[str, str]) -> Problem:
    return Problem(names[problem.file], "", problem.message) if problem.file in names else problem
