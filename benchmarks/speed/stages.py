"""Where the time of a run goes: seconds of the processor by stage, on one thread.

    cd benchmarks; python -m speed.stages < case.json

The case is read from standard input and what was measured is written to standard output, both as JSON.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from simsme.compiled import lives
from simsme.gathering import Weighing
from simsme.world import World
from speed.measure import Case, case_of, run_case

ANSWERS, LIVES, ADDING = "what public funds answer", "lives of firms: world, steps, sums", "adding up by policy and group"
GROUND, INPUTS, REST = "numbers of draws, whom levers reach", "inputs and room of the kernel", "all else"
BENCHMARKS = Path(__file__).parents[1]

STAGES = (GROUND, INPUTS, ANSWERS, LIVES, ADDING, REST)


@dataclass(frozen=True)
class Shares:
    """Seconds of the processor that a case took, by stage."""

    case: Case
    seconds: dict[str, float]


def measure_stages(case: Case) -> Shares:
    """Run a case in this process, on one thread, with a clock around every stage."""
    case = replace(case, threads=1)
    run_case(replace(case, firms=256, draws=1))
    spent: Counter[str] = Counter()
    with_clocks = _Clocks(spent)
    try:
        before = time.process_time()
        run_case(case)
        whole = time.process_time() - before
    finally:
        with_clocks.remove()
    spent[REST] = whole - sum(spent.values())
    return Shares(case, {stage: spent[stage] for stage in STAGES})


def measure_stages_apart(case: Case) -> Shares:
    """Run a case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "speed.stages"],
        input=json.dumps(asdict(case)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=BENCHMARKS,
    )
    told = json.loads(done.stdout)
    return Shares(case_of(told["case"]), told["seconds"])


class _Clocks:
    """Clocks around the functions that are the stages; one that is called by another counts by itself."""

    def __init__(self, spent: Counter[str]) -> None:
        self._spent, self._inner, self._replaced = spent, [0.0], []  # type: ignore[var-annotated]
        self._around(World, "ground", GROUND)
        self._around(lives, "inputs_of", INPUTS)
        self._around(lives, "_space", INPUTS)
        self._around(lives, "find_answers", ANSWERS)
        self._around(lives, "simulate_compiled", LIVES)
        self._around(Weighing, "add", ADDING)
        self._around(Weighing, "shares", ADDING)

    def remove(self) -> None:
        """Put everything back."""
        for owner, name, function in self._replaced:
            setattr(owner, name, function)

    def _around(self, owner: Any, name: str, stage: str) -> None:
        function: Callable[..., Any] = getattr(owner, name)
        self._replaced.append((owner, name, function))

        def timed(*arguments: Any, **options: Any) -> Any:
            self._inner.append(0.0)
            before = time.thread_time()
            result = function(*arguments, **options)
            whole = time.thread_time() - before
            self._spent[stage] += whole - self._inner.pop()
            self._inner[-1] += whole
            return result

        setattr(owner, name, timed)


if __name__ == "__main__":
    json.dump(asdict(measure_stages(case_of(json.load(sys.stdin)))), sys.stdout)
