"""Standard output as a screen: how wide it is, and prose laid out for it."""

import shutil
import textwrap

from rich.console import Console
from rich.text import Text

UNKNOWN_WIDTH = 120
"""Characters of a line where standard output is no terminal and ``COLUMNS`` does not say."""

NARROWEST = 40
PROSE_WIDTH = 110
"""Characters of a line of prose at most, however wide the screen."""


def screen() -> Console:
    """Return a console on standard output that changes no word: no markup, no emoji, no highlighting, no wrapping of its own."""
    width = max(shutil.get_terminal_size((UNKNOWN_WIDTH, 0)).columns, NARROWEST)
    return Console(width=width, markup=False, emoji=False, highlight=False, soft_wrap=True)


def print_prose(console: Console, text: str, *, indent: int = 0, style: str = "", bold: str = "") -> None:
    """Print a paragraph, wrapped to the screen; `bold` is what of its beginning is printed in bold."""
    width = min(console.width, PROSE_WIDTH)
    margin = " " * indent
    lines = textwrap.wrap(text, width, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False)
    paragraph = Text("\n".join(lines), style=style)
    paragraph.stylize("bold not dim", indent, indent + len(bold))
    console.print(paragraph)


def print_pairs(console: Console, pairs: dict[str, str]) -> None:
    """Print names and what they stand for in two columns, the second wrapped to the screen."""
    names = max(map(len, pairs)) + 4
    for name, text in pairs.items():
        wrapped = textwrap.wrap(text, max(console.width - names, NARROWEST // 2), break_long_words=False, break_on_hyphens=False) or [""]
        for number, line in enumerate(wrapped):
            label = f"  {name}" if number == 0 else ""
            console.print(Text(label.ljust(names), style="bold").append(line, style="not bold"))
