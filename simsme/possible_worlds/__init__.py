"""Possible worlds: a scenario with its uncertain numbers fixed at other values that are plausible too.

Every default says in ``simsme/data/reference.toml`` whether it is an *uncertainty* (a fact that nobody knows, or how firms, banks and
customers respond), a *lever* (set by whoever makes a policy) or a *choice* (set by whoever asks). A world fixes every uncertainty at one
value of its range, for all draws. The luck of firms and draws is the same in all worlds, so that what differs between two worlds differs
by the parameters only.

>>> from simsme.possible_worlds import draw_worlds
>>> from simsme.scenario import load_scenario
>>> worlds = draw_worlds(load_scenario("three-months"), count=2)
>>> worlds[0].overrides[0].partition("=")[0]
'adjust.margin_shift'
>>> worlds[0].scenario_of(load_scenario("three-months")).scenario.credit.kappa == worlds[0].values["credit.kappa"]
True

World k is the same however many are drawn, and depends on the seed and on the names of the numbers only. `draw_worlds` is the seam for
every study over worlds; `uncertain_parameters` and `world_at` set numbers at chosen points of their ranges.
"""

from simsme.possible_worlds.drawing import PossibleWorld, draw_worlds, world_at
from simsme.possible_worlds.parameters import Parameter, Place, uncertain_parameters

__all__ = ["Parameter", "Place", "PossibleWorld", "draw_worlds", "uncertain_parameters", "world_at"]
