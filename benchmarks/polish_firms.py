"""The Polish firms, what is simply known of them, and what the simulation says of them."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from ranking import Counts, Flags, Floats, areas, logistic_score

import simsme

FILE = "poland_firms_5y.csv.gz"
SCENARIO, POLICY = "poland-firms", "none"
HORIZON = 364
CASH_OUT, EXIT = f"cash_out_by_{HORIZON}", f"gone_by_{HORIZON}"

RUNWAY = "bare runway: cash / cash operating costs"
CASH_MARGIN = "cash plus margin, *fitted*: logistic in log(1 + runway) and operating profit / sales (within ±0.5)"
CASH_PROFIT = "(cash + a year's operating profit) / sales"
ARITHMETIC = "(cash + a year's sales - operating costs) / operating costs"
RECORDED = {RUNWAY: 0.592, CASH_MARGIN: 0.653}
"""Areas of two baselines as they were recorded before there was a simulation."""

Tell = Callable[[str], None]


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


# ------------------------------------------------------------------------------------------------------------------ the simulation


@dataclass(frozen=True)
class Simulated:
    """Shares of draws by filling of what the file does not say.

    Attributes
    ----------
    shares
        By column of the table by firm (`simsme.firm_level`): (filling, firm), firms in the order of the file.
    draws
        Draws of each filling.
    """

    shares: dict[str, Floats]
    draws: int

    @property
    def fillings(self) -> int:
        """How many fillings there are."""
        return len(self.shares[EXIT])

    def chance(self, name: str, fillings: Sequence[int] | slice = slice(None)) -> Floats:
        """Mean over fillings, all unless some are named, (n,)."""
        mean: Floats = self.shares[name][fillings].mean(axis=0)
        return mean


def simulate(file: Path, fillings: int, draws: int, tell: Tell, overrides: Sequence[str] = ()) -> Simulated:
    """Run the file under no policy, each time with another filling (``population.seed``) and other luck (``seed``), both from 0.

    Raises
    ------
    ValueError
        Where a run does not give every firm in the order of the file.
    """
    ids = pd.read_csv(file, usecols=["firm_id"])["firm_id"].to_list()
    parts: list[pd.DataFrame] = []
    for k in range(fillings):
        tell(f"filling {k + 1} of {fillings}")
        run = simsme.run(
            SCENARIO, firms=file, firm_level=True, policies=[POLICY], draws=draws, seed=k, overrides=[f"population.seed={k}", *overrides]
        )
        table = run.firm_level
        if table["firm_id"].to_list() != ids:
            raise ValueError(f"{file.name}: the run does not give its firms one by one in their order")
        parts.append(table)
    names = [name for name in parts[0].columns if name.startswith(("cash_out_by_", "gone_"))]
    return Simulated({name: np.stack([column(part, name) for part in parts]) for name in names}, draws)


# -------------------------------------------------------------------------------------------------------- other readings of the file


@dataclass(frozen=True)
class Variant:
    """The scenario or the reading of the file changed in one place.

    Attributes
    ----------
    name
        What is changed.
    overrides
        Settings of the scenario.
    edit
        The file's table with columns changed; None where the file is read as it is.
    arithmetic
        A score without simulation from the same columns as this variant reads; None where that is `ARITHMETIC`.
    """

    name: str
    overrides: tuple[str, ...] = ()
    edit: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    arithmetic: Callable[[pd.DataFrame], Floats] | None = None

    def simulate(self, file: Path, fillings: int, draws: int, tell: Tell) -> Simulated:
        """Run the variant, on a changed copy of the file where that is needed."""
        if self.edit is None:
            return simulate(file, fillings, draws, tell, self.overrides)
        with tempfile.TemporaryDirectory() as folder:
            changed = Path(folder) / "firms.csv"
            self.edit(pd.read_csv(file)).to_csv(changed, index=False)
            return simulate(changed, fillings, draws, tell, self.overrides)


def _without_depreciation(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(opex_annual=np.maximum(column(data, "opex_annual") - column(data, "depreciation_annual"), 0.0))


def _with_accruals(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(cash=np.maximum(column(data, "quick_cash_incl_accruals"), 0.0))


def _with_margin(data: pd.DataFrame, profit: Floats) -> pd.DataFrame:
    """A column ``margin``, which the scenario reads under that name."""
    return data.assign(margin=np.clip(profit / column(data, "sales_annual"), -20.0, 1.0))


def _operating_margin(data: pd.DataFrame) -> pd.DataFrame:
    return _with_margin(data, column(data, "operating_profit"))


def _pre_tax_margin(data: pd.DataFrame) -> pd.DataFrame:
    # the model takes interest out itself: put back what it takes, at the scenario's rate and shares of the debts that are loans
    loan = 0.25 * column(data, "st_liabilities") + 0.80 * column(data, "lt_liabilities")
    return _with_margin(data, column(data, "gross_profit_pretax") + 0.065 * loan)


_NO_COSTS = ('firms.columns.operating_costs=""',)

VARIANTS = (
    Variant("no shock", ("shock={}",)),
    Variant("trade payables 75 % of short-term liabilities, not 50", ("firms.short_term_payables_share=0.75",)),
    Variant("bank loans 50 % of short-term liabilities, not 25", ("firms.short_term_loan_share=0.5",)),
    Variant("liquid assets with accruals as cash", edit=_with_accruals, arithmetic=lambda data: arithmetic(_with_accruals(data))),
    Variant(
        "depreciation taken out of operating costs",
        edit=_without_depreciation,
        arithmetic=lambda data: arithmetic(_without_depreciation(data)),
    ),
    Variant("margin from operating profit", _NO_COSTS, _operating_margin, lambda data: cash_profit(data, "operating_profit")),
    Variant("margin from pre-tax profit", _NO_COSTS, _pre_tax_margin, lambda data: cash_profit(data, "gross_profit_pretax")),
)


# ------------------------------------------------------------------------------------------------- what else the file says of a firm


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


def missing_expenses(data: pd.DataFrame) -> NDArray[np.bool_]:
    """Firms of which the file does not tell financial expenses, (n,)."""
    return data["financial_expenses"].isna().to_numpy()
