"""What the house asks of every file, and what README and packaging say about the rest of the tree."""

import ast
import os
import re
import tomllib
from pathlib import Path

import pytest

import simsme
from simsme import provenance

TOP = Path(__file__).parents[1]
MODULES = sorted((TOP / "simsme").rglob("*.py"))
SCRIPTS = sorted([*(TOP / "tests").rglob("*.py"), *(TOP / "docs").rglob("*.py")])
TEXTS = sorted(
    path
    for pattern in (
        "*.md",
        "*.toml",
        "*.txt",
        "docs/**/*.md",
        "docs/**/*.py",
        "scenarios/*",
        "simsme/**/*.py",
        "simsme/**/*.toml",
        "tests/**/*.py",
    )
    for path in TOP.glob(pattern)
)
README = (TOP / "README.md").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
PUBLIC = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def name_of(path):
    return path.relative_to(TOP).as_posix()


def lines_with(pattern, paths):
    return [
        f"{name_of(path)}:{number} {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.fixture(scope="module")
def trees():
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


@pytest.fixture(scope="module")
def lengths():
    return {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}


def test_a_module_holds_one_idea(lengths):
    assert {name: length for name, length in lengths.items() if length > 450} == {}


def test_most_modules_are_short(lengths):
    assert sorted(lengths.values())[len(lengths) // 2] < 200


def test_no_module_imports_the_package_as_a_whole(trees):
    whole = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and any(part.name == "simsme" for part in node.names)
    ]
    assert whole == []


def test_what_is_public_says_what_it_is_for(trees):
    silent = [name for name, tree in trees.items() if not ast.get_docstring(tree)]
    for name, tree in trees.items():
        for owner in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))):
            public = [node for node in owner.body if isinstance(node, PUBLIC) and not node.name.startswith("_")]
            silent += [f"{name}:{node.lineno} {node.name}" for node in public if not ast.get_docstring(node)]
    assert silent == []


def test_functions_name_what_they_take(trees):
    """No ``**kwargs`` of anything: a caller must be able to see what a function takes."""
    open_ended = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and (rest := node.args.kwarg)
        and (not node.name.startswith("_") or rest.annotation is None or "Any" in ast.unparse(rest.annotation))
    ]
    assert open_ended == []


def test_no_check_is_switched_off_without_a_code():
    bare = re.compile(r"#\s*(type:\s*ignore|noqa)\s*($|#)")
    assert lines_with(bare, MODULES) == []


def test_names_say_what_things_are():
    empty = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "base"}
    assert [name_of(path) for path in (*MODULES, *SCRIPTS) if path.stem in empty] == []


def test_nothing_is_left_to_be_done_in_a_comment():
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")
    assert lines_with(marks, TEXTS) == []


# ------------------------------------------------------------------------------------------------------------------- the public face


def test_the_package_gives_its_version():
    assert simsme.__version__ == PYPROJECT["project"]["version"] == provenance.version()


def test_every_public_name_is_there():
    """The names load lazily, so that a name that is misspelt would be found by its first user only."""
    missing = [name for name in simsme.__all__ if not hasattr(simsme, name)]
    assert missing == []
    assert set(simsme.__all__) <= set(dir(simsme))


# --------------------------------------------------------------------------------------------------------------- README and packaging


def commands_of_readme():
    """All lines of README's console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line and not line.startswith("#")]


def test_readme_begins_with_two_commands_that_do_everything():
    assert [line for line in README.splitlines() if re.match(r"\s*\$?\s*python3 -m venv", line)] == [
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/simsme run three-months",
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
    ]


def test_ci_runs_the_command_of_readme():
    script = (TOP / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep '^python3 -m venv ' README.md" in script
    assert os.access(TOP / ".ci" / "run", os.X_OK)


def test_readme_names_only_extras_that_exist():
    extras = set(PYPROJECT["project"]["optional-dependencies"])
    named = {extra for group in re.findall(r"\.\[([\w,]+)\]", README) for extra in group.split(",")}
    assert named
    assert named <= extras


def test_readme_names_only_commands_and_options_that_exist():
    from typer.main import get_command

    from simsme.cli.application import app

    known = get_command(app).commands
    calls = [line.split("simsme ", 1)[1].split() for line in commands_of_readme() if re.search(r"(^|/)simsme ", line)]
    assert calls
    for words in calls:
        assert words[0] in known, words
        options = {option for parameter in known[words[0]].params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("--")} - {"--help"} <= options, words


def test_readme_points_at_files_that_exist():
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)]+)\)", README)]
    assert [target for target in targets if not target.startswith("http") and target and not (TOP / target).exists()] == []


def test_changelog_has_the_version():
    changelog = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    version = PYPROJECT["project"]["version"]
    assert re.search(rf"^## \[({re.escape(version)}|Unreleased)\]", changelog, flags=re.MULTILINE)


def test_constraints_are_plain_versions_of_all_dependencies():
    lines = [line for line in (TOP / "constraints.txt").read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    extras = PYPROJECT["project"]["optional-dependencies"]
    direct = [*PYPROJECT["project"]["dependencies"], *extras["test"], *extras["dev"]]
    assert {re.split(r"[\[>=<]", requirement)[0].lower() for requirement in direct} <= pinned


def test_dependencies_have_lower_bounds_and_no_caps():
    extras = PYPROJECT["project"]["optional-dependencies"]
    for requirement in (*PYPROJECT["project"]["dependencies"], *(line for lines in extras.values() for line in lines)):
        assert re.fullmatch(r"[\w-]+(\[\w+\])?>=[\d.]+", requirement), requirement
