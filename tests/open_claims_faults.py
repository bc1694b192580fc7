"""Defects of what others have open with firms: each switched in by a patch, and the check of tests/open_claims_checks.py that sees it."""

from typing import Any

import numpy as np

from tests.lever_faults import state_without
from tests.patches import Fault, after, around, before


def paid_first(original: Any, terms: Any, state: Any, put_off: Any, advances: Any, owed: Any) -> Any:
    """Let advances count as paid before what was put off."""
    result = original(terms, state, put_off, advances, owed)
    if result.put_off_open is state.put_off_open:
        return result
    so_far = state.put_off_open + put_off
    put_off_open = np.minimum(so_far, owed)
    advance_open = np.minimum(state.advance_open + advances, owed - put_off_open)
    return result._replace(
        put_off_open=put_off_open,
        advance_open=advance_open,
        put_off_paid=so_far - put_off_open,
        advance_repaid=state.advance_open + advances - advance_open,
    )


OPEN_CLAIMS_FAULTS = (
    Fault("advances count as paid first", around("engine.step.settle_with_state", paid_first), "known open claims"),
    Fault(
        "what is in arrears is not open",
        around("engine.step.settle_with_state", lambda f, terms, state, p, a, owed: f(terms, state, p, a, 0.999 * owed)),
        "what the state has open",
    ),
    Fault(
        "what was paid is not booked",
        after("engine.step.settle_with_state", lambda r, _: r._replace(put_off_paid=0.5 * r.put_off_paid)),
        "what the state has open",
    ),
    Fault(
        "an estate pays all of an advance",
        after("engine.simulate.wind_up", lambda r, at: r._replace(advance=at.state.advance_open)),
        "known open claims",
    ),
    Fault(
        "an estate pays nothing that was put off",
        after("engine.simulate.wind_up", lambda r, _: r._replace(put_off=0.0 * r.put_off)),
        "levers oracle",
    ),
    Fault("public equity is safe", state_without("engine.simulate.expected_loss", "growth_received"), "known exposures"),
    Fault(
        "equity in an insolvent firm is worth something",
        before("engine.simulate.expected_loss", "state", lambda state: state._replace(equity=np.abs(state.equity))),
        "known exposures",
    ),
    Fault(
        "financiers have recourse always",
        before("engine.simulate.expected_loss", "state", lambda state: state._replace(recourse_of=np.ones_like(state.recourse_of))),
        "known exposures",
    ),
    Fault("orders cover nothing that is lent on", state_without("engine.simulate.expected_loss", "order_receivables"), "known exposures"),
)
"""Every defect; their names are unique."""
