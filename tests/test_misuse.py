"""What is said of an option whose value cannot be: plain words, and none of the library that reads the command line."""

import pytest

from simsme.cli.application import answer


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--draws", "abc"], "Invalid value for '--draws': must be a whole number\n"),
        (["--precision", "abc"], "Invalid value for '--precision': must be a number\n"),
        (["--jobs", "0"], "Invalid value for '--jobs': must be at least 1\n"),
        (["--engine", "fast"], "Invalid value for '--engine': 'fast' is not one of 'numpy', 'compiled'.\n"),
    ],
)
def test_a_value_that_cannot_be_is_told_in_plain_words(words, said, capsys):
    assert answer(["run", "three-months", *words]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert not told.out


def test_a_firm_with_a_cash_that_is_no_number_is_not_told_of_overdrafts(capsys):
    assert answer(["runway", "--cash", "nan", "--sales", "3000000"]) == 2
    assert "overdraft" not in capsys.readouterr().err
    assert answer(["runway", "--cash", "-5", "--sales", "3000000"]) == 2
    assert "overdraft" in capsys.readouterr().err
