"""A grid of runs on the same draws: its axes, its table, what is kept, and what is refused."""

import json
import math
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import simsme
from simsme import sweeps
from simsme.cli.application import answer
from simsme.costs import Costs, critical_value
from simsme.problems import InputError
from simsme.runs import run
from simsme.scenario import LoadedScenario, parse_scenario
from simsme.sweeping.cell import cell_of, keep_cell, kept_cell
from simsme.sweeping.grid import parse_axes, parse_axis, points
from simsme.sweeping.result import Sweep
from simsme.sweeps import plan_sweep, run_sweep, sweep
from tests.test_compare import TEXT


def small() -> LoadedScenario:
    return parse_scenario(TEXT, "small.toml", None, ["population.firms=80", "draws=4"])


@pytest.fixture(scope="module")
def grid() -> Sweep:
    return sweep(small(), {"credit.renewal": [0.3, 0.9], "shock.duration_days": [21, 49]}, engine="numpy")


def problems_with(*vary: str, **more) -> list[str]:
    with pytest.raises(InputError) as raised:
        plan_sweep(small(), vary, **more)
    return [str(problem) for problem in raised.value.problems]


class TestAxes:
    def test_numbers_and_texts(self):
        axis = parse_axis("credit.renewal = 0.8, .9,1")
        assert (axis.key, axis.texts, axis.numbers) == ("credit.renewal", ("0.8", ".9", "1"), (0.8, 0.9, 1.0))
        assert parse_axis("reference=none,renewal").numbers is None
        assert parse_axis("x=true,false").numbers is None

    def test_a_value_may_hold_commas(self):
        axis = parse_axis("time.report_days=[49, 91],[91]")
        assert axis.values == ([49, 91], [91])
        axis = parse_axis('credit.renewal={ dist = "uniform", low = 0.1, high = 0.2 },0.9')
        assert axis.values[0] == {"dist": "uniform", "low": 0.1, "high": 0.2} and axis.numbers is None

    def test_the_last_key_runs_fastest(self):
        found = list(points(parse_axes(["a=1,2", "b=x,y,z"])))
        assert [point.texts for point in found[:4]] == [("1", "x"), ("1", "y"), ("1", "z"), ("2", "x")]
        assert found[-1].overrides == ("a=2", "b=z") and found[-1].places == (1, 2)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("credit.renewal", "must be key=a,b,c with a dotted key"),
            ("=1,2", "must be key=a,b,c with a dotted key"),
            ("a=", "must be key=a,b,c with a dotted key"),
            ("a=1,,2", "a value between two commas is missing"),
            ("a=1,2,1.0", "comes twice: 1.0"),
            ("a=[1,2", "the value is not TOML"),
        ],
    )
    def test_mistakes(self, text, message):
        with pytest.raises(InputError, match=message):
            parse_axis(text)

    def test_all_mistakes_at_once(self):
        with pytest.raises(InputError) as raised:
            parse_axes(["a=1,2", "b", "a=3"])
        assert len(raised.value.problems) == 2
        with pytest.raises(InputError, match="--vary: is missing"):
            parse_axes([])


class TestGrid:
    def test_every_run_is_the_run_by_itself(self, grid):
        """Common random numbers, the shared firms and the table change nothing: each cell is what simsme run gives."""
        alone = run(small(), overrides=["credit.renewal=0.9", "shock.duration_days=21"], engine="numpy")
        outcomes, costs = alone.outcomes, Costs(alone.outcomes)
        place, step = outcomes.policy_index("both"), outcomes.day_index(49.0)
        gain = outcomes.survival["exit"][place, :, step] - outcomes.survival["exit"][outcomes.reference_index, :, step]
        told = grid.told(2, "both", "gain_exit")
        assert told.mean == gain.mean()
        assert told.mc_error == pytest.approx(gain.std(ddof=1) / 2)
        assert told.high == pytest.approx(gain.mean() + critical_value(4) * told.mc_error)
        assert grid.told(2, "both", "net_cost").mean == costs.net[place, :, outcomes.report_index()].mean()

    def test_changes_are_paired_with_the_first_point(self, grid):
        first, last = (grid.cells[place].at("exit", "none", 98.0) for place in (0, 3))
        change = grid.change(3, "none", "exit", 98.0)
        assert change.mean == pytest.approx((last - first).mean(), abs=1e-15)
        assert change.mc_error == pytest.approx((last - first).std(ddof=1) / 2)
        assert grid.change(0, "none", "exit").mean == 0.0 == grid.change(0, "none", "exit").mc_error

    def test_firms_that_are_drawn_anew_where_they_differ(self):
        found = sweep(small(), {"population.firms": [60, 80]}, draws=2, policies=["renewal"], engine="numpy")
        whole = run(small(), draws=2, policies=["renewal"], engine="numpy")
        step = whole.outcomes.day_index(49.0)
        assert found.told(1, "none", "exit").mean == pytest.approx(whole.outcomes.survival["exit"][0, :, step].mean(), abs=1e-15)

    def test_other_draws_have_no_paired_change(self):
        found = sweep(small(), {"seed": [1, 2]}, draws=2, policies=["renewal"], engine="numpy")
        assert found.change(1, "none", "exit") is None
        assert found.told(0, "none", "exit").mean != found.told(1, "none", "exit").mean
        assert "change_exit" in found.table().columns

    def test_the_table_is_tidy(self, grid):
        table = grid.table()
        assert len(table) == 4 * 3 * 2
        assert list(table.columns[:4]) == ["credit.renewal", "shock.duration_days", "policy", "day"]
        row = table[(table["credit.renewal"] == 0.9) & (table["shock.duration_days"] == 21) & (table["policy"] == "both")].iloc[0]
        assert row["day"] == 49.0 and row["gain_exit"] == grid.told(2, "both", "gain_exit").mean
        assert row["gain_exit_mc_error"] == grid.told(2, "both", "gain_exit").mc_error
        assert (table[table["policy"] == "none"]["gain_exit"] == 0.0).all()

    def test_the_object_says_the_same(self, grid):
        found = json.loads(json.dumps(grid.json(), allow_nan=False))
        assert found["axes"] == [{"key": "credit.renewal", "values": [0.3, 0.9]}, {"key": "shock.duration_days", "values": [21, 49]}]
        assert [row["exit"] for row in found["rows"]] == grid.table()["exit"].tolist()

    def test_one_draw_has_no_errors(self):
        found = sweep(small(), {"credit.renewal": [0.3, 0.9]}, draws=1, policies=["renewal"], engine="numpy")
        assert found.told(0, "renewal", "exit").mc_error is None
        assert found.table()["exit_mc_error"].isna().all()

    def test_it_is_public(self):
        assert simsme.sweep is sweep and simsme.Sweep is Sweep


class TestKept:
    def test_a_cell_comes_back_bit_by_bit(self, grid, tmp_path):
        keep_cell(tmp_path, grid.cells[1])
        back = kept_cell(tmp_path, grid.cells[1].digest)
        assert back.policies == grid.cells[1].policies and back.days == grid.cells[1].days
        assert all(np.array_equal(values, back.by_draw[name]) for name, values in grid.cells[1].by_draw.items())
        assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]

    def test_what_is_not_it_is_not_taken(self, grid, tmp_path):
        keep_cell(tmp_path, grid.cells[0])
        (file,) = tmp_path.iterdir()
        assert kept_cell(tmp_path, "0" * 64) is None
        assert kept_cell(tmp_path, grid.cells[0].digest[:16] + "0" * 48) is None
        file.write_bytes(file.read_bytes()[:300])
        assert kept_cell(tmp_path, grid.cells[0].digest) is None

    def test_only_what_is_new_runs(self, tmp_path, monkeypatch):
        ran = []
        execute = sweeps.execute
        monkeypatch.setattr(sweeps, "execute", lambda plan, **more: ran.append(plan.digest) or execute(plan, **more))
        options = {"draws": 2, "policies": ["renewal"], "keep": tmp_path, "engine": "numpy"}
        first = sweep(small(), {"credit.renewal": [0.3, 0.9]}, **options)
        assert len(ran) == 2
        again = sweep(small(), {"credit.renewal": [0.3, 0.5, 0.9]}, **options)
        assert len(ran) == 3
        assert again.told(2, "renewal", "exit") == first.told(1, "renewal", "exit")
        plan = plan_sweep(small(), ["credit.renewal=0.3,0.9"], draws=2, policies=["renewal"])
        run_sweep(plan, keep=tmp_path, afresh=True, engine="numpy")
        assert len(ran) == 5

    def test_a_run_that_is_broken_off_keeps_the_others(self, tmp_path, monkeypatch):
        execute, plan = sweeps.execute, plan_sweep(small(), ["credit.renewal=0.3,0.6,0.9"], draws=2, policies=["renewal"])

        def broken(plan, **more):
            if plan.scenario.credit.renewal == 0.9:
                raise KeyboardInterrupt
            return execute(plan, **more)

        monkeypatch.setattr(sweeps, "execute", broken)
        finished = []
        with pytest.raises(KeyboardInterrupt):
            run_sweep(plan, keep=tmp_path, engine="numpy", finished=finished.append)
        assert finished == [1, 2] and len(list(tmp_path.iterdir())) == 2


class TestMistakes:
    def test_values_out_of_range_are_named_each(self):
        found = problems_with("credit.renewal=0.5,1.5,-1", "shock.duration_days=49,91")
        assert len(found) == 2
        assert found[0].startswith("--vary credit.renewal=1.5: credit.renewal: ")

    def test_a_key_that_is_not_there(self):
        (found,) = problems_with("credit.renewa=0.5")
        assert found.startswith("--vary credit.renewa=0.5: ") and "renewal" in found

    def test_a_policy_that_is_not_there_is_one_mistake(self):
        (found,) = problems_with("credit.renewal=0.5,0.6", policies=["x"])
        assert found.startswith('small.toml: policy: no policy is called "x"')

    def test_draws_that_are_given_twice(self):
        assert problems_with("draws=2,3", draws=4) == ["--vary draws: is given by --draws as well; leave one of the two away"]

    def test_huge_grids(self):
        values = ",".join(str(number / 1000) for number in range(100))
        found = problems_with(f"credit.renewal={values}", "shock.duration_days=21,28,35")
        assert found == ["--vary: asks for 300 runs (100 x 3), more than 200; --yes runs them all"]


class TestCommand:
    @pytest.fixture
    def place(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "110")
        (tmp_path / "small.toml").write_text(TEXT, encoding="utf-8")
        return tmp_path

    OPTIONS = ["--set", "population.firms=60", "--draws", "3", "--engine", "numpy"]

    def test_one_key(self, place, capsys):
        command = ["sweep", "small.toml", "--policy", "both", "--vary", "credit.renewal=0.3,0.6,0.9", *self.OPTIONS]
        assert answer(command) == 0
        said = capsys.readouterr()
        assert said.err.startswith("3 runs (60 firms, 3 draws, 2 policies): a few seconds.")
        assert max(map(len, said.out.splitlines())) <= 110
        assert all(word in said.out for word in ("exit, %", "gain, points", "net cost", "0.3", "±"))
        (folder,) = (path for path in (place / "results").iterdir() if path.name != "sweep-cells")
        assert folder.name.startswith("sweep-small-")
        assert {path.name for path in folder.iterdir()} == {"sweep.csv", "sweep.json", "sweep.png", "sweep.svg"}
        assert len(pd.read_csv(folder / "sweep.csv")) == 3 * 2 * 2
        kept = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
        assert kept["provenance"]["overrides"] == ["population.firms=60", "draws=3"]
        with Image.open(folder / "sweep.png") as picture:
            assert picture.text["Seed"] == "3"
        assert answer(command) == 0
        assert "all of them kept from before" in capsys.readouterr().err

    def test_two_keys_and_three(self, place, capsys):
        two = ["--vary", "credit.renewal=0.3,0.9", "--vary", "shock.duration_days=21,49"]
        assert answer(["sweep", "small.toml", "--policy", "renewal", *two, *self.OPTIONS, "--json", "--out", "kept"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert len(found["rows"]) == 4 * 2 * 2
        assert answer(["sweep", "small.toml", "--policy", "renewal", *two, "--vary", "seed=1,2", *self.OPTIONS[:2], "--draws", "1"]) == 0
        assert "A figure shows one key or two" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ([], "--vary: is missing"),
            (["--vary", "credit.renewal=2"], "--vary credit.renewal=2: "),
            (["--vary", "credit.renewal=0.5", "--draws", "0"], "--draws 0: "),
            (["--vary", "credit.renewal=0.5", "--day", "50"], "--day 50: is not reported by all runs; reported are 49, 98"),
            (["--vary", "credit.renewal=0.5", "--out", "small.toml"], "is not a folder"),
        ],
    )
    def test_mistakes(self, place, capsys, options, message):
        assert answer(["sweep", "small.toml", *options]) == 2
        said = capsys.readouterr()
        assert message in said.err and said.out == "" and "Traceback" not in said.err
        assert list(place.iterdir()) == [place / "small.toml"]

    def test_ctrl_c_keeps_what_is_finished(self, place):
        values = ",".join(f"{number / 100}" for number in range(1, 100))
        command = ["sweep", "small.toml", "--vary", f"credit.renewal={values}", "--set", "population.firms=60", "--draws", "2"]
        process = subprocess.Popen([sys.executable, "-m", "simsme", *command], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not list(place.glob("results/sweep-cells/*.npz")) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130 and out == ""
        assert "99 runs are finished and kept in results/sweep-cells; the same command goes on from there." in err
        assert err.endswith("simsme: stopped\n")
        assert not list(place.glob("results/*.partial")) and not list(place.glob("results/sweep-small-*"))


class TestFigures:
    def test_lines_and_intervals_are_those_of_the_table(self):
        found = sweep(small(), {"credit.renewal": [0.3, 0.9]}, draws=3, policies=["renewal"], engine="numpy")
        axes = simsme.plot_sweep(found, measure="gain_exit")
        assert axes.lines[0].get_ydata().tolist() == [found.told(place, "renewal", "gain_exit").mean for place in (0, 1)]
        interval = found.told(0, "renewal", "gain_exit")
        assert list(axes.lines[1].get_ydata()) == [interval.low, interval.high]
        axes.figure.clear()

    def test_a_map_has_the_first_key_upwards(self, grid):
        axes = simsme.plot_sweep(grid, "both", "exit")
        means = np.array([[grid.told(2 * row + column, "both", "exit").mean for column in (0, 1)] for row in (0, 1)])
        assert np.array_equal(axes.images[0].get_array(), means)
        assert [label.get_text() for label in axes.get_yticklabels()] == ["0.3", "0.9"]
        assert axes.images[0].origin == "lower"
        axes.figure.clear()

    def test_mistakes(self, grid):
        with pytest.raises(ValueError, match="no measure 'x'"):
            simsme.plot_sweep(grid, measure="x")
        with pytest.raises(ValueError, match="no policy 'x' in this sweep"):
            simsme.plot_sweep(grid, "x")


def test_an_estimate_grows_with_the_grid():
    one, two = (plan_sweep(small(), [vary]) for vary in ("credit.renewal=0.5", "credit.renewal=0.5,0.6"))
    assert two.firm_weeks(80) == 2 * one.firm_weeks(80) == 2 * 80 * 14 * 4 * 3
    assert math.isclose(two.estimated_seconds(80), 2 * one.estimated_seconds(80))


def test_cells_hold_what_the_run_says():
    finished = run(small(), draws=2, engine="numpy")
    cell = cell_of(finished, "x")
    assert cell.days == (49.0, 98.0) and cell.reference == "none" and cell.weight == finished.outcomes.weight
    assert cell.by_draw["jobs_saved"].shape == (3, 2, 2)
