"""The table ``[firms]`` of a new scenario: guesses as settings, each with what speaks for it."""

from simsme.firm_columns import BY_NAME, TEXTS
from simsme.messages import shown
from simsme.new_scenario.guesses import Guesses
from simsme.new_scenario.template import firms_settings
from simsme.new_scenario.toml_lines import beside, heading, prose, setting

MEANINGS = TEXTS | {column.name: f"{column.meaning} ({column.unit})" for column in BY_NAME.values()}


def firms_lines(guesses: Guesses) -> list[str]:
    """Return the lines of ``[firms]`` and of the tables below it."""
    lines = heading("firms", f"how {guesses.file} is read; all of it is guessed: look at every line", on=True)
    for key, (value, why) in guesses.settings.items():
        lines += setting(key, value, why, on=True)
    if guesses.unclear:
        lines += prose("Numbers can be read in two ways, and the file does not say which. Take the # away from the lines of one of them:")
        lines += [line for key, mark, meaning in guesses.unclear for line in setting(key, mark, meaning, on=False)]
    lines += _money(guesses)
    lines += firms_settings()
    lines += _columns(guesses)
    if guesses.factors:
        lines += heading("firms.factors", "what one unit of the file is in ours", on=True)
        lines += [line for ours, (factor, why) in guesses.factors.items() for line in setting(ours, factor, why, on=True)]
    for ours, words in guesses.values.items():
        lines += heading(f"firms.values.{ours}", 'the file\'s word = ours; "" where a word tells nothing, and it is drawn', on=True)
        for word, meant in words.items():
            lines += setting(word, meant, "" if meant else "not recognised: check", on=True)
    lines += heading("firms.constants", "value of a column where the file does not say", on=False)
    for ours, value in (("industry", "manufacturing"), ("legal_form", "incorporated")):
        if all(guess.ours != ours for guess in guesses.columns):
            lines += setting(ours, value, "else drawn by the shares of [population]", on=False)
    return lines


def _money(guesses: Guesses) -> list[str]:
    unit = guesses.money_unit
    sales = f"; the median of sales in the file is {guesses.median_sales:,.6g}" if guesses.median_sales == guesses.median_sales else ""
    if unit != 1.0:
        return setting("money_unit", unit, f"the names of columns say so{sales}", on=True)
    if guesses.silent:
        silent = f"below are units that names say; these say none: {', '.join(guesses.silent)}{sales}: check"
        return setting("money_unit", 1, silent, on=True)
    if any(guess.unit is not None for guess in guesses.columns):
        return setting("money_unit", 1, f"units that names say are below{sales}", on=True)
    return setting("money_unit", 1, f"1000 where the file is in thousands, which no name says{sales}: check", on=True)


def _columns(guesses: Guesses) -> list[str]:
    lines = heading("firms.columns", "our name = the file's name", on=True)
    for guess in guesses.columns:
        lines += setting(guess.ours, guess.theirs, "; ".join(filter(None, (MEANINGS[guess.ours], guess.why))), on=True)
    for ours in guesses.missing:
        lines += beside(f'#{ours} = "?"', f"REQUIRED and not found: {MEANINGS[ours]}")
    for ours, theirs, reason in guesses.dropped:
        lines += prose(f"{ours} seems to be {shown(theirs)} and is not used: {reason}")
        lines += setting(ours, "", "", on=True) if ours == theirs else setting(ours, theirs, "", on=False)
    if guesses.unplaced:
        lines += prose(f"Columns of the file that are none of ours: {', '.join(guesses.unplaced)}")
    wanted = [name for name in MEANINGS if name not in guesses.missing and all(guess.ours != name for guess in guesses.columns)]
    return lines + prose(f"What is missing is drawn for each firm. A file may have besides: {', '.join(wanted)}")
