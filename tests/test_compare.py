"""Two stored runs side by side: changes of the scenario, paired differences, and what cannot be compared."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import simsme.plots
from simsme.cli.application import answer
from simsme.comparison.settings import by_name, changes
from simsme.costs import Costs, critical_value
from simsme.draw_tables import DRAW_COLUMNS, draws_table
from simsme.problems import InputError
from simsme.runs import Run, run
from simsme.scenario import parse_scenario
from simsme.stored_runs import compare
from tests.synthetic_outcomes import synthetic_outcomes

TEXT = """
draws = 6
seed = 3
currency = "CNY"
[time]
horizon_days = 98
headline_day = 49
report_days = [49, 98]
[population]
firms = 120
[population.loan_due_day]
dist = "uniform"
low = 0.0
high = 80.0
[population.with_loan]
size = { micro = 0.8, small = 0.8, medium = 0.8 }
[shock]
duration_days = 49
[shock.sales]
depth = 0.5
[exit]
patience_days = 10
[[policy]]
name = "renewal"
levers = [{ kind = "loan_renewal", take_up = 0.4 }]
[[policy]]
name = "both"
levers = [{ kind = "loan_renewal", take_up = 0.4 }, { kind = "lending_forbearance" }]
"""


def ran(*overrides: str, text: str = TEXT, **more) -> Run:
    return run(parse_scenario(text, "small.toml", Path("."), list(overrides)), engine="numpy", **more)


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    return {
        "a": ran(),
        "b": ran("credit.renewal=0.3", "policy.renewal.levers.loan_renewal.take_up=0.9"),
        "seed": ran("seed=4"),
        "draws": ran("draws=4"),
        "firms": ran("population.firms=130"),
        "currency": ran("currency=EUR"),
        "policy": ran(policies=["both"]),
        "longer": ran("time.horizon_days=126", "time.report_days=[49, 98, 126]"),
    }


@pytest.fixture(scope="module")
def stored(runs, tmp_path_factory) -> dict[str, Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(simsme.plots, "write_figures", lambda folder, *_: None)
        top = tmp_path_factory.mktemp("results")
        return {name: run.save(top / name) for name, run in runs.items()}


class TestDraws:
    def test_every_draw_stands_in_the_table(self):
        outcomes = synthetic_outcomes(("none", "both"), draws=3, firms=40)
        table, costs = draws_table(outcomes), Costs(outcomes)
        assert tuple(table.columns) == DRAW_COLUMNS and len(table) == 2 * 3 * 3
        row = table[(table["policy"] == "both") & (table["draw"] == 2) & (table["day"] == 182.0)].iloc[0]
        step = outcomes.day_index(182.0)
        assert row["exit"] == outcomes.survival["exit"][1, 2, step]
        assert row["runway"] == outcomes.runway[2, step]
        assert row["firms_saved"] == costs.firms_saved[1, 2, 1] and row["net_cost"] == costs.net[1, 2, 1]

    def test_means_of_the_file_are_those_of_the_summary(self, runs, stored):
        table = pd.read_csv(stored["a"] / "draws.csv", keep_default_na=False)
        means = table[table["day"] == 49].groupby("policy")["exit"].mean()
        for entry in runs["a"].json["policies"]:
            assert means[entry["policy"]] == pytest.approx(entry["survival"]["exit"]["mean"], abs=1e-11)


class TestChanges:
    def test_a_number_of_a_lever_and_one_of_the_market(self, stored):
        found = {change.key: (change.a, change.b) for change in compare(stored["a"], stored["b"]).changes}
        assert found.pop("credit.renewal")[1] == 0.3
        assert found == {"policy.renewal.levers.loan_renewal.take_up": (0.4, 0.9)}

    def test_order_of_policies_and_levers_is_no_change(self):
        one = {"policy": [{"name": "x", "levers": [{"kind": "k", "a": 1}, {"kind": "k", "name": "n", "a": 2}]}, {"name": "y"}]}
        other = {"policy": [{"name": "y"}, {"name": "x", "levers": [{"kind": "k", "name": "n", "a": 2}, {"kind": "k", "a": 1}]}]}
        assert changes(by_name(one), by_name(other)) == ()

    def test_a_table_of_one_only_is_one_change(self):
        one = {"shock": {"sales": {"depth": 0.5, "days": 3}}, "title": "x"}
        assert [(change.key, change.b) for change in changes(one, {"title": "y"})] == [("shock", None)]

    def test_distributions_of_one_kind_differ_by_their_numbers(self):
        def uniform(high):
            return {"depth": {"dist": "uniform", "low": 0.1, "high": high}}

        assert [change.key for change in changes(uniform(0.2), uniform(0.3))] == ["depth.high"]
        (whole,) = changes(uniform(0.2), {"depth": {"dist": "normal", "mean": 1.0}})
        assert whole.key == "depth"

    def test_a_default_that_is_written_down_is_no_change(self, stored, tmp_path, runs, monkeypatch):
        monkeypatch.setattr(simsme.plots, "write_figures", lambda folder, *_: None)
        spelled = ran(text=TEXT.replace("[time]", "[time]\nstep_days = 7")).save(tmp_path)
        assert compare(stored["a"], spelled).changes == ()

    def test_policies_that_one_has_not_run(self, stored):
        (change,) = compare(stored["a"], stored["policy"]).changes
        assert (change.key, change.a, change.b) == ("policies run in one only", "renewal", None)

    def test_firms_from_files(self, tmp_path, monkeypatch):
        monkeypatch.setattr(simsme.plots, "write_figures", lambda folder, *_: None)
        for name, cash in (("one", 90000), ("two", 95000)):
            rows = "\n".join(f"f{number},1000000,{cash + number},300000,30" for number in range(30))
            (tmp_path / f"{name}.csv").write_text(f"firm_id,sales,cash,loan,loan_due_day\n{rows}\n", encoding="utf-8")
        one, two = (ran("draws=2", firms=tmp_path / f"{name}.csv").save(tmp_path / name) for name in ("one", "two"))
        found = compare(one, two)
        assert [(change.key, change.a, change.b) for change in found.changes] == [("file of firms", "one.csv", "two.csv")]
        assert found.paired and "firms that differ" in found.pairing
        assert "The firms differ: differences are between two sets of firms, too." in found.remarks


class TestDifferences:
    def test_they_are_paired_draw_by_draw(self, runs, stored):
        found = compare(stored["a"], stored["b"])
        a, b = (runs[name].outcomes for name in "ab")
        place, step = a.policy_index("renewal"), a.day_index(98.0)
        gap = b.survival["exit"][place, :, step] - a.survival["exit"][place, :, step]
        row = found.of("renewal", 98.0, "exit")
        assert row is not None and row.paired
        assert row.difference == pytest.approx(gap.mean(), abs=1e-11)
        assert row.mc_error == pytest.approx(gap.std(ddof=1) / math.sqrt(6), abs=1e-11)
        alone = a.survival["exit"][place, :, step]
        assert row.a_mc_error == pytest.approx(alone.std(ddof=1) / math.sqrt(6), abs=1e-11) and row.b_mc_error > 0.0
        assert row.high - row.difference == pytest.approx(critical_value(6) * row.mc_error)

    def test_a_gain_is_a_difference_of_differences(self, runs, stored):
        row = compare(stored["a"], stored["b"]).of("renewal", 98.0, "gain_exit")

        def gain(name):
            outcomes = runs[name].outcomes
            curves = outcomes.survival["exit"][:, :, outcomes.day_index(98.0)]
            return curves[outcomes.policy_index("renewal")] - curves[outcomes.reference_index]

        gap = gain("b") - gain("a")
        assert row.difference == pytest.approx(gap.mean(), abs=1e-11)
        assert row.mc_error == pytest.approx(gap.std(ddof=1) / math.sqrt(6), abs=1e-11)

    def test_a_run_with_itself(self, stored):
        found = compare(stored["a"], stored["a"])
        assert found.changes == () and "Both are the same run" in found.remarks[0]
        assert all(row.difference == 0.0 == row.mc_error for row in found.differences)

    def test_swapped_runs_change_the_sign(self, stored):
        one, other = compare(stored["a"], stored["b"]), compare(stored["b"], stored["a"])
        for row in one.differences:
            back = other.of(row.policy, row.day, row.measure)
            assert (back.difference, back.mc_error) == (-row.difference, row.mc_error)

    @pytest.mark.parametrize(("name", "why"), [("seed", "The seeds differ (3 and 4)"), ("draws", "numbers of draws differ (6 and 4)")])
    def test_other_draws_are_not_paired(self, runs, stored, name, why):
        found = compare(stored["a"], stored[name])
        assert not found.paired and why in found.pairing
        row = found.of("both", 49.0, "exit")
        errors = []
        for one in ("a", name):
            outcomes = runs[one].outcomes
            values = outcomes.survival["exit"][outcomes.policy_index("both"), :, outcomes.day_index(49.0)]
            errors.append(values.std(ddof=1) / math.sqrt(values.size))
        assert row.mc_error == pytest.approx(math.hypot(*errors))
        assert row.low < row.difference < row.high

    def test_an_older_folder_without_draws(self, stored, tmp_path):
        old = tmp_path / "old"
        shutil.copytree(stored["b"], old)
        (old / "draws.csv").unlink()
        manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
        del manifest["files"]["draws.csv"]
        (old / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        found, paired = compare(stored["a"], old), compare(stored["a"], stored["b"])
        assert not found.paired and "No draws.csv in " in found.pairing
        for row in found.differences:
            assert row.difference == pytest.approx(paired.of(row.policy, row.day, row.measure).difference, rel=1e-6, abs=1e-9)

    def test_days_that_both_report(self, stored):
        found = compare(stored["a"], stored["longer"])
        assert found.days == (49.0, 98.0)
        assert any("end on day 98 and day 126" in remark for remark in found.remarks)

    def test_references_have_no_gain(self, stored):
        assert compare(stored["a"], stored["b"]).of("none", 98.0, "firms_saved") is None


class TestMistakes:
    def problems(self, a, b) -> list[str]:
        with pytest.raises(InputError) as raised:
            compare(a, b)
        return [str(problem) for problem in raised.value.problems]

    def test_both_folders_are_told_at_once(self, stored, tmp_path):
        (tmp_path / "file").write_text("", encoding="utf-8")
        found = self.problems(tmp_path / "no", tmp_path / "file")
        assert found == [f"{tmp_path / 'no'}: no such folder", f"{tmp_path / 'file'}: is a file; a results folder of simsme run is needed"]

    def test_a_folder_above_results(self, stored):
        top = stored["a"].parent
        # what --out was will do where it holds one result, and which of several is meant is asked
        assert compare(top, stored["b"]).differences == compare(stored["a"], stored["b"]).differences
        shutil.copytree(stored["a"], top / "small-again")
        (problem,) = self.problems(top, stored["b"])
        shutil.rmtree(top / "small-again")
        assert "there is no manifest.json in it; did you mean" in problem and str(stored["a"]) in problem
        assert self.problems(top / "small", stored["b"]) == [f"{top / 'small'}: no such folder; in {top} there is {stored['a'].name}"]

    def test_an_unfinished_run(self, stored, tmp_path):
        (tmp_path / "manifest.json").write_text('{"made_by": "simsme", "complete": false}', encoding="utf-8")
        assert self.problems(tmp_path, stored["b"]) == [f"{tmp_path}: is an unfinished run; run the scenario again"]

    def test_a_changed_file(self, stored, tmp_path):
        changed = tmp_path / "changed"
        shutil.copytree(stored["a"], changed)
        (changed / "curves.csv").write_text("policy,day\n", encoding="utf-8")
        assert self.problems(changed, stored["b"]) == [
            f"{changed}/curves.csv: was changed after the run; run the scenario again, with --force"
        ]

    def test_another_currency(self, stored):
        (problem,) = self.problems(stored["a"], stored["currency"])
        assert "money is in another currency" in problem and "(CNY and EUR)" in problem


class TestCommand:
    def test_a_table(self, stored, capsys, monkeypatch):
        monkeypatch.setenv("COLUMNS", "120")
        assert answer(["compare", str(stored["a"]), str(stored["b"])]) == 0
        said = capsys.readouterr()
        assert max(len(line) for line in said.out.splitlines() if not line.startswith(("A:", "B:"))) <= 120
        for word in ("credit.renewal", "→ 0.9", "exit, day 49, %", "net cost, CNY, day 98", "paired draw by draw"):
            assert word in said.out, word
        assert said.err == ""

    def test_json_and_files(self, stored, capsys, tmp_path):
        command = ["compare", str(stored["a"]), str(stored["b"]), "--json", "--out", str(tmp_path / "kept")]
        assert answer(command) == 0
        found = json.loads(capsys.readouterr().out)
        assert found == json.loads((tmp_path / "kept" / "comparison.json").read_text(encoding="utf-8"))
        assert found["paired"] is True and found["a"]["policies"] == ["none", "renewal", "both"]
        table = pd.read_csv(tmp_path / "kept" / "comparison.csv", keep_default_na=False)
        assert len(table) == len(found["differences"]) == 2 * (2 * 7 + 3)
        with Image.open(tmp_path / "kept" / "comparison.png") as picture:
            assert picture.width > 900
        assert answer(command) == 2
        assert "--force writes over it" in capsys.readouterr().err

    def test_mistakes_are_lines(self, capsys, tmp_path):
        assert answer(["compare", str(tmp_path / "x"), str(tmp_path / "y")]) == 2
        said = capsys.readouterr()
        assert said.out == "" and len(said.err.splitlines()) == 2 and "Traceback" not in said.err


def test_the_figure_shows_the_stored_curves(stored):
    found = compare(stored["a"], stored["b"])
    figure_axes = simsme.plot_comparison(found, "both", "cash")
    curves = found.b.curves
    wanted = curves[(curves["policy"] == "both") & (curves["endpoint"] == "cash")]["mean"].to_numpy()
    assert np.array_equal(figure_axes.lines[1].get_ydata(), wanted)
    figure_axes.figure.clear()
    with pytest.raises(ValueError, match="no policy 'x' in both runs"):
        simsme.plot_comparison(found, "x")
