"""What happened to each firm, counted over draws: chances, median days, what it was moved for; one row a firm and policy.

All sums are whole numbers, money in small units of each firm's own size: they are the same in whatever order draws are added, so that no
bit depends on how a run is cut or on the number of workers.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsme.draw_firms import DrawnFirms
from simsme.engine.simulate import Lives
from simsme.firms import Firms
from simsme.outcomes import CAUSES, CLASSES
from simsme.policy import Policy
from simsme.scenario import Scenario
from simsme.world.timetable import report_days_of, steps_of_scenario

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, NDArray[Any]]
"""A part of the table, by name of the column."""

TEXTS = ("policy", "firm_id", "industry", "size")
"""Columns that hold text; all others hold numbers."""

MONEY_BITS, MONEY_RANGE_BITS = 32, 10
"""Sums of money are counted in 2**-32 of a firm's size, and an amount counts at most as 2**10 sizes. A million draws of that fit into 63
bits. The size is the power of two above a year's sales, cash and loan together: of sales of a million a unit is 1/4096."""

EVERY = slice(None)

_ADDING = threading.Lock()
"""Held while a batch is counted: two threads must not add to one place at a time."""


@dataclass(frozen=True)
class FirmLevel:
    """Counts over draws by policy (P), firm (N, in canonical order), step (S) or reported day (R); filled batch by batch by :meth:`add`.

    Memory does not depend on the draws but for the width c of a count: 1 byte up to 255 draws, 2 up to 65,535, else 4. A firm takes
    c (2 (S + 1) + 2 R + 10) + 16 bytes a policy and c R + 8 once: with weekly steps over a year, four reported days and 200 draws 140
    bytes a policy. The firms themselves need not be held.

    Attributes
    ----------
    firms
        Who they are.
    policies, reference
        Names of the policies; position of the reference among them.
    ends, reported, days, headline
        Ends of the steps, (S,); numbers of the steps that are reported, and the days on which they end, (R,); position of the headline
        among them.
    draws
        Draws of the run, all of which have to be added before anything is read.
    runway_out : (R, N)
        Draws in which cash alone, without sales, does not outlast the day.
    cash_out, exits : (P, S + 1, N)
        Draws in which the firm was first short of cash, or left, in a step; the last place is never.
    not_trading, reached : (P, R, N)
        Draws in which the firm does not trade on the day; in which the policy has reached it by the day.
    causes : (P, C, N)
        Draws in which it left for a cause by the horizon, causes as in `simsme.outcomes.CAUSES`.
    classes : (P, K, N)
        Draws with a fate at the headline day, as in `simsme.outcomes.CLASSES`.
    trough, support : (P, N)
        Sums over draws of the lowest cash while the firm lived, and of the money that levers moved for it, in units of ``money_unit``.
    money_unit : (N,)
        Money of a unit; missing as long as nobody has looked at the firm.
    """

    firms: Firms | DrawnFirms
    policies: tuple[str, ...]
    reference: int
    ends: NDArray[np.float64]
    reported: tuple[int, ...]
    days: tuple[str, ...]
    headline: int
    draws: int
    runway_out: NDArray[Any]
    cash_out: NDArray[Any]
    exits: NDArray[Any]
    not_trading: NDArray[Any]
    reached: NDArray[Any]
    causes: NDArray[Any]
    classes: NDArray[Any]
    trough: NDArray[np.int64]
    support: NDArray[np.int64]
    money_unit: NDArray[np.float64]

    @classmethod
    def of(cls, scenario: Scenario, policies: tuple[Policy, ...], firms: Firms | DrawnFirms) -> "FirmLevel":
        """Return counts for firms, to which nothing has been added yet; as wide as the draws of the scenario need."""
        steps, report_days = steps_of_scenario(scenario), report_days_of(scenario)
        names = tuple(policy.name for policy in policies)
        count, reports, draws = len(firms), len(report_days), scenario.draws

        def counts(*shape: int) -> NDArray[Any]:
            return np.zeros((*shape, count), dtype=np.min_scalar_type(draws))

        return cls(
            firms=firms,
            policies=names,
            reference=names.index(scenario.reference),
            ends=np.array([clock.b for clock in steps]),
            reported=tuple(number for number, clock in enumerate(steps) if clock.b in report_days),
            days=tuple(f"{day:.0f}" for day in report_days),
            headline=report_days.index(float(scenario.time.headline_day)),
            draws=draws,
            runway_out=counts(reports),
            cash_out=counts(len(names), len(steps) + 1),
            exits=counts(len(names), len(steps) + 1),
            not_trading=counts(len(names), reports),
            reached=counts(len(names), reports),
            causes=counts(len(names), len(CAUSES)),
            classes=counts(len(names), len(CLASSES)),
            trough=np.zeros((len(names), count), dtype=np.int64),
            support=np.zeros((len(names), count), dtype=np.int64),
            money_unit=money_units(firms) if isinstance(firms, Firms) else np.full(count, np.nan),
        )

    def add(
        self, lives: Lives, runway_days: NDArray[np.float64], rows: slice = EVERY, money_unit: NDArray[np.float64] | None = None
    ) -> None:
        """Count what became of firms in some draws; threads may add at the same time.

        Parameters
        ----------
        lives
            Of the firms, in their order.
        runway_days
            Static runway, (draw, firm).
        rows
            Which of all firms they are.
        money_unit
            What :func:`money_units` says of them; not needed where all firms are held.
        """
        headline = self.reported[self.headline]
        firm = np.arange(*rows.indices(len(self.firms)))
        with _ADDING:
            if money_unit is not None:
                self.money_unit[rows] = money_unit
            for position, number in enumerate(self.reported):
                _count(self.runway_out[position, rows], runway_days <= self.ends[number])
            for policy in range(len(self.policies)):
                here, there = lives.exit_step[policy], lives.exit_step[self.reference]
                for cash_out_step, exit_step in zip(lives.cash_out_step[policy], here, strict=True):
                    # a firm stands in a draw once, so that no place is named twice
                    self.cash_out[policy][cash_out_step, firm] += 1
                    self.exits[policy][exit_step, firm] += 1
                for position, number in enumerate(self.reported):
                    _count(self.not_trading[policy, position, rows], ~lives.trades[policy, position])
                    _count(self.reached[policy, position, rows], lives.reached_step[policy] <= number)
                for position in range(len(CAUSES)):
                    _count(self.causes[policy, position, rows], lives.cause[policy] == position + 1)
                for position, fate in enumerate(_fates(here, there, headline)):
                    _count(self.classes[policy, position, rows], fate)
                self.trough[policy, rows] += self._units(lives.trough[policy], rows)
                self.support[policy, rows] += self._units(lives.support[policy, -1], rows)

    def parts(self, most: int | None = None) -> Iterator[Columns]:
        """Columns of the table policy by policy, firms in the order of the user's file (or in which they were drawn).

        Parameters
        ----------
        most
            So many firms of a policy in a part at the most; all where not given.

        Columns
        -------
        policy, firm_id, industry, size, weight
            Who.
        draws
            Draws of the run; the standard error of a share p is sqrt(p (1 - p) / draws).
        runway_out_by_DAY, cash_out_by_DAY, not_trading_on_DAY, gone_by_DAY, reached_by_DAY
            Shares of draws, for each reported day.
        gone_patience_by_DAY, gone_loan_by_DAY, gone_owner_by_DAY, gone_other_by_DAY
            Shares of draws, at the horizon; they add up to ``gone_by_DAY``.
        always_on_DAY, saved_on_DAY, delayed_on_DAY, lost_on_DAY, hastened_on_DAY, harmed_on_DAY
            Shares of draws, at the headline day; they add up to 1.
        median_cash_out_day, median_exit_day
            End of the step by which half of the draws had the event; missing where fewer ever do.
        expected_trough, expected_support
            Means over draws, in money.
        """
        order = np.argsort(self.firms.order, kind="stable")
        for number, policy in enumerate(self.policies):
            for first in range(0, len(order), most or len(order)):
                rows = order[first : first + (most or len(order))]
                yield {"policy": np.full(len(rows), policy, dtype=object)} | self._who(rows) | self._numbers(number, rows)

    def table(self) -> "pd.DataFrame":
        """One row a firm and policy; columns as in :meth:`parts`."""
        return table_of(list(self.parts()))

    def _who(self, rows: NDArray[np.intp]) -> Columns:
        """Columns of who some firms are."""
        firms = self.firms
        if isinstance(firms, Firms):
            names = firms.industry_names, firms.size_names
            ids, industry, size, weight = [firms.ids[row] for row in rows], firms.industry[rows], firms.size[rows], firms.weight[rows]
        else:
            names = firms.population.industry_names, firms.population.size_names
            ids, (industry, size), weight = list(firms.ids(rows)), firms.kinds(rows), firms.weight(rows)
        return {
            "firm_id": np.array(ids, dtype=object),
            "industry": np.array(names[0], dtype=object)[industry],
            "size": np.array(names[1], dtype=object)[size],
            "weight": weight,
            "draws": np.full(len(rows), self.draws, dtype=np.int64),
        }

    def _numbers(self, policy: int, rows: NDArray[np.intp]) -> Columns:
        """Columns of what happened to some firms under a policy."""
        cash_out, median_cash_out = self._by_day(self.cash_out[policy][:, rows])
        gone, median_exit = self._by_day(self.exits[policy][:, rows])
        horizon, headline = self.days[-1], self.days[self.headline]
        by_day = {
            "runway_out_by": self.runway_out[:, rows],
            "cash_out_by": cash_out,
            "not_trading_on": self.not_trading[policy][:, rows],
            "gone_by": gone,
            "reached_by": self.reached[policy][:, rows],
        }
        counts: Columns = {f"{name}_{day}": values[r] for name, values in by_day.items() for r, day in enumerate(self.days)}
        counts |= {f"gone_{cause}_by_{horizon}": self.causes[policy, c, rows] for c, cause in enumerate(CAUSES)}
        counts |= {f"{fate}_on_{headline}": self.classes[policy, k, rows] for k, fate in enumerate(CLASSES)}
        unit = self.money_unit[rows]
        if np.isnan(unit).any() and not isinstance(self.firms, Firms):
            # counts that come from elsewhere, added to firms that were not looked at
            unit = self.money_unit[rows] = money_units(self.firms.take(rows))
        shares: Columns = {name: values / float(self.draws) for name, values in counts.items()}
        return shares | {
            "median_cash_out_day": median_cash_out,
            "median_exit_day": median_exit,
            "expected_trough": self.trough[policy, rows] * unit / self.draws,
            "expected_support": self.support[policy, rows] * unit / self.draws,
        }

    def _by_day(self, first: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Draws in which something had happened by each reported day, (R, N), and the median day."""
        so_far, reports = np.zeros(first.shape[1], dtype=np.int64), []
        median = np.full(first.shape[1], np.nan)
        for number, end in enumerate(self.ends):
            so_far = so_far + first[number]
            median[np.isnan(median) & (2 * so_far >= self.draws)] = end
            if number in self.reported:
                reports.append(so_far)
        return np.stack(reports), median

    def _units(self, money: NDArray[np.float64], rows: slice = EVERY) -> NDArray[np.int64]:
        """Money of each draw and firm in whole units, summed over the draws."""
        most = float(2 ** (MONEY_BITS + MONEY_RANGE_BITS))
        units: NDArray[np.int64] = np.rint(np.clip(money / self.money_unit[rows], -most, most)).astype(np.int64).sum(axis=0)
        return units


def money_units(firms: Firms) -> NDArray[np.float64]:
    """Money of a unit in which sums of each firm are counted, (n,)."""
    _, exponent = np.frexp(firms.sales + firms.cash + firms.loan)
    unit: NDArray[np.float64] = np.ldexp(1.0, exponent - MONEY_BITS)
    return unit


def table_of(parts: list[Columns]) -> "pd.DataFrame":
    """Put parts of the table below each other."""
    import pandas as pd

    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def firm_table(level: FirmLevel | None) -> "pd.DataFrame":
    """Return the table of a run; ValueError where the run was not asked to count by firm."""
    if level is None:
        raise ValueError("this run counted nothing by firm; run it with firm_level=True")
    return level.table()


def _count(counts: NDArray[Any], flags: NDArray[np.bool_]) -> None:
    """Add the number of draws in which something is so, (N,), to counts that are wide enough for all draws."""
    counts += flags.sum(axis=0).astype(counts.dtype)


def _fates(here: NDArray[np.int16], there: NDArray[np.int16], number: int) -> tuple[NDArray[np.bool_], ...]:
    """Fate of firms by the end of a step under a policy against the reference, in the order of `simsme.outcomes.CLASSES`."""
    dead, dead_there = here <= number, there <= number
    both = dead & dead_there
    return (
        ~dead & ~dead_there,
        ~dead & dead_there,
        both & (here > there),
        both & (here == there),
        both & (here < there),
        dead & ~dead_there,
    )
