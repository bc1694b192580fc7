"""Synthetic firms: their numbers, their luck, and whether they look like firms."""

import dataclasses

import numpy as np
import pytest

from simsme.draw_firms import draw_firms, strata, weights
from simsme.firms import MONTH, Firms
from simsme.population import Population

ARRAYS = tuple(
    column.name for column in dataclasses.fields(Firms) if column.name not in ("ids", "filled", "remarks") and "_names" not in column.name
)


@pytest.fixture(scope="module")
def many():
    return draw_firms(Population(firms=60_000))


def weighted_share(firms, flags, among=None):
    weight = firms.weight if among is None else firms.weight * among
    return float((weight * flags).sum() / weight.sum())


def weighted_median(values, weight):
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def by_id(firms, name):
    return dict(zip(firms.ids, getattr(firms, name).tolist(), strict=True))


class TestStrata:
    def test_numbers_of_firms_are_in_proportion_up_to_rounding_for_any_number(self):
        population = Population(firms=5000)
        size, industry = np.divmod(strata(population).astype(int), len(population.industries))
        shares = np.array([0.60, 0.25, 0.15])[:, None] * np.array(list(population.industries.values()))
        for n in (18, 100, 777, 2000, 5000):
            counts = np.zeros(shares.shape)
            np.add.at(counts, (size[:n], industry[:n]), 1)
            assert counts.sum() == n
            assert np.abs(counts - n * shares).max() <= 1.0

    def test_weights_bring_sizes_and_industries_back_to_their_shares(self, many):
        assert many.weight.mean() == pytest.approx(1.0, abs=1e-12)
        for code, share in enumerate((0.853, 0.134, 0.013)):
            assert weighted_share(many, many.size == code) == pytest.approx(share, abs=1e-12)
        for code, share in enumerate(Population().industries.values()):
            assert weighted_share(many, many.industry == code) == pytest.approx(share, abs=1e-12)

    def test_sizes_keep_their_shares_where_a_sample_is_too_small_for_every_industry(self):
        population = Population(firms=20)
        cell = strata(population).astype(int)
        size, weight = cell // len(population.industries), weights(population, cell)[cell]
        assert weight.mean() == pytest.approx(1.0)
        assert weight[size == 0].sum() / weight.sum() == pytest.approx(0.853)

    @pytest.mark.parametrize("n", [1, 2, 7])
    def test_a_handful_of_firms_is_a_population_too(self, n):
        firms = draw_firms(Population(firms=n))
        assert len(firms) == n
        assert firms.weight.sum() == pytest.approx(n)

    def test_an_industry_without_a_share_has_no_firms(self):
        firms = draw_firms(Population(firms=50, industries={"retail": 1.0, "services": 0.0}))
        assert set(firms.industry.tolist()) == {0}


class TestLuck:
    def test_the_first_firms_stay_the_same_when_more_are_drawn(self):
        few, more = draw_firms(Population(firms=300)), draw_firms(Population(firms=1000))
        for name in set(ARRAYS) - {"order", "weight"}:
            there = by_id(more, name)
            assert all(there[firm_id] == value for firm_id, value in by_id(few, name).items()), name

    def test_firms_are_sorted_by_key_and_remember_their_number(self):
        firms = draw_firms(Population(firms=300))
        assert (np.diff(firms.key.astype(object)) > 0).all()
        assert [firms.ids[row] for row in np.argsort(firms.order)][:2] == ["firm-0000001", "firm-0000002"]

    def test_another_column_does_not_change_the_luck_of_this_one(self):
        plain, other = draw_firms(Population(firms=200)), draw_firms(Population(firms=200, rent_day=0.5, payable_days=30.0))
        assert (plain.cash == other.cash).all()

    def test_another_seed_draws_another_population(self):
        assert (draw_firms(Population(firms=50)).cash != draw_firms(Population(firms=50, seed=1)).cash).all()

    def test_columns_are_uncorrelated_unless_a_copula_ties_them(self):
        free = draw_firms(Population(firms=20_000))
        tied = draw_firms(Population(firms=20_000, correlation={"cash~margin": 0.6, "margin~owner_funds": -0.3}))
        ranks = {}
        for name, firms in (("free", free), ("tied", tied)):
            one = firms.size == 0
            chosen = one & (firms.industry == 0)
            runway, margin = firms.static_runway_days[chosen], firms.margin[chosen]
            ranks[name] = np.corrcoef(runway.argsort().argsort(), margin.argsort().argsort())[0, 1]
        assert abs(ranks["free"]) < 0.04
        assert ranks["tied"] == pytest.approx(6 / np.pi * np.arcsin(0.6 / 2), abs=0.04)

    def test_a_tie_leaves_the_distribution_of_each_column_as_stated(self):
        tied = draw_firms(Population(firms=20_000, correlation={"receivable_days~loan_rate": 0.8}))
        assert np.median(tied.receivable_days) == pytest.approx(61.0, rel=0.02)
        assert np.log(tied.receivable_days).std() == pytest.approx(0.5, rel=0.03)


class TestEveryFirm:
    def test_nothing_is_missing_or_negative(self, many):
        for name in ARRAYS:
            values = getattr(many, name)
            assert values.shape == (60_000,)
            if name != "loan_due_day":
                assert np.isfinite(values).all(), name
            assert (values >= 0).all(), name

    def test_without_a_loan_no_day_on_which_it_falls_due(self, many):
        assert (np.isinf(many.loan_due_day) == (many.loan == 0.0)).all()
        assert (many.loan_due_day > 0.0).all()

    def test_days_of_payment_lie_in_their_month_or_period(self, many):
        for name in ("payday", "tax_day", "interest_day"):
            assert 0.0 < getattr(many, name).min() <= getattr(many, name).max() <= MONTH
        assert set(many.rent_every_months.tolist()) == {1.0, 3.0}
        assert (many.rent_day > 0).all() and (many.rent_day <= MONTH * many.rent_every_months).all()

    def test_yes_or_no_is_one_or_zero_in_the_stated_share(self, many):
        assert set(many.state_landlord.tolist()) == {0.0, 1.0}
        assert many.state_landlord.mean() == pytest.approx(0.164, abs=0.006)

    def test_jobs_follow_payroll_and_nobody_has_none(self, many):
        assert many.employees.min() == 1.0
        assert (many.employees == np.maximum(np.rint(many.payroll / 80_000), 1.0)).all()

    def test_default_risk_is_a_probability(self, many):
        assert 0.0 < many.default_risk.min() < many.default_risk.max() < 1.0

    def test_costs_and_margin_add_up_to_sales(self, many):
        costs = many.materials_share * many.sales + many.people_cost + many.rent + many.overheads + many.tax_share * many.sales
        assert costs + many.margin * many.sales == pytest.approx(many.sales)

    def test_assets_are_debts_and_equity(self, many):
        assert many.assets == pytest.approx(many.equity + many.payables + many.accruals + many.loan)

    def test_take_keeps_rows_together(self, many):
        some = many.take(many.industry == 2)
        assert set(some.industry.tolist()) == {2}
        assert len(some) == len(some.ids) == some.cash.size == int((many.industry == 2).sum())
        assert by_id(some, "cash").items() <= by_id(many, "cash").items()


class TestMagnitudes:
    """What the starting values are set to give, over the weighted default population."""

    def test_margins_by_industry(self, many):
        for code, margin in enumerate((0.06, 0.03, 0.05, 0.08, 0.08, 0.05)):
            here = many.industry == code
            assert np.average(many.margin[here], weights=many.weight[here]) == pytest.approx(margin, abs=0.002)
            assert many.margin[here].std() == pytest.approx(0.04, abs=0.002)

    def test_runway_meets_the_survey_except_in_wholesale(self, many):
        # ESIEC: 20 % of firms cannot last beyond one month, 64 % not beyond three
        others = many.industry_names.index("wholesale") != many.industry
        runway = many.static_runway_days
        assert weighted_share(many, runway <= MONTH, others) == pytest.approx(0.20, abs=0.01)
        assert weighted_share(many, runway <= 3 * MONTH, others) == pytest.approx(0.64, abs=0.01)
        assert weighted_share(many, runway <= MONTH) == pytest.approx(0.17, abs=0.01)
        assert weighted_share(many, runway <= 3 * MONTH) == pytest.approx(0.57, abs=0.01)

    def test_wholesale_holds_cash_against_sales(self, many):
        here = many.industry_names.index("wholesale") == many.industry
        assert weighted_median((many.cash / many.sales)[here], many.weight[here]) == pytest.approx(2.16 * 0.2 / 12, rel=0.03)

    def test_the_median_borrower_of_an_industry_owns_a_fifth_of_its_assets(self, many):
        for code in range(len(many.industry_names)):
            here = (many.industry == code) & (many.loan > 0)
            assert weighted_median((many.equity / many.assets)[here], many.weight[here]) == pytest.approx(0.20, abs=0.03)

    def test_default_risk_is_the_pool_that_the_bank_reckons_with(self, many):
        logs = np.log(many.default_risk)
        mean = np.average(logs, weights=many.weight)
        assert weighted_median(many.default_risk, many.weight) == pytest.approx(0.03, rel=0.05)
        assert np.sqrt(np.average((logs - mean) ** 2, weights=many.weight)) == pytest.approx(0.8, abs=0.03)

    def test_default_risk_rises_with_what_kills(self):
        score = Population().risk_score
        base = {"runway_days": 60.0, "margin": 0.05, "leverage": 0.5, "volatility": 0.5}
        risk = {
            name: float(score.probability(**{key: np.array([value]) for key, value in (base | change).items()})[0])
            for name, change in (
                ("base", {}),
                ("runway", {"runway_days": 20.0}),
                ("margin", {"margin": 0.0}),
                ("leverage", {"leverage": 1.0}),
                ("volatility", {"volatility": 1.0}),
            )
        }
        assert all(risk[name] > risk["base"] for name in risk if name != "base")

    def test_loans_by_size(self, many):
        for code, share in enumerate((0.28, 0.45, 0.65)):
            assert weighted_share(many, many.loan > 0, many.size == code) == pytest.approx(share, abs=0.015)
        borrowers = many.loan > 0
        assert weighted_share(many, many.loan_due_day <= 365, borrowers) == pytest.approx(0.80, abs=0.015)
        assert np.median((many.loan / many.sales)[borrowers]) == pytest.approx(0.20, rel=0.03)
        assert (many.loan / many.sales).max() <= 0.5 + 1e-9


def test_a_stated_default_risk_is_taken():
    firms = draw_firms(Population(firms=20, default_risk={"dist": "uniform", "low": 0.01, "high": 0.02}))
    assert 0.01 <= firms.default_risk.min() <= firms.default_risk.max() <= 0.02
