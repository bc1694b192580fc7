"""What was discovered, on the screen: sentences, and a table of coverage and density."""

from collections.abc import Mapping, Sequence
from typing import Any

from simsme.cli.columns import Column, Group, percent, table_lines
from simsme.cli.screen import print_prose, screen

HEADS = {"firms": "Which firms it misses", "worlds": "In which worlds it fails"}
HALVES = {"held_out": "on the other half, %", "found_on": "where it was found, %"}


def print_discovery(found: Mapping[str, Any], title: str) -> None:
    """Print what :meth:`simsme.discovery.result.Discovery.json` returns; `title` is that of the scenario and may be empty."""
    console, name = screen(), found["scenario"]
    print_prose(console, f"{name}: {title}" if title else name, bold=name)
    for part in (found["firms"], found["worlds"]):
        if part is None:
            continue
        console.print()
        head = HEADS[part["cases"]]
        print_prose(console, f"{head}. {part['definition']} {_average(part)}", bold=head)
        for number, sentence in enumerate(part["sentences"], start=1):
            mark = f"{number}. " if number <= len(part["boxes"]) else ""
            print_prose(console, mark + sentence, indent=2)
        if part["boxes"]:
            names = Column(("", "box"), tuple((str(number), "") for number in range(1, len(part["boxes"]) + 1)))
            for line in table_lines(names, [_measures(part["boxes"], half) for half in HALVES], console.width):
                console.print(line)
    console.print()
    print_prose(
        console,
        "coverage: part of all that is looked for that lies in the box; density: part of the box in which it happens; mass: the box's part "
        "of all. Boxes are found on one half and told by the other, which they have not seen; numbers of the half on which they were found "
        "flatter them. Below each number its 95 % interval over firms or worlds. A box says where, not why.",
        style="dim",
    )


def _measures(boxes: Sequence[Mapping[str, Any]], half: str) -> Group:
    """Columns of coverage, density and mass on one half."""

    def column(name: str) -> Column:
        shares = [box[half][name] for box in boxes]
        return Column(("", name), tuple((percent(share["value"]), f"{percent(share['low'])}–{percent(share['high'])}") for share in shares))

    measures = [box[half] for box in boxes]
    mass = tuple((percent(told["mass"]), f"{percent(told['mass_low'])}–{percent(told['mass_high'])}") for told in measures)
    return Group(HALVES[half], (column("coverage"), column("density"), Column(("", "mass"), mass)))


def _average(part: Mapping[str, Any]) -> str:
    interval = f"95 % interval {percent(part['overall_low'])} to {percent(part['overall_high'])}"
    return f"On average {percent(part['overall'])} % ({interval}) of the {part['cases']} are."
