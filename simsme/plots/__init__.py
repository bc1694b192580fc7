"""Figures. Every function takes ``ax=``, returns the Axes, shows nothing and changes no global style."""

from simsme.plots.difference import plot_difference
from simsme.plots.effectiveness import plot_effectiveness
from simsme.plots.files import write_figures
from simsme.plots.funds import plot_funds
from simsme.plots.survival import plot_survival

__all__ = ["plot_difference", "plot_effectiveness", "plot_funds", "plot_survival", "write_figures"]
