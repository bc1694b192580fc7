"""How much of a spread is luck and how much parameters, where every world meets the same draws.

Values stand in a table, worlds by draws. As the draws are the same in all worlds, the classical analysis of variance in two ways without
repetition applies: what worlds have of their own, what draws have of their own, and the rest, by which a draw's luck tells more in one
world than in another.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.survival import HIGH, LOW

Table = NDArray[np.float64]
"""One value a world and draw, (W, D)."""

PARTS = 20
"""Parts to which worlds are dealt at the most for an error by the jackknife."""


@dataclass(frozen=True)
class Spread:
    """A mean over worlds and draws, and how far worlds and draws lie apart.

    Attributes
    ----------
    mean
        Over all worlds and draws.
    luck
        5th and 95th percentile over the draws of a world, on average over worlds.
    parameters
        5th and 95th percentile over worlds of the means over draws.
    together
        5th and 95th percentile over all draws of all worlds.
    parameters_share
        Part of the variance that is between worlds, in [0, 1]; the rest is luck. None where nothing varies.
    mc_error
        Standard error of `mean`, for the worlds and the draws that were drawn; None with one world or one draw.
    parameters_share_error
        Standard error of `parameters_share` for the worlds that were drawn, by the jackknife that leaves out a part of them at a time;
        None with fewer than three worlds.
    """

    mean: float
    luck: tuple[float, float]
    parameters: tuple[float, float]
    together: tuple[float, float]
    parameters_share: float | None
    mc_error: float | None
    parameters_share_error: float | None

    @property
    def json(self) -> dict[str, object]:
        """As a table for JSON."""
        return {
            "mean": self.mean,
            "mc_error": self.mc_error,
            "luck": list(self.luck),
            "parameters": list(self.parameters),
            "together": list(self.together),
            "parameters_share": self.parameters_share,
            "parameters_share_error": self.parameters_share_error,
        }


def spread_of(values: Table) -> Spread:
    """Return the mean and the spreads of values by world and draw.

    Parameters
    ----------
    values : ndarray, (W, D)
        The same draws in every world.
    """
    within = np.quantile(values, (LOW, HIGH), axis=1).mean(axis=1)
    between = np.quantile(values.mean(axis=1), (LOW, HIGH))
    together = np.quantile(values, (LOW, HIGH))
    shares = components(values)
    total = sum(shares)
    worlds, draws = values.shape
    error = None if min(worlds, draws) == 1 else _error_of_mean(shares, worlds, draws)
    return Spread(
        mean=float(values.mean()),
        luck=(float(within[0]), float(within[1])),
        parameters=(float(between[0]), float(between[1])),
        together=(float(together[0]), float(together[1])),
        parameters_share=shares[0] / total if total > 0.0 and min(worlds, draws) > 1 else None,
        mc_error=error,
        parameters_share_error=_error_of_share(values) if total > 0.0 and worlds > 2 and draws > 1 else None,
    )


def spread_error(values: Table) -> float:
    """Standard error of the mean over worlds and draws, as in :class:`Spread`; NaN with one world or one draw."""
    return math.nan if min(values.shape) == 1 else _error_of_mean(components(values), *values.shape)


def _error_of_mean(shares: tuple[float, float, float], worlds: int, draws: int) -> float:
    return math.sqrt(shares[0] / worlds + shares[1] / draws + shares[2] / (worlds * draws))


def _error_of_share(values: Table) -> float:
    """Standard error of the part of the variance that is between worlds, leaving out a part of the worlds at a time."""
    found = []
    parts = min(len(values), PARTS)
    for part in range(parts):
        shares = components(values[np.arange(len(values)) % parts != part])
        found.append(shares[0] / sum(shares) if sum(shares) > 0.0 else 0.0)
    return math.sqrt((len(found) - 1) * float(np.var(found)))


def components(values: Table) -> tuple[float, float, float]:
    """Return the variance between worlds, between draws, and of the rest, each estimated without bias and not below 0.

    The variance between worlds is not that of the worlds' means, which have some luck left in them.

    References
    ----------
    Searle, S. R., Casella, G., McCulloch, C. E. (1992), Variance components, chapter 4.
    """
    worlds, draws = values.shape
    of_world, of_draw, mean = values.mean(axis=1), values.mean(axis=0), values.mean()
    if min(worlds, draws) == 1:
        return (float(of_world.var(ddof=1)) if worlds > 1 else 0.0, float(of_draw.var(ddof=1)) if draws > 1 else 0.0, 0.0)
    rest = values - of_world[:, None] - of_draw[None, :] + mean
    left = float((rest**2).sum()) / ((worlds - 1) * (draws - 1))
    between_worlds = float(of_world.var(ddof=1)) - left / draws
    between_draws = float(of_draw.var(ddof=1)) - left / worlds
    return max(between_worlds, 0.0), max(between_draws, 0.0), left
