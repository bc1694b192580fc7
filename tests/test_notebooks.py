"""The notebooks run, say nothing on standard error, and are short; they show what they showed when they were committed."""

import json
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
NOTEBOOKS = sorted((TOP / "notebooks").glob("*.ipynb"))
NAMES = ["01-first-run", "02-policies-compared", "03-own-firms", "04-evidence", "05-sensitivity-and-budget", "06-write-a-lever"]
MOST_CELLS = 25

SMALLER = (
    (r"^DRAWS = \d+$", "DRAWS = 4"),
    (r'simsme\.run\("three-months", ', 'simsme.run("three-months", overrides=["population.firms=80"], '),
    (r'simsme\.run\("calm", ', 'simsme.run("calm", overrides=["population.firms=80"], '),
    (r', overrides=\["population.firms=80"\](.*), overrides=\[', r'\1, overrides=["population.firms=80", '),
    (r"population\.firms=(800|1000)", "population.firms=80"),
    (r"sample=\d+", "sample=80"),
    (r"worlds=\d+", "worlds=2"),
    (r"draws=20\b", "draws=4"),
)
"""What makes a notebook quick: fewer draws and firms, nothing else."""


def smaller(source):
    for pattern, replacement in SMALLER:
        source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
    return source


def test_all_notebooks_are_there():
    assert [notebook.stem for notebook in NOTEBOOKS] == NAMES


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_says_before_each_cell_what_to_look_for(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert len(cells) <= MOST_CELLS
    assert cells[0]["cell_type"] == "markdown"
    for before, cell in zip(cells, cells[1:], strict=False):
        if cell["cell_type"] == "code":
            assert before["cell_type"] == "markdown"


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_was_committed_with_its_output_and_without_complaints(notebook):
    cells = [cell for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert all(cell["execution_count"] for cell in cells)
    assert [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"] == []
    assert notebook.stat().st_size < 500_000
    if any("plot_" in "".join(cell["source"]) for cell in cells):
        assert any("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_what_is_public(notebook):
    import simsme

    text = "\n".join(
        "".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"
    )
    assert set(re.findall(r"\bsimsme\.(\w+)\b(?!\.)", re.sub(r"'''.*?'''", "", text, flags=re.DOTALL))) <= {*simsme.__all__, "levers"}


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_without_errors_and_warnings(notebook, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    from nbclient import NotebookClient

    book = nbformat.read(notebook, as_version=4)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.source = smaller(cell.source)
    warned = nbformat.v4.new_code_cell("import warnings\nwarnings.simplefilter('error')")
    book.cells.insert(0, warned)
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = [output.text for cell in book.cells if cell.cell_type == "code" for output in cell.outputs if output.get("name") == "stderr"]
    assert said == []
