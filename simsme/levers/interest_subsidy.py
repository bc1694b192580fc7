"""Part of the interest paid by the state."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class InterestSubsidy(Lever):
    """The state pays the bank a share of the interest that falls due.

    What is due on a payment day is split between firm and state; interest that went unpaid before, and a loan's principal, are the firm's
    alone. Interest is a small part of outflows (4 or 5 % a year on a loan of a fifth of sales is about 1 % of sales), so it saves few, and
    firms with loans only. It stylises the subsidy of half the interest for firms on the special list of February 2020, for a year at the
    most, and that of Shenzhen for small firms in strategic industries.
    """

    kind: Literal["interest_subsidy"] = "interest_subsidy"
    take_up: Annotated[Uncertain, reference("interest_subsidy.take_up")]
    subsidy_share: Annotated[Uncertain, reference("interest_subsidy.subsidy_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """How much of the interest the state pays."""
        return {"interest_subsidy": self.subsidy_share}
