"""Settings of the documentation site:

    sphinx-build -W --keep-going docs docs/_build

The pages under docs/reference are made from the code each time, so that they cannot say anything else than the program.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import generated_pages
from sphinx.application import Sphinx

import simsme

project = "simsme"
author = "The simsme developers"
copyright = f"2026, {author}"
version = release = simsme.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # notebooks keep the output with which they were committed; the tests run them

# attributes of the same name in several classes (draws, policies): a reference in a type may mean any of them
suppress_warnings = ["ref.python"]

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

html_theme = "furo"
html_title = f"simsme {version}"
html_static_path: list[str] = []
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"


def setup(app: Sphinx) -> None:
    """Make the pages that come from the code before the site is read."""
    generated_pages.write(Path(__file__).parent / "reference")
