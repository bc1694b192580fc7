"""From the weighted shares of batches of draws to the outcomes of a run."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simsme.draw_firms import DrawnFirms
from simsme.engine.accounts import ITEMS
from simsme.firms import Firms
from simsme.gathering import Shares, Whole
from simsme.outcomes import FundName, LeverName, Outcomes, ReviewName
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.fund_sizes import fund_leverage, levers_with_funds
from simsme.world.lever_names import displaced_shares, terms_offered
from simsme.world.reach import in_order
from simsme.world.timetable import report_days_of, steps_of_scenario


def join_draws(
    scenario: Scenario, policies: Sequence[Policy], firms: Firms | DrawnFirms, whole: Whole, parts: Sequence[Shares]
) -> Outcomes:
    """Put the draws together.

    Parameters
    ----------
    scenario, policies, firms
        What was run.
    whole
        What is known of all firms together.
    parts
        Shares of batches of draws, in the order of the draws.
    """
    first = parts[0]

    def by_draw(name: str) -> dict[str, NDArray[np.float64]]:
        return {key: _joined([getattr(part, name)[key] for part in parts], axis=1) for key in getattr(first, name)}

    funds = [(policy.name, *lever_and_fund) for policy in policies for lever_and_fund in levers_with_funds(policy)]
    flows = _joined([part.flows for part in parts], axis=1)
    recovered, lost = flows[:, :, -1, ITEMS.index("estate_banks")], flows[:, :, -1, ITEMS.index("lost_by_banks")]
    claimed = recovered + lost
    numbers = DrawnNumbers(scenario, scenario.seed, np.arange(flows.shape[1], dtype=np.uint64))
    loss_given_default = np.where(claimed > 0.0, lost / np.where(claimed > 0.0, claimed, 1.0), np.nan)
    return Outcomes(
        policies=tuple(policy.name for policy in policies),
        titles=tuple(policy.label for policy in policies),
        reference=scenario.reference,
        days=np.array([0.0, *(clock.b for clock in steps_of_scenario(scenario))]),
        report_days=np.array(report_days_of(scenario)),
        headline_day=float(scenario.time.headline_day),
        survival=by_draw("survival"),
        runway=_joined([part.runway for part in parts], axis=0),
        report=by_draw("report"),
        group_names=whole.kinds.names,
        group_weight=whole.group_weight,
        group_survival=by_draw("group_survival"),
        flows=flows,
        balances=_joined([part.balances for part in parts], axis=1),
        opening=_joined([part.opening for part in parts], axis=0),
        exposure_loss=_joined([part.exposure_loss for part in parts], axis=1),
        exposure_loss_funds=_joined([part.exposure_loss_funds for part in parts], axis=1),
        exposure_loss_state=_joined([part.exposure_loss_state for part in parts], axis=1),
        exposure_loss_financiers=_joined([part.exposure_loss_financiers for part in parts], axis=1),
        funds=tuple(FundName(policy, lever.label, fund.kind) for policy, lever, fund in funds),
        fund_series=by_draw("fund_series"),
        fund_firms=by_draw("fund_firms"),
        fund_leverage=fund_leverage(policies, numbers),
        fund_layers=tuple(fund.layers for _, _, fund in funds),
        weight=whole.weight,
        jobs=whole.jobs,
        firms_as_needed=firms,
        loss_given_default=loss_given_default,
        levers=tuple(
            LeverName(policy.name, lever.label, lever.kind, terms_offered(lever)) for policy in policies for lever in in_order(policy)
        ),
        displaced=displaced_shares(policies, numbers, whole.admitted, steps_of_scenario(scenario), report_days_of(scenario)),
        group_classes=by_draw("group_classes"),
        group_support=by_draw("group_support"),
        still_open=by_draw("still_open"),
        reviews=tuple(
            ReviewName(policy.name, lever.label) for policy in policies for lever in in_order(policy) if lever.review_days is not None
        ),
        review_series=by_draw("review_series"),
    )


def _joined(parts: Sequence[NDArray[np.float64]], axis: int) -> NDArray[np.float64]:
    """Parts of the draws as one array, always laid out alike: numpy adds up in another order where an array lies otherwise in memory."""
    return np.ascontiguousarray(np.concatenate(parts, axis=axis))
