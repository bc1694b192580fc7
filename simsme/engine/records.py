"""What the stages read and write: plain records of one number per firm and draw.

Every field broadcasts to (draw, firm). A stage never changes a record; a step returns a new state.
"""

from typing import NamedTuple

from simsme.arithmetic import Flags, Lanes


class Clock(NamedTuple):
    """A step covers the days (a, b]; h = b - a."""

    a: float
    b: float
    h: float


class Firm(NamedTuple):
    """Constants of a firm in a draw, after the draw's adjustments. Money a year, shares, days; names as in docs/model.md.

    ``negligible`` is a sum that counts in no decision: a gap that is financed to the last cent leaves arrears of round-off.
    ``perceived_risk`` and ``prudent_risk`` are what the bank makes of the default risk: its mean, and the one by which it decides.
    """

    sales: Lanes
    materials_share: Lanes
    people_cost: Lanes
    rent: Lanes
    overheads: Lanes
    tax_share: Lanes
    vat_share: Lanes
    inventory_days: Lanes
    receivable_days: Lanes
    payable_days: Lanes
    credit_sales_share: Lanes
    fixed_assets: Lanes
    loan_rate: Lanes
    credit_line: Lanes
    payday: Lanes
    tax_day: Lanes
    interest_day: Lanes
    rent_day: Lanes
    rent_period: Lanes
    social_part: Lanes
    background_rate: Lanes
    negligible: Lanes
    normal_outflow: Lanes
    fixed_outflow: Lanes
    target_buffer: Lanes
    patience: Lanes
    hope: Lanes
    renewal_by_risk: Lanes
    perceived_risk: Lanes
    prudent_risk: Lanes


class Luck(NamedTuple):
    """One uniform for each decision of the firm in the draw and, for some, the year; hazards as thresholds -log(u)."""

    renewal: Lanes
    norepay: Lanes
    bridge: Lanes
    workout: Lanes
    line: Lanes
    apply: Lanes
    approval: Lanes
    recall_at: Lanes
    bridge_call_at: Lanes
    other_at: Lanes


class Rules(NamedTuple):
    """Numbers of the scenario that hold for all firms of a draw."""

    blocked_share: Lanes
    contract_delay_days: Lanes
    receivable_stretch: Lanes
    bad_debt_share: Lanes
    tightening: Lanes
    line_cut: Lanes
    recall_rate: Lanes
    shock_unsold_share_per_year: Lanes
    materials_elasticity: Lanes
    inventory_adjust_days: Lanes
    demand_smoothing_days: Lanes
    payroll_elasticity: Lanes
    payroll_lag_days: Lanes
    dormant_payroll_share: Lanes
    drawing_days: Lanes
    drawing_threshold: Lanes
    unsold_share_per_year: Lanes
    renewal_in_arrears: Lanes
    kappa: Lanes
    norepay: Lanes
    gap_days: Lanes
    term_days: Lanes
    bridge_fee_per_day: Lanes
    bridge_access: Lanes
    bridge_call_days: Lanes
    grace_days: Lanes
    workout: Lanes
    cover_days: Lanes
    reapply_days: Lanes
    apply: Lanes
    approval_days: Lanes
    loan_cap_share: Lanes
    informal_rate: Lanes
    patience_tolerance_days: Lanes
    outlook_days: Lanes
    collectable_share: Lanes
    stock_share: Lanes
    liquidation_share: Lanes
    bank_margin: Lanes
    lgd: Lanes


class Weather(NamedTuple):
    """What the world does to a firm in a step; the same under every policy.

    Attributes
    ----------
    intensity
        Mean shape of the shock over the step, 0 (none) to 1 (full).
    wanted
        What customers would buy, as a share of normal, without the white noise.
    demand
        What of it the firm can serve, labour being short.
    latent
        The same with the white noise.
    open_share
        Part of the step in which the firm is neither closed by order nor shut down.
    closed
        Closed by order at the end of the step.
    materials_price, wage_level, rent_level, sales_price
        Prices against normal.
    outlook_demand
        What the owner expects of demand over the outlook, as a share of normal.
    outlook_open
        Part of the outlook for which the owner expects to be open.
    noise
        White noise of the step, a factor of mean 1.
    served, outlook_served
        Part of demand that the firm can serve, labour being short, in the step and over the outlook.
    outlook_wanted
        What the owner expects customers to want over the outlook, as a share of normal.
    running
        Part of the step that is not lost to unscheduled shutdowns.
    closes_on, reopens_on
        Days between which the firm is closed by order; the same day where it is not.
    """

    intensity: Lanes
    wanted: Lanes
    demand: Lanes
    latent: Lanes
    open_share: Lanes
    closed: Flags
    materials_price: Lanes
    wage_level: Lanes
    rent_level: Lanes
    sales_price: Lanes
    outlook_demand: Lanes
    outlook_open: Lanes
    noise: Lanes
    served: Lanes
    outlook_served: Lanes
    outlook_wanted: Lanes
    running: Lanes
    closes_on: Lanes
    reopens_on: Lanes


class Loan(NamedTuple):
    """One of a firm's two bank loans.

    Attributes
    ----------
    principal
        Owed now.
    due_day
        Day on which it falls due; infinite where nothing is owed or the loan is overdue.
    coming
        Sum that the bank has committed and not yet paid out.
    coming_day
        Day on which it is paid out; infinite where nothing is committed.
    overdue_day
        Day since which it is overdue; infinite where it is not.
    advance
        Lent by a public fund until ``coming`` is paid out, which repays it; never more than that.
    """

    principal: Lanes
    due_day: Lanes
    coming: Lanes
    coming_day: Lanes
    overdue_day: Lanes
    advance: Lanes


class Arrears(NamedTuple):
    """What fell due and was not paid, by class of creditor."""

    people: Lanes
    interest: Lanes
    rent: Lanes
    suppliers: Lanes
    tax: Lanes


class State(NamedTuple):
    """Everything about a firm that changes; money unless said otherwise.

    ``alive`` is 1 or 0; ``smoothed`` and ``staffing`` are shares of normal; ``stock`` is in units at normal prices; ``dues`` is all
    that ever fell due, bank principal and bridge excepted; ``recall_hazard``, ``bridge_clock`` and ``other_hazard`` are cumulated
    hazards; ``last_application`` is a day; ``refused`` is 1 where a bridge stays because the bank did not lend again.

    ``fund_accrued`` is what is owed to public funds in fees, ``guarantee_accrued`` the part of it that a guarantee fund gets. ``asked``
    is a loan that waits since ``asked_day`` (infinite where nothing waits) for a guarantee; ``guaranteed`` is the share of the new loan's
    loss that a fund bears, ``guarantee_fee_rate`` what that costs a year, as a share of the loan.

    ``order_receivables`` is owed by large firms, which pay after ``order_terms`` days. ``factored`` was lent on receivables, of whose
    loss the firm makes good the share ``recourse_of``. ``deferred_tax`` and ``deferred_interest`` are owed from their days on (infinite
    where nothing is deferred). Of the new loan, the state bears the share ``compensated`` of the loss, and the central bank pays
    ``facility_rate_of`` a year. ``put_off_open`` is what of taxes and social insurance was put off and ``advance_open`` what of public
    advances was received and not paid yet, be it due or not; both are part of what the firm owes the state already. The last six are what
    was received of each entitlement so far, and what was invested on a lever's account.
    """

    alive: Lanes
    cash: Lanes
    receivables: Lanes
    undelivered: Lanes
    stock: Lanes
    stock_cost: Lanes
    work_in_progress: Lanes
    payables: Lanes
    people_accrued: Lanes
    rent_accrued: Lanes
    tax_accrued: Lanes
    interest_accrued: Lanes
    private_accrued: Lanes
    fund_accrued: Lanes
    guarantee_accrued: Lanes
    arrears: Arrears
    dues: Lanes
    term_loan: Loan
    new_loan: Loan
    line_drawn: Lanes
    bridge: Lanes
    refused: Lanes
    informal_debt: Lanes
    owner_funds: Lanes
    informal_credit: Lanes
    smoothed: Lanes
    staffing: Lanes
    equity: Lanes
    recall_hazard: Lanes
    bridge_clock: Lanes
    other_hazard: Lanes
    last_application: Lanes
    asked: Lanes
    asked_day: Lanes
    guaranteed: Lanes
    guarantee_fee_rate: Lanes
    order_receivables: Lanes
    order_terms: Lanes
    factored: Lanes
    recourse_of: Lanes
    deferred_tax: Lanes
    deferred_tax_day: Lanes
    deferred_interest: Lanes
    deferred_interest_day: Lanes
    compensated: Lanes
    facility_rate_of: Lanes
    put_off_open: Lanes
    advance_open: Lanes
    refunded: Lanes
    granted: Lanes
    innovated: Lanes
    growth_received: Lanes
    advanced_publicly: Lanes
    invested: Lanes


class Answers(NamedTuple):
    """How public funds answered the requests of a step, 1 or 0: an advance on the term loan, on the new loan, a guarantee, a cheap loan."""

    advance_term: Lanes
    advance_new: Lanes
    guarantee: Lanes
    facility: Lanes


class Events(NamedTuple):
    """What happened to a firm in a step that is not money: for the endpoints and for its story.

    ``cause`` is 0 while the firm carries on, else 1 patience, 2 loan, 3 owner, 4 other. Pairs are for the term loan and the new loan.
    ``short`` is where more is to be paid than there is cash before any credit.
    ``answers`` are those of public funds, ``advanced`` what of their money was used, ``asks_guarantee`` an application that waits for one.
    """

    cash_out: Flags
    short: Flags
    trades: Flags
    dormant: Flags
    cause: Lanes
    deferred: tuple[Flags, Flags]
    rolled: tuple[Flags, Flags]
    rolled_by_lever: tuple[Flags, Flags]
    repaid: tuple[Flags, Flags]
    bridged: tuple[Lanes, Lanes]
    relent: tuple[Flags, Flags]
    became_overdue: tuple[Flags, Flags]
    arrived: tuple[Lanes, Lanes]
    rescheduled: tuple[Flags, Flags]
    recalled: Flags
    call_met: Flags
    call_failed: Flags
    applied: Flags
    approved: Flags
    asks_guarantee: Flags
    advanced: tuple[Lanes, Lanes]
    answers: Answers


CAUSES = ("patience", "loan", "owner", "other")
"""Causes of exit, in their order of priority; ``Events.cause`` is the position plus one."""
