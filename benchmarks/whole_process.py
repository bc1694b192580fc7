"""Time whole processes as a user starts them, and write the figures to docs/performance.md.

    python benchmarks/whole_process.py            # from a checkout in which simsme is installed

Each command runs once to warm up and then several times; the median is the figure, minimum and maximum show the noise of the machine.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from simsme.provenance import versions

SIMSME = str(Path(sys.executable).with_name("simsme"))
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"


@dataclass(frozen=True)
class Timed:
    """A command, what it is called, how often it is timed, and how long it may take."""

    name: str
    command: tuple[str, ...]
    runs: int
    limit: str


COMMANDS = (
    Timed("`simsme --help`", (SIMSME, "--help"), 10, "0.4 s"),
    Timed('`python -c "import simsme"`', (sys.executable, "-c", "import simsme"), 10, "0.5 s"),
    Timed("`simsme run three-months` (2,000 firms, 40 draws, 5 policies, 52 weeks)", (SIMSME, "run", "three-months", "--quiet"), 3, "20 s"),
)


def seconds_of(command: tuple[str, ...]) -> float:
    """Wall seconds of one run in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def main() -> None:
    """Measure and write the page."""
    rows = []
    for timed in COMMANDS:
        seconds_of(timed.command)
        seconds = [seconds_of(timed.command) for _ in range(timed.runs)]
        rows.append((timed.name, statistics.median(seconds), min(seconds), max(seconds), timed.limit))
        print(f"{timed.name}: {rows[-1][1]:.2f} s ({rows[-1][2]:.2f} to {rows[-1][3]:.2f})", file=sys.stderr)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    lines = [
        "# Performance",
        "",
        "Written by `python benchmarks/whole_process.py`. Whole processes, wall seconds, warm.",
        "",
        "| command | median | minimum | maximum | wanted |",
        "|---|---|---|---|---|",
        *(f"| {name} | {median:.2f} s | {low:.2f} s | {high:.2f} s | under {limit} |" for name, median, low, high, limit in rows),
        "",
        f"Peak memory of the largest process: {peak:.0f} MiB. Machine: {platform.machine()}, {os.cpu_count()} cores. Versions: {known}.",
        "",
        "The engine here is NumPy on arrays of up to 40,960 firms times draws, in threads. Its time goes into some 600 passes over",
        "such an array for each step and policy.",
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
