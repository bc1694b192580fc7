"""What a lever is: who may have it, who gets it, when, and which of the terms of section "Levers" in docs/model.md it changes.

A lever translates the language of policy into terms. It never touches cash, never draws random numbers and never undoes itself:
being in force is a condition on the day. A new lever is one new file with one class; it then appears in scenario files, in
validation, in ``simsme levers`` and in the property tests by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from simsme.levers.review import Conditions
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
        ``bridge`` (advances until a bank lends again), ``guarantee``, or ``facility`` (money for banks that lend at a lower rate). A firm
        belongs to one fund of a kind at the most.
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

    kind: Literal["bridge", "guarantee", "facility"]
    capital: Uncertain
    capital_share: Uncertain
    cases_per_week: Uncertain
    queue: Queue
    leverage: Uncertain = 0.0
    claim_limit: Uncertain = 0.0
    layers: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Product:
    """A number of a lever that is the product of several of its fields, each drawn on its own."""

    factors: tuple[Uncertain, ...]


@dataclass(frozen=True)
class Rest:
    """A number of a lever that is what a share leaves of the whole: 1 - share."""

    share: Uncertain


Offered = Uncertain | Product | Rest
"""What a lever may offer of a term: one of its fields, a number, or arithmetic of its fields."""


@dataclass(frozen=True)
class Part:
    """One of the things that a lever does.

    Attributes
    ----------
    name
        Tells the parts of a lever apart, and gives each luck of its own; empty for the only part.
    terms
        Terms that it changes, see :meth:`Lever.terms`.
    after_days
        Days by which it starts after the lever.
    odds
        Chance that it works at a firm that the lever reaches.
    """

    name: str
    terms: Mapping[str, Offered]
    after_days: Uncertain = 0.0
    odds: Offered = 1.0


@dataclass(frozen=True)
class Reach:
    """What a lever does to the other levers of its policy, and to what a bank sees, at the firms that it reaches.

    Attributes
    ----------
    take_up_factor
        The take-up of levers that are not automatic is multiplied by it, 1 or more.
    delay_cut
        Share of the delay of other levers that falls away.
    opacity_relief
        Share of the noise in the bank's view of a firm that falls away.
    """

    take_up_factor: Uncertain = 1.0
    delay_cut: Uncertain = 0.0
    opacity_relief: Uncertain = 0.0


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
    min_margin
        Smallest normal margin (what a year's sales leave after all costs and taxes, before interest, as a share of sales) that is eligible.
    max_cash_days
        Only firms whose cash covers at most so many days of their normal outflow on the day.
    observation_noise
        Standard deviation of the error with which whoever decides sees a firm's fall of sales and margin (in shares of sales) and days of
        cash (in logarithms); seen exactly where not given. See docs/model.md, 6c.
    start_when, stop_when, review_days
        Every so many days the measure is reviewed by what can be observed in the draw: it starts when all conditions of the first hold, at
        once where there are none, and stops when one of the second does. Windows hold besides.
    automatic
        Whether who is eligible has the measure without asking for it, so that a campaign cannot spread it.
    """

    automatic: ClassVar[bool] = False

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
    min_margin: float | None = Field(default=None, ge=-10.0, le=1.0, description="Smallest normal margin that is eligible")
    max_cash_days: float | None = Field(default=None, ge=0.0, description="Most days of normal outflow in cash that are eligible")
    observation_noise: float | None = Field(
        default=None, ge=0.0, le=3.0, description="Standard deviation of the error with which sales fall, margin and days of cash are seen"
    )
    start_when: Conditions | None = Field(default=None, description="Conditions that must all hold on a review day for it to start")
    stop_when: Conditions | None = Field(default=None, description="Conditions of which one must hold on a review day for it to stop")
    review_days: int | None = Field(default=None, ge=1, le=3650, description="Days between reviews, of which the first is on day 0")

    @property
    def label(self) -> str:
        """The kind, and the name where the scenario gives one."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    def terms(self) -> Mapping[str, Offered]:
        """Return the terms that the lever changes, by name (see ``simsme.engine.terms.RULES``), for a firm that it reaches."""
        raise TypeError(f"lever {self.kind!r} does not say which terms it changes")

    def parts(self) -> tuple[Part, ...]:
        """Return what the lever does, part by part: one with all its terms where it does not say otherwise."""
        return (Part("", self.terms()),)

    def least_columns(self) -> Mapping[str, float]:
        """Return the columns of a firm that must be at least so much for it to be eligible, by name; none where it does not say."""
        return {}

    def acts_on(self) -> Reach | None:
        """Return what the lever does to other levers and to the bank's view of firms; None where it leaves them alone."""
        return None

    def displaces(self) -> Uncertain:
        """Return the share of the sales gained through the lever that other firms lose; cost tables take it off."""
        return 0.0

    def fund(self) -> FundTerms | None:
        """Return what the fund behind the lever can afford; None where firms do not share one."""
        return None
