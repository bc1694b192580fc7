"""Numbers with bounds of their own, for the fields of tables."""

import math
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from simsme.messages import outside, shown


def within(lowest: float, highest: float) -> AfterValidator:
    """Return a validator that holds a number to an interval, ends included."""

    def check(value: float) -> float:
        if not lowest <= value <= highest:
            raise ValueError(outside(value, lowest, highest))
        return value

    return AfterValidator(check)


def _above_zero(value: float) -> float:
    if value <= 0:
        raise ValueError(f"{shown(value)} is not allowed; it must be above 0")
    return value


Share = Annotated[float, within(0.0, 1.0), WithJsonSchema({"type": "number", "minimum": 0.0, "maximum": 1.0})]
"""A share, never percent."""

NotNegative = Annotated[float, within(0.0, math.inf), WithJsonSchema({"type": "number", "minimum": 0.0})]
"""0 or more."""

Days = NotNegative
"""A number of days, 0 or more."""

Positive = Annotated[float, AfterValidator(_above_zero), WithJsonSchema({"type": "number", "exclusiveMinimum": 0.0})]
"""Above 0."""

PositiveDays = Positive
"""A number of days above 0."""
