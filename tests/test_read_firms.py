"""Firms from a user's file: what is read, what is filled in, what is refused."""

import dataclasses
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

import simsme.firm_checks
from simsme.draw_firms import draw_firms
from simsme.firm_columns import ALL_NAMES, BY_NAME, NUMBERS
from simsme.firms import Firms
from simsme.firms_file import FirmsFile
from simsme.population import Population
from simsme.problems import InputError
from simsme.read_firms import read_firms
from simsme.scenario import load_scenario


@pytest.fixture
def read(tmp_path):
    def reader(text, population=None, **mapping):
        file = tmp_path / "firms.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_firms(file, population, FirmsFile.model_validate(mapping))

    return reader


@pytest.fixture
def problems(read):
    def reader(text, **mapping):
        with pytest.raises(InputError) as caught:
            read(text, **mapping)
        return [str(problem).partition("firms.csv: ")[2] for problem in caught.value.problems]

    return reader


def arrays(firms):
    return {
        column.name: getattr(firms, column.name)
        for column in dataclasses.fields(Firms)
        if isinstance(getattr(firms, column.name), np.ndarray)
    }


def one(firms, firm_id, name):
    return getattr(firms, name)[firms.ids.index(firm_id)]


MINIMAL = "firm_id,sales,cash\nA,1000000,50000\nB,9000000,10000\nC,90000000,1\n"


class TestReading:
    def test_three_columns_are_enough(self, read):
        firms = read(MINIMAL)
        assert sorted(firms.ids) == ["A", "B", "C"]
        assert [firms.size_names[one(firms, firm_id, "size")] for firm_id in "ABC"] == ["micro", "small", "medium"]
        assert [one(firms, firm_id, "cash") for firm_id in "ABC"] == [50000, 10000, 1]
        assert (firms.weight == 1.0).all()
        for name, values in arrays(firms).items():
            assert np.isfinite(values).all() or name == "loan_due_day", name

    def test_it_says_what_it_filled_in_for_how_many(self, read):
        firms = read("firm_id,sales,cash,rent,loan\nA,100,5,1,\nB,100,5,,0\nC,100,5,3,7\n")
        assert firms.filled["rent"] == 1
        assert firms.filled["loan"] == 1
        assert firms.filled["industry"] == firms.filled["size"] == firms.filled["payroll"] == 3
        assert "sales" not in firms.filled and "weight" not in firms.filled
        assert firms.filled["loan_due_day"] == int((firms.loan > 0).sum())

    def test_what_is_given_stays_to_the_last_bit(self, read):
        drawn = draw_firms(Population(firms=200))
        table = drawn.frame()
        again = read(table.to_csv(index=False))
        assert again.ids == drawn.ids
        for name, values in arrays(drawn).items():
            assert (arrays(again)[name] == values).all(), name
        assert dict(again.filled) == {}

    def test_what_is_filled_is_what_the_firm_would_have_drawn(self, read):
        drawn = draw_firms(Population(firms=200))
        table = drawn.frame().drop(columns=["loan", "loan_due_day", "payday", "owner_funds", "receivable_days", "default_risk"])
        again = read(table.to_csv(index=False))
        for name in ("loan", "loan_due_day", "payday", "owner_funds", "receivable_days"):
            assert (arrays(again)[name] == arrays(drawn)[name]).all(), name
        assert again.default_risk == pytest.approx(drawn.default_risk)

    def test_neither_order_nor_other_rows_change_a_firm(self, read):
        lines = draw_firms(Population(firms=50)).frame()[["firm_id", "sales", "cash", "size"]].to_csv(index=False).splitlines()
        whole = read("\n".join(lines))
        turned = read("\n".join([lines[0], *lines[:0:-1]]))
        part = read("\n".join(lines[:20]))
        for name, values in arrays(whole).items():
            if name != "order":
                assert (arrays(turned)[name] == values).all(), name
                assert all(one(part, firm_id, name) == one(whole, firm_id, name) for firm_id in part.ids), name
        assert whole.ids == turned.ids

    def test_order_is_the_position_in_the_file(self, read):
        firms = read(MINIMAL)
        assert [firms.ids[row] for row in np.argsort(firms.order)] == ["A", "B", "C"]

    def test_gzip_byte_order_mark_blank_lines_and_blanks_are_fine(self, read):
        plain = read(MINIMAL)
        for text in (
            gzip.compress(MINIMAL.encode()),
            "\ufeff" + MINIMAL,
            MINIMAL.replace("\n", "\r\n") + "\n , ,\n",
            MINIMAL.replace(",", " , "),
        ):
            assert (read(text).cash == plain.cash).all()

    def test_a_missing_industry_is_drawn_by_the_mix(self, read):
        text = "firm_id,sales,cash\n" + "".join(f"f{number},100,5\n" for number in range(3000))
        firms = read(text)
        assert np.bincount(firms.industry) / 3000 == pytest.approx([0.20, 0.20, 0.22, 0.13, 0.17, 0.08], abs=0.03)

    def test_regions_are_the_files_own(self, read):
        firms = read("firm_id,sales,cash,region\nA,1,1,Hebei\nB,1,1,Anhui\nC,1,1,\n")
        assert firms.region_names == ("all", "Anhui", "Hebei")
        assert [firms.region_names[one(firms, firm_id, "region")] for firm_id in "ABC"] == ["Hebei", "Anhui", "all"]


class TestMapping:
    def test_names_words_constants_and_units(self, read):
        firms = read(
            "id,turnover,bank,sector,people\nA,100,5,56,\nB,200,6,47,3\n",
            columns={"firm_id": "id", "sales": "turnover", "cash": "bank", "industry": "sector", "employees": "people"},
            values={"industry": {"56": "catering", "47": "retail"}},
            constants={"rent": 4.0, "employees": 7.0, "legal_form": "self_employed", "size": "small"},
            money_unit=1000.0,
        )
        assert one(firms, "A", "sales") == 100_000
        assert one(firms, "B", "cash") == 6_000
        assert (firms.rent == 4_000).all()
        assert firms.industry_names[one(firms, "A", "industry")] == "catering"
        assert [one(firms, firm_id, "employees") for firm_id in "AB"] == [7, 3]
        assert {firms.legal_form_names[code] for code in firms.legal_form} == {"self_employed"}
        assert {firms.size_names[code] for code in firms.size} == {"small"}

    def test_a_total_of_costs_divides_as_the_industry_does(self, read):
        firms = read("firm_id,sales,cash,operating_costs,tax_share,industry\nA,100,5,90,0.02,manufacturing\n")
        assert firms.materials_share[0] == pytest.approx(0.9 * 64 / 90)
        assert firms.people_cost[0] == pytest.approx(90 * 14 / 90)
        assert firms.margin[0] == pytest.approx(0.08)

    def test_parts_that_are_given_stay_and_the_others_take_the_rest(self, read):
        firms = read("firm_id,sales,cash,operating_costs,tax_share,industry,rent\nA,100,5,90,0.02,manufacturing,20\n")
        assert firms.rent[0] == 20
        assert firms.materials_share[0] == pytest.approx(0.7 * 64 / 87)
        assert firms.margin[0] == pytest.approx(0.08)

    def test_a_margin_is_met(self, read):
        assert read("firm_id,sales,cash,margin\nA,100,5,-0.11\n").margin[0] == pytest.approx(-0.11)

    def test_a_lone_given_part_does_not_blow_up_or_wipe_out_the_others(self, read):
        firms = read("firm_id,sales,cash,industry,materials_share\nA,100,5,services,0.9\nB,100,5,services,0.0\n")
        normal = 0.45 + 0.08 + 0.18 + 0.04
        costs = [1 - one(firms, firm_id, "margin") - one(firms, firm_id, "materials_share") for firm_id in "AB"]
        assert costs[0] == pytest.approx(0.5 * normal)
        assert normal < costs[1] <= 1.5 * normal

    def test_parts_above_their_total_are_kept_with_a_remark(self, read):
        firms = read("firm_id,sales,cash,operating_costs,rent\nA,100,5,10,20\n")
        assert firms.rent[0] == 20 and firms.payroll[0] == 0
        assert any("add up to more than their total" in remark for remark in firms.remarks)

    def test_levels_of_a_statement_become_days(self, read):
        firms = read(
            "firm_id,sales,cash,industry,materials_share,receivables,inventory,payables,total_assets\nA,365,5,manufacturing,0.5,90,10,20,200\n"
        )
        assert firms.receivables[0] == pytest.approx(90)
        assert firms.stock[0] == pytest.approx(10)
        assert firms.payables[0] == pytest.approx(20)
        assert firms.assets[0] == pytest.approx(200)
        assert firms.receivable_days[0] == pytest.approx(100)

    def test_more_sales_are_on_credit_where_receivables_ask_for_it(self, read):
        firms = read("firm_id,sales,cash,industry,receivables\nA,365,5,catering,91.25\n")
        assert firms.credit_sales_share[0] == pytest.approx(0.25)
        assert firms.receivable_days[0] == pytest.approx(365)
        assert firms.receivables[0] == pytest.approx(91.25)

    def test_impossible_levels_are_cut_with_a_remark(self, read):
        firms = read("firm_id,sales,cash,industry,receivables,inventory\nA,1,5,services,1000,10\n")
        assert firms.receivable_days[0] == 3650
        assert sum("taken as ten years" in remark for remark in firms.remarks) == 2

    def test_debts_divide_into_payables_and_a_loan_of_both_terms(self, read):
        rows = "".join(f"f{number},1000,5,100,50\n" for number in range(4000))
        firms = read("firm_id,sales,cash,short_term_liabilities,long_term_liabilities\n" + rows)
        assert firms.payables == pytest.approx(np.full(4000, 50.0))
        assert firms.loan == pytest.approx(np.full(4000, 0.25 * 100 + 0.8 * 50))
        assert (firms.loan_due_day <= 365).mean() == pytest.approx(25 / 65, abs=0.03)
        assert firms.loan_due_day.max() <= 1095

    def test_a_short_debt_alone_is_due_within_the_year(self, read):
        rows = "".join(f"f{number},1000,5,100\n" for number in range(300))
        firms = read("firm_id,sales,cash,short_term_liabilities\n" + rows)
        assert firms.loan_due_day.min() > 0 and firms.loan_due_day.max() <= 365


class TestRemarks:
    @pytest.mark.parametrize(
        ("text", "remark"),
        [
            ("firm_id,sales,cash\nA,100,500\n", "1 firm has cash above a year's sales: row 2 (A)"),
            ("firm_id,sales,cash,employees,payroll\nA,100,5,40,0\n", "5 employees or more and no payroll: row 2 (A)"),
            ("firm_id,sales,cash,employees,payroll\nA,100,5,0,9\n", "payroll and no employees"),
            ("firm_id,sales,cash,operating_costs\nA,100,5,300\n", "costs of more than twice their sales"),
            ("firm_id,sales,cash,loan\nA,100,5,300\n", "a loan above twice their sales"),
            (
                "firm_id,sales,cash,recievable_days\nA,100,5,3\n",
                'column "recievable_days" of the file is not used; did you mean "receivable_days"?',
            ),
            ("firm_id,sales,cash,colour\nA,100,5,red\n", "columns of the file that are not used: colour"),
        ],
    )
    def test_what_is_odd_is_remarked(self, read, text, remark):
        assert any(remark in found for found in read(text).remarks)

    def test_a_plain_file_has_no_remarks(self, read):
        assert read(MINIMAL).remarks == ()

    def test_many_odd_rows_are_counted(self, read):
        text = "firm_id,sales,cash\n" + "".join(f"f{number},100,500\n" for number in range(9))
        assert read(text).remarks == ("9 firms have cash above a year's sales: rows 2 (f0), 3 (f1), 4 (f2) and more",)


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is empty"),
            ("firm_id,sales,cash\n", "has a header and no firms"),
            ("firm_id,sales,cash,sales\nA,1,1,1\n", "column sales: stands in the header more than once"),
            ("firm_id,sales,cash\nA,1\n", "row 2: has 2 cells, the header 3"),
            ('firm_id,sales,cash\nA,"1\n', "is not CSV"),
            (b"firm_id,sales,cash\n\xff\xfe", "is not UTF-8 text"),
            (gzip.compress(MINIMAL.encode(), mtime=0)[:-9], "is not a whole gzip file"),
            ("firm_id,sales\nA,1\n", 'row 1: has no column "cash", which is required'),
            (
                "firm_id,sale,cash\nA,1,1\n",
                'did you mean "sale"?; where it has another name, say so in the scenario: [firms] columns = { sales = "..." }',
            ),
            ("firm_id,sales,cash\n,1,1\n", "row 2, column firm_id: is missing"),
            ("firm_id,sales,cash\nA\x07,1,1\n", "row 2, column firm_id: 'A\\x07' has characters that cannot be printed"),
            ("firm_id,sales,cash\nA,1,1\nB,1,1\nA,2,2\n", 'row 4, column firm_id: "A" stands in row 2 already'),
            ("firm_id,sales,cash\nA,,1\n", "row 2, column sales: is missing"),
            ("firm_id,sales,cash\nA,NaN,1\n", 'row 2, column sales: "NaN" is not a number'),
            ("firm_id,sales,cash\nA,1,inf\n", "row 2, column cash: inf is outside the allowed range, 0 to 1,000,000,000,000,000"),
            ("firm_id,sales,cash\nA,-5,1\n", "row 2, column sales: -5 is outside the allowed range, above 0"),
            ("firm_id,sales,cash\nA,0,1\n", "row 2, column sales: 0 is outside the allowed range, above 0"),
            ("firm_id,sales,cash\nA,much,1\n", 'row 2, column sales: must be a number, found "much" (text)'),
            ('firm_id,sales,cash\nA,"1,234",1\n', "can be read in two ways"),
            ("firm_id,sales,cash\nA,1_000,1\n", "must be a number"),
            ("firm_id,sales,cash,rent\nA,1,1,nan\n", "leave the cell empty where it is not known"),
            ("firm_id,sales,cash,tax_share\nA,1,1,1.5\n", "row 2, column tax_share: 1.5 is outside the allowed range, 0 to 1"),
            ("firm_id,sales,cash,payday\nA,1,1,0\n", "row 2, column payday: 0 is outside the allowed range, above 0, at most 31"),
            ("firm_id,sales,cash,weight\nA,1,1,0\n", "row 2, column weight: 0 is outside the allowed range, above 0"),
            ("firm_id,sales,cash,state_landlord\nA,1,1,0.5\n", "row 2, column state_landlord: 0.5 is not allowed; it must be 0 or 1"),
            ("firm_id,sales,cash,industry\nA,1,1,retial\n", 'row 2, column industry: unknown industry "retial"; did you mean "retail"?'),
            ("firm_id,sales,cash,size\nA,1,1,huge\n", 'unknown size "huge"; one of "micro", "small", "medium"'),
            ("firm_id,sales,cash,legal_form\nA,1,1,partnership\n", 'unknown legal_form "partnership"'),
        ],
    )
    def test_each_fault_has_a_plain_message(self, problems, text, message):
        found = problems(text)
        assert len(found) == 1
        assert message in found[0]

    def test_all_faults_come_at_once(self, problems):
        assert len(problems("firm_id,sales,cash,industry\nA,x,1,retail\nA,-1,,retial\n")) == 5

    def test_a_delimiter_that_is_none(self, problems):
        found = problems("firm_id/sales/cash\n1/2/3\n")
        assert len(found) == 3
        assert all('there is "firm_id/sales/cash"' in message for message in found)

    def test_many_faults_of_a_kind_are_counted(self, problems):
        found = problems("firm_id,sales,cash\n" + "".join(f"f{number},x,1\n" for number in range(5000)))
        assert len(found) == 4
        assert found[-1].endswith("(and 4996 more rows like this)")

    def test_unknown_words_are_named_once_each(self, problems):
        found = problems("firm_id,sales,cash,industry\n" + "".join(f"f{number},1,1,w{number % 13}\n" for number in range(26)))
        assert len(found) == 11
        assert found[0].endswith("(in 2 rows)")
        assert found[-1] == "column industry: has 3 more unknown words"

    def test_two_names_with_one_key_are_refused(self, problems, monkeypatch):
        monkeypatch.setattr(simsme.firm_checks, "firm_keys", lambda ids: np.zeros(len(ids), dtype=np.uint64))
        assert "has the key of another firm; rename one of them" in problems("firm_id,sales,cash\nA,1,1\nB,1,1\n")[0]

    def test_a_mapped_column_has_to_be_there(self, problems):
        found = problems(MINIMAL, columns={"rent": "Rente"})
        assert found == ['row 1: has no column "Rente", which [firms] columns.rent names; there is "firm_id", "sales", "cash"']

    def test_a_constant_has_to_be_known(self, problems):
        assert problems(MINIMAL, constants={"industry": "retale"}) == [
            '[firms] constants.industry: unknown industry "retale"; did you mean "retail"?'
        ]

    def test_a_file_that_is_not_there(self, tmp_path):
        for path, words in ((tmp_path / "no.csv", "no such file"), (tmp_path, "is a directory")):
            with pytest.raises(InputError, match=words):
                read_firms(path)


def test_columns_of_a_file_are_columns_of_firms():
    assert {column.name for column in NUMBERS} <= {field.name for field in dataclasses.fields(Firms)}
    assert len(set(ALL_NAMES)) == len(ALL_NAMES)
    assert [name for name, column in BY_NAME.items() if column.required] == ["sales", "cash"]


def test_the_polish_firms_are_read_in_full():
    folder = os.environ.get("SIMSME_DATA")
    if not folder:
        pytest.skip("SIMSME_DATA does not name the folder of real data")
    scenario = load_scenario("poland-firms").scenario
    firms = read_firms(Path(folder) / "poland_firms_5y.csv.gz", scenario.population, scenario.firms)
    assert len(firms) == 6805
    for name, values in arrays(firms).items():
        assert np.isfinite(values).all() or name == "loan_due_day", name
    assert np.median(firms.margin) == pytest.approx(0.05, abs=0.01)
    assert np.median(firms.receivables / firms.sales) * 365 == pytest.approx(51.8, abs=0.5)
    assert set(firms.industry.tolist()) == {firms.industry_names.index("manufacturing")}


def test_the_page_on_firms_lists_every_column():
    page = (Path(__file__).parents[1] / "docs" / "firms.md").read_text(encoding="utf-8")
    assert [name for name in ALL_NAMES if f"| `{name}` |" not in page] == []
