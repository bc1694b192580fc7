"""A scored portfolio on the screen: the firms at the highest risk, what is to be lost, how it is concentrated, what levers do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, number, percent, scale_of, table_lines
from simsme.cli.screen import print_prose, screen

if TYPE_CHECKING:
    from simsme.portfolio.answer import Portfolio


def print_portfolio(found: "Portfolio", top: int) -> None:
    """Print the first rows and what holds for all of them."""
    console = screen()
    told = found.json(top)
    title = found.plan.scenario.title
    name = told["scenario"]
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    loans = _money(told["loans"], told["currency"])
    print_prose(
        console, f"{told['firms_in_all']:,} firms with bank loans of {loans}, {told['draws']:,} draws, seed {told['seed']}", style="dim"
    )
    for row in _firm_lines(told, console.width):
        console.print(row)
    if told["firms_in_all"] > len(told["firms"]):
        print_prose(
            console, f"The {len(told['firms']):,} firms at the highest risk of {told['firms_in_all']:,}; --top 0 prints all.", style="dim"
        )
    for row in _industry_lines(told, console.width):
        console.print(row)
    if told["levers"]:
        for row in _lever_lines(told, console.width):
            console.print(row)
    console.print()
    for line in _totals(told):
        print_prose(console, line)
    for line in _how_to_read(told):
        print_prose(console, line, style="dim")


def _firm_lines(told: Mapping[str, Any], width: int) -> list[Text]:
    rows, day = told["firms"], f"{told['day']:.0f}"

    def shares(head: tuple[str, str], name: str, error: str | None = None) -> Column:
        def cell(row: Mapping[str, Any]) -> str:
            return percent(row[name]) + (f" ± {percent(row[error])}" if error else "")

        return Column(head, tuple((cell(row), "") for row in rows))

    def days(name: str, head: tuple[str, str]) -> Column:
        return Column(head, tuple((number(row[name], 0), "") for row in rows))

    def money(name: str, head: str) -> Column:
        return Column(("", head), tuple((number(row[name], 0), "") for row in rows))

    names = Column(("", "firm"), tuple((str(row["firm_id"]), "") for row in rows))
    groups = [
        Group(
            "chance, %", (shares(("gone by", f"day {day}"), "chance_gone", "mc_error"), shares(("short of", "cash"), f"cash_out_by_{day}"))
        ),
        Group("median day", (days("median_cash_out_day", ("of cash", "out")), days("median_exit_day", ("of", "exit")))),
        Group(
            f"in {told['currency']}" if told["currency"] else "money",
            (money("expected_trough", "lowest cash"), money("expected_loss", "exp. loss")),
        ),
    ]
    if told["levers"]:
        best = tuple((row["best_lever"] or MISSING, "") for row in rows)
        gains = tuple(
            (f"{number(100 * row['best_gain'], 1, '+')} ± {percent(row['best_gain_error'])}" if row["best_lever"] else MISSING, "")
            for row in rows
        )
        groups.append(
            Group(f"helps most, day {told['headline_day']:.0f}", (Column(("", "lever"), best), Column(("gain,", "points"), gains)))
        )
    return table_lines(names, groups, width)


def _industry_lines(told: Mapping[str, Any], width: int) -> list[Text]:
    rows = told["concentration"]["by_industry"]["industries"]
    scale, word = scale_of(max((row["loans"] for row in rows), default=0.0))
    names = Column(("", "industry"), tuple((row["industry"], "") for row in rows))
    columns = (
        Column(("", "firms"), tuple((number(row["firms"], 0), "") for row in rows)),
        Column(("loans", word), tuple((number(row["loans"] / scale, 1), "") for row in rows)),
        Column(("exp. loss", word), tuple((number(row["expected_loss"] / scale, 2), "") for row in rows)),
        Column(("of all", "loans, %"), tuple((percent(row["share_of_loans"]), "") for row in rows)),
        Column(("of all", "loss, %"), tuple((percent(row["share_of_loss"]), "") for row in rows)),
    )
    return table_lines(names, [Group("where the loss is expected", columns)], width)


def _lever_lines(told: Mapping[str, Any], width: int) -> list[Text]:
    rows = told["levers"]
    names = Column(("", "lever"), tuple((row["lever"], "") for row in rows))
    columns = (
        Column(("firms for which", "it is the best"), tuple((number(row["best_for"], 0), "") for row in rows)),
        Column(("firms saved, if", "all had it alone"), tuple((_with_error(row), "") for row in rows)),
    )
    return table_lines(names, [Group(f"by day {told['headline_day']:.0f}", columns)], width)


def _with_error(row: Mapping[str, Any]) -> str:
    return number(row["firms_saved"]) + ("" if row["mc_error"] is None else f" ± {number(row['mc_error'])}")


def _totals(told: Mapping[str, Any]) -> list[str]:
    currency, expected, by_draw = told["currency"], told["expected_loss"], told["losses_of_draws"]
    lines = [
        f"Expected loss by day {told['day']:.0f}: {_money(expected['all'], currency)}; the guarantor bears "
        f"{_money(expected['guarantor'], currency)} ({100 * told['guarantee_share']:.0f} %), the bank {_money(expected['bank'], currency)}."
    ]
    error = "" if by_draw["mc_error"] is None else f" ± {_money(by_draw['mc_error'], '')}"
    lines.append(
        f"What banks lost by then in the draws, from the accounts: mean {_money(by_draw['mean'], '')}{error}, median "
        f"{_money(by_draw['p50'], '')}, 95th percentile {_money(by_draw['p95'], '')}, 99th {_money(by_draw['p99'], '')}."
    )
    firm, industry = told["concentration"]["by_firm"], told["concentration"]["by_industry"]
    if firm["herfindahl"]:
        lines.append(
            f"Concentration: the ten largest expected losses are {percent(firm['top_10_share'])} % of all; Herfindahl "
            f"index {firm['herfindahl']:.3g} over firms (as if {1 / firm['herfindahl']:,.0f} were equal), "
            f"{industry['herfindahl']:.3g} over industries."
        )
    if told["saved_by_one_lever"] is not None:
        lines.append(f"One lever alone raises the chance of survival, beyond chance, for {told['saved_by_one_lever']:,.0f} firms.")
    return lines


def _how_to_read(told: Mapping[str, Any]) -> list[str]:
    lgd = told["loss_given_default"]
    lines = [
        f"Chances are shares of draws; ± is their Monte Carlo standard error. Expected loss: chance of being gone × {100 * lgd:.0f} % "
        "of the loan (the scenario's loss given default). The accounts differ from it: loans are repaid, lent anew and drawn upon before a "
        "firm goes, and losses of draws, which share a shock, spread.",
    ]
    if told["levers"]:
        lines.append(
            "Each lever alone, as if every eligible firm had it (take-up 1) and the fund behind it had money and time; gains are paired "
            "draw by draw. A lever is named where its gain is above 1.96 standard errors; the best of several looks a little better than "
            "it is."
        )
    return lines


def _money(amount: float, currency: str) -> str:
    scale, word = scale_of(abs(amount))
    return " ".join(part for part in (f"{amount / scale:,.3g}" if scale > 1.0 else f"{amount:,.0f}", word, currency) if part)
