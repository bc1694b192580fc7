"""The explorer in a notebook: widgets around an exploration."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simsme.exploring.controls import Control, Value, lever_controls, shock_controls
from simsme.exploring.exploration import Exploration, begin
from simsme.exploring.state import State
from simsme.policy import Policy
from simsme.problems import InputError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simsme.exploring.picture import Picture

DRAWS = 20
"""Draws of each picture where nobody says otherwise."""


class Explorer:
    """Sliders and switches for a scenario, and a picture that follows; shows itself in a notebook.

    Attributes
    ----------
    picture
        The last picture.
    controls
        Every slider by the name of what it moves: ``shock.duration_days``, or ``loan_renewal.take_up`` for the policy that is looked at.
    switches
        Switch of each lever of that policy, by its label.
    policy
        Choice of the policy.
    """

    def __init__(self, exploration: Exploration, policy: str) -> None:
        import ipywidgets as widgets

        self._widgets = widgets
        self._exploration = exploration
        self._scenario = exploration.loaded.scenario
        self._moved: dict[str, Value] = {}
        self.controls: dict[str, Any] = {}
        self.switches: dict[str, Any] = {}
        self.picture: Picture | None = None
        names = [(known.label, known.name) for known in self._scenario.policies if known.name != self._scenario.reference]
        self.policy = widgets.Dropdown(options=names, value=policy, description="Policy")
        self._shock = [self._slider(control, control.name) for control in shock_controls(self._scenario)]
        self._levers = widgets.VBox()
        self._screen = widgets.HTML()
        self._python = widgets.HTML()
        self.write = widgets.Button(description="Write scenario", tooltip="Write what stands here as a scenario file", icon="save")
        self.write.on_click(lambda _: self._write())
        self.policy.observe(lambda _: self._other_policy(), names="value")
        heading = widgets.HTML(f"<b>{self._text(self._scenario.title or self._scenario.name)}</b>")
        columns = widgets.HBox([widgets.VBox(self._shock), widgets.VBox([self.policy, self._levers])], layout={"flex_flow": "row wrap"})
        self.widget = widgets.VBox([heading, self._screen, columns, self.write, self._python])
        self._other_policy()

    @property
    def state(self) -> State:
        """What was moved, for the policy that is looked at."""
        policy = self._policy
        shock = {name: value for name, value in self._moved.items() if name.startswith("shock.")}
        levers: dict[str, dict[str, float]] = {}
        for lever in policy.levers:
            for control in lever_controls(lever):
                value = self._moved.get(f"{lever.label}.{control.name}")
                if isinstance(value, float):
                    levers.setdefault(lever.label, {})[control.name] = value
        off = frozenset(label for label, switch in self.switches.items() if not switch.value)
        return State(policy.name, shock, levers, off)

    @property
    def _policy(self) -> Policy:
        return next(policy for policy in self._scenario.policies if policy.name == self.policy.value)

    def _slider(self, control: Control, name: str) -> Any:
        """A slider that tells what it moves; shares stand in percent on it."""
        factor = 100.0 if control.as_percent else 1.0
        limits = {"min": factor * control.low, "max": factor * control.high, "step": factor * control.step}
        common = {
            "description": control.label,
            "continuous_update": False,
            "readout_format": ",.0f" if factor * control.step >= 1 else ".2f",
        }
        look = {"style": {"description_width": "15rem"}, "layout": {"width": "29rem", "max_width": "100%"}}
        if isinstance(control.value, tuple):
            ends = (factor * control.value[0], factor * control.value[1])
            slider = self._widgets.FloatRangeSlider(value=ends, **limits, **common, **look)
        else:
            slider = self._widgets.FloatSlider(value=factor * control.value, **limits, **common, **look)

        def moved(change: Any) -> None:
            new = change["new"]
            value = tuple(round(end / factor, 6) for end in new) if isinstance(new, tuple) else round(new / factor, 6)
            self._moved[name] = value
            if value == control.value:
                # back where the scenario has it: nothing was moved
                del self._moved[name]
            self._draw()

        slider.observe(moved, names="value")
        self.controls[name] = slider
        return slider

    def _other_policy(self) -> None:
        """Show the levers of the policy that was chosen, as the scenario has them."""
        self.controls = {name: slider for name, slider in self.controls.items() if name.startswith("shock.")}
        self._moved = {name: value for name, value in self._moved.items() if name.startswith("shock.")}
        self.switches = {}
        boxes = []
        for lever in self._policy.levers:
            switch = self._widgets.Checkbox(value=True, description=lever.label.replace("_", " "), indent=False)
            switch.observe(lambda _: self._draw(), names="value")
            self.switches[lever.label] = switch
            sliders = [self._slider(control, f"{lever.label}.{control.name}") for control in lever_controls(lever)]
            boxes.append(self._widgets.VBox([switch, *sliders]))
        self._levers.children = tuple(boxes)
        self._draw()

    def _draw(self) -> None:
        try:
            self.picture = self._exploration.picture(self.state)
        except InputError as error:
            self._screen.value = "".join(f"<p>{self._text(str(problem))}</p>" for problem in error.problems)
            return
        self._screen.value = self.picture.html
        line = self.state.line_of_python(self._exploration.source, self._scenario, self._exploration.draws)
        self._python.value = f"<pre>{self._text(line)}</pre>"

    def _write(self) -> None:
        try:
            said = f"written to {self._exploration.write_scenario(self.state, Path())}"
        except InputError as error:
            said = "; ".join(map(str, error.problems))
        line = self.state.line_of_python(self._exploration.source, self._scenario, self._exploration.draws)
        self._python.value = f"<pre>{self._text(line)}</pre><p>{self._text(said)}</p>"

    @staticmethod
    def _text(text: str) -> str:
        from html import escape

        return escape(text)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget)


def explore(
    scenario: str = "three-months",
    *,
    policy: str | None = None,
    draws: int = DRAWS,
    day: int | None = None,
    jobs: int | None = None,
    overrides: "Sequence[str]" = (),
) -> Explorer:
    """Explore a scenario in a notebook: move its shock and the levers of a policy, and watch what they save and cost.

    Every picture is a simulation, of the same firms with the same luck, so that it moves and does not flicker.

    Parameters
    ----------
    scenario
        Name of a shipped scenario, or path of a TOML file.
    policy
        Name of the policy to begin with; the last one where not given.
    draws
        Draws of each picture: fewer answer faster, more are more precise.
    day
        Last day that is simulated; the scenario's headline day where not given.
    jobs
        Threads; as many as there are cores where not given.
    overrides
        ``key=value`` pairs to begin with, as for :func:`simsme.run`.

    Returns
    -------
    Explorer
        Shows itself at the end of a cell.

    Raises
    ------
    InputError
        With everything that is wrong with the scenario.
    ImportError
        Where ipywidgets is not installed; the extra ``notebook`` brings it.

    Examples
    --------
    >>> import simsme
    >>> simsme.explore("three-months")  # doctest: +SKIP
    """
    try:
        import ipywidgets  # noqa: F401
    except ImportError as error:
        raise ImportError("the explorer needs ipywidgets; pip install 'simsme[notebook]' brings it") from error
    exploration = begin(scenario, draws=draws, day=day, jobs=jobs, overrides=overrides)
    known = exploration.loaded.scenario
    others = [found.name for found in known.policies if found.name != known.reference]
    if others and policy is not None and policy not in others:
        hint = did_you_mean(policy, others) or f"; there is {', '.join(others)}"
        raise InputError([Problem(exploration.loaded.file, "policy", f'no policy to explore is called "{policy}"{hint}')])
    if not others:
        raise InputError([Problem(exploration.loaded.file, "policy", "there is no policy but the reference; the explorer needs one")])
    return Explorer(exploration, policy or others[-1])
