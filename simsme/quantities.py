"""Numbers of a scenario: plain ones, and distributions from which a number is drawn."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Tag

from simsme.bounds import Days, NotNegative, Positive, PositiveDays, Share, within
from simsme.distributions import (
    KINDS,
    Beta,
    Choice,
    Distribution,
    Expon,
    Gamma,
    Lognorm,
    Norm,
    Quantiles,
    Triang,
    Truncnorm,
    Uniform,
    Weibull,
)
from simsme.tables import Table

__all__ = [
    "AnyDistribution",
    "Beta",
    "Choice",
    "Days",
    "Distribution",
    "Expon",
    "Gamma",
    "KINDS",
    "Lognorm",
    "Norm",
    "NotNegative",
    "Positive",
    "PositiveDays",
    "Quantiles",
    "Share",
    "Table",
    "Triang",
    "Truncnorm",
    "Uncertain",
    "Uniform",
    "Weibull",
    "tag_of",
    "within",
]


def tag_of(value: Any) -> str | None:
    """Return the tag of the member of `Uncertain` that a value from a file would be; None where it is neither number nor distribution."""
    if isinstance(value, Distribution):
        return f"<{value.dist}>"
    if isinstance(value, Mapping):
        return f"<{value['dist']}>" if isinstance(value.get("dist"), str) and value["dist"] in KINDS else None
    return "<number>" if isinstance(value, int | float) and not isinstance(value, bool) else None


AnyDistribution = (
    Annotated[Uniform, Tag("<uniform>")]
    | Annotated[Norm, Tag("<norm>")]
    | Annotated[Lognorm, Tag("<lognorm>")]
    | Annotated[Beta, Tag("<beta>")]
    | Annotated[Triang, Tag("<triang>")]
    | Annotated[Gamma, Tag("<gamma>")]
    | Annotated[Expon, Tag("<expon>")]
    | Annotated[Weibull, Tag("<weibull>")]
    | Annotated[Truncnorm, Tag("<truncnorm>")]
    | Annotated[Quantiles, Tag("<quantiles>")]
    | Annotated[Choice, Tag("<choice>")]
)
"""Members of a tagged union; combine with others under `Discriminator`."""

Uncertain = Annotated[Annotated[float, Tag("<number>")] | AnyDistribution, Discriminator(tag_of)]
"""A number, or a distribution from which it is drawn once a draw."""
