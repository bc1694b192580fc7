"""Scenario files: what they say, what they leave out, and what is said about their faults."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from simsme.distributions import Distribution, Uniform
from simsme.levers import kinds
from simsme.population import Population
from simsme.problems import InputError
from simsme.reference import entries
from simsme.scenario import LoadedScenario, Scenario, load_scenario, parse_scenario, shipped_scenarios
from simsme.uncertainty import uncertain_numbers

SMALL = "[population]\nfirms = 10\n"
"""The shortest scenario there is."""


def read(text: str, *overrides: str) -> Scenario:
    """Parse a text as a file."""
    return parse_scenario(text, "own.toml", None, overrides).scenario


def faults(text: str, *overrides: str) -> list[str]:
    """What is wrong with a text, line by line."""
    with pytest.raises(InputError) as caught:
        parse_scenario(text, "own.toml", None, overrides)
    return str(caught.value).splitlines()


# defaults


def test_what_is_left_out_takes_its_default() -> None:
    scenario = read(SMALL)
    assert scenario.time.step_days == 7
    assert scenario.credit.renewal == 0.93
    assert scenario.exit.background_rate.micro == 0.012
    assert scenario.shock is None
    assert scenario.draws == 40


def test_every_plain_default_stands_in_the_table_of_references() -> None:
    scenario = read(SMALL + "".join(f"[shock.{name}]\n" for name in SHOCKS))
    for found in entries():
        first = found.name.split(".")[0]
        if first in ("adjust", "sales", "shock", "behaviour", "credit", "exit") and isinstance(found.value, int | float):
            node: object = scenario
            if found.name != "shock.sales.common":
                for part in found.name.split("."):
                    node = getattr(node, part)
                assert node == found.value, found.name


SHOCKS = ("sales", "closure", "shutdowns", "contracts", "costs", "labour", "payment", "credit", "unsold")


def test_a_shock_without_a_table_of_a_kind_has_that_kind_switched_off() -> None:
    shock = read(SMALL + "[shock]\n[shock.payment]\n").shock
    assert shock is not None and shock.payment is not None
    assert [name for name in SHOCKS if getattr(shock, name) is not None] == ["payment"]


def test_the_depth_of_the_shock_says_what_firms_have_in_common() -> None:
    shock = read(SMALL + "[shock.sales]\n").shock
    assert shock is not None and shock.sales is not None
    assert shock.sales.depth == Uniform(low=0.2, high=0.5, common=0.3)
    shock = read(SMALL + '[shock.sales]\ndepth = { dist = "uniform", low = 0.1, high = 0.2, common = 0.0 }\n').shock
    assert shock is not None and shock.sales is not None
    assert shock.sales.depth == Uniform(low=0.1, high=0.2, common=0.0)


def test_reported_days_are_sorted_and_hold_headline_and_horizon() -> None:
    assert read(SMALL).time.report_days == (91, 364)
    assert read(SMALL + "[time]\nreport_days = [200, 30]\nhorizon_days = 210\n").time.report_days == (30, 91, 200, 210)


def test_the_season_is_scaled_to_mean_one() -> None:
    season = read(SMALL + "[sales]\nseason = [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]\n").sales.season
    assert season is not None
    assert sum(season) == pytest.approx(12.0)
    assert season[11] == pytest.approx(2.0)
    assert read(SMALL).sales.season is None


def test_a_scenario_without_a_name_takes_that_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "my world.toml").write_text(SMALL, encoding="utf-8")
    assert load_scenario(str(tmp_path / "my world.toml")).scenario.name == "my-world"


# policies


POLICIES = """
[[policy]]
name = "renewal"
levers = [{ kind = "loan_renewal", take_up = 0.2 }]

[[policy]]
name = "both"
title = "Both"
levers = [{ kind = "loan_renewal", take_up = 0.2 }, { kind = "lending_forbearance" }]
"""


def test_a_policy_without_levers_is_added_as_reference() -> None:
    scenario = read(SMALL + POLICIES)
    assert [policy.name for policy in scenario.policies] == ["none", "renewal", "both"]
    assert scenario.policies[0].levers == ()
    assert scenario.policies[2].label == "Both" and scenario.policies[1].label == "renewal"


def test_none_is_not_added_where_it_is_listed_or_where_another_policy_is_the_reference() -> None:
    assert [policy.name for policy in read(SMALL + POLICIES + '[[policy]]\nname = "none"\n').policies] == ["renewal", "both", "none"]
    assert [policy.name for policy in read('reference = "both"\n' + SMALL + POLICIES).policies] == ["renewal", "both"]


def test_levers_are_read_as_their_kind() -> None:
    levers = read(SMALL + POLICIES).policies[2].levers
    assert [lever.kind for lever in levers] == ["loan_renewal", "lending_forbearance"]
    assert levers[0].take_up == 0.2 and levers[1].take_up == 1.0


def test_two_levers_of_one_kind_need_names() -> None:
    twice = '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal" }, { kind = "loan_renewal" }]\n'
    assert faults(SMALL + twice) == [
        'own.toml: policy.a.levers: 2 levers are called "loan_renewal"; tell levers of one kind apart by "name"'
    ]
    named = twice.replace('{ kind = "loan_renewal" }]', '{ kind = "loan_renewal", name = "late" }]')
    assert len(read(SMALL + named).policies[1].levers) == 2


# faults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = = 3\n", "own.toml: line 1, column 5: is not TOML: Invalid value"),
        ("a = 1\n[b\n", "own.toml: line 2, column 3: is not TOML: Expected ']' at the end of a table declaration"),
        ("a = 1\na = 2", "own.toml: line 2, column 6: is not TOML: Cannot overwrite a value"),
        ("", "own.toml: population: is missing: a scenario needs [population], or [firms] for firms from a file"),
        ("[popluation]\nfirms = 3\n", 'own.toml: popluation: unknown key; did you mean "population"?'),
        (SMALL + "[credit]\nrenewl = 0.5\n", 'own.toml: credit.renewl: unknown key; did you mean "renewal"?'),
        (SMALL + "[credit]\nrenewal = 1.2\n", "own.toml: credit.renewal: 1.2 is outside the allowed range 0 to 1"),
        (SMALL + "[credit]\nbridge_call_days = 0\n", "own.toml: credit.bridge_call_days: 0 is outside the allowed range 1 or more"),
        (SMALL + '[exit]\noutlook_days = "long"\n', 'own.toml: exit.outlook_days: must be a number, found "long" (text)'),
        (SMALL + "[time]\nstep_days = 3.5\n", "own.toml: time.step_days: must be a whole number, found 3.5"),
        (SMALL + "[time]\nstep_days = 15\n", "own.toml: time.step_days: 15 is outside the allowed range 1 to 14"),
        (
            SMALL + '[time]\nstart_date = "2022-03-01"\n',
            'own.toml: time.start_date: must be a date without quotes, such as 2022-03-01, found "2022-03-01" (text)',
        ),
        (
            SMALL + "[time]\nhorizon_days = 3\nheadline_day = 2\n",
            "own.toml: time.horizon_days: the horizon, day 3, is shorter than a step of 7 days; allowed: 7 or more",
        ),
        (SMALL + "[time]\nhorizon_days = 50\n", "own.toml: time.headline_day: day 91 is after the horizon, day 50; allowed: 1 to 50"),
        (SMALL + "[time]\nreport_days = [400]\n", "own.toml: time.report_days: 400 is after the horizon, day 364; allowed: 1 to 364"),
        (SMALL + "[time]\nreport_days = [0]\n", "own.toml: time.report_days.0: 0 is outside the allowed range 1 to 3,650"),
        ("draws = 0\n" + SMALL, "own.toml: draws: 0 is outside the allowed range 1 to 1,000,000"),
        ("seed = -1\n" + SMALL, "own.toml: seed: -1 is outside the allowed range 0 to 9,007,199,254,740,991"),
        ('name = "a/b"\n' + SMALL, 'own.toml: name: "a/b" is not a name; use letters, digits, - and _'),
        (
            'reference = "renewl"\n' + SMALL + POLICIES,
            'own.toml: reference: no policy is called "renewl"; did you mean "renewal"?',
        ),
        (
            SMALL + '[[policy]]\nname = "a"\n[[policy]]\nname = "a"\n',
            'own.toml: policy.1.name: another policy is called "a" already; a name stands for one policy',
        ),
        (
            SMALL + '[[policy]]\nname = "none"\nlevers = [{ kind = "loan_renewal" }]\n',
            'own.toml: policy.none.levers: the policy "none" has no levers; give this policy another name',
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewl" }]\n',
            'own.toml: policy.a.levers.0.kind: unknown lever "loan_renewl"; did you mean "loan_renewal"?',
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ take_up = 1 }]\n',
            f"own.toml: policy.a.levers.0.kind: is missing; one of {', '.join(kinds())}",
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", from_day = 10, to_day = 3 }]\n',
            "own.toml: policy.a.levers.0.to_day: 3 is before from_day 10; allowed: 10 or more",
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", take_up = 2 }]\n',
            "own.toml: policy.a.levers.0.take_up: 2 is outside the allowed range 0 to 1",
        ),
        (SMALL + '[policy]\nname = "a"\n', "own.toml: policy: must be a list, found a table"),
        (SMALL + "[sales]\nseason = [1, 2]\n", "own.toml: sales.season: must have 12 items, one for each month from January, found 2"),
        (
            SMALL + '[sales]\nnoise = "gama"\n',
            'own.toml: sales.noise: "gama" is not known; one of "lognormal" or "gamma"; did you mean "gamma"?',
        ),
        (SMALL + "[shock]\nsales = 0.3\n", "own.toml: shock.sales: must be a table, found 0.3"),
        (
            SMALL + "[shock.closure]\nclosed_share = { retail = 1.5 }\n",
            "own.toml: shock.closure.closed_share.retail: 1.5 is outside the allowed range 0 to 1",
        ),
        (
            SMALL + "[shock.closure]\nclosed_share = { retial = 0.5 }\n",
            'own.toml: shock.closure.closed_share.retial: unknown industry; did you mean "retail"?',
        ),
        (
            SMALL + "[shock.sales]\nindustry_offset = { retial = 0.1 }\n",
            'own.toml: shock.sales.industry_offset.retial: unknown industry; did you mean "retail"?',
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", industries = ["retial"] }]\n',
            'own.toml: policy.a.levers.0.industries: unknown industry "retial"; did you mean "retail"?',
        ),
        (
            SMALL + '[[policy]]\nname = "a"\nlevers = [{ kind = "loan_renewal", sizes = ["mirco"] }]\n',
            'own.toml: policy.a.levers.0.sizes: unknown size "mirco"; did you mean "micro"?',
        ),
    ],
)
def test_a_fault_is_named_with_its_place_and_what_is_allowed(text: str, expected: str) -> None:
    assert faults(text) == [expected]


def test_all_faults_of_a_file_are_named_at_once() -> None:
    text = """
draws = 0
reference = "x"
[population]
[time]
step_days = 20
headline_day = 400
[shock.sales]
depth = { dist = "uniform", low = 0.2, high = 1.5 }
[credit]
renewal = -1
aply = 3
[[policy]]
name = "a"
levers = [{ kind = "loan_renewl" }, { kind = "loan_renewal", take_up = 2, to_dya = 3 }]
[[policy]]
name = "a"
title = 3
"""
    assert [line.split(": ")[1] for line in faults(text)] == [
        "draws",
        "time.step_days",
        "time.headline_day",
        "shock.sales.depth",
        "credit.renewal",
        "credit.aply",
        "policy.0.levers.0.kind",
        "policy.0.levers.1.take_up",
        "policy.0.levers.1.to_dya",
        "policy.1.title",
        "policy.1.name",
    ]


def test_messages_are_in_our_own_words() -> None:
    for line in faults(SMALL + "[credit]\nrenewal = []\nkappa = true\n[time]\nreport_days = 3\n[shock]\nfrom_day = {}\n"):
        assert "pydantic" not in line and "Input should" not in line and "http" not in line


# where scenarios come from


def test_shipped_scenarios_are_found_by_name() -> None:
    assert {"calm", "poland-firms", "three-months"} <= set(shipped_scenarios())
    loaded = load_scenario("three-months")
    assert loaded.file == "three-months.toml"
    assert loaded.scenario.name == "three-months"


@pytest.mark.parametrize("name", shipped_scenarios())
def test_a_shipped_scenario_is_called_as_its_file_and_has_a_title(name: str) -> None:
    scenario = load_scenario(name).scenario
    assert scenario.name == name
    assert scenario.title
    assert all(policy.title for policy in scenario.policies)
    assert scenario.policies[0].name == scenario.reference == "none"


def test_calm_is_three_months_without_the_shock_and_nothing_else() -> None:
    storm, calm = (load_scenario(name).scenario for name in ("three-months", "calm"))
    assert storm.shock is not None and calm.shock is None
    # calm runs as many draws as three-months has in its pilot, which is all that it needs
    named = {"name": "same", "title": "same", "precision": None, "max_draws": None}
    assert calm.model_copy(update=named) == storm.model_copy(update={**named, "shock": None})


def test_three_months_writes_out_defaults_of_the_population() -> None:
    assert load_scenario("three-months").scenario.population == Population(firms=5000)


def test_three_months_has_the_policies_and_the_uncertain_numbers_of_its_page() -> None:
    scenario = load_scenario("three-months").scenario
    for_all = ["renewal-for-all", "relending-for-all", "guarantee-for-all"]
    documented = ["renewal", "forbearance", "relending", "guarantee"]
    names = [policy.name for policy in scenario.policies]
    assert names == ["none", "renewal", for_all[0], "forbearance", "relending", for_all[1], "guarantee", for_all[2], "package"]
    levers = {policy.name: policy.levers for policy in scenario.policies}
    assert levers["package"] == tuple(lever for name in documented for lever in levers[name])
    assert [levers[name][0].take_up for name in documented] == [0.20, 1.0, 0.05, 0.02]
    assert all(lever.take_up == 1.0 for name in for_all for lever in levers[name])
    assert set(uncertain_numbers(scenario)) == {
        "adjust.cash_factor",
        "adjust.volatility_factor",
        "adjust.margin_shift",
        "adjust.informal_factor",
        "credit.renewal",
        "exit.hope_median",
    }
    assert scenario.time.report_days == (91, 182, 364)


def test_a_file_is_read_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(SMALL, encoding="utf-8")
    loaded = load_scenario(str(file), ["draws=3"])
    assert loaded == LoadedScenario(loaded.scenario, SMALL, str(file), tmp_path, ("draws=3",))
    assert loaded.scenario.draws == 3


def test_a_scenario_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(SMALL.encode())))
    assert load_scenario("-").scenario.name == "scenario"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.toml").write_text(" \n", encoding="utf-8")
    (tmp_path / "latin.toml").write_bytes(b"title = 'a'\nname = '\xe9'\n")
    for source, message in [
        (str(tmp_path), "is a directory; a file is needed"),
        (str(tmp_path / "missing.toml"), "no such file"),
        (str(tmp_path / "empty.toml"), "is empty"),
        (str(tmp_path / "latin.toml"), "line 2: is not UTF-8 text (byte 20)"),
        ("three-month", 'no such file, and no shipped scenario of that name; did you mean "three-months"?'),
    ]:
        with pytest.raises(InputError) as caught:
            load_scenario(source)
        assert str(caught.value) == f"{source}: {message}"


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_scenario(str(tmp_path / "a.toml")).scenario.name == "a"


def test_reading_a_scenario_loads_none_of_the_heavy_libraries() -> None:
    program = "import sys, simsme.scenario; print([name for name in ('numpy', 'scipy', 'pandas', 'matplotlib') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


# canonical form, uncertain numbers


def test_the_canonical_form_is_plain_json_and_says_the_same_for_the_same_scenario() -> None:
    explicit = read(SMALL + POLICIES + "[credit]\nrenewal = 0.93\n[time]\nreport_days = [364, 91]\n")
    canonical = read(SMALL + POLICIES).canonical()
    assert canonical == explicit.canonical()
    assert json.loads(json.dumps(canonical, allow_nan=False)) == canonical
    assert canonical["policy"][0] == {"name": "none", "title": "No policy", "levers": []}
    assert canonical["policy"][1]["levers"][0]["kind"] == "loan_renewal"
    assert canonical != read(SMALL + POLICIES, "policy.renewal.levers.0.take_up=0.3").canonical()


def test_uncertain_numbers_are_found_by_dotted_name() -> None:
    uniform = '{ dist = "uniform", low = 0.1, high = 0.2 }'
    text = f"""
[population]
firms = 10
[shock.sales]
depth = {uniform}
scar = {uniform}
[exit]
background_rate = {{ micro = {uniform} }}
[[policy]]
name = "a"
levers = [{{ kind = "loan_renewal", name = "late", take_up = {uniform} }}]
"""
    found = uncertain_numbers(read(text))
    assert set(found) == {"shock.sales.scar", "exit.background_rate.micro", "policy.a.levers.loan_renewal:late.take_up"}
    assert all(isinstance(value, Distribution) for value in found.values())
