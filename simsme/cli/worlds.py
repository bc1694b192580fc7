"""``simsme run --worlds N``: run a scenario in many worlds, print what holds in them, and store tables and figures."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsme.cli import interrupts
from simsme.cli.columns import Column, Group, decimals_for, number, table_lines
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.screen import print_prose, screen
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.plan import Plan
    from simsme.provenance import Provenance


def run_in_worlds(
    plan: "Plan",
    worlds: int,
    *,
    jobs: int | None,
    engine: str | None,
    out: Path | None,
    force: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run a plan in many worlds, unless the result is stored already, print it and store it.

    Parameters
    ----------
    plan
        What to run.
    worlds
        How many worlds, 2 or more.
    jobs, engine, out, force, as_json, quiet
        As given on the command line.
    """
    from simsme.study_files import check_place
    from simsme.world_files import FILES, find_worlds, worlds_folder, write_worlds
    from simsme.world_runs import digest_of_worlds, run_worlds

    talk = Talk(quiet)
    digest = digest_of_worlds(plan, worlds)
    folder = worlds_folder(plan.scenario.name, digest, worlds, out)
    stored = None if force else find_worlds(folder, digest)
    if stored is not None:
        _print(stored, plan, as_json)
        talk.say(f"This result was stored in {folder}; --force computes it again.")
        return
    check_place(folder, FILES, replace=True)
    with talk.progress("reading firms" if plan.firms_file else "drawing firms"):
        population = plan.firms()
    with talk.progress("simulating", worlds * plan.scenario.draws, f"draws of {worlds} worlds") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        found = run_worlds(plan, worlds, jobs=jobs, progress=told, firms=population, engine=engine, announce=partial(talk.say, COMPILING))
    provenance = provenance_of(plan, digest)
    with talk.progress("writing tables and figures"):
        write_worlds(folder, found, provenance, plan.loaded.text)
    _print(found.json() | {"provenance": provenance.manifest()}, plan, as_json)
    talk.say(f"Tables and figures are in {folder} ({seconds_running():.1f} s).")


def provenance_of(plan: "Plan", digest: str) -> "Provenance":
    """Where the result of a study of a plan came from, under the study's own digest."""
    from simsme.provenance import Provenance

    return Provenance(
        scenario=plan.scenario.name,
        digest=digest,
        seed=plan.scenario.seed,
        draws=plan.scenario.draws,
        policies=tuple(policy.name for policy in plan.policies),
        overrides=plan.loaded.overrides,
        command=("simsme", *sys.argv[1:]),
        firm_file=None if plan.firms_file is None else plan.firms_file.name,
        firm_file_digest=plan.firms_digest,
    )


def _print(found: Mapping[str, Any], plan: "Plan", as_json: bool) -> None:
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found), flush=True)
        return
    console = screen()
    name = found["scenario"]
    print_prose(console, f"{name}: {plan.scenario.title}" if plan.scenario.title else name, bold=name)
    ran = (
        f"{found['worlds']:,} worlds that differ in {len(found['parameters'])} uncertain numbers, each with the same {found['draws']:,} "
        f"draws of {found['firms']:,} firms, seed {found['seed']}"
    )
    print_prose(console, ran, style="dim")
    for row in _table(found, console.width):
        console.print(row)
    console.print()
    for line in _how_to_read(found):
        print_prose(console, line, style="dim")


def _table(found: Mapping[str, Any], width: int) -> list[Any]:
    policies, reference = found["policies"], found["reference"]
    day, worlds = f"day {found['headline_day']:g}", found["worlds"]
    names = Column(("", "policy"), tuple((entry["policy"], "") for entry in policies))
    survival = tuple(_shares(f"{endpoint}, %", [entry["survival"][endpoint] for entry in policies]) for endpoint in ("cash", "exit"))
    gains = [None if entry["policy"] == reference else entry["gain"]["exit"] for entry in policies]
    decimals = decimals_for([100.0 * gain["mean"] for gain in gains if gain], few=5.0)
    change = (
        Column(("", "mean"), tuple(_with_error(gain, decimals) for gain in gains)),
        _band("luck", gains, decimals),
        _band("parameters", gains, decimals),
        Column(("of variance", "parameters"), tuple((_percent(gain), "") for gain in gains)),
    )
    others = [None if entry["policy"] == reference else entry for entry in policies]
    counts = (
        Column(("", "helps"), tuple(("", "") if entry is None else (f"{entry['helps']:,}", _ends(entry, "helps")) for entry in others)),
        Column(("", "harms"), tuple(("", "") if entry is None else (f"{entry['harms']:,}", _ends(entry, "harms")) for entry in others)),
        Column(("", "best"), tuple((f"{round(entry['best']['survival'], 1):g}", _ends(entry, "best_survival")) for entry in policies)),
        Column(("", "clearly"), tuple((f"{entry['best']['clearly']:,}", _ends(entry, "best_clearly")) for entry in policies)),
        Column(
            ("cheapest", "per firm"),
            tuple(
                ("", "") if entry is None else (f"{entry['best']['cost']:,} of {entry['best']['has_cost']:,}", _ends(entry, "best_cost"))
                for entry in others
            ),
        ),
    )
    groups = [
        Group(f"survival, {day}", survival),
        Group(f"exit against {reference}, points, {day}", change),
        Group(f"in how many of {worlds:,} worlds", counts),
    ]
    return table_lines(names, groups, width)


def _shares(head: str, spreads: list[Mapping[str, Any]]) -> Column:
    def mean(spread: Mapping[str, Any]) -> str:
        error = spread["mc_error"]
        return number(100.0 * spread["mean"]) + ("" if error is None else f" ± {number(100.0 * error)}")

    return Column(("", head), tuple((mean(spread), _range(spread["parameters"], 0)) for spread in spreads))


def _ends(entry: Mapping[str, Any], count: str) -> str:
    low, high = entry["intervals"][count]
    return f"{number(low, 0)}–{number(high, 0)}"


def _band(name: str, spreads: list[Mapping[str, Any] | None], decimals: int) -> Column:
    return Column((name, "5–95 %"), tuple(("" if spread is None else _range(spread[name], decimals), "") for spread in spreads))


def _range(ends: list[float], decimals: int) -> str:
    texts = [number(100.0 * end, decimals) for end in ends]
    return " to ".join(texts) if "−" in "".join(texts) else "–".join(texts)


def _with_error(spread: Mapping[str, Any] | None, decimals: int) -> tuple[str, str]:
    if spread is None:
        return "", ""
    text, error = number(100.0 * spread["mean"], decimals, "+"), spread["mc_error"]
    return (text if error is None else f"{text} ± {number(100.0 * error, decimals)}"), ""


def _percent(spread: Mapping[str, Any] | None) -> str:
    share = None if spread is None else spread["parameters_share"]
    if spread is None or share is None:
        return ""
    error = spread["parameters_share_error"]
    return f"{number(100.0 * share, 0)}{'' if error is None else f' ± {number(100.0 * error, 0)}'} %"


def _how_to_read(found: Mapping[str, Any]) -> list[str]:
    lines = [
        "A world fixes every uncertain number at one value of its plausible range, for all its draws; the draws are the same in all "
        "worlds. Below each survival the 5th to 95th percentile over worlds of their means.",
        "luck: 5th to 95th percentile over the draws of a world, on average over worlds. parameters: the same over worlds, of their means. "
        "of variance: part of the variance of the gain that is between worlds. ± is the Monte Carlo standard error of the mean, of worlds "
        "and draws; of the part of the variance, of worlds.",
        "helps, harms: worlds in which the policy keeps more firms alive than the reference, or fewer. best: worlds in which no other "
        "keeps more (who ties shares the world); clearly: those in which its lead is beyond the Monte Carlo error. cheapest per firm: "
        "worlds in which its net cost per firm saved is the lowest, of those in which that number has a meaning. Below each count its 95 % "
        "interval, which says how it might be with as many other worlds.",
    ]
    if found["drawn_by_scenario"]:
        lines.append(
            f"The scenario itself draws {', '.join(found['drawn_by_scenario'])} anew in every draw: what these spread counts as luck here. "
            "simsme sensitivity takes them in."
        )
    return lines
