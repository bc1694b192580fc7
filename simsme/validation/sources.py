"""Sources of published numbers, and the runs that stand against them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from simsme.problems import InputError, Problem, did_you_mean
from simsme.validation.bachas import explain_bachas, simulate_bachas
from simsme.validation.calm import explain_calm, simulate_calm
from simsme.validation.chen import simulate_chen
from simsme.validation.china import explain_china, simulate_china, simulate_osome
from simsme.validation.noise import explain_noise, simulate_noise
from simsme.validation.packages import simulate_packages
from simsme.validation.poland import ABSENT, simulate_poland
from simsme.validation.rows import MISS, Cause, Row, Simulated, rows_of
from simsme.validation.setting import Setting
from simsme.validation.targets import ROLES, targets_of

Progress = Callable[[int, int], None]
Explain = Callable[[Setting, Sequence[str]], Mapping[str, tuple[Cause, ...]]]

WAKE_SECONDS = 0.5
"""How often progress is told."""


@dataclass(frozen=True)
class Source:
    """A source.

    Attributes
    ----------
    simulate
        Gives the simulated numbers by identifier of the published ones.
    explain
        Runs again for numbers that miss, named by their identifiers, and gives causes; None where none was looked for.
    absent
        Why some of its numbers cannot be simulated here.
    """

    simulate: Callable[[Setting], Mapping[str, Simulated]]
    explain: Explain | None = None
    absent: str = ""


SOURCES: dict[str, Source] = {
    "bachas": Source(simulate_bachas, explain_bachas, absent="needs the lever wage_subsidy, which this version does not have"),
    "china-2020": Source(simulate_china, explain_china),
    "osome-2022": Source(simulate_osome),
    "chen": Source(simulate_chen),
    "calm": Source(simulate_calm, explain_calm),
    "noise": Source(simulate_noise, explain_noise),
    "poland": Source(simulate_poland, absent=ABSENT),
    "packages": Source(simulate_packages, absent="no lever of simsme opens the lines of all firms"),
}
"""By name, in the order in which they are shown."""


def validate(
    sources: Iterable[str] | None = None, role: str | None = None, setting: Setting | None = None, progress: Progress | None = None
) -> list[Row]:
    """Run what stands against the published numbers, and compare.

    Parameters
    ----------
    sources
        Names of `SOURCES`; all where not given.
    role
        Only the numbers of this role.
    setting
        Size of the runs, and who works at them.
    progress
        Told how many sources are done, and of how many; what it raises ends the work.

    Returns
    -------
    list of Row
        One a published number, by source.

    Raises
    ------
    InputError
        For a source or role that does not exist.

    Examples
    --------
    >>> import simsme
    >>> rows = simsme.validate(["osome-2022"])  # doctest: +SKIP
    """
    setting = Setting() if setting is None else setting
    chosen = list(SOURCES) if sources is None else list(dict.fromkeys(sources))
    check_names(chosen, role)
    tell = progress or _nothing
    of_source = {name: replace(setting, tell=_told_of(name, setting.tell)) for name in chosen}
    tell(0, len(chosen))
    if setting.workers is None:
        rows: list[Row] = []
        for done, name in enumerate(chosen, start=1):
            rows += _rows_of_source(name, role, of_source[name])
            tell(done, len(chosen))
        return rows
    # the threads only wait for the processes that do the work
    threads = ThreadPoolExecutor(max_workers=max(1, len(chosen)))
    try:
        futures = [threads.submit(_rows_of_source, name, role, of_source[name]) for name in chosen]
        while any(not future.done() for future in futures):
            wait(futures, timeout=WAKE_SECONDS, return_when=FIRST_EXCEPTION)
            tell(sum(future.done() for future in futures), len(chosen))
            for future in futures:
                if future.done():
                    future.result()
    except BaseException:
        # not waited for: they end when whoever gave the processes ends them
        threads.shutdown(wait=False, cancel_futures=True)
        raise
    threads.shutdown()
    return [row for future in futures for row in future.result()]


def _nothing(done: int, total: int) -> None:
    pass


def check_names(sources: Sequence[str], role: str | None) -> None:
    """Raise InputError for a source or role that does not exist."""
    problems = [_unknown("--source", "source", name, list(SOURCES)) for name in sources if name not in SOURCES]
    if role is not None and role not in ROLES:
        problems.append(_unknown("--role", "role", role, ROLES))
    if problems:
        raise InputError(problems)


def _unknown(option: str, what: str, name: str, known: Sequence[str]) -> Problem:
    hint = did_you_mean(name, known) or f"; there is {', '.join(known)}"
    return Problem("simsme validate", option, f'no {what} is called "{name}"{hint}')


def _told_of(source: str, tell: Callable[[str], None]) -> Callable[[str], None]:
    return lambda words: tell(f"{source}: {words}")


def _rows_of_source(name: str, role: str | None, setting: Setting) -> list[Row]:
    source = SOURCES[name]
    targets = targets_of(name)
    if role is not None and all(target.role != role for target in targets):
        return []
    rows = rows_of(targets, source.simulate(setting), source.absent)
    rows = [row for row in rows if role is None or row.target.role == role]
    missed = [row.target.id for row in rows if row.verdict == MISS]
    if not missed or source.explain is None:
        return rows
    causes = source.explain(setting, missed)
    return [_explained(row, causes.get(row.target.id, ())) for row in rows]


def _explained(row: Row, causes: tuple[Cause, ...]) -> Row:
    return row if row.simulated is None or not causes else replace(row, simulated=replace(row.simulated, causes=causes))
