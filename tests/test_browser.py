"""The pages in a real browser: silent, offline, readable on a phone and on paper."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from test_reports import STEM, example, notebooks_of, stored, write_company

from retention import reports
from retention.reports import available_studies

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
WHOLE = [
    "index.html",
    "../index.html",
    *(SHIPPED + name for name in ("index.html", "../index.html")),
    *(f"{SHIPPED}{study}.html" for study in available_studies()),
]

# Where a browser is promised its absence is a failure and not a skip.
pytestmark = pytest.mark.skipif(
    BROWSER is None and not os.environ.get("REQUIRE_BROWSER"),
    reason="no Chromium on the PATH",
)


def located(name):
    """File of a page: of the example, or of the shipped company's report."""
    if name.startswith("/"):
        return Path(name)
    if name.startswith(SHIPPED):
        return stored() / name.removeprefix(SHIPPED)
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


AUDIT = """() => {
    const faults = [];
    const named = e => (e.getAttribute("aria-label") || e.textContent).trim();
    const all = s => [...document.querySelectorAll(s)];
    if (!document.documentElement.lang) faults.push("no language");
    if (!document.title.trim()) faults.push("no title");
    if (all("main").length !== 1) faults.push("not one main");
    if (all("h1").length !== 1) faults.push("not one h1");
    let level = 1;
    for (const h of all("h1,h2,h3,h4,h5,h6")) {
        const own = +h.tagName[1];
        if (own > level + 1) faults.push(`heading jumps to ${h.tagName}: ${named(h)}`);
        if (!named(h)) faults.push("empty heading");
        level = own;
    }
    const ids = all("[id]").map(e => e.id);
    if (new Set(ids).size !== ids.length) faults.push("an id twice");
    for (const e of all("[aria-labelledby]"))
        if (!document.getElementById(e.getAttribute("aria-labelledby")))
            faults.push("label that is not there");
    for (const e of all("a[href],summary,button"))
        if (!named(e)) faults.push(`without a name: ${e.outerHTML.slice(0, 80)}`);
    for (const e of all("img")) if (!e.hasAttribute("alt")) faults.push("img, no alt");
    for (const e of all("svg"))
        if (e.getAttribute("role") !== "img" || !e.getAttribute("aria-label"))
            faults.push("svg without a name");
    const regions = all("[role=region]").map(e => e.getAttribute("aria-label"));
    if (regions.some(name => !name)) faults.push("region without a name");
    if (new Set(regions).size !== regions.length) faults.push("two regions, one name");
    for (const e of all("table th"))
        if (!e.getAttribute("scope") || !named(e)) faults.push(`th: ${e.outerHTML}`);
    for (const e of all("ul,ol"))
        if ([...e.children].some(c => c.tagName !== "LI")) faults.push("no list item");
    for (const e of all("dl"))
        for (const c of e.children)
            if (!["DIV", "DT", "DD"].includes(c.tagName)) faults.push("dl of others");
    for (const e of all("*")) {
        const style = getComputedStyle(e);
        const wide = e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0;
        if (wide && ["auto", "scroll"].includes(style.overflowX) && e.tabIndex < 0)
            faults.push(`scrolls without focus: ${e.outerHTML.slice(0, 80)}`);
    }
    return faults;
}"""
TEXT = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.textContent.trim() || !e.checkVisibility()) continue;
        const svg = e.closest("svg");
        const own = svg ? getComputedStyle(e).fill : getComputedStyle(e).color;
        let node = e, ground = "rgba(0, 0, 0, 0)";
        while (node && /, 0\\)$/.test(ground)) {
            ground = getComputedStyle(node).backgroundColor;
            node = node.parentElement;
        }
        const rgb = c => c.match(/[0-9.]+/g).slice(0, 3).map(Number);
        found.push([e.textContent.trim().slice(0, 40), rgb(own), rgb(ground)]);
    }
    return found;
}"""


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 380)])
@pytest.mark.parametrize("name", WHOLE)
def test_axe_finds_nothing_on_any_page(open_page, name, scheme, width):
    """All rules of axe-core, those that WCAG does not ask for included."""
    size = {"width": width, "height": 800}
    page = open_page(name, viewport=size, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.said == []


def test_axe_would_find_what_is_wrong(open_page):
    page = open_page("index.html")
    page.evaluate(
        "document.querySelector('h1').insertAdjacentHTML('afterend',"
        '\'<img src="data:,"><p style="color:#ccc">faint</p>\')'
    )
    assert {v["id"] for v in Axe().run(page).response["violations"]} >= {
        "image-alt",
        "color-contrast",
    }


@pytest.mark.parametrize("width", [380, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_by_its_structure(open_page, name, width):
    page = open_page(name, viewport={"width": width, "height": 800})
    assert page.evaluate(AUDIT) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out_from_its_background(open_page, name, scheme):
    page = open_page(name, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    texts = page.evaluate(TEXT)
    assert len(texts) > 20
    faint = [(t, round(contrast(a, b), 2)) for t, a, b in texts if contrast(a, b) < 4.5]
    assert faint == []


def test_keyboard_walks_through_all_that_can_be_used(open_page):
    page = open_page("../index.html", viewport={"width": 380, "height": 800})
    usable = page.locator("a[href], summary, [tabindex='0']").count()
    seen = set()
    for _ in range(usable + 5):
        page.keyboard.press("Tab")
        place = "document.activeElement.outerHTML.slice(0, 200)"
        if page.evaluate("document.activeElement === document.body"):
            break
        seen.add(page.evaluate(place))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) != "none"
    hidden = page.locator("details:not([open]) [tabindex='0']").count()
    assert len(seen) == usable - hidden


def test_details_open_by_keyboard_and_show_the_numbers(open_page):
    page = open_page("../index.html")
    summary = page.locator("figure summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("figure table").first.is_visible()


def test_a_companys_own_colour_and_logo_can_be_read(open_page, tmp_path):
    company = write_company(
        tmp_path / "acme",
        settings='colour = "#ffe600"\nlogo = "logo.svg"\nlanguage = "de"',
    )
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    act = "<script>document.title = 'x'</script><rect width='40' height='20'/></svg>"
    (company / "logo.svg").write_text(drawing + act)
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "short"})
    done = reports.run(company, notebooks=folder, out=tmp_path / "out")
    for scheme in ("light", "dark"):
        page = open_page(done.page.as_posix(), color_scheme=scheme)
        texts = page.evaluate(TEXT)
        assert [t for t, a, b in texts if contrast(a, b) < 4.5] == []
        assert page.locator("img.logo").evaluate("e => e.naturalWidth") == 40
        assert page.title() != "x" and page.said == []


def test_pdf_is_printed_beside_each_page(tmp_path):
    company = write_company(tmp_path / "acme")
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "short"})
    asked = reports.Request(
        company=company, notebooks=folder, out=tmp_path / "out", pdf=True
    )
    done = reports.report(asked)
    for name in ("index.pdf", "tenure.pdf"):
        assert (done.folder / name).read_bytes().startswith(b"%PDF")


def test_keyboard_reaches_the_content_and_every_table(open_page):
    page = open_page("tenure.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    tables = page.locator("table").count()
    assert page.locator("div.table[tabindex='0'][aria-label] table").count() == tables
    assert page.locator("img:not([alt]), img[alt='']").count() == 0


def test_print_drops_navigation_and_opens_tables(open_page):
    page = open_page("index.html")
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    style = "getComputedStyle(document.querySelector('div.table')).overflowX"
    assert page.evaluate(style) == "visible"
    assert page.pdf(format="A4").startswith(b"%PDF")


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
