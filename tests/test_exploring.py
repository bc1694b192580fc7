"""The explorer without a browser: what can be moved, what it means as overrides, and that the picture is that of a run."""

import re

import pytest

import simsme
from simsme.distributions import Uniform
from simsme.exploring.controls import lever_controls, shock_controls
from simsme.exploring.state import State
from simsme.levers import kinds
from simsme.problems import InputError

pytest.importorskip("ipywidgets")
SMALL = {"draws": 4, "overrides": ["population.firms=150"]}


@pytest.fixture(scope="module")
def scenario():
    return simsme.load_scenario("three-months").scenario


@pytest.fixture
def explorer():
    return simsme.explore("three-months", **SMALL)


def share_of(explorer):
    return float(re.search(r"\(([+−]?[\d.]+) ± ", explorer.picture.words)[1].replace("−", "-"))


def test_every_lever_can_be_moved_and_its_limits_hold_its_value():
    for kind, lever in kinds().items():
        needed = {name: 0.5 for name, field in lever.model_fields.items() if field.is_required()}
        for control in lever_controls(lever(kind=kind, **needed)):
            assert control.low <= control.value <= control.high, (kind, control)
            assert control.step > 0, (kind, control)


def test_controls_start_where_the_scenario_stands(scenario):
    found = {control.name: control for control in shock_controls(scenario)}
    assert found["shock.sales.depth"].value == (0.2, 0.5)
    assert found["shock.duration_days"].value == 91
    assert found["shock.costs.materials_rise"].value == 0.05
    assert found["shock.payment.receivable_stretch"].value == 1.5


def test_a_scenario_without_a_shock_has_nothing_to_move():
    assert shock_controls(simsme.load_scenario("calm").scenario.model_copy(update={"shock": None})) == ()


def test_what_was_not_moved_is_not_set(scenario):
    assert State("package").overrides(scenario) == ()


def test_the_state_as_overrides_is_read_back_as_it_stands(scenario):
    state = State("package", {"shock.sales.depth": (0.3, 0.6), "shock.duration_days": 120.0}, {"loan_renewal": {"take_up": 0.7}})
    there = simsme.load_scenario("three-months", state.overrides(scenario)).scenario
    assert isinstance(there.shock.sales.depth, Uniform)
    assert (there.shock.sales.depth.low, there.shock.sales.depth.high, there.shock.sales.depth.common) == (0.3, 0.6, 0.3)
    package = next(policy for policy in there.policies if policy.name == "package")
    assert {lever.label: lever.take_up for lever in package.levers}["loan_renewal"] == 0.7


def test_a_lever_that_is_off_is_gone_and_the_others_keep_what_was_moved(scenario):
    state = State("package", levers={"guarantee_fund": {"take_up": 0.5}}, off=frozenset({"loan_renewal"}))
    there = simsme.load_scenario("three-months", state.overrides(scenario)).scenario
    package = next(policy for policy in there.policies if policy.name == "package")
    assert [lever.label for lever in package.levers] == ["lending_forbearance", "emergency_relending", "guarantee_fund"]
    assert package.levers[-1].take_up == 0.5


def test_the_picture_is_that_of_a_run(explorer):
    explorer.controls["loan_renewal.take_up"].value = 100.0
    clock = ["time.horizon_days=91", "time.report_days=[91]"]
    out = simsme.run(
        "three-months",
        policies=["package"],
        draws=4,
        overrides=["population.firms=150", *clock, "policy.package.levers.loan_renewal.take_up=1"],
    )
    gained = next(entry for entry in out.json["policies"] if entry["policy"] == "package")["difference"]["exit"]["mean"]
    assert share_of(explorer) == pytest.approx(100 * gained, abs=0.0051)


def test_moving_a_slider_moves_the_picture_and_moving_it_back_restores_it(explorer):
    before = explorer.picture
    explorer.controls["shock.sales.depth"].value = (60.0, 90.0)
    assert explorer.picture.drawing != before.drawing
    assert explorer.state.shock == {"shock.sales.depth": (0.6, 0.9)}
    explorer.controls["shock.sales.depth"].value = (20.0, 50.0)
    assert explorer.picture == before
    assert explorer.state == State("package")


def test_all_levers_off_is_the_reference(explorer):
    for switch in explorer.switches.values():
        switch.value = False
    assert share_of(explorer) == 0.0


def test_another_policy_brings_its_own_levers_and_keeps_the_shock(explorer):
    explorer.controls["shock.duration_days"].value = 182.0
    explorer.controls["loan_renewal.take_up"].value = 90.0
    explorer.policy.value = "forbearance"
    assert list(explorer.switches) == ["lending_forbearance"]
    assert explorer.state == State("forbearance", {"shock.duration_days": 182.0})


def test_the_button_writes_a_scenario_that_is_the_state(explorer, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    explorer.controls["shock.duration_days"].value = 119.0
    explorer.switches["guarantee_fund"].value = False
    explorer.write.click()
    explorer.write.click()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["three-months-explored-2.toml", "three-months-explored.toml"]
    there = simsme.load_scenario(str(tmp_path / "three-months-explored.toml")).scenario
    assert there.shock.duration_days == 119
    assert there.time.horizon_days == 364
    assert "guarantee_fund" not in [lever.label for policy in there.policies if policy.name == "package" for lever in policy.levers]


def test_the_line_of_python_runs(explorer, monkeypatch):
    explorer.controls["shock.duration_days"].value = 119.0
    line = explorer.state.line_of_python("three-months", explorer._exploration.loaded.scenario, 2)
    called = {}
    monkeypatch.setattr(simsme, "run", lambda *args, **options: called.update(options, scenario=args[0]))
    exec(line, {"simsme": simsme})
    assert called == {"scenario": "three-months", "policies": ["package"], "draws": 2, "overrides": ["shock.duration_days=119"]}


def test_wrong_names_are_said():
    with pytest.raises(InputError, match='no policy to explore is called "pakage"; did you mean "package"'):
        simsme.explore("three-months", policy="pakage", **SMALL)
    with pytest.raises(InputError, match="three-mnths"):
        simsme.explore("three-mnths", **SMALL)


def test_titles_of_users_stay_text():
    explorer = simsme.explore("three-months", draws=2, overrides=["population.firms=60", 'title="<b onclick=1>x</b>"'])
    assert "<b onclick" not in explorer.widget.children[0].value
