"""A scenario with more policies, as text: appended to a copy of its file, so that its comments stay, or written out anew."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simsme.levers.lever import Lever
from simsme.new_scenario.toml_lines import toml_key, toml_value
from simsme.overrides import apply_override
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.scenario import LoadedScenario, parse_scenario
from simsme.textfile import parse_toml


def lever_table(lever: Lever) -> dict[str, Any]:
    """Return a lever as a scenario file would give it: its kind and what was set, not the defaults."""
    table = lever.model_dump(mode="python", exclude_unset=True, exclude_none=True)
    return {"kind": lever.kind} | table


def policy_lines(policy: Policy) -> list[str]:
    """Return the lines of a policy in a scenario file, a lever a line."""
    lines = ["[[policy]]", f"name = {toml_value(policy.name)}"]
    lines += [f"title = {toml_value(policy.title)}"] if policy.title else []
    return [*lines, "levers = [", *(f"    {toml_value(lever_table(lever))}," for lever in policy.levers), "]"]


def with_policies(loaded: LoadedScenario, policies: Sequence[Policy], heading: Sequence[str] = ()) -> LoadedScenario:
    """Return the scenario with more policies, its overrides beside it as before.

    Parameters
    ----------
    loaded
        The scenario as it was read.
    policies
        Policies whose names it does not have yet.
    heading
        Lines of a comment above them, without ``#``.

    Raises
    ------
    InputError
        Where the scenario cannot be read with them.
    """
    lines = ["", *(f"# {line}".rstrip() for line in heading), *(line for policy in policies for line in ("", *policy_lines(policy)))]
    text = loaded.text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    try:
        return parse_scenario(text, loaded.file, loaded.folder, loaded.overrides)
    except InputError:
        # policies = [ ... ] on one line of the file cannot be appended to
        tables = parse_toml(loaded.text, loaded.file)
        tables["policy"] = [*tables.get("policy", []), *map(_table, policies)]
        return parse_scenario(written_out(tables, heading), loaded.file, loaded.folder, loaded.overrides)


def self_contained(loaded: LoadedScenario) -> LoadedScenario:
    """Return the scenario with its overrides written into the text; as it is where there are none."""
    if not loaded.overrides:
        return loaded
    tables = parse_toml(loaded.text, loaded.file)
    for override in loaded.overrides:
        apply_override(tables, override)
    # an override of the number of draws takes the place of a precision, and the other way round
    for key in ("precision", "max_draws") if loaded.scenario.precision is None else ("draws",):
        tables.pop(key, None)
    tables.setdefault("name", loaded.scenario.name)
    heading = [f"{loaded.file} with", *(f"  {override}" for override in loaded.overrides)]
    return parse_scenario(written_out(tables, heading), loaded.file, loaded.folder)


def written_out(tables: Mapping[str, Any], heading: Sequence[str] = ()) -> str:
    """Return tables as TOML: plain keys first, then a section for each table, then each item of a list of tables."""
    lines = [f"# {line}".rstrip() for line in heading]
    plain = {key: value for key, value in tables.items() if not isinstance(value, Mapping) and not _is_list_of_tables(value)}
    lines += [f"{toml_key(key)} = {toml_value(value)}" for key, value in plain.items()]
    for key, value in tables.items():
        if isinstance(value, Mapping):
            lines += _section(toml_key(key), value)
        elif _is_list_of_tables(value):
            for item in value:
                lines += ["", f"[[{toml_key(key)}]]", *_settings(item)]
    return "\n".join(lines) + "\n"


def _section(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield from ("", f"[{name}]", *_settings(table))


def _settings(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if _is_list_of_tables(value):
            yield from (f"{toml_key(key)} = [", *(f"    {toml_value(item)}," for item in value), "]")
        else:
            yield f"{toml_key(key)} = {toml_value(value)}"


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _table(policy: Policy) -> dict[str, Any]:
    title = {"title": policy.title} if policy.title else {}
    return {"name": policy.name, **title, "levers": [lever_table(lever) for lever in policy.levers]}
