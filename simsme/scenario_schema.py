"""A JSON Schema of scenario files, for editors: generated from the tables that check them, so that it cannot fall behind.

It knows keys, types, limits and distributions. What only a run can know (that shares add up to 1, that a policy's name is free) is left
to ``simsme check``. There is no ``$id``: editors take one for an address and try to fetch it.
"""

import math
import re
from collections.abc import Mapping
from inspect import cleandoc
from typing import Any

from simsme.firm_columns import ALL_NAMES, BY_NAME, TEXTS
from simsme.levers import kinds
from simsme.messages import shown_range
from simsme.population import LEGAL_FORMS, SIZES
from simsme.quantities import KINDS
from simsme.scenario import Scenario

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_DEFS = "#/$defs/"
_DISTRIBUTIONS = {kind.__name__: name for name, kind in KINDS.items()}
_OVERRIDES = ("industry", "size", "industry_factor", "size_factor")
_KEYS = {("Population", "sizes"): SIZES, ("Population", "legal_forms"): LEGAL_FORMS}
_FIRM_KEYS = {"columns": ALL_NAMES, "constants": tuple(name for name in ALL_NAMES if name != "firm_id"), "values": tuple(TEXTS)}
_FIRM_KEYS |= {"factors": tuple(BY_NAME)}


def scenario_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file, as plain JSON values."""
    whole = Scenario.model_json_schema()
    tables: dict[str, Schema] = whole.pop("$defs")
    levers = []
    for kind in kinds().values():
        lever = kind.model_json_schema()
        tables |= lever.pop("$defs", {})
        tables[kind.__name__] = lever
        levers.append({"$ref": _DEFS + kind.__name__})
    for unused in ("Lever", "SalesPath"):
        tables.pop(unused, None)
    column = _table("ColumnSpec", tables.pop("ColumnSpec"))
    found = {name: _table(name, table) for name, table in tables.items()}
    for name in _DISTRIBUTIONS:
        overrides = {key: column["properties"][key] for key in _OVERRIDES}
        found[f"Column{name}"] = {**found[name], "properties": found[name]["properties"] | overrides}
    found["Distribution"] = _one_of("A distribution, from which the number is drawn once a draw", _DISTRIBUTIONS)
    found["ColumnDistribution"] = _one_of("A distribution, from which each firm's number is drawn", [f"Column{n}" for n in _DISTRIBUTIONS])
    found["ColumnTable"] = {**column, "minProperties": 1}
    found["Policy"]["properties"]["levers"]["items"] = {"oneOf": levers}
    scenario = _table("Scenario", whole)
    # a file without a name takes that of the file
    del scenario["required"]
    return {
        "$schema": DRAFT,
        "title": "simsme scenario",
        **scenario,
        "anyOf": [{"required": ["population"]}, {"required": ["firms"]}],
        "not": {"required": ["draws", "precision"]},
        "dependentRequired": {"max_draws": ["precision"]},
        "$defs": dict(sorted(found.items())),
    }


def _table(name: str, table: Schema) -> Schema:
    """Return the schema of a table with plain words and only the keywords that editors need."""
    properties = {key: _property(name, key, given) for key, given in table["properties"].items()}
    required = list(table.get("required", ()))
    # the key that tells tables of a union apart has a default in Python and none in a file
    required += [key for key in ("dist", "kind") if key in properties and "const" in properties[key]]
    return {
        "type": "object",
        "description": _plain_text(table.get("description", "")),
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _property(table: str, key: str, given: Schema) -> Schema:
    lowest, highest = (bound if bound is not None else math.nan for bound in given.get("limits", (None, None)))
    shape = _shape({name: item for name, item in given.items() if name not in _NOT_SHAPE}, lowest, highest)
    if (table, key) in _KEYS:
        shape["propertyNames"] = {"enum": list(_KEYS[table, key])}
    if table == "FirmsFile" and key in _FIRM_KEYS:
        meanings = TEXTS | {column.name: column.meaning for column in BY_NAME.values()}
        item = shape.pop("additionalProperties")
        shape |= {"properties": {ours: {**item, "description": meanings[ours]} for ours in _FIRM_KEYS[key]}, "additionalProperties": False}
    if key in ("sizes", "legal_forms") and "items" in shape:
        shape["items"]["enum"] = list(SIZES if key == "sizes" else LEGAL_FORMS)
    words = _words(given)
    found = ({"description": words} if words else {}) | shape
    default = given.get("default")
    if default is not None and not (isinstance(default, float) and not math.isfinite(default)) and "const" not in shape:
        found["default"] = default
    return found


_NOT_SHAPE = ("title", "description", "default", "reference", "unit", "basis", "source", "limits", "range", "per_firm")


def _shape(given: Schema, lowest: float, highest: float) -> Schema:
    """Return what a value may be, numbers held to limits (NaN: none)."""
    reference = str(given.get("$ref", "")).removeprefix(_DEFS)
    number = _limited({"type": "number"}, lowest, highest)
    if reference == "SalesPath":
        return {"type": "string"}
    if reference == "ColumnSpec":
        return {"anyOf": [number, {"$ref": f"{_DEFS}ColumnDistribution"}, {"$ref": f"{_DEFS}ColumnTable"}]}
    if reference:
        return {"$ref": _DEFS + ("Distribution" if reference in _DISTRIBUTIONS else reference)}
    branches = given.get("oneOf") or given.get("anyOf")
    if branches:
        # TOML has no null: what is not given is left out; a distribution counts once, whatever its kind
        shapes: list[Schema] = []
        for branch in branches:
            shape = _shape(branch, lowest, highest)
            shapes += [part for part in shape.get("anyOf", [shape]) if part != {"type": "null"} and part not in shapes]
        return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}
    found = {name: item for name, item in given.items() if name not in _NOT_SHAPE}
    for inner in ("items", "additionalProperties"):
        if isinstance(found.get(inner), Mapping):
            found[inner] = _shape(found[inner], lowest, highest)
    return _limited(found, lowest, highest) if found.get("type") in ("number", "integer") else found


def _limited(shape: Schema, lowest: float, highest: float) -> Schema:
    bounds = {"minimum": lowest, "maximum": highest}
    whole = shape["type"] == "integer"
    return shape | {name: int(bound) if whole else bound for name, bound in bounds.items() if not math.isnan(bound)}


def _words(given: Schema) -> str:
    """Return the meaning of a key with unit, limits, plausible range and basis."""
    facts = [given["unit"]] if given.get("unit") else []
    low, high = (math.nan if bound is None else bound for bound in given.get("limits") or (None, None))
    if not (math.isnan(low) and math.isnan(high)):
        facts.append("allowed " + shown_range(-math.inf if math.isnan(low) else low, math.inf if math.isnan(high) else high))
    if given.get("range"):
        facts.append("plausible " + shown_range(*given["range"]))
    facts += [given["basis"]] if given.get("basis") else []
    return _plain_text(given.get("description", "")) + (f" ({'; '.join(facts)})" if facts else "")


def _plain_text(text: str) -> str:
    """Return a docstring as a sentence or two: without its sections, its roles and its line breaks."""
    words = re.split(r"\n\s*(?:Attributes|Parameters)\s*\n", cleandoc(text))[0]
    words = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"\1", words).split("::")[0]
    return re.sub(r"\s+", " ", words.replace("``", "")).strip()


def _one_of(description: str, names: Any) -> Schema:
    return {"description": description, "oneOf": [{"$ref": _DEFS + name} for name in names]}
