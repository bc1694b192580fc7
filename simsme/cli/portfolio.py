"""``simsme portfolio``: the firms of a bank or a guarantee fund, sorted by risk, with what is to be lost and whom a lever would save."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, EngineName, Overrides
from simsme.cli.completion import complete_scenario
from simsme.cli.planning import planned
from simsme.cli.process import seconds_running
from simsme.cli.run import COMPILING
from simsme.cli.talk import Talk
from simsme.portfolio.table_format import TableFormat

if TYPE_CHECKING:
    from simsme.portfolio.answer import Portfolio


def score_firms_of_file(
    firms: Annotated[
        Path, typer.Argument(metavar="FIRMS", help="CSV, Parquet or Excel with firm_id, sales, cash and more.", show_default=False)
    ],
    scenario: Annotated[
        str,
        typer.Option("--scenario", metavar="NAME", help="What happens: a shipped scenario or a file.", autocompletion=complete_scenario),
    ] = "three-months",
    guarantee_share: Annotated[
        float, typer.Option("--guarantee-share", metavar="SHARE", help="Share of a loss that the guarantor bears, such as 0.8.")
    ] = 0.0,
    day: Annotated[
        float | None, typer.Option("--day", metavar="DAY", help="Gone by this day is a loss; one of the reported, by default the last.")
    ] = None,
    levers: Annotated[bool, typer.Option("--levers/--no-levers", help="Try each lever of the scenario's policies alone.")] = True,
    top: Annotated[int, typer.Option("--top", metavar="N", min=0, help="Firms to print; 0 prints all.")] = 20,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws, in place of the scenario's number.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    override: Overrides = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Threads; as many as cores by default. Results do not depend on it.")
    ] = None,
    engine: EngineName = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write all scores and the summary into this folder.")] = None,
    table_as: Annotated[
        TableFormat, typer.Option("--as", metavar="FORMAT", help="Format of the table of --out: csv or parquet.")
    ] = TableFormat.CSV,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Score every firm of a file: chances of running short and of closing, expected loss, and the lever that would save it.

    Example, with a file of the source: simsme portfolio docs/tutorials/my-firms.csv --guarantee-share 0.8 --draws 40 --out scores
    """
    from simsme.portfolio.answer import check_terms, score, with_levers
    from simsme.portfolio.files import check_portfolio_place, write_portfolio

    talk = Talk(quiet)
    plan = planned(scenario, policies=None, firms=firms, draws=draws, seed=seed, step_days=None, overrides=override)
    plan = with_levers(plan, levers=levers)
    check_terms(plan, guarantee_share, day)
    if out is not None:
        check_portfolio_place(out, table_as, replace=force)
    with talk.progress("reading firms"):
        population = plan.firms()
    for remark in population.remarks:
        talk.say(f"Remark: {remark}")
    with talk.progress("simulating", plan.scenario.draws, "draws") as tell:

        def told(done: int, total: int) -> None:
            interrupts.raise_if_asked()
            tell(done, total)

        interrupts.raise_if_asked()
        found = score(
            plan,
            guarantee_share=guarantee_share,
            day=day,
            jobs=jobs,
            progress=told,
            firms=population,
            engine=engine,
            announce=partial(talk.say, COMPILING),
        )
    written: tuple[Path, ...] = ()
    if out is not None:
        with talk.progress("writing scores"):
            written = write_portfolio(out, found, _provenance(found), table_as, replace=force)
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found.json(top or None)), flush=True)
    else:
        from simsme.cli.portfolio_table import print_portfolio

        print_portfolio(found, top or len(found.scores))
    if written:
        talk.say(f"Scores of all {len(found.scores):,} firms, and the summary: {', '.join(map(str, written))}.")
    talk.say(f"{len(found.scores):,} firms, {plan.scenario.draws:,} draws, {len(plan.policies)} policies ({seconds_running():.1f} s).")


def _provenance(found: "Portfolio") -> Any:
    from simsme.provenance import Provenance

    plan = found.plan
    return Provenance(
        scenario=plan.scenario.name,
        digest=plan.digest,
        seed=plan.scenario.seed,
        draws=plan.scenario.draws,
        policies=tuple(policy.name for policy in plan.policies),
        overrides=plan.loaded.overrides,
        command=("simsme", *sys.argv[1:]),
        firm_file=None if plan.firms_file is None else plan.firms_file.name,
        firm_file_digest=plan.firms_digest,
    )
