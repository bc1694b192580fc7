"""A user's own firms, from a file: checked, and completed from the population's distributions."""

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.fill_firms import fill_firms
from simsme.firm_cells import Cells, read_cells
from simsme.firm_checks import FirmChecks
from simsme.firm_columns import ALL_NAMES, BY_NAME, NUMBERS
from simsme.firm_luck import FirmLuck, draw_codes
from simsme.firm_statement import SAID_BY
from simsme.firms import Firms, firm_keys
from simsme.firms_file import FirmsFile
from simsme.messages import listed, shown
from simsme.odd_firms import odd_rows
from simsme.population import LEGAL_FORMS, Population
from simsme.problems import InputError, Problem, did_you_mean
from simsme.streams import Keys

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def read_firms(path: str | Path, population: Population | None = None, file: FirmsFile | None = None) -> Firms:
    """Read the firms of a file; what it does not say is drawn for each firm's industry and size.

    An industry, legal form or region that is not given is drawn by the population's shares, a size follows from sales. What was
    filled in for how many firms stands in ``filled`` of the result, what is valid but odd in ``remarks``.

    Parameters
    ----------
    path
        CSV (gzipped or not), Parquet or Excel, one row a firm. Columns: :mod:`simsme.firm_columns`.
    population
        The scenario's population; the default one where None.
    file
        The scenario's ``[firms]``; columns under our own names where None.

    Raises
    ------
    InputError
        With everything that is wrong, each with its row and column.
    """
    population = Population() if population is None else population
    file = FirmsFile() if file is None else file
    cells = read_cells(Path(path), file)
    checks = FirmChecks(cells, file.factors or {})
    ids = checks.identifiers()
    given = {name: checks.numbers(name) for name in cells.columns if name in BY_NAME}
    names = {
        "industry": population.industry_names,
        "size": population.size_names,
        "legal_form": LEGAL_FORMS,
        "region": _regions(population, cells, file),
    }
    codes = {
        name: checks.codes(name, known, file.values.get(name, {})) if name in cells.columns else np.full(len(ids), -1, dtype=np.int64)
        for name, known in names.items()
    }
    constant_codes, problems = _constant_codes(Path(path), file, names)
    if problems or checks.problems:
        raise InputError([*problems, *checks.problems])

    for name, code in constant_codes.items():
        codes[name] = np.where(codes[name] < 0, code, codes[name])
    for name, constant in file.constants.items():
        if not isinstance(constant, str):
            column = given.get(name, np.full(len(ids), np.nan))
            given[name] = np.where(np.isnan(column), constant, column)
    for name in given:
        if BY_NAME[name].is_money:
            given[name] = given[name] * file.money_unit

    key = firm_keys(ids)
    order = np.argsort(key, kind="stable")
    key = key[order]
    given = {name: column[order] for name, column in given.items()}
    codes = {name: column[order] for name, column in codes.items()}
    filled = {name: int((codes[name] < 0).sum()) for name in ("industry", "size", "legal_form")}
    codes = _complete_codes(population, key, given["sales"], codes)

    complete = fill_firms(FirmLuck(population, key, codes["industry"], codes["size"]), given, file)
    filled |= _filled(given, complete.columns["loan"])
    parts: dict[str, Any] = {
        **codes,
        **{f"{name}_names": known for name, known in names.items()},
        **complete.columns,
        "filled": MappingProxyType({name: count for name, count in filled.items() if count}),
        "remarks": (*cells.remarks, *complete.remarks, *odd_rows(cells, order, given, complete.columns), *_unused(cells, file)),
    }
    return Firms(ids=tuple(ids[row] for row in order), key=key, order=order.astype(np.int64), **parts)


def _regions(population: Population, cells: Cells, file: FirmsFile) -> tuple[str, ...]:
    """Return all regions by name: the population's, and those of the file."""
    words = file.values.get("region", {})
    found = {words.get(text, text) for text in cells.columns.get("region", ())} - {""}
    constant = file.constants.get("region")
    found |= {constant} if isinstance(constant, str) else set()
    return (*population.regions, *sorted(found.difference(population.regions)))


def _constant_codes(path: Path, file: FirmsFile, names: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, int], list[Problem]]:
    """Return the codes of names that are constants, and what is wrong with them."""
    codes: dict[str, int] = {}
    problems = []
    for name, constant in file.constants.items():
        if name in names and constant in names[name]:
            codes[name] = names[name].index(str(constant))
        elif name in names:
            nearest = did_you_mean(str(constant), names[name]) or f"; one of {listed(names[name])}"
            problems.append(Problem(str(path), f"[firms] constants.{name}", f"unknown {name} {shown(constant)}{nearest}"))
    return codes, problems


def _complete_codes(population: Population, key: Keys, sales: Floats, codes: Mapping[str, Codes]) -> dict[str, Codes]:
    """Fill in names that are not given: size by sales, the others by the population's shares."""
    size = codes["size"]
    if (size < 0).any():
        limits = [math.inf if kind.sales_below is None else kind.sales_below for kind in population.sizes.values()]
        limits[-1] = math.inf
        by_sales = np.argmax(sales[:, None] < np.array(limits), axis=1)
        size = np.where(size < 0, by_sales, size)
    drawn = {"size": size}
    for name, shares in (("industry", population.industries), ("region", population.regions)):
        drawn[name] = _or_drawn(population, key, name, codes[name], tuple(shares.values()))
    forms: dict[str, float] = {str(form): share for form, share in population.legal_forms.items()}
    drawn["legal_form"] = _or_drawn(population, key, "legal_form", codes["legal_form"], tuple(forms.get(form, 0.0) for form in LEGAL_FORMS))
    return drawn


def _or_drawn(population: Population, key: Keys, name: str, codes: Codes, shares: tuple[float, ...]) -> Codes:
    return np.where(codes < 0, draw_codes(population, key, name, shares), codes) if (codes < 0).any() else codes


def _filled(given: Mapping[str, Floats], loan: Floats) -> dict[str, int]:
    """Return for how many firms each column comes from the population; a weight that is not given is 1."""
    counts = {}
    nothing = np.full(loan.shape, np.nan)
    for column in NUMBERS:
        if column.name != "weight":
            sources = [given.get(name, nothing) for name in (column.name, *SAID_BY.get(column.name, ()))]
            open_rows = np.isnan(np.stack(sources)).all(axis=0)
            if column.name == "loan_due_day":
                open_rows &= loan > 0.0
            counts[column.name] = int(open_rows.sum())
    return counts


def _unused(cells: Cells, file: FirmsFile) -> tuple[str, ...]:
    """Name the columns that are not used; first those that look like a slip of the pen."""
    spare = [name for name in ALL_NAMES if name not in cells.columns and name not in file.constants]
    ignored = [name for name in cells.ignored if file.columns.get(name) != ""]
    slips = [f'column "{name}" of the file is not used{nearest}' for name in ignored if (nearest := did_you_mean(name, spare))]
    rest = [name for name in ignored if not did_you_mean(name, spare)]
    return (*slips, f"columns of the file that are not used: {', '.join(rest)}") if rest else tuple(slips)
