"""Provenance: what a result came from, and the digest by which the same result is found again."""

import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib import metadata
from typing import Any

UNKNOWN_VERSION = "0+unknown"
"""Version of a package that runs from a bare directory, without being installed."""

PACKAGES = ("simsme", "numpy", "scipy", "pandas", "matplotlib", "pydantic")
"""Packages whose versions are recorded with a result."""


@dataclass(frozen=True)
class Provenance:
    """Where a result came from. It stands in the manifest of a results folder and inside every figure.

    Attributes
    ----------
    scenario : str
        Name of the scenario.
    digest : str
        Digest of all that determines the result, see `digest`.
    seed, draws : int
        Seed of the luck and number of draws.
    policies : tuple of str
        Names of the policies.
    overrides : tuple of str
        ``key=value`` as given by the user.
    command : tuple of str
        The command and its arguments; empty where the run was started from Python.
    started, ended : datetime or None
        When, with a time zone.
    firm_file : str or None
        Name of the file that the firms came from, without its folder.
    firm_file_digest : str or None
        Digest of that file's content.
    """

    scenario: str
    digest: str
    seed: int
    draws: int
    policies: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    started: datetime | None = None
    ended: datetime | None = None
    firm_file: str | None = None
    firm_file_digest: str | None = None

    def manifest(self) -> dict[str, Any]:
        """Everything recorded, with versions and platform, ready for JSON."""
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "seed": self.seed,
            "draws": self.draws,
            "policies": list(self.policies),
            "overrides": list(self.overrides),
            "command": list(self.command),
            "started": None if self.started is None else self.started.isoformat(timespec="seconds"),
            "ended": None if self.ended is None else self.ended.isoformat(timespec="seconds"),
            "firm_file": self.firm_file,
            "firm_file_digest": self.firm_file_digest,
            "versions": versions(),
            "platform": {"system": platform.system(), "release": platform.release(), "machine": platform.machine()},
        }


@cache
def version(package: str = "simsme") -> str:
    """Installed version of a package, `UNKNOWN_VERSION` where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return UNKNOWN_VERSION


def versions() -> dict[str, str]:
    """Versions of Python and of the `PACKAGES` a result depends on, without importing them."""
    return {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}


def digest(
    scenario: Mapping[str, Any],
    *,
    overrides: Sequence[str] = (),
    firm_file_digest: str | None = None,
    policies: Sequence[str] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    simsme_version: str | None = None,
) -> str:
    """Digest of all that determines a result: equal digests, equal results.

    Parameters
    ----------
    scenario : mapping
        The scenario as validated, defaults filled in: numbers, strings, lists and tables.
    overrides : sequence of str
        ``key=value`` as given by the user, in their order (a later one wins over an earlier one).
    firm_file_digest : str, optional
        Digest of the content of a firm file, see `content_digest`.
    policies : sequence of str, optional
        Policies that run, in their order, where not all do.
    draws, seed : int, optional
        Where they differ from the scenario's own.
    simsme_version : str, optional
        The installed version where not given.

    Returns
    -------
    str
        64 hexadecimal digits: the SHA-256 of canonical JSON. Neither the order of keys nor 1 against 1.0 makes a difference.
    """
    content = {
        "scenario": scenario,
        "overrides": list(overrides),
        "firm_file": firm_file_digest,
        "policies": None if policies is None else list(policies),
        "draws": draws,
        "seed": seed,
        "version": version() if simsme_version is None else simsme_version,
    }
    return content_digest(canonical_json(content).encode("utf-8"))


def content_digest(content: bytes) -> str:
    """SHA-256 of some bytes, as 64 hexadecimal digits."""
    return sha256(content).hexdigest()


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, whole numbers without a point, infinity as the string ``inf``.

    Raises
    ------
    TypeError
        When the value holds something that is not a number, a string, a truth value, None, a date, a list or a table.
    """
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = [str(key) for key in value]
        if len(set(keys)) < len(keys):
            raise TypeError(f"two keys of a table read the same: {', '.join(sorted(keys))}")
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else value
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"{type(value).__name__} has no canonical JSON: {value!r}")
