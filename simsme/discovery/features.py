"""What is known of each case, a firm or a world, and how a restriction of it reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Numeric:
    """A number of each case.

    Attributes
    ----------
    name
        Its name in tables.
    values : ndarray, (n,)
        Numbers; infinite where there is none, such as the due day of no loan.
    words
        How a restriction reads, with ``{}`` for the number: such as ``{} days of cash``.
    scale
        By what numbers are multiplied in words: 100 for shares that are told in percent.
    called
        What stands before a restriction, such as the name of a number of the scenario; empty where the words say all.
    """

    name: str
    values: NDArray[np.float64]
    words: str
    scale: float = 1.0
    called: str = ""

    def said(self, low: float, high: float) -> str:
        """Words for ``low <= value < high``; one of the two may be infinite."""
        return f"{self.called} {self._range(low, high)}".strip()

    def _range(self, low: float, high: float) -> str:
        lower, upper = (_plain(self.scale * end) for end in (low, high))
        if np.isneginf(low):
            return f"under {self.words.format(upper)}"
        if np.isposinf(high):
            return f"at least {self.words.format(lower)}"
        return f"{lower} to {self.words.format(upper)}"


@dataclass(frozen=True)
class Category:
    """A kind of each case.

    Attributes
    ----------
    name
        Its name in tables.
    codes : ndarray, (n,)
        Positions in `kinds`.
    kinds
        Names of the kinds.
    words
        How a restriction reads, with ``{}`` for the kinds, such as ``in {}``.
    own_words
        Words of their own for single kinds, such as ``no bank loan``.
    place
        Where the words stand: ``before`` the noun, ``after`` it, or in the list that begins ``with``.
    """

    name: str
    codes: NDArray[np.int64]
    kinds: tuple[str, ...]
    words: str
    own_words: Mapping[str, str] | None = None
    place: str = "after"

    def said(self, kept: Sequence[str]) -> str:
        """Words for a case of one of some kinds."""
        if self.own_words is not None and len(kept) == 1 and kept[0] in self.own_words:
            return self.own_words[kept[0]]
        left_out = [kind for kind in self.kinds if kind not in kept]
        if 1 <= len(left_out) <= 2 and len(kept) > 3:
            return f"not {self.words.format(_listed(left_out))}"
        return self.words.format(_listed(kept))


Feature = Numeric | Category


@dataclass(frozen=True)
class Cases:
    """Cases with what is known of them and what came of them.

    Attributes
    ----------
    features
        What is known.
    outcome : ndarray, (n,)
        In [0, 1]: how much of what is looked for happens, such as the share of draws in which a firm is lost.
    weight : ndarray, (n,)
        How many cases each stands for.
    """

    features: tuple[Feature, ...]
    outcome: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.outcome).all() and self.outcome.min(initial=0.0) >= 0.0 and self.outcome.max(initial=0.0) <= 1.0):
            raise ValueError("outcomes must lie in [0, 1]")
        if any(len(_array(feature)) != len(self.outcome) for feature in self.features) or self.weight.shape != self.outcome.shape:
            raise ValueError("features, outcomes and weights must be of one length")

    def __len__(self) -> int:
        return len(self.outcome)

    def part(self, rows: NDArray[Any]) -> "Cases":
        """Some of the cases."""
        features: list[Feature] = []
        for feature in self.features:
            if isinstance(feature, Numeric):
                features.append(Numeric(feature.name, feature.values[rows], feature.words, feature.scale, feature.called))
            else:
                features.append(Category(feature.name, feature.codes[rows], feature.kinds, feature.words, feature.own_words, feature.place))
        return Cases(tuple(features), self.outcome[rows], self.weight[rows])


def described_as(noun: str, features: Sequence[Feature], words: Sequence[str]) -> str:
    """Put words of restrictions into one phrase, such as ``micro firms in catering with under 12 days of cash and no bank loan``.

    Parameters
    ----------
    noun
        What the cases are.
    features, words
        What is restricted, and how each restriction reads.
    """
    places: dict[str, list[str]] = {"before": [], "after": [], "with": []}
    for feature, said in zip(features, words, strict=True):
        places["with" if isinstance(feature, Numeric) else feature.place].append(said)
    having = places["with"]
    tail = "" if not having else f" with {having[0]}" if len(having) == 1 else f" with {', '.join(having[:-1])} and {having[-1]}"
    return " ".join([*places["before"], noun, *places["after"]]) + tail


def _array(feature: Feature) -> NDArray[Any]:
    return feature.values if isinstance(feature, Numeric) else feature.codes


def _plain(number: float) -> str:
    text = f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"
    return text.replace("-", "−")


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
