"""A scenario that is run again and again with other settings, on the same firms and the same luck."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simsme.exploring.picture import Picture, picture_of
from simsme.exploring.state import State
from simsme.firms import Firms
from simsme.optimization.scenario_copy import self_contained
from simsme.outcomes import Outcomes
from simsme.plan import plan_run
from simsme.problems import InputError, Problem
from simsme.runs import execute
from simsme.scenario import LoadedScenario, load_scenario, parse_scenario


@dataclass(frozen=True)
class Exploration:
    """What stays the same while sliders move.

    Attributes
    ----------
    loaded
        The scenario, run up to the day of interest.
    source
        Its name or path, as it was given.
    firms
        Its firms, drawn once: nothing that can be moved changes them.
    draws
        Draws of each run.
    jobs
        Threads; as many as there are cores where None.
    """

    loaded: LoadedScenario
    source: str
    firms: Firms
    draws: int
    jobs: int | None = None

    def outcomes(self, state: State) -> Outcomes:
        """Run the policy of a state and the reference.

        Raises
        ------
        InputError
            With everything that is wrong with the settings.
        """
        settings = state.overrides(self.loaded.scenario)
        plan = plan_run(self.loaded, policies=[state.policy], draws=self.draws, overrides=settings)
        return execute(plan, jobs=self.jobs, firms=self.firms, engine=self.engine(state)).outcomes

    def engine(self, state: State) -> str | None:
        """Return the compiled execution wherever it can run the policy: it answers at once after the first time."""
        from simsme.execution import COMPILED, NUMPY
        from simsme.world.couplings import beyond_compiled

        policies = [policy for policy in self.loaded.scenario.policies if policy.name in (state.policy, self.loaded.scenario.reference)]
        return NUMPY if beyond_compiled(self.loaded.scenario, policies) else COMPILED

    def picture(self, state: State) -> Picture:
        """Run a state and draw it."""
        return picture_of(self.outcomes(state), state.policy, self.loaded.scenario.currency)

    def scenario_text(self, state: State) -> str:
        """Return a scenario file that holds the state: the whole scenario, over its own horizon, with what was moved written in."""
        original = load_scenario(self.source)
        settings = state.overrides(self.loaded.scenario)
        return self_contained(parse_scenario(original.text, original.file, original.folder, [*original.overrides, *settings])).text

    def write_scenario(self, state: State, folder: Path) -> Path:
        """Write that file beside what is there already, and return it."""
        stem = f"{self.loaded.scenario.name}-explored"
        for number in range(1, 1000):
            file = folder / (f"{stem}.toml" if number == 1 else f"{stem}-{number}.toml")
            try:
                with file.open("x", encoding="utf-8", newline="\n") as stream:
                    stream.write(self.scenario_text(state))
            except FileExistsError:
                continue
            except OSError as error:
                raise InputError([Problem(str(file), "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error
            return file
        raise InputError([Problem(str(folder), "", f"holds a thousand files {stem}-*.toml; remove some")])


def begin(source: str, *, draws: int, day: int | None, jobs: int | None, overrides: Sequence[str]) -> Exploration:
    """Read a scenario, cut it to a day, and draw its firms.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    until = load_scenario(source, overrides).scenario.time.headline_day if day is None else day
    clock = [f"time.horizon_days={until}", f"time.headline_day={until}", f"time.report_days=[{until}]"]
    plan = plan_run(source, draws=draws, overrides=[*overrides, *clock])
    return Exploration(plan.loaded, source, plan.firms(), draws, jobs)
