"""The section of docs/performance.md on the engine: tables of what was measured, and what was wanted beside it."""

from collections.abc import Callable, Sequence
from statistics import median

from speed.in_c import OPTIONS, compiler, compiler_version
from speed.measure import WHOLE, Measured
from speed.stages import STAGES, Shares
from speed.study import C_ONE, C_TWO, COMPILED_ONE, COMPILED_TWO, NUMPY_BEST, NUMPY_WHOLE, THREADS, Findings, Rounds, best_of

MIB = 2**20
WANTED_SPEED, WANTED_RATIO, WANTED_SECOND_THREAD, WANTED_OF_C = 50.0, 10.0, 1.8, 0.5
"""Million firm-weeks a second, times NumPy at its best, times one thread, and part of the speed of C."""

_THREADS = {NUMPY_WHOLE: 1, C_TWO: THREADS, C_ONE: 1}

CONSTANT_WITHIN = 1.1
"""Memory is called constant where it grows by less than this factor, summaries aside."""


def section(found: Findings, command: str, machine: str) -> list[str]:
    """The lines of the section.

    Parameters
    ----------
    found
        What was measured.
    command
        Repeats it.
    machine
        Where it was measured.
    """
    return [
        "## Engine",
        "",
        f"Written by `{command}`. {machine}",
        "",
        "The scenario is `three-months`, over 13 weekly steps where nothing else is said. A firm path is a firm in a draw; a firm-week is",
        "a firm path in a week under a policy. Seconds are those of the simulation, without reading, drawing firms and writing, after a",
        "small run that had everything loaded. Every measurement is a process of its own, whose peak memory is given whole, Python and",
        "libraries included. Executions take turns; ratios are taken within a round, and their medians are shown. NumPy shares weather and",
        "luck between policies as the compiled execution does, but takes every step of every firm under each of them; the compiled one",
        "takes those of firms that a policy has not set apart from the reference once. All runs of the same firms, draws, weeks and",
        "policies left the same bits in every array of their outcomes, survival among them; otherwise nothing would have been written.",
        "",
        *_of_c(),
        "",
        "### What was wanted",
        "",
        *_wanted(found.sizes),
        "",
        "### Six policies without public funds",
        "",
        *_sizes(found.sizes, found.search),
        "",
        "### Nine policies as shipped, five of them with public funds",
        "",
        *_sizes(found.fund_sizes, found.fund_search),
        "",
        *_stages(found.stages),
        *_growths(found),
        "### NumPy by size of its arrays",
        "",
        "Million firm-weeks a second; the best is the rival above.",
        "",
        *_search("six policies", found.search),
        *_search("nine policies with funds", found.fund_search),
    ]


def _of_c() -> list[str]:
    """What the rival in C is, and how it was compiled."""
    if compiler() is None:
        return ["There was no C compiler on this machine: the version of the stages in C, `benchmarks/speed/engine.c`, was left out."]
    options = " ".join(option for option in OPTIONS if option not in ("-shared", "-fPIC"))
    return [
        "C is `benchmarks/speed/engine.c`: the same stages, written by hand for this scenario and the levers of these six policies, and",
        f"for nothing else; compiled by `{options}`",
        f"({compiler_version()}), where no option lets it change arithmetic. It makes its own luck, and leaves out the same",
        "work for firms that a policy has not set apart. It runs in the place of the compiled kernel: numbers of draws, whom levers reach,",
        "and the sums by policy and group are made around both in the same way and within the time. The kernel alone is the time of the",
        f"processor, over {THREADS} threads, that either takes with its inputs and what it hands back. What every firm leaves behind, its",
        "exit, cash-out and cause among it, and the weekly sums over those that trade were compared first, to the bit.",
    ]


def _wanted(sizes: Sequence[Rounds]) -> list[str]:
    speeds = [rounds.speed(COMPILED_TWO) for rounds in sizes]
    ratios = [rounds.ratio(NUMPY_BEST) for rounds in sizes]
    threads = [rounds.ratio(COMPILED_ONE) for rounds in sizes]
    paths = [f"{rounds.paths:,}" for rounds in sizes]
    return [
        f"| six policies, two threads | wanted | {' | '.join(f'{number} firm paths' for number in paths)} | |",
        f"|---|---|{'---|' * len(sizes)}---|",
        _wanted_row("million firm-weeks a second", WANTED_SPEED, speeds, paths, "{:.1f}"),
        _wanted_row("times as fast as NumPy at its best", WANTED_RATIO, ratios, paths, "{:.1f}"),
        _wanted_row("times as fast as with one thread", WANTED_SECOND_THREAD, threads, paths, "{:.2f}"),
        *_wanted_of_c(sizes, paths),
        _memory_row(sizes),
        "",
        *_memory_words(sizes),
    ]


def _wanted_of_c(sizes: Sequence[Rounds], paths: Sequence[str]) -> list[str]:
    if not all(C_TWO in rounds.by_execution for rounds in sizes):
        return []
    whole, kernel = [rounds.ratio(C_TWO) for rounds in sizes], [rounds.kernel_ratio(C_TWO) for rounds in sizes]
    return [
        _wanted_row("of the speed of C, whole simulation", WANTED_OF_C, whole, paths, "{:.2f}"),
        _wanted_row("of the speed of C, kernel alone", WANTED_OF_C, kernel, paths, "{:.2f}"),
    ]


def _wanted_row(what: str, wanted: float, measured: Sequence[float], paths: Sequence[str], shown: str) -> str:
    met = [number for number, value in zip(paths, measured, strict=True) if value >= wanted]
    verdict = "met" if len(met) == len(paths) else f"met at {', '.join(met)}" if met else "**not met**"
    return f"| {what} | at least {wanted:g} | {' | '.join(shown.format(value) for value in measured)} | {verdict} |"


def _memory_row(sizes: Sequence[Rounds]) -> str:
    peaks = " | ".join(f"{rounds.peak_bytes(COMPILED_TWO) / MIB:.0f} MiB" for rounds in sizes)
    verdict = "not tried" if len(sizes) < 2 else "met" if _is_constant(sizes) else "**not met**"
    return f"| peak memory | constant in draws, summaries aside | {peaks} | {verdict} |"


def _rest(rounds: Rounds) -> float:
    """Peak memory without the summaries, which are held twice when they are put together."""
    return rounds.peak_bytes(COMPILED_TWO) - 2.0 * rounds.by_execution[COMPILED_TWO][0].summary_bytes


def _is_constant(sizes: Sequence[Rounds]) -> bool:
    """Whether blocks that are as full as they can be, the last two sizes, take the same memory."""
    return _rest(sizes[-1]) <= CONSTANT_WITHIN * _rest(sizes[-2])


def _memory_words(sizes: Sequence[Rounds]) -> list[str]:
    if len(sizes) < 2:
        return ["Whether memory grows with draws shows in more than one size only."]
    last, other = sizes[-1], sizes[-2]
    grown = (last.peak_bytes(COMPILED_TWO) - other.peak_bytes(COMPILED_TWO)) / (last.draws - other.draws) / 1024
    kept = last.by_execution[COMPILED_TWO][0].summary_bytes / last.draws / 1024
    return [
        f"From {other.draws:,} to {last.draws:,} draws memory grows by {grown:.1f} KiB a draw; the summaries of a draw are {kept:.1f} KiB,",
        f"held twice while they are put together. Without them it is {_rest(other) / MIB:.0f} and {_rest(last) / MIB:.0f} MiB, and is",
        f"called constant where the second is at most {CONSTANT_WITHIN - 1:.0%} above the first.",
    ]


def _sizes(sizes: Sequence[Rounds], search: Sequence[Measured]) -> list[str]:
    best = best_of(search).lanes
    arrays = {NUMPY_BEST: f" (arrays of {best:,})"}
    lines = [
        "| firm paths | execution | threads | rounds | seconds | million firm-weeks/s | compiled is so many times as fast | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for rounds in sizes:
        for execution, measured in rounds.by_execution.items():
            case = measured[0].case
            ratio = "" if execution == COMPILED_TWO else f"{rounds.ratio(execution):.2f}"
            lines.append(
                f"| {rounds.paths:,} | {execution}{arrays.get(execution, '')} | {case.threads} | {len(measured)} "
                f"| {rounds.seconds(execution):.2f} | {rounds.speed(execution):.2f} | {ratio} "
                f"| {rounds.peak_bytes(execution) / MIB:,.0f} MiB |"
            )
        lines += [
            f"| {rounds.paths:,} | {execution} | {_THREADS[execution]} | 0 | {why} | | | |" for execution, why in rounds.skipped.items()
        ]
    return lines


def _stages(stages: Sequence[Shares]) -> list[str]:
    """Where the time goes, a column for each run."""
    if not stages:
        return []

    def cells(stage: str) -> list[str]:
        taken = [(one.seconds[stage], sum(one.seconds.values()), one.case.firm_weeks) for one in stages]
        return [f"{seconds / firm_weeks * 1e9:.1f} ns, {seconds / whole:.0%}" for seconds, whole, firm_weeks in taken]

    sums = [sum(one.seconds.values()) / one.case.firm_weeks * 1e9 for one in stages]
    return [
        "### Where the time goes: compiled, one thread",
        "",
        "Time of the processor for a firm-week, and its share of the run.",
        "",
        f"| stage | {' | '.join(f'{len(one.case.policies)} policies, {one.case.weeks} weeks' for one in stages)} |",
        f"|---|{'---|' * len(stages)}",
        *(f"| {stage} | {' | '.join(cells(stage))} |" for stage in STAGES),
        f"| all of it | {' | '.join(f'{one:.1f} ns' for one in sums)} |",
        "",
    ]


def _growths(found: Findings) -> list[str]:
    tables = [
        *_growth("firms", found.firms, lambda one: f"{one.case.firms:,}"),
        *_growth("weeks", found.weeks, lambda one: f"{one.case.weeks}"),
        *_growth("policies", found.policies, lambda one: f"{len(one.case.policies)}"),
        *_growth("levers", found.levers, lambda one: f"{one.case.levers}"),
        *_growth("draws", found.draws, lambda one: f"{one.case.draws:,}"),
    ]
    return ["### How cost grows: compiled, two threads", "", *tables] if tables else []


def _growth(name: str, found: Sequence[Sequence[Measured]], shown: Callable[[Measured], str]) -> list[str]:
    if not found:
        return []
    seconds = [median(one.seconds for one in measured) for measured in found]
    rows = []
    for measured, each in zip(found, seconds, strict=True):
        one = measured[0]
        relative = f"{each / seconds[0]:.2f}"
        rows.append(
            f"| {shown(one)} | {one.case.firm_weeks / 1e6:,.1f} | {each:.2f} | {relative} | {one.case.firm_weeks / each / 1e6:.1f} "
            f"| {each / one.case.firm_weeks * 1e9:.1f} | {max(one.peak_bytes for one in measured) / MIB:.0f} MiB |"
        )
    case = found[0][0].case
    fixed = {
        "firms": f"{case.firms:,} firms",
        "draws": f"{case.draws:,} draws",
        "weeks": f"{case.weeks} weeks",
        "policies": f"{len(case.policies)} policies",
    }
    held = ", ".join(words for what, words in fixed.items() if what != name)
    return [
        f"By {name} ({held}; median of {len(found[0])}):",
        "",
        f"| {name} | million firm-weeks | seconds | against the first | million firm-weeks/s | ns a firm-week | peak memory |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
    ]


def _search(title: str, search: Sequence[Measured]) -> list[str]:
    lanes = sorted({one.case.lanes for one in search if one.case.lanes != WHOLE})
    threads = sorted({one.case.threads for one in search})
    speeds = {(one.case.threads, one.case.lanes): f"{one.speed:.2f}" for one in search}
    return [
        f"| {title}, {search[0].case.paths:,} firm paths: arrays of | {' | '.join(f'{number:,}' for number in lanes)} |",
        f"|---|{'---|' * len(lanes)}",
        *(f"| threads: {number} | {' | '.join(speeds.get((number, each), '') for each in lanes)} |" for number in threads),
        "",
    ]
