"""What happened to one firm in one draw, step by step, as plain numbers: the material of its story.

Firms do not see each other, so one firm is run alone; what depends on the population (what estates bring) still comes from all firms.
Where firms act on each other, through a public fund, say, all of them are run and one is watched.
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
from simsme.engine.terms import Terms
from simsme.engine.timing import YEAR
from simsme.story.levers_at_work import LaterPart, OffersOfStep, later_parts, offerings, offers_in_step
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.reach import in_order, rows_by_lever

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
    met
        What of it was left by the policy's levers.
    terms
        Terms on its last day.
    offers, stopped
        Labels of the levers that offer them, and of those that would but for their reviews.
    luck
        The firm's luck.
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
    met: Weather
    terms: Terms
    offers: OffersOfStep
    stopped: OffersOfStep
    luck: Luck
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
    later
        Parts of those that reach it that begin later than the lever.
    moments
        Its steps up to the one in which it left, or all.
    """

    policy: str
    levers: tuple[tuple[str, bool], ...]
    later: tuple[LaterPart, ...]
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
    rows, place = (slice(0, len(world.firms.key)), row) if world.firms_meet else (slice(row, row + 1), 0)
    draws = np.array([draw], dtype=np.uint64)
    block = world.block(draws, rows)
    firm, rules = _alone(block.firm, place), _alone(block.rules, place)
    numbers = DrawnNumbers(world.scenario, world.scenario.seed, draws)
    levers = [in_order(policy) for policy in world.policies]
    by_lever = [[_alone(found, place) for found in rows_by_lever(policy, numbers, world.firms, rows)] for policy in world.policies]
    offered = [offerings(of_policy, found) for of_policy, found in zip(levers, by_lever, strict=True)]
    moments: list[list[Moment]] = [[] for _ in world.policies]

    @cache
    def luck_of(year: int) -> Luck:
        alone: Luck = _alone(block.luck(year), place)
        return alone

    def observe(policy: int, clock: Clock, weather: Weather, before: State, stepped: Stepped) -> None:
        weather, before, after = _alone(weather, place), _alone(before, place), _alone(stepped.state, place)
        events, step_terms = _alone(stepped.events, place), _alone(stepped.step_terms, place)
        if not _only(before.alive):
            return
        luck = luck_of(int(clock.a // YEAR))
        requests, estate = ask(clock, firm, rules, luck, weather, step_terms, before), None
        if _only(events.cause):
            # the books of a firm that leaves are empty at once; taken again, the step shows what it left behind
            after = step(clock, firm, rules, luck, weather, step_terms, events.answers, before, _alone(stepped.hit, place)).state
            estate = _plain(wind_up(firm, rules, after))
        statuses = [_alone(row.status, 0) for row in stepped.levers] if any(row.status for row in stepped.levers) else []
        offers, stopped = offers_in_step(offered[policy], clock, firm, before, statuses)
        seen = Moment(
            clock=clock,
            weather=_plain(weather),
            met=_plain(_alone(stepped.conditions.weather, place)),
            terms=_plain(step_terms.now),
            offers=offers,
            stopped=stopped,
            luck=_plain(luck),
            before=_plain(before),
            after=_plain(after),
            booked={item: _only(_alone(amount, place)) for item, amount in stepped.bookings.items()},
            events=_plain(events),
            estate=estate,
            requests=_plain(requests),
        )
        moments[policy].append(seen)

    simulate(block, observe)
    lives = []
    for policy, of_policy, found, seen in zip(world.policies, levers, by_lever, moments, strict=True):
        reached = ((lever.label, any(_only(row.reaches) for row in of_lever)) for lever, of_lever in zip(of_policy, found, strict=True))
        lives.append(Chronicle(policy.name, tuple(reached), tuple(later_parts(of_policy, found)), tuple(seen)))
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
