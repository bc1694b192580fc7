"""What a lever is: who may have it, who gets it, when, and which of the terms of section "Levers" in docs/model.md it changes.

A lever translates the language of policy into terms. It never touches cash, never draws random numbers and never undoes itself:
being in force is a condition on the day. A new lever is one new file with one class; it then appears in scenario files, in
validation, in ``simsme levers`` and in the property tests by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from simsme.quantities import Table, Uncertain
from simsme.reference import reference

Queue = Literal["random", "first_come", "smallest", "neediest"]
"""Orders in which a fund serves requests."""


@dataclass(frozen=True)
class FundTerms:
    """What a public fund can afford; the firms of a draw share it.

    Attributes
    ----------
    kind
        ``bridge`` (advances until a bank lends again) or ``guarantee``. A firm belongs to one fund of a kind at the most.
    capital
        Money at the start; infinite where it is `capital_share` of the loans that fall due within a year.
    capital_share
        See `capital`.
    cases_per_week
        Requests that it can process; infinite where there is no limit.
    queue
        Order in which it serves requests.
    leverage
        Largest book of guarantees, as a multiple of the capital.
    claim_limit
        Claims, as a share of guarantees granted, above which it grants no more.
    layers
        Who bears its part of losses: name, and share of the loss on a loan.
    """

    kind: Literal["bridge", "guarantee"]
    capital: Uncertain
    capital_share: Uncertain
    cases_per_week: Uncertain
    queue: Queue
    leverage: Uncertain = 0.0
    claim_limit: Uncertain = 0.0
    layers: tuple[tuple[str, float], ...] = ()


class Lever(Table):
    """Who may have the measure and when; subclasses add a ``kind``, their own fields and :meth:`terms`.

    Attributes
    ----------
    kind
        The lever's name in scenario files.
    name
        Tells two levers of one kind in one policy apart, and gives them luck of their own.
    take_up
        Share of the eligible firms that the measure reaches, in [0, 1]. A firm is reached where its own luck is below it, so a
        higher take-up only adds firms.
    from_day, to_day
        Days of the run between which the measure is in force, both included.
    delay_days
        Days from the start of the window until the measure works.
    industries, sizes, legal_forms
        Who is eligible; everybody where not given.
    max_risk
        Highest annual default risk that is eligible.
    min_sales_fall
        Smallest fall of sales against normal, smoothed over ``behaviour.demand_smoothing_days`` (28), that is eligible on the day.
    without_bank_arrears
        Only firms that owe the bank no overdue interest on the day.
    """

    kind: str
    name: str = Field(default="", description="Tells two levers of one kind in one policy apart")
    take_up: Annotated[Uncertain, reference("lever.take_up")]
    from_day: Annotated[float, reference("lever.from_day")]
    to_day: Annotated[float, reference("lever.to_day")]
    delay_days: Annotated[Uncertain, reference("lever.delay_days")]
    industries: tuple[str, ...] | None = Field(default=None, description="Industries that are eligible; all where not given")
    sizes: tuple[str, ...] | None = Field(default=None, description="Sizes that are eligible; all where not given")
    legal_forms: tuple[str, ...] | None = Field(default=None, description="Legal forms that are eligible; all where not given")
    max_risk: float | None = Field(default=None, ge=0.0, le=1.0, description="Highest annual default risk that is eligible")
    min_sales_fall: float | None = Field(default=None, ge=-1.0, le=1.0, description="Smallest fall of sales that is eligible")
    without_bank_arrears: bool = Field(default=False, description="Only firms that owe the bank no overdue interest")

    @property
    def label(self) -> str:
        """The kind, and the name where the scenario gives one."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def terms(self) -> Mapping[str, Uncertain]:
        """Return the terms that the lever changes, by name (see ``simsme.engine.terms.RULES``), for a firm that it reaches."""
        raise TypeError(f"lever {self.kind!r} does not say which terms it changes")

    def fund(self) -> FundTerms | None:
        """Return what the fund behind the lever can afford; None where firms do not share one."""
        return None
