"""The page of evidence: areas under ROC curves against a count by hand, classes that do not know who failed, and the page itself."""

import os
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import evidence
from poland.firms import FILE, RECORDED, check_baselines
from poland.limits import tried
from poland.page import SECTIONS, page
from poland.simulated import VARIANTS
from ranking import Estimate, areas, classes_of, failed_share, jackknife_error, resamples

FIRMS = 60


def tied(rng, firms=FIRMS):
    """Scores with many ties, and who failed."""
    return rng.integers(0, 6, firms) / 5.0, rng.random(firms) < 0.3


def area_by_hand(score, failed, times, strata):
    """All pairs of a failed firm and another of its class, one by one."""
    won = pairs = 0.0
    for i in np.flatnonzero(failed):
        for j in np.flatnonzero(~failed):
            if strata[i] == strata[j]:
                pairs += times[i] * times[j]
                won += times[i] * times[j] * (1.0 if score[i] > score[j] else 0.5 if score[i] == score[j] else 0.0)
    return won / pairs


class TestAreas:
    @pytest.mark.parametrize("classes", [1, 4])
    def test_are_those_of_a_count_by_hand(self, classes):
        rng = np.random.default_rng(3)
        score, failed = tied(rng)
        strata = rng.integers(0, classes, FIRMS)
        counts = resamples(FIRMS, repetitions=20)
        found = areas(score, failed, counts, None if classes == 1 else strata)
        assert found == pytest.approx([area_by_hand(score, failed, times, strata) for times in counts], abs=1e-12)

    def test_know_the_order_of_scores_only(self):
        score, failed = tied(np.random.default_rng(4))
        counts = resamples(FIRMS, repetitions=5)
        assert np.array_equal(areas(score, failed, counts), areas(np.exp(3.0 * score), failed, counts))
        assert areas(-score, failed, counts) == pytest.approx(1.0 - areas(score, failed, counts), abs=1e-12)

    def test_are_a_half_for_equal_scores_and_one_for_perfect_ones(self):
        _, failed = tied(np.random.default_rng(5))
        once = np.ones((1, FIRMS), dtype=np.int64)
        assert areas(np.zeros(FIRMS), failed, once)[0] == 0.5
        assert areas(failed.astype(float), failed, once)[0] == 1.0

    def test_are_not_there_without_a_pair(self):
        assert np.isnan(areas(np.arange(3.0), np.zeros(3, dtype=bool), np.ones((1, 3), dtype=np.int64))[0])


def test_resamples_begin_with_the_sample_and_keep_its_size():
    counts = resamples(50, repetitions=10)
    assert counts.shape == (11, 50)
    assert (counts[0] == 1).all()
    assert (counts.sum(axis=1) == 50).all()
    assert np.array_equal(counts, resamples(50, repetitions=10))


def test_an_interval_is_of_the_resamples_and_not_of_the_sample():
    values = np.concatenate([[7.0], np.arange(1001.0)])
    estimate = Estimate.of(values)
    assert (estimate.value, estimate.low, estimate.high) == (7.0, 25.0, 975.0)
    assert [estimate.side(of) for of in (20.0, 25.0, 500.0, 975.0, 980.0)] == [1, 0, 0, 0, -1]


def test_classes_are_of_equal_size_and_rise_with_the_score():
    score, _ = tied(np.random.default_rng(6), firms=205)
    classes = classes_of(score, 10)
    assert set(np.bincount(classes, minlength=10)) <= {20, 21}
    assert all(score[classes == k].max() <= score[classes == k + 1].min() for k in range(9))


def test_classes_of_equal_scores_do_not_follow_the_file():
    """The file has its bankrupts last: in its own order they would fill the highest class of any score without information."""
    failed = np.arange(1000) >= 900
    classes = classes_of(np.zeros(1000), 10)
    assert np.bincount(classes[failed], minlength=10).max() < 25


def test_a_share_is_of_the_firms_in_the_resample():
    counts = np.array([[1, 1, 1, 1], [0, 3, 1, 0], [0, 0, 0, 4]])
    found = failed_share(np.array([True, False, True, True]), counts, np.array([True, True, True, False]))
    assert found[:2] == pytest.approx([2.0 / 3.0, 0.25])
    assert np.isnan(found[2])


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(7).normal(size=30)
    left_out = [float(np.delete(values, k).mean()) for k in range(30)]
    assert jackknife_error(left_out) == pytest.approx(values.std(ddof=1) / np.sqrt(30))
    assert np.isnan(jackknife_error([1.0]))


def test_it_stops_where_the_recorded_areas_are_not_reproduced():
    rng = np.random.default_rng(8)
    names = ("sales_annual", "opex_annual", "cash", "operating_profit", "runway_days_zero_revenue")
    data = pd.DataFrame({name: rng.lognormal(size=200) for name in names} | {"bankrupt": (rng.random(200) < 0.3).astype(int)})
    with pytest.raises(SystemExit) as stopped:
        check_baselines(data)
    assert all(name in str(stopped.value) for name in RECORDED)


@pytest.mark.parametrize("words", [[], ["--data", "nowhere"]])
def test_the_command_says_what_file_is_missing(words, monkeypatch, capsys):
    monkeypatch.delenv("SIMSME_DATA", raising=False)
    monkeypatch.setattr(sys, "argv", ["evidence.py", *words])
    with pytest.raises(SystemExit) as stopped:
        evidence.main()
    assert stopped.value.code == 2
    assert ("nowhere" if words else "SIMSME_DATA") in capsys.readouterr().err


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """300 of the Polish firms through everything, once: one filling of two draws."""
    folder = os.environ.get("SIMSME_DATA")
    if not folder:
        pytest.skip("SIMSME_DATA does not name the folder of real data")
    data = pd.read_csv(Path(folder) / FILE)
    bankrupt = data["bankrupt"] == 1
    file = tmp_path_factory.mktemp("few") / "firms.csv"
    pd.concat([data[~bankrupt][:240], data[bankrupt][:60]]).to_csv(file, index=False)
    return evidence.gather(file, fillings=1, draws=2, variant_fillings=1)


class TestPolishFirms:
    def test_the_recorded_areas_are_reproduced(self, few):
        check_baselines(pd.read_csv(Path(os.environ["SIMSME_DATA"]) / FILE))

    def test_the_page_is_written_from_few_firms_too(self, few):
        text = page(few)
        assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == list(SECTIONS)
        assert "300 firms, 60 of them bankrupt" in text
        assert not re.search(r"\b(nan|inf)\b", text)
        assert str(Path.home()) not in text and os.environ["SIMSME_DATA"] not in text
        assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 140

    def test_every_reading_of_the_file_differs_from_the_shipped_one(self, few):
        assert [variant for variant, _ in few.variants] == list(VARIANTS)
        same = [
            variant.name
            for variant, simulated in few.variants
            if all(np.array_equal(values, few.shipped.shares[name]) for name, values in simulated.shares.items())
        ]
        assert same == []
        assert all(variant.name in tried(few)[1] for variant in VARIANTS)
