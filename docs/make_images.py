"""Make the pictures of README and of the documentation, with the tool itself:

    python docs/make_images.py                       # all of them; a few minutes on two cores
    python docs/make_images.py three-months-difference.png cash-fan.png

Each picture is one that a command has written; it carries version, seed and digest of the run inside. The picture of docs/calibrate.md
is not a command's: benchmarks/ridge.py makes it, with its data and its section of the page.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from simsme.cli.application import answer

TOP = Path(__file__).parents[1]
IMAGES = TOP / "docs" / "images"
FIRMS = str(TOP / "docs" / "tutorials" / "my-firms.csv")
SMALL = ["--draws", "20", "--set", "population.firms=1000"]
CAFE = ["--cash", "60000", "--sales", "3000000", "--rent", "300000", "--industry", "catering", "--loan", "400000", "--loan-due-day", "45"]
COMMANDS = {
    "three-months-difference.png": (["run", "three-months", "--out", "out"], "out/*/figures/difference-exit.png"),
    "three-months-worlds-gain.png": (
        ["run", "three-months", "--worlds", "40", "--draws", "20", "--set", "population.firms=2000", "--out", "out"],
        "out/*/worlds-gain.png",
    ),
    "attribution-package.png": (["attribute", "three-months", "--policy", "package", *SMALL, "--out", "out"], "out/attribution.png"),
    "funds-guarantee.png": (
        ["run", "three-months", "--policy", "guarantee-for-all", *SMALL, "--out", "out"],
        "out/*/figures/funds.png",
    ),
    "portfolio.png": (["portfolio", FIRMS, "--guarantee-share", "0.8", "--draws", "40", "--out", "out"], "out/portfolio.png"),
    "cash-fan.png": (["runway", *CAFE, "--start-date", "2026-03-02", "--draws", "200", "--out", "out"], "out/cash-fan.png"),
}
"""A picture of docs/images, the command that makes it, and where the command leaves it."""

RIDGE = "ridge.png"


def make(image: str) -> None:
    """Make one picture.

    Parameters
    ----------
    image : str
        Its file name in docs/images.
    """
    if image == RIDGE:
        subprocess.run([sys.executable, TOP / "benchmarks" / "ridge.py"], check=True)
        return
    arguments, made = COMMANDS[image]
    with TemporaryDirectory() as folder:
        if answer([str(Path(folder, "out")) if word == "out" else word for word in arguments]) != 0:
            raise SystemExit(f"{image}: the command failed")
        [figure] = Path(folder).glob(made)
        shutil.copyfile(figure, IMAGES / image)
    print(IMAGES / image)


def main(wanted: list[str]) -> None:
    """Make the pictures that are named, or all.

    Parameters
    ----------
    wanted : list of str
        File names in docs/images; none for all.
    """
    known = [*COMMANDS, RIDGE]
    if unknown := [image for image in wanted if image not in known]:
        raise SystemExit(f"no such picture: {', '.join(unknown)}; one of {', '.join(known)}")
    for image in wanted or known:
        make(image)


if __name__ == "__main__":
    main(sys.argv[1:])
