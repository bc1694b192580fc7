"""The sources chen, poland and packages, and the processes that share the work: measures by hand, nothing without data, typos."""

import json
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest

from simsme.cli.application import answer
from simsme.engine.credit import NEVER
from simsme.engine.records import Arrears, Loan
from simsme.problems import InputError, Problem
from simsme.validation import sources as sources_module
from simsme.validation.chen import COSTS, percent_short, simulate_chen
from simsme.validation.packages import behind_with, simulate_packages
from simsme.validation.poland import falls, simulate_poland
from simsme.validation.ranking import area, logistic_score
from simsme.validation.rows import ORIGINS, rows_of
from simsme.validation.setting import Setting
from simsme.validation.sources import SOURCES, Source, validate
from simsme.validation.targets import targets_of
from simsme.validation.workers import processes


class TestReliefs:
    def test_cash_is_measured_against_what_is_paid_without_sales_by_those_alive(self):
        """Three firms that pay 7 a week, 1 a day: with 29, 31 and, gone, 0 of cash; the weights count."""
        bookings = dict.fromkeys(COSTS, np.array([[7.0 / 4.0] * 3])) | {"materials_used": np.array([[1000.0] * 3])}
        state = SimpleNamespace(alive=np.array([[1.0, 1.0, 0.0]]), cash=np.array([[29.0, 31.0, 0.0]]))
        found = percent_short(SimpleNamespace(bookings=bookings, state=state), 7.0, np.array([1.0, 3.0, 100.0]))
        assert found == pytest.approx([25.0])

    def test_every_number_is_there_and_rent_does_more_than_social_insurance(self):
        found = simulate_chen(Setting(draws=4, firms=300))
        rows = rows_of(targets_of("chen"), found)
        assert [row.target.id for row in rows if row.simulated is None] == []
        assert found["rent"].value < found["social-insurance"].value < 0.0
        assert found["rent-over-social-insurance"].value == pytest.approx(found["rent"].value - found["social-insurance"].value)
        assert abs(found["guarantee"].value) < 1.0


class TestPackages:
    def test_behind_is_bills_and_overdue_loans(self):
        arrears = Arrears(*(np.array([amount]) for amount in (1.0, 2.0, 3.0, 4.0, 5.0)))

        def loan(overdue_day):
            return Loan(*(np.array([value]) for value in (100.0, 50.0, 0.0, 0.0, overdue_day, 0.0)))

        state = SimpleNamespace(arrears=arrears, term_loan=loan(30.0), new_loan=loan(NEVER))
        assert behind_with(state) == pytest.approx([115.0])

    @pytest.mark.slow
    def test_numbers_are_there_and_no_lever_closes_what_a_package_did(self):
        found = simulate_packages(Setting(draws=3, firms=200))
        missing = [row.target.id for row in rows_of(targets_of("packages"), found) if row.simulated is None]
        assert missing == ["credit-lines"]
        assert 0.0 < found["largest-lever"].value < 60.0
        assert found["package-firms"].value < 100.0
        assert found["bridge-cost"].value == pytest.approx(90.0)
        assert found["quarter-grant"].value < found["quarter-none"].value


class TestRealFirms:
    def test_without_the_file_nothing_is_run_and_it_is_said(self, monkeypatch, capsys):
        monkeypatch.delenv("SIMSME_DATA", raising=False)
        assert simulate_poland(Setting()) == {}
        assert answer(["validate", "--source", "poland", "-q"]) == 0
        out = " ".join(capsys.readouterr().out.split())
        assert out.count("not run: needs poland_firms_5y.csv.gz") == 1
        assert "pass" not in out.replace("may be off to pass", "")

    def test_steps_that_do_not_rise_are_counted(self):
        score = np.arange(100.0)
        failed = np.zeros(100)
        for tenth, number in enumerate((0, 1, 1, 2, 3, 2, 4, 5, 6, 7)):
            failed[10 * tenth : 10 * tenth + number] = 1.0
        assert falls(score, failed, 10) == 2
        assert falls(score, failed, 5) == 0

    def test_a_fitted_score_ranks_like_the_column_it_rests_on(self):
        rng = np.random.default_rng(0)
        column = rng.normal(size=2000)
        failed = (rng.random(2000) < 1.0 / (1.0 + np.exp(2.0 - column))).astype(float)
        equal = np.ones(2000)
        fitted = logistic_score(failed, [column])
        assert area(fitted, failed, equal) == pytest.approx(area(column, failed, equal))
        assert np.polyfit(column, fitted, 1)[0] == pytest.approx(1.0, abs=0.2)


def double(setting, number):
    """For other processes: twice a number, and whether this is one without workers."""
    if number < 0:
        raise InputError([Problem("file", "place", "is below 0")])
    return 2 * number, setting.workers is None


class TestProcesses:
    def test_give_results_in_order_and_problems_as_they_are(self):
        with processes(2) as workers:
            setting = Setting(workers=workers, tell=print)
            assert setting.each(double, (1,), (2,), (3,)) == [(2, True), (4, True), (6, True)]
            with pytest.raises(InputError, match="file: place: is below 0"):
                setting.each(double, (1,), (-1,))

    def test_one_is_this_one(self):
        with processes(1) as workers:
            assert workers is None
            assert Setting(workers=workers).each(double, (1,)) == [(2, True)]

    def test_numbers_do_not_depend_on_them(self, capsys):
        found = []
        for jobs in ("1", "2"):
            assert answer(["validate", "--source", "osome-2022", "--draws", "2", "--firms", "100", "-q", "--json", "--jobs", jobs]) in (
                0,
                1,
            )
            found.append(json.loads(capsys.readouterr().out))
        assert found[0] == found[1]

    def test_a_fault_of_one_source_ends_all(self, monkeypatch):
        def fails(setting):
            raise RuntimeError("no such thing")

        monkeypatch.setattr(sources_module, "SOURCES", {"chen": Source(fails), "poland": Source(lambda setting: {})})
        with processes(2) as workers, pytest.raises(RuntimeError, match="no such thing"):
            validate(setting=Setting(workers=workers))


class TestNames:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--source", "chan"], 'no source is called "chan"; did you mean "chen"?'),
            (["--source", "poland", "--source", "pakages"], 'did you mean "packages"?'),
            (["--source", "xyz"], "there is bachas, china-2020"),
            (["--role", "calibrated"], 'did you mean "calibration"?'),
            (["--jobs", "0"], "1"),
        ],
    )
    def test_a_typo_is_answered_with_exit_code_2_and_nothing_on_stdout(self, words, said, capsys):
        assert answer(["validate", *words]) == 2
        captured = capsys.readouterr()
        assert said in " ".join(captured.err.split())
        assert captured.out == ""

    def test_both_mistakes_are_told_at_once(self, capsys):
        assert answer(["validate", "--source", "chan", "--role", "contxt"]) == 2
        told = capsys.readouterr().err
        assert "chen" in told and "context" in told


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
def test_ctrl_c_ends_the_processes_at_once():
    """While sources with many seconds of work run in processes: exit code 130, one line, and nobody left behind."""
    code = "from simsme.cli import main\nif __name__ == '__main__':\n    main()\n"
    words = ["validate", "--source", "bachas", "--jobs", "2"]
    with subprocess.Popen([sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(6.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60.0)
    assert (process.returncode, out, err) == (130, "", "simsme: stopped\n")


def test_every_cause_says_whose_value_it_is():
    """The sources that explain misses, at the smallest size."""
    setting = Setting(draws=2, firms=100)
    china = SOURCES["china-2020"].explain(setting, ["exit-self-employed", "employment"])
    calm = SOURCES["calm"].explain(setting, ["exit-self-employed", "guarantee-claims"])
    causes = [cause for found in (china, calm) for of_one in found.values() for cause in of_one]
    assert len(causes) == 5
    assert {cause.origin for cause in causes} <= set(ORIGINS)
