"""How whoever decides on a lever sees a firm's need: with an error that stays with the firm, see docs/model.md, 6c.

An error moves the limits that the firm has to keep. It takes one of a few values, so that a lever with errors is a few rows of the engine,
each with limits of its own, and no stage has to know of it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags, Lanes, exp
from simsme.engine.terms import NO_LIMIT
from simsme.firms import Firms
from simsme.levers.lever import Lever
from simsme.streams import name_key, uniforms
from simsme.world.drawn_numbers import DrawnNumbers

ERRORS = (-1.7111, -1.039, -0.63307, -0.3031, 0.0, 0.3031, 0.63307, 1.039, 1.7111)
"""Equally likely; mean 0 and variance 1. Above 0 a firm seems better off than it is."""

ALL_FIRMS: Flags = np.ones((), dtype=np.bool_)


class Sight(NamedTuple):
    """Firms that are seen alike, (draw, firm), and what they have to keep for a lever to be in force."""

    firms: Flags
    min_sales_fall: Lanes
    max_cash_days: Lanes


def error_numbers(lever: Lever, numbers: DrawnNumbers, firms: Firms, rows: slice) -> NDArray[np.int64]:
    """Position among the errors, (draw, firm): one a firm, draw and lever, whatever the policy that the lever stands in."""
    luck = uniforms(numbers.seed, numbers.draws[:, None], firms.key[rows], name_key(lever.label), "observation")
    return np.minimum((len(ERRORS) * luck).astype(np.int64), len(ERRORS) - 1)


def seems_profitable(lever: Lever, margin: Lanes, numbers: DrawnNumbers, firms: Firms, rows: slice) -> Flags:
    """Firms whose margin, (firm,), seems to be at least what a lever asks for: (firm,), or (draw, firm) where it is seen with an error."""
    if lever.min_margin is None:
        return ALL_FIRMS
    if not lever.observation_noise:
        return np.asarray(margin >= lever.min_margin)
    error = lever.observation_noise * np.array(ERRORS)[error_numbers(lever, numbers, firms, rows)]
    return np.asarray(margin >= lever.min_margin - error)


def sights(lever: Lever, numbers: DrawnNumbers, firms: Firms, rows: slice) -> tuple[Sight, ...]:
    """How a lever sees firms: all alike, or in groups by their errors."""
    fall = -np.inf if lever.min_sales_fall is None else lever.min_sales_fall
    days = NO_LIMIT if lever.max_cash_days is None else np.asarray(lever.max_cash_days)
    if not lever.observation_noise or (lever.min_sales_fall is None and lever.max_cash_days is None):
        return (Sight(ALL_FIRMS, np.asarray(fall), days),)
    seen, found = error_numbers(lever, numbers, firms, rows), []
    for number, share in enumerate(ERRORS):
        error = lever.observation_noise * share
        limit = NO_LIMIT if lever.max_cash_days is None else np.asarray(lever.max_cash_days * exp(np.asarray(-error)))
        found.append(Sight(seen == number, np.asarray(fall + error), limit))
    return tuple(found)
