"""Days of a run as dates: day 0 is the scenario's start date, and a step over (a, b] covers the dates of the days a + 1 to b."""

import math
from datetime import date, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_ROUND_OFF = 1e-6
_CENTURY = 36525.0


def date_of(day: float, start: date) -> date:
    """Return the date of a day of the run; a part of a day belongs to the date on which it ends."""
    return start + timedelta(days=math.ceil(day - _ROUND_OFF))


def date_text(day: float, start: date) -> str:
    """Return the date of a day of the run in words: ``8 Mar 2022``, or ``day 99,999`` where that is more than a century away."""
    if day > _CENTURY:
        return f"day {day:,.0f}"
    found = date_of(day, start)
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def dates_text(first: float, last: float, start: date) -> str:
    """Return a span of dates in words, both included: ``2–8 Mar 2022``, ``28 Feb – 6 Mar 2022``."""
    begin, end = date_of(first, start), date_of(last, start)
    if begin == end:
        return date_text(last, start)
    if (begin.month, begin.year) == (end.month, end.year):
        return f"{begin.day}–{date_text(last, start)}"
    year = f" {begin.year}" if begin.year != end.year else ""
    return f"{begin.day} {MONTHS[begin.month - 1]}{year} – {date_text(last, start)}"
