"""Defects of the engine and of the world, each switched in by a patch, and the check that has to see it.

A patch wraps a function in the module in which it is looked up, so that the defect is one that a slip of the pen in that function could
be. ``caught_by`` names a check of :data:`tests.checks.CHECKS` that guards the healthy code too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import count
from typing import Any

import numpy as np
import pytest

from simsme.engine import timing
from simsme.engine.terms import RULES

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """A defect, how it is switched in, and the check that catches it."""

    name: str
    patch: Patch
    caught_by: str


def around(target: str, new: Callable[..., Any]) -> Patch:
    """Replace a function by ``new(original, *arguments)`` where the module named in the target looks it up."""
    module, name = target.rsplit(".", 1)

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        place = import_module(f"simsme.{module}")
        original = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *arguments: new(original, *arguments))

    return patch


def after(target: str, new: Callable[..., Any]) -> Patch:
    """Replace what a function returns by ``new(result, *arguments)``."""
    return around(target, lambda original, *arguments: new(original(*arguments), *arguments))


def before(target: str, position: int, new: Callable[[Any], Any]) -> Patch:
    """Replace one argument of a function."""
    return around(target, lambda original, *a: original(*a[:position], new(a[position]), *a[position + 1 :]))


def rules_are(target: str, position: int, **values: float) -> Patch:
    """Let a stage work with other numbers in a record (the firm's, the rules', the luck's) that it takes at a position."""
    return before(target, position, lambda record: record._replace(**{name: np.asarray(value) for name, value in values.items()}))


def each(*patches: Patch) -> Patch:
    """All of the patches."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        for one in patches:
            one(monkeypatch)

    return patch


def combining(term: str, rule: Callable[[Any, Any], Any]) -> Patch:
    """Let levers combine in a term by another rule."""
    return lambda monkeypatch: monkeypatch.setitem(RULES, term, rule)


def one_step_late(before_it: Any, amount: Any, day: Any, period: Any, clock: Any) -> timing.Accrual:
    """What falls due, if a due day were taken for one of the step after."""
    return timing.fall_due(before_it, amount, day + clock.h, period, clock)


def luck_of(channel: str, other: str) -> Callable[..., Any]:
    """Take the luck of a decision from another one."""
    return lambda original, seed, draws, keys, step, name: original(seed, draws, keys, step, other if name == channel else name)


def luck_by_place(original: Any, seed: Any, draws: Any, keys: Any, step: Any, name: Any) -> Any:
    """Seed luck by where a firm stands, and not by who it is."""
    return original(seed, draws, np.arange(np.size(keys), dtype=np.uint64), step, name)


def luck_in_turn() -> Callable[..., Any]:
    """Seed luck by how often it has been asked for."""
    turn = count()
    return lambda original, seed, draws, keys, step, name: original(seed, draws, keys, step + next(turn), name)


def dues_of_whoever_was_last() -> Callable[..., Any]:
    """Take cumulated dues from the policy that was stepped before."""
    last: list[Any] = []

    def step(original: Any, *arguments: Any) -> Any:
        last.append(arguments[-1])
        return original(*arguments[:-1], last[-2] if len(last) > 1 else last[-1])

    return step


def swapped_estate(original: Any, firm: Any, rules: Any, state: Any) -> Any:
    """Wind firms up with people before the secured bank: no fixed assets are set aside for the bank."""
    estate = original(firm, rules, state)
    free = original(firm._replace(fixed_assets=0.0 * firm.fixed_assets), rules, state._replace(cash=state.cash + estate.fixed_assets))
    return free._replace(fixed_assets=estate.fixed_assets, lost_fixed_assets=estate.lost_fixed_assets)


def off_by_a_step(original: Any, firms: Any, rows: Any, numbers: Any) -> Any:
    """Read the background hazard of another size."""
    return original(firms, rows, numbers)[:, ::-1]


ENGINE = (
    # what comes in
    Fault("sales on credit are cash too", after("engine.step.sell", lambda r, *_: r._replace(cash_sales=r.revenue)), "equity"),
    Fault(
        "receivables are collected twice",
        after("engine.step.collect", lambda r, *_: r._replace(collections=2 * r.collections, receipts=r.receipts + r.collections)),
        "closure",
    ),
    Fault(
        "money from receivables is not put in the till",
        after("engine.step.collect", lambda r, *_: r._replace(receipts=r.receipts - r.collections)),
        "cash identity",
    ),
    Fault(
        "bad debt is booked and collected all the same",
        after(
            "engine.step.collect",
            lambda r, *_: r._replace(collections=r.collections + r.bad_debt, receipts=r.receipts + r.bad_debt),
        ),
        "closure",
    ),
    Fault(
        "VAT counts as revenue",
        after("engine.step.collect", lambda r, *_: r._replace(receipts=r.receipts + r.vat_in, vat_in=0.0 * r.vat_in)),
        "cash identity",
    ),
    Fault("VAT is not owed", before("engine.step.pay_tax", 4, lambda vat_in: 0.0 * vat_in), "closure"),
    Fault("receivables do not stretch", rules_are("engine.step.collect", 2, receivable_stretch=1.0), "oracle"),
    Fault("contracts are delivered at once", rules_are("engine.step.sell", 2, contract_delay_days=0.0), "oracle"),
    Fault("a lag loses a day", around("engine.trade.lagged", lambda f, old, new, days, h: f(old, new, days, h - 1e-3)), "oracle"),
    # what is bought and falls due
    Fault(
        "a payable is never paid",
        after(
            "engine.step.buy",
            lambda r, clock, firm, rules, weather, state, *_: r._replace(payables=state.payables + r.purchases, suppliers_due=r.overheads),
        ),
        "oracle",
    ),
    Fault("a payable is forgotten", after("engine.step.buy", lambda r, *_: r._replace(suppliers_due=r.overheads)), "closure"),
    Fault("overheads are counted twice", after("engine.step.buy", lambda r, *_: r._replace(overheads=2 * r.overheads)), "closure"),
    Fault("stock is written down twice", after("engine.step.buy", lambda r, *_: r._replace(write_down=2 * r.write_down)), "closure"),
    Fault("materials have their normal price", before("engine.step.buy", 3, lambda w: w._replace(materials_price=1.0)), "oracle"),
    Fault("people are laid off without lag", rules_are("engine.step.pay_people", 2, payroll_lag_days=0.0), "oracle"),
    Fault("who is closed pays all people", rules_are("engine.step.pay_people", 2, dormant_payroll_share=1.0), "oracle"),
    Fault("an accrual falls due late", around("engine.obligations.fall_due", lambda _, *a: one_step_late(*a)), "oracle"),
    Fault("rent is due twice", after("engine.step.pay_rent", lambda r, *_: r._replace(due=2 * r.due)), "closure"),
    Fault("tax is charged on what was collected", before("engine.step.pay_tax", 3, lambda revenue: 0.5 * revenue), "oracle"),
    Fault(
        "social insurance goes to households",
        around("engine.step.split_people", lambda _, firm, paid: (paid, 0.0 * paid)),
        "oracle",
    ),
    # bank and bridge
    Fault(
        "renewal luck is compared the wrong way",
        before("engine.step.repay", 1, lambda luck: luck._replace(renewal=1.0 - luck.renewal)),
        "oracle",
    ),
    Fault("who is lent to again has no gap", rules_are("engine.step.repay", 0, gap_days=0.0), "oracle"),
    Fault("the whole sum is lent again", rules_are("engine.step.mature", 2, kappa=1.0), "oracle"),
    Fault("more is lent again than was repaid", after("engine.step.mature", lambda r, *_: r._replace(coming=1.2 * r.coming)), "caps"),
    Fault("a recalled loan is renewed", before("engine.step.mature", 8, lambda recalled: recalled & False), "oracle"),
    Fault(
        "interest runs on repaid principal",
        after(
            "engine.step.mature",
            lambda r, clock, firm, rules, luck, weather, levers, state, loan, _: r._replace(
                interest=firm.loan_rate / timing.YEAR * loan.principal * clock.h
            ),
        ),
        "known interest",
    ),
    Fault("interest on new money starts a step late", after("engine.step.arrive", lambda r, *_: r._replace(interest=0.0 * r.interest)), "known interest"),
    Fault(
        "the bridge is not repaid when the bank lends again",
        after("engine.step.arrive", lambda r, *_: r._replace(to_bridge=0.0 * r.to_bridge, fee_saved=0.0 * r.fee_saved)),
        "oracle",
    ),
    Fault("the fee of the bridge counts twice", after("world.worlds.rules_of_draw", lambda r, *_: r._replace(bridge_fee_per_day=2 * r.bridge_fee_per_day)), "known bridge"),
    Fault("the bridge costs until the end of the step", after("engine.step.arrive", lambda r, *_: r._replace(fee_saved=0.0 * r.fee_saved)), "known bridge"),
    Fault(
        "a loan is repaid and stays",
        after("engine.step.repay", lambda r, rules, luck, maturing, *_: r._replace(loan=r.loan._replace(principal=maturing.loan.principal))),
        "closure",
    ),
    Fault(
        "a repaid loan turns negative",
        after("engine.step.repay", lambda r, rules, luck, maturing, *_: r._replace(loan=r.loan._replace(principal=r.loan.principal - maturing.principal_due))),
        "nonnegative balances",
    ),
    Fault("tightening goes on after the shock", before("engine.credit.tightened", 1, lambda w: w._replace(intensity=np.ones_like(w.demand))), "oracle"),
    Fault("a called bridge is not called", before("engine.step.settle_first", 2, lambda dues: dues._replace(called=0.0 * dues.called)), "oracle"),
    Fault("the bank works no loan out", rules_are("engine.step.work_out", 1, workout=0.0), "oracle"),
    Fault("grace is a step short", before("engine.step.work_out", 0, lambda clock: clock._replace(b=clock.b + clock.h)), "oracle"),
    Fault("a firm applies at any time", rules_are("engine.step.apply_for_loan", 2, reapply_days=0.0), "oracle"),
    Fault("approval takes no time", rules_are("engine.step.apply_for_loan", 2, approval_days=0.0), "oracle"),
    Fault("a new loan has no cap", rules_are("engine.step.apply_for_loan", 2, loan_cap_share=1e6), "caps"),
    # finding money, paying
    Fault(
        "the line's limit forgets what is drawn",
        before("engine.step.line_available", 5, lambda state: state._replace(line_drawn=0.0 * state.line_drawn)),
        "caps",
    ),
    Fault("no line is cut", rules_are("engine.step.line_available", 1, line_cut=0.0), "oracle"),
    Fault(
        "the owner's funds are not used up",
        after(
            "engine.simulate.step",
            lambda r, *a: r._replace(state=r.state._replace(owner_funds=a[6].owner_funds)),
        ),
        "caps",
    ),
    Fault(
        "the owner pays before the line is drawn",
        around("engine.step.finance_gap", lambda f, gap, line, bank, owner, informal: f(np.maximum(gap - owner, 0.0), line, bank, owner, informal)),
        "oracle",
    ),
    Fault("arrears of rent are forgotten", after("engine.step.carry_arrears", lambda r, *_: r._replace(rent=0.0 * r.rent)), "closure"),
    Fault(
        "old arrears are never paid",
        after("engine.step.settle_first", lambda r, firm, cash, dues, arrears: r._replace(share_of_arrears=0.0 * r.share_of_arrears)),
        "cash identity",
    ),
    Fault(
        "tax is paid before suppliers",
        around(
            "engine.step.settle_rest",
            lambda f, cash, dues: (
                lambda r: r._replace(suppliers=r.tax, tax=r.suppliers)
            )(f(cash, dues._replace(suppliers=dues.tax, tax=dues.suppliers))),
        ),
        "oracle",
    ),
    Fault("who draws does not wait for spare cash", rules_are("engine.step.draw", 2, drawing_threshold=0.0), "caps"),
    Fault("who draws leaves half of it in the till", after("engine.step.draw", lambda r, *_: r._replace(cash=r.cash + 0.5 * r.drawings)), "cash identity"),
    Fault("the owner draws while others wait", before("engine.step.draw", 7, lambda behind: behind & False), "caps"),
    Fault("drawings have the wrong sign", after("engine.step.draw", lambda r, *_: r._replace(drawings=-r.drawings, cash=r.cash + 2 * r.drawings)), "nonnegative balances"),
    # leaving
    Fault("creditors have all patience", around("engine.step.out_of_patience", lambda f, *a: f(*a) & False), "oracle"),
    Fault("patience has no tolerance", rules_are("engine.step.out_of_patience", 2, patience_tolerance_days=0.0), "oracle"),
    Fault("patience lasts a step longer", before("engine.step.out_of_patience", 0, lambda clock: clock._replace(b=clock.b - clock.h)), "oracle"),
    Fault("hope has the wrong sign", before("engine.step.gives_up", 1, lambda firm: firm._replace(hope=-firm.hope)), "oracle"),
    Fault("an owner without arrears gives up", before("engine.step.gives_up", 1, lambda firm: firm._replace(negligible=-1.0)), "oracle"),
    Fault("the owner comes before creditors", around("engine.step.cause_of_exit", lambda f, s, patience, loan, owner, other: f(s, patience & ~owner, loan & ~owner, owner, other)), "oracle"),
    Fault("people come before the secured bank", around("engine.simulate.wind_up", swapped_estate), "oracle"),
    Fault("a loss at exit is not booked", after("engine.simulate.book_estate", lambda r, *_: r | {"lost_by_suppliers": 0.0 * r["lost_by_suppliers"]}), "closure"),
    Fault("what is left of an estate vanishes", after("engine.simulate.book_estate", lambda r, *_: r | {"estate_owner": 0.0 * r["estate_owner"]}), "cash identity"),
    Fault(
        "who has gone goes on trading",
        after("engine.simulate.leave", lambda r, state, goes: r._replace(alive=state.alive)),
        "no flow after exit",
    ),
    Fault(
        "who has gone keeps the stock",
        after("engine.simulate.leave", lambda r, state, goes: r._replace(stock_cost=state.stock_cost)),
        "no flow after exit",
    ),
    # opening, sums
    Fault("wages of the first month are not owed", after("world.constants.open_books", lambda r, *_: r._replace(people_accrued=0.0 * r.people_accrued)), "equity"),
    Fault("weights are left out of the sums", around("engine.simulate.chunk_sums", lambda f, values, weight, shape: f(values, 1.0, shape)), "weights"),
    Fault("what is expected to be lost counts overdue loans twice", after("engine.simulate.expected_loss", lambda r, *_: 2 * r), "weights"),
    Fault("shares forget the weights", before("runs.weigh", 1, lambda firms: firms), "weights"),
    # levers
    Fault("a lever is in force a step too long", before("engine.terms.in_force", 0, lambda row: row._replace(to_day=row.to_day + 7.0)), "oracle"),
    Fault("a lever is in force for ever", before("engine.terms.in_force", 0, lambda row: row._replace(from_day=-np.inf, to_day=np.inf)), "zero intensity"),
    Fault("the last lever of the file wins", combining("kappa_lift", lambda left, right: np.where(right > 0.0, right, left)), "oracle"),
    Fault("policies look at each other's dues", around("engine.simulate.step", dues_of_whoever_was_last()), "policy independence"),
)
