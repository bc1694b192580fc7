"""Make the picture of README, with the tool itself:

    python docs/make_images.py

runs three-months as it ships and copies one of its figures, which carries version, seed and digest of the run inside.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import simsme

IMAGES = Path(__file__).parent / "images"
FIGURES = {"difference-exit.png": "three-months-difference.png"}
"""Figure of a results folder, and the picture that it becomes."""


def main() -> None:
    """Run the scenario and copy the figure that README shows."""
    out = simsme.run("three-months")
    with TemporaryDirectory() as folder:
        figures = out.save(folder) / "figures"
        for figure, image in FIGURES.items():
            shutil.copyfile(figures / figure, IMAGES / image)
            print(IMAGES / image)


if __name__ == "__main__":
    main()
