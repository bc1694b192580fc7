"""What the estate of a firm brings: one share of book value for the population, set by the bank's loss given default."""

import numpy as np

from simsme.arithmetic import Lanes, where
from simsme.engine.leaving import wind_up
from simsme.engine.records import Rules
from simsme.firms import Firms
from simsme.scenario import Scenario
from simsme.world.constants import as_reported, books_of_draw, constants_of_draw
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.rules import rules_of_draw

HALVINGS = 40


def liquidation_share(scenario: Scenario, firms: Firms, numbers: DrawnNumbers) -> Lanes:
    """Share of book value of stock and fixed assets at which the bank's loss averages ``credit.lgd``.

    Over the opening balance sheets as reported, without cash, weighted by weight * loan; found by bisection, which ends at 0 or 1
    where no share gives that loss. Where no firm has a loan it is 1 - lgd.

    Returns
    -------
    ndarray
        (1, 1), or (draw, 1) where the loss given default or what receivables bring is uncertain.
    """
    lgd = np.reshape(numbers.number("credit.lgd"), (-1, 1))
    importance = firms.weight * firms.loan
    if not importance.any():
        return 1.0 - lgd
    every = slice(0, len(firms.key))
    accounts = as_reported(firms, every)
    rules = rules_of_draw(scenario, numbers, np.zeros(()))
    firm = constants_of_draw(firms, every, DrawnNumbers(numbers.tables, numbers.seed, numbers.draws[:1]), accounts)
    books = books_of_draw(firms, every, firm, accounts, 1)
    books = books._replace(cash=np.zeros_like(books.cash))

    def mean_loss(share: Lanes) -> Lanes:
        estate = wind_up(firm, Rules(**{**rules._asdict(), "liquidation_share": share}), books)
        lost = estate.lost_by_banks / where(estate.bank_claim > 0.0, estate.bank_claim, 1.0)
        mean: Lanes = np.sum(importance * lost, axis=-1, keepdims=True) / importance.sum()
        return mean

    low, high = np.zeros_like(lgd), np.ones_like(lgd)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        loses_too_much = mean_loss(middle) > lgd
        low, high = where(loses_too_much, middle, low), where(loses_too_much, high, middle)
    return 0.5 * (low + high)
