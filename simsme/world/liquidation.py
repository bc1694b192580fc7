"""What the estate of a firm brings: one share of book value for the population, set by the bank's loss given default."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes, where
from simsme.engine.credit import bank_claims
from simsme.engine.leaving import wind_up
from simsme.engine.opening import opening_books
from simsme.engine.records import Firm, Rules, State
from simsme.firms import Firms
from simsme.pairwise import PairwiseSum
from simsme.scenario import Scenario
from simsme.world.constants import as_reported, books_of_draw, constants_of_draw
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.rules import rules_of_draw

HALVINGS = 40

FIRMS_AT_ONCE = 16_384
"""Firms whose estates are wound up together: so many that arrays stay in the cache; no bit depends on it."""


class Estate(NamedTuple):
    """What the estates of firms with a bank loan hang on, (firm,) each: the claims of others and what there is, without cash."""

    importance: Lanes
    receivables: Lanes
    stock: Lanes
    fixed_assets: Lanes
    bank_claim: Lanes
    people: Lanes
    tax: Lanes
    payables: Lanes
    rent: Lanes


@dataclass(frozen=True)
class Estates:
    """The estates of some firms that stand next to each other: 76 bytes for each of them that has a bank loan.

    Attributes
    ----------
    count
        How many firms they are, those without a loan included.
    rows
        Which of them have a loan, (m,).
    estate
        What their estates hang on, (m,) each.
    """

    count: int
    rows: NDArray[np.int32]
    estate: Estate


def estates_of(scenario: Scenario, firms: Firms) -> Iterator[Estates]:
    """Return the opening balance sheets of firms as reported, as far as their estates hang on them, some firms at a time."""
    numbers = DrawnNumbers(scenario, scenario.seed, np.zeros(1, dtype=np.uint64))
    for first in range(0, len(firms.key), FIRMS_AT_ONCE):
        rows = slice(first, min(first + FIRMS_AT_ONCE, len(firms.key)))
        accounts = as_reported(firms, rows)
        books = books_of_draw(firms, rows, constants_of_draw(firms, rows, numbers, accounts), accounts, 1)
        importance = firms.weight[rows] * firms.loan[rows]
        with_loan = np.flatnonzero(importance)
        whole = Estate(
            importance=importance,
            receivables=books.receivables[0],
            stock=books.stock_cost[0],
            fixed_assets=firms.fixed_assets[rows],
            bank_claim=bank_claims(books)[0],
            people=books.people_accrued[0],
            tax=books.tax_accrued[0],
            payables=books.payables[0],
            rent=books.rent_accrued[0],
        )
        yield Estates(len(importance), with_loan.astype(np.int32), Estate(*(column[with_loan] for column in whole)))


def liquidation_share(scenario: Scenario, parts: Iterable[Estates], numbers: DrawnNumbers) -> Lanes:
    """Share of book value of stock and fixed assets at which the bank's loss averages ``credit.lgd``.

    Over the opening balance sheets as reported, without cash, weighted by weight * loan; found by bisection, which ends at 0 or 1
    where no share gives that loss. Where no firm has a loan it is 1 - lgd.

    Parameters
    ----------
    scenario
        The scenario.
    parts
        The estates of all firms, in their order, see :func:`estates_of`.
    numbers
        The scenario's numbers in the draws.

    Returns
    -------
    ndarray
        (1, 1), or (draw, 1) where the loss given default or what receivables bring is uncertain.
    """
    parts = list(parts)
    lgd = np.reshape(numbers.number("credit.lgd"), (-1, 1))
    if not any(part.rows.size for part in parts):
        return 1.0 - lgd
    rules = rules_of_draw(scenario, numbers, np.zeros(()))
    nothing: Any = np.float64(0.0)
    no_firm = Firm(*(nothing for _ in Firm._fields))
    no_books = opening_books(no_firm, nothing, nothing, nothing, nothing, nothing)

    def summed(values: Iterable[tuple[Estates, Lanes]]) -> Lanes:
        """Sum over all firms, those without a loan being 0, as numpy adds a row of all of them."""
        total = PairwiseSum(sum(part.count for part in parts), FIRMS_AT_ONCE)
        for part, of_loans in values:
            everybody = np.zeros((*of_loans.shape[:-1], part.count))
            everybody[..., part.rows] = of_loans
            total.add(everybody)
        return total.total[..., None]

    def lost(part: Estates, share: Lanes) -> Lanes:
        estate, books = part.estate, _books(no_books, part.estate)
        found = wind_up(no_firm._replace(fixed_assets=estate.fixed_assets), Rules(**{**rules._asdict(), "liquidation_share": share}), books)
        return np.asarray(estate.importance * (found.lost_by_banks / where(found.bank_claim > 0.0, found.bank_claim, 1.0)))

    everything = summed((part, part.estate.importance) for part in parts)

    def mean_loss(share: Lanes) -> Lanes:
        mean: Lanes = summed((part, lost(part, share)) for part in parts) / everything
        return mean

    low, high = np.zeros_like(lgd), np.ones_like(lgd)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        loses_too_much = mean_loss(middle) > lgd
        low, high = where(loses_too_much, middle, low), where(loses_too_much, high, middle)
    return 0.5 * (low + high)


def _books(no_books: State, estate: Estate) -> State:
    """Books from which a firm is wound up; the interest that a bank is owed stands with its loan."""
    return no_books._replace(
        receivables=estate.receivables,
        stock_cost=estate.stock,
        payables=estate.payables,
        people_accrued=estate.people,
        tax_accrued=estate.tax,
        rent_accrued=estate.rent,
        term_loan=no_books.term_loan._replace(principal=estate.bank_claim),
    )
