"""The best mixes of levers for a terminal: what each saves, what it costs whom, and which mixes cannot be told from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simsme.cli.columns import MISSING, Column, Group, band, decimals_for, number, scale_of, table_lines
from simsme.cli.screen import print_prose, screen

Numbers = Mapping[str, Any]


def print_optimum(found: Numbers, title: str) -> None:
    """Print what :meth:`simsme.frontier.Frontier.json` returns."""
    console = screen()
    name = found["scenario"]
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    worlds = f" in each of {found['worlds']} worlds" if found["worlds"] else ""
    print_prose(
        console,
        f"Best mixes of {len(found['levers'])} levers for public money, against {found['reference']}: {found['firms']:,} firms that stand "
        f"for {found['weight']:,.0f}, searched with {found['search_draws']:,} draws and told of with {found['fresh_draws']:,} others"
        f"{worlds}, seed {found['seed']}",
        style="dim",
    )
    for optimum in found["budgets"]:
        console.print()
        budget = _money(optimum["budget"], found["currency"])
        print_prose(console, f"Budget {budget}: {optimum['mixes'][0]['words']}", bold=f"Budget {budget}:")
        for row in table_lines(*_columns(found, optimum), console.width):
            console.print(row)
        for mix in optimum["mixes"][1:]:
            print_prose(console, f"{mix['place']}: {mix['words']}", style="dim")
    console.print()
    for line in _how_to_read(found):
        print_prose(console, line, style="dim")


def _columns(found: Numbers, optimum: Numbers) -> tuple[Column, list[Group]]:
    mixes: Sequence[Numbers] = optimum["mixes"]
    names = Column(("", "mix"), tuple(("best" if mix["place"] == 1 else str(mix["place"]), "") for mix in mixes))
    day, currency = f"day {found['day']:g}", found["currency"]
    what = found["maximize"]
    groups = [_group(f"{what} saved, {day}", ("", ""), [mix["saved"] for mix in mixes], 1.0)]
    groups.append(_money_group(f"net cost, {day}", currency, "budget's payers", [mix["cost"] for mix in mixes]))
    if mixes[0]["cost_others"] is not None:
        groups.append(_money_group("", currency, "others", [mix["cost_others"] for mix in mixes]))
    if found["criterion"] != "mean":
        groups.append(_group(found["criterion"], ("", what), [mix["score"] for mix in mixes], 1.0))
    if len(mixes) > 1:
        behind = _group(f"{what} behind the best", ("", ""), [mix["behind"] for mix in mixes], 1.0)
        told = Column(("", "told apart"), tuple((_yes(mix["distinguishable"]), "") for mix in mixes))
        groups.append(Group(behind.title, (*behind.columns, told)))
    return names, groups


def _group(title: str, head: tuple[str, str], effects: Sequence[Numbers | None], scale: float) -> Group:
    decimals = decimals_for([effect["mean"] / scale for effect in effects if effect is not None])
    return Group(title, (Column(head, tuple(_cell(effect, scale, decimals) for effect in effects)),))


def _money_group(title: str, currency: str, payers: str, effects: Sequence[Numbers]) -> Group:
    scale, word = scale_of(max(abs(effect["mean"]) for effect in effects))
    return _group(title or payers, (f"{word} {currency}".strip(), payers if title else ""), effects, scale)


def _cell(effect: Numbers | None, scale: float, decimals: int) -> tuple[str, str]:
    """A mean with its Monte Carlo error, and its 95 % interval."""
    if effect is None:
        return "", ""
    text = number(effect["mean"] / scale, decimals)
    if effect["mc_error"] is not None:
        text += f" ± {number(effect['mc_error'] / scale, decimals)}"
    low, high = effect["interval"] or (None, None)
    return text, band({"low": low, "high": high}, 1.0 / scale, decimals)


def _yes(flag: bool | None) -> str:
    return MISSING if flag is None else "yes" if flag else "no"


def _money(amount: float, currency: str) -> str:
    scale, word = scale_of(abs(amount))
    return " ".join(text for text in (f"{amount / scale:g}", word, currency) if text)


def _how_to_read(found: Numbers) -> Iterator[str]:
    payers = ", ".join(found["payers"]).replace("_", " ")
    yield (
        f"The budget holds the net cost to {payers} by day {found['day']:g}, on average over the draws of the search; what banks, "
        "landlords and other payers bear or gain stands beside it. Below zero those who pay gain."
    )
    if found["worlds"]:
        meaning = {
            "mean": "The best is the mix that saves most on average over worlds.",
            "regret": "The best is the mix that falls least behind the best affordable one in the world where it falls behind most "
            "(regret, with the sign turned).",
            "worst-decile": "The best is the mix that saves most in the tenth of the worlds in which it saves least.",
        }
        yield meaning[found["criterion"]] + " The same worlds, with other draws, stand behind the search and what is told."
    if found["fresh_draws"] > 1:
        yield "± is the Monte Carlo standard error of the mean over fresh draws, below it the 95 % interval; not the spread of draws."
        alike = [mix for optimum in found["budgets"] for mix in optimum["mixes"][1:] if not mix["distinguishable"]]
        if alike:
            yield "Not told apart: the 95 % interval of the paired difference to the best holds zero, so that either may be the better one."
    for optimum in found["budgets"]:
        best = optimum["mixes"][0]
        if best["cost"]["mean"] > optimum["budget"]:
            budget = _money(optimum["budget"], found["currency"])
            cost = _money(float(f"{best['cost']['mean']:.4g}"), found["currency"])
            yield f"On fresh draws the best mix for {budget} costs more than that: {cost}."
