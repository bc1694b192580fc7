"""Numbers, tables and sentences of the page; a sentence that depends on numbers is chosen by them."""

import textwrap
from collections.abc import Mapping, Sequence

from ranking import Estimate, Floats

from poland.findings import SHORT

WIDTH = 140


def paragraph(text: str) -> str:
    """Text, however it is broken, in lines of the page's width."""
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    first, *others = ("| " + " | ".join(cells) + " |" for cells in (header, *rows))
    return "\n".join([first, "|---" * len(header) + "|", *others])


def percent(share: float, digits: int = 1) -> str:
    """A share in percent."""
    return f"{100.0 * share:.{digits}f} %"


def points(share: Estimate) -> str:
    """A share in percent with its interval, without the sign for percent."""
    return f"{100.0 * share.value:.1f} [{100.0 * share.low:.1f}, {100.0 * share.high:.1f}]"


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def compared(found: Mapping[str, Floats], name: str, others: Sequence[str]) -> str:
    """How a score ranks against others, judged by the intervals of the paired differences."""
    gaps = {other: Estimate.of(found[name] - found[other]) for other in others}
    verbs = {1: "ranks better than", 0: "cannot be told from", -1: "ranks worse than"}
    parts = []
    for side, verb in verbs.items():
        there = [f"{SHORT[other]} ({gap.gap_text})" for other, gap in gaps.items() if gap.side() == side]
        parts += [f"{verb} {listed(there)}"] if there else []
    return f"{SHORT[name]} {listed(parts)}"


def which_rank_better(found: Mapping[str, Floats], names: Sequence[str], other: str) -> str:
    """Which of two scores rank better than another one: "both", "neither" or the name of one."""
    better = [SHORT[name] for name in names if Estimate.of(found[name] - found[other]).side() == 1]
    return "neither" if not better else better[0] if len(better) < len(names) else "both"
