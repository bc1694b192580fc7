"""Orders of large firms for small ones."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class LargeFirmOrders(Lever):
    """Large firms place work with small ones: more demand, on the buyer's terms.

    Orders come as a share of normal sales on top of what other customers want. Materials and people are paid first, the buyer pays
    after its payment days and never fails, so that cash falls before it rises; a firm that is short of labour serves orders as badly
    as everything else. What one firm gains another may lose: `displacement_share` says how much, and enters the table of
    costs alone. It stylises the matching of large with small firms in China (orders, outsourcing, contract manufacture and research).
    No source measures what matched firms gain. By law of 2020 and 2025 large firms pay small ones within 60 days (State Council orders
    728 and 802); the default is what they took instead.
    """

    kind: Literal["large_firm_orders"] = "large_firm_orders"
    take_up: Annotated[Uncertain, reference("large_firm_orders.take_up")]
    sales_share: Annotated[Uncertain, reference("large_firm_orders.sales_share")]
    payment_days: Annotated[Uncertain, reference("large_firm_orders.payment_days")]
    displacement_share: Annotated[Uncertain, reference("large_firm_orders.displacement_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Demand, and when it is paid for."""
        return {"order_demand": self.sales_share, "order_days": self.payment_days}

    def displaces(self) -> Uncertain:
        """Share of the orders that are other firms' sales."""
        return self.displacement_share
