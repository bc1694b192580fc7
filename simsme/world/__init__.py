"""The world of a scenario: its numbers in a draw, its firms, their luck, what hits them, and whom the levers reach."""

from simsme.world.worlds import World

__all__ = ["World"]
