"""Chapters on work: staying shut, and people laid off."""

from collections.abc import Iterator, Sequence

from simsme.story.chronicle import Moment
from simsme.story.sentences import Life, Sentence, listed, of_steps, offering

FEW = 3
"""Times of lying dormant that are told one by one; more of them are told together."""

NOTICED_LAY_OFF = 0.95
"""Staffing below this share of normal is worth a sentence."""


def stays_shut(life: Life) -> Iterator[Sentence]:
    """Closed by order, and dormant by choice."""
    for episode in life.episodes(lambda moment: moment.weather.closed):
        yield _closed(episode, life)
    episodes = life.episodes(lambda moment: moment.events.dormant)
    reason = "sales less materials would not have covered what staying shut saves"
    if len(episodes) > FEW:
        steps = [moment for episode in episodes for moment in episode]
        days = sum(moment.clock.h for moment in steps)
        yield of_steps(steps, f"It lay dormant {len(episodes)} times, {days:.0f} days in all: {reason}.")
        return
    for episode in episodes:
        yield of_steps(episode, f"It lay dormant: {reason}.")


def _closed(episode: Sequence[Moment], life: Life) -> Sentence:
    """A closure by order as the world had it, and what of it a lever let happen."""
    planned = episode[0].weather
    first, until = max(float(planned.closes_on), 0.0), float(planned.reopens_on)
    reopened = next((moment for moment in episode if not moment.met.closed), None)
    day = until if reopened is None else max(float(reopened.met.reopens_on), first if reopened is episode[0] else reopened.clock.a)
    amounts = {"days_closed": day - first, "days_closed_without": until - first}
    text = f"It was closed by order until {life.on(day)}"
    if reopened is None:
        text += "."
    else:
        labels = listed(offering((moment.offers.now for moment in episode), "closure_relief"))
        text = f"It was not closed by order; without {labels}" if day <= first else f"{text}; without {labels}"
        text += f" it would have been until {life.on(until)}."
    last = min(max(day, first + 1.0), life.moments[-1].clock.b)
    return Sentence(first + 1.0, last, episode[0].clock.b, text, amounts)


def staff_is_cut(life: Life) -> Iterator[Sentence]:
    """Lay-offs down to the fewest people."""
    lowest = min(life.moments, key=lambda moment: float(moment.after.staffing))
    staffing = float(lowest.after.staffing)
    if staffing < NOTICED_LAY_OFF:
        then, now = f"{life.employees:.0f}", f"{life.employees * staffing:.0f}"
        people = f", from {then} people to {now}" if then != now else ""
        steps = life.moments[: list(life.moments).index(lowest) + 1]
        yield of_steps(steps, f"Staffing shrank with sales to {100 * staffing:.0f} % of normal{people}.", {"staffing": staffing})
