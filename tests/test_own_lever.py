"""A lever that another package brings: it is built and installed, and everything knows it with no edit inside simsme."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

PACKAGE = Path(__file__).parent / "own_lever"
FIRMS = ["--draws", "2", "--set", "population.firms=60"]

pytestmark = pytest.mark.xdist_group("packaging")


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the package's wheel and install it beside what is there, without a network."""
    wheels, site = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("site")
    code = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(wheels)], cwd=PACKAGE, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = wheels.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(pip, check=True)
    return site


@pytest.fixture
def simsme(installed, tmp_path):
    """Run a command as somebody does who has the package installed."""

    def run(*arguments, code=0):
        path = os.pathsep.join([str(installed), str(Path(__file__).parents[1])])
        done = subprocess.run(
            [sys.executable, "-m", "simsme", *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == code, done.stderr
        return done

    return run


@pytest.fixture
def scenario(tmp_path):
    """Write a scenario with a policy of the lever."""

    def write(fields):
        text = (Path(__file__).parents[1] / "scenarios" / "three-months.toml").read_text(encoding="utf-8")
        text = text[: text.index("[[policy]]")]
        file = tmp_path / "exporters.toml"
        policies = f'[[policy]]\nname = "none"\n\n[[policy]]\nname = "rebate"\nlevers = [{{ kind = "export_rebate", {fields} }}]\n'
        file.write_text(text + policies, encoding="utf-8")
        return file

    return write


def test_it_is_the_one_that_the_page_shows():
    page = (Path(__file__).parents[1] / "docs" / "add-a-lever.md").read_text(encoding="utf-8")
    shown = {language: re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL) for language in ("python", "toml")}
    source = PACKAGE / "src" / "export_credit"
    assert shown["python"] == [(source / "export_rebate.py").read_text(encoding="utf-8")]
    for place in (source / "reference.toml", PACKAGE / "pyproject.toml"):
        assert tomllib.loads(place.read_text(encoding="utf-8")) in [tomllib.loads(text) for text in shown["toml"]]


def test_the_catalogue_lists_it(simsme):
    (lever,) = json.loads(simsme("levers", "export_rebate", "--json").stdout)["levers"]
    fields = {field["name"]: field for field in lever["fields"]}
    assert fields["rebate_share"] | {"text": ""} == {
        "name": "rebate_share",
        "default": 0.04,
        "default_text": "0.04",
        "unit": "share of yearly sales",
        "allowed": "0 to 1",
        "range": [0.01, 0.09],
        "basis": "assumption",
        "source": "",
        "text": "",
    }
    assert {"take_up", "from_day", "min_sales_fall"} <= set(fields)
    assert "export_rebate.rebate_share" in simsme("assumptions").stdout


def test_the_schema_has_it(simsme):
    text = simsme("schema").stdout
    assert "export_rebate" in text
    assert "rebate_share" in text


def test_what_is_wrong_with_it_is_said(simsme, scenario):
    file = scenario("rebate_shar = 2.0")
    assert 'did you mean "rebate_share"' in simsme("check", str(file), code=2).stderr
    file = scenario("rebate_share = 2.0")
    assert "outside the allowed range 0 to 1" in simsme("check", str(file), code=2).stderr


def test_its_money_stands_in_the_accounts(simsme, scenario, tmp_path):
    simsme("run", str(scenario("take_up = 1.0")), *FIRMS, "--out", str(tmp_path / "results"))
    accounts = pd.read_csv(next((tmp_path / "results").rglob("accounts.csv")))
    paid = accounts[(accounts["item"] == "tax_refunds") & (accounts["day"] == 91)].set_index("policy")["amount"]
    assert paid["none"] == 0
    assert paid["rebate"] > 0
