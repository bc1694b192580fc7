"""Firms that are drawn when they are needed and never held together: the same bits as if they were, and little memory."""

import json
import sys
import threading
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simsme import draw_firms, firm_blocks, firm_level_files
from simsme.census import take_census
from simsme.cli.application import answer
from simsme.draw_firms import DrawnFirms
from simsme.fates import decile_bounds
from simsme.firm_level_files import read_firm_level, write_firm_level
from simsme.firms import Firms
from simsme.pairwise import PairwiseSum
from simsme.plan import Plan, plan_run
from simsme.runs import execute
from simsme.world import World
from tests.invariance_checks import _arrays

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import large

SHORT = ("time.horizon_days=56", "time.headline_day=28", "time.report_days=[]")
UNCERTAIN = 'credit.lgd={dist="uniform",low=0.3,high=0.6}'


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsme.plan.HELD_FIRMS", 1000)
    monkeypatch.setattr(draw_firms, "BLOCK", 512)


def plan_of(firms: int, *more: str, policies: tuple[str, ...] = ("renewal", "forbearance"), draws: int = 5) -> Plan:
    return plan_run("three-months", policies=policies, draws=draws, overrides=[f"population.firms={firms}", *SHORT, *more])


class TestPairwise:
    @pytest.mark.parametrize("length", [1, 7, 8, 127, 128, 129, 136, 255, 257, 1000, 4099, 70_001])
    def test_has_the_bits_of_a_sum_of_the_whole(self, length: int) -> None:
        rng = np.random.default_rng(length)
        values = rng.lognormal(0.0, 4.0, (3, length)) * rng.choice([-1.0, 1.0], (3, length))
        for at_once in (1, 1000, 65_536):
            total, end = PairwiseSum(length, at_once), 0
            while end < length:
                begin, end = end, end + int(rng.integers(1, max(2, length // 4)))
                total.add(values[:, begin:end])
            assert np.array_equal(total.total, values.sum(axis=-1))

    def test_says_where_pieces_are_missing_or_too_many(self) -> None:
        total = PairwiseSum(300)
        total.add(np.ones(299))
        with pytest.raises(ValueError, match="pieces of the sum are missing"):
            _ = total.total
        total.add(np.ones(1))
        assert total.total == 300.0
        with pytest.raises(ValueError, match="more comes than the sum is of"):
            total.add(np.ones(1))


class TestDrawing:
    def test_a_part_is_what_it_is_in_the_whole(self) -> None:
        population = plan_of(2000).scenario.population
        assert population is not None
        drawn = DrawnFirms.of(population)
        whole, places = drawn.all(), np.array([1999, 3, 700])
        for rows in (slice(512, 1024), slice(1999, None), places):
            part, same = drawn.take(rows), whole.take(rows)
            assert tuple(part.ids) == same.ids
            for name, values in vars(same).items():
                if isinstance(values, np.ndarray):
                    assert np.array_equal(getattr(part, name), values), name

    def test_all_takes_few_bytes_until_it_is_drawn(self) -> None:
        population = plan_of(200_000).scenario.population
        assert population is not None
        tracemalloc.start()
        drawn = DrawnFirms.of(population)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(drawn) == 200_000
        assert kept < 200_000 * 14 + 100_000
        assert peak < 200_000 * 45

    def test_deciles_of_weights_are_those_of_one_sum(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("simsme.fates.FIRMS_AT_ONCE", 64)
        rng = np.random.default_rng(1)
        days, weight = rng.lognormal(3.0, 1.0, 1001).round(1), rng.lognormal(0.0, 1.0, 1001)
        order = np.argsort(days, kind="stable")
        reached = np.cumsum(weight[order])
        wanted = reached[-1] * np.arange(1, 10) / 10 * (1.0 - 1e-12)
        assert np.array_equal(decile_bounds(days, weight.__getitem__), days[order][np.searchsorted(reached, wanted)])
        assert np.array_equal(decile_bounds(np.array([5.0]), np.ones(1).__getitem__), np.full(9, 5.0))

    @pytest.mark.parametrize("change", ["credit.lgd=0.5", UNCERTAIN])
    def test_a_census_of_firms_that_are_not_held_is_that_of_all(self, change: str) -> None:
        plan = plan_of(2000, change)
        drawn, draws = plan.firms_as_needed(), np.arange(3, dtype=np.uint64)
        assert isinstance(drawn, DrawnFirms)
        here, there = take_census(plan.scenario, plan.policies, drawn, 3), take_census(plan.scenario, plan.policies, drawn.all())
        assert {**vars(here.whole), "group_weight": None} == {**vars(there.whole), "group_weight": None}
        assert np.array_equal(here.whole.group_weight, there.whole.group_weight)
        assert np.array_equal(here.bounds, there.bounds)
        brings = World(plan.scenario, drawn.all(), plan.policies).liquidation_share(draws)
        assert np.array_equal(here.liquidation_share(plan.scenario, draws), brings)
        assert len(brings) == (3 if change == UNCERTAIN else 1)


class TestRuns:
    @pytest.mark.parametrize(("change", "engine"), [("credit.lgd=0.5", "compiled"), (UNCERTAIN, "compiled"), ("seed=3", "numpy")])
    def test_no_bit_depends_on_who_is_held(self, change: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = plan_of(1700, change)
        whole = execute(plan, jobs=1, firms=plan.firms(), engine=engine)
        for block, jobs, lanes in ((512, 2, None), (256, 3, 700), (1024, 1, 1600)):
            monkeypatch.setattr(draw_firms, "BLOCK", block)
            monkeypatch.setattr("simsme.batches.MOST_DRAWS", jobs)
            firms = plan.firms_as_needed()
            assert isinstance(firms, DrawnFirms)
            found = execute(plan, jobs=jobs, lanes=lanes, engine=engine, firms=firms)
            assert found.outcomes.weight == whole.outcomes.weight
            assert found.outcomes.jobs == whole.outcomes.jobs
            of_other = dict(_arrays(found.outcomes))
            assert [name for name, values in _arrays(whole.outcomes) if not np.array_equal(values, of_other[name], equal_nan=True)] == []

    def test_firms_are_held_where_they_act_on_each_other_or_are_few(self) -> None:
        assert isinstance(plan_of(1001).firms_as_needed(), DrawnFirms)
        assert isinstance(plan_of(1000).firms_as_needed(), Firms)
        assert isinstance(plan_of(1001, policies=("guarantee",)).firms_as_needed(), Firms)

    def test_the_command_says_what_it_says_of_firms_that_are_held(self, tmp_path, monkeypatch, capsys) -> None:
        monkeypatch.chdir(tmp_path)
        command = ["run", "three-months", "--policy", "renewal", "--draws", "3", "--json", "--quiet", "--firm-level-as", "csv"]
        command += [part for change in ("population.firms=1300", *SHORT) for part in ("--set", change)]
        said, files = [], []
        for held, out in ((10_000, "held"), (1000, "drawn")):
            monkeypatch.setattr("simsme.plan.HELD_FIRMS", held)
            assert answer([*command, "--out", out]) == 0
            said.append(
                {
                    name: value
                    for name, value in json.loads(capsys.readouterr().out).items()
                    if name not in ("seconds", "firm_weeks_per_second")
                }
            )
            files.append(next((tmp_path / out).glob("*/firms.csv")).read_bytes())
        assert said[0] == said[1]
        assert said[0]["firms"] == 1300
        assert files[0] == files[1]

    def test_parts_that_were_run_elsewhere_make_the_same_run(self, tmp_path, monkeypatch, capsys) -> None:
        monkeypatch.chdir(tmp_path)
        command = ["run", "three-months", "--policy", "renewal", "--draws", "4", "--quiet", "--firm-level-as", "csv"]
        command += [part for change in ("population.firms=1300", *SHORT) for part in ("--set", change)]
        assert answer([*command, "--out", "whole"]) == 0
        for part in ("0:1", "1:4"):
            assert answer([*command, "--batches", part]) == 0
        folders = [str(path) for path in (tmp_path / "results").iterdir()]
        assert answer(["merge", *folders, "--out", "merged", "--quiet", "--firm-level-as", "csv"]) == 0
        for name in ("curves.csv", "groups.csv", "accounts.csv", "draws.csv", "firms.csv"):
            here, there = (next((tmp_path / out).glob(f"*/{name}")).read_bytes() for out in ("whole", "merged"))
            assert here == there, name


class TestBlocks:
    def test_threads_draw_each_block_once_and_see_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan, drawn = plan_of(5000), list[int]()
        firms = plan.firms_as_needed()
        assert isinstance(firms, DrawnFirms)
        blocks = firm_blocks.FirmBlocks(plan.scenario, firms, take_census(plan.scenario, plan.policies, firms))
        draw = blocks._drawn
        monkeypatch.setattr(blocks, "_drawn", lambda number: (drawn.append(number), draw(number))[1])
        seen: list[np.ndarray] = []
        step = threading.Barrier(3)

        def look() -> None:
            keys = []
            for block in blocks:
                keys.append(block.firms.key)
                step.wait()
            seen.append(np.concatenate(keys))

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(drawn) == list(range(10))
        assert len(blocks._blocks) <= firm_blocks.KEPT
        assert all(np.array_equal(keys, firms.key) for keys in seen)

    def test_a_block_that_was_let_go_is_drawn_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(firm_blocks, "KEPT", 2)
        plan = plan_of(3000)
        firms = plan.firms_as_needed()
        assert isinstance(firms, DrawnFirms)
        blocks = firm_blocks.FirmBlocks(plan.scenario, firms, take_census(plan.scenario, plan.policies, firms))
        first, second = (np.concatenate([block.cells for block in blocks]) for _ in range(2))
        assert np.array_equal(first, second)

    def test_who_waits_for_a_block_that_fails_fails_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = plan_of(3000)
        firms = plan.firms_as_needed()
        assert isinstance(firms, DrawnFirms)
        blocks = firm_blocks.FirmBlocks(plan.scenario, firms, take_census(plan.scenario, plan.policies, firms))
        monkeypatch.setattr(blocks, "_drawn", lambda number: 1 / 0)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                next(iter(blocks))


class TestFiles:
    @pytest.mark.parametrize("wanted", ["parquet", "csv", "npz"])
    def test_a_file_that_is_written_in_parts_is_the_same_table(self, wanted: str, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = plan_of(1300, policies=("renewal",), draws=2)
        level = execute(plan, jobs=2, firm_level=True).by_firm
        assert level is not None
        monkeypatch.setattr(firm_level_files, "FIRMS_AT_ONCE", 500)
        path = write_firm_level(tmp_path, level, wanted)
        found = read_firm_level(path)
        assert list(found["firm_id"][:2]) == ["firm-0000001", "firm-0000002"]
        assert found.equals(level.table())
        if wanted == "parquet":
            from pyarrow.parquet import ParquetFile

            groups = ParquetFile(path).metadata
            assert [groups.row_group(number).num_rows for number in range(groups.num_row_groups)] == [500, 500, 300] * 2


class TestBenchmark:
    def test_writes_its_section_where_the_bits_are_the_same_and_nothing_else(self, tmp_path, monkeypatch, capsys) -> None:
        few = large.Task(1200, 2), large.Task(1200, 2, held=True)
        monkeypatch.setattr(large, "SMALL", (large.Task(1100, 2, firm_level=True),))
        monkeypatch.setattr(large, "QUICK_SAME", few)
        monkeypatch.setattr(large, "measure", large.work)
        page = tmp_path / "page.md"
        page.write_text("before\n<!-- begin large runs -->\n<!-- end large runs -->\nafter\n", encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["large.py", "--quick", "--output", str(page)])
        large.main()
        printed = capsys.readouterr().out
        written = page.read_text(encoding="utf-8")
        assert printed.strip() in written
        assert written.startswith("before\n")
        assert written.endswith("after\n")
        assert "| 1,100 | 2 | `renewal`, `--firm-level`, Parquet | 2 |" in printed
        assert "| 1,200 | 2 | `renewal`, every firm held | 2 |" in printed
        work = large.work
        monkeypatch.setattr(large, "measure", lambda task: replace(work(task), fingerprint=str(task.held)))
        with pytest.raises(SystemExit, match="nothing is written"):
            large.main()
        assert page.read_text(encoding="utf-8") == written
