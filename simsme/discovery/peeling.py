"""The patient rule induction method (PRIM): a box that is peeled, a little at a time, to where something happens often."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simsme.discovery.box import Box, Restriction, inside
from simsme.discovery.features import Cases, Category, Numeric

PEEL = 0.05
"""Share of the cases inside that a peel takes away at a time, about."""

SMALLEST = 0.01
"""Share of all cases below which a box is peeled no further."""

FEWEST = 15
"""Cases below which a box is peeled no further."""


@dataclass(frozen=True)
class Peeled:
    """A box on the way, with what it is worth on the cases on which it was found.

    Attributes
    ----------
    box
        Its restrictions.
    coverage, density, mass
        As in `simsme.discovery.box.Measured`.
    advantage
        Mass times (density less that of all cases): what lies in the box beyond what a random part of the cases of its size would hold.
    """

    box: Box
    coverage: float
    density: float
    mass: float
    advantage: float


def peel(cases: Cases, among: NDArray[np.bool_], *, share: float = PEEL, smallest: float = SMALLEST) -> list[Peeled]:
    """Peel a box until it is small.

    Every step takes away the end of a number, or a kind of a category, whose loss raises the density most for what it costs:
    (rise of the density) times (mass left) over (mass lost), after Kwakkel and Jaxa-Rozen (2016), so that kinds and numbers, which lose
    different amounts, compete fairly.

    Parameters
    ----------
    cases
        What is known and what came of it.
    among
        Cases to begin with, (n,).
    share
        Share of the cases inside that a peel of a number takes away, about.
    smallest
        Share of all cases below which nothing is peeled.

    Returns
    -------
    list of Peeled
        All boxes on the way, from the one without restrictions on.

    References
    ----------
    Friedman, J. H., Fisher, N. I. (1999), Bump hunting in high-dimensional data, Statistics and Computing 9, 123-143.
    Kwakkel, J. H., Jaxa-Rozen, M. (2016), Improving scenario discovery for handling heterogeneous uncertainties and multinomial classified
    outcomes, Environmental Modelling & Software 79, 311-321.
    """
    total, rows, box = float(cases.weight.sum()), np.flatnonzero(among), dict[int, Restriction]()
    path = [described((), cases, among)]
    while len(rows) > FEWEST:
        best = _best_peel(cases, rows, box, share, max(smallest * total, 0.0))
        if best is None:
            return path
        box[best.feature] = best
        kept = best.holds(cases.part(rows))
        if kept.all():
            return path
        rows = rows[kept]
        path.append(described(tuple(box[feature] for feature in sorted(box)), cases, among))
    return path


def described(box: Box, cases: Cases, among: NDArray[np.bool_]) -> Peeled:
    """Say what a box is worth on the cases on which it was found."""
    found = inside(box, cases) & among
    total, happens = float(cases.weight.sum()), cases.weight * cases.outcome
    mass, held, all_of_it = float(cases.weight[found].sum()), float(happens[found].sum()), float(happens.sum())
    # against those that the box could have taken
    base = float(happens[among].sum()) / float(cases.weight[among].sum()) if among.any() else 0.0
    density = held / mass if mass else 0.0
    return Peeled(box, held / all_of_it if all_of_it else 0.0, density, mass / total, mass / total * (density - base))


def _best_peel(cases: Cases, rows: NDArray[np.intp], box: dict[int, Restriction], share: float, least: float) -> Restriction | None:
    weight, happens = cases.weight[rows], cases.weight[rows] * cases.outcome[rows]
    mass, held = float(weight.sum()), float(happens.sum())
    best, best_value = None, 0.0
    for position, feature in enumerate(cases.features):
        before = box.get(position, Restriction(position))
        values = feature.values[rows] if isinstance(feature, Numeric) else feature.codes[rows]
        for candidate, lost in _candidates(feature, values, before, share):
            lost_mass = float(weight[lost].sum())
            left = mass - lost_mass
            # a step that loses half of the box is not patient, unless a category leaves no smaller one
            if lost_mass <= 0.0 or left < least or lost.all() or len(rows) - int(lost.sum()) < FEWEST:
                continue
            rise = (held - float(happens[lost].sum())) / left - held / mass
            value = rise * left / lost_mass
            if value > best_value:
                best, best_value = candidate, value
    return best


def _candidates(
    feature: Numeric | Category, values: NDArray[np.float64] | NDArray[np.int64], before: Restriction, share: float
) -> list[tuple[Restriction, NDArray[np.bool_]]]:
    """Restrictions that a step may lead to, with the cases that each takes away."""
    if isinstance(feature, Category):
        there = np.unique(values).tolist()
        kept = before.kinds if before.kinds is not None else frozenset(range(len(feature.kinds)))
        return [] if len(there) < 2 else [(replace(before, kinds=kept - {code}), values == code) for code in there]
    found = []
    low, high = np.quantile(values, (share, 1.0 - share), method="lower")
    if low == values.min():
        # so many cases share the lowest value that all of them go at once
        above = values[values > low]
        low = float(above.min()) if above.size else low
    if low > values.min() and np.isfinite(low):
        found.append((replace(before, low=float(low)), values < low))
    if high > values.min() and np.isfinite(high):
        found.append((replace(before, high=float(high)), values >= high))
    elif np.isinf(high) and np.isfinite(values).any() and np.isinf(values).any():
        most = float(np.nextafter(values[np.isfinite(values)].max(), np.inf))
        found.append((replace(before, high=most), np.isinf(values)))
    return found
