"""What people read: tables that fit a narrow screen, hints in errors, what stands in for a result where there is none."""

import json
import time
from pathlib import Path

import numpy as np
import pytest

from simsme import run
from simsme.calibration.fit import most_runs
from simsme.cli.application import answer
from simsme.cli.columns import Column, Group, table_lines
from simsme.cli.comparison_table import change_lines
from simsme.cli.talk import Talk
from simsme.costs import cost_per
from simsme.messages import outside, shown_range
from simsme.plots.effectiveness import plot_effectiveness
from simsme.plots.survival import plot_survival
from simsme.problems import InputError
from simsme.scenario import load_scenario, parse_scenario, shipped_scenarios
from simsme.stored_runs import read_run
from tests.synthetic_outcomes import synthetic_outcomes


def wide_table(width, names=("a", "b"), columns=9):
    group = Group("many", tuple(Column(("million", f"column {n}"), (("1.0", "0–2"), ("2.0", "1–3"))) for n in range(columns)))
    return [line.plain for line in table_lines(Column(("", "name"), tuple((name, "") for name in names)), [group], width)]


class TestTables:
    @pytest.mark.parametrize("width", [60, 80, 120])
    def test_a_group_wider_than_the_screen_goes_on_below(self, width):
        lines = wide_table(width)
        assert max(map(len, lines)) <= width
        assert all(any(f"column {n}" in line for line in lines) for n in range(9))
        assert (sum("many" in line for line in lines) > 1) == (width < 120)

    def test_long_names_are_wrapped_only_where_room_is_short(self):
        names = ("a credit line for whoever has none, over a year", "b")
        narrow, wide = wide_table(80, names, columns=5), wide_table(120, names, columns=5)
        assert max(map(len, narrow)) <= 80 and max(map(len, wide)) <= 120
        assert any(line.startswith(names[0]) for line in wide) and not any(line.startswith(names[0]) for line in narrow)
        # all words are there, in the lines of their row, before the row of "b"
        starts = [line.split("   ")[0].strip() for line in narrow]
        row = starts[next(number for number, start in enumerate(starts) if start.startswith("a credit")) :]
        assert " ".join(row[: row.index("b")]) == names[0]


class TestHints:
    @pytest.mark.parametrize(("value", "meant"), [(80, "0.8"), (20.0, "0.2"), (12.5, "0.125"), (100, "1")])
    def test_a_percentage_for_a_share(self, value, meant):
        assert outside(value, 0.0, 1.0).endswith(f"; shares are written 0 to 1, not in percent: did you mean {meant}?")

    @pytest.mark.parametrize(("value", "lowest", "highest"), [(1.2, 0.0, 1.0), (-5, 0.0, 1.0), (500, 0.0, 1.0), (80, 1.0, 14.0)])
    def test_no_hint_for_anything_else(self, value, lowest, highest):
        assert "did you mean" not in outside(value, lowest, highest)

    def test_it_is_said_of_a_scenario(self):
        with pytest.raises(InputError, match="did you mean 0.8"):
            load_scenario("three-months", ["credit.renewal=80"])

    @pytest.mark.parametrize(
        ("lowest", "highest", "words"), [(1, 1_000_000, "1 to 1,000,000"), (1e-6, 0.1, "0.000001 to 0.1"), (0.0, np.inf, "0 or more")]
    )
    def test_limits_are_written_for_readers(self, lowest, highest, words):
        assert shown_range(lowest, highest) == words

    def test_no_ratio_says_of_what_the_interval_is(self):
        reason = cost_per(np.array([1.0, 2.0, 3.0]), np.array([-1000.0, 2000.0, 10.0]), "firms").reason
        assert reason == "firms saved are not distinguishable from none (95 % interval −3,455 to 4,129 firms)"


class TestInPlaceOfAResult:
    def test_a_patch_says_what_it_is(self):
        text = (
            "# Numbers of the scenario calm, calibrated by\n#     simsme calibrate calm\n# No scenario\n"
            "#     --set exit.patience_days=14.2\n\nexit.patience_days = 14.2\n"
        )
        with pytest.raises(InputError) as raised:
            parse_scenario(text, "patch.toml")
        (problem,) = raised.value.problems
        assert "simsme calibrate" in problem.message and problem.message.endswith("simsme run calm --set exit.patience_days=14.2")
        assert parse_scenario(text + "[population]\nfirms = 10\n[time]\nhorizon_days = 91\n", "whole.toml").scenario.population.firms == 10

    @pytest.mark.parametrize(("file", "word"), [("worlds.json", "--worlds"), ("sweep.json", "sweep"), ("sensitivity.json", "sensitivity")])
    def test_the_folder_of_a_study_is_known(self, file, word, tmp_path):
        (tmp_path / file).write_text("{}", encoding="utf-8")
        with pytest.raises(InputError, match=f"simsme (run )?{word}.*not a single run"):
            read_run(tmp_path)

    def test_who_names_no_scenario_is_told_which_there_are(self, capsys):
        assert answer(["run"]) == 2
        said = capsys.readouterr().err
        assert all(f"  {name} " in said for name in shipped_scenarios()) and "Calm weather" in said


class TestCheckAsData:
    def test_what_is_told_of_a_scenario(self, capsys):
        assert answer(["check", "calm", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["ok"] is True and told["scenario"] == "calm" and told["reference"] in told["policies"] and told["report_days"]

    def test_what_is_wrong_with_one(self, tmp_path, capsys):
        (tmp_path / "bad.toml").write_text("draws = 0\nseed = -1\n", encoding="utf-8")
        assert answer(["check", str(tmp_path / "bad.toml"), "--json"]) == 2
        said = capsys.readouterr()
        told = json.loads(said.out)
        assert told["ok"] is False and {"draws", "seed"} <= {problem["place"] for problem in told["problems"]}
        assert "draws" in said.err


def test_a_shock_that_one_scenario_has_is_told_in_words():
    shock = {"from_day": 0, "sales": {"depth": {"dist": "uniform", "low": 0.2, "high": 0.5}, "common": True}, "list": [1, 2]}
    lines = [line.plain for line in change_lines({"changes": [{"key": "shock", "a": shock, "b": None}]}, 80)]
    text = "\n".join(lines)
    assert not set("{}[]\"'") & set(text) and max(map(len, lines)) <= 80
    assert "shock.sales.depth" in text and "uniform, low 0.2, high 0.5" in text and "not there" in text


def notes_of(ax):
    """Everything that is written around axes."""
    texts = [text.get_text() for text in (*ax.texts, *ax.figure.texts)]
    return " ".join(" ".join(texts).split())


class TestFigures:
    def test_of_many_policies_two_are_shaded(self):
        many = synthetic_outcomes(("none", "a", "b", "c", "d"), draws=4, firms=30)
        ax = plot_survival(many, "exit")
        assert len(ax.collections) == 2 and "only" in notes_of(ax) and "none and " in notes_of(ax)
        few = plot_survival(many, "exit", policies=["none", "a", "b"])
        assert len(few.collections) == 3 and "only" not in notes_of(few)

    def test_one_policy_has_no_frontier_to_speak_of(self):
        alone = notes_of(plot_effectiveness(synthetic_outcomes(("none", "a"), draws=4, firms=30)))
        assert "Hollow" not in alone
        several = notes_of(plot_effectiveness(synthetic_outcomes(("none", "a", "b", "both"), draws=4, firms=30)))
        assert "Hollow" in several


def test_the_readme_lists_every_shipped_scenario():
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert [name for name in shipped_scenarios() if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize(("total", "shown"), [(40, "7 of 40 runs"), (None, "7 runs")])
def test_progress_says_how_far_it_is(total, shown, monkeypatch, capsys):
    monkeypatch.setattr("simsme.cli.talk.PATIENCE", 0.0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "100")
    with Talk().progress("simulating", total, "runs") as tell:
        tell(7, total or 0)
        time.sleep(0.3)
    said = capsys.readouterr().err
    assert "simulating" in said and shown in said


def test_a_calibration_knows_how_many_runs_it_takes_at_the_most():
    assert most_runs(1) < most_runs(3) and most_runs(2) >= 1 + 3 * 12


def test_a_report_tells_a_machine_where_it_is(tmp_path, capsys):
    folder = run("calm", policies=["renewal"], draws=2, overrides=["population.firms=60"]).save(tmp_path / "run")
    capsys.readouterr()
    assert answer(["report", str(folder.parent), "--json", "--quiet"]) == 0  # the folder above that holds one run does as well
    told = json.loads(capsys.readouterr().out)
    assert Path(told["report"]).stat().st_size == told["bytes"] and Path(told["report"]).parent == folder
