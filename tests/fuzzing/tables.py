"""Files of firms: good ones in every way to write them, of which each number is known, and bad ones."""

import datetime
import gzip
import io
import math
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from simsme.firm_columns import BY_NAME
from simsme.firms_file import FirmsFile
from simsme.problems import InputError
from simsme.read_firms import read_firms
from tests.fuzzing.values import CHARACTERS, NAMES, WILD_NUMBERS, garble
from tests.fuzzing.verdict import Misread

COLUMNS = ("sales", "cash", "rent", "overheads", "fixed_assets", "owner_funds", "informal_credit")
"""Money, which is neither split nor changed when it is read."""

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "gb18030")
STYLES = ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " "), (".", "'"), (",", "\u00a0"), (".", "\u2019"))


@dataclass(frozen=True)
class Sheet:
    """A file of firms, how the scenario says it is to be read, and what is written in it."""

    name: str
    content: bytes
    file: FirmsFile
    written: dict[str, list[Any]]


def good(luck: Random) -> Sheet:
    """A file of firms that can be read, in some encoding and some style of numbers."""
    count = luck.choice((1, 2, 3, 12))
    encoding = luck.choice(ENCODINGS)
    ids = [f"{luck.choice(NAMES)}-{row}" for row in range(count)]
    ids = [name if _speaks(name, encoding) and name.isprintable() else f"firm {row}" for row, name in enumerate(ids)]
    names = ["sales", "cash", *luck.sample(COLUMNS[2:], luck.randint(0, 4))]
    digits = luck.choice((0, 1, 2, 3, 6))
    written: dict[str, list[Any]] = {"firm_id": ids}
    for name in names:
        written[name] = [
            round(luck.choice((1.0, 1e3, 1e6, 1e9)) * (0.001 + luck.random()), digits) + (name == "sales") for _ in range(count)
        ]
    if luck.random() < 0.25:
        return _typed(luck, written)
    style, delimiter = luck.choice(STYLES), luck.choice(",;\t|")
    header = ["firm_id", *names, *(["note"] if luck.random() < 0.3 else [])]
    order = luck.sample(header, len(header))
    rows = [order]
    for row in range(count):
        cells = {"firm_id": ids[row], "note": luck.choice(('x, "y"; z', "", "two\nlines")) if encoding != "x" else ""}
        cells |= {name: spelled(written[name][row], digits, style) for name in names}
        rows.append([cells[name] for name in order])
    end = luck.choice(("\n", "\r\n"))
    lines = [delimiter.join(_quoted(cell, delimiter, luck) for cell in row) for row in rows]
    if luck.random() < 0.2:
        lines.insert(luck.randint(1, len(lines)), "")
    text = end.join(lines) + (end if luck.random() < 0.8 else "")
    if not _speaks(text, encoding):
        encoding = "utf-8"
    content = text.encode(encoding)
    packed = luck.random() < 0.1
    said: dict[str, Any] = {"encoding": encoding} if encoding in ("cp1252", "gb18030") or luck.random() < 0.1 else {}
    if luck.random() < 0.4:
        said |= {"decimal": style[0], "thousands": {"\u00a0": " ", "\u2019": "'"}.get(style[1], style[1])}
    return Sheet("firms.csv" + ".gz" * packed, gzip.compress(content) if packed else content, FirmsFile(**said), written)


def spelled(value: float, digits: int, style: tuple[str, str]) -> str:
    """A number with so many digits after the decimal mark, in a style."""
    whole, _, part = f"{value:,.{digits}f}".partition(".")
    return whole.replace(",", style[1]) + (style[0] + part if part else "")


def _quoted(cell: str, delimiter: str, luck: Random) -> str:
    needs = any(character in cell for character in (delimiter, '"', "\n", "\r"))
    return '"' + cell.replace('"', '""') + '"' if needs or luck.random() < 0.1 else cell


def _speaks(text: str, encoding: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding).removeprefix("\ufeff") == text
    except UnicodeError:
        return False


def _typed(luck: Random, written: dict[str, list[Any]]) -> Sheet:
    """The same as Excel or Parquet."""
    stream = io.BytesIO()
    if luck.random() < 0.5:
        import openpyxl

        book = openpyxl.Workbook()
        book.active.append(list(written))
        for row in zip(*written.values(), strict=True):
            book.active.append([f" {cell}" if isinstance(cell, str) and cell.startswith("=") else cell for cell in row])
        book.save(stream)
        return Sheet("firms.xlsx", stream.getvalue(), FirmsFile(), written)
    import pyarrow as pa
    import pyarrow.parquet

    pyarrow.parquet.write_table(pa.table(written), stream)
    return Sheet("firms.parquet", stream.getvalue(), FirmsFile(), written)


def bad(luck: Random) -> Sheet:
    """A file of firms with something wrong with it, most of the time."""
    if luck.random() < 0.15:
        return _bad_workbook(luck)
    sheet = good(luck)
    if luck.random() < 0.3 or not sheet.name.endswith("csv"):
        content = bytearray(sheet.content)
        for _ in range(luck.choice((1, 3, 30))):
            at = luck.randrange(len(content)) if content else 0
            content[at : at + luck.choice((0, 1, 9))] = bytes(luck.randrange(256) for _ in range(luck.choice((0, 1, 2, 9))))
        return Sheet(sheet.name, bytes(content[: luck.choice((len(content), len(content), len(content) // 2))]), sheet.file, {})
    header = ["firm_id", "sales", "cash", *luck.sample(sorted({*BY_NAME, "industry", "size", "region", "legal_form"}), luck.randint(0, 8))]
    if luck.random() < 0.2:
        header.append(luck.choice(header))
    rows = [[luck.choice(NAMES), *(_bad_cell(luck) for _ in header[1:])] for _ in range(luck.choice((0, 1, 3, 30)))]
    delimiter = luck.choice(",;\t|")
    text = "\n".join(delimiter.join(cells) for cells in [header, *rows])
    if luck.random() < 0.3:
        text = garble(text, luck, luck.choice((1, 4, 20)))
    return Sheet(luck.choice(("firms.csv", "firms.txt", "firms", "firms.csv")), text.encode("utf-8", "replace"), sheet.file, {})


def _bad_cell(luck: Random) -> str:
    kind = luck.random()
    if kind < 0.5:
        return repr(round(10 ** luck.uniform(-1, 7), 2))
    if kind < 0.8:
        return luck.choice(WILD_NUMBERS)
    return luck.choice(
        (
            "",
            " ",
            "1,234.5",
            "1.234,5",
            "12%",
            "\u0661\u0662",
            "1 000",
            "--1",
            "1e",
            "#N/A",
            "2022-03-01",
            "1.2.3",
            '"',
            luck.choice(CHARACTERS),
        )
    )


def _bad_workbook(luck: Random) -> Sheet:
    import openpyxl

    book = openpyxl.Workbook()
    strange = (
        None,
        True,
        "=1/0",
        "#DIV/0!",
        datetime.date(2022, 3, 1),
        datetime.datetime(2022, 3, 1, 5),
        datetime.time(5),
        "12",
        " 1,5 ",
        1e300,
    )
    book.active.append(
        luck.choice((["firm_id", "sales", "cash"], ["firm_id", "sales", "sales", "cash"], [1, 2, 3], ["firm_id", None, "cash"]))
    )
    for row in range(luck.choice((0, 1, 4))):
        book.active.append([f"f{row}", *(luck.choice(strange) if luck.random() < 0.3 else luck.random() * 1e6 for _ in range(3))])
    stream = io.BytesIO()
    book.save(stream)
    return Sheet("firms.xlsx", stream.getvalue(), FirmsFile(), {})


def try_sheet(sheet: Sheet, folder: Path) -> None:
    """Read a file of firms and, where it is known what is in it, see that this was read.

    Raises
    ------
    Misread
        Where other values were read than written, or a good file was refused for anything but numbers that can be read in two ways.
    """
    place = folder / sheet.name
    place.write_bytes(sheet.content)
    try:
        firms = read_firms(place, None, sheet.file)
    except InputError as error:
        if sheet.written and not all("can be read in two ways" in problem.message for problem in error.problems):
            raise Misread(f"a good file was refused: {error}\n{sheet.content[:400]!r} {sheet.file!r}") from error
        raise
    finally:
        place.unlink()
    for name in ("sales", "cash"):
        if not all(math.isfinite(value) and value >= 0.0 for value in getattr(firms, name)):
            raise Misread(f"{name} holds what is no money")
    if not sheet.written:
        return
    position = {firm_id: row for row, firm_id in enumerate(firms.ids)}
    if sorted(position) != sorted(sheet.written["firm_id"]):
        raise Misread(f"firms {sorted(position)} for {sorted(sheet.written['firm_id'])}")
    for name in sheet.written:
        if name == "firm_id":
            continue
        values = getattr(firms, name)
        for firm_id, value in zip(sheet.written["firm_id"], sheet.written[name], strict=True):
            read = float(values[position[firm_id]])
            if read != value and not math.isclose(read, value, rel_tol=1e-12):
                if "is read as" in " ".join(firms.remarks) and "where it is" in " ".join(firms.remarks):
                    # commas between cells and no word on the style: a point stands before decimals, and the user is told
                    continue
                raise Misread(f"{name} of {firm_id}: {read!r} for {value!r}\n{sheet.content[:400]!r} {sheet.file!r}")


def large(luck: Random, rows: int = 1_000_000) -> Sheet:
    """A file of very many firms with decimal commas."""
    written: dict[str, list[Any]] = {"firm_id": [f"firm {row}" for row in range(rows)]}
    written |= {name: [1.0 + round(1e6 * luck.random(), 2) for _ in range(rows)] for name in ("sales", "cash")}
    lines = [
        f"{firm};{spelled(sales, 2, (',', '.'))};{spelled(cash, 2, (',', '.'))}"
        for firm, sales, cash in zip(*written.values(), strict=True)
    ]
    return Sheet("firms.csv", "\r\n".join(["firm_id;sales;cash", *lines]).encode(), FirmsFile(), written)
