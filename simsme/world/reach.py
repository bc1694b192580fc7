"""Whom the levers of a policy reach, and with what: from the language of policy to rows that the engine reads.

A lever becomes one row for each of its parts and each of its openings (:mod:`simsme.world.audience`), and for each group of firms that it
sees alike (:mod:`simsme.world.observation`). Its terms are numbers of the draw,
but for what it lets banks see (:mod:`simsme.world.information`), which differs from firm to firm.
"""

from collections.abc import Mapping

import numpy as np

from simsme.arithmetic import Flags, Lanes
from simsme.engine.terms import NOTHING, LeverRow, Terms
from simsme.firms import Firms
from simsme.levers.lever import Lever, Part
from simsme.policy import Policy
from simsme.streams import name_key, uniforms
from simsme.world.audience import Opening, acting_levers, openings
from simsme.world.constants import NEGLIGIBLE
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.information import informed_views
from simsme.world.lever_numbers import is_plainly, lever_number
from simsme.world.observation import sights


def in_order(policy: Policy) -> tuple[Lever, ...]:
    """A policy's levers in an order of their own, so that their order in the file changes no bit."""
    return tuple(sorted(policy.levers, key=lambda lever: lever.label))


def rows_of_policy(policy: Policy, numbers: DrawnNumbers, firms: Firms, rows: slice) -> tuple[LeverRow, ...]:
    """All rows of a policy's levers, see :func:`rows_by_lever`."""
    return tuple(row for of_lever in rows_by_lever(policy, numbers, firms, rows) for row in of_lever)


def rows_by_lever(policy: Policy, numbers: DrawnNumbers, firms: Firms, rows: slice) -> tuple[tuple[LeverRow, ...], ...]:
    """The rows of each lever of a policy, the levers in their order (:func:`in_order`).

    Of the funds of a kind only the first that reaches a firm is left to it.

    Raises
    ------
    TypeError
        When a lever changes a term that the engine does not know.
    """
    levers = in_order(policy)
    acting = acting_levers(levers, numbers, firms, rows)
    opened = [openings(lever, acting, numbers, firms, rows) for lever in levers]
    taken: dict[str, Flags] = {}
    for place, lever in enumerate(levers):
        fund = lever.fund()
        if fund is not None:
            before = taken.get(fund.kind, np.zeros((), dtype=np.bool_))
            opened[place] = tuple(opening._replace(reaches=opening.reaches & ~before) for opening in opened[place])
            taken[fund.kind] = before | whom(opened[place])
    informed = informed_views(levers, [whom(found) for found in opened], numbers, firms, rows)
    return tuple(
        _rows_of_lever(lever, found, seen, numbers, firms, rows) for lever, found, seen in zip(levers, opened, informed, strict=True)
    )


def whom(found: tuple[Opening, ...] | tuple[LeverRow, ...]) -> Flags:
    """All firms that the openings, or the rows, of a lever reach."""
    reached: Flags = np.logical_or.reduce([opening.reaches for opening in found])
    return reached


def _rows_of_lever(
    lever: Lever, found: tuple[Opening, ...], informed: Mapping[str, Lanes], numbers: DrawnNumbers, firms: Firms, rows: slice
) -> tuple[LeverRow, ...]:
    made: list[LeverRow] = []
    seen_as = sights(lever, numbers, firms, rows)
    for position, part in enumerate(lever.parts()):
        offered = {name: lever_number(lever, numbers, name, value) for name, value in part.terms.items()}
        offered |= informed if position == 0 else {}
        unknown = sorted(set(offered) - set(Terms._fields))
        if unknown:
            raise TypeError(f"lever {lever.label!r} changes terms that the engine does not know: {', '.join(unknown)}")
        terms = Terms(**{name: offered.get(name, NOTHING) for name in Terms._fields})
        works, after_days = _works(lever, part, numbers, firms, rows), lever_number(lever, numbers, "after_days", part.after_days)
        made += [
            LeverRow(
                reaches=opening.reaches & works & sight.firms,
                from_day=opening.from_day + after_days,
                to_day=np.asarray(float(lever.to_day)),
                min_sales_fall=sight.min_sales_fall,
                max_interest_arrears=NEGLIGIBLE * firms.sales[rows] if lever.without_bank_arrears else np.asarray(np.inf),
                max_cash_days=sight.max_cash_days,
                terms=terms,
            )
            for opening in found
            for sight in seen_as
        ]
    return tuple(made)


def _works(lever: Lever, part: Part, numbers: DrawnNumbers, firms: Firms, rows: slice) -> Flags:
    """Firms at which a part of a lever works, by a luck of its own."""
    if is_plainly(part.odds, 1.0):
        return np.ones((), dtype=np.bool_)
    luck = uniforms(numbers.seed, numbers.draws[:, None], firms.key[rows], name_key(f"{lever.label}.{part.name}"), "part")
    works: Flags = luck < lever_number(lever, numbers, f"{part.name}.odds", part.odds)
    return works
