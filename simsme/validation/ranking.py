"""How well a score ranks those that an event befalls."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simsme.validation.estimates import Estimate

Floats = NDArray[np.float64]

PARTS = 20
"""Parts of the firms that are left out in turn for the error."""


def area(score: Floats, chance: Floats, weight: Floats) -> float:
    """Return the area under the ROC curve of a score, riskier is higher, where each firm has the event with a chance.

    Parameters
    ----------
    score, chance, weight
        By firm, (n,): a firm counts ``weight * chance`` among those with the event, the rest of its weight among the others. Firms of equal
        score count half.
    """
    values, place = np.unique(score, return_inverse=True)
    events = np.bincount(place, weight * chance, len(values))
    others = np.bincount(place, weight * (1.0 - chance), len(values))
    below = np.cumsum(others) - 0.5 * others
    return float((events * below).sum() / (events.sum() * others.sum()))


def area_over_draws(score: Floats, chance: Floats, weight: Floats) -> Estimate:
    """Return the area and its error, by leaving out one part of the firms after the other."""
    part = np.arange(len(score)) % PARTS
    left = np.array([area(score[part != out], chance[part != out], weight[part != out]) for out in range(PARTS)])
    return area(score, chance, weight), float(np.sqrt((PARTS - 1) / PARTS * np.square(left - left.mean()).sum()))


def logistic_score(event: Floats, columns: Sequence[Floats]) -> Floats:
    """Return the score of a logistic regression on who has an event, in the sample to which it is fitted, (n,)."""
    design = np.column_stack([np.ones(len(event)), *((column - column.mean()) / column.std() for column in columns)])
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-design @ weights))
        curvature = (design * (chance * (1.0 - chance))[:, None]).T @ design
        weights = weights + np.linalg.solve(curvature, design.T @ (event - chance))
    score: Floats = design @ weights
    return score
