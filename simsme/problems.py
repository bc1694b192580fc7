"""What a user got wrong: where, and in plain words.

Everything wrong with an input is gathered and raised once, as an `InputError`, so that a file is repaired in one go.
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_CHARACTERS = 1200
"""Of each part of a problem."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    file
        The file as the user named it, or what stands for one (``standard input``, ``--set time.step_days=0``).
    place
        Dotted key, or row and column; empty where the whole file is meant.
    message
        What is wrong, with the value that was found and what is allowed. One line.
    """

    file: str
    place: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in map(_cut, (self.file, self.place, self.message)) if part)


def _cut(text: str) -> str:
    """Leave out the middle of what is longer than anybody reads, such as a value of thousands of digits."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS // 2]} ... {text[-MOST_CHARACTERS // 4 :]}"


class InputError(Exception):
    """An input that cannot be used. Its text has one line for each problem.

    Attributes
    ----------
    problems
        All that is wrong, in the order in which it was found.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type["InputError"], tuple[tuple[Problem, ...]]]:
        # on its way from another process: an exception is otherwise made anew from its text
        return InputError, (self.problems,)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` for the known name that is nearest to `name`, or an empty text where none is near."""
    by_lower_case = {candidate.lower(): candidate for candidate in known}
    nearest = difflib.get_close_matches(name.lower(), by_lower_case, n=1, cutoff=0.6)
    return f'; did you mean "{by_lower_case[nearest[0]]}"?' if nearest else ""
