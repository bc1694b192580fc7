"""Where numbers lie that the kernel itself handles: the first rows of its arrays, in a fixed order, and its sizes.

Rows that only recorded loops read and write come after them, see :mod:`simsme.compiled.formulas`.
"""

from typing import Any, Final

import numpy as np

from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.bookings import BOOKED_TWICE, book_estate
from simsme.engine.fund_accounts import FundFlows, Holdings
from simsme.engine.leaving import wind_up
from simsme.engine.occasions import Occasions
from simsme.engine.records import Answers, Arrears, Clock, Firm, Loan, Luck, Rules, State
from simsme.engine.requests import Requests
from simsme.engine.simulate import what_reaches
from simsme.engine.sums import CHUNK
from simsme.engine.terms import Terms
from simsme.engine.weather import Exposure, Pressure, Shape

STRIDE: Final = CHUNK + 8
"""Numbers from one row to the next: not a power of two, or all rows would fall on the same few lines of the cache."""

NESTED: dict[str, type[Any]] = {"arrears": Arrears, "term_loan": Loan, "new_loan": Loan}
"""Fields of a state that are records themselves."""


def fields(record: type[Any], prefix: str) -> tuple[str, ...]:
    """Dotted names of the numbers of a record, nested ones included."""
    names: list[str] = []
    for name in getattr(record, "_fields"):  # noqa: B009
        inner = NESTED.get(name) if record is State else None
        names += fields(inner, f"{prefix}.{name}") if inner else (f"{prefix}.{name}",)
    return tuple(names)


OF_A_FIRM = ("weight", "employees", "default_risk", "volatility", *fields(Firm, "firm"), *fields(Exposure, "exposure"))
"""Rows that the kernel is given for a draw."""

LUCK = fields(Luck, "luck")
"""Rows that it is given for a year of a draw."""

OF_WEATHER = ("slow", "noise.u", "noise.v", "given.noise", "given.down", "given.depth", "given.outlook_depth")
"""Rows of the weather that it fills itself."""

REQUESTS, ANSWERS = fields(Requests, "requests"), fields(Answers, "answers")
HOLDINGS, FLOWS = fields(Holdings, "holdings"), fields(FundFlows, "flows")


def _numbered(*labels: str) -> dict[str, int]:
    return {label: place for place, label in enumerate(labels)}


COMMON = _numbered(*OF_A_FIRM, *LUCK, *OF_WEATHER)
"""Rows that all policies share."""

STATE = fields(State, "state")
OWN = _numbered(*STATE)
"""Rows of a policy that a step makes anew: its state."""

AFTER = _numbered(*fields(State, "after"))
"""The same rows at the end of a step."""


def _estate_items() -> tuple[str, ...]:
    """What is booked of a firm that was wound up, and never before."""
    zero = np.zeros(())
    empty: Any = [zero] * max(len(Firm._fields), len(Rules._fields), len(State._fields))
    arrears, loan = Arrears(*empty[: len(Arrears._fields)]), Loan(*empty[: len(Loan._fields)])
    state = State(*empty[: len(State._fields)])._replace(arrears=arrears, term_loan=loan, new_loan=loan)
    firm = Firm(*empty[: len(Firm._fields)])
    booked = book_estate(firm, wind_up(firm, Rules(*empty[: len(Rules._fields)]), state))
    return tuple(item for item in booked if item not in BOOKED_TWICE)


ESTATE_ITEMS = _estate_items()
BOOKS = _numbered(*(f"books.{item}" for item in ITEMS if item not in ESTATE_ITEMS), "books.trough", "books.support")
"""Rows of a policy to which every step adds: what is booked, the lowest cash, and what levers moved for the firm."""

BOOKED = {label.replace("books.", "booked."): row for label, row in BOOKS.items()}
"""The same rows at the end of a step."""

MARKS = _numbered(
    *("marks.cash_out_step", "marks.exit_step", "marks.reached_step", "marks.cause", "marks.concerns_funds"),
    *(f"marks.{item}" for item in ESTATE_ITEMS),
    *ANSWERS,
)
"""Rows of a policy that change in place: what is noted of a firm once, what its estate brought, and what public funds have answered."""

VALUED = (
    *("exposure_loss", "exposure_loss_funds", "exposure_loss_state", "exposure_loss_financiers"),
    *("open_put_off", "open_advances", "open_equity", "jobs"),
)
"""What is reported of a firm after the balances."""

REPORTED = tuple(f"report.{name}" for name in (*BALANCES, *VALUED))
OCCASIONS = fields(Occasions, "occasions")
WORK = _numbered(
    *("past_dues", "may_leave", "cause", "still_trades", "insolvent", "unsound", "guard.term_loan", "guard.new_loan"),
    *("in_force", "wakes", "hazard_asleep", "differs"),
    *(*REQUESTS, *HOLDINGS, *FLOWS, *REPORTED, *OCCASIONS),
)
"""Rows that loops over a policy's firms leave for one another."""

OF_DRAW = _numbered(*fields(Rules, "rules"), *fields(Pressure, "pressure"), "draw.lgd", "draw.distress_risk_factor")
"""Numbers of a draw."""

OF_STEP = _numbered(
    *fields(Clock, "clock"),
    *("step.number", "step.never", "step.season", "step.has_path", "step.has_noise", "step.next_b"),
    *fields(Shape, "shape"),
    *fields(Shape, "outlook"),
)
"""Numbers of a step of a draw."""

INFORMED = ("informed_perceived", "informed_prudent", "informed_renewal")
"""Terms that differ from firm to firm."""

REACH = _numbered("lever.reaches", *(f"lever.terms.{name}" for name in INFORMED))
"""Rows of a lever: whom it reaches, and what it offers firm by firm."""

OF_LEVER = _numbered(
    *("lever.from_day", "lever.to_day", "lever.min_sales_fall", "lever.without_bank_arrears", "lever.max_cash_days"),
    *(label for label in fields(Terms, "lever.terms") if label not in REACH),
)
"""Numbers of a lever in a draw."""

TERMS_OF_DAYS = ("terms.now", "terms.term_loan", "terms.new_loan", "due_terms.term_loan", "due_terms.new_loan")
"""Days on which terms are asked for: the last of the step, the loans' days in it, the loans' due days after it."""


def _labelled(record: type[Any], prefix: str) -> Any:
    """A record of the labels of its numbers."""
    names = getattr(record, "_fields")  # noqa: B009
    inner = NESTED if record is State else {}
    return record(*(_labelled(inner[name], f"{prefix}.{name}") if name in inner else f"{prefix}.{name}" for name in names))


_REACHING: Any = what_reaches(_labelled(State, "after"))
REACHING: Final = tuple(AFTER[label] for label in _REACHING)
"""Rows of the state that show whether a policy has reached a firm."""
