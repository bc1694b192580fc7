"""The file of Polish firms: its columns as ratios, and scores that need no simulation."""

import numpy as np
import pandas as pd
from ranking import Counts, Flags, Floats, areas, logistic_score

FILE = "poland_firms_5y.csv.gz"

AGREEMENT = 0.02
"""Share of sales within which costs and operating profit of a firm are taken to say the same margin."""

RUNWAY = "bare runway: cash / cash operating costs"
CASH_MARGIN = "cash plus margin, *fitted*: logistic in log(1 + runway) and operating profit / sales (within ±0.5)"
CASH_PROFIT = "(cash + a year's operating profit) / sales"
ARITHMETIC = "(cash + a year's sales - operating costs) / operating costs"
RECORDED = {RUNWAY: 0.592, CASH_MARGIN: 0.653}
"""Areas of two baselines as they were recorded before there was a simulation."""


def failed_of(data: pd.DataFrame) -> Flags:
    """Who went bankrupt, (n,)."""
    return np.asarray(data["bankrupt"].to_numpy() == 1)


def column(data: pd.DataFrame, name: str) -> Floats:
    """A column of the file as numbers, (n,)."""
    return data[name].to_numpy(dtype=np.float64)


def margin_by_costs(data: pd.DataFrame) -> Floats:
    """Margin as the scenario reads it: sales less operating costs, share of sales, (n,)."""
    return 1.0 - column(data, "opex_annual") / column(data, "sales_annual")


def margin_by_profit(data: pd.DataFrame) -> Floats:
    """Margin from the file's operating profit, share of sales, (n,)."""
    return column(data, "operating_profit") / column(data, "sales_annual")


def agreeing(data: pd.DataFrame) -> Flags:
    """Firms whose costs and operating profit say the same margin within `AGREEMENT`, (n,)."""
    return np.asarray(np.abs(margin_by_profit(data) - margin_by_costs(data)) < AGREEMENT)


def cash_profit(data: pd.DataFrame, profit: str) -> Floats:
    """Cash and a year's profit over sales, riskier is higher, (n,)."""
    return -(column(data, "cash") + column(data, profit)) / column(data, "sales_annual")


def arithmetic(data: pd.DataFrame) -> Floats:
    """Cash and what a year leaves over operating costs, riskier is higher, (n,)."""
    costs = np.maximum(column(data, "opex_annual"), 1e-6)
    return -(column(data, "cash") + column(data, "sales_annual") - costs) / costs


def baselines(data: pd.DataFrame) -> dict[str, Floats]:
    """Scores that need no simulation, riskier is higher, by name; `CASH_MARGIN` alone has seen who went bankrupt."""
    runway = column(data, "runway_days_zero_revenue")
    return {
        RUNWAY: -runway,
        CASH_MARGIN: logistic_score(failed_of(data), [np.log1p(runway), np.clip(margin_by_profit(data), -0.5, 0.5)]),
        CASH_PROFIT: cash_profit(data, "operating_profit"),
        ARITHMETIC: arithmetic(data),
    }


def check_baselines(data: pd.DataFrame) -> None:
    """Stop where the recorded areas are not reproduced to three decimals: then the file or the ranking is not what it was."""
    once: Counts = np.ones((1, len(data)), dtype=np.int64)
    scores, failed = baselines(data), failed_of(data)
    wrong = [
        f"{name}: {area:.4f}, recorded {recorded}"
        for name, recorded in RECORDED.items()
        if not abs((area := float(areas(scores[name], failed, once)[0])) - recorded) <= 0.0005
    ]
    if wrong:
        raise SystemExit("the recorded areas are not reproduced; nothing written\n" + "\n".join(wrong))


def other_columns(data: pd.DataFrame) -> dict[str, Floats]:
    """What a balance sheet says besides, riskier is higher by expectation, NaN where the file does not say, (n,) by name."""
    sales, assets = column(data, "sales_annual"), column(data, "total_assets")
    current = column(data, "cash") + column(data, "receivables") + column(data, "inventory")
    debts = column(data, "st_liabilities") + column(data, "lt_liabilities")
    return {
        "less bare runway": -column(data, "runway_days_zero_revenue"),
        "less operating profit / sales": -margin_by_profit(data),
        "less pre-tax profit / sales": -column(data, "gross_profit_pretax") / sales,
        "less depreciation / sales": -column(data, "depreciation_annual") / sales,
        "less equity / assets": -column(data, "equity") / assets,
        "fewer fixed assets / assets": -(assets - current) / assets,
        "less working capital / sales": -(current - column(data, "st_liabilities")) / sales,
        "more debts / sales": debts / sales,
        "slower growth of sales": -column(data, "sales_growth_ratio"),
        "fewer sales": -sales,
    }


def missing_expenses(data: pd.DataFrame) -> Flags:
    """Firms of which the file does not tell financial expenses, (n,)."""
    return data["financial_expenses"].isna().to_numpy()
