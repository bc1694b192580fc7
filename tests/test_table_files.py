"""Files of firms in every format: the same firms from each, what is recognised, what is refused."""

import datetime
import decimal
import gzip
import sys

import numpy as np
import pandas as pd
import pytest

from simsme.draw_firms import draw_firms
from simsme.firms_file import FirmsFile
from simsme.population import Population
from simsme.problems import InputError
from simsme.read_firms import read_firms
from simsme.table_files import PLAIN, NumberStyle
from simsme.table_files.numbers import recognise


def arrays(firms):
    return {name: value for name, value in vars(firms).items() if isinstance(value, np.ndarray)}


def same(first, second):
    assert first.ids == second.ids
    assert dict(first.filled) == dict(second.filled)
    for name, values in arrays(first).items():
        assert values.tobytes() == arrays(second)[name].tobytes(), name


@pytest.fixture
def fault(tmp_path):
    """Read a file that cannot be used and return what is said of it."""

    def reader(file, content=None, **mapping):
        path = tmp_path / file
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InputError) as caught:
            read_firms(path, None, FirmsFile.model_validate(mapping))
        assert all("\n" not in problem.message for problem in caught.value.problems)
        return "\n".join(str(problem).partition(str(tmp_path))[2][1:] for problem in caught.value.problems)

    return reader


@pytest.fixture
def read(tmp_path):
    def reader(file, content=None, **mapping):
        path = tmp_path / file
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_firms(path, None, FirmsFile.model_validate(mapping))

    return reader


@pytest.fixture
def sheet(tmp_path):
    """Write rows into a workbook, one sheet for each keyword."""
    openpyxl = pytest.importorskip("openpyxl")

    def writer(**sheets):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(row)
        book.save(tmp_path / "firms.xlsx")
        return "firms.xlsx"

    return writer


@pytest.fixture(scope="module")
def table():
    """Firms whose numbers have few enough digits for Excel, which keeps 15."""
    frame = draw_firms(Population(firms=120)).frame()
    numbers = frame.select_dtypes("number").columns
    frame[numbers] = frame[numbers].map(lambda value: float(f"{value:.9g}"))
    frame.loc[3:9, "rent"] = np.nan
    return frame.drop(columns=["size", "payday"])


PLAIN_ROWS = [["firm_id", "sales", "cash"], ["A", 100.5, 5], ["B", 200, 6]]


class TestAllFormats:
    def test_the_same_firms_give_the_same_bits(self, table, read, tmp_path):
        pytest.importorskip("pyarrow")
        pytest.importorskip("openpyxl")
        table.to_csv(tmp_path / "firms.csv", index=False)
        plain = read("firms.csv")
        text = (tmp_path / "firms.csv").read_bytes()
        table.to_parquet(tmp_path / "firms.parquet")
        table.to_excel(tmp_path / "firms.xlsx", index=False)
        table.to_csv(tmp_path / "points.csv", index=False, sep=";", decimal=",")
        table.to_csv(tmp_path / "utf16.csv", index=False, sep="\t", encoding="utf-16")
        table.to_csv(tmp_path / "bars.txt", index=False, sep="|", lineterminator="\r\n", encoding="utf-8-sig")
        same(plain, read("firms.csv.gz", gzip.compress(text)))
        for file in ("firms.parquet", "firms.xlsx", "points.csv", "utf16.csv", "bars.txt"):
            same(plain, read(file))

    def test_a_gzipped_sheet_or_parquet_file_is_fine(self, table, read, tmp_path):
        pytest.importorskip("pyarrow")
        table.to_parquet(tmp_path / "firms.parquet")
        same(read("firms.parquet"), read("firms.parquet.gz", gzip.compress((tmp_path / "firms.parquet").read_bytes())))


class TestText:
    @pytest.mark.parametrize(
        ("text", "remarks"),
        [
            ("firm_id,sales,cash\nA,100.5,5\nB,1e3,0.25\n", ()),
            ("firm_id;sales;cash\nA;100;5\n", ("columns are separated by semicolons",)),
            ("sep=;\nfirm_id;sales;cash\nA;100;5\n", ("columns are separated by semicolons",)),
            ("firm_id\tsales\tcash\nA\t100\t5\n", ("columns are separated by tabs",)),
            ("\n\nfirm_id|sales|cash\nA|100|5\n", ("columns are separated by vertical bars",)),
            (
                'firm_id,sales,cash\nA,"1,234.5",5\nB,"2,500",6\n',
                ("numbers have a decimal point and commas between thousands: 1,234.5 (row 2, column sales) is read as 1234.5",),
            ),
        ],
    )
    def test_what_is_not_plain_is_remarked(self, read, text, remarks):
        firms = read("firms.csv", text)
        assert tuple(remark for remark in firms.remarks if "cash above" not in remark) == remarks
        assert firms.sales.min() >= 100

    def test_a_german_file(self, read):
        firms = read("firms.csv", "firm_id;sales;cash;tax_share\nA;1.234,5;0,25;0,01\nB;12.345.678;7;,02\n")
        assert firms.sales[firms.ids.index("A")] == 1234.5
        assert firms.sales[firms.ids.index("B")] == 12_345_678
        assert firms.tax_share[firms.ids.index("B")] == 0.02
        assert firms.remarks[1].endswith(
            "numbers have a decimal comma and points between thousands: 1.234,5 (row 2, column sales) is read as 1234.5"
        )

    @pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
    def test_a_french_file(self, read, space):
        firms = read("firms.csv", f"firm_id;sales;cash\nA;1{space}234,5;-0\nB;12{space}345;7\n")
        assert sorted(firms.sales) == [1234.5, 12345]

    def test_a_swiss_file(self, read):
        assert sorted(read("firms.csv", "firm_id,sales,cash\nA,1'234.5,1\nB,1’234’567,7\n").sales) == [1234.5, 1234567]

    def test_what_is_said_of_the_format_needs_no_remark(self, read):
        firms = read("firms.csv", "firm_id;sales;cash\nA;1.234;5\n", delimiter=";", thousands=".")
        assert firms.sales[0] == 1234
        assert firms.remarks == ()
        assert read("firms.csv", "firm_id;sales;cash\nA;1.234;0\n", delimiter=";", decimal=".").sales[0] == 1.234
        assert read("firms.csv", "firm_id\tsales\tcash\nA\t1\t0\n", delimiter="tab").sales[0] == 1

    @pytest.mark.parametrize(
        "text", ['firm_id,sales,cash\nA,"1,234",1\n', "firm_id;sales;cash\nA;1,234;1\n", "firm_id;sales;cash\nA;1.234;1\n"]
    )
    def test_numbers_that_can_be_read_in_two_ways_are_refused(self, fault, text):
        message = fault("firms.csv", text)
        assert "row 2, column sales" in message
        assert "can be read in two ways" in message
        assert "where it is 1234, say [firms] thousands = " in message
        assert "where it is 1.234, say [firms] decimal = " in message

    @pytest.mark.parametrize("extra", ["B;0,5;1", "B;1.234,5;1", "B;1 234,5;1", "B;12,3456;1"])
    def test_one_number_tells_the_others(self, read, extra):
        assert 1.234 in read("firms.csv", f"firm_id;sales;cash\nA;1,234;1\n{extra}\n".replace("1.234,5", "12,5")).sales

    def test_a_point_between_commas_is_a_decimal_point_and_says_so(self, read):
        firms = read("firms.csv", "firm_id,sales,cash\nA,1.234,1\nB,2,1\n")
        assert 1.234 in firms.sales
        assert firms.remarks[0] == (
            '1.234 (row 2, column sales) is read as 1.234; where it is 1234, say [firms] thousands = "." in the scenario'
        )
        assert read("firms.csv", thousands=".").sales.max() == 1234

    def test_a_slip_among_other_numbers_is_named(self, fault):
        text = "firm_id;sales;cash\n" + "".join(f"f{row};{row}1,5;0,25\n" for row in range(1, 9)) + "x;1.5;0,1\n"
        message = fault("firms.csv", text)
        assert message == 'firms.csv: row 10, column sales: must be a number, found "1.5" (text); the other numbers have a decimal comma'

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            ("12 %", "write shares as 0.12, or leave out the sign"),
            ("€ 12", "must be a number"),
            ("(12)", "must be a number"),
            ("1,23,456", "the other numbers are plain"),
            ("#N/A", 'must be a number, found "#N/A" (text)'),
            ("nan", '"nan" is not a number'),
        ],
    )
    def test_what_is_no_number(self, fault, cell, message):
        assert message in fault("firms.csv", f'firm_id,sales,cash,tax_share\nA,10.5,1,"{cell}"\n')

    def test_the_delimiter_is_the_one_under_which_names_are_known(self, read):
        firms = read("firms.csv", 'firm_id;sales;cash;"a,b,c,d,e"\nA;1;0;"1,2,3,4,5"\n')
        assert firms.remarks == ("columns are separated by semicolons", "columns of the file that are not used: a,b,c,d,e")

    def test_another_encoding_is_asked_for(self, read, fault):
        content = "firm_id,sales,cash,region\nA,1,0,Köln\n".encode("cp1252")
        assert 'say so in the scenario, such as [firms] encoding = "cp1252" or "gb18030"' in fault("firms.csv", content)
        assert "Köln" in read("firms.csv", content, encoding="cp1252").region_names
        assert "企业" in read("firms.csv", "firm_id,sales,cash\n企业,1,0\n".encode("gb18030"), encoding="gb18030").ids
        assert "is not text in the encoding ascii" in fault("firms.csv", content, encoding="ascii")

    def test_factors(self, read, fault):
        firms = read("firms.csv", "firm_id,sales,cash,loan_rate\nA,10,1,4.35\n", factors={"sales": 12, "loan_rate": 0.01}, money_unit=1000)
        assert (firms.sales[0], firms.cash[0]) == (120_000, 1000)
        assert firms.loan_rate[0] == 4.35 * 0.01
        message = fault("firms.csv", "firm_id,sales,cash,loan_rate\nA,10,1,435\n", factors={"loan_rate": 0.01})
        assert "435 times the factor 0.01 is outside the allowed range, 0 to 1" in message

    def test_a_column_of_our_name_may_be_left_alone(self, read, fault):
        text = "firm_id,sales,cash,rent\nA,10,1,much\n"
        assert read("firms.csv", text, columns={"rent": ""}).filled["rent"] == 1
        assert 'has no column "cash", which is required' in fault("firms.csv", text, columns={"cash": "", "rent": ""})

    def test_a_word_may_tell_nothing(self, read):
        firms = read(
            "firms.csv",
            "firm_id,sales,cash,industry,region\nA,1,0,other,?\n",
            values={"industry": {"other": ""}, "region": {"?": ""}},
        )
        assert firms.filled["industry"] == 1
        assert firms.region_names == ("all",)


class TestSettings:
    @pytest.mark.parametrize(
        ("mapping", "message"),
        [
            ({"delimiter": "/"}, "is not known"),
            ({"decimal": ";"}, "is not known"),
            ({"decimal": ",", "thousands": ","}, "stands before decimals already"),
            ({"encoding": "klingon"}, "unknown encoding"),
            ({"encoding": "base64"}, "unknown encoding"),
            ({"sheet": 0}, "sheets are counted from 1"),
            ({"factors": {"size": 2.0}}, "only numbers have a factor"),
            ({"factors": {"sails": 2.0}}, 'did you mean "sales"?'),
            ({"factors": {"sales": 0.0}}, "must be above 0"),
        ],
    )
    def test_what_cannot_be_is_refused(self, mapping, message):
        with pytest.raises(ValueError, match=".") as caught:
            FirmsFile.model_validate(mapping)
        assert message in str(caught.value)


class TestParquet:
    @pytest.fixture(autouse=True)
    def pyarrow(self):
        pytest.importorskip("pyarrow")

    @staticmethod
    def write(tmp_path, **columns):
        import pyarrow as pa
        import pyarrow.parquet

        pa.parquet.write_table(pa.table(columns), tmp_path / "firms.parquet")
        return "firms.parquet"

    def test_types(self, read, tmp_path):
        import pyarrow as pa

        file = self.write(
            tmp_path,
            firm_id=pa.array([2**60 + 1, 7]),
            sales=pa.array([decimal.Decimal("10.25"), decimal.Decimal("3.00")]),
            cash=pa.array([1, None], pa.int32()).fill_null(0),
            industry=pa.array(["retail", "catering"]).dictionary_encode(),
            state_landlord=pa.array([True, None]),
            loan=pa.array([None, None], pa.null()),
            opened=pa.array([datetime.date(2020, 1, 1)] * 2),
        )
        firms = read(file)
        assert sorted(firms.ids) == ["1152921504606846977", "7"]
        one = firms.ids.index("7")
        assert (firms.sales[one], firms.cash[one], firms.industry_names[firms.industry[one]]) == (3.0, 0.0, "catering")
        assert firms.state_landlord[1 - one] == 1.0
        assert firms.filled["loan"] == 2 and firms.filled["state_landlord"] == 1

    def test_an_index_without_a_name_is_no_column(self, read, tmp_path):
        frame = pd.DataFrame({"firm_id": ["A", "B"], "sales": [1.0, 2.0], "cash": [0.0, 0.0]}, index=[5, 9])
        frame.to_parquet(tmp_path / "firms.parquet")
        assert read("firms.parquet").remarks == ()

    def test_numbers_as_text_are_remarked(self, read, tmp_path):
        firms = read(self.write(tmp_path, firm_id=["A", "B"], sales=["1.5", " 2 "], cash=[0.0, 0.0]))
        assert sorted(firms.sales) == [1.5, 2.0]
        assert firms.remarks == ('column "sales" holds numbers as text (2 rows, the first row 1); they are read with a decimal point',)

    @pytest.mark.parametrize(
        ("sales", "message"),
        [
            ([1.0, float("nan")], 'row 2, column sales: "nan" is not a number'),
            ([1.0, float("inf")], "row 2, column sales: inf is outside the allowed range, above 0"),
            ([1.0, None], "row 2, column sales: is missing"),
            ([1.0, -2.5], "row 2, column sales: -2.5 is outside the allowed range"),
            (["1", "1,5"], 'row 2, column sales: must be a number, found "1,5" (text)'),
            ([datetime.date(2020, 1, 1), None], "row 1, column sales: is a date or time"),
            ([[1.0], [2.0]], "row 1, column sales: holds a value of type list"),
            ([True, False], 'row 1, column sales: must be a number, found "true" (text)'),
        ],
    )
    def test_what_is_no_number_is_named(self, fault, tmp_path, sales, message):
        assert message in fault(self.write(tmp_path, firm_id=["A", "B"], sales=sales, cash=[1.0, 1.0]))

    def test_faults_of_the_file(self, fault, tmp_path):
        file = self.write(tmp_path, firm_id=["A"], sales=[1.0], cash=[0.0])
        content = (tmp_path / file).read_bytes()
        assert "is a damaged Parquet file" in fault("cut.parquet", content[:-20])
        assert 'firms.parquet: has no column "cash", which is required' in fault(self.write(tmp_path, firm_id=["A"], sales=[1.0]))
        assert "has a header and no firms" in fault(self.write(tmp_path, firm_id=[], sales=[], cash=[]))
        assert 'has the ending ".csv" and is Parquet inside' in fault("firms.csv", content)

    def test_without_the_extra(self, fault, tmp_path, monkeypatch):
        file = self.write(tmp_path, firm_id=["A"], sales=[1.0], cash=[0.0])
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        assert fault(file) == "firms.parquet: is a Parquet file, and reading it needs the extra parquet: pip install 'simsme[parquet]'"


class TestExcel:
    def test_first_sheet_or_the_one_that_is_named(self, read, sheet):
        other = [["firm_id", "sales", "cash"], ["Z", 1, 0]]
        file = sheet(Firms=PLAIN_ROWS, Old=other)
        first = read(file)
        assert sorted(first.ids) == ["A", "B"]
        assert first.remarks == ('the first of 2 sheets is read, "Firms"; there is "Firms", "Old"',)
        for wanted in ("Old", 2):
            assert read(file, sheet=wanted).ids == ("Z",)
            assert read(file, sheet=wanted).remarks == ()

    def test_blank_rows_and_cells_are_skipped(self, read, sheet):
        rows = [[], [None, " "], ["firm_id ", "sales", "cash", None, "rent"], ["A", 100, 5], [], ["B", 200, 6, None, 3], [None] * 5]
        firms = read(sheet(Data=rows))
        assert firms.filled["rent"] == 1
        assert firms.remarks == ()

    def test_numbers_have_the_numbers_of_their_rows(self, fault, sheet):
        assert fault(sheet(Data=[[], *PLAIN_ROWS[:2], [], ["B", -1, 0]])).startswith("firms.xlsx: row 5, column sales: -1 is outside")

    @pytest.mark.parametrize(
        ("cell", "message"),
        [
            ("#N/A", "row 3, column sales: is the error #N/A of Excel (cell B3)"),
            ("#DIV/0!", "row 3, column sales: is the error #DIV/0! of Excel (cell B3)"),
            (datetime.datetime(2022, 3, 1), "row 3, column sales: is a date or time (2022-03-01 00:00:00)"),
            ("=1+1", "row 3, column sales: is a formula without its result (cell B3); open the file in Excel and save it"),
            ("much", 'row 3, column sales: must be a number, found "much" (text)'),
            (None, "row 3, column sales: is missing"),
            (True, 'row 3, column sales: must be a number, found "true" (text)'),
        ],
    )
    def test_what_is_no_number_is_named(self, fault, sheet, cell, message):
        found = fault(sheet(Data=[*PLAIN_ROWS[:2], ["B", cell, 1]]))
        assert found.count("\n") == 0
        assert message in found

    def test_an_error_in_a_column_of_names(self, fault, sheet):
        rows = [["firm_id", "sales", "cash", "industry"], ["#REF!", 1, 1, "retail"], ["B", 1, 1, datetime.date(2020, 3, 4)]]
        found = fault(sheet(Data=rows))
        assert "row 2, column firm_id: is the error #REF! of Excel (cell A2)" in found
        assert "row 3, column industry: is a date or time" in found

    def test_what_is_not_used_may_be_anything(self, read, sheet):
        assert (
            len(read(sheet(Data=[["firm_id", "sales", "cash", "opened"], ["A", 1, 0, datetime.date(2020, 1, 1)], ["B", 1, 0, "#N/A"]])))
            == 2
        )

    def test_faults_of_the_file(self, fault, sheet, tmp_path):
        assert 'has no sheet "Frims", which [firms] sheet names; did you mean "Firms"?' in fault(sheet(Firms=PLAIN_ROWS), sheet="Frims")
        assert 'has no sheet 3; there is "Firms"' in fault("firms.xlsx", sheet=3)
        content = (tmp_path / "firms.xlsx").read_bytes()
        assert "is no Excel file that can be read" in fault("cut.xlsx", content[:-200])
        assert 'has the ending ".csv" and is an Excel file' in fault("firms.csv", content)
        assert "is a zip archive; unpack it first" in fault("firms.zip", content)
        assert "firms.xlsx: is an empty sheet" in fault(sheet(Data=[]))
        assert "has a header and no firms" in fault(sheet(Data=PLAIN_ROWS[:1]))
        assert "column cash: stands in the header more than once" in fault(
            sheet(Data=[["firm_id", "sales", "cash", "cash"], ["A", 1, 1, 1]])
        )
        assert 'firms.xlsx (sheet "Two"): row 2' in fault(sheet(One=PLAIN_ROWS, Two=[PLAIN_ROWS[0], ["A", 0, 0]]), sheet="Two")

    def test_without_the_extra(self, fault, sheet, monkeypatch):
        file = sheet(Data=PLAIN_ROWS)
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        assert fault(file) == "firms.xlsx: is an Excel file, and reading it needs the extra excel: pip install 'simsme[excel]'"


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("file", "content", "message"),
        [
            ("firms.xlsx", "firm_id,sales,cash\nA,1,1\n", 'has the ending ".xlsx" and is text inside'),
            ("firms.parquet", "firm_id,sales,cash\nA,1,1\n", 'has the ending ".parquet" and is text inside'),
            ("firms.json", "[]", 'has the ending ".json" of another format; read are CSV'),
            ("firms.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel file (.xls) or one with a password"),
            (
                "firms.ods",
                b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                "is an OpenDocument file",
            ),
            ("firms.csv", b"", "is empty"),
            ("firms.csv", gzip.compress(b""), "is empty"),
            ("firms.csv.gz", gzip.compress(b"firm_id", mtime=0)[:-9], "is not a whole gzip file"),
            ("firms.csv", b"%PDF-1.7", "is a PDF"),
        ],
    )
    def test_what_is_not_read_is_named(self, fault, file, content, message):
        assert message in fault(file, content)

    def test_an_unknown_ending_is_no_obstacle(self, read):
        assert len(read("firms.2024", "firm_id,sales,cash\nA,1,0\n")) == 1


class TestNumberStyle:
    @pytest.mark.parametrize(
        ("style", "text", "value"),
        [
            (PLAIN, "1234.5", 1234.5),
            (PLAIN, "1,234", None),
            (PLAIN, "1_000", None),
            (NumberStyle(",", "."), "1.234.567,25", 1234567.25),
            (NumberStyle(",", "."), "1234,5", 1234.5),
            (NumberStyle(",", "."), "12.34", None),
            (NumberStyle(",", "."), "0.123", None),
            (NumberStyle(",", "."), "-1.234e2", -123400.0),
            (NumberStyle(",", ""), ",5", 0.5),
            (NumberStyle(".", " "), "1 234 567", 1234567.0),
            (NumberStyle(".", ","), "1,2345", None),
        ],
    )
    def test_value(self, style, text, value):
        assert style.value(text) == value

    def test_nothing_and_what_is_no_number(self):
        assert np.isnan(NumberStyle(",").value(""))
        assert np.isnan(NumberStyle(",").value("NaN"))
        assert NumberStyle(",").value("-inf") == -np.inf

    @pytest.mark.parametrize(
        ("texts", "style", "doubtful"),
        [
            (["1", "20", ""], PLAIN, False),
            (["1.5", "1.234"], PLAIN, False),
            (["1.234"], PLAIN, True),
            (["1,234"], NumberStyle(".", ","), True),
            (["1,234", "1,5"], NumberStyle(",", ""), False),
            (["0,123"], NumberStyle(",", ""), False),
            (["1.234.567"], NumberStyle(",", "."), False),
            (["1 234", "5"], NumberStyle(".", " "), False),
            (["x", "n/a"], PLAIN, False),
        ],
    )
    def test_recognised(self, texts, style, doubtful):
        found = recognise({"sales": texts}, None, None)
        assert (found.style, found.doubtful) == (style, doubtful)
