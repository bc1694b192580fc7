"""Part of banks' losses on new loans borne by the state."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class RiskCompensation(Lever):
    """The state makes good to the bank a share of what it loses on new loans to firms that it refuses without that.

    A guarantee without a guarantor: the firm asks nobody, pays no fee and waits for no answer; there is no capital that could run out, and
    the bank's own loss is smaller, so that it lends to riskier firms. Losses are paid as they come. It stylises the pools of
    Chinese cities that repay banks part of their bad loans to small firms (Shenzhen, to the end of 2024: a pool of 5 bn yuan, up to half of
    the principal of a bad loan of up to 30 m; its finance office and the press). Where both
    are there, a guarantee (:class:`~simsme.levers.guarantee_fund.GuaranteeFund`) is asked for only where this does not suffice.
    """

    kind: Literal["risk_compensation"] = "risk_compensation"
    take_up: Annotated[Uncertain, reference("risk_compensation.take_up")]
    loss_share: Annotated[Uncertain, reference("risk_compensation.loss_share")]
    max_perceived_risk: Annotated[Uncertain, reference("risk_compensation.max_perceived_risk")]

    def terms(self) -> Mapping[str, Uncertain]:
        """How much of a loss, and for whom."""
        return {"compensation": self.loss_share, "compensation_max_risk": self.max_perceived_risk}
