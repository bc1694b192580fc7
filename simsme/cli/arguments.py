"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ScenarioSource = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="Name of a shipped scenario, a TOML file, or - for standard input.", show_default=False)
]
FirmsPath = Annotated[
    Path | None,
    typer.Option("--firms", metavar="FILE", help="Own firms: CSV, Parquet or Excel with firm_id, sales, cash and more."),
]
PolicyNames = Annotated[
    list[str] | None, typer.Option("--policy", metavar="NAME", help="Run this policy and the reference; may be repeated. All by default.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a number of the scenario, such as credit.renewal=0.9; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
