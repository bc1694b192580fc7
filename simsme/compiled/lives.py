"""Blocks of firms for the compiled kernel, and what became of them: the lives of :func:`simsme.engine.simulate.simulate`, to the bit."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.compiled.formulas import program
from simsme.compiled.kernel import entry
from simsme.compiled.lever_inputs import lever_inputs
from simsme.compiled.loops import stamp
from simsme.compiled.recording import leaves
from simsme.compiled.records import Inputs, Results, Space
from simsme.compiled.rows import FLOWS, HOLDINGS, LUCK, OF_A_FIRM, OF_DRAW, OF_LEVER, OF_STEP, OWN, REACH, REQUESTS, STATE, STRIDE, VALUED
from simsme.engine import funds
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.opening import balances
from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.simulate import Block, Lives
from simsme.engine.sums import CHUNK, chunk_sums
from simsme.engine.terms import NOTHING
from simsme.streams import normals_pair
from simsme.world.shock import Sky, gamma_noise

Array = NDArray[Any]

CHUNKS_AT_ONCE = 16
"""Chunks that one call of the kernel lets live, one after another; between calls a run can be stopped and tells how far it is."""


@cache
def kernel() -> Any:
    """The compiled function, loaded from disk, or compiled where this machine has not done so before."""
    return entry(stamp())


def simulate_compiled(block: Block, sky: Sky, lived: Callable[[float], None] | None = None) -> Lives:
    """Step every policy through all steps on the same weather and luck.

    Parameters
    ----------
    block, sky
        The firms and what their weather is made of, see :meth:`simsme.world.World.block_and_sky`.
    lived
        Told, from time to time, which share of the work has been done since it was last told.
    """
    draws, firms = block.opening.cash.shape
    results, inputs = _results(block, draws, firms), _inputs(block, sky, draws, firms)
    chunks = -(-firms // CHUNK)
    for policy in (policy for policy, fund in enumerate(block.funds) if fund is not None):
        for draw in range(draws):
            find_answers(block, inputs, results, policy, draw)
            if lived is not None:
                lived(0.0)
    space = _space(block, len(block.levers), 1, firms, asking=False)
    for draw in range(draws):
        for begin in range(0, chunks, CHUNKS_AT_ONCE):
            end = min(begin + CHUNKS_AT_ONCE, chunks)
            kernel()(inputs, space, results, draw, begin, end)
            if lived is not None:
                lived((end - begin) / (draws * chunks))
    opening = np.stack([chunk_sums(value, block.weight, (draws, firms)) for value in balances(block.firm, block.opening).values()])
    named = {name: results.valued[position] for position, name in enumerate(VALUED)}
    return Lives(
        cash_out_step=results.steps[0],
        exit_step=results.steps[1],
        reached_step=results.steps[2],
        cause=results.cause,
        trough=results.trough,
        support=results.support,
        trades=results.flags[0],
        insolvent=results.flags[1],
        unsound=results.flags[2],
        trading=results.trading,
        flows=results.flows,
        closing=results.closing,
        opening=opening,
        fund_series=results.fund_series,
        fund_firms=results.fund_firms,
        # a lever under review is nothing that this execution can do
        review_in_force=np.zeros((0, len(block.steps) + 1, draws)),
        review_days=np.zeros((0, len(block.steps) + 1, draws)),
        **named,
    )


def find_answers(block: Block, inputs: Inputs, results: Results, policy: int, draw: int) -> None:
    """Let the firms that may ask the funds of a policy live together in a draw, and write down what they are answered.

    ``inputs.answers`` is brought up to date, and what ``results`` say of the funds.
    """
    asking = np.flatnonzero(may_ask(block, inputs, policy, draw))
    one = slice(draw, draw + 1)
    few = inputs._replace(
        draw_numbers=inputs.draw_numbers[one],
        keys=inputs.keys[asking],
        policies=np.array([policy], dtype=np.int64),
        lanes=_columns(inputs.lanes[one], asking),
        lucks=_columns(inputs.lucks[:, one], asking),
        opening=_columns(inputs.opening[one], asking),
        of_draw=inputs.of_draw[one],
        of_step=inputs.of_step[one],
        of_lever=np.ascontiguousarray(inputs.of_lever[:, one]),
        reach=_columns(inputs.reach[:, one], asking),
        informed=_columns(inputs.informed[:, one], asking),
        now_offered=np.ascontiguousarray(inputs.now_offered[:, one]),
        given_noise=_columns(inputs.given_noise[:, one], asking) if inputs.given_noise.size else inputs.given_noise,
        given_down=_columns(inputs.given_down[:, one], asking) if inputs.given_down.size else inputs.given_down,
        given_depth=_columns(inputs.given_depth, asking) if inputs.given_depth.size else inputs.given_depth,
        fund_numbers=inputs.fund_numbers[one],
        fund_members=_columns(inputs.fund_members[one], asking),
        queue_luck=_columns(inputs.queue_luck[one], asking),
    )
    chunks = -(-asking.size // CHUNK)
    space = _space(block, 1, max(chunks, 1), asking.size, asking=True)
    found = _results(block, 1, 0)._replace(answers=np.zeros((len(block.steps), asking.size), dtype=np.uint8))
    kernel()(few, space, found, 0, 0, chunks)
    inputs.answers[inputs.answers_of[policy], draw][:, asking] = found.answers
    of_policy = slice(inputs.funds_of[policy], inputs.funds_of[policy + 1])
    results.fund_series[of_policy, :, :, draw] = found.fund_series[of_policy, :, :, 0]
    results.fund_firms[of_policy, :, :, draw] = found.fund_firms[of_policy, :, :, 0]


def may_ask(block: Block, inputs: Inputs, policy: int, draw: int) -> NDArray[np.bool_]:
    """Firms that may ever ask a fund of a policy for something in a draw; too many do no harm.

    A bridge fund is asked where a loan falls due before the last day: the one on day 0, or one that was taken since. A guarantee fund is
    asked by firms that the bank refuses without cover and would accept with it; where other levers change how the bank sees them, by any.
    """
    members = inputs.fund_members[draw, policy]

    def number(label: str) -> float:
        return float(inputs.of_draw[draw, OF_DRAW[label]])

    last = block.steps[-1].b
    loan_falls_due = inputs.opening[draw, OWN["state.term_loan.due_day"]] <= last
    may = (members[0] >= 0) & (loan_falls_due | (number("rules.term_days") <= last))
    risk, margin, lgd = inputs.lanes[draw, OF_A_FIRM.index("firm.prudent_risk")], number("rules.bank_margin"), number("rules.lgd")
    refused = risk * (margin + lgd) > margin
    seen_otherwise = [OF_LEVER["lever.terms.risk_discount"], OF_LEVER["lever.terms.compensation"]]
    for lever in _levers_of(inputs, policy):
        if inputs.informed_of[lever] >= 0 or inputs.of_lever[lever, draw, seen_otherwise].any():
            return may | (members[1] >= 0)
    covers = [float(inputs.of_lever[lever, draw, OF_LEVER["lever.terms.cover"]]) for lever in _levers_of(inputs, policy)]
    accepted = risk * (margin + (1.0 - max(covers, default=0.0)) * lgd) <= margin * (1.0 + 1e-9)
    return may | ((members[1] >= 0) & refused & accepted)


def _levers_of(inputs: Inputs, policy: int) -> range:
    return range(inputs.levers_of[policy], inputs.levers_of[policy + 1])


def _columns(values: Array, firms: Array) -> Array:
    """The columns of some firms, in memory of their own."""
    return np.take(values, firms, axis=-1)


def _aligned(*shape: int) -> Array:
    """Zeros that begin on a line of the cache."""
    numbers = int(np.prod(shape))
    raw = np.zeros(numbers + 8)
    start = (-raw.ctypes.data % 64) // 8
    return raw[start : start + numbers].reshape(shape)


def _space(block: Block, policies: int, chunks: int, firms: int, asking: bool) -> Space:
    layout, steps = program().layout, len(block.steps)
    levers = sum(len(levers) for levers in block.levers)
    sharing = policies if asking else 0
    own = _aligned(chunks, policies, 2, layout.size("own"))
    for label, constant in program().constant.items():
        own[:, :, :, OWN[label] * STRIDE : (OWN[label] + 1) * STRIDE] = constant
    return Space(
        common=_aligned(chunks, layout.size("common")),
        gathered=_aligned(policies, layout.size("common")),
        own=own,
        books=_aligned(1, policies, 2, layout.size("books")),  # nobody reads them where answers are looked for
        marks=_aligned(chunks, policies, layout.size("marks")),
        work=_aligned(2, layout.size("work")),
        history=_aligned(chunks, policies, steps + 1, CHUNK),
        reach=_aligned(chunks, max(1, levers), len(REACH) * STRIDE),
        gathered_reach=_aligned(max(1, levers), len(REACH) * STRIDE),
        lanes=np.zeros((policies, CHUNK), dtype=np.int64),
        columns=np.zeros((policies, CHUNK), dtype=np.int64),
        since=np.zeros((policies, CHUNK), dtype=np.int64),
        tries=np.zeros((policies, CHUNK), dtype=np.int64),
        awake=np.zeros(policies, dtype=np.int64),
        fresh=np.full(policies, CHUNK, dtype=np.int64),
        lane_numbers=_aligned(policies, STRIDE),
        hazards=_aligned(policies, STRIDE),
        terms_asleep=_aligned(layout.size("terms")),
        line=_aligned(STRIDE),
        step_then=np.zeros((chunks, CHUNK), dtype=np.int64),
        terms=_aligned(layout.size("terms")),
        chosen=np.zeros((3, CHUNK), dtype=np.uint64),
        few=np.zeros(3, dtype=np.int64),
        concerned=np.zeros((sharing, firms), dtype=np.int64),
        counts=np.zeros((sharing, chunks + 1), dtype=np.int64),
        queue=np.zeros((sharing, 2, firms)),
        members=np.zeros((sharing, 2, firms), dtype=np.int64),
        requests=np.zeros((sharing, len(REQUESTS), firms)),
        holdings=np.zeros((sharing, len(HOLDINGS), firms)),
        flows=np.zeros((sharing, len(FLOWS), firms)),
        asked=np.zeros((sharing, 2, firms), dtype=np.bool_),
        served=np.zeros((sharing, 2, firms), dtype=np.bool_),
        fund_books=np.zeros((_count(block), funds.BOOKS)),
    )


def _results(block: Block, draws: int, firms: int) -> Results:
    policies, steps, reports, chunks = len(block.levers), len(block.steps), len(block.reported), -(-firms // CHUNK)
    return Results(
        steps=np.empty((3, policies, draws, firms), dtype=np.int16),
        cause=np.empty((policies, draws, firms), dtype=np.int8),
        trough=np.empty((policies, draws, firms)),
        support=np.empty((policies, reports, draws, firms)),
        flags=np.empty((3, policies, reports, draws, firms), dtype=np.bool_),
        trading=np.empty((policies, steps, draws, chunks)),
        flows=np.empty((policies, reports, len(ITEMS), draws, chunks)),
        closing=np.empty((policies, reports, len(BALANCES), draws, chunks)),
        valued=np.empty((len(VALUED), policies, reports, draws, chunks)),
        fund_series=np.zeros((_count(block), len(SERIES), steps + 1, draws)),
        fund_firms=np.zeros((_count(block), len(FIRMS), reports, draws)),
        answers=np.zeros((0, 0), dtype=np.uint8),
    )


def _count(block: Block) -> int:
    """Number of public funds of all policies."""
    return sum(0 if fund is None else fund.count for fund in block.funds)


def _inputs(block: Block, sky: Sky, draws: int, firms: int) -> Inputs:
    lanes, lucks = _lanes(block, sky, draws, firms)
    opening = np.empty((draws, len(STATE), firms))
    for label, value in leaves(block.opening, "state"):
        opening[:, OWN[label]] = value
    given_noise, given_down, given_depth = _given(block, sky, draws, firms)
    funds_of, fund_numbers, fund_members = _funds(block, draws, firms)
    with_funds = [fund is not None for fund in block.funds]
    answers_of = np.where(with_funds, np.cumsum(with_funds) - 1, -1).astype(np.int64)
    return Inputs(
        seed=np.uint64(sky.seed & 0xFFFFFFFFFFFFFFFF),
        draw_numbers=np.array(sky.draws, dtype=np.uint64),
        keys=np.array(sky.keys, dtype=np.uint64),
        policies=np.array([block.reference, *(p for p in range(len(block.levers)) if p != block.reference)], dtype=np.int64),
        lanes=lanes,
        lucks=lucks,
        opening=opening,
        of_draw=_of_draw(block, sky, draws),
        of_step=_of_step(block, sky, draws, given_depth.size > 0, given_noise.size > 0),
        ends=np.array([0.0, *(clock.b for clock in block.steps)]),
        years=np.array([int(clock.a // 365.0) for clock in block.steps], dtype=np.int64),
        reports=np.array(block.reported, dtype=np.int64),
        **lever_inputs(block.levers, with_funds, draws, firms)._asdict(),
        given_noise=given_noise,
        given_down=given_down,
        given_depth=given_depth,
        rows_of_year=np.array(program().rows_of_year, dtype=np.int64),
        relieves=_relieves(block),
        funds_of=funds_of,
        fund_numbers=fund_numbers,
        fund_members=fund_members,
        queue_luck=np.array(block.queue_luck),
        answers_of=answers_of,
        answers=np.zeros((int(answers_of.max()) + 1, draws, len(block.steps), firms), dtype=np.uint8),
    )


def _lanes(block: Block, sky: Sky, draws: int, firms: int) -> tuple[Array, Array]:
    """What is a firm's own: (draw, row, firm), and its luck by year: (year, draw, row, firm)."""
    lanes = np.empty((draws, len(OF_A_FIRM), firms))
    rows = {label: row for row, label in enumerate(OF_A_FIRM)}
    plain = {"weight": block.weight, "employees": block.employees, "default_risk": block.default_risk, "volatility": sky.volatility}
    for label, value in (*plain.items(), *leaves(block.firm, "firm"), *leaves(sky.exposure, "exposure")):
        lanes[:, rows[label]] = value
    years = int(block.steps[-1].a // 365.0) + 1
    lucks = np.empty((years, draws, len(LUCK), firms))
    for year in range(years):
        for row, (_, value) in enumerate(leaves(block.luck(year), "luck")):
            lucks[year, :, row] = value
    return lanes, lucks


def _of_draw(block: Block, sky: Sky, draws: int) -> Array:
    numbers = np.empty((draws, len(OF_DRAW)))
    for label, value in (*leaves(block.rules, "rules"), *leaves(sky.pressure, "pressure"), *leaves(block.valuation, "draw")):
        numbers[:, OF_DRAW[label]] = np.broadcast_to(value, (draws, 1))[:, 0]
    return numbers


def _of_step(block: Block, sky: Sky, draws: int, has_path: bool, has_noise: bool) -> Array:
    numbers = np.empty((draws, len(block.steps), len(OF_STEP)))
    for number, (clock, span) in enumerate(zip(block.steps, sky.spans, strict=True)):
        named: dict[str, float] = {"step.number": number, "step.never": len(block.steps), "step.season": span.season}
        named["step.next_b"] = block.steps[min(number + 1, len(block.steps) - 1)].b
        named |= {"step.has_path": has_path, "step.has_noise": has_noise}
        for label, value in (*leaves(clock, "clock"), *leaves(span.shape, "shape"), *leaves(span.outlook, "outlook"), *named.items()):
            numbers[:, number, OF_STEP[label]] = np.broadcast_to(value, (draws, 1))[:, 0]
    return numbers


def _given(block: Block, sky: Sky, draws: int, firms: int) -> tuple[Array, Array, Array]:
    """What of the weather is not computed in the kernel; empty where there is no such thing."""
    noise, down, depth = np.empty((0, 0, 0)), np.empty((0, 0, 0)), np.empty((0, 0, 0))
    if sky.noise == "gamma":
        noise = np.empty((len(block.steps), draws, firms))
        for number, clock in enumerate(block.steps):
            white, _ = normals_pair(sky.seed, sky.draws[:, None], sky.keys, number, "noise")
            noise[number] = gamma_noise(sky.volatility, clock.h, white)
    if sky.down.ndim > 1:
        down = np.array(sky.down)
    falls = [(span.path_depth, span.path_outlook) for span in sky.spans if span.path_depth is not None and span.path_outlook is not None]
    if falls:
        depth = np.array([[np.broadcast_to(fall, (firms,)) for fall in pair] for pair in falls])
    return noise, down, depth


def _relieves(block: Block) -> Array:
    """Policies under which the hazard of a recall is not that under the reference: one of the two changes the tightening of credit."""
    changes = [any(row.terms.tightening_relief is not NOTHING for row in levers) for levers in block.levers]
    return np.array([change or changes[block.reference] for change in changes], dtype=np.bool_)


def _funds(block: Block, draws: int, firms: int) -> tuple[Array, Array, Array]:
    """Funds of all policies one after another: where each policy's begin, their numbers, and who belongs to them."""
    counts = [0 if fund is None else fund.count for fund in block.funds]
    numbers = np.zeros((draws, sum(counts), funds.NUMBERS))
    members = np.full((draws, len(block.funds), 2, firms if any(counts) else 0), -1, dtype=np.int64)
    begins = np.cumsum([0, *counts]).astype(np.int64)
    for policy, fund in enumerate(block.funds):
        if fund is not None:
            numbers[:, begins[policy] : begins[policy + 1]] = fund.numbers
            members[:, policy] = fund.members
    return begins, numbers, members
