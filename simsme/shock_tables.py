"""The shock of a scenario. Each of its tables is a way in which it hurts; a table that is absent is off."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PureWindowsPath
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from simsme.messages import listed
from simsme.problems import InputError, did_you_mean
from simsme.quantities import AnyDistribution, Distribution, Table, Uncertain, tag_of
from simsme.reference import entry, reference
from simsme.sales_path import ALL_INDUSTRIES, SalesPath, read_sales_path
from simsme.tables import Fault, Place, complaint


class SalesShock(Table):
    """Fall of sales: a depth drawn for each firm, or a path by week and industry from a CSV file.

    The distribution of ``depth`` has the key ``common``: the share of its variance, on the scale of a Gaussian copula, that the firms of
    a draw have in common.
    """

    depth: Uncertain | None = reference("shock.sales.depth", per_firm=True)
    scar: Uncertain = reference("shock.sales.scar")
    industry_offset: dict[str, float] = reference("shock.sales.industry_offset")
    path: SalesPath | None = Field(
        default=None,
        description='CSV file beside the scenario or below, with columns week, industry (or "all") and sales_fall; replaces depth',
    )

    @field_validator("depth")
    @classmethod
    def _with_common(cls, depth: float | Distribution | None) -> float | Distribution | None:
        if isinstance(depth, Distribution) and depth.common is None:
            return depth.model_copy(update={"common": entry("shock.sales.common").value})
        return depth

    @field_validator("path", mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            if isinstance(value, SalesPath | None):
                return value
            raise ValueError("must be the name of a CSV file, in quotes")
        if Path(value).is_absolute() or PureWindowsPath(value).drive or ".." in re.split(r"[/\\]", value):
            # a scenario that somebody sent reads no files but those that came with it
            raise ValueError("must lie in the folder of the scenario or below it; put the file there and give its name")
        folder = (info.context or {}).get("folder") or Path()
        try:
            return read_sales_path(Path(folder) / value)
        except InputError as error:
            raise complaint("path", [((), str(problem), value) for problem in error.problems]) from None

    @model_validator(mode="before")
    @classmethod
    def _depth_or_path(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("path") is not None:
            excluded = [key for key in ("depth", "scar", "industry_offset") if data.get(key)]
            if excluded:
                raise complaint(
                    cls.__name__,
                    [((key,), "cannot stand beside path, which says all about the fall of sales", data[key]) for key in excluded],
                )
            return {**data, "depth": None}
        return data


Closed = Annotated[
    Annotated[float, Tag("<number>")] | AnyDistribution | Annotated[dict[str, float], Tag("<industries>")],
    Discriminator(lambda value: "<industries>" if isinstance(value, Mapping) and "dist" not in value else tag_of(value)),
]
"""A number or distribution, or a table of numbers by industry."""


class Closure(Table):
    """Closure by order. Industries that a table ``closed_share`` does not name stay open."""

    closed_share: Closed = reference("shock.closure.closed_share")
    closed_days: Uncertain = reference("shock.closure.closed_days")
    reopening_half_life_days: Uncertain = reference("shock.closure.reopening_half_life_days")


class Shutdowns(Table):
    """Unscheduled shutdowns."""

    rate_per_year: Uncertain = reference("shock.shutdowns.rate_per_year")
    mean_days: Uncertain = reference("shock.shutdowns.mean_days")


class Contracts(Table):
    """Blocked contracts: the cost is spent, delivery and cash slip."""

    blocked_share: Uncertain = reference("shock.contracts.blocked_share")
    contract_delay_days: Uncertain = reference("shock.contracts.contract_delay_days")


class Costs(Table):
    """Dearer materials, wages and rents."""

    materials_rise: Uncertain = reference("shock.costs.materials_rise")
    wage_rise: Uncertain = reference("shock.costs.wage_rise")
    rent_rise: Uncertain = reference("shock.costs.rent_rise")
    pass_through: Uncertain = reference("shock.costs.pass_through")
    ramp_days: Uncertain = reference("shock.costs.ramp_days")
    affected_share: Uncertain = reference("shock.costs.affected_share")


class Labour(Table):
    """Shortage of labour."""

    affected_share: Uncertain = reference("shock.labour.affected_share")
    served_share: Uncertain = reference("shock.labour.served_share")


class Payment(Table):
    """Late and lost payments of customers."""

    receivable_stretch: Uncertain = reference("shock.payment.receivable_stretch")
    bad_debt_share: Uncertain = reference("shock.payment.bad_debt_share")


class CreditShock(Table):
    """Tighter credit."""

    tightening: Uncertain = reference("shock.credit.tightening")
    line_cut: Uncertain = reference("shock.credit.line_cut")
    recall_rate: Uncertain = reference("shock.credit.recall_rate")


class Unsold(Table):
    """Stock that becomes unsalable."""

    share_per_year: Uncertain = reference("shock.unsold.share_per_year")


class Shock(Table):
    """When the shock strikes, how long it lasts, and by which ways it hurts."""

    from_day: float = reference("shock.from_day")
    duration_days: float = reference("shock.duration_days")
    recovery_half_life_days: float = reference("shock.recovery_half_life_days")
    sales: SalesShock | None = Field(default=None, description="Fall of sales")
    closure: Closure | None = Field(default=None, description="Closure by order")
    shutdowns: Shutdowns | None = Field(default=None, description="Unscheduled shutdowns")
    contracts: Contracts | None = Field(default=None, description="Blocked contracts")
    costs: Costs | None = Field(default=None, description="Dearer materials, wages and rents")
    labour: Labour | None = Field(default=None, description="Shortage of labour")
    payment: Payment | None = Field(default=None, description="Late and lost payments")
    credit: CreditShock | None = Field(default=None, description="Tighter credit")
    unsold: Unsold | None = Field(default=None, description="Unsalable stock")


def unknown_industries(shock: Shock, industries: Sequence[str]) -> list[Fault]:
    """Return the places where the shock names an industry that no firm belongs to."""
    named: list[tuple[Place, Mapping[str, Any]]] = []
    if shock.sales is not None:
        named.append((("sales", "industry_offset"), shock.sales.industry_offset))
        if shock.sales.path is not None:
            by_name = {name: falls for name, falls in shock.sales.path.falls.items() if name != ALL_INDUSTRIES}
            named.append((("sales", "path", "falls"), by_name))
    if shock.closure is not None and isinstance(shock.closure.closed_share, dict):
        named.append((("closure", "closed_share"), shock.closure.closed_share))
    return [
        ((*place, name), f"unknown industry{did_you_mean(name, industries) or '; there is ' + listed(industries)}", value)
        for place, table in named
        for name, value in table.items()
        if name not in industries
    ]
