"""Sources ``china-2020`` and ``osome-2022``: how long cash lasts, how far sales fall, who leaves.

Static runway, in months of 365/12 days, and the fall of sales are measured in the same draws of which exits are told.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.plan import plan_run
from simsme.runs import Run, run
from simsme.validation.calm import OTHER_REASONS, SELF_EMPLOYED
from simsme.validation.estimates import mean_of_draws
from simsme.validation.rows import CHOSEN, FITTED_ELSEWHERE, Cause, Simulated
from simsme.validation.setting import Setting
from simsme.world import World

Floats = NDArray[np.float64]

CHINA, OSOME, ESIEC = "china-2020", "osome-2022", "three-months"
DRAWS, FIRMS = 60, 1000
"""Of runs: a shock that firms share differs from draw to draw, so that many draws tell more than many firms."""

FALL_DRAWS = 300
"""Where nothing has to be run but the first days."""

STATIC_DRAWS, STATIC_FIRMS = 2, 8000
"""Where nothing has to be run but the opening balance sheets."""

NONE = "none"
MONTH = 365.0 / 12.0
DAY = 91.0
"""The middle of May, as nearly as the headline has it."""

FLEXIBLE_STAFF = ("behaviour.payroll_elasticity=0.7", "behaviour.payroll_lag_days=30")
"""Staff follows demand by more and sooner, within the plausible ranges; no counted run uses it."""


def simulate_china(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers of ``china-2020`` by identifier."""
    setting.tell("runway, falls of sales, exits")
    found: dict[str, Simulated] = {}
    for part in setting.each(_part_of_china, ("static",), ("incorporated",), ("self-employed",)):
        found |= part
    return found


def _part_of_china(setting: Setting, part: str) -> dict[str, Simulated]:
    """Numbers for which nothing is run but the first days, those of incorporated firms, or of the self-employed."""
    if part == "self-employed":
        return {"exit-self-employed": _gone(_run(setting, CHINA, *SELF_EMPLOYED))}
    if part == "incorporated":
        run_of_all = _run(setting, CHINA, firm_level=True)
        return {
            "exit-incorporated": _gone(run_of_all),
            "employment": _employment(run_of_all),
            "short-of-cash": _affected(run_of_all, "cash"),
        }
    found = {f"runway-{months}": out_of_cash(setting, CHINA, months) for months in (1, 2, 3, 6)}
    found |= {f"esiec-{months}": out_of_cash(setting, ESIEC, months) for months in (1, 3)}
    falls, weight = falls_of_sales(setting, CHINA)
    found["fall-over-half"] = _share(falls > 0.5, weight)
    found["fall-fifth-to-half"] = _share((falls > 0.2) & (falls <= 0.5), weight)
    return found


def explain_china(setting: Setting, missed: Sequence[str]) -> dict[str, tuple[Cause, ...]]:
    """Run again, for numbers that miss, without what stands between them and the published ones."""
    setting.tell("why numbers miss")
    names = [name for name in ("exit-self-employed", "employment") if name in missed]
    return dict(zip(names, setting.each(_causes, *((name,) for name in names)), strict=True))


def _causes(setting: Setting, name: str) -> tuple[Cause, ...]:
    if name == "employment":
        text = "staff follows demand by 0.4 with a lag of two months; in the lockdown it was let go further and sooner"
        found = _employment(_run(setting, CHINA, *FLEXIBLE_STAFF, firm_level=True)).value
        return (Cause(text, "staff follows by 0.7 within one month", found, CHOSEN),)
    rates = f"exit.background_rate={{micro={OTHER_REASONS!r}, small=0.005, medium=0.002}}"
    reasons = f"{100.0 * OTHER_REASONS:g} % a year leave for reasons other than cash, as source calm asks for"
    return (
        Cause(
            "the self-employed leave for reasons other than cash as well, in normal times already (source calm)",
            reasons,
            _gone(_run(setting, CHINA, *SELF_EMPLOYED, rates)).value,
            FITTED_ELSEWHERE,
        ),
        Cause(
            "the self-employed leave for other reasons in normal times already (source calm), and have no purse beside the firm's",
            f"{reasons}, and no owner has money of his own to put in",
            _gone(_run(setting, CHINA, *SELF_EMPLOYED, rates, "population.with_owner_funds=0")).value,
            FITTED_ELSEWHERE,
        ),
    )


def simulate_osome(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers of ``osome-2022`` by identifier."""
    found: dict[str, Simulated] = setting.each(_all_of_osome, ())[0]
    return found


def _all_of_osome(setting: Setting) -> dict[str, Simulated]:
    found = {f"runway-{months}": out_of_cash(setting, OSOME, months) for months in (1, 3)}
    finished = _run(setting, OSOME)
    return found | {"short-of-cash": _affected(finished, "cash"), "exit": _gone(finished)}


def out_of_cash(setting: Setting, scenario: str, months: int) -> Simulated:
    """Firms whose cash lasts some months at the most where nothing comes in, percent."""
    # the runway that three-months is given is uncertain, and differs from draw to draw
    draws, firms = (setting.draws or DRAWS, setting.firms or FIRMS) if scenario == ESIEC else (STATIC_DRAWS, setting.firms or STATIC_FIRMS)
    world, numbers = _world(scenario, draws, firms)
    return _share(world.runway_days(numbers) <= months * MONTH, world.firms.weight)


def falls_of_sales(setting: Setting, scenario: str) -> tuple[Floats, Floats]:
    """Share of demand that each firm loses on the first days of the shock, (draw, firm), and the weights of firms, (n,)."""
    # without what moves demand besides
    world, draws = _world(scenario, setting.draws or FALL_DRAWS, setting.firms or FIRMS, "sales.slow_sd=0")
    demand = world.block(draws, slice(None)).weather(0).demand
    return 1.0 - np.broadcast_to(demand, (len(draws), len(world.firms))), world.firms.weight


def _world(scenario: str, draws: int, firms: int, *changes: str) -> tuple[World, NDArray[np.uint64]]:
    plan = plan_run(scenario, policies=[NONE], draws=draws, overrides=[f"population.firms={firms}", *changes])
    return World(plan.scenario, plan.firms(), plan.policies), np.arange(plan.scenario.draws, dtype=np.uint64)


def _run(setting: Setting, scenario: str, *changes: str, firm_level: bool = False) -> Run:
    overrides = [f"population.firms={setting.firms or FIRMS}", *changes]
    return run(scenario, policies=[NONE], draws=setting.draws or DRAWS, overrides=overrides, jobs=setting.jobs, firm_level=firm_level)


def _share(flags: NDArray[np.bool_], weight: Floats) -> Simulated:
    """Weighted share in percent; its error is that of draws and of which firms were drawn."""
    by_draw = 100.0 * (flags * weight).sum(axis=1) / weight.sum()
    value, over_draws = mean_of_draws(by_draw)
    chance = flags.mean(axis=0)
    over_firms = 100.0 * float(np.sqrt(np.square(weight * (chance - value / 100.0)).sum())) / float(weight.sum())
    return Simulated(value, float(np.hypot(over_draws, over_firms)))


def _affected(finished: Run, endpoint: str) -> Simulated:
    out = finished.outcomes
    position = int(np.flatnonzero(out.days == DAY)[0])
    return Simulated(*mean_of_draws(100.0 * (1.0 - out.survival[endpoint][out.policies.index(NONE), :, position])))


def _gone(finished: Run) -> Simulated:
    return _affected(finished, "exit")


def _employment(finished: Run) -> Simulated:
    """Jobs in firms that are there on the day, percent of what those firms had."""
    out = finished.outcomes
    none, position = out.policies.index(NONE), int(np.flatnonzero(out.report_days == DAY)[0])
    table: Any = finished.firm_level
    order = np.argsort(out.firms.order, kind="stable")
    jobs = (out.firms.weight * out.firms.employees)[order]
    there = float((jobs * (1.0 - table[f"gone_by_{DAY:.0f}"].to_numpy())).sum() / jobs.sum())
    value, error = mean_of_draws(100.0 * out.report["jobs"][none, :, position])
    return Simulated(value / there, error / there)
