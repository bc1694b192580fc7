"""The numbers of a scenario in given draws: plain ones as they are, uncertain ones drawn once a draw.

An uncertain number's luck is keyed by its dotted name, so it does not depend on which other numbers are uncertain, and every policy
meets the same value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.quantities import Distribution
from simsme.streams import firm_key, uniforms


@dataclass(frozen=True)
class DrawnNumbers:
    """Numbers of a scenario by dotted name.

    Attributes
    ----------
    tables
        A model, or nested models and mappings, whose attributes or keys the dotted names follow.
    seed
        Seed of the run.
    draws
        Numbers of the draws, (d,).
    """

    tables: Any
    seed: int
    draws: NDArray[np.uint64]

    def number(self, name: str) -> Lanes:
        """The number of this name: a scalar, or (d, 1) where it is uncertain."""
        value = self.tables
        for part in name.split("."):
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        return self.drawn(name, value)

    def drawn(self, name: str, value: Any) -> Lanes:
        """A number as it is, or the value that a distribution takes in each draw, (d, 1)."""
        if isinstance(value, Distribution):
            key = np.array([firm_key(f"parameter:{name}")], dtype=np.uint64)
            return value.quantile(uniforms(self.seed, self.draws[:, None], key, 0, "parameter"))
        return np.asarray(value, dtype=np.float64)
