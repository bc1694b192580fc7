"""Time what the explorer does when a slider is moved, and write the figures to docs/performance.md.

    python benchmarks/explorer.py            # from a checkout in which simsme is installed

Every move is a state that was never shown before: the scenario is read with it, the policy and the reference are simulated, and the
picture with its curves and sentences is drawn, as in a notebook.
"""

import statistics
import time

from performance_page import PAGE, machine, write_section

from simsme.exploring.controls import lever_controls
from simsme.exploring.exploration import Exploration, begin
from simsme.exploring.state import State

MOVES, WANTED = 20, 0.5
FIRMS, DRAWS = 5000, 20


def seconds_of_moves(exploration: Exploration, policy: str) -> list[float]:
    """Seconds of moves of the length of the shock, after one that has everything loaded."""
    exploration.picture(State(policy=policy))
    seconds = []
    for move in range(MOVES):
        state = State(policy=policy, shock={"shock.duration_days": 60.0 + move})
        start = time.perf_counter()
        exploration.picture(state)
        seconds.append(time.perf_counter() - start)
    return seconds


def main() -> None:
    """Measure and write the section."""
    exploration = begin("three-months", draws=DRAWS, day=91, jobs=None, overrides=[f"population.firms={FIRMS}"])
    scenario = exploration.loaded.scenario
    rows = []
    for policy in scenario.policies:
        if policy.name == scenario.reference:
            continue
        seconds = seconds_of_moves(exploration, policy.name)
        controls = sum(len(lever_controls(lever)) for lever in policy.levers)
        rows.append((policy.name, controls, statistics.median(seconds), max(seconds)))
    slowest = max(middle for _, _, middle, _ in rows)
    lines = [
        "## Explorer",
        "",
        f"Written by `python benchmarks/explorer.py`. {machine()}",
        "",
        f"`simsme.explore` of `three-months` with {FIRMS:,} firms and {DRAWS} draws over 13 weeks, a policy beside the reference:",
        f"seconds from a move of a slider to the new picture, over {MOVES} moves. Wanted: under {WANTED} s. Slowest: {slowest:.2f} s, "
        f"{'met' if slowest < WANTED else '**not met**'}.",
        "",
        "| policy | sliders of its levers | median | slowest |",
        "|---|---|---|---|",
        *(f"| {name} | {controls} | {middle:.2f} s | {most:.2f} s |" for name, controls, middle, most in rows),
    ]
    write_section(PAGE, "explorer", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
