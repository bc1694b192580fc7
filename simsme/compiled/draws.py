"""Draws that make the luck of firms in compiled code, for what of a world is built outside the kernel: the same bits, sooner."""

from functools import cache
from typing import Any

import numpy as np
from numba import float64, int64, njit, types, uint64
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.compiled import loops, words
from simsme.streams import Keys, channel, normals, uniforms

_U = np.uint64

FEW = 64
"""Keys up to which nothing is gained."""


class CompiledDraws(np.ndarray[Any, np.dtype[np.uint64]]):
    """Numbers of draws that :mod:`simsme.streams` asks for luck, see :func:`simsme.streams.uniforms`."""

    def __uniforms__(self, seed: int, keys: Keys, step: int, name: str) -> Lanes:
        if keys.size <= FEW or self.size * keys.size != np.broadcast(self, keys).size:
            return uniforms(seed, np.asarray(self), keys, step, name)
        return self._made(seed, keys, step, name, normal=False)

    def __normals__(self, seed: int, keys: Keys, step: int, name: str) -> Lanes:
        if keys.size <= FEW or self.size * keys.size != np.broadcast(self, keys).size:
            return normals(seed, np.asarray(self), keys, step, name)
        return self._made(seed, keys, step, name, normal=True)

    def _made(self, seed: int, keys: Keys, step: int, name: str, normal: bool) -> Lanes:
        """One number for each combination of draw and firm, (draw, firm)."""
        numbers = np.empty((self.size, keys.size))
        draws, key = np.ascontiguousarray(np.asarray(self).ravel()), np.uint64(seed & 0xFFFFFFFFFFFFFFFF)
        _filler()(numbers, key, draws, np.ascontiguousarray(keys), np.uint64(step), np.uint64(channel(name)), int(normal))
        return numbers


def in_compiled_code(draws: NDArray[np.uint64]) -> CompiledDraws:
    """The same draws, whose luck is made in compiled code."""
    return draws.view(CompiledDraws)


@cache
def _filler() -> Any:
    """The compiled function, loaded from disk, or compiled where this machine has not done so before."""
    return _entry(loops.stamp())


def _entry(compiled_from: int) -> Any:
    def fill(numbers: Any, seed: Any, draws: Any, keys: Any, step: Any, channel_number: Any, normal: int) -> int:
        words.wide()
        for d in range(_U(draws.shape[0])):
            if normal == 0:
                for j in range(_U(keys.shape[0])):
                    w0, w1, _, _ = words.philox(seed, draws[d], keys[j], step, channel_number)
                    numbers[d, j] = words.unit(w0, w1)
            else:
                for j in range(_U(keys.shape[0])):
                    w0, w1, w2, w3 = words.philox(seed, draws[d], keys[j], step, channel_number)
                    numbers[d, j] = loops.normal_of(words.unit(w0, w1), words.unit(w2, w3))
        return compiled_from

    many = types.Array(uint64, 1, "C")
    signature = int64(types.Array(float64, 2, "C"), uint64, many, many, uint64, uint64, int64)
    try:
        return njit(signature, cache=True, nogil=True, error_model="numpy")(fill)
    except RuntimeError:  # nowhere to keep machine code: it lives as long as the process
        return njit(signature, nogil=True, error_model="numpy")(fill)
