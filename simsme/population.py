"""The population of a scenario: how many firms of which kind, and from what each column of a firm is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, ClassVar, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from simsme.bounds import Positive, Share
from simsme.column_spec import ColumnSpec
from simsme.correlation import Pairs, contradiction_in, faults_of_pairs, pairs_of
from simsme.default_risk import RiskScore
from simsme.distributions import Distribution
from simsme.firms_file import FirmsFile
from simsme.messages import listed, shown
from simsme.problems import did_you_mean
from simsme.quantities import Table
from simsme.reference import entry, reference
from simsme.tables import Place, complaint

__all__ = ["COLUMNS", "ColumnSpec", "FirmsFile", "Population", "SizeClass"]

SIZES = ("micro", "small", "medium")
LEGAL_FORMS = ("incorporated", "self_employed")

KINDS_OF_FIRM = ("industry", "size", "legal_form", "region")
"""Columns of names, drawn by shares."""

COLUMNS = (
    *KINDS_OF_FIRM,
    *("sales", "margin", "materials_share", "people_share", "rent", "overheads", "tax_share", "vat_share"),
    *("social_rate", "insured_payroll_share", "payroll_per_employee"),
    *("cash", "cash_base", "inventory_days", "receivable_days", "payable_days", "credit_sales_share", "fixed_assets"),
    *("with_loan", "loan", "loan_due_day", "loan_rate", "with_credit_line", "credit_line", "default_risk"),
    *("with_owner_funds", "owner_funds", "informal_credit", "sales_volatility"),
    *("large_buyer_share", "public_buyer_share", "state_landlord"),
    *("payday", "tax_day", "interest_day", "rent_every_months", "rent_day"),
)
"""What is drawn for a firm. The position is the number of the column's stream of luck: new names are appended."""

SHARES_OF_FIRMS = ("with_loan", "with_credit_line", "with_owner_funds", "state_landlord")
"""Columns that say what share of firms has something: a firm has it where its luck is below the share."""


class SizeClass(Table):
    """A class of size.

    Attributes
    ----------
    share
        Of all firms.
    sample
        Share of the drawn firms; the weights undo the difference. The same as ``share`` where not given.
    sales_below
        A firm from a file that does not give its size belongs to the first class whose limit is above its sales.
    """

    share: Share
    sample: Share | None = None
    sales_below: Positive | None = None


class Population(Table):
    """Firms that are drawn: strata of size and industry, and one :class:`ColumnSpec` a column.

    Money columns (``rent``, ``overheads``, ``loan``, ``credit_line``, ``owner_funds``, ``informal_credit``, ``fixed_assets``) are
    shares of sales; ``cash`` is months of fixed outflow; ``rent_day`` is a share of the rent period. A column that a scenario
    names replaces the default of the column altogether.
    """

    firms: int = reference("population.firms")
    seed: int = reference("population.seed")
    industries: dict[str, Share] = reference("population.industries")
    sizes: dict[str, SizeClass] = reference("population.sizes")
    legal_forms: dict[str, Share] = reference("population.legal_forms")
    regions: dict[str, Share] = reference("population.regions")
    correlation: dict[str, float] = reference("population.correlation")

    sales: ColumnSpec = reference("population.sales")
    margin: ColumnSpec = reference("population.margin")
    materials_share: ColumnSpec = reference("population.materials_share")
    people_share: ColumnSpec = reference("population.people_share")
    rent: ColumnSpec = reference("population.rent")
    overheads: ColumnSpec = reference("population.overheads")
    tax_share: ColumnSpec = reference("population.tax_share")
    vat_share: ColumnSpec = reference("population.vat_share")
    social_rate: ColumnSpec = reference("population.social_rate")
    insured_payroll_share: ColumnSpec = reference("population.insured_payroll_share")
    payroll_per_employee: ColumnSpec = reference("population.payroll_per_employee")
    cash: ColumnSpec = reference("population.cash")
    cash_base: ColumnSpec = reference("population.cash_base")
    inventory_days: ColumnSpec = reference("population.inventory_days")
    receivable_days: ColumnSpec = reference("population.receivable_days")
    payable_days: ColumnSpec = reference("population.payable_days")
    credit_sales_share: ColumnSpec = reference("population.credit_sales_share")
    fixed_assets: ColumnSpec = reference("population.fixed_assets")
    with_loan: ColumnSpec = reference("population.with_loan")
    loan: ColumnSpec = reference("population.loan")
    loan_due_day: ColumnSpec = reference("population.loan_due_day")
    loan_rate: ColumnSpec = reference("population.loan_rate")
    with_credit_line: ColumnSpec = reference("population.with_credit_line")
    credit_line: ColumnSpec = reference("population.credit_line")
    with_owner_funds: ColumnSpec = reference("population.with_owner_funds")
    owner_funds: ColumnSpec = reference("population.owner_funds")
    informal_credit: ColumnSpec = reference("population.informal_credit")
    sales_volatility: ColumnSpec = reference("population.sales_volatility")
    large_buyer_share: ColumnSpec = reference("population.large_buyer_share")
    public_buyer_share: ColumnSpec = reference("population.public_buyer_share")
    state_landlord: ColumnSpec = reference("population.state_landlord")
    payday: ColumnSpec = reference("population.payday")
    tax_day: ColumnSpec = reference("population.tax_day")
    interest_day: ColumnSpec = reference("population.interest_day")
    rent_every_months: ColumnSpec = reference("population.rent_every_months")
    rent_day: ColumnSpec = reference("population.rent_day")

    default_risk: ColumnSpec | None = Field(default=None, description="Annual default risk; where not given, the score of risk_score")
    risk_score: RiskScore = Field(default_factory=RiskScore, description="How default risk follows from what the firm is")

    LIMITS_OF_RISK: ClassVar[tuple[float, float]] = (1e-6, 0.999)

    @property
    def industry_names(self) -> tuple[str, ...]:
        """Industries in the order of their codes."""
        return tuple(self.industries)

    @property
    def size_names(self) -> tuple[str, ...]:
        """Sizes in the order of their codes."""
        return tuple(self.sizes)

    @property
    def correlated(self) -> Pairs:
        """The correlation of each pair of columns."""
        return pairs_of(self.correlation)

    def spec(self, name: str) -> ColumnSpec:
        """Return the specification of a column."""
        found = getattr(self, name)
        if not isinstance(found, ColumnSpec):
            raise KeyError(name)
        return found

    @field_validator("industries", "legal_forms", "regions")
    @classmethod
    def _adds_up(cls, shares: dict[str, float]) -> dict[str, float]:
        _check_sum("shares", shares)
        return shares

    @field_validator("sizes", "legal_forms")
    @classmethod
    def _known(cls, table: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        known = SIZES if info.field_name == "sizes" else LEGAL_FORMS
        lines = [((name,), f"is not known{did_you_mean(name, known)}; one of {listed(known)}", name) for name in table if name not in known]
        if lines:
            raise complaint(cls.__name__, lines)
        return table

    @field_validator("industries", "regions")
    @classmethod
    def _named(cls, shares: dict[str, float]) -> dict[str, float]:
        for name in shares:
            if not name.strip() or not name.isprintable():
                raise ValueError(f"{shown(name)} is not a name")
        return shares

    @field_validator("sizes")
    @classmethod
    def _sizes_add_up(cls, sizes: dict[str, SizeClass]) -> dict[str, SizeClass]:
        _check_sum("shares", {name: size.share for name, size in sizes.items()})
        samples = {name: size.share if size.sample is None else size.sample for name, size in sizes.items()}
        _check_sum("samples", samples)
        for name, size in sizes.items():
            if size.share > 0 and samples[name] == 0:
                raise ValueError(f"{name}: sample 0 leaves {shown(size.share)} of all firms without any that stands for them")
        limits = [size.sales_below for size in sizes.values() if size.sales_below is not None]
        if limits != sorted(limits):
            raise ValueError(f"sales_below must rise from the first class to the last, found {shown(limits)}")
        return sizes

    @field_validator("*")
    @classmethod
    def _columns_inside_limits(cls, value: Any, info: ValidationInfo) -> Any:
        name = info.field_name or ""
        if isinstance(value, ColumnSpec):
            limits = cls.LIMITS_OF_RISK if name == "default_risk" else entry(f"population.{name}").limits
            lines = list(value.outside(*limits))
            if name in SHARES_OF_FIRMS:
                message = "must be a number here: the share of firms"
                lines += [(place, message, source) for place, source in value.sources() if isinstance(source, Distribution)]
            if lines:
                raise complaint(cls.__name__, lines)
        return value

    @field_validator("correlation")
    @classmethod
    def _ties_known_columns(cls, correlation: dict[str, float]) -> dict[str, float]:
        lines = list(faults_of_pairs(correlation, COLUMNS[len(KINDS_OF_FIRM) :]))
        if lines:
            raise complaint(cls.__name__, lines)
        return correlation

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        lines = [*self._unknown_names(), *self._not_covered()]
        contradiction = contradiction_in(self.correlated, COLUMNS)
        if contradiction:
            lines.append((("correlation",), contradiction, None))
        if lines:
            raise complaint(type(self).__name__, lines)
        return self

    def _columns(self) -> Iterator[tuple[str, ColumnSpec]]:
        for name in type(self).model_fields:
            spec = getattr(self, name)
            if isinstance(spec, ColumnSpec):
                yield name, spec

    def _unknown_names(self) -> Iterator[tuple[Place, str, Any]]:
        """Names of industries and sizes that the population does not have, in columns that the user wrote."""
        known = {"industry": self.industry_names, "size": self.size_names}
        for column, spec in self._columns():
            if column in self.model_fields_set:
                for kind, name in spec.names():
                    if name not in known[kind]:
                        nearest = did_you_mean(name, known[kind]) or f"; there is {listed(known[kind])}"
                        yield (column, kind), f"no {kind} {shown(name)}{nearest}", name

    def _not_covered(self) -> Iterator[tuple[Place, str, Any]]:
        for column, spec in self._columns():
            bare = [pair for pair in product(self.industry_names, self.size_names) if spec.source(*pair) is None]
            if bare:
                yield (column,), f"gives nothing for industry {shown(bare[0][0])}, size {shown(bare[0][1])}; add a general value", None


def _check_sum(what: str, shares: dict[str, float]) -> None:
    total = sum(shares.values())
    if abs(total - 1.0) > 1e-6:
        raise ValueError(f"the {what} add up to {shown(round(total, 9))}; they must add up to 1")
