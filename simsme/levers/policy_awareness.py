"""Firms that know what they can have."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever, Reach
from simsme.quantities import Uncertain
from simsme.reference import reference


class PolicyAwareness(Lever):
    """A campaign: more firms take up the measures for which one has to ask, and owners may take heart.

    The take-up of every other lever of the policy that is not automatic is multiplied by `take_up_factor`; one that reaches all it is
    meant for gains nothing. A firm that hears of a measure has it from then on. `outlook_lift` brightens what the owner expects of
    the next months; nobody has measured that, and its default is nil. It stylises publicity and advice for small firms. In February 2020
    most small Chinese firms did not know the new credit relief (survey of Economic Daily and Postal Savings Bank, 2,240 firms).
    """

    kind: Literal["policy_awareness"] = "policy_awareness"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("policy_awareness.take_up")]
    take_up_factor: Annotated[Uncertain, reference("policy_awareness.take_up_factor")]
    outlook_lift: Annotated[Uncertain, reference("policy_awareness.outlook_lift")]
    programme_cost: Annotated[Uncertain, reference("policy_awareness.programme_cost")]

    def terms(self) -> Mapping[str, Uncertain]:
        """A brighter outlook, and what the campaign costs."""
        return {"outlook_lift": self.outlook_lift, "programme_cost": self.programme_cost}

    def acts_on(self) -> Reach:
        """The take-up of other levers."""
        return Reach(take_up_factor=self.take_up_factor)
