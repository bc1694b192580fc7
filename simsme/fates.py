"""What became of firms under a policy against the reference, by group of firms, and where the support went."""

import numpy as np
from numpy.typing import NDArray

from simsme.engine.timing import YEAR
from simsme.firms import Firms
from simsme.outcomes import CLASSES
from simsme.world.constants import as_reported, outflows

DECILES = 10

Codes = NDArray[np.intp]


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
    every = slice(0, len(firms.key))
    accounts = as_reported(firms, every)
    _, fixed = outflows(firms, every, accounts)
    days = np.ravel(np.where(fixed > 0.0, accounts.cash / np.where(fixed > 0.0, fixed, YEAR), np.inf))
    order = np.argsort(days, kind="stable")
    reached = np.cumsum(firms.weight[order])
    # the last firm of each tenth of the weight bounds its decile
    bounds = days[order][np.searchsorted(reached, reached[-1] * np.arange(1, DECILES) / DECILES * (1.0 - 1e-12))]
    return np.searchsorted(bounds, days, side="left").astype(np.intp)
