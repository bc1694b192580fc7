"""Figures drawn by other processes: the same files, and none is missing when a process fails."""

from pathlib import Path

import pytest

from simsme.outcomes import Outcomes
from simsme.painters import Painters
from simsme.plots import write_figures
from simsme.provenance import Provenance
from simsme.results import write_results
from simsme.summary import summarize
from tests.synthetic_funds import funded

PROVENANCE = Provenance(scenario="synthetic", digest="0" * 64, seed=0, draws=10, policies=("none",), overrides=(), command=())


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return funded()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_painters_draw_the_same_files(outcomes: Outcomes, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    painters = Painters()
    painters.hire(2)
    painters.paint(there, outcomes, PROVENANCE, "CNY")
    write_figures(here, outcomes, PROVENANCE, "CNY")
    assert painters.done()
    expected = contents(here)
    assert contents(there) == {name: content for name, content in expected.items() if not name.endswith(".csv")}


def test_nobody_was_hired(outcomes: Outcomes, tmp_path: Path) -> None:
    painters = Painters()
    painters.paint(tmp_path, outcomes, PROVENANCE, "CNY")
    assert not painters.done()


@pytest.mark.parametrize("fails", ["dies", "cannot load", "too much"])
def test_what_painters_do_not_draw_is_drawn_here(outcomes: Outcomes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str) -> None:
    if fails == "cannot load":
        monkeypatch.setattr("simsme.painters._CHILD", "import no_such_module_anywhere")
    if fails == "too much":
        monkeypatch.setattr("simsme.painters.LARGEST_BYTES", 0)
    painters = Painters()
    painters.hire(1)
    if fails == "dies":
        painters.processes[0].kill()
    summary = summarize(outcomes, scenario="synthetic", digest=PROVENANCE.digest, seed=0, step_days=7)
    folder = write_results(tmp_path / "run", outcomes, summary=summary, scenario_text="", provenance=PROVENANCE, painters=painters)
    painters.dismiss()
    expected = tmp_path / "expected"
    expected.mkdir()
    write_figures(expected, outcomes, PROVENANCE)
    assert contents(folder / "figures") == contents(expected)


def test_a_painter_without_an_order_ends(outcomes: Outcomes) -> None:
    painters = Painters()
    painters.hire(1)
    stdin = painters.processes[0].stdin
    assert stdin is not None
    stdin.close()
    assert painters.processes[0].wait(timeout=60) == 1
