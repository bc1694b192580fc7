"""Published and simulated numbers as a section of a page, and the record of verdicts."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from simsme.validation.rows import MISS, PASS, Row, pass_rates
from simsme.validation.targets import title_of
from simsme.validation.words import published_text, simulated_text, tolerance_text


def section(rows: Sequence[Row]) -> list[str]:
    """Return the lines of the section in Markdown: pass rates, a table a source, and the causes of misses."""
    lines = [
        "## Published results",
        "",
        "Written by `python benchmarks/validation.py`, which runs what `simsme validate` runs. The role of each number stood in its file",
        "before anything was fitted: *input* is given to the scenario, to *calibration* a parameter was fitted, to *validation* nothing",
        "was; *context* is shown beside. Calibration and validation are counted, by source and never over sources together. ± is the",
        "Monte Carlo standard error.",
        "",
        "A miss stands with its causes: each was taken out of the run, and what came of it is told. The words in brackets say whose value",
        "that was. Where it was *taken from a source*, or a part was *left out*, the run tests the cause. Where it was *fitted*, the run",
        "only shows that the cause is able to close the gap and how much of it that takes: it is no evidence that it is the cause.",
        "",
        "| source | role | met | of |",
        "|---|---|---:|---:|",
        *(f"| {rate['source']} | {rate['role']} | {rate['passed']} | {rate['of']} |" for rate in pass_rates(rows)),
    ]
    for source, of_source in groupby(rows, key=lambda row: row.target.source):
        lines += ["", f"### {source}: {title_of(source)}", *_of_source(list(of_source))]
    return lines


def recorded(rows: Sequence[Row]) -> str:
    """Return the file of recorded verdicts."""
    lines = ["# Verdicts as last recorded, by benchmarks/validation.py. `simsme validate` ends with 1 where a pass no longer passes."]
    for source, of_source in groupby(rows, key=lambda row: row.target.source):
        counted = list(of_source)
        lines += ["", f"[{source}]"]
        for verdict in (PASS, MISS):
            names = [row.target.id for row in counted if row.verdict == verdict]
            lines += [f"{verdict} = [", *(f'    "{name}",' for name in names), "]"]
    return "\n".join(lines) + "\n"


def _of_source(rows: Sequence[Row]) -> Iterator[str]:
    yield ""
    yield "| | role | published | simulated | tolerance | |"
    yield "|---|---|---:|---:|---|---|"
    for row in rows:
        verdict = {PASS: "met", MISS: "**missed**", None: ""}[row.verdict]
        cells = (row.target.what, row.target.role, published_text(row.target), simulated_text(row), tolerance_text(row.target), verdict)
        unit = f" ({row.target.unit})"
        yield "| " + " | ".join((cells[0] + unit, *cells[1:])) + " |"
    documents = dict.fromkeys(f"{row.target.document} ({row.target.basis}, {row.target.source_quality})" for row in rows)
    yield ""
    yield "Read in:"
    yield ""
    yield from (f"- {document}" for document in documents)
    causes = [line for row in rows if row.verdict == MISS for line in _causes(row)]
    if causes:
        yield ""
        yield "Misses:"
        yield ""
        yield from causes
    notes = [f"- {row.target.id}: {row.simulated.note}." for row in rows if row.simulated is not None and row.simulated.note]
    if notes:
        yield ""
        yield from notes
    absent = dict.fromkeys(row.absent for row in rows if row.absent)
    if absent:
        yield ""
        yield from (f"Not run: {reason}." for reason in absent)


def _causes(row: Row) -> Iterator[str]:
    if row.simulated is None:
        return
    name = f"{row.target.id} ({published_text(row.target)} published, {simulated_text(row)} simulated)"
    if row.cause is not None:
        yield f"- {name}: {row.cause.text}. Measured: {row.cause.removed}, and it is {row.cause.simulated:.4g} ({row.cause.origin})."
    elif row.simulated.causes:
        tried = "; ".join(f"{cause.removed}: {cause.simulated:.4g} ({cause.origin})" for cause in row.simulated.causes)
        yield f"- {name}: not explained. Tried: {tried}."
    else:
        yield f"- {name}: not explained."
