"""All kinds of inputs by number: the same number gives the same input, so that a fault can be made again."""

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random

from tests.fuzzing import options, scenarios, tables
from tests.fuzzing.verdict import Verdict, judge, judge_command

RUNS = 0.06
"""Share of scenarios that are run, with four firms, where they can be read."""


def _scenario(text: Callable[[Random], str], luck: Random, folder: Path) -> Verdict:
    runs = luck.random() < RUNS
    return judge(partial(scenarios.try_scenario, text(luck), "fuzzed.toml", runs))


def _sheet(made: Callable[[Random], tables.Sheet], luck: Random, folder: Path) -> Verdict:
    return judge(partial(tables.try_sheet, made(luck), folder))


def _command(kind: str, luck: Random, folder: Path) -> Verdict:
    return judge_command(options.command(luck, folder, kind))


KINDS: dict[str, tuple[int, Callable[[Random, Path], Verdict]]] = {
    "damaged scenario": (30, partial(_scenario, scenarios.damaged)),
    "made-up scenario": (20, partial(_scenario, scenarios.made_up)),
    "good firms": (20, partial(_sheet, tables.good)),
    "bad firms": (20, partial(_sheet, tables.bad)),
    **{f"option {kind}": (1 if kind in ("vary", "targets", "report") else 2, partial(_command, kind)) for kind in options.KINDS},
}
"""Name of a kind to how many of a hundred or so inputs it has, and how one is tried."""

_TURNS = [name for name, (share, _) in KINDS.items() for _ in range(share)]


def kind_of(number: int) -> str:
    """Kind of the input of this number; every hundred or so inputs have all kinds."""
    return _TURNS[number * 37 % len(_TURNS)]


def attempt(number: int, folder: Path) -> Verdict:
    """Try the input of this number in a folder that :func:`working` has prepared."""
    name = kind_of(number)
    return KINDS[name][1](Random(f"{name} {number}"), folder)


@contextlib.contextmanager
def working(folder: Path) -> Iterator[Path]:
    """Work inside a folder, in which the inputs find what they start from."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        options.prepare(folder)
        yield folder
    finally:
        os.chdir(before)
