"""Defaults and levers as plain values: what the catalogue prints, for people and as JSON."""

import datetime
import math
import re
from typing import Any, Literal, get_args, get_origin

from pydantic_core import PydanticUndefined

from simsme.levers import Lever, kinds
from simsme.messages import shown_range
from simsme.reference import Entry, entry


def entry_facts(found: Entry) -> dict[str, Any]:
    """Return one default as plain values; what has no limit is None."""
    return {
        "name": found.name,
        "value": plain(found.value),
        "unit": found.unit,
        "range": None if found.range is None else list(found.range),
        "limits": [plain(limit) for limit in found.limits],
        "role": found.role,
        "basis": found.basis,
        "source": found.source,
        "source_quality": found.source_quality,
        "text": found.text,
    }


def lever_facts(kind: str, lever: type[Lever]) -> dict[str, Any]:
    """Return a lever and all its fields as plain values."""
    text = without_roles(" ".join((lever.__doc__ or "").split()))
    return {"kind": kind, "text": text, "fields": [_field(lever, name) for name in lever.model_fields]}


def without_roles(text: str) -> str:
    """Return a text without roles of the documentation: the class of a lever reads as the lever's kind, anything else as its last name."""
    kind_of = {lever.__name__: kind for kind, lever in kinds().items()}
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", lambda role: f"`{kind_of[role[1]]}`" if role[1] in kind_of else role[1], text)


def _field(lever: type[Lever], name: str) -> dict[str, Any]:
    field = lever.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    found = entry(str(extra["reference"])) if "reference" in extra else None
    default = None if field.default is PydanticUndefined else field.default
    return {
        "name": name,
        "default": plain(default),
        "default_text": toml_text(default),
        "unit": found.unit if found else "",
        "allowed": _allowed(field.annotation, found),
        "range": list(found.range) if found and found.range else None,
        "basis": found.basis if found else "",
        "source": found.source if found else "",
        "text": field.description or "",
    }


def _allowed(annotation: Any, found: Entry | None) -> str:
    """Which values a field takes: one of some words, or a range of numbers; empty where that says nothing."""
    if get_origin(annotation) is Literal and len(get_args(annotation)) > 1:
        return " or ".join(toml_text(word) for word in get_args(annotation))
    return shown_range(*found.limits) if found and any(map(math.isfinite, found.limits)) else ""


def plain(value: Any) -> Any:
    """Return a value of a TOML file as JSON has it: dates as text, None for what is infinite."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def toml_text(value: Any) -> str:
    """Return a value as it would stand in a TOML file, on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_text(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_text, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    return f'"{value}"' if isinstance(value, str) else str(value)
