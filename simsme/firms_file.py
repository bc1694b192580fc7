"""How a user's own file of firms is read: other column names, constants, and what the totals of a statement consist of."""

import codecs
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from simsme.bounds import Positive, Share
from simsme.firm_columns import ALL_NAMES, BY_NAME, TEXTS
from simsme.messages import outside, shown
from simsme.problems import did_you_mean
from simsme.quantities import Table
from simsme.reference import reference
from simsme.tables import Place, complaint


class FirmsFile(Table):
    """The table ``[firms]`` of a scenario.

    A file may have any of our columns under its own name; ``firm_id``, ``sales`` and ``cash`` it must have.

    Attributes
    ----------
    columns
        Our name of a column to its name in the file, where they differ; an empty text where the file's column of our name is not to
        be used.
    constants
        Value of a column where the file does not say: it has no such column, or the cell is empty.
    values
        For columns of text: the file's word to ours, such as ``values.industry = { "56" = "catering" }``; an empty text says that the
        word tells nothing.
    factors
        For columns of numbers: what one unit of the file is in ours, such as 12 for sales a month or 0.01 for percent. Money is
        multiplied by ``money_unit`` as well.
    money_unit
        What one unit of money in the file is in the scenario's currency: 1000 where the file is in thousands.
    delimiter, decimal, thousands, encoding
        How a text is written: what separates cells, what stands before decimals and between thousands (empty: nothing), and how bytes
        stand for letters. Recognised where not given.
    sheet
        Name or number (from 1) of the sheet of an Excel file; the first one where not given.
    short_term_payables_share, short_term_loan_share
        Trade payables and bank loans as shares of ``short_term_liabilities``. The rest is what the model accrues itself: wages,
        taxes, interest.
    long_term_loan_share
        Bank loans as a share of ``long_term_liabilities``.
    """

    columns: dict[str, str] = Field(default_factory=dict, description="Our name of a column = its name in the file")
    constants: dict[str, float | str] = Field(default_factory=dict, description="Value of a column where the file does not say")
    values: dict[str, dict[str, str]] = Field(default_factory=dict, description="For a column of text: the file's word = ours")
    factors: dict[str, Positive] | None = Field(default=None, description="For a column of numbers: what one unit of the file is in ours")
    delimiter: Literal[",", ";", "|", "\t", "tab"] | None = Field(default=None, description="What separates the cells of a text")
    decimal: Literal[".", ","] | None = Field(default=None, description="What stands before decimals in a text")
    thousands: Literal[",", ".", " ", "'", ""] | None = Field(
        default=None, description="What stands between thousands in a text; an empty text for nothing"
    )
    encoding: str | None = Field(default=None, description="Encoding of a text; UTF-8 where not given")
    sheet: str | int | None = Field(default=None, description="Name or number (from 1) of the sheet of an Excel file")
    money_unit: float = reference("firms.money_unit")
    short_term_payables_share: Share = reference("firms.short_term_payables_share")
    short_term_loan_share: Share = reference("firms.short_term_loan_share")
    long_term_loan_share: Share = reference("firms.long_term_loan_share")

    @field_validator("columns", "constants", "values", "factors", mode="after")
    @classmethod
    def _known_columns(cls, table: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        lines: list[tuple[Place, str, Any]] = []
        for name, value in (table or {}).items():
            if name not in ALL_NAMES:
                lines.append(((name,), f"no column {shown(name)} is known{did_you_mean(name, ALL_NAMES)}", value))
        if lines:
            raise complaint(cls.__name__, lines)
        return table

    @field_validator("constants", mode="after")
    @classmethod
    def _allowed_constants(cls, constants: dict[str, float | str]) -> dict[str, float | str]:
        lines: list[tuple[Place, str, Any]] = []
        for name, value in constants.items():
            if name == "firm_id":
                lines.append(((name,), "cannot be a constant: every firm has its own", value))
            elif name in TEXTS and not isinstance(value, str):
                lines.append(((name,), f"must be text in quotes, found {shown(value)}", value))
            elif name in BY_NAME and isinstance(value, str):
                lines.append(((name,), f"must be a number, found {shown(value)} (text)", value))
            elif name in BY_NAME and not BY_NAME[name].allows(float(value)):
                lines.append(((name,), outside(float(value), BY_NAME[name].lowest, BY_NAME[name].highest), value))
        if lines:
            raise complaint(cls.__name__, lines)
        return constants

    @field_validator("values", mode="after")
    @classmethod
    def _texts_only(cls, values: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        lines = [((name,), f"{name} is a column of numbers; only text has words to translate", None) for name in values if name in BY_NAME]
        if lines:
            raise complaint(cls.__name__, lines)
        return values

    @field_validator("factors", mode="after")
    @classmethod
    def _numbers_only(cls, factors: dict[str, float] | None) -> dict[str, float] | None:
        lines = [((name,), f"{name} is a column of text; only numbers have a factor", None) for name in factors or () if name in TEXTS]
        if lines:
            raise complaint(cls.__name__, lines)
        return factors

    @field_validator("encoding", mode="after")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        try:
            if encoding is not None:
                "".encode(codecs.lookup(encoding).name)
        except (LookupError, ValueError):
            raise ValueError(f"unknown encoding {shown(encoding)}; such as utf-8, utf-16, cp1252, gb18030") from None
        return encoding

    @field_validator("sheet", mode="after")
    @classmethod
    def _counted_from_one(cls, sheet: str | int | None) -> str | int | None:
        if isinstance(sheet, int) and sheet < 1:
            raise ValueError(f"{shown(sheet)} is not allowed; sheets are counted from 1")
        return sheet

    @model_validator(mode="after")
    def _consistent(self) -> "FirmsFile":
        if self.decimal is not None and self.decimal == self.thousands:
            raise complaint(
                type(self).__name__, [(("thousands",), f"{shown(self.thousands)} stands before decimals already", self.thousands)]
            )
        if self.short_term_payables_share + self.short_term_loan_share > 1.0:
            total = shown(self.short_term_payables_share + self.short_term_loan_share)
            message = f"the shares of short-term liabilities add up to {total}; at most 1 is allowed"
            raise complaint(type(self).__name__, [(("short_term_loan_share",), message, None)])
        return self
