"""Why there is no number: reasons that differ in their numbers only are told together, without these."""

from collections.abc import Iterable, Iterator


def without_ratio(what: str, reasons: Iterable[tuple[str, str | None]]) -> Iterator[str]:
    """Yield a line a reason why there is no cost per unit saved.

    Parameters
    ----------
    what
        The unit, ``firm`` or ``job``.
    reasons
        Name of a policy or lever, and its reason; None where it has a number. What a reason has in brackets is said where it is the same
        for all: the intervals of several levers stand in the table.
    """
    alike: dict[str, dict[str, str]] = {}
    for name, reason in reasons:
        if reason:
            alike.setdefault(reason.partition(" (")[0], {})[name] = reason
    for short, said in alike.items():
        whole = set(said.values())
        yield f"No cost per {what} saved for {', '.join(said)}: {whole.pop() if len(whole) == 1 else short}."
