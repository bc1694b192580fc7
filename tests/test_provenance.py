"""The digest finds the same result again, and nothing else."""

import json
import socket
from datetime import UTC, date, datetime
from typing import Any

import pytest

from simsme import provenance
from simsme.provenance import Provenance, canonical_json, content_digest, digest

SCENARIO = {"name": "calm", "draws": 40, "time": {"step_days": 7, "start_date": date(2022, 3, 1)}, "policy": [{"name": "none"}]}


def test_digest_is_stable() -> None:
    # a change of this number makes every stored result unfindable
    expected = "e4376a7138d8cb06952632c11a4c531160baa802056c5d49842f87e8997e10e1"
    assert digest({"name": "calm", "draws": 40}, overrides=["a=1"], seed=3, simsme_version="1.2.3") == expected


def test_order_of_keys_and_writing_of_numbers_do_not_matter() -> None:
    turned: dict[str, Any] = {key: SCENARIO[key] for key in reversed(SCENARIO)}
    turned["time"] = {"start_date": date(2022, 3, 1), "step_days": 7.0}
    assert digest(turned) == digest(SCENARIO)


@pytest.mark.parametrize(
    "change",
    [
        {"overrides": ["draws=40"]},
        {"firm_file_digest": content_digest(b"firm_id,sales,cash\n")},
        {"policies": ["none"]},
        {"draws": 41},
        {"seed": 1},
        {"simsme_version": "0.0.0"},
    ],
)
def test_everything_that_matters_is_in_the_digest(change: dict[str, Any]) -> None:
    assert digest(SCENARIO, **change) != digest(SCENARIO)


def test_the_scenario_is_in_the_digest() -> None:
    assert digest(SCENARIO | {"draws": 41}) != digest(SCENARIO)
    assert digest(SCENARIO | {"policy": []}) != digest(SCENARIO)
    assert digest(SCENARIO | {"extra": None}) != digest(SCENARIO)


def test_canonical_json() -> None:
    assert canonical_json({"b": 1.0, "a": (True, None, "ü", 0.1), "c": float("inf")}) == '{"a":[true,null,"ü",0.1],"b":1,"c":"inf"}'
    assert canonical_json(date(2022, 3, 1)) == '"2022-03-01"'
    with pytest.raises(TypeError, match="set"):
        canonical_json({"a": {1, 2}})
    with pytest.raises(TypeError, match="two keys"):
        canonical_json({"1": 1, 1: 2})


def test_version_of_what_is_not_installed() -> None:
    assert provenance.version("no-such-package-anywhere") == provenance.UNKNOWN_VERSION
    assert set(provenance.versions()) == {"python", *provenance.PACKAGES}


def test_manifest_is_json_and_keeps_the_machine_to_itself() -> None:
    when = datetime(2024, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    made = Provenance("calm", "ab" * 32, 0, 40, ("none",), ("draws=40",), ("simsme", "run", "calm"), when, when, "firms.csv", "cd" * 32)
    text = json.dumps(made.manifest(), allow_nan=False)
    assert json.loads(text)["started"] == "2024-01-02T03:04:05+00:00"
    assert json.loads(text)["versions"]["python"]
    assert socket.gethostname() not in text
