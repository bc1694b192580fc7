"""What the simulation says of the Polish firms: the scenario as shipped, and with one thing changed."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ranking import Floats

import simsme
from poland.firms import arithmetic, cash_profit, column

SCENARIO, POLICY = "poland-firms", "none"
HORIZON = 364
CASH_OUT, EXIT = f"cash_out_by_{HORIZON}", f"gone_by_{HORIZON}"

Tell = Callable[[str], None]


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
