"""Sums of long rows that come in pieces: to the last bit those that numpy takes of a whole row.

Numpy adds a row pairwise: a long one is cut into two, the first of them half as long, down to a multiple of eight, and so on until 128
numbers or fewer are left, which it adds at once. The cuts hang on the length alone. So pieces can be added as they come, and what has to be
kept are the numbers of the part that is under way, and one sum for each cut on the way to it.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AT_ONCE, UNROLLED = 128, 8
"""Numbers that numpy adds without cutting, and of which its cuts are multiples."""


class PairwiseSum:
    """The sum over the last axis of an array that comes in pieces along it: the bits of ``np.sum(whole, axis=-1)``.

    Parameters
    ----------
    length
        Of the whole axis.
    at_once
        Parts up to this length are summed by one call, which no bit depends on; so many numbers are kept at the most.
    """

    def __init__(self, length: int, at_once: int = AT_ONCE) -> None:
        self.length = length
        self._parts = _parts(length, max(at_once, AT_ONCE))
        self._left, self._cuts = next(self._parts)
        self._waiting: list[Floats] = []
        # sums of whole parts, each with how many cuts it still has to be put together with another one for
        self._sums: list[Floats] = []

    def add(self, piece: Floats) -> None:
        """Add the next piece; its last axis is the one that is summed over.

        Raises
        ------
        ValueError
            Where it is longer than what is missing.
        """
        begin, length = 0, piece.shape[-1]
        while begin < length:
            if not self._left:
                raise ValueError("more comes than the sum is of")
            end = min(length, begin + self._left)
            taken = piece[..., begin:end]
            self._left -= end - begin
            begin = end
            if self._left > 0:
                # a copy: what comes in pieces may be written over
                self._waiting.append(np.array(taken))
                return
            whole = np.concatenate([*self._waiting, taken], axis=-1) if self._waiting else np.ascontiguousarray(taken)
            self._waiting = []
            self._put(whole.sum(axis=-1))

    def _put(self, total: Floats) -> None:
        """Put a sum of a part on those before it, and add up the two halves of every cut that it ends."""
        for _ in range(self._cuts):
            total = self._sums.pop() + total
        self._sums.append(total)
        self._left, self._cuts = next(self._parts, (0, 0))

    @property
    def total(self) -> Floats:
        """The sum.

        Raises
        ------
        ValueError
            While pieces are missing.
        """
        if self._waiting or len(self._sums) != 1 or self._left:
            raise ValueError("pieces of the sum are missing")
        return self._sums[0]


def _parts(length: int, at_once: int, cuts: int = 0) -> Iterator[tuple[int, int]]:
    """Length of each part that is summed at once, in their order, and how many cuts end with it."""
    if length <= at_once:
        yield length, cuts
        return
    first = length // 2 - length // 2 % UNROLLED
    yield from _parts(first, at_once, 0)
    yield from _parts(length - first, at_once, cuts + 1)
