"""The guard that looks at memory before a run starts."""

import pytest

from simsme.cli.application import answer
from simsme.memory import check_memory, estimated_bytes, free_bytes
from simsme.plan import plan_run
from simsme.problems import InputError

MILLION = 1_000_000
SHORT = ["time.horizon_days=91", "time.report_days=[]"]


def plan(policies=("renewal",), **options):
    return plan_run("three-months", policies=list(policies), **options)


def test_what_grows_with_what():
    def of(firms, policies=("renewal",), workers=2, draws=100, overrides=(), **options):
        return estimated_bytes(plan(policies, draws=draws, overrides=overrides), firms, workers=workers, **options)

    # with draws only their summaries grow
    assert of(MILLION, draws=200) - of(MILLION) < 100 * 200_000
    fund = of(2 * MILLION, ["guarantee"]) - of(MILLION, ["guarantee"])
    bare = of(2 * MILLION) - of(MILLION)
    assert fund > 10 * bare
    # ten million firms fit where none is held, and are counted one by one within 4 GB too
    assert bare < 100 * MILLION
    assert of(10 * MILLION) < 1.5e9
    assert of(10 * MILLION, overrides=SHORT, firm_level=True) < 4e9
    assert of(MILLION, ["guarantee"], overrides=SHORT) < 4e9
    assert of(MILLION, ["guarantee"], workers=1) < of(MILLION, ["guarantee"])
    assert of(MILLION, firm_level=True) - of(MILLION) > MILLION * 2 * 100
    assert of(MILLION, ["guarantee"], engine="numpy") > of(MILLION, ["guarantee"])


def test_what_was_measured_fits_into_the_estimate():
    """Peaks of docs/scale.md, 2 draws, two threads."""
    measured = ((200_000, "renewal", 354), (200_000, "guarantee", 484), (MILLION, "guarantee", 1535), (MILLION, "renewal", 348))
    for firms, policy, mebibytes in (*measured, (10 * MILLION, "renewal", 817)):
        estimate = estimated_bytes(plan([policy], draws=2, overrides=SHORT), firms, workers=2, engine="compiled")
        assert mebibytes * 2**20 < estimate < 1.5 * mebibytes * 2**20
    of_many_draws = estimated_bytes(plan(draws=100, overrides=SHORT), MILLION, workers=2, engine="compiled")
    assert 440e6 < of_many_draws < 1.5 * 440e6
    by_firm = estimated_bytes(plan(draws=2, overrides=SHORT), MILLION, workers=2, engine="compiled", firm_level=True)
    assert 608e6 < by_firm < 1.5 * 608e6


def test_what_does_not_fit_is_refused_with_what_helps(monkeypatch):
    monkeypatch.setattr("simsme.memory.free_bytes", lambda: 2 * 10**9)
    with pytest.raises(InputError) as error:
        check_memory(plan(["renewal", "guarantee"]), MILLION, workers=2, firm_level=True)
    text = str(error.value)
    assert text.startswith("memory: 1,000,000 firms take about ")
    assert "2.0 GB are free; what helps: --jobs 1 (about " in text
    assert "--policy" in text
    assert "no --firm-level" in text
    assert check_memory(plan(), 1000, workers=2) is None


def test_what_is_large_and_fits_is_told(monkeypatch):
    monkeypatch.setattr("simsme.memory.free_bytes", lambda: 10**11)
    assert check_memory(plan(["guarantee"]), MILLION, workers=2).endswith("of memory will be needed, 100.0 GB are free.")
    monkeypatch.setattr("simsme.memory.free_bytes", lambda: None)
    assert check_memory(plan(), 10**9, workers=2) is None


def test_what_will_be_needed_is_told_before_it_starts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    said = []
    monkeypatch.setattr("simsme.plan.Plan.firms_as_needed", lambda self: said.append(capsys.readouterr().err) or 1 / 0)
    assert answer(["run", "three-months", "--policy", "guarantee", "--set", "population.firms=2000000"]) != 0
    assert said[0].startswith("About ")
    assert "GB of memory will be needed" in said[0]


def test_nothing_is_begun_that_does_not_fit(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("simsme.memory.free_bytes", lambda: 2 * 10**9)
    monkeypatch.setattr("simsme.plan.Plan.firms_as_needed", lambda self: pytest.fail("firms were drawn"))
    assert answer(["run", "three-months", "--set", "population.firms=10000000"]) == 2
    assert capsys.readouterr().err.startswith("memory: 10,000,000 firms take about ")
    assert list(tmp_path.iterdir()) == []


def test_free_memory_is_some():
    assert free_bytes() is None or free_bytes() > 10**7
