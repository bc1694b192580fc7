"""The Shapley value: what each player brings to a coalition, averaged over all orders in which the players may come.

A game gives every coalition a value. A coalition is a whole number: bit i is set where player i belongs to it. Values may have any
further axes (measures, draws), over which everything here is elementwise, so that a contribution is a linear combination of values of
the same draw. Arrays in, arrays out; what a player or a value is, is not known here.

References
----------
Shapley, L. S. (1953), A value for n-person games, Contributions to the Theory of Games II, 307-317.
Castro, J., Gomez, D., Tejada, J. (2009), Polynomial calculation of the Shapley value based on sampling, Computers & Operations Research
36, 1726-1730. Antithetic orders: Mitchell, R., Cooper, J., Frank, E., Holmes, G. (2022), Sampling permutations for Shapley value
estimation, Journal of Machine Learning Research 23(43), 1-46.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

Orders = NDArray[np.intp]
"""Orders in which players come, (orders, players): each row holds every player once."""


@dataclass(frozen=True)
class Contributions:
    """What players bring, averaged over orders.

    Attributes
    ----------
    mean : ndarray, (n, ..., D)
        The Shapley value of each player, or its estimate from some orders.
    pair_means : ndarray, (pairs, n, ...) or None
        Mean over the last axis (draws) by pair of an order and its reverse; None where all orders are in `mean`.
    """

    mean: NDArray[np.float64]
    pair_means: NDArray[np.float64] | None = None


def everybody(players: int) -> int:
    """The coalition of all players."""
    return (1 << players) - 1


def all_coalitions(players: int) -> tuple[int, ...]:
    """All coalitions, the empty one first, in the order of their numbers."""
    return tuple(range(1 << players))


def coalitions_of_orders(orders: Orders) -> tuple[int, ...]:
    """Every coalition that needs a value, each once, in the order of their numbers.

    Those that form as players come in the given orders, and for every player that of it alone and that of all others.
    """
    players = orders.shape[1]
    found = {0, everybody(players)}
    found |= {1 << player for player in range(players)} | {everybody(players) ^ (1 << player) for player in range(players)}
    for order in orders:
        found.update(_growing(order))
    return tuple(sorted(found))


def antithetic_orders(luck: NDArray[np.float64]) -> Orders:
    """Random orders, each followed by its reverse: who came early comes late, so that the errors of the two offset each other.

    Parameters
    ----------
    luck : ndarray, (pairs, n)
        Independent uniforms; the players of an order come in the order of theirs.

    Returns
    -------
    ndarray, (2 pairs, n)
        Orders 2k and 2k + 1 are a pair.
    """
    forth = np.argsort(luck, axis=1, kind="stable")
    return np.stack([forth, forth[:, ::-1]], axis=1).reshape(-1, luck.shape[1])


def shapley_of_all(values: NDArray[np.float64]) -> Contributions:
    """The Shapley value from the values of all coalitions.

    Parameters
    ----------
    values : ndarray, (2**n, ...)
        Value of coalition c at position c, the empty one's at 0.

    Returns
    -------
    Contributions
        Exact; their sum over players is the value of all players less that of none, to round-off. A player that changes no
        coalition's value gets exactly 0.
    """
    players = values.shape[0].bit_length() - 1
    if values.shape[0] != 1 << players or players == 0:
        raise ValueError(f"values must be those of all coalitions of one player or more, not of {values.shape[0]}")
    coalitions = np.arange(1 << players)
    sizes = np.array([coalition.bit_count() for coalition in range(1 << players)])
    found = np.empty((players, *values.shape[1:]))
    for player in range(players):
        without = coalitions[coalitions & (1 << player) == 0]
        # of the n! orders this share has exactly these players before this one
        share = np.array([1.0 / (players * comb(players - 1, int(size))) for size in sizes[without]])
        gain = values[without | (1 << player)] - values[without]
        found[player] = (share.reshape(-1, *(1,) * (values.ndim - 1)) * gain).sum(axis=0)
    return Contributions(found)


def shapley_of_orders(values: NDArray[np.float64], coalitions: Sequence[int], orders: Orders) -> Contributions:
    """Estimate the Shapley value from some orders.

    Parameters
    ----------
    values : ndarray, (C, ..., D)
        Values of coalitions; the last axis is that of draws.
    coalitions : sequence of int, (C,)
        Which ones; all that form in the orders are among them.
    orders : ndarray, (2 pairs, n)
        See `antithetic_orders`.

    Returns
    -------
    Contributions
        Their sum over players is the value of all players less that of none, to round-off, whatever the orders.
    """
    if orders.ndim != 2 or orders.shape[0] == 0 or orders.shape[0] % 2:
        raise ValueError(f"orders must come in pairs, not {orders.shape[0]} of them")
    row = {coalition: position for position, coalition in enumerate(coalitions)}
    pairs, players = orders.shape[0] // 2, orders.shape[1]
    total = np.zeros((players, *values.shape[1:]))
    pair_means = np.empty((pairs, players, *values.shape[1:-1]))
    for pair in range(pairs):
        of_pair = np.zeros_like(total)
        for order in orders[2 * pair : 2 * pair + 2]:
            rows = [row[coalition] for coalition in _growing(order)]
            of_pair[order] += values[rows[1:]] - values[rows[:-1]]
        total += of_pair
        pair_means[pair] = of_pair.mean(axis=-1) / 2
    return Contributions(total / (2 * pairs), pair_means)


def alone_and_last(values: NDArray[np.float64], coalitions: Sequence[int], players: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each player brings when it comes first, and what it brings when it comes last.

    Parameters
    ----------
    values, coalitions
        As in `shapley_of_orders`.
    players : int
        Number of players, n.

    Returns
    -------
    alone, last_in : ndarray, (n, ...)
        Value of the player alone less that of nobody; value of all players less that of all others.
    """
    row = {coalition: position for position, coalition in enumerate(coalitions)}
    full = everybody(players)
    alone = np.stack([values[row[1 << player]] - values[row[0]] for player in range(players)])
    last_in = np.stack([values[row[full]] - values[row[full ^ (1 << player)]] for player in range(players)])
    return alone, last_in


def _growing(order: NDArray[np.intp]) -> list[int]:
    """Coalitions from nobody to everybody as players come in an order."""
    grown = [0]
    for player in order:
        grown.append(grown[-1] | 1 << int(player))
    return grown
