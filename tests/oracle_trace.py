"""What the oracle records of a firm's life: balances and bookings of every step, fates, events and the closest decision."""

import math
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

ARREARS = ("people", "interest", "rent", "suppliers", "tax")
CAUSES = ("patience", "loan", "owner", "other")

SUPPORT = ("wage_subsidies", "tax_refunds", "grants", "innovation_grants", "digital_subsidies", "public_equity")
"""What the state pays the firm for good; a public advance it owes back."""
MONEY_IN = (
    *("cash_sales", "collections", "vat_in", "bank_lent", "bridge_lent", "informal_lent", "owner_in", "advance_lent"),
    *("estate_receivables", "estate_goods", "estate_fixed_assets"),
    *(*SUPPORT, "public_advances", "receivables_lent"),
)
MONEY_OUT = (
    *("wages_paid", "social_paid", "suppliers_paid", "rent_paid", "tax_paid", "interest_paid", "principal_repaid"),
    *("bridge_repaid", "informal_repaid", "private_fees_paid", "drawings", "advance_repaid", "fund_fees_paid"),
    *("estate_wages", "estate_social", "estate_tax", "estate_suppliers", "estate_rent", "estate_banks", "estate_private", "estate_owner"),
    *("estate_funds", "receivables_repaid", "estate_financiers"),
)
NO_MONEY = (
    *("credit_sales", "purchases", "materials_used", "people_expense", "rent_expense", "overheads_expense", "tax_expense"),
    *("interest_expense", "private_fees_expense", "bad_debt", "write_down", "lost_receivables", "lost_goods", "lost_fixed_assets"),
    *("lost_by_people", "lost_by_suppliers", "lost_by_landlords", "lost_by_government", "lost_by_banks", "lost_by_private"),
    *("rolled_principal", "fund_fees_expense", "lost_by_funds", "claims_paid"),
    *("interest_subsidised", "rate_relief", "overheads_subsidised", "rent_compensation", "compensation_paid", "programme_costs"),
    *("investment_expense", "discount_expense", "social_deferred", "lost_by_financiers"),
    *("social_waived", "rent_waived", "tax_deferred", "interest_deferred", "deferred_principal", "order_sales", "lifted_sales"),
    *("deferred_paid", "public_advances_repaid"),
)

ENTITLEMENTS = ("refunded", "granted", "innovated", "growth_received", "advanced_publicly", "invested")
"""What was received of each lump sum so far, and what was invested."""
BALANCES = (
    *("cash", "receivables", "stock", "stock_cost", "work_in_progress", "undelivered", "payables"),
    *("people_accrued", "rent_accrued", "tax_accrued", "interest_accrued", "private_accrued"),
    *("arrears_people", "arrears_interest", "arrears_rent", "arrears_suppliers", "arrears_tax"),
    *("principal_1", "principal_2", "due_day_1", "due_day_2", "coming_1", "coming_2", "coming_day_1", "coming_day_2"),
    *("overdue_day_1", "overdue_day_2", "line_drawn", "bridge", "informal_debt", "owner_funds", "informal_credit"),
    *("fixed_assets", "smoothed", "staffing", "equity"),
    *("advance_1", "advance_2", "fund_accrued", "asked", "asked_day", "guaranteed", "guarantee_fee_rate"),
    *("order_receivables", "order_terms", "factored", "recourse_of", "deferred_tax", "deferred_tax_day"),
    *("deferred_interest", "deferred_interest_day", "compensated", "facility_rate_of", "put_off_open", "advance_open"),
    *ENTITLEMENTS,
)
"""What `Trace.balances` records at the end of every step; days are infinite where there is no such day."""


@dataclass
class Trace:
    """The life of one firm in one draw under one policy.

    Attributes
    ----------
    balances
        For each name of `BALANCES`, its value at the end of every step (0, days infinite, from the step of the exit on).
    flows
        For each entry of the accounts (and the memoranda), the amount booked in every step.
    opening
        The same names as ``balances``, at day 0.
    open, dormant
        For every step: trades at its end; stayed away by choice.
    cash_out_step, exit_step
        Index of the step, None where it did not happen.
    cause
        ``patience``, ``loan``, ``owner``, ``other``, or empty.
    close_call, closest
        The smallest relative distance of a decision from its opposite, and which decision it was.
    events
        How often each kind of event happened.
    requests, answers
        For every step, what the firm asked of funds: amount and day by slot, or by ``guarantee``; and which of it was granted.
    detail
        Worked quantities of every step that are no balance (demand, need, worth ...), to find out where two versions part.
    """

    balances: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in BALANCES})
    flows: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in (*MONEY_IN, *MONEY_OUT, *NO_MONEY)})
    opening: dict[str, float] = field(default_factory=dict)
    open: list[bool] = field(default_factory=list)
    dormant: list[bool] = field(default_factory=list)
    cash_out_step: int | None = None
    exit_step: int | None = None
    cause: str = ""
    close_call: float = math.inf
    closest: str = ""
    events: Counter[str] = field(default_factory=Counter)
    requests: list[dict[int | str, tuple[float, float]]] = field(default_factory=list)
    answers: list[Set[int | str]] = field(default_factory=list)
    detail: list[dict[str, float]] = field(default_factory=list)
