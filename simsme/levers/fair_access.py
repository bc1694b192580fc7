"""Markets opened to firms that were kept out."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever, Reach
from simsme.quantities import Uncertain
from simsme.reference import reference


class FairAccess(Lever):
    """Rules that keep small private firms out of markets are lifted: a little more demand for them, and banks see them a little better.

    The share reached is that of firms that were kept out of something, not of those that ask. What they sell others sold before, so
    that `displacement_share` is 1 by default: it enters the table of costs alone. It stylises China's negative list ("access unless
    prohibited", 2018 on), the review of rules for fair competition, and public procurement: a price preference of 10 to 20 % for
    small firms from 2022 on, 6 to 10 % before. No source says what firms gained, so that all its numbers are assumptions.
    """

    kind: Literal["fair_access"] = "fair_access"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("fair_access.take_up")]
    sales_lift: Annotated[Uncertain, reference("fair_access.sales_lift")]
    opacity_relief: Annotated[Uncertain, reference("fair_access.opacity_relief")]
    displacement_share: Annotated[Uncertain, reference("fair_access.displacement_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """More demand."""
        return {"demand_lift": self.sales_lift}

    def acts_on(self) -> Reach:
        """What banks know of the firm."""
        return Reach(opacity_relief=self.opacity_relief)

    def displaces(self) -> Uncertain:
        """Share of the demand that are other firms' sales."""
        return self.displacement_share
