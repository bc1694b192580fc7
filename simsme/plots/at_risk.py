"""The table of firms at risk under a survival curve."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from simsme.curves import curve_estimate
from simsme.outcomes import Outcomes
from simsme.plots.frame import write_under
from simsme.plots.style import GREY, Look
from simsme.survival import at_risk

_ROW = 11.0
"""Distance of rows, in points."""

_NAME = -24.0
"""Where the names of the policies end, in points right of the axes' left edge."""


def write_at_risk(
    ax: Axes,
    outcomes: Outcomes,
    endpoint: str,
    policies: Sequence[str],
    days: Sequence[float],
    look: Mapping[str, Look],
    from_points: float,
) -> float:
    """Write the mean weighted number of firms not yet affected at the end of each day, one row a policy, under the axes.

    Parameters
    ----------
    ax : Axes
        The axes of the curve.
    outcomes : Outcomes
        Where the numbers come from.
    endpoint : str
        ``cash`` or ``exit``.
    policies : sequence of str
        Rows.
    days : sequence of float
        Columns; the ticks of the axis.
    look : mapping
        Look of each policy.
    from_points : float
        Distance of the table's head from the axes, in points.

    Returns
    -------
    float
        Where the table ends, in points below the axes.
    """
    means = curve_estimate(outcomes, endpoint, paired=False).mean
    numbers = at_risk(outcomes.days, means[[outcomes.policy_index(policy) for policy in policies]], outcomes.weight, np.array(days))
    unit, word = (1e6, ", million") if numbers.max() >= 1e7 else (1e3, ", thousand") if numbers.max() >= 1e5 else (1.0, "")
    decimals = 0 if numbers.max() / unit >= 20 and unit == 1.0 else 1
    write_under(ax, f"Firms at risk at the end of the day (weighted{word})", 0.0, 0.0, from_points, GREY, "left")
    for row, policy in enumerate(policies, start=1):
        below = from_points + row * _ROW
        write_under(ax, policy, 0.0, _NAME, below, look[policy].text_colour, "right")
        for day, number in zip(days, numbers[row - 1], strict=True):
            write_under(ax, f"{number / unit:,.{decimals}f}", day, 0.0, below, "#222222", "center")
    return from_points + (len(policies) + 1) * _ROW
