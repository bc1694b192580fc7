"""No number of a shipped scenario changes unnoticed; tests/golden/rewrite.py changes them on purpose."""

import json
import math

import pytest

from simsme.scenario import shipped_scenarios
from tests.golden.rewrite import FOLDER, golden_file, leaves, produce, versions_differ

EXACT = 1e-11
"""Relative: the same numbers, but for the last bits of sums and special functions, which differ between processors."""

ERRORS = 4
"""With other versions: means may differ by so many Monte Carlo standard errors."""


@pytest.mark.parametrize("scenario", shipped_scenarios())
def test_golden_output(scenario, tmp_path):
    try:
        found = produce(scenario, tmp_path)
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
    golden = json.loads(golden_file(scenario).read_text(encoding="utf-8"))
    different = list(_within_error(golden, found) if versions_differ() else _exactly(golden, found))
    if different:
        first = "\n".join(different[:10])
        pytest.fail(
            f"{len(different)} numbers of {scenario} changed; if they are meant to, run tests/golden/rewrite.py {scenario}\n{first}",
            pytrace=False,
        )


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(shipped_scenarios())


@pytest.mark.parametrize("change", ["mean", "null", "missing", "text"])
def test_a_change_is_seen(change):
    """The comparison itself: a changed, vanished, missing number or text is told by its place."""
    golden = {"policies": [{"policy": "none", "title": "No policy", "survival": {"exit": {"mean": 0.9, "mc_error": 0.01}}}]}
    found = json.loads(json.dumps(golden))
    entry = found["policies"][0]
    match change:
        case "mean":
            entry["survival"]["exit"]["mean"] = 0.9 + 0.041
        case "null":
            entry["survival"]["exit"]["mean"] = None
        case "missing":
            del entry["survival"]["exit"]["mean"]
        case "text":
            entry["title"] = "Another policy"
    assert len(list(_exactly(golden, found))) == 1
    assert len(list(_within_error(golden, found))) == (0 if change == "text" else 1)
    assert not list(_exactly(golden, golden))
    assert not list(_within_error(golden, golden))


def test_an_error_of_the_mean_is_forgiven_with_other_versions_only():
    golden, found = {"exit": {"mean": 0.9, "mc_error": 0.01}}, {"exit": {"mean": 0.93, "mc_error": 0.01}}
    assert not list(_within_error(golden, found))
    assert list(_exactly(golden, found)) == ["exit.mean: 0.9 became 0.93"]


def _exactly(golden, found):
    """Everything, key by key."""
    before, after = dict(leaves(golden)), dict(leaves(found))
    for place in [*before, *(place for place in after if place not in before)]:
        # money is what large sums leave when they are taken from each other: exact to a tenth of a cent
        if not _same(before.get(place, "absent"), after.get(place, "absent"), 1e-3 if ".cost." in place else 1e-12):
            yield f"{place}: {before.get(place, 'absent')} became {after.get(place, 'absent')}"


def _same(before, after, round_off):
    if isinstance(before, float) and isinstance(after, float):
        return math.isclose(before, after, rel_tol=EXACT, abs_tol=round_off)
    return before == after and isinstance(before, bool) == isinstance(after, bool)


def _within_error(golden, found):
    """The means that come with a Monte Carlo error."""
    before, after = dict(leaves(golden)), dict(leaves(found))
    for place, error in before.items():
        if not place.endswith(".mc_error") or error is None:
            continue
        name = place.removesuffix("mc_error") + "mean"
        old, new = before[name], after.get(name)
        if new is None or abs(new - old) > ERRORS * error + 1e-9 * abs(old):
            yield f"{name}: {old} ± {error} became {new}"
