"""A real browser: the system's Chromium, driven over its own protocol.

Without it these tests are skipped and say so; where ``SIMSME_BROWSER`` names one, as in CI, what is missing is an error.
"""

import os
import shutil
from importlib.util import find_spec

import pytest

ASKED_FOR = os.environ.get("SIMSME_BROWSER")
CHROMIUM = ASKED_FOR or shutil.which("chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def needed(is_there, what):
    """Skip where something is missing, or fail where a browser was asked for."""
    if not is_there:
        (pytest.fail if ASKED_FOR else pytest.skip)(what)


@pytest.fixture(scope="session")
def browser():
    """The browser, started once."""
    needed(find_spec("playwright"), "the extra `browser` is not installed")
    needed(CHROMIUM and os.path.exists(CHROMIUM), "there is no chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def jupyterlab():
    """Nothing but the assurance that JupyterLab is installed."""
    needed(find_spec("jupyterlab"), "the extra `notebook` is not installed")
