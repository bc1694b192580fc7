"""One firm: the same luck for every variant, a sheet that adds up, needs whose answer is known, and an owner who makes mistakes."""

import json
import math
from dataclasses import replace
from datetime import date

import matplotlib as mpl
import numpy as np
import pytest
from openpyxl import load_workbook
from PIL import Image

import simsme
from simsme import cash_sheet as sheets
from simsme.cli.application import answer
from simsme.engine.accounts import ENTRIES
from simsme.plan import plan_run
from simsme.plots.cash_fan import plot_cash_fan
from simsme.population import Population
from simsme.problems import InputError
from simsme.runs import execute
from simsme.runway import lives as living
from simsme.runway.ample_levers import given_to_all
from simsme.runway.answer import answer_all, find_runway
from simsme.runway.answers import check_answers
from simsme.runway.case import case_of_owner, case_of_row, plan_for_one, population_of
from simsme.runway.chances import Chances, share
from simsme.runway.helps import GIVEN_ITEMS
from simsme.runway.lives import AS_IT_IS, Variant, live_variants
from simsme.runway.measures import one_lever_policies, own_measures
from simsme.runway.needs import crossing, latest_days
from simsme.runway.own_firm import own_firm

mpl.use("Agg")

DRAWS = 24
CATERER = {
    "cash": 60_000,
    "sales": 3_000_000,
    "payroll": 500_000,
    "rent": 300_000,
    "industry": "catering",
    "loan": 400_000,
    "loan_due_day": 45,
}


def case_of(firm=CATERER, scenario="three-months", draws=DRAWS, overrides=()):
    plan = plan_for_one(scenario, draws=draws, overrides=overrides)
    population = population_of(plan)
    return case_of_owner(plan, own_firm(check_answers(firm, str, population), population))


@pytest.fixture(scope="module")
def caterer():
    return case_of()


@pytest.fixture(scope="module")
def found(caterer):
    return answer_all(caterer)


# ------------------------------------------------------------------------------------------------------------------------------- luck


def test_a_variant_shares_all_luck_with_the_firm(caterer):
    """Same firm twice, with another in between: not a bit differs, and the other one does not disturb."""
    alone = live_variants(caterer, [AS_IT_IS], weeks=13)
    three = live_variants(caterer, [AS_IT_IS, Variant({"cash": 90_000.0}, own_books=True), AS_IT_IS], weeks=13)
    for place in (0, 2):
        assert np.array_equal(three.cash[:, :, :, place], alone.cash[:, :, :, 0])
        assert np.array_equal(three.exit_week[:, :, place], alone.exit_week[:, :, 0])
    assert (three.cash[0, 0, :, 1] == 90_000.0).all()
    # until something is decided by cash, more cash is just that
    assert np.allclose(three.cash[0, 1, :, 1] - three.cash[0, 1, :, 0], 30_000.0)


def test_a_shorter_run_is_the_beginning_of_a_longer_one(caterer):
    short, long = (live_variants(caterer, [AS_IT_IS], weeks=weeks) for weeks in (13, 30))
    assert np.array_equal(short.cash, long.cash[:, :14])


@pytest.mark.parametrize("scenario", ["three-months", "lockdown"])
def test_turning_draws_into_lanes_changes_no_bit(scenario, monkeypatch):
    """Public funds among the levers, closure and uncertain numbers among the draws."""
    case = case_of(scenario=scenario)
    levers = one_lever_policies(case.plan.loaded.scenario.policies, case.reference)
    assert levers
    turned = live_variants(case, [AS_IT_IS], weeks=13, policies=levers, items=GIVEN_ITEMS)
    monkeypatch.setattr(living, "can_be_turned", lambda block: False)
    plain = live_variants(case, [AS_IT_IS], weeks=13, policies=levers, items=GIVEN_ITEMS)
    for name in ("cash", "cash_out_week", "exit_week", "reached_week", "lowest_cash", "trades"):
        assert np.array_equal(getattr(turned, name), getattr(plain, name)), name
    for item in GIVEN_ITEMS:
        assert np.array_equal(turned.booked[item], plain.booked[item]), item


def test_a_row_of_a_file_is_what_run_makes_of_it(tmp_path):
    """The chances of one firm out of a file are those of ``run --firm-level``, to the bit."""
    file = tmp_path / "firms.csv"
    rows = "\n".join(f"f{number},{200_000 * number},{4_000 * number},{60_000 * (number % 2)}" for number in range(1, 9))
    file.write_text(f"firm_id,sales,cash,loan\n{rows}\n", encoding="utf-8")
    plan = plan_run("three-months", policies=["none"], firms=file, draws=DRAWS)
    level = execute(plan, firm_level=True).firm_level.set_index("firm_id")
    for firm_id in ("f3", "f8"):
        case = case_of_row(plan_for_one("three-months", draws=DRAWS, firms=file), firm_id)
        lived = live_variants(case, [AS_IT_IS], weeks=52)
        row = level.loc[firm_id]
        for weeks, day in ((13, 91), (26, 182), (52, 364)):
            assert (lived.cash_out_week <= weeks).mean() == row[f"cash_out_by_{day}"]
            assert (lived.exit_week <= weeks).mean() == row[f"gone_by_{day}"]
            assert (~lived.trades[0, weeks - 1]).mean() == row[f"not_trading_on_{day}"]


def test_what_a_row_does_not_say_is_listed(tmp_path):
    file = tmp_path / "firms.csv"
    file.write_text("firm_id,sales,cash,rent\na,1000000,20000,50000\nb,500000,80000,\n", encoding="utf-8")
    plan = plan_for_one("three-months", draws=2, firms=file)
    columns = {firm_id: {entry.column for entry in case_of_row(plan, firm_id).assumed} for firm_id in "ab"}
    assert columns["b"] - columns["a"] == {"rent"} and not columns["b"] & {"sales", "cash"}
    assert {"industry", "overheads"} <= columns["a"]


def test_a_flow_that_changes_leaves_the_books_of_day_0(caterer):
    """Who begins to collect sooner does not own less on the day on which it begins: nothing is lost, it comes in."""
    days = float(caterer.firms.receivable_days[0])
    items = ("collections", "credit_sales", "bad_debt")
    variants = [AS_IT_IS, Variant({"receivable_days": days - 10.0}), Variant({"receivable_days": days - 10.0}, own_books=True)]
    lived = live_variants(caterer, variants, weeks=4, items=items)
    came_in = lived.booked["collections"][:, 0].sum(axis=0)
    assert (came_in[:, 1] > came_in[:, 0]).all()
    # with books of its own it would have less to collect
    assert (came_in[:, 1] > came_in[:, 2]).all()


def test_a_fall_of_sales_and_closed_doors_do_what_they_say(caterer):
    variants = [AS_IT_IS, Variant(sales_fall=0.0), Variant(sales_fall=1.0), Variant(closed_weeks=2)]
    lived = live_variants(caterer, variants, weeks=4, items=("cash_sales",))
    sales = lived.booked["cash_sales"][:, 0].mean(axis=1)
    assert (sales[:, 2] == 0.0).all()
    assert (sales[:, 1] > sales[:, 0]).all()
    assert (sales[:2, 3] == 0.0).all() and (sales[2:, 3] > 0.0).all()


def test_the_scenarios_own_depth_as_a_variant_changes_no_bit():
    case = case_of(overrides=["shock.sales.depth=0.35"])
    lived = live_variants(case, [AS_IT_IS, Variant(sales_fall=0.35)], weeks=13)
    assert np.array_equal(lived.cash[..., 0], lived.cash[..., 1])


# ------------------------------------------------------------------------------------------------------------------------------ sheet


def test_every_booking_that_moves_cash_stands_in_one_line():
    moving = sorted(item for item in ENTRIES if sheets.moves_cash(item) != 0.0)
    assert sorted(sheets.SHEET_ITEMS) == moving


def test_the_means_of_the_sheet_add_up(found):
    rows = {row.line: found.sheet.means(row) for row in found.sheet.rows}
    total = rows["opening cash"] + rows["all receipts"] - rows["all payments"] + rows["all financing"] - rows["all closing down"]
    assert np.allclose(total, rows["closing cash"], atol=1e-6)
    assert np.allclose(rows["opening cash"][1:13], rows["closing cash"][:12])
    for section, lines in sheets.SECTIONS.items():
        assert np.allclose(sum(rows[line] for line in lines), rows[f"all {section}"])
    assert rows["all closing down"][-1] != 0.0
    assert found.sheet.dates[0] == (date(2022, 3, 2), date(2022, 3, 8))


def test_quantiles_of_the_sheet_do_not_add_up(found):
    """What the page warns of is so; else the warning would be idle."""
    rows = {row.line: found.sheet.quantile(row, 0.1) for row in found.sheet.rows}
    total = rows["opening cash"] + rows["all receipts"] - rows["all payments"] + rows["all financing"] - rows["all closing down"]
    assert np.abs(total - rows["closing cash"]).max() > 100.0


def test_a_sheet_that_lacks_a_booking_is_refused(caterer):
    lived = live_variants(caterer, [AS_IT_IS], weeks=13, items=sheets.SHEET_ITEMS)
    booked = {item: amounts[:, 0, :, 0] for item, amounts in lived.booked.items()}
    cash = lived.cash[0, :, :, 0]
    sheets.cash_sheet(date(2026, 1, 1), cash, booked)
    with pytest.raises(ValueError, match="does not add up"):
        sheets.cash_sheet(date(2026, 1, 1), cash, booked | {"rent_paid": np.zeros_like(booked["rent_paid"])})


# -------------------------------------------------------------------------------------------------------------------- chances, needs


def chances_with(cash_out_week):
    weeks = np.asarray(cash_out_week)
    nothing = np.zeros((3, weeks.size), dtype=bool)
    return Chances(52, weeks, np.full(weeks.size, 53), nothing, np.zeros((53, weeks.size)), 4.5)


def test_weeks_of_cash_of_known_draws():
    told = chances_with([*range(1, 11), *[53] * 10]).weeks_of_cash()
    assert told["static"] == 4.5
    assert told["p10"]["week"] == 2 and told["p50"]["week"] == 10 and told["p90"]["week"] is None
    assert told["p50"]["low"] < 10 and told["p50"]["high"] is None


def test_a_share_that_no_draw_has_is_not_certain():
    none, half, all_ = (share(np.arange(100) < count) for count in (0, 50, 100))
    assert none["share"] == 0.0 and none["mc_error"] == 0.0 and none["low"] == 0.0 and none["high"] == pytest.approx(0.037, abs=1e-3)
    assert all_["high"] == 1.0 and all_["low"] == pytest.approx(1.0 - none["high"])
    assert (half["low"], half["high"]) == (pytest.approx(0.4038, abs=1e-4), pytest.approx(0.5962, abs=1e-4))
    assert half["mc_error"] == pytest.approx(0.05)


def test_the_last_day_to_apply_of_known_draws():
    """Of 100 draws, 1 is short in week 3, 4 more in week 5, 5 more in week 9."""
    known = chances_with([3, *[5] * 4, *[9] * 5, *[53] * 90])
    days = {entry["target"]: entry["apply_by_day"] for entry in latest_days(known, 15.0)}
    # 90 %: ten draws may be short, and no more ever are; 95 %: until the end of week 8; 99 %: until the end of week 4
    assert days == {0.90: None, 0.95: 8 * 7 - 15.0, 0.99: 4 * 7 - 15.0}
    late = latest_days(chances_with([1] * 50 + [53] * 50), 15.0)
    assert {entry["apply_by_day"] for entry in late} == {-15.0}


def test_a_crossing_is_straight_between_levels():
    levels, chances = np.array([0.0, 10.0, 20.0]), np.array([0.5, 0.8, 1.0])
    assert crossing(levels, chances, 0.9, 10**12).value == pytest.approx(15.0)
    assert crossing(levels, chances, 0.5, 100).at_most
    assert crossing(levels, np.array([0.5, 0.8, 0.7]), 0.9, 100).value is None
    found = crossing(levels, chances, 0.9, 100)
    assert found.low < 15.0 < found.high


def test_more_cash_is_needed_for_a_better_chance(found):
    targets = found.needs["cash"]["targets"]
    for endpoint in ("not_gone", "not_short"):
        needed = [entry[endpoint]["value"] for entry in targets]
        assert all(value is not None for value in needed) and needed == sorted(needed)
    tried = found.needs["cash"]["tried"]
    own = tried["levels"].index(60_000.0)
    assert tried["not_gone"][own] == pytest.approx(1.0 - found.chances.by_week()[0]["gone"]["share"])


def test_calm_weather_has_no_fall_to_vary():
    told = answer_all(case_of(scenario="calm")).needs["sales_fall"]
    assert "no fall of sales" in told["reason"]


# ------------------------------------------------------------------------------------------------------------------------------ helps


def test_helps_are_ranked_and_paired(found, caterer):
    gains = [help_.gain_not_gone["mean"] for help_ in found.helps]
    assert gains == sorted(gains, reverse=True)
    by_name = {help_.name: help_ for help_ in found.helps}
    assert {"collect_sooner", "pay_suppliers_later", "cut_payroll", "dormancy", "credit_line", "loan_due_later"} <= by_name.keys()
    assert by_name["loan_renewal"].reached["share"] > 0.0
    lived = live_variants(caterer, [AS_IT_IS, Variant({"payroll": 400_000.0})], weeks=13)
    alive = (lived.exit_week[0] > 13).astype(float)
    difference = alive[:, 1] - alive[:, 0]
    told = by_name["cut_payroll"].gain_not_gone
    assert told["mean"] == difference.mean()
    assert told["mc_error"] == pytest.approx(difference.std(ddof=1) / math.sqrt(DRAWS))


def test_the_price_of_a_grant_is_the_grant():
    """Everybody is reached, and the sum is known: it is the price, and the rise of nothing else."""
    grant = '[{ name = "none" }, { name = "help", levers = [{ kind = "grant", take_up = 0.1, amount = 5000.0, sales_share = 0.0 }] }]'
    case = case_of({"cash": 5e6, "sales": 3e6}, overrides=[f"policy={grant}"])
    helps = {help_.name: help_ for help_ in answer_all(case).helps}
    assert helps["grant"].reached["share"] == 1.0
    assert helps["grant"].cost["mean"] == pytest.approx(5000.0)


def test_a_lever_is_had_by_everybody():
    scenario = plan_for_one("three-months", draws=2).scenario
    levers = {lever.kind: lever for policy in scenario.policies for lever in policy.levers}
    had = given_to_all(levers["guarantee_fund"])
    assert had.take_up == 1.0 and math.isinf(had.cases_per_week) and had.capital >= 1e15
    assert had.guarantee_max_risk == levers["guarantee_fund"].guarantee_max_risk


def test_measures_that_mean_nothing_to_a_firm_are_left_out():
    firm = {"cash": 1e5, "sales": 1e6, "payroll": 0, "credit_sales_share": 0, "materials": 0, "rent": 0, "overheads": 0}
    case = case_of(firm)
    assert [measure.name for measure in own_measures(case.firms, case.scenario, 13, str)] == ["dormancy"]


# -------------------------------------------------------------------------------------------------------------------------- own firms


def test_what_is_said_is_kept_and_the_rest_is_listed():
    population = Population()
    said = {"cash": 1e5, "sales": 1e6, "rent": 7e4, "industry": "retail", "receivables": 3e4}
    found = own_firm(check_answers(said, str, population), population)
    assert found.firms.rent[0] == 7e4 and found.firms.receivables[0] == pytest.approx(3e4)
    assumed = {entry.column: entry for entry in found.assumed}
    assert not assumed.keys() & {"cash", "sales", "rent", "industry", "receivable_days"}
    assert assumed["loan"].value == 0.0 and found.firms.loan[0] == 0.0
    assert assumed["overheads"].basis in ("published", "derived", "assumption") and "retail" in assumed["overheads"].why
    # in the middle of the distribution, whatever the identifier
    again = own_firm(check_answers(said, str, population), population, "another")
    assert again.firms.overheads[0] == found.firms.overheads[0]


def test_a_number_that_the_scenario_gives_is_said_to_come_from_it(caterer):
    basis = {entry.column: entry.basis for entry in caterer.assumed}
    assert basis["sales_volatility"] == "scenario" and basis["overheads"] != "scenario"


def test_employees_stand_for_a_payroll():
    population = Population()
    found = own_firm(check_answers({"cash": 1e5, "sales": 1e6, "employees": 4}, str, population), population)
    assert found.firms.employees[0] == 4.0
    assert "payroll" in {entry.column for entry in found.assumed}
    twice = own_firm(check_answers({"cash": 1e5, "sales": 1e6, "employees": 8}, str, population), population)
    assert twice.firms.payroll[0] == pytest.approx(2.0 * found.firms.payroll[0])


def test_an_owner_knows_its_cash(caterer):
    """Scenarios doubt the cash of firms as surveyed; not that of one that said what it has."""
    lived = live_variants(caterer, [AS_IT_IS], weeks=1)
    assert (lived.cash[0, 0] == 60_000.0).all()


def test_everything_that_is_wrong_is_said_at_once():
    said = {"cash": -5, "sales": "much", "industry": "catring", "loan_rate": 0.05, "colour": 1, "materials": 5, "materials_share": 0.2}
    with pytest.raises(InputError) as error:
        check_answers(said, lambda name: f"--{name}", Population())
    told = str(error.value).splitlines()
    assert len(told) == 6
    assert any("--cash: -5 is outside the allowed range, 0 or more" in line for line in told)
    assert any('did you mean "catering"?' in line for line in told)
    assert any("given without a loan" in line for line in told)
    assert any("is not something that a firm has" in line for line in told)


# ---------------------------------------------------------------------------------------------------------------- command, files, face

QUICK = ("runway", "--cash", "60000", "--sales", "3000000", "--draws", "12", "--start-date", "2026-03-02")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cash", "500,000", "--sales", "0"], ["--cash: must be a number", "500000", "--sales: 0 is outside"]),
        (["--cash", "1"], ["--sales: is missing"]),
        (["--cash", "1", "--sales", "5", "--shock", "30", "--start-date", "soon"], ["--shock 30", "0.30", "--start-date soon"]),
        (["--cash", "1", "--sales", "5", "--draws", "0"], ["--draws 0"]),
        (["--cash", "1", "--sales", "5", "--scenario", "lockdwn"], ['did you mean "lockdown"?']),
        (["--cash", "1", "--sales", "5", "--set", "time.step_days=3"], ["counts in weeks"]),
        (["--firm", "A"], ["needs --firms"]),
        (["no-such.toml"], ["no-such.toml: no such file"]),
    ],
)
def test_mistakes_of_an_owner(arguments, says, capsys):
    assert answer(["runway", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "Traceback" not in said.err
    for words in says:
        assert words in said.err


def test_the_command_reads_like_prose(capsys):
    assert answer([*QUICK, "--loan", "200000", "--loan-due-day", "45"]) == 0
    said = capsys.readouterr().out
    for words in (
        "How long does the cash last?",
        "The next 13 weeks",
        "What helps",
        "How much is needed?",
        "Assumed, because nobody said it",
    ):
        assert words in said
    assert "2026-03-09" in said and "lever: loan renewal" in said
    assert "nan" not in said.replace("finance", "").replace("financing", "").replace("maintenance", "")


def test_json_has_every_answer_with_its_error(capsys):
    assert answer([*QUICK, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [entry["week"] for entry in told["chances"]] == [13, 26, 52]
    assert all("mc_error" in entry[name] for entry in told["chances"] for name in ("short_of_cash", "not_trading", "gone"))
    assert {"weeks_of_cash", "fan", "sheet", "helps", "needs", "latest_application", "assumed", "digest"} <= told.keys()
    assert told["draws"] == 12 and told["start_date"] == "2026-03-02"
    errors = {"mc_error", "p10_low", "p10_high", "p50_low", "p50_high", "p90_low", "p90_high"}
    assert errors <= told["fan"].keys() and all(errors <= row.keys() for row in told["sheet"])
    for help_ in told["helps"]:
        assert all({"mc_error", "low", "high"} <= help_[name].keys() for name in ("gain_not_gone", "gain_not_short", "not_gone"))
        assert help_["gain_not_gone"]["low"] < help_["gain_not_gone"]["high"]
        assert help_["is_own"] or "low" in help_["reached"]
    # twelve draws cannot tell a chance of 99 %: nobody is called safe
    assert told["latest_application"][-1]["low"] == -told["loan_delay_days"]


def test_a_toml_file_and_flags_say_the_same(tmp_path, capsys):
    file = tmp_path / "firm.toml"
    file.write_text('cash = 10\nsales = 3_000_000\nindustry = "retail"\n', encoding="utf-8")
    answers = []
    common = ["--draws", "6", "--json", "--start-date", "2026-03-02"]
    for arguments in ([str(file), "--cash", "60000"], ["--cash", "60000", "--sales", "3000000", "--industry", "retail"]):
        assert answer(["runway", *arguments, *common]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0] == answers[1]


def test_files_are_complete_or_not_there(tmp_path, capsys):
    place = tmp_path / "mine"
    assert answer([*QUICK, "--out", str(place)]) == 0
    names = {path.name for path in place.iterdir()}
    assert names == {"cash-flow.csv", "cash-flow.xlsx", "cash-fan.csv", "cash-fan.png", "cash-fan.svg", "runway.json"}
    with Image.open(place / "cash-fan.png") as image:
        assert image.info["Scenario"] == "three-months"
    book = load_workbook(place / "cash-flow.xlsx")
    assert book.sheetnames == ["mean", "p10", "p50", "p90", "mc_error", "about"]
    rows = {str(row[0]).strip(): row[1:] for row in book["mean"].iter_rows(min_row=7, values_only=True) if row[0]}
    parts = [rows[name] for name in ("opening cash", "all receipts", "all payments", "all financing", "all closing down", "closing cash")]
    for opening, receipts, payments, financing, closing_down, closing in zip(*parts, strict=True):
        assert opening + receipts - payments + financing - closing_down == pytest.approx(closing, abs=0.05)
    assert book["mean"]["B5"].value.date() == date(2026, 3, 3) and book["mean"].freeze_panes == "B7"
    assert "do not add up" in book["p10"]["A2"].value
    assert "Assumed" in " ".join(str(cell.value) for (cell,) in book["about"].iter_rows())
    capsys.readouterr()
    assert answer([*QUICK, "--out", str(place)]) == 2
    assert "--force writes over it" in capsys.readouterr().err


def test_without_the_extra_there_is_no_workbook(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("simsme.runway.files.excel_is_there", lambda: False)
    assert answer([*QUICK, "--out", str(tmp_path / "mine")]) == 0
    assert "extra excel" in capsys.readouterr().err
    assert not (tmp_path / "mine" / "cash-flow.xlsx").exists() and (tmp_path / "mine" / "cash-flow.csv").exists()


def test_the_fan_holds_the_draws(found):
    fan = found.chances.fan()
    assert (fan.p10 <= fan.p50).all() and (fan.p50 <= fan.p90).all() and fan.p50[0] == 60_000.0
    axes = plot_cash_fan(fan, date(2026, 3, 2), currency="CNY", draws=DRAWS)
    assert [text.get_text().splitlines()[1] for text in axes.get_xticklabels()][1] == "1 Jun 2026"


def test_from_python():
    told = simsme.find_runway(firm={"cash": 60_000, "sales": 3_000_000}, draws=4)
    assert told.case.scenario.draws == 4
    with pytest.raises(ValueError, match="either"):
        find_runway(firm=CATERER, firms="x.csv", firm_id="a")
    with pytest.raises(ValueError, match="either"):
        find_runway()


def test_variants_do_not_compete_for_a_fund_of_the_reference():
    """A reference with a finite bridge fund: a variant beside it changes nothing for the firm."""
    fund = '{ kind = "emergency_relending", take_up = 1.0, capital = 300000.0 }'
    case = case_of(overrides=[f'policy=[{{ name = "none" }}, {{ name = "bridge", levers = [{fund}] }}]', "reference=bridge"])
    assert case.stated_reference.levers[0].capital == 300_000.0
    alone, beside = (live_variants(case, [AS_IT_IS] * count, weeks=13) for count in (1, 3))
    assert np.array_equal(alone.cash[..., 0], beside.cash[..., 0]) and np.array_equal(alone.cash[..., 0], beside.cash[..., 2])
    none = live_variants(case_of(), [AS_IT_IS], weeks=13)
    assert not np.array_equal(alone.cash, none.cash)


def test_reviews_and_contagion_are_put_aside(caterer):
    overrides = ["contagion.contagion_share=0.5"]
    case = case_of(overrides=overrides)
    assert case.scenario.contagion is None
    lever = given_to_all(replace_review(case))
    assert lever.review_days is None and lever.stop_when is None


def replace_review(case):
    lever = next(lever for policy in case.scenario.policies for lever in policy.levers)
    return lever.model_copy(update={"review_days": 7})


def test_progress_adds_up_to_all(caterer):
    heard = []
    answer_all(replace(caterer), told=heard.append)
    assert sum(heard) == pytest.approx(1.0)
