"""What goes with a scenario: values of options, files of targets, of a search and of one firm, and folders of results."""

import contextlib
import io
import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

from simsme.cli.application import answer
from simsme.provenance import content_digest
from tests.fuzzing.values import CHARACTERS, NAMES, WILD_NUMBERS, garble, wild_value

SMALL = """name = "small"
draws = 2
population = { firms = 4 }
time = { horizon_days = 35, headline_day = 28, report_days = [28, 35] }
shock = { duration_days = 21 }
[[policy]]
name = "renewal"
levers = [{ kind = "loan_renewal", name = "renew" }]
[[policy]]
name = "both"
levers = [{ kind = "loan_renewal", name = "renew" }, { kind = "grant", name = "grant" }]
"""

KEYS = ("credit.renewal", "shock.duration_days", "time.step_days", "population.firms", "name", "policy", "credit", "credit.kappa.value", "")
KEYS += ("firms.columns.cash", "policy.0.name", "reference", "draws", "precision", "seed", "a.b.c", "credit..x", "time.report_days", "exit")

TARGETS = """[[target]]
measure = "exit"
day = 28
percent = 4.0
error = 1.0
[[parameter]]
name = "credit.renewal"
low = 0.1
high = 0.9
"""

SEARCH = """[optimize.levers."loan_renewal:renew"]
take_up = [0.5, 1.0]
[optimize.levers."grant:grant"]
off = false
sales_share = [0.01, 0.02]
"""

FIRM = """cash = 60000
sales = 3000000
rent = 300000
industry = "catering"
loan = 400000
loan_due_day = 45
"""

KINDS = ("set", "vary", "levels", "search", "targets", "runway", "answers", "compare", "report")


def prepare(folder: Path) -> None:
    """Lay out what all inputs of a folder start from: a scenario, and the results of a run of it."""
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()):
        code = answer(["run", str(folder / "small.toml"), "--quiet", "--json", "--engine", "numpy", "--out", str(folder / "runs")])
    if code:
        raise RuntimeError("the small scenario does not run")
    (made,) = (folder / "runs").iterdir()
    made.rename(folder / "base")


def command(luck: Random, folder: Path, kind: str) -> list[str]:
    """Arguments of the command line, with the files that they name in the folder."""
    small, numpy = str(folder / "small.toml"), ["--engine", "numpy"]
    match kind:
        case "set":
            pairs = [f"--set={_key(luck)}={_given(luck)}" for _ in range(luck.randint(1, 3))]
            return ["check", small, *pairs]
        case "vary":
            axes = [f"--vary={_key(luck)}{luck.choice(('=', '=', '=', '', '=='))}{_listed(luck)}" for _ in range(luck.randint(1, 2))]
            axes = ["--vary=credit.renewal=0.5,0.9"] if luck.random() < 0.4 else axes
            more = luck.choice(
                ([], [], ["--day", luck.choice(("28", "35", "1", "-1", "nan"))], ["--policy", luck.choice(("both", "x", ""))])
            )
            return ["sweep", small, *axes, *more, *numpy, "--json", "--quiet", "--out", str(folder / "out")]
        case "levels":
            lever = luck.choice(("loan_renewal:renew", "grant:grant", "grant", "", "a.b", "loan_renewal"))
            field = luck.choice(("take_up", "sales_share", "from_day", "industries", "kind", "label", "levels", "off", "policy", "x"))
            levels = f"--levels={lever}.{field}={luck.choice((_listed(luck), '[' + _listed(luck) + ']', wild_value(luck)))}"
            budget = luck.choice(("1e6", "1e6", "1e6", "1e5", "0", "-1", "nan", "inf", "1e300", "x"))
            return ["optimize", small, "--budget", budget, levels, "--draws", "4", *numpy, "--json", "--quiet"]
        case "search":
            (folder / "search.toml").write_bytes(_damaged(SEARCH, luck))
            more = ["--budgets", luck.choice(("1e5,1e6", "1e6", "1e6", "1,1", ",", "a,b", "1e6,nan", "-1,2"))]
            return ["optimize", small, *more, "--search", str(folder / "search.toml"), "--draws", "4", *numpy, "--json", "--quiet"]
        case "targets":
            (folder / "targets.toml").write_bytes(_damaged(TARGETS, luck))
            place = str(folder / "patch.toml")
            return [
                "calibrate",
                small,
                "--targets",
                str(folder / "targets.toml"),
                "--out",
                place,
                "--force",
                "--draws",
                "2",
                "--json",
                "--quiet",
            ]
        case "runway":
            (folder / "firm.toml").write_bytes(_damaged(FIRM, luck))
            return ["runway", str(folder / "firm.toml"), "--scenario", small, "--draws", "2", "--json", "--quiet"]
        case "answers":
            options = (
                "cash",
                "sales",
                "rent",
                "payroll",
                "loan",
                "loan-due-day",
                "rate",
                "receivables",
                "inventory",
                "materials",
                "employees",
            )
            said = {"cash": "6e4", "sales": "3e6"} | {luck.choice(options): _given(luck) for _ in range(luck.randint(1, 3))}
            given = [f"--{name}={value}" for name, value in said.items()]
            return ["runway", *given, "--scenario", small, "--draws", "2", "--json", "--quiet"]
        case "compare":
            damage_results(luck, folder)
            return ["compare", *luck.choice((("base", "damaged"), ("damaged", "base"), ("damaged", "damaged"))), "--json"]
        case _:
            damage_results(luck, folder)
            return ["report", "damaged", "--out", "page.html"]


def damage_results(luck: Random, folder: Path) -> None:
    """Put a folder of results beside the good one, with a fault in it that its digests may or may not tell."""
    shutil.rmtree(folder / "damaged", ignore_errors=True)
    shutil.copytree(folder / "base", folder / "damaged")
    files = sorted(path for path in (folder / "damaged").rglob("*") if path.suffix in (".json", ".csv", ".toml"))
    file = luck.choice([*files, *(path for path in files if path.suffix != ".csv")])
    text = file.read_text(encoding="utf-8")
    match luck.randrange(5):
        case 0:
            file.unlink()
            return
        case 1 if file.suffix == ".json":
            content = json.loads(text)
            _swap_somewhere(content, luck)
            text = json.dumps(content)
        case 2:
            text = text[: luck.randrange(len(text) + 1)]
        case _:
            text = garble(text, luck, luck.choice((1, 3)))
    file.write_text(text, encoding="utf-8", newline="", errors="replace")
    manifest = folder / "damaged" / "manifest.json"
    if luck.random() < 0.6 and file != manifest:
        # somebody who writes what he likes writes the digest as well
        vouching = json.loads(manifest.read_text(encoding="utf-8"))
        vouching["files"][file.relative_to(folder / "damaged").as_posix()] = content_digest(file.read_bytes())
        manifest.write_text(json.dumps(vouching), encoding="utf-8")


def _swap_somewhere(content: Any, luck: Random) -> None:
    """Give some place of a JSON object another value."""
    while True:
        places = list(content) if isinstance(content, dict) else list(range(len(content)))
        if not places:
            return
        place = luck.choice(places)
        if isinstance(content[place], dict | list) and content[place] and luck.random() < 0.7:
            content = content[place]
            continue
        content[place] = luck.choice((None, 0, -1, 1e308, "x", "../../x", [], {}, [None], {"a": 1}, True, "<script>", float("nan")))
        return


def _damaged(text: str, luck: Random) -> bytes:
    lines = text.splitlines()
    for _ in range(luck.choice((0, 1, 1, 2))):
        at = luck.randrange(len(lines))
        match luck.randrange(5):
            case 0 | 1:
                if "=" in lines[at]:
                    lines[at] = lines[at].partition("=")[0] + "= " + wild_value(luck)
            case 2:
                lines[at] = garble(lines[at], luck, 1)
            case 3:
                lines.insert(luck.randrange(len(lines) + 1), luck.choice(lines))
            case _:
                lines[at] = ""
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _key(luck: Random) -> str:
    key = luck.choice(KEYS)
    key = luck.choice(KEYS[:2]) if luck.random() < 0.4 else key
    return garble(key, luck, 1).replace("\x00", "") if luck.random() < 0.1 else key


def _given(luck: Random) -> str:
    if luck.random() < 0.4:
        return luck.choice(("0.5", "1", "7", "0.9"))
    text = luck.choice((luck.choice(WILD_NUMBERS), wild_value(luck), luck.choice(NAMES), luck.choice(CHARACTERS), "0.5", "7"))
    return text.replace("\x00", "")


def _listed(luck: Random) -> str:
    return ",".join(_given(luck) for _ in range(luck.randint(0, 3)))
