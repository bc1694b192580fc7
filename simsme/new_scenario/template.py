"""The text of a new scenario: every setting that there is, with its default, its unit and what it means."""

import math
from collections.abc import Iterator, Mapping, Sequence
from inspect import cleandoc
from typing import Any, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simsme.column_spec import ColumnSpec
from simsme.firms_file import FirmsFile
from simsme.levers import Lever, kinds
from simsme.messages import shown_range
from simsme.new_scenario.toml_lines import LONGEST, beside, heading, prose, rule, setting, toml_value
from simsme.population import Population
from simsme.quantities import Table
from simsme.reference import Entry, entry
from simsme.scenario import Scenario
from simsme.scenario_tables import Adjust, BackgroundRate, Behaviour, Contagion, Exit, Sales, Time
from simsme.shock_tables import Shock

SCHEMA_LINE = "#:schema ./simsme.schema.json"
"""First line of a scenario: where an editor finds what `simsme schema --output simsme.schema.json` wrote."""

SHOCK_ON = ("sales", "costs", "payment", "credit")
"""What strikes in a new scenario; the other ways stand there as comments."""

POLICIES_ON = {"loan_renewal": ("renewal", "Loan renewal"), "lending_forbearance": ("forbearance", "Lending forbearance")}
"""Levers that a new scenario compares, with name and title of their policies."""

REPORT_DAYS = (91, 182, 364)


def scenario_text(name: str, *, title: str, currency: str, firms: Sequence[str] = (), intro: Sequence[str] = ()) -> str:
    """Return a new scenario: TOML that runs as it is.

    Parameters
    ----------
    name
        Name of the scenario.
    title
        One line for tables and figures.
    currency
        Unit of all money.
    firms
        Lines of the table ``[firms]``, where firms come from a file.
    intro
        Paragraphs of comment for the beginning.
    """
    lines = [SCHEMA_LINE]
    for paragraph in intro:
        lines += [*prose(paragraph), "#"]
    lines += prose(
        "A line that begins with # and a letter is a setting at its default: take the # away to change it. Every number whose place allows "
        'it may be a distribution, { dist = "uniform", low = 0.1, high = 0.3 } or lognorm, norm, beta, triang, ...: it is then drawn once '
        "a draw. Shares lie in [0, 1], flows are per year, times in days. simsme check names all that is wrong; simsme assumptions gives "
        "the source of each default."
    )
    lines += ["", *setting("name", name, "stands in the names of folders", on=True)]
    lines += setting("title", title, "", on=True)
    lines += setting("currency", currency, "unit of all money; the population's defaults of money are in CNY", on=True)
    lines += [line for key in ("draws", "seed") for line in _field(key, Scenario.model_fields[key], on=True)]
    lines += setting("reference", "none", "the policy that the others are compared with", on=True)
    lines += ["", *beside("[time]", "the clock")]
    lines += [line for key, field in Time.model_fields.items() for line in _field(key, field, on=True)]
    lines = [line.replace("report_days = []", f"report_days = {toml_value(REPORT_DAYS)}") for line in lines]
    lines += [*rule("firms"), *firms]
    lines += _population(drawn=not firms)
    lines += rule("what holds for all firms at once")
    lines += _table("adjust", Adjust, "factors and shifts for all firms: here goes what is not known about them as a whole")
    lines += rule("shock: a table that is not there is off; without any table the weather is calm")
    lines += _shock()
    lines += rule("how firms sell and act in normal times")
    lines += [*_table("sales", Sales, "sales in normal times"), *_table("behaviour", Behaviour, "purchases, staff, drawings")]
    lines += rule("credit market")
    lines += _table("credit", type(Scenario.model_fields["credit"].get_default(call_default_factory=True)), "banks and private lenders")
    lines += rule("trade credit between firms: off where the table is not there; with it only the NumPy execution runs")
    lines += _table("contagion", Contagion, "what firms owe suppliers and do not pay comes back on other firms", on=False)
    lines += rule("how firms leave")
    lines += _table("exit", Exit, "patience of creditors, hope of owners")
    lines += _table("exit.background_rate", BackgroundRate, "exits that have nothing to do with cash")
    lines += rule("policies: a name, and levers; simsme levers says what each does, and who may be eligible")
    lines += _policies()
    return "\n".join(lines) + "\n"


def firms_settings() -> list[str]:
    """Return the lines of ``[firms]`` that say of what the totals of a statement consist."""
    keys = ("short_term_payables_share", "short_term_loan_share", "long_term_loan_share")
    return [line for key in keys for line in _field(key, FirmsFile.model_fields[key], on=False)]


def _table(path: str, table: type[Table], meaning: str, *, on: bool = True, settings_on: bool = False) -> list[str]:
    """Return a table with all its settings; tables below it are not among them."""
    lines = heading(path, meaning, on=on)
    for key, field in table.model_fields.items():
        if not _is_table(field):
            lines += _field(key, field, on=settings_on)
    return lines


def _field(key: str, field: FieldInfo, *, on: bool) -> list[str]:
    """Return the lines of one setting, or the words on it where it has no default that a file could give."""
    default, meaning = _default(field), _meaning(field)
    return prose(f"{key} (not set): {meaning}") if default is None else setting(key, default, meaning, on=on)


def _default(field: FieldInfo) -> Any:
    found = field.get_default(call_default_factory=True) if field.default is not PydanticUndefined or field.default_factory else None
    return None if isinstance(found, float) and math.isinf(found) else _plain(found)


def _plain(value: Any) -> Any:
    """Return a default as a file would give it: tables as mappings, what is not given left out."""
    if isinstance(value, Table):
        return _plain(value.model_dump(exclude_none=True))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if item != math.inf}
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _reference(field: FieldInfo) -> Entry | None:
    extra = field.json_schema_extra
    return entry(str(extra["reference"])) if isinstance(extra, Mapping) and "reference" in extra else None


def _meaning(field: FieldInfo) -> str:
    known = _reference(field)
    if known is None:
        return field.description or ""
    facts = [known.unit] if known.unit else []
    if any(map(math.isfinite, known.limits)):
        facts.append(shown_range(*known.limits))
    facts += [f"plausible {shown_range(*known.range)}"] if known.range else []
    return known.text + (f" ({'; '.join(facts)})" if facts else "")


def _is_table(field: FieldInfo) -> bool:
    if get_origin(field.annotation) in (dict, tuple, list):
        return False
    kinds_of = (field.annotation, *getattr(field.annotation, "__args__", ()))
    return any(isinstance(kind, type) and issubclass(kind, Table) and not issubclass(kind, ColumnSpec) for kind in kinds_of)


def _population(*, drawn: bool) -> list[str]:
    """Return the population: short settings first, since a table below another ends it."""
    meaning = "how firms are drawn" if drawn else "what the file does not say of a firm is drawn from here, for its industry and size"
    lines = heading("population", meaning, on=True)
    blocks: list[str] = []
    for key, field in Population.model_fields.items():
        default = _default(field)
        if default is None or _is_table(field):
            lines += prose(f"{key} (not set): {_meaning(field)}") if default is None else []
        elif isinstance(default, Mapping) and default and len(toml_value(default)) > LONGEST - COLUMN_ROOM:
            blocks += _block(f"population.{key}", default, _meaning(field))
        else:
            lines += _field(key, field, on=drawn and key == "firms")
    score = Population.model_fields["risk_score"]
    return [*lines, *blocks, *_table("population.risk_score", _class_of(score), _meaning(score), on=False)]


def _block(path: str, values: Mapping[str, Any], meaning: str) -> list[str]:
    """Return values as a table of their own that is not on; what is too long for a line becomes a table below it."""
    long = {name: item for name, item in values.items() if isinstance(item, Mapping) and len(toml_value(item)) > LONGEST - COLUMN_ROOM}
    lines = heading(path, meaning, on=False)
    lines += [line for name, item in values.items() if name not in long for line in setting(name, item, "", on=False)]
    return lines + [line for name, item in long.items() for line in _block(f"{path}.{name}", item, "")]


COLUMN_ROOM = 30
"""Characters of a line that the name of a column may take."""


def _class_of(field: FieldInfo) -> type[Table]:
    classes = (field.annotation, *getattr(field.annotation, "__args__", ()))
    return next(kind for kind in classes if isinstance(kind, type) and issubclass(kind, Table))


def _shock() -> list[str]:
    lines = _table("shock", Shock, "when it strikes and how long it lasts", settings_on=True)
    for key, field in Shock.model_fields.items():
        if _is_table(field):
            on = key in SHOCK_ON
            lines += _table(f"shock.{key}", _class_of(field), field.description or "", on=on, settings_on=on)
    return lines


def _policies() -> list[str]:
    lines = [*heading("policy", "", on=True, array=True), 'name = "none"', 'title = "No policy"']
    for kind, lever in kinds().items():
        on = kind in POLICIES_ON
        name, title = POLICIES_ON.get(kind, (kind, kind.replace("_", " ").capitalize()))
        lines += heading("policy", _first_sentence(lever), on=on, array=True)
        lines += [*setting("name", name, "", on=on), *setting("title", title, "", on=on)]
        lines += heading("policy.levers", "", on=on, array=True)[1:]
        lines += setting("kind", kind, "", on=on)
        own = {key: field for key, field in lever.model_fields.items() if key not in Lever.model_fields or key == "take_up"}
        lines += [line for key, field in own.items() for line in _field(key, field, on=on and key == "take_up")]
    lines += ["", *prose("Every lever may have besides:")]
    for key, field in _common():
        default = _default(field)
        lines += prose(f"{key}{'' if default is None or default == '' else f' = {toml_value(default)}'}: {_meaning(field)}")
    return lines


def _common() -> Iterator[tuple[str, FieldInfo]]:
    return ((key, field) for key, field in Lever.model_fields.items() if key not in ("kind", "take_up"))


def _first_sentence(lever: type[Lever]) -> str:
    return cleandoc(lever.__doc__ or "").split("\n\n")[0].replace("\n", " ").rstrip(".").replace("``", "")
