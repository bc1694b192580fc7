"""The chart of accounts: every flow has a payer and a payee, every balance is what its flows and revaluations made of it.

The engine books amounts under the names below, per firm; totals are weighted sums. Which instrument an entry changes, and with
which sign, stands here and nowhere else, so that the closure of the matrix is one loop over this table.
"""

from dataclasses import dataclass

SECTORS = (
    "firms",
    "households",
    "suppliers",
    "customers",
    "landlords",
    "banks",
    "private_lenders",
    "funds",
    "government",
    "other_buyers",
    "financiers",
    "central_bank",
)

BALANCES = (
    "cash",
    "receivables",
    "goods",
    "fixed_assets",
    "owed_people",
    "owed_suppliers",
    "owed_landlords",
    "owed_government",
    "owed_banks",
    "owed_private",
    "owed_funds",
    "owed_financiers",
)
"""What firms own (the first four) and owe (the rest)."""


@dataclass(frozen=True)
class Entry:
    """One kind of booking: what moved between whom, and which balances of firms it changed.

    Attributes
    ----------
    kind
        ``flow`` (money moved), ``accrual`` (value arose or fell due, no money moved) or ``revaluation`` (value was lost).
    payer, payee
        Sectors between which money moved; empty for what is not a flow.
    changes
        Pairs of balance and sign.
    """

    kind: str
    payer: str
    payee: str
    changes: tuple[tuple[str, int], ...]


def _paid(payee: str, owed: str) -> Entry:
    return Entry("flow", "firms", payee, (("cash", -1), (owed, -1)))


def _lent(payer: str, owed: str) -> Entry:
    return Entry("flow", payer, "firms", (("cash", 1), (owed, 1)))


def _given() -> Entry:
    return Entry("flow", "government", "firms", (("cash", 1),))


def _accrued(owed: str) -> Entry:
    return Entry("accrual", "", "", ((owed, 1),))


def _forgiven(owed: str) -> Entry:
    return Entry("revaluation", "", "", ((owed, -1),))


ENTRIES: dict[str, Entry] = {
    # money
    "cash_sales": Entry("flow", "customers", "firms", (("cash", 1),)),
    "collections": Entry("flow", "customers", "firms", (("cash", 1), ("receivables", -1))),
    "vat_in": Entry("flow", "customers", "firms", (("cash", 1), ("owed_government", 1))),
    "wages_paid": _paid("households", "owed_people"),
    "social_paid": _paid("government", "owed_people"),
    "suppliers_paid": _paid("suppliers", "owed_suppliers"),
    "rent_paid": _paid("landlords", "owed_landlords"),
    "tax_paid": _paid("government", "owed_government"),
    "interest_paid": _paid("banks", "owed_banks"),
    "principal_repaid": _paid("banks", "owed_banks"),
    "bank_lent": _lent("banks", "owed_banks"),
    "bridge_lent": _lent("private_lenders", "owed_private"),
    "bridge_repaid": _paid("private_lenders", "owed_private"),
    "informal_lent": _lent("private_lenders", "owed_private"),
    "informal_repaid": _paid("private_lenders", "owed_private"),
    "private_fees_paid": _paid("private_lenders", "owed_private"),
    "advance_lent": _lent("funds", "owed_funds"),
    "advance_repaid": _paid("funds", "owed_funds"),
    "fund_fees_paid": _paid("funds", "owed_funds"),
    "owner_in": Entry("flow", "households", "firms", (("cash", 1),)),
    "drawings": Entry("flow", "firms", "households", (("cash", -1),)),
    # money, when a firm goes
    "estate_receivables": Entry("flow", "customers", "firms", (("cash", 1), ("receivables", -1))),
    "estate_goods": Entry("flow", "other_buyers", "firms", (("cash", 1), ("goods", -1))),
    "estate_fixed_assets": Entry("flow", "other_buyers", "firms", (("cash", 1), ("fixed_assets", -1))),
    "estate_wages": _paid("households", "owed_people"),
    "estate_social": _paid("government", "owed_people"),
    "estate_tax": _paid("government", "owed_government"),
    "estate_suppliers": _paid("suppliers", "owed_suppliers"),
    "estate_rent": _paid("landlords", "owed_landlords"),
    "estate_banks": _paid("banks", "owed_banks"),
    "estate_private": _paid("private_lenders", "owed_private"),
    "estate_funds": _paid("funds", "owed_funds"),
    "estate_owner": Entry("flow", "firms", "households", (("cash", -1),)),
    # money that passes firms by: what a guarantee fund makes good of a bank's loss
    "claims_paid": Entry("flow", "funds", "banks", ()),
    # money that levers move
    "wage_subsidies": _given(),
    "tax_refunds": _given(),
    "grants": _given(),
    "innovation_grants": _given(),
    "digital_subsidies": _given(),
    "public_equity": _given(),
    "public_advances": _lent("government", "owed_government"),
    "receivables_lent": _lent("financiers", "owed_financiers"),
    "receivables_repaid": _paid("financiers", "owed_financiers"),
    "estate_financiers": _paid("financiers", "owed_financiers"),
    # the same, paid for a firm to whom it owes
    "interest_subsidised": Entry("flow", "government", "banks", (("owed_banks", -1),)),
    "rate_relief": Entry("flow", "central_bank", "banks", (("owed_banks", -1),)),
    "overheads_subsidised": Entry("flow", "government", "suppliers", (("owed_suppliers", -1),)),
    # the same, past firms
    "rent_compensation": Entry("flow", "government", "landlords", ()),
    "compensation_paid": Entry("flow", "government", "banks", ()),
    "programme_costs": Entry("flow", "government", "suppliers", ()),
    # value that arises or is used without money
    "credit_sales": Entry("accrual", "", "", (("receivables", 1),)),
    "purchases": Entry("accrual", "", "", (("goods", 1), ("owed_suppliers", 1))),
    "materials_used": Entry("accrual", "", "", (("goods", -1),)),
    "people_expense": _accrued("owed_people"),
    "rent_expense": _accrued("owed_landlords"),
    "overheads_expense": _accrued("owed_suppliers"),
    "tax_expense": _accrued("owed_government"),
    "interest_expense": _accrued("owed_banks"),
    "private_fees_expense": _accrued("owed_private"),
    "fund_fees_expense": _accrued("owed_funds"),
    "investment_expense": _accrued("owed_suppliers"),
    "discount_expense": _accrued("owed_financiers"),
    "social_deferred": Entry("accrual", "", "", (("owed_people", -1), ("owed_government", 1))),
    # value that is lost
    "bad_debt": Entry("revaluation", "", "", (("receivables", -1),)),
    "write_down": Entry("revaluation", "", "", (("goods", -1),)),
    "lost_receivables": Entry("revaluation", "", "", (("receivables", -1),)),
    "lost_goods": Entry("revaluation", "", "", (("goods", -1),)),
    "lost_fixed_assets": Entry("revaluation", "", "", (("fixed_assets", -1),)),
    "lost_by_people": _forgiven("owed_people"),
    "lost_by_suppliers": _forgiven("owed_suppliers"),
    "lost_by_landlords": _forgiven("owed_landlords"),
    "lost_by_government": _forgiven("owed_government"),
    "lost_by_banks": _forgiven("owed_banks"),
    "lost_by_private": _forgiven("owed_private"),
    "lost_by_funds": _forgiven("owed_funds"),
    "lost_by_financiers": _forgiven("owed_financiers"),
}
"""Every entry that the engine books, by name."""

MEMORANDA = (
    "rolled_principal",
    "social_waived",
    "rent_waived",
    "tax_deferred",
    "interest_deferred",
    "deferred_principal",
    "order_sales",
    "lifted_sales",
    "deferred_paid",
    "public_advances_repaid",
)
"""Booked beside the accounts: amounts that a lever waived, moved in time or brought about, and what came back of them among the taxes."""

ITEMS = (*ENTRIES, *MEMORANDA)
"""Names of all booked amounts, in the order of the last axis of ``flows`` in the outcomes."""
