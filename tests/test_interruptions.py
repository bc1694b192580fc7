"""Stopped in the middle, two at once, no room on the disk: nothing that looks finished, a plain word, and the right exit code."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from simsme.cli.application import answer
from simsme.folder_locks import lock, unlock
from simsme.problems import InputError
from simsme.results import BUSY, _complete_or_absent
from tests.test_cli import environment

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="signals and locks of POSIX"),
    pytest.mark.xdist_group("interruptions"),
]

SCENARIO = """draws = 2
population = { firms = 8 }
time = { horizon_days = 35, headline_day = 28, report_days = [28, 35] }
shock = { duration_days = 21 }
[[policy]]
name = "renewal"
levers = [{ kind = "loan_renewal" }]
"""
RUN = ["run", "x.toml", "--quiet", "--engine", "numpy"]
LONG = ["--draws", "20000", "--engine", "numpy"]
COMMANDS = {
    "run": ["run", "three-months", *LONG],
    "sweep": ["sweep", "three-months", "--vary=credit.renewal=0.8,0.9", *LONG],
    "optimize": ["optimize", "three-months", "--budget", "1e6", "--policy", "package", "--out", "best", *LONG],
    "sensitivity": ["sensitivity", "three-months", *LONG],
    "portfolio": ["portfolio", "firms.csv", "--out", "scores", *LONG],
    "validate": ["validate", "--draws", "5000"],
}
FINISHED = ("manifest.json", "sweep.json", "optimum.json", "portfolio.json", "sensitivity.json")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "x.toml").write_text(SCENARIO, encoding="utf-8")
    rows = "".join(f"f{row},{1000000 + row},50000\n" for row in range(3000))
    (tmp_path / "firms.csv").write_text(f"firm_id,sales,cash\n{rows}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_request_to_end(command, folder):
    """SIGTERM, as a queue or an operating system that shuts down sends it, to the first process and no other."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from simsme.cli import main; main()", *COMMANDS[command]],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(6.0)
    assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, ""), err
    assert err.endswith("simsme: stopped\n")
    assert "Traceback" not in err
    assert [path for path in folder.rglob("*") if path.name in FINISHED or path.name.endswith(".partial")] == []
    for _ in range(50):
        # its own session: whoever of it still lives answers to its number
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("a process of it goes on")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_request_to_end_while_the_engine_is_compiled(number, folder):
    """The first time on a machine. A compiler in a thread cannot be interrupted, and aborts where Python is taken down around it."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from simsme.cli import main; main()", "run", "three-months", "--engine", "compiled"],
        cwd=folder,
        env=environment() | {"NUMBA_CACHE_DIR": str(folder / "nothing kept")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stderr:
        if line.startswith("Compiling the engine"):
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (128 + number, "", "simsme: stopped\n")


def test_the_end_takes_nothing_down(folder):
    """What was said is said, what was registered for the end is done; what would be taken down by Python is left as it is."""
    code = """import atexit, sys
from simsme.cli import process
class Compiler:
    def __del__(self): print("aborts")
process.claim()
compiler = Compiler()
compiler.itself = compiler
atexit.register(print, "registered")
sys.stdout.write("said ")
process.end(7)"""
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (7, "said registered\n", "")


class TestTwoAtOnce:
    def test_the_second_is_told(self, folder, capsys):
        assert answer(RUN) == 0
        (place,) = (folder / "results").iterdir()
        before = (place / "manifest.json").read_bytes()
        with _complete_or_absent(place) as partial:
            (partial / "mine.txt").write_text("mine", encoding="utf-8")
            (partial / "mine.txt").unlink()
            capsys.readouterr()
            assert answer([*RUN, "--force"]) == 2
            err = capsys.readouterr().err
            assert BUSY in err and str(place.name) in err and len(err.splitlines()) == 1
            assert partial.is_dir(), "the first goes on"
            assert (place / "manifest.json").read_bytes() == before
        assert not partial.exists()

    def test_what_a_killed_run_left_is_in_nobodys_way(self, folder):
        assert answer(RUN) == 0
        (place,) = (folder / "results").iterdir()
        code = "from pathlib import Path\nfrom simsme.results import _complete_or_absent\n"
        code += f"with _complete_or_absent(Path({str(place)!r})):\n print('in', flush=True)\n import time; time.sleep(60)"
        process = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"in\n"
        assert answer([*RUN, "--force"]) == 2
        process.kill()
        process.communicate()
        assert place.with_name(f"{place.name}.partial").is_dir()
        assert answer([*RUN, "--force"]) == 0
        assert [path.name for path in (folder / "results").iterdir()] == [place.name]

    def test_a_lock_is_one_s(self, tmp_path):
        held = lock(tmp_path)
        with pytest.raises(BlockingIOError):
            lock(tmp_path)
        unlock(held)
        unlock(lock(tmp_path))

    def test_many_at_the_same_moment(self, tmp_path):
        """One of them writes; the others are told, and disturb nothing."""
        place, told, done = tmp_path / "results" / "x", [], []
        ready = threading.Barrier(8)

        def write():
            ready.wait()
            try:
                with _complete_or_absent(place) as partial:
                    time.sleep(0.05)
                    (partial / "summary.json").write_text("{}", encoding="utf-8")
                    done.append(1)
            except InputError as error:
                told.append(str(error))

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert done and len(done) + len(told) == 8
        assert all(BUSY in line for line in told), told
        assert (place / "summary.json").read_text(encoding="utf-8") == "{}"


class TestNoRoom:
    def test_a_disk_that_is_full_at_any_write(self, folder, monkeypatch, capsys):
        """Whichever file does not fit: exit code 2, one line, and the folder is absent or that of before."""
        real, opened = Path.open, []

        def counting(self, mode="r", *arguments, **named):
            if ".partial" in str(self) and set(mode) & set("wax"):
                opened.append(self)
                if len(opened) == counting.full_at:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))
            return real(self, mode, *arguments, **named)

        counting.full_at = -1
        monkeypatch.setattr(Path, "open", counting)
        assert answer(RUN) == 0
        writes = len(opened)
        (place,) = (folder / "results").iterdir()
        before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        assert writes > 3
        for counting.full_at in range(1, writes + 1):
            opened.clear()
            capsys.readouterr()
            assert answer([*RUN, "--force"]) == 2, counting.full_at
            err = capsys.readouterr().err
            assert "no space left on device" in err and len(err.splitlines()) == 1
            assert {path: path.read_bytes() for path in (folder / "results").rglob("*") if path.is_file()} == before

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_standard_output_that_is_full(self, folder):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-c", "from simsme.cli import main; main()", *RUN, "--json"],
                env=environment(),
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert "space" in done.stderr.lower()


def test_firms_that_vanish_after_planning(folder, capsys, monkeypatch):
    """The file is read twice: for its digest, and for the firms. What it was in between is nobody's result."""
    from simsme import plan

    real = plan.Plan.firms_as_needed

    def vanish(self):
        (folder / "firms.csv").unlink()
        return real(self)

    monkeypatch.setattr(plan.Plan, "firms_as_needed", vanish)
    assert answer([*RUN, "--firms", "firms.csv"]) == 2
    assert "firms.csv: cannot be read: no such file" in capsys.readouterr().err
    assert not (folder / "results").exists()


def test_a_clock_that_jumps_back(folder, monkeypatch, capsys):
    """Results and their names do not depend on the clock, and nothing negative is told."""
    import json

    assert answer([*RUN, "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    ticks = iter(range(10**9, 0, -(10**6)))
    monkeypatch.setattr(time, "time", lambda: float(next(ticks)))
    assert answer([*RUN, "--force", "--json"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["seconds"]["total"] >= 0.0
    assert {name: value for name, value in first.items() if name not in ("seconds", "firm_weeks_per_second")} == {
        name: value for name, value in second.items() if name not in ("seconds", "firm_weeks_per_second")
    }
