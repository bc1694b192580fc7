"""The application: its commands, and how it answers to what goes wrong in any of them."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Protocol, runtime_checkable

import typer

from simsme.cli import STOPPED, interrupts
from simsme.cli.attribute import attribute_policy
from simsme.cli.calibrate import calibrate_scenario
from simsme.cli.catalogue import list_assumptions, list_levers
from simsme.cli.check import check_scenario
from simsme.cli.compare import compare_runs
from simsme.cli.discover import discover_failures
from simsme.cli.merge import merge_batches
from simsme.cli.new import new_scenario
from simsme.cli.optimize import optimize_policy
from simsme.cli.portfolio import score_firms_of_file
from simsme.cli.report import report_run
from simsme.cli.run import run_scenario
from simsme.cli.runway import find_runway_of_firm
from simsme.cli.schema import print_schema
from simsme.cli.sensitivity import find_sensitivity
from simsme.cli.story import tell_firm
from simsme.cli.sweep import sweep_scenario
from simsme.cli.targeting import tell_targeting
from simsme.cli.validate import validate_sources
from simsme.problems import InputError

app = typer.Typer(
    name="simsme",
    help="How long small firms' cash lasts in a shock, which of them survive, and what credit policies change and cost.",
    epilog="Start with: simsme run three-months. A draw is one realisation of all luck: of the shock, of customers, banks and owners.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""The disk is full, or what the user may have of it, or the file."""


def _print_version(context: typer.Context, wanted: bool) -> None:
    if wanted:
        from simsme.provenance import version, versions

        if context.params.get("as_json"):
            print(json.dumps({"simsme": version(), "versions": versions()}, indent=1))
        else:
            print(f"simsme {version()}")
        raise typer.Exit


@app.callback()
def simsme(
    as_json: Annotated[
        bool, typer.Option("--json", is_eager=True, help="With --version: as one JSON object, with Python and the packages that compute.")
    ] = False,
    version: Annotated[bool, typer.Option("--version", callback=_print_version, help="Print the version and exit.")] = False,
) -> None:
    """Hold the options that come before a command."""


# groups and their order are those of `simsme --help`: what people want, not how it is made
app.command("run", rich_help_panel="Run and look")(run_scenario)
app.command("merge", rich_help_panel="Run and look")(merge_batches)
app.command("new", rich_help_panel="Run and look")(new_scenario)
app.command("check", rich_help_panel="Run and look")(check_scenario)
app.command("story", rich_help_panel="Run and look")(tell_firm)
app.command("report", rich_help_panel="Run and look")(report_run)
app.command("attribute", rich_help_panel="Ask about policies")(attribute_policy)
app.command("optimize", rich_help_panel="Ask about policies")(optimize_policy)
app.command("discover", rich_help_panel="Ask about policies")(discover_failures)
app.command("targeting", rich_help_panel="Ask about policies")(tell_targeting)
app.command("compare", rich_help_panel="Ask about policies")(compare_runs)
app.command("runway", rich_help_panel="Ask about firms of your own")(find_runway_of_firm)
app.command("portfolio", rich_help_panel="Ask about firms of your own")(score_firms_of_file)
app.command("sensitivity", rich_help_panel="Ask how sure that is")(find_sensitivity)
app.command("sweep", rich_help_panel="Ask how sure that is")(sweep_scenario)
app.command("validate", rich_help_panel="Ask how sure that is")(validate_sources)
app.command("calibrate", rich_help_panel="Ask how sure that is")(calibrate_scenario)
app.command("levers", rich_help_panel="Look up")(list_levers)
app.command("assumptions", rich_help_panel="Look up")(list_assumptions)
app.command("schema", rich_help_panel="Look up")(print_schema)


@runtime_checkable
class _Misuse(Protocol):
    """What typer raises where it cannot make sense of the arguments; its class has had several homes."""

    exit_code: int

    def format_message(self) -> str: ...


def answer(arguments: Sequence[str]) -> int:
    """Do what the arguments say and return the exit code.

    Parameters
    ----------
    arguments
        Those of the process, without its name; help where there are none.
    """
    try:
        code = app(list(arguments) or ["--help"], prog_name="simsme", standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except BrokenPipeError:
        return _nobody_reads()
    except Exception as error:
        if interrupts.asked():
            return _stopped()
        if isinstance(error, _Misuse):
            return _misused(error)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            return _no_room(error)
        traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        print(f"simsme: this is a fault of simsme, not yours; please report it with the lines above ({what})", file=sys.stderr)
        return 1
    return _stopped() if code == STOPPED else code or 0


def _stopped() -> int:
    interrupts.stop_listening()
    print("simsme: stopped", file=sys.stderr)
    return interrupts.exit_code()


# what the library that reads the command line says of a value, and what is said here
_WORDINGS = (
    ("Value error, ", ""),
    (", unable to parse string as an integer", ""),
    (", unable to parse string as a number", ""),
    ("Input should be a valid integer", "must be a whole number"),
    ("Input should be a valid number", "must be a number"),
    ("Input should be greater than or equal to", "must be at least"),
    ("Input should be less than or equal to", "must be at most"),
    ("Input should be", "must be"),
)


def _plain(message: str) -> str:
    """Return a message about a misused option without the words of the library that checks it."""
    for theirs, ours in _WORDINGS:
        message = message.replace(theirs, ours)
    return message


def _misused(error: _Misuse) -> int:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "simsme"
    print(f"{command}: {_plain(error.format_message())}", file=sys.stderr)
    if getattr(getattr(error, "param", None), "name", "") == "scenario" and "issing" in error.format_message():
        _list_scenarios()
    print(f"Try '{command} --help'.", file=sys.stderr)
    return error.exit_code


def _list_scenarios() -> None:
    """Say which scenarios there are, for who has named none."""
    from simsme.scenario import shipped_titles

    titles = shipped_titles()
    width = max(map(len, titles)) + 2
    print("Give the name of a shipped scenario, or a TOML file of your own (simsme new writes one). Shipped are:", file=sys.stderr)
    for name, title in titles.items():
        print(f"  {name:{width}}{title}", file=sys.stderr)


def _no_room(error: OSError) -> int:
    """Say that a disk is full, where nobody nearer to it has; what is still buffered goes nowhere."""
    place = error.filename if isinstance(error.filename, str) else "standard output"
    print(f"{place}: cannot be written: {(error.strerror or str(error)).lower()}", file=sys.stderr)
    _nobody_reads()
    return 2


def _nobody_reads() -> int:
    """End quietly where the reader of a pipe has gone; what is still buffered goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return 1
