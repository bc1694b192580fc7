"""Scenario files: real ones, damaged; and some made up from the schema, with now and then a value of another kind."""

import json
import re
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from simsme.plan import plan_run
from simsme.runs import execute
from simsme.scenario import parse_scenario
from simsme.scenario_schema import scenario_schema
from tests.fuzzing.values import WILD_OTHERS, garble, wild_value

FOLDER = Path(__file__).parents[2] / "scenarios"
TINY = ("population.firms=4", "draws=2")


@cache
def shipped() -> tuple[str, ...]:
    """Texts of the shipped scenarios."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml")))


def damaged(luck: Random) -> str:
    """A shipped scenario with one to four faults."""
    text = luck.choice(shipped())
    for _ in range(luck.randint(1, 4)):
        lines = text.splitlines()
        at = luck.randrange(len(lines))
        match luck.randrange(9):
            case 0 | 1 | 2:
                given = [number for number, line in enumerate(lines) if re.match(r"\s*[\w.]+\s*=", line)]
                at = luck.choice(given or [at])
                lines[at] = lines[at].partition("=")[0] + "= " + wild_value(luck)
            case 3:
                numbers = list(re.finditer(r"(?<=[ =\[,])\d[\d._e-]*", text))
                if numbers:
                    found = luck.choice(numbers)
                    text = text[: found.start()] + wild_value(luck) + text[found.end() :]
                    continue
            case 4:
                del lines[at]
            case 5:
                lines.insert(luck.randrange(len(lines)), lines[at])
            case 6:
                lines[at] = garble(lines[at], luck, 1)
            case 7:
                lines[at] = re.sub(r"\w+", lambda found: luck.choice((found[0], found[0][::-1], found[0].upper())), lines[at], count=2)
            case _:
                lines = lines[:at] if luck.random() < 0.2 else [*lines[:at], *lines[at + luck.randint(1, 6) :]]
        text = "\n".join(lines) + "\n"
    return text


@cache
def _schema() -> dict[str, Any]:
    return scenario_schema()


def made_up(luck: Random) -> str:
    """A scenario of keys that exist, with values that mostly fit."""
    schema = _schema()
    wildness = luck.choice((0.0, 0.0, 0.02, 0.1))
    tables = _fitting(schema, schema, luck, wildness, 0)
    if isinstance(tables, dict) and luck.random() < 0.8:
        # years in steps of a day take long
        tables.pop("time", None)
    lines = []
    for key, value in (tables if isinstance(tables, dict) else {}).items():
        lines.append(f"{json.dumps(str(key))} = {value if isinstance(value, str) else _toml(value)}")
    if luck.random() < 0.8:
        lines = [line for line in lines if not line.startswith(('"population"', '"firms"'))] + ["population = { firms = 4 }"]
    return "\n".join(line for line in lines if not line.startswith(('"precision"', '"max_draws"')) or luck.random() < 0.1) + "\n"


def _fitting(part: dict[str, Any], schema: dict[str, Any], luck: Random, wildness: float, depth: int) -> Any:
    """A value, as text of TOML or as a table, that a part of the schema allows, as far as a schema says."""
    if luck.random() < wildness:
        return wild_value(luck)
    if "$ref" in part:
        found = schema
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return _fitting(found, schema, luck, wildness, depth)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in part:
            choices = [choice for choice in part[several] if choice.get("type") != "null"]
            return _fitting(luck.choice(choices or [{}]), schema, luck, wildness, depth)
    if "const" in part:
        return json.dumps(part["const"])
    if "enum" in part:
        return json.dumps(luck.choice(part["enum"]))
    match part.get("type"):
        case "object":
            known = part.get("properties", {})
            wanted = [name for name in known if name in part.get("required", ()) or luck.random() < (0.4 if depth < 2 else 0.25)]
            return {name: _fitting(known[name], schema, luck, wildness, depth + 1) for name in wanted} if depth < 8 else {}
        case "array":
            return [_fitting(part.get("items", {}), schema, luck, wildness, depth + 1) for _ in range(luck.randint(0, 3))]
        case "integer":
            lowest, highest = part.get("minimum", 0), part.get("maximum", 400)
            return str(luck.choice((lowest, min(highest, 400), luck.randint(lowest, max(lowest, min(highest, 400))))))
        case "number":
            lowest, highest = float(part.get("minimum", 0.0)), float(part.get("maximum", 100.0))
            return repr(luck.choice((lowest, highest, lowest + (highest - lowest) * luck.random(), lowest + (highest - lowest) * 0.01)))
        case "boolean":
            return luck.choice(("true", "false"))
        case "string":
            return luck.choice(('"none"', '"a"', '"retail"', '"micro"', '"2022-03-01"', luck.choice(WILD_OTHERS[:9])))
    return wild_value(luck)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(str(key))} = {_toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return str(value)


def try_scenario(text: str, name: str, runs: bool) -> None:
    """Read a scenario; where it is fine and is to be run, run it with few firms and see that shares are shares."""
    parse_scenario(text, name, FOLDER)
    if runs:
        loaded = parse_scenario(text, name, FOLDER, TINY)
        outcomes = execute(plan_run(loaded), jobs=1, engine="numpy").outcomes
        for endpoint in ("cash", "open", "exit"):
            shares = outcomes.endpoint(endpoint)
            if not (np.isfinite(shares).all() and (shares >= -1e-9).all() and (shares <= 1.0 + 1e-9).all()):
                raise ArithmeticError(f"{endpoint} holds what is no share")
