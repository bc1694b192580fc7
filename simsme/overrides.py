"""Overrides of a scenario file: ``key=value`` with a dotted key and a value in TOML."""

import re
import tomllib
from typing import Any

from simsme.messages import listed, shown
from simsme.problems import InputError, Problem, did_you_mean

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def parse_override(override: str) -> tuple[tuple[str, ...], Any]:
    """Return the parts of the key and the value of ``key=value``.

    The value is TOML; what is not TOML is taken as a number where it looks like one (``.5``) and as text otherwise.

    Raises
    ------
    InputError
        Where there is no key, or a value in brackets or quotes is not TOML.
    """
    key, equals, text = override.partition("=")
    parts = tuple(part.strip() for part in key.split("."))
    text = text.strip()
    if not equals or not all(parts):
        raise InputError([_problem(override, "must be key=value with a dotted key, such as credit.renewal=0.9")])
    try:
        table = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError as error:
        if text[:1] in tuple("[{\"'"):
            raise InputError([_problem(override, f"the value is not TOML: {re.sub(r' [(]at .*', '', str(error))}")]) from None
        return parts, float(text) if _NUMBER.fullmatch(text) else text
    except ValueError:
        # Python reads no number of thousands of digits
        raise InputError([_problem(override, "the value is a number with thousands of digits")]) from None
    except RecursionError:
        raise InputError([_problem(override, "the value has brackets within brackets, more deeply than anything means")]) from None
    return parts, table["value"] if len(table) == 1 else text


def apply_override(tables: dict[str, Any], override: str) -> str:
    """Set one value in the tables of a scenario, in place, and return its dotted place as errors will name it.

    A policy is found by its name, a lever of it by its number (from 0), its kind or its name:
    ``policy.renewal.levers.loan_renewal.take_up=0.3``.

    Raises
    ------
    InputError
        Where the path leads through something that is not there, or is not a table.
    """
    parts, value = parse_override(override)
    node: Any = tables
    place: list[str] = []
    for part in parts[:-1]:
        if isinstance(node, list):
            node, part = _item(node, part, override, ".".join(place))
        elif isinstance(node, dict):
            node = node.setdefault(part, {}) if part != "policy" else node.setdefault(part, [])
        place.append(part)
        if not isinstance(node, dict | list):
            raise InputError([_problem(override, f'"{".".join(place)}" is {shown(node)}, not a table')])
    if isinstance(node, list):
        position = _position(node, parts[-1], override, ".".join(place))
        node[position] = value
        return ".".join([*place, str(position)])
    node[parts[-1]] = value
    return ".".join([*place, parts[-1]])


def _item(items: list[Any], part: str, override: str, place: str) -> tuple[Any, str]:
    position = _position(items, part, override, place)
    names = _names(items[position])
    return items[position], names[0] if place == "policy" and names else str(position)


def _position(items: list[Any], part: str, override: str, place: str) -> int:
    if part.isascii() and part.isdigit() and int(part) < len(items):
        return int(part)
    names = [_names(item) for item in items]
    for position, known in enumerate(names):
        if part in known:
            return position
    listed_names = [known[0] for known in names if known]
    what = "policy" if place == "policy" else "item"
    known_text = f"; there is {listed(listed_names)}" if listed_names else ""
    raise InputError([_problem(override, f'{place} has no {what} "{part}"{did_you_mean(part, listed_names) or known_text}')])


def _names(item: Any) -> list[str]:
    """Names by which an item of a list may be called, the best first."""
    return [str(item[key]) for key in ("name", "kind") if key in item] if isinstance(item, dict) else []


def _problem(override: str, message: str) -> Problem:
    return Problem(f"--set {override}", "", message)
