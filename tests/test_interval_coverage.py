"""The benchmark of coverage: it finds what is known, names what is outside, and keeps to its section of the page."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import interval_coverage as covering

from simsme.precision import paired_exits
from tests.synthetic_outcomes import synthetic_outcomes


def luck():
    return np.random.default_rng(7)


def test_means_of_normal_draws_are_covered():
    values = luck().normal(5.0, 2.0, (3, 400))
    assert covering.coverage(values, 100, 1000, luck()) == pytest.approx(0.95, abs=0.025)


def test_a_wrong_error_is_found(monkeypatch):
    monkeypatch.setattr(covering, "critical_value", lambda draws: 1.5)
    values = luck().normal(5.0, 2.0, (2, 400))
    assert (covering.coverage(values, 100, 500, luck()) < 0.93).all()
    found = [covering.Covered("exit", covering.coverage(values, 100, 500, luck()), 100)]
    assert "**outside**: none 8" in "\n".join(covering.section(found, ["none", "help"], 400, 500))


def test_means_of_rare_events_are_not():
    """One draw in fifty: a sample of 20 mostly sees none of it."""
    values = np.zeros((1, 400))
    values[0, :8] = 1.0
    assert covering.coverage(values, 20, 500, luck())[0] < 0.5


def test_two_stages_are_covered():
    values = luck().normal(0.0, 0.01, (2, 400))
    shares, draws = covering.coverage_of_precision(values, 0.0008, 300, luck())
    assert shares == pytest.approx(0.95, abs=0.04)
    assert 150 < draws < 250


def test_a_policy_without_differences_has_no_coverage():
    outcomes = synthetic_outcomes(draws=30, firms=50)
    values = covering.values_of(outcomes)
    headline = values[f"difference in exit, day {outcomes.headline_day:g}"]
    assert np.array_equal(headline, paired_exits(outcomes))
    found = covering.measure(values, 20)
    assert np.isnan(next(row for row in found if row.name.startswith("difference")).shares[outcomes.reference_index])
    text = "\n".join(covering.section(found, list(outcomes.policies), 30, 20))
    assert "run for a precision of" in text and "nan" not in text
