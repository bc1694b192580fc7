"""Parts of a run that were run by themselves, put together: the same result, to the last bit, as of one run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simsme.draw_range import DrawRange, gaps
from simsme.firm_level import FirmLevel
from simsme.firm_tally import Tally
from simsme.gathering import Shares
from simsme.kept_batches import DamagedError, kept_files, read_counts, read_record, read_shares
from simsme.plan import Plan, plan_run
from simsme.problems import InputError, Problem
from simsme.provenance import version
from simsme.runs import Run, join_parts
from simsme.scenario import parse_scenario

SHOWN = 5
"""Gaps that an error names."""


def record_of(plan: Plan, firm_level: bool) -> dict[str, Any]:
    """What a folder of batches says of its run: enough to plan it again, and the digest by which that is checked."""
    return {
        "digest": plan.digest,
        "version": version(),
        "scenario": plan.loaded.text,
        "file": plan.loaded.file,
        "folder": None if plan.loaded.folder is None else str(plan.loaded.folder.resolve()),
        "overrides": list(plan.loaded.overrides),
        "policies": [policy.name for policy in plan.policies],
        "firms_file": None if plan.firms_file is None else plan.firms_file.name,
        "firm_level": firm_level,
    }


def merge(folders: Sequence[str | Path], firms: str | Path | None = None) -> Run:
    """Put the parts of a run together.

    Parameters
    ----------
    folders
        Folders that ``simsme run SCENARIO --batches A:B`` left, in any order. Together they hold every draw of the run once.
    firms
        The file of own firms, where the run had one.

    Raises
    ------
    InputError
        Where a folder is none of these or damaged, the parts are of different runs, draws are missing or there twice, or the file of firms
        is not that of the run.
    """
    started, places = datetime.now(UTC), [Path(folder) for folder in folders]
    if len({place.resolve() for place in places}) < len(places):
        raise _refused("merge", "the same folder is given twice")
    records = [read_record(place) for place in places]
    other = [place for place, record in zip(places, records, strict=True) if record["digest"] != records[0]["digest"]]
    if other:
        raise InputError([Problem(str(place), "", f"is a part of another run than {places[0]}") for place in other])
    plan = _planned_again(places[0], records[0], firms)
    parts, sources = _parts(places, plan.digest)
    _check_whole(parts, plan.scenario.draws)
    by_firm = [record["firm_level"] for record in records]
    if any(by_firm) and not all(by_firm):
        bare = [place for place, counts in zip(places, by_firm, strict=True) if not counts]
        raise InputError([Problem(str(place), "", "has no counts by firm, others have; run it with --firm-level too") for place in bare])
    tally, population = None, plan.firms_as_needed()
    if all(by_firm):
        tally = Tally(FirmLevel.of(plan.scenario, plan.policies, population))
        for place in places:
            _add_counts(tally, place, plan.digest, {draws for draws, source in sources.items() if source == place})
    return join_parts(plan, population, parts, tally, started)


def _planned_again(place: Path, record: dict[str, Any], firms: str | Path | None) -> Plan:
    if record["firms_file"] is not None and firms is None:
        raise _refused(place, f"was run with the firms of {record['firms_file']}; give that file with --firms")
    folder = None if record["folder"] is None else Path(record["folder"])
    loaded = parse_scenario(record["scenario"], record["file"], folder, record["overrides"])
    plan = plan_run(loaded, policies=record["policies"], firms=firms if record["firms_file"] is not None else None)
    if plan.digest != record["digest"]:
        if record["version"] != version():
            raise _refused(place, f"was run by simsme {record['version']}, this is {version()}; merge with the version that ran it")
        raise _refused(place, "is of another run: the file of firms or one that the scenario names is not the same")
    return plan


def _parts(places: Sequence[Path], digest: str) -> tuple[dict[DrawRange, Shares], dict[DrawRange, Path]]:
    """All batches of all folders, and where they come from."""
    parts: dict[DrawRange, Shares] = {}
    sources: dict[DrawRange, Path] = {}
    problems = []
    for place in places:
        for path in kept_files(place)[0]:
            try:
                draws, shares = read_shares(path, digest)
            except DamagedError as damage:
                problems.append(Problem(str(path), "", f"is damaged ({damage}); run this part again with --resume"))
                continue
            for there, source in sources.items():
                if draws.first < there.end and there.first < draws.end:
                    twice = DrawRange(max(draws.first, there.first), min(draws.end, there.end))
                    problems.append(Problem(str(place), "", f"draws {twice} are in {source} as well"))
            parts[draws], sources[draws] = shares, place
    if problems:
        raise InputError(problems)
    return parts, sources


def _check_whole(parts: dict[DrawRange, Shares], draws: int) -> None:
    missing = gaps(DrawRange(0, draws), parts)
    if missing:
        named = ", ".join(map(str, missing[:SHOWN])) + (" and more" if len(missing) > SHOWN else "")
        raise _refused("merge", f"of the {draws:,} draws of the run these are in none of the folders: {named} (run them with --batches)")


def _add_counts(tally: Tally, place: Path, digest: str, draws: set[DrawRange]) -> None:
    for path in kept_files(place)[1]:
        try:
            counted, counts = read_counts(path, digest)
            if counted == draws:
                tally.add_counts(counted, counts)
                return
        except (DamagedError, ValueError):
            continue
    raise _refused(place, "its counts by firm are missing or damaged; run this part again with --firm-level")


def _refused(place: str | Path, message: str) -> InputError:
    return InputError([Problem(str(place), "", message)])
