"""The table of levers for a terminal: what each brings alone, on top of all others, and by its Shapley value, and at what cost."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, band, decimals_for, number, scale_of, table_lines

TOGETHER = "all together"
INTERACTION = "interaction"
"""The last two rows: the policy, and what the levers bring alone less what they bring together."""


def attribution_table(found: Mapping[str, Any], width: int) -> list[Text]:
    """Return the lines of the table of an attribution.

    Parameters
    ----------
    found
        What :meth:`simsme.attribution.Attribution.json` returns.
    width
        Characters of a line. Groups of columns that find no room come below the others.
    """
    levers = found["levers"]
    names = Column(("", "lever"), tuple((name, "") for name in (*(lever["lever"] for lever in levers), TOGETHER, INTERACTION)))
    day, currency = f"day {found['day']:g}", found["currency"]
    groups = [
        _group(found, "firms_saved", f"firms saved, {day}", 1.0, ""),
        Group(f"cost in {currency}" if currency else "cost", (_cost(found, "cost_per_firm_saved", "per firm"),)),
        _group(found, "net_cost", f"net cost, {currency}, {day}" if currency else f"net cost, {day}", *_money_scale(found)),
        _group(found, "jobs_saved", f"jobs saved, {day}", 1.0, ""),
        Group(f"cost in {currency}" if currency else "cost", (_cost(found, "cost_per_job_saved", "per job"),)),
    ]
    return table_lines(names, groups, width)


def _money_scale(found: Mapping[str, Any]) -> tuple[float, str]:
    return scale_of(max(abs(effect["mean"]) for effect in _effects(found, "net_cost")))


def _effects(found: Mapping[str, Any], measure: str) -> list[Mapping[str, Any]]:
    return [found["package"][measure], *(effect for lever in found["levers"] for effect in lever[measure].values())]


def _group(found: Mapping[str, Any], measure: str, title: str, scale: float, unit: str) -> Group:
    decimals = decimals_for([effect["mean"] / scale for effect in _effects(found, measure)])
    levers = found["levers"]

    def column(head: str, effects: Sequence[Mapping[str, Any] | None], *, errors: bool) -> Column:
        return Column((unit, head), tuple(_cell(effect, scale, decimals, errors=errors) for effect in effects))

    def of_levers(entrance: str) -> list[Mapping[str, Any] | None]:
        return [lever[measure][entrance] for lever in levers]

    together, sums = found["package"][measure], found["sums"]
    columns = (
        column("alone", [*of_levers("alone"), sums["alone"][measure], found["interaction"][measure]], errors=False),
        column("last in", [*of_levers("last_in"), sums["last_in"][measure], None], errors=False),
        column("Shapley", [*of_levers("shapley"), together, None], errors=True),
    )
    return Group(title, columns)


def _cell(effect: Mapping[str, Any] | None, scale: float, decimals: int, *, errors: bool) -> tuple[str, str]:
    """A mean, with its Monte Carlo error where wanted, and its 95 % interval."""
    if effect is None:
        return "", ""
    text = number(effect["mean"] / scale, decimals)
    if errors and effect["mc_error"] is not None:
        text += f" ± {number(effect['mc_error'] / scale, decimals)}"
        if effect["permutation_error"] is not None:
            text += f" ± {number(effect['permutation_error'] / scale, decimals)}"
    low, high = effect["interval"] or (None, None)
    return text, band({"low": low, "high": high}, 1.0 / scale, decimals)


def _cost(found: Mapping[str, Any], name: str, head: str) -> Column:
    costs = [*(lever[name] for lever in found["levers"]), found["package"][name]]
    values = [abs(cost["value"]) for cost in costs if cost["value"] is not None]
    scale, word = scale_of(max(values, default=0.0))
    decimals = decimals_for([value / scale for value in values])

    def cell(cost: Mapping[str, Any]) -> tuple[str, str]:
        if cost["value"] is None:
            return MISSING, ""
        low, high = cost["interval"]
        return number(cost["value"] / scale, decimals), band({"low": low, "high": high}, 1.0 / scale, decimals)

    return Column((word, head), (*(cell(cost) for cost in costs), ("", "")))
