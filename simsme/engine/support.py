"""What the state pays a firm in a step (stage 8): subsidies for what it spends, and lump sums to which it is entitled once."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, most
from simsme.engine.records import Firm, State
from simsme.engine.terms import NOTHING, Terms, added, untouched


class Support(NamedTuple):
    """Money that arrives before the gap is looked at, and what was received of each entitlement so far."""

    wage_subsidies: Lanes
    tax_refunds: Lanes
    grants: Lanes
    innovation_grants: Lanes
    digital_subsidies: Lanes
    public_equity: Lanes
    public_advances: Lanes
    refunded: Lanes
    granted: Lanes
    innovated: Lanes
    growth_received: Lanes
    advanced_publicly: Lanes


def receive_support(firm: Firm, terms: Terms, state: State, people_expense: Lanes, outlay: Lanes) -> Support:
    """Pay subsidies, and of each entitlement what was not received yet.

    Parameters
    ----------
    people_expense, outlay
        What the firm spends on people and invests in the step.
    """
    refund, refunded = _entitled(firm, state, terms.refund_share, state.refunded)
    grant, granted = _entitled(firm, state, terms.grant_share, state.granted, terms.grant_amount)
    innovation_grant, innovated = _entitled(firm, state, terms.innovation_share, state.innovated)
    equity, growth_received = _entitled(firm, state, terms.growth_share, state.growth_received)
    advance, advanced_publicly = _entitled(firm, state, terms.public_advance_share, state.advanced_publicly)
    return Support(
        wage_subsidies=_paid_by_state(people_expense, terms.wage_subsidy),
        tax_refunds=refund,
        grants=grant,
        innovation_grants=innovation_grant,
        digital_subsidies=_paid_by_state(outlay, terms.outlay_subsidy),
        public_equity=equity,
        public_advances=advance,
        refunded=refunded,
        granted=granted,
        innovated=innovated,
        growth_received=growth_received,
        advanced_publicly=advanced_publicly,
    )


def income_of(support: Support) -> Lanes:
    """What of the support a firm keeps: all of it but repayable advances."""
    kept = (support.wage_subsidies, support.tax_refunds, support.grants, support.innovation_grants)
    return added(*kept, support.digital_subsidies, support.public_equity)


def _paid_by_state(amount: Lanes, share: Lanes) -> Lanes:
    return NOTHING if untouched(share) or untouched(amount) else share * amount


def _entitled(firm: Firm, state: State, share: Lanes, received: Lanes, amount: Lanes = NOTHING) -> tuple[Lanes, Lanes]:
    """What is left of an entitlement of living firms, and what was received of it once that is paid."""
    if untouched(share, amount):
        return NOTHING, received
    paid = state.alive * most(share * firm.sales + amount - received, 0.0)
    return paid, received + paid
