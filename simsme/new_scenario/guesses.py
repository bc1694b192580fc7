"""What the columns of a user's file seem to be, by their names and their cells."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from simsme.firm_cells import REQUIRED
from simsme.firm_columns import BY_NAME, Column
from simsme.firms_file import FirmsFile
from simsme.messages import shown
from simsme.new_scenario.spellings import OTHER_UNIT, OUR_NAME, SPELLING, ColumnName, recognised, taken_apart, word_meant
from simsme.problems import InputError, Problem
from simsme.table_files import PLAIN, NumberStyle, RawColumn, RawRows, RawTable, open_table
from simsme.table_files.numbers import Recognised, recognise

MOST_WORDS = 100
"""A column of names with more different words than this names nothing that firms have in common."""

INSTEAD = {"receivable_days": "receivables", "inventory_days": "inventory", "payable_days": "payables", "margin": "operating_costs"}
"""Columns that another one makes unnecessary: levels of a statement leave no doubt about what days are counted of."""

WORDED = ("industry", "size", "legal_form")


@dataclass(frozen=True)
class Guess:
    """A column of the file that seems to be one of ours.

    Attributes
    ----------
    ours, theirs
        Our name and the file's.
    why
        What speaks for it, for the comment beside it.
    factor, measure
        What one unit of the file seems to be in ours, money units aside, and what speaks for that.
    unit
        What one unit of money in it is, as its name says; None where it does not, or the column is not money.
    """

    ours: str
    theirs: str
    why: str
    factor: float = 1.0
    measure: str = ""
    unit: float | None = None


@dataclass(frozen=True)
class Guesses:
    """What a file of firms seems to hold.

    Attributes
    ----------
    file
        The file.
    firms
        How many rows it has.
    columns
        Columns that seem to be ours, in our order.
    missing
        Our names of columns that every file needs and that were not found.
    dropped
        Our name, the file's name and the reason, for columns that seem to be ours and cannot be used.
    unplaced
        Columns of the file that are none of ours.
    values
        Our name of a column of names to the file's words and ours; an empty text where a word means none of ours.
    settings
        Keys of ``[firms]`` that say how the file is written, with a comment.
    unclear
        Settings of which one has to be chosen, each with what it means; empty where numbers can be read in one way only.
    currency
        Code of the currency that names mention; empty where none do.
    median_sales
        Median of the file's sales, before any factor; NaN where there are none.
    doubts
        What does not fit although a column has to be used.
    """

    file: str
    firms: int
    columns: tuple[Guess, ...]
    missing: tuple[str, ...]
    dropped: tuple[tuple[str, str, str], ...]
    unplaced: tuple[str, ...]
    values: Mapping[str, Mapping[str, str]]
    settings: Mapping[str, tuple[str, str]]
    unclear: tuple[tuple[str, str, str], ...] = ()
    currency: str = ""
    median_sales: float = math.nan
    doubts: tuple[str, ...] = ()

    @property
    def money_unit(self) -> float:
        """What all columns of money have as their unit by their names; 1 where they differ or do not say."""
        units = {guess.unit for guess in self.columns if guess.ours in BY_NAME and BY_NAME[guess.ours].is_money}
        return units.pop() or 1.0 if len(units) == 1 else 1.0

    @property
    def silent(self) -> tuple[str, ...]:
        """Columns of money whose names do not say their unit, where those of others do."""
        money = [guess for guess in self.columns if guess.ours in BY_NAME and BY_NAME[guess.ours].is_money]
        return tuple(guess.theirs for guess in money if guess.unit is None and any(other.unit is not None for other in money))

    @property
    def factors(self) -> dict[str, tuple[float, str]]:
        """What one unit of a column is in ours where that is not 1, money units that all have in common aside."""
        found = {}
        for guess in self.columns:
            unit = 1.0 if guess.unit is None or guess.unit == self.money_unit else guess.unit
            if guess.factor * unit != 1.0:
                found[guess.ours] = (guess.factor * unit, guess.measure or "its name says so")
        return found


@dataclass
class _Sorting:
    """Columns on their way to a place."""

    table: RawTable
    rows: RawRows
    style: NumberStyle = PLAIN
    kept: dict[str, Guess] = field(default_factory=dict)
    dropped: list[tuple[str, str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def cells(self, theirs: str) -> RawColumn:
        return self.rows.columns[self.table.header.index(theirs)]


def guess_columns(path: Path) -> Guesses:
    """Read the header and the cells of a file of firms and guess what its columns are.

    Raises
    ------
    InputError
        Where the file cannot be read, or a name stands in its header twice.
    """
    table = open_table(path, FirmsFile())
    header = table.header
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if twice:
        raise InputError([Problem(table.file, f"column {name}", "stands in the header more than once") for name in twice])
    sorting = _Sorting(table, table.rows(range(len(header))))
    if not sorting.rows.lines:
        raise InputError([Problem(table.file, "", "has a header and no firms")])
    names = {theirs: taken_apart(theirs) for theirs in header if theirs}
    for ours, theirs, why in _by_name(names):
        sorting.kept[ours] = _measured(ours, theirs, why, names[theirs])
    if "firm_id" not in sorting.kept:
        _find_identifier(sorting)
    for less, more in INSTEAD.items():
        if less in sorting.kept and more in sorting.kept:
            _drop(sorting, less, f"{more} says it already")
    settings = {key: (value, "as it was recognised") for key, value in table.settings.items()}
    unclear = _recognise_numbers(sorting, settings)
    values: dict[str, Mapping[str, str]] = {}
    for ours in list(sorting.kept):
        if ours in BY_NAME and not unclear:
            _check_numbers(sorting, BY_NAME[ours])
        elif ours in WORDED:
            _place_words(sorting, ours, values)
    _check_identifiers(sorting)
    used = {guess.theirs for guess in sorting.kept.values()} | {theirs for _, theirs, _ in sorting.dropped}
    currencies = {names[guess.theirs].currency for guess in sorting.kept.values()} - {""}
    return Guesses(
        file=table.file,
        firms=len(sorting.rows.lines),
        columns=tuple(sorting.kept[ours] for ours in (*_TEXT_ORDER, *BY_NAME) if ours in sorting.kept),
        missing=tuple(ours for ours in REQUIRED if ours not in sorting.kept),
        dropped=tuple(sorting.dropped),
        unplaced=tuple(theirs for theirs in names if theirs not in used),
        values=values,
        settings=settings,
        unclear=unclear,
        currency=currencies.pop() if len(currencies) == 1 else "",
        median_sales=math.nan if unclear else _median_sales(sorting),
        doubts=tuple(sorting.doubts),
    )


_TEXT_ORDER = ("firm_id", "industry", "size", "legal_form", "region")


def _by_name(names: Mapping[str, ColumnName]) -> list[tuple[str, str, str]]:
    """Return our name, theirs and why, the surest guess for each, first come first served."""
    candidates = []
    for position, (theirs, name) in enumerate(names.items()):
        found = recognised(name)
        if found is not None and _may_be(*found, name):
            ours, how = found
            # a sum of the year goes before that of a month
            of_the_year = name.a_year is None or name.a_year == 1.0
            candidates.append((how, not of_the_year, position, ours, theirs))
    chosen: dict[str, tuple[str, str]] = {}
    for how, _, _, ours, theirs in sorted(candidates):
        chosen.setdefault(ours, (theirs, "" if how == OUR_NAME else "by its spelling: check" if how >= SPELLING else "another name for it"))
    return [(ours, theirs, why) for ours, (theirs, why) in chosen.items()]


def _may_be(ours: str, how: int, name: ColumnName) -> bool:
    """Whether unit, percent and period of a name go with our column; where all of its words are known they do."""
    if how < OTHER_UNIT:
        return True
    column = BY_NAME.get(ours)
    if column is None:
        return name.unit is None and not name.percent
    yearly = column.unit == "money a year" or name.a_year in (None, 1.0)
    return yearly and (column.is_money or name.unit is None) and (not column.is_money or not name.percent)


def _measured(ours: str, theirs: str, why: str, name: ColumnName) -> Guess:
    column = BY_NAME.get(ours)
    if column is None:
        return Guess(ours, theirs, why)
    unit = name.unit if column.is_money else None
    if column.unit == "money a year" and name.a_year is not None and name.a_year != 1.0:
        period = "monthly" if name.a_year == 12.0 else "quarterly"
        return Guess(ours, theirs, why, name.a_year, f"its name says {period}", unit)
    if name.percent and not column.is_money:
        return Guess(ours, theirs, why, 0.01, "its name says percent")
    return Guess(ours, theirs, why, unit=unit)


def _find_identifier(sorting: _Sorting) -> None:
    """Take the first column as identifier whose cells are all there and all different, and that is nothing else."""
    used = {guess.theirs for guess in sorting.kept.values()}
    for theirs in sorting.table.header:
        texts = sorting.cells(theirs).texts if theirs else []
        if theirs and theirs not in used and all(texts) and len(set(texts)) == len(texts) and not any("." in text for text in texts):
            sorting.kept["firm_id"] = Guess("firm_id", theirs, "every firm has another one: check")
            return


def _check_identifiers(sorting: _Sorting) -> None:
    guess = sorting.kept.get("firm_id")
    if guess is not None:
        texts = sorting.cells(guess.theirs).texts
        if len(set(texts)) < len(texts) or not all(texts):
            sorting.doubts.append(f"column {shown(guess.theirs)} does not name every firm by another identifier; a run refuses that")


def _recognise_numbers(sorting: _Sorting, settings: dict[str, tuple[str, str]]) -> tuple[tuple[str, str, str], ...]:
    """Settle how numbers are written; return what there is to choose from where that cannot be known."""
    if not sorting.table.delimiter:
        return ()
    texts = {ours: sorting.cells(guess.theirs).texts for ours, guess in sorting.kept.items() if ours in BY_NAME}
    found: Recognised = recognise(texts, None, None)
    sorting.style = found.style
    if found.example is None:
        return ()
    column, row, text = found.example
    example = f"{text} in row {sorting.rows.lines[row]}, column {sorting.kept[column].theirs}"
    styles = [found.style] if found.other is None else [found.style, found.other]
    choices = []
    for style in styles:
        keys = {"decimal": style.decimal, "thousands": style.thousands} if style.thousands else {"decimal": style.decimal}
        choices += [(key, mark, f"{example}, is {shown(style.value(text))}") for key, mark in keys.items()]
    if found.other is not None and (found.style != PLAIN or sorting.table.delimiter != ","):
        return tuple(choices)
    kept = [choice for choice in choices if choice[2] == choices[0][2]]
    settings.update({key: (mark, meaning) for key, mark, meaning in kept})
    return ()


def _check_numbers(sorting: _Sorting, column: Column) -> None:
    """Look whether the cells can be what the name says; percent shows in cells that no share can have."""
    guess = sorting.kept[column.name]
    cells = sorting.cells(guess.theirs)
    values = [(row, sorting.style.value(text)) for row, text in enumerate(cells.texts) if text]
    numbers = [value for _, value in values if value is not None and math.isfinite(value)]
    if not numbers and column.name not in REQUIRED:
        reason = next(iter(cells.refused.values()), "it holds no numbers")
        _drop(sorting, column.name, reason)
        return
    share = column.unit in ("share", "per year") and column.highest <= 1.0
    if share and guess.factor == 1.0 and numbers and 1.0 < max(numbers) <= 100.0 and not column.allows(max(numbers)):
        measure = f"up to {max(numbers):g} in the file, so that it seems to be in percent: check"
        guess = sorting.kept[column.name] = Guess(guess.ours, guess.theirs, guess.why, 0.01, measure)
    wrong = [row for row, value in values if value is None or not column.allows(value * guess.factor)] + list(cells.refused)
    if wrong:
        row = min(wrong)
        what = cells.refused.get(row) or f"holds {shown(cells.texts[row])}"
        count = f"{len(wrong):,} cells" if len(wrong) > 1 else "1 cell"
        reason = f"{count} cannot be {column.meaning}: row {sorting.rows.lines[row]} {what}"
        if column.name in REQUIRED:
            sorting.doubts.append(f"column {shown(guess.theirs)}: {reason}; a run refuses that")
        else:
            _drop(sorting, column.name, reason)


def _place_words(sorting: _Sorting, ours: str, values: dict[str, Mapping[str, str]]) -> None:
    """Find our words for those of a column of names; a column of which none can be placed is not used."""
    guess = sorting.kept[ours]
    cells = sorting.cells(guess.theirs)
    words = [word for word in dict.fromkeys(cells.texts) if word]
    code = bool({"nace", "isic"}.intersection(taken_apart(guess.theirs).words))
    meant = {word: word_meant(ours, word, code=code) for word in words}
    if not any(meant.values()) or len(words) > MOST_WORDS or cells.refused:
        some = ", ".join(shown(word) for word in words[:5])
        _drop(sorting, ours, f"its words are none of ours: {some}{' and more' if len(words) > 5 else ''}")
    elif any(word != known for word, known in meant.items()):
        values[ours] = meant


def _drop(sorting: _Sorting, ours: str, reason: str) -> None:
    guess = sorting.kept.pop(ours)
    sorting.dropped.append((ours, guess.theirs, reason))


def _median_sales(sorting: _Sorting) -> float:
    guess = sorting.kept.get("sales")
    texts: Sequence[str] = sorting.cells(guess.theirs).texts if guess is not None else ()
    numbers = [value for text in texts if text and (value := sorting.style.value(text)) is not None and math.isfinite(value)]
    return median(numbers) if numbers else math.nan
