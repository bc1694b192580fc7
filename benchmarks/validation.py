"""Run everything that stands against published numbers; write its section of docs/evidence.md and record the verdicts.

    python benchmarks/validation.py    # from a checkout in which simsme is installed

The numbers are those of `simsme validate`; SIMSME_DATA must name the folder of real data. What was recorded as met and is not met any more
is named; recording it anyway takes --record.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from performance_page import write_section

from simsme.validation.page import recorded, section
from simsme.validation.poland import ABSENT
from simsme.validation.setting import Setting
from simsme.validation.sources import validate
from simsme.validation.workers import processes

TOP = Path(__file__).parent.parent
PAGE = TOP / "docs" / "evidence.md"
RECORD = TOP / "simsme" / "data" / "targets" / "recorded.toml"
SECTION = "validation"


def report(words: str) -> None:
    """Tell progress on standard error."""
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Run, compare with the record, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--record", action="store_true", help="record verdicts even where a number is not met any more")
    record_all = parser.parse_args().record
    started = time.perf_counter()
    with processes(os.cpu_count() or 1) as workers:
        rows = validate(setting=Setting(tell=report, workers=workers))
    report(f"{time.perf_counter() - started:.0f} seconds")
    if any(row.absent and row.target.source == "poland" for row in rows):
        raise SystemExit(f"nothing written; the source poland {ABSENT}")
    worse = [row for row in rows if row.is_worse()]
    for row in worse:
        report(f"recorded as met and not met any more: {row.target.source} {row.target.id}")
    if worse and not record_all:
        raise SystemExit("nothing written; --record writes all the same")
    write_section(PAGE, SECTION, section(rows))
    RECORD.write_text(recorded(rows), encoding="utf-8")
    report(f"{PAGE.relative_to(TOP)} and {RECORD.relative_to(TOP)} are written")


if __name__ == "__main__":
    main()
