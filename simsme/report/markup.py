"""HTML and SVG as text: everything that comes from a user is escaped here and nowhere else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already and may be put into a page as it is."""

    html: str


def markup(content: "str | Markup") -> str:
    """Return content as HTML: plain text escaped, markup as it is."""
    return content.html if isinstance(content, Markup) else escape(content, quote=True)


def tag(name: str, *contents: str | Markup, **attributes: str) -> Markup:
    """Return an element; an underscore in an attribute's name is a hyphen, at its end it is dropped (``class_``)."""
    listed = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"' for key, value in attributes.items())
    return Markup(f"<{name}{listed}>{''.join(map(markup, contents))}</{name}>")


def joined(parts: Iterable[str | Markup], by: str = "") -> Markup:
    """Return parts one after the other."""
    return Markup(by.join(markup(part) for part in parts))


def table(caption: str, head: Sequence[str | Markup], rows: Iterable[Sequence[str | Markup]], class_: str = "") -> Markup:
    """Return a table whose first column names the rows; it scrolls sideways where a screen is too narrow for it."""
    columns = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    whole = tag("table", tag("caption", caption), tag("thead", columns), tag("tbody", *body))
    return tag("div", whole, class_=f"scrolls {class_}".strip(), tabindex="0", role="region", aria_label=caption)
