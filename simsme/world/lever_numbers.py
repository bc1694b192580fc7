"""Numbers of a lever in the draws: plain ones, drawn ones, and arithmetic of its fields."""

import math

import numpy as np

from simsme.arithmetic import Lanes
from simsme.levers.lever import Lever, Offered, Product, Rest
from simsme.quantities import Distribution
from simsme.world.drawn_numbers import DrawnNumbers


def lever_number(lever: Lever, numbers: DrawnNumbers, name: str, value: Offered) -> Lanes:
    """A number of a lever in the draws: a scalar, or (draw, 1) where it is uncertain.

    Its luck is keyed by the lever's label and the field that it stands in, so that two terms from one field are one number. A number
    that stands in no field is keyed by `name`.

    Parameters
    ----------
    lever
        The lever.
    numbers
        The scenario's numbers in the draws.
    name
        What the number is called: a field of the lever, or a term that it changes.
    value
        What the lever gives for it.
    """
    if isinstance(value, Product):
        return math.prod((lever_number(lever, numbers, name, factor) for factor in value.factors), start=np.ones(()))
    if isinstance(value, Rest):
        return np.asarray(1.0 - lever_number(lever, numbers, name, value.share))
    return numbers.drawn(f"lever.{lever.label}.{_field(lever, name, value)}", value)


def is_plainly(value: Offered, number: float) -> bool:
    """Whether a number of a lever is this one in every draw."""
    return not isinstance(value, Distribution | Product | Rest) and value == number


def _field(lever: Lever, name: str, value: Offered) -> str:
    """Name of the field that holds a distribution; `name` where it holds it, or where none does."""
    if not isinstance(value, Distribution) or getattr(lever, name, None) is value:
        return name
    return next((field for field in type(lever).model_fields if getattr(lever, field) is value), name)
