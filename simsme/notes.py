"""What a reader should know about a result before trusting it, and what its numbers do not show."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simsme.distributions import Distribution

if TYPE_CHECKING:
    from simsme.draw_firms import DrawnFirms
    from simsme.firms import Firms
    from simsme.levers import Lever
    from simsme.scenario import Scenario
    from simsme.scenario_tables import Time

EASES = {
    "closure_relief": "closure",
    "labour_relief": "labour",
    "stretch_relief": "payment",
    "bad_debt_relief": "payment",
}
"""Terms of levers that only ease a part of the shock, with that part's table."""

ON_DUE_DAYS = {"rolled", "deferral_day", "renewal_lift", "kappa_lift", "tightening_relief", "advance_share", "cover", "compensation"}
"""Terms that act on the day on which a loan falls due, whichever it is; all others act in a step as on its last day."""


def notes_on(scenario: "Scenario", firms: "Firms | DrawnFirms") -> tuple[str, ...]:
    """Return the notes on a run, one line each.

    A comparison that stops early, levers that cannot do anything, what was filled in for firms from a file.

    Parameters
    ----------
    scenario
        The scenario that is run.
    firms
        Its firms. Their ``remarks`` are not repeated here.
    """
    return (*notes_on_scenario(scenario), *filled_in(firms))


def notes_on_scenario(scenario: "Scenario") -> tuple[str, ...]:
    """Return the notes that need no firms: a comparison that stops early, levers that cannot do anything."""
    early = early_end(scenario)
    return (*(() if early is None else (early,)), *idle_levers(scenario))


def early_end(scenario: "Scenario") -> str | None:
    """Say so where a run stops before shock, banks' grace and creditors' patience (its median) have passed; None where it does not."""
    if scenario.shock is None:
        return None
    shock = scenario.shock.from_day + scenario.shock.duration_days
    grace, patience = _typical(scenario.credit.grace_days), _typical(scenario.exit.patience_days)
    enough, end = shock + grace + patience, scenario.time.horizon_days
    if end >= enough:
        return None
    return (
        f"this comparison stops at day {end}, before the shock (to day {shock:g}), the banks' grace ({grace:g} days) and the creditors' "
        f"median patience ({patience:g} days) have passed on day {enough:g}: exits that the shock causes are still to come"
    )


def idle_levers(scenario: "Scenario") -> Iterator[str]:
    """Say which levers cannot do anything in a scenario: they are in force in no step, or ease what its shock does not bring.

    What a lever does to nobody because nobody is eligible shows in the table as a reach of zero and is not repeated here.
    """
    brought = set() if scenario.shock is None else {name for name, table in scenario.shock if table is not None}
    for policy in scenario.policies:
        shortened = any(lever.acts_on() is not None for lever in policy.levers)
        for lever in policy.levers:
            first = lever.from_day + (0.0 if shortened else _least(lever.delay_days))
            reason = _never_in_force(lever, first, scenario.time) or _eases_nothing(lever, brought)
            if reason:
                yield f"{lever.label} of policy {policy.name} does nothing here: {reason}"


def _never_in_force(lever: "Lever", first: float, time: "Time") -> str:
    """Whether a lever that works from a day on does so at the end of no step."""
    if first > time.horizon_days:
        return f"it works from day {first:g} on, and the run ends on day {time.horizon_days}"
    if first > lever.to_day:
        return f"it works from day {first:g} on, and its to_day is {lever.to_day:g}"
    terms = {term for part in lever.parts() for term in part.terms}
    last = min(lever.to_day, time.horizon_days)
    ends = {last // time.step_days * time.step_days, *time.report_days}  # steps are cut where a reported day falls inside one
    if not terms & ON_DUE_DAYS and not any(max(first, 1.0) <= end <= last for end in ends):
        return f"no step ends from day {first:g} to day {lever.to_day:g}, and a step counts by its last day"
    return ""


def _eases_nothing(lever: "Lever", brought: set[str]) -> str:
    """Whether all that a lever does, programme costs aside, eases a part of the shock that is not there."""
    terms = {term for part in lever.parts() for term in part.terms} - {"programme_cost"}
    eased = {EASES.get(term, "") for term in terms}
    if not eased or "" in eased or eased & brought:
        return ""
    return f"the scenario has no {' or '.join(f'[shock.{name}]' for name in sorted(eased))}"


def filled_in(firms: "Firms | DrawnFirms") -> tuple[str, ...]:
    """Say which columns of firms from a file were filled in, and for how many firms; nothing where none were."""
    columns_of: dict[int, list[str]] = {}
    for column, count in firms.filled.items():
        if count > 0:
            columns_of.setdefault(count, []).append(column)
    everyone = len(firms)
    return tuple(
        f"filled in from the scenario's distributions for {_firms(count, everyone)}: {', '.join(columns)}"
        for count, columns in sorted(columns_of.items(), reverse=True)
    )


def _firms(count: int, everyone: int) -> str:
    if everyone == 1:
        return "the only firm"
    return f"all {count:,} firms" if count == everyone else f"{count:,} of {everyone:,} firms"


def _least(value: float | Distribution) -> float:
    return float(value.support()[0]) if isinstance(value, Distribution) else value


def _typical(value: float | Distribution) -> float:
    """A number, or the median of a distribution, to a day."""
    if not isinstance(value, Distribution):
        return value
    import numpy as np

    return round(float(value.quantile(np.array(0.5))))
