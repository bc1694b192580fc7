"""The figures of a run by name, and the data of each, which stands beside it as CSV."""

from pathlib import Path
from typing import TYPE_CHECKING

from simsme.cost_tables import effectiveness_table
from simsme.csv_text import write_table
from simsme.curves import curve_data, difference_data
from simsme.fund_tables import fund_use_table
from simsme.outcomes import Outcomes

if TYPE_CHECKING:
    import pandas as pd


def figure_names(outcomes: Outcomes) -> tuple[str, ...]:
    """Names of the figures of a run: ``difference-exit`` and ``effectiveness-firms`` need something to compare, ``funds`` public funds."""
    compared = ("difference-exit", "effectiveness-firms") if len(outcomes.policies) > 1 else ()
    return ("survival-exit", "survival-cash", "survival-open", *compared, *(("funds",) if outcomes.funds else ()))


def figure_data(name: str, outcomes: Outcomes) -> "pd.DataFrame":
    """Return the data of a figure of this name, see `figure_names`."""
    match name.partition("-"):
        case ("survival", _, endpoint):
            return curve_data(outcomes, endpoint)
        case ("difference", _, endpoint):
            return difference_data(outcomes, endpoint)
        case ("effectiveness", _, _):
            table = effectiveness_table(outcomes)
            shown: pd.DataFrame = table[(table["effect"] == "firms_saved") & (table["day"] == outcomes.report_days[-1])]
            return shown
        case _:
            return fund_use_table(outcomes)


def write_figure_data(folder: Path, outcomes: Outcomes) -> tuple[Path, ...]:
    """Write the data of all figures of a run into an existing folder; returns the files."""
    written = []
    for name in figure_names(outcomes):
        written.append(folder / f"{name}.csv")
        write_table(figure_data(name, outcomes), written[-1])
    return tuple(written)
