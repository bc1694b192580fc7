"""Calibration: numbers of a scenario moved until its runs agree with what was observed, and what that leaves open."""
