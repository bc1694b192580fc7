"""Standard streams that can say everything, if need be in plainer signs."""

import codecs
import io
import sys

PLAIN = {"─": "-", "│": "|", "–": "-", "−": "-", "±": "+/-", "…": "...", "’": "'"}
"""What stands for a sign that an encoding does not have; a question mark for all others."""

_NAME = "simsme-plain"


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def speak_any_encoding() -> None:
    """Let no sign stop standard output or standard error, whatever their encoding."""
    codecs.register_error(_NAME, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NAME)
