"""Where numbers lie that the kernel itself handles: the first rows of its arrays, in a fixed order, and its sizes.

Rows that only recorded loops read and write come after them, see :mod:`simsme.compiled.formulas`.
"""

from typing import Any, Final

from simsme.engine.fund_accounts import FundFlows, Holdings
from simsme.engine.records import Answers, Arrears, Clock, Firm, Loan, Luck, Rules, State
from simsme.engine.requests import Requests
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

WORKING = (
    "slow",
    "noise.u",
    "noise.v",
    "given.noise",
    "given.down",
    "given.depth",
    "given.outlook_depth",
    "past_dues",
    "may_leave",
    "cause",
    "still_trades",
    "insolvent",
    "unsound",
    "guard.term_loan",
    "guard.new_loan",
)
"""Rows that it fills or reads itself."""

REQUESTS, ANSWERS = fields(Requests, "requests"), fields(Answers, "answers")
HOLDINGS, FLOWS = fields(Holdings, "holdings"), fields(FundFlows, "flows")

COMMON = {label: row for row, label in enumerate((*OF_A_FIRM, *LUCK, *WORKING, *REQUESTS, *HOLDINGS, *FLOWS))}

STATE = fields(State, "state")
MARKS = (
    "marks.cash_out_step",
    "marks.exit_step",
    "marks.reached_step",
    "marks.cause",
    "marks.trough",
    "marks.support",
    "marks.concerns_funds",
)
OWN = {label: row for row, label in enumerate((*STATE, *MARKS, *ANSWERS))}
"""Rows of a policy: its state, what is noted of a firm, and what its public funds have answered."""


def _numbered(*labels: str) -> dict[str, int]:
    return {label: place for place, label in enumerate(labels)}


OF_DRAW = _numbered(*fields(Rules, "rules"), *fields(Pressure, "pressure"), "draw.lgd", "draw.distress_risk_factor")
"""Numbers of a draw."""

OF_STEP = _numbered(
    *fields(Clock, "clock"),
    *("step.number", "step.never", "step.season", "step.has_path", "step.has_noise", "step.next_b"),
    *fields(Shape, "shape"),
    *fields(Shape, "outlook"),
)
"""Numbers of a step of a draw."""

OF_LEVER = _numbered(
    *("lever.from_day", "lever.to_day", "lever.min_sales_fall", "lever.without_bank_arrears"), *fields(Terms, "lever.terms")
)
"""Numbers of a lever in a draw."""

TERMS_OF_DAYS = ("terms.now", "terms.term_loan", "terms.new_loan", "due_terms.term_loan", "due_terms.new_loan")
"""Days on which terms are asked for: the last of the step, the loans' days in it, the loans' due days after it."""
