"""Random cases in which the firms of a draw act on each other: facilities, levers under review, contagion, beside all else there is."""

import math
from dataclasses import replace
from typing import Any

from tests.oracle_funds import FACILITY, FUND_KINDS, GUARANTEE, QUEUES
from tests.random_levers import any_lever, random_policy_case
from tests.random_scenarios import Case, Draw

COUPLING_EVENTS = (
    *("review_starts", "review_stops", "contagion", "facility_says_yes"),
    *("cheap_loan_granted", "cheap_loan_passed_over", "only_book_is_exceeded"),
)
"""What must happen in a large enough set of cases."""

ACTING = ("policy_awareness", "streamlined_service")
"""Kinds that act on other levers and cannot be under review."""


def any_facility(draw: Draw, case: Case, name: str) -> dict[str, Any]:
    """Draw a facility for a loan of a firm or two, with a queue."""
    horizon = case.steps[-1][1]
    lever = any_lever(draw, "interest_subsidy", name, horizon)
    weighted = [row["weight"] * row["sales"] for row in case.firms]
    own = {"capital": draw.spread(0.005, 0.5) * sum(weighted) / len(weighted), "queue": draw.one_of(*QUEUES)}
    cases = draw.number(0.5, 8.0) if draw.chance(0.3) else None
    fields = {"rate_cut": draw.number(0.0, 0.05, 0.0, 0.3), **own, **({} if cases is None else {"cases_per_week": cases})}
    to_all = {"industries": None, "sizes": None, "legal_forms": None, "max_risk": None, "take_up": draw.number(0.5, 1.0, 1.0, edge=0.7)}
    return lever | to_all | own | {"kind": FACILITY, "label": f"{FACILITY}:{name}", "cases_per_week": cases, "fields": fields}


def any_review(draw: Draw, kind: str) -> dict[str, Any]:
    """Draw when a lever is reviewed, and by what."""

    def conditions() -> dict[str, float]:
        sides = {
            "exits_above": draw.number(0.0, 0.3, 0.0),
            "exits_below": draw.number(0.0, 0.3, 0.01),
            "sales_fall_above": draw.number(-0.2, 0.6, 0.0),
            "sales_fall_below": draw.number(-0.2, 0.6, 0.0),
        }
        if kind in FUND_KINDS:
            sides |= {"fund_use_above": draw.number(0.0, 1.0, 0.0, edge=0.3), "fund_use_below": draw.number(0.0, 1.0, 0.5)}
        if kind == GUARANTEE:
            sides |= {"claim_rate_above": draw.number(0.0, 0.5, 0.0), "claim_rate_below": draw.number(0.0, 0.5, 0.1)}
        names = list(sides)
        first = draw.one_of(*names)
        others = [name for name in names if name.rpartition("_")[0] != first.rpartition("_")[0]]
        return {name: sides[name] for name in (first, *([draw.one_of(*others)] if draw.chance(0.3) else []))}

    review: dict[str, Any] = {"review_days": int(draw.one_of(1, 5, 7, 10, 14, 28, 45))}
    which = draw.one_of("start", "stop", "both", "both")
    if which != "stop":
        review["start_when"] = conditions()
    if which != "start":
        review["stop_when"] = conditions()
    return review


def random_coupled_case(seed: int, firms: int = 8) -> Case:
    """Draw a case with a facility or two, some levers under review, and contagion; each in most cases, all in some."""
    draw = Draw(seed, 11)
    case = random_policy_case(seed, firms)
    levers = [dict(lever) for lever in case.levers]
    rows, credit = list(case.firms), dict(case.scenario["credit"])
    if draw.chance(0.6):
        levers += [any_facility(draw, case, f"place{number}") for number in range(int(draw.one_of(1, 1, 2)))]
        credit |= {"apply": 1.0, "bank_margin": 0.9, "reapply_days": draw.number(0.0, 30.0, 0.0), "term_days": draw.number(20.0, 120.0)}
        rows = [row | {name: 0.2 * row[name] for name in ("cash", "owner_funds", "informal_credit")} for row in rows]
        rows = [row | {"loan": 0.3 * row["loan"]} for row in rows]
    for lever in levers:
        if lever.get("kind") not in ACTING and draw.chance(0.6):
            lever |= any_review(draw, str(lever.get("kind", "")))
    share = draw.number(0.05, 1.0, 1.0, edge=0.2) if draw.chance(0.6) else 0.0
    scenario = case.scenario | {"credit": credit, "contagion": {"contagion_share": share}}
    assert all(lever["to_day"] is not None and not math.isnan(lever["to_day"]) for lever in levers)
    return replace(case, scenario=scenario, firms=rows, levers=levers)
