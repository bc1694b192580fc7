"""HTML and SVG as text: everything that comes from a user is escaped here and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already and may be put into a page as it is."""

    html: str


def markup(content: "str | Markup") -> str:
    """Return content as HTML: plain text escaped, markup as it is."""
    return content.html if isinstance(content, Markup) else escape(content, quote=True)


def tag(name: str, *contents: str | Markup, of: Mapping[str, str] = NO_ATTRIBUTES) -> Markup:
    """Return an element with its contents and attributes."""
    listed = "".join(f' {key}="{escape(value, quote=True)}"' for key, value in of.items())
    return Markup(f"<{name}{listed}>{''.join(map(markup, contents))}</{name}>")


def joined(parts: Iterable[str | Markup], by: str = "") -> Markup:
    """Return parts one after the other."""
    return Markup(by.join(markup(part) for part in parts))


def table(caption: str, head: Sequence[str | Markup], rows: Iterable[Sequence[str | Markup]], class_: str = "") -> Markup:
    """Return a table whose first column names the rows; it scrolls sideways where a screen is too narrow for it."""
    columns = tag("tr", *(tag("th", cell, of={"scope": "col"}) for cell in head))
    body = [tag("tr", tag("th", row[0], of={"scope": "row"}), *(tag("td", cell) for cell in row[1:])) for row in rows]
    whole = tag("table", tag("caption", caption), tag("thead", columns), tag("tbody", *body))
    return tag("div", whole, of={"class": f"scrolls {class_}".strip(), "tabindex": "0", "role": "region", "aria-label": caption})
