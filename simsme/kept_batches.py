"""Finished batches on disk, so that a run that was stopped at any moment goes on where it was.

A folder of kept batches holds ``batches.json``, which says of what run they are, and a file for every batch. A file is written under
another name and renamed when it is whole; its name ends in the first digits of the SHA-256 of its content, by which damage is told. Files
are npz archives of plain arrays and are read without pickle.

    batches.json                        the run
    draws-0-25-5f0c....npz              weighted shares of draws 0 to 24
    firms-50-9be1....npz                counts by firm of 50 draws, where they are counted; the newest takes the place of the ones before
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from simsme.draw_range import DrawRange
from simsme.firm_tally import Tally
from simsme.folder_locks import lock, unlock
from simsme.gathering import Shares
from simsme.problems import InputError, Problem
from simsme.provenance import canonical_json, version

Arrays = dict[str, NDArray[Any]]

MADE_BY, FORMAT = "simsme", 1
RECORD, ABOUT = "batches.json", "about"
DIGEST_DIGITS = 32
NAME = re.compile(rf"(?:draws-(\d+)-(\d+)|firms-\d+)-([0-9a-f]{{{DIGEST_DIGITS}}})\.npz")

TALLY_SHARE = 0.05
"""Counts by firm are written again when this part of the time would be spent with writing them."""
TALLY_SECONDS = 5.0
"""And not before so many seconds have passed since they were written."""


SUFFIX = ".batches"
"""By which a folder of kept batches differs from the results folder that it stands beside."""


class DamagedError(Exception):
    """A file is not what was written, or is of another run."""


class KeptBatches:
    """The folder of kept batches of a run, for the run alone: a second run on the same folder is refused while this one goes on.

    Parameters
    ----------
    folder
        Where; made where it is not there.
    record
        What run it is: its ``digest``, and what it takes to plan it again.
    resume
        Use what is there. Otherwise it is deleted.
    say
        Told, in one line each, what was found, damaged or could not be kept.

    Raises
    ------
    InputError
        Where the folder is somebody else's, cannot be made, or another run is at work in it.
    """

    def __init__(self, folder: Path, record: Mapping[str, Any], resume: bool, say: Callable[[str], None]) -> None:
        self.folder, self.say, self._resume = folder, say, resume
        self.digest = str(record["digest"])
        self._record = {"made_by": MADE_BY, "format": FORMAT, "version": version()} | dict(record)
        self._able, self._tally_due, self._kept_draws = True, 0.0, set[DrawRange]()
        self._made = [place for place in folder.parents if not place.exists()]
        check_batches_folder(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = lock(folder)
            if resume:
                self._say_others()
            if not (resume and self._is_ours()):
                self._empty()
            _write_atomically(folder, RECORD, self._write_record)
        except BlockingIOError:
            message = "another run is at work here; wait until it has ended, or choose another folder with --out"
            raise InputError([Problem(str(folder), "", message)]) from None
        except OSError as error:
            raise InputError([Problem(str(folder), "", f"cannot be written: {(error.strerror or str(error)).lower()}")]) from error

    def _write_record(self, file: Any) -> None:
        file.write(json.dumps(self._record, indent=1).encode("utf-8"))

    def _say_others(self) -> None:
        """Say which batches beside these are of the same scenario, but not of this run."""
        stem = self.folder.name.removesuffix(SUFFIX)[:-8]
        for path in sorted(self.folder.parent.glob(f"*{SUFFIX}")):
            if path != self.folder and re.fullmatch(re.escape(stem) + r"[0-9a-f]{8}", path.name.removesuffix(SUFFIX)):
                self.say(f"{path} holds batches of another run or version; they are not used.")

    def _is_ours(self) -> bool:
        """Whether what is kept is of this run, as far as the record says; every batch says so as well."""
        with suppress(InputError):
            if read_record(self.folder).get("digest") != self.digest:
                self.say(f"{self.folder} holds batches of another run or version; they are not used.")
                return False
        return True

    def found(self, tally: Tally | None = None) -> dict[DrawRange, Shares]:
        """Read what is kept. With a tally its counts are filled, and only batches that they hold are given back.

        What is damaged is said and deleted.
        """
        parts, broken = dict[DrawRange, Shares](), 0
        for path in _files(self.folder, "draws"):
            try:
                draws, shares = read_shares(path, self.digest)
            except DamagedError as damage:
                broken += self._drop(path, damage)
                continue
            if all(draws.end <= kept.first or draws.first >= kept.end for kept in parts):
                parts[draws] = shares
        if tally is not None:
            parts = self._counted_too(parts, tally)
        if parts:
            self.say(f"{sum(draws.draws for draws in parts):,} draws were kept in {self.folder}; the run goes on from there.")
        elif self._resume and not broken:
            self.say(f"Nothing was kept in {self.folder}; the run begins at its beginning.")
        self._kept_draws = set(parts)
        return parts

    def keep(self, draws: DrawRange, shares: Shares) -> None:
        """Keep a finished batch; where the disk does not let us, the run goes on and says so once."""
        about = {"digest": self.digest, "format": FORMAT, "draws": list(draws)}
        if self._kept(f"draws-{draws.first}-{draws.end}", about, _flat(shares)) is not None:
            self._kept_draws.add(draws)

    def keep_tally(self, tally: Tally, last: bool = False) -> None:
        """Keep the counts by firm, now and then and at the `last`; they take the place of those kept before."""
        began = time.monotonic()
        if not self._able or (not last and began < self._tally_due):
            return
        before = list(_files(self.folder, "firms"))
        with tally.at_rest() as counts:
            # what they count must be kept as well, or else it would be counted twice
            if not tally.is_whole or not tally.counted or not tally.counted <= self._kept_draws:
                return
            about = {"digest": self.digest, "format": FORMAT, "counted": sorted(tally.counted)}
            new = self._kept(f"firms-{sum(end - first for first, end in tally.counted)}", about, counts)
        for path in before:
            if new is not None and path.name != new:
                path.unlink(missing_ok=True)
        now = time.monotonic()
        self._tally_due = now + max(TALLY_SECONDS, (now - began) / TALLY_SHARE)

    def close(self) -> None:
        """Let others at the folder; it stays."""
        unlock(self._lock)
        self._lock = None

    def remove(self) -> None:
        """Delete the folder: the result is stored, or nothing is worth keeping."""
        with suppress(OSError):
            self._empty()
        self.close()
        with suppress(OSError):
            for place in (self.folder, *self._made):
                place.rmdir()

    def _empty(self) -> None:
        for path in self.folder.iterdir():
            path.unlink(missing_ok=True)

    def _kept(self, stem: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str | None:
        if not self._able:
            return None
        try:
            return write_arrays(self.folder, stem, about, arrays)
        except OSError as error:
            self._able = False
            reason = (error.strerror or str(error)).lower()
            self.say(f"Batches cannot be kept in {self.folder}: {reason}. The run goes on; --resume will find what was kept before.")
            return None

    def _counted_too(self, parts: dict[DrawRange, Shares], tally: Tally) -> dict[DrawRange, Shares]:
        """Fill the tally from the fullest file that holds; only draws that it counts need not be run again, the others are deleted."""
        counted = self._fill(parts, tally)
        if len(counted) < len(parts):
            self.say("Draws whose counts by firm were not kept are run again.")
        for path in _files(self.folder, "draws"):
            first, end = path.name.split("-")[1:3]
            if (int(first), int(end)) not in counted:
                path.unlink(missing_ok=True)
        return {draws: shares for draws, shares in parts.items() if draws in counted}

    def _fill(self, parts: Mapping[DrawRange, Shares], tally: Tally) -> set[DrawRange]:
        for path in sorted(_files(self.folder, "firms"), key=lambda path: -int(path.name.split("-")[1])):
            try:
                counted, counts = read_counts(path, self.digest)
                if counted <= parts.keys():
                    tally.add_counts(counted, counts)
                    return counted
            except (DamagedError, ValueError) as damage:
                self._drop(path, damage)
        return set()

    def _drop(self, path: Path, damage: Exception) -> int:
        self.say(f"{path} is damaged ({damage}); its draws are run again.")
        path.unlink(missing_ok=True)
        return 1


def batches_folder(results: Path) -> Path:
    """Where batches are kept while the result of this folder is computed."""
    return results.with_name(results.name + SUFFIX)


def check_batches_folder(folder: Path) -> None:
    """Check that a folder of kept batches is ours or not there; changes nothing.

    Raises
    ------
    InputError
        Where it is somebody else's.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise InputError([Problem(str(folder), "", "is there already and was not made by simsme; move it away")])
    strange = [path.name for path in folder.iterdir() if not _is_name_of_ours(path.name)] if folder.is_dir() else []
    if strange:
        raise InputError([Problem(str(folder), "", f"holds {sorted(strange)[0]}, which simsme did not make; move it away")])


def read_record(folder: Path) -> dict[str, Any]:
    """Read what run the batches of a folder are of.

    Raises
    ------
    InputError
        Where it holds none, or the record cannot be read.
    """
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"holds no batches of simsme: there is no {RECORD} in it" if folder.is_dir() else "no such folder"
        raise InputError([Problem(str(folder), "", message)]) from None
    except (OSError, ValueError):
        record = None
    if not isinstance(record, dict) or record.get("made_by") != MADE_BY:
        raise InputError([Problem(str(folder / RECORD), "", "is damaged; run these draws again")])
    return record


def kept_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """Files of draws and files of counts by firm in a folder."""
    return list(_files(folder, "draws")), list(_files(folder, "firms"))


def read_shares(path: Path, digest: str) -> tuple[DrawRange, Shares]:
    """Read a batch; `DamagedError` where it is not what was written, or is of another run."""
    about, arrays = _read(path, digest)
    try:
        return DrawRange(*about["draws"]), _unflat(arrays)
    except (KeyError, TypeError) as error:
        raise DamagedError("its content is not that of a batch") from error


def read_counts(path: Path, digest: str) -> tuple[set[DrawRange], Arrays]:
    """Read counts by firm and the draws that they hold; `DamagedError` as in :func:`read_shares`."""
    about, arrays = _read(path, digest)
    return {DrawRange(*draws) for draws in about["counted"]}, arrays


def write_arrays(folder: Path, stem: str, about: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write arrays into a file of the folder, whole or not at all, and return its name, which holds its checksum."""
    content = {ABOUT: np.frombuffer(canonical_json(about).encode(), dtype=np.uint8), **arrays}

    def save(file: BinaryIO) -> None:
        np.savez(file, **content)  # type: ignore[arg-type]

    return _write_atomically(folder, stem, save, hashed=True)


def _read(path: Path, digest: str) -> tuple[dict[str, Any], Arrays]:
    match = NAME.fullmatch(path.name)
    try:
        with path.open("rb") as file:
            if match is None or _sha256(file) != match[3]:
                raise DamagedError("its checksum does not fit")
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop(ABOUT).tobytes())
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DamagedError("it cannot be read") from error
    if about.get("digest") != digest or about.get("format") != FORMAT:
        raise DamagedError("it is of another run or version")
    return about, arrays


def _flat(shares: Shares) -> Arrays:
    """Arrays by name, those of a table as ``table/name``."""
    flat: Arrays = {}
    for name in Shares.__dataclass_fields__:
        value = getattr(shares, name)
        flat |= {f"{name}/{key}": part for key, part in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _unflat(arrays: Arrays) -> Shares:
    fields: dict[str, Any] = {name: {} for name, field in Shares.__dataclass_fields__.items() if "dict" in str(field.type)}
    for name, values in arrays.items():
        table, _, key = name.partition("/")
        if key:
            fields[table][key] = values
        else:
            fields[name] = values
    return Shares(**fields)


def _files(folder: Path, kind: str) -> Iterator[Path]:
    yield from sorted(path for path in folder.iterdir() if path.name.startswith(kind) and NAME.fullmatch(path.name))


def _is_name_of_ours(name: str) -> bool:
    return name == RECORD or NAME.fullmatch(name) is not None or name.endswith(".unfinished")


class _Hashing:
    """A file that is written from beginning to end, and its SHA-256."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sha256 = file, sha256()

    def write(self, content: Any) -> int:
        self.sha256.update(content)
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()

    def read(self, count: int = -1) -> bytes:
        """Nothing: numpy wants to see that a file has this."""
        return b""


def _write_atomically(folder: Path, name: str, save: Callable[[Any], None], hashed: bool = False) -> str:
    unfinished = folder / f"{name}.unfinished"
    try:
        with unfinished.open("wb") as file:
            hashing = _Hashing(file)
            save(hashing)
        if hashed:
            name = f"{name}-{hashing.sha256.hexdigest()[:DIGEST_DIGITS]}.npz"
        os.replace(unfinished, folder / name)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
    return name


def _sha256(file: BinaryIO) -> str:
    found = sha256()
    while block := file.read(1 << 20):
        found.update(block)
    return found.hexdigest()[:DIGEST_DIGITS]
