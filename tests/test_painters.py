"""Figures and tables made by other processes: the same files, and none is missing when a process fails."""

import sys
from pathlib import Path
from typing import Any

import pytest

from simsme.outcomes import Outcomes
from simsme.painters import _CHILD, FIGURES, Painters
from simsme.plots import write_figures
from simsme.provenance import Provenance
from simsme.results import write_results
from simsme.run_tables import write_tables
from simsme.summary import summarize
from tests.synthetic_funds import funded

PROVENANCE = Provenance(scenario="synthetic", digest="0" * 64, seed=0, draws=10, policies=("none",), overrides=(), command=())


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return funded()


@pytest.fixture(scope="module")
def summary(outcomes: Outcomes) -> dict[str, Any]:
    return summarize(outcomes, scenario="synthetic", digest=PROVENANCE.digest, seed=0, step_days=7, currency="CNY")


@pytest.fixture(scope="module")
def expected(outcomes: Outcomes, summary: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("here")
    (folder / FIGURES).mkdir()
    write_tables(folder, outcomes, summary)
    write_figures(folder / FIGURES, outcomes, PROVENANCE, "CNY")
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("doubles", [True, False], ids=["one process, doubled", "two processes"])
def test_painters_make_the_same_files(
    outcomes: Outcomes,
    summary: dict[str, Any],
    expected: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    doubles: bool,
) -> None:
    if doubles and sys.platform != "linux":
        pytest.skip("processes are doubled on Linux")
    monkeypatch.setattr("simsme.painters._DOUBLES", doubles)
    (tmp_path / FIGURES).mkdir()
    painters = Painters()
    painters.hire(2)
    assert len(painters.processes) == (1 if doubles else 2)
    painters.paint(tmp_path, outcomes, PROVENANCE, summary)
    assert painters.done()
    assert len(expected) > 20
    assert contents(tmp_path) == expected


def test_nobody_was_hired(outcomes: Outcomes, summary: dict[str, Any], tmp_path: Path) -> None:
    painters = Painters()
    painters.hire(0)
    painters.paint(tmp_path, outcomes, PROVENANCE, summary)
    assert not painters.done()


@pytest.mark.parametrize("fails", ["dies", "a hand fails", "cannot load", "too much"])
def test_what_painters_do_not_make_is_made_here(
    outcomes: Outcomes,
    summary: dict[str, Any],
    expected: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
) -> None:
    if fails == "cannot load":
        monkeypatch.setattr("simsme.painters._CHILD", "import no_such_module_anywhere")
    if fails == "a hand fails":
        # the second hand, which is a child of the first
        broken = "import os, simsme.painters as p; me, take = os.getpid(), p._take; "
        broken += "p._take = lambda *given: take(*given) if os.getpid() == me else 1 / 0; from simsme.painters import obey"
        monkeypatch.setattr("simsme.painters._CHILD", _CHILD.replace("from simsme.painters import obey", broken))
    if fails == "too much":
        monkeypatch.setattr("simsme.painters.LARGEST_BYTES", 0)
    painters = Painters()
    painters.hire(2)
    if fails == "dies":
        painters.processes[0].kill()
    folder = write_results(tmp_path / "run", outcomes, summary=summary, scenario_text="", provenance=PROVENANCE, painters=painters)
    painters.dismiss()
    made = contents(folder)
    assert {name: made[name] for name in expected} == expected


def test_a_painter_without_an_order_ends() -> None:
    painters = Painters()
    painters.hire(1)
    (process,) = painters.processes
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 1
    process.stdout.close()
