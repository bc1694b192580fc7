"""Policy guarantee funds in layers."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from simsme.levers.lever import FundTerms, Lever, Queue
from simsme.quantities import Uncertain
from simsme.reference import reference


class GuaranteeFund(Lever):
    """A public fund bears part of the bank's loss on new loans of firms that were refused without it.

    The firm asks for a guarantee when the bank finds its risk too high but would lend with the cover, and waits for the fund's answer.
    It pays a yearly fee on what the fund bears. The layers share fees and claims; the bank keeps the rest of the loss. The fund
    guarantees no more than a multiple of its capital, nobody above a risk of its own, and nothing more once claims pass their limit. It
    stylises China's financing guarantee system: local and provincial funds under a national one, which has worked since September 2018,
    bears 20 % and leaves at least as much to the bank (Ministry of Finance, 2019, in the press); in Anhui's system the local guarantor
    bears 40 %, the province 30, the bank 20, the government 10, and access to loans rose by 5 points in its first year (press, 2016).
    Taizhou's fund had paid 0.68 % of what it guaranteed in 2018 (its finance office). Guarantees had no effect that could be told from
    none on the share of firms with less than a month of cash: 1.5 points, with a standard error of 2.4 (Chen, Cheng, Gong and Li, China
    Economic Review 2022, table A4). At documented take-up that is so here as well; for all firms it is not, see section 8 of the
    model's page.
    """

    kind: Literal["guarantee_fund"] = "guarantee_fund"
    take_up: Annotated[Uncertain, reference("guarantee_fund.take_up")]
    layers: Annotated[dict[str, float], reference("guarantee_fund.layers")]
    guarantee_max_risk: Annotated[Uncertain, reference("guarantee_fund.guarantee_max_risk")]
    guarantee_fee_per_year: Annotated[Uncertain, reference("guarantee_fund.guarantee_fee_per_year")]
    leverage: Annotated[Uncertain, reference("guarantee_fund.leverage")]
    claim_limit: Annotated[Uncertain, reference("guarantee_fund.claim_limit")]
    capital: Annotated[Uncertain, reference("guarantee_fund.capital")]
    capital_share: Annotated[Uncertain, reference("guarantee_fund.capital_share")]
    cases_per_week: Annotated[Uncertain, reference("guarantee_fund.cases_per_week")]
    queue: Queue = Field(default="random", description="Order in which the fund serves requests")

    @field_validator("layers")
    @classmethod
    def _bear_one_loss(cls, layers: dict[str, float]) -> dict[str, float]:
        cover = math.fsum(layers.values())
        if cover > 1.0:
            raise ValueError(f"the layers bear {cover:g} of a loss together; allowed: 1 at the most (the bank keeps the rest)")
        return layers

    @property
    def cover(self) -> float:
        """Share of the loss on a loan that all layers bear."""
        return math.fsum(self.layers.values())

    def terms(self) -> Mapping[str, Uncertain]:
        """Cover, for whom, at what fee."""
        return {
            "cover": self.cover,
            "guarantee_max_risk": self.guarantee_max_risk,
            "guarantee_fee_per_year": self.guarantee_fee_per_year,
        }

    def fund(self) -> FundTerms:
        """A fund whose book is bounded by its capital and its claims."""
        return FundTerms(
            kind="guarantee",
            capital=self.capital,
            capital_share=self.capital_share,
            cases_per_week=self.cases_per_week,
            queue=self.queue,
            leverage=self.leverage,
            claim_limit=self.claim_limit,
            layers=tuple(self.layers.items()),
        )
