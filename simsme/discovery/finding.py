"""Boxes worth telling: found on one half of the cases, told in round numbers, and measured on the other half."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from simsme.discovery.box import Box, Measured, Restriction, Share, inside, measure, share_of_all
from simsme.discovery.features import Cases, Numeric
from simsme.discovery.peeling import PEEL, SMALLEST, Peeled, described, peel

MOST_RESTRICTIONS = 4
"""A sentence with more conditions is not read."""

GIVEN_UP = 0.03
"""Share of the best box's advantage that a simpler box may be worth less."""

SURE = 2.576
"""Standard errors by which the density inside has to lie above that outside on the other half: a chance of 1 in 200 where it is noise."""

FEWEST_TO_TELL = 10
"""Cases of the other half inside a box below which it is not told."""


@dataclass(frozen=True)
class Found:
    """A box that was found.

    Attributes
    ----------
    box
        Its restrictions.
    words
        Each restriction in words.
    there
        What it is worth on the half on which it was found, which flatters it.
    held_out
        What it is worth on the other half.
    path
        All boxes on the way there: coverage and density on the first half and on the other, (steps, 4).
    """

    box: Box
    words: tuple[str, ...]
    there: Measured
    held_out: Measured
    path: NDArray[np.float64]

    @property
    def holds(self) -> bool:
        """Whether the box is better than chance on the other half, and denser than all cases."""
        told = self.held_out
        return told.score > SURE and told.count >= FEWEST_TO_TELL and told.density.value > told.overall


@dataclass(frozen=True)
class Search:
    """What a search for boxes gave.

    Attributes
    ----------
    boxes
        Boxes that hold on the other half, in the order in which they were found; a later one lies outside the earlier ones.
    failed
        The box at which the search ended because it did not hold on the other half; None where it ended otherwise.
    overall, overall_share
        Share of all cases of the other half in which it happens; the same with its error.
    found_on, told_on
        Number of cases of the two halves.
    together
        All boxes as one, on the other half; None where there is no box.
    """

    boxes: tuple[Found, ...]
    failed: Found | None
    overall: float
    found_on: int
    told_on: int
    together: tuple[float, float] | None
    overall_share: Share


def find_boxes(cases: Cases, *, seed: int, most: int = 3, share: float = PEEL, smallest: float = SMALLEST) -> Search:
    """Look for boxes on one half of the cases and measure them on the other.

    Parameters
    ----------
    cases
        What is known and what came of it.
    seed
        Which half a case belongs to.
    most
        Boxes at the most.
    share, smallest
        See `simsme.discovery.peeling.peel`.
    """
    order = np.random.default_rng(seed).permutation(len(cases))
    first, other = (cases.part(np.sort(half)) for half in np.array_split(order, 2))
    left, left_other = (np.ones(len(half), dtype=np.bool_) for half in (first, other))
    boxes: list[Found] = []
    failed = None
    while len(boxes) < most and left.sum() > 2 and float(first.outcome[left].sum()) > 0.0:
        found = _one_box(first, left, other, left_other, share, smallest)
        if found is None or found.there.density.value <= found.there.overall:
            break  # what is left stands out from the rest only, not from all
        if not found.holds:
            failed = found
            break
        boxes.append(found)
        left &= ~inside(found.box, first)
        left_other &= ~inside(found.box, other)
    weight, happens = other.weight, other.weight * other.outcome
    total, all_of_it = float(weight.sum()), float(happens.sum())
    together = None
    if boxes:
        taken = ~left_other
        together = float(happens[taken].sum()) / all_of_it if all_of_it else 0.0, float(happens[taken].sum()) / float(weight[taken].sum())
    return Search(tuple(boxes), failed, all_of_it / total if total else 0.0, len(first), len(other), together, share_of_all(other))


def _one_box(
    first: Cases, left: NDArray[np.bool_], other: Cases, left_other: NDArray[np.bool_], share: float, smallest: float
) -> Found | None:
    path = peel(first, left, share=share, smallest=smallest)
    best = max(path, key=lambda peeled: peeled.advantage)
    if not best.box:
        return None
    chosen = _rounded(_simpler(best, first, left), first, left)
    ways = [(step.coverage, step.density, *_worth(step.box, other, left_other)) for step in path]
    words = tuple(restriction.said(first) for restriction in chosen.box)
    return Found(chosen.box, words, measure(chosen.box, first, left), measure(chosen.box, other, left_other), np.array(ways))


def _simpler(best: Peeled, cases: Cases, among: NDArray[np.bool_]) -> Peeled:
    """Drop restrictions as long as the box loses next to nothing of its advantage, and to no more than a sentence holds."""
    chosen = best
    while len(chosen.box) > 1:
        shorter = [described((*chosen.box[:place], *chosen.box[place + 1 :]), cases, among) for place in range(len(chosen.box))]
        candidate = max(shorter, key=lambda peeled: peeled.advantage)
        if candidate.advantage < (1.0 - GIVEN_UP) * best.advantage and len(chosen.box) <= MOST_RESTRICTIONS:
            return chosen
        chosen = candidate
    return chosen


def _rounded(chosen: Peeled, cases: Cases, among: NDArray[np.bool_]) -> Peeled:
    """The box with limits in round numbers, as they are told; as it was where rounding would cost too much of its advantage."""
    box = chosen.box
    for place, restriction in enumerate(box):
        feature, before = cases.features[restriction.feature], described(box, cases, among).advantage
        if not isinstance(feature, Numeric):
            continue
        for digits in (1, 2, 3):
            low, high = (_round(end * feature.scale, digits) / feature.scale for end in (restriction.low, restriction.high))
            if low >= high:
                continue
            tried = (*box[:place], replace(restriction, low=low, high=high), *box[place + 1 :])
            if described(tried, cases, among).advantage >= (1.0 - GIVEN_UP / 2) * before:
                box = tried
                break
    return described(box, cases, among)


def _round(number: float, digits: int) -> float:
    if not math.isfinite(number) or number == 0.0:
        return number
    return round(number, digits - 1 - math.floor(math.log10(abs(number))))


def _worth(box: tuple[Restriction, ...], cases: Cases, among: NDArray[np.bool_]) -> tuple[float, float]:
    worth = described(box, cases, among)
    return worth.coverage, worth.density
