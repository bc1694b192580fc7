"""What a search found, as files: a scenario to run, the table, the object with all numbers, and the figure; all of them or none."""

import textwrap
from pathlib import Path

from simsme.csv_text import write_table
from simsme.frontier import Frontier, Optimum
from simsme.new_scenario.toml_lines import LONGEST
from simsme.optimization.scenario_copy import self_contained, with_policies
from simsme.policy import NO_POLICY, Policy
from simsme.problems import InputError, Problem
from simsme.provenance import Provenance
from simsme.scenario import LoadedScenario, Scenario, parse_scenario
from simsme.study_files import written_together
from simsme.summary import as_json

FILES = ("optimum.toml", "frontier.csv", "frontier.png", "frontier.svg", "optimum.json")
"""The last comes last, and is there only where the others are."""

SCENARIO = FILES[0]


def optimum_scenario(loaded: LoadedScenario, frontier: Frontier, folder: Path | None = None) -> LoadedScenario:
    """Return the scenario with the winning mix of each budget as a policy more, and read it again.

    Parameters
    ----------
    loaded
        The scenario that was optimised, as it was read; its overrides become part of the text.
    frontier
        What the search found.
    folder
        Where the text is to be stored; that of the scenario where not given.

    Raises
    ------
    InputError
        Where the scenario cannot be read there, because it names files beside it.
    """
    plain = self_contained(loaded)
    taken = {policy.name for policy in plain.scenario.policies}
    kept = {lever.label: lever for policy in plain.scenario.policies if policy.name == frontier.reference for lever in policy.levers}
    policies = []
    for optimum in frontier.optima:
        name = optimum.winner.name
        while name in taken or name == NO_POLICY:
            name += "-new"
        taken.add(name)
        levers: dict[str, object] = {**kept, **optimum.winner.levers}
        title = f"Best for {optimum.budget:,.10g} {frontier.currency}".rstrip()
        policies.append(Policy.model_validate({"name": name, "title": title, "levers": list(levers.values())}))
    text = with_policies(plain, policies, _heading(frontier)).text
    file = SCENARIO if folder is None else str(folder / SCENARIO)
    try:
        read = parse_scenario(text, file, loaded.folder if folder is None else folder)
    except InputError as error:
        hint = "the scenario names files beside it; choose its own folder with --out"
        raise InputError([*error.problems, Problem(file, "", hint)]) from None
    if _without_policies(read.scenario) != _without_policies(loaded.scenario):
        raise InputError([Problem(file, "", "does not say the same as the scenario; this is a fault of simsme, not yours")])
    return read


def write_optimum(
    folder: Path, loaded: LoadedScenario, frontier: Frontier, provenance: Provenance, *, replace: bool = False
) -> tuple[Path, ...]:
    """Write ``optimum.toml``, ``frontier.csv``, ``.png``, ``.svg`` and ``optimum.json`` and return them.

    Parameters
    ----------
    folder : Path
        Where; it is made where it is not there.
    loaded : LoadedScenario
        The scenario that was optimised.
    frontier : Frontier
        What was found.
    provenance : Provenance
        Where it came from; it goes into the figure and the JSON.
    replace : bool
        Whether files of these names are written over.

    Raises
    ------
    InputError
        As `simsme.study_files.check_place`, as `optimum_scenario`, and where writing fails; nothing is then left that looks finished.
    """
    from simsme.plots.frontier import write_frontier_figure  # loads matplotlib, which checking does not need

    scenario = optimum_scenario(loaded, frontier, folder)
    with written_together(folder, FILES, replace=replace) as unfinished:
        (unfinished / SCENARIO).write_text(scenario.text, encoding="utf-8", newline="\n")
        write_table(frontier.table(), unfinished / FILES[1])
        write_frontier_figure(unfinished, frontier, provenance)
        content = frontier.json() | {"provenance": provenance.manifest()}
        (unfinished / FILES[-1]).write_text(as_json(content, indent=1) + "\n", encoding="utf-8", newline="")
    return tuple(folder / name for name in FILES)


def _heading(frontier: Frontier) -> list[str]:
    lines = [f"Found by simsme optimize: the mix of levers that saves the most {frontier.maximize} by day {frontier.day:g}"]
    lines[0] += f" for a net cost to {', '.join(frontier.payers)} of at most the budget."
    lines += [_told(optimum, frontier) for optimum in frontier.optima]
    return [part for line in lines for part in textwrap.wrap(line, LONGEST - 2)]


def _told(optimum: Optimum, frontier: Frontier) -> str:
    winner = optimum.winner
    saved, cost = winner.effect, winner.cost_to(frontier.payers)
    errors = "" if saved.mc_error is None else f" +- {saved.mc_error:.2g}"
    return (
        f"{winner.name}: {saved.mean:,.4g}{errors} {frontier.maximize} saved at a net cost of {cost.mean:,.3g} "
        f"({frontier.fresh_draws} draws that the search did not use; +- Monte Carlo error)"
    )


def _without_policies(scenario: Scenario) -> Scenario:
    return scenario.model_copy(update={"policy": (), "name": "", "reference": ""})
