"""How a policy looks in every figure: its colour and its dashes follow from its place among the policies of the run.

Colours: Okabe and Ito (2008), "Color universal design", and four darker or paler ones that all common kinds of colour vision tell from
these and from each other as well as these among themselves. The dashes differ too, so that a figure can be read without colour, and the
gaps of an upper line show a lower one that coincides with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simsme.outcomes import Outcomes

Dashes = tuple[int, tuple[float, ...]]

GREY = "#555555"
PALE = "#dddddd"

_REFERENCE_COLOUR = "#000000"
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#4B0092", "#117733", "#DDCC77")
DASHES: tuple[Dashes, ...] = (
    (0, (6, 2)),
    (0, (2, 1.5)),
    (0, (8, 2, 1.5, 2)),
    (0, (1, 1.2)),
    (0, (4, 1.5, 1, 1.5, 1, 1.5)),
    (0, (10, 3)),
    (0, (3, 4)),
)


@dataclass(frozen=True)
class Look:
    """How a policy is drawn.

    Attributes
    ----------
    colour
        Of its line and band.
    text_colour
        The same, darkened to be legible as text on white.
    dashes
        Offset and lengths of dashes and gaps in units of the line's width; ``-`` for a solid line.
    width
        Of the line, in points.
    """

    colour: str
    text_colour: str
    dashes: Dashes | str
    width: float


def looks(outcomes: Outcomes) -> dict[str, Look]:
    """Look of each policy of a run, see `looks_of`."""
    return looks_of(outcomes.policies, outcomes.reference)


def looks_of(policies: Sequence[str], reference: str) -> dict[str, Look]:
    """Look of each policy: the reference is black and solid, the others take colours and dashes in the order of the run."""
    others = [policy for policy in policies if policy != reference]
    chosen = {reference: Look(_REFERENCE_COLOUR, _REFERENCE_COLOUR, "-", 2.2)}
    for place, policy in enumerate(others):
        colour = _COLOURS[place % len(_COLOURS)]
        # seven patterns on ten colours: the pair repeats only after 70 policies
        chosen[policy] = Look(colour, _darker(colour), DASHES[place % len(DASHES)], 1.9)
    return chosen


def _darker(colour: str) -> str:
    return "#" + "".join(f"{round(int(colour[i : i + 2], 16) * 0.72):02x}" for i in (1, 3, 5))
