"""Weighted sums over firms, always in the same order, whatever adds them up.

Firms are summed in chunks of :data:`CHUNK`. Within a chunk, firm j goes to the summand j modulo :data:`SUMMANDS`, each summand in the
order of the firms; the summands are then added in pairs. That is the order in which a processor adds several firms at a time.
"""

import numpy as np

from simsme.arithmetic import Flags, Lanes

CHUNK = 256
"""Firms whose money is summed together; blocks begin and end at multiples of it."""

SUMMANDS = 8
"""Partial sums of a chunk."""


def partial_sums(values: Lanes | Flags, weight: Lanes, shape: tuple[int, int]) -> Lanes:
    """Weighted partial sums: (draw, firm) to (draw, chunk, summand)."""
    draws, firms = shape
    chunks = -(-firms // CHUNK)
    padded = np.zeros((draws, chunks * CHUNK))
    padded[:, :firms] = values * weight
    rows = padded.reshape(draws, chunks, CHUNK // SUMMANDS, SUMMANDS)
    sums: Lanes = np.add.reduce(rows, axis=2)
    return sums


def folded(sums: Lanes) -> Lanes:
    """Sum of the partial sums on the last axis, in pairs."""
    pairs = sums[..., 0::2] + sums[..., 1::2]
    fours = pairs[..., 0::2] + pairs[..., 1::2]
    total: Lanes = fours[..., 0] + fours[..., 1]
    return total


def chunk_sums(values: Lanes | Flags, weight: Lanes, shape: tuple[int, int]) -> Lanes:
    """Weighted sums over chunks of firms: (draw, firm) to (draw, chunk)."""
    return folded(partial_sums(values, weight, shape))


def total_sums(values: Lanes | Flags, weight: Lanes, shape: tuple[int, int]) -> Lanes:
    """Weighted sums over all firms, chunk after chunk: (draw, firm) to (draw, 1)."""
    totals: Lanes = np.add.accumulate(chunk_sums(values, weight, shape), axis=1)[:, -1:]
    return totals
