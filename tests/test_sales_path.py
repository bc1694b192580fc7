"""A fall of sales by week and industry from a CSV file."""

from pathlib import Path

import pytest

from simsme.problems import InputError
from simsme.sales_path import read_sales_path
from simsme.scenario import load_scenario


def faults(folder: Path, text: str) -> list[str]:
    """What is wrong with a file, line by line."""
    file = folder / "path.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_sales_path(file)
    return str(caught.value).splitlines()


def test_falls_are_read_by_industry_in_the_order_of_weeks(tmp_path: Path) -> None:
    file = tmp_path / "path.csv"
    file.write_text("week,industry,sales_fall\n2,all,0.2\n1,all,0.5\n\n1,retail,-0.1\n", encoding="utf-8")
    assert read_sales_path(file).falls == {"all": (0.5, 0.2), "retail": (-0.1,)}


def test_a_scenario_names_the_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "path.csv").write_text("week,industry,sales_fall\n1,all,0.5\n", encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text('[population]\nfirms = 10\n[shock.sales]\npath = "path.csv"\n', encoding="utf-8")
    scenario = load_scenario(str(own)).scenario
    assert scenario.shock is not None and scenario.shock.sales is not None and scenario.shock.sales.path is not None
    assert scenario.shock.sales.depth is None
    assert scenario.canonical()["shock"]["sales"]["path"] == {"file": "path.csv", "falls": {"all": [0.5]}}


def test_a_path_and_a_depth_exclude_each_other(tmp_path: Path) -> None:
    (tmp_path / "path.csv").write_text("week,industry,sales_fall\n1,retial,0.5\n", encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text('[population]\nfirms = 10\n[shock.sales]\npath = "path.csv"\ndepth = 0.3\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"shock\.sales\.depth: cannot stand beside path"):
        load_scenario(str(own))


def test_an_unknown_industry_or_a_missing_file_is_named_at_the_key(tmp_path: Path) -> None:
    (tmp_path / "path.csv").write_text("week,industry,sales_fall\n1,retial,0.5\n", encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text('[population]\nfirms = 10\n[shock.sales]\npath = "path.csv"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r'shock\.sales\.path\.falls\.retial: unknown industry; did you mean "retail"\?'):
        load_scenario(str(own))
    own.write_text('[population]\nfirms = 10\n[shock.sales]\npath = "other.csv"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"shock\.sales\.path: other\.csv: no such file"):
        load_scenario(str(own))


def test_all_faults_are_named_by_row_and_column(tmp_path: Path) -> None:
    assert faults(tmp_path, "week,industry,sales_fall\n1,all,0.2\n1,all,0.3\nx,all,2\n0,,nan\n3,retail,0.1\n") == [
        'path.csv: row 3, week: week 1 of "all" stands there twice',
        'path.csv: row 4, week: must be a whole number, 1 or more, found "x"',
        'path.csv: row 4, sales_fall: must be a number from -1 to 1, found "2"',
        'path.csv: row 5, week: must be a whole number, 1 or more, found "0"',
        'path.csv: row 5, industry: is missing; write "all" for all',
        'path.csv: row 5, sales_fall: must be a number from -1 to 1, found "nan"',
        'path.csv: industry "retail": week 1 is missing; weeks run from 1 without gaps',
    ]


def test_missing_columns_and_rows_are_named(tmp_path: Path) -> None:
    assert faults(tmp_path, "week,industry,fall\n1,all,0.2\n") == [
        'path.csv: row 1: no column "sales_fall"; found: week, industry, fall',
    ]
    assert faults(tmp_path, "week,industry,sales_fall\n\n") == ["path.csv: has no rows below its header"]
    assert faults(tmp_path, "\n") == ["path.csv: is empty"]
