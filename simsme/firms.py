"""The firms of a run: one row a firm, plain arrays, in an order that does not depend on the file they came from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simsme.streams import Keys, firm_key

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

YEAR = 365.0
MONTH = YEAR / 12.0


@dataclass(frozen=True)
class Firms:
    """Firms in canonical order: sorted by ``key``, whatever the order in which they were drawn or listed.

    Arrays have shape (n,). Money is in the scenario's currency, flows are per year, shares lie in [0, 1], days are days.

    Attributes
    ----------
    ids
        Identifiers.
    key
        64-bit hash of each identifier: the seed of the firm's luck.
    order
        Position of the firm in the user's file, or the order in which it was drawn; from 0.
    industry, size, legal_form, region
        Codes: positions in ``industry_names``, ``size_names``, ``legal_form_names``, ``region_names``.
    weight
        How many firms the firm stands for.
    sales
        Normal-times sales net of VAT.
    materials_share
        Cost of goods sold, share of sales.
    payroll, social_share
        Gross wages; employer's social insurance as a share of them.
    rent, overheads
        Fixed outlays.
    tax_share, vat_share
        Taxes that are an expense, and VAT, as shares of sales.
    cash
        Cash on day 0.
    inventory_days, receivable_days, payable_days, credit_sales_share
        Stock in days of cost of goods sold; days until customers on credit pay; days until suppliers are paid; share of sales on credit.
    fixed_assets
        Book value of what the firm works with.
    loan, loan_rate, loan_due_day, credit_line
        Bank loan, its annual rate, the day on which it falls due (infinite where there is no loan), and unused committed line.
    default_risk
        Annual probability of default as a fully informed bank would see it, in (0, 1).
    owner_funds, informal_credit
        What the owner can put in; what private lenders will lend.
    sales_volatility
        Coefficient of variation of monthly sales, white part.
    large_buyer_share, public_buyer_share
        Shares of sales to large and to public buyers.
    state_landlord
        1 where the landlord is the state, else 0.
    insured_payroll_share
        Share of payroll on which social insurance is paid.
    payday, tax_day, interest_day
        Day of its month (365/12 days) on which the firm pays, in (0, 365/12].
    rent_day, rent_every_months
        Rent is due every so many months, on this day of the period.
    employees
        People, the owner not counted.
    filled
        For firms from a file: in how many of them each column was filled from the population's distributions. Empty where all was drawn.
    remarks
        Valid but odd, one sentence each, for the user to look at.
    """

    ids: Sequence[str]
    key: Keys
    order: Codes
    industry: Codes
    size: Codes
    legal_form: Codes
    region: Codes
    industry_names: tuple[str, ...]
    size_names: tuple[str, ...]
    legal_form_names: tuple[str, ...]
    region_names: tuple[str, ...]
    weight: Floats
    employees: Floats
    sales: Floats
    materials_share: Floats
    payroll: Floats
    social_share: Floats
    rent: Floats
    overheads: Floats
    tax_share: Floats
    vat_share: Floats
    cash: Floats
    inventory_days: Floats
    receivable_days: Floats
    payable_days: Floats
    credit_sales_share: Floats
    fixed_assets: Floats
    loan: Floats
    loan_rate: Floats
    loan_due_day: Floats
    credit_line: Floats
    default_risk: Floats
    owner_funds: Floats
    informal_credit: Floats
    sales_volatility: Floats
    large_buyer_share: Floats
    public_buyer_share: Floats
    state_landlord: Floats
    insured_payroll_share: Floats
    payday: Floats
    tax_day: Floats
    interest_day: Floats
    rent_day: Floats
    rent_every_months: Floats
    filled: MappingProxyType[str, int] = field(default_factory=lambda: MappingProxyType({}))
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def people_cost(self) -> Floats:
        """Payroll and social insurance, a year."""
        return self.payroll * (1.0 + self.social_share)

    @property
    def margin(self) -> Floats:
        """Normal operating margin after taxes that are an expense, share of sales."""
        return 1.0 - self.materials_share - (self.people_cost + self.rent + self.overheads) / self.sales - self.tax_share

    @property
    def fixed_outflow(self) -> Floats:
        """What has to be paid a year with zero sales: people, rent, overheads, interest."""
        return self.people_cost + self.rent + self.overheads + self.loan_rate * self.loan

    @property
    def static_runway_days(self) -> Floats:
        """Days for which cash pays the fixed outflow with zero sales; infinite where nothing is fixed."""
        outflow = self.fixed_outflow
        return np.where(outflow > 0.0, self.cash / np.where(outflow > 0.0, outflow, 1.0) * YEAR, np.inf)

    @property
    def receivables(self) -> Floats:
        """What customers owe in normal times."""
        return self.credit_sales_share * self.sales / YEAR * self.receivable_days

    @property
    def stock(self) -> Floats:
        """Stock at cost in normal times."""
        return self.materials_share * self.sales / YEAR * self.inventory_days

    @property
    def payables(self) -> Floats:
        """What is owed to suppliers of materials in normal times."""
        return self.materials_share * self.sales / YEAR * self.payable_days

    @property
    def accruals(self) -> Floats:
        """Wages, rent, taxes and interest that have accrued by day 0 and are not yet due."""
        people = self.people_cost * (MONTH - self.payday)
        rent = self.rent * (MONTH * self.rent_every_months - self.rent_day)
        tax = (self.tax_share + self.vat_share) * self.sales * (MONTH - self.tax_day)
        interest = self.loan_rate * self.loan * (MONTH - self.interest_day)
        return (people + rent + tax + interest) / YEAR

    @property
    def assets(self) -> Floats:
        """Cash, receivables, stock and fixed assets on day 0."""
        return self.cash + self.receivables + self.stock + self.fixed_assets

    @property
    def equity(self) -> Floats:
        """Assets less payables, accruals and loan on day 0."""
        return self.assets - self.payables - self.accruals - self.loan

    def all(self) -> "Firms":
        """Return the firms, which are all there."""
        return self

    def take(self, rows: Any) -> "Firms":
        """Return some of the firms, in the given order of rows (a slice, positions or a mask)."""
        picked = np.arange(len(self))[rows]
        changes = {
            column.name: getattr(self, column.name)[picked] for column in fields(self) if isinstance(getattr(self, column.name), np.ndarray)
        }
        return Firms(
            **changes,
            ids=tuple(self.ids[row] for row in picked),
            industry_names=self.industry_names,
            size_names=self.size_names,
            legal_form_names=self.legal_form_names,
            region_names=self.region_names,
            filled=self.filled,
            remarks=self.remarks,
        )

    def frame(self) -> "pd.DataFrame":
        """Return the firms as a table in the user's order: what a file of firms would hold, so that it can be read again."""
        import pandas as pd

        columns: dict[str, Any] = {"firm_id": list(self.ids)}
        for name in ("industry", "size", "legal_form", "region"):
            columns[name] = np.asarray(getattr(self, f"{name}_names"), dtype=object)[getattr(self, name)]
        skipped = {"key", "order", "industry", "size", "legal_form", "region"}
        for column in fields(self):
            if column.name not in skipped and isinstance(getattr(self, column.name), np.ndarray):
                columns[column.name] = getattr(self, column.name)
        table = pd.DataFrame(columns).iloc[np.argsort(self.order, kind="stable")].reset_index(drop=True)
        return table.assign(loan_due_day=table["loan_due_day"].where(table["loan"] > 0.0))


def firm_keys(ids: Iterable[str]) -> Keys:
    """Return the keys of identifiers."""
    return np.array([firm_key(firm_id) for firm_id in ids], dtype=np.uint64)
