"""Emergency re-lending: a public bridge fund."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from simsme.levers.lever import FundTerms, Lever, Queue
from simsme.quantities import Uncertain
from simsme.reference import reference


class EmergencyRelending(Lever):
    """A public fund repays a maturing loan for the firm until the bank lends again.

    It advances a share of the principal, against the bank's commitment to lend again and for a small fee a day; the bank's new money
    repays it. The firm finds the rest. The fund revolves and is finite: firms queue for it, and who is passed over asks again while
    its loan is overdue. It stylises the emergency re-lending (ying ji zhuan dai) of Chinese provinces and cities. By the rules of
    Lianyungang (2023) and of Donghai county there (2023, 2025) a fund advances up to 95 % of what the bank has committed to, 10 m yuan a
    firm at most, for ten days at most, at 0.02 % a day for the first five; money was out for 3.4 days on average in Shandong (2020),
    where 622.7 bn yuan for 31,345 firms went through such funds by March 2023 (press). The sums are large: Huaibei lent 1.3 bn yuan to 177
    firms in eight months of 2019 (its finance bureau), so that few micro firms are among them. Nobody has measured what it saves.
    """

    kind: Literal["emergency_relending"] = "emergency_relending"
    take_up: Annotated[Uncertain, reference("emergency_relending.take_up")]
    advance_share: Annotated[Uncertain, reference("emergency_relending.advance_share")]
    advance_cap: Annotated[Uncertain, reference("emergency_relending.advance_cap")]
    advance_fee_per_day: Annotated[Uncertain, reference("emergency_relending.advance_fee_per_day")]
    advance_days: Annotated[Uncertain, reference("emergency_relending.advance_days")]
    capital: Annotated[Uncertain, reference("emergency_relending.capital")]
    capital_share: Annotated[Uncertain, reference("emergency_relending.capital_share")]
    cases_per_week: Annotated[Uncertain, reference("emergency_relending.cases_per_week")]
    queue: Queue = Field(default="random", description="Order in which the fund serves requests")

    def terms(self) -> Mapping[str, Uncertain]:
        """What the fund would advance on a loan, for how long and at what fee."""
        return {
            "advance_share": self.advance_share,
            "advance_cap": self.advance_cap,
            "advance_fee_per_day": self.advance_fee_per_day,
            "advance_days": self.advance_days,
        }

    def fund(self) -> FundTerms:
        """A fund that revolves."""
        return FundTerms("bridge", self.capital, self.capital_share, self.cases_per_week, self.queue)
