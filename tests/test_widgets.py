"""The sliders move in JupyterLab, in a browser without a screen."""

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

from retention.notebooks import report_copy, sliding

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# Notebook, name on its slider, what the slider reads after one step to the right.
SLID = {
    "01_leaky_bucket": ("churn %", "2.50"),
    "02_customer_tenure": ("months", "60"),
    "03_satisfaction_trap": ("satisfied", "0.9"),
    "05_loyalty_roi": ("odds times", "5"),
}
LAB = importlib.util.find_spec("jupyterlab") and importlib.util.find_spec("ipywidgets")

# Where a browser is promised its absence is a failure and not a skip.
in_a_browser = pytest.mark.skipif(
    not (BROWSER and LAB) and not os.environ.get("REQUIRE_BROWSER"),
    reason="no Chromium on the PATH, or no JupyterLab with ipywidgets",
)


def code_of(name):
    """The notebook's imports and its cell with sliders, as they are stored."""
    shipped = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    code = [cell for cell in shipped.cells if cell.cell_type == "code"]
    imports = next(c for c in code if "from retention import" in c.source)
    moving = ("ipywidgets", "\nslide(")
    slider = next(c for c in code if any(part in c.source for part in moving))
    return imports, slider


def sliders(name):
    """A notebook of the imports and the sliders, and nothing else."""
    cells = [nbformat.v4.new_code_cell(cell.source) for cell in code_of(name)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Address of a JupyterLab of its own, in a folder of its own."""
    tmp_path = tmp_path_factory.mktemp("lab")
    for name in SLID:
        nbformat.write(sliders(name), tmp_path / f"{name}.ipynb")
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


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=BROWSER, args=quiet)
        yield running
        running.close()


@pytest.fixture(params=SLID)
def opened(request, lab, browser):
    """A notebook in JupyterLab after all its cells ran, its slider still at rest."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(120_000)
    page.goto(f"{lab}/lab/tree/{request.param}.ipynb?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_text("(ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    yield request.param, page
    page.close()


@in_a_browser
def test_moving_a_slider_draws_anew(opened):
    from playwright.sync_api import expect

    name, page = opened
    label, after = SLID[name]
    pictures = page.locator(".jp-OutputArea img")
    expect(pictures).to_have_count(1, timeout=120_000)
    drawn = pictures.get_attribute("src")
    slider = page.locator(".widget-slider", has_text=label)
    before = slider.locator(".widget-readout").inner_text()
    assert before != after
    slider.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(slider.locator(".widget-readout")).to_have_text(after)
    expect(pictures).to_have_count(1)
    expect(pictures).not_to_have_attribute("src", drawn)
    page.keyboard.press("ArrowLeft")
    expect(slider.locator(".widget-readout")).to_have_text(before)
    expect(pictures).to_have_attribute("src", drawn)
    if name == "01_leaky_bucket":
        page.keyboard.press("ArrowRight")
        said = page.locator(".jp-OutputArea p.said").last
        expect(said).to_contain_text("After 60 periods: 11,562 customers")


@pytest.mark.parametrize("name", SLID)
def test_without_jupyterlab_the_cell_stores_a_picture_and_no_widget(name):
    _, cell = code_of(name)
    kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
    assert "image/png" in kinds
    assert not any("widget" in kind for kind in kinds)


@pytest.mark.parametrize("name", [n for n in SLID if n != "01_leaky_bucket"])
def test_a_report_keeps_the_pictures_as_a_grid(name):
    shipped = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    kept = report_copy(shipped).cells
    (at,) = [i for i, cell in enumerate(kept) if "\nslide(" in cell.source]
    assert "invented" in kept[at - 1].source
    words = [cell.source for cell in kept if cell.cell_type == "markdown"]
    assert not any("slider" in text for text in words)


@pytest.mark.parametrize("present", [True, False])
def test_sliders_need_both_jupyterlab_and_its_widgets(monkeypatch, present):
    import ipywidgets
    import matplotlib.pyplot as plt

    moved, drawn = [], []
    monkeypatch.setattr(ipywidgets, "interact", lambda *_, **k: moved.append(k))
    monkeypatch.setattr(sliding, "_widgets", lambda: present)

    def draw(ax, step, other):
        drawn.append((step, other))

    for session in (None, "study.ipynb"):
        if session:
            monkeypatch.setenv("JPY_SESSION_NAME", session)
        else:
            monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
        sliding.slide(draw, {"step": [1, 2, 3, 4, 5], "other": "abc"})
    plt.close("all")
    grids = [(1, "b"), (3, "b"), (5, "b")]
    assert drawn == (grids if present else grids * 2)
    assert [set(controls) for controls in moved] == [{"step", "other"}] * present


def shown_at_stops(monkeypatch, name):
    """Table that a demonstration draws at each of its stops."""
    from retention import plots

    tables = []
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(plots, "answers", lambda t, *_, **__: tables.append(t))
    monkeypatch.setattr(
        plots, "both_conditionals", lambda t, *_, **__: tables.append(t)
    )
    imports, slider = code_of(name)
    space = {}
    exec(imports.source, space)
    space["slide"] = lambda draw, stops, **_: [
        draw(plots.panels(1)[0], stop) for stop in next(iter(stops.values()))
    ]
    exec(slider.source, space)
    return tables


def test_the_naive_mean_moves_while_the_truth_stands_still(monkeypatch):
    tables = shown_at_stops(monkeypatch, "02_customer_tenure")
    means = [t.loc[t["kind"] == "naive", "value"].iloc[0] for t in tables]
    assert means == sorted(means) and means[-1] > 3 * means[0]
    assert {t.loc[t["kind"] == "truth", "value"].iloc[0] for t in tables} == {20}
    for right in [t[t["kind"] == "right"] for t in tables]:
        assert right.empty or (right["lower"] <= 20).all()
        assert right.empty or (right["upper"] >= 20).all()
    assert not tables[-1][tables[-1]["kind"] == "right"].empty


def test_selection_moves_the_gap_and_not_the_effect(monkeypatch):
    tables = shown_at_stops(monkeypatch, "05_loyalty_roi")
    kinds = {
        kind: [t.loc[t["kind"] == kind, "value"].iloc[0] for t in tables]
        for kind in ("naive", "right", "truth")
    }
    assert kinds["naive"] == sorted(kinds["naive"])
    assert kinds["naive"][-1] > 4 * kinds["truth"][-1]
    assert max(abs(value - 5) for value in kinds["right"]) < 1
    assert set(kinds["truth"]) == {5.0}


def test_one_conditional_stands_still_and_the_other_follows_the_satisfied(monkeypatch):
    tables = shown_at_stops(monkeypatch, "03_satisfaction_trap")
    leave, satisfied = ([t["value"].iloc[k] for t in tables] for k in (0, 1))
    assert max(leave) - min(leave) < 1e-9
    assert satisfied == sorted(satisfied) and satisfied[-1] > 2 * satisfied[0]
