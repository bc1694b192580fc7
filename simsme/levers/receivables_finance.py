"""Cash for receivables before customers pay."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever, Offered, Product
from simsme.quantities import Uncertain
from simsme.reference import reference


class ReceivablesFinance(Lever):
    """A financier advances part of the receivables whose buyers have confirmed them; it is repaid as they are collected.

    The firm draws on it when cash runs short, after its credit line, and pays a fee and a discount for the days that are left. What it
    gets today it does not collect later, so the cash comes once: the level of financing matters, not its flow. With recourse the
    firm bears bad debt as before; without, the financier does. It stylises supply-chain finance on platforms in China: the
    receivables platform of the People's Bank's credit reference centre (629 bn yuan in 20,000 deals in the first half of 2021, 31 m
    each, so not for micro firms), and private ones.
    """

    kind: Literal["receivables_finance"] = "receivables_finance"
    take_up: Annotated[Uncertain, reference("receivables_finance.take_up")]
    confirmed_share: Annotated[Uncertain, reference("receivables_finance.confirmed_share")]
    advance_share: Annotated[Uncertain, reference("receivables_finance.advance_share")]
    receivables_discount: Annotated[Uncertain, reference("receivables_finance.receivables_discount")]
    receivables_fee: Annotated[Uncertain, reference("receivables_finance.receivables_fee")]
    recourse: Annotated[Uncertain, reference("receivables_finance.recourse")]

    def terms(self) -> Mapping[str, Offered]:
        """How much of all receivables can be financed, at what price, and who bears what is never paid."""
        return {
            "receivables_advance": Product((self.confirmed_share, self.advance_share)),
            "receivables_discount": self.receivables_discount,
            "receivables_fee": self.receivables_fee,
            "recourse": self.recourse,
        }
