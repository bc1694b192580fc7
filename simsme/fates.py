"""What became of firms under a policy against the reference, by group of firms, and where the support went."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simsme.engine.timing import YEAR
from simsme.firms import Firms
from simsme.outcomes import CLASSES
from simsme.world.constants import as_reported, outflows

DECILES = 10

FIRMS_AT_ONCE = 65_536
"""Firms whose weights are added up at a time, to spare memory; no bit depends on it."""

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]


def fate_codes(here: NDArray[np.int16], there: NDArray[np.int16], number: int) -> Codes:
    """Fate of each firm by the end of a step, as a position in `simsme.outcomes.CLASSES`.

    Parameters
    ----------
    here, there
        Step in which each firm left under the policy and under the reference; after the last step where it never did.
    number
        The step.
    """
    dead, dead_there = here <= number, there <= number
    # dead in both: delayed, lost or hastened, by which step is the later one
    order = CLASSES.index("lost") + np.sign(there.astype(np.intp) - here)
    alive = np.where(dead_there, CLASSES.index("saved"), CLASSES.index("always"))
    gone = np.where(dead_there, order, CLASSES.index("harmed"))
    codes: Codes = np.where(dead, gone, alive)
    return codes


def runway_decile(firms: Firms) -> Codes:
    """Decile of the static runway of each firm, as reported, among all firms by weight; 0 is the shortest. Equal runways stand together."""
    days = reported_runway_days(firms)
    return decile_of(days, decile_bounds(days, lambda rows: firms.weight[rows]))


def reported_runway_days(firms: Firms) -> Floats:
    """Static runway of each firm by its accounts as they are, (n,), days."""
    every = slice(0, len(firms.key))
    accounts = as_reported(firms, every)
    _, fixed = outflows(firms, every, accounts)
    return np.ravel(np.where(fixed > 0.0, accounts.cash / np.where(fixed > 0.0, fixed, YEAR), np.inf))


def decile_bounds(days: Floats, weight_of: Callable[[NDArray[np.intp]], Floats]) -> Floats:
    """Return the runway of the last firm of each tenth of the weight but the last, (9,), which bounds its decile.

    Parameters
    ----------
    days
        Static runway of all firms.
    weight_of
        Gives the weight of the firms at some positions.
    """
    order = np.argsort(days, kind="stable")
    pieces = [slice(first, first + FIRMS_AT_ONCE) for first in range(0, len(order), FIRMS_AT_ONCE)]
    total = 0.0
    for piece in pieces:
        total = _reached(total, weight_of(order[piece]))[-1]
    wanted = total * np.arange(1, DECILES) / DECILES * (1.0 - 1e-12)
    bounds, so_far = np.empty(DECILES - 1), -np.inf
    for piece in pieces:
        reached = _reached(max(so_far, 0.0), weight_of(order[piece]))
        here = (wanted > so_far) & (wanted <= reached[-1])
        bounds[here] = days[order[piece]][np.searchsorted(reached, wanted[here])]
        so_far = reached[-1]
    return bounds


def _reached(before: float, weight: Floats) -> Floats:
    """Weight up to each firm, those before included: the bits do not depend on where the firms are cut."""
    weight = np.array(weight)
    weight[0] += before
    reached: Floats = np.cumsum(weight)
    return reached


def decile_of(days: Floats, bounds: Floats) -> Codes:
    """Decile of each static runway among those whose deciles have these bounds."""
    return np.searchsorted(bounds, days, side="left").astype(np.intp)
