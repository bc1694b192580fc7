"""``simsme check``: read a scenario and all that it names, and say whether it can be run."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from simsme.cli.arguments import FirmsPath, Overrides
from simsme.cli.screen import print_pairs, screen
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.scenario import LoadedScenario, Scenario


def check_scenario(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A TOML file, - for standard input, or a shipped scenario.", show_default=False)
    ],
    firms: FirmsPath = None,
    override: Overrides = None,
) -> None:
    """Check a scenario, the files that it names and, where given, a file of firms, without running anything.

    Everything that is wrong is listed at once, and the exit code is then 2.
    """
    from simsme.scenario import load_scenario

    loaded = load_scenario(file, override or ())
    rows = dict(_summary(loaded.scenario))
    if firms is not None:
        from simsme.notes import filled_in
        from simsme.plan import plan_run

        talk = Talk()
        with talk.progress("reading firms"):
            read = plan_run(loaded, firms=firms).firms()
        rows["firms"] = f"{len(read.ids):,} from {firms}"
        for note in filled_in(read):
            talk.say(f"Note: {note}.")
        for remark in read.remarks:
            talk.say(f"Remark: {remark}")
    _print_ok(loaded, rows)


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
