"""A run before it is run: the scenario, the policies and the file of firms that determine its result."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simsme.firms import Firms
from simsme.policy import Policy
from simsme.problems import InputError, Problem, did_you_mean
from simsme.provenance import content_digest, digest
from simsme.scenario import LoadedScenario, Scenario, load_scenario

if TYPE_CHECKING:
    from simsme.draw_firms import DrawnFirms

HELD_FIRMS = 250_000
"""Firms up to which all of a run are held: about 150 megabytes."""


@dataclass(frozen=True)
class Plan:
    """A run before it is run: everything that determines its result.

    Attributes
    ----------
    loaded
        The scenario as it was read.
    scenario
        The scenario to run, overrides applied.
    policies
        The policies to run, the reference among them.
    firms_file
        File of own firms; None where firms are drawn.
    """

    loaded: LoadedScenario
    scenario: Scenario
    policies: tuple[Policy, ...]
    firms_file: Path | None
    firms_digest: str | None

    @property
    def digest(self) -> str:
        """Digest of all that determines the result; equal digests, equal results."""
        return digest(
            self.scenario.canonical(),
            overrides=(),
            firm_file_digest=self.firms_digest,
            policies=[policy.name for policy in self.policies],
        )

    def firms(self) -> Firms:
        """Draw the firms, or read them from the file.

        Raises
        ------
        InputError
            With all faults of a file.
        """
        return self._found().all()

    def firms_as_needed(self) -> "Firms | DrawnFirms":
        """Return firms that are drawn when they are needed, where they are many, drawn, and do not act on each other; else all of them.

        Raises
        ------
        InputError
            With all faults of a file.
        """
        found = self._found()
        return found if self.draws_as_needed(len(found)) else found.all()

    def draws_as_needed(self, firms: int) -> bool:
        """Whether so many firms would not be held."""
        from simsme.world.couplings import firms_meet

        return self.firms_file is None and firms > HELD_FIRMS and not firms_meet(self.scenario, self.policies)

    def _found(self) -> "Firms | DrawnFirms":
        from simsme.draw_firms import DrawnFirms

        scenario = self.scenario
        if self.firms_file is not None:
            from simsme.read_firms import read_firms

            return read_firms(self.firms_file, scenario.population, scenario.firms)
        if scenario.firms is not None or scenario.population is None:
            message = "the firms of this scenario come from a file; give it with --firms"
            raise InputError([Problem(self.loaded.file, "firms", message)])
        return DrawnFirms.of(scenario.population)


def plan_run(
    scenario: str | LoadedScenario,
    *,
    policies: Sequence[str] | None = None,
    firms: str | Path | None = None,
    draws: int | None = None,
    precision: float | None = None,
    max_draws: int | None = None,
    seed: int | None = None,
    step_days: int | None = None,
    overrides: Sequence[str] = (),
) -> Plan:
    """Read and check everything that determines a run, before anything is computed.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, path of a TOML file, ``-`` for standard input, or a scenario that was read.
    policies
        Names of the policies to run; all where not given. The reference runs in any case.
    firms
        CSV file of own firms.
    draws, precision, max_draws, seed, step_days
        In place of the scenario's. A number of draws takes the place of a precision, and a precision that of a number of draws.
    overrides
        ``key=value`` pairs, as on the command line.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    own = {"draws": draws, "precision": precision, "max_draws": max_draws, "seed": seed, "time.step_days": step_days}
    pairs = [*overrides, *(f"{key}={value}" for key, value in own.items() if value is not None)]
    if isinstance(scenario, LoadedScenario):
        from simsme.scenario import parse_scenario

        loaded = parse_scenario(scenario.text, scenario.file, scenario.folder, [*scenario.overrides, *pairs]) if pairs else scenario
    else:
        loaded = load_scenario(scenario, pairs)
    file = None if firms is None else Path(firms)
    content = None if file is None else content_digest(_read(file))
    return Plan(loaded, loaded.scenario, _chosen(loaded, policies), file, content)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError([Problem(str(file), "", f"cannot be read: {(error.strerror or str(error)).lower()}")]) from None


def _chosen(loaded: LoadedScenario, names: Sequence[str] | None) -> tuple[Policy, ...]:
    """The named policies in the order of the scenario, with the reference."""
    known = {policy.name: policy for policy in loaded.scenario.policies}
    if names is None:
        return tuple(known.values())
    problems = []
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"; there is {', '.join(known)}"
            problems.append(Problem(loaded.file, "policy", f'no policy is called "{name}"{hint}'))
    if problems:
        raise InputError(problems)
    return tuple(policy for name, policy in known.items() if name in names or name == loaded.scenario.reference)
