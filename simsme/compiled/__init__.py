"""The compiled execution of the engine: the stages of :mod:`simsme.engine`, recorded, written as loops, compiled, and kept."""
