"""What the owner of a firm says about it, from flags or a small TOML file: checked, all faults at once."""

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from simsme.firm_columns import BY_NAME, MOST_MONEY, TINY, Column
from simsme.messages import listed, share_hint, shown, shown_range
from simsme.population import LEGAL_FORMS, Population
from simsme.problems import InputError, Problem, did_you_mean
from simsme.textfile import parse_toml, read_text

MATERIALS = Column("materials", "money a year", 0.0, MOST_MONEY, "cost of goods sold")
"""Owners know the sum; the model works with its share of sales."""

NUMBERS = {name: column for name, column in BY_NAME.items() if name != "weight"} | {MATERIALS.name: MATERIALS}
TEXTS = ("industry", "size", "legal_form", "region")
REQUIRED = ("cash", "sales")

_GROUPED = re.compile(r"[+-]?\d{1,3}([ ,'’_.]\d{3})+")

Answers = dict[str, float | str]


def read_answers(file: Path) -> dict[str, Any]:
    """Return what a TOML file says about a firm, unchecked: names and values, no tables.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    return parse_toml(read_text(file, str(file)), str(file))


def check_answers(said: Mapping[str, Any], place: Callable[[str], str], population: Population) -> Answers:
    """Check what is said about a firm.

    Parameters
    ----------
    said
        Values by name: a name of `simsme.firm_columns` or ``materials``. Numbers may be texts.
    place
        How a name is called in errors: a flag, or a line of a file.
    population
        Whose industries, sizes and regions are known.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    answers: Answers = {}
    problems: list[Problem] = []
    for name, value in said.items():
        try:
            answers[name] = _number(NUMBERS[name], value) if name in NUMBERS else _text(name, value, population)
        except ValueError as error:
            problems.append(Problem(place(name), "", str(error)))
    missing = [name for name in REQUIRED if name not in said]
    problems += [Problem(place(name), "", f"is missing; nothing but cash and sales is needed: {BY_NAME[name].meaning}") for name in missing]
    problems += _contradictions(answers, place)
    if problems:
        raise InputError(problems)
    return answers


def _number(column: Column, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"must be a number, found {shown(value)}")
    if isinstance(value, str):
        text = value.strip().replace("−", "-")
        try:
            value = float("" if "_" in text else text)
        except ValueError:
            hint = f"; write it without signs between the digits: {re.sub(r'[^0-9+-]', '', text)}" if _GROUPED.fullmatch(text) else ""
            hint = "; write shares as 0.12" if text.endswith("%") else hint
            raise ValueError(f"must be a number, found {shown(text)}{hint}") from None
    if isinstance(value, int) and abs(value) > MOST_MONEY:
        # larger than any float, perhaps
        value = math.inf if value > 0 else -math.inf
    if not column.allows(float(value)):
        allowed = (
            "above 0"
            if column.lowest == TINY
            else shown_range(column.lowest, math.inf if column.highest == MOST_MONEY > value else column.highest)
        )
        why = {
            "sales": "; give what the firm sells in a normal year",
            "cash": "; an overdraft is a loan: give --cash 0 and what the bank may ask back as --loan",
        }.get(column.name, "")
        why = why if float(value) <= 0 else ""
        hint = share_hint(float(value), column.lowest, column.highest)
        raise ValueError(f"{shown(value)} is outside the allowed range, {allowed}{why}{hint}")
    return float(value)


def _text(name: str, value: Any, population: Population) -> str:
    known = {
        "industry": population.industry_names,
        "size": population.size_names,
        "legal_form": LEGAL_FORMS,
        "region": tuple(population.regions),
    }
    if name not in known:
        names = (*REQUIRED, *(known_name for known_name in (*NUMBERS, *TEXTS) if known_name not in REQUIRED))
        raise ValueError(f"is not something that a firm has{did_you_mean(name, names) or '; known: ' + ', '.join(names)}")
    if value not in known[name]:
        nearest = did_you_mean(value, known[name]) if isinstance(value, str) else ""
        raise ValueError(f"unknown {name.replace('_', ' ')} {shown(value)}{nearest or '; one of ' + listed(known[name])}")
    return str(value)


def _contradictions(answers: Answers, place: Callable[[str], str]) -> list[Problem]:
    found = []
    for name in ("loan_due_day", "loan_rate"):
        if name in answers and not answers.get("loan"):
            found.append(Problem(place(name), "", f"is given without a loan; add {place('loan')}"))
    for name, others in (("materials", ("materials_share",)), ("receivables", ("receivable_days",)), ("payables", ("payable_days",))):
        both = [other for other in others if name in answers and other in answers]
        found += [Problem(place(other), "", f"says the same as {place(name)}; give one of them") for other in both]
    return found
