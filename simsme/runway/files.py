"""The answers about one firm as files: all of them or none."""

from pathlib import Path

from simsme.provenance import Provenance
from simsme.runway.answer import Runway
from simsme.runway.workbook import excel_is_there, write_workbook
from simsme.study_files import check_place, written_together
from simsme.summary import as_json

FILES = ("cash-flow.csv", "cash-flow.xlsx", "cash-fan.csv", "cash-fan.png", "cash-fan.svg", "runway.json")
"""The last comes last, and is there only where the others are; the workbook only with the extra ``excel``."""


def check_runway_place(folder: Path, *, replace: bool = False) -> None:
    """Check, before anything is computed, that the files can be written; InputError where not."""
    check_place(folder, FILES, replace=replace)


def write_runway(folder: Path, found: Runway, provenance: Provenance, *, replace: bool = False) -> tuple[Path, ...]:
    """Write sheet, fan and all numbers.

    Parameters
    ----------
    folder
        Where; it is made where it is not there.
    found
        The answers.
    provenance
        Where they came from.
    replace
        Whether files of these names are written over.

    Returns
    -------
    tuple of Path
        The files; without the workbook where the extra ``excel`` is not installed.

    Raises
    ------
    InputError
        Where a file is there already or cannot be written; nothing is then left that looks finished.
    """
    from simsme.plots.cash_fan import write_cash_fan  # loads matplotlib, which nothing else here needs

    scenario, fan = found.case.scenario, found.chances.fan()
    with written_together(folder, FILES, replace=replace) as unfinished:
        _write(unfinished / "cash-flow.csv", found.sheet.csv())
        if excel_is_there():
            write_workbook(unfinished / "cash-flow.xlsx", found.sheet, about(found), scenario.currency)
        _write(unfinished / "cash-fan.csv", fan.csv())
        title = f"Cash of {found.case.firms.ids[0]} in {scenario.name}"
        write_cash_fan(unfinished, fan, scenario.time.start_date, scenario.currency, provenance, title)
        _write(unfinished / "runway.json", as_json(found.json() | {"provenance": provenance.manifest()}, indent=1) + "\n")
    return tuple(folder / name for name in FILES if (folder / name).exists())


def about(found: Runway) -> list[str]:
    """What the numbers are, line by line, for somebody who has the file and nothing else."""
    case = found.case
    scenario, firms = case.scenario, case.firms
    lines = [
        f"Firm {firms.ids[0]} in the scenario {scenario.name}: {scenario.title}",
        f"{scenario.draws} draws of luck and shock, seed {scenario.seed}; day 0 is {scenario.time.start_date.isoformat()}.",
        "This is a simulation under stated assumptions, not a forecast and not advice.",
        "Payments are what is paid, not what falls due: bills that stay unpaid are carried over. A firm that has closed moves no money.",
        "",
        "Assumed, because nobody said it:",
    ]
    lines += [f"  {assumed.column}: {_shown(assumed.value)} ({assumed.why}; {assumed.basis})" for assumed in case.assumed]
    return lines + ([] if case.assumed else ["  nothing"])


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.6g}"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
