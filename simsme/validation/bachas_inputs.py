"""What the source ``bachas`` is given for each country, and the settings that make the scenario ``bachas`` that country."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST_MARGIN = 0.95
"""Of sales; the largest that a population may have."""

WEIGHT_SCALE = 0.1
"""Mean of the sum of the weights of the parts of cost: far enough below the limit of each."""


@dataclass(frozen=True)
class Country:
    """What the paper gives for a country; shares as fractions.

    Attributes
    ----------
    tiers
        Shares of firms that lose all, half, a fifth of sales.
    costs
        Mean shares of labour, materials and fixed costs in costs.
    margin
        Mean of margins, losses counted as 0.
    profitable
        Share of firms with a profit of 0 or more.
    turnover
        Mean and median.
    concentration
        Of the cost shares, with which the country's own three-month share of rule 1b is met; no counted run uses it.
    """

    tiers: tuple[float, ...]
    costs: tuple[float, ...]
    margin: float
    profitable: float
    turnover: tuple[float, ...]
    concentration: float


@cache
def inputs() -> Mapping[str, Any]:
    """Return the file of inputs as it stands."""
    return tomllib.loads(files("simsme").joinpath("data", "bachas.toml").read_text(encoding="utf-8"))


def countries() -> dict[str, Country]:
    """Return the countries by their codes; tiers and costs add up to 1, which rounding had spoilt."""
    return {
        code: Country(
            tiers=_shares(given["tiers"]),
            costs=_shares(given["costs"]),
            margin=given["margin"] / 100.0,
            profitable=given["profitable"] / 100.0,
            turnover=tuple(given["turnover"]),
            concentration=given["concentration"],
        )
        for code, given in inputs()["countries"].items()
    }


def _shares(percent: Sequence[float]) -> tuple[float, ...]:
    return tuple(part / sum(percent) for part in percent)


# -------------------------------------------------------------------------------------------------------------------- the margins


def margins(country: Country, bent: bool = False) -> tuple[Floats, Floats]:
    """Return shares of firms and margins, a line between them being the country's distribution.

    The shape is that of all ten countries: losses and profits each as in the published histogram, in the country's proportion, and all
    profits stretched by one factor so that their mean is the country's.

    Parameters
    ----------
    country
        Of which the share of profitable firms and the mean margin are used.
    bent
        Bend the profits (to a power) instead of stretching them: another way to the same mean, with more of very high margins.
    """
    histogram = inputs()["margins"]
    firms = np.array(histogram["firms"])
    edges = np.minimum(histogram["lowest"] + histogram["width"] * np.arange(len(firms) + 1), 1.0)
    positive = edges[:-1] > -0.5 * histogram["width"]
    losses, profits = firms[~positive], firms[positive]
    below = np.concatenate([[0.0], np.cumsum(losses)]) / losses.sum() * (1.0 - country.profitable)
    above = np.concatenate([[0.0], np.cumsum(profits)]) / profits.sum()
    top = np.maximum(edges[len(losses) :], 0.0)
    lowest, highest = (0.1, 10.0)
    for _ in range(60):
        middle = 0.5 * (lowest + highest)
        tried = _profits(top, middle, bent)
        mean = country.profitable * float((0.5 * (tried[1:] + tried[:-1]) * np.diff(above)).sum())
        # a stretch raises the mean, a power lowers it
        if (mean < country.margin) != bent:
            lowest = middle
        else:
            highest = middle
    p = np.concatenate([below, 1.0 - country.profitable + country.profitable * above[1:]])
    x = np.concatenate([edges[: len(losses)], [0.0], _profits(top, middle, bent)[1:]])
    kept = np.concatenate([[True], np.diff(p) > 1e-12])
    p, x = p[kept], x[kept]
    p[-1] = 1.0
    return p, x


def _profits(top: Floats, by: float, bent: bool) -> Floats:
    changed: Floats = np.minimum(top**by if bent else by * top, LARGEST_MARGIN)
    return changed


def settings_of(country: Country, concentration: float, bent: bool = False) -> list[str]:
    """Return the settings that make the scenario a country.

    Parameters
    ----------
    country
        Its inputs.
    concentration
        Of the Dirichlet distribution of cost shares: the smaller, the more firms differ.
    bent
        See :func:`margins`.
    """
    high, medium, low = country.tiers
    p, x = margins(country, bent)
    settings = [
        f"population.industries={{high={high!r}, medium={medium!r}, low={low!r}}}",
        f'population.margin={{dist="quantiles", p={p.tolist()!r}, x={x.tolist()!r}}}',
    ]
    for column, share in zip(("people_share", "materials_share", "overheads"), country.costs, strict=True):
        mean, sd = WEIGHT_SCALE * share, WEIGHT_SCALE * (share / concentration) ** 0.5
        settings.append(f'population.{column}={{dist="gamma", mean={mean!r}, sd={sd!r}, maximum=10}}')
    return settings
