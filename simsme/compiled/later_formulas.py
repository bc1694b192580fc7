"""What is computed after a step, as loops: who leaves, what estates bring, what funds have to do with it, what is noted and reported."""

from typing import Any

from simsme.arithmetic import where
from simsme.compiled.recording import Tape, leaves, symbols
from simsme.compiled.rows import REPORTED
from simsme.compiled.text import Loop
from simsme.compiled.writer import FLAGS, Writer, clock_of, firm_of, kept_weather, luck_of, met_firm, named, position_of, rules_of, state_of
from simsme.engine.bookings import BOOKED_TWICE, book_estate
from simsme.engine.credit import NEVER
from simsme.engine.fund_accounts import fund_flows, hold
from simsme.engine.leaving import Leaving, carry_on, leave, loses_at_normal_demand, wind_up
from simsme.engine.opening import balances
from simsme.engine.requests import ask
from simsme.engine.simulate import Valuation, expected_loss
from simsme.engine.terms import DueTerms, StepTerms, Terms


def record_leaving(writer: Writer) -> None:
    """Who leaves after a step, and what the estates of those bring that do."""
    tape = Tape()
    due_terms = symbols(tape, DueTerms, "due_terms", nested=dict.fromkeys(DueTerms._fields, Terms))
    leaving = symbols(tape, Leaving, "leaving", FLAGS)
    read: Any = tape.input
    before, then, after = read("state.dues"), read("past_dues"), state_of(tape, "after")
    cause = carry_on(clock_of(tape), met_firm(tape), rules_of(tape), kept_weather(tape), due_terms, leaving, before, then, after)
    cause = where(read("may_leave", True), cause, 0.0)
    writer.add(Loop("causes_of_exit", tape, {"cause": position_of(cause)}))

    tape = Tape()
    firm, after = firm_of(tape), state_of(tape, "after")
    booked = book_estate(firm, wind_up(firm, rules_of(tape), after))
    read = tape.input
    goes = read("cause") > 0.0
    left = named(leave(after, goes), "after")
    outputs = {label: position for label, position in left.items() if tape.lines[position] != ("input", label)}
    for item, amount in booked.items():
        label = f"booked.{item}" if item in BOOKED_TWICE else f"marks.{item}"
        outputs[label] = position_of(read(label) + amount)
    writer.add(Loop("estates", tape, outputs, few=True))


def concern_of_funds(state: Any, b: Any) -> Any:
    """Firms that may ask funds for something in the step that ends on a day, or that funds have something out with."""
    concerned = (state.asked > 0.0) | (state.guaranteed > 0.0) | (state.fund_accrued > 0.0)
    for loan in (state.term_loan, state.new_loan):
        concerned = concerned | (loan.advance > 0.0) | ((loan.principal > 0.0) & ((loan.due_day <= b) | (loan.overdue_day < NEVER)))
    return concerned


def record_funds(writer: Writer) -> None:
    """Record what firms ask of funds, what funds have out with them, what moves between them: for the few firms that funds concern."""
    tape = Tape()
    concerned = concern_of_funds(state_of(tape), tape.input("clock.b"))
    writer.add(Loop("concern_of_funds", tape, {"marks.concerns_funds": position_of(concerned)}))

    tape = Tape()
    terms = symbols(tape, StepTerms, "terms", nested=dict.fromkeys(StepTerms._fields, Terms))
    requests = ask(clock_of(tape), firm_of(tape), rules_of(tape), luck_of(tape), kept_weather(tape), terms, state_of(tape))
    writer.add(Loop("ask_funds", tape, {label: value.position for label, value in leaves(requests, "requests")}, few=True))

    tape = Tape()
    holdings = hold(firm_of(tape), state_of(tape))
    writer.add(Loop("hold_of_funds", tape, {label: value.position for label, value in leaves(holdings, "holdings")}, few=True))

    tape = Tape()
    before, after = state_of(tape), state_of(tape, "after")
    read: Any = tape.input
    flows = fund_flows(before, after, read("fund_fees_paid"), read("cause") > 0.0, wind_up(firm_of(tape), rules_of(tape), after))
    writer.add(Loop("flows_of_funds", tape, {label: value.position for label, value in leaves(flows, "flows")}, few=True))


def record_marks(writer: Writer) -> None:
    """Record what is noted of a firm after a step."""
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
    writer.add(Loop("marks", tape, {label: position_of(value) for label, value in outputs.items()}))


def record_report(writer: Writer) -> None:
    """Record what is reported of a firm on a day."""
    tape = Tape()
    firm, state = firm_of(tape), state_of(tape, "after")
    read: Any = tape.input
    alive: Any = state.alive > 0.0
    insolvent = alive & (state.equity < 0.0)
    unsound = insolvent | (alive & loses_at_normal_demand(met_firm(tape), kept_weather(tape), state))
    valuation = Valuation(read("draw.lgd"), read("draw.distress_risk_factor"))
    intensity = kept_weather(tape).intensity
    loss = expected_loss(firm, rules_of(tape), read("default_risk"), valuation, state, read("clock.b"), intensity)
    of_state = (state.put_off_open, state.advance_open, state.growth_received)
    jobs: Any = read("employees") * state.alive * state.staffing
    values = (*balances(firm, state).values(), loss.banks, loss.funds, loss.state, loss.financiers, *of_state, jobs)
    outputs = dict(zip(REPORTED, (position_of(value) for value in values), strict=True))
    writer.add(Loop("report", tape, {**outputs, "insolvent": position_of(insolvent), "unsound": position_of(unsound)}))
