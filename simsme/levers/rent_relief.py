"""Rent waived."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class RentRelief(Lever):
    """Landlords waive rent while the measure is in force; the state may make part of it good to them.

    The months waived are those of the window, whenever rent is paid: give `to_day` (91 for three months). By default the tenants of
    the state alone are eligible (column `state_landlord`), whom the landlord need not be asked for. It stylises the waivers of
    2020 and 2022 in China: three months for small service firms and the self-employed who rent from state firms, six where risk of
    infection was high. Among tenants of the state the waiver went with a share of firms with less than a month of cash that was 13.5
    points lower (Chen, Cheng, Gong and Li, China Economic Review 2022, table A4): an association, not an experiment.
    """

    kind: Literal["rent_relief"] = "rent_relief"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("rent_relief.take_up")]
    waived_share: Annotated[Uncertain, reference("rent_relief.waived_share")]
    state_share: Annotated[Uncertain, reference("rent_relief.state_share")]
    landlords: Literal["state", "all"] = Field(default="state", description="Whose tenants are eligible: those of the state, or all")

    def least_columns(self) -> Mapping[str, float]:
        """Tenants of the state have 1 in their column."""
        return {"state_landlord": 1.0} if self.landlords == "state" else {}

    def terms(self) -> Mapping[str, Uncertain]:
        """What landlords waive, and what of it the state bears."""
        return {"rent_relief": self.waived_share, "rent_state_share": self.state_share}
