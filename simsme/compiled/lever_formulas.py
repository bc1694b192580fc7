"""Levers as loops: one lever applied to the terms of a day, and the firms that it may set apart from those without levers."""

from collections.abc import Callable
from typing import Any

import numpy as np

from simsme.arithmetic import Lanes, most, where
from simsme.compiled.recording import Tape, symbols
from simsme.compiled.rows import TERMS_OF_DAYS
from simsme.compiled.text import Loop
from simsme.compiled.writer import Writer, clock_of, firm_of, kept_weather, luck_of, position_of, rules_of, state_of
from simsme.engine.credit import NEVER, crossed, recall
from simsme.engine.occasions import MATTERS_ON, Occasions, occasions_of
from simsme.engine.records import Loan
from simsme.engine.terms import RULES, LeverRow, Terms, any_of, cash_lasts_days, in_force, last_of, maturity_day, total_of

COMBINATIONS: dict[str, Callable[[Lanes, Lanes], Lanes]] = {"most": most, "any_of": any_of, "total_of": total_of, "last_of": last_of}
"""The rules by which terms combine, by name."""

RULE_NUMBERS = {name: list(COMBINATIONS.values()).index(rule) for name, rule in RULES.items()}
"""Place of each term's rule among them, by which the kernel knows it."""

ALWAYS = "lives"
"""The occasion of terms that matter in every step in which a lever with them is in force."""

BIT_OF = {name: bit for bit, name in enumerate((*Occasions._fields, ALWAYS))}
"""Which bit of what happened to a firm stands for an occasion."""


def record_levers(writer: Writer) -> dict[str, tuple[str, ...]]:
    """Record one lever applied to the terms of each day; returns which terms of each day anything reads.

    On the last day of a step the terms are many and a lever changes few: whether it is in force is found once, and its terms are then
    combined one by one (:func:`record_combinations`). On other days they are few.
    """
    read: dict[str, tuple[str, ...]] = {}
    for kind in TERMS_OF_DAYS:
        before, slot = kind.startswith("terms."), kind.rpartition(".")[2]
        read[kind] = tuple(name for name in Terms._fields if f"{kind}.{name}" in writer.layout.rows["terms"])
        if before and slot == "now":
            tape = Tape()
            writer.add(Loop("lever_in_force", tape, {"in_force": position_of(_in_force(tape, _row(tape), kind))}))
            asked = tuple(name for name in read[kind] if f"{kind}.{name}" in writer.terms_read["ask_funds"])
            writer.add(_applied("lever_terms_now_of_few", kind, asked, few=True))
            continue
        if before:
            guards = Tape()
            loan: Any = symbols(guards, Loan, f"state.{slot}")
            wanted = (loan.principal > 0.0) & ((loan.due_day <= guards.input("clock.b")) | (loan.overdue_day < NEVER))
            writer.add(Loop(f"guard_{slot}", guards, {f"guard.{slot}": wanted.position}))
        writer.add(_applied(f"lever_{kind.replace('.', '_')}", kind, read[kind], few=before))
    return read


def _applied(name: str, kind: str, terms: tuple[str, ...], few: bool) -> Loop:
    """One lever applied to some terms of a day."""
    tape = Tape()
    row = _row(tape)
    on = _in_force(tape, row, kind)
    outputs = {}
    for term in terms:
        so_far: Any = tape.input(f"{kind}.{term}")
        outputs[f"{kind}.{term}"] = position_of(RULES[term](so_far, where(on, getattr(row.terms, term), 0.0)))
    return Loop(name, tape, outputs, few=few)


def record_combinations(writer: Writer) -> None:
    """Record each rule as a loop that combines one term so far with what a lever offers where it is in force."""
    for name, rule in COMBINATIONS.items():
        tape = Tape()
        so_far: Any = tape.input("term.so_far")
        offered: Any = tape.input("lever.offered")
        on: Any = tape.input("in_force", True)
        writer.add_combination(name, tape, position_of(rule(so_far, where(on, offered, 0.0))), by_firm=rule is last_of)


def record_occasions(writer: Writer, terms_read: dict[str, tuple[str, ...]]) -> None:
    """Record on what occasions terms can matter in a step, and which firms a lever may set apart from what they are without it.

    Parameters
    ----------
    terms_read
        Terms that are read of each day.
    """
    tape = Tape()
    read: Any = tape.input
    before, after = state_of(tape), state_of(tape, "after")
    events = read("short", True), read("applied", True), read("may_leave", True)
    world = clock_of(tape), firm_of(tape), rules_of(tape), luck_of(tape), kept_weather(tape)
    occasions = occasions_of(*world, before, after, *events)
    outputs = {f"occasions.{name}": position_of(value) for name, value in occasions._asdict().items()}
    happened: Any = where(before.alive > 0.0, float(1 << BIT_OF[ALWAYS]), 0.0)
    for name, value in occasions._asdict().items():
        happened = happened + where(value, float(1 << BIT_OF[name]), 0.0)
    writer.add(Loop("occasions_of_firms", tape, {**outputs, "happened": position_of(happened)}))

    tape = Tape()
    read = tape.input
    occasions = symbols(tape, Occasions, "occasions", frozenset(Occasions._fields))
    row, wakes = _row(tape), read("wakes", True)
    for kind, names in terms_read.items():
        offered: dict[tuple[str, ...], Any] = {}
        for name in names:
            at = MATTERS_ON.get(kind, {}).get(name, ())
            offered[at] = offered.get(at, np.False_) | (getattr(row.terms, name) != 0.0)
        matters: Any = np.False_
        for at, is_offered in offered.items():
            happens: Any = np.bool_(not at)
            for name in at:
                happens = happens | getattr(occasions, name)
            matters = matters | (is_offered & happens)
        wakes = wakes | (matters & _in_force(tape, row, kind) & (read("state.alive") > 0.0))
    writer.add(Loop("woken_by_lever", tape, {"wakes": position_of(wakes)}, few=True))


def record_sleepers(writer: Writer) -> None:
    """Record how the hazard of a recall cumulates for firms that a policy has not set apart, and whom it sets apart from the reference."""
    tape = Tape()
    read: Any = tape.input
    before, hazard_there = state_of(tape), read("after.recall_hazard")
    neutral: Any = dict.fromkeys(Terms._fields, np.float64(0.0))
    terms = Terms(**neutral | {"tightening_relief": read("terms.now.tightening_relief")})
    asleep = before._replace(recall_hazard=read("sleeping.hazard"))
    here = recall(clock_of(tape), rules_of(tape), luck_of(tape), kept_weather(tape), terms, asleep)
    recalled_there = crossed(before.recall_hazard, hazard_there, luck_of(tape).recall_at)
    differs = (here.recalled & ~recalled_there) | (recalled_there & ~here.recalled)
    outputs = {"hazard_asleep": position_of(here.hazard), "wakes": position_of(read("wakes", True) | differs)}
    writer.add(Loop("hazards_of_sleepers", tape, outputs))


def _row(tape: Tape) -> LeverRow:
    """A lever."""
    read: Any = tape.input
    limited = read("lever.without_bank_arrears") > 0.0
    return LeverRow(
        reaches=read("lever.reaches", True),
        from_day=read("lever.from_day"),
        to_day=read("lever.to_day"),
        min_sales_fall=read("lever.min_sales_fall"),
        max_interest_arrears=where(limited, firm_of(tape).negligible, NEVER),
        max_cash_days=read("lever.max_cash_days"),
        terms=symbols(tape, Terms, "lever.terms"),
    )


def _in_force(tape: Tape, row: LeverRow, kind: str) -> Any:
    """Whether a lever is in force on one of the days of :data:`TERMS_OF_DAYS`, for firms that are eligible as they were before the step."""
    slot, clock, read = kind.rpartition(".")[2], clock_of(tape), tape.input
    day: Any = clock.b
    if kind.startswith("due_terms."):
        day = read(f"after.{slot}.due_day")
    elif slot != "now":
        due_day: Any = read(f"state.{slot}.due_day")
        day = maturity_day(clock, due_day)
    smoothed: Any = read("state.smoothed")
    interest: Any = read("state.arrears.interest")
    return in_force(row, day, smoothed, interest, cash_lasts_days(firm_of(tape), state_of(tape)))
