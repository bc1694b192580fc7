"""Services to firms that the state pays."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class PublicServices(Lever):
    """The state pays part of a firm's overheads: book-keeping, legal advice, software, certificates.

    The suppliers get their money, from the state instead of the firm. It stylises China's public service platforms for small firms and
    service vouchers of its cities. No source gives their worth to a firm, so that all numbers are assumptions.
    """

    kind: Literal["public_services"] = "public_services"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("public_services.take_up")]
    paid_share: Annotated[Uncertain, reference("public_services.paid_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Part of overheads."""
        return {"overheads_relief": self.paid_share}
