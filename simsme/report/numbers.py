"""Numbers as a reader wants them: percent, points, amounts of money, with separators and a proper minus."""

from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "–"


def _minus(text: str) -> str:
    return text.replace("-", "−")


def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share in percent; a dash where there is none."""
    return NOTHING if share is None or share != share else _minus(f"{100 * share:.{decimals}f} %")


def points(difference: float, decimals: int = 2) -> str:
    """Return a difference of shares in percentage points, with its sign; none where it rounds to 0."""
    text = f"{100 * difference:+.{decimals}f}"
    return _minus(text) if any(digit in "123456789" for digit in text) else text[1:]


def points_with_error(estimate: Mapping[str, Any]) -> str:
    """Return a paired difference in points with its Monte Carlo error after ±."""
    error = estimate.get("mc_error")
    if error is None or error != error:
        return points(estimate["mean"])
    return f"{points(estimate['mean'])} ± {100 * error:.2f}"


def count(number: float) -> str:
    """Return a number of firms or jobs."""
    return _minus(f"{number:,.0f}" if abs(number) >= 20 else f"{number:,.1f}")


UNITS = ((1e9, " billion"), (1e6, " million"), (1e3, " thousand"))


def money(amount: float | None, currency: str) -> str:
    """Return an amount with its currency, in thousands, millions or billions."""
    if amount is None or amount != amount:
        return NOTHING
    for size, word in UNITS:
        if abs(amount) >= size:
            return _minus(f"{amount / size:,.3g}{word} {currency}".strip())
    return _minus(f"{amount:,.0f} {currency}".strip())


def day(number: float) -> str:
    """Return a day of the run."""
    return f"day {number:g}"


def money_column(name: str, amounts: Sequence[float | None], currency: str) -> tuple[str, list[str]]:
    """Return the head of a column of amounts, which names their common unit, and the amounts in it."""
    largest = max((abs(amount) for amount in amounts if amount is not None and amount == amount), default=0.0)
    size, word = next(((size, word.strip()) for size, word in UNITS if largest >= size), (1.0, ""))
    unit = " ".join(part for part in (word, currency) if part)
    shown = [NOTHING if amount is None or amount != amount else _scaled(amount / size, largest / size) for amount in amounts]
    return f"{name}, {unit}" if unit else name, shown


def _scaled(amount: float, largest: float) -> str:
    decimals = 0 if largest >= 100 or largest == 0 else 1 if largest >= 10 else 2
    text = f"{amount:,.{decimals}f}"
    return _minus(text) if any(digit in "123456789" for digit in text) else text.lstrip("-")
