"""Random scenarios, firms, levers and luck, wide enough for everything that can happen to a firm to happen.

A case is a pure function of its seed. Its tables have the names of a scenario file with every uncertain number resolved; its luck is
what `oracle.simulate` and `oracle.simulate_together` take. Numbers go further than any sensible scenario, and many are exactly 0, since
that is where two versions of a model part. They stay inside what the schema allows, and away from the few corners where a decision
hangs on round-off by construction: no demand and nothing saved by closing, or creditors without any tolerance.
"""

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import gamma, norm

YEAR = 365.0
MONTH = YEAR / 12.0
INDUSTRIES = ("manufacturing", "wholesale", "retail", "catering", "services", "construction")
SIZES = ("micro", "small", "medium")
LEGAL_FORMS = ("incorporated", "self_employed")
MONEY = ("sales", "payroll", "rent", "overheads", "cash", "fixed_assets", "loan", "credit_line", "owner_funds", "informal_credit")
START = datetime.date(2021, 2, 1)

EVENTS = (
    *("rolled", "norepay", "repaid_in_cash", "repaid_bank_first", "bridged", "overdue", "overdue_repaid", "relent", "relent_at_once"),
    *("not_relent", "relending_arrived", "rescheduled", "recall", "call_met", "call_failed", "line_cut", "cash_out"),
    *("loan_applied", "loan_approved", "loan_refused", "loan_arrived", "late_loan", "late_relending", "bridge_left_at_exit"),
    *("dormancy", "reopening"),
    *("arrears_people", "arrears_interest", "arrears_rent", "arrears_suppliers", "arrears_tax"),
    *("exit_patience", "exit_loan", "exit_owner", "exit_other"),
)
"""What must happen somewhere in a large enough set of cases."""

FUND_EVENTS = (
    *("exhausted", "queue_random", "queue_first_come", "queue_smallest", "queue_neediest"),
    *("only_processing_is_exceeded", "only_advance_is_exceeded", "only_days_is_exceeded", "only_open_is_exceeded", "only_book_is_exceeded"),
    *("advance_granted", "advance_passed_over", "advance_granted_later", "advance_repaid", "advance_lost"),
    *("guarantee_granted", "guarantee_passed_over", "guarantee_granted_later", "claim_paid", "claim_limit_stopped"),
)
"""What must happen to some fund in a large enough set of cases with funds."""

EVENTS_WITH_FUNDS = (
    *("advance_asked_due", "advance_asked_overdue", "advance_used", "advance_used_late", "advance_given_back", "guarantee_asked"),
    *("guarantee_lapsed_out_of_force", "guarantee_lapsed_unanswered", "gone_while_waiting_for_a_guarantee"),
)
"""What must happen to some firm in them."""


@dataclass(frozen=True)
class Case:
    """One scenario with its firms, levers and luck; `lucks[i]` belongs to `firms[i]`."""

    seed: int
    scenario: dict[str, Any]
    levers: list[dict[str, Any]]
    steps: list[tuple[float, float]]
    firms: list[dict[str, Any]]
    lucks: list[dict[str, Any]]
    path: dict[str, list[float]] | None
    """Weekly sales falls by industry, from day 0; None where the depth is drawn."""
    queue_luck: tuple[float, ...] = ()
    """The uniform of random queues of every firm; empty where there are no funds."""

    @property
    def weights(self) -> list[float]:
        return [row["weight"] for row in self.firms]


class Draw:
    """Wide draws from one seeded generator."""

    def __init__(self, seed: int, *more: int) -> None:
        self.rng = np.random.default_rng([20240601, seed, *more])

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def number(self, low: float, high: float, *edges: float, edge: float = 0.12) -> float:
        """Draw uniformly between low and high, or now and then exactly one of the edges."""
        if edges and self.chance(edge):
            return float(edges[int(self.rng.integers(len(edges)))])
        return float(self.rng.uniform(low, high))

    def spread(self, low: float, high: float, *edges: float, edge: float = 0.12) -> float:
        """The same, even on the scale of logarithms."""
        if edges and self.chance(edge):
            return float(edges[int(self.rng.integers(len(edges)))])
        return float(math.exp(self.rng.uniform(math.log(low), math.log(high))))

    def one_of(self, *values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def uniform(self) -> float:
        return float(min(max(self.rng.random(), 1e-12), 1 - 1e-12))

    def uniforms(self, n: int) -> list[float]:
        return [self.uniform() for _ in range(n)]

    def normal(self) -> float:
        return float(self.rng.standard_normal())

    def normals(self, n: int) -> list[float]:
        return [float(z) for z in self.rng.standard_normal(n)]


def cut_steps(step_days: float, horizon_days: float, report_days: list[float]) -> list[tuple[float, float]]:
    """Cut (0, horizon] at the multiples of the step, the reported days and the horizon."""
    ends = {step_days * k for k in range(1, math.ceil(horizon_days / step_days) + 1)} | set(report_days) | {horizon_days}
    ends = {end for end in ends if end <= horizon_days}
    days = [0.0, *sorted(ends)]
    return list(zip(days, days[1:], strict=False))


def season_means(season: list[float], steps: list[tuple[float, float]]) -> list[float]:
    """Mean of the monthly factors (normalised to mean 1) over each step; day t is the t-th day after the start date."""
    level = sum(season) / len(season)
    means = []
    for start, end in steps:
        total, t = 0.0, start
        while t < end:
            until = min(math.floor(t) + 1.0, end)
            month = (START + datetime.timedelta(days=math.floor(t))).month
            total += season[month - 1] / level * (until - t)
            t = until
        means.append(total / (end - start))
    return means


def path_mean(weekly: list[float], start: float, end: float) -> float:
    """Mean of a weekly path over (start, end]."""
    total, t = 0.0, start
    while t < end:
        week = math.floor(t / 7.0)
        until = min(7.0 * (week + 1), end)
        total += weekly[week] * (until - t)
        t = until
    return total / (end - start)


def random_case(seed: int, firms: int = 20, shortest: int = 28) -> Case:
    """Draw a scenario, its levers, and some firms with their luck.

    Parameters
    ----------
    seed
        The case is a pure function of it and of what follows.
    firms
        How many firms.
    shortest
        The shortest horizon, in days.

    Returns
    -------
    Case
        Everything that `oracle.simulate` and the engine need.
    """
    draw = Draw(seed)
    horizon = float(draw.rng.integers(shortest, 421))
    step_days = float(draw.one_of(1, 2, 3, 5, 7, 7, 7, 10, 14, 14, 4))
    if step_days < 3 and horizon > 200:
        step_days = 7.0  # keep the whole set affordable
    report_days = sorted({float(draw.rng.integers(1, int(horizon) + 1)) for _ in range(3)} | {horizon})
    steps = cut_steps(step_days, horizon, report_days)
    scenario: dict[str, Any] = {
        "time": {
            "start_date": START.isoformat(),
            "step_days": step_days,
            "horizon_days": horizon,
            "headline_day": report_days[0],
            "report_days": report_days,
        },
        "adjust": {
            "cash_factor": draw.number(0.5, 1.5, 1.0, edge=0.5),
            "volatility_factor": draw.number(0.3, 1.6, 0.0, 1.0, edge=0.4),
            "margin_shift": draw.number(-0.08, 0.08, 0.0, edge=0.5),
            "informal_factor": draw.number(0.0, 2.0, 1.0, edge=0.4),
        },
        "sales": random_sales(draw),
        "shock": random_shock(draw, horizon) if draw.chance(0.85) else None,
        "behaviour": random_behaviour(draw),
        "credit": random_credit(draw),
        "exit": random_exit(draw),
        "liquidation_share": draw.number(0.02, 1.0, 0.0, 1.0),
    }
    if scenario["sales"]["season"] is not None:
        scenario["season_by_step"] = season_means(scenario["sales"]["season"], steps)
    levers = [random_lever(draw, horizon) for _ in range(int(draw.one_of(0, 0, 1, 1, 2, 3)))]

    path = None
    shock = scenario["shock"]
    if shock is not None and shock["sales"] is not None and draw.chance(0.2):
        weeks = math.ceil((horizon + scenario["exit"]["outlook_days"]) / 7.0) + 1
        path = {industry: [draw.number(0.0, 0.97, 0.0) for _ in range(weeks)] for industry in INDUSTRIES}
    rows = [random_firm(draw, f"firm-{seed}-{i}", horizon) for i in range(firms)]
    lucks = [random_luck(draw, scenario, steps, levers, row, path) for row in rows]
    return Case(seed, scenario, levers, steps, rows, lucks, path)


def random_fund_case(seed: int, firms: int = 8) -> Case:
    """Draw a case of `random_case` in which loans fall due, some firms are refused new ones, and public funds are scarce.

    Parameters
    ----------
    seed
        The case is a pure function of it and of `firms`; what `random_case` draws stays as it is, other levers included.
    firms
        How many firms.

    Returns
    -------
    Case
        Everything that `oracle.simulate_together` and the engine need.
    """
    case = random_case(seed, firms, 120)
    draw = Draw(seed, 1)
    horizon = case.steps[-1][1]
    lgd = draw.number(0.3, 0.95)
    highest_risk = min(case.scenario["credit"]["risk_median"] * draw.spread(0.4, 1.5), 0.5)  # that the bank accepts
    credit = case.scenario["credit"] | {
        "renewal": draw.number(0.8, 1.0, 1.0, edge=0.4),
        "renewal_risk_elasticity": draw.number(0.0, 0.5, 0.0),
        "norepay": draw.number(0.0, 0.1, 0.0),
        "kappa": draw.number(0.6, 1.0, 1.0, edge=0.4),
        "term_days": draw.number(14.0, 120.0, 365.0, edge=0.5),
        "bridge_access": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.4),
        "grace_days": draw.number(20.0, 200.0),
        "apply": draw.number(0.5, 1.0, 1.0, edge=0.4),
        "cover_days": draw.number(20.0, 90.0),
        "reapply_days": draw.number(0.0, 90.0, 0.0, 28.0, edge=0.3),
        "lgd": lgd,
        "bank_margin": lgd * highest_risk / (1.0 - highest_risk),
    }
    leave = case.scenario["exit"] | {
        "patience_days": draw.number(10.0, 200.0),
        "hope_median": draw.spread(0.02, 2.0),
        "background_rate": {size: draw.number(0.2, 1.5) for size in SIZES},
    }
    rows = []
    rush, width = draw.number(7.0, 0.6 * horizon), draw.one_of(2.0, 7.0, 14.0, 30.0)  # many loans fall due at about the same time,
    alike = draw.chance(0.6)  # and in most cases they are of about the same size
    for row in case.firms:
        due = float(math.floor(rush + draw.number(0.0, width) if draw.chance(0.8) else draw.number(1.0, horizon)))
        size = draw.spread(2e6, 4e6 if alike else 2e7) / row["sales"]  # none so large that the others do not matter
        firm = row | {name: size * row[name] for name in MONEY} | {"weight": draw.one_of(1.0, 1.0, row["weight"])}
        firm["fixed_assets"] *= draw.number(0.0, 1.0, 0.0, edge=0.3)  # so that banks lose something
        share = draw.spread(0.2, 0.4) if alike else draw.spread(0.05, 0.6)
        loan = firm["sales"] * share if alike or draw.chance(0.5) or firm["loan"] == 0 else firm["loan"]
        rows.append(firm | ({"loan": loan, "loan_due_day": due} if draw.chance(0.85) else {}))
    others = [dict(lever) for lever in case.levers]
    for lever in others:
        if draw.chance(0.6):  # what a lever rolls over asks no fund
            lever["terms"] = {name: value for name, value in lever["terms"].items() if name not in ("rolled", "roll_days")}
    kinds = draw.one_of(*(["emergency_relending"], ["guarantee_fund"]), *3 * (["emergency_relending", "guarantee_fund"],))
    kinds = [*kinds, *(kind for kind in kinds if draw.chance(0.25))]
    names = [str(name) for name in draw.rng.permutation(["alder", "birch", "cedar", "dogwood"])]
    funds = [random_fund(draw, kind, name, horizon, rows, credit) for kind, name in zip(kinds, names, strict=False)]
    lucks = [luck | {"take_up": [*luck["take_up"], *draw.uniforms(len(funds))]} for luck in case.lucks]
    return replace(
        case,
        scenario=case.scenario | {"credit": credit, "exit": leave},
        levers=[*others, *funds],
        firms=rows,
        lucks=lucks,
        queue_luck=tuple(draw.uniforms(firms)),
    )


def random_fund(draw: Draw, kind: str, name: str, horizon: float, rows: list[dict[str, Any]], credit: dict[str, float]) -> dict[str, Any]:
    """Draw a public fund, from one that helps nobody to one that helps all who ask."""
    lever = random_lever(draw, horizon) | {"take_up": draw.number(0.3, 1.0, 1.0, edge=0.6)}
    if draw.chance(0.7):
        lever |= {"industries": None, "max_risk": None, "min_sales_fall": None, "without_bank_arrears": False}
    if draw.chance(0.6):
        lever |= {"from_day": 0.0, "to_day": draw.number(0.2 * horizon, horizon, math.inf, edge=0.5), "delay_days": 0.0}
    lever |= {"kind": kind, "name": name, "label": f"{kind}:{name}"}
    lever["cases_per_week"] = draw.spread(0.2, 8.0, 1.0) if draw.chance(0.3) else None
    lever["queue"] = draw.one_of("random", "first_come", "smallest", "neediest")
    if kind == "emergency_relending":
        loans = [row["weight"] * row["loan"] for row in rows if row["loan_due_day"] <= horizon] or [1e5]
        lever["terms"] = {
            "advance_share": draw.number(0.2, 1.0, 0.95, 1.0, edge=0.6),
            "advance_cap": draw.one_of(10e6, 10e6, float(np.median(loans))),
            "advance_fee_per_day": draw.number(0.0, 0.02, 0.0),
            "advance_days": draw.spread(0.5, 60.0, 0.0, 3.42, 7.0, edge=0.4),
        }
        wanted = [lever["terms"]["advance_share"] * loan for loan in loans]
    else:
        wanted = [row["weight"] * credit["loan_cap_share"] * row["sales"] for row in rows]
        lever["layers"] = {layer: draw.number(0.1, 0.33) for layer in ("local", "provincial", "national")}
        lever["leverage"] = draw.number(1.0, 10.0, 5.0, 10.0)
        lever["claim_limit"] = draw.number(0.0, 0.8, 0.0, edge=0.5)
        cover = sum(lever["layers"].values())
        lever["terms"] = {
            "cover": cover,
            "guarantee_max_risk": min(credit["risk_median"] * draw.spread(0.7, 3.0), 1.0) if draw.chance(0.6) else 1.0,
            "guarantee_fee_per_year": draw.number(0.0, 0.5, 0.0),
        }
        wanted = [cover * amount / lever["leverage"] for amount in wanted]
    one, most = float(wanted[int(draw.rng.integers(len(wanted)))]), max(wanted)
    tight = (0.0, one, one, most * draw.number(0.9, 1.3), most * draw.number(0.9, 1.3), most * draw.number(1.3, 2.5))
    ample = (sum(wanted) * draw.number(0.5, 3.0),) * (4 if kind == "guarantee_fund" else 1)
    lever["capital"] = draw.one_of(*tight, *ample)
    return lever


def random_sales(draw: Draw) -> dict[str, Any]:
    return {
        "slow_sd": draw.number(0.0, 0.8, 0.0),
        "slow_reversion_per_year": draw.number(0.1, 6.0, 0.0),
        "noise": draw.one_of("lognormal", "lognormal", "gamma"),
        "season": [draw.number(0.2, 2.0) for _ in range(12)] if draw.chance(0.3) else None,
    }


def random_shock(draw: Draw, horizon: float) -> dict[str, Any]:
    tables: dict[str, Callable[[], dict[str, Any]]] = {
        "sales": lambda: {"scar": draw.number(0.0, 0.3, 0.0)},
        "closure": lambda: {
            "closed_share": (
                {industry: draw.number(0.0, 1.0, 0.0, 1.0) for industry in INDUSTRIES} if draw.chance(0.4) else draw.number(0.0, 1.0)
            ),
            "closed_days": draw.number(0.0, 60.0, 0.0, 14.0, edge=0.4),
            "reopening_half_life_days": draw.number(1.0, 90.0, 0.0),
        },
        "shutdowns": lambda: {"rate_per_year": draw.number(0.0, 12.0, 0.0), "mean_days": draw.number(1.0, 20.0)},
        "contracts": lambda: {"blocked_share": draw.number(0.0, 0.9, 0.0, 1.0), "contract_delay_days": draw.number(1.0, 150.0, 0.0)},
        "costs": lambda: {
            "materials_rise": draw.number(0.0, 0.4, 0.0),
            "wage_rise": draw.number(0.0, 0.3, 0.0),
            "rent_rise": draw.number(0.0, 0.3, 0.0),
            "pass_through": draw.number(0.0, 1.2, 0.0, 1.0),
            "ramp_days": draw.number(1.0, 300.0, 0.0),
            "affected_share": draw.number(0.0, 1.0, 1.0),
        },
        "labour": lambda: {"affected_share": draw.number(0.0, 1.0, 1.0), "served_share": draw.number(0.2, 1.0, 0.05)},
        "payment": lambda: {"receivable_stretch": draw.number(1.0, 4.0, 1.0), "bad_debt_share": draw.number(0.0, 0.3, 0.0)},
        "credit": lambda: {
            "tightening": draw.number(0.0, 1.0, 0.0, 1.0),
            "line_cut": draw.number(0.0, 1.0, 0.0),
            "recall_rate": draw.number(0.0, 3.0, 0.0),
        },
        "unsold": lambda: {"share_per_year": draw.number(0.0, 2.0, 0.0)},
    }
    shock: dict[str, Any] = {
        "from_day": draw.number(0.0, 0.5 * horizon, 0.0, 7.0, edge=0.6),
        "duration_days": draw.number(0.0, 200.0, 0.0, 91.0, edge=0.3),
        "recovery_half_life_days": draw.number(1.0, 150.0, 0.0),
    }
    for name, table in tables.items():
        shock[name] = table() if draw.chance(0.6) else None
    return shock


def random_behaviour(draw: Draw) -> dict[str, float]:
    return {
        "materials_elasticity": draw.number(0.0, 1.0, 0.0, 1.0),
        "inventory_adjust_days": draw.number(1.0, 120.0, 0.0),
        "demand_smoothing_days": draw.number(1.0, 90.0, 0.0),
        "payroll_elasticity": draw.number(0.0, 1.0, 0.0),
        "payroll_lag_days": draw.number(1.0, 120.0, 0.0),
        "dormant_payroll_share": draw.number(0.0, 0.95, 0.0),
        "buffer_days": draw.number(0.0, 90.0, 0.0),
        "drawing_days": draw.number(5.0, 200.0, 0.0),
        "drawing_threshold": draw.number(1.0, 3.0, 1.0),
        "unsold_share_per_year": draw.number(0.0, 0.5, 0.0, edge=0.4),
    }


def random_credit(draw: Draw) -> dict[str, float]:
    return {
        "renewal": draw.number(0.2, 1.0, 0.0, 1.0),
        "renewal_risk_elasticity": draw.number(0.0, 1.5, 0.0),
        "renewal_in_arrears": draw.number(0.0, 1.0, 0.0),
        "kappa": draw.number(0.3, 1.0, 1.0),
        "norepay": draw.number(0.0, 0.5, 0.0, edge=0.3),
        "gap_days": draw.number(0.0, 60.0, 0.0, 3.0, 10.0, edge=0.4),
        "term_days": draw.number(30.0, 400.0, 365.0),
        "bridge_fee_per_day": draw.number(0.0, 0.005, 0.0),
        "bridge_access": draw.number(0.0, 1.0, 0.0, 1.0, edge=0.4),
        "bridge_call_days": draw.spread(3.0, 300.0),
        "grace_days": draw.number(0.0, 120.0, 0.0, 30.0),
        "workout": draw.number(0.0, 1.0, 0.0, 1.0),
        "cover_days": draw.number(0.0, 90.0, 0.0),
        "reapply_days": draw.number(0.0, 120.0, 0.0, 30.0),
        "apply": draw.number(0.0, 1.0, 1.0),
        "approval_days": draw.number(0.0, 60.0, 0.0, 7.0, 14.0),
        "loan_cap_share": draw.number(0.01, 0.4),
        "bank_margin": draw.number(0.02, 0.6),
        "lgd": draw.number(0.05, 0.95),
        "opacity": draw.number(0.0, 1.5, 0.0),
        "risk_aversion": draw.number(0.0, 2.0, 0.0),
        "risk_median": draw.spread(0.005, 0.2),
        "risk_sigma": draw.number(0.0, 1.5, 0.0),
        "informal_rate": draw.number(0.0, 0.5, 0.0),
    }


def random_exit(draw: Draw) -> dict[str, Any]:
    return {
        "patience_days": draw.number(2.0, 120.0),
        "patience_sigma": draw.number(0.0, 1.2, 0.0),
        "patience_min_days": draw.number(0.0, 30.0, 0.0),
        "patience_supplier_factor": draw.number(0.0, 3.0, 0.0),
        "patience_tolerance_days": draw.number(0.25, 10.0, 3.0),
        "hope_median": draw.spread(0.005, 1.0),
        "hope_sigma": draw.number(0.0, 1.2, 0.0),
        "outlook_days": float(draw.rng.integers(30, 366)),
        "collectable_share": draw.number(0.0, 1.0, 1.0),
        "stock_share": draw.number(0.0, 1.0, 0.0),
        "background_rate": {size: draw.number(0.0, 0.3, 0.0) for size in SIZES},
    }


def random_lever(draw: Draw, horizon: float) -> dict[str, Any]:
    """Draw a lever: renewal without repayment, forbearance, or any mixture of terms."""

    def some(names: tuple[str, ...]) -> tuple[str, ...] | None:
        chosen = tuple(name for name in names if draw.chance(0.6))
        return chosen if chosen and draw.chance(0.3) else None

    terms: dict[str, float] = {}
    if draw.chance(0.5):
        terms |= {"rolled": 1.0, "roll_days": draw.number(20.0, 400.0, 365.0)}
    if draw.chance(0.6) or not terms:
        lifts = {
            "renewal_lift": draw.number(0.0, 1.0, 0.0, 1.0),
            "kappa_lift": draw.number(0.0, 1.0, 0.0, 1.0),
            "tightening_relief": draw.number(0.0, 1.0, 0.0, 1.0),
            "grace_lift": draw.number(0.0, 2.0, 0.0),
        }
        terms |= {name: value for name, value in lifts.items() if draw.chance(0.7)}
    from_day = draw.number(0.0, 0.6 * horizon, 0.0, 30.0, edge=0.5)
    return {
        "from_day": from_day,
        "to_day": max(from_day, draw.number(from_day, 1.2 * horizon, horizon, math.inf, edge=0.5)),
        "delay_days": draw.number(0.0, 60.0, 0.0, edge=0.6),
        "take_up": draw.number(0.0, 1.0, 1.0, edge=0.5),
        "industries": some(INDUSTRIES),
        "sizes": some(SIZES),
        "legal_forms": some(LEGAL_FORMS),
        "max_risk": draw.spread(0.005, 0.3) if draw.chance(0.2) else None,
        "min_sales_fall": draw.number(0.0, 0.6, 0.0) if draw.chance(0.2) else None,
        "without_bank_arrears": draw.chance(0.3),
        "terms": terms,
    }


def random_firm(draw: Draw, firm_id: str, horizon: float) -> dict[str, Any]:
    """Draw a firm's columns: from dead on arrival to very safe."""
    sales = draw.spread(5e4, 5e7)
    margin = draw.number(-0.15, 0.35)
    parts = draw.rng.dirichlet([2.0, 1.5, 0.6, 0.5, 0.25]) * (1.0 - margin)
    social_share = draw.number(0.0, 0.4, 0.0)
    keep = [0.0 if draw.chance(0.06) else float(part) for part in parts]
    rent_every_months = draw.one_of(1, 1, 3)
    has_loan = draw.chance(0.65)
    return {
        "firm_id": firm_id,
        "industry": draw.one_of(*INDUSTRIES),
        "size": draw.one_of(*SIZES),
        "legal_form": draw.one_of(*LEGAL_FORMS),
        "region": "all",
        "employees": float(draw.rng.integers(1, 200)),
        "weight": draw.number(0.1, 5.0, 1.0),
        "sales": sales,
        "materials_share": keep[0],
        "payroll": keep[1] * sales / (1 + social_share),
        "social_share": social_share,
        "rent": keep[2] * sales,
        "overheads": keep[3] * sales,
        "tax_share": keep[4],
        "vat_share": draw.number(0.0, 0.13, 0.0, edge=0.5),
        "cash": sales * draw.spread(0.001, 0.5, 0.0),
        "inventory_days": draw.number(1.0, 180.0, 0.0, edge=0.25),
        "receivable_days": draw.number(1.0, 200.0, 0.0),
        "payable_days": draw.number(1.0, 150.0, 0.0),
        "credit_sales_share": draw.number(0.0, 1.0, 0.0, 1.0),
        "fixed_assets": sales * draw.number(0.0, 1.0, 0.0),
        "loan": sales * draw.spread(0.01, 0.6) if has_loan else 0.0,
        "loan_rate": draw.number(0.0, 0.25, 0.0),
        "loan_due_day": (float(draw.rng.integers(1, int(1.2 * horizon))) if draw.chance(0.8) else draw.number(0.0, 500.0, 0.0))
        if has_loan
        else math.inf,
        "credit_line": sales * draw.spread(0.005, 0.2) if draw.chance(0.4) else 0.0,
        "default_risk": draw.spread(0.002, 0.4),
        "owner_funds": sales * draw.spread(0.003, 0.3) if draw.chance(0.5) else 0.0,
        "informal_credit": sales * draw.spread(0.003, 0.1) if draw.chance(0.5) else 0.0,
        "sales_volatility": draw.number(0.05, 1.5, 0.0),
        "large_buyer_share": 0.0,
        "public_buyer_share": 0.0,
        "state_landlord": 0.0,
        "insured_payroll_share": 0.0,
        "payday": draw.number(0.5, MONTH, 15.0, MONTH),
        "tax_day": draw.number(0.5, MONTH, 15.0, MONTH),
        "interest_day": draw.number(0.5, MONTH, 21.0, MONTH),
        "rent_day": draw.number(0.5, MONTH * rent_every_months, MONTH * rent_every_months),
        "rent_every_months": float(rent_every_months),
    }


def shutdowns(draw: Draw, shock: dict[str, Any], steps: list[tuple[float, float]]) -> list[float]:
    """Draw a renewal process of shutdowns; return the share of each step lost to them."""
    table = shock["shutdowns"]
    spells = []
    if table is not None and table["rate_per_year"] > 0:
        t, last = shock["from_day"], shock["from_day"] + shock["duration_days"] + shock["recovery_half_life_days"]
        while True:
            t += float(draw.rng.exponential(YEAR / table["rate_per_year"]))
            if t >= last:
                break
            end = t + float(draw.rng.exponential(table["mean_days"]))
            spells.append((t, end))
            t = end
    return [sum(max(min(b, end) - max(a, begin), 0.0) for begin, end in spells) / (b - a) for a, b in steps]


def random_luck(
    draw: Draw,
    scenario: dict[str, Any],
    steps: list[tuple[float, float]],
    levers: list[dict[str, Any]],
    firm: dict[str, Any],
    path: dict[str, list[float]] | None,
) -> dict[str, Any]:
    """Draw a firm's luck as `oracle.simulate` takes it."""
    shock = scenario["shock"]
    years = math.floor(steps[-1][1] / YEAR) + 1
    luck: dict[str, Any] = {name: draw.uniform() for name in ("closure", "reopening", "cost_pressure", "labour", "line")}
    luck |= {name: draw.uniform() for name in ("bridge", "bridge_call", "recall", "other")}
    luck |= {name: draw.uniforms(years) for name in ("renewal", "norepay", "apply", "approval", "workout")}
    luck |= {name: draw.normal() for name in ("signal", "patience", "hope")}
    luck["take_up"] = draw.uniforms(len(levers))
    luck["depth"] = draw.number(0.0, 0.97, 0.0, 1.0 if firm["payroll"] > 0 else 0.97)
    luck["white"] = draw.normals(len(steps))
    luck["slow"] = draw.normals(len(steps))
    luck["down"] = shutdowns(draw, shock, steps) if shock is not None else [0.0] * len(steps)
    volatility = firm["sales_volatility"] * scenario["adjust"]["volatility_factor"]
    if scenario["sales"]["noise"] == "gamma":
        variances = [volatility**2 * MONTH / (b - a) for a, b in steps]
        luck["gamma_noise"] = [
            float(gamma.ppf(norm.cdf(z), 1.0 / variance, scale=variance)) if variance > 0 else 1.0
            for z, variance in zip(luck["white"], variances, strict=True)
        ]
    if path is not None:
        outlook = scenario["exit"]["outlook_days"]
        weekly = path[firm["industry"]]
        luck["depth_path"] = [path_mean(weekly, a, b) for a, b in steps]
        luck["depth_path_outlook"] = [path_mean(weekly, b, b + outlook) for _, b in steps]
    return luck
