"""One measurement: a run in a process of its own, so that its peak memory is its own, with a fingerprint of what came of it.

    cd benchmarks; python -m speed.measure < case.json

The case is read from standard input and what was measured is written to standard output, both as JSON.
"""

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from simsme.engine.simulate import Lives
from simsme.execution import COMPILED, LANES, NUMPY, prepare
from simsme.outcomes import Outcomes
from simsme.runs import execute, plan_run

IN_C = "c"
"""The compiled execution with engine.c in the place of the kernel."""

Kernel: TypeAlias = Callable[..., Lives]
"""What lets the firms of a block live, see :func:`simsme.compiled.lives.simulate_compiled`."""

WITHOUT_FUNDS = """[
    { name = "none" },
    { name = "renewal", levers = [{ kind = "loan_renewal", take_up = 0.20 }] },
    { name = "renewal-for-all", levers = [{ kind = "loan_renewal", take_up = 1.0 }] },
    { name = "forbearance", levers = [{ kind = "lending_forbearance" }] },
    { name = "forbearance-half", levers = [
        { kind = "lending_forbearance", renewal_lift = 0.06, kappa_lift = 0.5, tightening_relief = 0.5, grace_lift = 0.5 },
    ] },
    { name = "four", levers = [
        { kind = "loan_renewal", take_up = 0.20 }, { kind = "lending_forbearance" },
        { kind = "rent_relief", to_day = 91 }, { kind = "grant" },
    ] },
]"""
"""Six policies without public funds, the first of them the reference, the last a package of four levers."""

LEVERS = (
    *("loan_renewal", "lending_forbearance", "rent_relief", "tax_deferral"),
    *("social_insurance_relief", "wage_subsidy", "interest_subsidy", "tax_refund"),
)
"""Kinds of levers that are added one after another, to see how cost grows with them."""


def with_levers(number: int) -> str:
    """Policies: one without levers, and one with the first of `LEVERS`."""
    levers = ", ".join(f'{{ kind = "{kind}" }}' for kind in LEVERS[:number])
    return f'[{{ name = "none" }}, {{ name = "levers-{number}", levers = [{levers}] }}]'


SIX = tuple(re.findall(r'\{ name = "([\w-]+)"', WITHOUT_FUNDS))
NINE = (
    *("none", "renewal", "renewal-for-all", "forbearance"),
    *("relending", "relending-for-all", "guarantee", "guarantee-for-all", "package"),
)
"""The policies of three-months as shipped, five of them with public funds."""

WHOLE = 2**40
"""Firms times draws of a block that holds everything."""

STEP_DAYS = 7


@dataclass(frozen=True)
class Case:
    """A run of three-months to be measured.

    Attributes
    ----------
    engine
        ``compiled``, ``numpy`` or ``c``.
    threads
        Number of threads.
    firms, draws, weeks
        Size of the run.
    policies
        Some of `SIX`, or `NINE`, or where `levers` are given those of :func:`with_levers`.
    lanes
        Firms times draws of a block at the most.
    levers
        How many levers the only policy beside the reference has; 0 for the named policies.
    """

    engine: str
    threads: int
    firms: int
    draws: int
    weeks: int = 13
    policies: tuple[str, ...] = SIX
    lanes: int = LANES[NUMPY]
    levers: int = 0

    @property
    def paths(self) -> int:
        """Firms times draws."""
        return self.firms * self.draws

    @property
    def firm_weeks(self) -> int:
        """Firms times draws times weeks times policies."""
        return self.paths * self.weeks * len(self.policies)

    @property
    def world(self) -> tuple[int, int, int, tuple[str, ...]]:
        """What determines the outcomes: the execution does not."""
        return self.firms, self.draws, self.weeks, self.policies


@dataclass(frozen=True)
class Measured:
    """What was measured of a case.

    Attributes
    ----------
    case
        What was run.
    seconds
        Of the simulation: without reading, drawing firms, loading machine code and writing.
    peak_bytes
        Most memory of the process at any time.
    summary_bytes
        Size of the outcomes, which are kept draw by draw.
    fingerprint
        Digest of every array of the outcomes, by name.
    kernel_seconds
        Of the processor, over all threads, that the kernel took with what it is handed and hands back; 0 for NumPy.
    """

    case: Case
    seconds: float
    peak_bytes: int
    summary_bytes: int
    fingerprint: Mapping[str, str]
    kernel_seconds: float = 0.0

    @property
    def speed(self) -> float:
        """Million firm-weeks a second."""
        return self.case.firm_weeks / self.seconds / 1e6


class DifferenceError(Exception):
    """Two executions did not have the same outcomes."""


def arrays_of(outcomes: Outcomes) -> dict[str, NDArray[np.float64]]:
    """All arrays of outcomes by name, among them survival by endpoint."""
    named: dict[str, NDArray[np.float64]] = {}
    for field in fields(outcomes):
        value = getattr(outcomes, field.name)
        parts = {f"{field.name} {key}": part for key, part in value.items()} if isinstance(value, dict) else {field.name: value}
        named |= {name: part for name, part in parts.items() if isinstance(part, np.ndarray)}
    return named


def fingerprint_of(outcomes: Outcomes) -> dict[str, str]:
    """Digest of every array, by name. One bit more or less is another digest; all that is not a number counts as the same."""
    digests = {}
    for name, values in arrays_of(outcomes).items():
        alike = np.where(np.isnan(values), np.nan, values)
        digests[name] = sha256(str(values.shape).encode() + alike.tobytes()).hexdigest()
    return digests


def demand_equal(left: Measured, right: Measured) -> None:
    """Raise `DifferenceError`, naming the arrays, where two runs of the same world did not leave the same bits."""
    names = sorted(left.fingerprint.keys() | right.fingerprint.keys())
    differing = [name for name in names if left.fingerprint.get(name) != right.fingerprint.get(name)]
    if differing:
        raise DifferenceError(f"{described(left.case)} and {described(right.case)} differ in {', '.join(differing)}")


def demand_same_lives(left: Lives, right: Lives) -> None:
    """Raise `DifferenceError`, naming the arrays, where something is not the same, firm by firm and chunk by chunk, to the bit."""
    differing = []
    for field in fields(Lives):
        ours, theirs = getattr(left, field.name), getattr(right, field.name)
        if ours.dtype != theirs.dtype or ours.shape != theirs.shape or np.any(ours != theirs):
            differing.append(field.name)
    if differing:
        raise DifferenceError(f"the lives of firms in C differ from those of the engine in {', '.join(differing)}")


def described(case: Case) -> str:
    """A case in a line."""
    arrays = "" if case.engine in (COMPILED, IN_C) else ", whole arrays" if case.lanes == WHOLE else f", arrays of {case.lanes:,}"
    threads = "1 thread" if case.threads == 1 else f"{case.threads} threads"
    size = f"{case.firms:,} firms x {case.draws:,} draws x {case.weeks} weeks x {len(case.policies)} policies"
    return f"{case.engine}, {threads}{arrays}, {size}"


def measure(case: Case) -> Measured:
    """Run a case in this process, after a small run that has everything loaded."""
    prepare(COMPILED if case.engine == IN_C else case.engine, _nothing, _nothing)
    run_case(replace(case, firms=256, draws=1))
    kernel_seconds: list[float] = []
    seconds, outcomes = run_case(case, kernel_seconds)
    bytes_kept = sum(array.nbytes for array in arrays_of(outcomes).values())
    return Measured(case, seconds, peak_bytes(), bytes_kept, fingerprint_of(outcomes), sum(kernel_seconds))


def agree(case: Case) -> None:
    """Run a case by the engine and in C side by side; raises `DifferenceError` where a firm does not end alike in both."""
    from speed.in_c import lives_in_c

    def checked(plain: Kernel) -> Kernel:
        def both(*arguments: Any) -> Lives:
            found = plain(*arguments)
            demand_same_lives(found, lives_in_c(*arguments))
            return found

        return both

    with _kernel_replaced(checked):
        run_case(replace(case, engine=COMPILED))


@contextmanager
def _kernel_replaced(by: Callable[[Kernel], Kernel]) -> Iterator[None]:
    """Have another kernel in the place of the compiled one, made of that."""
    from simsme.compiled import lives

    plain = lives.simulate_compiled
    lives.simulate_compiled = by(plain)
    try:
        yield
    finally:
        lives.simulate_compiled = plain


def _clocked(engine: str, seconds: list[float]) -> Callable[[Kernel], Kernel]:
    """The kernel of an execution, every call of which is clocked: seconds of the processor."""

    def of(plain: Kernel) -> Kernel:
        kernel = plain
        if engine == IN_C:
            from speed.in_c import lives_in_c

            kernel = lives_in_c

        def timed(*arguments: Any) -> Lives:
            before = time.thread_time()
            found = kernel(*arguments)
            seconds.append(time.thread_time() - before)
            return found

        return timed

    return of


def measure_apart(case: Case) -> Measured:
    """Run a case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "speed.measure"],
        input=json.dumps(asdict(case)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    told = json.loads(done.stdout)
    return Measured(**{**told, "case": case_of(told["case"])})


def peak_bytes(status: Path = Path("/proc/self/status")) -> int:
    """Most memory of this process so far.

    Where the system tells it of the process alone: what ``getrusage`` says may include the process that started this one.
    """
    if status.exists():
        found = re.search(r"^VmHWM:\s*(\d+) kB$", status.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run_case(case: Case, kernel_seconds: list[float] | None = None) -> tuple[float, Outcomes]:
    """Run a case; seconds of the simulation, and its outcomes. What each call of a kernel takes is appended to ``kernel_seconds``."""
    plan = plan_run(
        "three-months",
        policies=case.policies,
        draws=case.draws,
        step_days=STEP_DAYS,
        overrides=[
            *([] if case.policies == NINE else [f"policy={with_levers(case.levers) if case.levers else WITHOUT_FUNDS}"]),
            f"population.firms={case.firms}",
            f"time.horizon_days={STEP_DAYS * case.weeks}",
            "time.report_days=[91]",
        ],
    )
    if case.engine == NUMPY:
        run = execute(plan, jobs=case.threads, lanes=case.lanes, firms=plan.firms(), engine=NUMPY)
    else:
        with _kernel_replaced(_clocked(case.engine, [] if kernel_seconds is None else kernel_seconds)):
            run = execute(plan, jobs=case.threads, firms=plan.firms(), engine=COMPILED)
    if run.outcomes.policies != case.policies:
        raise ValueError(f"policies {', '.join(run.outcomes.policies)} were run in place of {', '.join(case.policies)}")
    return run.seconds["simulate"], run.outcomes


def case_of(told: Mapping[str, object]) -> Case:
    """A case as JSON tells it."""
    policies = told["policies"]
    assert isinstance(policies, list)
    return Case(**{**told, "policies": tuple(policies)})


def _nothing() -> None:
    pass


if __name__ == "__main__":
    json.dump(asdict(measure(case_of(json.load(sys.stdin)))), sys.stdout)
