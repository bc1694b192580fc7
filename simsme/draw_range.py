"""Draws that follow each other, and what is missing between ranges of them."""

from collections.abc import Iterable
from typing import NamedTuple


class DrawRange(NamedTuple):
    """Draws from `first` to before `end`, counted from 0."""

    first: int
    end: int

    def __str__(self) -> str:
        return f"{self.first}:{self.end}"

    @property
    def draws(self) -> int:
        """How many they are."""
        return self.end - self.first


def gaps(wanted: DrawRange, there: Iterable[DrawRange]) -> list[DrawRange]:
    """Draws that are wanted and in none of the ranges, which do not overlap, as few ranges in ascending order."""
    missing, first = [], wanted.first
    for kept in sorted(there):
        if kept.end <= wanted.first or kept.first >= wanted.end:
            continue
        if kept.first > first:
            missing.append(DrawRange(first, kept.first))
        first = max(first, kept.end)
    return [*missing, DrawRange(first, wanted.end)] if first < wanted.end else missing
