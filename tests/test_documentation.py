"""What the documentation shows runs: every console and Python block of README and docs, on few firms and draws; and no page is lost."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import simsme
from simsme.cli.application import answer
from simsme.levers import kinds
from tests.documented_blocks import DRAWS, FIRMS, PAGES, TOP, blocks, commands, small_command, small_python, small_scenario

OWN_LEVER = "docs/add-a-lever.md"
"""Its package is built, installed and asked for by tests/test_own_lever.py."""

STORED = re.compile(r"results/three-months-[0-9a-f]{8}")
RUN_PAGES = [
    name
    for name, path in PAGES.items()
    if name != OWN_LEVER
    and any(block.language == "python" or (block.language == "console" and list(commands(block))) for block in blocks(path))
]
SEARCH = "[optimize.levers.loan_renewal]\n\n[optimize.levers.grant]\nsales_share = [0.01, 0.02]\n"
IMAGES = TOP / "docs" / "images"


def toml_blocks(page):
    return [block.text for block in blocks(PAGES[page]) if block.language == "toml"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with small scenarios under the names of the shipped ones, and the files that pages mention."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    for name in simsme.shipped_scenarios():
        Path(f"{name}.toml").write_text(small_scenario(name), encoding="utf-8")
    firms = (TOP / "docs" / "tutorials" / "my-firms.csv").read_text(encoding="utf-8").splitlines()
    few = [*firms[:13], firms[13].replace(firms[13].split(",")[0], "A-17")]
    for file in ("my-firms.csv", "firms.csv"):
        Path(file).write_text("\n".join(few) + "\n", encoding="utf-8")
    for targets in ("esiec-runway.toml", "esiec-exits.toml"):
        shutil.copy(TOP / "docs" / targets, targets)
    Path("my-firm.toml").write_text(toml_blocks("docs/runway.md")[0], encoding="utf-8")
    Path("search.toml").write_text(SEARCH, encoding="utf-8")
    return tmp_path


def fill_in(text, named):
    """Name the results folders that are here in place of those of the page: the first one that it names is the first one that was made."""
    for found in STORED.findall(text):
        if found not in named:
            made = sorted(Path("results").glob("three-months-????????"), key=lambda path: path.stat().st_mtime_ns)
            fresh = [path.as_posix() for path in made if path.as_posix() not in named.values()]
            named[found] = fresh[0] if fresh else stored(len(named))
    return STORED.sub(lambda found: named[found[0]], text)


def stored(seed):
    out = simsme.run("three-months.toml", seed=seed + 1, policies=["renewal"], firm_level=True)
    return out.save("results").as_posix()


@pytest.mark.parametrize("page", RUN_PAGES)
def test_blocks_run(page, folder, capsys):
    named, values = {}, {}
    if page == "docs/targeting.md":
        written = small_scenario("three-months") + toml_blocks(page)[0]
        Path("my-scenario.toml").write_text(written, encoding="utf-8")
    for block in blocks(PAGES[page]):
        if block.language == "console":
            for line, words in commands(block):
                assert words[0] == "simsme", f"{page}:{block.line}: {line}"
                small = small_command([fill_in(word, named) for word in words[1:]])
                if "--out" in small and (Path(small[small.index("--out") + 1]) / "manifest.json").exists():
                    small.append("--force")
                code = answer(small)
                said = capsys.readouterr()
                # whether small runs meet published numbers is another matter
                assert code == 0 or (code == 1 and words[1] == "validate"), f"{page}:{block.line}: {line}\n{said.err}"
                assert said.out or said.err, line
        elif block.language == "python":
            exec(compile(small_python(fill_in(block.text, named)), f"{page}:{block.line}", "exec"), values)
            capsys.readouterr()


def test_pages_show_commands_as_console():
    """An indented command is seen by no test."""
    shown = re.compile(r"^    (\$ )?(simsme|python3?|\.venv/bin/\w+|pip) ", flags=re.MULTILINE)
    assert [name for name, path in PAGES.items() if shown.search(path.read_text(encoding="utf-8"))] == []


def test_toml_blocks_are_toml():
    for name, path in PAGES.items():
        for block in blocks(path):
            if block.language == "toml":
                tomllib.loads(block.text), f"{name}:{block.line}"


def test_small_runs_are_small():
    """What makes blocks small makes them small, and leaves what they ask alone."""
    assert small_command(["run", "three-months", "--draws", "100", "--set", "population.firms=5000"]) == [
        *["run", "three-months.toml", "--draws", str(DRAWS), "--set", f"population.firms={FIRMS}"]
    ]
    assert small_command(["runway", "--cash", "1"])[-2:] == ["--scenario", "three-months.toml"]
    assert small_python('simsme.run("calm", draws=100)') == f'simsme.run("calm.toml", draws={DRAWS})'
    scenario = simsme.parse_scenario(small_scenario("three-months"), "three-months.toml")
    assert (scenario.scenario.draws, scenario.scenario.population.firms) == (DRAWS, FIRMS)


def test_the_chinese_page_has_every_lever():
    text = PAGES["README.zh.md"].read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", text.split("## 政策工具对照")[1], flags=re.MULTILINE)
    assert sorted(name for name, _, _ in rows) == sorted(kind for kind in kinds() if not kind.startswith("_"))
    assert all(re.search("[\u4e00-\u9fff]", term) and re.search("[\u4e00-\u9fff]", does) for _, term, does in rows)
    assert "](README.zh.md)" in PAGES["README.md"].read_text(encoding="utf-8")


# ----------------------------------------------------------------------------------------------------------------------------- the site


def test_every_page_is_in_the_site():
    index = (TOP / "docs" / "index.md").read_text(encoding="utf-8")
    listed = [line for tree in re.findall(r"```\{toctree\}\n(.*?)```", index, flags=re.DOTALL) for line in tree.splitlines()]
    pages = {line for line in listed if line and not line.startswith(":")}
    there = {name.removeprefix("docs/").removesuffix(".md") for name in PAGES if name.startswith("docs/")} - {"index"}
    made = {f"reference/{name}" for name in ("levers", "scenarios", "commands", "defaults", "python")}
    assert pages == there | made


def test_every_link_of_a_page_leads_somewhere():
    lost = []
    for name, path in PAGES.items():
        text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file = target.split("#")[0]
            if file and not target.startswith("http") and "reference/" not in file and not (path.parent / file).exists():
                lost.append(f"{name}: {target}")
    assert lost == []


def test_every_picture_is_shown_and_made_by_a_script():
    text = "\n".join(path.read_text(encoding="utf-8") for path in PAGES.values())
    script = (TOP / "docs" / "make_images.py").read_text(encoding="utf-8")
    for picture in IMAGES.glob("*.png"):
        assert f"images/{picture.name}" in text, picture
        assert f'"{picture.name}"' in script, picture
        assert picture.stat().st_size < 200_000, picture


def test_ci_builds_the_site():
    script = (TOP / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"sphinx-build. -q -W --keep-going docs ", script)
