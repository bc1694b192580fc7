"""``simsme check``: read a scenario and all that it names, and say whether it can be run."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from simsme.cli.arguments import AsJson, FirmsPath, Overrides
from simsme.cli.screen import print_pairs, screen
from simsme.cli.talk import Talk
from simsme.problems import InputError

if TYPE_CHECKING:
    from simsme.scenario import LoadedScenario, Scenario


def check_scenario(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A TOML file, - for standard input, or a shipped scenario.", show_default=False)
    ],
    firms: FirmsPath = None,
    override: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Check a scenario, the files that it names and, where given, a file of firms, without running anything.

    Everything that is wrong is listed at once, and the exit code is then 2.
    """
    try:
        loaded, rows, remarks = _read(file, firms, override or ())
    except InputError as error:
        if as_json:
            print(json.dumps({"ok": False, "problems": [vars(problem) for problem in error.problems]}, ensure_ascii=False, indent=1))
        raise
    if as_json:
        print(json.dumps(_facts(loaded) | remarks, ensure_ascii=False, indent=1))
        return
    talk = Talk()
    for note in remarks.get("notes_on_firms", ()):
        talk.say(f"Note: {note}.")
    for remark in remarks.get("remarks", ()):
        talk.say(f"Remark: {remark}")
    _print_ok(loaded, rows)


def _read(file: str, firms: Path | None, overrides: Sequence[str]) -> tuple["LoadedScenario", dict[str, str], dict[str, Any]]:
    """Read scenario and firms: the scenario, what is told of it, and what is remarked on the firms."""
    from simsme.scenario import load_scenario

    loaded = load_scenario(file, overrides)
    rows = dict(_summary(loaded.scenario))
    if firms is None:
        return loaded, rows, {}
    from simsme.notes import filled_in
    from simsme.plan import plan_run

    with Talk().progress("reading firms"):
        read = plan_run(loaded, firms=firms).firms()
    rows["firms"] = f"{len(read.ids):,} from {firms}"
    remarks = {"firms": len(read.ids), "firms_file": str(firms), "notes_on_firms": list(filled_in(read)), "remarks": list(read.remarks)}
    return loaded, rows, remarks


def _facts(loaded: "LoadedScenario") -> dict[str, Any]:
    """What is told of a scenario, as plain data."""
    from simsme.notes import notes_on_scenario
    from simsme.uncertainty import uncertain_numbers

    scenario = loaded.scenario
    drawn = None if scenario.population is None or scenario.firms is not None else scenario.population.firms
    return {
        "ok": True,
        "scenario": scenario.name,
        "title": scenario.title,
        "file": loaded.file,
        "firms": drawn,
        "draws": scenario.draws,
        "precision": scenario.precision,
        "seed": scenario.seed,
        "start_date": scenario.time.start_date.isoformat(),
        "step_days": scenario.time.step_days,
        "horizon_days": scenario.time.horizon_days,
        "headline_day": scenario.time.headline_day,
        "report_days": list(scenario.time.report_days),
        "reference": scenario.reference,
        "policies": {policy.name: [lever.label for lever in policy.levers] for policy in scenario.policies},
        "uncertain": list(uncertain_numbers(scenario)),
        "notes": list(notes_on_scenario(scenario)),
    }


def _summary(scenario: "Scenario") -> Iterator[tuple[str, str]]:
    from simsme.notes import notes_on_scenario
    from simsme.uncertainty import uncertain_numbers

    if scenario.title:
        yield "title", scenario.title
    population, time = scenario.population, scenario.time
    if population is not None and scenario.firms is None:
        spread = f"{len(population.industries)} industries, {len(population.sizes)} sizes"
        yield "firms", f"{population.firms:,} drawn ({spread})"
    else:
        yield "firms", "from a file: simsme run --firms FILE"
    draws = f"{scenario.draws:,}"
    if scenario.precision is not None:
        draws += f" to {scenario.max_draws:,}, for a Monte Carlo error of {100 * scenario.precision:g} points"
    yield "draws", f"{draws}, seed {scenario.seed}"
    reported = ", ".join(str(day) for day in time.report_days)
    yield "days", f"from {time.start_date} to day {time.horizon_days} in steps of {time.step_days} days"
    yield "reported", f"days {reported}; headline on day {time.headline_day}"
    yield "shock", _shock(scenario)
    for policy in scenario.policies:
        levers = ", ".join(lever.label for lever in policy.levers) or "no levers"
        mark = ", the reference" if policy.name == scenario.reference else ""
        yield f"policy {policy.name}", levers + mark
    uncertain = uncertain_numbers(scenario)
    yield "uncertain", ", ".join(uncertain) if uncertain else "nothing"
    notes = notes_on_scenario(scenario)
    if notes:
        yield "note", "; ".join(notes)


def _shock(scenario: "Scenario") -> str:
    from simsme.tables import Table

    shock = scenario.shock
    if shock is None:
        return "none: calm weather"
    parts = [name for name in type(shock).model_fields if isinstance(getattr(shock, name), Table)]
    return f"from day {shock.from_day:g} for {shock.duration_days:g} days: {', '.join(parts) or 'nothing that does anything'}"


def _print_ok(loaded: "LoadedScenario", rows: dict[str, str]) -> None:
    console = screen()
    console.print(Text("ok", style="bold green").append(f" {loaded.scenario.name} ({loaded.file})", style="not bold default"))
    print_pairs(console, rows)
