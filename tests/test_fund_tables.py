"""Tables of public funds: what is counted how, and where it can be read."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simsme.plots
from simsme.cli.fund_table import fund_table
from simsme.fund_tables import (
    FUND_MEASURES,
    FUND_USE_COLUMNS,
    SUFFIXES,
    days_passed_over,
    fund_layers_table,
    fund_measures,
    fund_use,
    fund_use_table,
    funds_table,
)
from simsme.outcomes import FundName, Outcomes
from simsme.provenance import Provenance
from simsme.results import check_folder, write_results
from simsme.run_tables import DRAWS, FUND_TABLES, TABLES
from simsme.runs import run
from simsme.summary import as_json, fund_entries, summarize
from tests.synthetic_funds import FUNDS, LAYERS, funded
from tests.synthetic_outcomes import synthetic_outcomes

DIGEST = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return funded()


def by_hand() -> Outcomes:
    """A guarantee fund of 100 with a leverage of 5, two draws, steps to days 7, 21 and 28, of which 21 and 28 are reported."""
    base = synthetic_outcomes(
        ("none", "fund"), draws=2, firms=10, days=np.array([0.0, 7.0, 21.0, 28.0]), report_days=np.array([21.0, 28.0]), headline_day=21.0
    )
    none = np.zeros((1, 2, 4))
    return replace(
        base,
        funds=(FundName("fund", "guarantee_fund:east", "guarantee"),),
        fund_series={
            # of 500: 100 and 200 and, at the end of the first draw, 200 of 250; the second draw ends without any capital
            "capital": np.array([[[100.0, 100.0, 100.0, 50.0], [100.0, 100.0, 100.0, 0.0]]]),
            "used": np.array([[[0.0, 100.0, 200.0, 200.0], [0.0, 0.0, 50.0, 50.0]]]),
            "requested": np.array([[[0.0, 125.0, 125.0, 40.0], [0.0, 0.0, 62.5, 10.0]]]),
            "served": np.array([[[0.0, 125.0, 125.0, 0.0], [0.0, 0.0, 62.5, 0.0]]]),
            "passed_over": np.array([[[0.0, 0.0, 0.0, 40.0], [0.0, 0.0, 0.0, 10.0]]]),
            "exhausted_days": np.array([[[0.0, 0.0, 0.0, 7.0], [0.0, 0.0, 0.0, 7.0]]]),
            "fees": none + 1.0,
            "losses": none + np.array([0.0, 0.0, 0.0, 50.0]),
        },
        fund_firms={name: np.ones((1, 2, 2)) for name in ("asked", "served", "turned_away")},
        fund_leverage=np.full((1, 2), 5.0),
        fund_layers=(LAYERS,),
    )


def test_use_is_the_share_of_what_may_be_out() -> None:
    outcomes = by_hand()
    # nothing left to bear 50 that are out: all is used
    assert fund_use(outcomes)[0] == pytest.approx(np.array([[0.0, 0.2, 0.4, 0.8], [0.0, 0.0, 0.1, 1.0]]))
    assert days_passed_over(outcomes)[0] == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_what_is_counted_by_a_day() -> None:
    told = {name: values[0] for name, values in fund_measures(by_hand()).items()}
    assert set(told) == set(FUND_MEASURES)
    assert told["opening_capital"].tolist() == [[100.0, 100.0], [100.0, 100.0]]
    assert told["capital"].tolist() == [[100.0, 50.0], [100.0, 0.0]]
    assert told["use"] == pytest.approx(np.array([[0.4, 0.8], [0.1, 1.0]]))
    # 7 days at 20 %, 14 at 40 %, 7 at 80 %
    assert told["mean_use"] == pytest.approx(np.array([[7.0 / 21, (1.4 + 5.6 + 5.6) / 28], [1.4 / 21, 8.4 / 28]]))
    assert told["peak_use"] == pytest.approx(np.array([[0.4, 0.8], [0.1, 1.0]]))
    assert told["exhausted_days"].tolist() == [[0.0, 7.0], [0.0, 7.0]]
    assert told["requested"].tolist() == [[250.0, 290.0], [62.5, 72.5]]
    assert told["served"].tolist() == [[250.0, 250.0], [62.5, 62.5]]
    assert told["passed_over"].tolist() == [[0.0, 40.0], [0.0, 10.0]]
    assert told["losses"].tolist() == [[0.0, 50.0], [0.0, 50.0]]


def test_the_table_has_a_row_for_each_fund_and_reported_day(outcomes: Outcomes) -> None:
    table = funds_table(outcomes)
    assert len(table) == len(FUNDS) * 3
    assert list(table.columns) == ["policy", "fund", "kind", "day", *(name + suffix for name in FUND_MEASURES for suffix in SUFFIXES)]
    row = table.query("policy == 'both' and kind == 'guarantee' and day == 364").iloc[0]
    fees = outcomes.fund_series["fees"][2, :, -1]
    assert row["fees"] == pytest.approx(fees.mean())
    assert row["fees_low"] == pytest.approx(np.quantile(fees, 0.05)) and row["fees_high"] == pytest.approx(np.quantile(fees, 0.95))
    assert row["fees_mc_error"] == pytest.approx(fees.std(ddof=1) / np.sqrt(10))
    assert table["requested"].to_numpy() == pytest.approx((table["served"] + table["passed_over"]).to_numpy())
    assert table["firms_asked"].to_numpy() == pytest.approx((table["firms_served"] + table["firms_turned_away"]).to_numpy())
    assert (table["peak_use"] >= table["mean_use"]).all() and (table["peak_use"] >= table["use"]).all()


def test_the_table_of_use_has_a_row_for_each_day(outcomes: Outcomes) -> None:
    table = fund_use_table(outcomes)
    assert list(table.columns) == list(FUND_USE_COLUMNS)
    assert len(table) == len(FUNDS) * 53
    assert (table["low"] <= table["use"]).all() and (table["use"] <= table["high"]).all()
    assert set(table.query("day == 0")["use"]) == {0.0}
    assert table["passed_over"].between(0.0, 1.0).all() and table["passed_over"].any()


def test_layers_share_fees_and_claims(outcomes: Outcomes) -> None:
    layers, funds = fund_layers_table(outcomes), funds_table(outcomes).query("kind == 'guarantee'")
    assert list(layers.query("day == 91")["layer"]) == ["local", "provincial", "national"]
    for day, rows in layers.groupby("day"):
        whole = funds[funds["day"] == day].iloc[0]
        assert rows["claims"].sum() == pytest.approx(whole["losses"]) and rows["fees"].sum() == pytest.approx(whole["fees"])
        # 0.4 of 0.8
        assert rows["claims"].iloc[0] == pytest.approx(whole["losses"] / 2)


def test_a_fund_that_bears_nothing_has_layers_without_claims() -> None:
    table = fund_layers_table(replace(by_hand(), fund_layers=((("local", 0.0),),)))
    assert not table[["fees", "claims"]].to_numpy().any()


def test_without_funds_tables_are_empty_and_keep_their_columns() -> None:
    none, some = synthetic_outcomes(draws=2, firms=10), funded(draws=2)
    for table in (funds_table, fund_use_table, fund_layers_table):
        assert len(table(none)) == 0
        assert list(table(none).columns) == list(table(some).columns)
    assert fund_entries(none) == []


def test_one_draw_has_no_error() -> None:
    outcomes = funded(draws=1)
    assert funds_table(outcomes)["fees_mc_error"].isna().all()
    assert fund_entries(outcomes)[0]["fees"]["mc_error"] is None


# -------------------------------------------------------------------------------------------------------------- where it can be read


def summary_of(outcomes: Outcomes, currency: str = "CNY") -> dict[str, object]:
    return summarize(outcomes, scenario="three-months", digest=DIGEST, seed=7, step_days=7, currency=currency)


def test_the_summary_says_what_the_table_says(outcomes: Outcomes) -> None:
    funds = json.loads(as_json(summary_of(outcomes)))["funds"]
    assert [(fund["policy"], fund["fund"], fund["kind"]) for fund in funds] == [tuple(fund) for fund in FUNDS]
    table = funds_table(outcomes)
    for fund in funds:
        assert list(fund["by_day"]) == ["91", "182", "364"]
        assert fund["peak_use"] == fund["by_day"]["91"]["peak_use"]
        assert len(fund["curve"]["day"]) == len(fund["curve"]["use"]) == 53
        for day, told in fund["by_day"].items():
            row = table[(table["policy"] == fund["policy"]) & (table["fund"] == fund["fund"]) & (table["day"] == float(day))].iloc[0]
            for measure in FUND_MEASURES:
                assert [told[measure][part] for part in SUFFIXES.values()] == pytest.approx([row[measure + suffix] for suffix in SUFFIXES])
    assert [layer["layer"] for layer in funds[2]["layers"]] == ["local", "provincial", "national"]
    assert funds[0]["layers"] == []


def test_the_folder_has_the_tables_where_there_are_funds(tmp_path: Path, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simsme.plots, "write_figures", lambda *_: None)
    bridges = replace(outcomes, fund_layers=((), (), ()))
    for name, source, files in (
        ("all", outcomes, FUND_TABLES),
        ("bridges", bridges, FUND_TABLES[:2]),
        ("none", synthetic_outcomes(draws=2, firms=10), ()),
    ):
        provenance = Provenance("three-months", DIGEST, 7, source.draws, source.policies)
        folder = write_results(tmp_path / name, source, summary=summary_of(source), scenario_text="", provenance=provenance)
        assert {path.name for path in folder.glob("*.csv")} == {*TABLES, DRAWS, *files}
        check_folder(folder)
    assert len(pd.read_csv(tmp_path / "all" / "funds.csv")) == 9
    assert list(pd.read_csv(tmp_path / "all" / "fund_use.csv").columns) == list(FUND_USE_COLUMNS)


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_screen_shows_each_fund(outcomes: Outcomes, width: int) -> None:
    lines = [line.plain for line in fund_table(summary_of(outcomes), width)]
    assert max(map(len, lines)) <= width
    for name in ("renewal  bridge", "both     bridge", "both     guarantee"):
        assert any(line.startswith(name) for line in lines)
    page = "\n".join(lines)
    assert all(head in page for head in ("peak use", "exhausted", "served", "turned", "capital", "thousand", "fees", "losses"))
    assert "public funds, day 91" in page and "CNY, day 364" in page
    peak = funds_table(outcomes).query("policy == 'renewal' and day == 91").iloc[0]["peak_use"]
    assert f"{100 * peak:.1f}" in next(line for line in lines if line.startswith("renewal"))


def test_the_screen_names_levers_of_a_kind_apart_and_needs_no_currency() -> None:
    lines = [line.plain for line in fund_table(summary_of(by_hand(), currency=""), 120)]
    assert any(line.startswith("fund    guarantee:east") for line in lines)
    assert any("─ day 21 ─" in line for line in lines)


def test_without_funds_the_screen_shows_nothing() -> None:
    assert fund_table(summary_of(synthetic_outcomes(draws=2, firms=10)), 120) == []


def test_a_run_knows_its_funds() -> None:
    policies = ["relending-for-all", "guarantee-for-all"]
    few = ["population.firms=150", "time.horizon_days=182", "time.report_days=[91]"]
    done = run("three-months", policies=policies, draws=2, overrides=few)
    table = done.funds
    assert list(table["policy"]) == ["relending-for-all"] * 2 + ["guarantee-for-all"] * 2
    assert table["requested"].to_numpy() == pytest.approx((table["served"] + table["passed_over"]).to_numpy())
    assert table["firms_asked"].to_numpy() == pytest.approx((table["firms_served"] + table["firms_turned_away"]).to_numpy())
    assert (table["firms_served"] > 0.0).all()
    assert done.outcomes.fund_leverage.tolist() == [[1.0, 1.0], [5.0, 5.0]]
    assert done.outcomes.fund_layers == ((), LAYERS)


def test_an_uncertain_leverage_is_the_one_that_binds() -> None:
    """The leverage of the table is that of the draw in which the fund is used: a book fills it and does not pass it."""
    lever = "{kind='guarantee_fund', take_up=1.0, capital_share=0.0005, leverage={dist='uniform', low=1.0, high=20.0}}"
    few = ["population.firms=300", "time.horizon_days=91", "time.report_days=[]", "policy.guarantee-for-all.levers=[" + lever + "]"]
    outcomes = run("three-months", policies=["guarantee-for-all"], draws=6, overrides=few).outcomes
    assert len(set(outcomes.fund_leverage[0].tolist())) == 6
    # fees widen what it may guarantee, claims do not undo what it has
    book = outcomes.fund_series["used"][0] / outcomes.fund_series["capital"][0].max(axis=1, keepdims=True)
    assert (book <= outcomes.fund_leverage[0][:, None] * (1.0 + 1e-6)).all()
    assert np.corrcoef(book.max(axis=1), outcomes.fund_leverage[0])[0, 1] > 0.5
