"""Checks of how the firms of a draw act on each other: levers under review, facilities, contagion; as those of tests/checks.py.

Random cases against the second version of the model, and small worlds worked out by hand.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from simsme.engine.public_funds import SERIES
from simsme.policy import Policy
from tests.demands import demand, demand_equal
from tests.lever_cases import compare_levers
from tests.lever_checks import lever
from tests.random_couplings import random_coupled_case
from tests.random_scenarios import Case
from tests.worlds_for_tests import NO_SALES, Film, bare_firm, film, still_world

SEEDS = (0, 1, 2, 3, 5, 8)
"""Random cases in which every fault of tests/coupling_faults.py shows that shows in cases."""


@cache
def standing_couplings() -> tuple[Case, ...]:
    """Cases that stand for all where a check is run for each of many faults."""
    return tuple(random_coupled_case(seed) for seed in SEEDS)


def check_couplings_against_oracle() -> None:
    """The engine and the second version of the model agree on facilities, reviews and contagion."""
    with np.errstate(all="ignore"):
        for case in standing_couplings():
            differences = compare_levers(case).differences
            demand(not differences, differences[0] if differences else "")


# ------------------------------------------------------------------------------------------------------------------------- by hand

TIME = {"step_days": 7, "horizon_days": 98, "headline_day": 91}


def _under_review(review_days: int, start: dict[str, float] | None, stop: dict[str, float] | None, **window: float) -> Film:
    """Training under review, where two of fifty firms leave: by day 35 and by day 42."""
    rows = [bare_firm(f"f{number}", cash=1e6) for number in range(48)]
    rows += [bare_firm(name, loan=1_000.0, loan_due_day=due) for name, due in (("first", 10.0), ("second", 17.0))]
    training = lever("training", programme_cost=365.0, start_when=start, stop_when=stop, review_days=review_days, **window)
    done = film(still_world(rows, [Policy(name="review", levers=(training,))], time=TIME, shock=NO_SALES, credit={"grace_days": 20.0}))
    demand(int((done.lives.exit_step[1] < len(done.block.steps)).sum()) == 2, "two firms leave")
    return done


def _steps_in_force(review_days: int, start: dict[str, float] | None, stop: dict[str, float] | None) -> list[float]:
    """Ends of the steps in which training costs the state something."""
    done = _under_review(review_days, start, stop)
    return [clock.b for clock, booked in zip(done.block.steps, done.booked[1], strict=True) if np.any(booked["programme_costs"] > 0.0)]


def check_known_review() -> None:
    """A lever that starts when exits pass 2 % starts on the review day after, and stops on the review day after exits have fallen.

    Overdue since days 10 and 17, the firms leave when 20 days of grace are over: 2 % by day 35, which is not above 2 %, 4 % by day 42.
    They are seen for 28 days: 4 % until day 62, 2 % until day 69, nothing from day 70 on.
    """
    passed = {"exits_above": 0.02}

    def holds(found: list[float], first: float, last: float, what: str) -> None:
        demand(found == [7.0 * week for week in range(1, 15) if first < 7.0 * week <= last], f"{what}: in force in the steps to {found}")

    holds(_steps_in_force(7, passed, None), 42.0, 98.0, "weekly reviews")
    holds(_steps_in_force(14, passed, None), 42.0, 98.0, "reviews every 14 days")
    holds(_steps_in_force(28, passed, None), 56.0, 98.0, "reviews every 28 days")
    holds(_steps_in_force(63, passed, None), 98.0, 98.0, "reviews every 63 days")
    # a review day inside a step sees what there was before the step, here on days 42 and 35, and decides for the last day of the step
    holds(_steps_in_force(44, passed, None), 42.0, 98.0, "reviews every 44 days")
    holds(_steps_in_force(39, passed, None), 98.0, 98.0, "reviews every 39 days")
    holds(_steps_in_force(7, passed, {"exits_below": 0.02}), 42.0, 70.0, "with a condition to stop")
    holds(_steps_in_force(28, passed, {"exits_below": 0.02}), 56.0, 84.0, "with a condition to stop, every 28 days")
    stopped = _steps_in_force(7, None, {"exits_above": 0.02})
    demand(stopped == [7.0 * week for week in range(1, 15) if not 42.0 < 7.0 * week <= 63.0], f"stopped while exits are many: {stopped}")


def check_known_days_in_force() -> None:
    """What is told of a review: in force on the days after the review day that says so, inside the lever's window, and not before.

    More than 2 % have left by day 42, as above.
    """
    passed = {"exits_above": 0.02}
    for review_days, window, first, last in (
        (7, {}, 42.0, 98.0),
        (28, {}, 56.0, 98.0),
        (44, {}, 44.0, 98.0),
        (7, {"from_day": 50.0, "to_day": 90.0}, 49.0, 90.0),
        (7, {"from_day": 10.0, "to_day": 30.0}, 98.0, 98.0),
    ):
        done = _under_review(review_days, passed, None, **window)
        ends = np.array([0.0, *(clock.b for clock in done.block.steps)])
        told = f"reviews every {review_days} days, {window or 'always'}"
        in_force, days = done.lives.review_in_force[0, :, 0], done.lives.review_days[0, :, 0]
        demand(in_force == ((ends > first) & (ends <= last)), f"in force, {told}: {ends[in_force > 0.0]}")
        demand(days == np.clip(ends - first, 0.0, last - first), f"days in force, {told}: {days}")
        costs = np.array([0.0, *(float(np.any(booked["programme_costs"] > 0.0)) for booked in done.booked[1])])
        demand(costs == in_force, f"in force where it costs something, {told}")
    stopped = _under_review(7, None, passed).lives
    demand(stopped.review_in_force[0, 0] == 1.0, "in force on day 0 where nothing has to start it")
    demand(stopped.review_days[0, -1] == 98.0 - 21.0, "stopped from day 42 to day 63")


def _facility(capital: float) -> Film:
    """Three firms of which two are short after a week and one after three; a facility at 2 % less."""
    rows = [
        bare_firm(name, overheads=36_500.0, cash=cash, loan_rate=0.06) for name, cash in (("a", 2_000.0), ("b", 2_000.0), ("c", 4_400.0))
    ]
    credit = {"apply": 1.0, "bank_margin": 0.9, "cover_days": 30.0, "approval_days": 15.0, "loan_cap_share": 1.0, "term_days": 365.0}
    place = lever("relending_facility", capital=capital, rate_cut=0.02)
    return film(still_world(rows, [Policy(name="facility", levers=(place,))], time=TIME, shock=NO_SALES, credit=credit))


def check_known_facility() -> None:
    """A facility of exactly one loan serves exactly one, and the central bank pays rate x principal x days.

    Of 2,000 in hand 100 a day go to suppliers: on day 7 1,300 are left, and a firm asks for 30 days of 100 less that, 1,700. Two ask the
    facility in (7, 14] for 1,700 each, which has them once. The money comes on day 7 - 3.5 + 15 = 18.5; from day 21 on it is cheaper by 2 %
    of 1,700 a year, for 77 days until day 98. The third firm is short with 2,300 on day 21, and asks for 700 in (21, 28], in vain.
    """
    done = _facility(1_700.0)
    served, requested, used = (done.lives.fund_series[0, SERIES.index(name), :, 0] for name in ("served", "requested", "used"))
    demand_equal(float(requested[2]), 3_400.0, "asked for")
    demand_equal(float(served[2]), 1_700.0, "granted")
    demand_equal(float(requested[4]), 700.0, "asked for by the third firm")
    demand_equal(float(requested.sum()), 4_100.0, "asked for in all: each asks once")
    demand_equal(float(served.sum()), 1_700.0, "granted in all")
    demand(np.allclose(used[2:], 1_700.0) and not used[:2].any(), f"used: {used}")
    paid = done.total("rate_relief", 1)[0]
    demand(int((paid > 0.0).sum()) == 1, "one loan is cheaper")
    demand_equal(float(paid.sum()), 0.02 * 1_700.0 * 77.0 / 365.0, "paid by the central bank")
    gained = done.total("interest_expense", 0)[0] - done.total("interest_expense", 1)[0]
    demand(not np.any(gained), "banks charge what they did")
    twice = _facility(3_400.0)
    demand_equal(float(twice.total("rate_relief", 1).sum()), 2.0 * 0.02 * 1_700.0 * 77.0 / 365.0, "paid for two")


def _contagion(share: float, **debtor: Any) -> Film:
    """A firm that owes suppliers 700 more each week and stands for three, and one that is owed 30,000 and sells nothing more."""
    rows = [
        bare_firm("debtor", overheads=36_500.0, weight=3.0, **debtor),
        bare_firm("creditor", credit_sales_share=1.0, receivable_days=30.0),
    ]
    return film(still_world(rows, time=TIME, shock=NO_SALES, contagion={"contagion_share": share}, credit={"grace_days": 20.0}))


def check_known_contagion() -> None:
    """With a share of 0.05, 3 x 700 that are not paid in a week cost the creditor 105, by the part of what it is owed that is due.

    The hit is 105 / R, and R (1 - e^(-7/30)) is due: 105 (1 - e^(-7/30)) each week from the second on. With a share of 1 it is 2,100 / R,
    from 2,100 / (30,000 e^(-7/30)) on, and half at the most, from the 6th week on. An estate that leaves 700 unpaid counts like arrears.
    """
    due = 1.0 - math.exp(-7.0 / 30.0)
    done = _contagion(0.05)
    lost = [float(np.sum(booked["bad_debt"])) for booked in done.booked[0]]
    demand(lost[0] == 0.0, "nobody was owed anything before the first step")
    for week, amount in enumerate(lost[1:6], start=2):
        demand_equal(amount, 0.05 * 3 * 700.0 * due, f"bad debt of week {week}")
    matured = 30_000.0 * math.exp(-7.0 / 30.0 * 12) * due
    demand_equal(float(np.sum(_contagion(1.0).booked[0][12]["bad_debt"])), 0.5 * matured, "bad debt at the most")
    collected = float(done.total("collections")[0, done.position("creditor")])
    demand_equal(collected, 30_000.0 * (1.0 - math.exp(-98.0 / 30.0)) - sum(lost), "collected")
    # overdue since day 10, the debtor goes in (28, 35]: the estate has nothing, and five weeks of 700 are lost to suppliers
    gone = _contagion(0.05, loan=1_000.0, loan_due_day=10.0)
    week = int(gone.lives.exit_step[0, 0, gone.position("debtor")])
    demand(week == 4, "gone in the fifth week")
    unpaid = float(gone.booked[0][week]["lost_by_suppliers"][0, gone.position("debtor")])
    demand_equal(unpaid, 700.0 * (week + 1), "lost to suppliers")
    demand_equal(float(np.sum(gone.booked[0][week + 1]["bad_debt"])), 0.05 * 3 * unpaid * due, "bad debt of the week after")
    demand(not np.any(gone.booked[0][week + 2]["bad_debt"]), "nothing is owed any more")


COUPLING_CHECKS: dict[str, Callable[[], None]] = {
    "couplings oracle": check_couplings_against_oracle,
    "known review": check_known_review,
    "known days in force": check_known_days_in_force,
    "known facility": check_known_facility,
    "known contagion": check_known_contagion,
}
"""Every check of couplings by name, ready to call."""
