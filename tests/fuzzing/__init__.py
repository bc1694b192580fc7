"""Inputs that nobody would give, and some that somebody will: made from a seed, and judged by what becomes of them."""
