"""Taxes put off to a day."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import model_validator

from simsme.levers.lever import Lever
from simsme.levers.until_day import refuse_day_before_start
from simsme.quantities import Uncertain
from simsme.reference import reference


class TaxDeferral(Lever):
    """Taxes that fall due while the measure is in force are due on a later day, all at once and without interest.

    A loan of the state at no interest, with a cliff on its last day: nothing is waived. It stylises the deferral of taxes of
    manufacturers in China, the fourth quarter of 2021 and the first half of 2022 (notice 2 of 2022 of the tax administration): six
    months, all of it for small and micro firms and half for medium ones. There each month's tax moved by six months; here all of it moves
    to one day. Give `industries` and `sizes` for the programme as it was, a second lever with another `name` for medium firms.
    """

    kind: Literal["tax_deferral"] = "tax_deferral"
    take_up: Annotated[Uncertain, reference("tax_deferral.take_up")]
    deferred_share: Annotated[Uncertain, reference("tax_deferral.deferred_share")]
    until_day: Annotated[Uncertain, reference("tax_deferral.until_day")]

    @model_validator(mode="after")
    def _defers_to_a_later_day(self) -> Self:
        refuse_day_before_start(self)
        return self

    def terms(self) -> Mapping[str, Uncertain]:
        """How much of a tax moves, and to which day."""
        return {"tax_deferral_share": self.deferred_share, "public_deferral_day": self.until_day}
