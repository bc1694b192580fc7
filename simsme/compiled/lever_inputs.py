"""Levers of all policies as the kernel reads them: whom each reaches, when it is in force, what it offers of which terms."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.compiled.formulas import AID_TERMS, AIDED, ANY, FUND_TERMS, FUNDED, PLAIN, PLAIN_TERMS, Moved, program
from simsme.compiled.lever_formulas import ALWAYS, BIT_OF, RULE_NUMBERS
from simsme.compiled.recording import leaves
from simsme.compiled.rows import INFORMED, OF_LEVER, REACH
from simsme.engine.occasions import MATTERS_ON
from simsme.engine.terms import NOTHING, LeverRow, Terms

Array = NDArray[Any]


class LeverInputs(NamedTuple):
    """Fields of :class:`simsme.compiled.records.Inputs` that levers fill."""

    levers_of: Array
    offers: Array
    of_lever: Array
    reach: Array
    matters_on: Array
    informed_of: Array
    informed: Array
    now_of: Array
    now_row: Array
    now_rule: Array
    now_offered: Array
    families: Array
    states_moved: Array
    states_of_policy: Array
    books_moved: Array
    books_of_policy: Array
    rows_everywhere: Array
    rows_of_policy: Array
    rows_of_term: Array
    rows_of_new: Array


def lever_inputs(levers: Sequence[tuple[LeverRow, ...]], with_funds: Sequence[bool], reference: int, draws: int, firms: int) -> LeverInputs:
    """Put the levers of all policies one after another.

    Parameters
    ----------
    levers
        Rows of the levers of each policy.
    with_funds
        Whether a policy has public funds.
    reference
        Position of the reference policy.
    draws, firms
        Size of the block.
    """
    rows = [row for of_policy in levers for row in of_policy]
    terms_read = program().terms_read
    offers, numbers = np.zeros((len(rows), len(terms_read)), dtype=np.bool_), np.zeros((len(rows), draws, len(OF_LEVER)))
    reach = np.zeros((len(rows), draws, firms), dtype=np.bool_)
    informed_of = np.full(len(rows), -1, dtype=np.int64)
    informed: list[Array] = []
    now: list[tuple[int, int, Array]] = []
    now_of = [0]
    for lever, row in enumerate(rows):
        offered = _offered(row)
        offers[lever] = [bool(offered & set(read)) for read in terms_read.values()]
        reach[lever] = row.reaches
        for label, value in _numbers(row):
            numbers[lever, :, OF_LEVER[label]] = np.ravel(value)
        if offered & set(INFORMED):
            informed_of[lever] = len(informed)
            informed.append(np.stack([np.broadcast_to(getattr(row.terms, name), (draws, firms)) for name in INFORMED], axis=1))
        now += [_now(row, name, draws) for name in terms_read["terms.now"] if name in offered]
        now_of.append(len(now))
    everywhere = [_rows_everywhere(of_policy) for of_policy in levers]
    families = [_family(of_policy, funds) for of_policy, funds in zip(levers, with_funds, strict=True)]
    moved = [_moved(family, families[reference]) for family in families]
    return LeverInputs(
        levers_of=_begins(levers),
        offers=offers,
        of_lever=numbers,
        reach=reach,
        matters_on=np.array([_matters_on(row) for row in rows], dtype=np.uint16),
        informed_of=informed_of,
        informed=np.stack(informed) if informed else np.zeros((0, draws, len(INFORMED), firms)),
        now_of=np.array(now_of, dtype=np.int64),
        now_row=np.array([row for row, _, _ in now], dtype=np.int64),
        now_rule=np.array([rule for _, rule, _ in now], dtype=np.int64),
        now_offered=np.array([value for _, _, value in now]).reshape(len(now), draws),
        families=np.array(families, dtype=np.int64),
        states_moved=_one_after_another([rows.states for rows in moved]),
        states_of_policy=_begins([rows.states for rows in moved]),
        books_moved=_one_after_another([rows.books for rows in moved]),
        books_of_policy=_begins([rows.books for rows in moved]),
        rows_everywhere=_one_after_another(everywhere),
        rows_of_policy=_begins(everywhere),
        rows_of_term=_rows_of_terms("terms.term_loan"),
        rows_of_new=_rows_of_terms("terms.new_loan"),
    )


def _begins(parts: Sequence[Sequence[Any]]) -> Array:
    """Where each part begins when they stand one after another, and where the last one ends."""
    return np.cumsum([0, *(len(part) for part in parts)]).astype(np.int64)


def _one_after_another(parts: Sequence[Sequence[int]]) -> Array:
    return np.array([row for part in parts for row in part], dtype=np.uint64)


def _moved(family: int, of_reference: int) -> Moved:
    """Rows that change under a policy of a family or under the reference."""
    mine, there = program().moved[family], program().moved[of_reference]
    return Moved(tuple(sorted({*mine.states, *there.states})), tuple(sorted({*mine.books, *there.books})))


def _family(levers: tuple[LeverRow, ...], with_funds: bool) -> int:
    """Family of a policy, by what its levers change."""
    offered = set().union(*(_offered(row) for row in levers))
    if not with_funds and offered <= {*PLAIN_TERMS, *AID_TERMS}:
        return PLAIN if offered <= set(PLAIN_TERMS) else AIDED
    return FUNDED if offered <= {*PLAIN_TERMS, *FUND_TERMS} else ANY


def _offered(row: LeverRow) -> set[str]:
    """Names of the terms that a lever changes."""
    return {name for name in Terms._fields if getattr(row.terms, name) is not NOTHING}


def _matters_on(row: LeverRow) -> int:
    """Occasions on which anything that a lever changes can matter, a bit for each."""
    offered = {name for name in _offered(row) if np.any(np.asarray(getattr(row.terms, name)) != 0.0)}
    bits = 0
    for kind, names in program().terms_read.items():
        for name in offered.intersection(names):
            occasions = MATTERS_ON.get(kind, {}).get(name, (ALWAYS,))
            bits |= sum(1 << BIT_OF[occasion] for occasion in occasions)
    return bits


def _numbers(row: LeverRow) -> list[tuple[str, Any]]:
    """Numbers of a lever in a draw, by label."""
    limited = float(np.isfinite(row.max_interest_arrears).any())
    own = {"from_day": row.from_day, "to_day": row.to_day, "min_sales_fall": row.min_sales_fall, "max_cash_days": row.max_cash_days}
    named = [(f"lever.{name}", value) for name, value in own.items()]
    terms = [(label, value) for label, value in leaves(row.terms, "lever.terms") if label not in REACH]
    return [*named, ("lever.without_bank_arrears", limited), *terms]


def _now(row: LeverRow, name: str, draws: int) -> tuple[int, int, Array]:
    """Row, rule and number of a term that a lever changes on the last day of a step."""
    place = program().layout.rows["terms"][f"terms.now.{name}"]
    rule = RULE_NUMBERS[name]
    if name in INFORMED:
        return place, rule, np.full(draws, float(REACH[f"lever.terms.{name}"]))
    return place, rule, np.broadcast_to(getattr(row.terms, name), (draws, 1))[:, 0]


def _rows_everywhere(levers: tuple[LeverRow, ...]) -> list[int]:
    """Rows of the terms that the levers of a policy change for firms whose loans need not mature."""
    offered = set().union(*(_offered(row) for row in levers))
    rows = program().layout.rows["terms"]
    days = ("terms.now", "due_terms.term_loan", "due_terms.new_loan")
    return [rows[f"{day}.{name}"] for day in days for name in program().terms_read[day] if name in offered]


def _rows_of_terms(prefix: str) -> Array:
    return np.array([row for label, row in program().layout.rows["terms"].items() if label.startswith(prefix)], dtype=np.uint64)
