"""Every public name is documented: what it takes, what goes wrong, what it holds, and an example that runs."""

import doctest
import inspect

import pytest

import simsme

FUNCTIONS = [name for name in simsme.__all__ if not inspect.isclass(getattr(simsme, name))]
CLASSES = [name for name in simsme.__all__ if inspect.isclass(getattr(simsme, name)) and not issubclass(getattr(simsme, name), Exception)]


def sections(thing):
    lines = (inspect.getdoc(thing) or "").splitlines()
    return {line for line, under in zip(lines, lines[1:], strict=False) if under and set(under) == {"-"}}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_shows_it(name):
    function = getattr(simsme, name)
    taken = inspect.signature(function).parameters
    assert "Examples" in sections(function)
    assert not taken or "Parameters" in sections(function)
    # further arguments are those of another function, to which the text points
    text = inspect.getdoc(function).split("Parameters")[-1].split("Examples")[0]
    assert ":func:" in text or "`plan_" in text or [parameter for parameter in taken if parameter not in text] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_it_holds(name):
    assert sections(getattr(simsme, name)) & {"Attributes", "Parameters"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_examples_run(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    function = getattr(simsme, name)
    for found in doctest.DocTestFinder(recurse=False).find(function, name, globs={}):
        said = []
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(found, out=said.append)
        assert said == []
