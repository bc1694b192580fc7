"""What a firm draws from its population: one stream of luck a column, tied by a Gaussian copula where the scenario says so."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simsme.correlation import correlation_matrix
from simsme.population import COLUMNS, SHARES_OF_FIRMS, Population
from simsme.streams import Keys, uniforms

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class FirmLuck:
    """Firms of known industry and size, and the population from which the rest is drawn.

    Every number is a pure function of the population's seed, the firm's key and the column, so it depends neither on other firms nor
    on the other columns that are drawn.

    Attributes
    ----------
    population
        Where columns are drawn from.
    key
        Keys of the firms, (n,).
    industry, size
        Codes of the firms, (n,).
    """

    population: Population
    key: Keys
    industry: Codes
    size: Codes

    def draw(self, column: str) -> Floats:
        """Return the column for each firm: 0 or 1 where the population gives a share of firms."""
        population = self.population
        values = population.spec(column).values(
            lambda: self.uniforms(column), self.industry, self.size, population.industry_names, population.size_names
        )
        if column in SHARES_OF_FIRMS:
            return (self.uniforms(column) < values).astype(np.float64)
        return values

    def uniforms(self, column: str) -> Floats:
        """Return each firm's uniform number for a column, after the copula."""
        names, lower = self._copula
        if column not in names:
            return self._own(column)
        from scipy.special import ndtr, ndtri

        row = names.index(column)
        normal = np.zeros(self.key.shape)
        for position in range(row + 1):
            if lower[row, position] != 0.0:
                normal += lower[row, position] * ndtri(self._own(names[position]))
        tied: Floats = np.clip(ndtr(normal), 2.0**-54, 1.0 - 2.0**-53)
        return tied

    def _own(self, column: str) -> Floats:
        return uniforms(self.population.seed, 0, self.key, COLUMNS.index(column), "population")

    @cached_property
    def _copula(self) -> tuple[tuple[str, ...], Floats]:
        """Names of the tied columns, and the Cholesky factor of their correlations."""
        if not self.population.correlation:
            return (), np.eye(0)
        names, matrix = correlation_matrix(self.population.correlated, COLUMNS)
        lower: Floats = np.linalg.cholesky(matrix).astype(np.float64)
        return names, lower


def draw_codes(population: Population, key: Keys, column: str, shares: tuple[float, ...]) -> Codes:
    """Return a code for each firm, drawn by shares that add up to 1: for industries, legal forms and regions."""
    luck = uniforms(population.seed, 0, key, COLUMNS.index(column), "population")
    ends = np.cumsum(shares)
    codes: Codes = np.minimum(np.searchsorted(ends, luck * ends[-1], side="right"), len(shares) - 1).astype(np.int64)
    return codes
