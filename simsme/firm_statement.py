"""What a balance sheet says, in the model's terms: days of receivables, stock and payables, and one bank loan."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simsme.firm_costs import first_known
from simsme.firm_luck import FirmLuck
from simsme.firms import YEAR
from simsme.firms_file import FirmsFile

Floats = NDArray[np.float64]

LONGEST_DAYS = 3650.0
"""Receivables, stock and payables of a file count up to ten years of the flow that feeds them."""

SLOWEST_DAYS = 365.0
"""Customers on credit pay within a year: where a file's receivables need more, more of the sales is taken to be on credit."""

SAID_BY = {
    "receivable_days": ("receivables",),
    "inventory_days": ("inventory",),
    "payable_days": ("payables", "short_term_liabilities"),
    "loan": ("short_term_liabilities", "long_term_liabilities"),
    "fixed_assets": ("total_assets",),
}
"""Columns of a statement from which a column of the model follows."""


def trade_credit(
    luck: FirmLuck, given: Mapping[str, Floats], columns: Mapping[str, Floats], file: FirmsFile, remarks: list[str]
) -> dict[str, Floats]:
    """Days of receivables, stock and payables: given, or from the levels of a statement, or drawn."""
    missing = np.full(luck.key.shape, np.nan)
    sales, materials = columns["sales"], columns["materials_share"] * columns["sales"]

    credit_share = given.get("credit_sales_share", missing)
    owed = given.get("receivables", missing)
    needed = np.minimum(owed * YEAR / sales / SLOWEST_DAYS, 1.0)
    drawn = luck.draw("credit_sales_share")
    credit_share = np.where(np.isnan(credit_share), np.where(np.isnan(needed), drawn, np.maximum(drawn, needed)), credit_share)

    payables = given.get("payables", missing)
    payables = np.where(np.isnan(payables), given.get("short_term_liabilities", missing) * file.short_term_payables_share, payables)

    found = {"credit_sales_share": credit_share}
    for name, level, flow, words in (
        ("receivable_days", owed, credit_share * sales, "receivables are more than ten years of their sales on credit"),
        ("inventory_days", given.get("inventory", missing), materials, "stock is more than ten years of their materials"),
        ("payable_days", payables, materials, "payables are more than ten years of their materials"),
    ):
        days = given.get(name, missing)
        implied = np.where(flow > 0.0, level * YEAR / np.where(flow > 0.0, flow, 1.0), np.where(level > 0.0, np.inf, 0.0))
        implied = np.where(np.isnan(level), np.nan, implied)
        too_long = np.isnan(days) & (implied > LONGEST_DAYS)
        if too_long.any():
            remarks.append(f"{int(too_long.sum())} firms: {words}; taken as ten years")
        days = np.where(np.isnan(days), np.minimum(implied, LONGEST_DAYS), days)
        found[name] = first_known(days, luck, name)
    return found


def bank_loan(luck: FirmLuck, given: Mapping[str, Floats], columns: Mapping[str, Floats], file: FirmsFile) -> dict[str, Floats]:
    """Principal and due day: given, or from the debts of a statement, or drawn. Without a loan the day is infinite."""
    missing = np.full(luck.key.shape, np.nan)
    short = given.get("short_term_liabilities", missing) * file.short_term_loan_share
    long = given.get("long_term_liabilities", missing) * file.long_term_loan_share
    from_statement = np.where(np.isnan(short) & np.isnan(long), np.nan, np.nan_to_num(short) + np.nan_to_num(long))
    loan = given.get("loan", missing)
    loan = np.where(np.isnan(loan), from_statement, loan)
    if np.isnan(loan).any():
        drawn = luck.draw("with_loan") * luck.draw("loan") * columns["sales"]
        loan = np.where(np.isnan(loan), drawn, loan)

    due = given.get("loan_due_day", missing)
    if np.isnan(due).any():
        # one loan stands for the debts of both terms: it is due within a year with the odds of the short one's part
        total = np.where(from_statement > 0.0, from_statement, 1.0)
        part = np.where(np.isnan(from_statement), np.nan, np.nan_to_num(short) / total)
        luck_of_day = luck.uniforms("loan_due_day")
        within_year = YEAR * luck_of_day / np.where(part > 0.0, part, 1.0)
        later = YEAR + 2.0 * YEAR * (luck_of_day - part) / np.where(part < 1.0, 1.0 - part, 1.0)
        by_term = np.where(luck_of_day < part, within_year, later)
        due = np.where(np.isnan(due), np.where(np.isnan(part), luck.draw("loan_due_day"), by_term), due)
    return {"loan": loan, "loan_due_day": np.where(loan > 0.0, due, np.inf)}
