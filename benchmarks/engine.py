"""Measure the compiled engine against NumPy and C on the same stages, and write what comes out to docs/performance.md.

    python benchmarks/engine.py            # from a checkout in which simsme is installed; up to half an hour on two cores
    python benchmarks/engine.py --short    # up to a million firm paths in ten minutes
    python benchmarks/engine.py --quick    # 100,000 firm paths in half a minute; writes a page only where --output names it

Compiled, the same stages in C (speed/engine.c, where there is gcc) and NumPy take turns in one run, NumPy at the array size and number of
threads at which it is the fastest, and on whole arrays.
Nothing is printed or written where a single bit of what became of the firms differs: then the command ends with 1 and says where.
"""

import argparse
import sys
from pathlib import Path

from performance_page import PAGE, machine, write_section
from speed.measure import DifferenceError, measure_apart
from speed.stages import measure_stages_apart
from speed.study import FULL, QUICK, SHORT, Study, tell_on_screen
from speed.words import section


def main() -> None:
    """Measure, compare, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="100,000 firm paths only, one round")
    size.add_argument("--short", action="store_true", help="up to a million firm paths, fewer rounds")
    parser.add_argument(
        "--output", type=Path, help="page whose section on the engine is written; docs/performance.md, and none with --quick"
    )
    options = parser.parse_args()
    try:
        found = Study(measure_apart, tell_on_screen, measure_stages_apart).all(QUICK if options.quick else SHORT if options.short else FULL)
    except DifferenceError as difference:
        sys.exit(f"nothing is printed, as the executions do not have the same outcomes: {difference}")
    lines = section(found, f"python benchmarks/engine.py{' --quick' if options.quick else ' --short' if options.short else ''}", machine())
    page = options.output or (None if options.quick else PAGE)
    if page is not None:
        write_section(page, "engine", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
