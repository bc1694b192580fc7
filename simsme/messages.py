"""Validation errors in plain English: what was found, and what is allowed."""

import datetime
import math
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from simsme.problems import did_you_mean

_WHOLE = 10**18
"""Whole numbers are shown up to here: larger ones are neither read by anybody nor, at last, numbers of this machine."""


_PERCENT_FROM = 2.0
"""A number above this, given for a share, is taken for a percentage; up to here it may be a share that somebody overdid."""


def shown(value: object) -> str:
    """Return a value as a scenario file would show it, cut where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _WHOLE:
        return f"a whole number beyond {_WHOLE:.0e}"
    if isinstance(value, int | float):
        if math.isfinite(value) and value == int(value) and abs(value) <= 2**53:
            return str(int(value))
        return f"{value:g}" if math.isfinite(value) and float(f"{value:g}") == value else repr(value)
    if isinstance(value, str):
        return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
    if isinstance(value, datetime.date | datetime.time):
        return str(value)
    if isinstance(value, Mapping):
        return "a table" if value else "an empty table"
    if isinstance(value, list | tuple):
        text = "[" + ", ".join(shown(item) for item in value) + "]"
        return text if len(text) <= 60 else f"a list of {len(value)}"
    return f"a {type(value).__name__}"


def shown_range(lowest: float, highest: float) -> str:
    """Return the words for an interval: ``0 to 1``, ``0 or more``, ``at most 1``."""
    if math.isinf(lowest) and math.isinf(highest):
        return "any number"
    if math.isinf(highest):
        return f"{_limit(lowest)} or more"
    if math.isinf(lowest):
        return f"at most {_limit(highest)}"
    return f"{_limit(lowest)} to {_limit(highest)}"


def outside(value: float, lowest: float, highest: float) -> str:
    """Return what is said of a number beyond its limits, and where it looks like a percentage the share that may be meant."""
    return f"{shown(value)} is outside the allowed range {shown_range(lowest, highest)}{share_hint(value, lowest, highest)}"


def share_hint(value: float, lowest: float, highest: float) -> str:
    """Return ``; shares are ... did you mean 0.8?`` where a number between 0 and 1 is wanted and a percentage was given, else nothing."""
    if (lowest, highest) != (0.0, 1.0) or not _PERCENT_FROM < value <= 100.0:
        return ""
    return f"; shares are written 0 to 1, not in percent: did you mean {float(value) / 100.0:.12g}?"


def _limit(value: float) -> str:
    """Return an end of a range for a reader: digits in groups of three, no powers of ten where it can be helped."""
    if math.isfinite(value) and value == int(value) and abs(value) <= 2**53:
        return f"{int(value):,}"
    return f"{value:.12f}".rstrip("0") if 1e-9 <= abs(value) < 1.0 else shown(value)


def listed(names: Collection[str]) -> str:
    """Return names for a sentence: ``"a", "b"``."""
    return ", ".join(f'"{name}"' for name in names)


_EXPECTED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "date_type": "a date without quotes, such as 2022-03-01",
    "date_from_datetime_inexact": "a date without a time of day, such as 2022-03-01",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "finite_number": "a finite number",
}


def plain_message(error: ErrorDetails, known_keys: Collection[str], distributions: Collection[str]) -> str:
    """Return what one validation error means to a user.

    Parameters
    ----------
    error
        One line of a validation error.
    known_keys
        Keys of the table in which it happened, for the nearest name of an unknown one.
    distributions
        Names of the known distributions.
    """
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if kind == "simsme":
        return error["msg"]
    if kind == "value_error":
        return str(context["error"])
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        return f"unknown key{did_you_mean(key, known_keys) or '; known here: ' + ', '.join(known_keys)}"
    if kind == "literal_error":
        return f"{shown(value)} is not known; one of {context['expected'].replace(chr(39), chr(34))}{_nearest(value, context['expected'])}"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _not_a_quantity(value, distributions)
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return f"{shown(value)} is not allowed; it must be {_bound(kind, context)}"
    if kind in ("too_short", "too_long"):
        wanted = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        return f"must have {wanted} items, found {context['actual_length']}"
    if kind in ("string_too_short", "string_pattern_mismatch", "string_too_long"):
        return f"{shown(value)} is not allowed here"
    if kind in _EXPECTED:
        return f"must be {_EXPECTED[kind]}, found {shown(value)}{' (text)' if isinstance(value, str) else ''}"
    return f"{shown(value)} is not allowed here"


def _nearest(value: Any, expected: str) -> str:
    return did_you_mean(value, [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]) if isinstance(value, str) else ""


def _bound(kind: str, context: dict[str, Any]) -> str:
    word = {"greater_than": "above", "greater_than_equal": "at least", "less_than": "below", "less_than_equal": "at most"}[kind]
    return f"{word} {shown(next(iter(context.values())))}"


def _not_a_quantity(value: Any, distributions: Collection[str]) -> str:
    example = 'a number or a distribution such as { dist = "uniform", low = 0.1, high = 0.3 }'
    if isinstance(value, Mapping):
        if "dist" not in value:
            return f'must be {example}; "dist" is missing'
        name = str(value["dist"])
        return f"unknown distribution {shown(name)}{did_you_mean(name, distributions) or '; one of ' + ', '.join(distributions)}"
    return f"must be {example}, found {shown(value)}{' (text)' if isinstance(value, str) else ''}"
