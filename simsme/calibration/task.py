"""What is to be met, and which numbers of a scenario may move for it: a file with ``[[target]]`` and ``[[parameter]]``."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from simsme.bounds import Positive
from simsme.draw_firms import draw_firms
from simsme.gathering import group_firms
from simsme.overrides import apply_override
from simsme.problems import InputError, Problem, did_you_mean
from simsme.quantities import Table
from simsme.reference import entries
from simsme.scenario import LoadedScenario, parse_scenario
from simsme.tables import parse_table
from simsme.textfile import parse_toml, read_text

MEASURES = ("runway", "cash", "open", "exit", "jobs")


class Observed(Table):
    """An observed share.

    Attributes
    ----------
    measure
        Percent of firms for which, by ``day``, static runway has ended (``runway``), that were short of cash (``cash``), that do not trade
        (``open``), that are gone (``exit``); ``jobs``: percent of jobs that are gone.
    day
        Day of the run; a month has 30.4.
    percent
        What was observed.
    error
        Its standard error, in points: small ones count more.
    group
        Column and value, such as ``size = "micro"``; all firms where not given. Not for ``jobs``.
    policy
        Name of the policy under which it was observed; the scenario's reference where not given.
    """

    measure: Literal["runway", "cash", "open", "exit", "jobs"]
    day: int
    percent: float = Field(ge=0.0, le=100.0)
    error: Positive
    name: str = ""
    group: dict[str, str] = Field(default_factory=dict)
    policy: str | None = None

    @property
    def label(self) -> str:
        """What it is called in a table."""
        of = "".join(f" of {value}" for value in self.group.values())
        return self.name or f"{self.measure}{of} by day {self.day}"


class Free(Table):
    """A number that may move, by its dotted name; between the plausible values of ``simsme assumptions`` where no others are given."""

    name: str
    low: float | None = None
    high: float | None = None


class Task(Table):
    """A file of targets."""

    target: tuple[Observed, ...]
    parameter: tuple[Free, ...]


@dataclass(frozen=True)
class Bounded:
    """A number that may move, with the values between which it may, and where it starts."""

    name: str
    low: float
    high: float
    start: float


def read_task(file: Path) -> Task:
    """Read a file of targets.

    Raises
    ------
    InputError
        With everything that is wrong with it by itself.
    """
    name = str(file)
    try:
        task = parse_table(Task, parse_toml(read_text(file, name), name), name)
    except InputError as error:
        # a number that may also be absent is complained of twice
        raise InputError(dict.fromkeys(error.problems)) from None
    empty = [key for key in ("target", "parameter") if not getattr(task, key)]
    if empty:
        raise InputError([Problem(name, key, f"has none; write one [[{key}]] or more") for key in empty])
    return task


def bounded(task: Task, loaded: LoadedScenario, file: str) -> tuple[Bounded, ...]:
    """Return the free numbers with their bounds, and where they stand in a scenario.

    Raises
    ------
    InputError
        For targets or numbers that the scenario cannot have.
    """
    problems = list(_faults_of_targets(task, loaded, file))
    found: list[Bounded] = []
    tables = _tables(loaded)
    for position, free in enumerate(task.parameter):
        place = f"parameter.{position}"
        if free.name in [other.name for other in task.parameter[:position]]:
            problems.append(Problem(file, place, f'"{free.name}" stands there twice'))
            continue
        plausible = _plausible(free.name)
        low = free.low if free.low is not None else plausible and plausible[0]
        high = free.high if free.high is not None else plausible and plausible[1]
        if low is None or high is None:
            names = [known.name for known in entries() if known.range is not None]
            hint = did_you_mean(free.name, [*names, *(f"{name}.median" for name in names)])
            problems.append(Problem(file, place, f'no plausible range is known of "{free.name}"; give low and high{hint}'))
        elif not low < high:
            problems.append(Problem(file, place, f'"{free.name}": low, {low:g}, must be below high, {high:g}'))
        else:
            start = _start(tables, free.name, low, high)
            problems += _faults_of_setting(loaded, file, place, f"{free.name}={start!r}")
            found.append(Bounded(free.name, low, high, start))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _faults_of_targets(task: Task, loaded: LoadedScenario, file: str) -> Iterator[Problem]:
    scenario = loaded.scenario
    known = [policy.name for policy in scenario.policies]
    groups = _groups(loaded) if any(target.group for target in task.target) else ()
    for position, target in enumerate(task.target):
        place = f"target.{position}"
        if not 1 <= target.day <= scenario.time.horizon_days:
            yield Problem(file, f"{place}.day", f"{target.day} is outside the allowed range 1 to {scenario.time.horizon_days}, the horizon")
        if target.policy is not None and target.policy not in known:
            hint = did_you_mean(target.policy, known) or f"; there is {', '.join(known)}"
            yield Problem(file, f"{place}.policy", f'no policy is called "{target.policy}"{hint}')
        if len(target.group) > 1 or (target.group and target.measure == "jobs"):
            yield Problem(file, f"{place}.group", "one column and value at the most, and none for jobs")
        elif target.group:
            yield from _faults_of_group(target.group, groups, file, f"{place}.group")


def _faults_of_group(group: dict[str, str], known: tuple[tuple[str, str], ...], file: str, place: str) -> Iterator[Problem]:
    """What is wrong with a group; nothing where the firms come from a file, which is read later."""
    ((column, value),) = group.items()
    if not known or (column, value) in known:
        return
    names = [f"{name} = {of}" for name, of in known]
    hint = did_you_mean(f"{column} = {value}", names) or f"; there is {', '.join(names)}"
    yield Problem(file, place, f'there is no {column} = "{value}"{hint}')


def _groups(loaded: LoadedScenario) -> tuple[tuple[str, str], ...]:
    """Column and value of every group of the scenario's firms; none where they come from a file."""
    scenario = loaded.scenario
    if scenario.firms is not None or scenario.population is None:
        return ()
    return group_firms(draw_firms(scenario.population), scenario.time.horizon_days).kinds.names


def _faults_of_setting(loaded: LoadedScenario, file: str, place: str, setting: str) -> list[Problem]:
    """What the scenario says to a setting."""
    try:
        parse_scenario(loaded.text, loaded.file, loaded.folder, [*loaded.overrides, setting])
    except InputError as error:
        said = [": ".join(part for part in (problem.place, problem.message) if part) for problem in error.problems]
        return [Problem(file, place, message) for message in said]
    return []


def _plausible(name: str) -> tuple[float, float] | None:
    """Plausible range of a number, or of the distribution that it belongs to (its median or mean)."""
    ranges = {known.name: known.range for known in entries() if known.range is not None}
    owner, _, key = name.rpartition(".")
    return ranges.get(name) or (ranges.get(owner) if key in ("median", "mean", "value") else None)


def _tables(loaded: LoadedScenario) -> dict[str, Any]:
    """The tables of the scenario's file with its overrides."""
    tables = parse_toml(loaded.text, loaded.file)
    for override in loaded.overrides:
        apply_override(tables, override)
    return tables


def _start(tables: dict[str, Any], name: str, low: float, high: float) -> float:
    """Where a number stands in the scenario or by default, inside its bounds; the middle where nothing tells.

    Of a distribution that the number would replace it is the median, the mean or the middle.
    """
    node: Any = tables
    for part in name.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    if node is None:
        node = next((known.value for known in entries() if known.name == name), None)
    if isinstance(node, dict):
        ends = [node[key] for key in ("low", "high") if key in node]
        node = node.get("median", node.get("mean", node.get("value", sum(ends) / 2.0 if len(ends) == 2 else None)))
    plain = isinstance(node, int | float) and not isinstance(node, bool)
    return min(max(float(node), low), high) if plain else 0.5 * (low + high)
