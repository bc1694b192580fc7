"""Sections 1 and 3 of docs/model.md for the oracle: a firm's constants, its loans, what follows from its luck, and how it decides."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle_shock import MONTH, NEVER, YEAR

NUMBERS = (
    *("sales", "materials_share", "payroll", "social_share", "rent", "overheads", "tax_share", "vat_share", "cash", "inventory_days"),
    *("receivable_days", "payable_days", "credit_sales_share", "fixed_assets", "loan", "loan_rate", "loan_due_day", "credit_line"),
    *("default_risk", "owner_funds", "informal_credit", "sales_volatility", "payday", "tax_day", "interest_day", "rent_day"),
    "rent_every_months",
)
"""Numeric columns of a firm."""


# ------------------------------------------------------------------------------------------------------------ 1. A firm


class Firm:
    """Section 1: the constants of a firm in a draw, adjusted, and what is derived from them."""

    def __init__(self, columns: Mapping[str, Any], adjust: Mapping[str, float], behaviour: Mapping[str, float]) -> None:
        value = {name: float(columns[name]) for name in NUMBERS}
        self.industry = columns["industry"]
        self.size = columns["size"]
        self.legal_form = columns["legal_form"]
        self.state_landlord = float(columns.get("state_landlord", 0.0))
        self.sales = value["sales"]
        self.social_share = value["social_share"]
        self.tax_share, self.vat_share = value["tax_share"], value["vat_share"]

        fixed_costs = value["payroll"] * (1 + self.social_share) + value["rent"] + value["overheads"]
        factor = 1.0  # READING: no sales, or no costs at all: nothing to adjust
        self.reported_margin = -math.inf  # normal margin before the adjustment
        if self.sales > 0:
            costs = value["materials_share"] + fixed_costs / self.sales
            self.reported_margin = 1 - costs - self.tax_share
            if costs > 0:
                factor = max((costs - adjust["margin_shift"]) / costs, 0.0)
        self.m = value["materials_share"] * factor
        self.payroll = value["payroll"] * factor
        self.rent = value["rent"] * factor
        self.overheads = value["overheads"] * factor
        self.cash = value["cash"] * adjust["cash_factor"]
        self.informal_credit = value["informal_credit"] * adjust["informal_factor"]
        self.sales_volatility = value["sales_volatility"] * adjust["volatility_factor"]

        self.inventory_days = value["inventory_days"]
        self.receivable_days = value["receivable_days"]
        self.payable_days = value["payable_days"]
        self.credit_sales_share = value["credit_sales_share"]
        self.fixed_assets = value["fixed_assets"]
        self.loan, self.r, self.loan_due_day = value["loan"], value["loan_rate"], value["loan_due_day"]
        self.credit_line = value["credit_line"]
        self.default_risk = value["default_risk"]
        self.owner_funds = value["owner_funds"]
        self.payday, self.tax_day, self.interest_day = value["payday"], value["tax_day"], value["interest_day"]
        self.rent_day, self.rent_period = value["rent_day"], MONTH * value["rent_every_months"]

        self.people_cost = self.payroll * (1 + self.social_share)
        fixed_a_year = self.people_cost + self.rent + self.overheads + self.r * self.loan
        self.normal_outflow = (fixed_a_year + self.m * self.sales + self.tax_share * self.sales) / YEAR
        self.fixed_outflow = fixed_a_year / YEAR
        self.target_buffer = max(self.cash, behaviour["buffer_days"] * self.normal_outflow)
        bought_a_day = (self.m * self.sales + self.overheads) / YEAR
        self.supplier_share = bought_a_day / self.normal_outflow if self.normal_outflow > 0 else 0.0


@dataclass
class Slot:
    """One of the two loans that a firm can have, or money on its way to become one."""

    principal: float = 0.0
    due_day: float = NEVER
    coming: float = 0.0
    coming_day: float = NEVER
    overdue_day: float = NEVER
    asked_for: bool = False
    """The money on its way was applied for (not re-lent); for the count of late loans only."""
    falls_due: bool = False
    """In this step."""
    day: float = NEVER
    """On which it falls due in this step."""
    recalled: bool = False
    bridged: bool = False
    repaid: float = 0.0
    """Principal repaid in this step's settlement."""
    advance: float = 0.0
    """Lent by a public fund until the money that is coming arrives."""
    request: float = 0.0
    """What a public fund is asked to lend in this step."""
    granted: float = 0.0
    """What it lends if the rest of the principal is found."""
    used: float = 0.0
    """What of it was used."""
    overdue_since: float = NEVER
    """For a loan that was overdue and that a fund helps to repay in this step."""
    terms_day: float = NEVER
    """The day whose terms hold for the loan that falls due in this step."""

    @property
    def overdue(self) -> bool:
        return self.overdue_day < NEVER


# ----------------------------------------------------------------------------------------------------------------- 3. Luck


class Decisions:
    """Compare two numbers, and remember how close the closest call was."""

    def __init__(self) -> None:
        self.closest, self.closest_name = math.inf, ""
        self.money_scale = 1.0

    def _note(self, name: str, left: float, right: float, scale: float = 1.0) -> None:
        if left == right == 0 or math.isinf(left) or math.isinf(right):
            return  # nothing against nothing is no close call
        distance = abs(left - right) / max(scale, abs(left), abs(right))
        if distance < self.closest:
            self.closest, self.closest_name = distance, name

    def less(self, name: str, left: float, right: float) -> bool:
        """Tell whether left < right (its negation is: at least)."""
        self._note(name, left, right)
        return left < right

    def more(self, name: str, left: float, right: float) -> bool:
        """Tell whether left > right."""
        return self.less(name, right, left)

    def poorer(self, name: str, left: float, right: float) -> bool:
        """Tell whether the amount of money left < right; how close that is, is measured against the firm's size."""
        self._note(name, left, right, self.money_scale)
        return left < right

    def later(self, name: str, day: float, today: float) -> bool:
        """Tell whether a day is still to come; 0 is no day."""
        return day > 0 and not self.day_reached(name, day, today)

    def day_reached(self, name: str, day: float, today: float) -> bool:
        """Tell whether day <= today. Days that are the same to the last bit are no close call: calendars meet."""
        if day != today:
            self._note(name, day, today)
        return day <= today


class Character:
    """Section 3: constants of the firm in the draw that follow from its normals."""

    def __init__(self, firm: Firm, scenario: Mapping[str, Any], luck: Mapping[str, Any], clarity: float = 1.0) -> None:
        """``clarity`` is what information leaves of the opacity."""
        leave, credit = scenario["exit"], scenario["credit"]
        wait = max(leave["patience_days"] * math.exp(leave["patience_sigma"] * luck["patience"]), leave["patience_min_days"])
        self.patience = wait * (1.0 + leave["patience_supplier_factor"] * firm.supplier_share)
        self.hope = leave["hope_median"] * math.exp(leave["hope_sigma"] * luck["hope"])

        opacity = credit["opacity"] * clarity
        s2, o2 = credit["risk_sigma"] ** 2, opacity**2
        w = s2 / (s2 + o2) if s2 + o2 > 0 else 0.0
        pool = math.log(credit["risk_median"])
        log_mean = pool + w * (math.log(firm.default_risk) + opacity * luck["signal"] - pool)
        variance = (1.0 - w) * s2
        self.perceived_risk = perceived_risk = math.exp(log_mean + variance / 2.0)
        self.prudent_risk = perceived_risk * math.exp(credit["risk_aversion"] * math.sqrt(variance))
        times = (perceived_risk / credit["risk_median"]) ** credit["renewal_risk_elasticity"]
        self.renewal_by_risk = credit["renewal"] ** times if credit["renewal"] > 0 else 0.0
