"""Levers under review as a table, in the summary, on the screen and in a results folder."""

import json
from pathlib import Path

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.cli.review_table import review_table
from simsme.outcomes import ReviewName
from simsme.review_tables import REVIEW_COLUMNS, reviews_table
from simsme.run_tables import REVIEWS
from simsme.runs import Run, run
from simsme.scenario import parse_scenario
from simsme.summary import review_entries

SCENARIO = """
name = "reviews"
draws = 4
[population]
firms = 60
[time]
horizon_days = 91
[shock]
from_day = 14
[shock.sales]
depth = {{ dist = "uniform", low = 0.2, high = 0.9, common = 0.5 }}

[[policy]]
name = "plain"
levers = [{{ kind = "grant" }}]
{policies}
"""
REVIEWED = """
[[policy]]
name = "reviewed"
levers = [
    { kind = "wage_subsidy", take_up = 1.0, review_days = 14, start_when = { sales_fall_above = 0.4 } },
    { kind = "tax_deferral", take_up = 1.0, until_day = 90, to_day = 60, review_days = 7, stop_when = { exits_above = 0.5 } },
    { kind = "grant" },
]
"""


@pytest.fixture(scope="module")
def done() -> Run:
    return run(parse_scenario(SCENARIO.format(policies=REVIEWED), "reviews.toml"), jobs=1)


def test_every_lever_under_review_has_a_row_a_day(done: Run) -> None:
    table = done.reviews
    assert tuple(table.columns) == REVIEW_COLUMNS
    assert done.outcomes.reviews == (ReviewName("reviewed", "tax_deferral"), ReviewName("reviewed", "wage_subsidy"))
    assert list(table["lever"].unique()) == ["tax_deferral", "wage_subsidy"] and set(table["policy"]) == {"reviewed"}
    for _, rows in table.groupby("lever"):
        assert np.array_equal(rows["day"], done.outcomes.days)
        assert rows["in_force"].between(0.0, 1.0).all() and (rows["days"].diff().dropna() >= 0.0).all()
        assert (rows["days_low"] <= rows["days"]).all() and (rows["days"] <= rows["days_high"]).all()


def test_a_deferral_that_nothing_stops_is_in_force_in_its_window(done: Run) -> None:
    rows = done.reviews.query("lever == 'tax_deferral'").set_index("day")
    assert (rows["in_force"] == (rows.index <= 60.0)).all()
    assert rows["days"].to_numpy() == pytest.approx(np.minimum(rows.index, 60.0))


def test_a_subsidy_starts_where_sales_fall_far_enough(done: Run) -> None:
    """Draws differ in how far sales fall, so that it starts in some of them, on a review day."""
    in_force = done.outcomes.review_series["in_force"][1]
    assert not in_force[:, done.outcomes.days <= 14.0].any()
    assert 0.0 < in_force[:, done.outcomes.day_index(49.0)].mean() < 1.0
    days = done.outcomes.review_series["days"][1]
    started = days[:, -1] > 0.0
    assert ((91.0 - days[started, -1]) % 14.0 == 0.0).all() and np.array_equal(in_force[:, -1] > 0.0, started)
    row = done.reviews.query("lever == 'wage_subsidy' and day == 91").iloc[0]
    assert row["in_force"] == pytest.approx(in_force[:, -1].mean()) and row["days"] == pytest.approx(days[:, -1].mean())


def test_where_nothing_is_reviewed_nothing_is_told(tmp_path: Path) -> None:
    plain = run(parse_scenario(SCENARIO.format(policies=""), "reviews.toml"), jobs=1)
    assert len(reviews_table(plain)) == 0 and tuple(plain.reviews.columns) == REVIEW_COLUMNS
    assert "reviews" not in plain.json and review_table(plain.json, 100) == []
    assert not (plain.save(tmp_path) / REVIEWS).exists()


def test_the_table_is_stored_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "reviews.toml").write_text(SCENARIO.format(policies=REVIEWED), encoding="utf-8")
    asked = ["run", str(tmp_path / "reviews.toml"), "--out", str(tmp_path / "out"), "--quiet"]
    assert answer(asked) == 0
    said = capsys.readouterr().out
    assert "lever under review" in said and "in force, day 91" in said
    (folder,) = (tmp_path / "out").iterdir()
    assert (folder / REVIEWS).read_text(encoding="utf-8").startswith(",".join(REVIEW_COLUMNS))
    # stored, it is shown again
    assert answer([*asked, "--json"]) == 0
    reviews = json.loads(capsys.readouterr().out)["reviews"]
    assert [review["lever"] for review in reviews] == ["tax_deferral", "wage_subsidy"]
    assert reviews[0]["by_day"]["91"] == {"day": 91, "in_force": 0.0, "days": {"mean": 60.0, "low": 60.0, "high": 60.0, "mc_error": 0.0}}


def test_entries_of_the_summary(done: Run) -> None:
    assert review_entries(done) == done.json["reviews"]
