"""Outcomes made up from random days of exit, consistent in themselves: what a run leaves, without running anything."""

from typing import Any

import numpy as np

from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS
from simsme.lever_entries import LEVER_ENTRIES
from simsme.outcomes import CAUSES, CLASSES, REPORTED, REVIEW_SERIES, STILL_OPEN, SUPPORT, LeverName, Outcomes

DAYS = np.arange(0.0, 365.0, 7.0)
REPORT_DAYS = np.array([91.0, 182.0, 364.0])
REACH = {"none": 0.0, "renewal": 0.04, "renewal-for-all": 0.28, "forbearance": 0.27, "both": 0.30}
"""Share of firms that each policy keeps alive for ever if it reaches them."""


def synthetic_outcomes(
    policies: tuple[str, ...] = tuple(REACH),
    *,
    reference: str = "none",
    draws: int = 40,
    firms: int = 500,
    seed: int = 1,
    days: np.ndarray = DAYS,
    report_days: np.ndarray = REPORT_DAYS,
    headline_day: float = 91.0,
    yearly_exit: float = 0.2,
    yearly_cash: float = 1.2,
) -> Outcomes:
    """Make outcomes in which luck, shock and firms are common to the policies, as in a run."""
    rng = np.random.default_rng(seed)
    shape = (len(policies), draws, len(days))
    weight = rng.uniform(0.5, 1.5, firms)
    share = weight / weight.sum()
    jobs = rng.uniform(1, 20, firms) * weight
    group = np.arange(firms) % 3
    report = {name: np.zeros((len(policies), draws, len(report_days))) for name in REPORTED}
    survival = {name: np.zeros(shape) for name in ("cash", "open", "exit")}
    group_survival = {name: np.zeros((*report["saved"].shape, 3)) for name in ("runway", *survival)}
    group_classes = {name: np.zeros((*report["saved"].shape, 3)) for name in (*CLASSES, "zombie")}
    group_support = {name: np.zeros((*report["saved"].shape, 3)) for name in SUPPORT}
    runway = np.zeros((draws, len(days)))
    runway_day = rng.lognormal(np.log(66.0), 0.9, firms)
    for d in range(draws):
        strain = rng.lognormal(0.0, 0.25)
        gone = _on_grid(365 / yearly_exit / strain * rng.weibull(1.5, firms), days)
        short = np.minimum(_on_grid(365 / yearly_cash / strain * rng.weibull(0.8, firms), days), gone)
        closed_until = np.where(rng.random(firms) < 0.15 * strain, rng.uniform(0, 150, firms), 0.0)
        cause, luck = rng.integers(0, 4, firms), rng.random(firms)
        runway[d] = (runway_day[:, None] > days).T @ share
        for p, policy in enumerate(policies):
            reached = luck < REACH.get(policy, 0.1)
            delay = np.where(cause == 1, np.inf, 56.0 * (cause == 0))
            here = np.where(reached, gone + delay, gone)
            cash = np.minimum(np.where(reached, short + 28.0, short), here)
            alive = {
                "exit": here[:, None] > days,
                "cash": cash[:, None] > days,
                "open": (here[:, None] > days) & ((closed_until[:, None] <= days) | (days == 0)),
            }
            for name, matrix in alive.items():
                survival[name][p, d] = share @ matrix
            for r, day in enumerate(report_days):
                step = int(np.flatnonzero(days == day)[0])
                fate = _fates(here, gone, day)
                report["reached"][p, d, r] = share @ reached
                report["reached_gain_exit"][p, d, r] = share @ (reached * ((here > day) * 1.0 - (gone > day)))
                report["reached_gain_cash"][p, d, r] = share @ (reached * ((cash > day) * 1.0 - (short > day)))
                for c, name in enumerate(CAUSES):
                    report[name][p, d, r] = share @ ((here <= day) & (cause == c))
                for name in CLASSES:
                    report[name][p, d, r] = share @ (fate == name)
                report["zombie"][p, d, r] = report["saved"][p, d, r] / 4
                report["insolvent"][p, d, r] = 0.1
                report["jobs"][p, d, r] = jobs @ (here > day) / jobs.sum()
                for g in range(3):
                    inside = group == g
                    for name, matrix in (*alive.items(), ("runway", runway_day[:, None] > days)):
                        group_survival[name][p, d, r, g] = share[inside] @ matrix[inside, step] / share[inside].sum()
                    for name in CLASSES:
                        group_classes[name][p, d, r, g] = share[inside] @ (fate[inside] == name) / share[inside].sum()
                    group_classes["zombie"][p, d, r, g] = group_classes["saved"][p, d, r, g] / 4
                    moved = 1000.0 * weight[inside] * reached[inside]
                    group_support["paid"][p, d, r, g] = moved.sum()
                    group_support["deadweight"][p, d, r, g] = moved @ (fate[inside] == "always")
    flows, balances, opening, exposure_loss = _books(rng, len(policies), draws, len(report_days), report["saved"])
    return Outcomes(
        policies=policies,
        titles=tuple(policy.replace("-", " ") for policy in policies),
        reference=reference,
        days=days,
        report_days=report_days,
        headline_day=headline_day,
        survival=survival,
        runway=runway,
        report=report,
        group_names=(("industry", "retail"), ("industry", "services"), ("industry", "crafts")),
        group_weight=np.array([weight[group == g].sum() for g in range(3)]),
        group_survival=group_survival,
        flows=flows,
        balances=balances,
        opening=opening,
        exposure_loss=exposure_loss,
        exposure_loss_funds=np.zeros_like(exposure_loss),
        exposure_loss_state=np.zeros_like(exposure_loss),
        exposure_loss_financiers=np.zeros_like(exposure_loss),
        funds=(),
        fund_series={},
        fund_firms={},
        fund_leverage=np.ones((0, draws)),
        fund_layers=(),
        weight=float(weight.sum()),
        jobs=float(jobs.sum()),
        firms_as_needed=_firms(firms),
        loss_given_default=np.full((len(policies), draws), 0.55),
        levers=tuple(
            LeverName(policy, "loan_renewal", "loan_renewal", ("roll_days", "rolled")) for policy in policies if policy != reference
        ),
        displaced={item: np.zeros((len(policies), draws, len(report_days))) for item in ("order_sales", "lifted_sales")},
        group_classes=group_classes,
        group_support=group_support,
        still_open={name: np.zeros_like(exposure_loss) for name in STILL_OPEN},
        review_series={name: np.zeros((0, draws, len(days))) for name in REVIEW_SERIES},
    )


def _firms(count: int) -> Any:
    return range(count)  # of which nothing but the number is used


def _on_grid(day: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Move each day to the end of its step, and days after the last step out of sight."""
    place = np.searchsorted(days, day)
    return np.where(place < len(days), days[np.minimum(place, len(days) - 1)], np.inf)


def _fates(here: np.ndarray, there: np.ndarray, day: float) -> np.ndarray:
    dead_in_both = np.where(here > there, "delayed", np.where(here < there, "hastened", "lost"))
    dead_here_only = np.where(there > day, "harmed", dead_in_both)
    return np.where(here > day, np.where(there > day, "always", "saved"), dead_here_only)


def _books(
    rng: np.random.Generator, policies: int, draws: int, reports: int, saved: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Random bookings that grow over time, and the closing balances that follow from them. Policies pay banks less interest."""
    flows = np.cumsum(rng.uniform(1e6, 2e6, (1, draws, reports, len(ITEMS))), axis=2) * np.ones((policies, 1, 1, 1))
    interest, rolled = ITEMS.index("interest_paid"), ITEMS.index("rolled_principal")
    flows[..., interest] -= 2e7 * saved
    # these policies let loans run on and do nothing else
    flows[..., [ITEMS.index(item) for item in LEVER_ENTRIES]] = 0.0
    flows[..., rolled] = 1e9 * saved
    opening = rng.uniform(1e7, 2e7, (draws, len(BALANCES)))
    balances = np.broadcast_to(opening[None, :, None, :], (policies, draws, reports, len(BALANCES))).copy()
    for f, item in enumerate(ITEMS):
        for balance, sign in ENTRIES[item].changes if item in ENTRIES else ():
            balances[..., BALANCES.index(balance)] += sign * flows[..., f]
    exposure_loss = 1e6 + 3e7 * saved
    return flows, balances, opening, exposure_loss
