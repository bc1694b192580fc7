"""The credit market of a scenario."""

from simsme.quantities import Table, Uncertain
from simsme.reference import reference


class Credit(Table):
    """How banks and private lenders renew, refuse, bridge, wait and lend anew, in normal times."""

    renewal: Uncertain = reference("credit.renewal")
    renewal_risk_elasticity: Uncertain = reference("credit.renewal_risk_elasticity")
    renewal_in_arrears: Uncertain = reference("credit.renewal_in_arrears")
    kappa: Uncertain = reference("credit.kappa")
    norepay: Uncertain = reference("credit.norepay")
    gap_days: Uncertain = reference("credit.gap_days")
    term_days: Uncertain = reference("credit.term_days")
    bridge_fee_per_day: Uncertain = reference("credit.bridge_fee_per_day")
    bridge_access: Uncertain = reference("credit.bridge_access")
    bridge_call_days: Uncertain = reference("credit.bridge_call_days")
    grace_days: Uncertain = reference("credit.grace_days")
    workout: Uncertain = reference("credit.workout")
    cover_days: Uncertain = reference("credit.cover_days")
    reapply_days: Uncertain = reference("credit.reapply_days")
    apply: Uncertain = reference("credit.apply")
    approval_days: Uncertain = reference("credit.approval_days")
    loan_cap_share: Uncertain = reference("credit.loan_cap_share")
    bank_margin: Uncertain = reference("credit.bank_margin")
    lgd: Uncertain = reference("credit.lgd")
    distress_risk_factor: Uncertain = reference("credit.distress_risk_factor")
    opacity: Uncertain = reference("credit.opacity")
    risk_aversion: Uncertain = reference("credit.risk_aversion")
    risk_median: Uncertain = reference("credit.risk_median")
    risk_sigma: Uncertain = reference("credit.risk_sigma")
    informal_rate: Uncertain = reference("credit.informal_rate")
