"""Batches of a run on the command line: keep them while it goes on, or run some of them alone."""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from simsme.cli import interrupts
from simsme.cli.talk import Talk
from simsme.problems import InputError, Problem

if TYPE_CHECKING:
    from simsme.draw_firms import DrawnFirms
    from simsme.draw_range import DrawRange
    from simsme.firms import Firms
    from simsme.kept_batches import KeptBatches
    from simsme.plan import Plan

WORTH_SECONDS = 10.0
"""What was simulated in less is not kept where the user stops the run: it is sooner done again than found."""


def population_that_fits(
    plan: "Plan", by_firm: bool, jobs: int | None, engine: str | None, scheduler: str | None, talk: Talk
) -> "Firms | DrawnFirms":
    """Read or draw the firms, where the run fits into the memory that is free; else it is refused, before they are drawn."""
    from simsme.memory import check_memory

    workers = 0 if scheduler is not None else jobs or os.cpu_count() or 1
    drawn = None if plan.firms_file is not None or plan.scenario.population is None else plan.scenario.population.firms
    line = None if drawn is None else check_memory(plan, drawn, workers=workers, engine=engine, firm_level=by_firm)
    if line is not None:
        talk.say(line)
    with talk.progress("drawing firms" if drawn is not None else "reading firms"):
        firms = plan.firms_as_needed()
    if drawn is None:
        line = check_memory(plan, len(firms), workers=workers, engine=engine, firm_level=by_firm)
        if line is not None:
            talk.say(line)
    return firms


@contextmanager
def keeping(plan: "Plan", folder: Path, by_firm: bool, resume: bool, talk: Talk) -> Iterator["KeptBatches"]:
    """Give out the folder of kept batches; where something goes wrong it stays, and how to go on is said."""
    from simsme.kept_batches import KeptBatches
    from simsme.merging import record_of

    kept, began = KeptBatches(folder, record_of(plan, by_firm), resume, talk.say), time.monotonic()
    try:
        yield kept
    except BaseException:
        if not resume and time.monotonic() - began < WORTH_SECONDS:
            kept.remove()
        else:
            kept.close()
            talk.say(f"Finished batches are kept in {folder}; the same command with --resume goes on from there.")
        raise


def run_batches(
    plan: "Plan",
    wanted: str,
    results: Path,
    *,
    by_firm: bool,
    resume: bool,
    talk: Talk,
    jobs: int | None,
    engine: str | None,
    scheduler: str | None,
    announce: Callable[[], None],
) -> None:
    """Run some draws of a plan and leave them in a folder beside where its results would be, for ``simsme merge``."""
    from simsme.runs import execute_part

    draws = _draws(wanted, plan)
    firms = population_that_fits(plan, by_firm, jobs, engine, scheduler, talk)
    folder = results.with_name(f"{results.name}.draws-{draws.first}-{draws.end}")
    with keeping(plan, folder, by_firm, resume, talk) as kept:
        with talk.progress("simulating", draws.draws, "draws") as tell:

            def told(done: int, end: int) -> None:
                interrupts.raise_if_asked()
                tell(max(done - draws.first, 0), draws.draws)

            execute_part(
                plan,
                draws,
                kept,
                jobs=jobs,
                progress=told,
                firms=firms,
                firm_level=by_firm,
                engine=engine,
                announce=announce,
                scheduler=scheduler,
            )
        kept.close()
    print(folder, flush=True)
    talk.say(f"Draws {draws} of {plan.scenario.draws:,} are done. When all are: simsme merge {folder} ...")


def _draws(wanted: str, plan: "Plan") -> "DrawRange":
    from simsme.draw_range import DrawRange

    option, most = f"--batches {wanted}", plan.scenario.draws
    if plan.scenario.precision is not None:
        message = "needs a number of draws, and this run finds it while it goes on (precision); give --draws"
        raise InputError([Problem(option, "", message)])
    match = re.fullmatch(r"(\d{1,12}):(\d{1,12})", wanted)
    if match is None:
        raise InputError([Problem(option, "", "write two whole numbers as A:B, such as 0:50 for the first fifty draws")])
    draws = DrawRange(int(match[1]), int(match[2]))
    if not draws.first < draws.end <= most:
        raise InputError([Problem(option, "", f"draws A to before B, with 0 <= A < B <= {most}, the draws of the run")])
    return draws
