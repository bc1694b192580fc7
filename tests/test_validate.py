"""The framework of validation: the files of published numbers, verdicts, causes, pass rates, and what the command says and returns."""

import json
import re
from dataclasses import replace

import pytest

from simsme.cli.application import answer
from simsme.reference import BASES, SOURCE_QUALITIES
from simsme.validation import sources as sources_module
from simsme.validation.page import recorded, section
from simsme.validation.rows import FITTED, FROM_SOURCE, Cause, Row, Simulated, pass_rates, rows_of
from simsme.validation.setting import Setting
from simsme.validation.sources import SOURCES, Source, validate
from simsme.validation.targets import COUNTED, ROLES, Target, targets_of

OFFICIAL_OR_ACADEMIC = re.compile(
    r"https?://(?:[\w-]+\.)*(?:gov\.cn|ncbi\.nlm\.nih\.gov|cgdev\.org|econpapers\.repec\.org|bnnbloomberg\.ca|ideas\.repec\.org|archive\.ics\.uci\.edu)/"
)

TARGET = Target("calm", "x", "A number", "validation", 10.0, 9.0, 11.0, 1.0, "ours", "%", "published", "academic", "A paper", "pass")


def all_targets():
    return [target for source in SOURCES for target in targets_of(source)]


class TestFiles:
    def test_every_number_has_a_role_a_basis_and_a_document(self):
        for target in all_targets():
            assert target.role in ROLES, target
            assert target.basis in BASES, target
            assert target.source_quality in SOURCE_QUALITIES and target.source_quality, target
            assert target.document and target.unit and target.what and "{" not in target.what, target

    def test_what_is_counted_has_limits_and_says_whose(self):
        for target in all_targets():
            if target.role in COUNTED:
                assert target.low is not None or target.high is not None, target
                assert target.tolerance_from, target

    def test_names_are_used_once(self):
        for source in SOURCES:
            names = [target.id for target in targets_of(source)]
            assert len(names) == len(set(names))

    def test_every_counted_number_is_recorded_and_there_are_enough(self):
        counted = [target for target in all_targets() if target.is_counted]
        assert [(target.source, target.id) for target in counted if not target.recorded] == []
        assert len(counted) >= 100
        assert sum(target.role == "validation" for target in counted) >= 60

    def test_every_record_belongs_to_a_number(self):
        from simsme.validation.targets import _recorded

        for source, verdicts in _recorded().items():
            names = {target.id for target in targets_of(source)}
            assert set(verdicts["pass"]) | set(verdicts["miss"]) <= names, source
            assert not set(verdicts["pass"]) & set(verdicts["miss"]), source

    def test_numbers_of_bands_lie_in_them(self):
        """A published number with a band lies inside it: a slip of the pen in a file would not."""
        for target in all_targets():
            if target.published is not None:
                assert target.is_met(target.published), target

    def test_addresses_are_official_academic_or_of_established_media(self):
        addresses = [address for target in all_targets() for address in re.findall(r"https?://\S+", target.document)]
        assert addresses
        assert [address for address in addresses if not OFFICIAL_OR_ACADEMIC.match(address)] == []


class TestVerdicts:
    def test_inside_the_tolerance_passes(self):
        verdicts = [Row(TARGET, Simulated(value)).verdict for value in (8.9, 9.0, 11.0, 11.1)]
        assert verdicts == ["miss", "pass", "pass", "miss"]

    @pytest.mark.parametrize("role", ["input", "context"])
    def test_what_is_not_counted_has_none(self, role):
        assert Row(replace(TARGET, role=role), Simulated(50.0)).verdict is None
        assert pass_rates([Row(replace(TARGET, role=role), Simulated(50.0))]) == []

    def test_what_was_not_run_has_none(self):
        row = Row(TARGET, None, "needs a lever")
        assert row.verdict is None
        assert row.json()["note"] == "needs a lever"
        assert not row.is_worse()

    def test_a_cause_is_one_without_which_the_number_is_met(self):
        far, near = Cause("first", "one thing", 20.0, FITTED), Cause("second", "another", 10.5, FROM_SOURCE)
        assert Row(TARGET, Simulated(15.0, causes=(far, near))).cause == near
        assert Row(TARGET, Simulated(15.0, causes=(far,))).cause is None
        assert Row(TARGET, Simulated(10.0, causes=(near,))).cause is None

    def test_worse_is_what_passed_and_does_not(self):
        assert Row(TARGET, Simulated(12.0)).is_worse()
        assert not Row(replace(TARGET, recorded="miss"), Simulated(12.0)).is_worse()
        assert not Row(TARGET, Simulated(11.5, 0.3)).is_worse(grace=2.0)
        assert Row(TARGET, Simulated(11.7, 0.3)).is_worse(grace=2.0)

    def test_rates_are_by_source_and_role(self):
        other = replace(TARGET, source="noise")
        rows = [Row(TARGET, Simulated(10.0)), Row(TARGET, Simulated(20.0)), Row(replace(TARGET, role="calibration"), Simulated(10.0))]
        rows += [Row(other, Simulated(10.0))]
        assert [(rate["source"], rate["role"], rate["passed"], rate["of"]) for rate in pass_rates(rows)] == [
            ("calm", "validation", 1, 2),
            ("calm", "calibration", 1, 1),
            ("noise", "validation", 1, 1),
        ]

    def test_a_number_that_nobody_published_is_refused(self):
        with pytest.raises(ValueError, match="no published number is called y"):
            rows_of([TARGET], {"y": Simulated(1.0)})


@pytest.fixture
def quick(monkeypatch):
    """Osome alone, with numbers at hand: both runways as given."""
    told = {"runway-1": Simulated(40.0, 0.5), "runway-3": Simulated(80.0, 0.5), "short-of-cash": Simulated(50.0), "exit": Simulated(8.0)}

    def set_to(**values):
        found = told | {name.replace("_", "-"): Simulated(value, 0.5) for name, value in values.items()}
        causes = {name: (Cause("a thing", "the thing is away", 41.0, FITTED),) for name in found}
        source = Source(lambda setting: found, lambda setting, missed: {name: causes[name] for name in missed})
        monkeypatch.setattr(sources_module, "SOURCES", {"osome-2022": source})

    set_to()
    return set_to


class TestCommand:
    def test_json_is_a_list_of_rows(self, quick, capsys):
        assert answer(["validate", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert [row["id"] for row in found["targets"]] == ["runway-1", "runway-3", "short-of-cash", "exit"]
        first = found["targets"][0]
        assert {"source", "role", "published", "simulated", "tolerance", "verdict", "basis", "source_quality"} <= set(first)
        assert (first["published"], first["simulated"], first["verdict"]) == (40.0, 40.0, "pass")
        assert found["pass_rates"] == [{"source": "osome-2022", "role": "calibration", "passed": 2, "of": 2}]

    def test_a_number_that_was_met_and_is_not_ends_with_1(self, quick, capsys):
        quick(runway_1=50.0)
        assert answer(["validate"]) == 1
        said = capsys.readouterr()
        assert "osome-2022 runway-1" in said.err
        assert "cause: a thing; measured: the thing is away gives 41 (value fitted to close this gap)" in " ".join(said.out.split())
        assert "osome-2022, calibration: 1 of 2" in said.out

    def test_smaller_runs_have_two_errors_of_grace(self, quick):
        quick(runway_1=43.0)
        assert answer(["validate", "-q"]) == 1
        assert answer(["validate", "-q", "--draws", "5"]) == 0

    def test_a_role_is_shown_alone(self, quick, capsys):
        assert answer(["validate", "--role", "context", "--json"]) == 0
        assert {row["role"] for row in json.loads(capsys.readouterr().out)["targets"]} == {"context"}

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["--source", "bachus"], 'did you mean "bachas"'),
            (["--role", "validaton"], "validation"),
            (["--draws", "1"], "2"),
        ],
    )
    def test_what_does_not_exist_is_said_with_exit_code_2(self, words, said, capsys):
        assert answer(["validate", *words]) == 2
        assert said in capsys.readouterr().err


def test_a_small_run_of_a_source_goes_through(capsys):
    assert answer(["validate", "--source", "osome-2022", "--draws", "2", "--firms", "200", "-q"]) in (0, 1)
    out = capsys.readouterr().out
    assert "Micro operators" in out and "runway-3" in out


@pytest.mark.parametrize("source", ["china-2020", "calm"])
def test_small_runs_give_every_number(source):
    rows = validate([source], setting=Setting(draws=2, firms=200))
    assert [row.target.id for row in rows if row.simulated is None] == []


class TestPage:
    ROWS = (
        Row(TARGET, Simulated(10.2, 0.1)),
        Row(replace(TARGET, id="y"), Simulated(12.0, 0.1, (Cause("a thing", "the thing is away", 10.0, FITTED),))),
        Row(replace(TARGET, id="z", role="context", published=None, low=None, high=None), Simulated(3.0)),
    )

    def test_the_section_has_rates_tables_and_causes(self):
        text = "\n".join(section(self.ROWS))
        assert "| calm | validation | 1 | 2 |" in text
        assert "**missed**" in text
        assert "Measured: the thing is away, and it is 10 (value fitted to close this gap)." in text

    def test_the_record_names_what_passes_and_what_misses(self):
        import tomllib

        assert tomllib.loads(recorded(self.ROWS)) == {"calm": {"pass": ["x"], "miss": ["y"]}}
