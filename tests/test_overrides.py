"""Overrides: ``key=value`` with a dotted key."""

from typing import Any

import pytest

from simsme.overrides import apply_override, parse_override
from simsme.problems import InputError
from simsme.scenario import parse_scenario


def tables() -> dict[str, Any]:
    """Tables as read from a scenario file."""
    return {"draws": 3, "credit": {"renewal": 0.9}, "policy": [{"name": "a", "levers": [{"kind": "loan_renewal", "take_up": 0.2}]}]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-3", -3),
        ("true", True),
        ('"text"', "text"),
        ("bare words", "bare words"),
        ("[1, 2]", [1, 2]),
        ('{ dist = "uniform", low = 0.1, high = 0.2 }', {"dist": "uniform", "low": 0.1, "high": 0.2}),
        ("a=b", "a=b"),
        ("1\nother = 2", "1\nother = 2"),
        ("", ""),
    ],
)
def test_a_value_is_toml_or_else_text(text: str, value: object) -> None:
    assert parse_override(f" x . y = {text}") == (("x", "y"), value)


@pytest.mark.parametrize("override", ["x", "=1", "a..b=1", "a.=1", "a=[1", "a={b=1", "a='x"])
def test_what_is_neither_key_nor_value_is_refused(override: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_override(override)
    assert str(caught.value).startswith(f"--set {override}: ")


@pytest.mark.parametrize(
    ("override", "place"),
    [
        ("draws=5", "draws"),
        ("credit.renewal=0.5", "credit.renewal"),
        ("shock.sales.scar=0.5", "shock.sales.scar"),
        ("policy.a.levers.0.take_up=0.5", "policy.a.levers.0.take_up"),
        ("policy.0.levers.loan_renewal.take_up=0.5", "policy.a.levers.0.take_up"),
        ("policy.a.levers.0={}", "policy.a.levers.0"),
    ],
)
def test_a_value_is_set_at_its_place(override: str, place: str) -> None:
    changed = tables()
    assert apply_override(changed, override) == place
    node: Any = changed
    for part in place.split("."):
        node = node[0] if isinstance(node, list) else node[part]
    assert node == parse_override(override)[1]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("draws.x=1", '"draws" is 3, not a table'),
        ("policy.b.title=1", 'policy has no policy "b"; there is "a"'),
        ("policy.a.levers.loan_renewl.take_up=1", 'policy.a.levers has no item "loan_renewl"; did you mean "loan_renewal"?'),
        ("policy.a.levers.7.take_up=1", 'policy.a.levers has no item "7"; there is "loan_renewal"'),
    ],
)
def test_a_path_that_leads_nowhere_is_named(override: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        apply_override(tables(), override)
    assert str(caught.value) == f"--set {override}: {message}"


def test_a_fault_that_an_override_brought_is_laid_at_its_door() -> None:
    text = "[population]\nfirms = 10\n[credit]\nkappa = 2\n"
    with pytest.raises(InputError) as caught:
        parse_scenario(text, "own.toml", None, ["credit.renewal=5", "credit.aply=1", "draws"])
    assert str(caught.value).splitlines() == [
        "--set draws: must be key=value with a dotted key, such as credit.renewal=0.9",
        "--set credit.renewal=5: credit.renewal: 5 is outside the allowed range 0 to 1; "
        "shares are written 0 to 1, not in percent: did you mean 0.05?",
        "own.toml: credit.kappa: 2 is outside the allowed range 0 to 1",
        '--set credit.aply=1: credit.aply: unknown key; did you mean "apply"?',
    ]


def test_a_later_override_wins() -> None:
    loaded = parse_scenario("[population]\nfirms = 10\n", "own.toml", None, ["draws=3", "draws=4"])
    assert loaded.scenario.draws == 4
