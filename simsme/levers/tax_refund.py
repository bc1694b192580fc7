"""Refund of input tax that the state holds back."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class TaxRefund(Lever):
    """The state pays out, once, value-added tax that a firm has paid on purchases and could not yet set off.

    A lump sum in cash, as a share of yearly sales, some weeks after the measure starts. The tax office knows who has a claim, so that
    the share reached is that of firms that have one, not that of firms that ask. It stylises China's refund of retained VAT credits of
    April to July 2022: 1.55 trillion yuan by 9 June, small and micro firms 95 % of those who got it. Most micro firms pay VAT as
    small-scale taxpayers and have no input tax to get back. A claim is the firm's own money, which it would have set off later on: the
    model counts it as income of the year, so that its worth is overstated for firms that would have used it up within the run.
    """

    kind: Literal["tax_refund"] = "tax_refund"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("tax_refund.take_up")]
    delay_days: Annotated[Uncertain, reference("tax_refund.delay_days")]
    refund_share: Annotated[Uncertain, reference("tax_refund.refund_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """A claim on the state, paid once."""
        return {"refund_share": self.refund_share}
