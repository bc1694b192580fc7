"""The luck of firms: one uniform for each decision and, where a decision may come again, for each year."""

from collections.abc import Callable

from simsme.arithmetic import Lanes, log
from simsme.engine.records import Luck
from simsme.streams import Keys, uniforms
from simsme.world.drawn_numbers import DrawnNumbers

YEARLY = ("renewal", "norepay", "workout", "apply", "approval")
ONCE = ("bridge", "line")
HAZARDS = ("recall", "bridge_call", "other")


def luck_of_firms(numbers: DrawnNumbers, keys: Keys) -> Callable[[int], Luck]:
    """Luck by year of the run; hazards are thresholds -log(u) that a cumulated hazard has to reach."""

    def uniform(name: str, year: int = 0) -> Lanes:
        return uniforms(numbers.seed, numbers.draws[:, None], keys, year, name)

    lasting = {name: uniform(name) for name in ONCE} | {f"{name}_at": -log(uniform(name)) for name in HAZARDS}

    def of_year(year: int) -> Luck:
        return Luck(**lasting, **{name: uniform(name, year) for name in YEARLY})

    return of_year
