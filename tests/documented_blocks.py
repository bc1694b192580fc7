"""Blocks of the documentation, and how they are made small enough to be run by a test."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import simsme

TOP = Path(__file__).parents[1]
PAGES = {
    path.relative_to(TOP).as_posix(): path
    for path in (TOP / "README.md", TOP / "README.zh.md", *sorted((TOP / "docs").rglob("*.md")))
    if path.exists() and "reference" not in path.parts and "_build" not in path.parts
}
"""Pages by name; those under docs/reference are made from the code."""

DRAWS, FIRMS = 4, 100
NOT_OURS = re.compile(r"python3? |\.venv/|SIMSME_DATA=|simsme .*\bpoland_firms")
"""Lines that are not run: installation, programs beside simsme, and the file of firms that does not come with simsme."""

OPTIONS = {
    "run": {"--draws": DRAWS},
    "attribute": {"--draws": DRAWS},
    "optimize": {"--draws": DRAWS},
    "discover": {"--draws": DRAWS},
    "sweep": {"--draws": DRAWS},
    "targeting": {"--draws": DRAWS},
    "calibrate": {"--draws": 2},
    "portfolio": {"--draws": 2},
    "runway": {"--draws": 10},
    "sensitivity": {"--draws": 2, "--sample": 60},
    "validate": {"--draws": 2, "--firms": 100, "--jobs": 1},
}
"""Sizes that a command gets in place of its own."""

SIZES = {"--worlds": {"run": 2, "optimize": 2, "discover": 40}}
"""Sizes that are made smaller where a line gives them."""

CALLS = {
    "find_runway": "draws=10",
    "score_portfolio": "draws=2",
    "sensitivity": 'sample=60, draws=2, only=["credit.renewal", "exit.hope_median"]',
    "validate": 'sources=["calm"], draws=2, firms=100',
}
"""Arguments of functions that do not take their size from the scenario."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    line: int
    language: str
    text: str


def blocks(path: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order, each with the number of its first line."""
    text = path.read_text(encoding="utf-8")
    for found in re.finditer(r"^( *)```(\w+)\n(.*?)^\1```", text, flags=re.MULTILINE | re.DOTALL):
        yield Block(text.count("\n", 0, found.start()) + 2, found[2], found[3])


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    """Yield each line of a console block and its words, without those that are not run."""
    for line in block.text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#") or NOT_OURS.match(line.strip()):
            continue
        words = shlex.split(line, comments=True)
        if ">" in words:
            words = words[: words.index(">")]
        yield line, words


def small_command(words: list[str]) -> list[str]:
    """Return the words after ``simsme`` for a small run: smaller scenarios, sizes and numbers of draws."""
    name, *rest = words
    if name != "validate":  # its sources are called like scenarios, and bring their own
        rest = [f"{word}.toml" if word in simsme.shipped_scenarios() else word for word in rest]
    rest = [re.sub(r"^population\.firms=\d+$", f"population.firms={FIRMS}", word) for word in rest]
    if "--help" in rest:
        return words
    for option, value in OPTIONS.get(name, {}).items():
        rest = _with(rest, option, str(value))
    for option, sizes in SIZES.items():
        if option in rest and name in sizes:
            rest = _with(rest, option, str(sizes[name]))
    if name in ("runway", "portfolio") and "--scenario" not in rest:
        rest += ["--scenario", "three-months.toml"]
    if name == "sensitivity" and "--only" not in rest:
        rest += ["--only", "credit.renewal", "--only", "exit.hope_median"]
        rest += ["--size", "4"] if "--method" in rest else []
    if name == "optimize" and "--search" not in rest:  # few mixes
        rest += ["--search", "search.toml"]
    if name == "validate" and "--source" not in rest:
        rest += ["--source", "calm"]
    return [name, *rest]


def _with(words: list[str], option: str, value: str) -> list[str]:
    if option in words:
        place = words.index(option) + 1
        return [*words[:place], value, *words[place + 1 :]]
    return [*words, option, value]


def small_python(text: str) -> str:
    """Return Python that does the same with smaller scenarios, firms, draws and worlds."""
    for name in simsme.shipped_scenarios():
        text = text.replace(f'"{name}"', f'"{name}.toml"')
    text = re.sub(r"\bdraws=\d+", f"draws={DRAWS}", text)
    text = re.sub(r"population\.firms=\d+", f"population.firms={FIRMS}", text)
    text = re.sub(r"(across_worlds\([^,]+), \d+", r"\1, 2", text)
    text = text.replace("range(20)", "range(2)")
    for function, arguments in CALLS.items():
        text = re.sub(rf"\bsimsme\.{function}\((.*)\)", rf"simsme.{function}(\1, {arguments})", text)
    return text


def small_scenario(name: str) -> str:
    """Return a shipped scenario's text with few firms and draws, all else as it is."""
    text = simsme.load_scenario(name).text
    text = re.sub(r"^max_draws = .*\n", "", text, flags=re.MULTILINE)
    text, sized = re.subn(r"^(draws|precision) = \S+", f"draws = {DRAWS}", text, flags=re.MULTILINE)
    if sized != 1:
        raise AssertionError(f"{name}: {sized} lines say how many draws it runs")
    return re.sub(r"^firms = \d+", f"firms = {FIRMS}", text, flags=re.MULTILINE)
