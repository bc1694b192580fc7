"""Default risk of a firm that brings none: a logistic score of what kills firms in the model, so that the bank screens on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simsme.quantities import Table
from simsme.reference import reference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class RiskScore(Table):
    """Weights of the score, in log odds a year.

    The constants are set once (see ``data/reference.toml``) so that over the default population the risk is about log-normal with
    median 0.03 and spread 0.8, the pool that the bank reckons with. A firm's risk depends on nobody else's.

    Attributes
    ----------
    intercept
        Log odds at 60 days of runway, no margin, no debt, and a monthly coefficient of variation of 1.
    runway
        Fall per log point of static runway days.
    margin
        Fall per point (0.01) of normal margin.
    leverage
        Rise per unit of debt over assets.
    volatility
        Rise per log point of sales volatility.
    """

    intercept: float = reference("population.risk_score.intercept")
    runway: float = reference("population.risk_score.runway")
    margin: float = reference("population.risk_score.margin")
    leverage: float = reference("population.risk_score.leverage")
    volatility: float = reference("population.risk_score.volatility")

    def probability(self, runway_days: Floats, margin: Floats, leverage: Floats, volatility: Floats) -> Floats:
        """Return the annual probability of default of each firm.

        Parameters
        ----------
        runway_days
            Static runway; counts between 3 days and 3 years.
        margin
            Normal margin, share of sales; counts between -0.2 and 0.3.
        leverage
            Debt over assets; counts up to 2.
        volatility
            Coefficient of variation of monthly sales; counts between 0.05 and 3.
        """
        import numpy as np

        from simsme.arithmetic import exp, log

        odds = (
            self.intercept
            - self.runway * log(np.clip(runway_days, 3.0, 1095.0) / 60.0)
            - self.margin * 100.0 * np.clip(margin, -0.2, 0.3)
            + self.leverage * np.clip(leverage, 0.0, 2.0)
            + self.volatility * log(np.clip(volatility, 0.05, 3.0))
        )
        return 1.0 / (1.0 + exp(-odds))
