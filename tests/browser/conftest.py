"""A real browser: the system's Chromium, driven over its own protocol. Without it these tests are skipped and say so."""

import os
import shutil

import pytest

CHROMIUM = os.environ.get("SIMSME_BROWSER") or shutil.which("chromium")


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium; ``SIMSME_BROWSER`` names another one, and where it is set a missing browser is an error."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with playwright.sync_playwright() as driver:
        quiet = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]
        started = driver.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield started
        started.close()
