"""What a user got wrong, in one line each."""

from simsme.problems import InputError, Problem, did_you_mean


def test_a_problem_is_one_line_with_file_place_and_message() -> None:
    assert str(Problem("a.toml", "credit.renewal", "2 is outside the allowed range 0 to 1")) == (
        "a.toml: credit.renewal: 2 is outside the allowed range 0 to 1"
    )


def test_a_problem_of_a_whole_file_names_no_place() -> None:
    assert str(Problem("a.toml", "", "is empty")) == "a.toml: is empty"


def test_an_input_error_has_one_line_for_each_problem() -> None:
    error = InputError([Problem("a", "b", "c"), Problem("d", "e", "f")])
    assert str(error).splitlines() == ["a: b: c", "d: e: f"]
    assert len(error.problems) == 2


def test_the_nearest_name_is_suggested_whatever_its_case() -> None:
    assert did_you_mean("Renewl", ["kappa", "renewal"]) == '; did you mean "renewal"?'
    assert did_you_mean("retail", ["Retail"]) == '; did you mean "Retail"?'


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert did_you_mean("xyz", ["renewal", "kappa"]) == ""
    assert did_you_mean("xyz", []) == ""
