"""Blocks of firms for the compiled kernel, and what became of them: the lives of :func:`simsme.engine.simulate.simulate`, to the bit."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.compiled.formulas import program
from simsme.compiled.inputs import count_of_funds, inputs_of
from simsme.compiled.kernel import entry
from simsme.compiled.loops import stamp
from simsme.compiled.records import Inputs, Results, Space
from simsme.compiled.room import room_for
from simsme.compiled.rows import FLOWS, HOLDINGS, OF_DRAW, OF_LEVER, OWN, REACH, REQUESTS, STRIDE, VALUED
from simsme.engine import funds
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.public_funds import FIRMS, SERIES
from simsme.engine.simulate import Lives
from simsme.engine.sums import CHUNK
from simsme.world.ground import Ground

Array = NDArray[Any]

CHUNKS_AT_ONCE = 16
"""Chunks that one call of the kernel lets live, one after another; between calls a run can be stopped and tells how far it is."""


@cache
def kernel() -> Any:
    """The compiled function, loaded from disk, or compiled where this machine has not done so before."""
    return entry(stamp())


def simulate_compiled(ground: Ground, lived: Callable[[float], None] | None = None) -> Lives:
    """Step every policy through all steps on the same weather and luck.

    Parameters
    ----------
    ground
        What the firms stand on, see :meth:`simsme.world.World.ground`.
    lived
        Told, from time to time, which share of the work has been done since it was last told.
    """
    draws, firms = ground.at.shape
    results, inputs = _results(ground, draws, firms), inputs_of(ground)
    chunks = -(-firms // CHUNK)
    with_funds = [policy for policy, fund in enumerate(ground.funds) if fund is not None]
    if with_funds:
        prudent_risk = _prudent_risk(ground, inputs)
    for policy in with_funds:
        asking = [np.flatnonzero(may_ask(ground, inputs, policy, draw, prudent_risk[draw])) for draw in range(draws)]
        most = max(firms.size for firms in asking)
        room = _space(ground, 1, max(-(-most // CHUNK), 1), most, asking=True)
        for draw in range(draws):
            find_answers(ground, inputs, results, room, policy, draw, asking[draw])
            if lived is not None:
                lived(0.0)
    space = _space(ground, len(ground.levers), 1, firms, asking=False)
    for draw in range(draws):
        for begin in range(0, chunks, CHUNKS_AT_ONCE):
            end = min(begin + CHUNKS_AT_ONCE, chunks)
            kernel()(inputs, space, results, draw, begin, end)
            if lived is not None:
                lived((end - begin) / (draws * chunks))
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
        flows=_by_chunk(results.flows),
        closing=_by_chunk(results.closing),
        opening=results.opening,
        fund_series=results.fund_series,
        fund_firms=results.fund_firms,
        # a lever under review is nothing that this execution can do
        review_in_force=np.zeros((0, len(ground.steps) + 1, draws)),
        review_days=np.zeros((0, len(ground.steps) + 1, draws)),
        **named,
    )


def _by_chunk(sums: Array) -> Array:
    """Sums with chunks on the last axis, where :class:`simsme.engine.simulate.Lives` has them."""
    return np.ascontiguousarray(np.moveaxis(sums, -1, 2))


def _prudent_risk(ground: Ground, inputs: Inputs) -> Array:
    """The risk by which the bank decides, (draw, firm)."""
    draws, firms = ground.at.shape
    found = _results(ground, 1, 0)._replace(prudent_risk=np.empty((draws, firms)))
    space = _space(ground, 1, 1, firms, asking=False)
    for draw in range(draws):
        kernel()(inputs, space, found, draw, 0, -(-firms // CHUNK))
    return found.prudent_risk


def find_answers(ground: Ground, inputs: Inputs, results: Results, room: Space, policy: int, draw: int, asking: Array) -> None:
    """Let the firms that may ask the funds of a policy live together in a draw, and write down what they are answered.

    ``inputs.answers`` is brought up to date, and what ``results`` say of the funds. There has to be ``room`` for all of the firms.
    """
    one = slice(draw, draw + 1)
    few = inputs._replace(
        draw_numbers=inputs.draw_numbers[one],
        keys=inputs.keys[asking],
        policies=np.array([policy], dtype=np.int64),
        columns=_columns(inputs.columns, asking),
        depth=_columns(_draw_of(inputs.depth, draw), asking),
        closed_share=_columns(_draw_of(inputs.closed_share, draw), asking),
        background_rate=_columns(_draw_of(inputs.background_rate, draw), asking),
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
    found = _results(ground, 1, 0)._replace(answers=np.zeros((len(ground.steps), asking.size), dtype=np.uint8))
    kernel()(few, room, found, 0, 0, chunks)
    inputs.answers[inputs.answers_of[policy], draw][:, asking] = found.answers
    of_policy = slice(inputs.funds_of[policy], inputs.funds_of[policy + 1])
    results.fund_series[of_policy, :, :, draw] = found.fund_series[of_policy, :, :, 0]
    results.fund_firms[of_policy, :, :, draw] = found.fund_firms[of_policy, :, :, 0]


def may_ask(ground: Ground, inputs: Inputs, policy: int, draw: int, risk: Array) -> NDArray[np.bool_]:
    """Firms that may ever ask a fund of a policy for something in a draw; too many do no harm.

    A bridge fund is asked where a loan falls due before the last day: the one on day 0, or one that was taken since. A guarantee fund is
    asked by firms that the bank refuses without cover and would accept with it; where other levers change how the bank sees them, by any.
    """
    members = inputs.fund_members[draw, policy]

    def number(label: str) -> float:
        return float(inputs.of_draw[draw, OF_DRAW[label]])

    last, firms = ground.steps[-1].b, ground.at.firms
    loan_falls_due = (firms.loan > 0.0) & (firms.loan_due_day <= last)
    may = (members[0] >= 0) & (loan_falls_due | (number("rules.term_days") <= last))
    margin, lgd = number("rules.bank_margin"), number("rules.lgd")
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


def _draw_of(values: Array, draw: int) -> Array:
    """What firms have in a draw, (1, firm), of values that may be the same in all."""
    at = min(draw, values.shape[0] - 1)
    return values[at : at + 1]


def _columns(values: Array, firms: Array) -> Array:
    """The columns of some firms, in memory of their own."""
    return np.take(values, firms, axis=-1)


def _space(ground: Ground, policies: int, chunks: int, firms: int, asking: bool) -> Space:
    layout, steps = program().layout, len(ground.steps)
    levers = sum(len(levers) for levers in ground.levers)
    sharing = policies if asking else 0
    rows = room_for(
        {
            "common": (chunks, layout.size("common")),
            "gathered": (policies, layout.size("common")),
            "own": (chunks, policies, 2, layout.size("own")),
            "books": (1, policies, 2, layout.size("books")),  # nobody reads them where answers are looked for
            "marks": (chunks, policies, layout.size("marks")),
            "work": (2, layout.size("work")),
            "history": (chunks, policies, steps + 1, CHUNK),
            "reach": (chunks, max(1, levers), len(REACH) * STRIDE),
            "gathered_reach": (max(1, levers), len(REACH) * STRIDE),
            "lane_numbers": (policies, STRIDE),
            "hazards": (policies, STRIDE),
            "terms": (layout.size("terms"),),
            "terms_asleep": (layout.size("terms"),),
            "line": (STRIDE,),
        }
    )
    for label, constant in program().constant.items():
        rows["own"][:, :, :, OWN[label] * STRIDE : (OWN[label] + 1) * STRIDE] = constant
    candidates = np.zeros(CHUNK, dtype=np.bool_)
    return Space(
        **rows,
        lanes=np.zeros((policies, CHUNK), dtype=np.int64),
        columns=np.zeros((policies, CHUNK), dtype=np.int64),
        since=np.zeros((policies, CHUNK), dtype=np.int64),
        tries=np.zeros((policies, CHUNK), dtype=np.int64),
        awake=np.zeros(policies, dtype=np.int64),
        fresh=np.full(policies, CHUNK, dtype=np.int64),
        chosen=np.zeros((3, CHUNK), dtype=np.uint64),
        few=np.zeros(3, dtype=np.int64),
        happened=np.zeros(CHUNK, dtype=np.uint16),
        candidates=candidates,
        candidate_groups=candidates.view(np.uint64),
        concerned=np.zeros((sharing, firms), dtype=np.int64),
        counts=np.zeros((sharing, chunks + 1), dtype=np.int64),
        queue=np.zeros((sharing, 2, firms)),
        members=np.zeros((sharing, 2, firms), dtype=np.int64),
        requests=np.zeros((sharing, len(REQUESTS), firms)),
        holdings=np.zeros((sharing, len(HOLDINGS), firms)),
        flows=np.zeros((sharing, len(FLOWS), firms)),
        asked=np.zeros((sharing, 2, firms), dtype=np.bool_),
        served=np.zeros((sharing, 2, firms), dtype=np.bool_),
        fund_books=np.zeros((count_of_funds(ground), funds.BOOKS)),
    )


def _results(ground: Ground, draws: int, firms: int) -> Results:
    policies, steps, reports, chunks = len(ground.levers), len(ground.steps), len(ground.reported), -(-firms // CHUNK)
    return Results(
        steps=np.empty((3, policies, draws, firms), dtype=np.int16),
        cause=np.empty((policies, draws, firms), dtype=np.int8),
        trough=np.empty((policies, draws, firms)),
        support=np.empty((policies, reports, draws, firms)),
        flags=np.empty((3, policies, reports, draws, firms), dtype=np.bool_),
        trading=np.empty((policies, steps, draws, chunks)),
        flows=np.empty((policies, reports, draws, chunks, len(ITEMS))),
        closing=np.empty((policies, reports, draws, chunks, len(BALANCES))),
        opening=np.empty((len(BALANCES), draws, chunks)),
        valued=np.empty((len(VALUED), policies, reports, draws, chunks)),
        fund_series=np.zeros((count_of_funds(ground), len(SERIES), steps + 1, draws)),
        fund_firms=np.zeros((count_of_funds(ground), len(FIRMS), reports, draws)),
        answers=np.zeros((0, 0), dtype=np.uint8),
        prudent_risk=np.empty((0, 0)),
    )
