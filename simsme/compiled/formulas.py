"""The formulas of a step as loops over a chunk of firms, recorded from the stages themselves.

A step is cut where what it needs is known less often than once a step and policy: what depends on the firm alone is computed once a
year, what depends on the weather once for all policies. Leaving is computed apart, and the estates only of the few firms that leave. A
policy without public funds has a loop of its own, in which everything that concerns funds is known to be nothing.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from simsme.arithmetic import least, where
from simsme.compiled.recording import Symbol, Tape, leaves, symbols
from simsme.compiled.rows import COMMON, NESTED, OF_DRAW, OF_LEVER, OF_STEP, OWN, TERMS_OF_DAYS
from simsme.compiled.text import Layout, Loop, needed, write
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.bookings import book_estate
from simsme.engine.credit import NEVER
from simsme.engine.fund_accounts import fund_flows, hold, support_of
from simsme.engine.leaving import Leaving, carry_on, leave, loses_at_normal_demand, may_leave, wind_up
from simsme.engine.opening import balances
from simsme.engine.records import Answers, Clock, Firm, Loan, Luck, Rules, State, Weather
from simsme.engine.requests import NO_ANSWERS, ask
from simsme.engine.simulate import Valuation, expected_loss, what_reaches
from simsme.engine.step import Stepped, step
from simsme.engine.terms import RULES, DueTerms, LeverRow, StepTerms, Terms, in_force, maturity_day
from simsme.engine.weather import Exposure, Pressure, Shape, drift, fall_of_sales, observe, white_noise
from simsme.streams import normals_of

ARRAYS = ("common", "own", "of_draw", "of_step", "sums", "model", "of_lever", "reach", "terms", "chosen", "count")
"""What every loop is given.

``common``: rows of the chunk that all policies share. ``own``: rows of the policy. ``of_draw``, ``of_step``, ``of_lever``: numbers.
``sums``: partial sums. ``model``: ``own`` of the reference policy. ``reach``: whom a lever reaches. ``terms``: rows of the terms that
anything reads. ``chosen``, ``count``: the few firms for which a loop is run that few firms need.
"""

_FLAGS = frozenset({"closed", "hit_by_costs", "hit_by_labour", "enforced", "other"})
_OWN_PREFIXES = ("state.", "marks.", "answers.")
_STEP_NUMBERS = ("clock.", "shape.", "outlook.", "step.")
_DRAW_NUMBERS = ("rules.", "pressure.", "draw.")
_OF_WEATHER = ("slow", "noise.", "given.")
_OF_POLICY = ("terms.", *_OWN_PREFIXES)
_KEPT_WEATHER = ("sales_price", "materials_price", "wage_level", "rent_level", "outlook_demand", "outlook_open", "closed")
_BY_FUNDS = ("advance_share", "advance_cap", "advance_fee_per_day", "advance_days", "cover", "guarantee_max_risk", "guarantee_fee_per_year")
"""Terms that only the lever of a public fund changes."""


@dataclass(frozen=True)
class Program:
    """The text of all loops, where their numbers lie, and the terms that are read of each of :data:`TERMS_OF_DAYS`."""

    text: str
    layout: Layout
    terms_read: dict[str, tuple[str, ...]]


@cache
def program() -> Program:
    """Record the stages and write the loops."""
    writer = _Writer()
    _record_step(writer)
    _record_leaving(writer)
    _record_funds(writer)
    _record_marks(writer)
    _record_report(writer)
    read = _record_levers(writer)
    return Program("\n\n".join(writer.texts), writer.layout, read)


class _Writer:
    """Collects loops. Rows that they pass to each other are laid out as they come."""

    def __init__(self) -> None:
        model = {f"model.{label}": row for label, row in OWN.items()}
        rows = {"common": dict(COMMON), "own": dict(OWN), "model": model, "reach": {"lever.reaches": 0}, "terms": {}}
        self.layout = Layout(rows, {"of_draw": OF_DRAW, "of_step": OF_STEP, "of_lever": OF_LEVER})
        self.texts: list[str] = []

    def add(self, loop: Loop) -> None:
        """Write a loop."""
        lines = (loop.tape.lines[position] for position in needed(loop))
        self.layout.add_rows("terms", [line[1] for line in lines if line[0] == "input" and line[1].startswith(TERMS_OF_DAYS)])
        self.layout.add_rows("common", [label for label in loop.outputs if not label.startswith((*_OWN_PREFIXES, *TERMS_OF_DAYS))])
        self.texts.append(write(loop, self.layout, ARRAYS))


def _named(record: Any, prefix: str, tape: Tape) -> dict[str, int]:
    """Position of every number of a record by dotted name, but for constants and what is as it was."""
    numbers = {label: value.position for label, value in leaves(record, prefix) if isinstance(value, Symbol)}
    return {label: position for label, position in numbers.items() if tape.lines[position] != ("input", label)}


def _position(value: Any) -> int:
    """Position of a recorded value."""
    if not isinstance(value, Symbol):
        raise TypeError("a stage returns a constant where a number of each firm is expected")
    return value.position


def _state(tape: Tape, prefix: str = "state") -> State:
    state: State = symbols(tape, State, prefix, nested=NESTED)
    return state


def _firm(tape: Tape) -> Firm:
    firm: Firm = symbols(tape, Firm, "firm", _FLAGS)
    return firm


def _rules(tape: Tape) -> Rules:
    rules: Rules = symbols(tape, Rules, "rules")
    return rules


def _clock(tape: Tape) -> Clock:
    clock: Clock = symbols(tape, Clock, "clock")
    return clock


def _weather(tape: Tape) -> tuple[Weather, Any]:
    """The weather of a step, and the slow part of sales after it."""
    clock, pressure, exposure = _clock(tape), symbols(tape, Pressure, "pressure"), symbols(tape, Exposure, "exposure", _FLAGS)
    shape, outlook = symbols(tape, Shape, "shape"), symbols(tape, Shape, "outlook")
    read: Any = tape.input
    white, drifting = normals_of(read("noise.u"), read("noise.v"))
    slow = drift(read("slow"), pressure, clock.h, drifting)
    has_path, has_noise = read("step.has_path") > 0.0, read("step.has_noise") > 0.0
    weather = observe(
        clock,
        _firm(tape),
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


def _kept_weather(tape: Tape) -> Weather:
    """What later loops need of the weather."""
    kept: dict[str, Any] = {f"{name}": tape.input(f"weather.{name}", name in _FLAGS) for name in _KEPT_WEATHER}
    kept["intensity"] = tape.input("shape.intensity")
    return Weather(*(kept.get(name) for name in Weather._fields))  # type: ignore[arg-type]


def _without_funds(state: State, terms: StepTerms) -> tuple[State, StepTerms]:
    """State and terms of a policy without public funds."""
    nothing: Any = np.float64(0.0)
    never: Any = np.float64(NEVER)
    loans = {name: getattr(state, name)._replace(advance=nothing) for name in ("term_loan", "new_loan")}
    idle = dict.fromkeys(("fund_accrued", "guarantee_accrued", "asked", "guaranteed", "guarantee_fee_rate"), nothing)
    neutral = dict.fromkeys(_BY_FUNDS, nothing)
    return state._replace(**loans, **idle, asked_day=never), StepTerms(*(day._replace(**neutral) for day in terms))


def _record_step(writer: _Writer) -> None:
    tape = Tape()
    weather, slow = _weather(tape)
    luck, state = symbols(tape, Luck, "luck"), _state(tape)
    terms = symbols(tape, StepTerms, "terms", nested=dict.fromkeys(StepTerms._fields, Terms))
    answers = symbols(tape, Answers, "answers")

    def stepped(state: State, terms: StepTerms, answers: Answers) -> tuple[dict[str, int], dict[int, int]]:
        result = step(_clock(tape), _firm(tape), _rules(tape), luck, weather, terms, answers, state)
        outputs, sums = _outputs_of_step(tape, result, state, terms, answers)
        if answers is not NO_ANSWERS:
            outputs["marks.concerns_funds"] = _position(_concern_of_funds(result.state, tape.input("step.next_b")))
        return outputs, sums

    variants = {
        "step_of_firms": stepped(*_without_funds(state, terms), NO_ANSWERS),
        "step_with_funds": stepped(state, terms, answers),
    }
    kept = {f"weather.{name}": _position(getattr(weather, name)) for name in _KEPT_WEATHER}
    weather_outputs = {"slow": _position(slow), **kept}
    wanted = [Loop(name, tape, outputs, sums) for name, (outputs, sums) in variants.items()] + [Loop("", tape, weather_outputs)]
    of_firm, of_weather = _passed_on(tape, wanted, {position: label for label, position in kept.items()})

    writer.add(Loop("own_numbers_of_firms", tape, {label: position for position, label in of_firm.items()}))
    weather_outputs |= {label: position for position, label in of_weather.items()}
    writer.add(Loop("weather_of_firms", tape, weather_outputs, known=of_firm))
    for name, (outputs, sums) in variants.items():
        writer.add(Loop(name, tape, outputs, sums, known=of_firm | of_weather))


def _outputs_of_step(
    tape: Tape, stepped: Stepped, state: State, terms: StepTerms, answers: Answers
) -> tuple[dict[str, int], dict[int, int]]:
    """Rows that a step writes, and what it adds to the books."""
    after, leaving = stepped.state, stepped.leaving
    trough: Any = tape.input("marks.trough")
    support: Any = tape.input("marks.support")
    outputs = _named(after, "state", tape)
    rows: dict[str, Any] = {
        "before.dues": state.dues,
        "before.smoothed": state.smoothed,
        "before.interest_arrears": state.arrears.interest,
        "before.fund_accrued": state.fund_accrued,
        "before.guarantee_accrued": state.guarantee_accrued,
        "fund_fees_paid": stepped.bookings["fund_fees_paid"],
        "leaving.enforced": leaving.enforced,
        "leaving.other": leaving.other,
        "may_leave": may_leave(_firm(tape), leaving, after),
        "cash_out": stepped.events.cash_out,
        "trades": stepped.events.trades,
        "marks.trough": where(state.alive > 0.0, least(trough, after.cash), trough),
        "marks.support": support + support_of(stepped.bookings, answers, terms.now, state),
    }
    outputs |= {label: value.position for label, value in rows.items() if isinstance(value, Symbol)}
    booked: dict[str, Any] = dict(stepped.bookings)
    sums = {ITEMS.index(item): amount.position for item, amount in booked.items() if isinstance(amount, Symbol)}
    return outputs, sums


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
        for position in (*loop.outputs.values(), *loop.sums.values()):
            note(position, 3 if loop.name else 0)
    return passed[1], passed[2]


def _floors(tape: Tape) -> list[int]:
    """How often a value of each firm changes: 1 never in a year, 2 with the weather, 3 with the policy; negative for plain numbers."""
    floors: list[int] = []
    for position, line in enumerate(tape.lines):
        if line[0] == "input":
            label = line[1]
            plain = label.startswith((*_STEP_NUMBERS, *_DRAW_NUMBERS))
            floor = 3 if label.startswith(_OF_POLICY) else 2 if label.startswith((*_OF_WEATHER, *_STEP_NUMBERS)) else 1
            floors.append(-floor if plain else floor)
        else:
            operands = [floors[operand] for operand in tape.operands(position)]
            floor = max((abs(operand) for operand in operands), default=1)
            floors.append(floor if any(operand > 0 for operand in operands) else -floor)
    return floors


def _record_leaving(writer: _Writer) -> None:
    tape = Tape()
    state = _state(tape)
    due_terms = symbols(tape, DueTerms, "due_terms", nested=dict.fromkeys(DueTerms._fields, Terms))
    leaving = symbols(tape, Leaving, "leaving", _FLAGS)
    read: Any = tape.input
    dues_before, dues_then = read("before.dues"), read("past_dues")
    cause = carry_on(_clock(tape), _firm(tape), _rules(tape), _kept_weather(tape), due_terms, leaving, dues_before, dues_then, state)
    cause = where(read("may_leave", True), cause, 0.0)
    writer.add(Loop("causes_of_exit", tape, {"cause": _position(cause)}))

    tape = Tape()
    firm, state = _firm(tape), _state(tape)
    booked = book_estate(firm, wind_up(firm, _rules(tape), state))
    sums = {ITEMS.index(item): _position(amount) for item, amount in booked.items()}
    read = tape.input
    goes = read("cause") > 0.0
    writer.add(Loop("estates", tape, _named(leave(state, goes), "state", tape), sums, few=True))


def _concern_of_funds(state: Any, b: Any) -> Any:
    """Firms that may ask funds for something in the step that ends on a day, or that funds have something out with."""
    concerned = (state.asked > 0.0) | (state.guaranteed > 0.0) | (state.fund_accrued > 0.0)
    for loan in (state.term_loan, state.new_loan):
        concerned = concerned | (loan.advance > 0.0) | ((loan.principal > 0.0) & ((loan.due_day <= b) | (loan.overdue_day < NEVER)))
    return concerned


def _record_funds(writer: _Writer) -> None:
    """What firms ask of funds, what funds have out with them, what moves between them: for the few firms that funds concern."""
    tape = Tape()
    concerned = _concern_of_funds(_state(tape), tape.input("clock.b"))
    writer.add(Loop("concern_of_funds", tape, {"marks.concerns_funds": _position(concerned)}))

    tape = Tape()
    terms = symbols(tape, StepTerms, "terms", nested=dict.fromkeys(StepTerms._fields, Terms))
    requests = ask(_clock(tape), _firm(tape), _rules(tape), symbols(tape, Luck, "luck"), _kept_weather(tape), terms, _state(tape))
    writer.add(Loop("ask_funds", tape, {label: value.position for label, value in leaves(requests, "requests")}, few=True))

    tape = Tape()
    holdings = hold(_firm(tape), _state(tape))
    writer.add(Loop("hold_of_funds", tape, {label: value.position for label, value in leaves(holdings, "holdings")}, few=True))

    tape = Tape()
    after: State = _state(tape)
    read: Any = tape.input
    before = after._replace(fund_accrued=read("before.fund_accrued"), guarantee_accrued=read("before.guarantee_accrued"))
    flows = fund_flows(before, after, read("fund_fees_paid"), read("cause") > 0.0, wind_up(_firm(tape), _rules(tape), after))
    writer.add(Loop("flows_of_funds", tape, {label: value.position for label, value in leaves(flows, "flows")}, few=True))


def _record_marks(writer: _Writer) -> None:
    tape = Tape()
    read: Any = tape.input
    number, never = read("step.number"), read("step.never")

    def first(name: str, happens: Any) -> Any:
        so_far = read(f"marks.{name}")
        return where(happens & (so_far == never), number, so_far)

    goes = read("cause") > 0.0
    still = tape.input("trades", True) & ~goes
    outputs = {
        "marks.cash_out_step": first("cash_out_step", tape.input("cash_out", True)),
        "marks.exit_step": first("exit_step", goes),
        "marks.cause": where(goes, read("cause"), read("marks.cause")),
        "still_trades": still,
    }
    writer.add(Loop("marks", tape, {label: _position(value) for label, value in outputs.items()}))

    tape = Tape()
    read = tape.input
    here, there = what_reaches(_state(tape)), what_reaches(_state(tape, "model.state"))
    different: Any = here[0] != there[0]
    for ours, theirs in zip(here[1:], there[1:], strict=True):
        different = different | (ours != theirs)
    so_far = read("marks.reached_step")
    reached = where(different & (so_far == read("step.never")), read("step.number"), so_far)
    writer.add(Loop("reached", tape, {"marks.reached_step": _position(reached)}))


def _record_report(writer: _Writer) -> None:
    tape = Tape()
    firm, state, read = _firm(tape), _state(tape), tape.input
    alive: Any = state.alive > 0.0
    insolvent = alive & (state.equity < 0.0)
    unsound = insolvent | (alive & loses_at_normal_demand(firm, _kept_weather(tape), state))
    valuation = Valuation(read("draw.lgd"), read("draw.distress_risk_factor"))  # type: ignore[arg-type]
    loss = expected_loss(firm, _rules(tape), read("default_risk"), valuation, state, read("clock.b"))  # type: ignore[arg-type]
    jobs: Any = read("employees") * state.alive * state.staffing  # type: ignore[operator]
    values = (*balances(firm, state).values(), loss.banks, loss.funds, jobs)
    if len(values) != len(BALANCES) + len(VALUED):
        raise TypeError("balances are not those of the chart of accounts")
    sums = {number: _position(value) for number, value in enumerate(values)}
    writer.add(Loop("report", tape, {"insolvent": _position(insolvent), "unsound": _position(unsound)}, sums))


VALUED = ("exposure_loss", "exposure_loss_funds", "jobs")
"""What is summed at a report after the balances."""


def _record_levers(writer: _Writer) -> dict[str, tuple[str, ...]]:
    """Loops that apply one lever to the terms of a day; returns which terms of each day anything reads."""
    read: dict[str, tuple[str, ...]] = {}
    for kind in TERMS_OF_DAYS:
        before, slot = kind.startswith("terms."), kind.rpartition(".")[2]
        read[kind] = tuple(name for name in Terms._fields if f"{kind}.{name}" in writer.layout.rows["terms"])
        tape = Tape()
        clock, number = _clock(tape), tape.input
        due_day: Any = None if slot == "now" else number(f"state.{slot}.due_day")
        day = clock.b if slot == "now" else maturity_day(clock, due_day) if before else due_day
        smoothed: Any = number("state.smoothed" if before else "before.smoothed")
        interest: Any = number("state.arrears.interest" if before else "before.interest_arrears")
        limited: Any = number("lever.without_bank_arrears") > 0.0  # type: ignore[operator]
        row = LeverRow(
            reaches=tape.input("lever.reaches", True),  # type: ignore[arg-type]
            from_day=number("lever.from_day"),  # type: ignore[arg-type]
            to_day=number("lever.to_day"),  # type: ignore[arg-type]
            min_sales_fall=number("lever.min_sales_fall"),  # type: ignore[arg-type]
            max_interest_arrears=where(limited, _firm(tape).negligible, NEVER),
            terms=symbols(tape, Terms, "lever.terms"),
        )
        on = in_force(row, day, smoothed, interest)
        outputs = {}
        for name in read[kind]:
            so_far: Any = number(f"{kind}.{name}")
            outputs[f"{kind}.{name}"] = _position(RULES[name](so_far, where(on, getattr(row.terms, name), 0.0)))
        if before and slot != "now":
            guards = Tape()
            loan: Any = symbols(guards, Loan, f"state.{slot}")
            wanted = (loan.principal > 0.0) & ((loan.due_day <= guards.input("clock.b")) | (loan.overdue_day < NEVER))
            writer.add(Loop(f"guard_{slot}", guards, {f"guard.{slot}": wanted.position}))
        writer.add(Loop(f"lever_{kind.replace('.', '_')}", tape, outputs, few=before and slot != "now"))
        if before and slot == "now":
            writer.add(Loop("lever_terms_now_of_few", tape, outputs, few=True))
    return read
