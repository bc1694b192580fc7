"""Five hundred inputs that nobody would give, of the thousands of benchmarks/fuzz.py; and what those thousands have found."""

import json
import shutil
from random import Random

import pytest

from simsme.cli.application import answer
from simsme.messages import shown
from simsme.problems import InputError
from simsme.provenance import content_digest
from simsme.scenario import parse_scenario
from simsme.textfile import parse_toml
from tests.fuzzing import tables
from tests.fuzzing.cases import KINDS, attempt, kind_of, working
from tests.fuzzing.verdict import REFUSED, RESULT, Misread, judge, judge_command

INPUTS, AT_ONCE = 500, 50

pytestmark = pytest.mark.xdist_group("fuzz")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with working(tmp_path_factory.mktemp("fuzz")) as place:
        yield place


@pytest.mark.parametrize("first", range(0, INPUTS, AT_ONCE))
def test_every_input_ends_in_a_result_or_a_clear_refusal(first, folder):
    verdicts = {number: attempt(number, folder) for number in range(first, first + AT_ONCE)}
    faults = {number: (kind_of(number), verdict) for number, verdict in verdicts.items() if verdict.is_fault}
    assert faults == {}
    assert {verdict.outcome for verdict in verdicts.values()} == {RESULT, REFUSED}


def test_all_kinds_are_among_them():
    assert {kind_of(number) for number in range(INPUTS)} == set(KINDS)


class TestTheJudge:
    def test_a_traceback_is_a_fault(self):
        assert judge(lambda: 1 / 0).outcome == "ZeroDivisionError"

    def test_a_hang_is_a_fault(self):
        def for_ever():
            while True:
                pass

        assert judge(for_ever, seconds=0.05).outcome == "hang"

    def test_a_refusal_without_words_is_a_fault(self):
        def refuse():
            raise InputError([])

        assert judge(refuse).outcome == "unclear refusal"

    def test_a_number_that_is_read_wrong_is_a_fault(self, tmp_path):
        sheet = tables.good(Random("some file"))
        written = sheet.written | {"sales": [value * 1000 for value in sheet.written["sales"]]}
        wrong = tables.Sheet(sheet.name, sheet.content, sheet.file, written)
        assert judge(lambda: tables.try_sheet(sheet, tmp_path)).outcome == RESULT
        assert judge(lambda: tables.try_sheet(wrong, tmp_path)).outcome == Misread.__name__


def written_by_somebody(folder, file, content):
    """Lay out results with a file of somebody's own, and its digest."""
    shutil.rmtree(folder / "damaged", ignore_errors=True)
    shutil.copytree(folder / "base", folder / "damaged")
    (folder / "damaged" / file).write_text(content, encoding="utf-8")
    manifest = json.loads((folder / "damaged" / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][file] = content_digest(content.encode())
    (folder / "damaged" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


class TestWhatWasFound:
    """Each of these was a traceback."""

    @pytest.mark.parametrize("value", [10**400, -(10**400), 10**19], ids=["huge", "hugely negative", "large"])
    def test_a_whole_number_that_is_no_float(self, value, folder):
        assert "beyond" in shown(value)
        with pytest.raises(InputError, match="credit.kappa"):
            parse_scenario(f"population = {{ firms = 4 }}\ncredit = {{ kappa = {value} }}\n", "x.toml")
        verdict = judge_command(["runway", f"--cash={value}", "--sales=3000000"])
        assert (verdict.outcome, "cash" in verdict.said) == (REFUSED, True)
        (folder / "firm.toml").write_text(f"cash = {value}\nsales = 3e6\n", encoding="utf-8")
        verdict = judge_command(["runway", "firm.toml"])
        assert (verdict.outcome, "cash" in verdict.said) == (REFUSED, True)

    @pytest.mark.parametrize("value", ["1" * 5000, "[" * 5000])
    def test_toml_that_python_cannot_hold(self, value):
        with pytest.raises(InputError, match="x.toml"):
            parse_toml(f"x = {value}", "x.toml")
        verdict = judge_command(["check", "three-months", f"--set=credit.kappa={value}"])
        assert verdict.outcome == REFUSED
        assert len(verdict.said) < 2000

    def test_a_policy_of_a_search_that_is_a_list(self):
        verdict = judge_command(["optimize", "small.toml", "--budget=1e6", "--levels=grant.policy=[1]", "--draws=4"])
        assert (verdict.outcome, "no policy is called" in verdict.said) == (REFUSED, True)

    @pytest.mark.parametrize("command", [["compare", "damaged", "damaged"], ["report", "damaged"]], ids=lambda command: command[0])
    @pytest.mark.parametrize(
        ("file", "content"),
        [
            ("summary.json", "{"),
            ("summary.json", "[]"),
            ("summary.json", '{"policies": NaN}'),
            ("summary.json", "{}"),
            ("curves.csv", '"'),
        ],
    )
    def test_a_results_folder_that_somebody_wrote(self, command, file, content, folder):
        """Its digests are right, and what they vouch for is not what a run writes."""
        written_by_somebody(folder, file, content)
        verdict = judge_command(command)
        assert (verdict.outcome, "damaged" in verdict.said) == (REFUSED, True), verdict.said

    @pytest.mark.parametrize("edit", ["no draw", "a draw less", "a draw twice", "another day"])
    def test_draws_that_somebody_left_out(self, edit, folder):
        """The mean of no draw was a warning, that of fewer was wrong."""
        head, *lines = (folder / "base" / "draws.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        lines = {
            "no draw": [line for line in lines if not line.startswith("both,")],
            "a draw less": lines[:-1],
            "a draw twice": [*lines[:-1], lines[0]],
            "another day": [line.replace(",35.0,", ",34.0,").replace(",35,", ",34,") for line in lines],
        }[edit]
        written_by_somebody(folder, "draws.csv", "".join([head, *lines]))
        for order in (("base", "damaged"), ("damaged", "base")):
            verdict = judge_command(["compare", *order])
            assert (verdict.outcome, "draws.csv does not hold every draw" in verdict.said) == (REFUSED, True), verdict.said

    def test_a_results_folder_as_it_was_written(self, folder):
        assert judge_command(["compare", "base", "base", "--json"]).outcome == RESULT
        assert answer(["report", "base", "--quiet", "--out", "page.html"]) == 0
