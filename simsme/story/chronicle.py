"""What happened to one firm in one draw, step by step, as plain numbers: the material of its story.

Firms do not see each other, so one firm is run alone; what depends on the population (what estates bring) still comes from all firms.
Where firms share a public fund, all of them are run and one is watched.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np

from simsme.engine.leaving import Estate, wind_up
from simsme.engine.records import Clock, Events, Firm, Luck, Rules, State, Weather
from simsme.engine.requests import Requests, ask
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
    requests
        What it asked of public funds before the step.
    """

    clock: Clock
    weather: Weather
    before: State
    after: State
    booked: dict[str, float]
    events: Events
    estate: Estate | None
    requests: Requests


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
    rows, place = (slice(0, len(world.firms.key)), row) if world.has_funds else (slice(row, row + 1), 0)
    block = world.block(np.array([draw], dtype=np.uint64), rows)
    firm, rules = _alone(block.firm, place), _alone(block.rules, place)
    levers = [_alone(of_policy, place) for of_policy in block.levers]
    moments: list[list[Moment]] = [[] for _ in world.policies]

    @cache
    def luck_of(year: int) -> Luck:
        alone: Luck = _alone(block.luck(year), place)
        return alone

    def observe(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        weather, before, after = _alone(weather, place), _alone(before, place), _alone(stepped.state, place)
        events = _alone(stepped.events, place)
        if not _only(before.alive):
            return
        luck, step_terms = luck_of(int(clock.a // YEAR)), terms_of_step(levers[policy], clock, before)
        requests, estate = ask(clock, firm, rules, luck, weather, step_terms, before), None
        if _only(events.cause):
            # the books of a firm that leaves are empty at once; taken again, the step shows what it left behind
            after = step(clock, firm, rules, luck, weather, step_terms, events.answers, before).state
            estate = _plain(wind_up(firm, rules, after))
        booked = {item: _only(_alone(amount, place)) for item, amount in stepped.bookings.items()}
        seen = Moment(clock, _plain(weather), _plain(before), _plain(after), booked, _plain(events), estate, _plain(requests))
        moments[policy].append(seen)

    simulate(block, observe)
    lives = []
    for policy, of_policy, seen in zip(world.policies, levers, moments, strict=True):
        # rows stand in the order of the labels, see simsme.world.reach
        reached = list(zip(sorted(lever.label for lever in policy.levers), (bool(_only(row.reaches)) for row in of_policy), strict=True))
        rolls = [_only(row.terms.rolled) > 0.0 for row in of_policy]
        rolling = tuple(label for (label, is_reached), lets_run_on in zip(reached, rolls, strict=True) if is_reached and lets_run_on)
        lives.append(Chronicle(policy.name, tuple(reached), rolling, tuple(seen)))
    return Chronicles(_plain(firm), _plain(rules), tuple(lives))


def _alone(record: Any, place: int) -> Any:
    """A record, or records in records, of the firm at a place, for a block of one draw; what holds for all firms stays as it is."""
    if isinstance(record, tuple):
        parts = (_alone(part, place) for part in record)
        return type(record)(*parts) if hasattr(record, "_fields") else tuple(parts)
    values = np.asarray(record)
    return record if values.size == 1 else values.reshape(-1)[place].reshape(1, 1)


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
