"""The wheel: everything that a run needs is in it, and it runs from an empty folder, away from this checkout."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]

pytestmark = pytest.mark.xdist_group("packaging")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel with the build backend that pyproject.toml names, without pip and without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(folder)], cwd=TOP, check=True, stdout=subprocess.DEVNULL)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_all_modules_and_scenarios_are_in_it(names):
    modules = {path.relative_to(TOP).as_posix() for path in (TOP / "simsme").rglob("*.py")}
    assert modules <= names
    assert {f"simsme/scenarios/{path.name}" for path in (TOP / "scenarios").glob("*.toml")} <= names
    assert {"simsme/data/reference.toml", "simsme/py.typed"} <= names


def test_nothing_else_is_in_it(names):
    allowed = re.compile(
        r"simsme/[\w/]+\.py|simsme/py\.typed|simsme/data/[\w/-]+\.toml|simsme/data/report/report\.(css|js)|simsme/scenarios/[\w-]+\.(toml|csv)|simsme-[\w.]+\.dist-info/.+"
    )
    assert sorted(name for name in names if not allowed.fullmatch(name)) == []


def test_metadata(wheel):
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    info = f"simsme-{project['version']}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
        licence = archive.read(f"{info}/licenses/LICENSE").decode()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "Apache License" in licence
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra")) == set(project["optional-dependencies"])
    assert "simsme = simsme.cli:main" in entry_points


def test_it_runs_from_an_empty_folder(wheel, tmp_path):
    installed, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    code = "import sys, simsme; from simsme.cli import main; print(simsme.__file__, file=sys.stderr); main()"
    arguments = ["run", "three-months", "--draws", "1", "--set", "population.firms=40", "--json"]
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=empty,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    assert str(installed) in run.stderr
    assert json.loads(run.stdout)["firms"] == 40
