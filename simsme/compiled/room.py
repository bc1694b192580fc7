"""Memory for the kernel to work in, in one piece and in large pages where the system has them.

A loop goes through hundreds of rows at once, each on another page of the usual size: looking up where pages are would take it as long as
reading them.
"""

import mmap
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBER, _LINE, _PAGE = 8, 64, 2**21
"""Bytes of a number, of a line of the cache, and of a large page."""


def room_for(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    """Zeros in arrays of these shapes, each of which begins on a line of the cache.

    Parameters
    ----------
    shapes
        Shape of each array, by name.
    """
    begins, end = {}, 0
    for name, shape in shapes.items():
        begins[name] = end
        end += -(-int(np.prod(shape)) * _NUMBER // _LINE) * _LINE
    size = -(-end // _PAGE) * _PAGE + _PAGE
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)  # shared memory has no large pages
        memory.madvise(mmap.MADV_HUGEPAGE)
    else:
        memory = mmap.mmap(-1, size)
    whole = np.frombuffer(memory, dtype=np.float64)
    first = -whole.ctypes.data % _PAGE
    found = {}
    for name, shape in shapes.items():
        begin = (first + begins[name]) // _NUMBER
        found[name] = whole[begin : begin + int(np.prod(shape))].reshape(shape)
    return found
