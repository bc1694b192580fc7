"""A scenario: firms, a shock, a credit market, a clock, and the policies to compare; read from a TOML file."""

import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidationInfo, WithJsonSchema, field_validator, model_validator

from simsme.bounds import within
from simsme.credit_tables import Credit
from simsme.overrides import apply_override
from simsme.policy import NO_POLICY, Name, Policy, parsed_policies
from simsme.population import LEGAL_FORMS, SIZES, FirmsFile, Population
from simsme.problems import InputError, Problem, did_you_mean
from simsme.quantities import Table
from simsme.reference import entry
from simsme.reference import reference as default_of
from simsme.scenario_tables import Adjust, Behaviour, Contagion, Exit, Sales, Time
from simsme.shock_tables import Shock, unknown_industries
from simsme.tables import Fault, complaint, problems_of
from simsme.textfile import decoded, parse_toml, read_text

__all__ = ["LoadedScenario", "Policy", "Scenario", "load_scenario", "parse_scenario", "shipped_scenarios"]

PILOT_DRAWS = 100
"""Draws of the pilot of a run for a precision. What knows of no precision runs as many."""

MAX_DRAWS = 5000
"""Draws at the most of a run for a precision, where the scenario does not say."""

PRECISIONS = (1e-6, 0.1)
"""Allowed Monte Carlo errors, in shares of firms."""


def _bounded(kind: str, lowest: float, highest: float) -> WithJsonSchema:
    return WithJsonSchema({"type": kind, "minimum": lowest, "maximum": highest})


class Scenario(Table):
    """Everything that a run needs to know, validated, defaults filled in.

    ``population`` draws firms; ``firms`` says how a user's own file is read. One of them has to be there, and where both are, the
    population's distributions fill in what the file lacks. Without ``shock`` the weather is calm.

    Attributes
    ----------
    name, title, currency, draws, seed, reference, policy, ...
        One for each key of a scenario file, of the same name; docs/reference/defaults and ``simsme schema`` describe all of them.
    """

    name: Name
    title: str = Field(default="", description="One line for tables and figures")
    currency: str = Field(default="CNY", description="Unit of all money")
    draws: int = default_of("draws")
    precision: Annotated[float, within(*PRECISIONS), _bounded("number", *PRECISIONS)] | None = Field(
        default=None,
        description=(
            "In place of draws: as many draws as bring the Monte Carlo error of every difference to the reference in exit at the headline "
            "day to this share of firms (0.0005: 0.05 percentage points)"
        ),
    )
    max_draws: Annotated[int, within(PILOT_DRAWS, 1_000_000), _bounded("integer", PILOT_DRAWS, 1_000_000)] | None = Field(
        default=None, description=f"With precision: no more draws than these ({MAX_DRAWS} where not given)"
    )
    seed: int = default_of("seed")
    time: Time = Field(default_factory=Time, description="The clock")
    population: Population | None = Field(default=None, description="Firms that are drawn")
    firms: FirmsFile | None = Field(default=None, description="How a file of firms is read")
    adjust: Adjust = Field(default_factory=Adjust, description="Factors and shifts for all firms")
    sales: Sales = Field(default_factory=Sales, description="Sales in normal times")
    shock: Shock | None = Field(default=None, description="The shock; calm where absent")
    behaviour: Behaviour = Field(default_factory=Behaviour, description="Purchases, staff, drawings")
    credit: Credit = Field(default_factory=Credit, description="The credit market")
    exit: Exit = Field(default_factory=Exit, description="How firms leave")
    contagion: Contagion | None = Field(default=None, description="Trade credit between the firms; none where absent")
    policy: tuple[Policy, ...] = Field(default=(), description="Policies to compare")
    reference: str = Field(default=NO_POLICY, description="Name of the policy that the others are compared with")

    @model_validator(mode="before")
    @classmethod
    def _draws_of_a_precision(cls, tables: Any) -> Any:
        """Where a precision is given, the number of draws is that of the pilot."""
        if not isinstance(tables, dict) or tables.get("precision") is None:
            return tables
        if "draws" in tables:
            raise complaint("Scenario", [(("precision",), BOTH, tables["precision"])])
        return {"max_draws": MAX_DRAWS} | tables | {"draws": PILOT_DRAWS}

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies, the one without levers first where nobody listed it and it is the reference."""
        if self.reference == NO_POLICY and all(policy.name != NO_POLICY for policy in self.policy):
            return Policy(name=NO_POLICY, title="No policy"), *self.policy
        return self.policy

    @field_validator("policy", mode="before")
    @classmethod
    def _parsed(cls, policies: Any, info: ValidationInfo) -> Any:
        known = {"industries": _industries(info), "sizes": SIZES, "legal_forms": LEGAL_FORMS} if "population" in info.data else {}
        return parsed_policies(policies, known) if isinstance(policies, tuple | list) else policies

    @field_validator("shock")
    @classmethod
    def _industries_of_the_shock(cls, shock: Shock | None, info: ValidationInfo) -> Shock | None:
        if shock is not None and "population" in info.data:
            _refuse(cls, unknown_industries(shock, _industries(info)))
        return shock

    @field_validator("reference")
    @classmethod
    def _reference_exists(cls, name: str, info: ValidationInfo) -> str:
        known = [policy.name for policy in info.data.get("policy", ())]
        if name != NO_POLICY and "policy" in info.data and name not in known:
            raise ValueError(f'no policy is called "{name}"{did_you_mean(name, known) or "; there is " + ", ".join([NO_POLICY, *known])}')
        return name

    @model_validator(mode="after")
    def _has_firms(self) -> "Scenario":
        if self.population is None and self.firms is None:
            raise complaint(
                "Scenario", [(("population",), "is missing: a scenario needs [population], or [firms] for firms from a file", None)]
            )
        return self

    def canonical(self) -> dict[str, Any]:
        """Return the scenario as plain JSON values, defaults filled in, for a digest: equal scenarios, equal results."""
        return {
            **_finite(self.model_dump(mode="json", exclude_none=True)),
            "policy": _finite([_dumped(policy) for policy in self.policies]),
        }


def _industries(info: ValidationInfo) -> tuple[str, ...]:
    """Industries of the scenario's population, or of the default one that fills in what a file of firms lacks."""
    population = info.data["population"]
    return tuple(entry("population.industries").value) if population is None else tuple(population.industries)


def _refuse(table: type[Table], lines: Sequence[Fault]) -> None:
    if lines:
        raise complaint(table.__name__, lines)


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario with where it came from.

    Attributes
    ----------
    scenario
        The scenario, overrides applied.
    text
        The file as it was read, without the overrides.
    file
        Its name for errors and for the record.
    folder
        The folder against which it names other files; None for standard input.
    overrides
        ``key=value`` as given, in order.
    """

    scenario: Scenario
    text: str
    file: str
    folder: Path | None
    overrides: tuple[str, ...]

    def __repr__(self) -> str:
        changed = f", with {', '.join(self.overrides)}" if self.overrides else ""
        return f"<LoadedScenario {self.scenario.name} from {self.file}: {len(self.scenario.policies)} policies{changed}>"


def load_scenario(source: str, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read a scenario.

    Parameters
    ----------
    source
        Name of a shipped scenario, path of a TOML file, or ``-`` for standard input.
    overrides
        ``key=value``, see `simsme.overrides`.

    Raises
    ------
    InputError
        With everything that is wrong.

    Examples
    --------
    >>> import simsme
    >>> simsme.load_scenario("three-months", ["credit.renewal=0.8"]).scenario.credit.renewal
    0.8
    """
    if source == "-":
        text = decoded(sys.stdin.buffer.read(), "standard input")
        return parse_scenario(text, "standard input", None, overrides)
    shipped = shipped_scenarios()
    if source in shipped:
        path = _shipped_folder() / f"{source}.toml"
        return parse_scenario(read_text(path, path.name), path.name, path.parent, overrides)
    path = Path(source)
    if not path.suffix and not path.exists():
        nearest = did_you_mean(source, shipped) or f"; shipped: {', '.join(shipped)}"
        raise InputError([Problem(source, "", f"no such file, and no shipped scenario of that name{nearest}")])
    return parse_scenario(read_text(path, source), source, path.parent, overrides)


def parse_scenario(text: str, file: str, folder: Path | None = None, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Return the scenario that stands in a text, see `load_scenario`. A scenario without a name takes that of its file.

    Parameters
    ----------
    text
        TOML.
    file
        What faults call it.
    folder
        Where files lie that it names; the current folder where not given.
    overrides
        ``key=value``, see `simsme.overrides`.

    Raises
    ------
    InputError
        With everything that is wrong with it.

    Examples
    --------
    >>> import simsme
    >>> text = simsme.load_scenario("three-months").text
    >>> simsme.parse_scenario(text, "my.toml").scenario.name
    'three-months'
    """
    tables = parse_toml(text, file)
    if _is_patch(text, tables):
        raise InputError([Problem(file, "", _HOW_TO_PATCH.format(_settings_of_patch(text)))])
    problems: list[Problem] = []
    overridden: dict[str, str] = {}
    for override in overrides:
        try:
            overridden[apply_override(tables, override)] = override
        except InputError as error:
            problems += error.problems
    problems += [_located(Problem(file, *line), tables, overridden) for line in _draws_or_precision(tables, overridden)]
    tables.setdefault("name", re.sub(r"[^\w-]+", "-", Path(file).stem) if folder is not None else "scenario")
    try:
        scenario = Scenario.model_validate(tables, context={"folder": folder})
    except ValidationError as error:
        problems += [_located(problem, tables, overridden) for problem in problems_of(error, file)]
    if problems:
        raise InputError(problems)
    return LoadedScenario(scenario, text, file, folder, tuple(overrides))


PATCH_OPENS, PATCH_SETTINGS = "# Numbers of the scenario ", "#     --set "
"""How the patch of a calibration begins, and the comment in it that holds its numbers as options."""

_HOW_TO_PATCH = (
    "is a patch that simsme calibrate wrote, no scenario by itself; put its numbers into the scenario's file, "
    "or run the scenario with them: {}"
)


def _is_patch(text: str, tables: Mapping[str, Any]) -> bool:
    """Whether a text is a patch and nothing else: a scenario into which one was put has firms, or policies."""
    return text.startswith(PATCH_OPENS) and not {"policy", "time", "shock", "draws"} & set(tables)


def _settings_of_patch(text: str) -> str:
    """The command that runs the scenario of a patch with its numbers."""
    name = text.removeprefix(PATCH_OPENS).partition(",")[0]
    settings = next((line for line in text.splitlines() if line.startswith(PATCH_SETTINGS)), "")
    return f"simsme run {name} {settings.removeprefix('#').strip()}".strip()


BOTH = "draws and precision cannot both be given: give the number of draws, or the precision that they are to bring"


def _draws_or_precision(tables: dict[str, Any], overridden: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Let an override of one take the place of the other in the file; yield what is wrong with them, and take that out of the tables."""
    if "draws" in overridden and "precision" not in overridden:
        for key in {"precision", "max_draws"} - set(overridden):
            tables.pop(key, None)
    elif "precision" in overridden and "draws" not in overridden:
        tables.pop("draws", None)
    if "draws" in tables and "precision" in tables:
        yield "precision", BOTH
        del tables["precision"]
        tables.pop("max_draws", None)
    if "max_draws" in tables and "precision" not in tables:
        yield "max_draws", "has a meaning only with precision, and the number of draws is given here"
        del tables["max_draws"]


def shipped_scenarios() -> list[str]:
    """Return the names of the scenarios that come with the package.

    Examples
    --------
    >>> import simsme
    >>> "three-months" in simsme.shipped_scenarios()
    True
    """
    return sorted(path.stem for path in _shipped_folder().glob("*.toml"))


def shipped_titles() -> dict[str, str]:
    """Return what each shipped scenario is about, by its name."""
    folder = _shipped_folder()
    return {name: str(parse_toml(read_text(folder / f"{name}.toml", name), name).get("title", "")) for name in shipped_scenarios()}


def _shipped_folder() -> Path:
    """The package's own folder where it is installed, that of the repository in a checkout."""
    package = Path(__file__).parent
    installed = package / "scenarios"
    return installed if installed.is_dir() else package.parent / "scenarios"


def _located(problem: Problem, tables: dict[str, Any], overridden: dict[str, str]) -> Problem:
    """Name policies by their names, and the override where an override brought the problem."""
    place = re.sub(r"^policy\.(\d+)", lambda found: f"policy.{_policy_name(tables, int(found[1]))}", problem.place)
    for key, override in overridden.items():
        if place == key or place.startswith(f"{key}."):
            return Problem(f"--set {override}", place, problem.message)
    return Problem(problem.file, place, problem.message)


def _policy_name(tables: dict[str, Any], position: int) -> str:
    policies = tables["policy"]
    name = policies[position].get("name") if isinstance(policies[position], dict) else None
    alone = sum(isinstance(policy, dict) and policy.get("name") == name for policy in policies) == 1
    return name if isinstance(name, str) and name and alone else str(position)


def _dumped(policy: Policy) -> dict[str, Any]:
    return policy.model_dump(mode="json", exclude_none=True)


def _finite(value: Any) -> Any:
    """Write infinity as text, since JSON has no number for it."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value
