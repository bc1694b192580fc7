"""Reading a user's text files."""

import re
import tomllib
from pathlib import Path
from typing import Any

from simsme.problems import InputError, Problem


def read_text(file: Path, name: str) -> str:
    """Return the text of a UTF-8 file.

    Parameters
    ----------
    file
        The file.
    name
        How to call it in errors: as the user did.

    Raises
    ------
    InputError
        Where it is missing, a directory, not readable, not UTF-8, or empty.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise InputError([Problem(name, "", "no such file")]) from None
    except IsADirectoryError:
        raise InputError([Problem(name, "", "is a directory; a file is needed")]) from None
    except PermissionError:
        raise InputError([Problem(name, "", "cannot be read: permission denied")]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError([Problem(name, "", f"cannot be read: {reason}")]) from None
    return decoded(content, name)


def decoded(content: bytes, name: str) -> str:
    """Return `content` as text; InputError where it is not UTF-8 or empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError([Problem(name, f"line {line}", f"is not UTF-8 text (byte {error.start})")]) from None
    if not text.strip():
        raise InputError([Problem(name, "", "is empty")])
    return text


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a TOML text; InputError with line and column where it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), flags=re.DOTALL)
        message, line, column = found.groups() if found else (str(error), None, None)
        lines = text.splitlines() or [""]
        place = f"line {line or len(lines)}, column {column or len(lines[-1]) + 1}"
        raise InputError([Problem(name, place, f"is not TOML: {message}")]) from None
