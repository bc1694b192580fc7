"""Switching a defect in: patches of functions, numbers and rules of the package, and what a seeded defect is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from inspect import signature
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simsme.engine.terms import RULES

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Fault:
    """A defect, how it is switched in, and the check that catches it."""

    name: str
    patch: Patch
    caught_by: str


def around(target: str, new: Callable[..., Any]) -> Patch:
    """Replace a function by ``new(original, *arguments)`` where the module named in the target looks it up."""
    module, name = target.rsplit(".", 1)

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        place = import_module(f"simsme.{module}")
        original = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *arguments, **named: new(partial(original, **named), *arguments))

    return patch


def after(target: str, new: Callable[[Any, Any], Any]) -> Patch:
    """Replace what a function returns by ``new(result, what it took, by name)``."""

    def changed(original: Callable[..., Any], *arguments: Any) -> Any:
        return new(original(*arguments), SimpleNamespace(**signature(original).bind(*arguments).arguments))

    return around(target, changed)


def before(target: str, argument: str, new: Callable[[Any], Any]) -> Patch:
    """Replace one argument of a function."""

    def changed(original: Callable[..., Any], *arguments: Any) -> Any:
        bound = signature(original).bind(*arguments)
        bound.arguments[argument] = new(bound.arguments[argument])
        return original(*bound.args, **bound.kwargs)

    return around(target, changed)


def numbers_are(target: str, argument: str, **values: float) -> Patch:
    """Let a stage work with other numbers in a record that it takes."""
    return before(target, argument, lambda record: record._replace(**{name: np.asarray(value) for name, value in values.items()}))


def number_is(target: str, value: Any) -> Patch:
    """Let a constant of a module have another value."""
    module, name = target.rsplit(".", 1)
    return lambda monkeypatch: monkeypatch.setattr(import_module(f"simsme.{module}"), name, value)


def combining(term: str, rule: Callable[[Any, Any], Any]) -> Patch:
    """Let levers combine in a term by another rule."""
    return lambda monkeypatch: monkeypatch.setitem(RULES, term, rule)
