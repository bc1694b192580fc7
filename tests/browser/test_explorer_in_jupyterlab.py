"""The explorer where people use it: in JupyterLab, in a browser. A slider is moved, and the curve follows."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

CELL = 'import simsme\nsimsme.explore("three-months", draws=4, overrides=["population.firms=150"])'
PATIENCE_MS = 180_000
"""For the first picture: a kernel starts, and may have to compile the engine."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def lab(jupyterlab, tmp_path_factory):
    """A server of JupyterLab on the loopback, with one notebook of one cell."""
    folder = tmp_path_factory.mktemp("lab")
    notebook = {
        "cells": [{"cell_type": "code", "execution_count": None, "id": "explore", "metadata": {}, "outputs": [], "source": CELL}],
        "metadata": {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "explore.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    port = free_port()
    options = [
        "--no-browser",
        f"--port={port}",
        "--ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        f"--ServerApp.root_dir={folder}",
    ]
    place = {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    with (folder / "log.txt").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options, "--allow-root"],
            stdout=log,
            stderr=log,
            env=os.environ | place,
        )
    try:
        deadline = time.monotonic() + 90
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2).close()
                break
            assert server.poll() is None and time.monotonic() < deadline, (folder / "log.txt").read_text(encoding="utf-8")
            time.sleep(0.3)
        yield f"http://127.0.0.1:{port}/lab/tree/explore.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_slider_moves_the_curve(browser, lab, tmp_path):
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.goto(lab)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90_000)
    # a cell that is run before the kernel answers is dropped
    page.wait_for_function("document.body.innerText.includes('| Idle')", timeout=90_000)
    page.click(".jp-Notebook .jp-CodeCell .cm-content")
    page.keyboard.press("Shift+Enter")
    page.wait_for_selector(".simsme path.curve-1", timeout=PATIENCE_MS)
    curve = page.locator(".simsme path.curve-1").first
    before, sentence = curve.get_attribute("d"), page.inner_text(".simsme p")

    handle = page.locator(".jp-OutputArea .noUi-handle").first
    handle.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.simsme path.curve-1').getAttribute('d') !== before", arg=before, timeout=60_000
    )
    page.wait_for_function("before => document.querySelector('.simsme p').innerText !== before", arg=sentence, timeout=60_000)
    picture = tmp_path / "explorer.png"
    page.screenshot(path=str(picture))
    assert picture.stat().st_size > 30_000
    page.close()
