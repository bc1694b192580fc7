"""Numbers that differ between firms, moved as a whole: all parts of a table or a distribution by one factor.

A population's column is a table of numbers and distributions by industry and size; the fall of sales is a distribution over firms. The
plausible range of such a number is one of its middle. A world multiplies all of its parts by one factor, so that what industries have
in proportion to each other stays.
"""

import math
from collections.abc import Collection, Mapping
from itertools import product
from typing import Any

from simsme.column_spec import ColumnSpec
from simsme.distributions import Distribution

LENGTHS = ("low", "high", "mode", "mean", "sd", "median", "scale", "x", "values")
"""Parameters of distributions that carry the unit of the number."""


def middle_of(spread: Any) -> float:
    """Return the number by which a spread number is called: its general value, or the median of its distribution.

    Where sizes only are given, it is the number of the smallest firms, of which there are most; where the general value is 0, the largest
    of the others; of a plain table of numbers the mean.
    """
    if isinstance(spread, Distribution):
        return float(spread.quantile(_half()))
    if isinstance(spread, ColumnSpec):
        general = spread.value if spread.value is not None else next(iter(spread.size.values()), None)
        middles = [middle_of(source) for _, source in spread.sources()]
        found = middles[0] if general is None else middle_of(general)
        return found or max(middles, default=0.0)
    if isinstance(spread, Mapping):
        return math.fsum(map(middle_of, spread.values())) / len(spread) if spread else 0.0
    return float(spread)


def multiplied(spread: Any, factor: float, lowest: float, highest: float) -> Any:
    """Return a spread number, as it stands in TOML, with all its parts multiplied by a factor and clipped to limits.

    Parameters
    ----------
    spread
        A number, a distribution, a column of a population or a table of numbers.
    factor
        0 or more.
    lowest, highest
        Limits of the number, included.
    """
    if isinstance(spread, Distribution):
        return _distribution(spread, factor, lowest, highest)
    if isinstance(spread, ColumnSpec):
        return _column(spread, factor, lowest, highest)
    if isinstance(spread, Mapping):
        return {key: multiplied(item, factor, lowest, highest) for key, item in spread.items()}
    return min(max(float(spread) * factor, lowest), highest)


def of_firms_there_are(spec: ColumnSpec, industries: Collection[str], sizes: Collection[str]) -> ColumnSpec:
    """Return a column without what it says of industries and sizes that no firm has; a default names more than a scenario may know."""
    known = {"industry": industries, "size": sizes, "industry_factor": industries, "size_factor": sizes}
    kept = {key: {name: item for name, item in getattr(spec, key).items() if name in names} for key, names in known.items()}
    return spec.model_copy(update=kept)


def written(spread: Any) -> Any:
    """Return a spread number as it stands in TOML."""
    return multiplied(spread, 1.0, -math.inf, math.inf)


def _column(spec: ColumnSpec, factor: float, lowest: float, highest: float) -> Any:
    if spec.value is not None and not (spec.industry or spec.size or spec.industry_factor or spec.size_factor):
        value = multiplied(spec.value, factor, lowest, highest)
        return value if isinstance(value, float) else {"value": value}
    # limits hold after the factors of industries and sizes, which stay as they are
    factors = [one * other for one, other in product((1.0, *spec.industry_factor.values()), (1.0, *spec.size_factor.values()))]
    largest = max(factors)
    limits = (lowest, highest / largest if highest > 0.0 else highest)
    table: dict[str, Any] = {} if spec.value is None else {"value": multiplied(spec.value, factor, *limits)}
    for key in ("industry", "size"):
        table[key] = multiplied(getattr(spec, key), factor, *limits)
    table |= {key: dict(getattr(spec, key)) for key in ("industry_factor", "size_factor")}
    return {key: item for key, item in table.items() if item != {}}


def _distribution(spread: Distribution, factor: float, lowest: float, highest: float) -> dict[str, Any]:
    table = spread.model_dump(exclude_none=True)
    for key in LENGTHS:
        if key in table:
            item = table[key]
            table[key] = tuple(part * factor for part in item) if isinstance(item, tuple) else item * factor
    low, high = type(spread).model_validate(table).support()
    return table | ({"minimum": lowest} if low < lowest else {}) | ({"maximum": highest} if high > highest else {})


def _half() -> Any:
    import numpy as np

    return np.array(0.5)
