"""What lets the firms of a draw act on each other: public funds, levers under review, contagion through trade credit."""

from collections.abc import Sequence

from simsme.arithmetic import Lanes
from simsme.engine.review import Condition, Review
from simsme.engine.terms import LeverRow
from simsme.levers.review import Conditions
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.fund_sizes import levers_with_funds
from simsme.world.reach import in_order


def firms_meet(scenario: Scenario, policies: Sequence[Policy]) -> bool:
    """Whether firms act on each other under any policy, so that all firms of a draw have to be run together."""
    return any(levers_with_funds(policy) for policy in policies) or bool(beyond_compiled(scenario, policies))


def beyond_compiled(scenario: Scenario, policies: Sequence[Policy]) -> tuple[str, ...]:
    """What of a run only NumPy can execute, one text each: couplings for which the compiled engine has no order of its own."""
    found = ["contagion.contagion_share"] if has_contagion(scenario) else []
    for policy in policies:
        found += [f'the review of "{lever.label}" in policy "{policy.name}"' for lever in in_order(policy) if lever.review_days is not None]
        found += [
            f'the facility of "{lever.label}" in policy "{policy.name}"'
            for lever, fund in levers_with_funds(policy)
            if fund.kind == "facility"
        ]
    return tuple(found)


def has_contagion(scenario: Scenario) -> bool:
    """Whether anything passes from firm to firm; with a share of 0 nothing does, to the last bit."""
    return scenario.contagion is not None and scenario.contagion.contagion_share != 0.0


def contagion_share(scenario: Scenario, numbers: DrawnNumbers) -> Lanes | None:
    """Part of what suppliers are not paid that comes back as bad debt; None where nothing does."""
    return numbers.number("contagion.contagion_share") if has_contagion(scenario) else None


def reviews_of_policy(policy: Policy, rows: Sequence[tuple[LeverRow, ...]]) -> tuple[Review, ...]:
    """The reviews of a policy's levers.

    Parameters
    ----------
    policy
        The policy.
    rows
        Its levers as the engine meets them, see :func:`simsme.world.reach.rows_by_lever`.
    """
    fund_numbers = {lever.label: number for number, (lever, _) in enumerate(levers_with_funds(policy))}
    reviews: list[Review] = []
    first = 0
    for lever, own in zip(in_order(policy), rows, strict=True):
        if lever.review_days is not None:
            start, stop = _conditions(lever.start_when), _conditions(lever.stop_when)
            fund = fund_numbers.get(lever.label, -1)
            reviews.append(Review(slice(first, first + len(own)), lever.review_days, start, stop, fund))
        first += len(own)
    return tuple(reviews)


def _conditions(given: Conditions | None) -> tuple[Condition, ...]:
    return () if given is None else tuple(Condition(*condition) for condition in given.given())
