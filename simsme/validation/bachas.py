"""Source ``bachas``: what a lockdown does to a year's profits of formal firms, World Bank Policy Research Working Paper 9437.

Each country is the scenario ``bachas`` with its own tiers, cost shares and margins. The engine keeps the books of 365 days; the paper's
rules differ in which costs follow sales, and each rule is a setting: under 1a all costs are overheads, under 1b materials are bought as
they are used, for rule 2 the engine also runs with staff that follows demand one for one, and each firm lays off the least of that with
which it makes what it made before, or breaks even; under rule 3 the state pays a part of wages while the lockdown lasts. Margin, tier, the
parts of cost and size of a firm are independent of each other. Nothing is random but which firms are drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simsme.levers import kinds
from simsme.validation.bachas_inputs import Country, countries, inputs, settings_of
from simsme.validation.estimates import Estimate, mean_percent, ratio_percent
from simsme.validation.rows import FITTED, FITTED_ELSEWHERE, TAKEN_OUT, Cause, Simulated
from simsme.validation.setting import Setting
from simsme.validation.year import Accounts, accounts_of

Floats = NDArray[np.float64]

SOURCE, SCENARIO, REFERENCE = "bachas", "bachas", "none"
MONTHS = (3, 5)
"""Lengths of the lockdown."""

ROUND_OFF = 1e-9
"""Of a year's sales: a profit of nothing that lost a bit counts as none lost."""

NO_PAYROLL = 1e-3
"""Of a year's sales: who pays less has no employees; the paper averages over firms that have some."""

SUBSIDY = "wage_subsidy"
"""Lever of rule 3."""

PERCENTS = tuple(range(10, 100, 10))
"""Subsidies of rule 3; without any it is rule 2."""

STANDS = ("population.people_share=0", "population.materials_share=0", "population.overheads=1")
"""Rule 1a: no cost follows sales."""

LAY_OFFS = ("behaviour.payroll_elasticity=1",)
"""The most that firms may lay off: staff follows demand."""

PAYROLL_AND_MARGIN = 0.7
"""Correlation, on the normal scale, with which a missed payroll is tried again; no counted run uses it."""

PAYROLL_CONCENTRATION = 2.0
"""Of cost shares, as the subsidies of rule 3 alone would have it; no counted run uses it."""

FIRMS_ALIKE = ("population.firms=2000",)
"""Where firms of equal size explain a miss of payroll lost in all: fewer do than of very unequal ones."""

SIZE_AND_MARGIN = 0.4
"""Correlation, on the normal scale, with which payroll lost in all is met; no counted run uses it."""


def lockdown(months: int) -> list[str]:
    """Return the settings of a lockdown; of none where the months are 0."""
    return [f"shock.duration_days={365.0 * months / 12.0!r}"] if months else ["shock={}"]


def in_profit(accounts: Accounts, before: Accounts | None = None) -> Floats:
    """Firms with a profit of 0 or more, as 0 or 1; none gains by the lockdown what it did not make ``before``."""
    profit = accounts.profit if before is None else np.minimum(accounts.profit, before.profit)
    return (profit >= -ROUND_OFF * accounts.firms.sales).astype(np.float64)


def laid_off(before: Accounts, kept: Accounts, followed: Accounts) -> Floats:
    """Payroll that each firm saves, in money: the least with which it makes what it made before, or breaks even.

    Parameters
    ----------
    before
        Without lockdown.
    kept, followed
        With all staff kept, and with staff that follows demand.
    """
    wanted = np.minimum(before.profit, 0.0) - kept.profit
    # not the difference of profits, in which a payroll of next to nothing is lost
    cut = kept.people_expense - followed.people_expense
    gained = cut - (kept.subsidies - followed.subsidies)
    has_some = gained > ROUND_OFF * before.firms.sales
    part = np.where(has_some, np.clip(wanted / np.where(has_some, gained, 1.0), 0.0, 1.0), 0.0)
    saved: Floats = part * cut
    return saved


@dataclass(frozen=True)
class Runs:
    """All runs of a country, each made when it is asked for.

    Attributes
    ----------
    country
        Which.
    concentration
        Of cost shares.
    more
        Settings besides, such as the number of firms.
    bent
        See :func:`simsme.validation.bachas_inputs.margins`.
    """

    country: Country
    concentration: float
    more: tuple[str, ...] = ()
    bent: bool = False

    def accounts(self, months: int, settings: Sequence[str] = ()) -> Accounts:
        """Accounts of the year without policy."""
        own = settings_of(self.country, self.concentration, self.bent)
        return _booked((*own, *lockdown(months), *settings, *self.more))[REFERENCE]

    def subsidised(self, months: int, settings: Sequence[str] = (), percents: Sequence[int] = PERCENTS) -> dict[str, Accounts]:
        """Accounts of the year where the state pays a part of wages as long as the lockdown lasts, by name of the policy."""
        last_day = int(365.0 * months / 12.0)
        policies = ", ".join(_subsidy(percent, last_day) for percent in percents)
        own = settings_of(self.country, self.concentration, self.bent)
        ends = [f"time.report_days=[{last_day}]", f"policy=[{policies}]"]
        return _booked((*own, *lockdown(months), *settings, *ends, *self.more))

    def stands(self, months: int) -> Estimate:
        """Share of firms with a profit under rule 1a, percent."""
        return mean_percent(in_profit(self.accounts(months, STANDS)))

    def materials(self, months: int) -> Estimate:
        """Share of firms with a profit under rule 1b, percent."""
        return mean_percent(in_profit(self.accounts(months), self.accounts(0)))

    def payroll(self, months: int) -> tuple[Estimate, Estimate]:
        """Payroll lost under rule 2, percent of a year's: by the average firm that has one, and in all."""
        before = self.accounts(0)
        saved = laid_off(before, self.accounts(months), self.accounts(months, LAY_OFFS))
        return _payroll(before, saved)

    def payroll_subsidised(self, months: int, percents: Sequence[int] = PERCENTS) -> dict[str, Estimate]:
        """Payroll lost in all under rule 3, percent of a year's, by policy."""
        before = self.accounts(0)
        kept, followed = (self.subsidised(months, settings, percents) for settings in ((), LAY_OFFS))
        return {name: _payroll(before, laid_off(before, kept[name], followed[name]))[1] for name in kept if name != REFERENCE}


@lru_cache(maxsize=16)
def _booked(overrides: tuple[str, ...]) -> dict[str, Accounts]:
    """The last accounts are kept: several rules compare with the same ones."""
    return accounts_of(SCENARIO, overrides)


def _subsidy(percent: int, last_day: int) -> str:
    lever = f'{{kind="{SUBSIDY}", subsidy_share={percent / 100.0!r}, take_up=1.0, retention=0.0, to_day={last_day}}}'
    return f'{{name="{percent}", levers=[{lever}]}}'


def _payroll(before: Accounts, saved: Floats) -> tuple[Estimate, Estimate]:
    payroll = before.people_expense
    employs = payroll > NO_PAYROLL * before.firms.sales
    return mean_percent(saved[employs] / payroll[employs]), ratio_percent(saved, payroll)


# ------------------------------------------------------------------------------------------------------------------- what is compared


def simulate_bachas(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier; of rule 3 only those whose lever is there."""
    setting.tell(f"{len(countries())} countries")
    found: dict[str, Simulated] = {}
    in_all: dict[str, list[Estimate]] = {}
    for own, sums in setting.each(_country_alone, *((code,) for code in countries())):
        found |= own
        for name, estimate in sums.items():
            in_all.setdefault(name, []).append(estimate)
    return found | {name: Simulated(*_mean_of(estimates)) for name, estimates in in_all.items()}


def _country_alone(setting: Setting, code: str) -> tuple[dict[str, Simulated], dict[str, Estimate]]:
    """Numbers of a country, and what it adds to those of all countries together."""
    runs = Runs(countries()[code], inputs()["concentration"], setting.firms_override)
    before = runs.accounts(0)
    found = {
        f"profitable-{code}": Simulated(*mean_percent(in_profit(before))),
        f"margin-{code}": Simulated(*mean_percent(np.maximum(before.profit / before.firms.sales, 0.0))),
    }
    sums: dict[str, Estimate] = {}
    for months in MONTHS:
        average, sums[f"3-0-{months}"] = runs.payroll(months)
        found[f"1a-{code}-{months}"] = Simulated(*runs.stands(months))
        found[f"1b-{code}-{months}"] = Simulated(*runs.materials(months))
        found[f"2-{code}-{months}"] = Simulated(*average)
        if SUBSIDY in kinds():
            for percent, estimate in runs.payroll_subsidised(months).items():
                sums[f"3-{percent}-{months}"] = estimate
    return found, sums


def _mean_of(estimates: Sequence[Estimate]) -> Estimate:
    """Mean over countries, which count alike, and its error."""
    values, errors = np.array(estimates).T
    return float(values.mean()), float(np.sqrt(np.square(errors).sum())) / len(estimates)


def explain_bachas(setting: Setting, missed: Sequence[str]) -> dict[str, tuple[Cause, ...]]:
    """Run again, for numbers that miss, without what may stand between them and the published ones."""
    setting.tell("why numbers miss")
    sums = [name for name in missed if name.startswith("3-")]
    alone = [name for name in missed if name not in sums]
    causes = dict(zip(alone, setting.each(_causes, *(tuple(name.split("-")) for name in alone)), strict=True))
    for months in MONTHS:
        percents = tuple(name.split("-")[1] for name in sums if name.endswith(f"-{months}"))
        if percents:
            causes |= {f"3-{percent}-{months}": found for percent, found in _causes_of_sums(setting, months, percents).items()}
    return causes


def _causes(setting: Setting, rule: str, whose: str, months: str) -> tuple[Cause, ...]:
    """What may stand between a number of one country and the published one."""
    more, length = setting.firms_override, int(months)
    country = countries()[whose]
    alike = inputs()["concentration"]
    if rule == "1a":
        text = "the country's profits do not spread as those of the ten countries together, stretched"
        found = Runs(country, alike, more, bent=True).stands(length)[0]
        return (Cause(text, "profits bent to the country's mean, not stretched", found, TAKEN_OUT),)
    own = Runs(country, country.concentration, more)
    dispersion = "one dispersion of cost shares for ten countries: firms here differ more, or less"
    removed = f"the country's own dispersion, concentration {country.concentration:g}"
    if rule == "1b":
        # the country's own concentration is the one with which its number of three months is met
        return (Cause(dispersion, removed, own.materials(length)[0], FITTED if length == MONTHS[0] else FITTED_ELSEWHERE),)
    together = f'population.correlation={{"people_share~margin"={PAYROLL_AND_MARGIN!r}}}'
    return (
        Cause(dispersion, removed, own.payroll(length)[0][0], FITTED_ELSEWHERE),
        Cause(
            "margins are independent of the parts of cost; firms with employees have higher ones",
            f"a correlation of {PAYROLL_AND_MARGIN:g} between the weight of wages and the margin",
            Runs(country, alike, (*more, together)).payroll(length)[0][0],
            FITTED,
        ),
    )


def _causes_of_sums(setting: Setting, months: int, percents: tuple[str, ...]) -> dict[str, tuple[Cause, ...]]:
    """What may stand between payroll lost in all and the published numbers, by subsidy."""
    sized, alike = (
        setting.each(_lost_by_subsidy, *((code, months, percents, has_sizes) for code in countries())) for has_sizes in (True, False)
    )

    def in_all(by_country: Sequence[dict[str, float]], percent: str) -> float:
        return sum(lost[percent] for lost in by_country) / len(by_country)

    return {
        percent: (
            Cause(
                "payroll is added up with every firm as large as the others; large firms have higher margins and lose less",
                f"sizes as published, and a correlation of {SIZE_AND_MARGIN:g} between size and margin",
                in_all(sized, percent),
                FITTED,
            ),
            Cause(
                "cost shares as dispersed as materials ask for bunch payroll in firms with few other costs, whose loss a subsidy covers",
                f"cost shares that differ less, concentration {PAYROLL_CONCENTRATION:g}",
                in_all(alike, percent),
                FITTED,
            ),
        )
        for percent in percents
    }


def _lost_by_subsidy(setting: Setting, code: str, months: int, percents: tuple[str, ...], sized: bool) -> dict[str, float]:
    """Payroll a country loses in all, by subsidy.

    ``sized``: sizes spread as published, and large firms have higher margins; else firms of one size, whose cost shares differ less.
    """
    country, more = countries()[code], setting.firms_override
    if sized:
        runs = Runs(country, inputs()["concentration"], (*more, *_sizes(country)))
    else:
        runs = Runs(country, PAYROLL_CONCENTRATION, more or FIRMS_ALIKE)
    lost = {"0": runs.payroll(months)[1][0]} if "0" in percents else {}
    some = tuple(int(percent) for percent in percents if percent != "0")
    return lost | {name: estimate[0] for name, estimate in runs.payroll_subsidised(months, some).items()} if some else lost


def _sizes(country: Country) -> tuple[str, str]:
    """Settings of sizes with the country's mean and median turnover, tied to margins."""
    mean, median = country.turnover
    sigma = math.sqrt(2.0 * math.log(mean / median))
    sizes = f'population.sales={{dist="lognorm", median={1000.0 * median!r}, sigma={sigma!r}}}'
    return sizes, f'population.correlation={{"sales~margin"={SIZE_AND_MARGIN!r}}}'
