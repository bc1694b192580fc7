"""Which entries of the accounts levers bring about, and what each of them is in a table of costs.

The table stands beside the chart of accounts (`simsme.engine.accounts`): an entry belongs to the terms that cause it, so that a lever
from anywhere, which changes terms and nothing else, is in the cost tables by itself. Where several levers of a policy offer the same
term, their money cannot be told apart and stands under all their names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from simsme.outcomes import LeverName

PARTS = ("outlay", "repaid", "claims", "fees", "foregone", "deferred_revenue", "deferred_paid", "carried", "displaced_sales")
"""What an entry can be in a table of costs.

``outlay``: money paid out under a lever. ``repaid``: money that came back of it. ``claims``: losses of banks made good. ``fees``: fees
that firms paid to funds. ``foregone``: revenue waived. ``deferred_revenue``: taxes and social insurance whose day moved.
``deferred_paid``: what of them was paid since. ``carried``: what falls due to banks and whose day moved. ``displaced_sales``: sales gained
under a lever, to be multiplied with the share that is other firms' sales."""

PAYERS = ("government", "banks", "funds", "central_bank", "financiers", "landlords")
"""Sectors that pay for levers, in the order of every table. Cost is counted for all of them under every policy."""


@dataclass(frozen=True)
class LeverEntry:
    """An entry, or a memorandum, of the accounts that levers bring about.

    Attributes
    ----------
    part
        What it is in a table of costs; one of `PARTS`.
    payer
        The sector whose money or claim it is; one of `PAYERS`, or ``customers`` for sales.
    terms
        Terms (of `simsme.engine.terms.Terms`) of which any, not 0, brings it about.
    """

    part: str
    payer: str
    terms: tuple[str, ...]


LEVER_ENTRIES: Mapping[str, LeverEntry] = MappingProxyType(
    {
        "advance_lent": LeverEntry("outlay", "funds", ("advance_share",)),
        "wage_subsidies": LeverEntry("outlay", "government", ("wage_subsidy",)),
        "tax_refunds": LeverEntry("outlay", "government", ("refund_share",)),
        "grants": LeverEntry("outlay", "government", ("grant_share", "grant_amount")),
        "innovation_grants": LeverEntry("outlay", "government", ("innovation_share",)),
        "digital_subsidies": LeverEntry("outlay", "government", ("outlay_subsidy",)),
        "public_equity": LeverEntry("outlay", "government", ("growth_share",)),
        "public_advances": LeverEntry("outlay", "government", ("public_advance_share",)),
        "receivables_lent": LeverEntry("outlay", "financiers", ("receivables_advance",)),
        "interest_subsidised": LeverEntry("outlay", "government", ("interest_subsidy",)),
        "rate_relief": LeverEntry("outlay", "central_bank", ("facility_rate",)),
        "overheads_subsidised": LeverEntry("outlay", "government", ("overheads_relief",)),
        "rent_compensation": LeverEntry("outlay", "government", ("rent_state_share",)),
        "programme_costs": LeverEntry("outlay", "government", ("programme_cost",)),
        "advance_repaid": LeverEntry("repaid", "funds", ("advance_share",)),
        "receivables_repaid": LeverEntry("repaid", "financiers", ("receivables_advance",)),
        "estate_financiers": LeverEntry("repaid", "financiers", ("receivables_advance",)),
        "estate_funds": LeverEntry("repaid", "funds", ("advance_share", "cover")),
        "claims_paid": LeverEntry("claims", "funds", ("cover",)),
        "compensation_paid": LeverEntry("claims", "government", ("compensation",)),
        "public_advances_repaid": LeverEntry("repaid", "government", ("public_advance_share",)),
        "fund_fees_paid": LeverEntry("fees", "funds", ("advance_share", "cover")),
        "social_waived": LeverEntry("foregone", "government", ("social_relief",)),
        "rent_waived": LeverEntry("foregone", "landlords", ("rent_relief",)),
        "tax_deferred": LeverEntry("deferred_revenue", "government", ("tax_deferral_share",)),
        "social_deferred": LeverEntry("deferred_revenue", "government", ("social_deferral_share",)),
        "deferred_paid": LeverEntry("deferred_paid", "government", ("tax_deferral_share", "social_deferral_share")),
        "rolled_principal": LeverEntry("carried", "banks", ("rolled",)),
        "deferred_principal": LeverEntry("carried", "banks", ("deferral_day",)),
        "interest_deferred": LeverEntry("carried", "banks", ("interest_deferral_share",)),
        "order_sales": LeverEntry("displaced_sales", "customers", ("order_demand",)),
        "lifted_sales": LeverEntry("displaced_sales", "customers", ("demand_lift",)),
    }
)
"""Every entry and memorandum that exists only under levers, by name."""


OPEN_ENTRIES: Mapping[str, LeverEntry] = MappingProxyType(
    {
        "put_off": LeverEntry("still_open", "government", ("tax_deferral_share", "social_deferral_share")),
        "advances": LeverEntry("still_open", "government", ("public_advance_share",)),
        "equity": LeverEntry("still_open", "government", ("growth_share",)),
    }
)
"""What the state has open with firms only under levers, by key of `simsme.outcomes.Outcomes.still_open`."""


def items_of(part: str) -> tuple[str, ...]:
    """Entries of a part, in order."""
    return tuple(item for item, entry in LEVER_ENTRIES.items() if entry.part == part)


def levers_behind(item: str, policy: str, levers: Sequence[LeverName]) -> tuple[str, ...]:
    """Labels of a policy's levers that bring an entry, or what is open, about; several where their money cannot be told apart."""
    terms = (LEVER_ENTRIES[item] if item in LEVER_ENTRIES else OPEN_ENTRIES[item]).terms
    return tuple(lever.label for lever in levers if lever.policy == policy and any(term in lever.terms for term in terms))
