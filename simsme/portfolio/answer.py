"""Score a portfolio: the same run as every other, counted by firm, with a policy for each lever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import ITEMS
from simsme.firm_level import FirmLevel
from simsme.firms import Firms
from simsme.intervals import quantile_ranks
from simsme.outcomes import Outcomes
from simsme.plan import Plan, plan_run
from simsme.policy import Policy
from simsme.portfolio.best_levers import lever_answers
from simsme.portfolio.by_draw import ByDraw
from simsme.portfolio.concentration import concentration_of
from simsme.portfolio.errors import error_of_mean, losses_by_draw
from simsme.portfolio.scores import Scores, loans_of, score_firms
from simsme.problems import InputError, Problem
from simsme.runs import Progress, execute
from simsme.runway.measures import one_lever_policies
from simsme.scenario import LoadedScenario
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
"""Of the losses of draws."""


@dataclass(frozen=True)
class Portfolio:
    """A portfolio that was scored.

    Attributes
    ----------
    plan
        What was run; its policies are the reference and one for each lever.
    firms
        The firms, in canonical order.
    scores
        A row a firm, the one at the highest risk first.
    day
        Day by which being gone is a loss.
    guarantee_share
        Share of a loss that the guarantor bears.
    losses_given_default : (d,) or (1,)
        Share of a loan that is lost with a firm, in each draw; one number for all where the scenario is sure of it.
    by_draw
        What was counted draw by draw, for the errors of totals.
    bank_losses : (d,)
        What banks lost in each draw of the reference by that day, read off the accounts.
    saved : dict of (d,)
        Firms saved less firms harmed by each lever alone by the headline day, weighted, draw by draw.
    """

    plan: Plan
    firms: Firms
    scores: Scores
    day: float
    guarantee_share: float
    losses_given_default: NDArray[np.float64]
    by_draw: ByDraw
    bank_losses: NDArray[np.float64]
    saved: dict[str, NDArray[np.float64]]

    @property
    def loss_given_default(self) -> float:
        """Share of a loan that is lost with a firm, the mean over draws."""
        return float(np.mean(self.losses_given_default))

    def __repr__(self) -> str:
        scenario = self.plan.scenario
        return f"<Portfolio of {len(self.firms.key):,} firms in {scenario.name}: {scenario.draws:,} draws; json() has the rows>"

    def json(self, top: int | None = None) -> dict[str, Any]:
        """All of it as plain data; of the firms the first `top` only, all where not given."""
        scenario, columns = self.plan.scenario, self.scores.columns
        weight = np.asarray(columns["weight"], dtype=np.float64)
        loss = float((weight * columns["expected_loss"]).sum())
        shares = {"all": 1.0, "guarantor": self.guarantee_share, "bank": 1.0 - self.guarantee_share}
        # firms of a draw share its shock: the error of their sum is taken over draws
        error = error_of_mean(losses_by_draw(self.by_draw, self.losses_given_default).sum(axis=1))
        return {
            "scenario": scenario.name,
            "reference": scenario.reference,
            "digest": self.plan.digest,
            "currency": scenario.currency,
            "draws": scenario.draws,
            "seed": scenario.seed,
            "day": self.day,
            "headline_day": float(scenario.time.headline_day),
            "firms_in_all": len(self.scores),
            "weight": float(weight.sum()),
            "loans": loans_of(self.firms),
            "loss_given_default": self.loss_given_default,
            "loss_given_default_error": error_of_mean(self.losses_given_default),
            "guarantee_share": self.guarantee_share,
            "expected_loss": {who: share * loss for who, share in shares.items()},
            "expected_loss_error": {who: None if error is None else share * error for who, share in shares.items()},
            "losses_of_draws": self.losses_of_draws(),
            **self._of_all_firms,
            "firms": self.scores.records(0, top),
        }

    @cached_property
    def _of_all_firms(self) -> dict[str, Any]:
        """What takes a moment: concentration and levers, with their errors."""
        losses = losses_by_draw(self.by_draw, self.losses_given_default)
        levers = lever_answers(self.by_draw, self.scores.columns, self.saved)
        return {"concentration": concentration_of(self.scores, self.by_draw, losses), **levers}

    def losses_of_draws(self) -> dict[str, float | None]:
        """What banks lost, over draws: mean with its Monte Carlo error, most; median, 95th and 99th percentile.

        Percentiles have the ends of their 95 % intervals, ``_low`` and ``_high``, by ranks; None where there are too few draws for an end.
        """
        losses, ordered = self.bank_losses, np.sort(self.bank_losses)
        found = {"mean": float(losses.mean()), "mc_error": error_of_mean(losses), "most": float(ordered[-1])}
        for name, share in QUANTILES.items():
            ranks = quantile_ranks(share, ordered.size)
            ends = {
                f"{name}_{end}": None if rank is None else float(ordered[rank - 1])
                for end, rank in (("low", ranks.low), ("high", ranks.high))
            }
            found |= {name: float(np.quantile(losses, share))} | ends
        return found


def with_levers(plan: Plan, *, levers: bool = True) -> Plan:
    """Return the plan with the reference and, where wanted, one policy for each lever of its policies, in place of these."""
    reference = next(policy for policy in plan.policies if policy.name == plan.scenario.reference)
    alone: tuple[Policy, ...] = one_lever_policies(plan.policies, reference) if levers else ()
    return replace(plan, policies=(reference, *alone))


def score(
    plan: Plan,
    *,
    guarantee_share: float = 0.0,
    day: float | None = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    firms: Firms | None = None,
    engine: str | None = None,
    announce: Callable[[], None] | None = None,
) -> Portfolio:
    """Run and score a portfolio.

    Parameters
    ----------
    plan
        See `with_levers`.
    guarantee_share
        Share of a loss that a guarantor bears, in [0, 1].
    day
        Day by which being gone is a loss, one of the reported; the last where not given.
    jobs, progress, engine, announce, firms
        See `simsme.runs.execute`.

    Raises
    ------
    InputError
        Where the day is not reported or the share is no share.
    """
    chosen = check_terms(plan, guarantee_share, day)
    firms = plan.firms() if firms is None else firms
    by_draw = ByDraw.of(World(plan.scenario, firms, plan.policies), chosen)
    run = execute(plan, jobs=jobs, progress=progress, firms=firms, firm_level=True, engine=engine, announce=announce, watch=by_draw.add)
    level = run.by_firm
    if not isinstance(level, FirmLevel):
        raise ValueError("the run counted nothing by firm")
    numbers = DrawnNumbers(plan.scenario, plan.scenario.seed, np.arange(plan.scenario.draws, dtype=np.uint64))
    lost = np.ravel(numbers.number("credit.lgd"))
    return Portfolio(
        plan=plan,
        firms=firms,
        scores=score_firms(level, by_draw, f"{chosen:.0f}", lost, guarantee_share),
        day=chosen,
        guarantee_share=guarantee_share,
        losses_given_default=lost,
        by_draw=by_draw,
        bank_losses=_bank_losses(run.outcomes, chosen),
        saved=_saved(run.outcomes),
    )


def score_portfolio(
    firms: str | Path,
    scenario: str | LoadedScenario = "three-months",
    *,
    guarantee_share: float = 0.0,
    day: float | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    levers: bool = True,
    jobs: int | None = None,
    engine: str | None = None,
) -> Portfolio:
    """Score every firm of a file: chances, expected loss under a guarantee, and which lever would save it.

    Parameters
    ----------
    firms
        File of firms, see docs/firms.md.
    scenario, draws, seed, overrides
        What happens, see `simsme.run`.
    guarantee_share, day
        See `score`.
    levers
        Whether levers are tried; without, only the reference is run.
    jobs, engine
        As in `simsme.run`; no result depends on them.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.score_portfolio("my-firms.csv", guarantee_share=0.8)  # doctest: +SKIP
    """
    plan = with_levers(plan_run(scenario, firms=firms, draws=draws, seed=seed, overrides=overrides), levers=levers)
    return score(plan, guarantee_share=guarantee_share, day=day, jobs=jobs, engine=engine)


def check_terms(plan: Plan, guarantee_share: float, day: float | None) -> float:
    """Check day and share before anything is computed, and return the day; InputError where one is wrong."""
    time, problems = plan.scenario.time, []
    reported = sorted({time.headline_day, time.horizon_days, *time.report_days})
    chosen = float(time.horizon_days if day is None else day)
    if chosen not in reported:
        listed = ", ".join(f"{known:g}" for known in reported)
        problems.append(Problem(f"--day {chosen:g}", "", f"is not reported; reported are {listed} (time.report_days)"))
    if not 0.0 <= guarantee_share <= 1.0:
        message = "is outside the allowed range, 0 to 1; write 80 % as 0.8"
        problems.append(Problem(f"--guarantee-share {guarantee_share:g}", "", message))
    if problems:
        raise InputError(problems)
    return chosen


def _bank_losses(outcomes: Outcomes, day: float) -> NDArray[np.float64]:
    """Claims of banks on firms that went by the day that no estate paid, in each draw of the reference."""
    losses: NDArray[np.float64] = outcomes.flows[outcomes.reference_index, :, outcomes.report_index(day), ITEMS.index("lost_by_banks")]
    return losses


def _saved(outcomes: Outcomes) -> dict[str, NDArray[np.float64]]:
    """Firms saved less firms harmed under each policy by the headline day, weighted, (d,) each."""
    alive = outcomes.weight * outcomes.endpoint("exit")[:, :, outcomes.day_index()]
    reference = alive[outcomes.reference_index]
    return {policy: alive[number] - reference for number, policy in enumerate(outcomes.policies) if policy != outcomes.reference}
