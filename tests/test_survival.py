"""Statistics of survival against scipy and against numbers worked by hand."""

import numpy as np
import pytest
from scipy import stats

from simsme.survival import (
    at_risk,
    differences,
    fieller_interval,
    over_draws,
    ratio_over_draws,
    restricted_mean_days,
    share_surviving,
)


def test_share_surviving_is_the_empirical_survival_function() -> None:
    rng = np.random.default_rng(0)
    event = np.round(rng.exponential(90, 300))
    days = np.arange(0.0, 400.0)
    expected = stats.ecdf(event).sf.evaluate(days)
    assert share_surviving(event, np.ones(300), days) == pytest.approx(expected, abs=1e-14)


def test_a_weight_counts_like_as_many_firms() -> None:
    event, weight = np.array([10.0, 20.0, np.inf]), np.array([3.0, 1.0, 2.0])
    repeated = np.repeat(event, weight.astype(int))
    days = np.array([0.0, 9.9, 10.0, 20.0, 1e9])
    assert share_surviving(event, weight, days) == pytest.approx(share_surviving(repeated, np.ones(6), days))
    assert share_surviving(event, weight, days) == pytest.approx([1, 1, 3 / 6, 2 / 6, 2 / 6])


def test_a_curve_that_ends_at_nobody_ends_at_exactly_zero() -> None:
    rng = np.random.default_rng(1)
    share = share_surviving(rng.uniform(0, 50, 1000), rng.uniform(0.1, 3, 1000), [0.0, 50.0])
    assert share[0] == 1.0
    assert share[1] == 0.0


@pytest.mark.parametrize(
    ("event", "weight", "message"),
    [
        ([1.0, np.nan], [1.0, 1.0], "NaN"),
        ([1.0, 2.0], [1.0], "one length"),
        ([1.0, 2.0], [0.0, 0.0], "weights"),
        ([1.0, 2.0], [-1.0, 2.0], "weights"),
        ([1.0, 2.0], [np.inf, 2.0], "weights"),
    ],
)
def test_share_surviving_refuses(event: list[float], weight: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        share_surviving(event, weight, [0.0])


def test_restricted_mean_worked_by_hand() -> None:
    days, curve = [0.0, 7.0, 14.0, 21.0], [1.0, 0.5, 0.25, 0.0]
    assert restricted_mean_days(days, curve, 21.0) == pytest.approx(7 + 3.5 + 1.75)
    assert restricted_mean_days(days, curve, 10.0) == pytest.approx(7 + 1.5)
    assert restricted_mean_days(days, curve, 0.0) == 0.0


def test_restricted_mean_is_the_mean_of_the_days_cut_at_the_horizon() -> None:
    rng = np.random.default_rng(2)
    days = np.arange(0.0, 365.0, 7.0)
    event, weight = rng.choice(days[1:], 400), rng.uniform(0.5, 2, 400)
    curves = np.stack([share_surviving(event, weight, days), np.ones(len(days))])
    expected = np.average(np.minimum(event, 182.0), weights=weight)
    assert restricted_mean_days(days, curves, 182.0) == pytest.approx([expected, 182.0])


@pytest.mark.parametrize(("days", "horizon"), [([0.0, 7.0, 7.0], 7.0), ([0.0, 7.0, 14.0], 15.0), ([0.0, 7.0], 7.0)])
def test_restricted_mean_refuses(days: list[float], horizon: float) -> None:
    with pytest.raises(ValueError, match="days must increase|horizon"):
        restricted_mean_days(days, [1.0, 0.5, 0.2], horizon)


def test_at_risk_counts_those_left_at_the_end_of_the_day() -> None:
    assert at_risk([0.0, 7.0, 14.0], [1.0, 0.9, 0.8], 50.0, [0.0, 6.9, 7.0, 14.0, 99.0]) == pytest.approx([50, 50, 45, 40, 40])
    with pytest.raises(ValueError, match="starts on day 0"):
        at_risk([0.0, 7.0], [1.0, 0.9], 50.0, [-1.0])


def test_over_draws_worked_by_hand() -> None:
    estimate = over_draws(np.arange(21.0), axis=0)
    assert [float(part) for part in (estimate.mean, estimate.low, estimate.high)] == pytest.approx([10.0, 1.0, 19.0])
    assert estimate.mc_error == pytest.approx(np.sqrt(38.5 / 21))
    assert estimate.mc_error == pytest.approx(stats.sem(np.arange(21.0)))


def test_over_draws_drops_the_axis_of_draws() -> None:
    values = np.random.default_rng(3).random((5, 40, 7))
    estimate = over_draws(values, axis=1)
    assert estimate.mean.shape == estimate.low.shape == estimate.high.shape == estimate.mc_error.shape == (5, 7)
    assert estimate[2, 3].mean == pytest.approx(values[2, :, 3].mean())
    assert (estimate.low <= estimate.high).all()


def test_one_draw_has_no_error() -> None:
    estimate = over_draws([0.25], axis=0)
    assert [float(part) for part in (estimate.mean, estimate.low, estimate.high)] == [0.25, 0.25, 0.25]
    assert np.isnan(estimate.mc_error)


def test_over_draws_refuses_what_would_spread_silently() -> None:
    with pytest.raises(ValueError, match="finite"):
        over_draws([0.1, np.nan], axis=0)
    with pytest.raises(ValueError, match="no draws"):
        over_draws(np.empty((3, 0)), axis=1)


def test_differences_are_paired() -> None:
    rng = np.random.default_rng(4)
    common = rng.random(100)
    values = np.stack([common, common + 0.01 + 0.001 * rng.random(100)])
    paired = differences(values, 0)
    assert (paired[0] == 0.0).all()
    assert over_draws(paired, axis=1).mc_error[1] < 0.01 * over_draws(values, axis=1).mc_error[1]


def test_ratio_is_the_ratio_of_sums() -> None:
    estimate = ratio_over_draws([1.0, 2.0, 0.0], [10.0, 30.0, 0.0])
    assert estimate.mean == pytest.approx(3 / 40)
    assert estimate.low == pytest.approx(np.quantile([0.1, 2 / 30], 0.05))
    assert estimate.high == pytest.approx(np.quantile([0.1, 2 / 30], 0.95))


def test_ratio_without_noise_has_no_error() -> None:
    assert ratio_over_draws([2.0, 4.0, 6.0], [1.0, 2.0, 3.0]).mc_error == pytest.approx(0.0, abs=1e-15)


def test_error_of_a_ratio_against_repeated_sampling() -> None:
    rng = np.random.default_rng(5)
    reached = rng.uniform(0.1, 0.3, (4000, 50))
    gain = 0.2 * reached + 0.01 * rng.standard_normal((4000, 50))
    errors = [float(ratio_over_draws(top, bottom).mc_error) for top, bottom in zip(gain[:200], reached[:200], strict=True)]
    assert np.mean(errors) == pytest.approx((gain.sum(axis=1) / reached.sum(axis=1)).std(), rel=0.05)


def test_ratio_says_nothing_where_nobody_is_reached() -> None:
    estimate = ratio_over_draws([0.0, 0.0], [0.0, 0.0])
    assert np.isnan([estimate.mean, estimate.low, estimate.high, estimate.mc_error]).all()
    assert np.isnan(ratio_over_draws([0.1], [0.2]).mc_error)


def test_ends_of_a_fieller_interval_solve_its_equation() -> None:
    rng = np.random.default_rng(6)
    bottom = rng.normal(5, 1, 30)
    top = 2 * bottom + rng.normal(0, 3, 30)
    critical = float(stats.t.ppf(0.975, 29))
    low, high = fieller_interval(top, bottom, critical)
    assert low < top.mean() / bottom.mean() < high
    for end in (low, high):
        # at an end the mean of top - end * bottom lies just on the edge of its own interval around zero
        rest = top - end * bottom
        assert abs(rest.mean()) == pytest.approx(critical * stats.sem(rest))


def test_fieller_interval_is_unbounded_where_the_denominator_may_be_zero() -> None:
    assert np.isnan(fieller_interval([1.0, 2.0, 1.0], [-1.0, 1.0, 0.5], 4.3)).all()
    assert np.isnan(fieller_interval([1.0], [1.0], 4.3)).all()


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError, match="one length"):
        ratio_over_draws([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="finite"):
        fieller_interval([1.0, np.inf], [1.0, 2.0], 2.0)
