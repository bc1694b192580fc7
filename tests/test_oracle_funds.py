"""Public funds in the oracle: answers worked out by hand, and what must hold in any case.

As in test_oracle, a firm sells 1,000 a day in normal times and nothing here (depth 1), so that every number can be checked on paper.
"""

import math
from collections import Counter
from typing import Any

import pytest

from simsme.engine.accounts import ENTRIES
from tests.oracle import Together, simulate, simulate_together
from tests.oracle_funds import QUEUES, Dealings, Fund, Request
from tests.random_scenarios import EVENTS_WITH_FUNDS, FUND_EVENTS, Case, random_case, random_fund_case
from tests.test_oracle import NEVER, NO_SALES, a_borrower, a_firm, a_lever, a_scenario, days, exactly, some_luck


def a_bridge_fund(capital: float, **changes: Any) -> dict[str, Any]:
    """Return a fund that lends the whole principal for seven days, at 2 a day for 10,000; `changes` also to its terms."""
    terms = {"advance_share": 1.0, "advance_cap": 10e6, "advance_fee_per_day": 0.0002, "advance_days": 7.0}
    return a_fund("emergency_relending", capital, terms, changes)


def a_guarantee_fund(capital: float, **changes: Any) -> dict[str, Any]:
    """Return a fund that bears 80 % of the loss on loans of firms below 10 % of risk, for 3.65 % of it a year."""
    terms = {"cover": 0.8, "guarantee_max_risk": 0.1, "guarantee_fee_per_year": 0.0365}
    return a_fund("guarantee_fund", capital, terms, {"leverage": 1.0, "claim_limit": 1.0} | changes)


def a_fund(kind: str, capital: float, terms: dict[str, float], changes: dict[str, Any]) -> dict[str, Any]:
    own = {"kind": kind, "label": kind, "capital": capital, "cases_per_week": None, "queue": "random"}
    new_terms = {name: changes.get(name, value) for name, value in terms.items()}
    return a_lever(**new_terms) | own | {name: value for name, value in changes.items() if name not in terms}


def together(
    firms: list[dict[str, Any]],
    scenario: dict[str, Any],
    steps: list[tuple[float, float]],
    levers: list[dict[str, Any]],
    weights: list[float] | None = None,
    lucks: list[dict[str, Any]] | None = None,
) -> Together:
    """Live together; the first firm is first in random queues, and so on."""
    own = lucks or [{}] * len(firms)
    queue_luck = [(k + 0.5) / len(firms) for k in range(len(firms))]
    drawn = [some_luck(steps, len(levers), **({"depth": 1.0} | luck)) for luck in own]
    return simulate_together(firms, scenario, drawn, levers, steps, weights or [1.0] * len(firms), queue_luck)


ALONE = {"bridge_access": 0.0, "gap_days": 10.0}
"""Nobody lends a bridge."""


# -------------------------------------------------------------------------------------------------------------- bridge funds


def test_a_fund_of_exactly_one_loan_serves_exactly_one_and_then_the_other() -> None:
    # Two loans of 10,000 due on day 10, nothing in hand but 50 of the owners for fees; a fund of 10,000, back after 7 days.
    # (7, 14]: both ask, the first is served until day 17; the second is overdue since day 10. (14, 21]: of 70,000 money-days 30,000 are
    # taken, 70,000 wanted: passed over. (21, 28]: it falls due again on day 21, and the fund is back on day 28, the last of the step.
    firms = [a_borrower(owner_funds=50.0), a_borrower(owner_funds=50.0)]
    done = together(firms, a_scenario(**ALONE) | NO_SALES, days(7, 42), [a_bridge_fund(10_000.0)])
    (fund,), (first, second) = done.funds, done.traces
    assert fund.series["requested"] == [0.0, 20_000.0, 10_000.0, 10_000.0, 0.0, 0.0]
    assert fund.series["served"] == [0.0, 10_000.0, 0.0, 10_000.0, 0.0, 0.0]
    assert fund.series["passed_over"] == [0.0, 10_000.0, 10_000.0, 0.0, 0.0, 0.0]
    assert fund.series["used"] == [0.0, 10_000.0, 0.0, 0.0, 0.0, 0.0]
    assert fund.series["exhausted_days"] == [0.0, 7.0, 14.0, 14.0, 14.0, 14.0]
    # Fees: 10,000 * .0002 * 7 = 14, accrued with the advance, paid in the step after.
    assert fund.series["fees"] == [0.0, 0.0, exactly(14), exactly(14), exactly(28), exactly(28)]
    assert fund.series["capital"][-1] == exactly(10_028)
    assert [fund.weight_of("turned_away", k) for k in range(4)] == [0.0, 1.0, 1.0, 0.0]
    assert fund.weight_of("served", 3) == fund.weight_of("asked", 3) == 2.0

    assert (first.balances["principal_1"][1], first.balances["coming_1"][1], first.balances["coming_day_1"][1]) == (0.0, 10_000.0, 17.0)
    assert (first.balances["advance_1"][:3], first.balances["fund_accrued"][1]) == ([0.0, 10_000.0, 0.0], exactly(14))
    assert (first.balances["principal_1"][2], first.balances["due_day_1"][2]) == (10_000.0, 382.0)
    assert second.balances["overdue_day_1"][:4] == [NEVER, 10.0, 10.0, NEVER]
    assert (second.balances["principal_1"][3], second.balances["due_day_1"][3]) == (10_000.0, 393.0)
    assert (second.flows["advance_lent"][3], second.flows["advance_repaid"][3]) == (10_000.0, 10_000.0)
    for trace in done.traces:
        assert sum(trace.flows["fund_fees_paid"]) == sum(trace.flows["fund_fees_expense"]) == exactly(14)
        assert trace.balances["equity"][-1] - trace.opening["equity"] == exactly(14 - 14)  # the fee, and the owner's money for it
    # What an advance pays does not count as an outflow: only the second is out of cash by the stress-test rule on day 10, the first is
    # for want of its fee.
    assert (first.cash_out_step, second.cash_out_step) == (2, 1)


def test_a_fund_lends_only_against_the_commitment_of_the_bank() -> None:
    firms, fund = [a_borrower()], a_bridge_fund(1e6)
    for none in (a_scenario(renewal=0.5, renewal_risk_elasticity=0.0, **ALONE), a_scenario(norepay=0.6, **ALONE)):
        done = together(firms, none | NO_SALES, days(7, 28), [fund])
        assert sum(done.funds[0].series["requested"]) == 0.0
    # A recalled loan is not committed either; nor is one that a lever rolls due.
    credit = {"tightening": 0.0, "line_cut": 0.0, "recall_rate": 365.0}
    shock = NO_SALES["shock"] | {"credit": credit}
    recalled = together(firms, a_scenario(**ALONE) | {"shock": shock}, days(7, 28), [fund])
    assert recalled.traces[0].events["recall"] == 1 and sum(recalled.funds[0].series["requested"]) == 0.0
    rolled = together(firms, a_scenario(**ALONE) | NO_SALES, days(7, 28), [a_lever(rolled=1.0, roll_days=365.0), fund])
    assert sum(rolled.funds[0].series["requested"]) == 0.0


def test_the_firm_finds_the_rest_or_the_money_goes_back() -> None:
    # The fund lends 60 % of 10,000. With 4,000 in hand the loan is repaid; with 3,000 and a line of 1,000 too; with 3,000 it is not, and
    # the fund is asked again in every step, and has its money back each time.
    scenario, fund = a_scenario(**ALONE) | NO_SALES, a_bridge_fund(6_000.0, advance_share=0.6)
    # Of the bank's 10,000 the fund gets 6,000, and 8.40 of fees are due; what is then above the buffer of 3,000 goes to the line.
    for changes, left in (
        ({"cash": 4_000.0}, 3_991.6),
        ({"cash": 3_000.0, "credit_line": 1_000.0}, 3_000.0),
        ({"cash": 3_000.0, "owner_funds": 1_000.0}, 3_991.6),
    ):
        done = together([a_borrower(**changes)], scenario, days(7, 28), [fund])
        assert done.traces[0].flows["principal_repaid"][1] == 10_000.0
        assert done.traces[0].flows["advance_lent"] == [0.0, 6_000.0, 0.0, 0.0]
        assert done.traces[0].balances["cash"][2] == exactly(left)
    poor = together([a_borrower(cash=3_000.0)], scenario, days(7, 28), [fund])
    assert poor.traces[0].flows["advance_lent"] == [0.0] * 4
    assert poor.traces[0].balances["overdue_day_1"] == [NEVER, 10.0, 10.0, 10.0]
    assert poor.traces[0].balances["cash"] == [3_000.0] * 4
    assert poor.funds[0].series["served"] == [0.0, 6_000.0, 6_000.0, 6_000.0]
    assert poor.funds[0].series["used"] == [0.0] * 4
    # With a private bridge for the rest: 1,000 from day 10, repaid first after the fund out of the bank's money on day 17.
    bridged = together([a_borrower(cash=3_000.0)], a_scenario(bridge_access=1.0) | NO_SALES, days(7, 28), [fund])
    assert bridged.traces[0].balances["bridge"] == [0.0, 1_000.0, 0.0, 0.0]
    assert bridged.traces[0].flows["advance_repaid"][2] == 6_000.0
    assert bridged.traces[0].balances["cash"][2] == exactly(10_000 - 6_000 - 1_000 - 8 - 8.4)  # fees: 1,000 * .002 * 4 days and the fund's


def test_an_advance_is_never_more_than_what_the_bank_lends_again() -> None:
    # Half of it is lent again: the fund lends 5,000, the firm's own 5,000 goes, and the bank's 5,000 of day 17 all goes to the fund.
    done = together([a_borrower(cash=5_000.0)], a_scenario(kappa=0.5, **ALONE) | NO_SALES, days(7, 28), [a_bridge_fund(1e6)])
    trace = done.traces[0]
    assert trace.flows["advance_lent"][1] == trace.flows["advance_repaid"][2] == trace.balances["principal_1"][2] == 5_000.0
    assert trace.balances["cash"][2] == 0.0
    assert trace.balances["fund_accrued"][2:] == [exactly(7)] * 2  # 5,000 * .0002 * 7, and nothing to pay it from
    capped = together([a_borrower(cash=9_000.0)], a_scenario(**ALONE) | NO_SALES, days(7, 28), [a_bridge_fund(1e6, advance_cap=1_000.0)])
    assert capped.traces[0].flows["advance_lent"][1] == 1_000.0


def test_the_owner_counts_what_is_coming_less_what_funds_are_owed() -> None:
    # On day 14 the bank's 10,000 is coming, the fund's 10,000 goes back out of it, and a fee of 14 is owed. Of overheads of 100 a day
    # 1,400 is in arrears, and 182 days of them lie ahead.
    done = together([a_borrower(overheads=36_500.0)], a_scenario(**ALONE) | NO_SALES, days(7, 21), [a_bridge_fund(1e6)])
    assert done.traces[0].detail[1]["worth"] == exactly(10_000 - 10_000 - 14 - 1_400 - 18_200)


def test_an_advance_is_lost_with_the_firm() -> None:
    # Served on day 10 until day 40; gone in the step (14, 21] (background rate, luck e^(-.012 * 20 / 365)). Nothing but 7,000 of fixed
    # assets, sold at half. No bank debt is left (the bank's money was only coming): claims are the fund's 10,000 and its fee of
    # 10,000 * .0002 * 30 = 60: 3,500 / 10,060 of each.
    scenario = a_scenario(**ALONE) | NO_SALES
    scenario["exit"]["background_rate"] = {"micro": 0.012}
    luck = {"other": math.exp(-0.012 * 20 / 365)}
    fund = a_bridge_fund(20_000.0, advance_days=30.0)
    done = together([a_borrower(fixed_assets=7_000.0)], scenario, days(7, 28), [fund], weights=[2.0], lucks=[luck])
    share = 3_500 / 10_060
    assert done.traces[0].cause == "other"
    assert done.traces[0].flows["estate_funds"][2] == exactly(3_500)
    assert done.traces[0].flows["lost_by_funds"][2] == exactly(6_560)
    assert done.funds[0].series["losses"] == [0.0, 0.0, exactly(2 * 10_000 * (1 - share)), exactly(2 * 10_000 * (1 - share))]
    assert done.funds[0].series["fees"][2] == exactly(2 * 60 * share)
    assert done.funds[0].series["capital"][3] == exactly(20_000 - 20_000 * (1 - share) + 120 * share)
    assert done.funds[0].series["used"] == [0.0, 20_000.0, 0.0, 0.0]


def test_a_firm_belongs_to_the_first_fund_by_label_that_reaches_it() -> None:
    # The first fund by label is for small firms, and has nothing for those outside its window, who do not go to the second for that.
    first = a_bridge_fund(1e6) | {"label": "emergency_relending:a", "sizes": ("small",), "to_day": 9.0}
    second = a_bridge_fund(1e6) | {"label": "emergency_relending:b"}
    firms = [a_borrower(size="small"), a_borrower(size="micro")]
    done = together(firms, a_scenario(**ALONE) | NO_SALES, days(7, 21), [second, first])
    assert [fund.label for fund in done.funds] == ["emergency_relending:a", "emergency_relending:b"]
    assert [sum(fund.series["served"]) for fund in done.funds] == [0.0, 10_000.0]
    assert done.traces[0].balances["overdue_day_1"][1] == 10.0
    assert done.traces[1].balances["coming_day_1"][1] == 17.0


# ------------------------------------------------------------------------------------------------------------ guarantee funds

# Overheads of 100 a day, 2,000 in cash, a reserve of 30 days: short after a week by 1,700 (see test_oracle). Prudent risk is
# .03 e^(.1152 + .48) = .0544: the bank wants a margin of at least .0544 * .55 / (1 - .0544) = .0316 of its own, .0063 with a cover of .8.
NEEDY = a_firm(overheads=36_500.0, cash=2_000.0)
CAREFUL = {"apply": 1.0, "bank_margin": 0.02}


def test_a_guarantee_is_asked_for_granted_paid_for_and_claimed() -> None:
    # Asked on day 7 for 1,700. Granted at the start of (7, 14]: the money comes on day 7 - 3.5 + 15 = 18.5 and costs .8 * 3.65 % a year
    # of 1,700: 952 / 700 a week from the step (21, 28] on.
    scenario = a_scenario(**CAREFUL) | NO_SALES
    scenario["exit"]["background_rate"] = {"micro": 0.012}
    luck = {"other": math.exp(-0.012 * 40 / 365)}
    fund = a_guarantee_fund(1_360.0 * 3)
    done = together([NEEDY], scenario, days(7, 49), [fund], weights=[3.0], lucks=[luck])
    (trace,), (book,) = done.traces, done.funds
    assert trace.balances["asked"][:2] == [exactly(1_700), 0.0] and trace.balances["asked_day"][:2] == [7.0, NEVER]
    assert trace.balances["coming_2"][:3] == [0.0, exactly(1_700), 0.0]
    assert trace.balances["coming_day_2"][1] == 18.5
    assert trace.balances["principal_2"][2] == exactly(1_700)
    assert trace.balances["guaranteed"][:5] == [0.0, 0.8, 0.8, 0.8, 0.8]
    assert trace.balances["guarantee_fee_rate"][4] == exactly(0.8 * 0.0365)
    weekly = 1_700 * 0.8 * 0.0365 * 7 / 365
    assert trace.flows["fund_fees_expense"] == [0.0, 0.0, 0.0, exactly(weekly), exactly(weekly), exactly(weekly), 0.0]
    assert trace.flows["fund_fees_paid"][:6] == [0.0] * 4 + [exactly(weekly), exactly(weekly)]
    assert book.series["used"] == [0.0, *[exactly(3 * 1_360)] * 4, 0.0, 0.0]
    assert book.series["requested"][:2] == [0.0, exactly(5_100)]
    # 2,000 + 1,700 - 100 a day - fees: the cash is gone on day 37. Gone in (35, 42]; the estate is empty: the bank loses its 1,700 and
    # has 80 % of it from the fund; the fee of that week is lost by the fund.
    assert trace.exit_step == 5
    assert trace.flows["lost_by_banks"][5] == exactly(1_700)
    assert trace.flows["claims_paid"][5] == exactly(1_360)
    assert trace.flows["lost_by_funds"][5] == exactly(weekly)
    assert book.series["losses"][5] == exactly(3 * 1_360)
    assert book.series["capital"][5] == exactly(6 * weekly)


def test_who_is_too_risky_for_the_fund_or_safe_enough_for_the_bank_asks_for_nothing() -> None:
    for scenario, fund, refused in (
        (a_scenario(**CAREFUL), a_guarantee_fund(1e6, guarantee_max_risk=0.03), 1),  # perceived risk is .0337
        (a_scenario(**CAREFUL | {"bank_margin": 0.005}), a_guarantee_fund(1e6), 1),
        (a_scenario(**CAREFUL), a_guarantee_fund(1e6, cover=0.3), 1),
        (a_scenario(**CAREFUL), a_guarantee_fund(1e6) | {"from_day": 7.5}, 1),
        (a_scenario(**CAREFUL | {"bank_margin": 0.04}), a_guarantee_fund(1e6), 0),
    ):
        trace = together([NEEDY], scenario | NO_SALES, days(7, 14), [fund]).traces[0]
        assert trace.balances["asked"] == [0.0, 0.0]
        assert (trace.events["loan_refused"], trace.events["loan_approved"]) == (refused, 1 - refused)


def test_a_request_for_a_guarantee_waits_and_lapses() -> None:
    # A fund with nothing: passed over in the steps that end on days 14, 21 and 28. Asked on day 7 and given up 21 days later, at the start
    # of the step (21, 28]; the firm asks again at its end.
    scenario = a_scenario(**CAREFUL, reapply_days=21.0) | NO_SALES
    waits = together([NEEDY], scenario, days(7, 35), [a_guarantee_fund(0.0)])
    assert waits.traces[0].balances["asked_day"] == [7.0, 7.0, 7.0, 28.0, 28.0]
    assert waits.traces[0].events["guarantee_lapsed_unanswered"] == 1
    assert waits.funds[0].series["passed_over"][:4] == [0.0] + [exactly(1_700)] * 3
    assert [waits.funds[0].weight_of("turned_away", k) for k in (0, 1)] == [0.0, 1.0]
    # The window closes on day 20: the request lapses at the start of the step that ends on day 21 without being looked at.
    closed = together([NEEDY], scenario, days(7, 35), [a_guarantee_fund(0.0) | {"to_day": 20.0}])
    assert closed.traces[0].balances["asked_day"] == [7.0, 7.0] + [NEVER] * 3
    assert closed.funds[0].series["passed_over"] == [0.0, exactly(1_700), 0.0, 0.0, 0.0]
    # Nobody waits and applies for another loan meanwhile.
    assert waits.traces[0].events["loan_applied"] == 2


def test_the_guarantee_ends_with_the_loan() -> None:
    # A term of 14 days: arrived on day 18.5, due on day 32.5 and rolled over by nobody; the owner repays it. What is lent again is not
    # guaranteed, and costs the fund's fee only in the weeks that began with the guaranteed loan.
    scenario = a_scenario(**CAREFUL, term_days=14.0, gap_days=5.0, bridge_access=0.0) | NO_SALES
    firm = NEEDY | {"owner_funds": 5_000.0}
    trace = together([firm], scenario, days(7, 49), [a_guarantee_fund(1e6)]).traces[0]
    assert trace.balances["principal_2"][3:6] == [exactly(1_700), 0.0, exactly(1_700)]
    assert trace.balances["guaranteed"] == [0.0, 0.8, 0.8, 0.8, 0.0, 0.0, 0.0]
    assert [k for k, fee in enumerate(trace.flows["fund_fees_expense"]) if fee] == [3, 4]


# ------------------------------------------------------------------------------------------------------------- the fund itself

LUCK = [0.9, 0.2, 0.5, 0.2]


def requests_of(*amounts: float, day: float = 0.0, until: float = 7.0) -> list[Request]:
    return [Request(firm, 0, amount, day, 0.0, until=until) for firm, amount in enumerate(amounts)]


def served(fund: Fund, start: float, end: float, requests: list[Request]) -> set[int]:
    return {firm for firm, _ in fund.answer(start, end, requests)}


@pytest.mark.parametrize(
    ("queue", "order"), [("random", [1, 3, 2, 0]), ("first_come", [2, 1, 3, 0]), ("smallest", [0, 3, 1, 2]), ("neediest", [1, 2, 0, 3])]
)
def test_queues(queue: str, order: list[int]) -> None:
    # Ties go to the lower random number, then to the firm that comes first.
    fund = Fund(a_bridge_fund(1.0, queue=queue), [1.0] * 4, LUCK)
    asked = [(4.0, 3.0, 1.0), (6.0, 2.0, 0.5), (7.0, 1.0, 0.9), (5.0, 2.0, NEVER)]
    requests = [Request(firm, 0, amount, day, cash) for firm, (amount, day, cash) in enumerate(asked)]
    assert [request.firm for request in fund.order(requests, queue)] == order


def test_who_does_not_fit_is_passed_over_and_the_next_is_looked_at() -> None:
    fund = Fund(a_bridge_fund(100.0), [1.0, 1.0, 1.0, 2.0], [0.1, 0.2, 0.3, 0.4])
    assert served(fund, 0.0, 7.0, requests_of(60.0, 50.0, 20.0, 10.0, until=8.0)) == {0, 2, 3}
    assert fund.series["passed_over"] == [50.0]
    assert fund.events["queue_random"] == 1  # the smallest first would have left the largest out


def test_money_days() -> None:
    # 100 for 7 days. 100 is out until day 2 of the step: 500 money-days are left; 100 from day 1 to day 6 takes all of them.
    def with_open(back: float) -> Fund:
        fund = Fund(a_bridge_fund(100.0), [1.0], [0.5])
        fund.open = [(100.0, back)]
        return fund

    assert served(with_open(9.0), 7.0, 14.0, requests_of(100.0, day=8.0, until=13.0)) == {0}
    assert served(with_open(9.0), 7.0, 14.0, requests_of(100.0, day=8.0, until=13.1)) == set()
    # It runs beyond the step: what counts is the rest of the step, and that both are not out at its end.
    assert served(with_open(9.0), 7.0, 14.0, requests_of(100.0, day=9.0, until=30.0)) == {0}
    assert served(with_open(15.0), 7.0, 14.0, requests_of(1.0, day=13.0, until=30.0)) == set()
    assert served(with_open(9.0), 7.0, 14.0, requests_of(100.1, day=13.0, until=13.5)) == set()  # more than the fund has


def test_processing_capacity_is_kept_while_somebody_waits_for_it() -> None:
    # One case a week, steps of 3.5 days, weight 1: half a case fits in none. After two steps of waiting there is one; then none.
    def steps_of(fund: Fund, asks: list[bool]) -> list[bool]:
        answers = []
        for number, asking in enumerate(asks):
            requests = requests_of(1.0, day=3.5 * number, until=3.5 * number) if asking else []
            answers.append(bool(fund.answer(3.5 * number, 3.5 * number + 3.5, requests)))
            fund.close_the_books(3.5 * number + 3.5, {})
        return answers

    fund = Fund(a_bridge_fund(100.0, cases_per_week=1.0), [1.0], [0.5])
    assert steps_of(fund, [True] * 4) == [False, True, False, True]
    # A step in which nobody asks, or money was what lacked, leaves nothing for the next.
    fund = Fund(a_bridge_fund(100.0, cases_per_week=1.0), [1.0], [0.5])
    assert steps_of(fund, [True, False, True, True]) == [False, False, False, True]
    fund = Fund(a_bridge_fund(0.5, cases_per_week=2.0), [1.0], [0.5])
    assert steps_of(fund, [True, True]) == [False, False]
    assert fund.room_left == 0.0
    # A heavy firm is many cases.
    fund = Fund(a_bridge_fund(100.0, cases_per_week=2.0), [3.0], [0.5])
    assert steps_of(fund, [True] * 4) == [False, False, True, False]


def test_leverage_claims_and_the_limit_to_claims() -> None:
    # 100 * 5 covers 500; a loan of 500 with a cover of .8 takes 400, the next of 250 would take 200.
    def asks(*amounts: float) -> list[Request]:
        return [Request(firm, 1, amount, 0.0, 0.0, cover=0.8) for firm, amount in enumerate(amounts)]

    fund = Fund(a_guarantee_fund(100.0, leverage=5.0, claim_limit=0.05), [1.0] * 3, [0.1, 0.2, 0.3])
    assert served(fund, 0.0, 7.0, asks(500.0, 250.0, 125.0)) == {0, 2}
    fund.close_the_books(7.0, {0: Dealings(book=400.0), 2: Dealings(book=100.0)})
    assert fund.series["used"] == [500.0]
    # 25 = 5 % of 500 granted is claimed: not above the limit. The capital is 75 and carries 375; 100 is open.
    served(fund, 7.0, 14.0, [])
    fund.close_the_books(14.0, {0: Dealings(claims=25.0), 2: Dealings(book=100.0)})
    assert fund.series["capital"] == [100.0, 75.0]
    assert served(fund, 14.0, 21.0, asks(0.0, 344.0)) == {0}
    fund.close_the_books(21.0, {2: Dealings(book=100.0)})
    assert served(fund, 21.0, 28.0, asks(0.0, 343.0)) == {0, 1}
    # One more in claims, and it stops: 44 > 5 % of 774.4.
    fund.close_the_books(28.0, {1: Dealings(book=274.4), 2: Dealings(claims=19.0)})
    assert served(fund, 28.0, 35.0, asks(1.0)) == set()
    assert fund.events["claim_limit_stopped"] == 1


# ------------------------------------------------------------------------------------------------------------- random funds

CASES, FIRMS = 120, 10


@pytest.fixture(scope="module")
def random_funds() -> list[tuple[Case, Together]]:
    cases = [random_fund_case(seed, FIRMS) for seed in range(CASES)]
    return [(case, live(case, case.levers)) for case in cases]


def live(case: Case, levers: list[dict[str, Any]]) -> Together:
    return simulate_together(case.firms, case.scenario, case.lucks, levers, case.steps, case.weights, case.queue_luck)


def test_everything_that_can_happen_with_funds_happens(random_funds: list[tuple[Case, Together]]) -> None:
    of_funds: Counter[str] = Counter()
    of_firms: Counter[str] = Counter()
    for _, done in random_funds:
        for fund in done.funds:
            of_funds.update(fund.events)
        for trace in done.traces:
            of_firms.update(trace.events)
    assert [event for event in FUND_EVENTS if of_funds[event] == 0] == []
    assert [event for event in EVENTS_WITH_FUNDS if of_firms[event] == 0] == []
    assert {f"queue_{queue}" for queue in QUEUES} <= set(FUND_EVENTS)


def test_hardly_any_answer_hangs_on_round_off(random_funds: list[tuple[Case, Together]]) -> None:
    close = [(case.seed, fund.label, fund.closest) for case, done in random_funds for fund in done.funds if fund.close_call < 1e-9]
    assert close == []


def test_the_entries_explain_what_is_owed_to_funds(random_funds: list[tuple[Case, Together]]) -> None:
    entries = [(name, sign) for name, entry in ENTRIES.items() for balance, sign in entry.changes if balance == "owed_funds"]
    for case, done in random_funds:
        for row, trace in zip(case.firms, done.traces, strict=True):
            before = 0.0
            for k in range(len(case.steps)):
                after = sum(trace.balances[name][k] for name in ("advance_1", "advance_2", "fund_accrued"))
                booked = sum(sign * trace.flows[name][k] for name, sign in entries)
                assert abs(after - before - booked) <= 1e-9 * row["sales"], (case.seed, k)
                before = after


def test_funds_and_firms_agree_on_every_sum(random_funds: list[tuple[Case, Together]]) -> None:
    """What all firms booked with funds, weighted, is what the funds booked."""
    for case, done in random_funds:
        for k in range(len(case.steps)):
            booked = {
                name: sum(w * sum(trace.flows[name][: k + 1]) for w, trace in zip(case.weights, done.traces, strict=True))
                for name in ("advance_lent", "advance_repaid", "fund_fees_paid", "estate_funds", "claims_paid")
            }
            in_hand = sum(booked.values()) - 2 * (booked["advance_lent"] + booked["claims_paid"])
            assert in_hand == pytest.approx(sum(fund.in_hand_at[k] for fund in done.funds), rel=1e-9, abs=1e-3)


def test_a_fund_without_money_changes_no_life(random_funds: list[tuple[Case, Together]]) -> None:
    """Except that a firm waits for a guarantee instead of applying again."""
    for case, _ in random_funds[:30]:
        kept = [k for k, lever in enumerate(case.levers) if "kind" not in lever]
        others = [case.levers[k] for k in kept]
        empty = live(case, [lever | ({"capital": 0.0} if "kind" in lever else {}) for lever in case.levers])
        for row, luck, trace in zip(case.firms, case.lucks, empty.traces, strict=True):
            if trace.events["guarantee_asked"] == 0:
                alone = simulate(row, case.scenario, luck | {"take_up": [luck["take_up"][k] for k in kept]}, others, case.steps)
                assert (trace.balances, trace.flows, trace.open) == (alone.balances, alone.flows, alone.open)


def test_a_fund_case_keeps_what_the_case_without_funds_draws() -> None:
    case, without = random_fund_case(3), random_case(3, 8, 120)
    assert case == random_fund_case(3)
    assert case != random_fund_case(4)
    assert (case.steps, case.path, case.scenario["shock"]) == (without.steps, without.path, without.scenario["shock"])
    for luck, known in zip(case.lucks, without.lucks, strict=True):
        assert {**luck, "take_up": luck["take_up"][: len(without.levers)]} == known
