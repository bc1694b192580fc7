"""A grid of runs on the same draws: its axes, what each run of it leaves, and the table of all of them."""
