"""The table of levers under review for a terminal: in how many draws each is in force, and for how many days it was."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from simsme.cli.columns import Column, Group, band, number, percent, table_lines

GAP = "  "
"""Between the policy and the lever."""


def review_table(summary: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of levers under review, one row a policy and lever; none where there are none.

    Parameters
    ----------
    summary
        Fresh or stored, see `simsme.summary.summarize`.
    width
        Characters of a line.
    """
    reviews = summary.get("reviews", [])
    if not reviews:
        return []
    policies = max(len(text) for text in ("policy", *(review["policy"] for review in reviews)))
    head = "policy".ljust(policies) + GAP + "lever under review"
    names = Column(("", head), tuple((review["policy"].ljust(policies) + GAP + review["lever"], "") for review in reviews))
    groups = []
    for day in dict.fromkeys(f"{float(day):g}" for day in (summary["headline_day"], summary["horizon_days"])):
        by_day = [review["by_day"][day] for review in reviews]
        in_force = tuple((percent(entry["in_force"]), "") for entry in by_day)
        days = tuple((number(entry["days"]["mean"], 0), band(entry["days"], 1.0, 0)) for entry in by_day)
        groups.append(Group(f"in force, day {day}", (Column(("% of", "draws"), in_force), Column(("days", "so far"), days))))
    return table_lines(names, groups, width)
