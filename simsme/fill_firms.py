"""From what is known of firms, nothing or a file's columns, to complete firms: the rest comes from the population."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.firm_costs import divide_sales, first_known
from simsme.firm_luck import FirmLuck
from simsme.firm_statement import bank_loan, trade_credit
from simsme.firms import MONTH, YEAR
from simsme.firms_file import FirmsFile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Filled:
    """Complete columns, (n,) each, and what was odd on the way."""

    columns: dict[str, Floats]
    remarks: tuple[str, ...]


def fill_firms(luck: FirmLuck, given: Mapping[str, Floats], file: FirmsFile) -> Filled:
    """Complete the columns of firms.

    Parameters
    ----------
    luck
        The firms, of known industry and size, and their population.
    given
        Columns of :mod:`simsme.firm_columns` that are known, in the scenario's currency, (n,) each, NaN where a firm's is not.
    file
        How the totals of a statement divide.
    """
    missing = np.full(luck.key.shape, np.nan)
    columns: dict[str, Floats] = {}
    remarks: list[str] = []

    def known(name: str) -> Floats:
        return given.get(name, missing)

    def fill(name: str) -> Floats:
        return first_known(known(name), luck, name)

    def fill_money(name: str) -> Floats:
        return np.where(np.isnan(known(name)), luck.draw(name) * sales, known(name)) if np.isnan(known(name)).any() else known(name)

    sales = columns["sales"] = fill("sales")
    costs = divide_sales(luck, {**given, "sales": sales})
    if costs.overspent:
        remarks.append(f"{costs.overspent} firms have parts of cost that add up to more than their total; the parts were kept")
    for name in ("materials_share", "payroll", "social_share", "insured_payroll_share", "rent", "overheads", "tax_share"):
        columns[name] = getattr(costs, name)
    for name in ("vat_share", "large_buyer_share", "public_buyer_share", "state_landlord", "sales_volatility", "loan_rate"):
        columns[name] = fill(name)

    columns |= trade_credit(luck, given, columns, file, remarks)
    columns |= bank_loan(luck, given, columns, file)
    for name in ("credit_line", "owner_funds"):
        drawn = luck.draw(f"with_{name}") * luck.draw(name) * sales if np.isnan(known(name)).any() else missing
        columns[name] = np.where(np.isnan(known(name)), drawn, known(name))
    columns["informal_credit"] = fill_money("informal_credit")

    people_cost = columns["payroll"] * (1.0 + columns["social_share"])
    fixed_outflow = people_cost + columns["rent"] + columns["overheads"] + columns["loan_rate"] * columns["loan"]
    if np.isnan(known("cash")).any():
        base = np.maximum(fixed_outflow, luck.draw("cash_base") * sales)
        columns["cash"] = np.where(np.isnan(known("cash")), luck.draw("cash") * base / 12.0, known("cash"))
    else:
        columns["cash"] = known("cash")

    receivables = columns["credit_sales_share"] * sales / YEAR * columns["receivable_days"]
    stock = columns["materials_share"] * sales / YEAR * columns["inventory_days"]
    fixed_assets = known("fixed_assets")
    rest_of_assets = np.maximum(known("total_assets") - columns["cash"] - receivables - stock, 0.0)
    fixed_assets = np.where(np.isnan(fixed_assets), rest_of_assets, fixed_assets)
    columns["fixed_assets"] = np.where(np.isnan(fixed_assets), luck.draw("fixed_assets") * sales, fixed_assets)

    columns |= _days(luck, given)
    employees = np.maximum(np.rint(columns["payroll"] / luck.draw("payroll_per_employee")), 1.0)
    columns["employees"] = np.where(np.isnan(known("employees")), employees, known("employees"))
    columns["weight"] = np.where(np.isnan(known("weight")), 1.0, known("weight"))

    assets = columns["cash"] + receivables + stock + columns["fixed_assets"]
    debts = columns["materials_share"] * sales / YEAR * columns["payable_days"] + columns["loan"]
    columns["default_risk"] = _default_risk(
        luck,
        known("default_risk"),
        runway_days=np.where(fixed_outflow > 0.0, columns["cash"] * YEAR / np.where(fixed_outflow > 0.0, fixed_outflow, 1.0), 1e9),
        margin=1.0 - columns["materials_share"] - (people_cost + columns["rent"] + columns["overheads"]) / sales - columns["tax_share"],
        leverage=np.where(assets > 0.0, debts / np.where(assets > 0.0, assets, 1.0), 1e9),
        volatility=columns["sales_volatility"],
    )
    return Filled(columns, tuple(remarks))


def _days(luck: FirmLuck, given: Mapping[str, Floats]) -> dict[str, Floats]:
    """The days on which a firm pays, inside their month of 365/12 days or their rent period."""
    found = {}
    for name in ("payday", "tax_day", "interest_day", "rent_every_months"):
        found[name] = first_known(given.get(name, np.full(luck.key.shape, np.nan)), luck, name)
    for name in ("payday", "tax_day", "interest_day"):
        found[name] = np.minimum(found[name], MONTH)
    period = MONTH * found["rent_every_months"]
    rent_day = given.get("rent_day", np.full(luck.key.shape, np.nan))
    found["rent_day"] = np.minimum(np.where(np.isnan(rent_day), luck.draw("rent_day") * period, rent_day), period)
    return found


def _default_risk(luck: FirmLuck, known: Floats, **what: Floats) -> Floats:
    population = luck.population
    lowest, highest = population.LIMITS_OF_RISK
    if not np.isnan(known).any():
        return known
    score = population.risk_score.probability(**what) if population.default_risk is None else luck.draw("default_risk")
    return np.where(np.isnan(known), np.clip(score, lowest, highest), known)
