"""Source ``noise``: how sales vary from month to month in normal times, and what of it arrives in cash; the scenario ``project-billing``.

The same statistics are taken of the engine's bills as of the invoices: 21 months of as many firms as the file has, several times over. The
firms have so much cash that none leaves, as none left among those in the file.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped
from simsme.plan import plan_run
from simsme.validation.rows import FROM_SOURCE, TAKEN_OUT, Cause, Simulated
from simsme.validation.setting import Setting
from simsme.world import World

Floats = NDArray[np.float64]

SCENARIO, DRAWS, FIRMS = "project-billing", 10, 425
MONTHS, WEEKS = 21, 91
MONTH = 365.0 / 12.0
RICH = ("population.cash=1000", "population.cash_base=1", "exit.background_rate={micro=0, small=0, medium=0}")
LAGS = (1, 3, 6, 12)

SEASON = (1.0, 0.56, *(1.0,) * 9, 1.62)
"""Demand by calendar month, of the mean: the two months that stand out among the invoices; no counted run uses it."""

SEASONS_IN_WORDS = "February at 56 % of the mean and December at 162 %"


def simulate_noise(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier; errors are over draws, each of which has all firms."""
    setting.tell("months and weeks")
    found: dict[str, Simulated] = {}
    for part in setting.each(_estimated, (False,), (True,)):
        found |= part
    return found


def explain_noise(setting: Setting, missed: Sequence[str]) -> dict[str, tuple[Cause, ...]]:
    """Run again, for numbers that miss, with seasons, without the slow part of sales, and with both changes."""
    setting.tell("why numbers miss")
    seasons = f"sales.season={list(SEASON)!r}"
    tries = (
        ("the scenario has no seasons, and invoices have", f"{SEASONS_IN_WORDS}, as in the invoices", (seasons,), FROM_SOURCE),
        ("the slow part of sales, as growth asks for it, shows in the months as well", "no slow part", ("sales.slow_sd=0",), TAKEN_OUT),
        (
            "the scenario has no seasons, and the slow part of sales shows in the months as well",
            f"{SEASONS_IN_WORDS}, as in the invoices, and no slow part",
            (seasons, "sales.slow_sd=0"),
            FROM_SOURCE,
        ),
    )
    parts = (False, True) if "cv-week" in missed else (False,)
    runs = [(weekly, changes) for weekly in parts for _, _, changes, _ in tries]
    found: list[dict[str, Simulated]] = [{} for _ in tries]
    for position, part in enumerate(setting.each(_estimated, *runs)):
        found[position % len(tries)] |= part
    return {
        name: tuple(
            Cause(text, removed, simulated[name].value, origin)
            for (text, removed, _, origin), simulated in zip(tries, found, strict=True)
            if name in simulated
        )
        for name in missed
    }


def _estimated(setting: Setting, weekly: bool, changes: Sequence[str] = ()) -> dict[str, Simulated]:
    """Numbers of weeks, or of months."""
    if weekly:
        bills, _ = _sales(setting, [7 * week for week in range(1, WEEKS + 1)], changes)
        draws = [{"cv-week": float(np.median(variation(weeks)))} for weeks in bills]
    else:
        bills, paid = _sales(setting, [round(MONTH * month) for month in range(1, MONTHS + 1)], changes)
        draws = [statistics(of_draw) | _of_cash(cash) for of_draw, cash in zip(bills, paid, strict=True)]
    found = {}
    for name in draws[0]:
        values = np.array([draw[name] for draw in draws])
        found[name] = Simulated(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))
    return found


def statistics(sales: Floats) -> dict[str, float]:
    """Statistics of monthly sales, (firm, month), by identifier of the published number."""
    sales = sales[sales.sum(axis=1) > 0.0]
    monthly = variation(sales)
    found = {f"cv-month-{percent}": float(np.percentile(monthly, percent)) for percent in (10, 25, 50, 75, 90)}
    earlier, later = sales[:, :9].sum(axis=1), sales[:, 12:].sum(axis=1)
    sells = (earlier > 0.0) & (later > 0.0)
    quartiles = np.percentile(np.log(later[sells] / earlier[sells]), [25, 75])
    apart = sales - sales.mean(axis=1, keepdims=True)
    found["growth"] = float(np.diff(quartiles)[0]) / 1.349
    found["cv-quarter"] = float(np.median(variation(_quarters(sales))))
    for lag in LAGS:
        together = (apart[:, lag:] * apart[:, :-lag]).sum(axis=1) / np.square(apart).sum(axis=1)
        found[f"autocorrelation-{lag}"] = float(np.median(together))
    return found


def variation(sales: Floats) -> Floats:
    """Coefficient of variation over its periods of each firm that sells at all, (firm, period) to (firm,)."""
    sold = sales[sales.sum(axis=1) > 0.0]
    spread: Floats = sold.std(axis=1, ddof=1) / sold.mean(axis=1)
    return spread


def _quarters(sales: Floats) -> Floats:
    quarters: Floats = sales.reshape(len(sales), -1, 3).sum(axis=2)
    return quarters


def _of_cash(paid: Floats) -> dict[str, float]:
    """How receipts vary, (firm, month)."""
    return {"cv-cash-month": float(np.median(variation(paid))), "cv-cash-quarter": float(np.median(variation(_quarters(paid))))}


def _sales(setting: Setting, ends: Sequence[int], changes: Sequence[str]) -> tuple[Floats, Floats]:
    """Sales and receipts of each firm in periods that end on some days, (draw, firm, period) each."""
    days = f"time.report_days={list(ends)!r}"
    clock = [f"time.horizon_days={ends[-1]}", f"time.headline_day={ends[0]}", days]
    size = [f"population.firms={setting.firms or FIRMS}"]
    plan = plan_run(SCENARIO, draws=setting.draws or DRAWS, overrides=[*size, *RICH, *clock, *changes])
    world = World(plan.scenario, plan.firms(), plan.policies)
    draws = np.arange(plan.scenario.draws, dtype=np.uint64)
    shape = (len(draws), len(world.firms), len(ends))
    bills, paid = np.zeros(shape), np.zeros(shape)
    starts = {end: period for period, (_, end) in enumerate(pairwise([0, *ends]))}

    def add(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        period = starts[min(end for end in ends if end >= clock.b)]
        booked = stepped.bookings
        bills[:, :, period] += booked["cash_sales"] + booked["credit_sales"]
        paid[:, :, period] += booked["cash_sales"] + booked["collections"]

    simulate(world.block(draws, slice(None)), add)
    return bills, paid
