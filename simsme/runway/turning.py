"""A block of one firm in many draws turned into one draw of many firms: nothing in a step looks across lanes, so that bits stay the same.

It takes a third of the time: sums over firms and public funds go through the draws one by one, and there is then one of them. A fund that
has money and time for everybody does not tie lanes together; other funds would, and are refused.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from simsme.engine.funds import CAPITAL, CASES_PER_WEEK
from simsme.engine.public_funds import PublicFunds
from simsme.engine.simulate import Block
from simsme.firm_columns import MOST_MONEY


def turned(block: Block, draws: int) -> Block:
    """Turn a block of one firm in `draws` draws.

    Raises
    ------
    ValueError
        Where there is more than one firm, or something that ties draws together when they are turned into firms.
    """
    if block.opening.cash.shape != (draws, 1):
        raise ValueError("only a block of one firm can be turned")
    if block.contagion_share is not None or any(block.reviews):
        raise ValueError("reviews and contagion look across firms")
    return replace(
        block,
        firm=_turned(block.firm),
        rules=_turned(block.rules),
        luck=lambda year: _turned(block.luck(year)),
        weather=lambda number: _turned(block.weather(number)),
        levers=_turned(block.levers),
        funds=tuple(None if fund is None else _turned_funds(fund, draws) for fund in block.funds),
        queue_luck=np.zeros((1, draws)),
        opening=_turned(block.opening),
        weight=np.ones(draws),
        employees=np.repeat(block.employees, draws),
        default_risk=np.repeat(block.default_risk, draws),
        valuation=_turned(block.valuation),
    )


def can_be_turned(block: Block) -> bool:
    """Whether funds, where there are any, serve everybody in every draw alike, and nothing else ties firms together."""
    served = all(
        fund is None
        or bool((fund.numbers == fund.numbers[:1]).all())
        and bool((fund.numbers[..., CAPITAL] >= MOST_MONEY).all())
        and bool(np.isinf(fund.numbers[..., CASES_PER_WEEK]).all())
        for fund in block.funds
    )
    return served and block.contagion_share is None and not any(block.reviews)


def _turned_funds(fund: PublicFunds, draws: int) -> PublicFunds:
    return PublicFunds(fund.numbers[:1], np.ascontiguousarray(fund.members.reshape(draws, -1).T[None]))


def _turned(record: Any) -> Any:
    """The record with (draw, 1) as (1, draw); what holds for all draws stays the very same object."""
    if isinstance(record, tuple):
        parts = [_turned(part) for part in record]
        return type(record)(*parts) if hasattr(record, "_fields") else tuple(parts)
    if isinstance(record, np.ndarray) and record.ndim == 2 and record.shape[0] > 1:
        return np.ascontiguousarray(record.T)
    return record
