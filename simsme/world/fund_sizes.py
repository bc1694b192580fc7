"""The public funds of a policy made concrete: whom each serves, and what it can afford in each draw."""

from collections.abc import Sequence

import numpy as np

from simsme.arithmetic import Lanes
from simsme.engine import funds
from simsme.engine.public_funds import PublicFunds
from simsme.engine.terms import LeverRow, Terms
from simsme.engine.timing import YEAR
from simsme.firms import Firms
from simsme.levers.lever import FundTerms, Lever
from simsme.policy import Policy
from simsme.quantities import Uncertain
from simsme.streams import uniforms
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.reach import in_order, whom

KINDS = {"bridge": funds.BRIDGE, "guarantee": funds.GUARANTEE, "facility": funds.FACILITY}
QUEUES = {"random": funds.RANDOM, "first_come": funds.FIRST_COME, "smallest": funds.SMALLEST, "neediest": funds.NEEDIEST}


def levers_with_funds(policy: Policy) -> tuple[tuple[Lever, FundTerms], ...]:
    """The levers of a policy behind which there is a fund, in the order of the policy's rows, and what the fund can afford."""
    found = ((lever, lever.fund()) for lever in in_order(policy))
    return tuple((lever, fund) for lever, fund in found if fund is not None and fund.kind in KINDS)


def falls_due_in_a_year(firms: Firms) -> float:
    """All loans that fall due within the first year, weighted."""
    return float(np.sum(np.where(firms.loan_due_day <= YEAR, firms.weight * firms.loan, 0.0)))


def funds_of_policy(policy: Policy, rows: tuple[tuple[LeverRow, ...], ...], numbers: DrawnNumbers, firms: Firms) -> PublicFunds | None:
    """The funds of a policy for all firms; None where it has none.

    Parameters
    ----------
    policy, rows
        The policy, and its levers as the engine meets them, see :func:`simsme.world.reach.rows_by_lever`.
    numbers
        The scenario's numbers in the draws.
    firms
        All firms: they share the funds.
    """
    with_funds = levers_with_funds(policy)
    if not with_funds:
        return None
    draws = len(numbers.draws)
    kinds = 3 if any(fund.kind == "facility" for _, fund in with_funds) else 2
    members = np.full((draws, kinds, len(firms.key)), -1, dtype=np.int64)
    table = np.zeros((draws, len(with_funds), funds.NUMBERS))
    rows_of = dict(zip((lever.label for lever in in_order(policy)), rows, strict=True))
    for position, (lever, fund) in enumerate(with_funds):
        reached = np.broadcast_to(whom(rows_of[lever.label]), (draws, len(firms.key)))
        members[:, int(KINDS[fund.kind])][reached] = position
        for column, value in _afforded(lever, fund, rows_of[lever.label][0].terms, numbers, firms).items():
            table[:, position, column] = np.ravel(value)
    return PublicFunds(table, members)


def _afforded(lever: Lever, fund: FundTerms, terms: Terms, numbers: DrawnNumbers, firms: Firms) -> dict[int, Lanes]:
    def number(name: str, value: Uncertain) -> Lanes:
        return numbers.drawn(f"lever.{lever.label}.{name}", value)

    capital = number("capital", fund.capital)
    share = number("capital_share", fund.capital_share) * falls_due_in_a_year(firms)
    return {
        funds.KIND: np.asarray(KINDS[fund.kind]),
        funds.QUEUE: np.asarray(QUEUES[fund.queue]),
        funds.CAPITAL: np.where(np.isinf(capital), share, capital),
        funds.DAYS: terms.advance_days,
        funds.COVER: terms.cover,
        funds.LEVERAGE: number("leverage", fund.leverage),
        funds.CLAIM_LIMIT: number("claim_limit", fund.claim_limit),
        funds.CASES_PER_WEEK: number("cases_per_week", fund.cases_per_week),
    }


def fund_leverage(policies: Sequence[Policy], numbers: DrawnNumbers) -> Lanes:
    """What each fund may have out at once, in multiples of its capital, (fund, draw); 1 but for guarantees."""
    multiples = [
        numbers.drawn(f"lever.{lever.label}.leverage", fund.leverage if fund.kind == "guarantee" else 1.0)
        for policy in policies
        for lever, fund in levers_with_funds(policy)
    ]
    table = np.ones((len(multiples), len(numbers.draws)))
    for position, multiple in enumerate(multiples):
        table[position] = np.ravel(multiple)
    return table


def queue_luck(numbers: DrawnNumbers, firms: Firms) -> Lanes:
    """Place of every firm in a random queue, (draw, firm); the same under all policies."""
    return uniforms(numbers.seed, numbers.draws[:, None], firms.key, 0, "queue")
