"""Large and public buyers who must pay in time."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class PromptPayment(Lever):
    """A share of the firm's customers pays within so many days, in the shock too.

    Receivables of these customers come in sooner, once: cash rises by a stock and not by a flow, and what was outstanding too long comes
    in with it (arrears are cleared). Orders of large firms (:class:`~simsme.levers.large_firm_orders.LargeFirmOrders`) keep to it as well.
    A firm whose customers pay sooner than that anyway gains nothing. It stylises China's regulation on payments to small firms (Decree 802,
    in force since 1 June 2025: public bodies 30 days, at most 60, large firms 60; a weaker one since 2020), and the clearing of
    850 bn yuan of arrears by the end of 2020.
    """

    kind: Literal["prompt_payment"] = "prompt_payment"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("prompt_payment.take_up")]
    buyer_share: Annotated[Uncertain, reference("prompt_payment.buyer_share")]
    payment_days: Annotated[Uncertain, reference("prompt_payment.payment_days")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Who has to pay, and within how many days."""
        return {"prompt_share": self.buyer_share, "prompt_days": self.payment_days}
