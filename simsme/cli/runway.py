"""``simsme runway``: one firm, asked by its owner: how long does the cash last, what would help, how much is needed."""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simsme.cli import interrupts
from simsme.cli.arguments import AsJson, FirmsPath, Overrides
from simsme.cli.completion import complete_scenario
from simsme.cli.process import seconds_running
from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.problems import Problem
    from simsme.runway.answer import Runway
    from simsme.runway.case import Case


def _flag(names: str, text: str, metavar: str = "MONEY", panel: str = "The firm") -> Any:
    return typer.Option(*names.split(), metavar=metavar, help=text, show_default=False, rich_help_panel=panel)


def find_runway_of_firm(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FIRM.toml", help="What is known of the firm: lines such as cash = 500000.", show_default=False),
    ] = None,
    cash: Annotated[str | None, _flag("--cash", "Cash and bank balances. Needed.")] = None,
    sales: Annotated[str | None, _flag("--sales", "Sales of a normal year, without VAT. Needed.")] = None,
    industry: Annotated[str | None, _flag("--industry", "One of the scenario's industries, such as retail.", "NAME")] = None,
    size: Annotated[str | None, _flag("--size", "micro, small or medium; by sales where not given.", "NAME")] = None,
    employees: Annotated[str | None, _flag("--employees", "People employed.", "N")] = None,
    payroll: Annotated[str | None, _flag("--payroll", "Gross wages of a year.")] = None,
    rent: Annotated[str | None, _flag("--rent", "Rent of a year.")] = None,
    overheads: Annotated[str | None, _flag("--overheads", "Other fixed costs of a year.")] = None,
    materials: Annotated[str | None, _flag("--materials", "Cost of goods sold in a year.")] = None,
    receivables: Annotated[str | None, _flag("--receivables", "What customers owe now.")] = None,
    payables: Annotated[str | None, _flag("--payables", "What suppliers are owed now.")] = None,
    inventory: Annotated[str | None, _flag("--inventory", "Stock at cost.")] = None,
    loan: Annotated[str | None, _flag("--loan", "Bank loan; none where not given.")] = None,
    loan_due_day: Annotated[str | None, _flag("--loan-due-day", "In how many days the loan falls due.", "DAYS")] = None,
    rate: Annotated[str | None, _flag("--rate", "Interest of the loan a year, such as 0.05.", "SHARE")] = None,
    credit_line: Annotated[str | None, _flag("--credit-line", "Unused committed credit line; none where not given.")] = None,
    owner_funds: Annotated[str | None, _flag("--owner-funds", "What owner and relatives can put in.")] = None,
    firms: FirmsPath = None,
    firm: Annotated[str | None, typer.Option("--firm", metavar="FIRM_ID", help="With --firms: which of them.", show_default=False)] = None,
    scenario: Annotated[
        str,
        typer.Option("--scenario", metavar="NAME", help="What happens: a shipped scenario or a file.", autocompletion=complete_scenario),
    ] = "three-months",
    shock: Annotated[
        str | None,
        typer.Option(
            "--shock", metavar="SHARE", help="Sales fall by this much, in place of the scenario's: 0.3 is 30 %.", show_default=False
        ),
    ] = None,
    start_date: Annotated[
        str | None, typer.Option("--start-date", metavar="DATE", help="Day 0, such as 2026-03-01; today by default.", show_default=False)
    ] = None,
    override: Overrides = None,
    weeks: Annotated[int, typer.Option("--weeks", metavar="N", min=1, max=52, help="Weeks over which help and needs are judged.")] = 13,
    all_levers: Annotated[bool, typer.Option("--all-levers", help="Try every kind of lever, not only those of the scenario.")] = False,
    loan_delay: Annotated[
        float | None,
        typer.Option("--loan-delay", metavar="DAYS", min=0.0, help="Days from applying for a loan to money; the scenario's by default."),
    ] = None,
    draws: Annotated[int | None, typer.Option("--draws", metavar="N", help="Draws; 500 by default.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed, in place of the scenario's.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the cash-flow sheet (CSV, Excel), the figure and all numbers into this folder."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Nothing on standard error but errors.")] = False,
) -> None:
    """Tell the owner of one firm how long its cash lasts, what would help, and how much it needs.

    Cash and sales are enough; what else is assumed is listed. Example: simsme runway --cash 60000 --sales 3000000 --rent 300000

    Numbers come from simulated draws of luck and shock under stated assumptions. They are no forecast.
    """
    said = {
        "--cash": ("cash", cash),
        "--sales": ("sales", sales),
        "--industry": ("industry", industry),
        "--size": ("size", size),
        "--employees": ("employees", employees),
        "--payroll": ("payroll", payroll),
        "--rent": ("rent", rent),
        "--overheads": ("overheads", overheads),
        "--materials": ("materials", materials),
        "--receivables": ("receivables", receivables),
        "--payables": ("payables", payables),
        "--inventory": ("inventory", inventory),
        "--loan": ("loan", loan),
        "--loan-due-day": ("loan_due_day", loan_due_day),
        "--rate": ("loan_rate", rate),
        "--credit-line": ("credit_line", credit_line),
        "--owner-funds": ("owner_funds", owner_funds),
    }
    given = {flag: (name, value) for flag, (name, value) in said.items() if value is not None}
    from simsme.runway.answer import answer_all

    talk = Talk(quiet)
    pairs = [*_scenario_pairs(shock, start_date), *(override or ())]
    case = _case(scenario, given, file, firms, firm, pairs, draws, seed)
    if out is not None:
        from simsme.runway.files import check_runway_place

        check_runway_place(out, replace=force)
    with talk.progress("simulating", 100, "parts") as tell:
        so_far = 0.0

        def told(done: float) -> None:
            nonlocal so_far
            interrupts.raise_if_asked()
            so_far += done
            tell(round(100 * so_far), 100)

        found = answer_all(case, help_weeks=weeks, all_levers=all_levers, loan_delay_days=loan_delay, told=told)
    written: tuple[Path, ...] = ()
    if out is not None:
        from simsme.runway.files import write_runway

        with talk.progress("writing tables and figure"):
            written = write_runway(out, found, _provenance(found), replace=force)
    if as_json:
        from simsme.summary import as_json as json_text

        print(json_text(found.json()), flush=True)
    else:
        from simsme.cli.runway_table import print_runway

        print_runway(found)
    if written:
        talk.say(f"Cash-flow sheet, figure and numbers: {', '.join(map(str, written))}.")
        if not any(path.suffix == ".xlsx" for path in written):
            talk.say("No Excel file: it needs the extra excel (pip install 'simsme[excel]'). The CSV has the same numbers.")
    talk.say(f"{case.scenario.draws:,} draw{'' if case.scenario.draws == 1 else 's'} ({seconds_running():.1f} s).")


def _scenario_pairs(shock: str | None, start_date: str | None) -> list[str]:
    """Overrides for the flags that are short for one; today where no date is given."""
    from simsme.problems import InputError, Problem

    problems = []
    day = date.today()
    if start_date is not None:
        try:
            day = date.fromisoformat(start_date)
        except ValueError:
            problems.append(Problem(f"--start-date {start_date}", "", "must be a date, such as 2026-03-01"))
    pairs = [f"time.start_date={day.isoformat()}"]
    if shock is not None:
        try:
            allowed = 0.0 <= float(shock) <= 1.0
        except ValueError:
            allowed = False
        if allowed:
            pairs.append(f"shock.sales.depth={float(shock)}")
        else:
            hint = f"; for {shock.strip(' %')} % write 0.{shock.strip(' %').zfill(2)}" if shock.strip(" %").isdigit() else ""
            problems.append(Problem(f"--shock {shock}", "", f"must be a share from 0 to 1, such as 0.3 for 30 %{hint}"))
    if problems:
        raise InputError(problems)
    return pairs


def _case(
    scenario: str,
    given: dict[str, tuple[str, str]],
    file: Path | None,
    firms: Path | None,
    firm: str | None,
    pairs: list[str],
    draws: int | None,
    seed: int | None,
) -> "Case":
    """The firm, from flags and a TOML file, or from a file of firms."""
    from simsme.problems import InputError, Problem
    from simsme.runway.answers import check_answers, read_answers
    from simsme.runway.case import case_of_owner, case_of_row, plan_for_one, population_of
    from simsme.runway.own_firm import own_firm, place_of

    from_file = firms is not None or firm is not None
    problems = []
    if firms is None and firm is not None:
        problems.append(Problem(f"--firm {firm}", "", "needs --firms FILE, the file that it stands in"))
    if firms is not None and firm is None:
        problems.append(Problem(f"--firms {firms}", "", "needs --firm FIRM_ID, the firm that is asked about"))
    if from_file and (given or file is not None):
        what = ", ".join([*given, *([] if file is None else [str(file)])])
        problems.append(Problem(what, "", "cannot stand beside --firms and --firm, which say all about the firm"))
    if problems:
        raise InputError(problems)
    try:
        plan = plan_for_one(scenario, draws=draws, seed=seed, overrides=pairs, firms=firms)
    except InputError as error:
        raise InputError([_under_its_flag(problem) for problem in error.problems]) from None
    if firms is not None and firm is not None:
        return case_of_row(plan, firm)
    said = {} if file is None else read_answers(file)
    said |= dict(given.values())
    population = population_of(plan)
    flags = {name: flag for flag, (name, _) in given.items()}
    answers = check_answers(said, place_of(flags, "" if file is None else str(file)), population)
    return case_of_owner(plan, own_firm(answers, population))


def _under_its_flag(problem: "Problem") -> "Problem":
    """The problem under the flag that brought it."""
    from simsme.problems import Problem

    for key, flag in {"shock.sales.depth": "--shock", "time.start_date": "--start-date", "draws": "--draws", "seed": "--seed"}.items():
        before, equals, value = problem.file.partition("=")
        if before == f"--set {key}" and equals:
            return Problem(f"{flag} {value}", "", problem.message)
    return problem


def _provenance(found: "Runway") -> Any:
    from simsme.provenance import Provenance

    plan = found.case.plan
    return Provenance(
        scenario=plan.scenario.name,
        digest=plan.digest,
        seed=plan.scenario.seed,
        draws=plan.scenario.draws,
        policies=(found.case.reference.name,),
        overrides=plan.loaded.overrides,
        command=("simsme", *sys.argv[1:]),
        firm_file=None if plan.firms_file is None else plan.firms_file.name,
        firm_file_digest=plan.firms_digest,
    )
