"""Measure how often nominal 95 % intervals hold the true mean, on stored draws of three-months, and write it to docs/precision.md.

    python benchmarks/interval_coverage.py                      # from a checkout in which simsme is installed; some minutes on two cores
    python benchmarks/interval_coverage.py --keep draws.npz     # keeps the draws, or takes those that are kept there

Many draws are run once and their values stored; they are taken for the whole world, whose mean is known. From them samples as large as a
run of three-months are drawn with replacement, 2,000 times, and the interval of each is held against that mean.
"""

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from performance_page import machine, write_section

from simsme.costs import Costs, critical_value
from simsme.outcomes import Outcomes
from simsme.precision import draws_wanted
from simsme.runs import run
from simsme.scenario import PILOT_DRAWS
from simsme.survival import differences

PAGE = Path(__file__).parent.parent / "docs" / "precision.md"
DRAWS, REPETITIONS = 400, 2000
WANTED = (0.93, 0.97)

Values = dict[str, NDArray[np.float64]]
"""What is told of policies, one value a policy and draw, (P, D)."""


@dataclass(frozen=True)
class Covered:
    """Coverage of one quantity: share of intervals that hold the mean, by policy (NaN where draws do not differ); draws of a sample."""

    name: str
    shares: NDArray[np.float64]
    draws: float


def values_of(outcomes: Outcomes) -> Values:
    """Return the values of every draw from which tables are made."""
    costs, found = Costs(outcomes), {}
    for r, day in enumerate(outcomes.report_days):
        alive = outcomes.survival["exit"][:, :, outcomes.day_index(float(day))]
        found[f"exit, day {day:g}"] = alive
        found[f"difference in exit, day {day:g}"] = differences(alive, outcomes.reference_index)
        found[f"firms saved, day {day:g}"] = costs.firms_saved[:, :, r]
        found[f"net cost, day {day:g}"] = costs.net[:, :, r]
    return found


def coverage(values: NDArray[np.float64], draws: int, repetitions: int, luck: np.random.Generator) -> NDArray[np.float64]:
    """Share of samples whose 95 % interval (mean +- t x Monte Carlo error, as everywhere) holds the mean of all draws, (P,)."""
    chosen = luck.integers(0, values.shape[1], (repetitions, draws))
    return np.array([_held(row[chosen], float(row.mean())).mean() if np.ptp(row) else np.nan for row in values])


def coverage_of_precision(
    values: NDArray[np.float64], precision: float, repetitions: int, luck: np.random.Generator
) -> tuple[NDArray[np.float64], float]:
    """The same for samples in two stages, whose pilot fixes how many draws they have; and the mean number of draws."""
    held, taken = np.zeros((repetitions, len(values))), np.zeros(repetitions)
    for repetition in range(repetitions):
        first = luck.integers(0, values.shape[1], PILOT_DRAWS)
        draws = draws_wanted(values[:, first], precision, 100 * PILOT_DRAWS)
        chosen = np.concatenate([first, luck.integers(0, values.shape[1], draws - PILOT_DRAWS)])
        held[repetition] = [_held(row[None, chosen], float(row.mean()))[0] for row in values]
        taken[repetition] = draws
    return np.where(np.ptp(values, axis=1) > 0.0, held.mean(axis=0), np.nan), float(taken.mean())


def _held(samples: NDArray[np.float64], truth: float) -> NDArray[np.bool_]:
    draws = samples.shape[1]
    error = samples.std(axis=1, ddof=1) / math.sqrt(draws)
    held: NDArray[np.bool_] = np.abs(samples.mean(axis=1) - truth) <= critical_value(draws) * error
    return held


def measure(values: Mapping[str, NDArray[np.float64]], repetitions: int) -> list[Covered]:
    """Measure all quantities, and the differences at the headline day in two stages for a precision that takes more than the pilot."""
    luck = np.random.default_rng(0)
    found = [Covered(name, coverage(rows, PILOT_DRAWS, repetitions, luck), PILOT_DRAWS) for name, rows in values.items()]
    name = next(name for name in values if name.startswith("difference in exit"))
    precision = float(values[name].std(axis=1, ddof=1).max()) / math.sqrt(2.0 * PILOT_DRAWS)
    shares, draws = coverage_of_precision(values[name], precision, repetitions, luck)
    return [*found, Covered(f"{name}, run for a precision of {precision:.2g}", shares, draws)]


def section(found: list[Covered], policies: list[str], stored: int, repetitions: int) -> list[str]:
    """Return the lines of the page."""
    lines = [
        "## Coverage of 95 % intervals",
        "",
        f"Written by `python benchmarks/interval_coverage.py`. {stored:,} draws of `three-months` are taken for the whole world;",
        f"{repetitions:,} samples are drawn from them with replacement. The table says how often the interval of a sample (mean ± t",
        "times the Monte Carlo error) holds the mean of all. Lowest and highest are over policies; wanted is 93 to 97 %; chance alone",
        "moves a number by a point.",
        "",
        "| quantity | draws of a sample | lowest | highest | |",
        "|---|---|---|---|---|",
    ]
    for covered in found:
        known = ~np.isnan(covered.shares)
        low, high = covered.shares[known].min(), covered.shares[known].max()
        outside = [
            f"{policy} {100 * share:.1f} %"
            for policy, share in zip(policies, covered.shares, strict=True)
            if not np.isnan(share) and not WANTED[0] <= share <= WANTED[1]
        ]
        told = f"**outside**: {', '.join(outside)}" if outside else "inside"
        lines.append(f"| {covered.name} | {covered.draws:,.0f} | {100 * low:.1f} % | {100 * high:.1f} % | {told} |")
    return [*lines, "", machine()]


def main() -> None:
    """Measure and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS, help="stored draws")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--keep", type=Path, help="file (.npz) of stored draws, written where it is not there")
    asked = parser.parse_args()
    if asked.keep is not None and asked.keep.exists():
        with np.load(asked.keep, allow_pickle=False) as kept:
            values = {name: kept[name] for name in kept.files if name != "policies"}
            policies = kept["policies"].tolist()
    else:
        outcomes = run("three-months", draws=asked.draws).outcomes
        values, policies = values_of(outcomes), list(outcomes.policies)
        if asked.keep is not None:
            np.savez_compressed(asked.keep, policies=np.array(policies), **values)
    stored = next(iter(values.values())).shape[1]
    lines = section(measure(values, asked.repetitions), policies, stored, asked.repetitions)
    write_section(PAGE, "coverage", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
