"""``simsme levers`` and ``simsme assumptions``: what there is to choose from, and where the defaults come from."""

from enum import StrEnum
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from simsme.cli.arguments import AsJson
from simsme.cli.completion import complete_lever
from simsme.cli.screen import print_prose, screen

if TYPE_CHECKING:
    from rich.console import Console

    from simsme.levers import Lever
    from simsme.reference import Entry


class Basis(StrEnum):
    """On what a default rests."""

    ASSUMPTION = "assumption"
    PUBLISHED = "published"
    DERIVED = "derived"


def list_levers(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Only this lever.", show_default=False, autocompletion=complete_lever)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the levers of which policies consist: what each does, its fields with units, defaults, ranges and sources."""
    from simsme.cli.facts import lever_facts
    from simsme.levers import kinds
    from simsme.problems import InputError, Problem, did_you_mean

    known = kinds()
    if kind is not None and kind not in known:
        hint = did_you_mean(kind, known) or f"; there is {', '.join(known)}"
        raise InputError([Problem("simsme levers", "", f'no lever is called "{kind}"{hint}')])
    chosen = {name: lever for name, lever in known.items() if kind in (None, name)}
    if as_json:
        _print_json({"levers": [lever_facts(name, lever) for name, lever in chosen.items()]})
        return
    console = screen()
    for name, lever in chosen.items():
        _print_lever(console, name, lever)
    if kind is None:
        _print_common(console)


def list_assumptions(
    basis: Annotated[Basis | None, typer.Option("--basis", help="Only those that rest on this.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every default number with its unit, plausible range, basis and source."""
    from simsme.cli.facts import entry_facts
    from simsme.levers import kinds
    from simsme.reference import entries

    kinds()  # levers of other packages bring defaults of their own
    chosen = [entry for entry in entries() if basis is None or entry.basis == basis]
    if as_json:
        _print_json({"assumptions": [entry_facts(entry) for entry in chosen]})
        return
    console = screen()
    for entry in chosen:
        _print_entry(console, entry)
    count = f"{len(chosen)} defaults" if basis is None else f"{len(chosen)} defaults of {len(entries())} are of basis {basis.value}"
    console.print(Text(f"{count}. A scenario may set each of them, and give most of them as a distribution.", style="dim"))


def _print_json(facts: dict[str, Any]) -> None:
    import json

    print(json.dumps(facts, allow_nan=False, ensure_ascii=False, indent=1))


def _print_entry(console: "Console", entry: "Entry") -> None:
    from simsme.cli.facts import toml_text

    console.print(Text(entry.name, style="bold").append(f" = {toml_text(entry.value)}", style="not bold"))
    terms = [entry.unit] if entry.unit else []
    if entry.range is not None:
        terms.append(f"plausible {toml_text(entry.range[0])} to {toml_text(entry.range[1])}")
    terms += [entry.role, entry.basis]
    print_prose(console, f"{entry.text} ({'; '.join(terms)})", indent=4)
    if entry.source:
        print_prose(console, f"{entry.source}{f' [{entry.source_quality}]' if entry.source_quality else ''}", indent=4, style="dim")
    console.print()


def _print_lever(console: "Console", kind: str, lever: "type[Lever]") -> None:
    from simsme.cli.facts import lever_facts, without_roles
    from simsme.levers import Lever

    console.print(Text(kind, style="bold underline"))
    for paragraph in cleandoc(lever.__doc__ or "").split("\n\n"):
        print_prose(console, without_roles(" ".join(paragraph.split())), indent=2)
    console.print()
    inherited = Lever.model_fields
    for field in lever_facts(kind, lever)["fields"]:
        own = lever.model_fields[field["name"]]
        if field["name"] != "kind" and (field["name"] not in inherited or own.description != inherited[field["name"]].description):
            _print_field(console, field)


def _print_common(console: "Console") -> None:
    from simsme.cli.facts import lever_facts
    from simsme.levers import Lever

    console.print(Text("every lever", style="bold underline"))
    for field in lever_facts("", Lever)["fields"]:
        if field["name"] != "kind":
            _print_field(console, field)


def _print_field(console: "Console", field: dict[str, Any]) -> None:
    default = "not set" if field["default"] is None else field["default_text"]
    console.print(Text(f"  {field['name']}", style="bold").append(f" = {default}", style="not bold"))
    terms = [field["unit"]] if field["unit"] else []
    terms += [f"allowed {field['allowed']}"] if field["allowed"] else []
    terms += [f"plausible {field['range'][0]:g} to {field['range'][1]:g}"] if field["range"] else []
    terms += [field["basis"]] if field["basis"] else []
    print_prose(console, field["text"] + (f" ({'; '.join(terms)})" if terms else ""), indent=6)
    if field["source"]:
        print_prose(console, field["source"], indent=6, style="dim")
    console.print()
