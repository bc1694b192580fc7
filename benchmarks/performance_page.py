"""The page of measured speed: a section between markers for every script that measures, and the machine it was measured on."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from simsme.provenance import version, versions

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TITLE = "# Performance\n\nMeasured, not promised. Each section is written by the command that it names and by nothing else.\n"


def write_section(page: Path, name: str, lines: Sequence[str]) -> None:
    """Put a section in the place of the one that has its markers, or at the end where there is none; the rest of the page stays."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = "\n".join([begin, "", *lines, "", end])
    text = page.read_text(encoding="utf-8") if page.exists() else TITLE
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text = marked.sub(lambda _: section, text) if marked.search(text) else f"{text.rstrip()}\n\n{section}\n"
    page.write_text(text, encoding="utf-8")


def kept_section(page: Path, name: str) -> str:
    """Return a section with its markers, to be put into a page that is written anew; nothing where there is none."""
    marked = re.compile(f"{re.escape(f'<!-- begin {name} -->')}.*?{re.escape(f'<!-- end {name} -->')}", re.DOTALL)
    found = marked.search(page.read_text(encoding="utf-8")) if page.exists() else None
    return f"\n{found[0]}\n" if found else ""


def machine() -> str:
    """Processor, number of cores and versions, as a sentence each."""
    known = {**versions(), "numba": version("numba"), "llvmlite": version("llvmlite")}
    named = ", ".join(f"{name} {number}" for name, number in known.items())
    return f"Machine: {processor()}, {platform.machine()}, {os.cpu_count()} cores, {platform.system()}. Versions: {named}."


def processor(listing: Path = Path("/proc/cpuinfo")) -> str:
    """Model of the processor, as far as the system tells it."""
    if listing.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", listing.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        if found:
            return " ".join(found[1].split())
    return platform.processor() or "processor unknown"
