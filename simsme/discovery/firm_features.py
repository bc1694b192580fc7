"""What is known of firms on day 0, as features."""

import numpy as np
from numpy.typing import NDArray

from simsme.discovery.features import Category, Feature, Numeric
from simsme.firms import YEAR, Firms

Floats = NDArray[np.float64]


def firm_features(firms: Firms) -> tuple[Feature, ...]:
    """Features of firms, in their order: kinds first, then cash, margin, debt, terms of trade and buyers.

    What is the same for all firms is left out. Days of cash and of the owner's funds are days of fixed outlays without sales.
    """
    daily_fixed = firms.fixed_outflow / YEAR
    return tuple(feature for feature in (*_kinds(firms), *_numbers(firms, daily_fixed)) if _differs(feature))


def _kinds(firms: Firms) -> list[Feature]:
    has_loan = (firms.loan > 0.0).astype(np.int64)
    return [
        Category("size", firms.size, firms.size_names, "{}", place="before"),
        Category("industry", firms.industry, firms.industry_names, "in {}"),
        Category("legal_form", firms.legal_form, _words(firms.legal_form_names), "that are {}"),
        Category("region", firms.region, firms.region_names, "of the region {}"),
        Category("bank_loan", has_loan, ("no", "yes"), "{}", {"no": "no bank loan", "yes": "a bank loan"}, "with"),
    ]


def _numbers(firms: Firms, daily_fixed: Floats) -> list[Feature]:
    sales = np.maximum(firms.sales, 1e-9)
    due = np.where(firms.loan > 0.0, firms.loan_due_day, np.inf)
    return [
        Numeric("cash_days", _per(firms.cash, daily_fixed), "{} days of cash"),
        Numeric("margin", firms.margin, "{} % margin after costs and taxes", 100.0),
        Numeric("sales", firms.sales, "{} of sales a year"),
        Numeric("employees", firms.employees, "{} employees"),
        Numeric("loan_due_day", due, "{} days until the loan is due"),
        Numeric("loan_share", firms.loan / sales, "{} % of a year's sales in bank debt", 100.0),
        Numeric("credit_line_share", firms.credit_line / sales, "{} % of a year's sales in unused credit line", 100.0),
        Numeric("owner_days", _per(firms.owner_funds, daily_fixed), "{} days of the owner's funds"),
        Numeric("default_risk", firms.default_risk, "{} % risk of default a year", 100.0),
        Numeric("receivable_days", firms.receivable_days * firms.credit_sales_share, "{} days of sales owed by customers"),
        Numeric("payable_days", firms.payable_days, "{} days until suppliers are paid"),
        Numeric("inventory_days", firms.inventory_days, "{} days of stock"),
        Numeric("fixed_share", firms.fixed_outflow / sales, "{} % of sales in fixed outlays", 100.0),
        Numeric("sales_volatility", firms.sales_volatility, "{} % monthly swings of sales", 100.0),
        Numeric("large_buyer_share", firms.large_buyer_share, "{} % of sales to large buyers", 100.0),
        Numeric("public_buyer_share", firms.public_buyer_share, "{} % of sales to public buyers", 100.0),
    ]


def _per(money: Floats, daily: Floats) -> Floats:
    return np.where(daily > 0.0, money / np.where(daily > 0.0, daily, 1.0), np.inf)


def _words(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.replace("_", "-") for name in names)


def _differs(feature: Feature) -> bool:
    values = feature.values if isinstance(feature, Numeric) else feature.codes
    return bool((values != values[0]).any()) if len(values) else False
