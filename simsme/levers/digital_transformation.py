"""Digital investment: an outlay now, savings and sales later, perhaps."""

from typing import Annotated, Literal

from simsme.levers.lever import Lever, Part, Rest
from simsme.quantities import Uncertain
from simsme.reference import reference


class DigitalTransformation(Lever):
    """The firm spends a share of yearly sales on software and machines, of which the state pays part; later it may gain by it.

    The outlay is due at once; savings of materials and higher sales begin `effect_days` after it, and never where the
    project fails. So cash falls first and rises later (a J-curve), beyond the end of a run of a year for most: a measure for growth,
    not for survival. It stylises China's pilot cities for the digital transformation of small firms (2023 to 2027) and cloud
    vouchers before them. Reports claim costs down by 17 % and sales up by 23 % in manufacturing, which is promotion and not a
    measurement; panels of listed and of specialised small firms find that digital investment lowers performance first and raises it
    later. The defaults lie far below the claims.
    """

    kind: Literal["digital_transformation"] = "digital_transformation"
    take_up: Annotated[Uncertain, reference("digital_transformation.take_up")]
    outlay_share: Annotated[Uncertain, reference("digital_transformation.outlay_share")]
    outlay_subsidy: Annotated[Uncertain, reference("digital_transformation.outlay_subsidy")]
    effect_days: Annotated[Uncertain, reference("digital_transformation.effect_days")]
    failure_odds: Annotated[Uncertain, reference("digital_transformation.failure_odds")]
    materials_saving: Annotated[Uncertain, reference("digital_transformation.materials_saving")]
    sales_lift: Annotated[Uncertain, reference("digital_transformation.sales_lift")]

    def parts(self) -> tuple[Part, ...]:
        """The outlay at once and for all; what it brings later, where the project does not fail."""
        return (
            Part("outlay", {"outlay_share": self.outlay_share, "outlay_subsidy": self.outlay_subsidy}),
            Part(
                "works",
                {"materials_saving": self.materials_saving, "demand_lift": self.sales_lift},
                after_days=self.effect_days,
                odds=Rest(self.failure_odds),
            ),
        )
