"""How well a policy finds the firms that it is meant for where need is seen with an error: leakage, exclusion and what they cost."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.survival import Estimate, over_draws, ratio_over_draws

MEASURES = ("reached_exact", "reached_seen", "leakage", "leaked_support", "exclusion")
"""What is told of each lever. The first two are shares of all firms, the others shares of the firms reached, of the support paid to them,
and of the firms that would be reached if need was seen exactly."""


@dataclass(frozen=True)
class Found:
    """What became of firms with a lever that sees need with an error, and with the same lever that sees it exactly, by draw, (D,).

    Attributes
    ----------
    label, noise
        Label of the lever, and the standard deviation of the error.
    exact, seen, both
        Firms, weighted: reached with exact sight, with errors, and both.
    support, leaked
        Money moved for firms with errors, and the part of it that went to firms that exact sight does not reach.
    """

    label: str
    noise: float
    exact: NDArray[np.float64]
    seen: NDArray[np.float64]
    both: NDArray[np.float64]
    support: NDArray[np.float64]
    leaked: NDArray[np.float64]

    def told(self, weight: float) -> dict[str, Estimate]:
        """Estimates of `MEASURES`; `weight` is the weight of all firms."""
        return {
            "reached_exact": over_draws(self.exact / weight, axis=0),
            "reached_seen": over_draws(self.seen / weight, axis=0),
            "leakage": ratio_over_draws(self.seen - self.both, self.seen),
            "leaked_support": ratio_over_draws(self.leaked, self.support),
            "exclusion": ratio_over_draws(self.exact - self.both, self.exact),
        }


@dataclass(frozen=True)
class Targeting:
    """What seeing need with an error does to a policy.

    Attributes
    ----------
    scenario, policy, reference, digest, currency
        What was run.
    seed, firms, weight
        Of the run.
    day
        Day of the gains.
    levers
        Each lever that sees need with an error, alone on top of the reference.
    gain_exact, gain_seen : ndarray, (D,)
        Share of firms that are not gone for good by the day, less that of the reference: the whole policy with exact sight and with errors.
    support_exact, support_seen : ndarray, (D,)
        Money moved for firms by the whole policy, over the run.
    """

    scenario: str
    policy: str
    reference: str
    digest: str
    currency: str
    seed: int
    firms: int
    weight: float
    day: float
    levers: tuple[Found, ...]
    gain_exact: NDArray[np.float64]
    gain_seen: NDArray[np.float64]
    support_exact: NDArray[np.float64]
    support_seen: NDArray[np.float64]

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.gain_seen)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme targeting --json`` prints it."""
        pairs = {"gain": (self.gain_exact, self.gain_seen), "support": (self.support_exact, self.support_seen)}
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "seed": self.seed,
            "firms": self.firms,
            "weight": self.weight,
            "draws": self.draws,
            "currency": self.currency,
            "policy": self.policy,
            "reference": self.reference,
            "day": int(self.day) if self.day == int(self.day) else self.day,
            "levers": [
                {"lever": found.label, "observation_noise": found.noise}
                | {name: _entry(estimate) for name, estimate in found.told(self.weight).items()}
                for found in self.levers
            ],
            "policy_as_a_whole": {
                name: {
                    "exact": _entry(over_draws(exact, axis=0)),
                    "seen": _entry(over_draws(seen, axis=0)),
                    "difference": _entry(over_draws(seen - exact, axis=0)),
                }
                for name, (exact, seen) in pairs.items()
            },
        }


def _entry(estimate: Estimate) -> dict[str, float | None]:
    """An estimate as a table for JSON; None where there is no number."""
    values = {name: float(getattr(estimate, name)) for name in ("mean", "low", "high", "mc_error")}
    return {name: value if math.isfinite(value) else None for name, value in values.items()}
