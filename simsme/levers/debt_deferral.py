"""Loans and interest put off to a day."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import model_validator

from simsme.levers.lever import Lever
from simsme.levers.until_day import refuse_day_before_start
from simsme.quantities import Uncertain
from simsme.reference import reference


class DebtDeferral(Lever):
    """Principal that falls due moves to a day, with part of the interest; on that day all of it is due at once.

    Nothing is forgiven: interest runs on, no penalty is asked, and the firm meets on one day what it would have met on many, later and
    with the bank free to refuse. So fewer leave before that day and more after it (a cliff), which a short run does not show. It stylises
    the deferral of principal and interest for micro and small firms in China from January 2020 on (People's Bank of China, 2020:
    inclusive loans due by the end of 2020 put off to 31 March 2021 at the latest, without penalty, on application), and that of loans due
    in the fourth quarter of 2022 to 30 June 2023. A loan that the bank recalls before its day is not put off. Unlike
    :class:`~simsme.levers.loan_renewal.LoanRenewal` it gives no new term: a loan that is put off is renewed when its new day comes, or not.
    """

    kind: Literal["debt_deferral"] = "debt_deferral"
    take_up: Annotated[Uncertain, reference("debt_deferral.take_up")]
    until_day: Annotated[Uncertain, reference("debt_deferral.until_day")]
    interest_share: Annotated[Uncertain, reference("debt_deferral.interest_share")]

    @model_validator(mode="after")
    def _defers_to_a_later_day(self) -> Self:
        refuse_day_before_start(self)
        return self

    def terms(self) -> Mapping[str, Uncertain]:
        """The day to which principal and interest move, and how much of the interest does."""
        return {
            "deferral_day": self.until_day,
            "interest_deferral_share": self.interest_share,
            "interest_deferral_day": self.until_day,
        }
