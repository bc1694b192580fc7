"""A portfolio: scores that are those of every other run, losses that add up, concentration whose answer is known."""

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from simsme.cli.application import answer
from simsme.intervals import quantile_ranks, share_interval
from simsme.plan import plan_run
from simsme.plots.loss_concentration import draw_industries, draw_largest_losses
from simsme.portfolio.answer import Portfolio, score, score_portfolio, with_levers
from simsme.portfolio.best_levers import of_levers
from simsme.portfolio.by_draw import ByDraw
from simsme.portfolio.concentration import concentration_of, herfindahl
from simsme.portfolio.errors import error_of_money, losses_by_draw
from simsme.portfolio.files import write_portfolio
from simsme.portfolio.scores import OF_REFERENCE, Scores
from simsme.portfolio.table_format import TableFormat
from simsme.provenance import Provenance
from simsme.runs import execute

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import portfolio as measuring

DRAWS, SHORT = 60, ["time.horizon_days=182", "time.report_days=[91, 182]"]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("firms") / "firms.csv"
    plan = plan_run("three-months", overrides=["population.firms=100"])
    plan.firms().frame().assign(weight=1.0).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def found(file) -> Portfolio:
    return score_portfolio(file, guarantee_share=0.8, draws=DRAWS, overrides=SHORT)


@pytest.fixture(scope="module")
def level(file) -> pd.DataFrame:
    """What ``simsme run --firm-level`` makes of the same firms under the policies of the scenario."""
    return execute(plan_run("three-months", firms=file, draws=DRAWS, overrides=SHORT), firm_level=True).firm_level


def test_scores_are_those_of_a_run_to_the_bit(found, level):
    ours = pd.DataFrame(dict(found.scores.columns)).set_index("firm_id")
    theirs = level[level["policy"] == "none"].set_index("firm_id").loc[ours.index]
    compared = [name for name in theirs.columns if name.startswith(OF_REFERENCE)]
    assert {"cash_out_by_91", "gone_by_182", "not_trading_on_91", "median_cash_out_day", "expected_trough"} <= set(compared)
    for name in compared:
        assert np.array_equal(ours[name].to_numpy(), theirs[name].to_numpy(), equal_nan=True), name
    assert (ours["chance_gone"] == theirs["gone_by_182"]).all()


def test_a_levers_gain_is_that_of_the_policy_that_gives_it_to_all(found, level):
    """three-months has renewal for all as a policy of its own."""
    ours = pd.DataFrame(dict(found.scores.columns)).set_index("firm_id")
    theirs = level[level["policy"] == "renewal-for-all"].set_index("firm_id").loc[ours.index]
    assert np.array_equal(ours["gain_loan_renewal"], theirs["saved_on_91"] - theirs["harmed_on_91"])
    assert theirs["saved_on_91"].sum() > 0.0


def test_the_highest_risk_comes_first(found):
    gone = found.scores.columns["chance_gone"]
    assert (np.diff(gone) <= 0.0).all() and gone[0] > 0.0
    assert found.scores.columns["rank"].tolist() == list(range(1, 101))


def test_losses_add_up(found, file):
    columns = found.scores.columns
    loans = pd.read_csv(file).set_index("firm_id")["loan"]
    assert np.array_equal(columns["loan"], loans.loc[list(columns["firm_id"])].to_numpy()) and (columns["loan"] > 0.0).any()
    assert found.loss_given_default == 0.55
    assert np.allclose(columns["expected_loss"], columns["chance_gone"] * 0.55 * columns["loan"])
    assert np.allclose(columns["expected_loss_guarantor"] + columns["expected_loss_bank"], columns["expected_loss"])
    told = found.json()
    # draw by draw they add up to the same, and the error is that of these sums
    of_draws = losses_by_draw(found.by_draw, found.losses_given_default).sum(axis=1)
    assert of_draws.mean() == pytest.approx(told["expected_loss"]["all"], rel=1e-12)
    assert told["expected_loss_error"]["all"] == pytest.approx(of_draws.std(ddof=1) / np.sqrt(DRAWS))
    assert told["expected_loss_error"]["bank"] == pytest.approx(0.2 * told["expected_loss_error"]["all"])
    assert told["expected_loss"]["guarantor"] == pytest.approx(0.8 * columns["expected_loss"].sum())
    assert told["losses_of_draws"]["mean"] == pytest.approx(found.bank_losses.mean())
    assert len(found.bank_losses) == DRAWS and (found.bank_losses >= 0.0).all()


def test_the_best_lever_is_the_one_with_the_largest_gain(found):
    columns = found.scores.columns
    gains = np.stack([columns[f"gain_{lever}"] for lever in found.scores.levers])
    assert np.array_equal(columns["best_gain"], gains.max(axis=0))
    told = columns["saved_by_lever"]
    assert np.array_equal(told, columns["best_gain_low"] > 0.0) and told.any() and not told.all()
    assert (columns["best_gain"][told] >= 6 / DRAWS - 1e-12).all()
    assert all((lever in found.scores.levers) == saved for lever, saved in zip(columns["best_lever"], told, strict=True))


def of_one_lever(saved: int, harmed: int, draws: int) -> dict[str, np.ndarray]:
    counts, money = (np.array([[count]]) for count in (saved, harmed)), np.zeros((1, 1))
    return of_levers(*counts, draws, ["a"], money, money)


def test_the_error_of_a_gain_is_paired():
    """Of 100 draws 30 save the firm and 10 harm it."""
    columns = of_one_lever(30, 10, 100)
    by_draw = np.array([1.0] * 30 + [-1.0] * 10 + [0.0] * 60)
    assert columns["best_gain"] == pytest.approx(by_draw.mean())
    assert columns["best_gain_error"] == pytest.approx(by_draw.std() / 10.0)
    assert columns["best_lever"] == ["a"]


@pytest.mark.parametrize(("saved", "draws", "named"), [(4, 4, ""), (5, 5, ""), (6, 6, "a"), (5, 500, ""), (6, 500, "a"), (0, 500, "")])
def test_few_draws_make_nothing_sure(saved, draws, named):
    columns = of_one_lever(saved, 0, draws)
    assert columns["best_lever"] == [named]
    assert (columns["best_gain_low"] > 0.0) == bool(named) and columns["best_gain_high"] > columns["best_gain"] - 1e-12


def test_firms_saved_are_the_sum_of_gains(found):
    for row in found.json()["levers"]:
        total = (found.scores.columns["weight"] * found.scores.columns[f"gain_{row['lever']}"]).sum()
        assert row["firms_saved"] == pytest.approx(total, abs=1e-9)
        assert row["mc_error"] >= 0.0


def test_concentration_of_known_losses():
    assert herfindahl(np.full(4, 7.0)) == pytest.approx(0.25)
    assert herfindahl(np.array([3.0, 0.0])) == 1.0
    assert herfindahl(np.zeros(3)) is None
    loans = np.repeat([9.0, 1.0], 10)
    columns = {
        "firm_id": np.array([f"f{n}" for n in range(20)], dtype=object),
        "industry": np.array(["a"] * 10 + ["b"] * 10, dtype=object),
        "weight": np.ones(20),
        "expected_loss": loans,
        "loan": loans,
    }
    by_draw = counted(np.ones((4, 20), dtype=bool), loans, np.repeat([0, 1], 10))
    told = concentration_of(Scores(columns, ()), by_draw, losses_by_draw(by_draw, np.ones(1)))
    assert told["by_firm"]["top_10_share"] == pytest.approx(0.9)
    assert told["by_industry"]["herfindahl"] == pytest.approx(0.82)
    assert [row["industry"] for row in told["by_industry"]["industries"]] == ["a", "b"]
    # every draw says the same
    assert told["by_firm"]["herfindahl_error"] == told["by_industry"]["herfindahl_error"] == pytest.approx(0.0)


# ---------------------------------------------------------------------------------------------------------------------------------- errors


def counted(gone: np.ndarray, loans: np.ndarray, industry: np.ndarray) -> ByDraw:
    """What :class:`ByDraw` counts of firms of weight 1 in two industries, none of which has a lever; gone is (d, n)."""
    draws, parts = len(gone), min(len(gone), 20)
    by_part = np.array([gone[part::parts].sum(axis=0) for part in range(parts)], dtype=np.uint8)
    by_industry = np.array([[(loans * here)[industry == number].sum() for number in (0, 1)] for here in gone])
    nothing, none = np.zeros((0, parts, len(loans)), dtype=np.uint8), np.zeros((2, len(loans)), dtype=np.int64)
    assert by_industry.shape == (draws, 2)
    return ByDraw(
        weight=np.ones(len(loans)), owed=loans, industry=industry, industry_names=("a", "b"), levers=(), reference=0, day_step=0,
        headline_step=0, unit=np.ones(len(loans)), most=1e9, loans_gone=by_industry, gone=by_part, saved=nothing, harmed=nothing,
        trough=none, support=np.zeros((0, 2, len(loans)), dtype=np.int64),
    )  # fmt: skip


def scores_of(by_draw: ByDraw) -> Scores:
    industry = np.array(by_draw.industry_names, dtype=object)[by_draw.industry]
    chance = by_draw.gone.sum(axis=0) / by_draw.draws
    columns = {"industry": industry, "weight": by_draw.weight, "loan": by_draw.owed, "expected_loss": chance * by_draw.owed}
    return Scores(columns, ())


def test_errors_of_totals_are_the_spread_of_repeated_portfolios():
    """Firms that share the luck of a draw: errors tell how far totals and concentration are apart when all is drawn again."""
    luck, loans, industry = np.random.default_rng(5), np.geomspace(1.0, 30.0, 24), np.arange(24) % 2
    found, errors = [], []
    for _ in range(200):
        common = luck.uniform(0.0, 0.6, size=(80, 2))
        by_draw = counted(luck.uniform(size=(80, 24)) < common[:, industry], loans, industry)
        losses = losses_by_draw(by_draw, np.ones(1))
        told = concentration_of(scores_of(by_draw), by_draw, losses)
        rows = {row["industry"]: row for row in told["by_industry"]["industries"]}
        places = (
            (rows["a"], "expected_loss"),
            (rows["a"], "share_of_loss"),
            (told["by_firm"], "herfindahl"),
            (told["by_firm"], "top_10_share"),
        )
        found.append([of[name] for of, name in places])
        errors.append([of[f"{name}_error"] for of, name in places])
    spread = np.std(found, axis=0, ddof=1)
    assert np.sqrt(np.square(errors).mean(axis=0)) == pytest.approx(spread, rel=0.2)
    # as if firms had nothing in common: too small
    alone = np.sqrt((loans**2 * 0.3 * 0.7)[industry == 0].sum() / 80)
    assert alone < 0.75 * spread[0]


def test_an_unsure_loss_given_default_adds_to_the_error():
    by_draw = counted(np.ones((50, 2), dtype=bool), np.ones(2), np.zeros(2, dtype=np.int64))
    lost = np.random.default_rng(0).uniform(0.3, 0.7, 50)
    losses = losses_by_draw(by_draw, lost).sum(axis=1)
    assert losses.mean() == pytest.approx(2.0 * lost.mean()) and losses.std() == pytest.approx(2.0 * lost.std())


def test_the_error_of_mean_money_is_that_of_its_draws():
    units = np.random.default_rng(1).integers(-(2**26), 2**26, size=(200, 3))
    units[:, 2] = 2**26
    error = error_of_money(np.stack([units.sum(axis=0), (units**2).sum(axis=0)]), np.full(3, 0.25), 200)
    assert error == pytest.approx(0.25 * units.std(axis=0, ddof=1) / np.sqrt(200)) and error[2] == 0.0


def test_scores_have_errors_and_intervals(found, level):
    columns, theirs = found.scores.columns, level[level["policy"] == "none"].set_index("firm_id")
    low, high = share_interval(columns["chance_gone"], DRAWS)
    assert np.array_equal(columns["chance_gone_low"], low) and np.array_equal(columns["chance_gone_high"], high)
    assert (columns["expected_loss_high"][columns["loan"] > 0.0] > 0.0).all()
    assert (columns["expected_trough_error"] >= 0.0).all() and (columns["expected_trough_error"] > 0.0).any()
    for name in ("median_cash_out_day", "median_exit_day"):
        middle = np.nan_to_num(theirs[name].loc[list(columns["firm_id"])].to_numpy(), nan=np.inf)
        assert (columns[f"{name}_low"][np.isfinite(middle)] <= middle[np.isfinite(middle)]).all()
        assert (np.nan_to_num(columns[f"{name}_high"], nan=np.inf) >= middle).all()
    told = found.losses_of_draws()
    ordered, ranks = np.sort(found.bank_losses), quantile_ranks(0.5, DRAWS)
    assert (told["p50_low"], told["p50_high"]) == (ordered[ranks.low - 1], ordered[ranks.high - 1])
    assert told["p99_high"] is None and found.json()["saved_by_one_lever_error"] >= 0.0


def test_without_levers_only_the_reference_runs(file):
    plan = with_levers(plan_run("three-months", firms=file, draws=2, overrides=SHORT), levers=False)
    assert [policy.name for policy in plan.policies] == ["none"]
    found = score(plan)
    assert found.scores.levers == () and "best_lever" not in found.scores.columns
    assert found.json()["saved_by_one_lever"] is None


def test_threads_change_no_score(file, found):
    plan = with_levers(plan_run("three-months", firms=file, draws=DRAWS, overrides=SHORT))
    again = score(plan, guarantee_share=0.8, jobs=1)
    assert again.json(top=0) == found.json(top=0)
    for name, values in found.scores.columns.items():
        same = again.scores.columns[name]
        assert np.array_equal(values, same, equal_nan=values.dtype.kind == "f"), name


# -------------------------------------------------------------------------------------------------------------------- files and command


@pytest.mark.parametrize("kind", list(TableFormat))
def test_files_hold_every_firm(found, tmp_path, kind, monkeypatch):
    monkeypatch.setattr("simsme.portfolio.files.ROWS_AT_ONCE", 7)
    where = Provenance(scenario="three-months", digest="d", seed=0, draws=DRAWS, policies=("none",))
    table, *_, summary = write_portfolio(tmp_path / "scores", found, where, kind)
    read = pd.read_csv(table) if kind is TableFormat.CSV else pd.read_parquet(table)
    assert list(read.columns) == list(found.scores.columns) and len(read) == 100
    for name in ("chance_gone", "expected_loss", "median_exit_day", "best_gain"):
        assert np.array_equal(read[name].to_numpy(dtype=float), found.scores.columns[name], equal_nan=True), name
    told = json.loads(summary.read_text(encoding="utf-8"))
    assert "firms" not in told and told["provenance"]["draws"] == DRAWS


def test_a_name_that_looks_like_a_formula_is_guarded(found, tmp_path):
    columns = dict(found.scores.columns)
    columns["firm_id"] = np.array(["=1+1", *columns["firm_id"][1:]], dtype=object)
    where = Provenance(scenario="three-months", digest="d", seed=0, draws=DRAWS, policies=("none",))
    spoilt = replace(found, scores=Scores(columns, found.scores.levers))
    table = write_portfolio(tmp_path / "scores", spoilt, where)[0]
    with table.open(encoding="utf-8", newline="") as text:
        assert next(csv.DictReader(text))["firm_id"] == "'=1+1"


QUICK = ("--draws", "4", *(word for pair in SHORT for word in ("--set", pair)))


def test_the_command_prints_and_writes(file, tmp_path, capsys):
    place = tmp_path / "scores"
    assert answer(["portfolio", str(file), *QUICK, "--guarantee-share", "0.8", "--top", "5", "--out", str(place)]) == 0
    said = capsys.readouterr()
    assert "The 5 firms at the highest risk of 100" in said.out
    assert "the guarantor bears" in said.out and "Herfindahl" in said.out and "loan_renewal" in said.out
    assert {path.name for path in place.iterdir()} == {"portfolio.csv", "portfolio.json", "portfolio.png", "portfolio.svg"}
    assert answer(["portfolio", str(file), *QUICK, "--out", str(place)]) == 2
    assert "--force writes over it" in capsys.readouterr().err


def test_json_of_the_command(file, capsys):
    assert answer(["portfolio", str(file), *QUICK, "--json", "--quiet", "--top", "3"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["firms"]) == 3 and told["firms_in_all"] == 100
    assert {"chance_gone", "mc_error", "expected_loss", "expected_loss_error", "best_lever", "best_gain_low"} <= told["firms"][0].keys()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--guarantee-share", "80"], "--guarantee-share 80: is outside the allowed range, 0 to 1"),
        (["--day", "100"], "--day 100: is not reported"),
        (["--draws", "0"], "--draws 0"),
    ],
)
def test_mistakes(file, arguments, says, capsys):
    assert answer(["portfolio", str(file), *(QUICK if "--draws" not in arguments else ()), *arguments]) == 2
    said = capsys.readouterr()
    assert says in said.err and said.out == ""


def test_a_file_with_faults(tmp_path, capsys):
    file = tmp_path / "bad.csv"
    file.write_text("firm_id,sales,cash\na,-5,10\nb,10,x\n", encoding="utf-8")
    assert answer(["portfolio", str(file), *QUICK]) == 2
    said = capsys.readouterr().err
    assert "row 2" in said and "row 3" in said


def test_the_figure_shows_shares(found):
    axes = Figure().add_subplot()
    draw_largest_losses(axes, np.array([8.0, 1.0, 1.0, 0.0]))
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([0.0, 0.8, 0.9, 1.0, 1.0])
    assert [text.get_text() for text in axes.texts] == ["half of it: 1 firm of 4"]
    axes = Figure().add_subplot()
    draw_industries(axes, {"a": 0.25, "b": 0.75}, {"b": 0.5, "a": 0.5}, {"a": 0.1, "b": 0.2})
    whiskers, _, bars = axes.containers
    assert [bar.get_width() for bar in bars] == [0.75, 0.25]
    assert [np.ptp(line[:, 0]) for line in whiskers[2][0].get_segments()] == pytest.approx([0.4, 0.2])
    # nobody owes anything: a figure all the same
    draw_largest_losses(Figure().add_subplot(), np.zeros(3))


# ------------------------------------------------------------------------------------------------------------------------- the benchmark


def test_the_benchmark_measures_six_policies_and_says_what_it_reckoned(tmp_path):
    plan = with_levers(plan_run("three-months", draws=2, overrides=measuring.overrides()))
    assert [policy.name for policy in plan.policies] == ["none", *measuring.LEVERS]
    assert plan.scenario.time.horizon_days == 91
    assert measuring.FULL.whole.firm_weeks == 100_000 * 500 * 13 * 6
    seconds = {"compiled": 1.0, "numpy": 10.0}
    parts = {engine: measuring.Measured(0.1, took, 0.1, 200.0, "same") for engine, took in seconds.items()}
    told = " ".join(
        measuring.section(measuring.FULL, "python benchmarks/portfolio.py", measuring.Measured(9.0, 200.0, 3.0, 900.0, "x"), parts)
    )
    assert "10.0 times as fast" in told and "19.5 |" in told and "reckoned, not measured" in told


def test_the_benchmark_scores_a_file(tmp_path):
    file = tmp_path / "firms.csv"
    measuring.draw_file(file, 30)
    found = measuring.work(file, measuring.Task(30, 2, "numpy", 1))
    assert found.scoring > 0.0 and len(found.fingerprint) == 64
