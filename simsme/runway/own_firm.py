"""From what an owner says to a whole firm: the rest is typical of firms of its industry and size, and is listed as assumed."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.fill_firms import fill_firms
from simsme.firm_columns import BY_NAME, NUMBERS
from simsme.firm_luck import FirmLuck
from simsme.firm_statement import SAID_BY
from simsme.firms import Firms, firm_keys
from simsme.firms_file import FirmsFile
from simsme.population import LEGAL_FORMS, Population
from simsme.reference import entry
from simsme.runway.answers import Answers

OWN_ID = "own-firm"
"""Identifier of a firm that has no other: it keys the firm's luck."""

TYPICAL, DRAWN = "typical of", "drawn for"
"""How what nobody said is taken from the population: the middle, or a draw of the firm's own."""

NOT_THERE = ("loan", "credit_line")
"""What a firm does not have unless its owner says so: nobody forgets a bank loan."""

SOURCES = {"payroll": "people_share", "social_share": "social_rate", "employees": "payroll_per_employee"}
"""Columns of a firm that are drawn under another name."""

SAID_TOO = dict(SAID_BY) | {"materials_share": ("materials",), "payroll": ("employees",)}
"""Other answers from which a column follows."""


@dataclass(frozen=True)
class Assumed:
    """Something about a firm that nobody said.

    Attributes
    ----------
    column
        Its name in a file of firms.
    value
        What it is taken to be.
    unit
        ``money``, ``money a year``, ``share``, ``days`` and the like; empty for a text.
    meaning
        What it is, in a few words.
    basis
        ``published``, ``derived``, ``assumption``, or ``scenario`` where the scenario says so.
    why
        How it was found.
    source
        Where the number was read; often empty.
    """

    column: str
    value: float | str
    unit: str
    meaning: str
    basis: str
    why: str
    source: str


@dataclass(frozen=True)
class OwnFirm:
    """A firm, one row, with what about it is assumed and what is odd about it."""

    firms: Firms
    assumed: tuple[Assumed, ...]
    remarks: tuple[str, ...]


class TypicalLuck(FirmLuck):
    """A firm in the middle of every distribution."""

    def uniforms(self, column: str) -> NDArray[np.float64]:
        """One half for each firm."""
        return np.full(self.key.shape, 0.5)


def own_firm(answers: Answers, population: Population, firm_id: str = OWN_ID) -> OwnFirm:
    """Complete a firm with what is typical (the median) of its industry and size.

    Parameters
    ----------
    answers
        What is said, see `simsme.runway.answers.check_answers`.
    population
        Where the rest comes from.
    firm_id
        Keys the firm's luck.
    """
    numbers = {name: value for name, value in answers.items() if isinstance(value, float)}
    kinds, assumed = _kinds(answers, numbers["sales"], population)
    key = firm_keys([firm_id])
    luck = TypicalLuck(population, key, np.array([kinds["industry"]]), np.array([kinds["size"]]))
    given = {name: np.array([value]) for name, value in numbers.items() if name in BY_NAME}
    if "materials" in numbers:
        given["materials_share"] = np.array([numbers["materials"] / numbers["sales"]])
    if "employees" in numbers and "payroll" not in numbers:
        given["payroll"] = given["employees"] * luck.draw("payroll_per_employee")
    for name in NOT_THERE:
        if not any(other in numbers for other in (name, *SAID_BY.get(name, ()))):
            given[name] = np.zeros(1)
    complete = fill_firms(luck, given, FirmsFile())
    names = {
        "industry": population.industry_names,
        "size": population.size_names,
        "legal_form": LEGAL_FORMS,
        "region": tuple(population.regions),
    }
    parts: dict[str, Any] = {
        **{name: np.array([code]) for name, code in kinds.items()},
        **{f"{name}_names": known for name, known in names.items()},
        **complete.columns,
    }
    firms = Firms(ids=(firm_id,), key=key, order=np.zeros(1, dtype=np.int64), **parts)
    numbers_assumed = assumed_numbers(firms, numbers, population, TYPICAL)
    return OwnFirm(firms, (*assumed, *numbers_assumed), _remarks(firms, complete.remarks))


def _kinds(answers: Answers, sales: float, population: Population) -> tuple[dict[str, int], tuple[Assumed, ...]]:
    """Codes of what kind of firm it is; size by sales, the rest the most common where it is not said."""
    limits = [math.inf if kind.sales_below is None else kind.sales_below for kind in population.sizes.values()]
    by_sales = next((code for code, limit in enumerate(limits) if sales < limit), len(limits) - 1)
    forms = [population.legal_forms.get(form, 0.0) for form in LEGAL_FORMS]

    def most_common(shares: Mapping[str, float]) -> int:
        return int(np.argmax(list(shares.values())))

    found: dict[str, tuple[int, str, tuple[str, ...]]] = {
        "industry": (most_common(population.industries), "the most common one", population.industry_names),
        "size": (by_sales, "by its sales", population.size_names),
        "legal_form": (int(np.argmax(forms)), "the most common one", LEGAL_FORMS),
        "region": (most_common(population.regions), "the most common one", tuple(population.regions)),
    }
    codes, assumed = {}, []
    for name, (code, why, names) in found.items():
        if name in answers:
            codes[name] = names.index(str(answers[name]))
            continue
        codes[name] = code
        if len(names) > 1:
            assumed.append(Assumed(name, names[code], "", name.replace("_", " "), "assumption", why, ""))
    return codes, tuple(assumed)


def assumed_numbers(firms: Firms, said: Collection[str], population: Population, how: str) -> tuple[Assumed, ...]:
    """Return the numbers of a firm, one row, that follow from nothing that is said.

    Parameters
    ----------
    firms, population
        The firm, and where the rest came from.
    said
        Names of what is said.
    how
        How the rest was taken from it: `TYPICAL` or `DRAWN`.
    """
    kind = f"{firms.size_names[int(firms.size[0])]} firms in {firms.industry_names[int(firms.industry[0])]}"
    words = f"{how} {kind}"
    found = []
    for column in NUMBERS:
        name = column.name
        if name == "weight" or name in said:
            continue
        value = float(getattr(firms, name)[0])
        if any(other in said for other in SAID_TOO.get(name, ())):
            if name == "payroll":
                found.append(_from_people(value, population))
            continue
        if name in ("loan_due_day", "loan_rate", "interest_day") and not firms.loan[0] > 0.0:
            continue
        if name in NOT_THERE and how == TYPICAL:
            found.append(Assumed(name, value, column.unit, column.meaning, "assumption", "none unless you say so", ""))
            continue
        found.append(_typical(name, value, population, words))
    return tuple(found)


def _typical(name: str, value: float, population: Population, words: str) -> Assumed:
    column, spec = BY_NAME[name], SOURCES.get(name, name)
    if name == "default_risk":
        why = "a score of margin, debt, cash and volatility"
        return Assumed(name, value, column.unit, column.meaning, "assumption", why, "")
    if spec in population.model_fields_set:
        return Assumed(name, value, column.unit, column.meaning, "scenario", words, "")
    known = entry(f"population.{spec}")
    return Assumed(name, value, column.unit, column.meaning, known.basis, words, known.source)


def _from_people(value: float, population: Population) -> Assumed:
    known = entry("population.payroll_per_employee")
    return Assumed(
        "payroll", value, "money a year", BY_NAME["payroll"].meaning, known.basis, "employees times a typical wage", known.source
    )


def _remarks(firms: Firms, found: tuple[str, ...]) -> tuple[str, ...]:
    """What is allowed and yet odd: worth a look before the answer is believed."""
    remarks = [text.replace("1 firms have", "this firm has").replace("1 firms:", "this firm:") for text in found]
    margin = float(firms.margin[0])
    if margin < 0.0:
        remarks.append(f"costs and taxes are {100 * (1 - margin):.0f} % of sales: this firm loses money in normal times")
    if margin > 0.4:
        remarks.append(f"{100 * margin:.0f} % of sales are left after all costs and taxes, which is rare; is a cost missing?")
    return tuple(remarks)


def place_of(flags: Mapping[str, str], file: str) -> Callable[[str], str]:
    """How a name is called in errors: its flag where it came from one, else its place in the file."""
    return lambda name: flags.get(name) or (f"{file}: {name}" if file else f"--{name.replace('_', '-')}")
