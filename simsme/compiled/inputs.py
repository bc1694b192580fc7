"""What the kernel is given for some firms in some draws: their columns, and the numbers of draws, steps, levers and funds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.compiled.formulas import program
from simsme.compiled.lever_inputs import lever_inputs
from simsme.compiled.recording import leaves
from simsme.compiled.records import Inputs
from simsme.compiled.rows import COLUMNS, NUMBERS, OF_DRAW, OF_STEP, SHOCK_NUMBERS
from simsme.engine import funds
from simsme.engine.terms import NOTHING
from simsme.streams import normals
from simsme.world.constants import background_rate
from simsme.world.ground import Ground
from simsme.world.shock import closed_share_of_firms, depth_of_firms, gamma_noise, volatility_of_firms

Array = NDArray[Any]


def count_of_funds(ground: Ground) -> int:
    """Number of public funds of all policies."""
    return sum(0 if fund is None else fund.count for fund in ground.funds)


def inputs_of(ground: Ground) -> Inputs:
    """What the kernel is given for some firms in some draws."""
    (draws, firms), at, climate = ground.at.shape, ground.at, ground.climate
    given_noise, given_down, given_depth = _given(ground, draws, firms)
    funds_of, fund_numbers, fund_members = _funds(ground, draws, firms)
    with_funds = [fund is not None for fund in ground.funds]
    answers_of = np.where(with_funds, np.cumsum(with_funds) - 1, -1).astype(np.int64)
    return Inputs(
        seed=np.uint64(climate.seed & 0xFFFFFFFFFFFFFFFF),
        draw_numbers=np.array(climate.draws, dtype=np.uint64),
        keys=np.array(climate.keys, dtype=np.uint64),
        policies=np.array([ground.reference, *(p for p in range(len(ground.levers)) if p != ground.reference)], dtype=np.int64),
        columns=np.array([getattr(at.firms, name)[at.rows] for name in COLUMNS], dtype=np.float64),
        depth=_by_firm(depth_of_firms(at), firms),
        closed_share=_by_firm(closed_share_of_firms(at), firms),
        background_rate=_by_firm(background_rate(at.firms, at.rows, at.numbers), firms),
        of_draw=_of_draw(ground, draws),
        of_step=_of_step(ground, draws, given_depth.size > 0, given_noise.size > 0),
        ends=np.array([0.0, *(clock.b for clock in ground.steps)]),
        years=np.array([int(clock.a // 365.0) for clock in ground.steps], dtype=np.int64),
        reports=np.array(ground.reported, dtype=np.int64),
        **lever_inputs(ground.levers, with_funds, ground.reference, draws, firms)._asdict(),
        given_noise=given_noise,
        given_down=given_down,
        given_depth=given_depth,
        rows_of_year=np.array(program().rows_of_year, dtype=np.uint64),
        relieves=_relieves(ground),
        funds_of=funds_of,
        fund_numbers=fund_numbers,
        fund_members=fund_members,
        queue_luck=np.array(ground.queue_luck),
        answers_of=answers_of,
        answers=np.zeros((int(answers_of.max()) + 1, draws, len(ground.steps), firms), dtype=np.uint8),
    )


def _by_firm(values: Any, firms: int) -> Array:
    """Values that broadcast to (draw, firm), as (draw, firm), or as (1, firm) where they are the same in all draws."""
    values = np.asarray(values, dtype=np.float64)
    return np.array(np.broadcast_to(values, np.broadcast_shapes(values.shape, (1, firms))))


def _of_draw(ground: Ground, draws: int) -> Array:
    numbers = np.empty((draws, len(OF_DRAW)))
    named = {name: ground.at.numbers.number(name) for name in NUMBERS}
    named |= {f"shock.{table}.{name}": ground.at.number(table, name) for table, name in SHOCK_NUMBERS}
    given = (*leaves(ground.rules, "rules"), *leaves(ground.climate.pressure, "pressure"), *leaves(ground.valuation, "draw"))
    for label, value in (*given, *((f"number.{name}", number) for name, number in named.items())):
        numbers[:, OF_DRAW[label]] = np.ravel(value)
    return numbers


def _of_step(ground: Ground, draws: int, has_path: bool, has_noise: bool) -> Array:
    numbers, steps = np.empty((draws, len(ground.steps), len(OF_STEP))), ground.steps
    for number, (clock, span) in enumerate(zip(steps, ground.climate.spans, strict=True)):
        named: dict[str, float] = {"step.number": number, "step.never": len(steps), "step.season": span.season}
        named["step.next_b"] = steps[min(number + 1, len(steps) - 1)].b
        named |= {"step.has_path": has_path, "step.has_noise": has_noise}
        for label, value in (*leaves(clock, "clock"), *leaves(span.shape, "shape"), *leaves(span.outlook, "outlook"), *named.items()):
            numbers[:, number, OF_STEP[label]] = np.ravel(value)
    return numbers


def _given(ground: Ground, draws: int, firms: int) -> tuple[Array, Array, Array]:
    """What of the weather is not computed in the kernel; empty where there is no such thing."""
    climate = ground.climate
    noise, down, depth = np.empty((0, 0, 0)), np.empty((0, 0, 0)), np.empty((0, 0, 0))
    if climate.noise == "gamma":
        noise, volatility = np.empty((len(ground.steps), draws, firms)), volatility_of_firms(ground.at)
        for number, clock in enumerate(ground.steps):
            white = normals(climate.seed, climate.draws[:, None], climate.keys, number, "noise")
            noise[number] = gamma_noise(volatility, clock.h, white)
    if climate.down.ndim > 1:
        down = np.array(climate.down)
    falls = [
        (span.path_depth, span.path_outlook) for span in climate.spans if span.path_depth is not None and span.path_outlook is not None
    ]
    if falls:
        depth = np.array([[np.broadcast_to(fall, (firms,)) for fall in pair] for pair in falls])
    return noise, down, depth


def _relieves(ground: Ground) -> Array:
    """Policies under which the hazard of a recall is not that under the reference: one of the two changes the tightening of credit."""
    changes = [any(row.terms.tightening_relief is not NOTHING for row in levers) for levers in ground.levers]
    return np.array([change or changes[ground.reference] for change in changes], dtype=np.bool_)


def _funds(ground: Ground, draws: int, firms: int) -> tuple[Array, Array, Array]:
    """Funds of all policies one after another: where each policy's begin, their numbers, and who belongs to them."""
    counts = [0 if fund is None else fund.count for fund in ground.funds]
    numbers = np.zeros((draws, sum(counts), funds.NUMBERS))
    members = np.full((draws, len(ground.funds), 2, firms if any(counts) else 0), -1, dtype=np.int64)
    begins = np.cumsum([0, *counts]).astype(np.int64)
    for policy, fund in enumerate(ground.funds):
        if fund is not None:
            numbers[:, begins[policy] : begins[policy + 1]] = fund.numbers
            members[:, policy] = fund.members
    return begins, numbers, members
