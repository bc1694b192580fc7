"""What happened to each firm: the same as counting by hand, the same bits however a run is cut, the same table from every format."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import simsme
from simsme.cli.application import answer
from simsme.cli.arguments import FirmFormat
from simsme.engine.simulate import CHUNK, Lives, simulate
from simsme.firm_level import TEXTS, FirmLevel
from simsme.firm_level_files import FILES, acceptable_files, chosen_format, read_firm_level, write_firm_level
from simsme.levers import kinds
from simsme.outcomes import CAUSES, CLASSES
from simsme.plan import plan_run
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.results import find_stored
from simsme.runs import Run, execute
from simsme.world import World
from tests.worlds_for_tests import NO_SALES, Size, bare_firm, block_of, in_draws, plan_of, random_world, same_bits, still_world

DAYS = ("28", "63", "91")
HEADLINE = "28"
RENEWAL = Policy(name="renewal", levers=(kinds()["loan_renewal"].model_validate({"kind": "loan_renewal", "take_up": 0.7}),))
LENDING = Policy(name="lending", levers=(kinds()["lending_forbearance"].model_validate({"kind": "lending_forbearance", "take_up": 0.8}),))
BRIDGE = Policy(name="bridge", levers=(kinds()["emergency_relending"].model_validate({"kind": "emergency_relending", "capital": 2e5}),))


def firm_level_of(world: World, jobs: int = 1, lanes: int = 40960) -> FirmLevel:
    run = execute(plan_of(world), jobs=jobs, lanes=lanes, firms=world.firms, firm_level=True)
    assert run.by_firm is not None
    return run.by_firm


@pytest.fixture(scope="module")
def world() -> World:
    """Many things happen in it: firms go for every cause, and policies save, delay and harm."""
    size = Size(firms=60, draws=9, horizon_days=91, report_days=(28, 63))
    changes = {"exit": {"background_rate": {"micro": 0.6, "small": 0.6, "medium": 0.6}}}
    found = random_world(5, size, (RENEWAL, LENDING), changes)
    order = np.random.default_rng(3).permutation(len(found.firms))
    return replace(found, firms=replace(found.firms, order=order))


@pytest.fixture(scope="module")
def run(world: World) -> Run:
    return execute(plan_of(world), jobs=1, firms=world.firms, firm_level=True)


@pytest.fixture(scope="module")
def table(run: Run) -> pd.DataFrame:
    return run.firm_level


@pytest.fixture(scope="module")
def lives(world: World) -> Lives:
    return simulate(block_of(world))


def column(table: pd.DataFrame, name: str, world: World) -> np.ndarray:
    """A column as (policy, firm), firms in canonical order."""
    values = table[name].to_numpy().reshape(len(world.policies), len(world.firms))
    return values[:, world.firms.order]


class TestAgainstCountsByHand:
    def test_something_happens_in_this_world(self, table: pd.DataFrame) -> None:
        for name in ("gone_by_91", "cash_out_by_28", "not_trading_on_63", "reached_by_91", "saved_on_28", "expected_support"):
            assert table[name].max() > 0.0, name
        assert (table["expected_trough"] > 0.0).any()

    def test_shares_by_day(self, world: World, lives: Lives, table: pd.DataFrame) -> None:
        ends = np.array([*(clock.b for clock in world.steps), np.inf])
        for position, day in enumerate(DAYS):
            expected = {
                f"gone_by_{day}": ends[lives.exit_step] <= float(day),
                f"cash_out_by_{day}": ends[lives.cash_out_step] <= float(day),
                f"reached_by_{day}": ends[lives.reached_step] <= float(day),
                f"not_trading_on_{day}": ~lives.trades[:, position],
            }
            for name, flags in expected.items():
                assert column(table, name, world) == pytest.approx(flags.mean(axis=1), abs=1e-15), name
            runway = (world.runway_days(np.arange(9, dtype=np.uint64)) <= float(day)).mean(axis=0)
            for policy in range(3):
                assert column(table, f"runway_out_by_{day}", world)[policy] == pytest.approx(runway, abs=1e-15)

    def test_causes(self, world: World, lives: Lives, table: pd.DataFrame) -> None:
        for position, cause in enumerate(CAUSES):
            expected = (lives.cause == position + 1).mean(axis=1)
            assert column(table, f"gone_{cause}_by_91", world) == pytest.approx(expected, abs=1e-15)
        total = table[[f"gone_{cause}_by_91" for cause in CAUSES]].sum(axis=1)
        assert total.to_numpy() == pytest.approx(table["gone_by_91"].to_numpy(), abs=1e-12)

    def test_classes(self, world: World, lives: Lives, table: pd.DataFrame) -> None:
        number = [clock.b for clock in world.steps].index(28.0)
        gone = lives.exit_step <= number
        saved = (~gone & gone[0]).mean(axis=1)
        later = (gone & gone[0] & (lives.exit_step > lives.exit_step[0])).mean(axis=1)
        assert column(table, "saved_on_28", world) == pytest.approx(saved, abs=1e-15)
        assert column(table, "delayed_on_28", world) == pytest.approx(later, abs=1e-15)
        total = table[[f"{fate}_on_28" for fate in CLASSES]].sum(axis=1)
        assert total.to_numpy() == pytest.approx(np.ones(len(table)), abs=1e-12)
        reference = table[table["policy"] == "none"]
        assert (reference["always_on_28"] + reference["lost_on_28"]).to_numpy() == pytest.approx(np.ones(60), abs=1e-12)

    def test_medians(self, world: World, lives: Lives, table: pd.DataFrame) -> None:
        ends = np.array([*(clock.b for clock in world.steps), np.inf])
        for name, steps in (("median_cash_out_day", lives.cash_out_step), ("median_exit_day", lives.exit_step)):
            # of nine draws half have had the event with the fifth
            fifth = np.sort(ends[steps], axis=1)[:, 4]
            assert np.isfinite(fifth).any() and np.isinf(fifth).any()
            assert np.array_equal(column(table, name, world), np.where(np.isinf(fifth), np.nan, fifth), equal_nan=True)

    def test_money(self, world: World, lives: Lives, table: pd.DataFrame) -> None:
        size = world.firms.sales + world.firms.cash + world.firms.loan
        for name, money in (("expected_trough", lives.trough), ("expected_support", lives.support[:, -1])):
            gap = np.abs(column(table, name, world) - money.mean(axis=1)) / size
            assert gap.max() < 1e-9

    def test_half_of_an_even_number_is_half(self) -> None:
        world = in_draws(still_world([bare_firm("a", rent=73_000.0, cash=2_000.0)], shock=NO_SALES), 4)
        (row,) = firm_level_of(world).table().to_dict("records")
        assert row["median_cash_out_day"] == row["median_cash_out_day"] <= 91.0
        level = firm_level_of(world)
        level.cash_out[:] = 0
        level.cash_out[0, 2], level.cash_out[0, 7], level.cash_out[0, -1] = 2, 1, 1
        assert level.table()["median_cash_out_day"].tolist() == [21.0]
        level.cash_out[0, 2], level.cash_out[0, 7], level.cash_out[0, -1] = 1, 0, 3
        assert level.table()["median_cash_out_day"].isna().all()


def test_weighted_means_are_those_of_the_outcomes(run: Run, world: World, table: pd.DataFrame) -> None:
    outcomes = run.outcomes
    weight = world.firms.weight / world.firms.weight.sum()
    names = {"cash": "cash_out_by", "open": "not_trading_on", "exit": "gone_by", "runway": "runway_out_by"}
    for endpoint, name in names.items():
        for day in DAYS:
            curve = outcomes.endpoint(endpoint)[:, :, outcomes.day_index(float(day))].mean(axis=1)
            assert 1.0 - column(table, f"{name}_{day}", world) @ weight == pytest.approx(curve, abs=1e-12)
    for name in ("reached", *CLASSES):
        on_28 = column(table, f"{name}_{'by' if name == 'reached' else 'on'}_{HEADLINE}", world) @ weight
        assert on_28 == pytest.approx(outcomes.report[name][:, :, outcomes.report_index()].mean(axis=1), abs=1e-12)
    for cause in CAUSES:
        at_end = outcomes.report[cause][:, :, -1].mean(axis=1)
        assert column(table, f"gone_{cause}_by_91", world) @ weight == pytest.approx(at_end, abs=1e-12)


class TestBits:
    @pytest.mark.parametrize("policies", [(RENEWAL, LENDING), (BRIDGE,)], ids=["no-fund", "fund"])
    def test_neither_workers_nor_blocks_change_any(self, policies: tuple[Policy, ...]) -> None:
        world = random_world(11, Size(firms=CHUNK + 44, draws=7, horizon_days=28), policies)
        whole = firm_level_of(world)
        counted = [name for name, values in vars(whole).items() if isinstance(values, np.ndarray)]
        for jobs, lanes in ((2, 40960), (1, CHUNK), (2, 3 * CHUNK)):
            other = firm_level_of(world, jobs, lanes)
            assert [name for name in counted if not same_bits(getattr(whole, name), getattr(other, name))] == []
            for left, right in zip(whole.parts(), other.parts(), strict=True):
                numbers = [name for name in left if name not in TEXTS]
                assert [name for name in numbers if not same_bits(left[name], right[name])] == []

    def test_counting_changes_no_outcome(self, run: Run, world: World) -> None:
        bare = execute(plan_of(world), jobs=1, firms=world.firms)
        assert bare.by_firm is None
        assert same_bits(bare.outcomes.survival["exit"], run.outcomes.survival["exit"])
        with pytest.raises(ValueError, match="firm_level=True"):
            _ = bare.firm_level

    @pytest.mark.parametrize(("draws", "bytes_of_a_count"), [(200, 1), (1000, 2), (100_000, 4)])
    def test_memory_does_not_grow_with_the_draws(self, world: World, draws: int, bytes_of_a_count: int) -> None:
        level = FirmLevel.of(in_draws(world, draws).scenario, world.policies, world.firms)
        steps, reports, firms, policies = len(level.ends), len(level.reported), len(level.firms), len(level.policies)
        per_policy = bytes_of_a_count * (2 * (steps + 1) + 2 * reports + 10) + 16
        own = [values for name, values in vars(level).items() if isinstance(values, np.ndarray) and name not in ("ends", "money_unit")]
        assert sum(values.nbytes for values in own) == firms * (policies * per_policy + bytes_of_a_count * reports)

    def test_sums_of_the_largest_run_fit(self, world: World, lives: Lives) -> None:
        level = FirmLevel.of(in_draws(world, 1_000_000).scenario, world.policies, world.firms)
        largest = level._units(np.full((1, len(level.firms)), np.inf))
        assert (largest == 2**42).all()
        assert int(largest.max()) * 1_000_000 < 2**63
        assert (np.abs(level._units(lives.trough[0])) < 2**42 * lives.trough.shape[1]).all()


AWKWARD = ("=1+1", "+48 123", "-5", "@home", "'=quoted", "''", "NA", "007", 'a,"b"', "żółw 小微", "1e5", "true", "", "firm")


@pytest.fixture(scope="module")
def awkward(world: World) -> FirmLevel:
    """Firms with names that break tables, in an order of the user's own."""
    level = firm_level_of(in_draws(world, 2))
    ids = tuple(AWKWARD[number] if number < len(AWKWARD) else f"firm {number}" for number in range(len(level.firms)))
    names = ("=SUM(A1)", *level.firms.industry_names[1:])
    return replace(level, firms=replace(level.firms, ids=ids, industry_names=names))


class TestFiles:
    @pytest.mark.parametrize("chosen", FILES)
    def test_all_formats_read_back_alike(self, awkward: FirmLevel, tmp_path: Path, chosen: str) -> None:
        path = write_firm_level(tmp_path, awkward, chosen)
        assert path == tmp_path / FILES[chosen]
        expected = awkward.table()
        for place in (path, str(path), tmp_path):
            pd.testing.assert_frame_equal(read_firm_level(place), expected, check_exact=True)
        again = path.read_bytes()
        write_firm_level(tmp_path, awkward, chosen)
        assert path.read_bytes() == again

    def test_what_pandas_and_numpy_read_without_us(self, awkward: FirmLevel, tmp_path: Path) -> None:
        expected = awkward.table()
        parquet = pd.read_parquet(write_firm_level(tmp_path, awkward, "parquet"))
        pd.testing.assert_frame_equal(parquet, expected, check_dtype=False)
        with np.load(write_firm_level(tmp_path, awkward, "npz")) as file:
            pd.testing.assert_frame_equal(pd.DataFrame(dict(file)), expected, check_dtype=False)

    def test_no_cell_of_a_csv_is_a_formula(self, awkward: FirmLevel, tmp_path: Path) -> None:
        path = write_firm_level(tmp_path, awkward, "csv")
        plain = pd.read_csv(path, dtype=str, keep_default_na=False)
        texts = plain[list(TEXTS)].to_numpy().ravel()
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
        assert {"'=1+1", "'-5", "''=quoted", "''", "007"} <= set(plain["firm_id"])
        assert "'=SUM(A1)" in set(plain["industry"])
        assert b"\r" not in path.read_bytes()
        assert (plain.loc[plain["median_exit_day"] == "", "gone_by_91"].astype(float) < 0.5).all()

    def test_rows_and_columns(self, awkward: FirmLevel) -> None:
        table = awkward.table()
        firms = awkward.firms
        assert table["policy"].tolist() == [policy for policy in awkward.policies for _ in range(len(firms))]
        by_order = [firms.ids[row] for row in np.argsort(firms.order)]
        assert table["firm_id"].tolist() == by_order * len(awkward.policies)
        assert (table["draws"] == 2).all()
        assert all(name.replace("_", "").isalnum() and name == name.lower() for name in table.columns)
        assert len(table.columns) == 6 + 5 * len(DAYS) + len(CAUSES) + len(CLASSES) + 4

    def test_formats(self, monkeypatch: pytest.MonkeyPatch, awkward: FirmLevel, tmp_path: Path) -> None:
        assert set(FILES) == {str(value) for value in FirmFormat}
        assert chosen_format() == "parquet"
        assert acceptable_files() == tuple(FILES.values())
        assert acceptable_files("csv") == ("firms.csv",)
        with pytest.raises(InputError, match='no format is called "xls"; there is parquet, npz, csv'):
            chosen_format("xls")
        parquet = write_firm_level(tmp_path, awkward)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert chosen_format() == "npz"
        for attempt in (lambda: chosen_format("parquet"), lambda: read_firm_level(parquet)):
            with pytest.raises(InputError, match=r"needs the extra parquet: pip install 'simsme\[parquet\]'"):
                attempt()

    def test_refusals_of_the_reader(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="holds none of firms.parquet, firms.npz, firms.csv; run again with --firm-level"):
            read_firm_level(tmp_path)
        with pytest.raises(InputError, match="nowhere.csv: is not there"):
            read_firm_level(tmp_path / "nowhere.csv")
        for name in ("firms.npz", "firms.parquet", "firms.csv"):
            (tmp_path / name).write_bytes(b"")
            with pytest.raises(InputError, match=f"{name}: cannot be read: "):
                read_firm_level(tmp_path / name)
        (tmp_path / "other.csv").write_text("policy,day\nnone,91\n")
        with pytest.raises(InputError, match="is not a table of firms: it has no firm_id, industry, size, weight, draws"):
            read_firm_level(tmp_path / "other.csv")
        (tmp_path / "firms.xlsx").write_bytes(b"")
        with pytest.raises(InputError, match=r"is none of \*.parquet, \*.npz, \*.csv"):
            read_firm_level(tmp_path / "firms.xlsx")


SHORT = ("time.horizon_days=91", "time.report_days=[]")


def test_firms_come_in_the_order_of_the_users_file(tmp_path: Path) -> None:
    names = ["zebra", "ant", "mole", "yak"]
    (tmp_path / "own.csv").write_text("\n".join(["firm_id,sales,cash", *(f"{name},{len(name)}e5,100" for name in names)]))
    plan = plan_run("three-months", firms=tmp_path / "own.csv", draws=1, policies=["none"], overrides=SHORT)
    firms = plan.firms()
    assert list(firms.ids) != names, "canonical order is another one here"
    assert execute(plan, firms=firms, firm_level=True).firm_level["firm_id"].tolist() == names


QUICK = ("--draws", "3", "--set", "time.horizon_days=56", "--set", "time.report_days=[28]", "--set", "time.headline_day=28")
OWN = """firm_id,sales,cash,industry,rent
-7,1000000,20000,retail,100000
b,500000,800000,catering,50000
a,300000,100,services,90000
"""


class TestRuns:
    def test_the_command(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """From a file of firms to a file of what happened to them; what is stored is reused where it holds what is asked for."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("simsme.plots.write_figures", lambda *_: None)
        (tmp_path / "own.csv").write_text(OWN, encoding="utf-8")

        def ran(*more: str) -> tuple[dict[str, object], str]:
            assert answer(["run", "three-months", "--firms", "own.csv", *QUICK, "--json", *more]) == 0
            said = capsys.readouterr()
            return json.loads(said.out), said.err

        summary, err = ran()
        (folder,) = (tmp_path / "results").iterdir()
        assert "each firm" not in err
        assert not [name for name in FILES.values() if (folder / name).exists()]

        _, err = ran("--firm-level")
        assert "was stored" not in err
        assert f"What happened to each firm is in {Path('results') / folder.name / 'firms.parquet'}, one row a firm and policy." in err
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert "firms.parquet" in manifest["files"] and manifest["draws"] == 3
        table = simsme.read_firm_level(folder)
        assert table["firm_id"].tolist()[:3] == ["-7", "b", "a"]
        exit_by_day = {entry["policy"]: entry["survival"]["exit"]["mean"] for entry in summary["policies"]}  # type: ignore[attr-defined]
        for policy, rows in table.groupby("policy"):
            assert 1.0 - rows["gone_by_28"].mean() == pytest.approx(exit_by_day[policy], abs=1e-12)

        for again in (("--firm-level",), ("--firm-level-as", "parquet"), ()):
            _, err = ran(*again)
            assert "was stored" in err
            assert ("firms.parquet" in err) == bool(again)

        _, err = ran("--firm-level-as", "csv")
        assert "was stored" not in err and "firms.csv" in err
        assert (folder / "firms.csv").read_text(encoding="utf-8").splitlines()[1].startswith("none,'-7,retail,")
        pd.testing.assert_frame_equal(simsme.read_firm_level(folder), table)
        _, err = ran("--firm-level")
        assert "was stored" in err and "firms.csv" in err
        digest = str(summary["digest"])
        assert find_stored(folder, digest, ("firms.csv",)) is not None
        (folder / "firms.csv").write_text("damaged")
        assert find_stored(folder, digest) is None

    def test_refusals(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.chdir(tmp_path)
        assert answer(["run", "three-months", "--firm-level-as", "xls"]) == 2
        assert "'xls' is not one of 'parquet', 'npz', 'csv'" in capsys.readouterr().err
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert answer(["run", "three-months", "--firm-level-as", "parquet"]) == 2
        assert "needs the extra parquet" in capsys.readouterr().err
        assert not list(tmp_path.iterdir())

    def test_python(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("simsme.plots.write_figures", lambda *_: None)
        out = simsme.run("three-months", draws=2, overrides=["population.firms=30", *SHORT], firm_level=True)
        place = out.save(tmp_path, firm_format="npz")
        pd.testing.assert_frame_equal(simsme.read_firm_level(place), out.firm_level)
        with pytest.raises(InputError, match="no format"):
            out.save(tmp_path, firm_format="ods")
        assert [path.name for path in tmp_path.iterdir()] == [place.name]
