"""Arguments that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simsme.cli.completion import complete_policy, complete_scenario

ScenarioSource = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="Name of a shipped scenario, a TOML file, or - for standard input.",
        show_default=False,
        autocompletion=complete_scenario,
    ),
]
FirmsPath = Annotated[
    Path | None,
    typer.Option("--firms", metavar="FILE", help="Own firms: CSV, Parquet or Excel with firm_id, sales, cash and more."),
]
PolicyNames = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        metavar="NAME",
        help="Run this policy and the reference; may be repeated. All by default.",
        autocompletion=complete_policy,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a number of the scenario, such as credit.renewal=0.9; may be repeated."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class FirmFormat(StrEnum):
    """Formats of the file of what happened to each firm."""

    PARQUET = "parquet"
    NPZ = "npz"
    CSV = "csv"


FirmLevelWanted = Annotated[
    bool,
    typer.Option("--firm-level", help="Also store what happened to each firm: firms.parquet, or firms.npz without the extra parquet."),
]
FirmLevelAs = Annotated[
    FirmFormat | None,
    typer.Option("--firm-level-as", metavar="FORMAT", help="--firm-level in this format: parquet, npz or csv.", show_default=False),
]


class Engine(StrEnum):
    """How the firms are run."""

    NUMPY = "numpy"
    COMPILED = "compiled"


EngineName = Annotated[
    Engine | None,
    typer.Option("--engine", metavar="NAME", help="numpy or compiled; by default the faster one for the size of the run. Same results."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Run on the workers of this Dask scheduler, such as tcp://host:8786. Same results."
    ),
]
