"""How the firms of a draw act on each other: facilities, levers under review, contagion.

Against the second version of the model on random cases, and what must hold in any world; answers worked out by hand are checks of
tests/coupling_checks.py, run by tests/test_faults.py.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import simsme
from simsme.cli.application import answer
from simsme.engine.accounts import ITEMS
from simsme.engine.public_funds import SERIES
from simsme.engine.simulate import simulate
from simsme.execution import NUMPY, engine_for
from simsme.levers.lever import Lever
from simsme.plan import plan_run
from simsme.plots import plot_funds
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.scenario import parse_scenario
from simsme.scenario_tables import Contagion
from simsme.world import World
from simsme.world.couplings import beyond_compiled
from tests.fund_worlds import both_funds, lively_world
from tests.lever_cases import compare_levers
from tests.lever_checks import lever
from tests.random_couplings import COUPLING_EVENTS, random_coupled_case
from tests.test_funds import assert_same_lives
from tests.worlds_for_tests import block_of, differing_bits, film, outcomes_of_world, run_of, same_bits

CASES, FIRMS, GROUPS = 80, 8, 8
SHARE_OF_CLOSE_CALLS = 1e-3


@pytest.mark.parametrize("group", range(GROUPS))
def test_engine_and_oracle_agree_where_firms_act_on_each_other(group: int) -> None:
    paths = skipped = 0
    with np.errstate(all="ignore"):
        for seed in range(group, CASES, GROUPS):
            found = compare_levers(random_coupled_case(seed, FIRMS))
            assert not found.differences, found.differences[0]
            paths += found.paths
            skipped += found.skipped
    assert paths == len(range(group, CASES, GROUPS)) * FIRMS
    assert skipped <= max(1.0, SHARE_OF_CLOSE_CALLS * paths)


def test_the_cases_show_everything_that_couplings_can_do() -> None:
    events: Counter[str] = Counter()
    used: set[str] = set()
    with np.errstate(all="ignore"):
        for seed in range(CASES):
            found = compare_levers(random_coupled_case(seed, FIRMS), run=False)
            events.update(found.events)
            used |= found.used
    missing = [event for event in COUPLING_EVENTS if events[event] == 0]
    assert not missing, f"never seen: {', '.join(missing)}"
    assert {"facility_rate_of", "rate_relief"} <= used


# --------------------------------------------------------------------------------------------------------- what holds in any world

NEVER_MET: tuple[dict[str, Any], ...] = (
    {"start_when": {"exits_above": 1.0}, "review_days": 7},
    {"start_when": {"exits_above": 0.0, "exits_below": 1e-12}, "review_days": 1},
    {"start_when": {"sales_fall_above": 1.0}, "stop_when": {"exits_above": 0.5}, "review_days": 28},
    {"stop_when": {"exits_below": 1.0}, "from_day": 1.0, "review_days": 7},
)


def reviewed(made: Lever, **review: Any) -> Lever:
    """The same lever under review."""
    given = made.model_dump(exclude_none=True, exclude={"to_day"})
    return type(made).model_validate({name: value for name, value in given.items() if value != np.inf} | review)


@pytest.mark.parametrize("review", NEVER_MET)
def test_a_lever_under_review_that_never_starts_changes_no_bit(review: dict[str, Any]) -> None:
    levers = (
        lever("wage_subsidy"),
        lever("grant", sales_share=0.1),
        lever("tax_deferral", until_day=90.0),
        lever("debt_deferral", until_day=90.0),
        lever("receivables_finance"),
        lever("loan_renewal"),
        lever("relending_facility", capital=1e12),
        *both_funds("random", 1),
    )
    world = lively_world(
        5, Policy(name="review", levers=tuple(reviewed(made, **review) for made in levers)), Policy(name="on", levers=levers)
    )
    done = film(world)
    assert_same_lives(done, 0, 1, ("asked", "asked_day"))
    assert not same_bits(done.lives.flows[0], done.lives.flows[2])
    assert not done.lives.fund_series[:3, SERIES.index("requested")].any()


def test_a_lever_that_is_always_in_force_by_its_review_is_the_lever_to_the_bit() -> None:
    levers = (
        lever("wage_subsidy"),
        lever("relending_facility", capital=1e6),
        *both_funds("smallest", 2),
        lever("loan_renewal", take_up=0.3),
    )
    always = tuple(reviewed(made, review_days=7, stop_when={"sales_fall_above": 1.0}) for made in levers)
    done = film(lively_world(6, Policy(name="plain", levers=levers), Policy(name="review", levers=always)))
    assert_same_lives(done, 1, 2)


def test_no_contagion_changes_no_bit() -> None:
    world = lively_world(2, Policy(name="fund", levers=both_funds("random", 2)))
    plain = film(world)
    zero = simulate(replace(block_of(world), contagion_share=np.zeros((world.scenario.draws, 1))))
    for name in ("exit_step", "cash_out_step", "cause", "flows", "closing", "trading", "exposure_loss", "fund_series"):
        assert same_bits(getattr(plain.lives, name), getattr(zero, name)), name
    by_default = replace(world, scenario=world.scenario.model_copy(update={"contagion": Contagion()}))
    assert block_of(by_default).contagion_share is None and not beyond_compiled(by_default.scenario, by_default.policies)


def test_more_contagion_is_not_fewer_exits() -> None:
    gone, lost = [], []
    for share in (0.0, 0.25, 0.5, 1.0):
        overrides = ["population.firms=400", f"contagion.contagion_share={share}"]
        out = simsme.run("three-months", draws=2, policies=["renewal"], overrides=overrides, jobs=1).outcomes
        gone.append(1.0 - out.survival["exit"][..., -1])
        lost.append(out.flows[:, :, -1, ITEMS.index("bad_debt")])
    for less, more in ((gone[place], gone[place + 1]) for place in range(3)):
        assert np.all(more >= less)
    assert gone[-1].sum() > gone[0].sum()
    assert all(np.all(lost[place + 1] > 1.02 * lost[place]) for place in range(3))


def coupled_world(seed: int = 4) -> World:
    """A world with a facility, levers under review and contagion."""
    levers = (
        lever("relending_facility", capital_share=0.05, queue="neediest"),
        lever("wage_subsidy", start_when={"exits_above": 0.01}, stop_when={"exits_below": 0.005}, review_days=10),
        *(reviewed(made, review_days=7, stop_when={"fund_use_above": 0.9}) for made in both_funds("random", seed)),
    )
    world = lively_world(seed, Policy(name="all", levers=levers), Policy(name="reverse", levers=levers[::-1]))
    share = Contagion.model_validate({"contagion_share": {"dist": "uniform", "low": 0.2, "high": 1.0}})
    return replace(world, scenario=world.scenario.model_copy(update={"contagion": share}))


def test_order_workers_and_blocks_change_no_bit() -> None:
    world = coupled_world()
    out = outcomes_of_world(world)
    assert same_bits(out.flows[1], out.flows[2])
    assert out.flows[1].any() and not same_bits(out.flows[0], out.flows[1])
    for jobs, lanes in ((2, 8192), (1, 1), (3, 64)):
        assert differing_bits(out, outcomes_of_world(world, jobs, lanes)) == []
    one = film(replace(world, scenario=world.scenario.model_copy(update={"draws": 1})))
    both = film(world)
    assert np.array_equal(one.lives.exit_step, both.lives.exit_step[:, :1])
    assert same_bits(one.states[1][-1].cash[0], both.states[1][-1].cash[0])


def test_firms_that_act_on_each_other_are_run_together() -> None:
    for policy in (
        Policy(name="f", levers=(lever("relending_facility"),)),
        Policy(name="r", levers=(lever("grant", review_days=7, stop_when={"exits_above": 0.1}),)),
    ):
        with pytest.raises(ValueError, match="run together"):
            lively_world(0, policy).block(np.zeros(1, dtype=np.uint64), slice(0, 5))


def test_tables_and_figures_show_the_facility() -> None:
    world = coupled_world()
    finished = run_of(world)
    table = finished.funds[finished.funds.kind == "facility"]
    assert set(table.fund) == {"relending_facility"}
    last = table[table.policy == "all"].iloc[-1]
    assert last.capital == last.opening_capital and last.fees == last.losses == 0.0
    assert 0.0 < last.peak_use <= 1.0 + 1e-9 and last.firms_served > 0.0
    text = " ".join(found.get_text() for found in plot_funds(finished).figure.findobj(lambda artist: hasattr(artist, "get_text")))
    assert "facility" in text and "Cheap loans" in text


# ------------------------------------------------------------------------------------------------------------------ what a user meets

SCENARIO = """
name = "couplings"
draws = 2
[population]
firms = 20
[time]
horizon_days = 91
headline_day = 91
{more}
[[policy]]
name = "p"
levers = [{lever}]
"""


def problems(lever_text: str, more: str = "") -> str:
    with pytest.raises(InputError) as caught:
        parse_scenario(SCENARIO.format(lever=lever_text, more=more), "couplings.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("lever_text", "message"),
    [
        (
            '{ kind = "grant", start_when = { exits_above = 0.02 } }',
            "review_days: is missing: start_when is looked at every so many days, such as review_days = 28",
        ),
        (
            '{ kind = "grant", review_days = 7 }',
            "review_days: 7 days, but nothing is reviewed; give start_when or stop_when, or leave it out",
        ),
        (
            '{ kind = "grant", stop_when = { fund_use_above = 0.9 }, review_days = 7 }',
            "stop_when.fund_use_above: looks at the lever's fund, and there is no fund behind this lever; leave it out",
        ),
        (
            '{ kind = "emergency_relending", stop_when = { claim_rate_above = 0.9 }, review_days = 7 }',
            "stop_when.claim_rate_above: looks at claims on guarantees, and there is no guarantee fund behind this lever; leave it out",
        ),
        (
            '{ kind = "grant", start_when = { exits_above = 0.02, exits_below = 0.01 }, review_days = 7 }',
            "start_when.exits_above: 0.02 is not below exits_below 0.01; both have to hold, and never do",
        ),
        (
            '{ kind = "grant", stop_when = { exits_above = 0.01, exits_below = 0.02 }, review_days = 7 }',
            "stop_when.exits_above: 0.01 is below exits_below 0.02; one of them is enough, and always holds",
        ),
        ('{ kind = "grant", start_when = {}, review_days = 7 }', "start_when: has no condition; give at least one, such as exits_above"),
        ('{ kind = "grant", start_when = { exits_over = 0.1 }, review_days = 7 }', 'did you mean "exits_above"'),
        (
            '{ kind = "grant", start_when = { exits_above = 2 }, review_days = 7 }',
            "start_when.exits_above: 2 is not allowed; it must be at most 1",
        ),
        ('{ kind = "grant", start_when = { exits_above = 0.1 }, review_days = 0 }', "review_days: 0 is not allowed; it must be at least 1"),
        (
            '{ kind = "policy_awareness", start_when = { exits_above = 0.1 }, review_days = 7 }',
            "review_days: policy_awareness acts on other levers from its first day to its last and cannot be under review; leave it out",
        ),
    ],
)
def test_contradictions_of_a_review_are_told(lever_text: str, message: str) -> None:
    found = problems(lever_text)
    assert found.startswith("couplings.toml: policy.p.levers.0.")
    assert message in found and "\n" not in found


def test_all_faults_of_a_review_are_told_at_once() -> None:
    found = problems('{ kind = "grant", start_when = { fund_use_above = 0.5, exits_above = 0.5, exits_below = 0.1 } }')
    assert len(found.splitlines()) == 3


def test_contagion_is_a_share() -> None:
    assert "contagion.contagion_share: 1.5 is outside the allowed range 0 to 1" in problems(
        '{ kind = "grant" }', "[contagion]\ncontagion_share = 1.5"
    )


COUPLED = {
    'the review of "grant" in policy "p"': ('{ kind = "grant", start_when = { exits_above = 0.02 }, review_days = 7 }', ""),
    'the facility of "relending_facility" in policy "p"': ('{ kind = "relending_facility" }', ""),
    "contagion.contagion_share": ('{ kind = "grant" }', "[contagion]\ncontagion_share = 0.2"),
}


@pytest.mark.parametrize("coupling", COUPLED)
def test_the_compiled_engine_says_what_it_cannot_run(coupling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lever_text, more = COUPLED[coupling]
    file = tmp_path / "coupled.toml"
    file.write_text(SCENARIO.format(lever=lever_text, more=more), encoding="utf-8")
    assert answer(["run", str(file), "--engine", "compiled", "--out", str(tmp_path / "out"), "--quiet"]) == 2
    said = capsys.readouterr()
    expected = f"--engine compiled: firms act on each other through {coupling}, which only the engine numpy executes; "
    assert expected + "leave --engine away or give --engine numpy" in " ".join(said.err.split())
    assert not said.out and not list(tmp_path.glob("out/**/*.json"))
    with pytest.raises(InputError, match="which only the engine numpy executes"):
        simsme.run(str(file), engine="compiled")
    # where nobody asks for an engine, one line says which it is and why; where somebody asks for NumPy, it goes without saying
    for engine, told in (([], 1), (["--engine", "numpy"], 0)):
        small = ["--set", "population.firms=20", "--draws", "1", "--force"]
        assert answer(["run", str(file), *engine, *small, "--out", str(tmp_path / "out")]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if "NumPy" in line]
        assert lines == [f"Executed by NumPy, since firms act on each other through {coupling}: slower than compiled."] * told
    plan = plan_run(str(file), overrides=["draws=100000"])
    assert engine_for(World(plan.scenario, plan.firms(), plan.policies)) == NUMPY


def test_a_message_names_a_few_couplings_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed = ", ".join(
        f'{{ kind = "grant", name = "{name}", start_when = {{ exits_above = 0.02 }}, review_days = 7 }}' for name in "abcd"
    )
    file = tmp_path / "many.toml"
    file.write_text(SCENARIO.format(lever=reviewed, more=""), encoding="utf-8")
    assert answer(["run", str(file), "--engine", "compiled", "--quiet"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert 'the review of "grant:a" in policy "p", the review of "grant:b" in policy "p" and 2 more, which only the engine' in said
