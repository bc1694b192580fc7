"""Checks of public funds: what they have out, what they won and lost, whom they serve."""

from functools import cache

import numpy as np

from simsme import streams
from simsme.engine.accounts import ENTRIES, ITEMS
from simsme.engine.public_funds import SERIES
from simsme.levers import kinds
from simsme.policy import Policy
from simsme.world import World
from simsme.world.fund_sizes import levers_with_funds
from tests.account_checks import ACCOUNTS, RELATIVE, money_moved
from tests.demands import demand, demand_equal
from tests.fund_worlds import both_funds, lively_world
from tests.known_checks import FIRM_WEIGHT, NO_SALES
from tests.recordings import Recording, recorded
from tests.worlds_for_tests import bare_firm, still_world


@cache
def fund_world(seed: int) -> World:
    """Firms that compete for two small funds, of each kind one."""
    return lively_world(seed, Policy(name="funds", levers=both_funds("random", seed)))


def check_funds() -> None:
    """The accounts of worlds with funds are in order, no fund has out more than it has, and it has what flowed to it."""
    for seed in (0, 1):
        world = fund_world(seed)
        done = recorded(world, draws=2)
        for check in ACCOUNTS.values():
            check(done)
        check_fund_caps(done)
        check_fund_books(done)


def check_fund_caps(done: Recording) -> None:
    """Advances out at the end of a step, and for how many days in it, stay within the capital of the bridge fund; weights count."""
    weight = done.world.firms.weight
    bridge = [fund.kind for _, fund in levers_with_funds(done.world.policies[1])].index("bridge")
    capital = done.lives.fund_series[bridge, SERIES.index("capital")]
    for moment in done.of(1):
        place = f"on day {moment.clock.b:g}"
        out, days = np.zeros(len(capital[0])), np.zeros(len(capital[0]))
        for before, after in (
            (moment.before.term_loan, moment.after.term_loan),
            (moment.before.new_loan, moment.after.new_loan),
        ):
            out += (weight * after.advance).sum(axis=1)
            open_days = np.minimum(np.where(before.advance > 0.0, before.coming_day, moment.clock.a), moment.clock.b) - moment.clock.a
            days += (weight * before.advance * open_days).sum(axis=1)
            new = np.where((after.advance > 0.0) & (before.advance == 0.0), weight * after.advance, 0.0)
            term = done.block.levers[1][bridge].terms.advance_days
            given_on = np.where(after.advance > 0.0, after.coming_day - term, moment.clock.b)
            days += (new * (moment.clock.b - given_on)).sum(axis=1)
        used = done.lives.fund_series[bridge, SERIES.index("used"), moment.number + 1]
        demand(np.abs(used - out) <= RELATIVE * (1.0 + out), f"what a fund has out is not what firms owe it {place}")
        demand(out <= capital[moment.number + 1] * (1.0 + 1e-8), f"a fund has out more than it has {place}")
        had = capital[moment.number] * moment.clock.h
        demand(days <= had * (1.0 + 1e-8), f"a fund lends for more days than it has money {place}")


def check_fund_books(done: Recording) -> None:
    """What funds won and lost is what the flow of funds says, less what they still have out."""
    gained = done.lives.fund_series[:, SERIES.index("fees")] - done.lives.fund_series[:, SERIES.index("losses")]
    ends = [0.0, *(clock.b for clock in done.world.steps)]
    for report, number in enumerate(done.block.reported):
        booked = dict(zip(ITEMS, done.lives.flows[1, report].sum(axis=-1), strict=True))
        received = sum(
            ((entry.payee == "funds") * 1.0 - (entry.payer == "funds")) * booked[item]
            for item, entry in ENTRIES.items()
            if entry.kind == "flow"
        )
        state = next(moment.after for moment in done.of(1) if moment.number == number)
        out = (done.world.firms.weight * (state.term_loan.advance + state.new_loan.advance)).sum(axis=1)
        gap = gained[:, number + 1].sum(axis=0) - received - out
        demand(np.abs(gap) <= RELATIVE * money_moved(booked), f"books of funds do not agree with the flows on day {ends[number + 1]:g}")
    demand(gained[:, -1].any(), "funds won and lost nothing: the check shows nothing")


def check_known_fund() -> None:
    """A fund of one loan for 20 days serves one of two, the luckier one; the advance costs its fee, and the bank's money repays it."""
    rows = [bare_firm(name, loan=1_000.0, loan_due_day=60.0, cash=100.0, weight=FIRM_WEIGHT) for name in ("one", "two", "three")]
    lever = kinds()["emergency_relending"].model_validate(
        {"kind": "emergency_relending", "take_up": 1.0, "capital": FIRM_WEIGHT * 950.0, "advance_days": 20.0}
    )
    time = {"step_days": 7, "horizon_days": 182, "headline_day": 91, "report_days": (91, 182)}
    policies = [Policy(name="fund", levers=(lever,))]
    done = recorded(still_world(rows, policies, time=time, shock=NO_SALES, credit={"grace_days": 20.0}))
    firms, steps = done.world.firms, done.world.steps
    luck = np.ravel(streams.uniforms(0, 0, firms.key, 0, "queue"))
    stays = done.lives.exit_step[1, 0] == len(steps)
    demand(list(stays) == list(luck == luck.min()), "the fund should serve the first in the queue and nobody else")
    sums = {item: float(done.lives.flows[1, -1, position].sum()) / FIRM_WEIGHT for position, item in enumerate(ITEMS)}
    demand_equal(sums["advance_lent"], 950.0, "advances")
    demand_equal(sums["advance_repaid"], 950.0, "advances repaid")
    demand_equal(sums["fund_fees_paid"], 950.0 * 0.0002 * 20.0, "fee of the fund")
    demand_equal(float(done.lives.fund_series[0, SERIES.index("exhausted_days"), -1, 0]), 28.0, "days on which the fund passed firms over")


def check_known_guarantee() -> None:
    """Refused at a risk of 0.099, and not above 0.10: a guaranteed loan of 100 is lost, the fund pays 80 and guarantees nobody else."""
    credit = {"risk_sigma": 0.8, "opacity": 0.0, "risk_aversion": 0.0, "bank_margin": 0.06, "lgd": 0.55, "apply": 1.0}
    leave = {"patience_days": 14.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}
    outlay = {"overheads": 36_500.0, "weight": FIRM_WEIGHT}
    rows = [
        bare_firm("first", cash=5_000.0, default_risk=0.099, **outlay),
        bare_firm("second", cash=15_000.0, default_risk=0.099, **outlay),
        bare_firm("risky", cash=5_000.0, default_risk=0.11, **outlay),
    ]
    lever = kinds()["guarantee_fund"].model_validate({"kind": "guarantee_fund", "take_up": 1.0, "capital": 1e6})
    time = {"step_days": 7, "horizon_days": 182, "headline_day": 91}
    world = still_world(rows, [Policy(name="fund", levers=(lever,))], time=time, shock=NO_SALES, credit=credit, exit=leave)
    done = recorded(world)
    ever = np.max([moment.after.guaranteed[0] for moment in done.of(1)], axis=0)
    covered = {name: float(cover) for name, cover in zip(world.firms.ids, ever, strict=True)}
    demand(covered["first"] == 0.8, "the first firm should be guaranteed with a cover of 0.8")
    demand(covered["second"] == 0.0, "claims above their limit should stop new guarantees")
    demand(covered["risky"] == 0.0, "a firm above the fund's own limit should get no guarantee")
    sums = {item: float(done.lives.flows[1, -1, position].sum()) / FIRM_WEIGHT for position, item in enumerate(ITEMS)}
    demand_equal(sums["lost_by_banks"], 100.0, "balance written off")
    demand_equal(sums["claims_paid"], 80.0, "claims: cover times the balance written off")
