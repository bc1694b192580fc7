"""Training against a shortage of labour."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class Training(Lever):
    """Vocational training and placement: firms that are short of people can serve more of the demand, some months later.

    It removes a share of the shortage (`[shock.labour]`) and does nothing for firms that have people enough; what it costs the state
    runs for every firm that it reaches, short of people or not. It stylises the plan for vocational skills in China (2019 to 2021) and
    its subsidies. No source says how much of a shortage training removes, so that all its numbers are assumptions.
    """

    kind: Literal["training"] = "training"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("training.take_up")]
    delay_days: Annotated[Uncertain, reference("training.delay_days")]
    labour_relief: Annotated[Uncertain, reference("training.labour_relief")]
    programme_cost: Annotated[Uncertain, reference("training.programme_cost")]

    def terms(self) -> Mapping[str, Uncertain]:
        """A smaller shortage, and what training costs."""
        return {"labour_relief": self.labour_relief, "programme_cost": self.programme_cost}
