"""What falls due to people, landlords and the state: stages 4 to 6 of a step."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, most
from simsme.engine.records import Clock, Firm, Rules, State, Weather
from simsme.engine.timing import MONTH, YEAR, approach, fall_due


class Owed(NamedTuple):
    """An expense of the step, the part of what accrued that falls due in it, and what goes on accruing."""

    expense: Lanes
    due: Lanes
    accrued: Lanes


class PeoplePaid(NamedTuple):
    """Stage 4: wages with social insurance, and staffing (1 = normal) after lay-offs."""

    expense: Lanes
    due: Lanes
    accrued: Lanes
    staffing: Lanes


def pay_people(clock: Clock, firm: Firm, rules: Rules, weather: Weather, state: State, trading: Lanes) -> PeoplePaid:
    """Payroll falls due on the payday; it follows demand with a lag, and a firm that does not trade pays a part of it."""
    wanted = 1.0 + rules.payroll_elasticity * (weather.wanted - 1.0)
    adjusted = trading * (wanted - state.staffing) * approach(clock.h, rules.payroll_lag_days)
    staffing = most(state.staffing + adjusted, 0.0)
    at_work = trading + (1.0 - trading) * rules.dormant_payroll_share
    expense = state.alive * (firm.people_cost * clock.h / YEAR * weather.wage_level) * staffing * at_work
    due, accrued = fall_due(state.people_accrued, expense, firm.payday, MONTH, clock)
    return PeoplePaid(expense, due, accrued, staffing)


def pay_rent(clock: Clock, firm: Firm, weather: Weather, state: State) -> Owed:
    """Rent falls due on its day of the month or quarter (stage 5; overheads are bought like materials, without delay)."""
    expense = state.alive * (firm.rent * clock.h / YEAR * weather.rent_level)
    due, accrued = fall_due(state.rent_accrued, expense, firm.rent_day, firm.rent_period, clock)
    return Owed(expense, due, accrued)


def pay_tax(clock: Clock, firm: Firm, state: State, revenue: Lanes, vat_in: Lanes) -> Owed:
    """Taxes accrue with revenue, VAT with receipts; both fall due monthly (stage 6). VAT is no expense."""
    expense = firm.tax_share * revenue
    due, accrued = fall_due(state.tax_accrued, expense + vat_in, firm.tax_day, MONTH, clock)
    return Owed(expense, due, accrued)
