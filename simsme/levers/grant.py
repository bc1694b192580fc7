"""A sum of money for firms."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class Grant(Lever):
    """The state gives a firm money once, which need not be paid back: a share of its yearly sales, a sum, or both.

    Untargeted it goes to whoever asks; `min_sales_fall` gives it by loss of sales, `max_cash_days` by need, `industries` and `sizes` by
    kind of firm. It is paid once, in the first step in which the firm is eligible and the money has come. Most of an untargeted grant
    reaches firms that would have lived without it. It stylises one-off relief and fiscal subsidies of Chinese cities; no source gives
    their size by firm, so that all its numbers are assumptions.
    """

    kind: Literal["grant"] = "grant"
    take_up: Annotated[Uncertain, reference("grant.take_up")]
    delay_days: Annotated[Uncertain, reference("grant.delay_days")]
    sales_share: Annotated[Uncertain, reference("grant.sales_share")]
    amount: Annotated[Uncertain, reference("grant.amount")]

    def terms(self) -> Mapping[str, Uncertain]:
        """The entitlement, in sales and in money."""
        return {"grant_share": self.sales_share, "grant_amount": self.amount}
