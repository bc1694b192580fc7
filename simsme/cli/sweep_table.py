"""The table of a sweep for a terminal: a row a point of the grid, survival under the reference, and what each policy gains."""

from rich.text import Text

from simsme.cli.columns import MISSING, Column, Group, decimals_for, number, scale_of, table_lines
from simsme.sweeping.result import Sweep, Told


def sweep_table(sweep: Sweep, day: float, width: int) -> list[Text]:
    """Return the lines of the table of a sweep on a reported day."""
    texts = [point.texts for point in sweep.points]
    widths = [max(len(text[place]) for text in texts) for place in range(len(sweep.axes))]
    names = tuple("  ".join(part.ljust(room) for part, room in zip(text, widths, strict=True)) for text in texts)
    head = ", ".join(axis.key.rpartition(".")[2] for axis in sweep.axes)
    reference = sweep.reference
    groups = [Group("exit, %", (_column(sweep, reference, "exit", day, reference, 100.0, ""),))]
    for policy in sweep.policies:
        if policy != reference:
            groups.append(Group(policy, (_column(sweep, policy, "gain_exit", day, "gain, points", 100.0, ""), _cost(sweep, policy, day))))
    return table_lines(Column(("", head), tuple((name, "") for name in names)), groups, width)


def _cost(sweep: Sweep, policy: str, day: float) -> Column:
    told = [sweep.told(place, policy, "net_cost", day) for place in range(len(sweep.cells))]
    scale, word = scale_of(max((abs(cell.mean) for cell in told if cell), default=0.0))
    return _column(sweep, policy, "net_cost", day, "net cost", 1.0 / scale, f"{word} {sweep.currency}".strip())


def _column(sweep: Sweep, policy: str, measure: str, day: float, head: str, factor: float, unit: str) -> Column:
    told = [sweep.told(place, policy, measure, day) for place in range(len(sweep.cells))]
    decimals = decimals_for([factor * cell.mean for cell in told if cell], few=5.0)
    sign = "+" if measure == "gain_exit" else ""
    return Column((unit, head), tuple(_cell(cell, factor, decimals, sign) for cell in told))


def _cell(told: Told | None, factor: float, decimals: int, sign: str) -> tuple[str, str]:
    if told is None:
        return MISSING, ""
    text = number(factor * told.mean, decimals, sign)
    return text if told.mc_error is None else f"{text} ± {number(factor * told.mc_error, decimals)}", ""
