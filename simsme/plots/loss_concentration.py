"""Where an expected loss is concentrated: its share in the firms that lose the most, and by industry."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from simsme.plots.files import save_figure
from simsme.plots.layout import NOTE, SMALL
from simsme.plots.style import GREY, PALE
from simsme.provenance import Provenance

_BLUE, _LIGHT = "#0072B2", "#BFDDEE"


def draw_largest_losses(ax: Axes, losses: NDArray[np.float64]) -> None:
    """Draw the share of all expected loss in the firms that lose the most, against the share of firms, (n,) losses in any order."""
    ordered = np.sort(losses)[::-1]
    total = float(ordered.sum())
    shares = np.concatenate([[0.0], np.cumsum(ordered) / (total if total > 0.0 else 1.0)])
    firms = np.linspace(0.0, 1.0, len(shares))
    ax.fill_between(firms, firms, shares, color=_LIGHT, linewidth=0.0)
    ax.plot(firms, shares, color=_BLUE, linewidth=2.0, label="expected loss")
    ax.plot([0.0, 1.0], [0.0, 1.0], color="black", linewidth=0.9, linestyle=(0, (2, 1.5)), label="if it were even")
    half = int(np.searchsorted(shares, 0.5))
    if total > 0.0:
        count = f"{half:,} firm{'' if half == 1 else 's'}"
        ax.annotate(
            f"half of it: {count} of {len(losses):,}",
            (firms[half], shares[half]),
            xytext=(14, -4),
            textcoords="offset points",
            fontsize=NOTE,
            color=GREY,
        )
        ax.plot(firms[half], shares[half], marker="o", color="black", markersize=4)
    ax.set_xlabel("share of firms, the largest expected loss first", fontsize=SMALL)
    ax.set_ylabel("share of all expected loss", fontsize=SMALL)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(0.0, 1.02)
    ax.legend(fontsize=NOTE, frameon=False, loc="lower right")
    _plain(ax)


def draw_industries(ax: Axes, of_loans: Mapping[str, float], of_loss: Mapping[str, float], errors: Mapping[str, float]) -> None:
    """Draw each industry's share of the expected loss, with its Monte Carlo error, beside its share of the loans."""
    places = np.arange(len(of_loss), dtype=np.float64)
    ax.errorbar(
        list(of_loss.values()),
        places - 0.19,
        xerr=[errors[name] for name in of_loss],
        fmt="none",
        ecolor="black",
        elinewidth=1.0,
        capsize=2.0,
        zorder=3,
    )
    ax.barh(places - 0.19, list(of_loss.values()), height=0.36, color=_BLUE, label="of expected loss")
    ax.barh(places + 0.19, [of_loans[name] for name in of_loss], height=0.36, facecolor="white", edgecolor=_BLUE, label="of loans")
    ax.set_yticks(places, labels=list(of_loss))
    ax.set_ylim(len(places) - 0.45, -0.55)
    ax.set_xlabel("share of all", fontsize=SMALL)
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.legend(fontsize=NOTE, frameon=False, loc="lower right")
    ax.tick_params(axis="y", length=0)
    _plain(ax)


def write_loss_figure(
    folder: Path,
    losses: NDArray[np.float64],
    of_industries: tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]],
    title: str,
    total: str,
    provenance: Provenance,
) -> tuple[Path, ...]:
    """Write ``portfolio.png`` and ``.svg`` into an existing folder.

    Parameters
    ----------
    folder
        Where.
    losses : (n,)
        Expected loss of each firm.
    of_industries
        Each industry's share of loans, its share of the expected loss, the largest first, and the Monte Carlo error of the latter.
    title
        What it shows.
    total
        The expected loss of all, with its error.
    provenance
        Where it came from.
    """
    figure = Figure(figsize=(8.6, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_largest_losses(left, losses)
    draw_industries(right, *of_industries)
    figure.suptitle(title, x=0.01, ha="left", fontsize=11.5, parse_math=False)
    note = (
        f"In all {total}: chance of being gone (a share of {provenance.draws:,} draws) × loss given default × loan.\n"
        "Bars at the industries: Monte Carlo standard error of the share."
    )
    figure.supxlabel(note, x=0.01, ha="left", fontsize=NOTE, color=GREY)
    return tuple(save_figure(figure, folder / "portfolio", "Concentration of the expected loss", provenance))


def _plain(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=PALE, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.tick_params(labelsize=SMALL)
