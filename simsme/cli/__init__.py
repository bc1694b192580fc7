"""The command line: ``simsme run``, ``check``, ``levers``, ``assumptions``, ``story``.

What a command finds goes to standard output, what it has to say about it to standard error. Exit codes: 0 done, 1 a fault of simsme,
2 an input that cannot be used, 130 stopped by Ctrl-C.
"""

import sys

STOPPED = 130
"""Exit code after Ctrl-C, by the custom of shells: 128 and the number of the signal."""


def main() -> None:
    """Run the command line of this process and end it."""
    try:
        # loaded here, so that Ctrl-C while loading is answered like any other
        from simsme.cli.app import answer

        code = answer(sys.argv[1:])
    except KeyboardInterrupt:
        print("simsme: stopped", file=sys.stderr)
        code = STOPPED
    sys.exit(code)
