"""The flow of funds between firms and everybody else: who paid whom, what became of each balance, and whether it all adds up."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ENTRIES, ITEMS, SECTORS
from simsme.outcomes import Outcomes
from simsme.survival import over_draws

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("policy", "day", "kind", "item", "payer", "payee", "amount", "mc_error")
"""Columns of `accounts_table`."""


CLAIMS = {
    "households": "owed_people",
    "suppliers": "owed_suppliers",
    "landlords": "owed_landlords",
    "government": "owed_government",
    "banks": "owed_banks",
    "private_lenders": "owed_private",
    "funds": "owed_funds",
    "financiers": "owed_financiers",
}
"""Whose claim it is what firms owe. Social insurance is owed with wages and stands with households until it is paid or deferred."""


@dataclass(frozen=True)
class Closure:
    """Largest gaps of the accounts, relative to the sum of all flows.

    Attributes
    ----------
    draw
        Over all policies, reported days, balances and single draws.
    total
        Over all policies, reported days and balances, all draws added up.
    """

    draw: float
    total: float


def closure(outcomes: Outcomes) -> Closure:
    """Check that each balance is what its opening, its flows and its revaluations made of it.

    Returns
    -------
    Closure
        Relative gaps; rounding leaves about 1e-15, a booking that is missing or has the wrong sign much more. Infinite where there
        is a gap without any flow.
    """
    change = outcomes.balances - outcomes.opening[None, :, None, :]
    gap = change - outcomes.flows @ _effects()
    flow = np.abs(outcomes.flows[..., _is_flow()]).sum(axis=-1)
    return Closure(draw=_largest(gap, flow), total=_largest(gap.sum(axis=1), flow.sum(axis=1)))


def sector_flows(outcomes: Outcomes, sector: str) -> NDArray[np.float64]:
    """Money that was paid to a sector less money that it paid, from day 0 to each reported day.

    Parameters
    ----------
    outcomes
        Outcomes of a run.
    sector
        One of `simsme.engine.accounts.SECTORS`.

    Returns
    -------
    ndarray, (P, D, R)
        In money, weighted.
    """
    if sector not in SECTORS:
        raise ValueError(f"no sector {sector!r}; the sectors are {', '.join(SECTORS)}")
    sign = np.array([_received_by(sector, item) for item in ITEMS], dtype=np.float64)
    received = np.zeros(outcomes.flows.shape[:-1])
    # item by item: a product of matrices adds up in an order of its own, which depends on the machine
    for item in np.flatnonzero(sign):
        received += sign[item] * outcomes.flows[..., item]
    return received


def sector_claims(outcomes: Outcomes, sector: str) -> NDArray[np.float64]:
    """What firms owe a sector at the end of each reported day, in the books, (P, D, R).

    For firms themselves it is what their customers owe them less all that they owe, for customers what they owe firms, below zero. Over
    all sectors it adds up to nothing.
    """
    if sector not in SECTORS:
        raise ValueError(f"no sector {sector!r}; the sectors are {', '.join(SECTORS)}")
    held = np.zeros(outcomes.balances.shape[:-1])
    for balance, sign in _claims_of(sector):
        held += sign * outcomes.balances[..., BALANCES.index(balance)]
    return held


def flow_matrix(outcomes: Outcomes, policy: str | None = None, day: float | None = None) -> "pd.DataFrame":
    """Money paid from day 0 to a reported day, by payer (rows) and payee (columns), mean over draws.

    Parameters
    ----------
    outcomes
        Outcomes of a run.
    policy
        The reference where not given.
    day
        The headline day where not given.
    """
    import pandas as pd

    place = outcomes.policy_index(outcomes.reference if policy is None else policy)
    booked = outcomes.flows[place, :, outcomes.report_index(day), :].mean(axis=0)
    matrix = np.zeros((len(SECTORS), len(SECTORS)))
    for amount, item in zip(booked, ITEMS, strict=True):
        entry = ENTRIES.get(item)
        if entry is not None and entry.kind == "flow":
            matrix[SECTORS.index(entry.payer), SECTORS.index(entry.payee)] += amount
    return pd.DataFrame(matrix, index=pd.Index(SECTORS, name="payer"), columns=pd.Index(SECTORS, name="payee"))


def accounts_table(outcomes: Outcomes) -> "pd.DataFrame":
    """Every booking and every balance, one a row.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``kind`` is ``flow``, ``accrual``, ``revaluation`` or ``memorandum`` for what was booked from day 0 to the day, and
        ``balance`` for what stood in the books at the end of the day (day 0: the opening). ``amount`` is the mean over draws, in money.
    """
    import pandas as pd

    days = [float(day) for day in outcomes.report_days]
    booked, closing = over_draws(outcomes.flows, axis=1), over_draws(outcomes.balances, axis=1)
    opening = over_draws(outcomes.opening, axis=0)
    rows: list[tuple[object, ...]] = []
    for p, policy in enumerate(outcomes.policies):
        for b, balance in enumerate(BALANCES):
            rows.append((policy, 0.0, "balance", balance, "", "", float(opening.mean[b]), float(opening.mc_error[b])))
        for r, day in enumerate(days):
            for f, item in enumerate(ITEMS):
                entry = ENTRIES.get(item)
                kind, payer, payee = ("memorandum", "", "") if entry is None else (entry.kind, entry.payer, entry.payee)
                rows.append((policy, day, kind, item, payer, payee, float(booked.mean[p, r, f]), float(booked.mc_error[p, r, f])))
            for b, balance in enumerate(BALANCES):
                rows.append((policy, day, "balance", balance, "", "", float(closing.mean[p, r, b]), float(closing.mc_error[p, r, b])))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _claims_of(sector: str) -> tuple[tuple[str, int], ...]:
    if sector == "firms":
        return (("receivables", 1), *((balance, -1) for balance in CLAIMS.values()))
    if sector == "customers":
        return (("receivables", -1),)
    return ((CLAIMS[sector], 1),) if sector in CLAIMS else ()


def _effects() -> NDArray[np.float64]:
    """What one unit of each item does to each balance, (F, B)."""
    effects = np.zeros((len(ITEMS), len(BALANCES)))
    for name, entry in ENTRIES.items():
        for balance, sign in entry.changes:
            effects[ITEMS.index(name), BALANCES.index(balance)] += sign
    return effects


def _is_flow() -> NDArray[np.bool_]:
    return np.array([item in ENTRIES and ENTRIES[item].kind == "flow" for item in ITEMS])


def _received_by(sector: str, item: str) -> int:
    entry = ENTRIES.get(item)
    if entry is None or entry.kind != "flow":
        return 0
    return (entry.payee == sector) - (entry.payer == sector)


def _largest(gap: NDArray[np.float64], flow: NDArray[np.float64]) -> float:
    worst = np.abs(gap).max(axis=-1)
    with np.errstate(divide="ignore"):
        relative = np.where(worst == 0, 0.0, worst / np.where(worst == 0, 1.0, flow))
    return float(relative.max())
