"""The benchmark of the engine: it compares before it speaks, finds the same bits itself, and keeps to its section of the page."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simsme.execution import COMPILED, NUMPY

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import engine
from performance_page import TITLE, machine, processor, write_section
from speed import in_c
from speed import measure as measuring
from speed import study as studying
from speed.measure import IN_C, NINE, SIX, WHOLE, Case, DifferenceError, Measured, agree, demand_equal, measure, measure_apart
from speed.stages import STAGES, measure_stages
from speed.study import COMPILED_TWO, NUMPY_WHOLE, Extent, Rounds, Size, Study, best_of, too_large
from speed.words import section

TOP = Path(__file__).parents[1]
needs_compiler = pytest.mark.skipif(in_c.compiler() is None, reason="there is no C compiler here")
TINY = Extent(
    firms=200,
    sizes=(Size(2, 2, 1), Size(3, 1, 0)),
    fund_sizes=(Size(2, 1, 1),),
    lanes=(256, 512),
    search_draws=2,
    growth_draws=2,
    growth_rounds=1,
    growth_firms=(100, 200),
    growth_weeks=(13, 14),
    growth_policies=(1, 6),
    growth_levers=(1, 2),
    growth_draw_numbers=(2, 3),
)


def changed(monkeypatch, execution, change):
    """Let the runs of an execution end with other outcomes."""
    run = measuring.run_case

    def altered(case, *clocked):
        seconds, outcomes = run(case, *clocked)
        return seconds, change(outcomes) if case.engine == execution else outcomes

    monkeypatch.setattr(measuring, "run_case", altered)


def one_bit_more(outcomes):
    """The same but for the last bit of one point of one curve."""
    curve = outcomes.survival["exit"].copy()
    curve[0, -1, 5] = np.nextafter(curve[0, -1, 5], 2.0)
    return replace(outcomes, survival={**outcomes.survival, "exit": curve})


@pytest.mark.parametrize("policies", [SIX, NINE], ids=["six", "nine"])
def test_both_executions_leave_the_same_fingerprint(policies):
    case = Case(NUMPY, 1, 200, 2, policies=policies)
    slow = measure(case)
    assert {"survival cash", "survival open", "survival exit", "report saved", "flows"} <= slow.fingerprint.keys()
    assert slow.case.firm_weeks == 200 * 2 * 13 * len(policies)
    for other in (replace(case, engine=COMPILED, threads=2), replace(case, lanes=256), replace(case, lanes=WHOLE)):
        demand_equal(slow, measure(other))


def test_one_bit_of_a_curve_is_enough_to_refuse(monkeypatch):
    case = Case(NUMPY, 1, 200, 2)
    slow = measure(case)
    changed(monkeypatch, COMPILED, one_bit_more)
    with pytest.raises(DifferenceError, match=r"numpy.* and compiled.* differ in survival exit$"):
        demand_equal(slow, measure(replace(case, engine=COMPILED)))


@needs_compiler
@pytest.mark.parametrize("options", [(), in_c.ONE_AT_A_TIME], ids=["eight", "one"])
def test_firms_live_in_c_as_in_the_engine(options, monkeypatch):
    monkeypatch.setattr(in_c, "lives_in_c", lambda *given: lives_in_c(*given, options=options))
    # a second year begins, firms leave for every reason that there is, and the last chunk is not full
    agree(Case(IN_C, 1, 600, 2, weeks=54))


lives_in_c = in_c.lives_in_c


@needs_compiler
def test_one_exit_that_differs_in_c_is_enough_to_refuse(monkeypatch):
    def altered(*given):
        lives = lives_in_c(*given)
        lives.exit_step[-1, 0, 7] += 1
        return lives

    monkeypatch.setattr(in_c, "lives_in_c", altered)
    with pytest.raises(DifferenceError, match=r"lives of firms in C differ .* in exit_step$"):
        agree(Case(IN_C, 1, 200, 1))


@needs_compiler
def test_the_outcomes_in_c_are_those_of_the_engine_and_its_kernel_is_clocked():
    engine, in_other = measure(Case(COMPILED, 2, 600, 2)), measure(Case(IN_C, 2, 600, 2))
    demand_equal(engine, in_other)
    assert min(engine.kernel_seconds, in_other.kernel_seconds) > 0.0


@needs_compiler
def test_what_the_c_file_does_not_know_is_refused():
    with pytest.raises(in_c.NotInCError, match="does not know public funds, the term advance_cap"):
        measure(Case(IN_C, 1, 200, 1, policies=NINE))


def test_without_a_compiler_c_is_left_out_and_said_so(monkeypatch):
    monkeypatch.setattr(studying, "compiler", lambda: None)
    study = Study(lambda case: measured(case, 1.0), lambda _: None)
    rounds = study.take_turns(TINY, TINY.sizes[0], Case(NUMPY, 1, 200, 2), [])
    assert rounds.skipped[studying.C_TWO] == "left out: there is no gcc here"
    assert studying.C_TWO not in rounds.by_execution


def test_nothing_is_printed_or_written_where_outcomes_differ(monkeypatch, tmp_path, capsys):
    changed(monkeypatch, NUMPY, one_bit_more)
    monkeypatch.setattr(engine, "measure_apart", measure)
    monkeypatch.setattr(engine, "QUICK", TINY)
    page = tmp_path / "page.md"
    monkeypatch.setattr(sys, "argv", ["engine.py", "--quick", "--output", str(page)])
    with pytest.raises(SystemExit) as ended:
        engine.main()
    assert "differ in survival exit" in str(ended.value.code)
    assert capsys.readouterr().out == ""
    assert not page.exists()


def test_all_of_it_on_a_few_firms(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(engine, "measure_apart", measure)
    monkeypatch.setattr(engine, "QUICK", TINY)
    monkeypatch.setattr(engine, "measure_stages_apart", measure_stages)
    page = tmp_path / "page.md"
    monkeypatch.setattr(sys, "argv", ["engine.py", "--quick", "--output", str(page)])
    engine.main()
    printed = capsys.readouterr().out
    assert printed.strip() in page.read_text(encoding="utf-8")
    assert "| times as fast as NumPy at its best | at least 10 |" in printed
    assert "| 600 | NumPy, whole arrays | 1 | 0 | left out to save minutes |" in printed
    assert ("| of the speed of C, kernel alone | at least 0.5 |" in printed) == (in_c.compiler() is not None)
    assert "| C, two threads | 2 | " in printed
    assert "By policies (200 firms, 2 draws, 13 weeks; median of 1):" in printed
    assert "By levers (200 firms, 2 draws, 13 weeks, 2 policies; median of 1):" in printed
    assert "| stage | 6 policies, 13 weeks | 6 policies, 52 weeks | 9 policies, 52 weeks |" in printed
    assert "`python benchmarks/engine.py --quick`" in printed
    rows = [line for line in printed.splitlines() if line.startswith("|")]
    headings = {number: rows[number - 1] for number, row in enumerate(rows) if row.startswith("|---")}
    assert all(row.count("|") == heading.count("|") for number, heading in headings.items() for row in rows[number : number + 1])


@pytest.mark.parametrize("engine", [COMPILED, pytest.param(IN_C, marks=needs_compiler)])
def test_a_measurement_apart_is_the_same_run(engine):
    case = Case(engine, 2, 200, 2)
    apart = measure_apart(case)
    assert apart.case == case
    demand_equal(measure(case), apart)
    assert 2**20 < apart.summary_bytes + 2**20 < apart.peak_bytes


def test_the_stages_of_a_run_add_up_to_all_of_it():
    found = measure_stages(Case(COMPILED, 2, 200, 2, policies=NINE))
    assert tuple(found.seconds) == STAGES
    assert min(found.seconds.values()) > 0.0
    assert found.case.threads == 1


def measured(case, seconds, peak_gib=1.0):
    """Something that was not measured."""
    return Measured(case, seconds, int(peak_gib * 2**30), 2**20, {})


def test_ratios_are_taken_within_a_round():
    case = Case(COMPILED, 2, 100, 1)
    turns = {COMPILED_TWO: [measured(case, seconds) for seconds in (1.0, 2.0, 10.0)], "slow": [measured(case, 12.0), measured(case, 20.0)]}
    rounds = Rounds(100, 1, 13, 6, turns)
    assert rounds.ratio("slow") == 11.0
    assert rounds.seconds(COMPILED_TWO) == 2.0
    assert rounds.speed(COMPILED_TWO) == pytest.approx(100 * 13 * 6 / 2.0 / 1e6)


def test_the_rival_is_the_fastest_of_those_tried():
    tried = []

    def pretend(case):
        tried.append(case)
        return measured(case, abs(case.lanes - 2**14) + case.threads)

    search = Study(pretend, lambda _: None).find_best(
        replace(studying.FULL, search_draws=16, lanes=tuple(2**power for power in range(11, 18))), SIX
    )
    assert best_of(search) == Case(NUMPY, 1, 8192, 16, lanes=2**14)
    assert {(case.lanes, case.threads) for case in tried} == {(2**power, threads) for power in range(11, 18) for threads in (1, 2)} - {
        (2**17, 2)
    }
    tried.clear()
    Study(pretend, lambda _: None).find_best(studying.FULL, NINE)
    assert min(case.lanes for case in tried) == 8192


def test_whole_arrays_are_left_out_where_they_would_not_fit():
    smaller = measured(Case(NUMPY, 1, 1000, 1, lanes=WHOLE), 1.0, peak_gib=1.0)
    assert too_large([], Case(NUMPY, 1, 10**9, 1)) is None
    assert too_large([smaller], Case(NUMPY, 1, 500, 1)) is None
    assert "would take some 1000000 GiB, as 1,000 paths took 1.0" in too_large([smaller], Case(NUMPY, 1, 10**9, 1))


def test_what_was_wanted_is_said_to_be_missed_where_it_is():
    def rounds(draws, seconds, peak_gib):
        case = Case(COMPILED, 2, 1_000_000, draws)
        return Rounds(
            *(1_000_000, draws, 13, 6),
            {
                COMPILED_TWO: [measured(case, seconds * draws, peak_gib)],
                studying.NUMPY_BEST: [measured(replace(case, engine=NUMPY), 12.0 * seconds * draws)],
                studying.COMPILED_ONE: [measured(replace(case, threads=1), 1.5 * seconds * draws)],
            },
        )

    search = [measured(Case(NUMPY, 1, 100, 1), 1.0)]
    found = studying.Findings(search, search, [rounds(1, 1.0, 1.0), rounds(2, 10.0, 1.5)], [], [], [], [], [], [], [])
    text = "\n".join(section(found, "command", "machine"))
    assert "| million firm-weeks a second | at least 50 | 78.0 | 7.8 | met at 1,000,000 |" in text
    assert "| times as fast as NumPy at its best | at least 10 | 12.0 | 12.0 | met |" in text
    assert "| times as fast as with one thread | at least 1.8 | 1.50 | 1.50 | **not met** |" in text
    assert "| peak memory | constant in draws, summaries aside | 1024 MiB | 1536 MiB | **not met** |" in text
    assert NUMPY_WHOLE not in text


# ------------------------------------------------------------------------------------------------------------------- the page


def test_a_section_takes_the_place_of_its_own_and_of_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    write_section(page, "one", ["first"])
    write_section(page, "two", [r"second \1"])
    write_section(page, "one", ["third"])
    assert page.read_text(encoding="utf-8") == (
        f"{TITLE}\n<!-- begin one -->\n\nthird\n\n<!-- end one -->\n\n<!-- begin two -->\n\nsecond \\1\n\n<!-- end two -->\n"
    )


def test_the_machine_is_named_without_anything_private(tmp_path):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor : 0\nmodel name\t: Some  CPU @ 1 GHz\n", encoding="utf-8")
    assert processor(listing) == "Some CPU @ 1 GHz"
    assert "numba" in machine()
    assert str(Path.home()) not in machine()


def test_the_page_has_the_sections_of_its_scripts():
    page = (TOP / "docs" / "performance.md").read_text(encoding="utf-8")
    for script in ("whole_process", "engine"):
        text = (TOP / "benchmarks" / f"{script}.py").read_text(encoding="utf-8")
        assert "write_section(" in text
    assert page.count("<!-- begin whole processes -->") == page.count("<!-- end whole processes -->") == 1
