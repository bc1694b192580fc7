"""Public funds: cases worked out by hand, and what must hold in any world.

The firms of the first half sell nothing and have only what the case is about. A step is 7 days; a loan of 1,000 that falls due finds a
firm with 100 in cash, no line, no owner and no private bridge, so that without a fund it becomes overdue.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from simsme.arithmetic import Lanes
from simsme.costs import Costs, fund_wealth
from simsme.engine import funds, public_funds
from simsme.engine.accounts import ITEMS
from simsme.engine.public_funds import SERIES
from simsme.flow_of_funds import closure, sector_flows
from simsme.levers import GuaranteeFund, LoanRenewal
from simsme.levers.lever import Lever
from simsme.outcomes import Outcomes
from simsme.policy import Policy
from simsme.runs import plan_run
from simsme.streams import firm_key, uniforms
from simsme.world import World
from tests.account_checks import ACCOUNTS
from tests.engine_cases import firms_of, scenario_of
from tests.fund_worlds import both_funds, guarantee, lively_world, relending
from tests.recordings import credit_case, recorded
from tests.worlds_for_tests import (
    NO_SALES,
    Film,
    bare_firm,
    differing_bits,
    film,
    of_policy,
    outcomes_of_world,
    same_bits,
    still_world,
    with_policies,
)

TIME = {"step_days": 7, "horizon_days": 182, "headline_day": 91}
QUEUES = ("random", "first_come", "smallest", "neediest")


def one(*levers: Lever, name: str = "fund") -> Policy:
    """A policy of some levers."""
    return Policy(name=name, levers=levers)


def borrowers(*due_days: float, **columns: Any) -> list[dict[str, Any]]:
    """Firms with a loan of 1,000 each and 100 in cash."""
    numbers = {"loan": 1_000.0, "cash": 100.0} | columns
    return [bare_firm(f"f{number}", loan_due_day=day, **numbers) for number, day in enumerate(due_days)]


def watched(rows: Sequence[dict[str, Any]], *levers: Lever, credit: dict[str, Any] | None = None, **tables: Any) -> Film:
    """Firms without sales under none and under a policy of some levers; an overdue loan is enforced after 20 days."""
    tables = {"time": TIME, "shock": NO_SALES, "credit": {"grace_days": 20.0} | (credit or {})} | tables
    return film(still_world(rows, [one(*levers)], **tables))


def gone(done: Film, policy: int = 1) -> set[str]:
    """Firms that went by loan."""
    loan = done.lives.cause[policy, 0] == 2
    return {name for name, went in zip(done.world.firms.ids, loan, strict=True) if went}


def series(done: Film, name: str, fund: int = 0) -> NDArray[np.float64]:
    """What is reported of a fund at the ends of all steps, day 0 first."""
    values: NDArray[np.float64] = done.lives.fund_series[fund, SERIES.index(name), :, 0]
    return values


def step_of(done: Film, day: float) -> int:
    """Number of the step that contains a day."""
    return next(number for number, clock in enumerate(done.block.steps) if clock.a < day <= clock.b)


def luck_in_queue(*names: str) -> list[str]:
    """Firms in the order of their luck in a random queue, draw 0 of seed 0."""
    return sorted(names, key=lambda name: float(uniforms(0, 0, np.array([firm_key(name)], dtype=np.uint64), 0, "queue")[0]))


# ----------------------------------------------------------------------------------------------------------------- the bridge fund


def test_an_advance_costs_its_fee_and_comes_back_with_the_banks_money() -> None:
    # Due on day 57, in (56, 63]. The fund pays 950, the firm 50 of its 100. The bank lends 1,000 on day 60.42, in the same step: 950 go
    # back to the fund, 50 stay with the firm. Fee: 950 * 0.0002 * 3.42 = 0.6498, paid in the next step. Interest of 10 a year of 365 days
    # runs on 1,000 but for the 3.42 days: 57 + (182 - 60.42) days.
    done = watched(borrowers(57.0, loan_rate=0.00365, interest_day=21.0), relending(capital=950.0))
    assert gone(done, 0) == {"f0"} and gone(done) == set()
    assert done.lives.exit_step[0, 0, 0] == step_of(done, 77.0)
    booked = {item: done.total(item, 1)[0, 0] for item in ("advance_lent", "advance_repaid", "fund_fees_paid", "bank_lent")}
    assert booked == pytest.approx({"advance_lent": 950.0, "advance_repaid": 950.0, "fund_fees_paid": 0.6498, "bank_lent": 1_000.0})
    assert done.total("principal_repaid", 1)[0, 0] == pytest.approx(1_000.0)
    assert done.total("interest_expense", 1)[0, 0] == pytest.approx(0.01 * (57.0 + 182.0 - 60.42))
    assert done.total("advance_lent", 0)[0, 0] == 0.0
    assert float(done.after(63.0, 1).fund_accrued[0, 0]) == pytest.approx(0.6498)
    assert float(done.after(70.0, 1).fund_accrued[0, 0]) == 0.0
    number = step_of(done, 57.0)
    assert series(done, "requested")[number + 1] == series(done, "served")[number + 1] == pytest.approx(950.0)
    assert series(done, "capital")[-1] == pytest.approx(950.6498)
    assert not series(done, "used").any() and not series(done, "exhausted_days").any()


def test_a_fund_of_one_loan_serves_one_of_two() -> None:
    # Two loans fall due on day 60, each needs 950 for 20 days, the fund has 950: in (56, 63] one is served, and its 950 are out until day
    # 80. The other asks again in each step. In (77, 84] the 950 are back for 4 of 7 days, which do not do for 7. Grace ends on day 80.
    done = watched(borrowers(60.0, 60.0), relending(capital=950.0, advance_days=20.0))
    served, passed_over = luck_in_queue("f0", "f1")
    assert gone(done, 0) == {"f0", "f1"}
    assert gone(done) == {passed_over}
    assert done.lives.exit_step[1, 0, done.position(passed_over)] == step_of(done, 80.0)
    assert float(done.after(63.0, 1).term_loan.advance[0, done.position(served)]) == pytest.approx(950.0)
    assert series(done, "used")[[step_of(done, day) + 1 for day in (60.0, 67.0, 77.0, 80.0)]] == pytest.approx([950.0, 950.0, 950.0, 0.0])
    assert series(done, "exhausted_days")[-1] == 7.0 * 4
    assert series(done, "passed_over").sum() == pytest.approx(4 * 950.0)
    assert done.lives.fund_firms[0, :, -1, 0] == pytest.approx([2.0, 1.0, 1.0])


def test_money_days_let_two_pass_in_a_week() -> None:
    # 950 for a week are 6,650 money-days; each advance needs 950 * 3.42 = 3,249 and is back before the step ends: two are served, the third
    # is not. In the next step, (63, 70], all 950 are free again: it is served on day 63.
    done = watched(borrowers(57.0, 57.0, 57.0), relending(capital=950.0))
    *served, passed_over = luck_in_queue("f0", "f1", "f2")
    number = step_of(done, 57.0)
    assert series(done, "served")[number + 1 : number + 3] == pytest.approx([1_900.0, 950.0])
    assert series(done, "exhausted_days")[-1] == 7.0
    assert gone(done) == set()
    late = done.position(passed_over)
    # the overdue loan was repaid on day 63, 950 of it by the fund; the bank lent again on day 66.42
    assert float(done.after(63.0, 1).term_loan.overdue_day[0, late]) == 57.0
    assert float(done.after(70.0, 1).term_loan.due_day[0, late]) == pytest.approx(66.42 + 365.0)
    assert [float(done.after(70.0, 1).term_loan.due_day[0, done.position(name)]) for name in served] == pytest.approx([425.42] * 2)
    assert done.lives.fund_firms[0, :, -1, 0] == pytest.approx([3.0, 3.0, 0.0])


def test_a_request_stands_while_the_loan_is_overdue() -> None:
    # As above with 20 days and a grace of 30: the 950 are back on day 80, and (84, 91] has them whole. The second firm is served on day 84,
    # its loan overdue since day 60; on day 104 the bank lends again, in (98, 105]. Interest of 0.01 a day: until day 84 and from 104 on.
    rows = borrowers(60.0, 60.0, loan_rate=0.00365, interest_day=21.0)
    done = watched(rows, relending(capital=950.0, advance_days=20.0), credit={"grace_days": 30.0})
    _, late = luck_in_queue("f0", "f1")
    assert gone(done) == set()
    loan = done.after(91.0, 1).term_loan
    place = done.position(late)
    assert [float(value[0, place]) for value in (loan.principal, loan.coming, loan.coming_day, loan.advance)] == [
        0.0,
        1_000.0,
        104.0,
        950.0,
    ]
    assert float(loan.overdue_day[0, place]) == np.inf
    assert done.total("interest_expense", 1)[0, place] == pytest.approx(0.01 * (84.0 + 182.0 - 104.0))


def test_an_advance_that_does_not_do_goes_back_unused() -> None:
    # The fund pays half; the firm has 100 and nobody else to turn to. It asks in every step until grace ends; the money is never used.
    done = watched(borrowers(60.0), relending(capital=950.0, advance_share=0.5))
    assert gone(done) == {"f0"}
    assert done.total("advance_lent", 1)[0, 0] == 0.0
    assert not series(done, "used").any() and series(done, "capital") == pytest.approx(np.full(len(done.block.steps) + 1, 950.0))
    # served on days 60, 63, 70 and 77
    assert series(done, "served").sum() == pytest.approx(4 * 500.0)
    # its loan is overdue since day 60 all the same
    assert float(done.after(77.0, 1).term_loan.overdue_day[0, 0]) == 60.0


def test_the_fund_lends_against_a_commitment_only() -> None:
    # The bank never lends again: nobody asks.
    done = watched(borrowers(60.0), relending(capital=1e9), credit={"renewal": 0.0})
    assert not series(done, "requested").any()
    assert gone(done) == {"f0"}


@pytest.mark.parametrize(
    ("numbers", "kappa", "advance"),
    [({}, 1.0, 950.0), ({"advance_cap": 920.0}, 1.0, 920.0), ({}, 0.93, 930.0), ({"advance_share": 1.0}, 1.0, 1_000.0)],
)
def test_an_advance_is_bounded_by_share_cap_and_commitment(numbers: dict[str, Any], kappa: float, advance: float) -> None:
    done = watched(borrowers(60.0), relending(capital=1e6, **numbers), credit={"kappa": kappa})
    assert done.total("advance_lent", 1)[0, 0] == pytest.approx(advance)
    assert gone(done) == set()


def test_a_private_bridge_finds_the_rest() -> None:
    # The fund pays 950 of 1,000, the firm its 20; it borrows 30 at 0.2 % a day until the bank's money comes after 3.42 days, which repays
    # the fund first. Without the fund it borrows 980 for the 10 days after which the bank lends again.
    done = watched(borrowers(57.0, cash=20.0), relending(capital=950.0), credit={"bridge_access": 1.0, "bridge_fee_per_day": 0.002})
    assert [done.total("bridge_lent", policy)[0, 0] for policy in (0, 1)] == pytest.approx([980.0, 30.0])
    assert [done.total("bridge_repaid", policy)[0, 0] for policy in (0, 1)] == pytest.approx([980.0, 30.0])
    fees = [done.total("private_fees_expense", policy)[0, 0] for policy in (0, 1)]
    assert fees == pytest.approx([980.0 * 0.002 * 10.0, 30.0 * 0.002 * 3.42])


def test_a_weight_counts_that_often() -> None:
    # A firm that stands for three needs 2,850 of 2,800; the two single ones are served whatever their place in the queue. Days of 20 keep
    # the money out. With 2,850 + 1,900 all are served.
    rows = borrowers(60.0, 60.0, 60.0)
    rows[0]["weight"] = 3.0
    short = watched(rows, relending(capital=2_800.0, advance_days=20.0), credit={"grace_days": 10.0})
    assert gone(short) == {"f0"}
    assert series(short, "served")[step_of(short, 60.0) + 1] == pytest.approx(1_900.0)
    assert short.lives.fund_firms[0, :, -1, 0] == pytest.approx([5.0, 2.0, 3.0])
    enough = watched(rows, relending(capital=4_750.0, advance_days=20.0), credit={"grace_days": 10.0})
    assert gone(enough) == set()
    assert series(enough, "fees")[-1] == pytest.approx(5.0 * 950.0 * 0.0002 * 20.0)


def test_processing_is_limited_and_what_is_left_of_it_is_kept_for_who_waits() -> None:
    # One case a week: of two single firms one is served a week. A firm that stands for two has to wait for the second week.
    done = watched(borrowers(57.0, 57.0), relending(capital=1e6, cases_per_week=1.0))
    assert series(done, "served")[step_of(done, 57.0) + 1 :][:2] == pytest.approx([950.0, 950.0])
    double = borrowers(57.0)
    double[0]["weight"] = 2.0
    done = watched(double, relending(capital=1e6, cases_per_week=1.0))
    assert series(done, "served")[step_of(done, 57.0) + 1 :][:2] == pytest.approx([0.0, 1_900.0])
    assert series(done, "exhausted_days")[-1] == 7.0


@pytest.mark.parametrize("queue", QUEUES)
def test_a_queue_serves_whom_it_should(queue: str) -> None:
    # Money for one of three at a time. c falls due first, a has the smallest loan, b the least cash against what it pays.
    rows = [
        bare_firm("a", loan=900.0, loan_due_day=61.0, cash=90.0, overheads=0.0),
        bare_firm("b", loan=1_000.0, loan_due_day=62.0, cash=51.0, overheads=0.0),
        bare_firm("c", loan=1_100.0, loan_due_day=60.0, cash=90.0, overheads=0.0),
    ]
    for row in rows:
        # outflow for the queue, paid after the run: interest of a year that falls due late in the month is small enough
        row |= {"loan_rate": 0.001, "interest_day": 21.0}
    rows[0]["cash"], rows[2]["cash"] = 200.0, 200.0
    done = watched(rows, relending(capital=1_045.0, advance_days=20.0, queue=queue), credit={"grace_days": 10.0})
    expected = {"random": luck_in_queue("a", "b", "c")[0], "first_come": "c", "smallest": "a", "neediest": "b"}[queue]
    lent = done.total("advance_lent", 1)[0]
    assert [name for name, sum_lent in zip(done.world.firms.ids, lent, strict=True) if sum_lent > 0.0] == [expected]


def test_a_firm_that_goes_takes_its_advance_along() -> None:
    # The advance of 950 is out from day 57 until day 77. Arrears since day 57 or so end the creditors' patience before: the firm goes, the
    # bank's money never comes, and the estate has nothing. The fund loses all of it, and of its fee of 3.8 what was not paid.
    row = bare_firm("f0", loan=1_000.0, loan_due_day=57.0, cash=5_751.0, overheads=36_500.0)
    leave = {"patience_days": 7.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}
    done = watched([row], relending(capital=2_000.0, advance_days=20.0), exit=leave)
    assert done.lives.cause[1, 0, 0] == 1
    assert done.total("advance_lent", 1)[0, 0] == pytest.approx(950.0)
    lost, fees = done.total("lost_by_funds", 1)[0, 0], done.total("fund_fees_paid", 1)[0, 0]
    assert lost + fees == pytest.approx(950.0 * (1.0 + 0.0002 * 20.0))
    assert series(done, "losses")[-1] == pytest.approx(950.0)
    assert series(done, "capital")[-1] == pytest.approx(2_000.0 - 950.0 + fees)


# --------------------------------------------------------------------------------------------------------------- the guarantee fund

REFUSED = {"risk_sigma": 0.8, "opacity": 0.0, "risk_aversion": 0.0, "bank_margin": 0.06, "lgd": 0.55, "apply": 1.0}
"""The bank sees the risk as it is. It lends up to a risk of 0.06 / (0.06 + 0.55) = 0.098; with a cover of 0.8 up to 0.06 / 0.17 = 0.353."""


def short_of_cash(name: str = "f0", **columns: Any) -> dict[str, Any]:
    """A firm that pays 100 a day and has cash for 50 days: it falls below its reserve of 30 days in (14, 21]."""
    return bare_firm(name, **{"cash": 5_000.0, "overheads": 36_500.0, "default_risk": 0.099} | columns)


def applying(rows: Sequence[dict[str, Any]], *levers: Lever, credit: dict[str, Any] | None = None, **tables: Any) -> Film:
    """Firms that apply for a loan as soon as they are short of cash."""
    return watched(rows, *levers, credit=REFUSED | (credit or {}), **tables)


def test_a_guarantee_brings_the_loan_after_the_answer_and_the_banks_days() -> None:
    # By day 21 cash is 2,900, below 3,000: the firm asks for 30 days of 100 less 2,900 = 100. Refused without a guarantee, it asks the
    # fund, which answers in (21, 28]: paid out on day 21 - 3.5 + 15 = 32.5. The fee of 0.8 * 0.75 % a year runs from the next step on.
    done = applying([short_of_cash()], guarantee(capital=1e6), time={**TIME, "horizon_days": 91})
    assert float(done.after(21.0, 1).asked[0, 0]) == pytest.approx(100.0)
    assert float(done.after(21.0, 1).asked_day[0, 0]) == 21.0
    granted = done.after(28.0, 1)
    assert [float(value[0, 0]) for value in (granted.asked, granted.new_loan.coming, granted.new_loan.coming_day)] == pytest.approx(
        [0.0, 100.0, 32.5]
    )
    assert float(granted.guaranteed[0, 0]) == pytest.approx(0.8)
    assert float(done.after(35.0, 1).new_loan.principal[0, 0]) == pytest.approx(100.0)
    assert done.total("fund_fees_expense", 1)[0, 0] == pytest.approx(0.006 * 100.0 * (91.0 - 35.0) / 365.0)
    # without the lever, nothing; and nobody asks a second time while the first loan runs
    assert not any(state.new_loan.coming.any() or state.asked.any() for state in done.states[0])
    assert series(done, "requested").sum() == series(done, "served").sum() == pytest.approx(100.0)
    assert series(done, "used")[step_of(done, 28.0) + 1] == pytest.approx(80.0)


@pytest.mark.parametrize(("risk", "asks"), [(0.05, False), (0.098, False), (0.099, True), (0.0999, True), (0.11, False)])
def test_only_who_was_refused_without_it_and_is_below_its_own_limit_gets_it(risk: float, asks: bool) -> None:
    # Below 0.0984 the bank lends anyway; above 0.10 the fund does not guarantee.
    done = applying([short_of_cash(default_risk=risk)], guarantee(capital=1e6), time={**TIME, "horizon_days": 56, "headline_day": 56})
    assert bool(series(done, "requested").any()) is asks
    assert any(state.guaranteed.any() for state in done.states[1]) is asks
    accepted = risk < 0.06 / 0.61
    assert any(state.new_loan.coming.any() for state in done.states[0]) is accepted
    if accepted:
        assert all(same_bits(here.cash, there.cash) for here, there in zip(done.states[0], done.states[1], strict=True))


LEAVE = {"patience_days": 14.0, "patience_min_days": 1.0, "patience_supplier_factor": 0.0, "patience_tolerance_days": 0.0}


def test_claims_are_cover_times_the_balance_written_off() -> None:
    # The loan of 100 is all that the bank has out: the firm goes for its unpaid bills, nothing is left, the bank loses 100 and the fund
    # pays 80, of which the layers bear 40, 20 and 20.
    done = applying([short_of_cash()], guarantee(capital=1e6), exit=LEAVE)
    assert done.lives.cause[1, 0, 0] == 1
    assert done.total("lost_by_banks", 1)[0, 0] == pytest.approx(100.0)
    assert done.total("claims_paid", 1)[0, 0] == pytest.approx(80.0)
    assert series(done, "losses")[-1] == pytest.approx(80.0)
    assert series(done, "capital")[-1] == pytest.approx(1e6 - 80.0 + done.total("fund_fees_paid", 1)[0, 0])
    assert done.total("claims_paid", 0)[0, 0] == 0.0


def test_claims_are_for_the_new_loan_only() -> None:
    # Beside it the bank has 1,000 out: of all its claims the same share is lost, the fund bears 0.8 of that of the new loan. Fixed assets
    # of 1,000 bring liquidation_share * 1,000, and are the bank's.
    done = applying([short_of_cash(loan=1_000.0, loan_due_day=300.0, fixed_assets=1_000.0)], guarantee(capital=1e6), exit=LEAVE)
    lost = done.total("lost_by_banks", 1)[0, 0]
    assert 0.0 < lost < 1_100.0
    assert done.total("claims_paid", 1)[0, 0] == pytest.approx(0.8 * lost * 100.0 / 1_100.0)


@pytest.mark.parametrize(("limit", "second"), [(0.03, False), (0.99, False), (1.0, True)])
def test_claims_stop_new_guarantees(limit: float, second: bool) -> None:
    # The first firm is gone by day 91 and its claims of 80 are all that was granted; the second asks long after.
    rows = [short_of_cash("f0"), short_of_cash("f1", cash=15_000.0)]
    done = applying(rows, guarantee(capital=1e6, claim_limit=limit), exit=LEAVE)
    assert any(state.guaranteed[0, done.position("f0")] > 0.0 for state in done.states[1])
    assert any(state.guaranteed[0, done.position("f1")] > 0.0 for state in done.states[1]) is second


def test_the_book_is_bounded_by_leverage_and_a_request_waits_until_it_lapses() -> None:
    # Capital 32 with leverage 5 bears 160 = two loans of 100 at a cover of 0.8. The third waits for 90 days and asks again.
    rows = [short_of_cash(f"f{number}") for number in range(3)]
    done = applying(rows, guarantee(capital=32.0), time={**TIME, "horizon_days": 126})
    waiting = luck_in_queue("f0", "f1", "f2")[2]
    place = done.position(waiting)
    assert series(done, "used").max() == pytest.approx(160.0)
    assert not any(state.guaranteed[0, place] for state in done.states[1])
    asked = [float(state.asked_day[0, place]) for state in done.states[1]]
    assert asked[step_of(done, 21.0)] == 21.0 and asked[step_of(done, 105.0)] == 21.0
    # 112 - 21 = 91 days: it lapses in (105, 112], and the firm, still short, applies again at its end
    assert asked[step_of(done, 112.0)] == 112.0


def test_a_request_lapses_when_the_fund_closes() -> None:
    done = applying([short_of_cash()], guarantee(capital=0.0, to_day=40.0), time={**TIME, "horizon_days": 91})
    asked = [float(state.asked[0, 0]) > 0.0 for state in done.states[1]]
    assert asked[step_of(done, 35.0)] and not asked[step_of(done, 42.0)]


def test_a_guarantee_ends_with_its_loan() -> None:
    # The guaranteed loan falls due 30 days after day 32.5 and is repaid in cash; the bank lends the sum again, unguaranteed.
    row = short_of_cash(cash=5_000.0, owner_funds=50_000.0)
    done = applying([row], guarantee(capital=1e6), credit={"term_days": 30.0}, time={**TIME, "horizon_days": 91})
    repaid = step_of(done, 62.5)
    assert float(done.states[1][repaid - 1].guaranteed[0, 0]) > 0.0
    assert float(done.states[1][repaid].guaranteed[0, 0]) == 0.0 == float(done.states[1][repaid].guarantee_fee_rate[0, 0])
    assert float(done.states[1][repaid + 2].new_loan.principal[0, 0]) > 0.0


# ------------------------------------------------------------------------------------------------------------------ what must hold


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every answer of funds with all that it was given, the books as they were before."""
    seen: list[dict[str, Any]] = []
    plain = funds.answer

    def spy(a: float, b: float, *arguments: Any) -> Lanes:
        names = ("requests", "holdings", "members", "weight", "luck", "numbers", "books")
        given = dict(zip(names, (np.array(argument) for argument in arguments), strict=True))
        answers = plain(a, b, *arguments)
        seen.append({"a": a, "b": b, "answers": answers, "after": np.array(arguments[-1])} | given)
        return answers

    monkeypatch.setattr(public_funds.funds, "answer", spy)
    return seen


@pytest.mark.parametrize("queue", QUEUES)
@pytest.mark.parametrize("seed", range(3))
def test_no_cap_is_ever_exceeded(queue: str, seed: int, turns: list[dict[str, Any]]) -> None:
    world = lively_world(seed, one(*both_funds(queue, seed)))
    done = recorded(world, draws=2)
    served = passed_over = 0
    for turn in turns:
        a, b, w = turn["a"], turn["b"], turn["weight"]
        asks, held, answers = turn["requests"], turn["holdings"], turn["answers"]
        bridge, cover = turn["numbers"]
        books = turn["books"]
        capital = [
            max(row[funds.CAPITAL] + book[funds.FEES] - book[funds.LOSSES] - book[funds.CLAIMS], 0.0)
            for row, book in zip(turn["numbers"], books, strict=True)
        ]
        slack = 1.0 + 1e-8
        days = open_at_end = cases = 0.0
        for row, (asked, day, out, back) in enumerate(((0, 1, funds.OPEN_TERM, funds.BACK_TERM), (2, 3, funds.OPEN_NEW, funds.BACK_NEW))):
            yes = answers[row] > 0.0
            assert not np.any(yes & (asks[asked] <= 0.0))
            amount, ends = w * asks[asked] * yes, asks[day] + bridge[funds.DAYS]
            assert np.all(amount <= capital[0] * slack)
            open_before = held[out] > 0.0
            until = np.where(open_before, held[back], a)
            days += float(np.sum(amount * (np.minimum(ends, b) - asks[day]) + w * held[out] * (np.minimum(until, b) - a)))
            open_at_end += float(np.sum(amount * (ends > b)) + np.sum(w * held[out] * (until > b)))
            cases += float(np.sum(w * yes))
        assert days <= capital[0] * (b - a) * slack
        assert open_at_end <= capital[0] * slack
        room = bridge[funds.CASES_PER_WEEK] * (b - a) / 7.0 + books[0, funds.ROOM]
        assert cases <= room + 1e-8
        yes = answers[2] > 0.0
        book = float(
            np.sum(w * held[funds.GUARANTEED] * held[funds.GUARANTEED_LOAN]) + np.sum(w * cover[funds.COVER] * asks[funds.ASKED] * yes)
        )
        if yes.any():
            assert book <= capital[1] * cover[funds.LEVERAGE] * slack
            assert books[1, funds.CLAIMS] <= cover[funds.CLAIM_LIMIT] * books[1, funds.GRANTED]
        assert float(np.sum(w * yes)) <= cover[funds.CASES_PER_WEEK] * (b - a) / 7.0 + books[1, funds.ROOM] + 1e-8
        np.testing.assert_allclose(turn["after"][:, funds.REQUESTED], turn["after"][:, funds.SERVED] + turn["after"][:, funds.PASSED_OVER])
        served += int((answers > 0.0).sum())
        passed_over += int((turn["after"][:, funds.PASSED_OVER] > 0.0).sum())
    assert served > 20 and passed_over > 5, "the funds are never short: the check shows nothing"
    used, capital_now = done.lives.fund_series[0, SERIES.index("used")], done.lives.fund_series[0, SERIES.index("capital")]
    assert np.all(used <= capital_now * (1.0 + 1e-8))


@pytest.mark.parametrize("seed", range(4))
def test_accounts_close_with_funds(seed: int) -> None:
    """Every check of the accounts, firm by firm and step by step; and what a fund has is what flowed to it and what it has out."""
    world = lively_world(
        seed, one(*both_funds("random", seed)), one(LoanRenewal(take_up=0.3), *both_funds("smallest", seed + 1), name="more")
    )
    done = recorded(world, draws=2)
    for check in ACCOUNTS.values():
        check(done)
    booked = {item for moment in done.moments for item, amount in moment.booked.items() if np.any(np.asarray(amount) > 0.0)}
    assert {"advance_lent", "advance_repaid", "fund_fees_paid", "fund_fees_expense"} <= booked
    out = outcomes_of_world(world)
    assert_funds_are_their_flows(out)


def assert_funds_are_their_flows(out: Outcomes) -> None:
    """Capital less what it was is what firms and estates paid less what funds paid, plus open advances."""
    gaps = closure(out)
    assert gaps.draw < 1e-12 and gaps.total < 1e-12
    places = [out.day_index(day) for day in out.report_days]
    for policy in range(1, len(out.policies)):
        mine = [number for number, fund in enumerate(out.funds) if fund.policy == out.policies[policy]]
        bridges = [number for number in mine if out.funds[number].kind == "bridge"]
        gained = sum(out.fund_series["fees"][number] - out.fund_series["losses"][number] for number in mine)[:, places]
        have_out = sum(out.fund_series["used"][number] for number in bridges)[:, places]
        flows = sector_flows(out, "funds")[policy]
        scale = out.flows[policy].sum(axis=-1)
        assert np.all(np.abs(gained - flows - have_out) <= 1e-12 * scale)
    costs = Costs(out)
    # nobody else pays; the state and landlords lose less at exits
    others = sum(costs.by_payer[payer] for payer in ("government", "landlords"))
    np.testing.assert_allclose(costs.net, costs.to_banks + costs.to_funds + others)
    assert not costs.by_payer["central_bank"].any() and not costs.by_payer["financiers"].any()
    assert np.all(fund_wealth(out)[0] == 0.0)


@pytest.mark.parametrize("seed", range(6))
def test_claims_never_exceed_cover_times_balance(seed: int) -> None:
    policy = one(guarantee(capital=1e15, guarantee_max_risk=1.0, claim_limit=1.0, layers={"local": 0.5, "national": 0.25}))
    done = recorded(lively_world(seed, policy), draws=2)
    claims = 0.0
    for moment in done.of(1):
        paid = np.broadcast_to(moment.booked.get("claims_paid", 0.0), moment.before.cash.shape)
        balance = moment.before.new_loan.principal + moment.before.new_loan.coming + moment.before.asked
        assert np.all(paid <= 0.75 * np.maximum(balance, moment.before.guaranteed * 0.0) * (1.0 + 1e-12))
        assert np.all(paid <= 0.75 * np.broadcast_to(moment.booked.get("lost_by_banks", 0.0), paid.shape) + 1e-9)
        claims += float(paid.sum())
    if seed == 0:
        assert sum(float(np.sum(moment.booked.get("fund_fees_expense", 0.0))) for moment in done.of(1)) > 0.0


@pytest.mark.parametrize("seed", range(4))
def test_with_renewal_for_all_the_bridge_fund_does_nothing_at_all(seed: int) -> None:
    """To the last bit, of every balance after every step: what runs on need not be repaid, and what is recalled nobody lends again."""
    renewal = LoanRenewal(take_up=1.0)
    world = lively_world(seed, one(renewal, name="renewal"), one(renewal, relending(capital=1e12), name="both"))
    done = film(world)
    assert_same_lives(done, 1, 2)
    assert not done.lives.fund_series[0, SERIES.index("requested")].any()


def assert_same_lives(done: Film, policy: int, other: int, but: tuple[str, ...] = ()) -> None:
    for name in ("exit_step", "cash_out_step", "cause", "flows", "closing", "trading", "exposure_loss"):
        assert same_bits(getattr(done.lives, name)[policy], getattr(done.lives, name)[other]), name
    for here, there in zip(done.states[policy], done.states[other], strict=True):
        for name, value in here._asdict().items():
            if name not in but:
                assert same_bits(np.asarray(value), np.asarray(getattr(there, name))), name


IDLE: dict[str, tuple[Lever, ...]] = {
    "no-take-up": (relending(take_up=0.0), guarantee(take_up=0.0)),
    "no-capital": (relending(capital=0.0), guarantee(capital=0.0)),
    "no-cases": (relending(capital=1e12, cases_per_week=0.0), guarantee(capital=1e12, cases_per_week=0.0)),
    "no-share": (relending(capital=1e12, advance_share=0.0), guarantee(capital=1e12, layers={"local": 0.0})),
    "no-layers": (relending(capital=1e12, advance_cap=0.0), guarantee(capital=1e12, layers={})),
    "no-risk": (guarantee(capital=1e12, guarantee_max_risk=0.0),),
    "too-late": (relending(capital=1e12, from_day=500.0), guarantee(capital=1e12, from_day=500.0)),
}


@pytest.mark.parametrize("seed", range(3))
def test_a_fund_that_can_do_nothing_changes_no_bit(seed: int) -> None:
    world = lively_world(seed, *(one(*levers, name=name) for name, levers in IDLE.items()), one(*both_funds("random", 1), name="at-work"))
    done, out = film(world), outcomes_of_world(world)
    reference = of_policy(out, "none")
    for position, name in enumerate(IDLE, start=1):
        # a firm may wait for a guarantee that never comes
        assert_same_lives(done, 0, position, ("asked", "asked_day"))
        arrays = of_policy(out, name)
        assert [key for key, array in arrays.items() if not same_bits(array, reference[key])] == [], name
        assert not out.report["reached"][position].any()
    assert out.report["reached"][-1].any()


@pytest.mark.parametrize("seed", range(3))
def test_order_company_workers_and_blocks_change_no_bit(seed: int) -> None:
    """Two funds of each kind, other levers beside them, in any order; other policies; threads and blocks; the order of firms."""
    two = relending(name="second", take_up=0.5, capital_share=0.03, queue="smallest")
    levers = (*both_funds("neediest", seed), two, LoanRenewal(take_up=0.2), guarantee(name="second", capital_share=0.01))
    policy, reverse = one(*levers), one(*levers[::-1], name="reverse")
    world = lively_world(seed, policy, reverse)
    out = outcomes_of_world(world)
    here = of_policy(out, "fund")
    assert [key for key, array in of_policy(out, "reverse").items() if not same_bits(array, here[key])] == []
    half = len(out.funds) // 2
    for values in (*out.fund_series.values(), *out.fund_firms.values()):
        assert same_bits(values[:half], values[half:])
    assert out.fund_series["used"][:half].any(axis=(1, 2)).sum() >= 3

    alone = outcomes_of_world(with_policies(world, policy))
    assert [key for key, array in of_policy(alone, "fund").items() if not same_bits(array, here[key])] == []
    for jobs, lanes in ((2, 8192), (1, 1), (3, 64)):
        assert differing_bits(out, outcomes_of_world(world, jobs, lanes)) == []


def test_no_firm_belongs_to_two_funds_of_a_kind() -> None:
    """The first by label that reaches a firm has it, and the other is as if it were not there for the firm."""
    first, second = relending(name="a", take_up=0.5, capital=1e12), relending(name="b", capital=1e12, advance_fee_per_day=0.001)
    world = lively_world(1, one(first, name="first"), one(second, first, name="two"))
    done = film(world)
    members = done.block.funds[2]
    assert members is not None
    assert set(np.unique(members.members[:, 0])) == {0, 1}
    assert set(np.unique(members.members[:, 1])) == {-1}
    mine = members.members[:, 0] == 0
    for here, there in zip(done.states[1], done.states[2], strict=True):
        assert np.array_equal(here.cash[mine], there.cash[mine])
    assert np.any(done.states[1][-1].cash[~mine] != done.states[2][-1].cash[~mine])


@pytest.mark.parametrize("seed", range(3))
def test_a_guarantee_lifts_nobody_who_would_have_got_the_loan_anyway(seed: int) -> None:
    """With money enough for all: who never asks for a guarantee lives the same life to the last bit, and who asks was refused without."""
    done = recorded(lively_world(seed, one(guarantee(capital=1e15, guarantee_max_risk=1.0, claim_limit=1.0))), draws=2)
    firm, rules = done.block.firm, done.block.rules
    acceptable = np.broadcast_to(firm.prudent_risk * (rules.bank_margin + rules.lgd) <= rules.bank_margin, done.block.opening.cash.shape)
    asked = np.zeros(acceptable.shape, dtype=bool)
    approved = [np.zeros(acceptable.shape, dtype=bool) for _ in range(2)]
    for policy in range(2):
        for moment in done.of(policy):
            asked |= moment.events.asks_guarantee
            approved[policy] |= moment.events.approved
    assert asked.any() and not np.any(asked & acceptable)
    assert np.array_equal(approved[0], approved[1] & acceptable)
    for name in ("exit_step", "cash_out_step", "cause"):
        assert np.array_equal(getattr(done.lives, name)[0][~asked], getattr(done.lives, name)[1][~asked])
    for none, fund in zip(done.of(0), done.of(1), strict=True):
        assert np.array_equal(none.after.cash[~asked], fund.after.cash[~asked])


def test_a_guarantee_does_not_move_the_runway_of_a_month() -> None:
    """Among firms that go on, the share with cash for less than 30 days moves by less than a point, as few firms turn to the fund.

    For all firms it moves by points: each firm that is served borrows a month's outflow (section 8 of docs/model.md).
    """
    plan = plan_run("three-months", draws=4, overrides=["population.firms=600", "time.report_days=[91]", "time.horizon_days=91"])
    policies = (Policy(name="none"), one(GuaranteeFund.model_validate({})), Policy(name="all", levers=(GuaranteeFund(take_up=1.0),)))
    done = recorded(World(plan.scenario, plan.firms(), policies), draws=4)
    weight = done.world.firms.weight
    shares = []
    for policy in range(3):
        state = done.of(policy)[-1].after
        lasts = state.cash < 30.0 * done.block.firm.fixed_outflow
        alive = state.alive > 0.0
        shares.append(float((weight * (lasts & alive)).sum() / (weight * alive).sum()))
    assert abs(shares[1] - shares[0]) < 0.01
    assert -0.08 < shares[2] - shares[0] < -0.02


def test_firms_that_share_a_fund_are_run_together() -> None:
    world = lively_world(0, one(relending()))
    with pytest.raises(ValueError, match="run together"):
        world.block(np.zeros(1, dtype=np.uint64), slice(0, 5))


def test_layers_bear_at_most_one_loss() -> None:
    with pytest.raises(ValueError, match=r"the layers bear 1.1 of a loss together; allowed: 1 at the most"):
        guarantee(layers={"local": 0.6, "national": 0.5})
    assert guarantee(layers={"local": 0.6, "national": 0.4}).cover == 1.0


def test_the_capital_of_a_fund_is_a_share_of_what_falls_due_in_a_year() -> None:
    # 1 % of 2 * 1,000 (weight 2) and 1,000; the loan that falls due on day 400 does not count.
    rows = borrowers(60.0, 100.0, 400.0)
    rows[0]["weight"] = 2.0
    done = watched(rows, relending())
    assert series(done, "capital")[0] == pytest.approx(30.0)


def test_the_summary_tells_what_funds_cost() -> None:
    """Gross: advances and claims. Net: what banks and funds lack; a policy without funds costs funds nothing."""
    case = credit_case(30)
    scenario = scenario_of(case, 30)
    policies = (Policy(name="none"), one(*both_funds("random", 0)))
    out = outcomes_of_world(World(scenario.model_copy(update={"policy": policies}), firms_of(case.firms), policies))
    costs = Costs(out)
    items = ("advance_lent", "claims_paid")
    gross = sum(out.flows[..., ITEMS.index(item)] for item in items)
    np.testing.assert_array_equal(costs.gross, gross)
    assert not costs.to_funds[0].any()


def test_compiled_answers_have_the_same_bits() -> None:
    """The queue is written so that Numba compiles it as it stands."""
    numba = pytest.importorskip("numba")
    answer, book = numba.njit(funds.answer), numba.njit(funds.book)
    rng = np.random.default_rng(3)
    for _ in range(100):
        n = 30
        requests, holdings = np.zeros((8, n)), np.zeros((8, n))
        for row in (0, 2, 4, 6):
            requests[row] = np.where(rng.random(n) < 0.5, 10.0 * rng.random(n), 0.0)
            requests[row + 1] = 7.0 * rng.random(n) + (7.0 if row < 4 else 0.0)
        holdings[0] = np.where(rng.random(n) < 0.2, np.inf, rng.integers(0, 4, n))
        for row in (1, 3):
            holdings[row] = np.where(rng.random(n) < 0.2, 5.0 * rng.random(n), 0.0)
            holdings[row + 1] = np.where(holdings[row] > 0.0, 7.0 + 10.0 * rng.random(n), np.inf)
        holdings[5], holdings[6] = np.where(rng.random(n) < 0.3, 0.8, 0.0), 5.0 * rng.random(n)
        holdings[7] = np.where(rng.random(n) < 0.3, 5.0 * rng.random(n), 0.0)
        members = rng.integers(-1, 2, (3, n))
        members = np.where(members >= 0, members + [[0], [2], [4]], -1)
        weight, luck = 3.0 * rng.random(n), np.round(rng.random(n), 1)
        numbers = np.zeros((6, funds.NUMBERS))
        numbers[:, funds.KIND] = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
        numbers[:, funds.QUEUE], numbers[:, funds.CAPITAL] = rng.integers(0, 4, 6), 40.0 * rng.random(6)
        numbers[:, funds.DAYS], numbers[:, funds.COVER], numbers[:, funds.LEVERAGE], numbers[:, funds.CLAIM_LIMIT] = 3.42, 0.8, 5.0, 0.03
        numbers[:, funds.CASES_PER_WEEK] = rng.choice([np.inf, 5.0, 20.0])
        books = rng.random((6, funds.BOOKS))
        twin = books.copy()
        assert same_bits(
            funds.answer(7.0, 14.0, requests, holdings, members, weight, luck, numbers, books),
            answer(7.0, 14.0, requests, holdings, members, weight, luck, numbers, twin),
        )
        flows = np.where(rng.random((4, n)) < 0.3, rng.random((4, n)), 0.0)
        funds.book(flows, holdings, members, weight, numbers, books)
        book(flows, holdings, members, weight, numbers, twin)
        assert same_bits(books, twin)
