"""The guard that looks at memory before a run starts."""

import pytest

from simsme.cli.application import answer
from simsme.memory import check_memory, estimated_bytes, free_bytes
from simsme.plan import plan_run
from simsme.problems import InputError

MILLION = 1_000_000


def plan(policies=("renewal",), **options):
    return plan_run("three-months", policies=list(policies), **options)


def test_what_grows_with_what():
    def of(firms, policies=("renewal",), workers=2, draws=100, **options):
        return estimated_bytes(plan(policies, draws=draws), firms, workers=workers, **options)

    # with draws only their summaries grow
    assert of(MILLION, draws=200) - of(MILLION) < 100 * 200_000
    fund = of(2 * MILLION, ["guarantee"]) - of(MILLION, ["guarantee"])
    bare = of(2 * MILLION) - of(MILLION)
    assert fund > 2 * bare
    assert of(MILLION, ["guarantee"], workers=1) < of(MILLION, ["guarantee"])
    assert of(MILLION, firm_level=True) - of(MILLION) > MILLION * 2 * 100
    assert of(MILLION, ["guarantee"], engine="numpy") > of(MILLION, ["guarantee"])


def test_what_was_measured_fits_into_the_estimate():
    """Peaks of docs/scale.md, 200,000 firms, 2 draws, two threads."""
    short = ["time.horizon_days=91", "time.report_days=[]"]
    for policies, mebibytes in ((["renewal"], 389), (["guarantee"], 895)):
        estimate = estimated_bytes(plan(policies, draws=2, overrides=short), 200_000, workers=2, engine="compiled")
        assert mebibytes * 2**20 < estimate < 1.5 * mebibytes * 2**20


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


def test_nothing_is_begun_that_does_not_fit(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("simsme.memory.free_bytes", lambda: 2 * 10**9)
    monkeypatch.setattr("simsme.plan.Plan.firms", lambda self: pytest.fail("firms were drawn"))
    assert answer(["run", "three-months", "--set", "population.firms=10000000"]) == 2
    assert capsys.readouterr().err.startswith("memory: 10,000,000 firms take about ")
    assert list(tmp_path.iterdir()) == []


def test_free_memory_is_some():
    assert free_bytes() is None or free_bytes() > 10**7
