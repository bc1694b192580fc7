"""``simsme schema``: a JSON Schema of scenario files, or of the rows of a file of firms."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simsme.cli.talk import Talk


class Described(StrEnum):
    """What there is a schema of."""

    SCENARIO = "scenario"
    FIRMS = "firms"


def print_schema(
    of: Annotated[Described, typer.Argument(metavar="[scenario|firms]", help="Of a scenario file, or of a row of a file of firms.")] = (
        Described.SCENARIO
    ),
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write it to a file, in place of the screen.")] = None,
) -> None:
    """Print a JSON Schema (draft 2020-12), by which an editor completes and checks what you write.

    With "#:schema ./simsme.schema.json" as its first line a scenario is checked by editors that know TOML (Taplo, Even Better TOML), once
    "simsme schema --output simsme.schema.json" has been run in its folder.
    """
    if of is Described.SCENARIO:
        from simsme.scenario_schema import scenario_schema

        schema = scenario_schema()
    else:
        from simsme.firm_schema import firm_schema

        schema = firm_schema()
    text = json.dumps(schema, allow_nan=False, ensure_ascii=False, indent=1)
    if output is None:
        print(text)
        return
    from simsme.textfile import write_text

    write_text(output, text + "\n", replace=True)
    Talk().say(f"The schema is in {output}.")
