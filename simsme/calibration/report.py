"""What a calibration found, in words, as data, and as a patch of the scenario."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simsme.calibration.fit import Direction, Fit
from simsme.calibration.task import Observed
from simsme.scenario import PATCH_OPENS, PATCH_SETTINGS

NAMED_FROM = 0.25
"""Part of a number in a direction from which it is named."""

FIGURES = 4
"""Significant figures of calibrated numbers."""


def tables(fit: Fit, targets: Sequence[Observed]) -> dict[str, Any]:
    """Return everything as plain numbers, texts, lists and tables."""
    columns = zip(targets, fit.before.values, fit.after.values, fit.after.errors, strict=True)
    return {
        "parameters": [
            {"name": number.name, "value": rounded(value), "low": number.low, "high": number.high, "start": number.start}
            for number, value in zip(fit.numbers, fit.values, strict=True)
        ],
        "at_bounds": list(fit.at_bounds),
        "targets": [
            {
                "name": target.label,
                "observed": target.percent,
                "error": target.error,
                "before": float(before),
                "simulated": float(after),
                "mc_error": float(error),
                "gap_in_errors": float((after - target.percent) / target.error),
            }
            for target, before, after, error in columns
        ],
        "directions": [
            {
                "weights": {number.name: float(weight) for number, weight in zip(fit.numbers, direction.weights, strict=True)},
                "ranges_per_error": None if np.isinf(direction.spread) else direction.spread,
                "pinned_down": not direction.is_loose,
                "ends": [
                    {
                        "values": {number.name: rounded(value) for number, value in zip(fit.numbers, values, strict=True)},
                        "simulated": [float(share) for share in shares],
                    }
                    for values, shares in direction.ends
                ],
            }
            for direction in fit.directions
        ],
        "runs": fit.runs,
    }


def fit_lines(fit: Fit, targets: Sequence[Observed]) -> list[str]:
    """Return the table of fit as lines of text."""
    rows = tables(fit, targets)["targets"]
    head = "% of firms"
    width = max(len(head), *(len(row["name"]) for row in rows))
    lines = [f"{head:{width}}  observed          before  simulated"]
    for row in rows:
        observed, simulated = f"{row['observed']:6.2f} ± {row['error']:<5.3g}", f"{row['simulated']:6.2f} ± {row['mc_error']:.2f}"
        lines.append(f"{row['name']:{width}}  {observed} {row['before']:8.2f}  {simulated}")
    return lines


def ridge_lines(fit: Fit) -> list[str]:
    """Say what the targets do not pin down: the directions along which they stay nearly as they are."""
    loose = [direction for direction in fit.directions if direction.is_loose]
    if not loose:
        return ["The targets pin down every number."]
    lines = []
    for direction in loose:
        lines.append(f"Not pinned down: {_named(fit, direction)}.")
        for values, shares in direction.ends:
            moved = zip(fit.numbers, fit.values, values, strict=True)
            at = ", ".join(f"{number.name} = {rounded(there):g}" for number, here, there in moved if rounded(here) != rounded(there))
            lines.append(f"  at {at}: {', '.join(f'{share:.2f}' for share in shares)}")
    return lines


def patch(fit: Fit, targets: Sequence[Observed], scenario: str, command: str) -> str:
    """Return the patch of a scenario: its numbers as dotted keys, below comments that say how they were found."""
    settings = " ".join(f"--set {number.name}={rounded(value)!r}" for number, value in zip(fit.numbers, fit.values, strict=True))
    lines = [
        f"{PATCH_OPENS}{scenario}, calibrated by",
        f"#     {command}",
        "# No scenario by itself: put the numbers into the scenario's file, or add to simsme run",
        PATCH_SETTINGS.removesuffix("--set ") + settings,
        "#",
        *(f"# {line}".rstrip() for line in fit_lines(fit, targets)),
        "#",
        *(f"# {line}" for line in ridge_lines(fit)),
        *(f"# At an end of its range: {name}." for name in fit.at_bounds),
        "",
        *(
            f"{number.name} = {rounded(value)!r}   # from {number.low:g} to {number.high:g}; was {number.start:g}"
            for number, value in zip(fit.numbers, fit.values, strict=True)
        ),
    ]
    return "\n".join(lines) + "\n"


def rounded(value: float) -> float:
    """A number with as many figures as a calibration is worth."""
    return float(f"{value:.{FIGURES}g}")


def _named(fit: Fit, direction: Direction) -> str:
    """The numbers that move in a direction, and which way."""
    parts = [(weight, number.name) for number, weight in zip(fit.numbers, direction.weights, strict=True) if abs(weight) >= NAMED_FROM]
    rising = [name for weight, name in parts if weight > 0.0]
    falling = [name for weight, name in parts if weight < 0.0]
    words = f"more {', more '.join(rising)}" + (f" with less {', less '.join(falling)}" if falling else "")
    if np.isinf(direction.spread):
        return f"{words} (the targets do not change)"
    return f"{words} (one standard error of the targets lets it move by {direction.spread:.2g} of the ranges)"
