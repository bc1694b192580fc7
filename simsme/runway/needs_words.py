"""What one firm needs, in a few words for each cell and in sentences."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simsme.runway.answer import Runway

NOT_REACHED = "–"
GOALS = {"not_gone": "not gone", "not_short": "never short"}


def amount_in_words(crossed: dict[str, Any]) -> tuple[str, str]:
    """A sum of money, and below it its 95 % interval."""
    value, low, high = crossed["value"], crossed["low"], crossed["high"]
    if value is None:
        return NOT_REACHED, "" if low is None else f"from {rounded(low)}"
    if crossed["at_most"]:
        return "none", f"to {'?' if high is None else rounded(high)}"
    return rounded(value), f"{'0' if low is None else rounded(low)} to {'?' if high is None else rounded(high)}"


def rounded(value: float) -> str:
    """Three digits of a sum of money, which is what the method gives."""
    return "0" if value == 0.0 else f"{float(f'{value:.3g}'):,.0f}"


def day_in_words(found: "Runway", day: float | None) -> str:
    """The last day to apply, as a date; how late it is where it has passed; a year where there is no hurry."""
    start = found.case.scenario.time.start_date
    if day is None:
        return "a year's time"
    if day < 0.0:
        return f"{-day:.0f} day{'' if round(-day) == 1 else 's'} too late"
    return f"{start + timedelta(days=int(day))}"


def day_with_interval(found: "Runway", entry: dict[str, Any]) -> tuple[str, str]:
    """The last day to apply, and below it its 95 % interval."""
    start = found.case.scenario.time.start_date
    days = (entry["low"], entry["high"])
    ends = ["a year" if day is None else "too late" if day < 0.0 else f"{start + timedelta(days=int(day)):%m-%d}" for day in days]
    return day_in_words(found, entry["apply_by_day"]), " to ".join(dict.fromkeys(ends))


def fall_in_words(found: "Runway") -> str:
    """The fall of sales at which the chances drop below one half."""
    fall, weeks = found.needs["sales_fall"], found.help_weeks
    if "half" not in fall:
        return f"How far sales may fall: {fall['reason']}."
    said = []
    for endpoint, goal in {"not_gone": "not to be gone", "not_short": "never to be short of cash"}.items():
        crossed = fall["half"][endpoint]
        if crossed["at_most"]:
            said.append(f"{goal} it is above one half even without any sales")
        elif crossed["value"] is None:
            said.append(f"{goal} it is below one half even if sales do not fall")
        else:
            ends = [None if end is None else 100 * end for end in (crossed["low"], crossed["high"])]
            interval = " to ".join("?" if end is None else f"{end:.0f}" for end in ends)
            interval = f" (95 % interval {interval} %)"
            said.append(f"{goal} it drops below one half where sales fall by {100 * crossed['value']:.0f} %{interval}")
    return f"How far sales may fall, by the chance over {weeks} weeks: {'; '.join(said)}."
