"""The tables of a run as files of its results folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simsme.class_tables import classes_table
from simsme.cost_tables import costs_table, effectiveness_table
from simsme.csv_text import write_table
from simsme.curves import curves_table
from simsme.draw_tables import DIGITS, draws_table
from simsme.flow_of_funds import accounts_table
from simsme.fund_tables import fund_layers_table, fund_use_table, funds_table
from simsme.groups import groups_table
from simsme.outcomes import Outcomes
from simsme.review_tables import reviews_table
from simsme.summary import summary_table

TABLES = ("curves.csv", "summary.csv", "groups.csv", "accounts.csv", "costs.csv", "effectiveness.csv", "classes.csv")
DRAWS = "draws.csv"
"""Every draw by itself, so that two runs can be compared draw by draw."""

FUND_TABLES = ("funds.csv", "fund_use.csv", "fund_layers.csv")
"""Only where there are public funds, the last only where a fund has layers."""

REVIEWS = "reviews.csv"
"""Only where a lever is under review."""


def write_tables(folder: Path, outcomes: Outcomes, summary: Mapping[str, Any]) -> None:
    """Write all tables of a run into an existing folder.

    Parameters
    ----------
    folder
        Where.
    outcomes
        What happened; its firms may be missing.
    summary
        The summary, see `simsme.summary.summarize`.
    """
    tables = (curves_table(outcomes), summary_table(summary, all_days=True), groups_table(outcomes), accounts_table(outcomes))
    of_money = (costs_table(outcomes), effectiveness_table(outcomes), classes_table(outcomes))
    of_funds = (funds_table(outcomes), fund_use_table(outcomes), fund_layers_table(outcomes))
    for name, table in zip((*TABLES, *FUND_TABLES, REVIEWS), (*tables, *of_money, *of_funds, reviews_table(outcomes)), strict=True):
        if name in TABLES or len(table):
            write_table(table, folder / name)
    write_table(draws_table(outcomes), folder / DRAWS, DIGITS)
