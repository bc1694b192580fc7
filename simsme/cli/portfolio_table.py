"""A scored portfolio on the screen: the firms at the highest risk, what is to be lost, how it is concentrated, what levers do."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, number, percent, scale_of, table_lines
from simsme.cli.screen import print_prose, screen
from simsme.intervals import FEWEST_TOLD, share_interval

if TYPE_CHECKING:
    from simsme.portfolio.answer import Portfolio

NEVER = "never"
"""Stands for a day that the run does not reach in half of the draws."""


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

    def column(head: tuple[str, str], cell: Callable[[Mapping[str, Any]], str]) -> Column:
        return Column(head, tuple((cell(row), "") for row in rows))

    def days(name: str, head: tuple[str, str]) -> Column:
        def cell(row: Mapping[str, Any]) -> str:
            low, middle, high = (number(row[f"{name}{end}"], 0) for end in ("_low", "", "_high"))
            return f"{middle} ({low} to {high if row[f'{name}_high'] is not None else NEVER})"

        return column(head, cell)

    def money(name: str, head: str) -> Column:
        return column(("", head), lambda row: with_error(row[name], row[f"{name}_error"], 1.0, 0))

    names = Column(("", "firm"), tuple((str(row["firm_id"]), "") for row in rows))
    groups = [
        Group(
            "chance, %",
            (
                column(("gone by", f"day {day}"), lambda row: _chance(row["chance_gone"], told["draws"])),
                column(("short of", "cash"), lambda row: _chance(row[f"cash_out_by_{day}"], told["draws"])),
            ),
        ),
        Group(
            "median day (95 % interval)",
            (days("median_cash_out_day", ("of cash", "out")), days("median_exit_day", ("of", "exit"))),
        ),
        Group(
            f"in {told['currency']}" if told["currency"] else "money",
            (money("expected_trough", "lowest cash"), column(("", "exp. loss"), lambda row: _loss(row, told["loss_given_default"]))),
        ),
    ]
    if told["levers"]:
        best = (column(("", "lever"), lambda row: row["best_lever"] or MISSING), column(("gain,", "points"), _gain))
        groups.append(Group(f"helps most, day {told['headline_day']:.0f}", best))
    return table_lines(names, groups, width)


def _chance(share: float, draws: int) -> str:
    """A share of draws in percent with its error, or with the end of its interval where no draw has it, or every one."""
    if share in (0.0, 1.0):
        end = share_interval(share, draws)
        return f"{100 * share:.0f} ({f'to {percent(float(end.high))}' if share == 0.0 else f'from {percent(float(end.low))}'})"
    return f"{percent(share)} ± {percent(math.sqrt(share * (1.0 - share) / draws))}"


def _loss(row: Mapping[str, Any], loss_given_default: float) -> str:
    loss = row["expected_loss"]
    if row["loan"] == 0.0 or loss_given_default == 0.0:
        return "0"
    if row["chance_gone"] in (0.0, 1.0):
        end = f"to {number(row['expected_loss_high'], 0)}" if loss == 0.0 else f"from {number(row['expected_loss_low'], 0)}"
        return f"{number(loss, 0)} ({end})"
    return with_error(loss, row["expected_loss_error"], 1.0, 0)


def _gain(row: Mapping[str, Any]) -> str:
    if not row["best_lever"]:
        return MISSING
    gain = number(100.0 * row["best_gain"], 1, "+")
    return (
        f"{gain} (from {percent(row['best_gain_low'])})" if row["best_gain_error"] == 0.0 else f"{gain} ± {percent(row['best_gain_error'])}"
    )


def _industry_lines(told: Mapping[str, Any], width: int) -> list[Text]:
    rows = told["concentration"]["by_industry"]["industries"]
    scale, word = scale_of(max((row["loans"] for row in rows), default=0.0))
    names = Column(("", "industry"), tuple((row["industry"], "") for row in rows))
    columns = (
        Column(("", "firms"), tuple((number(row["firms"], 0), "") for row in rows)),
        Column(("loans", word), tuple((number(row["loans"] / scale, 1), "") for row in rows)),
        Column(
            ("exp. loss", word), tuple((with_error(row["expected_loss"], row["expected_loss_error"], 1.0 / scale, 2), "") for row in rows)
        ),
        Column(("of all", "loans, %"), tuple((percent(row["share_of_loans"]), "") for row in rows)),
        Column(("of all", "loss, %"), tuple((with_error(row["share_of_loss"], row["share_of_loss_error"], 100.0, 1), "") for row in rows)),
    )
    return table_lines(names, [Group("where the loss is expected", columns)], width)


def _lever_lines(told: Mapping[str, Any], width: int) -> list[Text]:
    rows = told["levers"]
    names = Column(("", "lever"), tuple((row["lever"], "") for row in rows))
    columns = (
        Column(
            ("firms for which", "it is the best"), tuple((with_error(row["best_for"], row["best_for_error"], 1.0, 0), "") for row in rows)
        ),
        Column(
            ("firms saved, if", "all had it alone"), tuple((with_error(row["firms_saved"], row["mc_error"], 1.0, 1), "") for row in rows)
        ),
    )
    return table_lines(names, [Group(f"by day {told['headline_day']:.0f}", columns)], width)


def with_error(value: float | None, error: float | None, factor: float, decimals: int) -> str:
    """A number and its Monte Carlo error; without the latter where all draws say the same, which does not make it sure."""
    if value is None:
        return MISSING
    shown = number(factor * value, decimals)
    return f"{shown} ± {number(factor * error, decimals)}" if error else shown


def _totals(told: Mapping[str, Any]) -> list[str]:
    currency, expected, errors, by_draw = told["currency"], told["expected_loss"], told["expected_loss_error"], told["losses_of_draws"]
    all_, guarantor, bank = (_money(expected[who], "", errors[who]) for who in ("all", "guarantor", "bank"))
    unit = f" {currency}" if currency else ""
    lines = [
        f"Expected loss by day {told['day']:.0f}: {all_}{unit}; the guarantor bears {guarantor}{unit} "
        f"({100 * told['guarantee_share']:.0f} %), the bank {bank}{unit}."
    ]
    quantiles = {name: (_money(by_draw[name], ""), _ends(by_draw, name)) for name in ("p50", "p95", "p99")}
    lines.append(
        f"What banks lost by then in the draws, from the accounts: mean {_money(by_draw['mean'], '', by_draw['mc_error'])}, median "
        f"{' '.join(quantiles['p50'])}, 95th percentile {' '.join(quantiles['p95'])}, 99th {' '.join(quantiles['p99'])}."
    )
    firm, industry = told["concentration"]["by_firm"], told["concentration"]["by_industry"]
    if firm["herfindahl"]:
        largest, over_firms, over_industries = (
            with_error(of[name], of[f"{name}_error"], factor, decimals)
            for of, name, factor, decimals in ((firm, "top_10_share", 100, 1), (firm, "herfindahl", 1, 4), (industry, "herfindahl", 1, 3))
        )
        lines.append(
            f"Concentration: the ten largest expected losses are {largest} % of all; Herfindahl index {over_firms} over firms (as if "
            f"{1 / firm['herfindahl']:,.0f} were equal), {over_industries} over industries."
        )
    if told["saved_by_one_lever"] is not None:
        count = with_error(told["saved_by_one_lever"], told["saved_by_one_lever_error"], 1.0, 0)
        firms = "firm" if count == "1" else "firms"
        lines.append(f"One lever alone raises the chance of survival, beyond chance, for {count} {firms}. {_least_told(told)}")
    return lines


def _least_told(told: Mapping[str, Any]) -> str:
    least = told["smallest_gain_told"]
    if least > 1.0:
        return f"With fewer than {FEWEST_TOLD} draws no gain of a firm can be told from chance."
    return (
        f"With {told['draws']:,} draws a gain below {number(100 * least)} points cannot be told from chance; more draws tell smaller ones."
    )


def _ends(of: Mapping[str, Any], name: str) -> str:
    low, high = of[f"{name}_low"], of[f"{name}_high"]
    return f"({'?' if low is None else _money(low, '')} to {'?' if high is None else _money(high, '')})"


def _how_to_read(told: Mapping[str, Any]) -> list[str]:
    lgd = told["loss_given_default"]
    lines = [
        "Chances are shares of draws. ± is the Monte Carlo standard error, taken over draws: firms of a draw share its shock, so that the "
        "error of a total is not that of independent firms. (to) and (from): the end of the 95 % interval where no draw has it, or every "
        "one; (a to b): a 95 % interval by ranks, ? where there are too few draws for an end. No ± where all draws say the same.",
        f"Expected loss: chance of being gone × {100 * lgd:.0f} % of the loan (the scenario's loss given default). The accounts differ "
        "from it: loans are repaid, lent anew and drawn upon before a firm goes, and losses of draws, which share a shock, spread.",
    ]
    if told["levers"]:
        lines.append(
            "Each lever alone, as if every eligible firm had it (take-up 1) and the fund behind it had money and time; gains are paired "
            "draw by draw. A lever is named where luck alone would show its gain in fewer than 2.5 % of cases (sign test); the best of "
            "several looks a little better than it is, and of many firms some pass by luck."
        )
    return lines


def _money(amount: float, currency: str, error: float | None = None) -> str:
    """Money in words, and its error in the same thousands; an error of 0 is none."""
    scale, word = scale_of(max(abs(amount), error or 0.0))

    def digits(value: float) -> str:
        return f"{value / scale:,.3g}" if scale > 1.0 else f"{value:,.0f}"

    plus = f" ± {f'{error / scale:,.2g}' if scale > 1.0 else f'{error:,.0f}'}" if error else ""
    return " ".join(part for part in (digits(amount) + plus, word, currency) if part)
