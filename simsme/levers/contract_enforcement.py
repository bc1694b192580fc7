"""Contracts and payments that can be enforced."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class ContractEnforcement(Lever):
    """Courts and complaint offices make customers pay: in the shock receivables stretch less, and fewer are never paid.

    It removes a share of what the shock adds to receivable days, and of its bad debt; in normal times it does nothing. It stylises
    the protection of property rights and the complaint offices for arrears to small firms in China (regulations of 2020 and 2025,
    State Council orders 728 and 802), and the campaigns before them: three quarters of 890 billion yuan of public arrears repaid by
    the end of 2019, 55 % of complainants who were called paid in full. None of these says what a firm in a shock gains, so that the
    shares are assumptions. Payment terms of large buyers in normal times are another measure, `prompt_payment`.
    """

    kind: Literal["contract_enforcement"] = "contract_enforcement"
    automatic: ClassVar[bool] = True
    delay_days: Annotated[Uncertain, reference("contract_enforcement.delay_days")]
    stretch_relief: Annotated[Uncertain, reference("contract_enforcement.stretch_relief")]
    bad_debt_relief: Annotated[Uncertain, reference("contract_enforcement.bad_debt_relief")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Less delay, less loss."""
        return {"stretch_relief": self.stretch_relief, "bad_debt_relief": self.bad_debt_relief}
