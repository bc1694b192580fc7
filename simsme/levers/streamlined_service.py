"""Simpler procedures."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever, Reach
from simsme.quantities import Uncertain
from simsme.reference import reference


class StreamlinedService(Lever):
    """Other measures reach the firm sooner, and so does an approved loan.

    The delays of the other levers of the policy (`delay_days`) shrink where the service is at work by the time that they would start; one
    without delay gains nothing. Alone in a policy it shortens the way to a loan only. It stylises digital government and simpler
    procedures in China ("one visit at the most"; social insurance waived without application in 2020). No source says how much time it
    saves, so its numbers are assumptions.
    """

    kind: Literal["streamlined_service"] = "streamlined_service"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("streamlined_service.take_up")]
    delay_cut: Annotated[Uncertain, reference("streamlined_service.delay_cut")]
    approval_relief: Annotated[Uncertain, reference("streamlined_service.approval_relief")]
    programme_cost: Annotated[Uncertain, reference("streamlined_service.programme_cost")]

    def terms(self) -> Mapping[str, Uncertain]:
        """A shorter way to an approved loan, and what the service costs."""
        return {"approval_relief": self.approval_relief, "programme_cost": self.programme_cost}

    def acts_on(self) -> Reach:
        """The delays of other levers."""
        return Reach(delay_cut=self.delay_cut)
