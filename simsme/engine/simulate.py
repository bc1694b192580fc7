"""Run a block of draws and firms through all steps under all policies, on one shock.

The shock of a step is made once and every policy steps on it. Firms do not see each other but through a public fund, a lever under review
or contagion: without these, blocks are independent and their results are the same however the work is cut; each of these needs all firms
of a draw in one block. What
a firm books is cumulated over its steps, and on reported days summed over chunks of :data:`CHUNK` firms in one order, so that totals have
the same bits for any block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simsme.arithmetic import Flags, Lanes, least, most, where
from simsme.engine.accounts import BALANCES, ITEMS
from simsme.engine.bookings import Bookings, add_bookings, book_estate
from simsme.engine.contagion import Contagion
from simsme.engine.credit import NEVER
from simsme.engine.fund_accounts import fund_flows, hold, support_of
from simsme.engine.leaving import carry_on, leave, loses_at_normal_demand, wind_up
from simsme.engine.opening import balances
from simsme.engine.public_funds import FIRMS, SERIES, FundBooks, PublicFunds
from simsme.engine.records import Clock, Firm, Luck, Rules, State, Weather
from simsme.engine.requests import NO_ANSWERS, ask
from simsme.engine.review import Review, Reviewed
from simsme.engine.settlement import total_arrears
from simsme.engine.step import Stepped, step
from simsme.engine.sums import CHUNK, chunk_sums
from simsme.engine.terms import NOTHING, LeverRow, terms_of_step, terms_when_due
from simsme.engine.timing import YEAR

Observer = Callable[[int, Clock, Weather, State, Stepped], None]
"""Called after each step of each policy with (policy, clock, weather, state before, what the step did, estates included)."""


@dataclass(frozen=True)
class Block:
    """Everything that a block needs.

    Attributes
    ----------
    steps
        The clock of every step.
    reported
        Numbers of the steps after which money and states are reported.
    firm, rules
        Constants of the draws and firms.
    luck
        Luck of a year of the run (0, 1, ...).
    weather
        Weather of a step.
    levers
        Levers of each policy.
    funds
        Public funds of each policy; None where it has none.
    queue_luck
        Place of each firm in a random queue, (draw, firm).
    reference
        Position of the reference policy.
    opening
        State on day 0.
    weight, employees, default_risk
        Per firm: weight, opening jobs, annual default risk.
    valuation
        What values open exposures.
    reviews
        Reviews of the levers of each policy.
    contagion_share
        Part of what suppliers are not paid that comes back as bad debt, a number or (draw, 1); None where nothing does.
    """

    steps: tuple[Clock, ...]
    reported: tuple[int, ...]
    firm: Firm
    rules: Rules
    luck: Callable[[int], Luck]
    weather: Callable[[int], Weather]
    levers: tuple[tuple[LeverRow, ...], ...]
    funds: tuple[PublicFunds | None, ...]
    queue_luck: Lanes
    reference: int
    opening: State
    weight: Lanes
    employees: Lanes
    default_risk: Lanes
    valuation: "Valuation"
    reviews: tuple[tuple[Review, ...], ...]
    contagion_share: Lanes | None


@dataclass(frozen=True)
class Lives:
    """What became of the firms of a block.

    Shapes: (policy, draw, firm) for steps, causes and the lowest cash while the firm lived (``trough``), (policy, report, draw, firm) for
    states and what levers moved for the firm since day 0 (``support``), (policy, step, draw, chunk) for ``trading``, (policy, report,
    item, draw, chunk) for ``flows``, (policy, report, balance, draw, chunk) for ``closing``, (balance, draw, chunk) for ``opening`` and
    (policy, report, draw, chunk) for ``exposure_loss`` and its like by who bears it, for what the state has open with firms of taxes put
    off, of advances and of equity (``open_put_off``, ``open_advances``, ``open_equity``) and for ``jobs``. A step number equal to the
    number of steps means never. Funds of all policies come in their order: ``fund_series`` is (fund, name of
    :data:`simsme.engine.public_funds.SERIES`, end of step with day 0, draw), ``fund_firms`` (fund, name of FIRMS there, report, draw). So
    do levers under review: ``review_in_force`` (lever, end of step with day 0, draw) says whether each was in force, ``review_days`` for
    how many days since day 0.
    """

    cash_out_step: NDArray[np.int16]
    exit_step: NDArray[np.int16]
    reached_step: NDArray[np.int16]
    cause: NDArray[np.int8]
    trough: Lanes
    support: Lanes
    trades: NDArray[np.bool_]
    insolvent: NDArray[np.bool_]
    unsound: NDArray[np.bool_]
    trading: Lanes
    flows: Lanes
    closing: Lanes
    opening: Lanes
    exposure_loss: Lanes
    exposure_loss_funds: Lanes
    exposure_loss_state: Lanes
    exposure_loss_financiers: Lanes
    open_put_off: Lanes
    open_advances: Lanes
    open_equity: Lanes
    jobs: Lanes
    fund_series: Lanes
    fund_firms: Lanes
    review_in_force: Lanes
    review_days: Lanes


def differs(state: State, reference: State) -> Flags:
    """Firms for which a payment, a date or a decision is not what it is under the reference policy."""
    here, there = what_reaches(state), what_reaches(reference)
    different: Flags = here[0] != there[0]
    for ours, theirs in zip(here[1:], there[1:], strict=True):
        different = different | (ours != theirs)
    return different


def what_reaches(state: State) -> tuple[Lanes, ...]:
    """Everything about a firm that is a payment, a date or a decision, or shows one; hazards that nothing has come of do not."""
    of_loans = (value for loan in (state.term_loan, state.new_loan) for value in (loan.due_day, loan.coming, loan.coming_day))
    sources = (state.line_drawn, state.bridge, state.informal_debt, state.owner_funds)
    received = (state.refunded, state.granted, state.innovated, state.growth_received, state.advanced_publicly, state.invested)
    later = (state.factored, state.deferred_tax, state.deferred_interest, state.order_receivables)
    return (state.alive, state.cash, state.equity, *of_loans, *sources, *received, *later)


class ExpectedLoss(NamedTuple):
    """Expected loss on what is open, by who bears it: of a year, or until the day on which it is to come back."""

    banks: Lanes
    funds: Lanes
    state: Lanes
    financiers: Lanes


class Valuation(NamedTuple):
    """Loss given default, and rise of the default risk of firms in distress, that value open exposures."""

    lgd: Lanes
    distress_risk_factor: Lanes


def expected_loss(
    firm: Firm, rules: Rules, default_risk: Lanes, valued: Valuation, state: State, day: float, intensity: Lanes
) -> ExpectedLoss:
    """Value what others have open with firms at the end of a day, given how intense the shock is, as section 5 of docs/model.md does."""
    overdue_new = where(state.new_loan.overdue_day < NEVER, state.new_loan.principal, 0.0)
    overdue = where(state.term_loan.overdue_day < NEVER, state.term_loan.principal, 0.0) + overdue_new
    owed = balances(firm, state)["owed_banks"]
    short = state.cash < rules.cover_days * firm.fixed_outflow
    distressed = short | (total_arrears(state.arrears) > firm.negligible) | (state.bridge > 0.0)
    risk = least(default_risk * where(distressed, valued.distress_risk_factor, 1.0), 1.0)
    risk_overdue = most(risk, 1.0 - rules.workout)
    loss = valued.lgd * ((owed - overdue) * risk + overdue * risk_overdue)
    at_stake = (state.new_loan.principal - overdue_new) * risk + overdue_new * risk_overdue
    guaranteed = state.guaranteed * valued.lgd * at_stake
    compensated = state.compensated * (1.0 - state.guaranteed) * valued.lgd * at_stake
    tax_days = where(state.deferred_tax > 0.0, state.deferred_tax_day, day) - day
    first, second = (loan.advance * (where(loan.advance > 0.0, loan.coming_day, day) - day) for loan in (state.term_loan, state.new_loan))
    # equity ranks last: a firm that goes leaves nothing of it, and one that is insolvent has nothing left for it
    equity = state.growth_received * where(state.equity < 0.0, 1.0, risk)
    # financiers lose what customers do not pay, without recourse, and what receivables do not cover of firms that go before these are paid
    unpaid = rules.bad_debt_share * intensity * (1.0 - state.recourse_of) * state.factored
    uncovered = most(state.factored - rules.collectable_share * (state.receivables + state.order_receivables), 0.0)
    return ExpectedLoss(
        banks=loss - guaranteed - compensated,
        funds=guaranteed + valued.lgd * (first + second) * risk / YEAR,
        state=compensated + valued.lgd * state.deferred_tax * tax_days * risk / YEAR + equity,
        financiers=least(unpaid + uncovered * firm.receivable_days * risk / YEAR, state.factored),
    )


class _DuesHistory:
    """Cumulated dues at the ends of steps, to look up what had fallen due a firm's patience ago."""

    def __init__(self, steps: tuple[Clock, ...], shape: tuple[int, int]) -> None:
        self._ends = np.array([0.0, *(clock.b for clock in steps)])
        self._dues = np.zeros((len(self._ends), *shape))
        self._lanes = shape[0] * shape[1]
        self._lane = np.arange(self._lanes).reshape(shape)

    def record(self, number: int, dues: Lanes) -> None:
        self._dues[number + 1] = dues

    def at(self, where_in: tuple[NDArray[np.intp], Lanes]) -> Lanes:
        left, part = where_in
        place, dues = left * self._lanes + self._lane, self._dues.reshape(-1)
        before, after = dues.take(place), dues.take(place + self._lanes)
        result: Lanes = before + (after - before) * part
        return result


def _look_back(ends: Lanes, clock: Clock, patience: Lanes, shape: tuple[int, int]) -> tuple[NDArray[np.intp], Lanes]:
    """Step that contains the day b - patience (at most the last finished one), and how far into it that day lies."""
    day = np.broadcast_to(np.clip(clock.b - patience, 0.0, clock.a), shape)
    left = np.clip(np.searchsorted(ends, day, side="right") - 1, 0, len(ends) - 2)
    return left, (day - ends[left]) / (ends[left + 1] - ends[left])


def simulate(block: Block, observer: Observer | None = None) -> Lives:
    """Step every policy through all steps on the same weather and luck."""
    shape = (block.opening.cash.shape[0], block.opening.cash.shape[1])
    policies, steps, reports = len(block.levers), len(block.steps), len(block.reported)
    count = sum(0 if fund is None else fund.count for fund in block.funds)
    reviews = sum(map(len, block.reviews))
    chunks = -(-shape[1] // CHUNK)
    order = [block.reference, *(p for p in range(policies) if p != block.reference)]

    lives = Lives(
        cash_out_step=np.full((policies, *shape), steps, dtype=np.int16),
        exit_step=np.full((policies, *shape), steps, dtype=np.int16),
        reached_step=np.full((policies, *shape), steps, dtype=np.int16),
        cause=np.zeros((policies, *shape), dtype=np.int8),
        trough=np.repeat(block.opening.cash[None], policies, axis=0),
        support=np.zeros((policies, reports, *shape)),
        trades=np.zeros((policies, reports, *shape), dtype=np.bool_),
        insolvent=np.zeros((policies, reports, *shape), dtype=np.bool_),
        unsound=np.zeros((policies, reports, *shape), dtype=np.bool_),
        trading=np.zeros((policies, steps, shape[0], chunks)),
        flows=np.zeros((policies, reports, len(ITEMS), shape[0], chunks)),
        closing=np.zeros((policies, reports, len(BALANCES), shape[0], chunks)),
        opening=np.stack([chunk_sums(value, block.weight, shape) for value in balances(block.firm, block.opening).values()]),
        exposure_loss=np.zeros((policies, reports, shape[0], chunks)),
        exposure_loss_funds=np.zeros((policies, reports, shape[0], chunks)),
        exposure_loss_state=np.zeros((policies, reports, shape[0], chunks)),
        exposure_loss_financiers=np.zeros((policies, reports, shape[0], chunks)),
        open_put_off=np.zeros((policies, reports, shape[0], chunks)),
        open_advances=np.zeros((policies, reports, shape[0], chunks)),
        open_equity=np.zeros((policies, reports, shape[0], chunks)),
        jobs=np.zeros((policies, reports, shape[0], chunks)),
        fund_series=np.zeros((count, len(SERIES), steps + 1, shape[0])),
        fund_firms=np.zeros((count, len(FIRMS), reports, shape[0])),
        review_in_force=np.zeros((reviews, steps + 1, shape[0])),
        review_days=np.zeros((reviews, steps + 1, shape[0])),
    )
    states = [block.opening] * policies
    ledgers = [{item: np.zeros(shape) for item in ITEMS} for _ in range(policies)]
    supports = np.zeros((policies, *shape))
    histories = [_DuesHistory(block.steps, shape) for _ in range(policies)]
    books = [None if fund is None else FundBooks(fund, block.weight, block.queue_luck, steps, reports) for fund in block.funds]
    reviewed = [
        Reviewed(levers, of_policy, block.weight, shape[0], steps) if of_policy else None
        for levers, of_policy in zip(block.levers, block.reviews, strict=True)
    ]
    share = block.contagion_share
    contagions = [None if share is None else Contagion(share, block.weight, shape[0]) for _ in range(policies)]
    ends = np.array([0.0, *(clock.b for clock in block.steps)])
    year, luck = -1, None

    for number, clock in enumerate(block.steps):
        if luck is None or int(clock.a // 365.0) != year:
            year = int(clock.a // 365.0)
            luck = block.luck(year)
        weather = block.weather(number)
        past = _look_back(ends, clock, block.firm.patience, shape)
        report = block.reported.index(number) if number in block.reported else -1
        for policy in order:
            before = states[policy]
            levers, fund_books, estate = block.levers[policy], books[policy], None
            of_estates: Bookings = {}
            review, infection = reviewed[policy], contagions[policy]
            if review is not None:
                levers = review.in_step(number, clock, fund_books)
            hit = NOTHING if infection is None else infection.hit(before)
            step_terms, answers = terms_of_step(levers, clock, block.firm, before), NO_ANSWERS
            if fund_books is not None:
                requests = ask(clock, block.firm, block.rules, luck, weather, step_terms, before)
                answers = fund_books.answer(clock.a, clock.b, requests, hold(block.firm, before))
            stepped = step(clock, block.firm, block.rules, luck, weather, step_terms, answers, before, hit)
            state, booked, met = stepped.state, stepped.bookings, stepped.conditions
            due_terms, dues_then = terms_when_due(levers, block.firm, before, state), histories[policy].at(past)
            cause = carry_on(clock, met.firm, block.rules, met.weather, due_terms, stepped.leaving, before.dues, dues_then, state)
            goes = cause > 0.0
            lives.trough[policy] = where(before.alive > 0.0, least(lives.trough[policy], state.cash), lives.trough[policy])
            supports[policy] += support_of(booked, answers, step_terms.now, before)
            events = stepped.events._replace(cause=cause, trades=stepped.events.trades & ~goes)
            if goes.any():
                estate = wind_up(block.firm, block.rules, state)
                of_estates = {item: where(goes, amount, 0.0) for item, amount in book_estate(block.firm, estate).items()}
                booked = add_bookings(booked, of_estates)
                state = leave(state, goes)
            if fund_books is not None:
                flows = fund_flows(before, stepped.state, booked["fund_fees_paid"], goes, estate)
                fund_books.book(number, report, flows, hold(block.firm, state))
            if review is not None:
                review.observe(clock, state)
            if infection is not None:
                infection.note(before, state, booked)
            for item, amount in (*stepped.bookings.items(), *of_estates.items()):
                ledgers[policy][item] += amount
            if observer is not None:
                observer(policy, clock, weather, before, stepped._replace(state=state, bookings=booked, events=events, levers=levers))
            states[policy] = state
            histories[policy].record(number, state.dues)

            _first(lives.cash_out_step[policy], events.cash_out, number, steps)
            _first(lives.exit_step[policy], goes, number, steps)
            lives.cause[policy][goes] = events.cause[goes].astype(np.int8)
            if policy != block.reference:
                _first(lives.reached_step[policy], differs(state, states[block.reference]), number, steps)
            lives.trading[policy, number] = chunk_sums(events.trades, block.weight, shape)
            if report >= 0:
                lives.trades[policy, report] = events.trades
                insolvent = (state.alive > 0.0) & (state.equity < 0.0)
                lives.insolvent[policy, report] = insolvent
                lives.unsound[policy, report] = insolvent | ((state.alive > 0.0) & loses_at_normal_demand(met.firm, met.weather, state))
                lives.jobs[policy, report] = chunk_sums(block.employees * state.alive * state.staffing, block.weight, shape)
                lives.support[policy, report] = supports[policy]
                loss = expected_loss(block.firm, block.rules, block.default_risk, block.valuation, state, clock.b, weather.intensity)
                lives.exposure_loss[policy, report] = chunk_sums(loss.banks, block.weight, shape)
                lives.exposure_loss_funds[policy, report] = chunk_sums(loss.funds, block.weight, shape)
                lives.exposure_loss_state[policy, report] = chunk_sums(loss.state, block.weight, shape)
                lives.exposure_loss_financiers[policy, report] = chunk_sums(loss.financiers, block.weight, shape)
                lives.open_put_off[policy, report] = chunk_sums(state.put_off_open, block.weight, shape)
                lives.open_advances[policy, report] = chunk_sums(state.advance_open, block.weight, shape)
                lives.open_equity[policy, report] = chunk_sums(state.growth_received, block.weight, shape)
                for position, item in enumerate(ITEMS):
                    lives.flows[policy, report, position] = chunk_sums(ledgers[policy][item], block.weight, shape)
                for position, value in enumerate(balances(block.firm, state).values()):
                    lives.closing[policy, report, position] = chunk_sums(value, block.weight, shape)
    first = 0
    for fund_books in books:
        if fund_books is not None:
            last = first + len(fund_books.series)
            lives.fund_series[first:last], lives.fund_firms[first:last] = fund_books.series, fund_books.firms
            first = last
    noted = [review for review in reviewed if review is not None]
    if noted:
        np.concatenate([review.in_force for review in noted], out=lives.review_in_force)
        np.concatenate([review.days for review in noted], out=lives.review_days)
    return lives


def _first(so_far: NDArray[np.int16], happens: Flags, number: int, never: int) -> None:
    """Note the step in which something happens for the first time."""
    so_far[happens & (so_far == never)] = number


def assets_less_liabilities(firm: Firm, state: State) -> Lanes:
    """Equity from the balance sheet: what the accounts of every step must agree with."""
    own = balances(firm, state)
    assets = own["cash"] + own["receivables"] + own["goods"] + own["fixed_assets"]
    owed = own["owed_people"] + own["owed_suppliers"] + own["owed_landlords"] + own["owed_government"] + own["owed_banks"]
    return assets - owed - own["owed_private"] - own["owed_funds"] - own["owed_financiers"]
