"""What a step books: one amount per entry of the accounts, per firm."""

from simsme.arithmetic import Lanes
from simsme.engine.leaving import Estate
from simsme.engine.records import Firm

Bookings = dict[str, Lanes]
"""Amounts by name of :data:`simsme.engine.accounts.ENTRIES` and of the memoranda; what is missing is 0."""


def split_people(firm: Firm, paid: Lanes) -> tuple[Lanes, Lanes]:
    """Wages to households and social insurance to the state, in the proportion of the firm."""
    social = firm.social_part * paid
    return paid - social, social


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
        "claims_paid": estate.claims,
    }
