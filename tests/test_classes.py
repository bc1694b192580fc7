"""Fates of firms by group, deciles of runway, deadweight, and what is left of a gain."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simsme.class_tables import CLASS_MEASURES, classes_table, deadweight
from simsme.fates import fate_codes, runway_decile
from simsme.gain_left import gains_left
from simsme.gathering import Grouping
from simsme.outcomes import CLASSES, Outcomes
from simsme.summary import policy_entries
from tests.synthetic_outcomes import synthetic_outcomes


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return synthetic_outcomes()


@pytest.mark.parametrize(
    ("here", "there", "fate"),
    [(9, 9, "always"), (9, 3, "saved"), (4, 3, "delayed"), (3, 3, "lost"), (2, 3, "hastened"), (3, 9, "harmed"), (6, 7, "always")],
)
def test_fates(here: int, there: int, fate: str) -> None:
    """By the end of step 5; a firm that leaves later is alive on the day."""
    codes = fate_codes(np.array([here], dtype=np.int16), np.array([there], dtype=np.int16), 5)
    assert CLASSES[codes[0]] == fate


def firms_with(cash: Any, weight: Any, rent: Any = 365.0) -> Any:
    cash = np.asarray(cash, dtype=np.float64)
    columns = dict.fromkeys(
        ("materials_share", "payroll", "social_share", "overheads", "informal_credit", "loan", "loan_rate", "tax_share"), 0.0
    )
    filled = {name: np.full(cash.size, value) for name, value in (columns | {"sales": 1.0, "rent": rent}).items()}
    return SimpleNamespace(**filled, cash=cash, weight=np.asarray(weight, dtype=np.float64), key=np.arange(cash.size))


def test_deciles_hold_a_tenth_of_the_weight_each() -> None:
    cash = np.random.default_rng(1).permutation(1000.0 + np.arange(1000.0))
    decile = runway_decile(firms_with(cash, np.ones(1000)))
    assert np.bincount(decile).tolist() == [100] * 10
    assert (np.diff(decile[np.argsort(cash)]) >= 0).all()
    # one firm that stands for as many as all others fills five deciles
    heavy = runway_decile(firms_with([5.0, *range(10, 20)], [10.0, *[1.0] * 10]))
    assert heavy[0] == 0 and heavy[1:].min() == 5


def test_equal_runways_share_a_decile_and_no_outflow_is_the_longest_runway() -> None:
    assert len(set(runway_decile(firms_with(np.full(50, 3.0), np.ones(50))))) == 1
    assert runway_decile(firms_with([1.0, 2.0, 0.0], np.ones(3), rent=np.array([1.0, 1.0, 0.0]))).argmax() == 2


@given(seed=st.integers(0, 100))
def test_sums_by_kind_are_sums_of_each_kind(seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = [("a", ("x", "y", "z"), rng.integers(0, 3, 40)), ("b", ("u", "v"), rng.integers(0, 2, 40))]
    grouping, weight, kind = Grouping(tuple(codes)), rng.random(40), rng.integers(0, 4, 40)
    table = np.zeros((grouping.kinds.size, 4))
    np.add.at(table, (grouping.cells, kind), weight)
    found = grouping.kinds.by_group(table)
    assert found.shape == (5, 4)
    members = np.array([column == code for _, names, column in codes for code in range(len(names))])
    for number in range(4):
        assert found[:, number] == pytest.approx(members @ (weight * (kind == number)))
    assert found.sum(axis=1) == pytest.approx(members @ weight)


def test_classes_of_groups_are_those_of_all(outcomes: Outcomes) -> None:
    table = classes_table(outcomes)
    assert {"firms", "always", "zombie_mc_error", "deadweight_low"} <= set(table.columns)
    assert table[list(CLASSES)].sum(axis=1).to_numpy() == pytest.approx(1.0)
    assert (table["zombie"] <= table["saved"]).all()
    both = table[(table["policy"] == "both") & (table["day"] == 364)].set_index(["column", "group"])
    everyone, groups = both.loc[("all", "all")], both.loc["industry"]
    for measure in (*CLASSES, "zombie"):
        assert (groups[measure] * groups["firms"]).sum() / groups["firms"].sum() == pytest.approx(everyone[measure])
    assert groups["support"].sum() == pytest.approx(everyone["support"])
    assert everyone["saved"] == pytest.approx(outcomes.report["saved"][4, :, 2].mean())


def test_deadweight_is_the_support_of_firms_that_need_none(outcomes: Outcomes) -> None:
    table = classes_table(outcomes)
    row = table[(table["policy"] == "both") & (table["day"] == 364) & (table["group"] == "retail")].iloc[0]
    lost, paid = (outcomes.group_support[name][4, :, 2, 0] for name in ("deadweight", "paid"))
    assert row["deadweight"] == pytest.approx(lost.sum() / paid.sum())
    assert 0.5 < row["deadweight"] < 1.0 and row["deadweight_mc_error"] > 0.0
    assert table.loc[table["policy"] == "none", "deadweight"].isna().all()
    assert float(deadweight(outcomes, 4, 2).mean) > 0.5
    entry = policy_entries(outcomes)[0]
    assert entry["cost"]["deadweight"] is None and entry["cost"]["support"] == 0.0


def test_groups_without_firms_have_no_classes(outcomes: Outcomes) -> None:
    table = classes_table(replace(outcomes, group_weight=np.array([1.0, 2.0, 0.0])))
    assert set(table["group"]) == {"all", "retail", "services"}
    assert list(CLASS_MEASURES) == [column for column in table.columns[5:] if not column.endswith(("_low", "_high", "_mc_error"))]


# ----------------------------------------------------------------------------------------------------- what is left of the gain


def with_gains(early: Any, late: Any) -> Outcomes:
    """Two policies, the second of which lifts survival by so much on day 91 and on day 364, draw by draw."""
    early, late = np.atleast_1d(early).astype(float), np.atleast_1d(late).astype(float)
    outcomes = synthetic_outcomes(("none", "both"), draws=early.size, firms=20)
    survival = np.full_like(outcomes.survival["exit"], 0.5)
    survival[1, :, outcomes.day_index(91.0)] += early
    survival[1, :, -1] += late
    return replace(outcomes, survival=outcomes.survival | {"exit": survival})


@pytest.mark.parametrize(
    ("early", "late", "words"),
    [
        (0.021, 0.004, "gains 2.10 points by day 91, of which 0.40 are left by day 364"),
        (0.021, 0.0, "gains 2.10 points by day 91; none are left by day 364"),
        (0.021, -0.004, "gains 2.10 points by day 91; by day 364 none of it is left, and 0.40 are lost"),
        (0.021, 0.121, "gains 2.1 points by day 91, 12.1 by day 364"),
        (-0.021, 0.004, "loses 2.10 points by day 91; by day 364 gains 0.40"),
        (-0.021, -0.004, "loses 2.10 points by day 91, 0.40 by day 364"),
        (0.0, 0.004, "changes nothing by day 91; by day 364 gains 0.40 points"),
        (0.0, 0.0, "changes nothing by day 91, nothing by day 364"),
        (0.00001, -0.00001, "changes nothing by day 91, nothing by day 364"),
    ],
)
def test_words_of_what_is_left(early: float, late: float, words: str) -> None:
    (gain,) = gains_left(with_gains(early, late))
    assert gain.words == words


def test_what_is_left_is_paired() -> None:
    early, late = np.array([0.02, 0.03, 0.04]), np.array([0.01, 0.02, 0.03])
    (gain,) = gains_left(with_gains(early, late))
    assert float(gain.left.mean) == pytest.approx(0.02) and float(gain.left.mc_error) == pytest.approx(0.01 / 3**0.5)
    # every draw loses the same, so that the loss is certain though the gains are not
    assert float(gain.change.mean) == pytest.approx(-0.01) and float(gain.change.mc_error) == pytest.approx(0.0, abs=1e-15)
    assert gain.words == "gains 3.00 points by day 91, of which 2.00 ± 0.58 are left by day 364"


def test_what_luck_may_have_done_is_no_loss() -> None:
    (gain,) = gains_left(with_gains(np.array([0.001, 0.002]), np.array([0.001, -0.002])))
    assert gain.words == "gains 0.15 points by day 91; by day 364 nothing that can be told from zero (−0.05 ± 0.15)"


def test_the_summary_says_what_is_left(outcomes: Outcomes) -> None:
    entries = {entry["policy"]: entry["gain_left"] for entry in policy_entries(outcomes)}
    assert entries["none"] is None
    gain = outcomes.survival["exit"][4] - outcomes.survival["exit"][0]
    told = entries["both"]
    assert (told["from_day"], told["to_day"]) == (91, 364)
    assert told["gained"]["mean"] == pytest.approx(gain[:, 13].mean()) and told["left"]["mean"] == pytest.approx(gain[:, -1].mean())
    assert "by day 91" in told["words"] and "by day 364" in told["words"]


def test_a_run_that_ends_on_the_headline_day_has_nothing_left_to_say() -> None:
    short = synthetic_outcomes(days=np.arange(0.0, 92.0, 7.0), report_days=np.array([91.0]), draws=2, firms=20)
    assert gains_left(short) == ()
    assert all(entry["gain_left"] is None for entry in policy_entries(short))
