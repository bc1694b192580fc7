"""Source ``packages``: what support of whole nations did, beside the levers of ``article-package``, and the one rule that follows from it.

No number here is of the same firms, measures and months as its neighbour: they stand side by side, and are not counted. What is counted is
that no single lever, at the reach it has had, closes more of the gap than a national package did.

The gap of a firm is the most that it was behind with bills and bank loans on any day up to `GAP_DAY`, after it has used its line, its owner
and private lenders; the gap of all firms is the sum.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.credit import NEVER
from simsme.engine.records import Clock, State, Weather
from simsme.engine.settlement import total_arrears
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped
from simsme.outcomes import Outcomes
from simsme.plan import plan_run
from simsme.policy import Policy
from simsme.runs import run
from simsme.validation.estimates import mean_of_draws
from simsme.validation.rows import Simulated
from simsme.validation.setting import Setting
from simsme.world import World

Floats = NDArray[np.float64]

SCENARIO, CALM = "article-package", "calm"
DRAWS, FIRMS, BATCH = 20, 1000, 10
NONE, ALL = "none", "all"
GAP_DAY, QUARTER_DAY = 182, 91
BEHIND = 1e-3
"""Of a year's sales: who is less behind is not counted as short of money."""

MORATORIUM = Policy.model_validate({"name": "moratorium", "levers": ({"kind": "debt_deferral", "take_up": 1.0, "to_day": 182},)})
"""Loans that fall due are put off, for all firms that ask, and all ask."""

HIT, TAKE_UP = 0.12, 0.76
"""Firms without sales for a quarter, and firms that ask for a grant and get it, as in Di Nola and others."""

IMPACTED, UNHIT = (
    "shock={from_day=0, duration_days=91, recovery_half_life_days=60, "
    f"closure={{closed_share={hit}, closed_days=91, reopening_half_life_days=1}}, credit={{tightening=0.158}}}}"
    for hit in (HIT, 0.0)
)
"""Their quarter: some firms are hit, and credit is less for all; and the same quarter in which none is hit."""

TEN_WEEKS_OF_WAGES = 0.187 * 10.0 / 52.0
"""Of a year's sales: wages are 18.7 % of sales in their data."""

GRANT = f'kind="grant", take_up={TAKE_UP}, delay_days=0, sales_share={TEN_WEEKS_OF_WAGES!r}'
GRANTS = (
    f'policy=[{{name="{NONE}"}}, {{name="grant", levers=[{{{GRANT}}}]}}, {{name="targeted", levers=[{{{GRANT}, min_sales_fall=0.9}}]}}]'
)


def simulate_packages(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier."""
    setting.tell("single levers and packages")
    count = setting.draws or DRAWS
    batches = [(first, min(first + BATCH, count)) for first in range(0, count, BATCH)]
    parts = setting.each(_gaps, *batches)
    gaps, behind = ({name: np.concatenate([part[k][name] for part in parts]) for name in parts[0][k]} for k in (0, 1))
    closed = {name: _left(gaps, name).value for name in gaps if name not in (NONE, ALL, MORATORIUM.name)}
    most = min(closed, key=lambda name: closed[name])
    largest = _left(gaps, most)
    years, grants = setting.each(_side_runs, (False,), (True,))
    return {
        "largest-lever": Simulated(100.0 - largest.value, largest.error, note=f"the lever that closes most of the gap is {most}"),
        "moratorium": _left(gaps, MORATORIUM.name),
        "package-gap": _left(gaps, ALL),
        "package-firms": _left(behind, ALL),
        "behind": Simulated(*mean_of_draws(behind[NONE])),
        **years,
        **grants,
        **_bridge(),
    }


def _side_runs(setting: Setting, grants: bool) -> dict[str, Simulated]:
    return _grants(setting) if grants else _excess_of_year(setting)


def _left(amounts: dict[str, Floats], policy: str) -> Simulated:
    """What a policy leaves of a sum, percent of that under no policy; error over draws, paired."""
    here, there = amounts[policy], amounts[NONE]
    ratio = float(here.mean() / there.mean())
    _, error = mean_of_draws(here - ratio * there)
    return Simulated(100.0 * ratio, 100.0 * error / float(there.mean()))


def _gaps(setting: Setting, first: int, last: int) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """The gap of all firms in money, and firms that are behind in percent, by policy and draw."""
    overrides = [f"population.firms={setting.firms or FIRMS}", f"time.horizon_days={GAP_DAY}", f"time.report_days=[{GAP_DAY}]"]
    plan = plan_run(SCENARIO, policies=[NONE, ALL], draws=last, overrides=overrides)
    package = next(policy for policy in plan.policies if policy.name == ALL)
    single = tuple(Policy(name=lever.label, levers=(lever,)) for lever in package.levers)
    policies = (*plan.policies, *single, MORATORIUM)
    world = World(plan.scenario, plan.firms(), policies)
    most = [np.zeros((last - first, len(world.firms))) for _ in policies]

    def watch(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        np.maximum(most[policy], behind_with(stepped.state), out=most[policy])

    simulate(world.block(np.arange(first, last, dtype=np.uint64), slice(None)), watch)
    weight, sales = world.firms.weight, world.firms.sales
    gaps = {policy.name: (weight * gap).sum(axis=1) for policy, gap in zip(policies, most, strict=True)}
    behind = {
        policy.name: 100.0 * (weight * (gap > BEHIND * sales)).sum(axis=1) / weight.sum()
        for policy, gap in zip(policies, most, strict=True)
    }
    return gaps, behind


def behind_with(state: State) -> Floats:
    """Bills and bank loans that are overdue, money by draw and firm."""
    overdue = [np.where(loan.overdue_day < NEVER, loan.principal, 0.0) for loan in (state.term_loan, state.new_loan)]
    behind: Floats = total_arrears(state.arrears) + overdue[0] + overdue[1]
    return behind


def _excess_of_year(setting: Setting) -> dict[str, Simulated]:
    """Exits of a year above those of normal times, points, without policy and with the whole package."""
    firms = f"population.firms={setting.firms or FIRMS}"
    shocked = run(SCENARIO, policies=[NONE, ALL], draws=setting.draws or DRAWS, overrides=[firms], jobs=setting.jobs).outcomes
    calm = run(CALM, policies=[NONE], draws=setting.draws or DRAWS, overrides=[firms], jobs=setting.jobs).outcomes

    normal = _gone(calm, NONE)
    return {
        f"excess-{name}": Simulated(*mean_of_draws(_gone(shocked, policy) - normal)) for name, policy in (("none", NONE), ("package", ALL))
    }


def _grants(setting: Setting) -> dict[str, Simulated]:
    """Exits of a quarter above those of normal times, points; saved would-be exits of recipients and cost of targeting, percent."""
    clock = [f"time.horizon_days={QUARTER_DAY}", f"time.report_days=[{QUARTER_DAY}]"]
    overrides = [f"population.firms={setting.firms or FIRMS}", *clock, GRANTS]
    draws = setting.draws or DRAWS
    shocked = run("three-months", draws=draws, overrides=[*overrides, IMPACTED], jobs=setting.jobs)
    calm, unhit = (
        run("three-months", policies=[NONE], draws=draws, overrides=[*overrides, shock], jobs=setting.jobs).outcomes
        for shock in ("shock={}", UNHIT)
    )
    gone = {name: _gone(shocked.outcomes, name) for name in shocked.outcomes.policies}
    normal = _gone(calm, NONE)
    cost = {entry["policy"]: entry["cost"]["gross"] for entry in shocked.json["policies"]}
    # who is hit is a matter of luck alone, so that the others leave as all do where none is hit
    of_hit = gone[NONE].mean() - (1.0 - HIT) * _gone(unhit, NONE).mean()
    saved = float((gone[NONE] - gone["grant"]).mean() / (TAKE_UP * gone[NONE].mean()))
    saved_of_hit = float((gone[NONE] - gone["targeted"]).mean() / (TAKE_UP * of_hit))
    return {
        "quarter-none": Simulated(*mean_of_draws(gone[NONE] - normal)),
        "quarter-grant": Simulated(*mean_of_draws(gone["grant"] - normal)),
        "grant-saved": Simulated(100.0 * saved),
        "grant-saved-targeted": Simulated(100.0 * saved_of_hit),
        "targeted-cost": Simulated(100.0 * cost["targeted"] / cost["grant"]),
    }


def _gone(out: Outcomes, policy: str) -> Floats:
    """Firms that have left by the last day, percent, by draw."""
    gone: Floats = 100.0 * (1.0 - out.survival["exit"][out.policies.index(policy), :, -1])
    return gone


def _bridge() -> dict[str, Simulated]:
    """Days of a public bridge, and how much less a day of it costs than one of a private bridge, percent: terms that firms are offered."""
    plan = plan_run("three-months", policies=["relending"])
    terms = next(policy for policy in plan.policies if policy.name == "relending").levers[0].model_dump()
    private: Any = plan.scenario.credit.bridge_fee_per_day
    cheaper = 100.0 * (1.0 - float(terms["advance_fee_per_day"]) / float(private))
    return {"bridge-days": Simulated(float(terms["advance_days"])), "bridge-cost": Simulated(cheaper)}
