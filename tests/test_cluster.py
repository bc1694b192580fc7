"""A run on a real cluster of separate processes on this machine: the same bits, also where one of them is killed."""

import os
import socket
import subprocess
import sys
import time

import pytest

from simsme.cli.application import answer
from simsme.firm_tally import COUNTS
from simsme.problems import InputError
from simsme.runs import execute
from tests.test_cli import environment
from tests.test_kept_batches import assert_same_bits, small

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]  # those of dask are not ours
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LocalCluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.start("dask_scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2], "--dashboard-address", ":0")

    def start(self, module, *arguments):
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
        self.processes.append(subprocess.Popen(command, cwd=self.folder, env=environment(), **QUIET))
        return self.processes[-1]

    def worker(self):
        return self.start("dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1")

    def wait_until_it_answers(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", int(self.address.rpartition(":")[2])), timeout=5).close()
                return
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)

    def end(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = LocalCluster(tmp_path_factory.mktemp("cluster"))
    try:
        made.worker()
        made.worker()
        from distributed import Client

        deadline = time.monotonic() + 60
        while True:
            try:
                with Client(made.address, timeout=5, set_as_default=False) as client:
                    client.wait_for_workers(2, timeout=60)
                break
            except OSError:
                assert time.monotonic() < deadline
        yield made
    finally:
        made.end()


def test_the_bits_are_those_of_this_machine(cluster, tmp_path):
    plan = small()
    there = execute(plan, scheduler=cluster.address, firm_level=True, lanes=200)
    here = execute(plan, jobs=1, firm_level=True)
    assert_same_bits(there, here)
    assert all(getattr(there.by_firm, name).any() for name in COUNTS if name != "runway_out")


def test_own_firms_are_read_where_the_worker_is(cluster, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("firm_id,sales,cash\na,1000000,20000\nb,500000,80000\n", encoding="utf-8")
    plan = small(draws=4, firms=file)
    assert_same_bits(execute(plan, scheduler=cluster.address), execute(plan))
    file.rename(tmp_path / "elsewhere.csv")
    changed = small(draws=3, firms=tmp_path / "elsewhere.csv")
    firms = changed.firms()
    (tmp_path / "elsewhere.csv").write_text("firm_id,sales,cash\na,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="another version of simsme or another file of firms"):
        execute(changed, scheduler=cluster.address, firms=firms)


def test_a_worker_killed_in_the_middle_costs_its_batch_only(cluster):
    """It is killed while it runs a batch; others run that one again, and the draws that were done stay done."""
    from distributed import Client

    plan, told, at_work = small(draws=60), [], []
    with Client(cluster.address, timeout=10, set_as_default=False) as client:
        before = set(client.scheduler_info(n_workers=-1)["workers"])
        victim = cluster.worker()
        client.wait_for_workers(len(before) + 1, timeout=60)
        (name,) = set(client.scheduler_info(n_workers=-1)["workers"]) - before

        def kill_at_work(done, total):
            told.append(done)
            if done and victim.poll() is None and client.processing()[name]:
                at_work.append(done)
                victim.kill()
                victim.wait()

        run = execute(plan, scheduler=cluster.address, progress=kill_at_work, lanes=200, engine="numpy")
        assert set(client.scheduler_info(n_workers=-1)["workers"]) == before
    assert len(at_work) == 1
    assert 0 < at_work[0] < 60
    assert told == sorted(told)
    assert told[-1] == 60
    assert_same_bits(run, execute(plan, jobs=1))


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setattr("simsme.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        execute(small(draws=1), scheduler=f"tcp://127.0.0.1:{free_port()}")


def test_a_scheduler_without_workers(tmp_path, monkeypatch):
    monkeypatch.setattr("simsme.cluster.WORKERS_SECONDS", 0.5)
    lonely = LocalCluster(tmp_path)
    try:
        lonely.wait_until_it_answers()
        with pytest.raises(InputError, match="the scheduler has no workers"):
            execute(small(draws=1), scheduler=lonely.address)
    finally:
        lonely.end()


def test_the_command_line(cluster, tmp_path, monkeypatch, capsys):
    arguments = ["run", "three-months", "--draws", "4", "--set", "population.firms=40", "--policy", "renewal", "--scheduler"]
    options = {"env": environment(), "cwd": tmp_path, "capture_output": True, "text": True, "encoding": "utf-8"}
    done = subprocess.run([sys.executable, "-m", "simsme", *arguments, cluster.address], **options)
    assert done.returncode == 0, done.stderr
    assert len(os.listdir(tmp_path / "results")) == 1
    monkeypatch.chdir(tmp_path)
    for address in ("host:x", "tcp://127.0.0.1", f"tcp://127.0.0.1:{free_port()}", "tcp://no-such-host.invalid:8786"):
        assert answer([*arguments, address, "--force"]) == 2
        said = capsys.readouterr().err
        assert [line for line in said.splitlines() if not line.startswith("Note")][0].startswith(f"--scheduler {address}: ")
        assert "Traceback" not in said
