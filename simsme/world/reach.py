"""Whom the levers of a policy reach, and with what: from the language of policy to rows that the engine reads."""

import numpy as np

from simsme.arithmetic import Flags, Lanes
from simsme.engine.terms import NOTHING, LeverRow, Terms
from simsme.firms import Firms
from simsme.levers.lever import Lever
from simsme.policy import Policy
from simsme.quantities import Uncertain
from simsme.streams import name_key, uniforms
from simsme.world.constants import NEGLIGIBLE
from simsme.world.drawn_numbers import DrawnNumbers


def eligible(lever: Lever, firms: Firms, rows: slice) -> Flags:
    """Firms that a lever admits by what they are."""
    admitted = np.ones(len(firms.key[rows]), dtype=np.bool_)
    for wanted, codes, names in (
        (lever.industries, firms.industry, firms.industry_names),
        (lever.sizes, firms.size, firms.size_names),
        (lever.legal_forms, firms.legal_form, firms.legal_form_names),
    ):
        if wanted is not None:
            admitted &= np.isin(codes[rows], [names.index(name) for name in wanted if name in names])
    if lever.max_risk is not None:
        admitted &= firms.default_risk[rows] <= lever.max_risk
    return admitted


def lever_row(lever: Lever, numbers: DrawnNumbers, firms: Firms, rows: slice) -> LeverRow:
    """A lever as the engine meets it. A firm's luck with it depends on its kind and name, not on the policy that it stands in.

    Raises
    ------
    TypeError
        When the lever changes a term that the engine does not know.
    """

    def number(name: str, value: Uncertain) -> Lanes:
        return numbers.drawn(f"lever.{lever.label}.{name}", value)

    luck = uniforms(numbers.seed, numbers.draws[:, None], firms.key[rows], name_key(lever.label), "take_up")
    offered = {name: number(name, value) for name, value in lever.terms().items()}
    unknown = sorted(set(offered) - set(Terms._fields))
    if unknown:
        raise TypeError(f"lever {lever.label!r} changes terms that the engine does not know: {', '.join(unknown)}")
    return LeverRow(
        reaches=eligible(lever, firms, rows) & (luck < number("take_up", lever.take_up)),
        from_day=lever.from_day + number("delay_days", lever.delay_days),
        to_day=np.asarray(float(lever.to_day)),
        min_sales_fall=np.asarray(-np.inf if lever.min_sales_fall is None else lever.min_sales_fall),
        max_interest_arrears=NEGLIGIBLE * firms.sales[rows] if lever.without_bank_arrears else np.asarray(np.inf),
        terms=Terms(**{name: offered.get(name, NOTHING) for name in Terms._fields}),
    )


def in_order(policy: Policy) -> tuple[Lever, ...]:
    """A policy's levers in an order of their own, so that their order in the file changes no bit."""
    return tuple(sorted(policy.levers, key=lambda lever: lever.label))


def rows_of_policy(policy: Policy, numbers: DrawnNumbers, firms: Firms, rows: slice) -> tuple[LeverRow, ...]:
    """A policy's levers in their order; of the funds of a kind only the first that reaches a firm is left to it."""
    found: list[LeverRow] = []
    taken: dict[str, Flags] = {}
    for lever in in_order(policy):
        row, fund = lever_row(lever, numbers, firms, rows), lever.fund()
        if fund is not None:
            before = taken.get(fund.kind, np.zeros((), dtype=np.bool_))
            row = row._replace(reaches=row.reaches & ~before)
            taken[fund.kind] = before | row.reaches
        found.append(row)
    return tuple(found)
