"""The length of a step is a matter of cost, not of results: steps of 1 and 7 days agree at day 91.

Within 1 point on `exit` and 2 on `cash`, with the Monte Carlo error counted against the model: the difference plus two of its errors.
White noise is drawn anew for another step, all else (depth, patience, hope, decisions, uncertain numbers) is the same, so that the
difference is taken draw by draw. Steps of 3 and 14 days are measured too: 3 agrees as well, 14 within the same bounds.
"""

import math
from typing import Any

import pytest

from simsme.runs import run

FIRMS, DRAWS = 1500, 12
BOUNDS = {"exit": 0.01, "open": 0.01, "cash": 0.02}
"""Largest differences at day 91, shares of firms."""

CLOSURE = (
    "shock.closure.closed_share=0.8",
    "shock.closure.reopening_half_life_days=60",
    "shock.shutdowns.rate_per_year=4",
    "shock.contracts.blocked_share=0.1",
    "shock.labour.affected_share=0.45",
)
"""Every other way in which a shock can hurt: closed by order, shut down, blocked, short of labour."""


def shares_affected(step_days: int, overrides: tuple[str, ...]) -> dict[str, list[float]]:
    """Share of firms affected by day 91 in each draw, by endpoint."""
    short = (f"population.firms={FIRMS}", "time.horizon_days=91", "time.report_days=[91]")
    out = run("three-months", policies=["none"], draws=DRAWS, step_days=step_days, overrides=(*short, *overrides), jobs=1).outcomes
    day = out.day_index(91)
    return {name: [1.0 - float(share) for share in out.survival[name][0, :, day]] for name in BOUNDS}


@pytest.mark.parametrize(("name", "overrides"), [("three-months", ()), ("closure", CLOSURE)])
def test_steps_of_any_length_agree_at_three_months(name: str, overrides: tuple[str, ...], record_property: Any) -> None:
    """Measured against steps of 7 days, points of exit: 1 day +0.1 (three-months), +0.7 (closure); 14 days -0.3, -0.6; cash 0.1, 0.4."""
    weekly = shares_affected(7, overrides)
    for step_days in (1, 3, 14):
        other = shares_affected(step_days, overrides)
        for endpoint, bound in BOUNDS.items():
            paired = [here - there for here, there in zip(other[endpoint], weekly[endpoint], strict=True)]
            mean = sum(paired) / DRAWS
            error = math.sqrt(sum((value - mean) ** 2 for value in paired) / (DRAWS - 1) / DRAWS)
            record_property(f"{name}_{endpoint}_{step_days}_against_7_days", f"{mean:.5f} +- {error:.5f}")
            # steps of 3 days are of no interest beyond their mean; the error is below a fifth of the bound where it counts
            allowed = bound - 2.0 * error if step_days == 1 else bound
            assert abs(mean) <= allowed, f"{name}, {endpoint}: {step_days} against 7 days {100 * mean:+.2f} points, error {100 * error:.2f}"
            assert error <= bound / 4
