"""What banks know of small firms."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever, Reach
from simsme.quantities import Uncertain
from simsme.reference import reference


class CreditInformation(Lever):
    """Banks see a firm's true risk through less noise, and decide sooner.

    A bank that sees little lends by the average and adds a margin for caution. With less noise its view of each firm moves towards
    the firm's own risk, and the margin shrinks: good firms that were refused are lent to, bad ones that were lent to are refused. The
    odds of renewal follow the same view. Approved money arrives sooner. It stylises credit reporting and platforms that join the data of
    public bodies (Taizhou: 118 kinds of data of more than 30 departments), the "three looks, three don't-looks" of Taizhou's banks, and
    digital lenders. There borrowers multiplied while bad loans fell from 1.58 to 0.46 % (2015 to 2023), and digital credit lowered exits
    (Alibaba's credit scoring, Management Science); the numbers here are assumptions all the same.
    """

    kind: Literal["credit_information"] = "credit_information"
    take_up: Annotated[Uncertain, reference("credit_information.take_up")]
    opacity_relief: Annotated[Uncertain, reference("credit_information.opacity_relief")]
    approval_relief: Annotated[Uncertain, reference("credit_information.approval_relief")]
    programme_cost: Annotated[Uncertain, reference("credit_information.programme_cost")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Sooner decisions, and what the platform costs."""
        return {"approval_relief": self.approval_relief, "programme_cost": self.programme_cost}

    def acts_on(self) -> Reach:
        """What banks see."""
        return Reach(opacity_relief=self.opacity_relief)
