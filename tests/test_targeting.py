"""Leakage and exclusion: by hand against firm-level counts of one draw, nothing without errors, more with larger ones."""

import json
from pathlib import Path

import numpy as np
import pytest

import simsme
from simsme.cli.application import answer
from simsme.plan import plan_run
from simsme.problems import InputError
from simsme.runs import run
from simsme.scenario import parse_scenario
from simsme.targeting import measure_targeting, plan_targeting
from simsme.targeting_result import Targeting
from tests.test_observation import TEXT, small

LIMIT = "max_cash_days = 30.0"


@pytest.fixture(scope="module")
def found() -> Targeting:
    return measure_targeting(small(LIMIT), "noisy", engine="numpy")


class TestTargeting:
    def test_one_draw_by_hand(self):
        """What happens to each firm in one draw is a count of 0 or 1 in the firm-level table."""
        told = measure_targeting(small(LIMIT), "noisy", draws=1, engine="numpy")
        table = run(small(LIMIT), draws=1, engine="numpy", firm_level=True).firm_level
        exact, seen = (table[table["policy"] == name].reset_index(drop=True) for name in ("exact", "noisy"))
        weight, helped, meant = seen["weight"], seen["reached_by_98"] == 1.0, exact["reached_by_98"] == 1.0
        (lever,) = told.levers
        assert lever.seen[0] == pytest.approx(weight[helped].sum())
        assert lever.both[0] == pytest.approx(weight[helped & meant].sum())
        assert lever.exact[0] == pytest.approx(weight[meant].sum())
        paid = weight * seen["expected_support"]
        assert lever.support[0] == pytest.approx(paid.sum(), rel=1e-6)
        assert lever.leaked[0] == pytest.approx(paid[~meant].sum(), rel=1e-6)
        assert 0.0 < lever.leaked[0] < lever.support[0] and lever.both[0] < lever.exact[0]

    def test_the_whole_policy_is_that_of_a_run(self, found):
        out = run(small(LIMIT), engine="numpy").outcomes
        step = out.day_index(49.0)
        gains = out.survival["exit"][:, :, step] - out.survival["exit"][out.reference_index, :, step]
        assert found.gain_seen == pytest.approx(gains[out.policy_index("noisy")], abs=1e-12)
        assert found.gain_exact == pytest.approx(gains[out.policy_index("exact")], abs=1e-12)

    def test_a_tiny_error_changes_next_to_nothing(self):
        told = measure_targeting(small(LIMIT), "exact", noise=1e-9, engine="numpy").json()["levers"][0]
        assert told["leakage"]["mean"] == 0.0 == told["exclusion"]["mean"] == told["leaked_support"]["mean"]

    def test_larger_errors_leak_more(self):
        leaks = [measure_targeting(small(LIMIT), "exact", noise=noise, engine="numpy").json()["levers"][0] for noise in (0.1, 0.5, 1.5)]
        for name in ("leakage", "exclusion"):
            means = [leak[name]["mean"] for leak in leaks]
            assert means == sorted(means) and means[0] < means[-1] < 1.0

    def test_both_executions(self, found):
        assert measure_targeting(small(LIMIT), "noisy", engine="compiled").json() == found.json()

    def test_shares_add_up(self, found):
        (lever,) = found.levers
        told = lever.told(found.weight)
        assert float(told["reached_seen"].mean) == pytest.approx(lever.seen.mean() / found.weight)
        both = (1.0 - told["leakage"].mean) * lever.seen.sum()
        assert both == pytest.approx((1.0 - told["exclusion"].mean) * lever.exact.sum()) == pytest.approx(lever.both.sum())

    def test_other_levers_of_the_policy_do_not_count(self, found):
        """Each lever is told alone: neither one that sees exactly nor another one with errors changes what is told of it."""
        others = """, { kind = "lending_forbearance" },
            { kind = "wage_subsidy", take_up = 1.0, subsidy_share = 0.3, min_sales_fall = 0.3, observation_noise = 0.2 }]
        """
        text = TEXT.replace("LIMIT, observation_noise = 0.4 }]", f"LIMIT, observation_noise = 0.4 }}{others}").replace("LIMIT", LIMIT)
        told = measure_targeting(parse_scenario(text, "small.toml", None), "noisy", engine="numpy")
        grant, subsidy = told.levers
        (alone,) = found.levers
        assert (grant.label, subsidy.label) == ("grant", "wage_subsidy")
        for name in ("exact", "seen", "both", "support", "leaked"):
            assert np.array_equal(getattr(grant, name), getattr(alone, name)), name
        assert (subsidy.both < subsidy.seen).all() and (subsidy.both < subsidy.exact).all()

    def test_it_is_public(self):
        assert simsme.measure_targeting is measure_targeting


class TestMistakes:
    @pytest.mark.parametrize(
        ("policy", "noise", "message"),
        [
            ("exact", None, "no lever of it has observation_noise; give it in the scenario or with --noise"),
            ("exact", 4.0, "must be above 0 and at most 3"),
            ("none", 0.3, "no lever of it asks for need"),
        ],
    )
    def test_they_are_told(self, policy, noise, message):
        plan = plan_run(small(LIMIT), policies=[policy])
        with pytest.raises(InputError, match=message):
            plan_targeting(plan, policy, noise)


class TestCommand:
    @pytest.fixture
    def place(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "110")
        (tmp_path / "small.toml").write_text(TEXT.replace("LIMIT", LIMIT), encoding="utf-8")
        return tmp_path

    def test_a_table(self, place, capsys):
        assert answer(["targeting", "small.toml", "--policy", "noisy", "--engine", "numpy"]) == 0
        said = capsys.readouterr()
        assert max(map(len, said.out.splitlines())) <= 110
        assert all(word in said.out for word in ("grant", "error 0.4", "leakage", "exclusion", "exact sight", "as a whole gains"))
        assert "5 policies on the same 4 draws" in said.err

    def test_json(self, place, capsys, found):
        assert answer(["targeting", "small.toml", "--policy", "noisy", "--engine", "numpy", "--json", "-q"]) == 0
        said = capsys.readouterr()
        told = json.loads(said.out)
        assert said.err == "" and told["levers"] == json.loads(json.dumps(found.json()))["levers"]

    def test_one_draw_has_no_error(self, place, capsys):
        assert answer(["targeting", "small.toml", "--policy", "noisy", "--draws", "1", "--engine", "numpy"]) == 0
        assert "±" not in capsys.readouterr().out.replace("± is the", "")

    @pytest.mark.parametrize("options", [["--policy", "exact"], ["--policy", "noisy", "--noise", "9"], ["--policy", "x"], []])
    def test_mistakes(self, place, capsys, options):
        assert answer(["targeting", "small.toml", *options]) == 2
        said = capsys.readouterr()
        assert said.out == "" and "Traceback" not in said.err
        assert np.all([len(line) < 300 for line in said.err.splitlines()])
