"""Published numbers, runs that should reproduce them, and what came of it."""
