"""The engine: one step of every firm, in economic order, as elementwise stages that know numpy and nothing else."""
