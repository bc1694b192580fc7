"""A central bank's facility for cheap new loans."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from simsme.levers.lever import FundTerms, Lever, Queue
from simsme.quantities import Uncertain
from simsme.reference import reference


class RelendingFacility(Lever):
    """The central bank funds new loans of banks to small firms, which pass the lower rate on.

    A firm whose new loan was approved asks for a place in the facility; a loan that has one costs `rate_cut` a year less until it ends,
    which the central bank pays the bank as interest accrues. The facility lends no more than its capital at a time and
    takes no risk: losses stay with the bank. So it makes loans cheaper and not more frequent, and acts slowly. It stylises the re-lending
    of the People's Bank of China: 500 bn yuan at 2.5 % in February 2020 for loans at no more than 0.5 points above the prime rate, and
    1 trn after it; 300 bn at 2.25 % in September 2021.
    """

    kind: Literal["relending_facility"] = "relending_facility"
    take_up: Annotated[Uncertain, reference("relending_facility.take_up")]
    rate_cut: Annotated[Uncertain, reference("relending_facility.rate_cut")]
    capital: Annotated[Uncertain, reference("relending_facility.capital")]
    capital_share: Annotated[Uncertain, reference("relending_facility.capital_share")]
    cases_per_week: Annotated[Uncertain, reference("relending_facility.cases_per_week")]
    queue: Queue = Field(default="random", description="Order in which the facility serves requests")

    def terms(self) -> Mapping[str, Uncertain]:
        """By how much a loan that has a place is cheaper."""
        return {"facility_rate": self.rate_cut}

    def fund(self) -> FundTerms:
        """A facility that revolves."""
        return FundTerms("facility", self.capital, self.capital_share, self.cases_per_week, self.queue)
