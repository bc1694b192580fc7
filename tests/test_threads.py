"""How many threads a run takes where nobody says."""

import pytest

import simsme
from simsme import runs
from simsme.crew import Threads
from simsme.execution import COMPILED, FEWEST_LANES, NUMPY, threads_of_use


@pytest.fixture
def four_cores(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 4)


@pytest.mark.parametrize(
    ("engine", "firms", "draws", "expected"),
    [
        (NUMPY, 50, 4, 1),
        (NUMPY, FEWEST_LANES, 1, 1),
        (NUMPY, FEWEST_LANES, 2, 2),
        (NUMPY, 10**6, 100, 4),
        (COMPILED, 1, 1, 4),
    ],
)
def test_numpy_takes_no_more_threads_than_have_enough_to_do(engine, firms, draws, expected, four_cores):
    assert threads_of_use(engine, firms, draws) == expected


@pytest.mark.parametrize(("jobs", "expected"), [(None, 1), (3, 3)])
def test_a_small_run_takes_one_unless_told(jobs, expected, four_cores, monkeypatch):
    taken = []

    class Counted(Threads):
        def __init__(self, work, tally, workers):
            taken.append(workers)
            super().__init__(work, tally, workers)

    monkeypatch.setattr(runs, "Threads", Counted)
    simsme.run(
        "three-months",
        policies=["renewal"],
        draws=3,
        jobs=jobs,
        overrides=["population.firms=20", "time.horizon_days=91", "time.report_days=[91]"],
    )
    assert taken == [expected]
