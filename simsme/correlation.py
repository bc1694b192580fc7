"""Correlations of columns of a population, as a scenario states them: by pair, on the normal scale of a Gaussian copula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from simsme.messages import listed
from simsme.problems import did_you_mean
from simsme.tables import Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pairs: TypeAlias = dict[tuple[str, str], float]
"""Correlation of each pair of columns; pairs that are not there are independent."""

SMALLEST_EIGENVALUE = 1e-9
"""Below this a matrix of correlations counts as not positive definite."""


def pairs_of(correlation: Mapping[str, float]) -> Pairs:
    """Return correlations by pair from keys such as ``cash~sales_volatility``."""
    split = ((name.partition("~"), value) for name, value in correlation.items())
    return {(first.strip(), second.strip()): value for (first, _, second), value in split}


def faults_of_pairs(correlation: Mapping[str, float], columns: Sequence[str]) -> Iterator[tuple[Place, str, Any]]:
    """Yield what is wrong with the keys: no pair, a column that is not among `columns`, or a pair that stands there twice."""
    seen: set[frozenset[str]] = set()
    for name, value in correlation.items():
        first, _, second = (part.strip() for part in name.partition("~"))
        if not second:
            yield (name,), 'must name two columns, as in "cash~sales_volatility"', value
            continue
        unknown = [column for column in (first, second) if column not in columns]
        for column in unknown:
            yield (name,), f'no column "{column}"{did_you_mean(column, columns)}', value
        if not unknown and (first == second or frozenset((first, second)) in seen):
            yield (name,), "a pair of different columns may stand here once", value
        seen.add(frozenset((first, second)))


def correlation_matrix(pairs: Pairs, columns: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the columns that are tied, in the order of `columns`, and the matrix of their correlations."""
    import numpy as np

    names = tuple(name for name in columns if any(name in pair for pair in pairs))
    matrix = np.eye(len(names))
    for (first, second), value in pairs.items():
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = value
    return names, matrix


def contradiction_in(pairs: Pairs, columns: Sequence[str]) -> str:
    """Say where correlations cannot all hold at once; an empty text where they can."""
    if not pairs:
        return ""
    import numpy as np

    names, matrix = correlation_matrix(pairs, columns)
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest >= SMALLEST_EIGENVALUE:
        return ""
    return (
        f"the correlations of {listed(names)} contradict each other: their matrix is not positive definite"
        f" (smallest eigenvalue {smallest:.3g}; it must be above 0); bring them nearer to 0"
    )
