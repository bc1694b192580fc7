"""When a lever under review is in force: conditions on what can be observed, and what makes them contradict each other."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field, model_validator

from simsme.messages import shown
from simsme.quantities import Table
from simsme.tables import Fault, complaint


class Conditions(Table):
    """Conditions on what can be observed under a policy in a draw at the end of a step; at least one is given.

    Attributes
    ----------
    exits_above, exits_below
        Share of firms (weighted) that left in the last 28 days.
    sales_fall_above, sales_fall_below
        Fall of the sales of firms that are left, against normal, smoothed over ``behaviour.demand_smoothing_days``.
    fund_use_above, fund_use_below
        What the lever's own fund has out, as a share of what it may have out at once.
    claim_rate_above, claim_rate_below
        Claims on the lever's own guarantee fund, as a share of the guarantees that it granted.
    """

    observed: ClassVar[tuple[str, ...]] = ("exits", "sales_fall", "fund_use", "claim_rate")

    exits_above: float | None = Field(default=None, ge=0.0, le=1.0, description="More of the firms than this left in the last 28 days")
    exits_below: float | None = Field(default=None, ge=0.0, le=1.0, description="Fewer of the firms than this left in the last 28 days")
    sales_fall_above: float | None = Field(default=None, ge=-1.0, le=1.0, description="Sales are further below normal than this")
    sales_fall_below: float | None = Field(default=None, ge=-1.0, le=1.0, description="Sales are less far below normal than this")
    fund_use_above: float | None = Field(default=None, ge=0.0, le=1.0, description="The lever's fund is used for more than this share")
    fund_use_below: float | None = Field(default=None, ge=0.0, le=1.0, description="The lever's fund is used for less than this share")
    claim_rate_above: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Claims are more than this share of the guarantees granted by the lever's fund"
    )
    claim_rate_below: float | None = Field(
        default=None, ge=0.0, le=1.0, description="Claims are less than this share of the guarantees granted by the lever's fund"
    )

    def given(self) -> Iterator[tuple[str, bool, float]]:
        """Yield the conditions that are given: what is observed, whether it has to be above, and above or below what."""
        for name in self.observed:
            for side, above in (("above", True), ("below", False)):
                share = getattr(self, f"{name}_{side}")
                if share is not None:
                    yield name, above, share

    @model_validator(mode="after")
    def _has_some(self) -> "Conditions":
        if not any(self.given()):
            raise complaint("Conditions", [((), "has no condition; give at least one, such as exits_above = 0.02", {})])
        return self


def faults_of_review(
    start_when: Conditions | None, stop_when: Conditions | None, review_days: int | None, fund_kind: str | None
) -> Iterator[Fault]:
    """Yield what is wrong with the review of a lever.

    Parameters
    ----------
    start_when, stop_when, review_days
        As the lever gives them.
    fund_kind
        Kind of the fund behind the lever; None where there is none.
    """
    tables = {name: table for name, table in (("start_when", start_when), ("stop_when", stop_when)) if table is not None}
    if tables and review_days is None:
        yield ("review_days",), f"is missing: {' and '.join(tables)} is looked at every so many days, such as review_days = 28", None
    if review_days is not None and not tables:
        yield ("review_days",), f"{review_days} days, but nothing is reviewed; give start_when or stop_when, or leave it out", review_days
    for name, table in tables.items():
        yield from _without_a_fund(name, table, fund_kind)
        yield from _contradictions(name, table, all_hold=name == "start_when")


def _without_a_fund(name: str, table: Conditions, fund_kind: str | None) -> Iterator[Fault]:
    """Yield conditions on a fund that the lever does not have."""
    for observed, above, share in table.given():
        condition = f"{observed}_{'above' if above else 'below'}"
        if observed == "fund_use" and fund_kind is None:
            yield (name, condition), "looks at the lever's fund, and there is no fund behind this lever; leave it out", share
        if observed == "claim_rate" and fund_kind != "guarantee":
            yield (name, condition), "looks at claims on guarantees, and there is no guarantee fund behind this lever; leave it out", share


def _contradictions(name: str, table: Conditions, *, all_hold: bool) -> Iterator[Fault]:
    """Yield pairs of conditions that never hold together, or of which one always holds where one is enough."""
    for observed in table.observed:
        above, below = getattr(table, f"{observed}_above"), getattr(table, f"{observed}_below")
        if above is None or below is None:
            continue
        if all_hold and above >= below:
            message = f"{shown(above)} is not below {observed}_below {shown(below)}; both have to hold, and never do"
            yield (name, f"{observed}_above"), message, above
        if not all_hold and above < below:
            message = f"{shown(above)} is below {observed}_below {shown(below)}; one of them is enough, and always holds"
            yield (name, f"{observed}_above"), message, above
