"""Costs and effectiveness of policies as tidy tables: ``costs.csv`` and ``effectiveness.csv`` of a results folder."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simsme.costs import CostPer, Costs, booked, expected_loss, open_claims
from simsme.effectiveness import EFFECTS, Comparison
from simsme.engine.accounts import ENTRIES, ITEMS, SECTORS
from simsme.flow_of_funds import CLAIMS
from simsme.lever_entries import LEVER_ENTRIES, OPEN_ENTRIES, PARTS, PAYERS, levers_behind
from simsme.outcomes import HasOutcomes, Outcomes, outcomes_of
from simsme.survival import differences, over_draws

if TYPE_CHECKING:
    import pandas as pd

COST_COLUMNS = ("policy", "day", "part", "item", "sector", "levers", "mean", "low", "high", "mc_error", "per_firm")
"""Columns of `costs_table`."""

EFFECTIVENESS_COLUMNS = (
    "effect",
    "day",
    "policy",
    "saved",
    "saved_mc_error",
    "net_cost",
    "net_cost_mc_error",
    "cost_per",
    "cost_per_low",
    "cost_per_high",
    "cost_per_reason",
    "status",
    "against",
    "icer",
    "icer_low",
    "icer_high",
    "icer_reason",
    "frontier_share",
)
"""Columns of `effectiveness_table`."""

Amounts = NDArray[np.float64]


def costs_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """What each policy costs whom, by reported day, read off the flow of funds.

    Returns
    -------
    DataFrame
        `COST_COLUMNS`. Money since day 0, weighted: totals of the population; ``per_firm`` is the mean over all firms. ``part`` is

        - one of `simsme.lever_entries.PARTS`, an ``item`` of the accounts a row, with the ``sector`` whose money it is and the ``levers``
          of the policy that bring it about (several, joined by " + ", where the accounts cannot tell their money apart);
          ``displaced_sales`` are these sales times the share that is other firms' sales;
        - ``still_open``: what of the ``item`` the state has open with firms: taxes and social insurance put off (``put_off``), public
          ``advances``, due or not, and public ``equity``. Put off less paid less open was lost at exits, and so with advances;
        - ``open_claims``, ``expected_loss``, ``losses``: what a sector is still owed (public equity apart), must expect to lose on that,
          on guarantees and on equity, and has lost at exits, all beyond the reference;
        - ``return``: taxes (government) and rents (landlords) that arise beyond the reference;
        - ``net_cost``: wealth that a payer lacks against the reference, without its return; ``all`` is the sum over payers;
        - ``wealth_change``: wealth beyond the reference of every sector, firms and households included. It adds up to the expected losses,
          which are nobody's gain, with the sign turned.

        Rows of items that are 0 under all policies are left out.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    rows: list[tuple[object, ...]] = []
    for part, item, sector, amounts in _amounts(outcomes):
        estimate = over_draws(amounts, axis=1)
        for p, policy in enumerate(outcomes.policies):
            known = item in LEVER_ENTRIES or part == "still_open"
            levers = " + ".join(levers_behind(item, policy, outcomes.levers)) if known else ""
            for r, day in enumerate(outcomes.report_days):
                here = estimate[p, r]
                numbers = (float(here.mean), float(here.low), float(here.high), float(here.mc_error))
                rows.append((policy, float(day), part, item, sector, levers, *numbers, numbers[0] / outcomes.weight))
    return pd.DataFrame(rows, columns=list(COST_COLUMNS))


def effectiveness_table(source: Outcomes | HasOutcomes) -> "pd.DataFrame":
    """Policies compared by net cost and by firms and jobs saved, on every reported day.

    Returns
    -------
    DataFrame
        `EFFECTIVENESS_COLUMNS`, one row an effect (``firms_saved``, ``jobs_saved``), day and policy, those on the frontier first, from
        the cheapest on. ``cost_per``: net cost per unit saved against the reference. ``status``: one of
        `simsme.effectiveness.STATUSES`, decided by the policies ``against``. ``icer``: cost of a unit more than the policy before on the
        frontier saves. ``_low`` and ``_high`` bound 95 % by Fieller's theorem; where there is no number, the reason says why.
        ``frontier_share``: share of resampled sets of draws in which the policy is on the frontier.
    """
    import pandas as pd

    outcomes = outcomes_of(source)
    costs, rows = Costs(outcomes), []
    for effect in EFFECTS:
        for r, day in enumerate(outcomes.report_days):
            compared = Comparison(costs, effect, r)
            others = [p for p in range(len(outcomes.policies)) if p not in compared.frontier]
            for p in (*compared.frontier, *others):
                place = compared.places[p]
                rows.append(
                    (
                        effect,
                        float(day),
                        outcomes.policies[p],
                        float(compared.saved.mean[p]),
                        float(compared.saved.mc_error[p]),
                        float(compared.cost.mean[p]),
                        float(compared.cost.mc_error[p]),
                        *_ratio(compared.against_reference(p)),
                        place.status,
                        " + ".join(outcomes.policies[other] for other in place.against),
                        *_ratio(compared.increment(p)),
                        float(compared.frontier_shares[p]),
                    )
                )
    table = pd.DataFrame(rows, columns=list(EFFECTIVENESS_COLUMNS))
    texts = ("effect", "policy", "cost_per_reason", "status", "against", "icer_reason")
    return table.astype({column: "float64" for column in table.columns if column not in texts})


def _amounts(outcomes: Outcomes) -> Iterator[tuple[str, str, str, Amounts]]:
    """Part, item, sector and amounts (P, D, R) of every block of rows of `costs_table`."""
    costs, reference = Costs(outcomes), outcomes.reference_index
    for part in PARTS:
        for item, entry in LEVER_ENTRIES.items():
            amounts = outcomes.flows[..., ITEMS.index(item)]
            if part == "displaced_sales" and item in outcomes.displaced:
                amounts = amounts * outcomes.displaced[item]
            if entry.part == part and amounts.any():
                yield part, item, entry.payer, amounts
    for item, entry in OPEN_ENTRIES.items():
        if item in outcomes.still_open and outcomes.still_open[item].any():
            yield entry.part, item, entry.payer, outcomes.still_open[item]
    for payer in PAYERS:
        if payer in CLAIMS:
            yield "open_claims", CLAIMS[payer], payer, open_claims(outcomes, payer)
    for payer in PAYERS:
        if expected_loss(outcomes, payer).any():
            yield "expected_loss", "", payer, differences(expected_loss(outcomes, payer), reference) + 0.0
    for payer in PAYERS:
        lost = f"lost_by_{payer}"
        if lost in ENTRIES:
            yield "losses", lost, payer, differences(booked(outcomes, (lost,)), reference) + 0.0
    for payer, revenue in costs.returns.items():
        yield "return", "", payer, revenue
    for payer, cost in costs.by_payer.items():
        yield "net_cost", "", payer, cost
    yield "net_cost", "", "all", costs.net
    for sector in SECTORS:
        yield "wealth_change", "", sector, costs.wealth_change(sector) + 0.0


def _ratio(cost: CostPer) -> tuple[float | None, float | None, float | None, str | None]:
    return cost.value, cost.low, cost.high, cost.reason
