"""A firm's lives put together: what it was, what the world did to it, what happened under each policy."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from simsme.firms import Firms
from simsme.plan import Plan, plan_run
from simsme.problems import InputError, Problem
from simsme.scenario import LoadedScenario, Scenario
from simsme.story.calendar_days import date_of, date_text, dates_text
from simsme.story.chapters import told
from simsme.story.chronicle import Chronicles, record_lives
from simsme.story.sentences import Life, Sentence, money
from simsme.world import World

NEAREST = 3
"""Known firms that are named where a firm is not known."""


@dataclass(frozen=True)
class PolicyLife:
    """A firm's life under one policy.

    Attributes
    ----------
    policy, title
        Name and title of the policy.
    levers
        Label of each of its levers, and whether the firm is among those that it reaches.
    sentences
        What happened, in order.
    same_as
        The first policy before it under which all of this is the same, the reference to begin with; None where there is none.
    left_on
        Last day of the step in which the firm left; None where it did not.
    """

    policy: str
    title: str
    levers: tuple[tuple[str, bool], ...]
    sentences: tuple[Sentence, ...]
    same_as: str | None
    left_on: float | None


@dataclass(frozen=True)
class Story:
    """A firm's lives.

    Attributes
    ----------
    scenario, currency, reference
        Names of the scenario, of the currency of all amounts and of the policy with which the others are compared.
    start
        Date of day 0.
    firm_id, draw
        The firm, and the number of the draw.
    opening
        Sentences on what the firm was on day 0.
    world
        Sentences on what the world did to it; the same under every policy.
    lives
        One for each policy, the reference first.
    """

    scenario: str
    currency: str
    reference: str
    start: date
    firm_id: str
    draw: int
    opening: tuple[str, ...]
    world: tuple[str, ...]
    lives: tuple[PolicyLife, ...]

    @property
    def json(self) -> dict[str, Any]:
        """The story as plain values, dates as text, amounts not rounded."""

        def sentence(said: Sentence) -> dict[str, Any]:
            days = {"first_day": said.first_day, "last_day": said.last_day}
            dates = {"first_date": date_of(said.first_day, self.start), "last_date": date_of(said.last_day, self.start)}
            return days | {name: day.isoformat() for name, day in dates.items()} | {"text": said.text, "amounts": dict(said.amounts)}

        return {
            "scenario": self.scenario,
            "firm_id": self.firm_id,
            "draw": self.draw,
            "currency": self.currency,
            "start_date": self.start.isoformat(),
            "reference": self.reference,
            "opening": list(self.opening),
            "world": list(self.world),
            "policies": [
                {
                    "policy": life.policy,
                    "title": life.title,
                    "levers": [{"lever": label, "reached": reached} for label, reached in life.levers],
                    "same_as": life.same_as,
                    "left_on": life.left_on,
                    "sentences": [sentence(said) for said in life.sentences],
                }
                for life in self.lives
            ],
        }

    @property
    def text(self) -> str:
        """The story as text: a paragraph on the firm and the world, then each policy with its dated sentences."""
        paragraphs = [
            f"{self.firm_id} in {self.scenario}, draw {self.draw}; all amounts in {self.currency}",
            " ".join(self.opening),
            " ".join(self.world),
        ]
        for life in self.lives:
            heading = life.policy if life.title == life.policy else f"{life.policy}: {life.title}"
            lines = [f"As under {life.same_as}."] if life.same_as is not None else list(map(self._dated, life.sentences))
            paragraphs.append("\n".join(["", heading, *(f"  {line}" for line in lines)]))
        return "\n".join(paragraphs)

    def _dated(self, said: Sentence) -> str:
        return f"{dates_text(said.first_day, said.last_day, self.start)}: {said.text}"

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Story of {self.firm_id} in {self.scenario}, draw {self.draw}: {len(self.lives)} policies>"

    def _repr_html_(self) -> str:
        from html import escape

        return f'<pre style="white-space: pre-wrap">{escape(self.text)}</pre>'


def tell_story(
    scenario: str | LoadedScenario,
    firm_id: str,
    *,
    draw: int = 0,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    seed: int | None = None,
    step_days: int | None = None,
    overrides: Sequence[str] = (),
) -> Story:
    """Tell the life of one firm in one draw under each policy.

    Parameters
    ----------
    scenario, policies, firms, seed, step_days, overrides
        What to run, see :func:`simsme.plan.plan_run`.
    firm_id
        Name of the firm, such as ``firm-0000001``.
    draw
        Number of the draw, from 0.

    Raises
    ------
    InputError
        Where the run cannot be planned, or there is no such firm or draw.

    Examples
    --------
    >>> import simsme
    >>> story = simsme.tell_story("three-months", "firm-0000001", overrides=["population.firms=20"])
    >>> story.firm_id
    'firm-0000001'
    """
    plan = plan_run(scenario, policies=policies, firms=firms, seed=seed, step_days=step_days, overrides=overrides)
    return story_of(plan, plan.firms(), firm_id, draw)


def story_of(plan: Plan, firms: Firms, firm_id: str, draw: int) -> Story:
    """Tell the life of one firm of a planned run.

    Parameters
    ----------
    plan
        The run.
    firms
        Its firms.
    firm_id
        The firm.
    draw
        Number of the draw, from 0.

    Raises
    ------
    InputError
        Where there is no such firm or draw.
    """
    scenario = plan.scenario
    if not 0 <= draw < scenario.draws:
        message = f"{draw} is outside the allowed range 0 to {scenario.draws - 1}; {scenario.name} has {scenario.draws} draws"
        raise InputError([Problem("--draw", "", message)])
    row = _row_of(firms, firm_id, plan)
    world = World(scenario, firms, plan.policies)
    chronicles = record_lives(world, row, draw)
    return Story(
        scenario=scenario.name,
        currency=scenario.currency,
        reference=scenario.reference,
        start=scenario.time.start_date,
        firm_id=firm_id,
        draw=draw,
        opening=_opening(firms, row, chronicles, scenario),
        world=_world(chronicles, scenario),
        lives=_lives(plan, chronicles, float(firms.employees[row])),
    )


def _row_of(firms: Firms, firm_id: str, plan: Plan) -> int:
    if firm_id in firms.ids:
        return firms.ids.index(firm_id)
    nearest = _same_number(firm_id, firms.ids) or difflib.get_close_matches(firm_id, firms.ids, n=NEAREST, cutoff=0.5)
    nearest = nearest[:NEAREST] or sorted(firms.ids)[:NEAREST]
    source = plan.loaded.file if plan.firms_file is None else str(plan.firms_file)
    raise InputError([Problem(source, "firm_id", f'no firm is called "{firm_id}"; nearest: {", ".join(nearest)}')])


def _same_number(firm_id: str, known: Sequence[str]) -> list[str]:
    """Known identifiers that end with the same number: ``firm-0000012`` for ``firm-12`` or ``12``."""
    digits = re.search(r"0*(\d+)$", firm_id)
    return [] if digits is None else sorted(name for name in known if re.search(rf"(?<!\d)0*{digits[1]}$", name))


def _lives(plan: Plan, chronicles: Chronicles, employees: float) -> tuple[PolicyLife, ...]:
    start, reference = plan.scenario.time.start_date, plan.scenario.reference
    in_order = sorted(zip(plan.policies, chronicles.lives, strict=True), key=lambda pair: pair[0].name != reference)
    lives: list[PolicyLife] = []
    for policy, life in in_order:
        sentences = told(Life(chronicles.firm, chronicles.rules, life.moments, start, employees, life.later))
        same_as = next((before.policy for before in lives if before.sentences == sentences), None)
        left_on = life.moments[-1].clock.b if life.moments[-1].estate is not None else None
        lives.append(PolicyLife(policy.name, policy.label, life.levers, sentences, same_as, left_on))
    return tuple(lives)


def _opening(firms: Firms, row: int, chronicles: Chronicles, scenario: Scenario) -> tuple[str, ...]:
    """What the firm was on day 0, after the draw's adjustments."""
    firm, state = chronicles.firm, chronicles.lives[0].moments[0].before
    industry, size = firms.industry_names[firms.industry[row]], firms.size_names[firms.size[row]]
    count = f"{firms.employees[row]:.0f}"
    people = {"0": "no employees", "1": "1 employee"}.get(count, f"{count} employees")
    cash, fixed = float(state.cash), float(firm.fixed_outflow)
    runway = f", {cash / fixed:.0f} days of its fixed outlays" if fixed > 0.0 else ""
    first = f"A {size} firm in {industry} with {people} and normal sales of {money(float(firm.sales))} a year."
    second = f"It began with {money(cash)} in cash{runway}"
    principal, due_day = float(state.term_loan.principal), float(state.term_loan.due_day)
    if principal > 0.0:
        rate = f"{100 * float(firm.loan_rate):.1f} %"
        second += f", and a bank loan of {money(principal)} at {rate} that falls due on {_date(due_day, scenario)}"
    behind = {"credit line": firm.credit_line, "owner's funds": state.owner_funds, "private credit": state.informal_credit}
    has = [f"{money(float(amount))} of {name}" for name, amount in behind.items() if amount > 0.0]
    third = f"Behind it: {', '.join(has)}." if has else "Behind it: no credit line, no funds of the owner, no private credit."
    return first, second + ".", third


def _world(chronicles: Chronicles, scenario: Scenario) -> tuple[str, ...]:
    """What the shock did to it, from the life that lasted longest."""
    moments = max((life.moments for life in chronicles.lives), key=len)
    shock = scenario.shock
    if shock is None:
        worst = min(moments, key=lambda moment: float(moment.weather.demand))
        lowest = _against_normal(float(worst.weather.demand))
        return (f"Calm weather; demand was at its lowest {lowest}, on {_date(worst.clock.b, scenario)}.",)
    within = [moment for moment in moments if shock.from_day <= moment.clock.a < shock.from_day + shock.duration_days] or list(moments)
    demand = sum(float(moment.weather.demand) * moment.clock.h for moment in within) / sum(moment.clock.h for moment in within)
    until = _date(within[-1].clock.b, scenario)
    said = [f"In the shock, as far as it lived through it (to {until}), demand was {_against_normal(demand)} on average."]
    last = moments[-1].weather
    dearer = {"materials": float(last.materials_price), "wages": float(last.wage_level), "rent": float(last.rent_level)}
    rises = [f"{name} by {100 * (level - 1):.1f} %" for name, level in dearer.items() if level > 1.0]
    if rises:
        said.append(f"By {_date(moments[-1].clock.b, scenario)} prices had risen: {', '.join(rises)}.")
    closed = [moment for moment in moments if moment.weather.closed]
    if closed:
        said.append(f"By order it was to be closed until {_date(float(closed[-1].weather.reopens_on), scenario)}.")
    return tuple(said)


def _against_normal(demand: float) -> str:
    gap = 100 * (demand - 1.0)
    return "as in normal times" if abs(gap) < 0.5 else f"{abs(gap):.0f} % {'below' if gap < 0 else 'above'} normal"


def _date(day: float, scenario: Scenario) -> str:
    return date_text(day, scenario.time.start_date)
