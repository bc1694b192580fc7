"""Contagion through trade credit: what firms do not pay their suppliers comes back, in the step after, as bad debt on what they are owed.

It is a mean field: the firms of a draw are each other's customers, and all lose the same share of what customers would have paid.
"""

import numpy as np

from simsme.arithmetic import Lanes, least, most, where
from simsme.engine.bookings import Bookings
from simsme.engine.records import State
from simsme.engine.sums import total_sums

MOST = 0.5
"""Largest share of what customers would have paid in a step that is lost."""


class Contagion:
    """What passes from firm to firm under a policy in the draws of a block.

    Parameters
    ----------
    share
        Part of what suppliers are not paid that firms of the population lose: a number, or (draw, 1).
    weight
        Per firm.
    draws
        How many draws.
    """

    def __init__(self, share: Lanes, weight: Lanes, draws: int) -> None:
        self._share, self._weight = share, weight
        self._unpaid: Lanes = np.zeros((draws, 1))

    def hit(self, state: State) -> Lanes:
        """Share of what customers would pay in a step that is lost, (draw, 1), given the state at its start."""
        shape = (state.cash.shape[0], state.cash.shape[1])
        owed = total_sums(state.receivables + state.order_receivables, self._weight, shape)
        return where(owed > 0.0, least(self._share * self._unpaid / where(owed > 0.0, owed, 1.0), MOST), 0.0)

    def note(self, before: State, after: State, booked: Bookings) -> None:
        """Note what suppliers were not paid in a step: by how much arrears rose, and what estates left unpaid.

        Parameters
        ----------
        before, after
            States at its start and end; firms that left owe nothing in the latter.
        booked
            What it booked, estates included.
        """
        shape = (before.cash.shape[0], before.cash.shape[1])
        rise = total_sums(after.arrears.suppliers - before.arrears.suppliers, self._weight, shape)
        lost = booked.get("lost_by_suppliers")
        self._unpaid = most(rise, 0.0) + (0.0 if lost is None else total_sums(lost, self._weight, shape))
