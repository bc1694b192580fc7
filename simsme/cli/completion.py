"""What the Tab key offers: scenarios, policies of the scenario that is named, and levers. ``simsme --install-completion`` sets it up."""

from collections.abc import Iterable
from pathlib import Path

import typer

from simsme.problems import InputError

DEFAULT_SCENARIO = "three-months"


def complete_scenario(incomplete: str) -> list[str]:
    """Return shipped scenarios and TOML files of this folder that begin with what is typed.

    Parameters
    ----------
    incomplete
        What is typed so far.
    """
    from simsme.scenario import shipped_scenarios

    folder = Path(incomplete).parent if "/" in incomplete else Path()
    files = sorted(path.as_posix() for path in folder.glob("*.toml"))
    return _beginning(incomplete, (*shipped_scenarios(), *files))


def complete_policy(context: typer.Context, incomplete: str) -> list[str]:
    """Return the policies of the scenario on the line that begin with what is typed; those of three-months where none is named yet.

    Parameters
    ----------
    context
        The line so far.
    incomplete
        What is typed so far.
    """
    from simsme.scenario import load_scenario

    # where the option that is being typed has no value yet, the words before it are not told apart and lie in args
    words = [word for word in context.args if not word.startswith("-")]
    source = context.params.get("scenario") or next(iter(words), DEFAULT_SCENARIO)
    try:
        policies = [policy.name for policy in load_scenario(str(source)).scenario.policies]
    except (InputError, OSError):  # the command itself says what is wrong with the file
        return []
    return _beginning(incomplete, policies)


def complete_lever(incomplete: str) -> list[str]:
    """Return the kinds of levers that begin with what is typed.

    Parameters
    ----------
    incomplete
        What is typed so far.
    """
    from simsme.levers import kinds

    return _beginning(incomplete, sorted(kinds()))


def _beginning(typed: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(typed)]
