"""Finding the money and paying in order: stages 9 to 11 of a step."""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, least, most, where
from simsme.engine.records import Arrears, Clock, Firm, Luck, Rules, State, Weather
from simsme.engine.terms import NOTHING, Terms
from simsme.engine.timing import approach


class Dues(NamedTuple):
    """What falls due in the step, by class of creditor; principal apart. ``private`` is fees of bridge and informal debt.

    ``funds`` is fees of public funds.
    """

    people: Lanes
    interest: Lanes
    private: Lanes
    funds: Lanes
    called: Lanes
    rent: Lanes
    suppliers: Lanes
    tax: Lanes


def first_dues(dues: Dues) -> Lanes:
    """What is paid first: people, interest, private fees and those of public funds."""
    return dues.people + dues.interest + dues.private + dues.funds


def rest_of_dues(dues: Dues) -> Lanes:
    """What is paid last: rent, suppliers, tax."""
    return dues.rent + dues.suppliers + dues.tax


def total_arrears(arrears: Arrears) -> Lanes:
    """Arrears over all classes."""
    return arrears.people + arrears.interest + arrears.rent + arrears.suppliers + arrears.tax


def line_available(firm: Firm, rules: Rules, luck: Luck, weather: Weather, terms: Terms, state: State) -> Lanes:
    """Undrawn part of the committed line; in the shock a share of firms loses it."""
    cut = luck.line < rules.line_cut * weather.intensity * (1.0 - terms.tightening_relief)
    return where(cut, 0.0, most(firm.credit_line - state.line_drawn, 0.0))


class Found(NamedTuple):
    """Money found for the gap, by source."""

    line: Lanes
    receivables: Lanes
    owner: Lanes
    informal: Lanes


def finance_gap(gap: Lanes, line: Lanes, receivables: Lanes, bank_money: Lanes, owner_funds: Lanes, informal_credit: Lanes) -> Found:
    """Close the gap from the credit line, receivables, bank money that arrives anyway, the owner and informal lenders, in this order."""
    from_line = least(gap, line)
    left = gap - from_line
    from_receivables = NOTHING if receivables is NOTHING else least(left, receivables)
    left = left if receivables is NOTHING else left - from_receivables
    left = most(left - bank_money, 0.0)
    from_owner = least(left, owner_funds)
    from_informal = least(left - from_owner, informal_credit)
    return Found(from_line, from_receivables, from_owner, from_informal)


def share_paid(paid: Lanes, due: Lanes) -> Lanes:
    """Part of a sum that was paid; all of it where nothing was due."""
    return where(due > 0.0, paid / where(due > 0.0, due, 1.0), 1.0)


class PaidFirst(NamedTuple):
    """First part of the settlement: current people, interest and fees, then old arrears, then a bridge that is called."""

    cash: Lanes
    share_of_first: Lanes
    share_of_arrears: Lanes
    called: Lanes
    call_met: Flags
    call_failed: Flags


def settle_first(firm: Firm, cash: Lanes, dues: Dues, arrears: Arrears) -> PaidFirst:
    """Pay people, interest and fees pro rata, then arrears pro rata over classes, then a called bridge or nothing of it."""
    first = first_dues(dues)
    paid_first = least(cash, first)
    cash = cash - paid_first
    old = total_arrears(arrears)
    paid_old = least(cash, old)
    cash = cash - paid_old
    is_called = dues.called > 0.0
    met = is_called & (cash + firm.negligible >= dues.called)
    paid_call = where(met, least(cash, dues.called), 0.0)
    shares = share_paid(paid_first, first), share_paid(paid_old, old)
    return PaidFirst(cash - paid_call, *shares, paid_call, met, is_called & ~met)


class PaidRest(NamedTuple):
    """Last part of the settlement: rent, suppliers, tax."""

    cash: Lanes
    rent: Lanes
    suppliers: Lanes
    tax: Lanes


def settle_rest(cash: Lanes, dues: Dues) -> PaidRest:
    """Pay rent, suppliers and tax in this order as far as the cash goes."""
    rent = least(cash, dues.rent)
    cash = cash - rent
    suppliers = least(cash, dues.suppliers)
    cash = cash - suppliers
    tax = least(cash, dues.tax)
    return PaidRest(cash - tax, rent, suppliers, tax)


def carry_arrears(arrears: Arrears, dues: Dues, first: PaidFirst, rest: PaidRest) -> Arrears:
    """Arrears after the step: what is left of the old, and what was not paid of the new."""
    old = 1.0 - first.share_of_arrears
    new = 1.0 - first.share_of_first
    return Arrears(
        people=arrears.people * old + dues.people * new,
        interest=arrears.interest * old + dues.interest * new,
        rent=arrears.rent * old + (dues.rent - rest.rent),
        suppliers=arrears.suppliers * old + (dues.suppliers - rest.suppliers),
        tax=arrears.tax * old + (dues.tax - rest.tax),
    )


class Drawn(NamedTuple):
    """Stage 11: debts repaid from spare cash, and what the household draws."""

    cash: Lanes
    bridge_repaid: Lanes
    informal_repaid: Lanes
    line_repaid: Lanes
    drawings: Lanes


def draw(
    clock: Clock, firm: Firm, rules: Rules, cash: Lanes, bridge: Lanes, informal_debt: Lanes, line_drawn: Lanes, behind: Flags
) -> Drawn:
    """Spare cash repays the bridge beyond the reserve, informal debt and the line beyond the target buffer; the rest is drawn slowly."""
    bridge_repaid = least(bridge, most(cash - rules.cover_days * firm.fixed_outflow, 0.0))
    cash = cash - bridge_repaid
    informal_repaid = least(informal_debt, most(cash - firm.target_buffer, 0.0))
    cash = cash - informal_repaid
    line_repaid = least(line_drawn, most(cash - firm.target_buffer, 0.0))
    cash = cash - line_repaid
    spare = most(cash - rules.drawing_threshold * firm.target_buffer, 0.0)
    drawings = where(behind, 0.0, spare * approach(clock.h, rules.drawing_days))
    return Drawn(cash - drawings, bridge_repaid, informal_repaid, line_repaid, drawings)
