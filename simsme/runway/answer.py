"""Every answer about one firm, found together on the same draws."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simsme.cash_sheet import SHEET_ITEMS, CashSheet, cash_sheet
from simsme.firms import Firms
from simsme.runway.answers import check_answers
from simsme.runway.case import SHEET_WEEKS, WEEKS, Case, case_of_owner, case_of_row, plan_for_one, population_of
from simsme.runway.chances import Chances, chances_of
from simsme.runway.helps import GIVEN_ITEMS, Help, helps_of_levers, helps_of_measures, ranked
from simsme.runway.lives import AS_IT_IS, Told, live_variants
from simsme.runway.measures import COST_ITEMS, one_lever_policies, own_measures
from simsme.runway.needs import has_fall, latest_days, levels_of, needs_of
from simsme.runway.own_firm import own_firm, place_of
from simsme.world.drawn_numbers import DrawnNumbers

SHOWN = (
    "sales",
    "cash",
    "payroll",
    "rent",
    "overheads",
    "materials_share",
    "receivable_days",
    "payable_days",
    "inventory_days",
    "loan",
    "loan_rate",
    "loan_due_day",
    "credit_line",
    "owner_funds",
    "informal_credit",
)
"""Columns of the firm that an answer repeats."""


@dataclass(frozen=True)
class Runway:
    """What was found about one firm.

    Attributes
    ----------
    case
        The firm and its scenario.
    chances
        What becomes of it over a year.
    sheet
        Its cash-flow sheet of 13 weeks.
    helps
        Measures and levers, the largest gain first.
    help_weeks
        Weeks over which these, and the needs, are judged.
    needs
        Cash, line, and fall of sales, see `simsme.runway.needs.needs_of`.
    latest
        Last days to apply for money, see `simsme.runway.needs.latest_days`.
    loan_delay_days
        Days from application to money.
    """

    case: Case
    chances: Chances
    sheet: CashSheet
    helps: tuple[Help, ...]
    help_weeks: int
    needs: dict[str, Any]
    latest: list[dict[str, Any]]
    loan_delay_days: float

    def __repr__(self) -> str:
        scenario = self.case.scenario
        return f"<Runway of a firm in {scenario.name}: {scenario.draws:,} draws; json() has all answers, sheet the cash-flow sheet>"

    def json(self) -> dict[str, Any]:
        """All answers as plain data; shares in [0, 1], money in the scenario's currency, errors are Monte Carlo standard errors."""
        case, scenario = self.case, self.case.scenario
        fan = self.chances.fan()
        return {
            "scenario": scenario.name,
            "title": scenario.title,
            "reference": scenario.reference,
            "digest": case.plan.digest,
            "currency": scenario.currency,
            "start_date": scenario.time.start_date.isoformat(),
            "draws": scenario.draws,
            "seed": scenario.seed,
            "firm": firm_json(case.firms),
            "assumed": [vars(assumed) for assumed in case.assumed],
            "remarks": list(case.remarks),
            "weeks_of_cash": self.chances.weeks_of_cash(),
            "chances": self.chances.by_week(),
            "fan": {name: _plain(values) for name, values in fan.columns.items()},
            "sheet": [{name: _plain(value) for name, value in record.items()} for record in self.sheet.records()],
            "help_weeks": self.help_weeks,
            "helps": [found.json() for found in self.helps],
            "needs": self.needs,
            "loan_delay_days": self.loan_delay_days,
            "latest_application": self.latest,
        }


def _plain(value: Any) -> Any:
    """Numbers as they go into JSON: where there is none, null."""
    if isinstance(value, np.ndarray):
        return [_plain(number) for number in value.tolist()]
    return None if isinstance(value, float) and math.isnan(value) else value


def firm_json(firms: Firms) -> dict[str, Any]:
    """What the firm is, as plain data: its kind, and the columns of `SHOWN`."""
    kinds = {name: getattr(firms, f"{name}_names")[int(getattr(firms, name)[0])] for name in ("industry", "size", "legal_form")}
    numbers = {name: float(getattr(firms, name)[0]) for name in SHOWN}
    return {"firm_id": firms.ids[0]} | kinds | {name: value if math.isfinite(value) else None for name, value in numbers.items()}


def answer_all(
    case: Case, *, help_weeks: int = SHEET_WEEKS, all_levers: bool = False, loan_delay_days: float | None = None, told: Told | None = None
) -> Runway:
    """Find every answer about a firm.

    Parameters
    ----------
    case
        The firm and its scenario.
    help_weeks
        Weeks, up to 52, over which measures, levers and needs are judged.
    all_levers
        Also levers that no policy of the scenario has.
    loan_delay_days
        Days from application to money; the scenario's where not given.
    told
        Told how far it is.
    """
    scenario = case.scenario
    money = partial(_money, currency=scenario.currency)
    measures = own_measures(case.firms, scenario, help_weeks, money)
    levers = one_lever_policies(case.plan.loaded.scenario.policies, case.stated_reference, all_kinds=all_levers)
    levels = levels_of(case)
    variants = [AS_IT_IS, *(measure.variant for measure in measures), *(variant for along in levels for variant in along.variants)]
    firsts = np.cumsum([1 + len(measures), *(len(along.levels) for along in levels)])[:-1]

    # about how long each of the three takes
    costs = {"year": WEEKS, "variants": help_weeks * (1 + len(variants) / 8), "levers": help_weeks * (1 + len(levers))}

    def part(name: str) -> Told | None:
        return None if told is None else lambda done: told(done * costs[name] / sum(costs.values()))

    # one after the other: threads would only wait for each other between the short passes over arrays of this size
    year = live_variants(case, [AS_IT_IS], weeks=WEEKS, items=SHEET_ITEMS, told=part("year"))
    varied = live_variants(case, variants, weeks=help_weeks, items=COST_ITEMS, told=part("variants"))
    under_levers = live_variants(case, [AS_IT_IS], weeks=help_weeks, policies=levers, items=GIVEN_ITEMS, told=part("levers"))
    chances = chances_of(case, year)
    delay = _usual_delay(case) if loan_delay_days is None else loan_delay_days
    booked = {item: amounts[:SHEET_WEEKS, 0, :, 0] for item, amounts in year.booked.items()}
    found = [*helps_of_measures(measures, varied, range(1, 1 + len(measures))), *helps_of_levers(levers, under_levers)]
    needs = needs_of(levels, varied, [int(first) for first in firsts])
    if not has_fall(case):
        needs["sales_fall"] = {"reason": f"{scenario.name} has no fall of sales whose depth can be varied"}
    return Runway(
        case=case,
        chances=chances,
        sheet=cash_sheet(scenario.time.start_date, year.cash[0, : SHEET_WEEKS + 1, :, 0], booked),
        helps=ranked(found),
        help_weeks=help_weeks,
        needs=needs,
        latest=latest_days(chances, delay),
        loan_delay_days=delay,
    )


def find_runway(
    scenario: str = "three-months",
    *,
    firm: Mapping[str, Any] | None = None,
    firms: str | Path | None = None,
    firm_id: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    overrides: Sequence[str] = (),
    help_weeks: int = SHEET_WEEKS,
    all_levers: bool = False,
    loan_delay_days: float | None = None,
) -> Runway:
    """Find how long the cash of one firm lasts, what would help, and how much it needs.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or a TOML file.
    firm
        What is known of the firm, by name of column: at least ``cash`` and ``sales``.
    firms, firm_id
        In place of that: a file of firms, and which of them.
    draws, seed
        500 draws and the scenario's seed where not given.
    overrides
        ``key=value``, as on the command line.
    help_weeks, all_levers, loan_delay_days
        See `answer_all`.

    Raises
    ------
    InputError
        With everything that is wrong.
    ValueError
        Where not exactly one firm is named.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.find_runway(firm={"cash": 60_000, "sales": 3_000_000}, draws=20)
    >>> [chance["week"] for chance in found.json()["chances"]]
    [13, 26, 52]
    """
    if (firm is None) == (firms is None) or (firms is None) != (firm_id is None):
        raise ValueError("give either firm, or firms and firm_id")
    plan = plan_for_one(scenario, draws=draws, seed=seed, overrides=overrides, firms=None if firms is None else Path(firms))
    if firm is not None:
        population = population_of(plan)
        case = case_of_owner(plan, own_firm(check_answers(firm, place_of({}, "firm"), population), population))
    else:
        case = case_of_row(plan, str(firm_id))
    return answer_all(case, help_weeks=help_weeks, all_levers=all_levers, loan_delay_days=loan_delay_days)


def _usual_delay(case: Case) -> float:
    """Days that a bank takes to pay a new loan out, the mean over draws where the scenario is not sure."""
    days = DrawnNumbers(case.scenario, case.scenario.seed, case.draws).number("credit.approval_days")
    return float(np.mean(days))


def _money(amount: float, currency: str) -> str:
    return f"{round(amount):,} {currency}".strip()
