"""The page docs/evidence.md: no number on it is typed by hand."""

from poland.findings import Findings
from poland.limits import ignored, no_levels, repeat, tried, which_margin
from poland.opening import definitions, material, question
from poland.result import burn_and_buffer, days_and_causes, fillings, scores, tenths

SECTIONS = {
    "What was asked": (question,),
    "Data": (material,),
    "Definitions": (definitions,),
    "Result": (scores, tenths, burn_and_buffer),
    "One filling, and many": (fillings,),
    "By day and cause": (days_and_causes,),
    "What this does not show": (which_margin, no_levels),
    "What the simulation ignores": (ignored,),
    "What was tried beside it": (tried,),
    "How to repeat it": (repeat,),
}


def page(findings: Findings) -> str:
    """The whole page in Markdown."""
    blocks = ["# Evidence: do firms that the simulation sees fail, fail?", "Written by `python benchmarks/evidence.py`."]
    for heading, parts in SECTIONS.items():
        blocks += [f"## {heading}", *(block for part in parts for block in part(findings))]
    return "\n\n".join(blocks) + "\n"
