"""The cash of one firm over a year: the median draw, the band that holds four draws in five, and dates."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from simsme.cash_fan import CashFan
from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL, new_axes
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

_BLUE, _BAND = "#0072B2", "#BFDDEE"
_SCALES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def plot_cash_fan(fan: CashFan, start: date, *, currency: str = "", draws: int | None = None, ax: Axes | None = None) -> Axes:
    """Plot the cash of one firm week by week.

    Parameters
    ----------
    fan : CashFan
        Its cash.
    start : date
        Date of week 0.
    currency : str
        Unit of money.
    draws : int, optional
        Number of draws, for the note.
    ax : Axes, optional
        Where to draw; axes in a new figure where not given.

    Returns
    -------
    Axes
        The axes drawn on.

    Examples
    --------
    >>> import simsme
    >>> found = simsme.find_runway(firm={"cash": 60_000, "sales": 3_000_000})  # doctest: +SKIP
    >>> ax = simsme.plot_cash_fan(found.chances.fan(), found.case.scenario.time.start_date)  # doctest: +SKIP
    """
    axes = new_axes() if ax is None else ax
    draw_cash_fan(axes, fan, start, currency, draws)
    return axes


def draw_cash_fan(ax: Axes, fan: CashFan, start: date, currency: str, draws: int | None) -> None:
    """Draw band, median and mean, and say what the band is."""
    largest = max(float(np.abs(fan.p90).max()), float(np.abs(fan.p10).max()))
    scale, word = next(((scale, word) for scale, word in _SCALES if largest >= 2 * scale), (1.0, ""))
    ax.fill_between(
        fan.week, fan.p10 / scale, fan.p90 / scale, color=_BAND, linewidth=0.0, label="P10 to P90: four draws in five", zorder=1
    )
    ax.plot(fan.week, fan.p50 / scale, color=_BLUE, linewidth=2.0, label="median draw", zorder=3)
    ax.plot(fan.week, fan.mean / scale, color="black", linewidth=1.1, linestyle=(0, (2, 1.5)), label="mean of all draws", zorder=2)
    ax.axhline(0.0, color="black", linewidth=0.9, zorder=2)
    quarters = [int(week) for week in fan.week if week % 13 == 0]
    ax.set_xticks(quarters, labels=[f"week {week}\n{_date_text(start + timedelta(days=7 * week))}" for week in quarters])
    ax.set_xticks(fan.week, minor=True)
    ax.grid(axis="x", color=PALE, linewidth=0.6)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", "−")))
    ax.set_ylabel(f"cash, {word} {currency}".replace("  ", " ").strip(" ,"), fontsize=SMALL)
    ax.set_xlim(fan.week[0], fan.week[-1])
    ax.margins(y=0.06)
    ax.grid(axis="y", color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(fontsize=NOTE, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=3)
    count = "" if draws is None else f" over {draws:,} draws"
    note = f"Cash at the end of each week{count}. The band is the spread of draws, not an error. A firm that has closed has no cash."
    ax.set_title(note, fontsize=NOTE, color=GREY, loc="left")


def write_cash_fan(folder: Path, fan: CashFan, start: date, currency: str, provenance: Provenance, title: str) -> tuple[Path, ...]:
    """Write ``cash-fan.png`` and ``.svg`` into an existing folder."""
    figure = Figure(figsize=(7.6, 4.4), layout="constrained")
    draw_cash_fan(figure.add_subplot(), fan, start, currency, provenance.draws)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11.5, parse_math=False)
    return tuple(save_figure(figure, folder / "cash-fan", "Cash of one firm", provenance))


def _date_text(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"
