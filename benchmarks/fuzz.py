"""Thousands of inputs that nobody would give: each must end in a result or in a clear refusal.

    python benchmarks/fuzz.py                      # 10,000 inputs
    python benchmarks/fuzz.py --inputs 500 --first 20000 --minutes 2
    python benchmarks/fuzz.py --only 1234          # one input again, with all that was said

Prints how many of each kind there were and what became of them; ends with code 1 where there was a fault.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fuzzing.cases import attempt, kind_of, working
from tests.fuzzing.tables import large, try_sheet
from tests.fuzzing.verdict import judge


def main() -> int:
    """Try inputs until they or the minutes are used up."""
    parser = argparse.ArgumentParser(description="Try inputs that nobody would give.")
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--minutes", type=float, default=60.0, help="of processor time at the most")
    parser.add_argument("--only", type=int, help="number of the one input to try")
    given = parser.parse_args()
    numbers = range(given.first, given.first + given.inputs) if given.only is None else [given.only]
    outcomes: Counter[tuple[str, str]] = Counter()
    seen: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as scratch, working(Path(scratch)) as folder:
        if given.only is None and given.first == 0:
            verdict = judge(lambda: try_sheet(large(Random(0)), folder), seconds=300.0)
            outcomes["10^6 firms", "fault" if verdict.is_fault else verdict.outcome] += 1
            print(verdict.said, end="")
        for number in numbers:
            if time.process_time() > 60.0 * given.minutes:
                break
            began = time.process_time()
            verdict = attempt(number, folder)
            spent = time.process_time() - began
            seconds[kind_of(number)] += spent
            outcomes[kind_of(number), "fault" if verdict.is_fault else verdict.outcome] += 1
            if number % 1000 == 999:
                print(f"... {sum(outcomes.values()):,} inputs, {time.process_time():.0f} s", flush=True)
            if given.only is not None:
                print(f"{verdict.outcome}, {spent:.2f} s\n{verdict.said}")
            elif verdict.is_fault:
                last = (verdict.said.strip().splitlines() or [""])[-1]
                seen[f"{verdict.outcome}: {last[:60]}"] += 1
                if seen[f"{verdict.outcome}: {last[:60]}"] <= 3:
                    print(f"{number}: {kind_of(number)}: {verdict.outcome}: {last[:300]}", flush=True)
            elif spent > 5.0:
                print(f"{number}: {kind_of(number)}: {spent:.1f} s", flush=True)
    kinds = sorted({kind for kind, _ in outcomes})
    print(f"{'':20}{'result':>10}{'refused':>10}{'fault':>10}{'ms each':>10}")
    for kind in kinds:
        print(
            f"{kind:20}"
            + "".join(f"{outcomes[kind, what]:10,}" for what in ("result", "refused", "fault"))
            + f"{1e3 * seconds[kind] / sum(outcomes[kind, what] for what in ('result', 'refused', 'fault')):10.0f}"
        )
    total = {what: sum(outcomes[kind, what] for kind in kinds) for what in ("result", "refused", "fault")}
    print(f"{'all':20}" + "".join(f"{count:10,}" for count in total.values()) + f"   {time.process_time():.0f} s of processor time")
    return 1 if total["fault"] else 0


if __name__ == "__main__":
    sys.exit(main())
