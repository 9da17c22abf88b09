"""Chinese labels: drawn in figures, pages and PDF with a font, a hint without one."""

import os
import warnings
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from test_browser import BROWSER
from test_reports import STEM, notebooks_of, write_company

from retention import cli, plots, reports
from retention.plots import lettering

WORDS = "流失客户"
TABLE = pd.DataFrame({"label": [WORDS], "value": [3.0], "kind": ["right"]})
FAMILY, POSTSCRIPT = "Noto Sans CJK SC", "NotoSansCJKSC-Regular"

in_a_browser = pytest.mark.skipif(
    BROWSER is None and not os.environ.get("REQUIRE_BROWSER"),
    reason="no Chromium on the PATH",
)


@pytest.fixture(scope="module")
def font(tmp_path_factory):
    """File of a font of our own that has the letters of WORDS, as filled squares."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 800), (900, 800), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    square = pen.glyph()
    names = {ord(letter): f"u{ord(letter):04X}" for letter in WORDS}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names.values()])
    builder.setupCharacterMap(names)
    builder.setupGlyf(dict.fromkeys([".notdef", *names.values()], square))
    metrics = dict.fromkeys([".notdef", *names.values()], (1000, 100))
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupOS2(sTypoAscender=880, usWinAscent=880, usWinDescent=120)
    builder.setupNameTable(
        {"familyName": FAMILY, "styleName": "Regular", "psName": POSTSCRIPT}
    )
    builder.setupPost()
    path = tmp_path_factory.mktemp("font") / "own.ttf"
    builder.save(path)
    return path


@pytest.fixture
def fonts(monkeypatch):
    """Function that leaves only fonts without Chinese letters, and those named."""
    manager = lettering.font_manager.fontManager
    latin = [each for each in manager.ttflist if "DejaVu" in each.name]
    monkeypatch.setattr(manager, "ttflist", latin)
    monkeypatch.setattr(
        lettering.font_manager, "findSystemFonts", lambda *a, **k: list(system)
    )
    system = []
    lettering._look_again.cache_clear()
    yield lambda *paths: system.extend(map(str, paths))
    lettering._look_again.cache_clear()
    plt.close("all")


def drawn(how):
    """A figure with Chinese words on it."""
    if how == "panels":
        (ax,) = plots.panels(1)
        plots.answers(TABLE, ax, xlabel="月", title=WORDS)
    else:
        ax = plots.answers(TABLE, xlabel="月", title=WORDS)
    ax.figure.canvas.draw()
    return ax.figure


def hints(figure):
    return [text for text in figure.texts if text.get_text() == lettering.HINT]


@pytest.mark.parametrize("how", ["axes", "panels"])
def test_without_a_font_the_figure_says_so_once_and_nothing_warns(fonts, how, tmp_path):
    fonts()
    assert plots.chinese_fonts() == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = drawn(how)
        figure.savefig(tmp_path / "one.png", bbox_inches="tight")
    (hint,) = hints(figure)
    title = figure.axes[0].title.get_window_extent()
    title_left = figure.axes[0]._left_title.get_window_extent()
    assert not hint.get_window_extent().overlaps(title)
    assert not hint.get_window_extent().overlaps(title_left)


def test_a_font_installed_since_the_last_start_is_found_and_used(fonts, font):
    fonts(font)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (ax,) = plots.panels(1)
        plots.answers(TABLE, ax, xlabel="months", title=WORDS)
        ax.figure.canvas.draw()
    assert plots.chinese_fonts() == [FAMILY]
    assert hints(ax.figure) == []
    # Our letters are filled squares: more ink than any letter or empty box.
    place = ax._left_title.get_window_extent()
    pixels = np.asarray(ax.figure.canvas.buffer_rgba())[::-1]
    inside = pixels[int(place.y0) : int(place.y1), int(place.x0) : int(place.x1), :3]
    assert (inside.mean(axis=2) < 128).mean() > 0.4


def test_latin_figures_need_no_font_and_no_hint(fonts):
    fonts()
    table = TABLE.assign(label="Müller & Söhne")
    ax = plots.answers(table, xlabel="months", title="how long")
    ax.figure.canvas.draw()
    assert hints(ax.figure) == []


@pytest.mark.parametrize("installed", [True, False])
def test_check_setup_says_whether_there_is_a_font(
    fonts, font, installed, monkeypatch, capsys
):
    from retention.cli import setup

    fonts(*[font] * installed)
    monkeypatch.setattr(setup, "_CHECKS", {})
    assert cli.main(["check-setup"]) == 0
    said = capsys.readouterr().out
    assert (f"chinese      OK ({FAMILY})" in said) == installed
    assert ("apt-get install fonts-" in said) == (not installed)


@pytest.fixture(params=["with a font", "without"])
def machine(request, tmp_path, font, monkeypatch):
    """A machine with DejaVu and, or not, our font; whether it has it."""
    has = request.param == "with a font"
    dejavu = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    folders = [dejavu, *([font.parent] if has else [])]
    config = tmp_path / "fonts.conf"
    listed = "".join(f"<dir>{folder}</dir>" for folder in folders)
    cache = f"<cachedir>{tmp_path / 'cache'}</cachedir>"
    config.write_text(f"<fontconfig>{listed}{cache}</fontconfig>", encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(config))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "mpl"))
    return has


@in_a_browser
def test_a_report_shows_chinese_names_in_its_page_and_its_pdf(machine, tmp_path):
    """The words in the page are drawn by the font; without it the pages still come."""
    from playwright.sync_api import sync_playwright

    company = write_company(tmp_path / "acme", name=WORDS, plan=WORDS)
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "study"})
    asked = reports.Request(
        company=company, notebooks=folder, out=tmp_path / "out", pdf=True
    )
    result = reports.report(asked)
    assert result.exit_code == 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((result.folder / "index.html").as_uri())
        assert WORDS in page.inner_text("body")
        used = fonts_of(page, "body")
        browser.close()
    assert (FAMILY in used) == machine
    printed = (result.folder / "index.pdf").read_bytes()
    assert (POSTSCRIPT.encode() in printed) == machine


def fonts_of(page, selector):
    """Names of the fonts that a browser draws an element and what is in it with."""
    line = page.context.new_cdp_session(page)
    line.send("DOM.enable")
    line.send("CSS.enable")
    root = line.send("DOM.getDocument")["root"]["nodeId"]
    found = line.send(
        "DOM.querySelectorAll", {"nodeId": root, "selector": f"{selector} *"}
    )
    used = set()
    for node in found["nodeIds"]:
        told = line.send("CSS.getPlatformFontsForNode", {"nodeId": node})
        used |= {font["familyName"] for font in told["fonts"]}
    return used
