"""What differs between two scenarios, key by key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Settings = Mapping[str, Any]
"""A scenario as plain values. Policies are found by name and their levers by label, so that their order in a file does not matter."""

NOT_A_CHANGE = ("name", "title")
"""Keys that change no number."""


@dataclass(frozen=True)
class Change:
    """A key whose value differs.

    Attributes
    ----------
    key
        Dotted, as ``--set`` takes it, such as ``credit.renewal`` or ``policy.help.levers.grant.take_up``.
    a, b
        The two values: plain numbers, texts, lists and tables; None where a run has no such key.
    """

    key: str
    a: Any
    b: Any

    @property
    def json(self) -> dict[str, Any]:
        """As a table for JSON."""
        return {"key": self.key, "a": self.a, "b": self.b}


def by_name(canonical: Mapping[str, Any]) -> Settings:
    """Settings of a scenario's canonical form: its lists of policies and of levers as tables by name and by label."""
    found = dict(canonical)
    if "policy" in found:
        found["policy"] = {
            policy.get("name", str(number)): {**policy, "levers": {_label(lever): lever for lever in policy.get("levers", ())}}
            for number, policy in enumerate(found["policy"])
        }
    return found


def changes(a: Settings, b: Settings) -> tuple[Change, ...]:
    """Keys whose values differ, in the order of the first scenario and then of the second.

    A table that only one of the two has is one change. So are two distributions of different kinds.
    """
    return tuple(_differing(a, b, ""))


def _differing(a: Any, b: Any, place: str) -> Iterator[Change]:
    if isinstance(a, Mapping) and isinstance(b, Mapping) and a.get("dist") == b.get("dist"):
        for key in dict.fromkeys((*a, *b)):
            inner = f"{place}.{key}" if place else key
            if place == "" and key in NOT_A_CHANGE:
                continue
            yield from _differing(a.get(key), b.get(key), inner)
    elif a != b:
        yield Change(place, a, b)


def _label(lever: Mapping[str, Any]) -> str:
    kind, name = lever.get("kind", ""), lever.get("name", "")
    return f"{kind}:{name}" if name else str(kind)
