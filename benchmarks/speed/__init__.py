"""Speed of the engine: one measurement in a process of its own, what is measured one after another, and the words about it."""
