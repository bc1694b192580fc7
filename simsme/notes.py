"""What a reader should know about a result before trusting it, and what its numbers do not show."""

from typing import TYPE_CHECKING

from simsme.distributions import Distribution

if TYPE_CHECKING:
    from simsme.firms import Firms
    from simsme.scenario import Scenario


def notes_on(scenario: "Scenario", firms: "Firms") -> tuple[str, ...]:
    """Return the notes on a run, one line each.

    A comparison that stops early, what was filled in for firms from a file.

    Parameters
    ----------
    scenario
        The scenario that is run.
    firms
        Its firms. Their ``remarks`` are not repeated here.
    """
    notes = [early_end(scenario)]
    return (*(note for note in notes if note is not None), *filled_in(firms))


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


def filled_in(firms: "Firms") -> tuple[str, ...]:
    """Say which columns of firms from a file were filled in, and for how many firms; nothing where none were."""
    columns_of: dict[int, list[str]] = {}
    for column, count in firms.filled.items():
        if count > 0:
            columns_of.setdefault(count, []).append(column)
    everyone = len(firms.ids)
    return tuple(
        f"filled in from the scenario's distributions for {_firms(count, everyone)}: {', '.join(columns)}"
        for count, columns in sorted(columns_of.items(), reverse=True)
    )


def _firms(count: int, everyone: int) -> str:
    return f"all {count:,} firms" if count == everyone else f"{count:,} of {everyone:,} firms"


def _typical(value: float | Distribution) -> float:
    """A number, or the median of a distribution, to a day."""
    if not isinstance(value, Distribution):
        return value
    import numpy as np

    return round(float(value.quantile(np.array(0.5))))
