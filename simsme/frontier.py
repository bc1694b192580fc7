"""The best mixes of levers that budgets allow, with their errors, as tables: what `simsme.optimize` returns.

A search picks what looked best on its draws, so what it saw of the winner is too good (the winner's curse). All that is told here of a
mix comes from draws that the search has not used; what the search saw stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simsme.attribution import Effect, effect_of
from simsme.lever_entries import PAYERS
from simsme.shown_as_table import ShownAsTable

AIMS = ("firms", "jobs")
"""What can be saved: firms saved less firms harmed, or jobs."""

PUBLIC = ("government", "funds", "central_bank")
"""Payers whose money is public."""


@dataclass(frozen=True)
class TriedMix:
    """A mix of levers and what it does.

    Attributes
    ----------
    name
        Name of its policy in the scenario file; empty for a runner-up.
    words
        Its levers, with what tells their terms from others.
    levers
        Terms of each of its levers as a scenario file would give them, by label.
    saved : ndarray, (W, D)
        Units saved in each world and fresh draw.
    costs : ndarray, (payer, W, D)
        Net cost to each of `simsme.lever_entries.PAYERS`, in each world and fresh draw.
    search_saved, search_cost
        Units saved and public cost on the draws of the search, means.
    search_score
        The criterion on the draws of the search.
    score
        The criterion on fresh draws; regret with the sign turned, against the best of this budget's mixes in each world.
    score_by_draw : ndarray, (D,)
        How each fresh draw moves it, see `simsme.optimization.robust.judged_by_draw`.
    """

    name: str
    words: str
    levers: Mapping[str, Mapping[str, Any]]
    saved: NDArray[np.float64]
    costs: NDArray[np.float64]
    search_saved: float
    search_cost: float
    search_score: float
    score: float
    score_by_draw: NDArray[np.float64]

    @cached_property
    def effect(self) -> Effect:
        """Units saved on fresh draws, mean over worlds and draws."""
        return effect_of(self.saved.mean(axis=0))

    def cost_to(self, payers: tuple[str, ...]) -> Effect:
        """Net cost to some payers together on fresh draws."""
        return effect_of(self.costs[[PAYERS.index(payer) for payer in payers]].sum(axis=0).mean(axis=0))


@dataclass(frozen=True)
class Optimum:
    """The best mix that a budget allows, and those that come next.

    Attributes
    ----------
    budget
        Money.
    mixes
        The winner, then the runners-up in the order of the search.
    affordable
        Mixes within the budget among those that the search measured on all its draws.
    """

    budget: float
    mixes: tuple[TriedMix, ...]
    affordable: int

    @property
    def winner(self) -> TriedMix:
        """The best mix."""
        return self.mixes[0]

    def behind(self, place: int) -> Effect:
        """By how much a runner-up falls behind the winner in the criterion, paired over fresh draws; negative where it is ahead."""
        return effect_of(self.winner.score_by_draw - self.mixes[place].score_by_draw)

    def distinguishable(self, place: int) -> bool:
        """Whether the 95 % interval of that difference leaves out zero."""
        difference = self.behind(place)
        return difference.low is not None and difference.high is not None and not difference.low <= 0.0 <= difference.high


@dataclass(frozen=True, repr=False)
class Frontier(ShownAsTable):
    """The best mixes for some budgets.

    Attributes
    ----------
    scenario, reference, digest, currency, seed
        Of the scenario.
    maximize
        One of `AIMS`.
    criterion
        One of `simsme.optimization.robust.CRITERIA`.
    day
        Day by which units are saved and money is spent.
    payers
        Whose cost is held to the budgets.
    firms, weight
        Number of firms, and how many they stand for.
    worlds, search_draws, fresh_draws
        How many.
    optima
        One a budget, from the smallest on.
    tried : ndarray, (n, 2)
        Public cost and units saved of every mix that was measured on all draws of the search.
    space
        By lever the words of its levels.
    size
        Number of mixes that there are.
    evaluations
        Mixes measured by the search, by number of draws.
    left_out
        Sentences on what was not taken from the scenario.
    """

    scenario: str
    reference: str
    digest: str
    currency: str
    seed: int
    maximize: str
    criterion: str
    day: float
    payers: tuple[str, ...]
    firms: int
    weight: float
    worlds: int
    search_draws: int
    fresh_draws: int
    optima: tuple[Optimum, ...]
    tried: NDArray[np.float64]
    space: Mapping[str, tuple[str, ...]]
    size: int
    evaluations: Mapping[int, int]
    left_out: tuple[str, ...] = field(default=())

    @property
    def others(self) -> tuple[str, ...]:
        """Payers whose cost is not held to the budgets."""
        return tuple(payer for payer in PAYERS if payer not in self.payers)

    @property
    def work(self) -> float:
        """Work of the search as a share of running all mixes with all its draws."""
        return sum(draws * count for draws, count in self.evaluations.items()) / (self.search_draws * self.size)

    def table(self) -> pd.DataFrame:
        """One row a budget and mix; ``place`` 1 is the winner.

        ``saved``, ``cost`` (to the payers of the budget), ``cost_others`` and ``score`` are means over fresh draws and ``_low``, ``_high``,
        ``_mc_error`` their 95 % intervals and Monte Carlo errors. ``cost_`` by payer. ``behind``: by how much the score falls behind the
        winner's, paired. ``search_``: what the search saw.
        """
        rows = [self._row(optimum, place) for optimum in self.optima for place in range(len(optimum.mixes))]
        return pd.DataFrame(rows)

    def json(self) -> dict[str, Any]:
        """Everything as one object of plain numbers, texts, lists and tables, as ``simsme optimize --json`` prints it."""
        return {
            "scenario": self.scenario,
            "reference": self.reference,
            "digest": self.digest,
            "currency": self.currency,
            "seed": self.seed,
            "maximize": self.maximize,
            "criterion": self.criterion,
            "day": int(self.day) if self.day == int(self.day) else self.day,
            "payers": list(self.payers),
            "firms": self.firms,
            "weight": self.weight,
            "worlds": self.worlds,
            "search_draws": self.search_draws,
            "fresh_draws": self.fresh_draws,
            "levers": {label: list(words) for label, words in self.space.items()},
            "left_out": list(self.left_out),
            "mixes": self.size,
            "evaluations": [{"draws": draws, "mixes": count} for draws, count in self.evaluations.items()],
            "work": self.work,
            "budgets": [
                {
                    "budget": optimum.budget,
                    "affordable": optimum.affordable,
                    "mixes": [self._mix(optimum, place) for place in range(len(optimum.mixes))],
                }
                for optimum in self.optima
            ],
        }

    def _mix(self, optimum: Optimum, place: int) -> dict[str, Any]:
        mix = optimum.mixes[place]
        return {
            "place": place + 1,
            "policy": mix.name,
            "words": mix.words,
            "levers": {label: dict(terms) for label, terms in mix.levers.items()},
            "saved": mix.effect.json,
            "cost": mix.cost_to(self.payers).json,
            "cost_others": mix.cost_to(self.others).json if self.others else None,
            "cost_by_payer": {payer: mix.cost_to((payer,)).json for payer in PAYERS},
            "score": effect_of(mix.score_by_draw).json | {"mean": mix.score},
            "behind": optimum.behind(place).json if place else None,
            "distinguishable": optimum.distinguishable(place) if place else None,
            "search": {"saved": mix.search_saved, "cost": mix.search_cost, "score": mix.search_score},
        }

    def _row(self, optimum: Optimum, place: int) -> dict[str, Any]:
        mix = optimum.mixes[place]
        row: dict[str, Any] = {"budget": optimum.budget, "place": place + 1, "policy": mix.name, "mix": mix.words}
        effects = {"saved": mix.effect, "cost": mix.cost_to(self.payers)}
        effects |= {"cost_others": mix.cost_to(self.others)} if self.others else {}
        effects |= {"score": effect_of(mix.score_by_draw)} if self.criterion != "mean" else {}
        effects |= {"behind": optimum.behind(place)}
        for name, effect in effects.items():
            row |= {name: effect.mean, f"{name}_low": effect.low, f"{name}_high": effect.high, f"{name}_mc_error": effect.mc_error}
        row["distinguishable"] = optimum.distinguishable(place) if place else None
        row |= {f"cost_{payer}": mix.cost_to((payer,)).mean for payer in PAYERS}
        return row | {"search_saved": mix.search_saved, "search_cost": mix.search_cost, "search_score": mix.search_score}
