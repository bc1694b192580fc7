"""What holds whatever the uncertain numbers are: spread over worlds, and effect of each number, as statistics of arrays.

Worlds themselves are drawn in `simsme.possible_worlds`, and run in `simsme.world_runs` and `simsme.sensitivity_runs`.
"""
