"""A firm and its variants, all on the same luck: the same firm with more cash, an earlier payday of its customers, closed for a while.

A variant is a row of its own in one table of firms with the firm's key, so that shock, noise and every decision of others are the same in
each draw, and a difference between two variants is the variant's doing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes, least
from simsme.engine.accounts import ITEMS
from simsme.engine.records import Clock, State, Weather
from simsme.engine.simulate import Block, simulate
from simsme.engine.step import Stepped
from simsme.policy import Policy
from simsme.runway.case import DAYS_OF_WEEK, Case, variants_of
from simsme.runway.turning import can_be_turned, turned
from simsme.scenario import Scenario
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.rules import shock_number
from simsme.world.shock import Sky

Told = Callable[[float], None]
"""Told which share of some work has been done since it was last told."""


@dataclass(frozen=True)
class Variant:
    """What is different about a firm.

    Attributes
    ----------
    columns
        Columns of the firm that differ, see `simsme.firms.Firms`.
    own_books
        Whether its books on day 0 follow from these columns; else they are the firm's own, and only what happens from then on differs:
        a firm that begins to collect sooner does not own less on the day on which it begins.
    closed_weeks
        First weeks in which it does not trade.
    sales_fall
        Depth of the shock's fall of sales in every draw, in place of the scenario's.
    """

    columns: Mapping[str, float] = field(default_factory=dict)
    own_books: bool = False
    closed_weeks: int = 0
    sales_fall: float | None = None


AS_IT_IS = Variant()


@dataclass(frozen=True)
class Lived:
    """What became of variants (v) under policies (p) in draws (d) over weeks (w).

    Attributes
    ----------
    weeks
        Number of weeks, w.
    cash_out_week, exit_week, reached_week : (p, d, v)
        First week, from 1, in which it was short of cash, left, or was reached by the policy; weeks + 1 means never.
    lowest_cash : (p, d, v)
        Lowest cash at the end of a week while it lived.
    trades : (p, w, d, v)
        Whether it trades at the end of the week.
    cash : (p, w + 1, d, v)
        Cash at the beginning and at the end of each week.
    booked : dict of (w, p, d, v)
        Amounts booked in each week, by name of the accounts, of those that were asked for.
    """

    weeks: int
    cash_out_week: NDArray[np.int64]
    exit_week: NDArray[np.int64]
    reached_week: NDArray[np.int64]
    lowest_cash: Lanes
    trades: NDArray[np.bool_]
    cash: Lanes
    booked: dict[str, Lanes]


def live_variants(
    case: Case,
    variants: Sequence[Variant],
    *,
    weeks: int,
    policies: Sequence[Policy] = (),
    items: Sequence[str] = (),
    told: Told | None = None,
) -> Lived:
    """Let variants of a firm live through all draws.

    Parameters
    ----------
    case
        The firm and its scenario.
    variants
        What differs, one row each.
    weeks
        How long.
    policies
        Policies beside the reference; the reference comes first.
    items
        Names of bookings to keep, of `simsme.engine.accounts.ITEMS`.
    told
        Told how far it is; an exception that it raises ends the work.
    """
    unknown = [item for item in items if item not in ITEMS]
    if unknown:
        raise ValueError(f"no such bookings: {', '.join(unknown)}")
    scenario = _over_weeks(case.scenario, weeks)
    firms = variants_of(case.firms, [dict(variant.columns) for variant in variants])
    world = World(scenario, firms, (case.reference, *policies))
    block, sky = world.block_and_sky(case.draws, slice(0, len(variants)), case.estates_bring)
    # what the engine sums over firms on reported days is of no use for one firm
    block = replace(block, opening=_opening(world, block, case, variants), weather=_weather(scenario, block, sky, variants), reported=())
    shape, count = (len(case.draws), len(variants)), 1 + len(policies)
    turn = len(variants) == 1 and can_be_turned(block)
    cash, trades = np.zeros((count, weeks + 1, *shape)), np.zeros((count, weeks, *shape), dtype=np.bool_)
    cash[:, 0] = block.opening.cash
    booked = {item: np.zeros((weeks, count, *shape)) for item in items}

    def observe(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        number = round(clock.a / DAYS_OF_WEEK)
        cash[policy, number + 1] = np.reshape(stepped.state.cash, shape)
        trades[policy, number] = np.reshape(stepped.events.trades, shape)
        for item, kept in booked.items():
            if item in stepped.bookings:
                amount = np.asarray(stepped.bookings[item])
                kept[number, policy] = np.reshape(amount, shape) if amount.size == kept[number, policy].size else amount
        if told is not None:
            told(1.0 / (weeks * count))

    lives = simulate(turned(block, shape[0]) if turn else block, observe)

    def of_lanes(values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(count, *shape)

    return Lived(
        weeks=weeks,
        cash_out_week=of_lanes(lives.cash_out_step).astype(np.int64) + 1,
        exit_week=of_lanes(lives.exit_step).astype(np.int64) + 1,
        reached_week=of_lanes(lives.reached_step).astype(np.int64) + 1,
        lowest_cash=of_lanes(lives.trough),
        trades=trades,
        cash=cash,
        booked=booked,
    )


def _over_weeks(scenario: Scenario, weeks: int) -> Scenario:
    days = weeks * DAYS_OF_WEEK
    time = scenario.time
    reported = tuple(day for day in time.report_days if day <= days)
    clock = time.model_copy(update={"horizon_days": days, "headline_day": min(time.headline_day, days), "report_days": reported or (days,)})
    return scenario.model_copy(update={"time": clock})


def _opening(world: World, block: Block, case: Case, variants: Sequence[Variant]) -> State:
    """Books on day 0: the firm's own, but for variants with books of their own."""
    if all(variant.own_books or not variant.columns for variant in variants):
        return block.opening
    own = np.array([variant.own_books or not variant.columns for variant in variants])
    alone = World(world.scenario, case.firms, (case.reference,)).block(case.draws, slice(0, 1), case.estates_bring).opening
    opening: State = _merged(block.opening, alone, own)
    return opening


def _merged(theirs: Any, plain: Any, own: NDArray[np.bool_]) -> Any:
    """A record with the fields of `theirs` where `own`, else those of `plain`, through records in records."""
    if isinstance(theirs, tuple):
        parts = (_merged(left, right, own) for left, right in zip(theirs, plain, strict=True))
        return type(theirs)(*parts) if hasattr(theirs, "_fields") else tuple(parts)
    return np.where(own, theirs, plain)


def _weather(scenario: Scenario, block: Block, sky: Sky, variants: Sequence[Variant]) -> Callable[[int], Weather]:
    """The weather of the scenario, but for variants with a fall of sales of their own or closed doors."""
    falls = [variant.sales_fall for variant in variants]
    shape = (len(sky.draws), len(variants))
    closed_weeks = np.array([variant.closed_weeks for variant in variants])
    if any(fall is not None for fall in falls):
        exposure = sky.exposure
        depth = np.array(np.broadcast_to(exposure.depth, shape))
        for position, fall in enumerate(falls):
            if fall is not None:
                depth[:, position] = fall
        numbers = DrawnNumbers(scenario, scenario.seed, sky.draws)
        scar = least(shock_number(scenario, numbers, "sales", "scar", 0.0), depth)
        of_step = replace(sky, exposure=exposure._replace(depth=depth, scar=scar)).by_step(block.firm)
    else:
        of_step = block.weather

    def weather(number: int) -> Weather:
        found = of_step(number)
        if closed_weeks.max() <= number:
            return found
        return found._replace(open_share=np.where(closed_weeks > number, 0.0, found.open_share))

    return weather
