"""What happened to one firm in one draw, step by step, as plain numbers: the material of its story.

Firms do not see each other, so one firm is run alone; what depends on the population (what estates bring) still comes from all firms.
"""

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from simsme.engine.leaving import Estate, wind_up
from simsme.engine.records import Clock, Events, Firm, Rules, State, Weather
from simsme.engine.simulate import simulate
from simsme.engine.step import Stepped, step
from simsme.engine.terms import terms_of_step
from simsme.engine.timing import YEAR
from simsme.world import World

Record = TypeVar("Record")


@dataclass(frozen=True)
class Moment:
    """A step of the firm's life. Every record holds plain numbers, 1 and 0 for true and false.

    Attributes
    ----------
    clock
        The step.
    weather
        What the world did.
    before, after
        The firm at its beginning and at its end; a firm that leaves is still whole in ``after``.
    booked
        Amounts by name of :data:`simsme.engine.accounts.ITEMS`.
    events
        What happened.
    estate
        What its estate brought; None unless the firm left in this step.
    """

    clock: Clock
    weather: Weather
    before: State
    after: State
    booked: dict[str, float]
    events: Events
    estate: Estate | None


@dataclass(frozen=True)
class Chronicle:
    """A firm's life under a policy.

    Attributes
    ----------
    policy
        Name of the policy.
    levers
        Label of each of the policy's levers, and whether its take-up and its eligibility by kind of firm include this one.
    rolling
        Labels of those of them that let loans run on.
    moments
        Its steps up to the one in which it left, or all.
    """

    policy: str
    levers: tuple[tuple[str, bool], ...]
    rolling: tuple[str, ...]
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Chronicles:
    """A firm's lives under all policies of a run.

    Attributes
    ----------
    firm, rules
        Its constants in the draw, and those of the draw.
    lives
        One for each policy, in their order.
    """

    firm: Firm
    rules: Rules
    lives: tuple[Chronicle, ...]


def record_lives(world: World, row: int, draw: int) -> Chronicles:
    """Run one firm in one draw under all policies of a world.

    Parameters
    ----------
    world
        The scenario, its firms and policies.
    row
        Position of the firm.
    draw
        Number of the draw, from 0.
    """
    block = world.block(np.array([draw], dtype=np.uint64), slice(row, row + 1))
    moments: list[list[Moment]] = [[] for _ in world.policies]

    def observe(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        if not _only(before.alive):
            return
        after, estate = stepped.state, None
        if _only(stepped.events.cause):
            # the books of a firm that leaves are empty at once; taken again, the step shows what it left behind
            luck = block.luck(int(clock.a // YEAR))
            step_terms = terms_of_step(block.levers[policy], clock, before)
            after = step(clock, block.firm, block.rules, luck, weather, step_terms, before).state
            estate = _plain(wind_up(block.firm, block.rules, after))
        booked = {item: _only(amount) for item, amount in stepped.bookings.items()}
        moments[policy].append(Moment(clock, _plain(weather), _plain(before), _plain(after), booked, _plain(stepped.events), estate))

    simulate(block, observe)
    lives = []
    for policy, rows, seen in zip(world.policies, block.levers, moments, strict=True):
        # rows stand in the order of the labels, see simsme.world.reach
        reached = list(zip(sorted(lever.label for lever in policy.levers), (bool(_only(row.reaches)) for row in rows), strict=True))
        rolling = tuple(label for (label, is_reached), row in zip(reached, rows, strict=True) if is_reached and _only(row.terms.rolled))
        lives.append(Chronicle(policy.name, tuple(reached), rolling, tuple(seen)))
    return Chronicles(_plain(block.firm), _plain(block.rules), tuple(lives))


def _plain(record: Record) -> Record:
    """The record with a plain number in each field, for a block of one firm in one draw."""
    fields: Any = record
    return type(record)(*(_plain_field(field) for field in fields))


def _plain_field(field: Any) -> Any:
    if not isinstance(field, tuple):
        return _only(field)
    return _plain(field) if hasattr(field, "_fields") else tuple(map(_only, field))


def _only(value: Any) -> float:
    """The number of the one firm in the one draw."""
    return float(np.asarray(value, dtype=np.float64).reshape(-1)[0])
