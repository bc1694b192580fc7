"""Policies: named lists of levers on top of a scenario."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SerializeAsAny, ValidationError, field_validator

from simsme.levers import kinds
from simsme.levers.lever import Lever
from simsme.levers.review import faults_of_review
from simsme.messages import listed, plain_message, shown
from simsme.problems import did_you_mean
from simsme.quantities import Table
from simsme.tables import Fault, complaint

NO_POLICY = "none"
"""Name of the policy without levers, which need not be listed."""


def _plain_name(name: str) -> str:
    if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise ValueError(f"{shown(name)} is not a name; use letters, digits, - and _")
    return name


Name = Annotated[str, AfterValidator(_plain_name)]
"""A name that can stand in a dotted path, in a table and in the name of a folder."""


class Policy(Table):
    """A named list of levers. Their order changes nothing."""

    name: Name
    title: str = Field(default="", description="What it is called in tables and figures; the name where absent")
    levers: tuple[SerializeAsAny[Lever], ...] = Field(default=(), description="Levers, each with its kind")

    @property
    def label(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name

    @field_validator("levers", mode="before")
    @classmethod
    def _of_known_kinds(cls, levers: Any) -> Any:
        if not isinstance(levers, tuple | list):
            return levers
        parsed, lines = parsed_items(levers, _lever)
        for label, count in Counter(lever.label for lever in parsed if isinstance(lever, Lever)).items():
            if count > 1:
                lines.append(((), f'{count} levers are called "{label}"; tell levers of one kind apart by "name"', levers))
        if lines:
            raise complaint(cls.__name__, lines)
        return tuple(parsed)


def parsed_policies(policies: Sequence[Any], known: Mapping[str, Sequence[str]]) -> tuple[Any, ...]:
    """Return tables, as read from a file, as policies.

    Parameters
    ----------
    policies
        Tables or policies.
    known
        Industries, sizes and legal forms that firms may have, see `unknown_firms`; empty where that is not known.

    Raises
    ------
    ValidationError
        With all that is wrong in any of them, a name that stands for two policies included.
    """
    parsed, lines = parsed_items(policies, lambda item: item if isinstance(item, Policy) else Policy.model_validate(item))
    seen: set[str] = set()
    for number, policy in enumerate(policies):
        name = policy.name if isinstance(policy, Policy) else policy.get("name") if isinstance(policy, Mapping) else None
        if isinstance(name, str) and name in seen:
            lines.append(((number, "name"), f'another policy is called "{name}" already; a name stands for one policy', name))
        seen.add(str(name))
    for number, policy in enumerate(parsed):
        if isinstance(policy, Policy) and policy.name == NO_POLICY and policy.levers:
            lines.append(((number, "levers"), f'the policy "{NO_POLICY}" has no levers; give this policy another name', name))
    for number, policy in enumerate(policies):
        lines += unknown_firms(number, policy, known)
    if lines:
        raise complaint("policy", lines)
    return tuple(parsed)


def parsed_items(items: Sequence[Any], parse: Callable[[Any], Any]) -> tuple[list[Any], list[Fault]]:
    """Return every item parsed (None where it cannot be), and what is wrong with the others, by place."""
    parsed: list[Any] = []
    lines: list[Fault] = []
    for number, item in enumerate(items):
        try:
            parsed.append(parse(item))
        except ValidationError as error:
            parsed.append(None)
            lines += [((number, *line["loc"]), plain_message(line, (), ()), line["input"]) for line in error.errors(include_url=False)]
    return parsed, lines


def unknown_firms(number: int, policy: Any, known: Mapping[str, Sequence[str]]) -> Iterator[Fault]:
    """Yield the industries, sizes and legal forms that make firms eligible in a policy and that no firm has.

    Parameters
    ----------
    number
        Position of the policy in the file.
    policy
        The policy, or its table as it stands in the file, whatever else may be wrong with it.
    known
        Names by field: ``industries``, ``sizes``, ``legal_forms``.
    """
    singular = {"industries": "industry", "sizes": "size", "legal_forms": "legal form"}
    for position, lever in enumerate(_entries(policy, "levers")):
        for field, names in known.items():
            for name in _entries(lever, field):
                if isinstance(name, str) and name not in names:
                    nearest = did_you_mean(name, names) or f"; there is {listed(names)}"
                    yield (number, "levers", position, field), f"unknown {singular[field]} {shown(name)}{nearest}", name


def _entries(table: Any, key: str) -> Sequence[Any]:
    """Entries of a list in a table or a model; none where there is no such list."""
    found = table.get(key) if isinstance(table, Mapping) else getattr(table, key, None)
    return found if isinstance(found, list | tuple) else ()


def _lever(value: Any) -> Lever:
    """Return a lever, or a table as a lever of its kind; ValidationError where that is not possible."""
    if isinstance(value, Lever):
        return _consistent(value)
    if not isinstance(value, Mapping):
        raise complaint("lever", [((), f'must be a table such as {{ kind = "{next(iter(kinds()))}" }}, found {shown(value)}', value)])
    if "kind" not in value:
        raise complaint("lever", [(("kind",), "is missing; one of " + ", ".join(kinds()), value)])
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in kinds():
        nearest = did_you_mean(kind, kinds()) if isinstance(kind, str) else ""
        raise complaint("lever", [(("kind",), f"unknown lever {shown(kind)}{nearest or '; known: ' + ', '.join(kinds())}", kind)])
    return _consistent(kinds()[kind].model_validate(dict(value)))


def _consistent(lever: Lever) -> Lever:
    lines: list[Fault] = []
    if lever.to_day < lever.from_day:
        first = shown(lever.from_day)
        message = f"{shown(lever.to_day)} is before from_day {first}; allowed: {first} or more"
        lines.append((("to_day",), message, lever.to_day))
    fund, reach = lever.fund(), lever.acts_on()
    lines += faults_of_review(lever.start_when, lever.stop_when, lever.review_days, None if fund is None else fund.kind)
    if reach is not None and (reach.take_up_factor != 1.0 or reach.delay_cut != 0.0):
        # whom the others reach is settled before the first day
        for field in ("min_sales_fall", "max_cash_days", "without_bank_arrears"):
            found = getattr(lever, field)
            if found is not None and found is not False:
                message = f"{shown(found)} hangs on how a firm fares, and whom {lever.kind} reaches must not; leave it out"
                lines.append(((field,), message, found))
        if lever.review_days is not None:
            message = f"{lever.kind} acts on other levers from its first day to its last and cannot be under review; leave it out"
            lines.append((("review_days",), message, lever.review_days))
    if lines:
        raise complaint("lever", lines)
    return lever
