"""Sections 6, 6b and 6c of docs/model.md for the oracle: from the levers of a policy to the terms of one firm on one day.

A lever is a mapping: who (``industries`` ... ``max_cash_days``, ``take_up``), when (``from_day``, ``to_day``, ``delay_days``), ``label``
and ``kind``; and what: either ``terms``, or the ``fields`` of its kind, from which the table of section 6c makes terms.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from tests.oracle_firm import Character, Decisions, Firm
from tests.oracle_funds import FUND_KINDS

AUTOMATIC = (
    *("tax_refund", "social_insurance_relief", "rent_relief", "targeted_closure", "fair_access", "contract_enforcement"),
    *("prompt_payment", "policy_awareness", "streamlined_service", "training", "public_services", "lending_forbearance"),
)
"""Kinds whose take-up is not a matter of knowing."""


@dataclass(frozen=True)
class Terms:
    """What the levers in force on a day add up to; 0 is neutral."""

    renewal_lift: float = 0.0
    kappa_lift: float = 0.0
    tightening_relief: float = 0.0
    rolled: float = 0.0
    roll_days: float = 0.0
    grace_lift: float = 0.0
    advance_share: float = 0.0
    advance_cap: float = 0.0
    advance_fee_per_day: float = 0.0
    advance_days: float = 0.0
    cover: float = 0.0
    guarantee_max_risk: float = 0.0
    guarantee_fee_per_year: float = 0.0
    deferral_day: float = 0.0
    interest_deferral_share: float = 0.0
    interest_deferral_day: float = 0.0
    tax_deferral_share: float = 0.0
    social_deferral_share: float = 0.0
    public_deferral_day: float = 0.0
    social_relief: float = 0.0
    rent_relief: float = 0.0
    rent_state_share: float = 0.0
    overheads_relief: float = 0.0
    wage_subsidy: float = 0.0
    retention: float = 0.0
    refund_share: float = 0.0
    grant_share: float = 0.0
    grant_amount: float = 0.0
    innovation_share: float = 0.0
    growth_share: float = 0.0
    public_advance_share: float = 0.0
    public_advance_days: float = 0.0
    outlay_share: float = 0.0
    outlay_subsidy: float = 0.0
    materials_saving: float = 0.0
    demand_lift: float = 0.0
    order_demand: float = 0.0
    order_days: float = 0.0
    prompt_share: float = 0.0
    prompt_days: float = 0.0
    stretch_relief: float = 0.0
    bad_debt_relief: float = 0.0
    closure_relief: float = 0.0
    labour_relief: float = 0.0
    outlook_lift: float = 0.0
    informed_perceived: float = 0.0
    informed_prudent: float = 0.0
    informed_renewal: float = 0.0
    risk_discount: float = 0.0
    approval_relief: float = 0.0
    compensation: float = 0.0
    compensation_max_risk: float = 0.0
    interest_subsidy: float = 0.0
    facility_rate: float = 0.0
    receivables_advance: float = 0.0
    receivables_discount: float = 0.0
    receivables_fee: float = 0.0
    recourse: float = 0.0
    programme_cost: float = 0.0


NEUTRAL = Terms()


def lift(p: float, by: float) -> float:
    """Raise odds."""
    return 1.0 - (1.0 - p) * (1.0 - by) if by > 0 else p


def odds(so_far: float, offered: float) -> float:
    """Each takes its part of what the other leaves."""
    return 1.0 - (1.0 - so_far) * (1.0 - offered)


def total(so_far: float, offered: float) -> float:
    return so_far + offered


def last(so_far: float, offered: float) -> float:
    return offered if offered > 0 else so_far


COMBINED: dict[Callable[[float, float], float], tuple[str, ...]] = {
    odds: (
        *("renewal_lift", "kappa_lift", "tightening_relief", "social_relief", "rent_relief", "overheads_relief", "wage_subsidy"),
        *("retention", "materials_saving", "stretch_relief", "bad_debt_relief", "closure_relief", "labour_relief", "risk_discount"),
        *("approval_relief", "interest_subsidy"),
    ),
    total: (
        *("grace_lift", "advance_share", "advance_cap", "advance_fee_per_day", "advance_days", "cover", "guarantee_max_risk"),
        *("guarantee_fee_per_year", "refund_share", "grant_share", "grant_amount", "innovation_share", "growth_share"),
        *("public_advance_share", "outlay_share", "demand_lift", "order_demand", "outlook_lift", "programme_cost"),
    ),
    max: (
        *("rolled", "roll_days", "deferral_day", "interest_deferral_share", "interest_deferral_day", "tax_deferral_share"),
        *("social_deferral_share", "public_deferral_day", "rent_state_share", "public_advance_days", "outlay_subsidy", "order_days"),
        *("prompt_share", "prompt_days", "compensation", "compensation_max_risk", "facility_rate", "receivables_advance"),
        *("receivables_discount", "receivables_fee", "recourse"),
    ),
    last: ("informed_perceived", "informed_prudent", "informed_renewal"),
}
"""How terms combine where several levers are in force; of the terms of a fund at most one lever has any."""

RULE = {name: rule for rule, names in COMBINED.items() for name in names}
assert set(RULE) == {each.name for each in fields(Terms)}


# ------------------------------------------------------------------------------------------------------------ kinds of levers


@dataclass(frozen=True)
class Part:
    """One of the things that a lever does."""

    terms: Mapping[str, float]
    name: str = ""
    after_days: float = 0.0
    odds: float = 1.0


def parts_of(lever: Mapping[str, Any]) -> list[Part]:
    """The table of section 6c: what a lever with the fields of its kind does; information apart, which hangs on the firm."""
    if "fields" not in lever:
        return [Part(lever["terms"])]
    f = lever["fields"]
    if lever["kind"] == "digital_transformation":
        return [
            Part({"outlay_share": f["outlay_share"], "outlay_subsidy": f["outlay_subsidy"]}, "outlay"),
            Part(
                {"materials_saving": f["materials_saving"], "demand_lift": f["sales_lift"]},
                *("works", f["effect_days"], 1.0 - f["failure_odds"]),
            ),
        ]
    return [Part(TERMS_OF[lever["kind"]](f))]


def growth(f: Mapping[str, Any]) -> dict[str, float]:
    how = {"growth_share": f["sales_share"]}
    if f["instrument"] == "advance":
        how = {"public_advance_share": f["sales_share"], "public_advance_days": f["advance_days"]}
    return how | {"risk_discount": f["risk_discount"]}


def same(*names: str) -> Callable[[Mapping[str, Any]], dict[str, float]]:
    """Terms that have the name of their field."""
    return lambda f: {name: f[name] for name in names}


TERMS_OF: dict[str, Callable[[Mapping[str, Any]], dict[str, float]]] = {
    "debt_deferral": lambda f: {
        "deferral_day": f["until_day"],
        "interest_deferral_day": f["until_day"],
        "interest_deferral_share": f["interest_share"],
    },
    "relending_facility": lambda f: {"facility_rate": f["rate_cut"]},
    "interest_subsidy": lambda f: {"interest_subsidy": f["subsidy_share"]},
    "receivables_finance": lambda f: {
        "receivables_advance": f["confirmed_share"] * f["advance_share"],
        **same("receivables_discount", "receivables_fee", "recourse")(f),
    },
    "prompt_payment": lambda f: {"prompt_share": f["buyer_share"], "prompt_days": f["payment_days"]},
    "credit_information": same("approval_relief", "programme_cost"),
    "streamlined_service": same("approval_relief", "programme_cost"),
    "policy_awareness": same("outlook_lift", "programme_cost"),
    "tax_refund": same("refund_share"),
    "tax_deferral": lambda f: {"tax_deferral_share": f["deferred_share"], "public_deferral_day": f["until_day"]},
    "social_insurance_relief": lambda f: {
        "social_relief": f["waived_share"],
        "social_deferral_share": f["deferred_share"],
        "public_deferral_day": f["until_day"] if f["deferred_share"] > 0 else 0.0,
    },
    "rent_relief": lambda f: {"rent_relief": f["waived_share"], "rent_state_share": f["state_share"]},
    "wage_subsidy": lambda f: {"wage_subsidy": f["subsidy_share"], "retention": f["retention"]},
    "grant": lambda f: {"grant_share": f["sales_share"], "grant_amount": f["amount"]},
    "risk_compensation": lambda f: {"compensation": f["loss_share"], "compensation_max_risk": f["max_perceived_risk"]},
    "large_firm_orders": lambda f: {"order_demand": f["sales_share"], "order_days": f["payment_days"]},
    "innovation_support": lambda f: {
        "innovation_share": f["sales_share"],
        "outlay_share": f["sales_share"] * f["spent_share"],
        "demand_lift": f["sales_lift"],
    },
    "fair_access": lambda f: {"demand_lift": f["sales_lift"]},
    "contract_enforcement": same("stretch_relief", "bad_debt_relief"),
    "targeted_closure": same("closure_relief"),
    "growth_fund": growth,
    "public_services": lambda f: {"overheads_relief": f["paid_share"]},
    "training": same("labour_relief", "programme_cost"),
}
"""What each kind of lever with one part does."""


def acts(lever: Mapping[str, Any], name: str) -> float:
    """One of the numbers with which a lever acts on the other levers and on what the bank sees: 0 where it does not."""
    return float(lever.get("fields", {}).get(name, 0.0))


# ------------------------------------------------------------------------------------------------------------ levers of a firm


@dataclass(frozen=True)
class Row:
    """A part of a lever that works at the firm, from its first day on."""

    lever: Mapping[str, Any]
    first_day: float
    terms: Mapping[str, float]


@dataclass(frozen=True)
class Standing:
    """How the firm fares at the start of the step, as far as eligibility asks."""

    smoothed: float
    interest_arrears: float
    cash: float


def label_of(lever: Mapping[str, Any]) -> str:
    return str(lever.get("label", ""))


@dataclass
class LeversOfFirm:
    """Section 6c: what the levers of a policy come to at one firm.

    Attributes
    ----------
    rows
        Parts that work at the firm, in the order of labels.
    funds
        Label of the firm's fund, by kind: the first that reaches it.
    events
        What happened on the way: ``part_fails``, ``reached_by_awareness``, ``delay_cut``.
    reviews
        By label of a lever under review, whether it is in force on a day.
    """

    firm: Firm
    scenario: Mapping[str, Any]
    luck: Mapping[str, Any]
    decisions: Decisions
    rows: list[Row] = field(default_factory=list)
    funds: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    reviews: Mapping[str, Callable[[float], bool]] = field(default_factory=dict)
    known: dict[tuple[float, Standing], Terms] = field(default_factory=dict)

    def error_of(self, lever: Mapping[str, Any]) -> float:
        """By how much the firm seems better off than it is to whoever decides on a lever."""
        if not lever.get("observation_noise"):
            return 0.0
        place = math.floor(9 * self.luck["observation"][label_of(lever)])
        return float(lever["observation_noise"]) * (-1.7111, -1.039, -0.63307, -0.3031, 0.0, 0.3031, 0.63307, 1.039, 1.7111)[place]

    def compile(self, levers: Sequence[Mapping[str, Any]]) -> None:
        """Find out which levers reach the firm, from when on, and what each does to it."""
        order = sorted(range(len(levers)), key=lambda number: label_of(levers[number]))
        helped = {}
        for number in order:
            lever = levers[number]
            takes = self.decisions.less("take_up", self.luck["take_up"][number], lever["take_up"])
            helped[number] = takes and self.is_meant(lever)
        services = [levers[number] for number in order if helped[number] and acts(levers[number], "delay_cut") > 0]
        campaigns = [levers[number] for number in order if helped[number] and acts(levers[number], "take_up_factor") > 1]
        campaigns.sort(key=lambda campaign: self.starts(campaign, services))
        clarity = 1.0
        for number in order:
            lever = levers[number]
            first_day = self.starts(lever, services, self.events)
            if not helped[number]:
                heard = self.hears(lever, self.luck["take_up"][number], campaigns) if self.is_meant(lever) else None
                if heard is None:
                    continue
                first_day = max(first_day, self.starts(heard, services))
                self.events.append("reached_by_awareness")
            kind = lever.get("kind")
            if kind in FUND_KINDS and self.funds.setdefault(str(kind), label_of(lever)) != label_of(lever):
                continue  # a firm of another fund
            clarity *= 1 - acts(lever, "opacity_relief")
            for part in parts_of(lever):
                if part.odds < 1 and not self.decisions.less("part", self.luck["parts"][number][part.name], part.odds):
                    self.events.append("part_fails")
                    continue
                if part.odds < 1:
                    self.events.append("part_works")
                terms = dict(part.terms)
                if acts(lever, "opacity_relief") > 0:
                    seen = Character(self.firm, self.scenario, self.luck, clarity)
                    terms["informed_perceived"], terms["informed_prudent"] = seen.perceived_risk, seen.prudent_risk
                    terms["informed_renewal"] = seen.renewal_by_risk
                # READING: a part starts so many days after the lever has started at this firm.
                self.rows.append(Row(lever, first_day + part.after_days, terms))

    def starts(self, lever: Mapping[str, Any], services: Sequence[Mapping[str, Any]], events: list[str] | None = None) -> float:
        """The first day of a lever at the firm; services that are in force by then shorten its delay, one after the other."""
        delay, start = float(lever["delay_days"]), float(lever["from_day"])
        if acts(lever, "delay_cut") == 0:
            for service in services:
                shortened = delay * (1 - acts(service, "delay_cut"))
                ready = self.decisions.day_reached("service", service["from_day"] + service["delay_days"], start + shortened)
                if ready and self.decisions.day_reached("end of service", start + shortened, service["to_day"]):
                    if shortened < delay and events is not None:
                        events.append("delay_cut")
                    delay = shortened
        return start + delay

    def hears(self, lever: Mapping[str, Any], luck: float, campaigns: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """Return the campaign that makes the firm take a lever up, of those in the order of their first days; their factors multiply."""
        take_up = lever["take_up"]
        for campaign in campaigns if lever.get("kind") not in AUTOMATIC else ():
            take_up *= campaign["fields"]["take_up_factor"]
            if self.decisions.less("campaign", luck, min(take_up, 1.0)):
                return campaign
        return None

    def is_meant(self, lever: Mapping[str, Any]) -> bool:
        """Tell whether the firm is one of those that a lever is for: who it is, not how it fares."""
        firm = self.firm
        asked_of = ((firm.industry, lever["industries"]), (firm.size, lever["sizes"]), (firm.legal_form, lever["legal_forms"]))
        if any(allowed is not None and own not in allowed for own, allowed in asked_of):
            return False
        if lever.get("fields", {}).get("landlords") == "state" and firm.state_landlord < 1:
            return False
        least = lever.get("min_margin")
        if least is not None and self.decisions.less("min_margin", firm.reported_margin, least - self.error_of(lever)):
            return False
        return lever["max_risk"] is None or not self.decisions.more("max_risk", firm.default_risk, lever["max_risk"])

    def is_needy(self, lever: Mapping[str, Any], at: Standing) -> bool:
        """Tell whether the firm fares as a lever asks."""
        fall, most_days, error = lever["min_sales_fall"], lever.get("max_cash_days"), self.error_of(lever)
        if fall is not None and self.decisions.less("min_sales_fall", 1 - at.smoothed, fall + error):
            return False
        if lever["without_bank_arrears"] and self.decisions.poorer("bank_arrears", 1e-6 * self.firm.sales, at.interest_arrears):
            return False
        if most_days is None:
            return True
        outflow = self.firm.normal_outflow
        return outflow > 0 and not self.decisions.more("max_cash_days", at.cash / outflow, most_days * math.exp(-error))

    def terms(self, day: float, at: Standing) -> Terms:
        """The terms in force on a day."""
        if not self.rows:
            return NEUTRAL
        if (day, at) not in self.known:
            if len(self.known) > 50:  # days of steps that are over
                self.known.clear()
            values: dict[str, float] = {}
            for row in self.rows:
                reviewed = self.reviews.get(label_of(row.lever))
                if row.first_day <= day <= row.lever["to_day"] and (reviewed is None or reviewed(day)) and self.is_needy(row.lever, at):
                    for name, value in row.terms.items():
                        values[name] = RULE[name](values.get(name, 0.0), float(value))
            self.known[day, at] = Terms(**values)
        return self.known[day, at]
