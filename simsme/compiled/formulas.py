"""The formulas of a step as loops over a chunk of firms, recorded from the stages themselves.

A step is cut where what it needs is known less often than once a step and policy: what depends on the firm alone is computed once a
year, what depends on the weather once for all policies. Leaving is computed apart, and the estates only of the few firms that leave. A
plain policy, whose levers move no money of their own, has a loop of its own, in which all that other levers move is known to be nothing,
and so have policies whose levers beside that give aid, and those whose levers have public funds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from simsme.arithmetic import least, where
from simsme.compiled.later_formulas import concern_of_funds, record_funds, record_leaving, record_marks, record_report
from simsme.compiled.lever_formulas import record_combinations, record_levers, record_occasions, record_sleepers
from simsme.compiled.opening_formulas import record_normal, record_opening
from simsme.compiled.recording import Symbol, Tape, leaves, symbols
from simsme.compiled.rows import BOOKED, BOOKS, OF_WEATHER, OWN
from simsme.compiled.text import Layout, Loop, copy_lanes, needed
from simsme.compiled.writer import (
    FLAGS,
    KEPT_WEATHER,
    MET_WEATHER,
    OTHERS,
    ROWS,
    Writer,
    clock_of,
    firm_of,
    luck_of,
    named,
    position_of,
    rules_of,
    state_of,
)
from simsme.engine.bookings import BOOKED_TWICE
from simsme.engine.credit import NEVER
from simsme.engine.fund_accounts import support_of
from simsme.engine.leaving import may_leave
from simsme.engine.records import Answers, State, Weather
from simsme.engine.requests import NO_ANSWERS
from simsme.engine.step import Stepped, step
from simsme.engine.terms import NOTHING, StepTerms, Terms
from simsme.engine.weather import Exposure, Pressure, Shape, drift, fall_of_sales, observe, white_noise
from simsme.streams import normals_of

_STEP_NUMBERS = ("clock.", "shape.", "outlook.", "step.")
_LASTING_NUMBERS = ("clock.h", "step.never", "step.has_path", "step.has_noise")
"""Numbers of a step that are the same in most steps; what follows from them and from the firm alone is computed when they change."""

_DRAW_NUMBERS = ("rules.", "pressure.", "draw.")
_OF_POLICY = ("terms.", "state.", "books.", "marks.", "answers.")
PLAIN_TERMS = ("rolled", "roll_days", "renewal_lift", "kappa_lift", "tightening_relief", "grace_lift")
"""Terms of levers that move no money of their own: policies of these alone, and without levers, have a loop of their own."""

FUND_TERMS = (
    *("advance_share", "advance_cap", "advance_fee_per_day", "advance_days"),
    *("cover", "guarantee_max_risk", "guarantee_fee_per_year"),
)
"""Terms of levers with public funds: policies of these and of plain terms have a loop of their own too."""

AID_TERMS = (
    *("social_relief", "rent_relief", "rent_state_share", "overheads_relief", "wage_subsidy", "retention", "interest_subsidy"),
    *("refund_share", "grant_share", "grant_amount", "programme_cost"),
)
"""Terms of levers by which somebody pays or waives at once: policies of these and of plain terms have a loop of their own."""

_RECEIVED = ("refunded", "granted")
"""What of such aid is remembered."""

_IDLE_WITHOUT_FUNDS = ("fund_accrued", "guarantee_accrued", "asked", "guaranteed", "guarantee_fee_rate")
_IDLE_DAYS_WITHOUT_FUNDS = ("asked_day",)
_IDLE = (
    *("order_receivables", "order_terms", "factored", "recourse_of", "deferred_tax", "deferred_interest"),
    *("compensated", "facility_rate_of", "put_off_open", "advance_open"),
    *("refunded", "granted", "innovated", "growth_received", "advanced_publicly", "invested"),
)
_IDLE_DAYS = ("deferred_tax_day", "deferred_interest_day")
"""Balances that such terms never move, and days that they never set."""

ANY, PLAIN, AIDED, FUNDED = range(4)
"""Families of policies, by the terms that their levers change."""

WITHOUT_ANSWERS = (PLAIN, AIDED)
"""Families whose policies have no public funds."""

STEP_OF = {PLAIN: "step_of_firms", AIDED: "step_with_aid", FUNDED: "step_with_funds", ANY: "step_with_levers"}
"""The loop in which the firms of a family's policies step."""


@dataclass(frozen=True)
class Moved:
    """Rows of the state and of the books that a family of policies changes."""

    states: tuple[int, ...]
    books: tuple[int, ...]


@dataclass(frozen=True)
class Program:
    """The loops as they were recorded.

    Attributes
    ----------
    text
        Of all loops.
    layout
        Where their numbers lie.
    terms_read
        Terms that are read of each of :data:`simsme.compiled.rows.TERMS_OF_DAYS`.
    constant
        Rows of the state that never change under plain policies, and what they are.
    moved
        Rows of the state and of the books that change at all under policies of a family; the others are what they are on day 0.
    rows_of_year
        Rows of ``common`` that the steps of a policy read and that last for a year.
    """

    text: str
    layout: Layout
    terms_read: dict[str, tuple[str, ...]]
    constant: dict[str, float]
    moved: dict[int, Moved]
    rows_of_year: tuple[int, ...]


@cache
def program() -> Program:
    """Record the stages and write the loops."""
    writer = Writer()
    new_with_weather, booked = _record_step(writer)
    weather = {*new_with_weather, *OF_WEATHER}
    record_opening(writer)
    record_normal(writer)
    record_leaving(writer)
    record_funds(writer)
    record_marks(writer)
    record_report(writer)
    terms_read = record_levers(writer)
    record_combinations(writer)
    record_occasions(writer, terms_read)
    record_sleepers(writer)
    before_policies = ("own_numbers_of_firms", "weather_of_firms", "open_firms", "opening_balances")
    read = {label for loop, labels in writer.common_read.items() for label in labels if loop not in before_policies}
    rows = writer.layout.rows["common"]
    writer.texts.append(copy_lanes("gather_weather", sorted(rows[label] for label in read & weather), ROWS, OTHERS))
    return Program(
        text="\n\n".join(writer.texts),
        layout=writer.layout,
        terms_read=terms_read,
        constant=_constant_under(_plain),
        moved={family: _moved(_constant_under(neutral), booked[family]) for family, neutral in NEUTRAL_FOR.items()},
        rows_of_year=tuple(sorted(rows[label] for label in read - weather)),
    )


def _weather(tape: Tape) -> tuple[Weather, Any]:
    """The weather of a step, and the slow part of sales after it."""
    clock, pressure, exposure = clock_of(tape), symbols(tape, Pressure, "pressure"), symbols(tape, Exposure, "exposure", FLAGS)
    shape, outlook = symbols(tape, Shape, "shape"), symbols(tape, Shape, "outlook")
    read: Any = tape.input
    white, drifting = normals_of(read("noise.u"), read("noise.v"))
    slow = drift(read("slow"), pressure, clock.h, drifting)
    has_path, has_noise = read("step.has_path") > 0.0, read("step.has_noise") > 0.0
    weather = observe(
        clock,
        firm_of(tape),
        pressure,
        exposure,
        shape,
        outlook,
        depth=where(has_path, read("given.depth"), fall_of_sales(shape, exposure)),
        outlook_depth=where(has_path, read("given.outlook_depth"), fall_of_sales(outlook, exposure)),
        season=read("step.season"),
        down=read("given.down"),
        slow=slow,
        noise=where(has_noise, read("given.noise"), white_noise(read("volatility"), clock.h, white)),
    )
    return weather, slow


def _plain(state: State, terms: StepTerms) -> tuple[State, StepTerms]:
    """State and terms of a policy whose levers change plain terms only."""
    nothing: Any = np.float64(0.0)
    state, terms = _aided(state, terms)
    return state._replace(**dict.fromkeys(_RECEIVED, nothing)), _only(terms, PLAIN_TERMS)


def _aided(state: State, terms: StepTerms) -> tuple[State, StepTerms]:
    """State and terms of a policy whose levers change plain terms and those of aid that is paid or waived at once."""
    nothing: Any = np.float64(0.0)
    never: Any = np.float64(NEVER)
    received = {name: getattr(state, name) for name in _RECEIVED}
    state, _ = _funded(state, terms)
    loans = {name: getattr(state, name)._replace(advance=nothing) for name in ("term_loan", "new_loan")}
    idle = dict.fromkeys(_IDLE_WITHOUT_FUNDS, nothing) | dict.fromkeys(_IDLE_DAYS_WITHOUT_FUNDS, never)
    return state._replace(**loans, **idle, **received), _only(terms, (*PLAIN_TERMS, *AID_TERMS))


def _funded(state: State, terms: StepTerms) -> tuple[State, StepTerms]:
    """State and terms of a policy whose levers change plain terms and those of public funds."""
    nothing: Any = np.float64(0.0)
    never: Any = np.float64(NEVER)
    idle = dict.fromkeys(_IDLE, nothing) | dict.fromkeys(_IDLE_DAYS, never)
    return state._replace(**idle), _only(terms, (*PLAIN_TERMS, *FUND_TERMS))


def _only(terms: StepTerms, names: tuple[str, ...]) -> StepTerms:
    """Terms of which all others are neutral."""
    neutral = {name: NOTHING for name in Terms._fields if name not in names}
    return StepTerms(*(day._replace(**neutral) for day in terms))


def _as_they_are(state: State, terms: StepTerms) -> tuple[State, StepTerms]:
    """State and terms of a policy whose levers may change anything."""
    return state, terms


NEUTRAL_FOR = {ANY: _as_they_are, PLAIN: _plain, AIDED: _aided, FUNDED: _funded}
"""What makes neutral, by family, all that the levers of its policies leave alone."""


def _constant_under(neutral: Callable[[State, StepTerms], tuple[State, StepTerms]]) -> dict[str, float]:
    """Rows of the state that are what they are in any step under policies of a family."""
    tape = Tape()
    terms = symbols(tape, StepTerms, "terms", nested=dict.fromkeys(StepTerms._fields, Terms))
    state, _ = neutral(state_of(tape), terms)
    return {label: float(value) for label, value in leaves(state, "state") if not isinstance(value, Symbol)}


def _moved(constant: dict[str, float], booked: set[str]) -> Moved:
    """Rows that change: of the state all but constants, of the books those that a step or an estate writes."""
    written = booked | {f"booked.{item}" for item in BOOKED_TWICE}
    return Moved(
        states=tuple(row for label, row in OWN.items() if label not in constant),
        books=tuple(row for label, row in BOOKED.items() if label in written),
    )


def _record_step(writer: Writer) -> tuple[list[str], dict[int, set[str]]]:
    """Record a step; returns the labels of the rows that are new in every step, whatever the policy, and what each family books."""
    tape = Tape()
    weather, slow = _weather(tape)
    luck, state = luck_of(tape), state_of(tape)
    terms = symbols(tape, StepTerms, "terms", nested=dict.fromkeys(StepTerms._fields, Terms))
    answers = symbols(tape, Answers, "answers")

    def stepped(state: State, terms: StepTerms, answers: Answers) -> dict[str, int]:
        result = step(clock_of(tape), firm_of(tape), rules_of(tape), luck, weather, terms, answers, state)
        outputs = _outputs_of_step(tape, result, state, terms, answers)
        if answers is not NO_ANSWERS:
            outputs["marks.concerns_funds"] = position_of(concern_of_funds(result.state, tape.input("step.next_b")))
        return outputs

    by_family = {
        family: stepped(*NEUTRAL_FOR[family](state, terms), NO_ANSWERS if family in WITHOUT_ANSWERS else answers) for family in STEP_OF
    }
    variants = {STEP_OF[family]: outputs for family, outputs in by_family.items()}
    kept = {f"weather.{name}": position_of(getattr(weather, name)) for name in KEPT_WEATHER}
    weather_outputs = {"slow": position_of(slow), **kept}
    wanted = [Loop(name, tape, outputs) for name, outputs in variants.items()] + [Loop("", tape, weather_outputs)]
    of_firm, of_weather = _passed_on(tape, wanted, {position: label for label, position in kept.items()})

    writer.add(Loop("own_numbers_of_firms", tape, {label: position for position, label in of_firm.items()}))
    weather_outputs |= {label: position for position, label in of_weather.items()}
    writer.add(Loop("weather_of_firms", tape, weather_outputs, known=of_firm))
    for name, outputs in variants.items():
        writer.add(Loop(name, tape, outputs, known=of_firm | of_weather))
    booked = {family: {label for label in outputs if label in BOOKED} for family, outputs in by_family.items()}
    return list(weather_outputs), booked


def _outputs_of_step(tape: Tape, stepped: Stepped, state: State, terms: StepTerms, answers: Answers) -> dict[str, int]:
    """Rows that a step writes."""
    after, leaving = stepped.state, stepped.leaving
    trough: Any = tape.input("books.trough")
    support: Any = tape.input("books.support")
    rows: dict[str, Any] = {
        "fund_fees_paid": stepped.bookings["fund_fees_paid"],
        "leaving.enforced": leaving.enforced,
        "leaving.other": leaving.other,
        "may_leave": may_leave(firm_of(tape), leaving, after),
        "cash_out": stepped.events.cash_out,
        "short": stepped.events.short,
        "applied": stepped.events.applied,
        "trades": stepped.events.trades,
        "met.materials_share": stepped.conditions.firm.materials_share,
        **{f"met.{name}": getattr(stepped.conditions.weather, name) for name in MET_WEATHER},
        "booked.trough": where(state.alive > 0.0, least(trough, after.cash), trough),
        "booked.support": support + support_of(stepped.bookings, answers, terms.now, state),
    }
    booked: dict[str, Any] = dict(stepped.bookings)
    for item, amount in booked.items():
        if f"books.{item}" not in BOOKS:
            raise TypeError(f"a step books {item}, which is booked when a firm is wound up")
        so_far: Any = tape.input(f"books.{item}")
        if isinstance(amount, Symbol):
            rows[f"booked.{item}"] = so_far + amount
    return named(after, "after") | {label: value.position for label, value in rows.items() if isinstance(value, Symbol)}


def _passed_on(tape: Tape, wanted: list[Loop], labels: dict[int, str]) -> tuple[dict[int, str], dict[int, str]]:
    """Values that change with the firm only, and with the weather, and that something reads that changes more often: they get rows.

    Parameters
    ----------
    wanted
        Loops, with what they are to write.
    labels
        Labels that some of these values have already.
    """
    floors = _floors(tape)
    passed: dict[int, dict[int, str]] = {1: {}, 2: {}}

    def note(position: int, reader_floor: int) -> None:
        floor = floors[position]
        if floor in passed and reader_floor > floor and tape.lines[position][0] != "input":
            passed[floor][position] = labels.get(position, f"kept.{position}")

    for loop in wanted:
        for position in needed(loop):
            for operand in tape.operands(position):
                note(operand, floors[position])
        for position in loop.outputs.values():
            note(position, 3 if loop.name else 0)
    return passed[1], passed[2]


def _floors(tape: Tape) -> list[int]:
    """How often a value of each firm changes; negative for plain numbers.

    1 never in a year of equal steps, 2 with the weather, 3 with the policy.
    """
    floors: list[int] = []
    for position, line in enumerate(tape.lines):
        if line[0] == "input":
            label = line[1]
            plain = label.startswith((*_STEP_NUMBERS, *_DRAW_NUMBERS))
            changes = label.startswith((*OF_WEATHER, *_STEP_NUMBERS)) and label not in _LASTING_NUMBERS
            floor = 3 if label.startswith(_OF_POLICY) else 2 if changes else 1
            floors.append(-floor if plain else floor)
        else:
            operands = [floors[operand] for operand in tape.operands(position)]
            floor = max((abs(operand) for operand in operands), default=1)
            floors.append(floor if any(operand > 0 for operand in operands) else -floor)
    return floors
