"""``simsme calibrate``: fit numbers of a scenario to observed shares."""

import json
from pathlib import Path
from typing import Annotated

import typer

from simsme.cli.arguments import AsJson, Overrides, ScenarioSource
from simsme.cli.talk import Talk


def calibrate_scenario(
    scenario: ScenarioSource,
    targets: Annotated[
        Path,
        typer.Option(
            "--targets", metavar="FILE", help="TOML file: what was observed (tables target) and which numbers may move (tables parameter)."
        ),
    ],
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", min=2, help="Draws of each run, in place of the scenario's.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default.")] = None,
    override: Overrides = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Patch to write; SCENARIO-calibrated.toml by default.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over the patch where it is there already.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Fit numbers of a scenario to what was observed (simulated method of moments), and say what that leaves open.

    Every run has the same luck, so that the same command finds the same numbers. The patch holds them with the table of fit.
    """
    from simsme.calibration.fit import calibrate, most_runs
    from simsme.calibration.moments import Simulation
    from simsme.calibration.report import fit_lines, patch, ridge_lines, tables
    from simsme.calibration.task import bounded, read_task
    from simsme.cli import interrupts
    from simsme.problems import InputError, Problem
    from simsme.scenario import load_scenario
    from simsme.textfile import write_text

    task = read_task(targets)
    loaded = load_scenario(scenario, override or ())
    numbers = bounded(task, loaded, str(targets))
    place = out or Path(f"{loaded.scenario.name}-calibrated.toml")
    if place.exists() and not force:
        raise InputError([Problem(str(place), "", "is there already and was not touched; --force writes over it")])
    talk = Talk(quiet)
    most = most_runs(len(numbers))
    with talk.progress("calibrating", most, "runs at the most") as tell:

        def told(runs: int) -> None:
            interrupts.raise_if_asked()
            tell(runs, max(most, runs))

        fit = calibrate(Simulation(loaded, task.target, draws, jobs), numbers, told)
    settings = "".join(f" --set '{setting}'" for setting in override or ())
    command = f"simsme calibrate {scenario} --targets {targets.name}" + (f" --draws {draws}" if draws else "") + settings
    write_text(place, patch(fit, task.target, loaded.scenario.name, command), replace=force)
    if as_json:
        print(json.dumps(tables(fit, task.target), allow_nan=False, ensure_ascii=False, indent=1))
    else:
        for number, value in zip(fit.numbers, fit.values, strict=True):
            print(f"{number.name} = {value:.4g}   (from {number.low:g} to {number.high:g}; was {number.start:g})")
        print()
        print("\n".join([*fit_lines(fit, task.target), "", *ridge_lines(fit)]))
    for name in fit.at_bounds:
        talk.say(f"Note: {name} ended at an end of its range; the targets ask for more than is plausible, or than was allowed.")
    talk.say(f"{place} is written, after {fit.runs} runs.")
