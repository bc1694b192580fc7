"""Employers' social insurance waived, or put off to a day."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from simsme.levers.lever import Lever
from simsme.levers.until_day import refuse_day_before_start
from simsme.messages import shown
from simsme.quantities import Distribution, Uncertain
from simsme.reference import reference
from simsme.tables import complaint


class SocialInsuranceRelief(Lever):
    """Part of employers' social insurance need not be paid; another part is due on a later day, all at once and without interest.

    Both are shares of the contributions as they would be, so that they add up to at most 1. What is waived is waived as wages are
    earned; what is put off is put off on payday. Firms need not ask. Only the insured part of payroll counts (column `social_share`),
    so that firms whose people are not insured gain nothing. It stylises the exemption of February to December 2020 in China: small
    firms paid no pension, unemployment and injury insurance, 17 of 23.45 % of wages; and the deferral of 2022 for five, then 22
    industries and for firms in difficulties. Exposure to deferral went with a share of firms with less than a month of cash that was 5.8
    points lower (Chen, Cheng, Gong and Li, China Economic Review 2022, table A4): an association, not an experiment.
    """

    kind: Literal["social_insurance_relief"] = "social_insurance_relief"
    automatic: ClassVar[bool] = True
    take_up: Annotated[Uncertain, reference("social_insurance_relief.take_up")]
    waived_share: Annotated[Uncertain, reference("social_insurance_relief.waived_share")]
    deferred_share: Annotated[Uncertain, reference("social_insurance_relief.deferred_share")]
    until_day: Annotated[Uncertain, reference("social_insurance_relief.until_day")]

    @model_validator(mode="after")
    def _waives_and_defers_no_more_than_there_is(self) -> Self:
        waived, deferred = _largest(self.waived_share), _largest(self.deferred_share)
        if waived + deferred > 1.0 + 1e-12:
            rest = shown(round(1.0 - waived, 12))
            message = f"{shown(deferred)} deferred and {shown(waived)} waived are more than all; allowed: {rest} at the most"
            raise complaint(type(self).__name__, [(("deferred_share",), message, self.deferred_share)])
        if deferred > 0.0:
            refuse_day_before_start(self)
        return self

    def terms(self) -> Mapping[str, Uncertain]:
        """What is waived, what moves, and to which day."""
        terms: dict[str, Uncertain] = {"social_relief": self.waived_share}
        if _largest(self.deferred_share) > 0.0:  # the day alone would put off what another lever defers
            terms |= {"social_deferral_share": self.deferred_share, "public_deferral_day": self.until_day}
        return terms


def _largest(value: Uncertain) -> float:
    return value.support()[1] if isinstance(value, Distribution) else value
