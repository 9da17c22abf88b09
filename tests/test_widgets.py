"""The sliders of the leaky bucket move in JupyterLab, in a browser without a screen."""

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from test_browser import BROWSER

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "01_leaky_bucket.ipynb"
LAB = importlib.util.find_spec("jupyterlab") and importlib.util.find_spec("ipywidgets")

# Where a browser is promised its absence is a failure and not a skip.
pytestmark = pytest.mark.skipif(
    not (BROWSER and LAB) and not os.environ.get("REQUIRE_BROWSER"),
    reason="no Chromium on the PATH, or no JupyterLab with ipywidgets",
)


def sliders():
    """The notebook's imports and its cell with sliders, and nothing else."""
    shipped = nbformat.read(NOTEBOOK, as_version=4)
    wanted = ("from retention import", "ipywidgets")
    code = [cell for cell in shipped.cells if cell.cell_type == "code"]
    picked = [next(c for c in code if part in c.source) for part in wanted]
    cells = [nbformat.v4.new_code_cell(cell.source) for cell in picked]
    return nbformat.v4.new_notebook(cells=cells, metadata=shipped.metadata)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def lab(tmp_path):
    """Address of a JupyterLab of its own, in a folder of its own."""
    nbformat.write(sliders(), tmp_path / "bucket.ipynb")
    port, own = free_port(), tmp_path / "own"
    settings = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    places = {f"JUPYTER_{name}": str(own / name.lower()) for name in settings}
    places |= {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "IPYTHONDIR": str(own / "ipython"),
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.root_dir={tmp_path}", "--IdentityProvider.token="),
        "--LabApp.news_url=None",
    ]
    surroundings = {k: v for k, v in os.environ.items() if k != "JUPYTER_PATH"} | places
    with open(tmp_path / "lab.log", "w") as log:
        server = subprocess.Popen(
            command, env=surroundings, stdout=log, stderr=log, cwd=tmp_path
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(f"{address}/api/status", server, tmp_path / "lab.log")
        yield address
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(20)
        if server.poll() is None:
            server.kill()


def wait_for(address, server, log, seconds=120):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def test_moving_a_slider_draws_the_bucket_anew(lab):
    from playwright.sync_api import expect, sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=quiet)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(120_000)
        page.goto(f"{lab}/lab/tree/bucket.ipynb")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        page.get_by_text("(ipykernel) | Idle").wait_for()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        churn = page.locator(".widget-slider", has_text="churn %")
        said = page.locator(".jp-OutputArea p.said").last
        expect(said).to_contain_text("After 60 periods", timeout=120_000)
        pictures = page.locator(".jp-OutputArea img")
        expect(pictures).to_have_count(1)
        before, drawn = said.inner_text(), pictures.get_attribute("src")
        churn.locator(".noUi-handle").focus()
        page.keyboard.press("ArrowRight")
        expect(churn.locator(".widget-readout")).to_have_text("2.50")
        expect(said).not_to_have_text(before)
        expect(pictures).not_to_have_attribute("src", drawn)
        assert "11,562" in said.inner_text()
        browser.close()


def test_without_jupyterlab_the_cell_draws_the_same_bucket_each_time():
    cell = next(
        cell
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells
        if cell.cell_type == "code" and "ipywidgets" in cell.source
    )
    kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
    assert "image/png" in kinds
    assert not any("widget" in kind for kind in kinds)
