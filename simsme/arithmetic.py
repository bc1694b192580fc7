"""The small vocabulary in which every stage of a step is written: select, least, most, exp, log, and a turn of the circle.

The stages read the same for one number and for an array of firms. The transcendental functions are our own polynomials and not
NumPy's, because those differ in the last bit between instruction sets: the same constants of firms give the same lives, bit for bit,
on any machine. Accuracy is about one unit in the last place on the stated range.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Lanes: TypeAlias = NDArray[np.float64]
"""One number per firm and draw; anything that broadcasts to (draw, firm)."""

Number: TypeAlias = Lanes | float
"""One number for all lanes, or one for each."""

Flags: TypeAlias = NDArray[np.bool_]
"""One yes or no per firm and draw."""

where = np.where
least = np.minimum
most = np.maximum
sqrt = np.sqrt

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 6.93145751953125e-1
_LN2_LOW = 1.42860682030941723212e-6
_SQRT_HALF = 0.70710678118654752440
_EXP_LIMIT = 708.0


def _word(name: str, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A word that is not an operation of NumPy: arrays are given to ``value``, anything that records formulas is told the name."""

    def word(x: Any) -> Any:
        return x.__word__(name) if hasattr(x, "__word__") else value(np.asarray(x, dtype=np.float64))

    return word


def _two_to(power: Lanes) -> Lanes:
    return ((power.astype(np.int64) + 1023) << 52).view(np.float64)


def _exponent(x: Lanes) -> Lanes:
    return ((x.view(np.int64) >> 52) - 1022).astype(np.float64)


def _mantissa(x: Lanes) -> Lanes:
    return ((x.view(np.int64) & 0x000FFFFFFFFFFFFF) | 0x3FE0000000000000).view(np.float64)


two_to = _word("two_to", _two_to)
"""Two to the power of a whole number."""

exponent_of = _word("exponent_of", _exponent)
"""Whole number e of a positive number m * 2**e with m in [1/2, 1)."""

mantissa_of = _word("mantissa_of", _mantissa)
"""Number m in [1/2, 1) of a positive number m * 2**e."""


def exp(x: Any) -> Lanes:
    """Exponential, e to the power of x; x is taken into [-708, 708], the range without overflow or denormal numbers.

    Rational approximation of Moshier's Cephes library on [-ln 2 / 2, ln 2 / 2].
    """
    x = np.minimum(np.maximum(x, -_EXP_LIMIT), _EXP_LIMIT)
    power = np.rint(x * _LOG2_E)
    rest = x - power * _LN2_HIGH
    rest = rest - power * _LN2_LOW
    square = rest * rest
    above = ((1.26177193074810590878e-4 * square + 3.02994407707441961300e-2) * square + 9.99999999999999999910e-1) * rest
    below = (
        (3.00198505138664455042e-6 * square + 2.52448340349684104192e-3) * square + 2.27265548208155028766e-1
    ) * square + 2.00000000000000000009e0
    value = 1.0 + 2.0 * (above / (below - above))
    result: Lanes = value * two_to(power)
    return result


def log(x: Any) -> Lanes:
    """Natural logarithm of a positive, normal number (Cephes)."""
    exponent, mantissa = exponent_of(x), mantissa_of(x)
    small = mantissa < _SQRT_HALF
    exponent = np.where(small, exponent - 1.0, exponent)
    m = np.where(small, 2.0 * mantissa, mantissa) - 1.0
    square = m * m
    above = (
        (((1.01875663804580931796e-4 * m + 4.97494994976747001425e-1) * m + 4.70579119878881725854e0) * m + 1.44989225341610930846e1) * m
        + 1.79368678507819816313e1
    ) * m + 7.70838733755885391666e0
    below = (
        (((m + 1.12873587189167450590e1) * m + 4.52279145837532221105e1) * m + 8.29875266912776603211e1) * m + 7.11544750618563894466e1
    ) * m + 2.31251620126765340583e1
    y = m * (square * (above / below))
    y = y - exponent * 2.121944400546905827679e-4
    y = y - 0.5 * square
    result: Lanes = (m + y) + exponent * 0.693359375
    return result


def turn(u: Any) -> tuple[Lanes, Lanes]:
    """Cosine and sine of 2 pi u for u in [0, 1] (Taylor polynomials on an eighth of a turn)."""
    quarter = np.rint(4.0 * u)
    angle = (u - 0.25 * quarter) * 6.283185307179586477
    square = angle * angle
    sine = angle * (
        1.0
        + square
        * (
            -1.6666666666666666e-1
            + square
            * (
                8.333333333333333e-3
                + square
                * (
                    -1.984126984126984e-4
                    + square
                    * (
                        2.7557319223985893e-6
                        + square * (-2.505210838544172e-8 + square * (1.6059043836821613e-10 - square * 7.647163731819816e-13))
                    )
                )
            )
        )
    )
    cosine = 1.0 + square * (
        -0.5
        + square
        * (
            4.1666666666666664e-2
            + square
            * (
                -1.388888888888889e-3
                + square
                * (
                    2.48015873015873e-5
                    + square
                    * (
                        -2.755731922398589e-7
                        + square * (2.08767569878681e-9 + square * (-1.1470745597729725e-11 + square * 4.779477332387385e-14))
                    )
                )
            )
        )
    )
    odd = (quarter == 1.0) | (quarter == 3.0)
    first = np.where(odd, sine, cosine)
    second = np.where(odd, cosine, sine)
    cos = np.where((quarter == 1.0) | (quarter == 2.0), -first, first)
    sin = np.where((quarter == 2.0) | (quarter == 3.0), -second, second)
    return cos, sin


def power(x: Any, exponent: Any) -> Lanes:
    """Power, x to the exponent, for x > 0."""
    return exp(exponent * log(x))
