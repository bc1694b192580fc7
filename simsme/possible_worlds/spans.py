"""From a plausible range to a distribution: the number that a scenario gives is the median, the ends of the range are the limits.

A range says how far a number may be off, not how likely it is to be off by how much. So the scenario's own number is taken to be as
likely too high as too low, and values become less likely, along a straight line, towards the ends: half a triangle on either side, each
with half of the weight. Where the number lies at an end of its range, all of the weight is on the other side.
"""

import math
from dataclasses import dataclass

from simsme.reference import Entry


@dataclass(frozen=True)
class Span:
    """Values that a number may have.

    Attributes
    ----------
    low, middle, high
        Ends of the range, and the scenario's own number between them.
    """

    low: float
    middle: float
    high: float

    def at(self, share: float) -> float:
        """Return the value below which this share of the worlds lies: 0 for `low`, 1 for `high`.

        Parameters
        ----------
        share
            In [0, 1]; 0.5 gives `middle` where it lies inside the range.
        """
        below = 0.5 if self.low < self.middle < self.high else float(self.low < self.middle)
        if share < below:
            return self.low + (self.middle - self.low) * math.sqrt(share / below)
        if below == 1.0:
            return self.middle
        return self.high - (self.high - self.middle) * math.sqrt((1.0 - share) / (1.0 - below))


def span_of(entry: Entry, number: float, default: float) -> Span:
    """Return the values that a number of a scenario may have.

    The range is taken as it stands where the number lies in it. Where it does not, the scenario is not about the default, and the range
    moves along: its ends keep their ratio to the number, or their distance where the default is 0. No end leaves the limits.

    Parameters
    ----------
    entry
        The entry of the number, which has a range.
    number
        The scenario's number.
    default
        The number about which the range was stated.
    """
    if entry.range is None:
        raise ValueError(f"{entry.name} has no plausible range")
    low, high = entry.range
    if not low <= number <= high:
        if default:
            low, high = sorted((low / default * number, high / default * number))
        else:
            low, high = low + number, high + number
    lowest, highest = entry.limits
    return Span(min(max(low, lowest), number), number, max(min(high, highest), number))
