"""Random policies of all kinds of levers, on random scenarios with or without public funds.

A lever is drawn as `oracle_levers` takes it: who, when, its kind and the fields of that kind, which no code of the package has read.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.random_scenarios import SIZES, Case, Draw, random_case, random_fund_case, random_lever

Fields = dict[str, Any]

LEVER_EVENTS = (
    *("deferred", "deferred_tax_due", "deferred_interest_due", "closure_shortened", "dormant_with_orders"),
    *("put_off_and_in_arrears",),
    *("factoring_run_off", "financier_loses", "financier_loses_at_exit", "loan_compensated", "compensated_loan_lost"),
    *("part_fails", "part_works", "reached_by_awareness", "delay_cut", "informed_approval", "informed_refusal"),
)
"""What must happen to some firm in a large enough set of cases."""


def _deferral(draw: Draw, day: float, horizon: float) -> Fields:
    until = day + draw.number(3.0, 0.6 * horizon, 7.0, 2.0 * horizon)
    return {"until_day": until, "interest_share": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.4)}


def _social(draw: Draw, day: float, horizon: float) -> Fields:
    waived = draw.number(0.0, 1.0, 0.0, 1.0, edge=0.3)
    deferred = draw.number(0.0, 1.0, 0.0, 1.0, edge=0.3) * (1.0 - waived)
    return {"waived_share": waived, "deferred_share": deferred, "until_day": day + draw.number(3.0, 0.6 * horizon, 7.0)}


def _digital(draw: Draw, _: float, horizon: float) -> Fields:
    return {
        "outlay_share": draw.number(0.0, 0.1, 0.0),
        "outlay_subsidy": draw.number(0.0, 1.0, 0.0, 1.0),
        "effect_days": draw.number(0.0, 0.5 * horizon, 0.0),
        "failure_odds": draw.number(0.0, 1.0, 0.0, 1.0),
        "materials_saving": draw.number(0.0, 0.5, 0.0),
        "sales_lift": draw.number(0.0, 0.3, 0.0),
    }


FIELDS: dict[str, Callable[[Draw, float, float], Fields]] = {
    "debt_deferral": _deferral,
    "interest_subsidy": lambda draw, *_: {"subsidy_share": draw.number(0.0, 1.0, 0.0, 1.0)},
    "receivables_finance": lambda draw, *_: {
        "confirmed_share": draw.number(0.2, 1.0, 0.0, 1.0, edge=0.4),
        "advance_share": draw.number(0.3, 1.0, 1.0, edge=0.3),
        "receivables_discount": draw.number(0.0, 0.3, 0.0),
        "receivables_fee": draw.number(0.0, 0.1, 0.0, 0.5),
        "recourse": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.5),
    },
    "prompt_payment": lambda draw, *_: {"buyer_share": draw.number(0.0, 1.0, 0.0, 1.0), "payment_days": draw.number(0.0, 90.0, 0.0, 60.0)},
    "credit_information": lambda draw, *_: {
        "opacity_relief": draw.number(0.1, 1.0, 0.0, 1.0),
        "approval_relief": draw.number(0.0, 1.0, 0.0, 1.0),
        "programme_cost": draw.number(0.0, 5e4, 0.0),
    },
    "streamlined_service": lambda draw, *_: {
        "delay_cut": draw.number(0.1, 1.0, 0.0, 1.0),
        "approval_relief": draw.number(0.0, 1.0, 0.0, 1.0),
        "programme_cost": draw.number(0.0, 5e4, 0.0),
    },
    "policy_awareness": lambda draw, *_: {
        "take_up_factor": draw.number(1.0, 4.0, 1.0),
        "outlook_lift": draw.number(0.0, 0.5, 0.0),
        "programme_cost": draw.number(0.0, 5e4, 0.0),
    },
    "tax_refund": lambda draw, *_: {"refund_share": draw.number(0.0, 0.15, 0.0)},
    "tax_deferral": lambda draw, day, horizon: {
        "deferred_share": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.4),
        "until_day": day + draw.number(3.0, 0.6 * horizon, 7.0, 2.0 * horizon),
    },
    "social_insurance_relief": _social,
    "rent_relief": lambda draw, *_: {
        "waived_share": draw.number(0.0, 1.0, 0.0, 1.0),
        "state_share": draw.number(0.0, 1.0, 0.0, 1.0),
        "landlords": draw.one_of("state", "all"),
    },
    "wage_subsidy": lambda draw, *_: {"subsidy_share": draw.number(0.0, 1.0, 0.0, 1.0), "retention": draw.number(0.0, 1.0, 0.0, 1.0)},
    "grant": lambda draw, *_: {"sales_share": draw.number(0.0, 0.1, 0.0, edge=0.3), "amount": draw.number(0.0, 2e5, 0.0, edge=0.3)},
    "risk_compensation": lambda draw, *_: {
        "loss_share": draw.number(0.2, 1.0, 0.0, 1.0),
        "max_perceived_risk": draw.number(0.02, 1.0, 1.0, edge=0.4),
    },
    "large_firm_orders": lambda draw, *_: {
        "sales_share": draw.number(0.0, 0.5, 0.0),
        "payment_days": draw.number(0.0, 120.0, 0.0, 60.0),
        "displacement_share": 0.5,
    },
    "digital_transformation": _digital,
    "innovation_support": lambda draw, *_: {
        "sales_share": draw.number(0.0, 0.1, 0.0),
        "spent_share": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.5),
        "sales_lift": draw.number(0.0, 0.2, 0.0, edge=0.5),
    },
    "fair_access": lambda draw, *_: {
        "sales_lift": draw.number(0.0, 0.3, 0.0),
        "opacity_relief": draw.number(0.0, 1.0, 0.0),
        "displacement_share": 0.5,
    },
    "contract_enforcement": lambda draw, *_: {
        "stretch_relief": draw.number(0.0, 1.0, 0.0, 1.0),
        "bad_debt_relief": draw.number(0.0, 1.0, 0.0, 1.0),
    },
    "targeted_closure": lambda draw, *_: {"closure_relief": draw.number(0.0, 1.0, 0.0, 1.0)},
    "growth_fund": lambda draw, *_: {
        "instrument": draw.one_of("equity", "advance"),
        "sales_share": draw.number(0.0, 0.15, 0.0),
        "advance_days": draw.number(1.0, 200.0, 1.0),
        "risk_discount": draw.number(0.0, 0.9, 0.0, 1.0),
    },
    "public_services": lambda draw, *_: {"paid_share": draw.number(0.0, 1.0, 0.0, 1.0)},
    "training": lambda draw, *_: {"labour_relief": draw.number(0.0, 1.0, 0.0, 1.0), "programme_cost": draw.number(0.0, 5e4, 0.0)},
}
"""How the fields of each kind are drawn, for a lever that starts on a day of a run of so many days."""

ALL_KINDS = tuple(FIELDS)


def any_lever(draw: Draw, kind: str, name: str, horizon: float) -> dict[str, Any]:
    """Draw a lever of a kind."""
    lever = random_lever(draw, horizon)
    del lever["terms"]
    lever |= {"take_up": draw.number(0.3, 1.0, 1.0, edge=0.5), "min_margin": None, "max_cash_days": None}
    if draw.chance(0.6):
        lever |= {"industries": None, "sizes": None, "max_risk": None, "min_sales_fall": None, "without_bank_arrears": False}
    if draw.chance(0.15):
        lever["min_margin"] = draw.number(-0.1, 0.2)
    if draw.chance(0.15):
        lever["max_cash_days"] = draw.spread(1.0, 200.0)
    if draw.chance(0.5):
        lever["from_day"] = 0.0
    if kind in ("policy_awareness", "streamlined_service"):
        lever |= {"from_day": draw.number(0.0, 30.0, 0.0, edge=0.6), "delay_days": draw.number(0.0, 20.0, 0.0, edge=0.6)}
        lever |= {"to_day": math.inf, "min_sales_fall": None, "without_bank_arrears": False, "max_cash_days": None}
    lever |= {"kind": kind, "name": name, "label": f"{kind}:{name}" if name else kind}
    return lever | {"fields": FIELDS[kind](draw, lever["from_day"], horizon)}


def random_policy_case(seed: int, firms: int = 6) -> Case:
    """Draw a case with levers of many kinds: every kind is the first of one case in 24, and others join it.

    Parameters
    ----------
    seed
        The case is a pure function of it and of `firms`.
    firms
        How many firms.

    Returns
    -------
    Case
        Two cases in five have public funds besides.
    """
    draw = Draw(seed, 7)
    case = random_fund_case(seed, firms) if draw.chance(0.4) else random_case(seed, firms, 90)
    horizon = case.steps[-1][1]
    lgd = draw.number(0.3, 0.95)
    highest_risk = min(case.scenario["credit"]["risk_median"] * draw.spread(0.5, 1.5), 0.5)  # that the bank accepts
    credit = case.scenario["credit"] | {
        "apply": draw.number(0.5, 1.0, 1.0, edge=0.5),
        "cover_days": draw.number(20.0, 90.0),
        "reapply_days": draw.number(0.0, 60.0, 0.0),
        "risk_sigma": draw.number(0.3, 1.5),
        "opacity": draw.number(0.3, 1.5),
        "lgd": lgd,
        "bank_margin": lgd * highest_risk / (1.0 - highest_risk),
    }
    leave = case.scenario["exit"] | {
        "patience_days": draw.number(20.0, 200.0),
        "hope_median": draw.spread(0.05, 2.0),
        "background_rate": {size: draw.number(0.0, 1.0, 0.0) for size in SIZES},
    }
    old = [dict(lever) for lever in case.levers if "kind" in lever or draw.chance(0.5)]
    for number, lever in enumerate(old):
        lever.setdefault("label", f"any_terms:lever{number}")
        if "terms" in lever and draw.chance(0.5):
            lever["terms"] = {name: value for name, value in lever["terms"].items() if name not in ("rolled", "roll_days")}
    kinds = [ALL_KINDS[seed % len(ALL_KINDS)], *(draw.one_of(*ALL_KINDS) for _ in range(int(draw.one_of(1, 2, 3, 4, 5, 6))))]
    if "credit_information" in kinds or "fair_access" in kinds:
        kinds += ["fair_access" if "credit_information" in kinds else "credit_information"] * draw.chance(0.4)
    names = [f"lever{number}" for number in draw.rng.permutation(100)[: len(kinds)]]
    new = [any_lever(draw, kind, name, horizon) for kind, name in zip(kinds, names, strict=True)]
    rows = [row | {"state_landlord": draw.one_of(0.0, 1.0)} for row in case.firms]
    if {"credit_information", "fair_access", "risk_compensation", "receivables_finance"} & set(kinds):
        # Money is short, so that firms apply and sell receivables; what the bank sees decides, and it is often wrong.
        credit |= {"apply": 1.0, "risk_aversion": draw.number(0.0, 0.5, 0.0), "opacity": draw.number(0.8, 1.5)}
        leave |= {"background_rate": {size: draw.number(0.3, 1.5) for size in SIZES}}
        rows = [row | {name: 0.2 * row[name] for name in ("cash", "owner_funds", "informal_credit", "fixed_assets")} for row in rows]
    return replace(case, scenario=case.scenario | {"credit": credit, "exit": leave}, levers=[*old, *new], firms=rows)
