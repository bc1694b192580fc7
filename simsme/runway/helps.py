"""Which measure and which lever helps one firm, and by how much: differences on the same draws, the largest gain first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import ENTRIES
from simsme.policy import Policy
from simsme.runway.chances import gain_of, paired, share
from simsme.runway.lives import Lived
from simsme.runway.measures import Measure

PUBLIC = ("government", "funds", "central_bank")

GIVEN_ITEMS = (
    *(
        item
        for item, entry in ENTRIES.items()
        if entry.payer in PUBLIC and not any(sign > 0 and name.startswith("owed") for name, sign in entry.changes)
    ),
    "social_waived",
    "rent_waived",
)
"""Bookings that the state, its funds or landlords give away for a firm: not what has to be paid back."""


def _sign(item: str) -> float:
    # what the state pays a landlord for rent that was waived is not given twice
    return -1.0 if item == "rent_compensation" else 1.0


@dataclass(frozen=True)
class Help:
    """A measure or lever, and what it does for the firm against doing nothing, over the first weeks.

    Attributes
    ----------
    name, words
        What it is.
    is_own
        Whether it is a measure of the firm's own, not a lever of policy.
    reached
        Share of draws in which it changes a payment, a date or a decision, with error and interval; None for own measures.
    gain_not_gone, gain_not_short
        Rise of the chance of not being gone, and of never being short of cash: mean and Monte Carlo error, paired, and 95 % interval.
    gain_weeks
        Weeks more until cash is short, counted to the last week.
    gain_lowest_cash
        By how much the lowest cash is higher.
    not_gone, not_short
        The chances with it.
    cost
        Its price in money, mean and error; None where the model knows none.
    cost_words
        Who bears it.
    """

    name: str
    words: str
    is_own: bool
    reached: dict[str, float] | None
    gain_not_gone: dict[str, float | None]
    gain_not_short: dict[str, float | None]
    gain_weeks: dict[str, float | None]
    gain_lowest_cash: dict[str, float | None]
    not_gone: dict[str, float]
    not_short: dict[str, float]
    cost: dict[str, float | None] | None
    cost_words: str

    @property
    def does_nothing(self) -> bool:
        """Whether nothing is different with it, in any draw."""
        gains = (self.gain_not_gone, self.gain_not_short, self.gain_weeks, self.gain_lowest_cash)
        return all(gain["mean"] == 0.0 and not gain["mc_error"] for gain in gains)

    def json(self) -> dict[str, Any]:
        """All of it as plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"does_nothing": self.does_nothing}


def helps_of_measures(measures: Sequence[Measure], lived: Lived, places: Sequence[int]) -> list[Help]:
    """What own measures do.

    Parameters
    ----------
    measures
        The measures.
    lived
        Variants under the reference, the firm as it is first.
    places
        Position of each measure's variant.
    """
    found = []
    for measure, place in zip(measures, places, strict=True):
        cost = None
        if measure.cost_items:
            change = sum((lived.booked[item][:, 0, :, place] - lived.booked[item][:, 0, :, 0] for item in measure.cost_items), np.zeros(1))
            cost = paired(measure.cost_sign * np.asarray(change).sum(axis=0))
        found.append(_help(measure.name, measure.words, True, lived, (0, place), None, cost, measure.cost_words))
    return found


def helps_of_levers(policies: Sequence[Policy], lived: Lived) -> list[Help]:
    """What levers do, each alone.

    Parameters
    ----------
    policies
        One for each lever, see `simsme.runway.measures.one_lever_policies`.
    lived
        The firm under the reference and then under these.
    """
    found = []
    for number, policy in enumerate(policies, start=1):
        reached = share(lived.reached_week[number, :, 0] <= lived.weeks)
        given = sum((_sign(item) * (lived.booked[item][:, number] - lived.booked[item][:, 0]) for item in GIVEN_ITEMS), np.zeros(1))
        cost = paired(np.asarray(given)[:, :, 0].sum(axis=0))
        words = policy.label.replace("_", " ").replace(":", ": ")
        found.append(
            _help(policy.name, words, False, lived, (number, 0), reached, cost, "given to the firm or for it; what is lent is not counted")
        )
    return found


def ranked(helps: Sequence[Help]) -> tuple[Help, ...]:
    """The largest gain in the chance of not being gone first; then by weeks, then by the lowest cash."""

    def gains(help_: Help) -> tuple[float, ...]:
        measured = (help_.gain_not_gone, help_.gain_weeks, help_.gain_lowest_cash)
        return tuple(-float(gain["mean"] or 0.0) for gain in measured)

    return tuple(sorted(helps, key=gains))


def _help(
    name: str,
    words: str,
    is_own: bool,
    lived: Lived,
    place: tuple[int, int],
    reached: dict[str, float] | None,
    cost: dict[str, float | None] | None,
    cost_words: str,
) -> Help:
    policy, variant = place

    def of(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
        return values[policy, :, variant], values[0, :, 0]

    exit_here, exit_there = of(lived.exit_week)
    short_here, short_there = of(lived.cash_out_week)
    trough_here, trough_there = of(lived.lowest_cash)
    last = lived.weeks
    # in the week of the first shortage the cash of the week before was enough
    lasts_here, lasts_there = np.minimum(short_here - 1, last), np.minimum(short_there - 1, last)
    return Help(
        name=name,
        words=words,
        is_own=is_own,
        reached=reached,
        gain_not_gone=gain_of(exit_here > last, exit_there > last),
        gain_not_short=gain_of(short_here > last, short_there > last),
        gain_weeks=paired((lasts_here - lasts_there).astype(float)),
        gain_lowest_cash=paired(trough_here - trough_there),
        not_gone=share(exit_here > last),
        not_short=share(short_here > last),
        cost=cost,
        cost_words=cost_words,
    )
