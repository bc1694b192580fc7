"""Pages of the documentation that are made from the code: levers, scenarios, commands, defaults, and the public names of the package."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

import simsme
from simsme.cli.application import app
from simsme.cli.facts import entry_facts, lever_facts
from simsme.levers import kinds
from simsme.reference import entries

MADE = "<!-- Made by docs/generated_pages.py from the code; do not edit. -->\n\n"


def write(folder: Path) -> None:
    """Write all pages into a folder, which is made where it is not there."""
    folder.mkdir(exist_ok=True)
    pages = {"levers": levers, "scenarios": scenarios, "commands": commands, "defaults": defaults, "python": python}
    for name, page in pages.items():
        text = MADE + "\n".join(page()) + "\n"
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def levers() -> Iterator[str]:
    """Every lever with what it stylises, its numbers, their ranges and sources."""
    yield "# Levers\n"
    yield "A policy is a set of levers. Each works through payments, dates and decisions of the firms that it reaches; how, equation by"
    yield "equation, stands in [the model](../model.md). Fields that every lever has (`from_day`, `to_day`, `delay_days`, whom it is for,"
    yield "when it is reviewed) come last. A lever of your own: [add a lever](../add-a-lever.md).\n"
    common = _common_fields()
    for kind, lever in sorted(kinds().items()):
        facts = lever_facts(kind, lever)
        yield f"## {kind}\n"
        yield f"{facts['text']}\n"
        own = [field for field in facts["fields"] if field["name"] not in common]
        if own:
            yield from _fields(own)
    yield "## Fields of every lever\n"
    some = lever_facts(*next(iter(kinds().items())))
    yield from _fields([field for field in some["fields"] if field["name"] in common and field["name"] != "kind"])


def _common_fields() -> set[str]:
    from simsme.levers import Lever

    return set(Lever.model_fields) | {"kind"}


def _fields(fields: list[dict[str, object]]) -> Iterator[str]:
    yield "| field | default | unit | allowed | plausible | what it means | basis and source |"
    yield "|---|---|---|---|---|---|---|"
    for field in fields:
        plausible = _range(field["range"])
        source = " : ".join(str(field[part]) for part in ("basis", "source") if field[part])
        cells = (f"`{field['name']}`", f"`{field['default_text']}`", field["unit"], field["allowed"], plausible, field["text"], source)
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""


def _range(found: object) -> str:
    return f"{found[0]:g} to {found[1]:g}" if isinstance(found, list) else ""


def _cell(text: object) -> str:
    return " ".join(str(text).replace("|", "\\|").split())


def scenarios() -> Iterator[str]:
    """Every shipped scenario with its title, size, policies and the words at its head."""
    yield "# Scenarios\n"
    yield "`simsme run NAME` runs one; `simsme new my-scenario` writes a file to edit; [firms](../firms.md) says how your own firms"
    yield "get in.\n"
    for name in simsme.shipped_scenarios():
        loaded = simsme.load_scenario(name)
        scenario = loaded.scenario
        yield f"## {name}\n"
        yield f"**{scenario.title}**\n"
        yield " ".join(line[1:].strip() for line in _head(loaded.text.splitlines())) + "\n"
        days = scenario.time
        yield (
            f"{scenario.draws} draws of {days.horizon_days} days in steps of {days.step_days}; headline on day {days.headline_day}; "
            f"amounts in {scenario.currency}.\n"
        )
        yield "| policy | what it is | levers |"
        yield "|---|---|---|"
        for policy in scenario.policies:
            used = ", ".join(f"`{lever.label}`" for lever in policy.levers) or "none"
            yield f"| `{policy.name}` | {_cell(policy.label)} | {used} |"
        yield ""


def _head(lines: list[str]) -> Iterator[str]:
    """Lines of the comment with which a file begins, without the line that names a schema."""
    for line in lines:
        if line.startswith("#:"):
            continue
        if not line.startswith("#"):
            return
        yield line


def commands() -> Iterator[str]:
    """Every command with its arguments and options, as ``--help`` has them."""
    group: Any = get_command(app)
    yield "# Commands\n"
    yield "Tables go to standard output, talk to standard error; `--json` prints one JSON object and nothing else. What is wrong with an"
    yield "input is said in one line each, with exit code 2. `simsme COMMAND --help` says what stands here.\n"
    for name, command in sorted(group.commands.items()):
        yield f"## simsme {name}\n"
        yield f"{inspect.cleandoc(command.help or '')}\n"
        usage = " ".join(_usage(parameter) for parameter in command.params if parameter.param_type_name == "argument")
        yield f"```text\nsimsme {name} {usage + ' ' if usage else ''}[OPTIONS]\n```\n"
        yield "| argument or option | what it means | default |"
        yield "|---|---|---|"
        for parameter in command.params:
            yield _parameter(parameter)
        if command.epilog:
            yield f"\n{inspect.cleandoc(command.epilog)}"
        yield ""


def _usage(argument: Any) -> str:
    name = argument.metavar or (argument.name or "").upper()
    return name if argument.required else f"[{name}]"


def _parameter(parameter: Any) -> str:
    text = _cell(getattr(parameter, "help", "") or "")
    if parameter.param_type_name == "argument":
        return f"| `{_usage(parameter)}` | {text} | |"
    value = "" if getattr(parameter, "is_flag", False) else f" {parameter.metavar or 'VALUE'}"
    default = parameter.default
    shown = "" if default is None or default is False or callable(default) or str(default).startswith("Sentinel") else f"`{default}`"
    return f"| `{', '.join(parameter.opts)}{value}` | {text} | {shown} |"


def defaults() -> Iterator[str]:
    """Every default number with unit, range, basis and source."""
    yield "# Defaults and where they come from\n"
    yield "`simsme assumptions` prints the same. *Published* was read in the source, *derived* is arithmetic on published numbers, an"
    yield "*assumption* no source claims. A scenario may set each of them, and give most of them as a distribution.\n"
    yield "| name | value | unit | plausible | basis | what it means | source |"
    yield "|---|---|---|---|---|---|---|"
    for entry in entries():
        facts = entry_facts(entry)
        cells = (f"`{entry.name}`", f"`{facts['value']}`", entry.unit, _range(facts["range"]), entry.basis, entry.text, entry.source)
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def python() -> Iterator[str]:
    """The public names of the package."""
    yield "# Python\n"
    yield "Everything that `import simsme` offers. Names are loaded when they are first used.\n"
    for name in simsme.__all__:
        thing = getattr(simsme, name)
        directive = "autoclass" if inspect.isclass(thing) else "autofunction" if callable(thing) else "autodata"
        members = "\n    :members:" if directive == "autoclass" and name not in ("InputError", "Scenario") else ""
        yield f"## {name}\n"
        yield f"```{{eval-rst}}\n.. {directive}:: {thing.__module__}.{thing.__qualname__}{members}\n```\n"
