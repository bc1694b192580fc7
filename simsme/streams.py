"""Random numbers that are a pure function of (seed, draw, firm, step, channel).

Counter-based: the generator is Philox4x32 with ten rounds (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as
1, 2, 3"). The key is the seed; the counter is (low and high half of the firm's key, draw, step * 256 + channel). Nothing is consumed
in order, so neither the order of firms, nor blocks, workers or added policies can change anybody's luck.
"""

from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes, log, sqrt, turn

Keys = NDArray[np.uint64]
"""64-bit keys of firms, (n,)."""

CHANNELS = (
    "noise",
    "depth",
    "closure",
    "reopening",
    "cost_pressure",
    "labour",
    "shutdown",
    "renewal",
    "norepay",
    "bridge",
    "bridge_call",
    "recall",
    "workout",
    "line",
    "apply",
    "approval",
    "signal",
    "patience",
    "hope",
    "other",
    "take_up",
    "parameter",
    "population",
    "queue",
    "part",
    "observation",
)
"""Names of the decisions and processes that have a stream of their own. New names are appended: the position is the channel."""

_NUMBER = {name: position for position, name in enumerate(CHANNELS)}
_MASK = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)


def channel(name: str) -> int:
    """Return the number of a named channel.

    Raises
    ------
    KeyError
        When no channel has this name.
    """
    return _NUMBER[name]


def firm_key(firm_id: str) -> int:
    """64-bit key of a firm: BLAKE2b of its identifier in UTF-8 (32 bits would collide in a large population)."""
    return int.from_bytes(blake2b(firm_id.encode("utf-8"), digest_size=8).digest(), "little")


def name_key(name: str, bits: int = 24) -> int:
    """A stable number below 2**bits for a name, used as the step of streams that belong to a name and not to a time."""
    return firm_key(name) & ((1 << bits) - 1)


def philox(seed: int, draw: Any, keys: Keys, step: int, channel_number: int) -> tuple[Keys, Keys, Keys, Keys]:
    """Four words of 32 random bits (in uint64 arrays) for each combination of draw and firm.

    Parameters
    ----------
    seed
        Any integer; its lowest 64 bits are the key.
    draw
        Number of the draw, or an array of them that broadcasts against ``keys``.
    keys
        Keys of firms.
    step
        0 to 2**24 - 1.
    channel_number
        0 to 255.
    """
    keys = np.asarray(keys, dtype=np.uint64)
    draws = np.asarray(draw, dtype=np.uint64)
    shape = np.broadcast_shapes(keys.shape, draws.shape)
    c0, c1, c2 = keys & _MASK, keys >> _32, draws & _MASK
    c3: Keys = np.asarray(step * 256 + channel_number, dtype=np.uint64) & _MASK
    k0, k1 = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    c0, c2 = np.broadcast_to(c0, shape), np.broadcast_to(c2, shape)
    for _ in range(10):
        p0 = c0 * np.uint64(0xD2511F53)
        p1 = c2 * np.uint64(0xCD9E8D57)
        c0 = (p1 >> _32) ^ c1
        c0 ^= np.uint64(k0)
        c1 = p1
        c1 &= _MASK
        c2 = (p0 >> _32) ^ c3
        c2 ^= np.uint64(k1)
        c3 = p0
        c3 &= _MASK
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def _unit(high: Keys, low: Keys) -> Lanes:
    """A number of 53 bits strictly between 0 and 1 from two words."""
    bits = (high << np.uint64(21)) | (low >> np.uint64(11))
    result: Lanes = np.minimum((bits.astype(np.float64) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)
    return result


def uniforms(seed: int, draw: Any, keys: Keys, step: int, name: str) -> Lanes:
    """Uniform numbers in (0, 1), one for each combination of draw and firm, for the channel of this name.

    Draws that have ways of their own to the same numbers (``__uniforms__``, ``__normals__``: records of formulas, compiled code) are asked.
    """
    if hasattr(draw, "__uniforms__"):
        own: Lanes = draw.__uniforms__(seed, keys, step, name)
        return own
    w0, w1, _, _ = philox(seed, draw, keys, step, _NUMBER[name])
    return _unit(w0, w1)


def uniforms_pair(seed: int, draw: Any, keys: Keys, step: int, name: str) -> tuple[Lanes, Lanes]:
    """Two independent uniform numbers in (0, 1) for each combination of draw and firm; the first is that of :func:`uniforms`."""
    w0, w1, w2, w3 = philox(seed, draw, keys, step, _NUMBER[name])
    return _unit(w0, w1), _unit(w2, w3)


def normals_of(u: Lanes, v: Lanes) -> tuple[Lanes, Lanes]:
    """Two independent standard normal numbers from two uniform ones (Box and Muller 1958)."""
    radius = sqrt(-2.0 * log(u))
    cosine, sine = turn(v)
    return radius * cosine, radius * sine


def normals_pair(seed: int, draw: Any, keys: Keys, step: int, name: str) -> tuple[Lanes, Lanes]:
    """Two independent standard normal numbers for each combination of draw and firm."""
    return normals_of(*uniforms_pair(seed, draw, keys, step, name))


def normals(seed: int, draw: Any, keys: Keys, step: int, name: str) -> Lanes:
    """Standard normal numbers, one for each combination of draw and firm; see :func:`uniforms` on draws with ways of their own."""
    if hasattr(draw, "__normals__"):
        own: Lanes = draw.__normals__(seed, keys, step, name)
        return own
    return normals_pair(seed, draw, keys, step, name)[0]
