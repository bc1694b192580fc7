"""A JSON Schema of one firm as a file gives it: a row, whatever the format."""

import math
from typing import Any

from simsme.firm_columns import BY_NAME, NUMBERS, TEXTS, TINY, Column
from simsme.population import LEGAL_FORMS, SIZES

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def firm_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a row of a file of firms, under our own names of columns.

    Other columns may stand beside them and are not used.
    """
    texts: dict[str, dict[str, Any]] = {name: {"type": "string", "description": meaning} for name, meaning in TEXTS.items()}
    texts["firm_id"] |= {"type": ["string", "integer"], "minLength": 1}
    texts["size"]["enum"] = list(SIZES)
    texts["legal_form"]["enum"] = list(LEGAL_FORMS)
    required = [name for name, column in BY_NAME.items() if column.required]
    return {
        "$schema": DRAFT,
        "title": "simsme firm",
        "description": "One firm: a row of a file of firms. What is not there is drawn from the scenario's population.",
        "type": "object",
        "properties": texts | {column.name: _number(column) for column in BY_NAME.values()},
        "required": ["firm_id", *required],
    }


def _number(column: Column) -> dict[str, Any]:
    kind = "" if column in NUMBERS else "; of a financial statement"
    found: dict[str, Any] = {"type": "number", "description": f"{column.meaning} ({column.unit}{kind})"}
    if column.name == "state_landlord":
        return {"description": found["description"], "enum": [0, 1, False, True]}
    if column.lowest == TINY:
        found["exclusiveMinimum"] = 0
    elif math.isfinite(column.lowest):
        found["minimum"] = column.lowest
    if math.isfinite(column.highest):
        found["maximum"] = column.highest
    return found
