"""The summary of made-up outcomes: its shape, its numbers, its silence where nothing can be said."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simsme.costs import Costs, bank_wealth, critical_value
from simsme.curves import CURVE_COLUMNS, curves_table, differences_table
from simsme.display import MISSING, amount, percent, points, readable_table, summary_html
from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS, SECTORS
from simsme.flow_of_funds import accounts_table, closure, flow_matrix, sector_flows
from simsme.groups import GROUP_COLUMNS, groups_table
from simsme.outcomes import Outcomes
from simsme.summary import as_json, summarize, summary_table
from tests.synthetic_outcomes import synthetic_outcomes

ESTIMATE = {"mean", "low", "high", "mc_error"}


class Run:
    """Carries outcomes, as a run does."""

    def __init__(self, outcomes: Outcomes) -> None:
        self.outcomes = outcomes


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return synthetic_outcomes()


def summary_of(outcomes: Outcomes, **seconds: float) -> dict[str, Any]:
    return summarize(outcomes, scenario="three-months", digest="ab" * 32, seed=7, step_days=7, currency="CNY", seconds=seconds)


@pytest.fixture(scope="module")
def summary(outcomes: Outcomes) -> dict[str, Any]:
    return summary_of(outcomes, total=3.0, simulate=2.0)


def entry_of(summary: dict[str, Any], policy: str) -> dict[str, Any]:
    return next(entry for entry in summary["policies"] if entry["policy"] == policy)


def test_no_bit_depends_on_how_arrays_lie_in_memory(outcomes: Outcomes, summary: dict[str, Any]) -> None:
    """Batches of draws leave arrays that lie otherwise in memory; how many batches there are depends on the number of workers."""
    turned = {name: np.asfortranarray(getattr(outcomes, name)) for name in ("flows", "balances", "opening", "exposure_loss")}
    again = summary_of(replace(outcomes, **turned), total=3.0, simulate=2.0)
    assert again["policies"] == summary["policies"]


def test_shape_of_the_summary(summary: dict[str, Any]) -> None:
    expected = {"scenario": "three-months", "digest": "ab" * 32, "seed": 7, "firms": 500, "draws": 40, "step_days": 7}
    expected |= {"horizon_days": 364.0, "headline_day": 91.0, "reference": "none", "seconds": {"total": 3.0, "simulate": 2.0}}
    assert expected.items() <= summary.items()
    assert [entry["policy"] for entry in summary["policies"]] == ["none", "renewal", "renewal-for-all", "forbearance", "both"]
    for entry in summary["policies"]:
        assert set(entry["by_day"]) == {"91", "182", "364"}
        for part in (entry, *entry["by_day"].values()):
            assert set(part["survival"]) == {"runway", "cash", "open", "exit"}
            assert {"cash", "exit"} <= set(part["difference"])
            assert all(set(estimate) == ESTIMATE for estimate in (*part["survival"].values(), *part["difference"].values()))
            assert set(part["causes"]) == {"patience", "loan", "owner", "other"}
            assert set(part["classes"]) == {"always", "saved", "delayed", "lost", "hastened", "harmed"}
            assert {"gross", "net", "carried", "per_firm_saved", "per_job_saved"} <= set(part["cost"])
            assert {"cash", "exit"} == set(part["reached"]["difference"])
        assert set(entry["curve"]) == {"day", "runway", "cash", "open", "exit"}
        assert len(entry["curve"]["day"]) == len(entry["curve"]["exit"]) == 53


def test_summary_is_strict_json(summary: dict[str, Any]) -> None:
    assert json.loads(as_json(summary)) == summary
    with pytest.raises(ValueError, match="JSON"):
        as_json({"a": float("nan")})


def test_headline_is_the_entry_of_its_day(summary: dict[str, Any]) -> None:
    for entry in summary["policies"]:
        for key, value in entry["by_day"]["91"].items():
            assert entry[key] == value


def test_rate_counts_every_firm_week(summary: dict[str, Any], outcomes: Outcomes) -> None:
    assert summary["firm_weeks_per_second"] == pytest.approx(500 * 40 * 5 * 52 / 2.0)
    assert summary_of(outcomes)["firm_weeks_per_second"] is None


def test_classes_add_up_and_explain_the_difference(summary: dict[str, Any]) -> None:
    for entry in summary["policies"]:
        for part in entry["by_day"].values():
            classes = part["classes"]
            assert sum(classes.values()) == pytest.approx(1.0)
            assert classes["saved"] - classes["harmed"] == pytest.approx(part["difference"]["exit"]["mean"], abs=1e-14)
            assert sum(part["causes"].values()) == pytest.approx(1 - part["survival"]["exit"]["mean"])
            assert part["firms_saved"]["mean"] == pytest.approx((classes["saved"] - classes["harmed"]) * summary["weight"])


def test_difference_is_paired(summary: dict[str, Any], outcomes: Outcomes) -> None:
    gain = outcomes.survival["exit"][4, :, 13] - outcomes.survival["exit"][0, :, 13]
    assert outcomes.days[13] == 91.0
    estimate = entry_of(summary, "both")["difference"]["exit"]
    assert estimate["mean"] == pytest.approx(gain.mean())
    assert estimate["low"] == pytest.approx(np.quantile(gain, 0.05))
    assert estimate["high"] == pytest.approx(np.quantile(gain, 0.95))
    assert estimate["mc_error"] == pytest.approx(gain.std(ddof=1) / np.sqrt(40))


def test_the_whole_difference_is_made_among_the_reached(summary: dict[str, Any]) -> None:
    for entry in summary["policies"][1:]:
        reached = entry["reached"]
        assert reached["share"] * reached["difference"]["exit"]["mean"] == pytest.approx(entry["difference"]["exit"]["mean"])
        assert reached["difference"]["cash"]["mc_error"] > 0


def test_reference_differs_from_itself_by_exactly_nothing(summary: dict[str, Any]) -> None:
    entry = entry_of(summary, "none")
    assert all(estimate == dict.fromkeys(ESTIMATE, 0.0) for estimate in entry["difference"].values())
    assert entry["reached"] == {"share": 0.0, "difference": {"cash": None, "exit": None}}
    cost = entry["cost"]
    assert (cost["gross"], cost["net"], cost["carried"]) == (0.0, 0.0, 0.0)
    assert cost["per_firm_saved"] is None
    assert cost["reason"] == "this is the reference"


def test_one_draw_has_no_errors() -> None:
    entry = summary_of(synthetic_outcomes(draws=1))["policies"][4]
    assert entry["survival"]["exit"]["mc_error"] is None
    assert entry["difference"]["exit"]["mc_error"] is None
    assert entry["difference"]["exit"]["low"] == entry["difference"]["exit"]["mean"]
    assert entry["cost"]["per_firm_saved"] is None
    assert "one draw" in entry["cost"]["reason"]


def test_restricted_mean_gains(summary: dict[str, Any]) -> None:
    entry = entry_of(summary, "both")["restricted_mean_days"]
    assert set(entry) == {"cash", "exit"}  # open is a prevalence and has none
    assert 0 < entry["exit"]["difference"]["mean"] < entry["exit"]["mean"] < 364
    assert entry_of(summary, "none")["restricted_mean_days"]["exit"]["difference"]["mean"] == 0.0


def with_amounts(outcomes: Outcomes, policy: int, **amounts: Any) -> Outcomes:
    """Set flows or the banks' claims (``owed_banks``) or their expected loss of one policy, one number a draw."""
    flows, balances, loss = outcomes.flows.copy(), outcomes.balances.copy(), outcomes.exposure_loss.copy()
    for name, value in amounts.items():
        if name == "owed_banks":
            balances[policy, :, 0, BALANCES.index(name)] = value
        elif name == "exposure_loss":
            loss[policy, :, 0] = value
        else:
            flows[policy, :, 0, ITEMS.index(name)] = value
    return replace(outcomes, flows=flows, balances=balances, exposure_loss=loss)


def blank(draws: int) -> Outcomes:
    """Two policies without any money, the second of which saves some firms."""
    outcomes = synthetic_outcomes(("none", "both"), draws=draws)
    return replace(
        outcomes,
        flows=np.zeros_like(outcomes.flows),
        balances=np.zeros_like(outcomes.balances),
        opening=np.zeros_like(outcomes.opening),
        exposure_loss=np.zeros_like(outcomes.exposure_loss),
    )


def test_net_cost_is_the_wealth_that_banks_lack() -> None:
    outcomes = with_amounts(blank(3), 0, bank_lent=10.0, principal_repaid=100.0, interest_paid=5.0, owed_banks=50.0, exposure_loss=4.0)
    outcomes = with_amounts(outcomes, 1, bank_lent=8.0, principal_repaid=60.0, interest_paid=7.0, owed_banks=90.0, exposure_loss=9.0)
    wealth = bank_wealth(outcomes)[:, :, 0]
    assert wealth[0] == pytest.approx(-10 + 100 + 5 + 50 - 4)
    assert wealth[1] == pytest.approx(-8 + 60 + 7 + 90 - 9)
    assert Costs(outcomes).net[1, :, 0] == pytest.approx(141 - 140)
    assert Costs(outcomes).net[0, :, 0] == pytest.approx(0)


def test_bank_gains_are_negative_costs_and_dividends_of_an_estate_count() -> None:
    outcomes = with_amounts(blank(3), 1, estate_banks=30.0)
    assert Costs(outcomes).net[1, :, 0] == pytest.approx(-30.0)


def test_other_creditors_are_not_payers() -> None:
    outcomes = with_amounts(blank(3), 1, wages_paid=30.0, suppliers_paid=7.0, bridge_lent=5.0)
    assert (Costs(outcomes).net == 0).all()


def with_saved(outcomes: Outcomes, saved: Any) -> Outcomes:
    report = {name: values.copy() for name, values in outcomes.report.items()}
    report["saved"][1, :, 0], report["harmed"][1, :, 0] = np.maximum(saved, 0.0), np.maximum(-np.asarray(saved), 0.0)
    return replace(outcomes, report=report)


def test_cost_per_firm_saved() -> None:
    saved = np.array([0.010, 0.012, 0.011, 0.013])
    outcomes = with_amounts(with_saved(blank(4), saved), 1, interest_paid=-np.array([1e4, 2e4, 1.5e4, 1.7e4]))
    cost = Costs(outcomes).per_firm_saved(1, 0)
    assert cost.value == pytest.approx(6.2e4 / (0.046 * outcomes.weight))
    assert cost.reason is None
    assert cost.value is not None and cost.low is not None and cost.high is not None
    assert cost.low < cost.value < cost.high


@pytest.mark.parametrize(
    ("saved", "reason"),
    [
        ([0.01, -0.01, 0.02, -0.005], "firms saved are not distinguishable from none (95 % interval"),
        ([-0.010, -0.012, -0.011, -0.013], "firms are lost, not saved"),
        ([0.0, 0.0, 0.0, 0.0], "no firms are saved"),
    ],
)
def test_no_cost_per_firm_saved_without_firms_saved(saved: list[float], reason: str) -> None:
    cost = Costs(with_saved(blank(4), np.array(saved))).per_firm_saved(1, 0)
    assert (cost.value, cost.low, cost.high) == (None, None, None)
    assert cost.reason is not None and reason in cost.reason


def test_cost_per_job_saved() -> None:
    outcomes = with_amounts(blank(40), 1, interest_paid=-1e4)
    jobs = (outcomes.report["jobs"][1, :, 0] - outcomes.report["jobs"][0, :, 0]).mean() * outcomes.jobs
    assert Costs(outcomes).per_job_saved(1, 0).value == pytest.approx(1e4 / jobs)


def test_critical_value_is_students() -> None:
    assert critical_value(2) == pytest.approx(12.7062, abs=1e-4)
    assert critical_value(40) == pytest.approx(2.0227, abs=1e-4)


def test_table_from_a_stored_summary_is_the_table_from_outcomes(outcomes: Outcomes, summary: dict[str, Any]) -> None:
    stored = json.loads(as_json(summary))
    pd.testing.assert_frame_equal(summary_table(stored), summary_table(outcomes))
    pd.testing.assert_frame_equal(summary_table(Run(outcomes)), summary_table(outcomes))
    table = summary_table(outcomes)
    assert list(table["policy"]) == list(outcomes.policies)
    assert table["difference_exit_reached"].isna().tolist() == [True, False, False, False, False]
    assert all(table[column].dtype == "float64" for column in table.columns.difference(pd.Index(["policy", "title", "reason"])))
    assert len(summary_table(outcomes, all_days=True)) == 15


def test_a_table_of_the_reference_alone_holds_numbers() -> None:
    table = summary_table(synthetic_outcomes(("none",), draws=1))
    assert table["cost_per_firm_saved"].dtype == "float64"
    assert table["cost_per_firm_saved"].isna().all()


def test_curves_table_is_tidy(outcomes: Outcomes) -> None:
    table = curves_table(outcomes)
    assert tuple(table.columns) == CURVE_COLUMNS
    assert len(table) == 5 * 53 * 4
    assert not table.duplicated(["policy", "day", "endpoint"]).any()
    row = table.query("policy == 'forbearance' and day == 182 and endpoint == 'cash'").iloc[0]
    assert row["mean"] == pytest.approx(outcomes.survival["cash"][3, :, 26].mean())
    assert row["low"] <= row["mean"] <= row["high"]


def test_differences_table_is_paired(outcomes: Outcomes) -> None:
    table = differences_table(outcomes)
    assert (table.query("policy == 'none'")["mean"] == 0).all()
    row = table.query("policy == 'both' and day == 364 and endpoint == 'exit'").iloc[0]
    assert row["mean"] == pytest.approx((outcomes.survival["exit"][4, :, -1] - outcomes.survival["exit"][0, :, -1]).mean())


def test_groups_table(outcomes: Outcomes) -> None:
    table = groups_table(outcomes)
    assert tuple(table.columns) == GROUP_COLUMNS
    assert len(table) == 4 * 3 * 5 * 3
    row = table.query("policy == 'both' and day == 91 and group == 'services' and endpoint == 'exit'").iloc[0]
    shares = outcomes.group_survival["exit"][:, :, 0, 1]
    assert row["mean"] == pytest.approx(shares[4].mean())
    assert row["difference"] == pytest.approx((shares[4] - shares[0]).mean())


def test_groups_without_firms_are_left_out(outcomes: Outcomes) -> None:
    survival = {name: values.copy() for name, values in outcomes.group_survival.items()}
    for values in survival.values():
        values[..., 2] = np.nan
    table = groups_table(replace(outcomes, group_survival=survival, group_weight=np.array([1.0, 2.0, 0.0])))
    assert set(table["group"]) == {"retail", "services"}


def test_accounts_close(outcomes: Outcomes) -> None:
    gaps = closure(outcomes)
    assert gaps.draw < 1e-12
    assert gaps.total < 1e-12


@pytest.mark.parametrize("item", ["wages_paid", "lost_by_banks", "purchases", "collections"])
def test_a_missing_booking_shows(outcomes: Outcomes, item: str) -> None:
    flows = outcomes.flows.copy()
    flows[2, 11, 1, ITEMS.index(item)] = 0.0
    gaps = closure(replace(outcomes, flows=flows))
    assert gaps.draw > 1e-3
    assert 1e-5 < gaps.total < gaps.draw


def test_gaps_of_single_draws_do_not_hide_in_the_total(outcomes: Outcomes) -> None:
    balances = outcomes.balances.copy()
    balances[1, 0, 0, 0] += 1e6
    balances[1, 1, 0, 0] -= 1e6
    gaps = closure(replace(outcomes, balances=balances))
    assert gaps.total < 1e-12
    assert gaps.draw > 1e-3


def test_closure_without_any_flow() -> None:
    outcomes = blank(2)
    assert closure(outcomes).draw == 0.0
    assert closure(with_amounts(outcomes, 1, owed_banks=1.0)).draw == np.inf


def test_flow_matrix_holds_every_flow(outcomes: Outcomes) -> None:
    matrix = flow_matrix(outcomes, "both", 182.0)
    assert tuple(matrix.index) == tuple(matrix.columns) == SECTORS
    flows = [f for f, item in enumerate(ITEMS) if item in ENTRIES and ENTRIES[item].kind == "flow"]
    assert matrix.to_numpy().sum() == pytest.approx(outcomes.flows[4, :, 1, :][:, flows].sum(axis=1).mean())
    lent = outcomes.flows[4, :, 1, ITEMS.index("bank_lent")].mean()
    paid = matrix.to_numpy()
    banks, firms = SECTORS.index("banks"), SECTORS.index("firms")
    assert paid[banks, firms] == pytest.approx(lent)
    assert paid[firms, banks] - paid[banks, firms] == pytest.approx(sector_flows(outcomes, "banks")[4, :, 1].mean())
    with pytest.raises(ValueError, match="no sector"):
        sector_flows(outcomes, "martians")


def test_accounts_table_closes_by_itself(outcomes: Outcomes) -> None:
    table = accounts_table(outcomes)
    assert not table.duplicated(["policy", "day", "kind", "item"]).any()
    part = table[(table["policy"] == "renewal") & (table["day"] == 364)].set_index(["kind", "item"])["amount"]
    opening = table[(table["policy"] == "renewal") & (table["day"] == 0)].set_index("item")["amount"]
    for balance in BALANCES:
        booked = sum(sign * part[entry.kind, item] for item, entry in ENTRIES.items() for name, sign in entry.changes if name == balance)
        assert part["balance", balance] - opening[balance] == pytest.approx(booked)
    assert part["memorandum", "rolled_principal"] > 0


def test_unknown_names_are_named(outcomes: Outcomes) -> None:
    with pytest.raises(ValueError, match="no policy 'bath'"):
        flow_matrix(outcomes, "bath")
    with pytest.raises(ValueError, match="day 90 is not among the reported days: 91, 182, 364"):
        flow_matrix(outcomes, day=90)
    with pytest.raises(ValueError, match="no endpoint 'exits'"):
        outcomes.endpoint("exits")


def test_readable_table(outcomes: Outcomes, summary: dict[str, Any]) -> None:
    table = readable_table(outcomes, currency="CNY")
    assert table == readable_table(summary)
    assert "net cost" in readable_table(outcomes).header
    assert all(len(row) == len(table.header) for row in table.rows)
    first = dict(zip(table.header, table.rows[0], strict=True))
    assert first["exit: difference"] == "0"
    assert first["cost per firm saved (CNY)"] == MISSING
    last = dict(zip(table.header, table.rows[4], strict=True))
    assert last["exit %"] == f"{100 * entry_of(summary, 'both')['survival']['exit']['mean']:.1f}"
    assert last["exit: difference"].startswith("+0.") and " ± 0.0" in last["exit: difference"]


def test_numbers_for_reading() -> None:
    assert percent(0.98765) == "98.8"
    assert percent(float("nan")) == MISSING
    assert points(-0.0123, 0.001) == "-1.23 ± 0.10"
    assert points(0.01, float("nan")) == "+1.00"
    money = (0, 0.5, 9.876, 12.34, 123.4, 9876, 123456, 1234567, -2.5e7, 9.999e8, 3.2e9, float("nan"))
    small = ["0", "0.50", "9.88", "12.3", "123", "9,876", "123,456"]
    large = ["1.23 million", "-25.0 million", "1.00 billion", "3.20 billion", MISSING]
    assert [amount(value) for value in money] == small + large


def test_html_is_escaped() -> None:
    outcomes = synthetic_outcomes(("none", "<b>"), draws=2)
    html = summary_html(outcomes)
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert html.count("<tr>") == 3
