"""Outcomes: what a run leaves behind, as arrays, before anything is averaged over draws.

Axes come in the order policy (P), draw (D), then day of the curve (T) or reported day (R), then group (G), item (I) or balance (B).
Public funds have an axis of their own (F) in place of the policies.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from simsme.draw_firms import DrawnFirms
    from simsme.firms import Firms

ENDPOINTS = ("cash", "open", "exit")
"""The endpoints that are simulated. ``runway`` is not: it needs the opening balance sheet only."""

CAUSES = ("patience", "loan", "owner", "other")
"""Causes of exit, in the order in which they are named when several apply in one step."""

CLASSES = ("always", "saved", "delayed", "lost", "hastened", "harmed")
"""Fates of a firm under a policy against its fate under the reference. Their shares add up to 1."""

REPORTED = (
    "reached",
    "reached_gain_cash",
    "reached_gain_exit",
    *CAUSES,
    *CLASSES,
    "zombie",
    "jobs",
    "insolvent",
)
"""Keys of ``Outcomes.report``."""


SUPPORT = ("paid", "deadweight")
"""Keys of ``Outcomes.group_support``."""


class LeverName(NamedTuple):
    """A lever: the policy in which it stands, its label, its kind, and the terms of the model that it changes."""

    policy: str
    label: str
    kind: str
    terms: tuple[str, ...]


STILL_OPEN = ("put_off", "advances", "equity")
"""Keys of ``Outcomes.still_open``."""

REVIEW_SERIES = ("in_force", "days")
"""Keys of ``Outcomes.review_series``."""


class ReviewName(NamedTuple):
    """A lever under review: the policy in which it stands and its label."""

    policy: str
    label: str


class FundName(NamedTuple):
    """A public fund: the policy in which it stands, the label of its lever, and its kind (``bridge`` or ``guarantee``)."""

    policy: str
    label: str
    kind: str


@dataclass(frozen=True)
class Outcomes:
    """What happened to the firms, weighted and summed over firms, under every policy, in every draw.

    All shares are weighted and lie in [0, 1]. The same firms, shocks and luck stand behind every policy of a draw, so that a
    difference between two policies is taken draw by draw.

    Attributes
    ----------
    policies, titles : tuple of str, (P,)
        Names of the policies and what they are called in a figure or a table.
    reference : str
        The policy against which the others are compared; one of ``policies``.
    days : ndarray, (T,)
        Ends of the steps in days since the start, the first of them 0.
    report_days : ndarray, (R,)
        Days for which more than the curves is known; each is the end of a step. The headline day is one of them.
    headline_day : float
        Day of the headline.
    survival : dict of ndarray, (P, D, T)
        Keys ``cash``, ``open``, ``exit``: share of firms not yet affected at the end of the day; for ``open`` the share that trades.
    runway : ndarray, (D, T)
        Share of firms whose static runway lasts beyond the day; the same under every policy.
    report : dict of ndarray, (P, D, R)
        Shares of all firms by the day, under the keys of `REPORTED`. ``reached``: a lever changed a payment, a date or a decision.
        ``reached_gain_cash``, ``reached_gain_exit``: sum over the reached of weight times (alive here - alive in the reference), over
        total weight.
        ``patience``, ``loan``, ``owner``, ``other``: gone, by cause. ``always`` to ``harmed``: fates against the reference.
        ``zombie``: saved, and insolvent or loss-making at normal demand. ``jobs``: share of the opening jobs.
        ``insolvent``: negative equity.
    group_names : tuple of (str, str), (G,)
        Column and value that define each group, taken from the reference run.
    group_weight : ndarray, (G,)
        Weight of each group.
    group_survival : dict of ndarray, (P, D, R, G)
        Keys ``runway``, ``cash``, ``open``, ``exit``: the same shares among the firms of a group.
    flows : ndarray, (P, D, R, I)
        Bookings from day 0 to the day, weighted, in money; the last axis follows `simsme.engine.accounts.ITEMS`.
    balances : ndarray, (P, D, R, B)
        Weighted balances at the end of the day, in money; the last axis follows `simsme.engine.accounts.BALANCES`.
    opening : ndarray, (D, B)
        Weighted balances at day 0.
    exposure_loss : ndarray, (P, D, R)
        Expected loss on the banks' open claims at the end of the day, in money; what guarantee funds and the state bear of it apart.
    exposure_loss_funds : ndarray, (P, D, R)
        Expected loss on the funds' open advances and guarantees at the end of the day, in money.
    exposure_loss_state : ndarray, (P, D, R)
        Expected loss of the state at the end of the day, in money: its part of the loss on new loans, what firms owe it later, and equity.
    exposure_loss_financiers : ndarray, (P, D, R)
        Expected loss of financiers on what they have lent against receivables, at the end of the day, in money.
    funds : tuple of FundName, (F,)
        The public funds of all policies.
    fund_series : dict of ndarray, (F, D, T)
        In money but for the days. ``capital``: what a fund has to work with at the end of the day. ``used``: its open advances, or what
        it bears of open guaranteed loans. ``requested``, ``served``, ``passed_over``: sums asked for in the step. Since day 0:
        ``exhausted_days`` (days of steps in which somebody was passed over), ``fees`` received, ``losses`` on advances or claims paid.
    fund_firms : dict of ndarray, (F, D, R)
        Firms, weighted, that by the day ``asked``, were ``served``, and asked and never were (``turned_away``).
    fund_leverage : ndarray, (F, D)
        What a fund may have out at once, in multiples of its capital; 1 for a bridge fund.
    fund_layers : tuple of tuple of (str, float), (F,)
        Who bears a guarantee fund's part of losses and gets its fees: name, and share of the loss on a loan.
    weight : float
        Total weight of the firms: the number of firms they stand for.
    jobs : float
        Weighted jobs at day 0.
    firms_as_needed : Firms or DrawnFirms
        The firms of the run, or what draws them where they were too many to be held; their number is its length. See `firms`.
    loss_given_default : ndarray, (P, D)
        Banks' realised loss on the firms that went, as a share of what they were owed; NaN where none went.
    levers : tuple of LeverName
        The levers of all policies, policy by policy.
    displaced : dict of ndarray, (P, D, R)
        Keys ``order_sales``, ``lifted_sales``: share of these sales, gained under levers by the day, that are other firms' sales.
    group_classes : dict of ndarray, (P, D, R, G)
        Keys `CLASSES` and ``zombie``: shares of the firms of a group, by the day.
    group_support : dict of ndarray, (P, D, R, G)
        Keys `SUPPORT`, in money, weighted, from day 0 to the day: what levers moved for the firms of a group, and the part of it that went
        to firms that are alive on the day in the reference as well as here.
    still_open : dict of ndarray, (P, D, R)
        Keys `STILL_OPEN`: what the state has open with firms at the end of the day, in money, weighted. ``put_off``: taxes and social
        insurance whose day moved and that were not paid since, overdue or not. ``advances``: public advances that were not repaid.
        ``equity``: public equity in firms that are there.
    reviews : tuple of ReviewName, (V,)
        The levers under review of all policies.
    review_series : dict of ndarray, (V, D, T)
        Keys `REVIEW_SERIES`: whether a lever under review is in force on the day (1 or 0), and on how many days since day 0 it was.
    """

    policies: tuple[str, ...]
    titles: tuple[str, ...]
    reference: str
    days: NDArray[np.float64]
    report_days: NDArray[np.float64]
    headline_day: float
    survival: dict[str, NDArray[np.float64]]
    runway: NDArray[np.float64]
    report: dict[str, NDArray[np.float64]]
    group_names: tuple[tuple[str, str], ...]
    group_weight: NDArray[np.float64]
    group_survival: dict[str, NDArray[np.float64]]
    flows: NDArray[np.float64]
    balances: NDArray[np.float64]
    opening: NDArray[np.float64]
    exposure_loss: NDArray[np.float64]
    exposure_loss_funds: NDArray[np.float64]
    exposure_loss_state: NDArray[np.float64]
    exposure_loss_financiers: NDArray[np.float64]
    funds: tuple[FundName, ...]
    fund_series: dict[str, NDArray[np.float64]]
    fund_firms: dict[str, NDArray[np.float64]]
    fund_leverage: NDArray[np.float64]
    fund_layers: tuple[tuple[tuple[str, float], ...], ...]
    weight: float
    jobs: float
    firms_as_needed: "Firms | DrawnFirms"
    loss_given_default: NDArray[np.float64]
    levers: tuple[LeverName, ...] = ()
    displaced: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    group_classes: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    group_support: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    still_open: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    reviews: tuple[ReviewName, ...] = ()
    review_series: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def firms(self) -> "Firms":
        """The firms of the run; drawn again where they were not held, which takes 600 bytes a firm and some time."""
        return self.firms_as_needed.all()

    @property
    def draws(self) -> int:
        """Number of draws, D."""
        return int(self.runway.shape[0])

    @property
    def reference_index(self) -> int:
        """Position of the reference on the policy axis."""
        return self.policy_index(self.reference)

    def policy_index(self, policy: str) -> int:
        """Position of a policy on the policy axis; ValueError where there is no such policy."""
        if policy not in self.policies:
            raise ValueError(f"no policy {policy!r} in this run; it has {', '.join(self.policies)}")
        return self.policies.index(policy)

    def report_index(self, day: float | None = None) -> int:
        """Position of a reported day (the headline day where none is given); ValueError where the day is not reported."""
        return _position(self.report_days, self.headline_day if day is None else day, "reported days")

    def day_index(self, day: float | None = None) -> int:
        """Position of a day (the headline day where none is given) on the axis of the curves; ValueError where no step ends on it."""
        return _position(self.days, self.headline_day if day is None else day, "ends of steps")

    def endpoint(self, name: str) -> NDArray[np.float64]:
        """Curves of an endpoint, ``runway`` included, (P, D, T); ValueError where there is no such endpoint."""
        if name == "runway":
            return np.broadcast_to(self.runway, (len(self.policies), *self.runway.shape))
        if name not in self.survival:
            raise ValueError(f"no endpoint {name!r}; the endpoints are runway, {', '.join(self.survival)}")
        return self.survival[name]


class HasOutcomes(Protocol):
    """Anything that carries outcomes, such as a run."""

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes it carries."""


def outcomes_of(source: Outcomes | HasOutcomes) -> Outcomes:
    """Take the outcomes out of a run; outcomes are returned as they are."""
    return source if isinstance(source, Outcomes) else source.outcomes


def _position(days: NDArray[np.float64], day: float, what: str) -> int:
    near = np.flatnonzero(np.abs(days - day) < 1e-6)
    if near.size == 0:
        raise ValueError(f"day {day:g} is not among the {what}: {', '.join(f'{known:g}' for known in days)}")
    return int(near[0])
