"""Chapters on work: staying shut, and people laid off."""

from collections.abc import Iterator

from simsme.story.sentences import Life, Sentence, of_steps

FEW = 3
"""Times of lying dormant that are told one by one; more of them are told together."""

NOTICED_LAY_OFF = 0.95
"""Staffing below this share of normal is worth a sentence."""


def stays_shut(life: Life) -> Iterator[Sentence]:
    """Closed by order, and dormant by choice."""
    for episode in life.episodes(lambda moment: moment.weather.closed):
        yield of_steps(episode, "It was closed by order.")
    episodes = life.episodes(lambda moment: moment.events.dormant)
    reason = "sales less materials would not have covered what staying shut saves"
    if len(episodes) > FEW:
        steps = [moment for episode in episodes for moment in episode]
        days = sum(moment.clock.h for moment in steps)
        yield of_steps(steps, f"It lay dormant {len(episodes)} times, {days:g} days in all: {reason}.")
        return
    for episode in episodes:
        yield of_steps(episode, f"It lay dormant: {reason}.")


def staff_is_cut(life: Life) -> Iterator[Sentence]:
    """Lay-offs down to the fewest people."""
    lowest = min(life.moments, key=lambda moment: float(moment.after.staffing))
    staffing = float(lowest.after.staffing)
    if staffing < NOTICED_LAY_OFF:
        then, now = f"{life.employees:.0f}", f"{life.employees * staffing:.0f}"
        people = f", from {then} people to {now}" if then != now else ""
        steps = life.moments[: list(life.moments).index(lowest) + 1]
        yield of_steps(steps, f"Staffing shrank with sales to {100 * staffing:.0f} % of normal{people}.", {"staffing": staffing})
