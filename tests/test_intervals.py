"""Intervals where draws are few: they hold the truth as often as they say, and make nothing sure that is not."""

import numpy as np
import pytest
from scipy.stats import binom

from simsme.intervals import FEWEST_TOLD, TAIL, beyond_chance, gain_interval, quantile_ranks, share_interval


def test_the_sign_test_is_exact():
    for differ in (*range(40), 199, 1000):
        better = np.arange(differ + 1)
        rare = binom.sf(better - 1, differ, 0.5) <= TAIL
        assert np.array_equal(beyond_chance(better, differ - better), rare & (better > 0)), differ
    first = next(draws for draws in range(20) if beyond_chance(draws, 0))
    assert first == FEWEST_TOLD


@pytest.mark.parametrize(("up", "down"), [(0.0, 0.0), (0.02, 0.0), (0.3, 0.1), (0.5, 0.5), (0.9, 0.02), (1.0, 0.0)])
@pytest.mark.parametrize("draws", [4, 20, 200])
def test_intervals_of_gains_hold_the_truth(up, down, draws):
    drawn = np.random.default_rng(3).multinomial(draws, [up, down, 1.0 - up - down], size=4000)
    low, high = gain_interval(drawn[:, 0], drawn[:, 1], draws)
    assert ((low <= up - down + 1e-12) & (up - down <= high + 1e-12)).mean() > 0.93
    assert (low >= -1.0).all() and (high <= 1.0).all() and (high > low).all()


def test_an_interval_above_zero_means_that_the_sign_test_tells():
    up, down = (part.ravel() for part in np.meshgrid(np.arange(31), np.arange(31)))
    possible = up + down <= 30
    low, high = gain_interval(up[possible], down[possible], 30)
    assert not (low > 0.0)[~beyond_chance(up, down)[possible]].any()
    mirrored = gain_interval(down[possible], up[possible], 30)
    assert np.allclose(low, -mirrored.high) and np.allclose(high, -mirrored.low)


def test_shares_of_none_and_all_have_a_width():
    low, high = share_interval(np.array([0.0, 1.0, 0.5]), 4)
    assert low.tolist()[0] == 0.0 and high.tolist()[1] == 1.0
    assert high[0] == pytest.approx(1.0 - low[1]) and 0.4 < high[0] < 0.6


@pytest.mark.parametrize(("share", "draws"), [(0.5, 10), (0.5, 500), (0.1, 500), (0.99, 1000)])
def test_ranks_of_quantiles_hold_the_truth(share, draws):
    ranks = quantile_ranks(share, draws)
    # the quantile lies between two ranks where that many draws are below it
    below = binom(draws, share)
    missed = (0.0 if ranks.low is None else below.cdf(ranks.low - 1)) + (0.0 if ranks.high is None else below.sf(ranks.high - 1))
    assert missed < 0.06


def test_too_few_draws_leave_an_end_open():
    assert quantile_ranks(0.5, 4)[1:] == (None, None)
    assert quantile_ranks(0.99, 100).high is None and quantile_ranks(0.01, 100).low is None
