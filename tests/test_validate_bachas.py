"""The source bachas: the engine's books of a lockdown against the paper's formulas, firm by firm, and the inputs of the countries."""

import numpy as np
import pytest

from simsme.levers import kinds
from simsme.validation import bachas
from simsme.validation.bachas import LAY_OFFS, MONTHS, PERCENTS, STANDS, SUBSIDY, Runs, in_profit, laid_off, simulate_bachas
from simsme.validation.bachas_inputs import countries, inputs, margins
from simsme.validation.rows import Simulated, rows_of
from simsme.validation.setting import Setting
from simsme.validation.targets import targets_of

FIRMS = ("population.firms=300",)
LOST = np.array([1.0, 0.5, 0.2])
"""Share of sales that a firm of each tier loses while the lockdown lasts."""


@pytest.fixture(scope="module", params=["ALB", "RWA"])
def runs(request):
    """Two countries: one of average firms, one where two thirds of costs are materials."""
    return Runs(countries()[request.param], inputs()["concentration"], FIRMS)


def parts(accounts, months):
    """Turnover, labour, materials, fixed costs, and the share of the year's sales that is lost, as the paper names them."""
    firms = accounts.firms
    labour, fixed = firms.payroll * (1.0 + firms.social_share), firms.overheads
    return firms.sales, labour, firms.materials_share * firms.sales, fixed, LOST[firms.industry] * months / 12.0


def trades(accounts):
    """Firms that cover their materials; the others lie dormant and make the same loss with and without lockdown."""
    return accounts.firms.materials_share <= 1.0


@pytest.mark.parametrize("months", MONTHS)
def test_no_cost_adjusts(runs, months):
    accounts = runs.accounts(months, STANDS)
    sales, _, _, fixed, lost = parts(accounts, months)
    assert accounts.revenue == pytest.approx(sales * (1.0 - lost), rel=1e-9)
    assert accounts.profit == pytest.approx(sales * (1.0 - lost) - fixed, abs=1e-6 * sales.max())


@pytest.mark.parametrize("months", MONTHS)
def test_materials_adjust(runs, months):
    accounts, before = runs.accounts(months), runs.accounts(0)
    sales, labour, materials, fixed, lost = parts(accounts, months)
    here = trades(accounts)
    profit = sales * (1.0 - lost) - labour - materials * (1.0 - lost) - fixed
    assert accounts.profit[here] == pytest.approx(profit[here], abs=1e-6 * sales.max())
    costs = labour + materials + fixed
    formula = np.minimum(profit, sales - costs) >= -1e-6
    assert np.array_equal(in_profit(accounts, before)[here], formula[here].astype(float))


@pytest.mark.parametrize("months", MONTHS)
def test_lay_offs_are_those_of_the_papers_formula(runs, months):
    before, kept, followed = runs.accounts(0), runs.accounts(months), runs.accounts(months, LAY_OFFS)
    sales, labour, materials, fixed, lost = parts(before, months)
    available = sales * (1.0 - lost) - fixed - materials * (1.0 - lost)
    target = np.minimum(0.0, sales - labour - materials - fixed)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.clip((labour + target - available) / (lost * labour), 0.0, 1.0)
    here = trades(before) & (labour > 1e-3 * sales)
    assert laid_off(before, kept, followed)[here] == pytest.approx((x * lost * labour)[here], abs=1e-5 * sales.max())


@pytest.mark.skipif(SUBSIDY not in kinds(), reason="no lever wage_subsidy")
def test_a_subsidy_saves_payroll(runs):
    before, kept, followed = runs.accounts(0), runs.subsidised(3), runs.subsidised(3, LAY_OFFS)
    lost = [laid_off(before, kept[str(percent)], followed[str(percent)]).sum() for percent in PERCENTS]
    assert all(more >= less for more, less in zip(lost, lost[1:], strict=False))
    sales, labour, materials, fixed, share = parts(before, 3)
    available = sales * (1.0 - share) - fixed - materials * (1.0 - share) - labour
    target = np.minimum(0.0, sales - labour - materials - fixed)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.clip((target - available - 0.5 * 0.25 * labour) / (0.5 * share * labour), 0.0, 1.0)
    here = trades(before) & (labour > 1e-3 * sales)
    # the windows of levers are whole days: 91 for 91.25
    assert laid_off(before, kept["50"], followed["50"])[here] == pytest.approx((x * share * labour)[here], abs=2e-3 * sales.max())


@pytest.mark.parametrize("bent", [False, True])
def test_margins_have_the_countrys_mean_and_share(bent):
    for country in countries().values():
        p, x = margins(country, bent)
        u = (np.arange(200_000) + 0.5) / 200_000
        drawn = np.interp(u, p, x)
        assert (drawn >= 0.0).mean() == pytest.approx(country.profitable, abs=2e-4)
        assert np.maximum(drawn, 0.0).mean() == pytest.approx(country.margin, abs=2e-4)
        assert p[0] == 0.0 and p[-1] == 1.0 and (np.diff(p) > 0.0).all() and (np.diff(x) >= 0.0).all()


def test_margins_of_all_countries_together_have_the_published_quantiles():
    """Within a point of those of the file: 5, 10, 25, 75, 90 and 95 % of firms have margins up to these."""
    histogram = inputs()["margins"]
    firms = np.array(histogram["firms"])
    ends = histogram["lowest"] + histogram["width"] * np.arange(1, len(firms) + 1)
    below = np.cumsum(firms) / firms.sum()
    for share, margin in ((0.05, -0.56), (0.10, -0.16), (0.75, 0.08), (0.90, 0.21), (0.95, 0.39)):
        assert np.interp(share, below, ends) == pytest.approx(margin, abs=0.011)


def test_shares_of_costs_are_those_of_the_country(runs):
    firms = Runs(runs.country, runs.concentration, ("population.firms=4000",)).accounts(0).firms
    labour, materials, fixed = firms.payroll * (1.0 + firms.social_share), firms.materials_share * firms.sales, firms.overheads
    costs = labour + materials + fixed
    found = [(part / costs)[costs > 1e-6].mean() for part in (labour, materials, fixed)]
    assert found == pytest.approx(list(runs.country.costs), abs=0.03)


def test_every_number_of_two_countries_is_simulated(monkeypatch):
    """All rules, for those that the paper has; what is in all is the mean of the countries."""
    two = {code: countries()[code] for code in ("ALB", "RWA")}
    monkeypatch.setattr(bachas, "countries", lambda: two)
    setting = Setting(firms=60)
    found = simulate_bachas(setting)
    targets = {target.id for target in targets_of("bachas")}
    assert targets - set(found) == {name for name in targets if name.split("-")[1] in set(countries()) - set(two)}
    runs = {code: Runs(country, inputs()["concentration"], setting.firms_override) for code, country in two.items()}
    assert found["1a-ALB-3"].value == runs["ALB"].stands(3)[0]
    assert found["3-0-3"].value == pytest.approx(sum(of_one.payroll(3)[1][0] for of_one in runs.values()) / 2)


@pytest.mark.slow
def test_most_shares_without_adjustment_are_within_five_points():
    own, alike = Setting(firms=1500).firms_override, inputs()["concentration"]
    stands = {
        f"1a-{code}-{months}": Simulated(*Runs(country, alike, own).stands(months))
        for code, country in countries().items()
        for months in MONTHS
    }
    rows = rows_of(targets_of("bachas"), stands)
    verdicts = [row.verdict for row in rows if row.target.id.startswith("1a-")]
    assert len(verdicts) == 20
    assert verdicts.count("pass") >= 16
