"""Extreme but valid: everything runs, accounts close, shares are shares, survival never rises, and both engines agree."""

import numpy as np
import pytest

from simsme.plan import plan_run
from simsme.runs import Run, execute
from simsme.scenario import parse_scenario

FIRMS = "draws = 2\npopulation = { firms = 6 }\n"
SHOCK = "[shock]\nduration_days = 60\n"
SHORT = "[time]\nhorizon_days = 119\nheadline_day = 91\nreport_days = [119]\n"
RENEWAL = '[[policy]]\nname = "renewal"\nlevers = [{ kind = "loan_renewal" }]\n'

WORLDS = {
    "one firm, one draw": "draws = 1\npopulation = { firms = 1 }\n" + SHORT + SHOCK + RENEWAL,
    "a horizon of one day": FIRMS + "[time]\nstep_days = 1\nhorizon_days = 1\nheadline_day = 1\n" + SHOCK + RENEWAL,
    "five years in days": FIRMS + "[time]\nstep_days = 1\nhorizon_days = 1825\nheadline_day = 91\nreport_days = [1825]\n" + SHOCK + RENEWAL,
    "all firms closed": FIRMS + SHORT + SHOCK + "[shock.closure]\nclosed_share = 1.0\n" + RENEWAL,
    "no sales at all": FIRMS + SHORT + SHOCK + "[shock.sales]\ndepth = 1.0\n" + RENEWAL,
    "no loans": "draws = 2\npopulation = { firms = 6, with_loan = 0.0 }\n" + SHORT + SHOCK + RENEWAL,
    "no cash": FIRMS + SHORT + "[adjust]\ncash_factor = 0.0\n" + SHOCK + RENEWAL,
    "forty policies": FIRMS
    + SHORT
    + SHOCK
    + "".join(f'[[policy]]\nname = "p{n}"\nlevers = [{{ kind = "loan_renewal", take_up = {n / 40} }}]\n' for n in range(40)),
    "funds of nothing": FIRMS
    + SHORT
    + SHOCK
    + '[[policy]]\nname = "funds"\nlevers = [{ kind = "emergency_relending", capital = 0 }, { kind = "guarantee_fund", capital = 0 }]\n',
}


def outcome_of(text: str, engine: str, firms: str | None = None) -> Run:
    """Run a scenario in this process."""
    return execute(plan_run(parse_scenario(text, "extreme.toml"), firms=firms), jobs=1, engine=engine)


def check(found: Run) -> None:
    """What holds of every run."""
    out, summary = found.outcomes, found.json
    assert summary["closure"]["draw"] < 1e-9 and summary["closure"]["total"] < 1e-9, summary["closure"]
    for endpoint in ("cash", "open", "exit"):
        shares = out.endpoint(endpoint)
        assert np.isfinite(shares).all() and (shares >= 0.0).all() and (shares <= 1.0 + 1e-12).all(), endpoint
        if endpoint != "open":
            assert (np.diff(shares, axis=-1) <= 1e-12).all(), f"{endpoint} rises"
    assert np.isfinite(out.flows).all() and np.isfinite(out.balances).all()


def the_same(one: Run, other: Run) -> None:
    for endpoint in ("cash", "open", "exit"):
        np.testing.assert_array_equal(one.outcomes.endpoint(endpoint), other.outcomes.endpoint(endpoint))


@pytest.mark.parametrize("world", WORLDS)
def test_an_extreme_world(world):
    found = outcome_of(WORLDS[world], "numpy")
    check(found)
    compiled = outcome_of(WORLDS[world], "compiled")
    check(compiled)
    the_same(found, compiled)


@pytest.mark.parametrize("sales", ["1e-6", "1", "1e12", "1e15"])
def test_the_smallest_and_the_largest_firms(sales, tmp_path):
    file = tmp_path / "firms.csv"
    file.write_text(f"firm_id,sales,cash\na,{sales},0\nb,{sales},{sales}\nc,1000000,50000\n", encoding="utf-8")
    found = outcome_of("draws = 2\nfirms = {}\n" + SHORT + SHOCK + RENEWAL, "numpy", str(file))
    check(found)
    the_same(found, outcome_of("draws = 2\nfirms = {}\n" + SHORT + SHOCK + RENEWAL, "compiled", str(file)))
