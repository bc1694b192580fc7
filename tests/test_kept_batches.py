"""Runs that were stopped, runs in parts: the same bits as of one run that was never stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.draw_range import DrawRange, gaps
from simsme.firm_tally import COUNTS
from simsme.kept_batches import KeptBatches, batches_folder, kept_files
from simsme.merging import merge, record_of
from simsme.plan import plan_run
from simsme.problems import InputError
from simsme.runs import execute, execute_part
from tests.test_cli import environment

SMALL = ["population.firms=100", "time.horizon_days=91", "time.report_days=[]"]
DRAWS = 12


def small(*more, draws=DRAWS, **options):
    return plan_run("three-months", draws=draws, overrides=[*SMALL, *more], policies=["renewal", "package"], **options)


def keep(folder, plan, resume=True, by_firm=False):
    said = []
    return KeptBatches(folder, record_of(plan, by_firm), resume, said.append), said


def run_part(folder, plan, first, end, **options):
    kept, _ = keep(folder, plan, by_firm=options.get("firm_level", False))
    execute_part(plan, DrawRange(first, end), kept, jobs=1, **options)
    kept.close()


def resumed(folder, plan, **options):
    kept, said = keep(folder, plan, by_firm=options.get("firm_level", False))
    run = execute(plan, jobs=2, kept=kept, **options)
    kept.close()
    return run, said


def assert_same_bits(run, other):
    for name, value in vars(run.outcomes).items():
        theirs = getattr(other.outcomes, name)
        if isinstance(value, np.ndarray):
            assert value.tobytes() == theirs.tobytes(), name
        elif isinstance(value, dict):
            assert {key: part.tobytes() for key, part in value.items()} == {key: part.tobytes() for key, part in theirs.items()}, name
    if run.by_firm is not None or other.by_firm is not None:
        for name in COUNTS:
            assert getattr(run.by_firm, name).tobytes() == getattr(other.by_firm, name).tobytes(), name


def files_of(folder):
    """Content of a results folder but for clocks and the command."""
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    del found["manifest.json"]
    found["summary.json"] = json.loads(found["summary.json"]) | {"seconds": None, "firm_weeks_per_second": None}
    return found


@pytest.fixture(scope="module")
def plan():
    return small()


@pytest.fixture(scope="module")
def whole(plan):
    return execute(plan, jobs=1)


@pytest.fixture(scope="module")
def counted(plan):
    return execute(plan, jobs=1, firm_level=True)


@pytest.fixture(scope="module")
def parts(plan, tmp_path_factory):
    top = tmp_path_factory.mktemp("parts")
    for first, end in ((0, 5), (5, 6), (6, 12)):
        run_part(top / f"{first}", plan, first, end, firm_level=True)
    return top


class TestRanges:
    def test_gaps(self):
        there = [DrawRange(8, 10), DrawRange(0, 2), DrawRange(2, 3), DrawRange(40, 50)]
        assert gaps(DrawRange(0, 12), there) == [(3, 8), (10, 12)]
        assert gaps(DrawRange(1, 9), there) == [(3, 8)]
        assert gaps(DrawRange(0, 3), there) == []
        assert gaps(DrawRange(0, 3), []) == [(0, 3)]


class TestResume:
    @pytest.mark.parametrize("parts", [[(0, 5)], [(4, 7)], [(0, 1), (3, 4), (9, 12)], [(0, 12)]])
    def test_what_was_kept_is_taken_and_changes_no_bit(self, tmp_path, plan, whole, parts, monkeypatch):
        for part in parts:
            run_part(tmp_path / "k", plan, *part)
        ran = []
        from simsme.batches import Work

        real = Work.run
        monkeypatch.setattr(Work, "run", lambda self, batch, *more: ran.append(batch.draws) or real(self, batch, *more))
        run, said = resumed(tmp_path / "k", plan)
        assert_same_bits(run, whole)
        there = sum(end - first for first, end in parts)
        assert sum(ran) == DRAWS - there
        assert said == [f"{there} draws were kept in {tmp_path / 'k'}; the run goes on from there."]

    @pytest.mark.parametrize("place", [0.1, 0.5, 0.95])
    def test_a_flipped_byte_is_told_and_run_again(self, tmp_path, plan, whole, place):
        run_part(tmp_path / "k", plan, 0, 6)
        path = kept_files(tmp_path / "k")[0][0]
        content = bytearray(path.read_bytes())
        content[int(place * len(content))] ^= 1
        path.write_bytes(content)
        run, said = resumed(tmp_path / "k", plan)
        assert_same_bits(run, whole)
        assert said[0] == f"{path} is damaged (its checksum does not fit); its draws are run again."

    @pytest.mark.parametrize("length", [0, 1000])
    def test_a_file_cut_short(self, tmp_path, plan, whole, length):
        run_part(tmp_path / "k", plan, 0, 6)
        path = kept_files(tmp_path / "k")[0][0]
        path.write_bytes(path.read_bytes()[:length])
        run, said = resumed(tmp_path / "k", plan)
        assert_same_bits(run, whole)
        assert "is damaged" in said[0]

    def test_batches_of_another_run(self, tmp_path, plan, whole):
        """Even where someone moves them to where this run looks."""
        other = small(seed=5)
        run_part(tmp_path / "k", other, 0, 6)
        run, said = resumed(tmp_path / "k", plan)
        assert_same_bits(run, whole)
        assert said[0] == f"{tmp_path / 'k'} holds batches of another run or version; they are not used."
        run_part(tmp_path / "o", other, 0, 6)
        (tmp_path / "n").mkdir()
        for path in kept_files(tmp_path / "o")[0]:
            path.rename(tmp_path / "n" / path.name)
        run, said = resumed(tmp_path / "n", plan)
        assert_same_bits(run, whole)
        assert "it is of another run or version" in said[0]

    def test_neighbours_of_another_version_are_named(self, tmp_path, plan):
        for digest in ("01234567", "89abcdef"):
            (tmp_path / f"three-months-{digest}.batches").mkdir()
        kept, said = keep(tmp_path / "three-months-01234567.batches", plan)
        kept.remove()
        assert said == [f"{tmp_path / 'three-months-89abcdef.batches'} holds batches of another run or version; they are not used."]

    def test_without_resume_it_begins_anew(self, tmp_path, plan):
        run_part(tmp_path / "k", plan, 0, 6)
        kept, said = keep(tmp_path / "k", plan, resume=False)
        assert kept.found() == {}
        assert said == []
        assert kept_files(tmp_path / "k") == ([], [])
        kept.remove()
        assert not (tmp_path / "k").exists()

    @pytest.mark.parametrize("parts", [[(0, 5)], [(2, 3), (5, 9)]])
    def test_counts_by_firm(self, tmp_path, plan, counted, parts):
        for part in parts:
            run_part(tmp_path / "k", plan, *part, firm_level=True)
        run, said = resumed(tmp_path / "k", plan, firm_level=True)
        assert_same_bits(run, counted)
        assert said[0].startswith(f"{sum(end - first for first, end in parts)} draws were kept")

    def test_draws_kept_without_their_counts_are_run_again(self, tmp_path, plan, counted):
        run_part(tmp_path / "k", plan, 0, 5, firm_level=True)
        kept_files(tmp_path / "k")[1][0].unlink()
        run, said = resumed(tmp_path / "k", plan, firm_level=True)
        assert_same_bits(run, counted)
        assert "Draws whose counts by firm were not kept are run again." in said

    def test_counts_that_hold_more_than_what_was_kept_are_not_used(self, tmp_path, plan, counted):
        run_part(tmp_path / "k", plan, 0, 5, firm_level=True)
        run_part(tmp_path / "k", plan, 7, 9, firm_level=True)
        kept_files(tmp_path / "k")[0][0].unlink()
        assert_same_bits(resumed(tmp_path / "k", plan, firm_level=True)[0], counted)

    def test_two_stages(self, tmp_path):
        overrides = ["population.firms=40", *SMALL[1:]]
        plan = plan_run("three-months", precision=0.0005, max_draws=130, overrides=overrides, policies=["renewal"])
        whole = execute(plan, precise=True)
        assert whole.outcomes.draws > plan.scenario.draws
        run_part(tmp_path / "k", plan, 10, 60)
        run, _ = resumed(tmp_path / "k", plan, precise=True)
        assert_same_bits(run, whole)
        again, said = resumed(tmp_path / "k", plan, precise=True)
        assert_same_bits(again, whole)
        assert said[0].startswith(f"{whole.outcomes.draws} draws were kept")

    def test_a_disk_that_is_full_does_not_stop_the_run(self, tmp_path, plan, whole, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("simsme.kept_batches.write_arrays", full)
        run, said = resumed(tmp_path / "k", plan)
        assert_same_bits(run, whole)
        assert [line for line in said if "cannot be kept" in line and "no space left on device" in line] == said[1:]

    @pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
    def test_two_runs_at_once(self, tmp_path, plan):
        kept, _ = keep(tmp_path / "k", plan)
        with pytest.raises(InputError, match="another run is at work here"):
            keep(tmp_path / "k", plan)
        kept.close()
        keep(tmp_path / "k", plan)[0].remove()

    def test_a_folder_of_somebody_else(self, tmp_path, plan):
        (tmp_path / "thesis.doc").touch()
        with pytest.raises(InputError, match=r"holds thesis\.doc, which simsme did not make"):
            keep(tmp_path, plan)
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


OPTIONS = {"env": environment(), "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}


def command_into(folder):
    sets = [part for pair in ("population.firms=300", *SMALL[1:]) for part in ("--set", pair)]
    run = [sys.executable, "-m", "simsme", "run", "three-months", *sets, "--policy", "renewal"]
    return [*run, "--draws", "300", "--engine", "numpy", "--out", str(folder)]


@pytest.fixture(scope="module")
def never_stopped(tmp_path_factory):
    top = tmp_path_factory.mktemp("whole")
    subprocess.run([*command_into(top), "--firm-level-as", "npz"], check=True, **OPTIONS)
    return files_of(*top.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("more", [[], ["--firm-level-as", "npz"]])
def test_kill_9_in_the_middle(tmp_path, more, never_stopped):
    command = [*command_into(tmp_path), *more]
    with subprocess.Popen(command, **OPTIONS) as process:
        try:
            while len(list(tmp_path.glob("*.batches/*.npz"))) < (2 if more else 1) and process.poll() is None:
                time.sleep(0.01)
        finally:
            process.send_signal(signal.SIGKILL)
            process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert [path.suffix for path in tmp_path.iterdir()] == [".batches"]
    # with another number of threads, to which no bit may answer
    done = subprocess.run([*command, "--resume", "--jobs", "3"], check=True, **OPTIONS)
    assert "draws were kept" in done.stderr
    assert files_of(*tmp_path.iterdir()) == {name: content for name, content in never_stopped.items() if more or name != "firms.npz"}


class TestParts:
    def test_merged_bits_are_those_of_one_run(self, parts, counted):
        assert_same_bits(merge([parts / "6", parts / "0", parts / "5"]), counted)

    def test_gaps_are_named(self, parts):
        with pytest.raises(InputError, match=r"of the 12 draws of the run these are in none of the folders: 5:6 "):
            merge([parts / "6", parts / "0"])

    def test_overlaps_are_named(self, parts, plan, tmp_path):
        run_part(tmp_path / "k", plan, 4, 8, firm_level=True)
        with pytest.raises(InputError) as error:
            merge([parts / "0", parts / "5", parts / "6", tmp_path / "k"])
        assert f"{tmp_path / 'k'}: draws 4:5 are in {parts / '0'} as well" in str(error.value)
        with pytest.raises(InputError, match="the same folder is given twice"):
            merge([parts / "0", parts / "0"])

    def test_parts_of_different_runs(self, parts, tmp_path):
        run_part(tmp_path / "k", small(seed=9), 5, 6)
        with pytest.raises(InputError) as error:
            merge([parts / "0", tmp_path / "k", parts / "6"])
        assert str(error.value) == f"{tmp_path / 'k'}: is a part of another run than {parts / '0'}"

    def test_a_damaged_part(self, plan, tmp_path):
        run_part(tmp_path / "k", plan, 0, 12)
        path = kept_files(tmp_path / "k")[0][0]
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(InputError, match="is damaged"):
            merge([tmp_path / "k"])

    def test_counts_by_firm_of_some_only(self, parts, plan, tmp_path):
        run_part(tmp_path / "k", plan, 0, 5)
        with pytest.raises(InputError, match="has no counts by firm, others have"):
            merge([tmp_path / "k", parts / "5", parts / "6"])
        (tmp_path / "f").mkdir()
        for path in (parts / "0").iterdir():
            if not path.name.startswith("firms"):
                (tmp_path / "f" / path.name).write_bytes(path.read_bytes())
        with pytest.raises(InputError, match="its counts by firm are missing or damaged"):
            merge([tmp_path / "f", parts / "5", parts / "6"])

    def test_own_firms(self, tmp_path):
        file = tmp_path / "own.csv"
        file.write_text("firm_id,sales,cash\na,1000000,20000\nb,500000,80000\n", encoding="utf-8")
        plan = small(draws=2, firms=file)
        run_part(tmp_path / "k", plan, 0, 2)
        assert_same_bits(merge([tmp_path / "k"], file), execute(plan))
        with pytest.raises(InputError, match=r"was run with the firms of own\.csv; give that file with --firms"):
            merge([tmp_path / "k"])
        file.write_text("firm_id,sales,cash\na,1000000,20001\nb,500000,80000\n", encoding="utf-8")
        with pytest.raises(InputError, match="the file of firms or one that the scenario names is not the same"):
            merge([tmp_path / "k"], file)

    def test_no_folder_of_batches(self, tmp_path):
        with pytest.raises(InputError, match=r"there is no batches\.json in it"):
            merge([tmp_path])
        with pytest.raises(InputError, match="no such folder"):
            merge([tmp_path / "nowhere"])

    def test_on_the_command_line(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        sets = [part for pair in ("population.firms=40", *SMALL[1:]) for part in ("--set", pair)]
        arguments = ["run", "three-months", *sets, "--policy", "renewal", "--draws", "6"]
        folders = []
        for part in ("0:4", "4:6"):
            assert answer([*arguments, "--batches", part, "-q"]) == 0
            folders.append(capsys.readouterr().out.strip())
        assert [Path(folder).is_dir() for folder in folders] == [True, True]
        assert answer(["merge", *folders, "--out", "merged", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["draws"] == 6
        assert answer([*arguments, "--out", "whole", "-q"]) == 0
        (merged,), (whole,) = Path("merged").iterdir(), Path("whole").iterdir()
        assert files_of(merged) == files_of(whole)
        assert not batches_folder(whole).exists()

    @pytest.mark.parametrize("wanted", ["3", "4:4", "5:2", "0:7", "-1:3", "a:b", "0:1:2"])
    def test_draws_that_there_are_not(self, wanted, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        assert answer(["run", "three-months", "--draws", "6", f"--batches={wanted}"]) == 2
        assert f"--batches {wanted}" in capsys.readouterr().err
        assert os.listdir() == []

    def test_parts_of_a_run_for_a_precision(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        assert answer(["run", "three-months", "--precision", "0.001", "--batches", "0:10"]) == 2
        assert "give --draws" in capsys.readouterr().err
