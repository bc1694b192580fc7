"""Money on the screen: quiet, readable, and no number where there is none."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from simsme.cli.money_table import _moved, _unit, money_table
from simsme.cli.reasons import without_ratio
from simsme.cli.result import gains_by_policy, print_result
from simsme.outcomes import Outcomes
from simsme.summary import as_json, summarize
from tests.synthetic_money import costly
from tests.synthetic_outcomes import synthetic_outcomes


def summary_of(outcomes: Outcomes) -> dict[str, Any]:
    """A summary as it is read back from a results folder."""
    made = summarize(outcomes, scenario="made-up", digest="ab" * 32, seed=7, step_days=7, currency="CNY")
    return json.loads(as_json(made))


@pytest.fixture(scope="module")
def summary() -> dict[str, Any]:
    return summary_of(costly())


def text_of(summary: dict[str, Any], width: int = 120) -> str:
    return "\n".join(line.plain for line in money_table(summary, width))


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_table_fits_the_screen(summary: dict[str, Any], width: int) -> None:
    lines = text_of(summary, width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(any(line.startswith(policy) for line in lines) for policy in ("subsidy", "relief", "orders", "all"))


def test_the_table_says_who_pays_what_for_whom(summary: dict[str, Any]) -> None:
    text = text_of(summary, 250)
    for head in ("CNY, day 364", "paid out", "waived", "others' sales", "net cost", "taxes back", "per firm", "per job", "frontier"):
        assert head in text
    assert "state" in text and "banks" in text and "landlords" in text
    # the reference has no cost, and what nobody did has no column
    assert "none" not in text and "came back" not in text and "funds" not in text
    subsidy = next(line for line in text.splitlines() if line.startswith("subsidy"))
    cost = summary["policies"][1]["by_day"]["364"]["cost"]
    assert f"{cost['net'] / 1e6:.2f}" in subsidy and f"{cost['gross'] / 1e6:.2f}" in subsidy


def test_the_summary_holds_all_of_it(summary: dict[str, Any]) -> None:
    for entry in summary["policies"]:
        for part in entry["by_day"].values():
            cost = part["cost"]
            assert {"gross", "repaid", "foregone", "expected_loss", "displaced_sales", "support", "deadweight", "returns"} <= set(cost)
            assert sum(cost["by_payer"].values()) == pytest.approx(cost["net"])
            assert set(part["effectiveness"]) == {"firms_saved", "jobs_saved"}
            for place in part["effectiveness"].values():
                assert {"status", "against", "icer", "icer_interval", "icer_reason", "frontier_share"} == set(place)
                assert (place["icer"] is None) == (place["icer_reason"] is not None)
    assert summary["policies"][3]["by_day"]["364"]["effectiveness"]["firms_saved"]["status"] == "frontier"


def test_no_number_but_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(3)
    outcomes = costly(draws=6)
    report = {name: values.copy() for name, values in outcomes.report.items()}
    saved = 0.01 * rng.standard_normal((6, 1))
    report["saved"][1:], report["harmed"][1:] = np.maximum(saved, 0.0), np.maximum(-saved, 0.0)
    print_result(summary_of(replace(outcomes, report=report)), "")
    said = " ".join(capsys.readouterr().out.split())
    assert "No cost per firm saved for subsidy, relief, orders, all: firms saved are not distinguishable from none (95 % interval" in said


def test_the_reference_alone_costs_nothing() -> None:
    assert money_table(summary_of(synthetic_outcomes(("none",), draws=2, firms=20)), 120) == []


def test_one_draw_has_no_intervals() -> None:
    text = text_of(summary_of(costly(draws=1)))
    assert "–" in text and "0–" not in text


def test_what_is_left_is_a_line_a_policy(summary: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    gains = gains_by_policy(summary)
    assert len(gains) == len(summary["policies"]) - 1 and all("day 364" in words for words in gains.values())
    print_result(summary, "")
    printed = " ".join(capsys.readouterr().out.split())
    assert all(f"{policy} {words}" in printed for policy, words in gains.items())
    assert gains_by_policy(summary_of(synthetic_outcomes(("none",), draws=2, firms=20))) == {}


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        (([2e9, 3e8], [4e7]), "billion"),
        (([2e9, 3e8], [1.9e7]), "billion"),
        (([2e9], [5e6]), "million"),
        (([2e9], [5e3]), "thousand"),
        (([0.0], [0.0]), ""),
        (([-2e9], [0.0]), "billion"),
    ],
)
def test_columns_that_stand_together_have_one_unit(columns: tuple[list[float], ...], word: str) -> None:
    assert _unit(*columns)[1] == word


def test_a_group_has_one_unit(summary: dict[str, Any]) -> None:
    """Two columns of one group never mix million and billion, which a reader takes for each other."""
    small = json.loads(json.dumps(summary))
    for entry in small["policies"]:
        for part in entry["by_day"].values():
            part["cost"]["foregone"] *= 0.01
    for data in (summary, small):
        for group in _moved([entry["by_day"]["364"]["cost"] for entry in data["policies"][1:]], "CNY"):
            assert len({column.head[1] for column in group.columns}) == 1 and len(group.columns) > 1


def test_reasons_that_differ_in_their_numbers_are_told_once() -> None:
    said = list(
        without_ratio("firm", [("a", "none saved (95 % interval 1 to 2)"), ("b", None), ("c", "none saved (95 % interval 3 to 4)")])
    )
    assert said == ["No cost per firm saved for a, c: none saved."]
    assert list(without_ratio("job", [("a", "none saved (1 to 2)"), ("b", "lost")])) == [
        "No cost per job saved for a: none saved (1 to 2).",
        "No cost per job saved for b: lost.",
    ]
