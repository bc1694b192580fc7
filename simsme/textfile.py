"""Reading and writing a user's text files."""

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


def decoded(content: bytes, name: str, hint: str = "") -> str:
    """Return `content` as text; InputError, with a hint, where it is not UTF-8, and where it is empty."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError([Problem(name, f"line {line}", f"is not UTF-8 text (byte {error.start}){f'; {hint}' if hint else ''}")]) from None
    if not text.strip():
        raise InputError([Problem(name, "", "is empty")])
    return text


def write_text(file: Path, text: str, *, replace: bool = False) -> None:
    """Write a text in UTF-8 where there is no file yet, or in place of one.

    Raises
    ------
    InputError
        Where there is a file and it is not to be replaced, and where nothing can be written.
    """
    try:
        with file.open("w" if replace else "x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise InputError([Problem(str(file), "", "is there already and was not touched; --force writes over it")]) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError([Problem(str(file), "", f"cannot be written: {reason}")]) from None


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
    except ValueError:
        # Python reads no number of thousands of digits
        raise InputError([Problem(name, "", "holds a number with thousands of digits")]) from None
    except RecursionError:
        raise InputError([Problem(name, "", "holds brackets within brackets, more deeply than anything means")]) from None
