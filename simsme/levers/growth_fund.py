"""Public money for firms with good prospects."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class GrowthFund(Lever):
    """The state puts money, once, into firms that earn well in normal times, and banks trust them a little more.

    As `equity` it is never repaid; as an `advance` it is due after `advance_days`, with the taxes and all at once. Only firms
    with a normal margin of `min_margin` have it: those that would mostly have lived anyway, so that much of it changes no fate. That
    public money draws in bank credit is a hope more than a finding, so `risk_discount` is small. It stylises government guidance funds and
    support of "specialised and new" small firms in China. Grants of China's Innofund did not raise survival (Research Policy 2017).
    """

    kind: Literal["growth_fund"] = "growth_fund"
    take_up: Annotated[Uncertain, reference("growth_fund.take_up")]
    min_margin: Annotated[float | None, reference("growth_fund.min_margin")]
    instrument: Literal["equity", "advance"] = Field(default="equity", description="Equity that is never repaid, or a repayable advance")
    sales_share: Annotated[Uncertain, reference("growth_fund.sales_share")]
    advance_days: Annotated[Uncertain, reference("growth_fund.advance_days")]
    risk_discount: Annotated[Uncertain, reference("growth_fund.risk_discount")]

    def terms(self) -> Mapping[str, Uncertain]:
        """The money, and what it makes of the bank's view."""
        if self.instrument == "equity":
            return {"growth_share": self.sales_share, "risk_discount": self.risk_discount}
        return {
            "public_advance_share": self.sales_share,
            "public_advance_days": self.advance_days,
            "risk_discount": self.risk_discount,
        }
