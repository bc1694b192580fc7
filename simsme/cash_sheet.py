"""The weekly cash-flow sheet of one firm: receipts, payments, financing and closing cash, each over all draws.

Every booking that moves a firm's cash (`simsme.engine.accounts.ENTRIES`) stands in exactly one line. In each draw, and so in the means,

    opening + receipts - payments + financing - closing down = closing cash.

Quantiles are taken row by row: the 10th percentile of one row comes from other draws than that of another, so that they do not add up.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.cash_fan import QUANTILES, Ends, mean_error, quantile_ends
from simsme.engine.accounts import ENTRIES

NUMBERS = ("mean", "mc_error", *QUANTILES, *(f"{name}_{end}" for name in QUANTILES for end in ("low", "high")))
"""Mean over draws, its Monte Carlo standard error, quantiles, and both ends of their 95 % intervals."""

SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "receipts": {
        "cash sales": ("cash_sales",),
        "customers who pay later": ("collections",),
        "VAT from customers": ("vat_in",),
        "money from the state": (
            "wage_subsidies",
            "tax_refunds",
            "grants",
            "innovation_grants",
            "digital_subsidies",
            "public_equity",
        ),
    },
    "payments": {
        "wages": ("wages_paid",),
        "social insurance": ("social_paid",),
        "suppliers and other costs": ("suppliers_paid",),
        "rent": ("rent_paid",),
        "taxes and VAT": ("tax_paid",),
        "interest": ("interest_paid",),
        "fees of private lenders and funds": ("private_fees_paid", "fund_fees_paid"),
    },
    "financing": {
        "bank lends": ("bank_lent",),
        "repaid to the bank": ("principal_repaid",),
        "private lenders lend": ("bridge_lent", "informal_lent"),
        "repaid to private lenders": ("bridge_repaid", "informal_repaid"),
        "public funds and advances": ("advance_lent", "advance_repaid", "public_advances"),
        "lent on receivables": ("receivables_lent", "receivables_repaid"),
        "owner puts in": ("owner_in",),
        "owner takes out": ("drawings",),
    },
    "closing down": {
        "the firm's estate, paid out": (
            "estate_receivables",
            "estate_goods",
            "estate_fixed_assets",
            "estate_wages",
            "estate_social",
            "estate_tax",
            "estate_suppliers",
            "estate_rent",
            "estate_banks",
            "estate_private",
            "estate_funds",
            "estate_owner",
            "estate_financiers",
        ),
    },
}
"""Lines of the sheet with the bookings that they hold. Payments and the closing down are shown as what goes out."""

SIGNS = {"receipts": 1.0, "payments": -1.0, "financing": 1.0, "closing down": -1.0}
"""What a section's sum does to cash."""

SHEET_ITEMS = tuple(item for lines in SECTIONS.values() for items in lines.values() for item in items)
"""Bookings that the sheet needs."""

OPENING, CLOSING = "opening cash", "closing cash"


def moves_cash(item: str) -> float:
    """1 where a booking adds to a firm's cash, -1 where it takes from it, 0 where it does neither."""
    return float(sum(sign for balance, sign in ENTRIES[item].changes if balance == "cash"))


@dataclass(frozen=True)
class Row:
    """A row of the sheet.

    Attributes
    ----------
    section, line
        Where it stands; sums of a section have the line ``all <section>``.
    by_week : (d, w)
        Amounts in each draw and week.
    is_balance
        Whether it is a balance (opening or closing cash) and not a flow.
    """

    section: str
    line: str
    by_week: NDArray[np.float64]
    is_balance: bool = False

    @property
    def totals(self) -> NDArray[np.float64]:
        """Over all weeks, (d,): the sum of flows, the first opening, the last closing."""
        if not self.is_balance:
            total: NDArray[np.float64] = self.by_week.sum(axis=1)
            return total
        return self.by_week[:, 0 if self.line == OPENING else -1]


@dataclass(frozen=True)
class CashSheet:
    """Rows in the order of the sheet, over weeks that begin on `start`."""

    start: date
    rows: tuple[Row, ...]

    @property
    def weeks(self) -> int:
        """Number of weeks."""
        return int(self.rows[0].by_week.shape[1])

    @property
    def dates(self) -> tuple[tuple[date, date], ...]:
        """First and last date of each week. Day 0 is the start, on whose evening the cash is counted; week 1 begins the day after."""
        return tuple((self.start + timedelta(days=7 * week + 1), self.start + timedelta(days=7 * week + 7)) for week in range(self.weeks))

    def means(self, row: Row) -> NDArray[np.float64]:
        """Mean over draws of each week and, at the end, of the total, (w + 1,)."""
        return np.append(row.by_week.mean(axis=0), row.totals.mean())

    def errors(self, row: Row) -> NDArray[np.float64]:
        """Monte Carlo standard errors of :meth:`means`, (w + 1,); NaN from one draw."""
        return mean_error(np.column_stack([row.by_week, row.totals]))

    def ends(self, row: Row, share: float) -> Ends:
        """Both ends of the 95 % interval of :meth:`quantile`, by ranks, (w + 1,) each; NaN where there are too few draws for an end."""
        return quantile_ends(np.column_stack([row.by_week, row.totals]), share)

    def quantile(self, row: Row, share: float) -> NDArray[np.float64]:
        """Quantile over draws of each week and, at the end, of the total, (w + 1,). Rows of quantiles do not add up."""
        values = np.column_stack([row.by_week, row.totals])
        found: NDArray[np.float64] = np.quantile(values, share, axis=0)
        return found

    def records(self) -> Iterator[dict[str, Any]]:
        """One record a row and week (week ``all`` for the total): section, line, week, from, to, and the names of `NUMBERS`."""
        for row in self.rows:
            columns = {"mean": self.means(row), "mc_error": self.errors(row)}
            columns |= {name: self.quantile(row, share) for name, share in QUANTILES.items()}
            for name, share in QUANTILES.items():
                columns[f"{name}_low"], columns[f"{name}_high"] = self.ends(row, share)
            for week in range(self.weeks + 1):
                first, last = (self.dates[0][0], self.dates[-1][1]) if week == self.weeks else self.dates[week]
                numbers = {name: float(values[week]) for name, values in columns.items()}
                where = {"section": row.section, "line": row.line, "week": "all" if week == self.weeks else week + 1}
                yield where | {"from": first.isoformat(), "to": last.isoformat()} | numbers

    def csv(self) -> str:
        """The records as CSV, money in cents."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        head = ("section", "line", "week", "from", "to", *NUMBERS)
        writer.writerow(head)
        for record in self.records():
            writer.writerow([_cell(record[name]) for name in head])
        return text.getvalue()


def _cell(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    # no minus before a zero
    return "" if np.isnan(value) else f"{round(value, 2) + 0.0:.2f}"


def cash_sheet(start: date, cash: NDArray[np.float64], booked: Mapping[str, NDArray[np.float64]]) -> CashSheet:
    """Put a sheet together.

    Parameters
    ----------
    start
        Date of day 0.
    cash : (w + 1, d)
        Cash on day 0 and at the end of each week.
    booked : dict of (w, d)
        Bookings of each week by name; those of `SHEET_ITEMS`.

    Raises
    ------
    ValueError
        Where the rows do not add up to the closing cash in every draw.
    """
    weeks, draws = cash.shape[0] - 1, cash.shape[1]
    rows = [Row("", OPENING, cash[:-1].T, is_balance=True)]
    change = np.zeros((draws, weeks))
    for section, lines in SECTIONS.items():
        total = np.zeros((draws, weeks))
        for line, items in lines.items():
            amount = SIGNS[section] * sum((moves_cash(item) * booked[item].T for item in items), np.zeros((draws, weeks)))
            rows.append(Row(section, line, amount))
            total += amount
        rows.append(Row(section, f"all {section}", total))
        change += SIGNS[section] * total
    rows.append(Row("", CLOSING, cash[1:].T, is_balance=True))
    gap = float(np.abs(cash[:-1].T + change - cash[1:].T).max())
    if gap > 1e-6 * max(float(np.abs(cash).max()), float(np.abs(change).max()), 1.0):
        raise ValueError(f"the sheet does not add up: it is {gap:g} off")
    return CashSheet(start, tuple(rows))
