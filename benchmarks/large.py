"""Measure runs of very many firms, time and peak memory, and write what comes out to docs/scale.md.

    python benchmarks/large.py            # up to 10,000,000 firms x 100 draws; 20 to 30 minutes on two cores
    python benchmarks/large.py --short    # no more than 2 draws of the largest; some five minutes
    python benchmarks/large.py --quick    # small ones only, half a minute; writes a page only where --output names it

Every run is a process of its own, from the start of Python to the last outcome, whose peak memory is given whole, beside what simsme says
before it starts. Two runs of the same firms, one with each firm held and one with firms drawn when they are needed, must leave the same
bits in every outcome, else nothing is written.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path

import numpy as np
from performance_page import machine, write_section

from simsme.firm_level_files import write_firm_level
from simsme.memory import estimated_bytes
from simsme.plan import Plan, plan_run
from simsme.runs import Run, execute

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
WEEKS = 13


@dataclass(frozen=True)
class Task:
    """What one process runs: ``policy`` beside the reference; ``held`` where every firm is, though it need not be."""

    firms: int
    draws: int
    policy: str = "renewal"
    threads: int = 2
    held: bool = False
    firm_level: bool = False

    @property
    def firm_weeks(self) -> int:
        """Firms times draws times weeks times policies."""
        return self.firms * self.draws * WEEKS * 2

    @property
    def words(self) -> str:
        """What is special about it."""
        return ", ".join(
            [
                f"`{self.policy}`" + (", a shared fund" if self.policy == "guarantee" else ""),
                *(["every firm held"] if self.held else []),
                *(["`--firm-level`, Parquet"] if self.firm_level else []),
            ]
        )


SMALL = (Task(200_000, 2, threads=1), Task(200_000, 2), Task(200_000, 2, "guarantee"))
SAME = (Task(1_000_000, 2), Task(1_000_000, 2, held=True))
MEDIUM = (*SAME, Task(1_000_000, 2, firm_level=True), Task(1_000_000, 2, "guarantee", threads=1), Task(1_000_000, 2, "guarantee"))
LARGE = (Task(1_000_000, 100), Task(10_000_000, 2), Task(10_000_000, 100))
QUICK_SAME = (Task(300_000, 2), Task(300_000, 2, held=True))


@dataclass(frozen=True)
class Measured:
    """What a process said: seconds in all and of the simulation, peak and estimate of memory, a fingerprint of all outcomes."""

    seconds: float
    simulating: float
    peak_bytes: float
    estimated_bytes: float
    fingerprint: str


def plan_of(task: Task) -> Plan:
    """The run of a task."""
    overrides = [f"population.firms={task.firms}", f"time.horizon_days={7 * WEEKS}", "time.report_days=[]"]
    return plan_run("three-months", policies=[task.policy], draws=task.draws, overrides=overrides)


def fingerprint(run: Run) -> str:
    """Digest of every array of the outcomes."""
    digest = sha256()
    for field in fields(run.outcomes):
        found = getattr(run.outcomes, field.name)
        for values in found.values() if isinstance(found, dict) else [found]:
            if isinstance(values, np.ndarray):
                digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def work(task: Task) -> Measured:
    """Run a task in this process."""
    started = time.perf_counter()
    plan = plan_of(task)
    firms = plan.firms() if task.held else plan.firms_as_needed()
    run = execute(plan, jobs=task.threads, firms=firms, engine="compiled", firm_level=task.firm_level)
    if run.by_firm is not None:
        with tempfile.TemporaryDirectory() as folder:
            write_firm_level(Path(folder), run.by_firm, "parquet")
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0
    said = estimated_bytes(plan, task.firms, workers=task.threads, engine="compiled", firm_level=task.firm_level)
    return Measured(seconds, run.seconds["simulate"], peak, float(said), fingerprint(run))


def measure(task: Task) -> Measured:
    """Run a task in a process of its own."""
    print(f"{task.firms:,} firms x {task.draws} draws, {task.words} ...", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--child", json.dumps(asdict(task))]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def section(command: str, found: dict[Task, Measured]) -> list[str]:
    """The section of the page."""
    lines = [
        "### Measured",
        "",
        f"Written by `{command}`. {machine()}",
        "",
        f"`three-months` over {WEEKS} weeks, the reference and one policy, compiled. Seconds are from reading the scenario to the last",
        "outcome, in brackets those of the simulation alone; peak memory is that of the whole process, Python and libraries included, and",
        "beside it stands what simsme says before it starts. Firms that were held and firms that were drawn left the same bits.",
        "",
        "| firms | draws | second policy | threads | seconds | million firm-weeks/s | peak memory | said before |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task, run in found.items():
        rate = task.firm_weeks / run.simulating / 1e6
        lines.append(
            f"| {task.firms:,} | {task.draws} | {task.words} | {task.threads} | {run.seconds:.1f} ({run.simulating:.1f}) | {rate:.1f} | "
            f"{run.peak_bytes / 1e9:.2f} GB | {'' if task.held else f'{run.estimated_bytes / 1e9:.2f} GB'} |"
        )
    return lines


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="leave out 10,000,000 firms x 100 draws")
    parser.add_argument("--quick", action="store_true", help="some 100,000 firms only")
    parser.add_argument("--output", type=Path, help="page whose section is written; docs/scale.md, and none with --quick")
    parser.add_argument("--child", metavar="TASK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asdict(work(Task(**json.loads(options.child))))))
        return
    # the first process of all loads, and if need be compiles, the engine
    measure(Task(1000, 2, threads=os.cpu_count() or 1))
    tasks = (*SMALL, *QUICK_SAME) if options.quick else (*SMALL, *MEDIUM, *(LARGE[:-1] if options.short else LARGE))
    found = {task: measure(task) for task in tasks}
    drawn, held = (found[task].fingerprint for task in (QUICK_SAME if options.quick else SAME))
    if drawn != held:
        sys.exit("nothing is written, as firms that are held and firms that are drawn when needed do not leave the same bits")
    page = options.output or (None if options.quick else PAGE)
    lines = section("python benchmarks/large.py" + (" --short" if options.short else " --quick" if options.quick else ""), found)
    if page is not None:
        write_section(page, "large runs", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
