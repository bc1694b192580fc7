"""The evidence of the Polish firms: what `benchmarks/evidence.py` runs, compares and writes."""
