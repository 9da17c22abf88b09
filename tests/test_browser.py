"""The pages in a real browser: silent, offline, readable on a phone and on paper."""

import os
import shutil

import pytest
from test_reports import example, shipped

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
SHIPPED = "shipped: "
PAGES = [
    "index.html",
    "tenure.html",
    "../index.html",
    SHIPPED + "index.html",
    SHIPPED + "tenure.html",
]

# Where a browser is promised its absence is a failure and not a skip.
pytestmark = pytest.mark.skipif(
    BROWSER is None and not os.environ.get("REQUIRE_BROWSER"),
    reason="no Chromium on the PATH",
)


def located(name):
    """File of a page: of the example, or of the shipped company's report."""
    if name.startswith(SHIPPED):
        return shipped().folder / name.removeprefix(SHIPPED)
    return example() / name


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=BROWSER, args=quiet)
        yield running
        running.close()


@pytest.fixture
def open_page(browser):
    """Function that opens a page and collects what it says and asks for."""
    opened = []

    def visit(name, **options):
        page = browser.new_page(**options)
        opened.append(page)
        page.said, page.asked = [], []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(located(name).resolve().as_uri())
        return page

    yield visit
    for page in opened:
        page.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_is_silent_and_asks_for_nothing_else(open_page, name):
    page = open_page(name)
    assert page.said == []
    outside = [u for u in page.asked[1:] if not u.startswith("data:image/png")]
    assert outside == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_a_phone(open_page, name, scheme):
    phone = {"width": 380, "height": 800}
    page = open_page(name, viewport=phone, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == 380
    assert (
        float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))
        >= 16
    )


def test_keyboard_reaches_the_content_and_every_table(open_page):
    page = open_page("tenure.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tables = page.locator("table").count()
    assert page.locator("div.table[tabindex='0'][aria-label] table").count() == tables
    assert page.locator("img:not([alt]), img[alt='']").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(open_page, scheme):
    page = open_page("index.html", color_scheme=scheme)
    selectors = [".pill", ".badge", ".note", ".tile dt", ".tile dd", "a", "footer dd"]
    for selector in selectors:
        first = page.locator(selector).first
        colour, ground = first.evaluate(COLOURS)
        assert contrast(colour, ground) >= 4.5, selector


def test_print_drops_navigation_and_opens_tables(open_page):
    page = open_page("index.html")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    style = "getComputedStyle(document.querySelector('div.table')).overflowX"
    assert page.evaluate(style) == "visible"
    assert page.pdf(format="A4").startswith(b"%PDF")


COLOURS = """element => {
    const own = getComputedStyle(element).color;
    let node = element, ground = "rgba(0, 0, 0, 0)";
    while (node && ground === "rgba(0, 0, 0, 0)") {
        ground = getComputedStyle(node).backgroundColor;
        node = node.parentElement;
    }
    return [own, ground].map(c => c.match(/[0-9.]+/g).slice(0, 3).map(Number));
}"""


def contrast(one, other):
    """Contrast ratio of two sRGB colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [c / 255 for c in colour]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
