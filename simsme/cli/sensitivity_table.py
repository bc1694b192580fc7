"""Tables of a sensitivity study for a terminal: for each outcome the numbers that matter most."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, decimals_for, number, table_lines

SHOWN, SHOWN_OF_MANY, MANY = 12, 5, 4
"""Numbers of a table, fewer for each gain where there are more outcomes than `MANY`."""

NAME_WIDTH = 44
"""Characters of a name at most; a longer one ends in an ellipsis."""


def sensitivity_tables(found: Mapping[str, Any], width: int) -> Iterator[Text]:
    """Yield the lines of the tables of a study, as `json` of its result has it; `width`: characters of a line."""
    outcomes = found["outcomes"]
    for entry in outcomes:
        of_gain = entry["outcome"].startswith("gain:")
        shown = entry["parameters"][: SHOWN_OF_MANY if of_gain and len(outcomes) > MANY else SHOWN]
        yield Text()
        yield Text(title_of(entry, found), style="bold")
        if not any(_size(parameter, found["method"]) for parameter in shown):
            yield Text("  no number changes it")
            continue
        if found["method"] == "tornado" and found["draws"] > 1 and not any(parameter["clear"] for parameter in shown):
            yield Text("  no number changes it by more than the Monte Carlo error")
            continue
        names = Column(("", "number"), tuple((_short(parameter["name"]), "") for parameter in shown))
        columns = {"tornado": _tornado, "morris": _morris, "sobol": _sobol}[found["method"]]
        # the first line is empty
        yield from table_lines(names, columns(shown), width)[1:]


def title_of(entry: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """What an outcome is, in words, with its value where the study has it."""
    outcome, day = entry["outcome"], f"day {found['day']:g}"
    if outcome.startswith("gain:"):
        what = f"Gain by {outcome.removeprefix('gain:')} (exit survival beyond {found['reference']}), {day}"
    else:
        what = {"exit": "Firms not gone for good (exit)", "cash": "Firms never short of cash (cash)"}[outcome]
        what += f" under {found['reference']}, {day}"
    own = entry.get("own")
    if own is None:
        return what
    decimals = 2 if outcome.startswith("gain:") else 1
    error = "" if own["mc_error"] is None else f" ± {number(100.0 * own['mc_error'], decimals)}"
    unit = "points" if outcome.startswith("gain:") else "%"
    return f"{what}: {number(100.0 * own['mean'], decimals)}{error} {unit}"


def _size(parameter: Mapping[str, Any], method: str) -> float:
    return float(parameter[{"tornado": "width", "morris": "mu_star", "sobol": "total"}[method]] or 0.0)


def _tornado(shown: Sequence[Mapping[str, Any]]) -> list[Group]:
    decimals = decimals_for([100.0 * parameter["width"] for parameter in shown], few=5.0)
    changes = [
        Column(
            ("change at", end),
            tuple((_with_error(100.0 * p[end]["change"], p[end]["mc_error"], decimals), "") for p in shown),
        )
        for end in ("low", "high")
    ]
    width = Column(("", "width"), tuple((_with_error(100.0 * p["width"], p["width_mc_error"], decimals, sign=""), "") for p in shown))
    doubt = Column(("", ""), tuple(("" if p["clear"] else "unclear", "") for p in shown))
    return [Group("in its own unit", _range(shown)), Group("percentage points", (*changes, width, doubt))]


def _morris(shown: Sequence[Mapping[str, Any]]) -> list[Group]:
    decimals = decimals_for([100.0 * parameter["mu_star"] for parameter in shown], few=5.0)
    columns = (
        Column(("", "mu*"), tuple((_with_error(100.0 * p["mu_star"], p["mu_star_error"], decimals, sign=""), "") for p in shown)),
        Column(("", "mu"), tuple((_with_error(100.0 * p["mu"], p["mu_error"], decimals), "") for p in shown)),
        Column(("", "sigma"), tuple((_with_error(100.0 * p["sigma"], p["sigma_error"], decimals, sign=""), "") for p in shown)),
    )
    return [Group("in its own unit", _range(shown)), Group("percentage points", columns)]


def _sobol(shown: Sequence[Mapping[str, Any]]) -> list[Group]:
    def column(name: str, head: str) -> tuple[Column, Column]:
        estimates = Column(("", head), tuple((number(_percent(p[name]), 0), "") for p in shown))
        intervals = Column(("", "95 % interval"), tuple((_interval(p[f"{name}_interval"]), "") for p in shown))
        return estimates, intervals

    columns = (*column("first", "by itself"), *column("total", "with others"))
    return [Group("in its own unit", _range(shown)), Group("part of the variance, %", columns)]


def _range(shown: Sequence[Mapping[str, Any]]) -> tuple[Column, ...]:
    def end(parameter: Mapping[str, Any], name: str) -> float:
        found = parameter[name]
        return float(found["value"] if isinstance(found, Mapping) else found)

    heads = {"low": "low", "own": "own", "high": "high"}
    units = Column(("", "unit"), tuple((p["unit"], "") for p in shown))
    return (*(Column(("", head), tuple((_digits(end(p, name)), "") for p in shown)) for name, head in heads.items()), units)


def _digits(value: float) -> str:
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")


def _with_error(value: float, error: float | None, decimals: int, sign: str = "+") -> str:
    text = number(value, decimals, sign)
    return text if error is None else f"{text} ± {number(100.0 * error, decimals)}"


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _interval(ends: Sequence[float] | None) -> str:
    return MISSING if ends is None else " to ".join(number(100.0 * end, 0) for end in ends)


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else f"{name[: NAME_WIDTH - 1]}…"
