"""Selling, collecting and buying: stages 1 to 3 of a step."""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes, exp, least, most, where
from simsme.engine.records import Clock, Firm, Rules, State, Weather
from simsme.engine.terms import NOTHING, Terms, added, relieved, untouched
from simsme.engine.timing import YEAR, approach, lagged


def prefers_dormancy(firm: Firm, rules: Rules, weather: Weather, state: State) -> Flags:
    """Whether revenue less materials would not cover what the firm saves by closing."""
    earned = weather.demand * firm.sales * (weather.sales_price * (1.0 - firm.tax_share) - firm.materials_share * weather.materials_price)
    saved = (1.0 - rules.dormant_payroll_share) * firm.people_cost * state.staffing * weather.wage_level
    return earned < saved


class Sold(NamedTuple):
    """Stage 1. ``intake`` is what was ordered, at normal prices; ``late`` was ordered before and delivered now.

    Of the revenue, ``order_sales`` are to large firms, all on credit; credit and cash sales are those to others.
    """

    intake: Lanes
    blocked: Lanes
    late: Lanes
    undelivered: Lanes
    revenue: Lanes
    credit_sales: Lanes
    cash_sales: Lanes
    order_sales: Lanes


def sell(clock: Clock, firm: Firm, rules: Rules, weather: Weather, state: State, trading: Lanes, ordered_part: Lanes) -> Sold:
    """Revenue of the step; blocked orders are delivered, and so paid for, with a delay."""
    intake = firm.sales / YEAR * clock.h * weather.latent * trading
    blocked = rules.blocked_share * weather.intensity * intake
    undelivered = lagged(state.undelivered, blocked, rules.contract_delay_days, clock.h)
    late = state.undelivered + blocked - undelivered
    revenue = (intake - blocked + late) * weather.sales_price
    order_sales = NOTHING if ordered_part is NOTHING else ordered_part * revenue
    ordinary = revenue if order_sales is NOTHING else revenue - order_sales
    credit_sales = firm.credit_sales_share * ordinary
    return Sold(intake, blocked, late, undelivered, revenue, credit_sales, ordinary - credit_sales, order_sales)


class Collected(NamedTuple):
    """Stage 2. ``collections`` arrived from receivables, ``bad_debt`` never will; ``receipts`` is all customers' money, net of VAT.

    ``days`` is how long customers take to pay, ``matured`` what of ordinary receivables is not owed any more.
    """

    receivables: Lanes
    order_receivables: Lanes
    order_terms: Lanes
    days: Lanes
    matured: Lanes
    collections: Lanes
    bad_debt: Lanes
    receipts: Lanes
    vat_in: Lanes


def collect(
    clock: Clock, firm: Firm, rules: Rules, weather: Weather, terms: Terms, state: State, sold: Sold, hit: Lanes = NOTHING
) -> Collected:
    """Receivables arrive at 1/days a day; in the shock they take longer and a share never comes. Large firms pay in days of their own.

    Of what else would have come, the share ``hit`` is lost because firms of the population do not pay each other.
    """
    days = firm.receivable_days * (1.0 + relieved((rules.receivable_stretch - 1.0) * weather.intensity, terms.stretch_relief))
    if terms.prompt_share is not NOTHING:
        days = where(terms.prompt_share > 0.0, days - terms.prompt_share * most(days - terms.prompt_days, 0.0), days)
    receivables = lagged(state.receivables, sold.credit_sales, days, clock.h)
    matured = state.receivables + sold.credit_sales - receivables
    bad_debt = relieved(rules.bad_debt_share * weather.intensity, terms.bad_debt_relief) * matured
    if hit is not NOTHING:
        bad_debt = bad_debt + hit * (matured - bad_debt)
    ordered = _collect_orders(clock, terms, state, sold)
    collections = added(matured - bad_debt, ordered.collected)
    receipts = sold.cash_sales + collections
    return Collected(
        receivables=receivables,
        order_receivables=ordered.receivables,
        order_terms=ordered.days,
        days=days,
        matured=matured,
        collections=collections,
        bad_debt=bad_debt,
        receipts=receipts,
        vat_in=firm.vat_share * receipts,
    )


class _Ordered(NamedTuple):
    """What large firms owe, after how many days they pay, and what they paid."""

    receivables: Lanes
    days: Lanes
    collected: Lanes


def _collect_orders(clock: Clock, terms: Terms, state: State, sold: Sold) -> _Ordered:
    """Large firms pay on the terms of their orders, sooner where prompt payment is enforced; they do not default."""
    if sold.order_sales is NOTHING:
        return _Ordered(state.order_receivables, state.order_terms, NOTHING)
    days = state.alive * where(terms.order_days > 0.0, terms.order_days, state.order_terms)
    until_paid = where(terms.prompt_share > 0.0, least(days, terms.prompt_days), days)
    receivables = lagged(state.order_receivables, sold.order_sales, until_paid, clock.h)
    return _Ordered(receivables, days, state.order_receivables + sold.order_sales - receivables)


class Bought(NamedTuple):
    """Stage 3. Stock after the step, what was bought and used, and what falls due to suppliers, overheads and investment included.

    ``overheads_subsidised`` is what the state pays suppliers of it.
    """

    stock: Lanes
    stock_cost: Lanes
    work_in_progress: Lanes
    purchases: Lanes
    materials_used: Lanes
    write_down: Lanes
    overheads: Lanes
    payables: Lanes
    suppliers_due: Lanes
    smoothed: Lanes
    overheads_subsidised: Lanes
    outlay: Lanes
    invested: Lanes


def buy(clock: Clock, firm: Firm, rules: Rules, weather: Weather, terms: Terms, state: State, sold: Sold, trading: Lanes) -> Bought:
    """Purchases for planned sales and for the target stock; stock never limits sales, services hold none."""
    normal_use = firm.materials_share * firm.sales / YEAR
    plan = 1.0 + rules.materials_elasticity * (state.smoothed - 1.0)
    used = firm.materials_share * sold.intake
    missing = normal_use * firm.inventory_days * plan - state.stock
    wanted = trading * (normal_use * clock.h * plan + missing * approach(clock.h, rules.inventory_adjust_days))
    units = where(firm.inventory_days > 0.0, most(most(wanted, used - state.stock), 0.0), used)
    purchases = units * weather.materials_price

    available = state.stock + units
    unit_cost = where(available > 0.0, (state.stock_cost + purchases) / where(available > 0.0, available, 1.0), 0.0)
    stock = most(available - used, 0.0)
    stock_cost = most(state.stock_cost + purchases - unit_cost * used, 0.0)
    cost_used = state.stock_cost + purchases - stock_cost

    wip_in = where(sold.intake > 0.0, cost_used * sold.blocked / where(sold.intake > 0.0, sold.intake, 1.0), 0.0)
    ordered = state.undelivered + sold.blocked
    waiting = state.work_in_progress + wip_in
    released = where(ordered > 0.0, waiting * sold.late / where(ordered > 0.0, ordered, 1.0), 0.0)

    spoiling = rules.unsold_share_per_year + weather.intensity * rules.shock_unsold_share_per_year
    unsalable = 1.0 - exp(-spoiling * clock.h / YEAR)
    write_down = unsalable * stock_cost

    days = firm.payable_days * (1.0 + 0.5 * (rules.receivable_stretch - 1.0) * weather.intensity)
    payables = lagged(state.payables, purchases, days, clock.h)
    overheads = state.alive * (firm.overheads * clock.h / YEAR)
    subsidised = NOTHING if untouched(terms.overheads_relief) else terms.overheads_relief * overheads
    outlay, invested = _invest(firm, terms, state)
    due = state.payables + purchases - payables + (overheads if subsidised is NOTHING else overheads - subsidised)
    return Bought(
        stock=stock - unsalable * stock,
        stock_cost=stock_cost - write_down,
        work_in_progress=waiting - released,
        purchases=purchases,
        materials_used=cost_used - wip_in + released,
        write_down=write_down,
        overheads=overheads,
        payables=payables,
        suppliers_due=added(due, outlay),
        smoothed=state.smoothed + (weather.latent * trading - state.smoothed) * approach(clock.h, rules.demand_smoothing_days),
        overheads_subsidised=subsidised,
        outlay=outlay,
        invested=invested,
    )


def _invest(firm: Firm, terms: Terms, state: State) -> tuple[Lanes, Lanes]:
    """Investment that a lever asks of living firms, once; and what was invested on its account so far."""
    if terms.outlay_share is NOTHING:
        return NOTHING, state.invested
    outlay = state.alive * most(terms.outlay_share * firm.sales - state.invested, 0.0)
    return outlay, state.invested + outlay
