"""Numbers and distributions: quantiles against scipy.stats, parameters, limits, messages."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simsme.problems import InputError
from simsme.quantities import KINDS, Choice, Distribution, Quantiles, Share, Table, Truncnorm, Uncertain, Uniform
from simsme.reference import reference
from simsme.tables import parse_table

SHARES = np.array([1e-6, 0.01, 0.2, 0.5, 0.77, 0.99, 1.0 - 1e-6])


class Sheet(Table):
    """A table as a scenario might have it."""

    number: Uncertain = 0.0
    share: Share = 0.5
    renewal: Uncertain = reference("credit.renewal")
    names: tuple[str, ...] = ()


EXAMPLES: dict[str, dict[str, Any]] = {
    "uniform": {"low": -1.0, "high": 3.0},
    "norm": {"mean": 1.0, "sd": 2.0},
    "lognorm": {"median": 2.16, "sigma": 0.915},
    "beta": {"a": 2.0, "b": 5.0},
    "triang": {"low": 0.0, "mode": 1.0, "high": 4.0},
    "gamma": {"mean": 3.0, "sd": 1.5},
    "expon": {"mean": 10.0},
    "weibull": {"scale": 2.0, "shape": 1.5},
    "truncnorm": {"mean": 0.0, "sd": 1.0, "low": -0.5, "high": 2.0},
    "quantiles": {"p": [0.0, 0.2, 0.64, 1.0], "x": [0.0, 1.0, 3.0, 12.0]},
    "choice": {"values": [1.0, 5.0, 3.0], "weights": [1.0, 2.0, 1.0]},
}

TWINS: dict[str, Any] = {
    "uniform": stats.uniform(-1.0, 4.0),
    "norm": stats.norm(1.0, 2.0),
    "lognorm": stats.lognorm(0.915, scale=2.16),
    "beta": stats.beta(2.0, 5.0),
    "triang": stats.triang(0.25, 0.0, 4.0),
    "gamma": stats.gamma(4.0, scale=0.75),
    "expon": stats.expon(scale=10.0),
    "weibull": stats.weibull_min(1.5, scale=2.0),
    "truncnorm": stats.truncnorm(-0.5, 2.0),
}


def made(dist: str, **more: Any) -> Distribution:
    """The example of a distribution, parsed as from a file."""
    number = parse_table(Sheet, {"number": {"dist": dist, **EXAMPLES[dist], **more}}, "file").number
    assert isinstance(number, Distribution)
    return number


def complaints(data: dict[str, Any]) -> list[str]:
    """What a table has against some data, line by line."""
    with pytest.raises(InputError) as caught:
        parse_table(Sheet, data, "file", "sheet")
    return str(caught.value).splitlines()


def test_every_distribution_has_an_example() -> None:
    assert set(EXAMPLES) == set(KINDS)


@pytest.mark.parametrize("dist", TWINS)
def test_quantiles_are_those_of_scipy(dist: str) -> None:
    np.testing.assert_allclose(made(dist).quantile(SHARES), TWINS[dist].ppf(SHARES), rtol=1e-9)


@pytest.mark.parametrize("dist", KINDS)
def test_quantiles_rise_and_stay_in_the_support(dist: str) -> None:
    distribution = made(dist)
    drawn = distribution.quantile(np.linspace(0.001, 0.999, 500).reshape(5, 100))
    low, high = distribution.support()
    assert drawn.shape == (5, 100)
    assert drawn.dtype == np.float64
    assert np.all(np.diff(drawn.ravel()) >= 0)
    assert drawn.min() >= low and drawn.max() <= high


@pytest.mark.parametrize("dist", KINDS)
def test_clips_hold_what_is_drawn_and_the_support(dist: str) -> None:
    distribution = made(dist, minimum=0.9, maximum=1.1)
    drawn = distribution.quantile(SHARES)
    assert drawn.min() >= 0.9 and drawn.max() <= 1.1
    assert distribution.support()[0] >= 0.9 and distribution.support()[1] <= 1.1


def test_quantiles_join_points_by_straight_lines() -> None:
    np.testing.assert_allclose(made("quantiles").quantile(np.array([0.1, 0.42, 0.82])), [0.5, 2.0, 7.5])


def test_choice_draws_values_in_proportion_to_their_weights() -> None:
    assert made("choice").quantile(np.array([0.1, 0.24, 0.26, 0.49, 0.51, 0.99])).tolist() == [1, 1, 3, 3, 5, 5]
    assert Choice(values=(1.0, 2.0), weights=(1.0, 0.0)).support() == (1.0, 1.0)


def test_a_normal_cut_far_in_its_tail_stays_exact() -> None:
    cut = Truncnorm(mean=0.0, sd=1.0, low=6.0, high=7.0)
    np.testing.assert_allclose(cut.quantile(SHARES), stats.truncnorm(6.0, 7.0).ppf(SHARES), rtol=1e-6)


@given(u=st.floats(0.0, 1.0, exclude_min=True, exclude_max=True), low=st.floats(-1e6, 1e6), width=st.floats(0.0, 1e6))
def test_a_uniform_number_lies_between_its_ends(u: float, low: float, width: float) -> None:
    drawn = float(Uniform(low=low, high=low + width).quantile(np.array(u)))
    assert low - 1e-6 <= drawn <= low + width + 1e-6


def test_whole_numbers_are_numbers_and_text_is_not() -> None:
    assert parse_table(Sheet, {"number": 3}, "file").number == 3.0
    assert complaints({"number": "3"}) == [
        'file: sheet.number: must be a number or a distribution such as { dist = "uniform", low = 0.1, high = 0.3 }, found "3" (text)'
    ]
    assert complaints({"share": "0.3"}) == ['file: sheet.share: must be a number, found "0.3" (text)']
    assert complaints({"share": True}) == ["file: sheet.share: must be a number, found true"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    assert "must be a finite number" in complaints({"number": value})[0]
    assert "must be a finite number" in complaints({"number": {"dist": "norm", "mean": value, "sd": 1.0}})[0]


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert complaints({"share": 2, "names": ["a", 3], "nmaes": [], "number": {"dist": "norm", "mean": 1}}) == [
        "file: sheet.number.sd: is missing",
        "file: sheet.share: 2 is outside the allowed range 0 to 1",
        "file: sheet.names.1: must be text in quotes, found 3",
        'file: sheet.nmaes: unknown key; did you mean "names"?',
    ]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ({"dist": "unifrom", "low": 0, "high": 1}, 'number: unknown distribution "unifrom"; did you mean "uniform"?'),
        ({"dist": 3}, "number: unknown distribution"),
        ({"low": 0, "high": 1}, '"dist" is missing'),
        ({"dist": "uniform", "low": 2, "high": 1}, "number: low 2 is above high 1"),
        ({"dist": "uniform", "low": 0, "hihg": 1}, 'number.hihg: unknown key; did you mean "high"?'),
        ({"dist": "triang", "low": 0, "mode": 5, "high": 1}, "number: mode 5 is above high 1"),
        ({"dist": "lognorm", "median": 0, "sigma": 1}, "number.median: 0 is not allowed; it must be above 0"),
        ({"dist": "norm", "mean": 0, "sd": -1}, "number.sd: -1 is outside the allowed range 0 or more"),
        ({"dist": "norm", "mean": 0, "sd": 1, "minimum": 2, "maximum": 1}, "number: minimum 2 is above maximum 1"),
        ({"dist": "norm", "mean": 0, "sd": 1, "common": 0.3}, "number.common: has no meaning here"),
        ({"dist": "truncnorm", "mean": 0, "sd": 1, "low": 10, "high": 11}, "more than 8 sd from the mean"),
        ({"dist": "quantiles", "p": [0, 1], "x": [1]}, "must be equally long"),
        ({"dist": "quantiles", "p": [0, 0.9], "x": [1, 2]}, "p must rise from 0 to 1, found [0, 0.9]"),
        ({"dist": "quantiles", "p": [0, 1], "x": [2, 1]}, "x must not fall"),
        ({"dist": "choice", "values": []}, "must have one item or more"),
        ({"dist": "choice", "values": [1, 2], "weights": [1]}, "must be equally long"),
        ({"dist": "choice", "values": [1, 2], "weights": [0, 0]}, "weights must not all be 0"),
        ([1, 2], "must be a number or a distribution"),
    ],
)
def test_a_bad_distribution_is_refused_in_plain_words(number: object, message: str) -> None:
    assert any(message in line for line in complaints({"number": number}))


def test_limits_hold_numbers_and_the_support_of_distributions() -> None:
    assert complaints({"renewal": 1.2}) == ["file: sheet.renewal: 1.2 is outside the allowed range 0 to 1"]
    assert complaints({"renewal": {"dist": "norm", "mean": 0.9, "sd": 0.1, "minimum": 0}}) == [
        'file: sheet.renewal: the distribution "norm" reaches from 0 to infinity, outside the allowed range 0 to 1;'
        " clip it with maximum = 1"
    ]
    clipped = parse_table(Sheet, {"renewal": {"dist": "norm", "mean": 0.9, "sd": 0.1, "minimum": 0, "maximum": 1}}, "file")
    assert isinstance(clipped.renewal, Distribution)


def test_tables_are_frozen() -> None:
    sheet = Sheet()
    with pytest.raises(ValueError):
        sheet.share = 0.1  # type: ignore[misc]


def test_a_table_made_in_python_complains_in_the_same_words() -> None:
    with pytest.raises(ValueError, match="2 is outside the allowed range 0 to 1"):
        Sheet(share=2.0)


def test_quantiles_keep_their_meaning_when_written_out_and_read_again() -> None:
    for dist in KINDS:
        distribution = made(dist)
        again = parse_table(Sheet, {"number": distribution.model_dump(mode="json", exclude_none=True)}, "file").number
        assert again == distribution


def test_quantiles_need_two_points() -> None:
    with pytest.raises(ValueError, match="two items or more"):
        Quantiles(p=(0.0,), x=(1.0,))
