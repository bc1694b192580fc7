"""Levels and directions of the shipped scenarios: calm weather first, then the shock, the policies, and what closure by order does.

The magnitudes are those of an earlier, slower prototype of the same model: properties of the model, not estimates. They are met within
a factor of two, but where a test says why not. All runs are smaller than the shipped ones (see `FIRMS` and `DRAWS`); errors are Monte
Carlo errors over draws; what was measured is recorded with each test.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simsme.outcomes import Outcomes
from simsme.runs import run

FIRMS, DRAWS = 1500, 12
DAYS = (91, 182, 364)

TSINGHUA = 'population.cash={dist="quantiles", p=[0.0, 0.34, 0.671, 0.8501, 0.95, 1.0], x=[0.05, 1.0, 2.0, 3.0, 6.0, 12.0]}'
"""Months that cash lasts: 34 % one month, 33.1 % two, 17.91 % three, so 85.01 % at most three (Tsinghua and Peking universities 2020)."""

CLOSURE = ("shock.closure.closed_share=0.8", "shock.closure.reopening_half_life_days=60")
"""80 % closed by order on day 0, half of them open again after two months."""


@cache
def outcomes(scenario: str, overrides: tuple[str, ...] = (), policies: tuple[str, ...] = ("none",)) -> Outcomes:
    """Run a shipped scenario with some numbers changed; the same firms, luck and uncertain numbers in every run."""
    changes = [f"population.firms={FIRMS}", *overrides]
    return run(scenario, policies=policies, draws=DRAWS, overrides=changes, jobs=1).outcomes


def affected(out: Outcomes, endpoint: str, day: int, policy: str = "none") -> NDArray[np.float64]:
    """Share of firms affected by a day, by draw."""
    curve: NDArray[np.float64] = 1.0 - out.endpoint(endpoint)[out.policy_index(policy), :, out.day_index(day)]
    return curve


def error(values: NDArray[np.float64]) -> float:
    """Monte Carlo error of the mean over draws."""
    return float(values.std(ddof=1)) / float(np.sqrt(len(values)))


def assert_not_less(more: NDArray[np.float64], less: NDArray[np.float64], what: str) -> None:
    """The mean of one is not below that of the other by more than three errors of their difference, draw by draw."""
    paired = more - less
    assert paired.mean() >= -3.0 * error(paired), f"{what}: {100 * paired.mean():.3f} +- {100 * error(paired):.3f} points"


def percent(values: NDArray[np.float64]) -> float:
    """Mean over draws in percent."""
    return 100.0 * float(values.mean())


# ---------------------------------------------------------------------------------------------------------------- calm weather


def test_calm_weather(record_property: Any) -> None:
    """Without a shock few firms fail: exit below 3 % and cash below 20 % by day 91, exit below 12 % by day 364."""
    calm = outcomes("calm")
    levels = {(name, day): percent(affected(calm, name, day)) for name in ("exit", "cash", "open") for day in DAYS}
    for (name, day), level in levels.items():
        record_property(f"calm_{name}_{day}", f"{level:.2f}")
    assert levels["exit", 91] < 3.0
    assert levels["cash", 91] < 20.0
    assert levels["exit", 364] < 12.0
    # and it is not the calm of a graveyard or of a fairy tale: some firms fail, for more than one reason
    assert levels["exit", 364] > 3.0
    assert all(calm.report[cause][0, :, -1].mean() > 0.001 for cause in ("patience", "loan", "owner", "other"))


@pytest.mark.parametrize("scenario", ["calm", "three-months"])
def test_exit_does_not_rise_with_size(scenario: str, record_property: Any) -> None:
    """Micro firms fail at least as often as small ones, and those as medium ones, beyond the error."""
    out = outcomes(scenario)
    for day in DAYS:
        exits = {
            value: 1.0 - out.group_survival["exit"][0, :, out.report_index(day), position]
            for position, (column, value) in enumerate(out.group_names)
            if column == "size"
        }
        record_property(f"{scenario}_exit_{day}_by_size", {size: round(percent(values), 2) for size, values in exits.items()})
        for smaller, larger in (("micro", "small"), ("small", "medium"), ("micro", "medium")):
            assert_not_less(exits[smaller], exits[larger], f"{scenario}, day {day}: {smaller} against {larger}")


# ------------------------------------------------------------------------------------------------------------------- the shock

DEEPER = [f'shock.sales.depth={{dist="uniform", low={low}, high={high}, common=0.3}}' for low, high in ((0.0, 0.2), (0.2, 0.5), (0.4, 0.7))]
LONGER = [f"shock.duration_days={days}" for days in (30, 91, 150)]
SLOWER = [f"shock.recovery_half_life_days={days}" for days in (0, 60, 150)]


@pytest.mark.parametrize("ladder", [DEEPER, LONGER, SLOWER], ids=["deeper", "longer", "slower"])
def test_a_worse_shock_does_not_save_firms(ladder: Sequence[str]) -> None:
    """Deeper, longer, slower to recover from: exits do not fall beyond the error, at any reported day; from end to end they rise."""
    steps = [outcomes("three-months", (override,)) for override in ladder]
    for day in DAYS:
        exits = [affected(out, "exit", day) for out in steps]
        for milder, worse, override in zip(exits, exits[1:], ladder[1:], strict=False):
            assert_not_less(worse, milder, f"{override}, day {day}")
        rise = exits[-1] - exits[0]
        assert rise.mean() > 3.0 * error(rise)


def test_the_shock_kills() -> None:
    """More than calm weather, at every reported day, and on every endpoint but the runway, which it cannot change."""
    calm, shock = outcomes("calm"), outcomes("three-months")
    for day in DAYS:
        for endpoint in ("cash", "exit"):
            more = affected(shock, endpoint, day) - affected(calm, endpoint, day)
            assert more.mean() > 3.0 * error(more)
        assert np.array_equal(affected(shock, "runway", day), affected(calm, "runway", day))


def near(measured: float, guide: float) -> bool:
    """Whether a measured magnitude is within a factor of two of the guide, with its sign."""
    return 0.5 <= measured / guide <= 2.0


def test_magnitudes_of_the_shock(record_property: Any) -> None:
    """Guide: cash 44, not trading 6, gone 5 by day 91, gone 13 by day 364."""
    out = outcomes("three-months")
    for endpoint, day, guide in (("cash", 91, 44.0), ("open", 91, 6.0), ("exit", 91, 5.0), ("exit", 364, 13.0)):
        level = percent(affected(out, endpoint, day))
        record_property(f"three_months_{endpoint}_{day}", f"{level:.2f}")
        assert near(level, guide), (endpoint, day, level)


# ------------------------------------------------------------------------------------------------------------------ the policies

POLICIES = (
    *("none", "renewal", "renewal-for-all", "forbearance"),
    *("relending", "relending-for-all", "guarantee", "guarantee-for-all", "package"),
)


def test_effects_of_the_policies(record_property: Any) -> None:
    """Exit by day 364, points: guide -1.8 (renewal for all), -0.35 (for 20 %), -1.4 (forbearance).

    More support never leaves fewer survivors, beyond the error.
    """
    out = outcomes("three-months", (), POLICIES)
    for policy, guide in (("renewal-for-all", -1.8), ("renewal", -0.35), ("forbearance", -1.4)):
        effect = percent(affected(out, "exit", 364, policy) - affected(out, "exit", 364))
        record_property(f"effect_on_exit_364_{policy}", f"{effect:.2f}")
        assert near(effect, guide), (policy, effect)

    order = (
        *(("none", "renewal"), ("renewal", "renewal-for-all"), ("none", "forbearance"), ("forbearance", "package"), ("renewal", "package")),
        *(("none", "relending"), ("relending", "relending-for-all"), ("relending-for-all", "renewal-for-all")),
        *(("none", "guarantee"), ("guarantee", "guarantee-for-all")),
    )
    for day in DAYS:
        for less, more in order:
            for endpoint in ("exit", "cash"):
                here, there = affected(out, endpoint, day, less), affected(out, endpoint, day, more)
                assert_not_less(here, there, f"{endpoint}, day {day}: {less} against {more}")


def test_effect_of_relending(record_property: Any) -> None:
    """Exit by day 364, points: guide -1.2 with a fund of 1 % of what falls due in a year, which serves nearly all who ask.

    The guide is of banks that enforce every overdue loan after the grace. Where they reschedule four in five, as in the shipped
    scenario, being late costs little, and the fund a quarter of a point.
    """
    enforced = outcomes("three-months", ("credit.workout=0",), ("none", "relending-for-all"))
    effect = percent(affected(enforced, "exit", 364, "relending-for-all") - affected(enforced, "exit", 364))
    record_property("effect_on_exit_364_relending_without_workout", f"{effect:.2f}")
    assert near(effect, -1.2)
    shipped = outcomes("three-months", (), POLICIES)
    effect = percent(affected(shipped, "exit", 364, "relending-for-all") - affected(shipped, "exit", 364))
    record_property("effect_on_exit_364_relending_for_all", f"{effect:.2f}")
    assert -0.6 < effect < 0.0
    served, asked = (shipped.fund_firms[name][1, :, -1].mean() for name in ("served", "asked"))
    assert served > 0.9 * asked


def test_effect_of_guarantees(record_property: Any) -> None:
    """Exit by day 364, points: guide -0.03 at a take-up of 2 %. For all, about 5 % more of all firms get a loan.

    Claims are 3 to 9 % of what was guaranteed and stop the fund late in the year, above the 0.7 to 2 % that funds report: it guarantees
    only firms that banks refuse for their risk and that are short of cash, up to a default risk of 10 % a year as the bank sees it.
    """
    out = outcomes("three-months", (), POLICIES)
    effect = percent(affected(out, "exit", 364, "guarantee") - affected(out, "exit", 364))
    record_property("effect_on_exit_364_guarantee", f"{effect:.3f}")
    assert -0.15 < effect <= 0.0
    fund = next(number for number, fund in enumerate(out.funds) if fund.policy == "guarantee-for-all")
    served = percent(out.fund_firms["served"][fund, :, -1]) / out.weight
    granted = 0.8 * out.fund_series["served"][fund].sum(axis=1).mean()
    claims = 100.0 * float(out.fund_series["losses"][fund, :, -1].mean() / granted)
    record_property("firms_with_a_guarantee", f"{served:.2f}")
    record_property("claims_of_guarantees", f"{claims:.2f}")
    assert 2.5 < served < 10.0
    assert 1.0 < claims < 10.0


# --------------------------------------------------------------------------------------------------------------------- closure


@pytest.mark.parametrize(
    ("name", "runway", "guide"),
    [("esiec", (), (59.0, 36.0, 14.0, 25.0)), ("tsinghua", (TSINGHUA,), (72.0, 39.0, 20.0, 32.0))],
    ids=["esiec", "tsinghua"],
)
def test_magnitudes_of_closure(name: str, runway: tuple[str, ...], guide: tuple[float, ...], record_property: Any) -> None:
    """Closure by order of 80 %: cash out, not trading, gone by day 91, gone by 364.

    A reopening half-life of 60 days is what the guide's shares of firms that do not trade imply. By day 91 four in seven of the
    prototype's are gone (8 and 12 against 14 and 20): new loans cover what falls due with materials, which keeps 3 points.
    """
    out = outcomes("three-months", (*CLOSURE, *runway))
    cells = (("cash", 91), ("open", 91), ("exit", 91), ("exit", 364))
    for (endpoint, day), expected in zip(cells, guide, strict=True):
        level = percent(affected(out, endpoint, day))
        record_property(f"closure_{name}_{endpoint}_{day}", f"{level:.2f}")
        assert near(level, expected), (endpoint, day, level)


def test_static_runway_and_simulated_survival_live_together() -> None:
    """With the Tsinghua runway most firms cannot last three months without sales, and few are gone by then in the shock."""
    out = outcomes("three-months", (*CLOSURE, TSINGHUA))
    runway, gone = percent(affected(out, "runway", 91)), percent(affected(out, "exit", 91))
    assert runway > 65.0
    assert gone < 30.0
