"""Outcomes of policies across worlds: how far they spread by luck and by parameters, and how often each policy is the best."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.costs import critical_value
from simsme.intervals import share_interval
from simsme.robustness.variance import Spread, spread_error, spread_of
from simsme.survival import HIGH, LOW

Curves = NDArray[np.float32]
"""Shares of firms, (W, P, D, T)."""

SAME = 1e-12
"""Shares of firms that differ by less are the same."""


@dataclass(frozen=True)
class Best:
    """In how many worlds a policy is the best.

    Attributes
    ----------
    survival
        Worlds in which no policy keeps more firms on the day, by the mean over draws; policies that tie share the world.
    clearly
        Those of them in which its lead on the next is beyond the Monte Carlo error (95 % interval of the paired difference above zero).
    cost
        Worlds in which its net cost per firm saved is the lowest, among policies for which there is such a number.
    has_cost
        Worlds in which there is such a number for it: firms saved can be told from none.
    """

    survival: float
    clearly: int
    cost: int
    has_cost: int


@dataclass(frozen=True)
class AcrossWorlds:
    """What became of the firms in every world, under every policy, in every draw.

    Attributes
    ----------
    scenario, digest, currency
        What was run; the digest is that of scenario, policies, number of worlds and names.
    seed, firms, weight
        Of the run.
    policies, titles, reference
        As in the outcomes of a run.
    headline_day
        Day of the headline.
    days : ndarray, (T,)
        Days of the curves.
    parameters : tuple of str, (K,)
        What differs between worlds.
    drawn : tuple of str
        Dotted names of what the scenario itself draws anew in every draw, so that it counts as luck.
    values : ndarray, (W, K)
        The parameters in each world.
    curves : dict of ndarray, (W, P, D, T)
        Keys ``exit``, ``cash``: share of firms not yet affected.
    headline : dict of ndarray, (W, P, D)
        The same at the headline day.
    cost_per_firm : ndarray, (W, P)
        Net cost per firm saved by the headline day; NaN where it would mean nothing.
    """

    scenario: str
    digest: str
    currency: str
    seed: int
    firms: int
    weight: float
    policies: tuple[str, ...]
    titles: tuple[str, ...]
    reference: str
    headline_day: float
    days: NDArray[np.float64]
    parameters: tuple[str, ...]
    drawn: tuple[str, ...]
    values: NDArray[np.float64]
    curves: dict[str, Curves]
    headline: dict[str, NDArray[np.float64]]
    cost_per_firm: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"<AcrossWorlds of {self.scenario}: {self.worlds} worlds, {self.firms:,} firms, policies {', '.join(self.policies)}>"

    @property
    def worlds(self) -> int:
        """Number of worlds, W."""
        return int(self.values.shape[0])

    @property
    def draws(self) -> int:
        """Number of draws of each world, D."""
        return int(self.headline["exit"].shape[2])

    @property
    def reference_index(self) -> int:
        """Position of the reference on the policy axis."""
        return self.policies.index(self.reference)

    def survival(self, policy: str, endpoint: str = "exit") -> Spread:
        """Share of firms not yet affected at the headline day."""
        return spread_of(self.headline[endpoint][:, self.policies.index(policy)])

    def gains(self, endpoint: str = "exit") -> NDArray[np.float64]:
        """Survival at the headline day less that under the reference in the same world and draw, (W, P, D)."""
        shares = self.headline[endpoint]
        return shares - shares[:, [self.reference_index]]

    def gain(self, policy: str, endpoint: str = "exit") -> Spread:
        """What a policy changes at the headline day, a share of firms, paired by world and draw."""
        return spread_of(self.gains(endpoint)[:, self.policies.index(policy)])

    def helps(self, policy: str) -> tuple[int, int]:
        """Worlds in which a policy keeps more firms than the reference, and worlds in which it keeps fewer, by means over draws."""
        means = self.gains()[:, self.policies.index(policy)].mean(axis=1)
        return int((means > SAME).sum()), int((means < -SAME).sum())

    def best(self, policy: str) -> Best:
        """In how many worlds a policy is the best."""
        place = self.policies.index(policy)
        shares = self.headline["exit"]
        means = shares.mean(axis=2)
        top = means >= means.max(axis=1, keepdims=True) - SAME
        of_world = np.where(top, 1.0 / top.sum(axis=1, keepdims=True), 0.0)
        known = ~np.isnan(self.cost_per_firm)
        cheapest = np.where(known, self.cost_per_firm, math.inf).argmin(axis=1)
        return Best(
            survival=float(of_world[:, place].sum()),
            clearly=sum(self._leads_clearly(world, place) for world in range(self.worlds)),
            cost=int(((cheapest == place) & known.any(axis=1)).sum()),
            has_cost=int(known[:, place].sum()),
        )

    def band(self, policy: str, endpoint: str) -> dict[str, NDArray[np.float64]]:
        """Curve of a policy by day: mean, its error and three bands.

        Returns
        -------
        dict of ndarray
            ``mean`` and ``mc_error`` (NaN with one world or draw), (T,); ``luck``, ``parameters`` and ``together`` as in `Spread`, (2, T).
        """
        curves = self.curves[endpoint][:, self.policies.index(policy)].astype(np.float64)
        ends = (LOW, HIGH)
        return {
            "mean": curves.mean(axis=(0, 1)),
            "mc_error": np.array([spread_error(curves[:, :, day]) for day in range(curves.shape[2])]),
            "luck": np.quantile(curves, ends, axis=1).mean(axis=1),
            "parameters": np.quantile(curves.mean(axis=1), ends, axis=0),
            "together": np.quantile(curves, ends, axis=(0, 1)),
        }

    def bands_table(self) -> pd.DataFrame:
        """One row a policy, endpoint and day: the mean of worlds and draws, its standard error and three bands, shares of firms."""
        tables = []
        for policy in self.policies:
            for endpoint in self.curves:
                found = self.band(policy, endpoint)
                columns: dict[str, Any] = {"policy": policy, "endpoint": endpoint, "day": self.days}
                columns |= {name: found[name] for name in ("mean", "mc_error")}
                for name in ("luck", "parameters", "together"):
                    columns |= {f"{name}_low": found[name][0], f"{name}_high": found[name][1]}
                tables.append(pd.DataFrame(columns))
        return pd.concat(tables, ignore_index=True)

    def worlds_table(self) -> pd.DataFrame:
        """One row a world: its parameters, and by policy survival (exit, cash), gain with its Monte Carlo error and cost per firm saved."""
        table: dict[str, Any] = {"world": np.arange(self.worlds)}
        table |= {name: self.values[:, number] for number, name in enumerate(self.parameters)}
        gains = self.gains()
        for place, policy in enumerate(self.policies):
            table |= {f"{endpoint}:{policy}": shares[:, place].mean(axis=1) for endpoint, shares in self.headline.items()}
            table[f"gain:{policy}"] = gains[:, place].mean(axis=1)
            table[f"gain_mc_error:{policy}"] = _errors(gains[:, place])
            table[f"cost_per_firm_saved:{policy}"] = self.cost_per_firm[:, place]
        return pd.DataFrame(table)

    def policies_table(self) -> pd.DataFrame:
        """One row a policy: survival and gain with their bands and parts of variance, and how often it is the best."""
        rows = []
        for entry in self.json()["policies"]:
            row = {key: entry[key] for key in ("policy", "title", "helps", "harms")}
            row |= {f"best_{key}": count for key, count in entry["best"].items()}
            for key, (low, high) in entry["intervals"].items():
                row |= {f"{key}_low": low, f"{key}_high": high}
            for measure in ("survival", "gain"):
                for endpoint, spread in entry[measure].items():
                    for key, item in spread.items():
                        name = f"{measure}_{endpoint}_{key}"
                        row |= {f"{name}_low": item[0], f"{name}_high": item[1]} if isinstance(item, list) else {name: item}
            rows.append(row)
        return pd.DataFrame(rows)

    def json(self) -> dict[str, Any]:
        """Everything but the single worlds, as one object of plain values; shares in [0, 1]."""
        return {
            "scenario": self.scenario,
            "digest": self.digest,
            "seed": self.seed,
            "firms": self.firms,
            "weight": self.weight,
            "worlds": self.worlds,
            "draws": self.draws,
            "currency": self.currency,
            "reference": self.reference,
            "headline_day": int(self.headline_day) if self.headline_day == int(self.headline_day) else self.headline_day,
            "parameters": list(self.parameters),
            "drawn_by_scenario": list(self.drawn),
            "policies": [self._entry(policy, title) for policy, title in zip(self.policies, self.titles, strict=True)],
        }

    def _entry(self, policy: str, title: str) -> dict[str, Any]:
        helps, harms = self.helps(policy)
        best = self.best(policy)
        return {
            "policy": policy,
            "title": title,
            "survival": {endpoint: self.survival(policy, endpoint).json for endpoint in self.headline},
            "gain": {endpoint: self.gain(policy, endpoint).json for endpoint in self.headline},
            "helps": helps,
            "harms": harms,
            "best": {"survival": best.survival, "clearly": best.clearly, "cost": best.cost, "has_cost": best.has_cost},
            "intervals": {
                name: self._interval(count)
                for name, count in (
                    *(("helps", helps), ("harms", harms)),
                    *(("best_survival", best.survival), ("best_clearly", best.clearly), ("best_cost", best.cost)),
                )
            },
        }

    def _interval(self, count: float) -> list[float]:
        """95 % interval (Wilson) of the number of worlds, out of as many, had the same number of others been drawn without end."""
        return [float(end) * self.worlds for end in share_interval(count / self.worlds, self.worlds)]

    def _leads_clearly(self, world: int, place: int) -> bool:
        """Whether a policy's lead on each of the others is beyond the error of the paired difference."""
        shares = self.headline["exit"][world]
        others = np.delete(shares, place, axis=0)
        if self.draws == 1 or not len(others):
            return False
        leads = shares[place] - others
        errors = critical_value(self.draws) * leads.std(axis=1, ddof=1) / math.sqrt(self.draws)
        return bool((leads.mean(axis=1) > np.maximum(errors, SAME)).all())


def _errors(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Monte Carlo standard errors of means over draws, (W,); NaN with one draw."""
    if values.shape[1] == 1:
        return np.full(values.shape[0], np.nan)
    return np.asarray(values.std(axis=1, ddof=1) / math.sqrt(values.shape[1]))
