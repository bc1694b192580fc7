"""What there is to choose from, as a user gives it: ``[optimize.levers.grant]`` with lists of the values that a number may have."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.messages import listed, shown
from simsme.optimization.space import AS_GIVEN, OFF, Candidate, Level, Space, changed_level
from simsme.overrides import parse_override
from simsme.policy import Policy, unknown_firms
from simsme.population import LEGAL_FORMS, SIZES
from simsme.problems import InputError, Problem, did_you_mean
from simsme.scenario import Scenario
from simsme.tables import problems_of
from simsme.textfile import parse_toml, read_text

MOST_LEVELS = 50
"""Levels of one lever at the most."""

ALL = "all"
"""Stands for no condition in a list of values of a condition on firms."""

_LISTS = ("industries", "sizes", "legal_forms")
"""Fields that are lists themselves: a list of names is one value of theirs, a list of lists several."""


def search_tables(file: Path | None, levels: Sequence[str]) -> dict[str, Any]:
    """Return the table ``optimize.levers`` of a search file, with what ``--levels lever.number=[...]`` adds.

    Raises
    ------
    InputError
        Where the file cannot be read, or holds something else.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    if file is not None:
        tables = parse_toml(read_text(file, str(file)), str(file))
        optimize = tables.pop("optimize", {})
        inner = optimize.pop("levers", {}) if isinstance(optimize, dict) else {}
        unknown = [*tables, *(f"optimize.{key}" for key in (optimize if isinstance(optimize, dict) else {"": 0}))]
        problems += [Problem(str(file), key, "unknown key; a search file has tables [optimize.levers.LEVER]") for key in unknown]
        if not isinstance(inner, dict) or not all(isinstance(table, dict) for table in inner.values()):
            problems.append(Problem(str(file), "optimize.levers", "must be tables such as [optimize.levers.grant]"))
        elif not inner and not unknown:
            problems.append(Problem(str(file), "", "names no lever; it needs a table such as [optimize.levers.grant]"))
        else:
            found = inner
    for text in levels:
        try:
            parts, value = parse_override(text)
        except InputError as error:
            problems += [Problem(f"--levels {text}", problem.place, problem.message) for problem in error.problems]
            continue
        if len(parts) != 2:
            message = "must be LEVER.NUMBER=[VALUES], such as grant.sales_share=[0.02, 0.05]"
            problems.append(Problem(f"--levels {text}", "", message))
        else:
            found.setdefault(parts[0], {})[parts[1]] = value
    if problems:
        raise InputError(problems)
    return found


def space_of_tables(tables: Mapping[str, Any], scenario: Scenario, policies: Sequence[Policy], file: str) -> Space:
    """Return the levers of a search file with all combinations of their values.

    Parameters
    ----------
    tables
        What `search_tables` returns: by lever, numbers with one value or a list of values. ``off = false``: the lever must be in the mix.
        ``policy``: the policy whose terms hold for all else; the first that has the lever where not given, and the lever's defaults where
        none has it. ``levels``: a list of tables in place of combinations.
    scenario, policies
        The scenario, and its policies.
    file
        How to call the file in errors.

    Raises
    ------
    InputError
        With everything that is wrong: unknown levers and numbers, and values outside their limits.
    """
    problems: list[Problem] = []
    candidates = []
    for label, table in tables.items():
        place = f"optimize.levers.{label}"
        base, own = _base(label, table, policies, file, place)
        problems += own
        if base is None:
            continue
        levels, faults = _levels(base, table, scenario, file, place)
        problems += faults
        if not faults and len(levels) < 2:
            problems.append(Problem(file, place, "has one level only, so that there is nothing to choose"))
        candidates.append(Candidate(base.label, tuple(levels)))
    if problems:
        raise InputError(problems)
    return Space(tuple(candidates))


def _base(label: str, table: Mapping[str, Any], policies: Sequence[Policy], file: str, place: str) -> tuple[Lever | None, list[Problem]]:
    """The lever on the terms from which its levels are made."""
    wanted = table.get("policy")
    if wanted is not None and wanted not in [policy.name for policy in policies]:
        names = [policy.name for policy in policies]
        hint = (did_you_mean(wanted, names) if isinstance(wanted, str) else "") or f"; there is {', '.join(names)}"
        return None, [Problem(file, f"{place}.policy", f"no policy is called {shown(wanted)}{hint}")]
    there = {lever.label: lever for policy in reversed(policies) if wanted in (None, policy.name) for lever in policy.levers}
    if label in there:
        return there[label], []
    kind, _, name = label.partition(":")
    if kind in kinds() and wanted is None:
        try:
            table = {"kind": kind, "name": name} if name else {"kind": kind}
            return Policy.model_validate({"name": "level", "levers": [table]}).levers[0], []
        except ValidationError as error:
            return None, problems_of(error, file, place)
    known = there if wanted is not None else dict.fromkeys([*there, *kinds()])
    where = f"the policy {wanted} has no such lever" if wanted is not None else f'no lever is called "{label}"'
    return None, [Problem(file, place, f"{where}{did_you_mean(label, known) or '; there is ' + listed(known)}")]


def _levels(base: Lever, table: Mapping[str, Any], scenario: Scenario, file: str, place: str) -> tuple[list[Level], list[Problem]]:
    off = table.get("off", True)
    if not isinstance(off, bool):
        return [], [Problem(file, f"{place}.off", f"must be true or false, found {shown(off)}")]
    given = {key: value for key, value in table.items() if key not in ("off", "policy", "levels")}
    listed_levels = table.get("levels")
    if listed_levels is not None:
        if not isinstance(listed_levels, list) or not all(isinstance(one, dict) for one in listed_levels) or not listed_levels:
            return [], [Problem(file, f"{place}.levels", "must be a list of tables such as [{ take_up = 0.2 }, { take_up = 0.5 }]")]
        combinations: Iterable[dict[str, Any]] = [given | one for one in listed_levels]
        count = len(listed_levels)
    else:
        values = {key: _values(key, value) for key, value in given.items()}
        empty = [Problem(file, f"{place}.{key}", "is an empty list; it needs one value at least") for key, one in values.items() if not one]
        if empty:
            return [], empty
        combinations = [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]
        count = len(combinations)
    if count > MOST_LEVELS:
        return [], [Problem(file, place, f"has {count} levels; allowed: {MOST_LEVELS} at the most")]
    levels, problems = [Level(OFF, None)] if off else [], []
    for combination in combinations:
        changes = {key: value for key, value in combination.items() if value != ALL}
        try:
            level = changed_level(base, changes)
        except ValidationError as error:
            problems += problems_of(error, file, place)
            continue
        problems += _unknown(level, scenario, file, place)
        if all(level.lever != other.lever for other in levels):
            levels.append(Level(level.words if level.lever != base else AS_GIVEN, level.lever))
    shortened = (Problem(one.file, one.place.replace(f"{place}.levers.0", place), one.message) for one in problems)
    return levels, list(dict.fromkeys(shortened))


def _values(key: str, value: Any) -> list[Any]:
    """The values that a key may have: those of a list, or the only one."""
    if not isinstance(value, list):
        return [value]
    several = key not in _LISTS or any(isinstance(item, list) or item == ALL for item in value)
    return value if several else [value]


def _unknown(level: Level, scenario: Scenario, file: str, place: str) -> list[Problem]:
    population = scenario.population
    if population is None:
        return []
    known = {"industries": tuple(population.industries), "sizes": SIZES, "legal_forms": LEGAL_FORMS}
    policy = {"levers": [level.lever]}
    return [Problem(file, f"{place}.{spot[-1]}", message) for spot, message, _ in unknown_firms(0, policy, known)]
