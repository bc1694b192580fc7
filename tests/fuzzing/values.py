"""Values that break programs, as texts of TOML and as cells of a table."""

from random import Random

WILD_NUMBERS = (
    *("0", "-0.0", "-1", "1", "2", "7", "0.5", "1e-300", "1e-9", "-1e-9", "0.9999999", "1.0000001", "1e3", "1e6", "1e9", "1e15", "1e16"),
    *("1e300", "-1e300", "inf", "-inf", "nan", "9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551616"),
    *("-9223372036854775809", "1" + "0" * 400, "0x10", "0o17", "0b11", "1_000", "1e400", "3.5e-324"),
    "1" * 5000,
)
WILD_OTHERS = (
    *(
        '""',
        '"a"',
        '"none"',
        '"=1+1"',
        '"../../x"',
        '"\\u0000"',
        '"\\u202e"',
        '"\U0001f600"',
        '"' + "x" * 300 + '"',
        "true",
        "false",
        "[]",
        "[" * 2000,
    ),
    *("{}", "[[]]", "[1, 2]", "[0.1, 0.2, 0.7]", '["a"]', "{ a = 1 }", "{ value = 0.3 }", "{ value = {} }", "[{}]", "2022-03-01"),
    *("2022-03-01T10:00:00Z", "10:00:00", "0001-01-01", "9999-12-31", '"2022-03-01"', "'''\n'''", "{ industry = { retail = 0.3 } }"),
    *(
        "{ size = { micro = 0.3, small = 1e300 } }",
        '{ dist = "uniform", low = 0.0, high = 1.0 }',
        '{ dist = "uniform", low = 1, high = 0 }',
    ),
    *('{ dist = "lognorm", median = 1e-300, sigma = 1e3 }', '{ dist = "normal", mean = 0.5, sd = 0 }', '{ dist = "beta", a = 0, b = 1 }'),
    *('{ dist = "quantiles", p = [0, 1], x = [1, 0] }', '{ dist = "quantiles", p = [], x = [] }', '{ dist = "gamma" }', "{ dist = 1 }"),
    *('{ dist = "__import__", low = 0 }', '{ dist = "triangular", low = 0, mode = 0.5, high = 1 }', "{ dist = [] }"),
)

CHARACTERS = "=[]{}\"'#.,-+\n\t \\0x1e9_\u00e9\u4f01\u202e\ufeff\x00\x07\x1f\x85\u2028\U0001f600"

NAMES = (
    "firm",
    "\u4f01\u4e1a",
    "\u0444\u0438\u0440\u043c\u0430",
    "Caf\u00e9",
    "a b",
    "O'Neil",
    "=1+1",
    "+1",
    "-x",
    "@x",
    "NaN",
    "inf",
    "null",
)
NAMES += ("\U0001f600", "001", "1.0", "<b>", "&amp;", "a/b", "..", "'", "x" * 200, "\u202eabc", "N/A", "TRUE", "e\u0301")


def wild_value(luck: Random) -> str:
    """Text of a value of TOML."""
    return luck.choice(WILD_NUMBERS) if luck.random() < 0.6 else luck.choice(WILD_OTHERS)


def garble(text: str, luck: Random, times: int) -> str:
    """The text with characters struck out, doubled, or put in."""
    for _ in range(times):
        place = luck.randrange(len(text) + 1)
        length = luck.choice((0, 0, 1, 1, 5, 40))
        put = luck.choice(("", luck.choice(CHARACTERS), luck.choice(CHARACTERS) * 3, text[place : place + length] * 2))
        text = text[:place] + put + text[place + length :]
    return text
