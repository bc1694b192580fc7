"""A scenario to start from: every setting with its default and its meaning, and the columns of a user's file as far as they show."""

from simsme.new_scenario.guesses import Guesses, guess_columns
from simsme.new_scenario.template import scenario_text

__all__ = ["Guesses", "guess_columns", "scenario_text"]
