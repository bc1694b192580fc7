"""A firm on day 0: the balances of normal times."""

from typing import Any

import numpy as np

from simsme.arithmetic import Lanes, where
from simsme.engine.credit import NEVER, bank_claims
from simsme.engine.records import Arrears, Firm, Loan, State
from simsme.engine.timing import MONTH, YEAR


def opening_books(firm: Firm, cash: Lanes, loan: Lanes, loan_due_day: Lanes, owner_funds: Lanes, informal_credit: Lanes) -> State:
    """State on day 0: receivables, payables, stock and accruals of normal times, no arrears, one bank loan where there is one.

    Parameters
    ----------
    firm
        The firm's constants in the draw.
    cash, loan, owner_funds, informal_credit
        Opening sums of money.
    loan_due_day
        Infinite where there is no loan.
    """
    zero: Any = np.float64(0.0)
    one: Any = np.float64(1.0)
    never: Any = np.float64(NEVER)
    materials = firm.materials_share * firm.sales / YEAR
    receivables = firm.credit_sales_share * firm.sales / YEAR * firm.receivable_days
    stock = materials * firm.inventory_days
    payables = materials * firm.payable_days
    people = firm.people_cost / YEAR * (MONTH - firm.payday)
    rent = firm.rent / YEAR * (firm.rent_period - firm.rent_day)
    tax = (firm.tax_share + firm.vat_share) * firm.sales / YEAR * (MONTH - firm.tax_day)
    interest = firm.loan_rate * loan / YEAR * (MONTH - firm.interest_day)
    empty = Loan(zero, never, zero, never, never, zero)
    return State(
        alive=one,
        cash=cash,
        receivables=receivables,
        undelivered=zero,
        stock=stock,
        stock_cost=stock,
        work_in_progress=zero,
        payables=payables,
        people_accrued=people,
        rent_accrued=rent,
        tax_accrued=tax,
        interest_accrued=interest,
        private_accrued=zero,
        fund_accrued=zero,
        guarantee_accrued=zero,
        arrears=Arrears(zero, zero, zero, zero, zero),
        dues=zero,
        term_loan=empty._replace(principal=loan, due_day=where(loan > 0.0, loan_due_day, NEVER)),
        new_loan=empty,
        line_drawn=zero,
        bridge=zero,
        refused=zero,
        informal_debt=zero,
        owner_funds=owner_funds,
        informal_credit=informal_credit,
        smoothed=one,
        staffing=one,
        equity=cash + receivables + stock + firm.fixed_assets - payables - people - rent - tax - interest - loan,
        recall_hazard=zero,
        bridge_clock=zero,
        other_hazard=zero,
        last_application=-never,
        asked=zero,
        asked_day=never,
        guaranteed=zero,
        guarantee_fee_rate=zero,
        order_receivables=zero,
        order_terms=zero,
        factored=zero,
        recourse_of=zero,
        deferred_tax=zero,
        deferred_tax_day=never,
        deferred_interest=zero,
        deferred_interest_day=never,
        compensated=zero,
        facility_rate_of=zero,
        put_off_open=zero,
        advance_open=zero,
        refunded=zero,
        granted=zero,
        innovated=zero,
        growth_received=zero,
        advanced_publicly=zero,
        invested=zero,
    )


def open_books(
    firm: Firm, cash: Lanes, loan: Lanes, loan_due_day: Lanes, owner_funds: Lanes, informal_credit: Lanes, shape: tuple[int, ...]
) -> State:
    """The state on day 0, see :func:`opening_books`, as arrays of the shape (draws, firms)."""
    books = opening_books(firm, cash, loan, loan_due_day, owner_funds, informal_credit)
    full: State = _full(books, shape)
    return full


def _full(value: Any, shape: tuple[int, ...]) -> Any:
    """A number, or every number of a record, as an array of a shape."""
    if hasattr(value, "_fields"):
        return type(value)(*(_full(part, shape) for part in value))
    return np.array(np.broadcast_to(value, shape), dtype=np.float64)


def balances(firm: Firm, state: State) -> dict[str, Lanes]:
    """What firms own and owe, by name of :data:`simsme.engine.accounts.BALANCES`."""
    return {
        "cash": state.cash,
        "receivables": state.receivables + state.order_receivables,
        "goods": state.stock_cost + state.work_in_progress,
        "fixed_assets": state.alive * firm.fixed_assets,
        "owed_people": state.people_accrued + state.arrears.people,
        "owed_suppliers": state.payables + state.arrears.suppliers,
        "owed_landlords": state.rent_accrued + state.arrears.rent,
        "owed_government": state.tax_accrued + state.arrears.tax + state.deferred_tax,
        "owed_banks": bank_claims(state),
        "owed_private": state.bridge + state.informal_debt + state.private_accrued,
        "owed_funds": state.term_loan.advance + state.new_loan.advance + state.fund_accrued,
        "owed_financiers": state.factored,
    }
