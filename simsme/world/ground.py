"""What a block of firms stands on: all of it but what follows, firm by firm, from the firms' own columns and luck."""

from dataclasses import dataclass

from simsme.arithmetic import Lanes
from simsme.engine.public_funds import PublicFunds
from simsme.engine.records import Clock, Rules
from simsme.engine.simulate import Valuation
from simsme.engine.terms import LeverRow
from simsme.world.shock import Climate, Shocked


@dataclass(frozen=True)
class Ground:
    """Numbers of the draws, what the steps are like, and whom the levers of each policy reach.

    Attributes
    ----------
    at
        The firms of the block, the draws and their numbers.
    climate
        What the weather is made of.
    steps, reported
        The clock of every step, and numbers of those after which money and states are reported.
    rules, valuation
        Numbers that hold for all firms of a draw.
    levers, funds
        Levers and public funds of each policy.
    queue_luck
        Place of each firm in a random queue, (draw, firm).
    reference
        Position of the reference policy.
    """

    at: Shocked
    climate: Climate
    steps: tuple[Clock, ...]
    reported: tuple[int, ...]
    rules: Rules
    valuation: Valuation
    levers: tuple[tuple[LeverRow, ...], ...]
    funds: tuple[PublicFunds | None, ...]
    queue_luck: Lanes
    reference: int
