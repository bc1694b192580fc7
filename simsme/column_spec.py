"""How one column of a population is spread over firms: one number or distribution for all, or others by industry and size."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, ValidationError, model_validator

from simsme.bounds import NotNegative
from simsme.distributions import Distribution
from simsme.messages import shown, shown_range
from simsme.quantities import AnyDistribution, Uncertain
from simsme.tables import Place, Table, complaint, outside_limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

OVERRIDES = ("industry", "size", "industry_factor", "size_factor")


class ColumnSpec(Table):
    """A number, a distribution, or a table of them.

    In a scenario file it is written as a number, as a distribution, or as either with overrides beside it::

        rent = 0.07
        [population.cash]
        dist = "lognorm"
        median = 2.16
        sigma = 0.915
        industry = { retail = 1.5 }
        size_factor = { medium = 1.2 }

    What an industry is given replaces what a size is given, and that replaces the general value; factors multiply the result.
    """

    value: Uncertain | None = None
    industry: dict[str, Uncertain] = Field(default_factory=dict)
    size: dict[str, Uncertain] = Field(default_factory=dict)
    industry_factor: dict[str, NotNegative] = Field(default_factory=dict)
    size_factor: dict[str, NotNegative] = Field(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _written_short(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls) or (isinstance(data, Mapping) and "dist" not in data and {"value", *OVERRIDES}.intersection(data)):
            return handler(data)
        long: dict[str, Any] = {"value": data}
        if isinstance(data, Mapping):
            long = {key: item for key, item in data.items() if key in OVERRIDES}
            long["value"] = {key: item for key, item in data.items() if key not in OVERRIDES}
        try:
            return handler(long)
        except ValidationError as error:
            lines = [(line["loc"], line["msg"], line["input"]) for line in error.errors(include_url=False)]
            raise complaint(cls.__name__, [(_without_value(place), message, found) for place, message, found in lines]) from None

    def source(self, industry: str, size: str) -> float | AnyDistribution | None:
        """Return the number or distribution that holds for firms of an industry and size, before factors; None where nothing does."""
        return self.industry.get(industry, self.size.get(size, self.value))

    def factor(self, industry: str, size: str) -> float:
        """Return the factor on what is drawn for firms of an industry and size."""
        return self.industry_factor.get(industry, 1.0) * self.size_factor.get(size, 1.0)

    def sources(self) -> Iterator[tuple[Place, float | AnyDistribution]]:
        """Yield every number and distribution with its place in the table."""
        if self.value is not None:
            yield (), self.value
        for name, table in (("industry", self.industry), ("size", self.size)):
            for key, source in table.items():
                yield (name, key), source

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield (``industry`` or ``size``, name) for every name that the table mentions."""
        for kind, tables in (("industry", (self.industry, self.industry_factor)), ("size", (self.size, self.size_factor))):
            for table in tables:
                for name in table:
                    yield kind, name

    def outside(self, lowest: float, highest: float) -> Iterator[tuple[Place, str, Any]]:
        """Yield what leaves the limits, factors included, with its place below the table."""
        for place, source in self.sources():
            for below, message, found in outside_limits(source, lowest, highest, per_firm=True):
                yield (*place, *below), message, found
            if isinstance(source, Distribution) and source.common is not None:
                yield (*place, "common"), "has no meaning here: [population.correlation] ties columns", source.common
        factors = [
            by_industry * by_size for by_industry in (1.0, *self.industry_factor.values()) for by_size in (1.0, *self.size_factor.values())
        ]
        for place, source in self.sources():
            low, high = source.support() if isinstance(source, Distribution) else (source, source)
            if not (lowest <= low and high <= highest):
                continue
            for factor in (min(factors), max(factors)):
                ends = [end * factor for end in (low, high) if not math.isnan(end * factor)]
                if ends and (min(ends) < lowest or max(ends) > highest):
                    reach = f"reaches {shown(min(ends))} to {shown(max(ends))}" if min(ends) < max(ends) else f"becomes {shown(ends[0])}"
                    yield place, f"{reach} with a factor of {shown(factor)}; the allowed range is {shown_range(lowest, highest)}", source
                    break

    def values(
        self,
        uniforms: Callable[[], Floats],
        industry: Codes,
        size: Codes,
        industry_names: Sequence[str],
        size_names: Sequence[str],
    ) -> Floats:
        """Return the column's value for each firm.

        Parameters
        ----------
        uniforms
            Gives each firm's uniform number, (n,); called only where something is drawn.
        industry, size
            Codes, (n,): positions in the names.
        industry_names, size_names
            Names; every pair of them has a source.
        """
        import numpy as np

        drawn: Floats | None = None
        values = np.empty(industry.shape)
        pairs = [(a, b, name, other) for a, name in enumerate(industry_names) for b, other in enumerate(size_names)]
        by_source: dict[int, tuple[float | AnyDistribution, Any]] = {}
        factors = np.ones((len(industry_names), len(size_names)))
        for a, b, name, other in pairs:
            factors[a, b] = self.factor(name, other)
            source = self.source(name, other)
            if source is None:
                raise ValueError(f"no value for industry {name!r} and size {other!r}")
            _, table = by_source.setdefault(id(source), (source, np.zeros(factors.shape, dtype=bool)))
            table[a, b] = True
        for source, table in by_source.values():
            here = slice(None) if table.all() else table[industry, size]
            if isinstance(source, Distribution):
                drawn = uniforms() if drawn is None else drawn
                values[here] = source.quantile(drawn[here])
            else:
                values[here] = source
        return values if (factors == 1.0).all() else values * factors[industry, size]


def _without_value(place: Place) -> Place:
    """Drop the step that the user did not write."""
    return place[1:] if place and place[0] == "value" else place
