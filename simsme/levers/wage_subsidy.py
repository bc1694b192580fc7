"""Wages paid in part by the state."""

from collections.abc import Mapping
from typing import Annotated, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class WageSubsidy(Lever):
    """The state pays a share of people's cost as it is earned; in return firms may have to keep people whom they would lay off.

    `retention` is the share of lay-offs that do not happen: it keeps jobs and costs the firm the wages that it would have saved, so
    that a small subsidy with much of it is a burden. By default there is none, as no source measures it. It stylises China's refund of
    unemployment premiums to firms that lay off few: 60 % of the last year's premiums for small firms, 90 % from 2022, which is less
    than 1 % of wages and was paid once a year; here it comes evenly. Schemes elsewhere paid far more (job
    retention in the OECD, 2020): set `subsidy_share` for those.
    """

    kind: Literal["wage_subsidy"] = "wage_subsidy"
    take_up: Annotated[Uncertain, reference("wage_subsidy.take_up")]
    subsidy_share: Annotated[Uncertain, reference("wage_subsidy.subsidy_share")]
    retention: Annotated[Uncertain, reference("wage_subsidy.retention")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Part of wages, and people who stay."""
        return {"wage_subsidy": self.subsidy_share, "retention": self.retention}
