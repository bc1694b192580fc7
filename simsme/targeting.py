"""Run a policy that sees need with an error beside the same policy that sees it exactly, on the same draws, firm by firm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simsme.execution import LANES, check_engine, engine_for, live, prepare
from simsme.levers.lever import Lever
from simsme.plan import Plan, plan_run
from simsme.policy import Policy
from simsme.problems import InputError, Problem
from simsme.runs import Progress
from simsme.scenario import LoadedScenario
from simsme.targeting_result import Found, Targeting
from simsme.world import World

NEED = ("min_sales_fall", "max_cash_days", "min_margin")
"""What a lever may ask for that is seen with an error."""


@dataclass(frozen=True)
class Sighted:
    """What is to be run: the policy's levers, and those of them that see need with an error.

    Attributes
    ----------
    plan
        A run of the reference and the policy.
    reference, policy
        The two.
    levers
        The policy's levers that ask for need and see it with an error.
    """

    plan: Plan
    reference: Policy
    policy: Policy
    levers: tuple[Lever, ...]

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The reference, the policy with errors and with exact sight, and each lever alone in both ways."""
        by_label = {lever.label: lever for lever in self.levers}
        seen = tuple(by_label.get(lever.label, lever) for lever in self.policy.levers)
        exact = tuple(_exact(lever) for lever in self.policy.levers)
        found = [self.reference, self._named("seen", seen), self._named("exact", exact)]
        for number, lever in enumerate(self.levers):
            others = tuple(known for known in self.reference.levers if known.label != lever.label)
            found += [self._named(f"seen-{number}", (*others, lever)), self._named(f"exact-{number}", (*others, _exact(lever)))]
        return tuple(found)

    def _named(self, name: str, levers: tuple[Lever, ...]) -> Policy:
        # a name that cannot be the reference's
        return self.policy.model_copy(update={"name": f"targeting-{name}", "title": "", "levers": levers})


def plan_targeting(plan: Plan, policy: str, noise: float | None = None) -> Sighted:
    """Find the levers of a policy that see need with an error, before anything is computed.

    Parameters
    ----------
    plan
        A run of the policy and the reference.
    policy
        Name of the policy.
    noise
        Standard deviation of the error, in place of the scenario's, of every lever of the policy that asks for need.

    Raises
    ------
    InputError
        Where no lever of the policy sees need with an error.
    """
    by_name = {known.name: known for known in plan.policies}
    chosen = by_name[policy]
    asking = [lever for lever in chosen.levers if any(getattr(lever, name) is not None for name in NEED)]
    if noise is not None:
        asking = [lever.model_copy(update={"observation_noise": noise}) for lever in asking]
    seen = tuple(lever for lever in asking if lever.observation_noise)
    if noise is not None and not 0.0 < noise <= 3.0:
        raise InputError(
            [Problem(f"noise={noise:g}", "", "must be above 0 and at most 3: a standard deviation of shares and of logarithms")]
        )
    if not seen:
        why = "has observation_noise; give it in the scenario or with --noise" if asking else f"asks for need ({', '.join(NEED)})"
        raise InputError([Problem(plan.loaded.file, f"policy.{policy}", f"no lever of it {why}")])
    return Sighted(plan, by_name[plan.scenario.reference], chosen, seen)


def run_targeting(
    sighted: Sighted,
    *,
    engine: str | None = None,
    progress: Progress | None = None,
    announce: Callable[[], None] | None = None,
) -> Targeting:
    """Run a policy with errors and with exact sight, and compare firm by firm and draw by draw whom it reaches.

    Parameters
    ----------
    sighted
        What to run.
    engine, announce
        As in :func:`simsme.runs.execute`; no result depends on them.
    progress
        Told how many draws are done.
    """
    plan, policies = sighted.plan, sighted.policies
    check_engine(engine, plan.scenario, policies)
    firms, draws = plan.firms(), plan.scenario.draws
    world = World(plan.scenario, firms, policies)
    chosen = engine or engine_for(world)
    prepare(chosen, announce or _nothing, _nothing)
    step = [clock.b for clock in world.steps].index(float(plan.scenario.time.headline_day))
    parts: list[NDArray[np.float64]] = []
    batches = np.array_split(np.arange(draws, dtype=np.uint64), min(draws, max(1, -(-draws * len(firms) // LANES[chosen]))))
    done = 0.0

    def lived(share: float) -> None:
        nonlocal done
        done += share * batch_size
        if progress is not None:
            progress(int(done + 1e-6), draws)

    for batch in batches:
        batch_size = len(batch)
        lives = live(chosen, world, batch, slice(0, len(firms)), world.liquidation_share(batch), lived)
        parts.append(_counted(lives.reached_step < len(world.steps), lives.support[:, -1], lives.exit_step > step, firms.weight))
    counts = np.concatenate(parts, axis=-1)
    alive, support = counts[0] / float(firms.weight.sum()), counts[1]
    levers = []
    for number, lever in enumerate(sighted.levers):
        seen, exact = 3 + 2 * number, 4 + 2 * number
        levers.append(
            Found(
                lever.label,
                lever.observation_noise or 0.0,
                counts[2, exact],
                counts[2, seen],
                counts[3, seen],
                support[seen],
                counts[4, seen],
            )
        )
    return Targeting(
        scenario=plan.scenario.name,
        policy=sighted.policy.name,
        reference=sighted.reference.name,
        digest=plan.digest,
        currency=plan.scenario.currency,
        seed=plan.scenario.seed,
        firms=len(firms),
        weight=float(firms.weight.sum()),
        day=float(plan.scenario.time.headline_day),
        levers=tuple(levers),
        gain_exact=alive[2] - alive[0],
        gain_seen=alive[1] - alive[0],
        support_exact=support[2],
        support_seen=support[1],
    )


def measure_targeting(
    scenario: str | LoadedScenario,
    policy: str,
    *,
    noise: float | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    engine: str | None = None,
    progress: Progress | None = None,
) -> Targeting:
    """Say how well a policy finds the firms that it is meant for where need is seen with an error.

    Parameters
    ----------
    scenario, firms, draws, seed, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    policy, noise
        See :func:`plan_targeting`.
    engine, progress
        As in :func:`run_targeting`.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.measure_targeting("article-package", "services", noise=0.3, draws=20)  # doctest: +SKIP
    """
    plan = plan_run(scenario, policies=[policy], firms=firms, draws=draws, seed=seed, overrides=overrides)
    return run_targeting(plan_targeting(plan, policy, noise), engine=engine, progress=progress)


def _exact(lever: Lever) -> Lever:
    return lever.model_copy(update={"observation_noise": None})


def _counted(
    reached: NDArray[np.bool_], support: NDArray[np.float64], alive: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weighted sums over firms, (5, policy, draw): alive, support, reached, reached here and in the next policy, support of the others.

    The next policy of one that sees need with an error is the one that sees it exactly.
    """
    also = np.roll(reached, -1, axis=0)
    return np.stack(
        [
            (alive * weight).sum(-1),
            (support * weight).sum(-1),
            (reached * weight).sum(-1),
            ((reached & also) * weight).sum(-1),
            (np.where(also, 0.0, support) * weight).sum(-1),
        ]
    )


def _nothing() -> None:
    pass
