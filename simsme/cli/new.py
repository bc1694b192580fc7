"""``simsme new``: a scenario to start from, and the columns of a file of firms as far as they show."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simsme.cli.talk import Talk

if TYPE_CHECKING:
    from simsme.new_scenario import Guesses


def new_scenario(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario; NAME.toml is written.", show_default=False)],
    from_firms: Annotated[
        Path | None, typer.Option("--from-firms", metavar="FILE", help="File of own firms whose columns are to be guessed.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a scenario to edit: every setting with its default, its unit and what it means. It runs as it is.

    With a file of firms it also says which column of the file is which of ours, as far as names and cells show.
    """
    from simsme.new_scenario import guess_columns, scenario_text
    from simsme.new_scenario.firms_table import firms_lines
    from simsme.scenario import parse_scenario
    from simsme.textfile import write_text

    talk = Talk()
    path = Path(f"{name.removesuffix('.toml')}.toml")
    _check_name(path)
    schema = "With simsme schema --output simsme.schema.json in the same folder, editors that know TOML complete and check what you write."
    if from_firms is None:
        intro = [f"simsme run {path}", schema]
        text = scenario_text(path.stem, title=_title(path.stem), currency="CNY", intro=intro)
        parse_scenario(text, str(path), path.parent)
        write_text(path, text, replace=force)
        talk.say(f"{path} is written. Edit it, then: simsme check {path}, simsme run {path}.")
        return
    with talk.progress("reading firms"):
        guesses = guess_columns(from_firms)
    intro = [f"simsme run {path} --firms {from_firms}", schema]
    text = scenario_text(path.stem, title=_title(path.stem), currency=guesses.currency or "CNY", firms=firms_lines(guesses), intro=intro)
    parse_scenario(text, str(path), path.parent)
    write_text(path, text, replace=force)
    _say_what_was_guessed(talk, guesses, path, from_firms)


def _check_name(path: Path) -> None:
    """Refuse a name that cannot be a scenario's, before anything is read."""
    from simsme.problems import InputError, Problem

    if not path.stem or not all(letter.isalnum() or letter in "-_" for letter in path.stem):
        raise InputError([Problem("simsme new", "", f'"{path.stem}" is not a name; use letters, digits, - and _')])
    if not path.parent.is_dir():
        raise InputError([Problem(str(path), "", f"cannot be written: there is no folder {path.parent}")])


def _title(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").strip().capitalize()


def _say_what_was_guessed(talk: Talk, guesses: "Guesses", path: Path, firms: Path) -> None:
    placed = ", ".join(guess.ours if guess.ours == guess.theirs else f"{guess.ours} = {guess.theirs}" for guess in guesses.columns)
    talk.say(f"{path} is written for the {guesses.firms:,} firms of {guesses.file}. Guessed, to be looked at: {placed or 'nothing'}.")
    for ours, theirs, reason in guesses.dropped:
        talk.say(f"Remark: column {theirs} is not used as {ours}: {reason}.")
    if guesses.unplaced:
        talk.say(f"Remark: columns that are not used: {', '.join(guesses.unplaced)}.")
    for doubt in guesses.doubts:
        talk.say(f"Remark: {doubt}.")
    if guesses.unclear:
        meanings = " or ".join(dict.fromkeys(meaning for _, _, meaning in guesses.unclear))
        talk.say(f"To do: numbers can be read in two ways ({meanings}); choose one in [firms] of {path}.")
    if guesses.missing:
        talk.say(
            f"To do: every file needs {', '.join(guesses.missing)}, and no column seems to be that; name it in [firms.columns] of {path}."
        )
    talk.say(f"Then: simsme check {path} --firms {firms}, simsme run {path} --firms {firms}.")
