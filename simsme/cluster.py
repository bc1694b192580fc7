"""Batches on many machines: the workers of a Dask scheduler, an extra (``pip install 'simsme[distributed]'``).

A worker gets the text of the scenario and the numbers of some draws. It reads or draws the firms itself, once, and checks that they, the
scenario and the version of simsme are those of the run. Back come the weighted shares of the draws and, where asked for, counts by firm. A
batch whose worker is lost is run by another one. No bit of a result depends on any of it.
"""

import socket
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from numpy.typing import NDArray

from simsme.batches import Work
from simsme.draw_range import DrawRange
from simsme.execution import prepare
from simsme.firm_level import FirmLevel
from simsme.firm_tally import COUNTS, Tally
from simsme.gathering import Shares
from simsme.plan import Plan, plan_run
from simsme.problems import InputError, Problem
from simsme.scenario import parse_scenario

CONNECT_SECONDS, WORKERS_SECONDS = 10, 30
"""How long to wait for a scheduler to answer, and for its first worker."""

Counts = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Errand:
    """What a worker is told of a run: everything that determines it, and nothing that was computed."""

    text: str
    file: str
    folder: Path | None
    overrides: tuple[str, ...]
    policies: tuple[str, ...]
    firms_file: Path | None
    digest: str
    engine: str
    lanes: int
    firm_level: bool


class Cluster:
    """The workers of a Dask scheduler, as a :class:`simsme.crew.Crew`.

    Parameters
    ----------
    address
        Of the scheduler, such as ``tcp://host:8786``.
    plan, work, tally
        What to run, and what counts by firm where that is wanted.

    Raises
    ------
    InputError
        Where the extra is missing, nobody answers, or no worker comes.
    """

    def __init__(self, address: str, plan: Plan, work: Work, tally: Tally | None) -> None:
        try:
            from distributed import Client
        except ModuleNotFoundError:
            raise _refused(address, "needs the extra distributed: pip install 'simsme[distributed]'") from None
        _check_address(address)
        try:
            self._client: Any = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise _refused(address, f"no Dask scheduler answers ({[*str(error).splitlines(), type(error).__name__][0]})") from None
        self.workers = self._threads_of_workers(address)
        self._errand = Errand(
            text=plan.loaded.text,
            file=plan.loaded.file,
            folder=None if plan.loaded.folder is None else plan.loaded.folder.resolve(),
            overrides=plan.loaded.overrides,
            policies=tuple(policy.name for policy in plan.policies),
            firms_file=None if plan.firms_file is None else plan.firms_file.resolve(),
            digest=plan.digest,
            engine=work.engine,
            lanes=work.lanes,
            firm_level=tally is not None,
        )
        self._executor, self._tally, self._address = self._client.get_executor(pure=False), tally, address
        self._done, self._counting = 0, threading.Lock()

    def _threads_of_workers(self, address: str) -> int:
        waited_until = time.monotonic() + WORKERS_SECONDS
        while not (threads := sum(self._client.nthreads().values())):
            if time.monotonic() > waited_until:
                self._client.close()
                raise _refused(
                    address, f"the scheduler has no workers, after waiting for {WORKERS_SECONDS} s; start some: dask worker {address}"
                )
            time.sleep(0.2)
        return int(threads)

    def start(self, batch: DrawRange) -> "Future[Shares]":
        """See :meth:`simsme.crew.Crew.start`."""
        arrived: Future[Shares] = Future()

        def take(sent: "Future[tuple[Shares, Counts | None]]") -> None:
            try:
                shares, counts = sent.result()
                with self._counting:
                    self._done += batch.draws
                if self._tally is not None and counts is not None:
                    self._tally.add_counts({batch}, counts)
                arrived.set_result(shares)
            except BaseException as error:
                arrived.set_exception(self._understood(error, batch))

        self._executor.submit(run_batch, self._errand, batch).add_done_callback(take)
        return arrived

    def done(self) -> float:
        """See :meth:`simsme.crew.Crew.done`: whole batches only."""
        return self._done

    def stop(self) -> None:
        """See :meth:`simsme.crew.Crew.stop`: batches that wait are withdrawn; those that run end on their own."""
        self._executor.shutdown(wait=False)
        self._client.close(timeout=CONNECT_SECONDS)

    def close(self) -> None:
        """See :meth:`simsme.crew.Crew.close`."""
        self._executor.shutdown()
        self._client.close()

    def _understood(self, error: BaseException, batch: DrawRange) -> BaseException:
        if type(error).__name__ == "KilledWorker":
            message = f"one worker after the other was lost over draws {batch}; they may have too little memory, see docs/scale.md"
            return _refused(self._address, message)
        return error


def run_batch(errand: Errand, batch: DrawRange) -> tuple[Shares, Counts | None]:
    """Run a batch where this process is: the errand of a worker.

    Raises
    ------
    InputError
        Where this machine has another version of simsme, or does not have the same files.
    """
    work = _work_on(errand)
    # counts need be no wider than the draws of the batch
    few = work.scenario.model_copy(update={"draws": batch.draws})
    tally = Tally(FirmLevel.of(few, work.policies, work.firms)) if errand.firm_level else None
    shares = work.run(batch, lambda share: None, tally)
    return shares, None if tally is None else {name: getattr(tally.level, name) for name in COUNTS}


_at_hand: dict[Errand, Work] = {}
"""The work of the latest errand: the firms of a run are read or drawn once in a process."""
_PREPARING = threading.Lock()


def _work_on(errand: Errand) -> Work:
    with _PREPARING:
        if errand not in _at_hand:
            loaded = parse_scenario(errand.text, errand.file, errand.folder, errand.overrides)
            plan = plan_run(loaded, policies=errand.policies, firms=errand.firms_file)
            if plan.digest != errand.digest:
                raise _refused("worker", "another version of simsme or another file of firms than where the run was started")
            prepare(errand.engine, lambda: None, lambda: None)
            _at_hand.clear()
            _at_hand[errand] = Work.on(plan.scenario, plan.policies, plan.firms_as_needed(), errand.engine, errand.lanes)
        return _at_hand[errand]


def _check_address(address: str) -> None:
    """Refuse an address where nobody answers, in fewer words than Dask has for it."""
    parts = urlsplit(address)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not parts.scheme or host is None or port is None:
        raise _refused(address, "is no address of a Dask scheduler; one looks like tcp://host:8786")
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise _refused(address, f"no Dask scheduler answers ({(error.strerror or str(error)).lower()})") from None


def _refused(place: str, message: str) -> InputError:
    return InputError([Problem(place if place == "worker" else f"--scheduler {place}", "", message)])
