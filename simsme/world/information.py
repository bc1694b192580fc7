"""What banks see of firms thanks to the levers that inform them."""

from collections.abc import Mapping, Sequence

import numpy as np

from simsme.arithmetic import Flags, Lanes, where
from simsme.firms import Firms
from simsme.levers.lever import Lever
from simsme.streams import normals
from simsme.world.constants import bank_view
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.lever_numbers import is_plainly, lever_number


def informed_views(
    levers: Sequence[Lever], reached: Sequence[Flags], numbers: DrawnNumbers, firms: Firms, rows: slice
) -> tuple[Mapping[str, Lanes], ...]:
    """The terms through which each lever informs banks, by lever; nothing where a lever informs nobody.

    The bank's view of a firm is that of section 3 of docs/model.md with less noise: what is left of it after this lever and those
    before it that reach the firm.

    Parameters
    ----------
    levers, reached
        The levers of a policy in their order, and whom each reaches.
    numbers
        The scenario's numbers in the draws.
    firms, rows
        The firms, and which of them.
    """
    found: list[Mapping[str, Lanes]] = []
    hidden: Lanes = np.ones(())
    for lever, firms_reached in zip(levers, reached, strict=True):
        reach = lever.acts_on()
        if reach is None or is_plainly(reach.opacity_relief, 0.0):
            found.append({})
            continue
        relief = lever_number(lever, numbers, "opacity_relief", reach.opacity_relief)
        hidden = np.asarray(hidden * where(firms_reached, 1.0 - relief, 1.0))
        signal = normals(numbers.seed, numbers.draws[:, None], firms.key[rows], 0, "signal")
        view = bank_view(numbers, firms.default_risk[rows], signal, hidden)
        found.append(
            {
                "informed_perceived": view.perceived_risk,
                "informed_prudent": view.prudent_risk,
                "informed_renewal": view.renewal_by_risk,
            }
        )
    return tuple(found)
