"""Rank real firms by what the simulation says of them, compare with who went bankrupt, and write docs/evidence.md.

    python benchmarks/evidence.py --data FOLDER    # from a checkout in which simsme is installed

FOLDER holds poland_firms_5y.csv.gz; without the option it is the one that the environment variable SIMSME_DATA names. Nothing of the
simulation is fitted to the bankruptcies. Takes about a minute on two cores.
"""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

import pandas as pd
from performance_page import kept_section
from poland.findings import Findings
from poland.firms import FILE, check_baselines
from poland.page import page
from poland.simulated import VARIANTS, simulate

from simsme.provenance import content_digest

PAGE = Path(__file__).parent.parent / "docs" / "evidence.md"
FILLINGS, DRAWS, VARIANT_FILLINGS = 20, 20, 5


def gather(file: Path, fillings: int = FILLINGS, draws: int = DRAWS, variant_fillings: int = VARIANT_FILLINGS) -> Findings:
    """Run everything that the page tells of.

    Parameters
    ----------
    file
        The Polish firms, or some of them.
    fillings, draws
        Of the scenario as shipped, and draws of each filling of it and of the variants.
    variant_fillings
        Of the variants; at most as many as of the scenario.
    """
    return Findings(
        data=pd.read_csv(file),
        digest=content_digest(file.read_bytes()),
        shipped=simulate(file, fillings, draws, partial(report, "as shipped")),
        single=simulate(file, 1, fillings * draws, partial(report, "one filling for all draws")),
        variants=tuple((variant, variant.simulate(file, variant_fillings, draws, partial(report, variant.name))) for variant in VARIANTS),
    )


def report(subject: str, words: str) -> None:
    """Tell progress on standard error, in one line that is written over where that is a terminal."""
    line = f"{subject}: {words}"
    written_over = sys.stderr.isatty()
    print(f"\r{line:<100}" if written_over else line, end="" if written_over else "\n", file=sys.stderr, flush=True)


def main() -> None:
    """Read, check, run, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=os.environ.get("SIMSME_DATA"), help="folder of the file; SIMSME_DATA where not given")
    folder = parser.parse_args().data
    if folder is None:
        parser.error("say with --data, or with the environment variable SIMSME_DATA, in which folder the file lies")
    file = Path(folder) / FILE
    if not file.is_file():
        parser.error(f"{file}: no such file")
    check_baselines(pd.read_csv(file))
    # the section of benchmarks/validation.py stays as it is
    text = page(gather(file)) + kept_section(PAGE, "validation")
    PAGE.write_text(text, encoding="utf-8")
    print(f"\n{PAGE.relative_to(PAGE.parent.parent)} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
