"""Formats of the table of scores; apart, so that a command line that asks for help loads nothing else."""

from enum import StrEnum


class TableFormat(StrEnum):
    """Formats of the table of scores."""

    CSV = "csv"
    PARQUET = "parquet"
