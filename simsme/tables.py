"""Tables of a scenario file as frozen, checked models.

A `Table` refuses unknown keys and wrong types, holds its numbers to the limits of their reference entries, and complains in plain
English. Validators of a table raise ValueError with a plain sentence.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import InitErrorDetails, PydanticCustomError

from simsme.messages import outside, plain_message, shown, shown_range
from simsme.problems import InputError, Problem
from simsme.reference import entry

Place = tuple[int | str, ...]
"""Keys and positions that lead to a value."""

Fault = tuple[Place, str, Any]
"""What is wrong in a table: its place, a plain message, the value found."""


@runtime_checkable
class Spread(Protocol):
    """What a distribution shows of itself to the check of limits."""

    dist: str
    common: float | None

    def support(self) -> tuple[float, float]:
        """Lowest and highest value."""
        ...


class Table(BaseModel):
    """Base of every table of a scenario file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, revalidate_instances="never", defer_build=True)

    distributions: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="wrap")
    @classmethod
    def _complain_in_plain_words(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise complaint(
                cls.__name__,
                [
                    (_without_tags(line["loc"]), plain_message(line, tuple(cls.model_fields), Table.distributions), line["input"])
                    for line in error.errors(include_url=False)
                ],
            ) from None

    @field_validator("*", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("*", mode="after")
    @classmethod
    def _inside_limits(cls, value: Any, info: ValidationInfo) -> Any:
        extra = cls.model_fields[info.field_name or ""].json_schema_extra
        known = extra if isinstance(extra, dict) else {}
        limits = entry(str(known["reference"])).limits if "reference" in known else (-math.inf, math.inf)
        lines = list(outside_limits(value, *limits, per_firm=bool(known.get("per_firm"))))
        if lines:
            raise complaint(cls.__name__, lines)
        return value


AnyTable = TypeVar("AnyTable", bound=Table)


def outside_limits(value: Any, lowest: float, highest: float, *, per_firm: bool = False) -> Iterator[Fault]:
    """Yield what leaves the limits, with its place below the value: a number, the support of a distribution, items of a list or table.

    Parameters
    ----------
    value
        What stands in the table; texts and dates pass.
    lowest, highest
        Limits, included; may be infinite.
    per_firm
        Whether a distribution may have the key ``common``.
    """
    if isinstance(value, Spread):
        if value.common is not None and not per_firm:
            yield ("common",), "has no meaning here: this number is drawn once a draw, for all firms alike", value.common
        smallest, largest = value.support()
        if smallest < lowest or largest > highest:
            clips = [f"minimum = {shown(lowest)}"] * (smallest < lowest) + [f"maximum = {shown(highest)}"] * (largest > highest)
            reach = f"from {shown(smallest)} to {shown(largest)}".replace("inf", "infinity")
            message = f'the distribution "{value.dist}" reaches {reach}, outside the allowed range {shown_range(lowest, highest)}'
            yield (), f"{message}; clip it with {' and '.join(clips)}", value
    elif isinstance(value, Mapping | tuple):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            for place, message, found in outside_limits(item, lowest, highest, per_firm=per_firm):
                yield (key, *place), message, found
    elif isinstance(value, int | float) and not isinstance(value, bool) and not lowest <= value <= highest:
        yield (), outside(value, lowest, highest), value


def complaint(title: str, lines: Sequence[Fault]) -> ValidationError:
    """Return a validation error with one line for each (place, plain message, value found)."""
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(type=PydanticCustomError("simsme", "{message}", {"message": message}), loc=place, input=value)
            for place, message, value in lines
        ],
    )


def problems_of(error: ValidationError, file: str, place: str = "") -> list[Problem]:
    """Return the lines of a table's validation error as problems of `file`, below the dotted `place`."""
    found = []
    for line in error.errors(include_url=False):
        parts = [place] * bool(place) + [str(part) for part in _without_tags(line["loc"])]
        found.append(Problem(file, ".".join(parts), plain_message(line, (), Table.distributions)))
    return found


def parse_table(
    kind: type[AnyTable], data: Mapping[str, Any], file: str, place: str = "", context: dict[str, Any] | None = None
) -> AnyTable:
    """Return `data`, as read from TOML, as a table of class `kind`.

    Raises
    ------
    InputError
        With all that is wrong, each at its dotted place below `place`.
    """
    try:
        return kind.model_validate(dict(data), context=context)
    except ValidationError as error:
        raise InputError(problems_of(error, file, place)) from None


def _without_tags(place: Place) -> Place:
    """Drop the tags (``<uniform>``) by which a union names the member it tried."""
    return tuple(part for part in place if not (isinstance(part, str) and part.startswith("<")))
