"""Loops on their way from recorded stages to text: the records of symbols that stages are called with, and where rows come to lie."""

from typing import Any

from simsme.compiled.recording import Symbol, Tape, leaves, symbols
from simsme.compiled.rows import (
    AFTER,
    BOOKED,
    BOOKS,
    COMMON,
    MARKS,
    NESTED,
    OF_DRAW,
    OF_LEVER,
    OF_STEP,
    OWN,
    REACH,
    TERMS_OF_DAYS,
    WORK,
)
from simsme.compiled.text import Layout, Loop, needed, write, write_combination
from simsme.engine.occasions import Occasions
from simsme.engine.records import Clock, Firm, Luck, Rules, State, Weather

ROWS = ("common", "own", "after", "books", "booked", "marks", "work")
"""Arrays of rows that every loop is given, in a tuple.

``common``: rows that all policies share. ``own``, ``after``: the state of firms under a policy at the start and at the end of the step.
``books``, ``booked``: what was cumulated until then. ``marks``: what is noted in place. ``work``: what loops leave for one another.
"""

OTHERS = ("of_draw", "of_step", "of_lever", "reach", "terms", "chosen", "count")
"""What else every loop is given.

``of_draw``, ``of_step``, ``of_lever``: numbers. ``reach``: one row, whom a lever reaches, or what the loop says. ``terms``: rows of the
terms that anything reads.
``count``: for how many firms the loop is run, ``chosen``: which they are, where it is a loop that few firms need.
"""

FLAGS = frozenset({"closed", "hit_by_costs", "hit_by_labour", "enforced", "other", *Occasions._fields})
"""Inputs that are a yes or no."""

KEPT_WEATHER = ("sales_price", "materials_price", "wage_level", "rent_level")
"""What of the weather is kept in rows, beside what the step happens to need."""

MET_WEATHER = ("outlook_demand", "outlook_open")
"""What of it a policy may change, and is needed after the step."""

_COMMON = ("kept.", "weather.", "slow")
_ELSEWHERE = ("after.", "booked.", "marks.", "answers.", *TERMS_OF_DAYS)


class Writer:
    """Collects loops. Rows that they pass to each other are laid out as they come.

    Attributes
    ----------
    layout
        Where rows and numbers lie.
    texts
        The loops.
    common_read
        Labels of rows of ``common`` that a loop reads, by its name.
    terms_read
        Labels of terms that a loop reads, by its name.
    """

    def __init__(self) -> None:
        rows = {"common": dict(COMMON), "own": OWN, "after": AFTER, "books": BOOKS, "booked": BOOKED, "marks": MARKS, "work": dict(WORK)}
        offered = {**REACH, "sleeping.hazard": 0}
        self.layout = Layout({**rows, "reach": offered, "terms": {}}, {"of_draw": OF_DRAW, "of_step": OF_STEP, "of_lever": OF_LEVER})
        self.texts: list[str] = []
        self.common_read: dict[str, set[str]] = {}
        self.terms_read: dict[str, set[str]] = {}

    def add(self, loop: Loop) -> None:
        """Write a loop."""
        read = [label for position in needed(loop) if (label := loop.label(position))]
        self.layout.add_rows("terms", [label for label in read if label.startswith(TERMS_OF_DAYS)])
        self.layout.add_rows("common", [label for label in loop.outputs if label.startswith(_COMMON)])
        self.layout.add_rows("work", [label for label in loop.outputs if not label.startswith((*_COMMON, *_ELSEWHERE))])
        self.common_read[loop.name] = {label for label in read if label in self.layout.rows["common"]}
        self.terms_read[loop.name] = {label for label in read if label in self.layout.rows["terms"]}
        self.texts.append(write(loop, self.layout, ROWS, OTHERS))

    def add_combination(self, name: str, tape: Tape, position: int, by_firm: bool) -> None:
        """Write a rule by which terms combine; ``by_firm`` where what a lever offers differs from firm to firm."""
        self.texts.append(write_combination(name, tape, position, self.layout.rows["work"]["in_force"], by_firm))


def named(record: Any, prefix: str) -> dict[str, int]:
    """Position of every number of a record by dotted name, but for constants."""
    return {label: value.position for label, value in leaves(record, prefix) if isinstance(value, Symbol)}


def position_of(value: Any) -> int:
    """Position of a recorded value."""
    if not isinstance(value, Symbol):
        raise TypeError("a stage returns a constant where a number of each firm is expected")
    return value.position


def state_of(tape: Tape, prefix: str = "state") -> State:
    """The state of a firm at the start of the step, or, with the prefix ``after``, at its end."""
    state: State = symbols(tape, State, prefix, nested=NESTED)
    return state


def firm_of(tape: Tape) -> Firm:
    """Constants of a firm."""
    firm: Firm = symbols(tape, Firm, "firm", FLAGS)
    return firm


def rules_of(tape: Tape) -> Rules:
    """Numbers of a draw."""
    rules: Rules = symbols(tape, Rules, "rules")
    return rules


def luck_of(tape: Tape) -> Luck:
    """Luck of a firm."""
    luck: Luck = symbols(tape, Luck, "luck")
    return luck


def clock_of(tape: Tape) -> Clock:
    """The step."""
    clock: Clock = symbols(tape, Clock, "clock")
    return clock


def met_firm(tape: Tape) -> Firm:
    """Constants of a firm as its policy had it in the step."""
    share: Any = tape.input("met.materials_share")
    return firm_of(tape)._replace(materials_share=share)


def kept_weather(tape: Tape) -> Weather:
    """What loops after the step need of the weather, as the policy had it in the step."""
    kept: dict[str, Any] = {name: tape.input(f"weather.{name}") for name in KEPT_WEATHER}
    kept |= {name: tape.input(f"met.{name}") for name in MET_WEATHER}
    kept["intensity"] = tape.input("shape.intensity")
    return Weather(*(kept.get(name) for name in Weather._fields))  # type: ignore[arg-type]  # what nobody needs here is None
