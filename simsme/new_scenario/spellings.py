"""Names of columns as people write them: what they mean, and the unit, period and currency that stand in them."""

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from simsme.firm_columns import ALL_NAMES

CLOSE = 0.86
"""Likeness from which a name counts as a slip of the pen."""

SHORTEST = 4
"""Letters that a name needs for that."""

OUR_NAME, OTHER_NAME, OTHER_UNIT, SPELLING = range(4)
"""How a name was recognised, the surest first."""

_CHINESE = "\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_CHINESE}]+|[^\W\d_{_CHINESE}]+|\d+|[%€$£]")


@dataclass(frozen=True)
class ColumnName:
    """A name in a header, taken apart.

    Attributes
    ----------
    words
        All of its words, in small letters.
    meaning
        The words without unit, period, currency and such as ``total``.
    unit
        What one unit is in units of money: 1000 for thousands; None where the name does not say.
    percent
        Whether it says that shares are in percent.
    a_year
        How many of its periods a year has: 12 for monthly; None where the name does not say.
    currency
        Code of the currency that stands in it; empty where none does.
    """

    words: tuple[str, ...]
    meaning: tuple[str, ...]
    unit: float | None
    percent: bool
    a_year: float | None
    currency: str


def taken_apart(name: str) -> ColumnName:
    """Return what the name of a column says."""
    words = _words(name)
    facts: dict[str, str] = {}
    meaning = []
    for word in words:
        found, rest = _fact(word), ""
        if not found:
            # Chinese has no blanks between a meaning and its unit or period
            rest, found = _cut(word) if re.match(f"[{_CHINESE}]", word) else (word, {})
        meaning += [rest] if rest else []
        facts |= found
    return ColumnName(
        words,
        tuple(meaning),
        unit=float(facts["units"]) if "units" in facts else None,
        percent="percent" in facts,
        a_year=float(facts["periods"]) if "periods" in facts else None,
        currency=facts.get("currencies", ""),
    )


def recognised(name: ColumnName) -> tuple[str, int] | None:
    """Return our column that a name means and how surely; None where it means none."""
    whole, meant = _known()
    if name.words in whole:
        ours = whole[name.words]
        return ours, OUR_NAME if name.words == _words(ours) else OTHER_NAME
    if name.meaning in meant:
        return meant[name.meaning], OTHER_UNIT
    text = " ".join(name.meaning)
    by_text = {" ".join(words): ours for words, ours in meant.items()}
    nearest = difflib.get_close_matches(text, by_text, n=1, cutoff=CLOSE) if len(text) >= SHORTEST else []
    return (by_text[nearest[0]], SPELLING) if nearest else None


def word_meant(column: str, word: str, *, code: bool = False) -> str:
    """Return our word for a word of a column of text, an empty text where it means none or several of them.

    Parameters
    ----------
    column
        ``industry``, ``size`` or ``legal_form``.
    word
        What stands in the file.
    code
        Industries are given as codes of NACE or ISIC, such as ``C25`` or ``47.11``.
    """
    if code and column == "industry":
        return _industry_of_code(word)
    # once more without a look at capitals, which stand inside GmbH
    text = " ".join((*_words(word), "/", *_words(word.lower())))
    hits = set()
    for ours, known in _data()[column].items():
        for spelling in (ours, *known):
            wanted = " ".join(_words(spelling))
            inside = wanted in text if re.match(f"[{_CHINESE}]", wanted) else f" {wanted} " in f" {text} "
            if inside:
                hits.add(ours)
    return hits.pop() if len(hits) == 1 else ""


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(files("simsme").joinpath("data", "spellings.toml").read_text(encoding="utf-8"))


@cache
def _facts() -> Mapping[str, dict[str, str]]:
    """Words that say something beside the meaning: what they say."""
    known: dict[str, dict[str, str]] = {word: {"": ""} for word in _data()["empty"]["words"]}
    for table in ("units", "percent", "periods", "currencies"):
        for value, words in _data()[table].items():
            for word in words:
                known.setdefault(word, {})
                known[word] = {**known[word], table: value}
    return known


def _fact(word: str) -> dict[str, str]:
    return _facts().get(word, {})


def _cut(word: str) -> tuple[str, dict[str, str]]:
    """Cut unit and period off the ends of a Chinese word, unless the whole of it is known."""
    facts: dict[str, str] = {}
    whole, _ = _known_as_written()
    ends = sorted((known for known in _facts() if re.match(f"[{_CHINESE}]", known)), key=len, reverse=True)
    while (word,) not in whole:
        end = next((end for end in ends if len(end) < len(word) and (word.startswith(end) or word.endswith(end))), None)
        if end is None:
            break
        word = word.removeprefix(end) if word.startswith(end) else word.removesuffix(end)
        facts |= _fact(end)
    return word, facts


@cache
def _known_as_written() -> tuple[dict[tuple[str, ...], str], None]:
    whole: dict[tuple[str, ...], str] = {}
    for ours in ALL_NAMES:
        whole[_words(ours)] = ours
    for ours, names in _data()["columns"].items():
        for name in names:
            whole.setdefault(_words(name), ours)
    return whole, None


@cache
def _known() -> tuple[dict[tuple[str, ...], str], dict[tuple[str, ...], str]]:
    """Our column by all words of a name, and by the words of its meaning."""
    whole, _ = _known_as_written()
    meant: dict[tuple[str, ...], str] = {}
    for ours in ALL_NAMES:
        for name in (ours, *_data()["columns"][ours]):
            meaning = taken_apart(name).meaning
            if meaning:
                meant.setdefault(meaning, ours)
    return whole, meant


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", name)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    return tuple(_TOKEN.findall(plain.lower()))


def _industry_of_code(code: str) -> str:
    """Return the industry of a division (two digits) or section (a letter) of NACE or ISIC; empty where it is none of ours."""
    digits = re.match(r"[A-Za-z]?\s*(\d\d)", code.strip())
    if digits is None:
        return _SECTIONS.get(code.strip().upper(), "")
    division = int(digits[1])
    return next((industry for first, last, industry in _DIVISIONS if first <= division <= last), "")


_DIVISIONS = (
    *((10, 33, "manufacturing"), (41, 43, "construction"), (45, 46, "wholesale"), (47, 47, "retail"), (49, 53, "services")),
    *((55, 56, "catering"), (58, 66, "services"), (68, 75, "services"), (77, 82, "services"), (85, 96, "services")),
)
_SECTIONS = {"C": "manufacturing", "F": "construction", "I": "catering"} | dict.fromkeys("HJKLMNPQRS", "services")
