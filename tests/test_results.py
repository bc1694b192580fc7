"""The results folder is complete or not there, holds what was computed, and never harms what is not ours."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import simsme.plots
from simsme import results, run_tables
from simsme.outcomes import Outcomes
from simsme.problems import InputError
from simsme.provenance import Provenance
from simsme.results import check_folder, find_stored, results_folder, write_results
from simsme.summary import summarize
from tests.synthetic_outcomes import synthetic_outcomes

DIGEST = "0123456789abcdef" * 4
SCENARIO = '# as the user wrote it\r\nname = "three-months"  # ü\n'


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return synthetic_outcomes(("none", "both"), draws=3, firms=40)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures are tested elsewhere and take their time."""
    monkeypatch.setattr(simsme.plots, "write_figures", lambda folder, *_: (folder / "survival-exit.png").write_bytes(b"figure"))


def write(folder: Path, outcomes: Outcomes, digest: str = DIGEST) -> Path:
    summary = summarize(outcomes, scenario="three-months", digest=digest, seed=7, step_days=7)
    provenance = Provenance("three-months", digest, 7, 3, outcomes.policies, overrides=("draws=3",), command=("simsme", "run"))
    return write_results(folder, outcomes, summary=summary, scenario_text=SCENARIO, provenance=provenance)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_name_of_the_folder(tmp_path: Path) -> None:
    assert results_folder("three-months", DIGEST) == Path("results/three-months-01234567")
    assert results_folder("three-months", DIGEST, tmp_path) == tmp_path / "three-months-01234567"
    assert results_folder("../../etc/my scenario!", DIGEST).parent == Path("results")
    assert results_folder("../../etc/my scenario!", DIGEST).name == "etc-my-scenario-01234567"
    assert results_folder("小微企业", DIGEST).name == "小微企业-01234567"
    assert results_folder("///", DIGEST).name == "scenario-01234567"


def test_everything_is_there(tmp_path: Path, outcomes: Outcomes) -> None:
    folder = write(results_folder("three-months", DIGEST, tmp_path / "deep" / "results"), outcomes)
    names = {"scenario.toml", "manifest.json", "summary.json", "curves.csv", "summary.csv", "groups.csv", "accounts.csv", "figures"}
    names |= {"draws.csv", "costs.csv", "effectiveness.csv", "classes.csv"}
    sometimes = {*run_tables.FUND_TABLES, run_tables.REVIEWS, results.REPORT, *results.FIRM_FILES.values()}
    assert {path.name for path in folder.iterdir()} == names == set(results.CONTENTS) - sometimes
    assert len(list((folder / "figures").iterdir())) == 15
    assert (folder / "scenario.toml").read_bytes() == SCENARIO.encode()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]

    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["digest"] == DIGEST and manifest["seed"] == 7 and manifest["overrides"] == ["draws=3"]
    assert manifest["complete"] is True and {"python", "numpy", "scipy", "pandas", "simsme"} <= set(manifest["versions"])
    assert set(manifest["files"]) == set(contents(folder)) - {"manifest.json"}

    assert len(pd.read_csv(folder / "summary.csv")) == 2 * 3
    assert len(pd.read_csv(folder / "draws.csv")) == 2 * 3 * 3
    assert len(pd.read_csv(folder / "curves.csv")) == 2 * 53 * 4
    assert set(pd.read_csv(folder / "groups.csv")["column"]) == {"industry"}
    assert set(pd.read_csv(folder / "classes.csv")["column"]) == {"all", "industry"}
    assert {"payer", "payee", "amount"} <= set(pd.read_csv(folder / "accounts.csv").columns)


@pytest.mark.usefixtures("quick")
class TestStored:
    def test_is_found_by_its_digest(self, tmp_path: Path, outcomes: Outcomes) -> None:
        folder = write(tmp_path / "run", outcomes)
        stored = find_stored(folder, DIGEST)
        assert stored is not None and stored["digest"] == DIGEST
        assert stored == json.loads((folder / "summary.json").read_text())
        assert find_stored(folder, "0" * 64) is None
        assert find_stored(tmp_path / "elsewhere", DIGEST) is None

    @pytest.mark.parametrize("name", ["summary.json", "curves.csv", "figures/survival-exit.png", "manifest.json", "scenario.toml"])
    @pytest.mark.parametrize("damage", ["cut", "gone"])
    def test_is_ignored_when_damaged_and_then_replaced(self, tmp_path: Path, outcomes: Outcomes, name: str, damage: str) -> None:
        folder = write(tmp_path / "run", outcomes)
        if damage == "cut":
            (folder / name).write_bytes((folder / name).read_bytes()[:-3])
        else:
            (folder / name).unlink()
        assert find_stored(folder, DIGEST) is None
        check_folder(folder)
        write(folder, outcomes)
        assert find_stored(folder, DIGEST) is not None

    @pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"made_by": "simsme", "complete": true, "files": 3}'])
    def test_odd_manifests_are_ignored(self, tmp_path: Path, outcomes: Outcomes, text: str) -> None:
        folder = write(tmp_path / "run", outcomes)
        (folder / "manifest.json").write_text(text)
        assert find_stored(folder, DIGEST) is None

    def test_a_partial_folder_is_no_result(self, tmp_path: Path, outcomes: Outcomes) -> None:
        folder = write(tmp_path / "run", outcomes)
        manifest = json.loads((folder / "manifest.json").read_text()) | {"complete": False}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        assert find_stored(folder, DIGEST) is None


@pytest.mark.usefixtures("quick")
class TestReplacing:
    def test_a_new_result_replaces_the_old_one_whole(self, tmp_path: Path, outcomes: Outcomes) -> None:
        folder = write(tmp_path / "run", outcomes, digest="1" * 64)
        write(folder, outcomes, digest="2" * 64)
        assert find_stored(folder, "2" * 64) is not None
        assert [path.name for path in tmp_path.iterdir()] == ["run"]

    def test_a_stale_partial_folder_is_replaced(self, tmp_path: Path, outcomes: Outcomes) -> None:
        folder, partial = tmp_path / "run", tmp_path / "run.partial"
        write(folder, outcomes).rename(partial)
        (partial / "manifest.json").write_text('{"made_by": "simsme", "complete": fal')
        write(folder, outcomes)
        assert find_stored(folder, DIGEST) is not None
        assert not partial.exists()

    def test_an_empty_folder_is_used(self, tmp_path: Path, outcomes: Outcomes) -> None:
        (tmp_path / "run").mkdir()
        write(tmp_path / "run", outcomes)
        assert find_stored(tmp_path / "run", DIGEST) is not None

    def test_a_result_set_aside_by_a_run_that_was_cut_off_comes_back(
        self, tmp_path: Path, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "run"
        write(folder, outcomes, digest="1" * 64).rename(tmp_path / "run.replaced")
        monkeypatch.setattr(run_tables, "curves_table", cut_off)
        with pytest.raises(KeyboardInterrupt):
            write(folder, outcomes)
        assert find_stored(folder, "1" * 64) is not None

    @pytest.mark.parametrize("older", [False, True])
    def test_a_run_cut_off_leaves_no_result_or_the_old_one(
        self, tmp_path: Path, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch, older: bool
    ) -> None:
        folder = tmp_path / "run"
        if older:
            write(folder, outcomes, digest="1" * 64)
        monkeypatch.setattr(run_tables, "groups_table", cut_off)
        with pytest.raises(KeyboardInterrupt):
            write(folder, outcomes)
        assert folder.exists() is older
        assert not (tmp_path / "run.partial").exists()
        assert (find_stored(folder, "1" * 64) is not None) is older

    def test_a_full_disk_is_a_message_and_the_old_result_stays(
        self, tmp_path: Path, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = write(tmp_path / "run", outcomes, digest="1" * 64)
        rename = Path.rename

        def refuse(path: Path, target: Path) -> Path:
            if path.name == "run.partial":
                raise OSError(28, "No space left on device", str(path))
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(InputError, match="run.partial: cannot be written: no space left on device"):
            write(folder, outcomes, digest="2" * 64)
        assert find_stored(folder, "1" * 64) is not None


def cut_off(*_: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["run", "run.partial", "run.replaced"])
@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_not_ours_stays(tmp_path: Path, outcomes: Outcomes, name: str, kind: str) -> None:
    foreign = tmp_path / name
    if kind == "folder":
        foreign.mkdir()
        (foreign / "thesis.txt").write_text("years of work")
        (foreign / "manifest.json").write_text('{"name": "another program"}')
    elif kind == "file":
        foreign.write_text("years of work")
    else:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        foreign.symlink_to(elsewhere)
    before = contents(tmp_path)
    for attempt in (lambda: check_folder(tmp_path / "run"), lambda: write(tmp_path / "run", outcomes)):
        with pytest.raises(InputError, match=f"{name}: is there already and was not made by simsme"):
            attempt()
    assert contents(tmp_path) == before


def test_a_place_that_cannot_be_written_is_found_before_anything_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file: is not a folder"):
        check_folder(tmp_path / "file" / "results" / "run")
    check_folder(tmp_path / "new" / "results" / "run")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    # whoever runs the tests may be allowed to write anywhere
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(InputError, match="is not writable"):
        check_folder(tmp_path / "new" / "results" / "run")


@pytest.mark.usefixtures("quick")
def test_a_stored_folder_may_be_moved(tmp_path: Path, outcomes: Outcomes) -> None:
    shutil.move(write(tmp_path / "run", outcomes), tmp_path / "moved")
    assert find_stored(tmp_path / "moved", DIGEST) is not None
