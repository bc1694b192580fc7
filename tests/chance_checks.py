"""Checks of what the second version of the model is fed and so cannot see.

Random numbers, depth, shutdowns, gamma noise, paths, steps, liquidation value, uncertain numbers.
"""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme import streams
from simsme.engine.weather import white_noise
from simsme.sales_path import SalesPath
from simsme.world import World, shock, shutdowns
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.timetable import steps_of
from tests.demands import demand
from tests.engine_cases import firms_of, scenario_of
from tests.recordings import ordinary_firms, ordinary_scenario, ordinary_world, standing_cases

Array = NDArray[Any]


MONTH = 365.0 / 12.0

KNOWN_PHILOX = (
    ((0, 0), 0, 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((2**64 - 1, 2**32 - 1), 2**32 - 1, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x85A308D3243F6A88, 0x13198A2E), 0x03707344, 0x299F31D0A4093822, (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
)
"""Counter (firm and draw), counter (step and channel), key (seed) and words, as published with Philox4x32-10 (Random123, kat_vectors)."""


def check_streams() -> None:
    """The generator gives its published words, and neither draws nor steps, channels, firms or seeds share luck."""
    for (firm, draw), last, seed, words in KNOWN_PHILOX:
        found = streams.philox(seed, draw, np.array([firm], dtype=np.uint64), last >> 8, last & 0xFF)
        demand(tuple(int(word[0]) for word in found) == words, "words of Philox4x32-10")
    keys = ordinary_firms().key
    draws = np.arange(40, dtype=np.uint64)[:, None]
    plain = streams.uniforms(5, draws, keys, 3, "renewal")
    error = 1.0 / math.sqrt(plain.size)
    demand((plain > 0.0) & (plain < 1.0), "uniform numbers outside (0, 1)")
    demand(abs(plain.mean() - 0.5) < 4.0 * 0.289 * error, "uniform numbers have another mean")
    others = {
        "draw": streams.uniforms(5, draws + np.uint64(1), keys, 3, "renewal"),
        "step": streams.uniforms(5, draws, keys, 4, "renewal"),
        "channel": streams.uniforms(5, draws, keys, 3, "workout"),
        "seed": streams.uniforms(6, draws, keys, 3, "renewal"),
        "firm": np.roll(plain, 1, axis=1),
        "pair": streams.uniforms_pair(5, draws, keys, 3, "renewal")[1],
    }
    for name, other in others.items():
        demand(abs(np.corrcoef(plain.ravel(), other.ravel())[0, 1]) < 4.0 * error, f"luck does not depend on the {name}")
    z = np.array(streams.normals_pair(5, draws, keys, 3, "noise")).reshape(2, -1)
    demand(np.abs(np.cov(z) - np.eye(2)) < 6.0 * error, "normal numbers are not independent with variance 1")
    demand(np.abs(z.mean(axis=1)) < 4.0 * error, "normal numbers have another mean")


def check_depths() -> None:
    """Depths have the stated distribution, and firms of a draw share the stated part of it."""
    world = ordinary_world()
    draws = 400
    numbers = DrawnNumbers(world.scenario, world.scenario.seed, np.arange(draws, dtype=np.uint64))
    depth = shock.depth_of_firms(shock.Shocked(world.scenario, numbers, world.firms, slice(0, len(world.firms.key))))
    low, high, common = 0.2, 0.5, 0.3
    demand((depth >= low) & (depth <= high), "depths outside their limits")
    uniform = (depth - low) / (high - low)
    for p in (0.1, 0.25, 0.5, 0.75, 0.9):
        demand(abs((uniform < p).mean() - p) < 0.04, f"share of depths below the {p:g}-quantile")
    score = np.vectorize(NormalDist().inv_cdf)(np.clip(uniform, 1e-12, 1.0 - 1e-12))
    within = score.var(axis=1, ddof=1).mean()
    between = score.mean(axis=1).var(ddof=1) - within / score.shape[1]
    demand(abs(between - common) < 0.08, f"common part of the depth: {between:g}, stated {common:g}")
    demand(abs(within - (1.0 - common)) < 0.05, f"own part of the depth: {within:g}, stated {1.0 - common:g}")


def check_noise() -> None:
    """White noise has mean 1 and, over a month, the stated coefficient of variation, whatever the step and the distribution."""
    points = 100_000
    z = np.array([NormalDist().inv_cdf((k + 0.5) / points) for k in range(points)])
    for step in (1.0, 7.0, 14.0):
        for volatility in (0.1, 0.4):
            for name, noise_of in (("lognormal", white_noise), ("gamma", shock.gamma_noise)):
                noise = noise_of(np.array(volatility), step, z)
                monthly = math.sqrt(noise.var() * step / MONTH)
                demand(abs(noise.mean() - 1.0) < 0.002, f"{name} noise has mean {noise.mean():g}")
                demand(abs(monthly / volatility - 1.0) < 0.02, f"{name} noise varies by {monthly:g} a month, stated {volatility:g}")
                demand(np.diff(noise) >= 0.0, f"{name} noise does not rise with luck")


def check_shutdowns() -> None:
    """Time lost to shutdowns is what their rate and length make it, begins with the shock, and does not depend on the step."""
    rate, length, days = 6.0, 10.0, 364.0
    keys = ordinary_firms().key
    draws = np.arange(40, dtype=np.uint64)[:, None]

    def lost(step_days: float) -> Array:
        steps = steps_of(step_days, days, ())
        shares = shutdowns.shutdown_shares(3, draws, keys, steps, 28.0, 500.0, np.array(rate), np.array(length))
        demand((shares >= 0.0) & (shares <= 1.0 + 1e-12), "a part of a step lost to shutdowns outside [0, 1]")
        by_day: Array = np.array([clock.h for clock in steps])[:, None, None] * shares
        return by_day

    weekly, daily = lost(7.0), lost(2.0)
    demand(weekly[:4] == 0.0, "shutdowns before the shock")
    demand(np.abs(weekly.sum(axis=0) - daily.sum(axis=0)) < 1e-9, "time lost to shutdowns depends on the step")
    fails, recovers, span = rate / 365.0, 1.0 / length, days - 28.0
    speed = fails + recovers
    expected = fails / speed * (span - (1.0 - math.exp(-speed * span)) / speed)
    found = weekly.sum(axis=0).mean()
    demand(abs(found / expected - 1.0) < 0.04, f"{found:g} days lost to shutdowns, expected {expected:g}")


def check_path() -> None:
    """The mean of a path of sales over some days is the mean of its days; its last week stays."""
    path = SalesPath(file="path.csv", falls={"all": (0.1, 0.5, 0.2), "catering": (0.9, 0.4)})
    for start, end in ((0.0, 7.0), (3.0, 10.0), (5.0, 6.0), (10.0, 40.0), (30.0, 44.0)):
        for name, falls in (("retail", (0.1, 0.5, 0.2)), ("catering", (0.9, 0.4))):
            days = [falls[min(int(day // 7), len(falls) - 1)] for day in range(int(start), int(end))]
            found = float(shock.path_mean(path, (name,), start, end)[0])
            demand(abs(found - math.fsum(days) / len(days)) < 1e-12, f"path of {name} over days {start:g} to {end:g}: {found:g}")


def check_timetable() -> None:
    """Steps follow on each other from day 0 to the horizon, at multiples of the step, and are cut on every reported day."""
    for case in standing_cases():
        scenario, seed = scenario_of(case, case.seed), case.seed
        world = World(scenario, firms_of(case.firms), scenario.policies)
        demand(tuple((clock.a, clock.b) for clock in world.steps) == tuple(case.steps), f"steps of case {seed}")
        demand(all(clock.h == clock.b - clock.a for clock in world.steps), f"length of the steps of case {seed}")
        demand(set(world.report_days) <= {clock.b for clock in world.steps}, f"reported days of case {seed}")


def check_liquidation() -> None:
    """At the liquidation share the bank's loss, over the opening balance sheets without cash, averages the loss given default."""
    world = ordinary_world()
    block, firms = world.block(np.zeros(1, dtype=np.uint64), slice(0, len(world.firms.key))), world.firms
    share, lgd = float(np.ravel(block.rules.liquidation_share)[0]), world.scenario.credit.lgd
    demand(0.0 < share < 1.0, "no liquidation share gives the loss")
    lost, weight = [], []
    for n in range(len(firms.key)):
        if firms.loan[n] > 0.0:
            day = firms.sales[n] / 365.0
            materials = firms.materials_share[n] * day
            stock, payables = materials * firms.inventory_days[n], materials * firms.payable_days[n]
            receivables = firms.credit_sales_share[n] * day * firms.receivable_days[n]
            money = 0.9 * receivables + share * (stock + firms.fixed_assets[n])
            bank = firms.loan[n] * (1.0 + firms.loan_rate[n] / 365.0 * (MONTH - firms.interest_day[n]))
            secured = min(bank, share * firms.fixed_assets[n])
            money -= secured
            people = firms.payroll[n] * (1.0 + firms.social_share[n]) / 365.0 * (MONTH - firms.payday[n])
            tax = (firms.tax_share[n] + firms.vat_share[n]) * day * (MONTH - firms.tax_day[n])
            money = max(money - people - tax, 0.0)
            rent = firms.rent[n] / 365.0 * (MONTH * firms.rent_every_months[n] - firms.rent_day[n])
            claims = bank - secured + payables + rent
            lost.append((bank - secured) * (1.0 - min(money / claims, 1.0) if claims > 0.0 else 0.0) / bank)
            weight.append(firms.weight[n] * firms.loan[n])
    mean = math.fsum(w * loss for w, loss in zip(weight, lost, strict=True)) / math.fsum(weight)
    demand(world.scenario.exit.collectable_share == 0.9, "the check assumes a collectable share of 0.9")
    demand(abs(mean - float(lgd)) < 1e-6, f"the bank loses {mean:g} on average, stated {lgd!r}")  # type: ignore[arg-type]  # a number in three-months


def check_uncertain_numbers() -> None:
    """An uncertain number is drawn once a draw from its distribution, and no two of them share their luck."""
    scenario = ordinary_scenario()
    numbers = DrawnNumbers(scenario, scenario.seed, np.arange(400, dtype=np.uint64))
    names = ("adjust.cash_factor", "adjust.volatility_factor", "adjust.informal_factor", "credit.renewal", "exit.hope_median")
    drawn = {name: np.ravel(numbers.number(name)) for name in names}
    scores = np.array([np.argsort(np.argsort(value)) for value in drawn.values()])
    tied = np.corrcoef(scores) - np.eye(len(names))
    demand(np.abs(tied) < 0.2, "two uncertain numbers share their luck")
    informal, renewal = drawn["adjust.informal_factor"], drawn["credit.renewal"]
    demand((informal >= 0.5) & (informal <= 1.5) & (renewal >= 0.88) & (renewal <= 0.96), "uncertain numbers outside their limits")
    demand(abs(informal.mean() - 1.0) < 0.06 and abs(renewal.mean() - 0.92) < 0.005, "uncertain numbers have another mean")
    alone = DrawnNumbers(scenario, scenario.seed, np.array([17], dtype=np.uint64))
    demand(np.ravel(alone.number("credit.renewal")) == renewal[17], "an uncertain number depends on the draws beside it")
