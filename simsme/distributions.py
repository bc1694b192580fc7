"""Distributions from which a number of a scenario may be drawn.

Each is named by readable parameters and turned into numbers by its quantile function, so that every draw is one uniform number and
distributions can be tied together by a copula.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict, model_validator

from simsme.bounds import NotNegative, Positive, Share
from simsme.messages import shown
from simsme.tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Distribution(Table):
    """A distribution of one number. Subclasses name the kind (``dist``) and its parameters.

    ``minimum`` and ``maximum`` clip what is drawn. ``common`` (only where every firm has its own draw) is the share of the variance,
    on the normal scale of a Gaussian copula, that all firms of a draw share.
    """

    model_config = ConfigDict(defer_build=False)  # in every table: built once, and not with each of them

    dist: str
    minimum: float | None = None
    maximum: float | None = None
    common: Share | None = None

    @abstractmethod
    def unclipped_quantile(self, u: Floats) -> Floats:
        """Quantile function before clipping."""

    @abstractmethod
    def unclipped_support(self) -> tuple[float, float]:
        """Lowest and highest value before clipping."""

    def quantile(self, u: Floats) -> Floats:
        """Return the values below which the shares `u` of the distribution lie.

        Parameters
        ----------
        u
            Shares in (0, 1), any shape.
        """
        import numpy as np

        return np.clip(
            self.unclipped_quantile(np.asarray(u, dtype=np.float64)),
            -np.inf if self.minimum is None else self.minimum,
            np.inf if self.maximum is None else self.maximum,
        )

    def support(self) -> tuple[float, float]:
        """Return the lowest and highest value that can be drawn."""
        lowest = -math.inf if self.minimum is None else self.minimum
        highest = math.inf if self.maximum is None else self.maximum
        low, high = self.unclipped_support()
        return min(max(low, lowest), highest), min(max(high, lowest), highest)

    @model_validator(mode="after")
    def _clips_in_order(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {shown(self.minimum)} is above maximum {shown(self.maximum)}")
        return self


def _in_order(**bounds: float) -> None:
    pairs = list(bounds.items())
    for (name, value), (next_name, next_value) in zip(pairs, pairs[1:], strict=False):
        if value > next_value:
            raise ValueError(f"{name} {shown(value)} is above {next_name} {shown(next_value)}")


class Uniform(Distribution):
    """All values between ``low`` and ``high`` alike."""

    dist: Literal["uniform"] = "uniform"
    low: float
    high: float

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        return self.low + (self.high - self.low) * u

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return self.low, self.high

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(low=self.low, high=self.high)
        return self


class Norm(Distribution):
    """Normal with ``mean`` and standard deviation ``sd``."""

    dist: Literal["norm"] = "norm"
    mean: float
    sd: NotNegative

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        from scipy.special import ndtri

        return self.mean + self.sd * ndtri(u)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return (self.mean, self.mean) if self.sd == 0 else (-math.inf, math.inf)


class Lognorm(Distribution):
    """Log-normal with ``median`` and standard deviation ``sigma`` of the logarithm."""

    dist: Literal["lognorm"] = "lognorm"
    median: Positive
    sigma: NotNegative

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np
        from scipy.special import ndtri

        return self.median * np.exp(self.sigma * ndtri(u))

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return (self.median, self.median) if self.sigma == 0 else (0.0, math.inf)


class Beta(Distribution):
    """Beta with shapes ``a`` and ``b``, stretched from [0, 1] to [``low``, ``high``]."""

    dist: Literal["beta"] = "beta"
    a: Positive
    b: Positive
    low: float = 0.0
    high: float = 1.0

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        from scipy.special import betaincinv

        return self.low + (self.high - self.low) * betaincinv(self.a, self.b, u)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return self.low, self.high

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(low=self.low, high=self.high)
        return self


class Triang(Distribution):
    """Triangular from ``low`` to ``high`` with its peak at ``mode``."""

    dist: Literal["triang"] = "triang"
    low: float
    mode: float
    high: float

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np

        width, rise, fall = self.high - self.low, self.mode - self.low, self.high - self.mode
        below_mode = u * width < rise
        quantile: Floats = np.where(below_mode, self.low + np.sqrt(u * width * rise), self.high - np.sqrt((1.0 - u) * width * fall))
        return quantile

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return self.low, self.high

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(low=self.low, mode=self.mode, high=self.high)
        return self


class Gamma(Distribution):
    """Gamma with ``mean`` and standard deviation ``sd``."""

    dist: Literal["gamma"] = "gamma"
    mean: Positive
    sd: Positive

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np
        from scipy.special import gammaincinv

        shape, scale = (self.mean / self.sd) ** 2, self.sd**2 / self.mean
        return np.asarray(gammaincinv(shape, u), dtype=np.float64) * scale

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return 0.0, math.inf


class Expon(Distribution):
    """Exponential with ``mean``."""

    dist: Literal["expon"] = "expon"
    mean: Positive

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np

        return -self.mean * np.log1p(-u)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return 0.0, math.inf


class Weibull(Distribution):
    """Weibull with ``scale`` and ``shape``."""

    dist: Literal["weibull"] = "weibull"
    scale: Positive
    shape: Positive

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np

        return self.scale * np.exp(np.log(-np.log1p(-u)) / self.shape)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return 0.0, math.inf


class Truncnorm(Distribution):
    """Normal with ``mean`` and ``sd`` (before the cut), cut to [``low``, ``high``]: no mass piles up at the ends, as clips would."""

    dist: Literal["truncnorm"] = "truncnorm"
    mean: float
    sd: Positive
    low: float
    high: float

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np
        from scipy.special import ndtr, ndtri

        # The half of the normal in which the interval lies is folded to the left, where the normal's digits are.
        side = -1.0 if self.low > self.mean else 1.0
        from_low, from_high = ndtr(side * (self.low - self.mean) / self.sd), ndtr(side * (self.high - self.mean) / self.sd)
        return np.clip(self.mean + self.sd * side * ndtri(from_low + (from_high - from_low) * u), self.low, self.high)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return self.low, self.high

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order(low=self.low, high=self.high)
        if self.low - self.mean > 8 * self.sd or self.mean - self.high > 8 * self.sd:
            raise ValueError(f"{shown(self.low)} to {shown(self.high)} is more than 8 sd from the mean {shown(self.mean)}")
        return self


class Quantiles(Distribution):
    """Values ``x`` at the shares ``p`` (from 0 to 1), with straight lines between them."""

    dist: Literal["quantiles"] = "quantiles"
    p: tuple[Share, ...]
    x: tuple[float, ...]

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np

        return np.interp(u, self.p, self.x)

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        return self.x[0], self.x[-1]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if len(self.p) != len(self.x) or len(self.p) < 2:
            raise ValueError(f"p and x must be equally long, with two items or more; found {len(self.p)} and {len(self.x)}")
        if self.p[0] != 0 or self.p[-1] != 1 or any(later <= earlier for earlier, later in zip(self.p, self.p[1:], strict=False)):
            raise ValueError(f"p must rise from 0 to 1, found {shown(self.p)}")
        if any(later < earlier for earlier, later in zip(self.x, self.x[1:], strict=False)):
            raise ValueError(f"x must not fall, found {shown(self.x)}")
        return self


class Choice(Distribution):
    """One of ``values``, with chances in proportion to ``weights`` (alike where none are given)."""

    dist: Literal["choice"] = "choice"
    values: tuple[float, ...]
    weights: tuple[NotNegative, ...] | None = None

    def unclipped_quantile(self, u: Floats) -> Floats:
        """See the base class."""
        import numpy as np

        values = np.asarray(self.values, dtype=np.float64)
        weights = np.ones_like(values) if self.weights is None else np.asarray(self.weights, dtype=np.float64)
        order = np.argsort(values, kind="stable")
        ends = np.cumsum(weights[order])
        drawn: Floats = values[order][np.minimum(np.searchsorted(ends, u * ends[-1], side="right"), values.size - 1)]
        return drawn

    def unclipped_support(self) -> tuple[float, float]:
        """See the base class."""
        weights = self.weights or (1.0,) * len(self.values)
        possible = [value for value, weight in zip(self.values, weights, strict=True) if weight > 0]
        return min(possible), max(possible)

    @model_validator(mode="after")
    def _matched(self) -> Self:
        if not self.values:
            raise ValueError("values must have one item or more")
        if self.weights is not None:
            if len(self.weights) != len(self.values):
                raise ValueError(f"values and weights must be equally long, found {len(self.values)} and {len(self.weights)}")
            if not sum(self.weights) > 0:
                raise ValueError("weights must not all be 0")
        return self


KINDS: dict[str, type[Distribution]] = {
    "uniform": Uniform,
    "norm": Norm,
    "lognorm": Lognorm,
    "beta": Beta,
    "triang": Triang,
    "gamma": Gamma,
    "expon": Expon,
    "weibull": Weibull,
    "truncnorm": Truncnorm,
    "quantiles": Quantiles,
    "choice": Choice,
}
"""Distributions by the name that a scenario gives as ``dist``."""

Table.distributions = tuple(KINDS)
