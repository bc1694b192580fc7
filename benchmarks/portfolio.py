"""Measure `simsme portfolio` on a large file, and write what comes out to docs/performance.md.

    python benchmarks/portfolio.py            # 100,000 firms x 500 draws x 13 weeks x 6 policies; some ten minutes on two cores
    python benchmarks/portfolio.py --quick    # 2,000 firms x 20 draws in half a minute; writes a page only where --output names it

The whole portfolio runs compiled, from the file of firms to the file of scores. NumPy, which would take hours, scores a part of the same
firms in a part of the draws, and so does the compiled engine; both must leave the same bits in every score, else nothing is written. Every
measurement is a process of its own, whose peak memory is given whole.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from performance_page import PAGE, machine, write_section

from simsme.execution import COMPILED, NUMPY
from simsme.plan import plan_run
from simsme.portfolio.answer import score, with_levers
from simsme.portfolio.files import write_portfolio
from simsme.portfolio.table_format import TableFormat
from simsme.provenance import Provenance

LEVERS = ("loan_renewal", "lending_forbearance", "debt_deferral", "wage_subsidy", "rent_relief")
"""With the reference six policies. None has a fund: firms of different banks do not share one."""

WEEKS = 13


@dataclass(frozen=True)
class Task:
    """What one process does: how many firms, draws and threads, and which engine."""

    firms: int
    draws: int
    engine: str
    threads: int = 2

    @property
    def firm_weeks(self) -> int:
        """Firms times draws times weeks times policies."""
        return self.firms * self.draws * WEEKS * (len(LEVERS) + 1)


@dataclass(frozen=True)
class Extent:
    """How much is measured: the whole, and the part on which NumPy takes part."""

    whole: Task
    part_firms: int
    part_draws: int


FULL = Extent(Task(100_000, 500, COMPILED), 4_000, 25)
QUICK = Extent(Task(2_000, 20, COMPILED), 500, 10)


@dataclass(frozen=True)
class Measured:
    """What a process said: seconds of reading, of simulating and scoring, of writing; peak memory; a fingerprint of all scores."""

    reading: float
    scoring: float
    writing: float
    peak_mebibytes: float
    fingerprint: str


def overrides() -> list[str]:
    """The scenario's six policies and its clock."""
    policies = [f'{{ name = "{kind}", levers = [{{ kind = "{kind}" }}] }}' for kind in LEVERS]
    listed = ", ".join(['{ name = "none" }', *policies])
    return [f"policy=[{listed}]", f"time.horizon_days={7 * WEEKS}", f"time.report_days=[{7 * WEEKS}]", f"time.headline_day={7 * WEEKS}"]


def draw_file(path: Path, firms: int) -> None:
    """Write a file of firms drawn from three-months, each standing for itself."""
    plan = plan_run("three-months", overrides=[f"population.firms={firms}"])
    plan.firms().frame().drop(columns="weight").to_csv(path, index=False)


def work(file: Path, task: Task) -> Measured:
    """Score a file in this process."""
    # a small run loads, and if need be compiles, everything first
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "few.csv"
        draw_file(small, 300)
        few = with_levers(plan_run("three-months", firms=small, draws=2, overrides=overrides()))
        score(few, jobs=task.threads, engine=task.engine)
    started = time.perf_counter()
    plan = with_levers(plan_run("three-months", firms=file, draws=task.draws, overrides=overrides()))
    firms = plan.firms()
    read = time.perf_counter()
    found = score(plan, guarantee_share=0.8, jobs=task.threads, engine=task.engine, firms=firms)
    scored = time.perf_counter()
    where = Provenance(scenario="three-months", digest=plan.digest, seed=0, draws=task.draws, policies=tuple(p.name for p in plan.policies))
    with tempfile.TemporaryDirectory() as folder:
        write_portfolio(Path(folder), found, where, TableFormat.CSV)
    written = time.perf_counter()
    digest = sha256()
    for name, values in found.scores.columns.items():
        digest.update(name.encode())
        digest.update("\n".join(map(str, values)).encode() if values.dtype == object else np.ascontiguousarray(values).tobytes())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return Measured(read - started, scored - read, written - scored, peak, digest.hexdigest())


def measure(file: Path, task: Task) -> Measured:
    """Score a file in a process of its own."""
    command = [sys.executable, __file__, "--child", str(file), json.dumps(asdict(task))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def section(extent: Extent, command: str, whole: Measured, parts: dict[str, Measured]) -> list[str]:
    """The section of the page."""
    task, part = extent.whole, Task(extent.part_firms, extent.part_draws, COMPILED)
    per_second = task.firm_weeks / whole.scoring / 1e6
    rates = {engine: part.firm_weeks / found.scoring / 1e6 for engine, found in parts.items()}
    ratio = rates[COMPILED] / rates[NUMPY]
    lines = [
        "## Portfolio",
        "",
        f"Written by `{command}`. {machine()}",
        "",
        f"`simsme portfolio` on {task.firms:,} firms x {task.draws:,} draws x {WEEKS} weeks x {len(LEVERS) + 1} policies ({task.threads} "
        "threads), from the file of firms to the file of scores.",
        "",
        "| firms | draws | engine | read | simulate and score | write | million firm-weeks/s | peak memory |",
        "|---|---|---|---|---|---|---|---|",
        f"| {task.firms:,} | {task.draws:,} | compiled | {whole.reading:.1f} s | {whole.scoring:.1f} s | {whole.writing:.1f} s | "
        f"{per_second:.1f} | {whole.peak_mebibytes:.0f} MiB |",
    ]
    for engine, found in parts.items():
        lines.append(
            f"| {part.firms:,} | {part.draws:,} | {engine} | {found.reading:.1f} s | {found.scoring:.1f} s | {found.writing:.1f} s | "
            f"{rates[engine]:.1f} | {found.peak_mebibytes:.0f} MiB |"
        )
    minutes = task.firm_weeks / (rates[NUMPY] * 1e6) / 60.0
    reckoned = f"{minutes / 60.0:.1f} hours" if minutes >= 60.0 else f"{minutes:.1f} minutes"
    return [
        *lines,
        "",
        f"NumPy was measured on the smaller task only; compiled is {ratio:.1f} times as fast there, with the same bits in every "
        f"score. At its speed there NumPy would need {reckoned} for the whole (reckoned, not measured).",
    ]


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2,000 firms x 20 draws only")
    parser.add_argument("--output", type=Path, help="page whose section is written; docs/performance.md, and none with --quick")
    parser.add_argument("--child", nargs=2, metavar=("FILE", "TASK"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asdict(work(Path(options.child[0]), Task(**json.loads(options.child[1]))))))
        return
    extent = QUICK if options.quick else FULL
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large.csv", Path(folder) / "small.csv"
        draw_file(large, extent.whole.firms)
        draw_file(small, extent.part_firms)
        part = replace(extent.whole, firms=extent.part_firms, draws=extent.part_draws)
        parts = {engine: measure(small, replace(part, engine=engine)) for engine in (COMPILED, NUMPY)}
        if parts[COMPILED].fingerprint != parts[NUMPY].fingerprint:
            sys.exit("nothing is written, as compiled and NumPy do not have the same scores")
        whole = measure(large, extent.whole)
    lines = section(extent, f"python benchmarks/portfolio.py{' --quick' if options.quick else ''}", whole, parts)
    page = options.output or (None if options.quick else PAGE)
    if page is not None:
        write_section(page, "portfolio", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
