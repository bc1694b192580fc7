"""Lines of a TOML file for people: settings with what they mean beside them."""

import datetime
import json
import math
import re
from collections.abc import Mapping
from typing import Any

COMMENT_COLUMN = 40
"""Characters before the comment beside a setting."""

LONGEST = 132
"""Characters of a line; a longer comment stands above its setting."""


def toml_value(value: Any) -> str:
    """Return a value as TOML on one line; numbers to the last bit."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "inf" if math.isinf(value) else repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    # what JSON escapes, TOML escapes alike; it wants DEL escaped as well
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)


def toml_key(key: str) -> str:
    """Return a key as TOML, in quotes where it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else toml_value(key)


def setting(key: str, value: Any, meaning: str, *, on: bool) -> list[str]:
    """Return the lines of a setting; one that is not on is a comment that begins with ``#`` and no blank."""
    return beside(f"{'' if on else '#'}{toml_key(key)} = {toml_value(value)}", meaning)


def heading(table: str, meaning: str, *, on: bool, array: bool = False) -> list[str]:
    """Return the lines of the heading of a table, or of an item of an array of tables."""
    return ["", *beside(f"{'' if on else '#'}{'[[' if array else '['}{table}{']]' if array else ']'}", meaning)]


def beside(text: str, meaning: str) -> list[str]:
    """Return a line with its meaning beside it, or above it where that is too long."""
    if not meaning:
        return [text]
    together = f"{text.ljust(COMMENT_COLUMN - 1)} # {meaning}"
    return [together] if len(together) <= LONGEST else [*prose(meaning), text]


def prose(text: str) -> list[str]:
    """Return a paragraph as comment lines."""
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(text, LONGEST - 2, break_long_words=False, break_on_hyphens=False)]


def rule(title: str) -> list[str]:
    """Return the line that begins a chapter."""
    return ["", f"# {'-' * (LONGEST - 4 - len(title))} {title}"]
