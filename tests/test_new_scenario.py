"""New scenarios: they run as they are, every setting in them is one, and columns of files are guessed or said to be missing."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from simsme.cli.application import answer
from simsme.firm_columns import ALL_NAMES
from simsme.levers import kinds
from simsme.new_scenario import guess_columns, scenario_text
from simsme.new_scenario.spellings import recognised, taken_apart, word_meant
from simsme.new_scenario.toml_lines import toml_value
from simsme.reference import entries
from simsme.scenario import parse_scenario


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def new(here, capsys):
    """Write a file of firms and a new scenario for it; return its tables, its text and what was said."""

    def writer(content, file="firms.csv"):
        (here / file).write_bytes(content if isinstance(content, bytes) else content.encode())
        assert answer(["new", "mine", "--force", "--from-firms", file]) == 0
        out, err = capsys.readouterr()
        assert out == ""
        text = (here / "mine.toml").read_text(encoding="utf-8")
        return tomllib.loads(text), text, err

    return writer


def check(capsys, file="firms.csv"):
    code = answer(["check", "mine.toml", "--firms", file])
    return code, capsys.readouterr().err


class TestTemplate:
    def test_it_runs_as_it_is(self, here, capsys):
        assert answer(["new", "mine"]) == 0
        out, err = capsys.readouterr()
        assert out == ""
        assert "mine.toml is written" in err
        quick = ["--draws", "1", "--set", "population.firms=30", "--set", "time.horizon_days=91", "--set", "time.report_days=[]", "--json"]
        assert answer(["run", "mine.toml", *quick]) == 0
        summary = json.loads(capsys.readouterr().out)
        assert summary["scenario"] == "mine"
        assert [entry["policy"] for entry in summary["policies"]] == ["none", "renewal", "forbearance"]

    def test_every_setting_that_is_off_is_a_setting(self):
        """With every # taken away it is a valid scenario, and the same one but for what was off."""
        text = scenario_text("mine", title="Mine", currency="CNY")
        on = parse_scenario(text, "mine.toml").scenario
        whole = parse_scenario(re.sub(r'^#(?=[a-z"\[])', "", text, flags=re.MULTILINE), "mine.toml").scenario
        assert whole.shock.closure is not None and on.shock.closure is None
        assert {lever.kind for policy in whole.policy for lever in policy.levers} == set(kinds())
        for name in ("time", "population", "adjust", "sales", "behaviour", "credit", "exit"):
            assert getattr(whole, name) == getattr(on, name), name
        assert whole.shock.sales == on.shock.sales

    def test_it_holds_every_default(self):
        text = scenario_text("mine", title="Mine", currency="CNY")
        named = [entry for entry in entries() if not entry.name.startswith(("lever.", "firms.", "shock.sales.common"))]
        missing = [entry.name for entry in named if not re.search(rf"^#* ?\[?[\w.]*\b{entry.name.split('.')[-1]}\b", text, re.MULTILINE)]
        assert missing == []

    def test_lines_fit(self):
        assert max(map(len, scenario_text("mine", title="Mine", currency="CNY").splitlines())) <= 140

    def test_it_names_the_schema_first(self):
        assert scenario_text("mine", title="Mine", currency="CNY").startswith("#:schema ./simsme.schema.json\n")

    def test_it_never_writes_over_a_file(self, here, capsys):
        (here / "mine.toml").write_text("mine", encoding="utf-8")
        assert answer(["new", "mine"]) == 2
        assert "is there already and was not touched; --force writes over it" in capsys.readouterr().err
        assert (here / "mine.toml").read_text(encoding="utf-8") == "mine"
        assert answer(["new", "mine.toml", "--force"]) == 0
        assert (here / "mine.toml").stat().st_size > 1000

    @pytest.mark.parametrize(
        ("name", "message"), [("my scenario", "is not a name"), ("no/such/mine", "there is no folder"), ("", "is not a name")]
    )
    def test_a_name_that_cannot_be(self, here, capsys, name, message):
        assert answer(["new", name]) == 2
        assert message in capsys.readouterr().err
        assert not list(here.iterdir())

    def test_a_file_that_is_not_there(self, here, capsys):
        assert answer(["new", "mine", "--from-firms", "no.csv"]) == 2
        assert "no.csv: cannot be read: no such file" in capsys.readouterr().err
        assert not list(here.iterdir())

    @pytest.mark.parametrize("value", ['a"b\\c\n\té\x7f', 1e300, 0.1, -0.0, {"a b": [1.5, True]}, {}, "企业", 30.416666666666668])
    def test_values_are_toml(self, value):
        assert tomllib.loads(f"value = {toml_value(value)}")["value"] == value


ENGLISH = """CompanyCode;Turnover (k EUR);Staff;CashAndEquivalents_k;staff_costs_k;LoanDate;interestRate;NACE Rev. 2;recievables_k;Status
A1;1.234,5;12;100,2;300;2020-01-01;4,35;C25;12;Ltd
B1;12.234,5;3;1.100,2;30;2021-01-01;5,5;47.11;;sole trader
C1;99;3;2;30;2021-01-01;5,5;G;;Ltd
""".replace("Status", "Legal Status")

CHINESE = """企业代号,行业,营业收入（万元）,货币资金（万元）,员工人数,月均租金（万元）,银行借款（万元）,贷款利率(%),企业规模,备注
E1,制造业,1200,35,12,3,100,4.35,小型,好
E2,批发和零售业,200,5,3,1,0,,微型,
"""


class TestFromFirms:
    def test_other_names_units_and_words(self, new, capsys):
        tables, text, said = new(ENGLISH)
        firms = tables["firms"]
        assert firms["columns"] == {
            "firm_id": "CompanyCode",
            "industry": "NACE Rev. 2",
            "legal_form": "Legal Status",
            "employees": "Staff",
            "sales": "Turnover (k EUR)",
            "payroll": "staff_costs_k",
            "cash": "CashAndEquivalents_k",
            "loan_rate": "interestRate",
            "receivables": "recievables_k",
        }
        assert (firms["delimiter"], firms["decimal"], firms["thousands"]) == (";", ",", ".")
        assert firms["money_unit"] == 1000
        assert firms["factors"] == {"loan_rate": 0.01}
        assert firms["values"]["industry"] == {"C25": "manufacturing", "47.11": "retail", "G": ""}
        assert firms["values"]["legal_form"] == {"Ltd": "incorporated", "sole trader": "self_employed"}
        assert tables["currency"] == "EUR"
        assert "by its spelling: check" in text
        assert "LoanDate" in said
        code, err = check(capsys)
        assert code == 0, err
        assert "separated by" not in err

    def test_chinese(self, new, capsys):
        tables, _, said = new(CHINESE)
        firms = tables["firms"]
        assert firms["columns"] == {
            "firm_id": "企业代号",
            "industry": "行业",
            "size": "企业规模",
            "employees": "员工人数",
            "sales": "营业收入（万元）",
            "rent": "月均租金（万元）",
            "cash": "货币资金（万元）",
            "loan": "银行借款（万元）",
            "loan_rate": "贷款利率(%)",
        }
        assert firms["money_unit"] == 10_000
        assert firms["factors"] == {"rent": 12, "loan_rate": 0.01}
        assert firms["values"] == {"industry": {"制造业": "manufacturing", "批发和零售业": ""}, "size": {"小型": "small", "微型": "micro"}}
        assert "备注" in said
        assert check(capsys)[0] == 0

    def test_it_runs(self, new, capsys):
        new("id,revenue,cash_at_bank,wages\n1,1000000,50000,300000\n2,4000000,90000,100000\n")
        quick = ["--draws", "1", "--set", "time.horizon_days=91", "--set", "time.report_days=[]", "--json"]
        assert answer(["run", "mine.toml", "--firms", "firms.csv", *quick]) == 0
        assert json.loads(capsys.readouterr().out)["firms"] == 2

    def test_what_is_missing_is_said(self, new, capsys):
        tables, text, said = new("firm_id,turnover\nA,1\nB,2\n")
        assert '#cash = "?"' in text
        assert "REQUIRED and not found: cash and bank balances (money)" in text
        assert "To do: every file needs cash" in said
        assert "cash" not in tables["firms"]["columns"]
        assert check(capsys)[0] == 2

    def test_numbers_that_can_be_read_in_two_ways(self, new, capsys):
        tables, text, said = new("id;sales;cash\nA;1,234;5\nB;2,500;6\n")
        assert "To do: numbers can be read in two ways" in said
        assert "decimal" not in tables["firms"] and "thousands" not in tables["firms"]
        assert '#thousands = ","' in text and '#decimal = ","' in text
        assert check(capsys)[0] == 2

    def test_units_that_differ(self, new, capsys):
        tables, text, _ = new("id,sales_mln,cash_k,loan\nA,1.5,5,0\nB,2,6,0\n")
        assert tables["firms"]["money_unit"] == 1
        assert tables["firms"]["factors"] == {"sales": 1_000_000, "cash": 1000}
        assert "these say none: loan" in text
        assert check(capsys)[0] == 0

    def test_a_month_is_not_a_year(self, new):
        tables, _, _ = new("id,monthly_sales,cash,quarterly_rent,annual_wages\nA,1,5,3,1\nB,2,6,3,1\n")
        assert tables["firms"]["factors"] == {"sales": 12, "rent": 4}
        tables, _, _ = new("id,monthly_sales,sales_annual,cash\nA,1,12,3\n")
        assert tables["firms"]["columns"]["sales"] == "sales_annual"
        assert "factors" not in tables["firms"]

    def test_columns_whose_cells_do_not_fit_are_not_used(self, new, capsys):
        tables, text, said = new(
            "id,sales,cash,rent,tax_share,industry,payday,loan_due_day\nA,1,5,much,0.1,xyz,40,2020-01-01\nB,2,6,-4,0.2,abc,3,2021-01-01\n"
        )
        columns = tables["firms"]["columns"]
        assert {ours for ours, theirs in columns.items() if theirs} == {"firm_id", "sales", "cash", "tax_share"}
        assert {ours for ours, theirs in columns.items() if not theirs} == {"rent", "industry", "payday", "loan_due_day"}
        assert 'rent seems to be "rent" and is not used' in text
        assert "column rent is not used as rent: it holds no numbers" not in said
        assert 'column rent is not used as rent: 2 cells cannot be rent: row 2 holds "much"' in said
        assert "column industry is not used as industry: its words are none of ours" in said
        assert "column payday is not used as payday: 1 cell cannot be day of the month" in said
        assert "column loan_due_day is not used as loan_due_day: it holds no numbers" in said
        assert check(capsys)[0] == 0

    def test_required_columns_are_used_whatever_they_hold(self, new, capsys):
        tables, _, said = new("id,sales,cash\nA,1,5\nA,-2,6\n")
        assert tables["firms"]["columns"]["sales"] == "sales"
        assert "a run refuses that" in said
        assert check(capsys)[0] == 2

    def test_a_statement_goes_before_days(self, new):
        tables, _, said = new("id,sales,cash,AR,DSO,opex,operating margin\nA,1,5,1,20,1,0.1\n")
        assert set(tables["firms"]["columns"]) == {"firm_id", "sales", "cash", "receivables", "operating_costs"}
        assert "column DSO is not used as receivable_days: receivables says it already" in said

    def test_an_identifier_may_be_found_by_its_cells(self, new):
        tables, text, _ = new("kind,ref,sales,cash\nx,q1,1,5\nx,q2,2,5\n")
        assert tables["firms"]["columns"]["firm_id"] == "ref"
        assert "every firm has another one: check" in text

    def test_excel_and_parquet(self, here, new, capsys):
        pd = pytest.importorskip("pandas")
        pytest.importorskip("openpyxl")
        pytest.importorskip("pyarrow")
        frame = pd.DataFrame({"Company ID": ["A", "B"], "Net sales": [1000.5, 2000.0], "Cash balance": [1.0, 2.0]})
        frame.to_parquet(here / "x.parquet")
        with pd.ExcelWriter(here / "x.xlsx") as book:
            frame.to_excel(book, sheet_name="Firms", index=False)
            frame.to_excel(book, sheet_name="Old", index=False)
        for file in ("x.parquet", "x.xlsx"):
            tables, _, _ = new((here / file).read_bytes(), file)
            assert tables["firms"]["columns"] == {"firm_id": "Company ID", "sales": "Net sales", "cash": "Cash balance"}
            assert check(capsys, file)[0] == 0
        assert tables["firms"]["sheet"] == "Firms"

    def test_a_name_that_stands_twice(self, here, capsys):
        (here / "firms.csv").write_text("id,sales,sales\nA,1,2\n", encoding="utf-8")
        assert answer(["new", "mine", "--from-firms", "firms.csv"]) == 2
        assert "column sales: stands in the header more than once" in capsys.readouterr().err
        assert not (here / "mine.toml").exists()


class TestSpellings:
    @pytest.mark.parametrize("ours", ALL_NAMES)
    def test_our_own_names_are_ours(self, ours):
        assert recognised(taken_apart(ours)) == (ours, 0)
        camel = "".join(part.capitalize() for part in ours.split("_"))
        assert recognised(taken_apart(camel))[0] == ours

    @pytest.mark.parametrize(
        ("name", "ours"),
        [
            ("Revenue", "sales"),
            ("total_revenues_2", "sales"),
            ("TURNOVER_KEUR", "sales"),
            ("sales_annual", "sales"),
            ("n_employees", "employees"),
            ("Head count", "employees"),
            ("wages & salaries", "payroll"),
            ("bank_loan", "loan"),
            ("cashAndCashEquivalents", "cash"),
            ("st_liabilities", "short_term_liabilities"),
            ("营业收入", "sales"),
            ("期末现金", "cash"),
            ("年末货币资金", "cash"),
            ("净利润", None),
            ("equity", None),
            ("bankrupt", None),
            ("net_profit", None),
            ("n_suppliers", None),
            ("sales_growth", None),
        ],
    )
    def test_names(self, name, ours):
        found = recognised(taken_apart(name))
        assert (found and found[0]) == ours

    @pytest.mark.parametrize(
        ("column", "word", "ours"),
        [
            ("industry", "Manufacture of metal", "manufacturing"),
            ("industry", "wholesale_retail_trade", ""),
            ("industry", "ICT", "services"),
            ("industry", "other", ""),
            ("industry", "餐饮业", "catering"),
            ("size", "Small enterprise", "small"),
            ("size", "very small", ""),
            ("legal_form", "GmbH", "incorporated"),
        ],
    )
    def test_words(self, column, word, ours):
        assert word_meant(column, word) == ours

    @pytest.mark.parametrize(
        ("code", "industry"),
        [
            ("C", "manufacturing"),
            ("C25.62", "manufacturing"),
            ("4711", "retail"),
            ("46.9", "wholesale"),
            ("56", "catering"),
            ("G", ""),
            ("01", ""),
        ],
    )
    def test_codes(self, code, industry):
        assert word_meant("industry", code, code=True) == industry


@pytest.fixture
def data():
    folder = os.environ.get("SIMSME_DATA")
    if not folder:
        pytest.skip("SIMSME_DATA does not name the folder of real data")
    return Path(folder)


class TestRealFiles:
    def test_polish_firms(self, data, here, capsys):
        file = data / "poland_firms_5y.csv.gz"
        assert answer(["new", "mine", "--from-firms", str(file)]) == 0
        capsys.readouterr()
        columns = tomllib.loads((here / "mine.toml").read_text(encoding="utf-8"))["firms"]["columns"]
        assert columns == {
            "firm_id": "firm_id",
            "sales": "sales_annual",
            "cash": "cash",
            "operating_costs": "opex_annual",
            "receivables": "receivables",
            "inventory": "inventory",
            "short_term_liabilities": "st_liabilities",
            "long_term_liabilities": "lt_liabilities",
            "total_assets": "total_assets",
        }
        quick = ["--draws", "1", "--set", "time.horizon_days=7", "--set", "time.headline_day=7", "--set", "time.report_days=[]", "--json"]
        assert answer(["run", "mine.toml", "--firms", str(file), "--policy", "none", *quick]) == 0
        assert json.loads(capsys.readouterr().out)["firms"] == 6805

    def test_chinese_invoices(self, data):
        guesses = guess_columns(data / "china_invoice_firms.csv")
        assert {guess.ours: guess.theirs for guess in guesses.columns} == {
            "firm_id": "firm_id",
            "industry": "industry_derived",
            "sales": "avg_monthly_sales",
            "sales_volatility": "cv_monthly_sales",
        }
        assert guesses.missing == ("cash",)
        assert guesses.factors["sales"][0] == 12
        assert guesses.values["industry"]["ict_technology"] == "services"
        assert guesses.values["industry"]["wholesale_retail_trade"] == ""
        assert guesses.doubts == ()
