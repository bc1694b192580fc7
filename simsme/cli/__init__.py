"""The command line: ``simsme run``, ``attribute``, ``check``, ``levers``, ``assumptions``, ``story``, ``new``, ``schema``.

What a command finds goes to standard output, what it has to say about it to standard error. Exit codes: 0 done, 1 a fault of simsme,
2 an input that cannot be used, 130 stopped by Ctrl-C, 143 by a request to end (SIGTERM).
"""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simsme.cli.application import app

__all__ = ["STOPPED", "app", "main"]

STOPPED = 130
"""Exit code after Ctrl-C, by the custom of shells: 128 and the number of the signal."""


def main() -> None:
    """Run the command line of this process and end it."""
    from simsme.cli import interrupts, process

    try:
        interrupts.listen()
        process.claim()
        # loaded here, so that Ctrl-C while loading is answered like any other
        from simsme.cli.application import answer
        from simsme.cli.encoding import speak_any_encoding

        speak_any_encoding()
        code = answer(sys.argv[1:])
    except BaseException as error:
        if not (isinstance(error, KeyboardInterrupt) or interrupts.asked()):
            raise
        print("simsme: stopped", file=sys.stderr)
        code = interrupts.exit_code()
    process.end(code)


def __getattr__(name: str) -> Any:
    """Load the application only for those who ask for it."""
    if name != "app":
        raise AttributeError(f"module 'simsme.cli' has no attribute {name!r}")
    from simsme.cli.application import app

    return app
