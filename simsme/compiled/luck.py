"""Streams of luck in compiled code: the numbers of :mod:`simsme.streams`, to the bit."""

from typing import Any

import numpy as np
from numba import njit

from simsme.compiled import words
from simsme.engine.sums import CHUNK

_U = np.uint64


@njit(error_model="numpy", forceinline=False)  # said, as Numba would take over what the caller says of itself
def fill_luck(target: Any, u: int, v: int, seed: Any, draw: Any, keys: Any, first: int, count: int, step: int, channel_number: int) -> None:
    """Uniform numbers of a chunk of firms: the first of each at ``u``, and the second at ``v`` unless that is negative.

    Where there are no more firms, the numbers are 1/2.
    """
    words.wide()
    for j in range(_U(count)):
        w0, w1, w2, w3 = words.philox(seed, draw, keys[_U(first) + j], _U(step), _U(channel_number))
        target[_U(u) + j] = words.unit(w0, w1)
        if v >= 0:
            target[_U(v) + j] = words.unit(w2, w3)
    for j in range(_U(count), _U(CHUNK)):
        target[_U(u) + j] = 0.5
        if v >= 0:
            target[_U(v) + j] = 0.5
