"""What may help one firm: measures of its own, and the levers of policy, each as if this firm had it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simsme.firms import MONTH, Firms
from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.runway.ample_levers import ample, given_to_all
from simsme.runway.case import DAYS_OF_WEEK, SHEET_WEEKS
from simsme.runway.lives import Variant
from simsme.scenario import Scenario

SOONER_DAYS = 10.0
PAYROLL_CUT = 0.2
LATER_DAYS = 90.0

SALES, STAFF, INTEREST = ("cash_sales", "credit_sales"), ("people_expense",), ("interest_paid", "private_fees_paid")
DEARER = "what it pays more in interest and private fees on all that it owes, also since it lives on where it would be gone"
"""What the price of borrowing is: a firm that lives longer pays interest on its old debts longer, too."""

COST_ITEMS = (*SALES, *STAFF, *INTEREST)
"""Bookings by which the price of own measures is told."""


@dataclass(frozen=True)
class Measure:
    """Something that the firm can do by itself.

    Attributes
    ----------
    name
        Short, for data.
    words
        What it is, in a few words.
    variant
        What it makes of the firm.
    cost_items, cost_sign
        Bookings whose change is the price of it, and the sign that makes a price of the change; none where it has no price that the
        model knows.
    cost_words
        Who bears the price, or what is not counted.
    """

    name: str
    words: str
    variant: Variant
    cost_items: tuple[str, ...]
    cost_sign: float
    cost_words: str


def own_measures(firms: Firms, scenario: Scenario, weeks: int, money: Callable[[float], str]) -> tuple[Measure, ...]:
    """Return the measures that make a difference to this firm at all.

    Parameters
    ----------
    firms
        The firm, one row.
    scenario
        Whose rules hold.
    weeks
        Over which they are judged.
    money
        Writes a sum of money.
    """

    def of(column: str) -> float:
        return float(getattr(firms, column)[0])

    found = []
    if of("credit_sales_share") > 0.0 and of("receivable_days") > 0.0:
        days = max(of("receivable_days") - SOONER_DAYS, 0.0)
        words = f"collect {of('receivable_days') - days:.0f} days earlier"
        price = "no price counted: discounts and angry customers are yours to judge"
        found.append(Measure("collect_sooner", words, Variant({"receivable_days": days}), (), 0.0, price))
    if of("materials_share") > 0.0:
        days = of("payable_days") + SOONER_DAYS
        words, price = f"pay suppliers {SOONER_DAYS:.0f} days later", "no price counted: suppliers wait, and may mind"
        found.append(Measure("pay_suppliers_later", words, Variant({"payable_days": days}), (), 0.0, price))
    if of("payroll") > 0.0:
        cut = Variant({"payroll": of("payroll") * (1.0 - PAYROLL_CUT)})
        words, price = f"cut payroll by {100 * PAYROLL_CUT:.0f} % at once", "pay that staff lose; sales stay, severance is not counted"
        found.append(Measure("cut_payroll", words, cut, STAFF, -1.0, price))
    closed = min(weeks, SHEET_WEEKS)
    words, price = f"close for {closed} weeks (dormancy)", "sales given up; staff are on part pay"
    found.append(Measure("dormancy", words, Variant(closed_weeks=closed), SALES, -1.0, price))
    line = float(firms.fixed_outflow[0]) / 365.0 * MONTH
    if line > 0.0:
        drawn = Variant({"credit_line": of("credit_line") + line}, own_books=True)
        words = f"{money(line)} more of credit line"
        found.append(Measure("credit_line", words, drawn, INTEREST, 1.0, f"{DEARER}; the sum is a month of fixed costs"))
    if of("loan") > 0.0 and of("loan_due_day") <= weeks * DAYS_OF_WEEK:
        later = Variant({"loan_due_day": of("loan_due_day") + LATER_DAYS}, own_books=True)
        words = f"move the loan's due date by {LATER_DAYS:.0f} days"
        found.append(Measure("loan_due_later", words, later, INTEREST, 1.0, DEARER))
    return tuple(found)


def one_lever_policies(policies: Sequence[Policy], reference: Policy, *, all_kinds: bool = False) -> tuple[Policy, ...]:
    """Return a policy for each lever: the reference and this lever, which every eligible firm gets.

    Take-up is 1, a fund behind it has money and time for everybody, and a lever that waits for a review is in force in its window: the
    question is what it does for a firm that has it.

    Parameters
    ----------
    policies
        Whose levers are taken; of one label the first.
    reference
        What is in force anyway.
    all_kinds
        Whether kinds of levers that no policy has are taken as well, with their default numbers.
    """
    found: dict[str, Lever] = {}
    for policy in policies:
        for lever in policy.levers:
            if lever not in reference.levers:
                found.setdefault(lever.label, given_to_all(lever))
    if all_kinds:
        taken = {lever.kind for lever in (*found.values(), *reference.levers)}
        for kind, of_kind in kinds().items():
            if kind not in taken:
                found[kind] = given_to_all(of_kind.model_validate({"kind": kind}))
    kept = tuple(ample(lever) for lever in reference.levers)
    return tuple(
        Policy.model_construct(name=label, title=label, levers=(*(other for other in kept if other.label != label), lever))
        for label, lever in found.items()
    )
