"""Time whole processes as a user starts them, and write the figures to docs/performance.md.

    python benchmarks/whole_process.py            # from a checkout in which simsme is installed

Each command runs once to warm up and then several times; the median is the figure, minimum and maximum show the noise of the machine.
A command with nothing kept compiles the engine first, as on the first day.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from performance_page import PAGE, machine, write_section

TOP = Path(__file__).resolve().parent.parent
SIMSME = str(Path(sys.executable).with_name("simsme"))
A_FIRM = ("--cash", "60000", "--sales", "3000000", "--industry", "catering", "--loan", "400000", "--loan-due-day", "45")
THREE_MONTHS = (SIMSME, "run", "three-months", "--quiet")


@dataclass(frozen=True)
class Timed:
    """A command, what it is called, how often it is timed, how long it may take, and whether compiled code may be there from before."""

    name: str
    command: tuple[str, ...]
    runs: int
    limit: str
    kept: bool = True


TINY_SETS = ("population.firms=50", "time.horizon_days=91", "time.report_days=[91]")
TINY = (
    SIMSME,
    "run",
    "three-months",
    "--policy",
    "renewal",
    "--draws",
    "4",
    "--json",
    *(word for pair in TINY_SETS for word in ("--set", pair)),
)


def first_command() -> str:
    """What the README says to do first: install, and run the main scenario."""
    lines = (TOP / "README.md").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if line.startswith("python3 -m venv "))


CLONE = ("bash", "-c", 'git clone --quiet "$0" simsme && cd simsme && bash -c "$1"', str(TOP), first_command())

COMMANDS = (
    Timed("`simsme --help`", (SIMSME, "--help"), 10, "0.4 s"),
    Timed('`python -c "import simsme"`', (sys.executable, "-c", "import simsme"), 10, "0.5 s"),
    Timed("`simsme run --json` of a tiny scenario (50 firms, 4 draws, 2 policies, 13 weeks)", TINY, 5, "1.5 s"),
    Timed("`simsme runway` (one firm, 500 draws, 52 weeks, all answers)", (SIMSME, "runway", *A_FIRM, "--quiet"), 10, "2 s"),
    Timed("`simsme run three-months` (5,000 firms, 100 draws, 9 policies, 52 weeks)", THREE_MONTHS, 3, "10 s"),
    Timed("the same, the very first time", THREE_MONTHS, 1, "60 s", kept=False),
    Timed("from a clone to the first curves: `git clone`, then the README's first command, which installs", CLONE, 1, "120 s", kept=False),
)


def seconds_of(timed: Timed) -> float:
    """Wall seconds of one run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        environment = dict(os.environ) if timed.kept else os.environ | {"NUMBA_CACHE_DIR": empty}
        # a user's Python keeps what it has made of source files
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        start = time.perf_counter()
        subprocess.run(timed.command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Measure and write the section."""
    rows = []
    for timed in COMMANDS:
        if timed.kept:
            seconds_of(timed)
        seconds = [seconds_of(timed) for _ in range(timed.runs)]
        rows.append((timed.name, statistics.median(seconds), min(seconds), max(seconds), timed.limit))
        print(f"{timed.name}: {rows[-1][1]:.2f} s ({rows[-1][2]:.2f} to {rows[-1][3]:.2f})", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    lines = [
        "## Whole processes",
        "",
        f"Written by `python benchmarks/whole_process.py`. Wall seconds, warm where nothing else is said. {machine()}",
        "",
        "| command | median | minimum | maximum | wanted |",
        "|---|---|---|---|---|",
        *(f"| {name} | {median:.2f} s | {low:.2f} s | {high:.2f} s | under {limit} |" for name, median, low, high, limit in rows),
        "",
        f"Peak memory of the largest process: {peak:.0f} MiB.",
    ]
    write_section(PAGE, "whole processes", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
