"""The tables [population] and [firms] of a scenario, and how a column spreads over firms."""

import numpy as np
import pytest

from simsme.column_spec import ColumnSpec
from simsme.distributions import Lognorm
from simsme.firms_file import FirmsFile
from simsme.population import COLUMNS, KINDS_OF_FIRM, Population
from simsme.problems import InputError
from simsme.reference import entries, entry
from simsme.tables import parse_table


def problems(kind, data, place="population"):
    with pytest.raises(InputError) as caught:
        parse_table(kind, data, "mine.toml", place)
    return [str(problem) for problem in caught.value.problems]


def test_every_column_has_a_reference_entry_and_a_stream_of_its_own():
    assert len(set(COLUMNS)) == len(COLUMNS)
    fields = {name for name in Population.model_fields if name in COLUMNS}
    assert fields == set(COLUMNS) - set(KINDS_OF_FIRM)
    for name in fields - {"default_risk"}:
        assert entry(f"population.{name}").unit


def test_streams_of_columns_stay_where_they_are():
    # the position is the number of the stream: inserting a column would give every firm new luck
    assert COLUMNS[:8] == ("industry", "size", "legal_form", "region", "sales", "margin", "materials_share", "people_share")
    assert (COLUMNS.index("cash"), COLUMNS.index("rent_day"), len(COLUMNS)) == (15, 40, 41)


def test_entries_of_the_population_are_all_used():
    names = {name for name in (found.name for found in entries()) if name.startswith("population.")}
    fields = {f"population.{name}" for name in Population.model_fields} - {"population.default_risk", "population.risk_score"}
    scores = {f"population.risk_score.{name}" for name in ("intercept", "runway", "margin", "leverage", "volatility")}
    assert names == fields | scores


class TestColumnSpec:
    industries, sizes = ("retail", "services"), ("micro", "small")
    industry, size = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])

    def values(self, written, u=(0.1, 0.5, 0.5, 0.9)):
        spec = ColumnSpec.model_validate(written)
        return spec.values(lambda: np.array(u), self.industry, self.size, self.industries, self.sizes).tolist()

    def test_a_number_holds_for_all(self):
        assert self.values(0.07) == [0.07] * 4

    def test_a_distribution_is_drawn_by_each_firm_with_its_own_luck(self):
        assert self.values({"dist": "uniform", "low": 0.0, "high": 10.0}) == [1.0, 5.0, 5.0, 9.0]

    def test_an_industry_beats_a_size_which_beats_the_general_value(self):
        written = {"value": 1.0, "size": {"small": 2.0}, "industry": {"services": 3.0}}
        assert self.values(written) == [1.0, 2.0, 3.0, 3.0]

    def test_factors_multiply(self):
        written = {"value": 2.0, "industry_factor": {"services": 10.0}, "size_factor": {"small": 0.5}}
        assert self.values(written) == [2.0, 1.0, 20.0, 10.0]

    def test_overrides_stand_beside_the_parameters_of_a_distribution(self):
        written = {"dist": "uniform", "low": 0.0, "high": 1.0, "industry": {"services": {"dist": "uniform", "low": 10.0, "high": 20.0}}}
        assert self.values(written) == pytest.approx([0.1, 0.5, 15.0, 19.0])

    def test_luck_is_not_asked_for_where_nothing_is_drawn(self):
        spec = ColumnSpec.model_validate({"value": 1.0, "industry": {"retail": 2.0}})
        assert spec.values(lambda: pytest.fail("drawn"), self.industry, self.size, self.industries, self.sizes).tolist() == [2, 2, 1, 1]

    def test_a_spec_passes_through_unchanged(self):
        spec = ColumnSpec(value=Lognorm(median=2.0, sigma=1.0))
        assert ColumnSpec.model_validate(spec) is spec
        assert ColumnSpec.model_validate(spec.model_dump(exclude_none=True)) == spec


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"industries": {"a": 0.5}}, "population.industries: the shares add up to 0.5; they must add up to 1"),
        ({"industries": {" ": 1.0}}, 'population.industries: " " is not a name'),
        ({"sizes": {"tiny": {"share": 1.0}}}, 'population.sizes.tiny: is not known; one of "micro", "small", "medium"'),
        ({"legal_forms": {"incorporate": 1.0}}, 'did you mean "incorporated"?'),
        ({"sizes": {"micro": {"share": 1.0, "sample": 0.5}}}, "the samples add up to 0.5"),
        ({"sizes": {"micro": {"share": 0.5, "sample": 0.0}, "small": {"share": 0.5, "sample": 1.0}}}, "micro: sample 0 leaves 0.5"),
        (
            {"sizes": {"micro": {"share": 0.5, "sales_below": 9.0}, "small": {"share": 0.5, "sales_below": 3.0}}},
            "sales_below must rise from the first class to the last",
        ),
        ({"csh": 2.0}, 'population.csh: unknown key; did you mean "cash"?'),
        ({"cash": -1.0}, "population.cash: -1 is outside the allowed range 0 or more"),
        ({"cash": "two"}, "population.cash: must be a number or a distribution such as"),
        ({"cash": {"dist": "lognorm", "median": -2.0, "sigma": 1.0}}, "population.cash.median: -2 is not allowed; it must be above 0"),
        ({"cash": {"dist": "lognrm"}}, 'population.cash: unknown distribution "lognrm"; did you mean "lognorm"?'),
        ({"cash": {"value": 1.0, "industry": {"retial": 2.0}}}, 'population.cash.industry: no industry "retial"; did you mean "retail"?'),
        ({"cash": {"value": 1.0, "industry": {"retail": -2.0}}}, "population.cash.industry.retail: -2 is outside the allowed range"),
        ({"cash": {"value": 1.0, "size_factor": {"large": 2.0}}}, 'population.cash.size: no size "large"'),
        ({"cash": {"size": {"micro": 1.0}}}, 'population.cash: gives nothing for industry "manufacturing", size "small"'),
        ({"cash": {"dist": "lognorm", "median": 2.0, "sigma": 1.0, "common": 0.3}}, "population.cash.common: has no meaning here"),
        ({"margin": {"dist": "norm", "mean": 0.05, "sd": 0.1}}, "clip it with minimum = -1 and maximum = 0.95"),
        (
            {"credit_sales_share": {"value": 0.9, "size_factor": {"micro": 2.0}}},
            "population.credit_sales_share: becomes 1.8 with a factor of 2",
        ),
        (
            {"credit_sales_share": {"dist": "uniform", "low": 0.2, "high": 0.9, "industry_factor": {"retail": 2.0}}},
            "population.credit_sales_share: reaches 0.4 to 1.8 with a factor of 2; the allowed range is 0 to 1",
        ),
        ({"with_loan": {"dist": "uniform", "low": 0.0, "high": 1.0}}, "population.with_loan: must be a number here: the share of firms"),
        ({"default_risk": 2.0}, "population.default_risk: 2 is outside the allowed range"),
        ({"firms": 0}, "population.firms: 0 is outside the allowed range 1 to 10,000,000"),
        ({"correlation": {"cash-sales": 0.5}}, "population.correlation.cash-sales: must name two columns"),
        ({"correlation": {"cash~margn": 0.5}}, 'no column "margn"; did you mean "margin"?'),
        ({"correlation": {"industry~cash": 0.5}}, 'no column "industry"'),
        ({"correlation": {"cash~cash": 0.5}}, "a pair of different columns may stand here once"),
        ({"correlation": {"cash~sales": 0.5, "sales~cash": 0.4}}, "a pair of different columns may stand here once"),
        ({"correlation": {"cash~sales": 1.5}}, "population.correlation.cash~sales: 1.5 is outside the allowed range -1 to 1"),
        ({"correlation": {"cash~sales": 0.9, "cash~margin": 0.9, "sales~margin": -0.9}}, "not positive definite"),
    ],
)
def test_what_is_wrong_with_a_population_is_said_plainly(written, message):
    found = problems(Population, written)
    assert len(found) == 1
    assert message in found[0]
    assert found[0].startswith("mine.toml: population.")


def test_all_problems_are_told_at_once():
    assert len(problems(Population, {"csh": 2.0, "cash": -1.0, "firms": "many", "margin": 3.0})) == 4


def test_defaults_serve_industries_of_the_users_own():
    population = parse_table(Population, {"industries": {"mining": 1.0}}, "mine.toml")
    assert population.industry_names == ("mining",)
    assert population.materials_share.source("mining", "micro") == 0.59


def test_a_population_can_be_written_as_json():
    assert Population.model_validate(Population().model_dump(exclude_none=True)) == Population()
    assert Population().model_dump(mode="json", exclude_none=True)["cash"]["value"]["median"] == 2.16


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"columns": {"salles": "B"}}, 'firms.columns.salles: no column "salles" is known; did you mean "sales"?'),
        ({"constants": {"industry": 3.0}}, "firms.constants.industry: must be text in quotes, found 3"),
        ({"constants": {"rent": "x"}}, 'firms.constants.rent: must be a number, found "x" (text)'),
        ({"constants": {"margin": 2.0}}, "firms.constants.margin: 2 is outside the allowed range at most 1"),
        ({"constants": {"firm_id": "a"}}, "firms.constants.firm_id: cannot be a constant"),
        ({"values": {"rent": {"a": "b"}}}, "firms.values.rent: rent is a column of numbers"),
        ({"money_unit": 0.0}, "firms.money_unit: 0 is outside the allowed range"),
        ({"short_term_loan_share": 0.9}, "firms.short_term_loan_share: the shares of short-term liabilities add up to 1.4"),
        ({"column": {}}, 'firms.column: unknown key; did you mean "columns"?'),
    ],
)
def test_what_is_wrong_with_a_mapping_is_said_plainly(written, message):
    found = problems(FirmsFile, written, "firms")
    assert len(found) == 1
    assert message in found[0]
