"""What a step books: one amount per entry of the accounts, per firm."""

from simsme.arithmetic import Lanes
from simsme.engine.leaving import Estate
from simsme.engine.records import Firm

Bookings = dict[str, Lanes]
"""Amounts by name of :data:`simsme.engine.accounts.ENTRIES` and of the memoranda; what is missing is 0."""


def add_bookings(booked: Bookings, more: Bookings) -> Bookings:
    """Bookings of two kinds together; an entry that stands in both is the sum."""
    both = {item: booked[item] + amount for item, amount in more.items() if item in booked}
    return booked | more | both


def split_people(firm: Firm, paid: Lanes) -> tuple[Lanes, Lanes]:
    """Wages to households and social insurance to the state, in the proportion of the firm."""
    social = firm.social_part * paid
    return paid - social, social


def split_relieved(firm: Firm, paid: Lanes, paid_now: Lanes, social_part: Lanes) -> tuple[Lanes, Lanes]:
    """The same where social insurance is a smaller part of what fell due now, being waived or deferred.

    Parameters
    ----------
    paid
        All that people were paid, arrears included.
    paid_now, social_part
        What of it fell due in the step, and the part of social insurance in that.
    """
    if social_part is firm.social_part:
        return split_people(firm, paid)
    social = firm.social_part * paid - (firm.social_part - social_part) * paid_now
    return paid - social, social


BOOKED_TWICE = ("lost_by_financiers", "deferred_paid", "public_advances_repaid")
"""Entries of an estate that steps book too."""


def book_estate(firm: Firm, estate: Estate) -> Bookings:
    """Bookings of firms that were wound up."""
    wages, social = split_people(firm, estate.people)
    return {
        "estate_receivables": estate.receivables,
        "estate_goods": estate.goods,
        "estate_fixed_assets": estate.fixed_assets,
        "estate_wages": wages,
        "estate_social": social,
        "estate_tax": estate.tax,
        "estate_suppliers": estate.suppliers,
        "estate_rent": estate.rent,
        "estate_banks": estate.banks,
        "estate_private": estate.private,
        "estate_funds": estate.funds,
        "estate_financiers": estate.financiers,
        "estate_owner": estate.owner,
        "lost_receivables": estate.lost_receivables,
        "lost_goods": estate.lost_goods,
        "lost_fixed_assets": estate.lost_fixed_assets,
        "lost_by_people": estate.lost_by_people,
        "lost_by_suppliers": estate.lost_by_suppliers,
        "lost_by_landlords": estate.lost_by_rent,
        "lost_by_government": estate.lost_by_tax,
        "lost_by_banks": estate.lost_by_banks,
        "lost_by_private": estate.lost_by_private,
        "lost_by_funds": estate.lost_by_funds,
        "lost_by_financiers": estate.lost_by_financiers,
        "claims_paid": estate.claims,
        "compensation_paid": estate.compensation,
        "deferred_paid": estate.put_off,
        "public_advances_repaid": estate.advance,
    }
