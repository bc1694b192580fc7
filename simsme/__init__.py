"""Cash runway and survival of small firms in a shock, and what credit policies change.

>>> import simsme
>>> out = simsme.run("three-months", draws=2, overrides=["population.firms=100"])
>>> out.summary[["policy", "exit"]]  # doctest: +SKIP
>>> simsme.plot_survival(out)  # doctest: +SKIP

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simsme.attribution import Attribution
    from simsme.coalitions import attribute
    from simsme.comparison.comparison import Comparison
    from simsme.discoveries import Failure, discover
    from simsme.discovery.result import Discovery
    from simsme.exploring.widgets import Explorer, explore
    from simsme.firm_level_files import read_firm_level
    from simsme.frontier import Frontier
    from simsme.optimization.optimizing import optimize
    from simsme.outcomes import Outcomes
    from simsme.plots import plot_difference, plot_effectiveness, plot_funds, plot_survival
    from simsme.plots.attribution import plot_attribution
    from simsme.plots.cash_fan import plot_cash_fan
    from simsme.plots.comparison import plot_comparison
    from simsme.plots.discovery import plot_discovery
    from simsme.plots.frontier import plot_frontier
    from simsme.plots.sweep import plot_sweep
    from simsme.plots.tornado import plot_indices, plot_screening, plot_tornado
    from simsme.plots.worlds import plot_world_gains, plot_worlds
    from simsme.portfolio.answer import Portfolio, score_portfolio
    from simsme.possible_worlds import PossibleWorld, draw_worlds
    from simsme.problems import InputError
    from simsme.report.files import write_report
    from simsme.robustness.across_worlds import AcrossWorlds
    from simsme.runs import Run, run
    from simsme.runway.answer import Runway, find_runway
    from simsme.scenario import LoadedScenario, Scenario, load_scenario, parse_scenario, shipped_scenarios
    from simsme.sensitivity_runs import sensitivity
    from simsme.stored_runs import compare
    from simsme.story import Story, tell_story
    from simsme.sweeping.result import Sweep
    from simsme.sweeps import sweep
    from simsme.targeting import measure_targeting
    from simsme.validation.sources import validate
    from simsme.world_runs import across_worlds

__all__ = [
    "AcrossWorlds",
    "Attribution",
    "Comparison",
    "Discovery",
    "Explorer",
    "Failure",
    "Frontier",
    "InputError",
    "LoadedScenario",
    "Outcomes",
    "Portfolio",
    "PossibleWorld",
    "Run",
    "Runway",
    "Scenario",
    "Story",
    "Sweep",
    "across_worlds",
    "attribute",
    "compare",
    "discover",
    "draw_worlds",
    "explore",
    "find_runway",
    "load_scenario",
    "measure_targeting",
    "optimize",
    "parse_scenario",
    "plot_attribution",
    "plot_cash_fan",
    "plot_comparison",
    "plot_difference",
    "plot_discovery",
    "plot_effectiveness",
    "plot_frontier",
    "plot_funds",
    "plot_indices",
    "plot_screening",
    "plot_survival",
    "plot_sweep",
    "plot_tornado",
    "plot_world_gains",
    "plot_worlds",
    "read_firm_level",
    "run",
    "score_portfolio",
    "sensitivity",
    "shipped_scenarios",
    "sweep",
    "tell_story",
    "validate",
    "write_report",
]

_HOMES = {
    "AcrossWorlds": "simsme.robustness.across_worlds",
    "Attribution": "simsme.attribution",
    "Comparison": "simsme.comparison.comparison",
    "Discovery": "simsme.discovery.result",
    "Explorer": "simsme.exploring.widgets",
    "Failure": "simsme.discoveries",
    "Frontier": "simsme.frontier",
    "InputError": "simsme.problems",
    "LoadedScenario": "simsme.scenario",
    "Outcomes": "simsme.outcomes",
    "Portfolio": "simsme.portfolio.answer",
    "PossibleWorld": "simsme.possible_worlds",
    "Run": "simsme.runs",
    "Runway": "simsme.runway.answer",
    "Scenario": "simsme.scenario",
    "Story": "simsme.story",
    "Sweep": "simsme.sweeping.result",
    "across_worlds": "simsme.world_runs",
    "attribute": "simsme.coalitions",
    "compare": "simsme.stored_runs",
    "discover": "simsme.discoveries",
    "draw_worlds": "simsme.possible_worlds",
    "explore": "simsme.exploring.widgets",
    "find_runway": "simsme.runway.answer",
    "load_scenario": "simsme.scenario",
    "measure_targeting": "simsme.targeting",
    "optimize": "simsme.optimization.optimizing",
    "parse_scenario": "simsme.scenario",
    "plot_attribution": "simsme.plots.attribution",
    "plot_cash_fan": "simsme.plots.cash_fan",
    "plot_comparison": "simsme.plots.comparison",
    "plot_difference": "simsme.plots",
    "plot_discovery": "simsme.plots.discovery",
    "plot_effectiveness": "simsme.plots",
    "plot_frontier": "simsme.plots.frontier",
    "plot_funds": "simsme.plots",
    "plot_indices": "simsme.plots.tornado",
    "plot_screening": "simsme.plots.tornado",
    "plot_survival": "simsme.plots",
    "plot_sweep": "simsme.plots.sweep",
    "plot_tornado": "simsme.plots.tornado",
    "plot_world_gains": "simsme.plots.worlds",
    "plot_worlds": "simsme.plots.worlds",
    "read_firm_level": "simsme.firm_level_files",
    "run": "simsme.runs",
    "score_portfolio": "simsme.portfolio.answer",
    "sensitivity": "simsme.sensitivity_runs",
    "shipped_scenarios": "simsme.scenario",
    "sweep": "simsme.sweeps",
    "tell_story": "simsme.story",
    "validate": "simsme.validation.sources",
    "write_report": "simsme.report.files",
}
"""Module of each public name. None of the names is also that of a module of the package, which would take its place once imported."""


def __getattr__(name: str) -> Any:
    """Load a public name on first use."""
    if name == "__version__":
        from simsme.provenance import version

        return version()
    if name not in _HOMES:
        raise AttributeError(f"module 'simsme' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
