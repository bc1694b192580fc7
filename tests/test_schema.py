"""The JSON Schemas: what they let pass, what they do not, and that they say what a number means."""

import copy
import datetime
import json
import tomllib
from pathlib import Path

import pytest

from simsme.cli.application import answer
from simsme.draw_firms import draw_firms
from simsme.firm_columns import ALL_NAMES
from simsme.firm_schema import firm_schema
from simsme.levers import kinds
from simsme.population import Population
from simsme.reference import entries
from simsme.scenario_schema import scenario_schema

jsonschema = pytest.importorskip("jsonschema")

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
UNIFORM = {"dist": "uniform", "low": 0.1, "high": 0.2}


@pytest.fixture(scope="module")
def schema():
    return scenario_schema()


@pytest.fixture(scope="module")
def valid(schema):
    validator = jsonschema.Draft202012Validator(schema)
    return lambda tables: not list(validator.iter_errors(json.loads(json.dumps(tables, default=datetime.date.isoformat))))


@pytest.fixture
def tables():
    return tomllib.loads((SCENARIOS[-1]).read_text(encoding="utf-8"))


def changed(tables, place, value):
    """Return the tables with a value put at a dotted place."""
    tables = copy.deepcopy(tables)
    node = tables
    *way, last = place.split(".")
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
    node[int(last) if isinstance(node, list) else last] = value
    return tables


class TestScenario:
    def test_it_is_a_schema_of_its_draft(self, schema):
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        json.dumps(schema, allow_nan=False)

    @pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
    def test_shipped_scenarios_pass(self, valid, file):
        assert valid(tomllib.loads(file.read_text(encoding="utf-8")))

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            ("credit.renewal", 0.9),
            ("credit.renewal", UNIFORM),
            ("population.cash", 2.0),
            ("population.cash", {"size": {"micro": 2, "small": UNIFORM}}),
            ("population.cash", UNIFORM | {"industry_factor": {"retail": 0.5}}),
            ("shock.closure.closed_share", {"retail": 0.5}),
            ("shock.closure.closed_share", UNIFORM),
            ("shock.sales", {"path": "falls.csv"}),
            ("policy.1.levers.0", {"kind": "lending_forbearance", "take_up": UNIFORM, "sizes": ["micro"], "max_risk": 0.1}),
            ("time.start_date", datetime.date(2020, 1, 1)),
            ("firms", {"columns": {"sales": "turnover"}, "factors": {"sales": 12}, "decimal": ",", "sheet": 2, "constants": {"rent": 1}}),
        ],
    )
    def test_what_is_allowed_passes(self, valid, tables, place, value):
        assert valid(changed(tables, place, value))

    @pytest.mark.parametrize(
        ("place", "value"),
        [
            ("titel", "x"),
            ("credit.renewl", 0.9),
            ("credit.renewal", 1.2),
            ("credit.renewal", "0.9"),
            ("credit.renewal", {"dist": "unifrom", "low": 0, "high": 1}),
            ("credit.renewal", {"dist": "uniform", "low": 0}),
            ("credit.renewal", {"low": 0, "high": 1}),
            ("credit.renewal", UNIFORM | {"hihg": 1}),
            ("population.cash", {"sizes": {"micro": 2}}),
            ("population.cash", UNIFORM | {"industries": {}}),
            ("population.sizes.tiny", {"share": 0.1}),
            ("population.sizes.micro.share", 1.5),
            ("shock.closure.closed_share", {"retail": 2}),
            ("policy.1.levers.0", {"kind": "loan_renewl"}),
            ("policy.1.levers.0", {"take_up": 0.2}),
            ("policy.1.levers.0", {"kind": "loan_renewal", "renewal_lift": 0.2}),
            ("policy.1.levers.0", {"kind": "loan_renewal", "sizes": ["tiny"]}),
            ("policy.1.name", 5),
            ("draws", 0),
            ("draws", 2.5),
            ("firms", {"columns": {"sails": "turnover"}}),
            ("firms", {"columns": {"sales": 1}}),
            ("firms", {"factors": {"size": 12}}),
            ("firms", {"decimal": ";"}),
        ],
    )
    def test_what_is_not_allowed_does_not(self, valid, tables, place, value):
        assert not valid(changed(tables, place, value))

    def test_a_scenario_needs_firms(self, valid):
        assert not valid({"name": "x"})
        assert valid({"firms": {}})
        assert valid({"population": {}})

    def test_every_lever_is_in_it(self, schema):
        there = [
            schema["$defs"][item["$ref"].rpartition("/")[2]] for item in schema["$defs"]["Policy"]["properties"]["levers"]["items"]["oneOf"]
        ]
        assert [lever["properties"]["kind"]["const"] for lever in there] == list(kinds())
        assert all("kind" in lever["required"] for lever in there)

    def test_numbers_say_meaning_unit_limits_and_default(self, schema):
        renewal = schema["$defs"]["Credit"]["properties"]["renewal"]
        assert renewal["description"].startswith("Chance that the bank lends again")
        assert "(probability; allowed 0 to 1; plausible 0.85 to 0.98; assumption)" in renewal["description"]
        assert renewal["default"] == 0.93
        assert renewal["anyOf"] == [{"type": "number", "minimum": 0.0, "maximum": 1.0}, {"$ref": "#/$defs/Distribution"}]

    def test_every_default_that_a_table_names_is_described(self, schema):
        text = json.dumps(schema, ensure_ascii=False)
        # the key "common" of a distribution has its default where no distribution has it
        silent = [entry.name for entry in entries() if json.dumps(entry.text, ensure_ascii=False)[1:-1] not in text]
        assert set(silent) <= {"shock.sales.common", "lever.take_up"}

    def test_words_are_free_of_the_marks_of_docstrings(self, schema):
        def descriptions(node):
            if isinstance(node, dict):
                if isinstance(node.get("description"), str):
                    yield node["description"]
                for item in node.values():
                    yield from descriptions(item)
            elif isinstance(node, list):
                for item in node:
                    yield from descriptions(item)

        odd = [text for text in descriptions(schema) if "``" in text or ":class:" in text or ":mod:" in text or "\n" in text]
        assert odd == []


class TestFirm:
    def test_a_firm_of_ours_passes(self):
        schema = firm_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        assert set(schema["properties"]) == set(ALL_NAMES)
        validator = jsonschema.Draft202012Validator(schema)
        for row in draw_firms(Population(firms=5)).frame().to_dict("records"):
            validator.validate({name: value for name, value in row.items() if value == value})

    @pytest.mark.parametrize(
        "change", [{"sales": 0}, {"sales": "1"}, {"cash": None}, {"size": "tiny"}, {"tax_share": 2}, {"payday": 0}, {"state_landlord": 0.5}]
    )
    def test_a_wrong_one_does_not(self, change):
        firm = {"firm_id": "A", "sales": 1.0, "cash": 0.0}
        validator = jsonschema.Draft202012Validator(firm_schema())
        assert validator.is_valid(firm)
        assert not validator.is_valid(firm | change)


class TestCommand:
    def test_it_prints_the_schema_and_nothing_else(self, capsys):
        for words in (["schema"], ["schema", "scenario"], ["schema", "firms"]):
            assert answer(words) == 0
            out, err = capsys.readouterr()
            assert json.loads(out)["$schema"]
            assert err == ""

    def test_it_writes_a_file(self, tmp_path, capsys):
        file = tmp_path / "simsme.schema.json"
        for _ in range(2):
            assert answer(["schema", "--output", str(file)]) == 0
            assert json.loads(file.read_text(encoding="utf-8"))["title"] == "simsme scenario"
            out, err = capsys.readouterr()
            assert out == ""
            assert str(file) in err

    def test_where_it_cannot_write(self, tmp_path, capsys):
        assert answer(["schema", "--output", str(tmp_path / "no" / "x.json")]) == 2
        assert "cannot be written" in capsys.readouterr().err

    def test_shipped_scenarios_name_the_file_that_it_writes(self):
        for file in SCENARIOS:
            assert file.read_text(encoding="utf-8").splitlines()[0] == "#:schema ./simsme.schema.json"
