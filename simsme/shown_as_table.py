"""How a result shows itself: as its table in a notebook, in a line elsewhere."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 60
"""Rows that a notebook shows."""


class ShownAsTable:
    """A result with a table. Data classes that inherit from it are declared with ``repr=False``."""

    def table(self) -> "pd.DataFrame":
        """Return the table."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return a line: a result may hold arrays of many draws."""
        return f"<{type(self).__name__}: table() has {len(self.table()):,} rows>"

    def _repr_html_(self) -> str:
        found = self.table()
        more = f"<p>{len(found) - MOST_ROWS:,} more rows</p>" if len(found) > MOST_ROWS else ""
        return found.head(MOST_ROWS).to_html(index=False, border=0, float_format=_digits, na_rep="") + more


def _digits(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
