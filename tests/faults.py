"""Defects of the engine and of the world, each switched in by a patch, and the check that has to see it.

A patch wraps a function in the module in which it is looked up, so that the defect is one that a slip of the pen in that function could
be. ``caught_by`` names a check of :data:`tests.checks.CHECKS` that guards the healthy code too. Defects of levers are in `lever_faults`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import numpy as np
import pytest

from simsme.engine import funds, timing
from simsme.streams import CHANNELS
from simsme.world.constants import as_reported
from tests.coupling_faults import COUPLING_FAULTS
from tests.lever_faults import LEVER_FAULTS
from tests.open_claims_faults import OPEN_CLAIMS_FAULTS
from tests.patches import Fault, after, around, before, combining, number_is, numbers_are


def luck_of(channel: str, other: str) -> Callable[..., Any]:
    """Take the luck of a decision from another one."""
    return lambda original, seed, draws, keys, step, name: original(seed, draws, keys, step, other if name == channel else name)


def luck_by_place(original: Any, seed: Any, draws: Any, keys: Any, step: Any, name: Any) -> Any:
    """Seed luck by where a firm stands, and not by who it is."""
    return original(seed, draws, np.arange(np.size(keys), dtype=np.uint64), step, name)


def luck_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed the luck with levers by how often any has been asked for."""
    turn = count(1)

    def uniforms(original: Any, seed: Any, draws: Any, keys: Any, step: Any, name: Any) -> Any:
        return original(seed, draws, keys, step + next(turn), name)

    around("world.audience.uniforms", uniforms)(monkeypatch)


def one_purse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the owner of a firm have what was left under the policy that was stepped before."""
    left: list[Any] = []

    def step(original: Any, *arguments: Any) -> Any:
        clock, state = arguments[0], arguments[7]
        purse = left[-1] if left and clock.a > 0.0 else state.owner_funds
        stepped = original(*arguments[:7], state._replace(owner_funds=purse), *arguments[8:])
        left[:] = [stepped.state.owner_funds]
        return stepped

    around("engine.simulate.step", step)(monkeypatch)


def owner_first(original: Any, gap: Any, line: Any, receivables: Any, bank: Any, owner: Any, informal: Any) -> Any:
    """Find money with the owner before the line is drawn."""
    found = original(gap, 0.0 * line, receivables, bank, owner, informal)
    left = np.maximum(gap - bank - found.owner - found.informal, 0.0)
    return found._replace(line=np.minimum(left, line))


def tax_first(original: Any, cash: Any, dues: Any) -> Any:
    """Pay tax before suppliers."""
    rest = original(cash, dues._replace(suppliers=dues.tax, tax=dues.suppliers))
    return rest._replace(suppliers=rest.tax, tax=rest.suppliers)


def owner_cause_first(original: Any, state: Any, patience: Any, loan: Any, owner: Any, other: Any) -> Any:
    """Name the owner's giving up before the other causes."""
    return original(state, patience & ~owner, loan & ~owner, owner, other)


def never_paid(result: Any, at: Any) -> Any:
    """Let payables pile up."""
    return result._replace(payables=at.state.payables + result.purchases, suppliers_due=result.overheads)


def interest_on_all(result: Any, at: Any) -> Any:
    """Charge interest for the whole step, whether the loan is repaid in it or not."""
    return result._replace(interest=at.firm.loan_rate / timing.YEAR * at.loan.principal * at.clock.h)


def principal_after_repayment(share: float) -> Callable[[Any, Any], Any]:
    """Leave a share of the principal that was due in the slot."""

    def repaid(result: Any, at: Any) -> Any:
        left = np.where(result.repaid, share * at.maturing.principal_due, result.loan.principal)
        return result._replace(loan=result.loan._replace(principal=left))

    return repaid


def swapped_estate(original: Any, firm: Any, rules: Any, state: Any) -> Any:
    """Wind firms up with people before the secured bank: no fixed assets are set aside for the bank."""
    estate = original(firm, rules, state)
    free = original(firm._replace(fixed_assets=0.0 * firm.fixed_assets), rules, state._replace(cash=state.cash + estate.fixed_assets))
    return free._replace(fixed_assets=estate.fixed_assets, lost_fixed_assets=estate.lost_fixed_assets)


def own_depth_only(at: Any) -> Any:
    """Let firms of a draw have no part of the depth in common."""
    tables = at.scenario.shock
    depth = tables.sales.depth.model_copy(update={"common": 0.0})
    changed = tables.model_copy(update={"sales": tables.sales.model_copy(update={"depth": depth})})
    return replace(at, scenario=at.scenario.model_copy(update={"shock": changed}))


def as_listed(_: Any, policy: Any) -> Any:
    """Take levers in the order in which the file lists them."""
    return tuple(policy.levers)


def luck_with_take_up(original: Any, lever: Any, numbers: Any, firms: Any, rows: Any) -> Any:
    """Let the luck with a lever hang on its take-up."""
    return original(lever.model_copy(update={"name": f"{lever.name}-{lever.take_up}"}), numbers, firms, rows)


def sizes_reversed(firms: Any) -> Any:
    """Take large firms for small ones."""
    return replace(firms, size=len(firms.size_names) - 1 - firms.size)


def unweighted(weight: Any) -> Any:
    """Let every firm that counts stand for one."""
    return (np.asarray(weight) > 0.0).astype(np.float64)


def without_advance(result: Any, _: Any) -> Any:
    """Let the fund's money be spent without a trace."""
    return result._replace(loan=result.loan._replace(advance=0.0 * result.loan.advance))


def with_number(column: int, value: float) -> Callable[[Any], Any]:
    """Give all funds another number."""

    def changed(numbers: Any) -> Any:
        table = np.array(numbers)
        table[:, column] = value
        return table

    return changed


def fees_swapped(result: Any, _: Any) -> Any:
    """Let the two kinds of fund get each other's fees."""
    return result._replace(advance_fees=result.guarantee_fees, guarantee_fees=result.advance_fees)


def rank_in_file(_: Any, ids: Any) -> Any:
    """Give firms keys by their place in the file."""
    return np.arange(len(ids), dtype=np.uint64)


FAULTS = (
    # stages 1 and 2: what comes in
    Fault("sales on credit are cash too", after("engine.step.sell", lambda r, _: r._replace(cash_sales=r.revenue)), "equity"),
    Fault(
        "receivables are collected twice",
        after("engine.step.collect", lambda r, _: r._replace(collections=2 * r.collections, receipts=r.receipts + r.collections)),
        "closure",
    ),
    Fault(
        "what was collected does not reach the till",
        after("engine.step.collect", lambda r, _: r._replace(receipts=r.receipts - r.collections)),
        "cash identity",
    ),
    Fault(
        "bad debt is collected all the same",
        after("engine.step.collect", lambda r, _: r._replace(collections=r.collections + r.bad_debt, receipts=r.receipts + r.bad_debt)),
        "closure",
    ),
    Fault(
        "VAT counts as revenue",
        after("engine.step.collect", lambda r, _: r._replace(receipts=r.receipts + r.vat_in, vat_in=0.0 * r.vat_in)),
        "cash identity",
    ),
    Fault("VAT is not owed to the state", before("engine.step.pay_tax", "vat_in", lambda vat_in: 0.0 * vat_in), "closure"),
    Fault("receivables do not stretch", numbers_are("engine.step.collect", "rules", receivable_stretch=1.0), "oracle"),
    Fault("blocked contracts are delivered at once", numbers_are("engine.step.sell", "rules", contract_delay_days=0.0), "oracle"),
    Fault("a lag of days takes a day more", before("engine.trade.lagged", "lag_days", lambda days: days + 1.0), "oracle"),
    # stages 3 to 6: what is bought and falls due
    Fault("a payable is never paid", after("engine.step.buy", never_paid), "oracle"),
    Fault("a payable is forgotten", after("engine.step.buy", lambda r, _: r._replace(suppliers_due=r.overheads)), "closure"),
    Fault("overheads are counted twice", after("engine.step.buy", lambda r, _: r._replace(overheads=2 * r.overheads)), "closure"),
    Fault("stock is written down twice", after("engine.step.buy", lambda r, _: r._replace(write_down=2 * r.write_down)), "closure"),
    Fault("materials cost what they always did", before("engine.step.buy", "weather", lambda w: w._replace(materials_price=1.0)), "oracle"),
    Fault("people are laid off without lag", numbers_are("engine.step.pay_people", "rules", payroll_lag_days=0.0), "oracle"),
    Fault("who does not trade pays everybody", numbers_are("engine.step.pay_people", "rules", dormant_payroll_share=1.0), "oracle"),
    Fault("an accrual falls due a month late", before("engine.obligations.fall_due", "day", lambda day: day + timing.MONTH), "oracle"),
    Fault("rent falls due twice", after("engine.step.pay_rent", lambda r, _: r._replace(due=2 * r.due)), "closure"),
    Fault("half of the revenue is not taxed", before("engine.step.pay_tax", "revenue", lambda revenue: 0.5 * revenue), "oracle"),
    Fault(
        "social insurance goes to households", around("engine.bookings.split_people", lambda _, firm, paid: (paid, 0.0 * paid)), "oracle"
    ),
    # stage 7: bank and bridge
    Fault(
        "renewal luck is compared the wrong way",
        before("engine.step.repay", "luck", lambda luck: luck._replace(renewal=1.0 - luck.renewal)),
        "oracle",
    ),
    Fault("the gap before re-lending is ignored", numbers_are("engine.step.mature", "rules", gap_days=0.0), "oracle"),
    Fault("the whole sum is lent again", numbers_are("engine.step.mature", "rules", kappa=1.0), "oracle"),
    Fault("more is lent again than was repaid", after("engine.step.mature", lambda r, _: r._replace(coming=1.2 * r.coming)), "caps"),
    Fault("a recalled loan is renewed", before("engine.step.mature", "recalled", lambda recalled: recalled & False), "oracle"),
    Fault("interest accrues on repaid principal", after("engine.step.mature", interest_on_all), "known interest"),
    Fault(
        "interest on new money starts a step late",
        after("engine.step.arrive", lambda r, _: r._replace(interest=0.0 * r.interest)),
        "known interest",
    ),
    Fault(
        "the bridge is not repaid at re-lending",
        after("engine.step.arrive", lambda r, _: r._replace(to_bridge=0.0 * r.to_bridge, fee_saved=0.0 * r.fee_saved)),
        "oracle",
    ),
    Fault(
        "the fee of the bridge is counted twice",
        after("world.worlds.rules_of_draw", lambda r, _: r._replace(bridge_fee_per_day=2 * r.bridge_fee_per_day)),
        "known bridge",
    ),
    Fault(
        "a bridge costs until the end of the step",
        after("engine.step.arrive", lambda r, _: r._replace(fee_saved=0.0 * r.fee_saved)),
        "known bridge",
    ),
    Fault("a loan is repaid and stays", after("engine.step.repay", principal_after_repayment(1.0)), "closure"),
    Fault("a loan is repaid twice", after("engine.step.repay", principal_after_repayment(-1.0)), "nonnegative balances"),
    Fault(
        "credit is tight outside the shock",
        before("engine.credit.tightened", "weather", lambda weather: weather._replace(intensity=np.ones_like(weather.demand))),
        "oracle",
    ),
    Fault(
        "a bridge is never called",
        before("engine.step.settle_first", "dues", lambda dues: dues._replace(called=0.0 * dues.called)),
        "oracle",
    ),
    Fault("the bank works no loan out", numbers_are("engine.step.work_out", "rules", workout=0.0), "oracle"),
    Fault("grace is a step short", before("engine.step.work_out", "clock", lambda clock: clock._replace(b=clock.b + clock.h)), "oracle"),
    Fault("firms apply in every step", numbers_are("engine.step.apply_for_loan", "rules", reapply_days=0.0), "oracle"),
    Fault("approved money arrives at once", numbers_are("engine.step.apply_for_loan", "rules", approval_days=0.0), "oracle"),
    Fault("a new loan has no cap", numbers_are("engine.step.apply_for_loan", "rules", loan_cap_share=1e6), "caps"),
    Fault("every application is approved", after("engine.step.apply_for_loan", lambda r, _: r._replace(approved=r.applied)), "events"),
    Fault("a renewal is not noted", after("engine.step.mature", lambda r, _: r._replace(rolled=r.rolled & False)), "events"),
    # stages 9 to 11: finding money and paying
    Fault(
        "the line's limit forgets what is drawn",
        before("engine.step.line_available", "state", lambda state: state._replace(line_drawn=0.0 * state.line_drawn)),
        "caps",
    ),
    Fault("no line is ever cut", numbers_are("engine.step.line_available", "rules", line_cut=0.0), "oracle"),
    Fault(
        "the owner's funds are not used up",
        after("engine.simulate.step", lambda r, at: r._replace(state=r.state._replace(owner_funds=at.state.owner_funds))),
        "caps",
    ),
    Fault("the owner pays before the line is drawn", around("engine.step.finance_gap", owner_first), "oracle"),
    Fault("arrears of rent are forgotten", after("engine.step.carry_arrears", lambda r, _: r._replace(rent=0.0 * r.rent)), "closure"),
    Fault(
        "old arrears are paid and not booked",
        after("engine.step.settle_first", lambda r, _: r._replace(share_of_arrears=0.0 * r.share_of_arrears)),
        "cash identity",
    ),
    Fault("tax is paid before suppliers", around("engine.step.settle_rest", tax_first), "oracle"),
    Fault("the owner draws what is below the threshold", numbers_are("engine.step.draw", "rules", drawing_threshold=0.0), "caps"),
    Fault("the owner draws while a loan is overdue", before("engine.step.draw", "behind", lambda behind: behind & False), "caps"),
    Fault(
        "half of the drawings stay in the till",
        after("engine.step.draw", lambda r, _: r._replace(cash=r.cash + 0.5 * r.drawings)),
        "cash identity",
    ),
    Fault(
        "drawings have the wrong sign",
        after("engine.step.draw", lambda r, _: r._replace(drawings=-r.drawings, cash=r.cash + 2 * r.drawings)),
        "nonnegative balances",
    ),
    # stage 12: leaving
    Fault("creditors' patience is ignored", after("engine.leaving.out_of_patience", lambda flags, _: flags & False), "oracle"),
    Fault("creditors tolerate nothing", numbers_are("engine.leaving.out_of_patience", "rules", patience_tolerance_days=0.0), "oracle"),
    Fault(
        "patience lasts a step longer", before("engine.leaving.out_of_patience", "clock", lambda clock: clock._replace(b=clock.a)), "oracle"
    ),
    Fault("hope has the wrong sign", before("engine.leaving.gives_up", "firm", lambda firm: firm._replace(hope=-firm.hope)), "oracle"),
    Fault(
        "owners without arrears give up", before("engine.leaving.gives_up", "firm", lambda firm: firm._replace(negligible=-1.0)), "oracle"
    ),
    Fault("the owner's giving up is named first", around("engine.leaving.cause_of_exit", owner_cause_first), "known causes"),
    Fault("people come before the secured bank", around("engine.simulate.wind_up", swapped_estate), "oracle"),
    Fault(
        "a loss at exit is not booked",
        after("engine.simulate.book_estate", lambda booked, _: booked | {"lost_by_suppliers": 0.0 * booked["lost_by_suppliers"]}),
        "closure",
    ),
    Fault(
        "what is left of an estate vanishes",
        after("engine.simulate.book_estate", lambda booked, _: booked | {"estate_owner": 0.0 * booked["estate_owner"]}),
        "cash identity",
    ),
    Fault(
        "what banks lose at exit is not published",
        after("engine.simulate.book_estate", lambda booked, _: booked | {"lost_by_banks": 0.0 * booked["lost_by_banks"]}),
        "flow of funds",
    ),
    Fault(
        "who has gone goes on",
        after("engine.simulate.leave", lambda r, at: r._replace(alive=at.state.alive)),
        "no flow after exit",
    ),
    Fault(
        "who has gone keeps the stock",
        after("engine.simulate.leave", lambda r, at: r._replace(stock_cost=at.state.stock_cost)),
        "no flow after exit",
    ),
    # opening books and sums
    Fault(
        "wages of the month before are not owed",
        after("world.constants.open_books", lambda r, _: r._replace(people_accrued=0.0 * r.people_accrued)),
        "equity",
    ),
    Fault(
        "sums of money forget the weights",
        around("engine.simulate.chunk_sums", lambda f, values, _, shape: f(values, 1.0, shape)),
        "weights",
    ),
    Fault("shares of firms forget the weights", before("tally.add_by_code", "weight", unweighted), "weights"),
    Fault("expected losses count twice", after("engine.simulate.expected_loss", lambda r, _: r._replace(banks=2 * r.banks)), "weights"),
    Fault(
        "guarantees are valued at nothing", after("engine.simulate.expected_loss", lambda r, _: r._replace(funds=0.0 * r.funds)), "funds"
    ),
    Fault("blocks do not end with a chunk", number_is("batches.CHUNK", 100), "block size"),
    Fault("the owner has one purse under all policies", one_purse, "policy independence"),
    # levers
    Fault(
        "a lever is in force a step too long",
        before("engine.terms.in_force", "row", lambda row: row._replace(to_day=row.to_day + 7.0)),
        "oracle",
    ),
    Fault(
        "a lever is in force outside its window",
        before("engine.terms.in_force", "row", lambda row: row._replace(from_day=-np.inf, to_day=np.inf)),
        "zero intensity",
    ),
    Fault(
        "a lever reaches whom it should not",
        after("world.reach.openings", lambda found, _: tuple(opening._replace(reaches=~opening.reaches) for opening in found)),
        "zero intensity",
    ),
    Fault("of two levers the later one holds", combining("kappa_lift", lambda left, right: np.where(right > 0.0, right, left)), "oracle"),
    Fault("levers work in the order of the file", around("world.reach.in_order", as_listed), "order of levers"),
    Fault(
        "levers share the luck of take-up",
        around("world.audience.uniforms", lambda f, seed, draws, keys, _, name: f(seed, draws, keys, 0, name)),
        "take-up",
    ),
    Fault("the luck with a lever hangs on its take-up", around("world.audience.luck_with", luck_with_take_up), "take-up"),
    Fault("the luck with levers is drawn in turn", luck_in_turn, "policy independence"),
    # luck
    Fault("approval and application share their luck", around("world.luck.uniforms", luck_of("approval", "apply")), "oracle"),
    Fault("bridge and line share their luck", around("world.luck.uniforms", luck_of("bridge", "line")), "oracle"),
    Fault("reopening shares the luck of closure", around("world.shock.uniforms", luck_of("reopening", "closure")), "oracle"),
    Fault("hope shares the luck of patience", around("world.constants.normals", luck_of("hope", "patience")), "oracle"),
    Fault(
        "luck is the same in every year",
        around("world.luck.uniforms", lambda f, seed, draws, keys, _, name: f(seed, draws, keys, 0, name)),
        "oracle",
    ),
    Fault("draws share their luck", around("streams.philox", lambda f, seed, draw, *rest: f(seed, 0 * draw, *rest)), "streams"),
    Fault("decisions share one stream", number_is("streams._NUMBER", dict.fromkeys(CHANNELS, 0)), "streams"),
    Fault("luck is seeded by the place in the block", around("world.luck.uniforms", luck_by_place), "block size"),
    Fault("luck is seeded by the place in the file", around("read_firms.firm_keys", rank_in_file), "shuffled firms"),
    Fault("uncertain numbers share their luck", around("world.drawn_numbers.firm_key", lambda f, _: f("parameter")), "uncertain numbers"),
    # public funds
    Fault("an advance costs nothing", after("engine.step.repay", lambda r, _: r._replace(fund_fee=0.0 * r.fund_fee)), "known fund"),
    Fault(
        "the bank's money does not repay the fund",
        after("engine.step.arrive", lambda r, _: r._replace(to_fund=0.0 * r.to_fund, left=r.left + r.to_fund)),
        "funds",
    ),
    Fault("an advance is used and not owed", after("engine.step.repay", without_advance), "funds"),
    Fault("a fund forgets what it has out", before("engine.funds.answer", "holdings", lambda rows: 0.0 * rows), "funds"),
    Fault("a fund counts every firm once", before("engine.funds.answer", "weight", np.ones_like), "funds"),
    Fault("a fund has all the money there is", before("engine.funds.answer", "numbers", with_number(funds.CAPITAL, 1e15)), "funds"),
    Fault(
        "the queue is in the order of the file",
        before("engine.funds.answer", "luck", lambda luck: np.arange(luck.size)[::-1]),
        "known fund",
    ),
    Fault(
        "a fund lends without the bank's commitment",
        after("engine.requests.mature", lambda r, _: r._replace(odds=r.odds + 1.0)),
        "funds",
    ),
    Fault("losses do not shrink a fund", before("engine.funds.book", "flows", lambda rows: rows * [[1.0], [1.0], [0.0], [0.0]]), "funds"),
    Fault("what a guarantee is owed in fees is a bridge fund's", after("engine.simulate.fund_flows", fees_swapped), "funds"),
    Fault(
        "claims are the whole loss", after("engine.simulate.wind_up", lambda r, _: r._replace(claims=r.lost_by_banks)), "known guarantee"
    ),
    Fault(
        "claims do not stop guarantees", before("engine.funds.answer", "numbers", with_number(funds.CLAIM_LIMIT, 1.0)), "known guarantee"
    ),
    Fault(
        "no risk is too high for a guarantee",
        before("engine.step.apply_for_loan", "firm", lambda firm: firm._replace(perceived_risk=0.0 * firm.perceived_risk)),
        "known guarantee",
    ),
    Fault(
        "a guarantee goes on when its loan is repaid",
        after(
            "engine.simulate.step",
            lambda r, at: r._replace(state=r.state._replace(guaranteed=np.maximum(r.state.guaranteed, at.state.guaranteed))),
        ),
        "funds",
    ),
    # the world
    Fault("the background hazard is that of another size", before("world.constants.background_rate", "firms", sizes_reversed), "oracle"),
    Fault("the bank sees without noise", before("world.constants.bank_view", "z_signal", lambda z: 0.0 * z), "oracle"),
    Fault("no risk is too high", after("world.constants.bank_view", lambda r, _: replace(r, prudent_risk=0.0 * r.prudent_risk)), "oracle"),
    Fault(
        "estates bring half of their book value",
        after("world.worlds.liquidation_share", lambda share, _: 0.0 * share + 0.5),
        "liquidation",
    ),
    Fault("firms have nothing of the depth in common", before("world.shock.depth_of_firms", "at", own_depth_only), "depths"),
    Fault(
        "the slow part of sales does not start at 0",
        around("world.shock.drift", lambda f, slow, pressure, h, z: f(np.where(slow == 0.0, pressure.slow_sd, slow), pressure, h, z)),
        "oracle",
    ),
    Fault(
        "the slow part of sales has a mean above 1",
        before("world.shock.observe", "pressure", lambda pressure: pressure._replace(slow_sd=0.0 * pressure.slow_sd)),
        "oracle",
    ),
    Fault("white noise does not know the step", before("world.shock.white_noise", "h", lambda h: 2.0 * h), "oracle"),
    Fault(
        "gamma noise has the wrong spread", before("world.shock.gamma_noise", "volatility", lambda volatility: 1.2 * volatility), "noise"
    ),
    Fault("the season is a month off", before("world.shock.season_of", "start_date", lambda day: day + timedelta(days=31)), "oracle"),
    Fault("the shock begins a week late", before("world.shock.shape_over", "from_day", lambda day: day + 7.0), "oracle"),
    Fault("the shock leaves no scar", after("world.shock.exposure_of_firms", lambda r, _: r._replace(scar=0.0 * r.scar)), "oracle"),
    Fault(
        "shutdowns come twice as often", before("world.shutdowns.shutdown_shares", "rate_per_year", lambda rate: 2.0 * rate), "shutdowns"
    ),
    Fault(
        "a path of sales is a week early",
        around("world.shock.path_mean", lambda f, path, names, a, b: f(path, names, a + 7.0, b + 7.0)),
        "path",
    ),
    Fault(
        "margins and cash are not adjusted",
        around("world.worlds.adjusted", lambda _, firms, rows, numbers: as_reported(firms, rows)),
        "oracle",
    ),
    Fault(
        "cash of the runway counts days of 360",
        after("world.worlds.static_runway_days", lambda days, _: days * 360.0 / 365.0),
        "known runway",
    ),
    Fault("a renewed loan is due all the same", combining("rolled", lambda left, right: 0.0 * right), "known renewal"),
    Fault("steps are not cut on reported days", before("world.timetable.steps_of", "cuts", lambda _: ()), "timetable"),
    *LEVER_FAULTS,
    *COUPLING_FAULTS,
    *OPEN_CLAIMS_FAULTS,
)
"""Every defect; their names are unique."""
