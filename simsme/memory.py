"""How much memory a run takes, estimated before it starts, against what is free.

The numbers of bytes are rounded up from peaks measured on ``three-months`` (docs/scale.md); they are meant to be too large by a tenth to a
half rather than too small.
"""

import os
from contextlib import suppress
from pathlib import Path

from simsme.batches import draws_of_a_batch
from simsme.execution import COMPILED, LANES, NUMPY
from simsme.pairwise import AT_ONCE
from simsme.plan import Plan
from simsme.problems import InputError, Problem
from simsme.world.couplings import beyond_compiled, firms_meet

BASE_BYTES = 300_000_000
"""Python, libraries, the compiled engine, and the blocks of a run whose firms do not meet."""
HELD_BYTES, DRAWN_BYTES = 600, 75
"""A firm that is held, its name included; one that is drawn when it is needed, while all of them are put in order."""
MEETING_BYTES = {COMPILED: (450, 0, 1), NUMPY: (3000, 250, 8)}
"""A firm in a draw where firms meet, by execution: in any case, for each policy, and for each policy and step."""
PARQUET_BYTES = 100_000_000
"""What writes Parquet."""
GROUPS, GROUP_TABLES, OTHER_NUMBERS = 25, 13, 150
"""What a draw leaves for a policy and reported day: tables by group, and other numbers."""
CELL_NUMBERS, MONEY_NUMBERS = 24, 200
"""What is added up for a policy and reported day while firms come in blocks: for a combination of groups, and of money."""
BLOCKS_BYTES = 60_000_000
"""Blocks of drawn firms that threads share."""
FACTOR_OF_GROUPS = 20
"""Combinations of groups for each industry and size: by loan and decile of runway."""

Bytes = int


def estimated_bytes(plan: Plan, firms: int, *, workers: int, engine: str | None = None, firm_level: bool = False) -> Bytes:
    """Estimate the peak memory of a run.

    Parameters
    ----------
    plan
        What is run.
    firms
        How many firms it has.
    workers
        Batches that run side by side; 0 where they run on other machines.
    engine
        ``numpy`` or ``compiled``; the one of large runs where not given.
    firm_level
        Whether is counted by firm.
    """
    scenario, policies = plan.scenario, len(plan.policies)
    steps, reports = -(-scenario.time.horizon_days // scenario.time.step_days) + 2, len(scenario.time.report_days) + 2
    chosen = engine or (NUMPY if beyond_compiled(scenario, plan.policies) else COMPILED)
    draws = scenario.draws if scenario.max_draws is None else scenario.max_draws
    drawn, meet = plan.draws_as_needed(firms), firms_meet(scenario, plan.policies)
    # what became of each firm of a block is held, and of all firms where they meet, or are held and counted one by one
    a_life, block = policies * (15 + 11 * reports), min(LANES[chosen], firms * draws)
    batch = a_life * block
    if meet:
        fixed, by_policy, by_step = MEETING_BYTES[chosen]
        batch = max(block, firms) * (a_life + fixed + policies * (by_policy + by_step * steps))
    elif firm_level and not drawn:
        batch = 2 * a_life * max(block, firms)
    if drawn:
        population = scenario.population
        kinds = 1 if population is None else len(population.industries) * len(population.sizes)
        sums = FACTOR_OF_GROUPS * kinds * CELL_NUMBERS + AT_ONCE * MONEY_NUMBERS
        batch += draws_of_a_batch(scenario, policies) * policies * reports * 8 * sums
    others = BLOCKS_BYTES if drawn else 0
    if firm_level:
        width = 1 if draws < 256 else 2 if draws < 65536 else 4
        others += PARQUET_BYTES + firms * (policies * (width * (2 * (steps + 1) + 2 * reports + 10) + 16) + 16)
    summaries = 2 * draws * policies * 8 * (3 * (steps + 1) + reports * (GROUPS * GROUP_TABLES + OTHER_NUMBERS))
    return BASE_BYTES + (DRAWN_BYTES if drawn else HELD_BYTES) * firms + workers * batch + others + summaries


def free_bytes() -> Bytes | None:
    """Memory that is free, by the system and by the limit of its control group; None where the system does not say."""
    found = []
    with suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        found += [1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    with suppress(OSError, ValueError):
        top = Path("/sys/fs/cgroup")
        found.append(int((top / "memory.max").read_text()) - int((top / "memory.current").read_text()))
    if not found:
        with suppress(OSError, ValueError, AttributeError):
            found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found) if found else None


def check_memory(plan: Plan, firms: int, *, workers: int, engine: str | None = None, firm_level: bool = False) -> str | None:
    """Check that a run fits into what is free.

    Returns
    -------
    str or None
        What it takes, in a sentence, where that is a gigabyte or more.

    Raises
    ------
    InputError
        Where it does not fit, with what to change.
    """
    needed, free = estimated_bytes(plan, firms, workers=workers, engine=engine, firm_level=firm_level), free_bytes()
    if free is None or needed < BASE_BYTES + 100_000_000:
        return None
    if needed > free:
        ways = []
        if workers > 1:
            one = estimated_bytes(plan, firms, workers=1, engine=engine, firm_level=firm_level)
            ways.append(f"--jobs 1 (about {_gigabytes(one)})")
        if len(plan.policies) > 2:
            ways.append("fewer policies at a time (--policy)")
        if firm_level:
            ways.append("no --firm-level")
        ways += ["fewer firms with larger weights", "a larger machine"]
        message = f"{firms:,} firms take about {_gigabytes(needed)}, {_gigabytes(free)} are free; what helps: {', '.join(ways)}"
        raise InputError([Problem("memory", "", message)])
    return f"About {_gigabytes(needed)} of memory will be needed, {_gigabytes(free)} are free." if needed >= 1e9 else None


def _gigabytes(count: Bytes) -> str:
    return f"{count / 1e9:.1f} GB"
