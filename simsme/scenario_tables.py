"""Tables of a scenario about its clock and about how firms sell, act and leave."""

import datetime
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from simsme.messages import shown
from simsme.quantities import Table, Uncertain
from simsme.reference import reference


class Time(Table):
    """The clock: when the run starts, how long a step is, which days are reported.

    ``report_days`` is kept sorted, and always holds the headline and the horizon.
    """

    start_date: datetime.date = reference("time.start_date")
    step_days: int = reference("time.step_days")
    horizon_days: int = reference("time.horizon_days")
    headline_day: int = reference("time.headline_day")
    report_days: tuple[int, ...] = reference("time.report_days")

    @field_validator("horizon_days")
    @classmethod
    def _holds_a_step(cls, horizon: int, info: ValidationInfo) -> int:
        step = info.data.get("step_days", 0)
        if horizon < step:
            raise ValueError(f"the horizon, day {horizon}, is shorter than a step of {step} days; allowed: {step} or more")
        return horizon

    @field_validator("headline_day")
    @classmethod
    def _before_the_horizon(cls, headline: int, info: ValidationInfo) -> int:
        horizon = info.data.get("horizon_days", headline)
        if headline > horizon:
            raise ValueError(f"day {headline} is after the horizon, day {horizon}; allowed: 1 to {horizon}")
        return headline

    @field_validator("report_days")
    @classmethod
    def _complete(cls, days: tuple[int, ...], info: ValidationInfo) -> tuple[int, ...]:
        horizon = info.data.get("horizon_days")
        late = [day for day in days if horizon is not None and day > horizon]
        if late:
            raise ValueError(f"{', '.join(map(str, late))} is after the horizon, day {horizon}; allowed: 1 to {horizon}")
        always = {info.data[name] for name in ("headline_day", "horizon_days") if name in info.data}
        return tuple(sorted(always.union(days)))


class Contagion(Table):
    """How arrears to suppliers pass from firm to firm."""

    contagion_share: Uncertain = reference("contagion.contagion_share")


class Adjust(Table):
    """Factors and shifts that hold for all firms: where uncertainty about the population as a whole is stated."""

    cash_factor: Uncertain = reference("adjust.cash_factor")
    volatility_factor: Uncertain = reference("adjust.volatility_factor")
    margin_shift: Uncertain = reference("adjust.margin_shift")
    informal_factor: Uncertain = reference("adjust.informal_factor")


class Sales(Table):
    """How sales vary in normal times.

    ``season`` holds twelve monthly factors from January, scaled to mean 1.
    """

    slow_sd: Uncertain = reference("sales.slow_sd")
    slow_reversion_per_year: Uncertain = reference("sales.slow_reversion_per_year")
    noise: Literal["lognormal", "gamma"] = reference("sales.noise")
    season: tuple[float, ...] | None = Field(default=None, description="Twelve monthly factors of demand from January, scaled to mean 1")

    @field_validator("season")
    @classmethod
    def _twelve_with_mean_one(cls, season: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if season is None:
            return None
        if len(season) != 12:
            raise ValueError(f"must have 12 items, one for each month from January, found {len(season)}")
        if min(season) < 0:
            raise ValueError(f"{shown(min(season))} is outside the allowed range 0 or more")
        if not sum(season) > 0:
            raise ValueError("must not be 0 in every month")
        return tuple(12 * factor / sum(season) for factor in season)


class Behaviour(Table):
    """How firms plan purchases and staff, and what owners draw."""

    materials_elasticity: Uncertain = reference("behaviour.materials_elasticity")
    inventory_adjust_days: Uncertain = reference("behaviour.inventory_adjust_days")
    demand_smoothing_days: Uncertain = reference("behaviour.demand_smoothing_days")
    payroll_elasticity: Uncertain = reference("behaviour.payroll_elasticity")
    payroll_lag_days: Uncertain = reference("behaviour.payroll_lag_days")
    dormant_payroll_share: Uncertain = reference("behaviour.dormant_payroll_share")
    buffer_days: Uncertain = reference("behaviour.buffer_days")
    drawing_days: Uncertain = reference("behaviour.drawing_days")
    drawing_threshold: Uncertain = reference("behaviour.drawing_threshold")
    unsold_share_per_year: Uncertain = reference("behaviour.unsold_share_per_year")


class BackgroundRate(Table):
    """Exits that have nothing to do with cash, per year, by size."""

    micro: Uncertain = reference("exit.background_rate.micro")
    small: Uncertain = reference("exit.background_rate.small")
    medium: Uncertain = reference("exit.background_rate.medium")


class Exit(Table):
    """When creditors, owners and fate end a firm."""

    patience_days: Uncertain = reference("exit.patience_days")
    patience_sigma: Uncertain = reference("exit.patience_sigma")
    patience_min_days: Uncertain = reference("exit.patience_min_days")
    patience_supplier_factor: Uncertain = reference("exit.patience_supplier_factor")
    patience_tolerance_days: Uncertain = reference("exit.patience_tolerance_days")
    hope_median: Uncertain = reference("exit.hope_median")
    hope_sigma: Uncertain = reference("exit.hope_sigma")
    outlook_days: float = reference("exit.outlook_days")
    collectable_share: Uncertain = reference("exit.collectable_share")
    stock_share: Uncertain = reference("exit.stock_share")
    background_rate: BackgroundRate = BackgroundRate()
