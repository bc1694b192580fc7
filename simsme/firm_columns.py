"""The columns that a file of firms may have: unit, allowed range, meaning. The same names as in :class:`simsme.firms.Firms`."""

import math
from dataclasses import dataclass

MONTH = 365.0 / 12.0


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Attributes
    ----------
    name
        Its name in a user's file, unless ``[firms]`` maps another.
    unit
        ``money``, ``money a year``, ``share``, ``days`` or a word of its own.
    lowest, highest
        Allowed values, included.
    meaning
        One line for documentation and errors.
    required
        Whether every file needs it.
    """

    name: str
    unit: str
    lowest: float
    highest: float
    meaning: str
    required: bool = False

    def allows(self, value: float) -> bool:
        """Whether a value is finite and in the allowed range."""
        return math.isfinite(value) and self.lowest <= value <= self.highest

    @property
    def is_money(self) -> bool:
        """Whether the file's unit of money applies."""
        return self.unit.startswith("money")


TINY = 1e-9
"""Stands for "above 0" where 0 itself makes no sense."""


MOST_MONEY = 1e15
"""More than any firm has in any currency; a larger number is a slip, and sums of it would lose the cents."""


def _money(name: str, meaning: str, *, yearly: bool = False, lowest: float = 0.0, required: bool = False) -> Column:
    return Column(name, "money a year" if yearly else "money", lowest, MOST_MONEY, meaning, required)


def _share(name: str, meaning: str, highest: float = 1.0) -> Column:
    return Column(name, "share", 0.0, highest, meaning)


def _days(name: str, meaning: str, lowest: float = 0.0, highest: float = 3650.0) -> Column:
    return Column(name, "days", lowest, highest, meaning)


TEXTS = {
    "firm_id": "identifier; also the seed of the firm's luck",
    "industry": "one of the scenario's industries",
    "size": "micro, small or medium",
    "legal_form": "incorporated or self_employed",
    "region": "any name",
}
"""Columns of text with their meaning."""

NUMBERS = (
    Column("weight", "firms", TINY, 1e9, "how many firms the row stands for; 1 where absent"),
    Column("employees", "people", 0.0, math.inf, "people employed"),
    _money("sales", "normal-times sales net of VAT", yearly=True, lowest=TINY, required=True),
    _share("materials_share", "cost of goods sold, share of sales", math.inf),
    _money("payroll", "gross wages", yearly=True),
    _share("social_share", "employer's social insurance, share of payroll"),
    _money("rent", "rent", yearly=True),
    _money("overheads", "other fixed outlays", yearly=True),
    _share("tax_share", "taxes that are an expense, share of sales"),
    _share("vat_share", "VAT collected and passed on, share of sales"),
    _money("cash", "cash and bank balances", required=True),
    _days("inventory_days", "stock in days of cost of goods sold"),
    _days("receivable_days", "days until customers on credit pay"),
    _days("payable_days", "days until suppliers are paid"),
    _share("credit_sales_share", "share of sales on credit"),
    _money("fixed_assets", "book value of plant, fittings and the like"),
    _money("loan", "principal of bank debt"),
    Column("loan_rate", "per year", 0.0, 1.0, "interest rate of the loan"),
    _days("loan_due_day", "day of the run on which the loan falls due", TINY, math.inf),
    _money("credit_line", "unused committed line"),
    Column("default_risk", "per year", 1e-6, 0.999, "probability of default as a fully informed bank sees it"),
    _money("owner_funds", "what owner and relatives can put in"),
    _money("informal_credit", "what private lenders will lend"),
    Column("sales_volatility", "share", 0.0, 10.0, "coefficient of variation of monthly sales, white part"),
    _share("large_buyer_share", "share of sales to large buyers"),
    _share("public_buyer_share", "share of sales to public buyers"),
    _share("state_landlord", "1 where the landlord is the state, else 0"),
    _share("insured_payroll_share", "share of payroll on which social insurance is paid"),
    _days("payday", "day of the month on which wages are paid", TINY, 31.0),
    _days("tax_day", "day of the month on which taxes are paid", TINY, 31.0),
    _days("interest_day", "day of the month on which interest is paid", TINY, 31.0),
    _days("rent_day", "day of the rent period on which rent is paid", TINY, 366.0),
    Column("rent_every_months", "months", 1.0, 12.0, "rent is due every so many months"),
)
"""Columns of numbers that a firm has in the model."""

STATEMENT = (
    _money("operating_costs", "all costs before interest and taxes, to be split", yearly=True),
    Column("margin", "share", -math.inf, 1.0, "operating margin after taxes that are an expense, share of sales"),
    _money("receivables", "what customers owe"),
    _money("inventory", "stock at cost"),
    _money("payables", "what is owed to suppliers"),
    _money("short_term_liabilities", "all debts due within a year, to be split"),
    _money("long_term_liabilities", "all debts due later, to be split"),
    _money("total_assets", "balance sheet total"),
)
"""Columns of a financial statement that a file may have instead; they are turned into the model's columns."""

BY_NAME = {column.name: column for column in (*NUMBERS, *STATEMENT)}

ALL_NAMES = (*TEXTS, *BY_NAME)
"""Every name that a file or ``[firms]`` may use."""
