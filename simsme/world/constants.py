"""A firm in a draw: its constants after the draw's adjustments, its opening books, and what the bank sees of it."""

from dataclasses import dataclass

import numpy as np

from simsme.arithmetic import Lanes, Number, exp, log, most, power, sqrt, where
from simsme.engine.opening import open_books
from simsme.engine.records import Firm, State
from simsme.engine.timing import MONTH, YEAR
from simsme.firms import Firms
from simsme.streams import normals
from simsme.world.drawn_numbers import DrawnNumbers

NEGLIGIBLE = 1e-6
"""Part of a year's sales that counts in no decision."""


@dataclass(frozen=True)
class Adjusted:
    """What a draw makes of the firms' accounts."""

    materials_share: Lanes
    people_cost: Lanes
    rent: Lanes
    overheads: Lanes
    cash: Lanes
    informal_credit: Lanes


def as_reported(firms: Firms, rows: slice) -> Adjusted:
    """The accounts as they are, without adjustment."""
    return Adjusted(
        materials_share=firms.materials_share[rows],
        people_cost=firms.payroll[rows] * (1.0 + firms.social_share[rows]),
        rent=firms.rent[rows],
        overheads=firms.overheads[rows],
        cash=firms.cash[rows],
        informal_credit=firms.informal_credit[rows],
    )


def adjusted(firms: Firms, rows: slice, numbers: DrawnNumbers) -> Adjusted:
    """Costs moved so that the margin shifts, cash and informal credit multiplied."""
    plain, sales = as_reported(firms, rows), firms.sales[rows]
    fixed = where(sales > 0.0, (plain.people_cost + plain.rent + plain.overheads) / where(sales > 0.0, sales, 1.0), 0.0)
    costs = plain.materials_share + fixed
    shift = numbers.number("adjust.margin_shift")
    factor = where(shift == 0.0, 1.0, most((costs - shift) / where(costs > 0.0, costs, 1.0), 0.0))
    return Adjusted(
        materials_share=plain.materials_share * factor,
        people_cost=plain.people_cost * factor,
        rent=plain.rent * factor,
        overheads=plain.overheads * factor,
        cash=plain.cash * numbers.number("adjust.cash_factor"),
        informal_credit=plain.informal_credit * numbers.number("adjust.informal_factor"),
    )


@dataclass(frozen=True)
class BankView:
    """What the bank makes of a firm: odds of renewal in normal times, the risk that it sees, and the one by which it lends new money."""

    renewal_by_risk: Lanes
    perceived_risk: Lanes
    prudent_risk: Lanes


def bank_view(numbers: DrawnNumbers, default_risk: Lanes, z_signal: Lanes, hidden: Number = 1.0) -> BankView:
    """Judge a firm by a noisy signal of its default risk, log-normal prior and log-normal noise.

    Parameters
    ----------
    numbers
        The scenario's numbers.
    default_risk
        Annual probability of default as a fully informed bank would see it.
    z_signal
        The firm's normal number behind the noise.
    hidden
        What better information leaves of the noise, share of its standard deviation.
    """
    opacity = numbers.number("credit.opacity") * hidden
    prior, noise = numbers.number("credit.risk_sigma") ** 2, opacity**2
    median = numbers.number("credit.risk_median")
    trust = where(prior + noise > 0.0, prior / where(prior + noise > 0.0, prior + noise, 1.0), 0.0)
    signal = log(most(default_risk, 1e-12)) + opacity * z_signal
    variance = (1.0 - trust) * prior
    expected = exp(log(median) + trust * (signal - log(median)) + 0.5 * variance)
    prudent = expected * exp(numbers.number("credit.risk_aversion") * sqrt(variance))
    renewal = numbers.number("credit.renewal")
    strength = power(expected / median, numbers.number("credit.renewal_risk_elasticity"))
    return BankView(
        renewal_by_risk=where(renewal > 0.0, power(most(renewal, 1e-300), strength), 0.0),
        perceived_risk=expected,
        prudent_risk=prudent,
    )


def outflows(firms: Firms, rows: slice, accounts: Adjusted) -> tuple[Lanes, Lanes]:
    """Normal and fixed outflow a day: with and without materials and taxes."""
    sales = firms.sales[rows]
    fixed = accounts.people_cost + accounts.rent + accounts.overheads + firms.loan_rate[rows] * firms.loan[rows]
    return (accounts.materials_share * sales + fixed + firms.tax_share[rows] * sales) / YEAR, fixed / YEAR


def constants_of_draw(firms: Firms, rows: slice, numbers: DrawnNumbers, accounts: Adjusted) -> Firm:
    """Constants of firms in draws.

    Parameters
    ----------
    firms, rows
        The firms, and which of them.
    numbers
        The scenario's numbers in the draws.
    accounts
        The firms' accounts in the draws.
    """
    seed, draws, keys, sales = numbers.seed, numbers.draws[:, None], firms.key[rows], firms.sales[rows]
    normal_outflow, fixed_outflow = outflows(firms, rows, accounts)
    to_suppliers = (accounts.materials_share * sales + accounts.overheads) / YEAR
    supplier_share = where(normal_outflow > 0.0, to_suppliers / where(normal_outflow > 0.0, normal_outflow, 1.0), 0.0)
    patience = numbers.number("exit.patience_days") * exp(numbers.number("exit.patience_sigma") * normals(seed, draws, keys, 0, "patience"))
    patience = most(patience, numbers.number("exit.patience_min_days"))
    view = bank_view(numbers, firms.default_risk[rows], normals(seed, draws, keys, 0, "signal"))
    social = firms.social_share[rows]
    return Firm(
        sales=sales,
        materials_share=accounts.materials_share,
        people_cost=accounts.people_cost,
        rent=accounts.rent,
        overheads=accounts.overheads,
        tax_share=firms.tax_share[rows],
        vat_share=firms.vat_share[rows],
        inventory_days=firms.inventory_days[rows],
        receivable_days=firms.receivable_days[rows],
        payable_days=firms.payable_days[rows],
        credit_sales_share=firms.credit_sales_share[rows],
        fixed_assets=firms.fixed_assets[rows],
        loan_rate=firms.loan_rate[rows],
        credit_line=firms.credit_line[rows],
        payday=firms.payday[rows],
        tax_day=firms.tax_day[rows],
        interest_day=firms.interest_day[rows],
        rent_day=firms.rent_day[rows],
        rent_period=MONTH * firms.rent_every_months[rows],
        social_part=social / (1.0 + social),
        background_rate=background_rate(firms, rows, numbers),
        negligible=NEGLIGIBLE * sales,
        normal_outflow=normal_outflow,
        fixed_outflow=fixed_outflow,
        target_buffer=most(accounts.cash, numbers.number("behaviour.buffer_days") * normal_outflow),
        patience=patience * (1.0 + numbers.number("exit.patience_supplier_factor") * supplier_share),
        hope=numbers.number("exit.hope_median") * exp(numbers.number("exit.hope_sigma") * normals(seed, draws, keys, 0, "hope")),
        renewal_by_risk=view.renewal_by_risk,
        perceived_risk=view.perceived_risk,
        prudent_risk=view.prudent_risk,
    )


def books_of_draw(firms: Firms, rows: slice, firm: Firm, accounts: Adjusted, draws: int) -> State:
    """Opening books of firms in draws."""
    sums = opening_sums(firms, rows, accounts)
    return open_books(firm, **sums, shape=(draws, sums["loan"].shape[0]))


def opening_sums(firms: Firms, rows: slice, accounts: Adjusted) -> dict[str, Lanes]:
    """What the opening books of firms rest on beside their constants, as :func:`simsme.engine.opening.open_books` takes it."""
    return {
        "cash": accounts.cash,
        "loan": firms.loan[rows],
        "loan_due_day": firms.loan_due_day[rows],
        "owner_funds": firms.owner_funds[rows],
        "informal_credit": accounts.informal_credit,
    }


def static_runway_days(firms: Firms, rows: slice, numbers: DrawnNumbers) -> Lanes:
    """Days that cash lasts with no sales, (draw, firm): no principal, no payables, no collections."""
    accounts = adjusted(firms, rows, numbers)
    _, fixed = outflows(firms, rows, accounts)
    days = where(fixed > 0.0, accounts.cash / where(fixed > 0.0, fixed, 1.0), np.inf)
    return np.array(np.broadcast_to(days, (len(numbers.draws), len(firms.key[rows]))))


def background_rate(firms: Firms, rows: slice, numbers: DrawnNumbers) -> Lanes:
    """Rate a year at which firms close in normal times, by size, (draw, firm) or (1, firm)."""
    rates = [numbers.number(f"exit.background_rate.{size}") for size in firms.size_names]
    sizes = firms.size[rows]
    by_firm = np.zeros((1, sizes.shape[0]))
    for code, rate in enumerate(rates):
        by_firm = where(sizes == code, rate, by_firm)
    return by_firm
