"""What became of an input: a result, a clear refusal, or a fault of simsme."""

import contextlib
import io
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from simsme.problems import InputError

RESULT, REFUSED = "result", "refused"
LONGEST_SECONDS = 20.0
"""Of processor time; where somebody waits for ever none of it is spent, and `PATIENCE` times as many seconds of the clock end it."""

PATIENCE = 15.0
"""The machine may have other things to do."""


class TooLong(BaseException):
    """Raised where an input takes longer than it may; no exception that anybody catches."""


class Misread(Exception):
    """Raised where what was read is not what was written."""


@dataclass(frozen=True)
class Verdict:
    """What became of an input: `RESULT`, `REFUSED`, or the name of the fault, with what was said."""

    outcome: str
    said: str

    @property
    def is_fault(self) -> bool:
        """Whether simsme, not the input, is to blame."""
        return self.outcome not in (RESULT, REFUSED)


def judge(attempt: Callable[[], object], seconds: float = LONGEST_SECONDS) -> Verdict:
    """Try something; a warning is a fault, as a user would see it and not know what to do."""
    try:
        with _no_longer_than(seconds), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("error")
            attempt()
    except InputError as error:
        return _refusal(str(error))
    except TooLong:
        return Verdict("hang", f"no answer after {seconds:g} s")
    except Exception as error:
        return Verdict(type(error).__name__, "".join(traceback.format_exception(error)))
    return Verdict(RESULT, "")


def judge_command(arguments: list[str], seconds: float = LONGEST_SECONDS) -> Verdict:
    """Give arguments to the command line of this process."""
    from simsme.cli.application import answer

    out, err, code = io.StringIO(), io.StringIO(), -1
    try:
        with _no_longer_than(seconds), warnings.catch_warnings(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            warnings.simplefilter("error")
            code = answer(arguments)
    except TooLong:
        return Verdict("hang", f"no answer after {seconds:g} s: {arguments}")
    except BaseException as error:
        return Verdict(type(error).__name__, "".join(traceback.format_exception(error)))
    said = err.getvalue()
    if code == 2 and not out.getvalue():
        return _refusal(said)
    return Verdict(RESULT if code == 0 else f"exit code {code}", said)


def _refusal(said: str) -> Verdict:
    """A refusal, if it is a clear one: something is said, line by line, and no line is a traceback or endless."""
    if not said.strip() or "Traceback" in said or "errors.pydantic.dev" in said or max(map(len, said.splitlines())) > 4000:
        return Verdict("unclear refusal", said)
    return Verdict(REFUSED, said)


@contextlib.contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise TooLong

    clocks = ((signal.SIGPROF, signal.ITIMER_PROF, seconds), (signal.SIGALRM, signal.ITIMER_REAL, PATIENCE * seconds))
    before = [signal.signal(number, stop) for number, _, _ in clocks]
    for _, clock, most in clocks:
        signal.setitimer(clock, most)
    try:
        yield
    finally:
        for (number, clock, _), handler in zip(clocks, before, strict=True):
            signal.setitimer(clock, 0.0)
            signal.signal(number, handler)
