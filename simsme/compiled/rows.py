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
"""What a firm is in a draw."""

LUCK = fields(Luck, "luck")
"""Its luck."""

LUCK_OF_YEAR = ("renewal", "norepay", "workout", "apply", "approval")
"""Decisions whose luck is another one every year of the run."""

COLUMNS = (
    *("sales", "materials_share", "payroll", "social_share", "rent", "overheads", "tax_share", "vat_share", "cash", "inventory_days"),
    *("receivable_days", "payable_days", "credit_sales_share", "fixed_assets", "loan", "loan_rate", "loan_due_day", "credit_line"),
    *("default_risk", "owner_funds", "informal_credit", "sales_volatility", "payday", "tax_day", "interest_day", "rent_day"),
    *("rent_every_months", "weight", "employees"),
)
"""Columns of :class:`simsme.firms.Firms` from which follows what a firm is in a draw."""

MADE_OUTSIDE = ("depth", "closed_share", "background_rate")
"""What of a firm in a draw is not computed in the kernel."""

STREAMS = (
    *("bridge", "line", "recall", "bridge_call", "other", "closure", "reopening", "cost_pressure", "labour"),
    *("patience", "signal", "hope"),
)
"""Channels of the luck that a firm has once in a draw. The last `NORMAL_STREAMS` of them take two uniform numbers."""

NORMAL_STREAMS: Final = 3

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
TO_OPEN = (
    *(f"column.{name}" for name in (*COLUMNS, *MADE_OUTSIDE)),
    *(f"draw.u.{name}" for name in STREAMS),
    *(f"draw.v.{name}" for name in STREAMS[-NORMAL_STREAMS:]),
)
"""Rows from which follows what a firm is in a draw: its columns and its luck."""

WORK = _numbered(
    *("past_dues", "may_leave", "cause", "still_trades", "insolvent", "unsound", "guard.term_loan", "guard.new_loan"),
    *("in_force", "wakes", "hazard_asleep", "happened"),
    *(*REQUESTS, *HOLDINGS, *FLOWS, *REPORTED, *OCCASIONS, *TO_OPEN),
)
"""Rows that loops over a policy's firms leave for one another."""

NUMBERS = (
    *("adjust.margin_shift", "adjust.cash_factor", "adjust.informal_factor", "adjust.volatility_factor", "behaviour.buffer_days"),
    *("credit.opacity", "credit.risk_sigma", "credit.risk_median", "credit.risk_aversion", "credit.renewal"),
    *("credit.renewal_risk_elasticity", "exit.patience_days", "exit.patience_sigma", "exit.patience_min_days"),
    *("exit.patience_supplier_factor", "exit.hope_median", "exit.hope_sigma"),
)
"""Numbers of a scenario from which follows what a firm is in a draw."""

SHOCK_NUMBERS = (("sales", "scar"), ("costs", "affected_share"), ("labour", "affected_share"))
"""Those of the shock's tables, which may be absent: then they are 0."""

OF_DRAW = _numbered(
    *fields(Rules, "rules"),
    *fields(Pressure, "pressure"),
    *("draw.lgd", "draw.distress_risk_factor"),
    *(f"number.{name}" for name in NUMBERS),
    *(f"number.shock.{table}.{name}" for table, name in SHOCK_NUMBERS),
)
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
