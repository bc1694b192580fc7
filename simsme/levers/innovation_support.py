"""Money for innovation, which is spent on it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever, Offered, Product
from simsme.quantities import Uncertain
from simsme.reference import reference


class InnovationSupport(Lever):
    """The state pays a firm's research project; the firm spends the money on it, and may sell more later.

    The grant is tied: `spent_share` of it goes into the project at once, all of it by default, so that it leaves no cash. By default
    it brings no sales either. So it saves nobody, as was measured: among applicants to China's Innofund a regression discontinuity
    finds no evidence that a grant boosts survival, patenting or venture funding; those that got one did better because better firms
    got it (Wang, Li and Furman, Research Policy 2017, 46(6), 1142-1161). A grant that firms may keep is `spent_share` = 0, or
    :class:`~simsme.levers.grant.Grant`. A firm that also invests under `digital_transformation` gets that measure's subsidy on both.
    """

    kind: Literal["innovation_support"] = "innovation_support"
    take_up: Annotated[Uncertain, reference("innovation_support.take_up")]
    delay_days: Annotated[Uncertain, reference("innovation_support.delay_days")]
    sales_share: Annotated[Uncertain, reference("innovation_support.sales_share")]
    spent_share: Annotated[Uncertain, reference("innovation_support.spent_share")]
    sales_lift: Annotated[Uncertain, reference("innovation_support.sales_lift")]

    def terms(self) -> Mapping[str, Offered]:
        """Money, the project that it pays, and what comes of it."""
        return {
            "innovation_share": self.sales_share,
            "outlay_share": Product((self.sales_share, self.spent_share)),
            "demand_lift": self.sales_lift,
        }
