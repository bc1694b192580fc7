"""Renewal of loans without repayment of principal."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class LoanRenewal(Lever):
    """A loan that falls due runs on; only its interest is paid.

    At maturity nothing is due, so the firm needs neither its cash nor a private bridge, and does not meet the risk that the bank does
    not lend again. The bank carries the exposure for another term. It stylises renewal without repayment of principal (wu huan ben xu
    dai), open to small firms in China since 2014 (CBRC 2014 No. 36) and to all micro and small firms since 2024 (NFRA 2024 No. 13).
    A loan that the bank recalls before its day is not renewed.
    """

    kind: Literal["loan_renewal"] = "loan_renewal"
    take_up: Annotated[Uncertain, reference("loan_renewal.take_up")]
    term_days: Annotated[Uncertain, reference("loan_renewal.term_days")]

    def terms(self) -> Mapping[str, Uncertain]:
        """The loan rolls over for the new term."""
        return {"rolled": 1.0, "roll_days": self.term_days}
