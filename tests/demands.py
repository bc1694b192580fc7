"""What checks are made of: something is demanded, and :class:`Broken` is raised where it does not hold."""

from typing import Any

import numpy as np


class Broken(AssertionError):
    """Something that must hold does not."""


def demand(holds: Any, message: str) -> None:
    """Raise Broken unless all of it holds."""
    if not np.all(holds):
        raise Broken(message)


def demand_equal(found: float, expected: float, what: str) -> None:
    demand(abs(found - expected) < 1e-9 * max(abs(expected), 1.0), f"{what}: {found!r}, by hand {expected!r}")
