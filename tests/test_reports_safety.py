"""Nothing acts, nothing leaks: hostile companies, small groups, names of folders."""

import csv
import io
import json
import re

import pandas as pd
import pytest
from test_reports import HOSTILE, STEM, example, notebooks_of, run, write_company

from retention import reports
from retention.company import open_company
from retention.reports import article, cleaning, csvs, look, pages, pdf, summary
from retention.reports.look import Look

FORMULA = '=HYPERLINK("http://example.org","x")'


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg onload=alert(1)></svg>",
        "<iframe src='https://example.org'></iframe>",
        "<table onclick='alert(1)'><tr><td style='top:url(x)'>1</td></tr></table>",
        "<style>p{}</style>",
        "<!-- <script>alert(1)</script> -->",
    ],
)
@pytest.mark.parametrize("written", [False, True])
def test_cleaning_leaves_nothing_that_acts_or_loads(hostile, written):
    clean = cleaning.cleaned(f"<p>kept</p>{hostile}", written=written)
    assert clean.startswith("<p>kept</p>")
    for word in ("alert", "src=", "style", "url(", "http", "script", "on"):
        assert word not in clean.replace("region", "")


def test_markdown_that_a_cell_puts_together_is_escaped():
    assert "<script" not in article._said(f"**{HOSTILE}**")


def test_formulas_become_mathml_and_money_stays_money():
    assert "<msup>" in article._prose("The share is $x^2$.")
    assert article._prose("Between $5 and $10.") == "<p>Between $5 and $10.</p>\n"


def test_company_name_is_escaped(tmp_path):
    firm = write_company(tmp_path / "b", name="<b>B</b>")
    record = json.loads((example() / "record.json").read_text())
    record["company"]["name"] = open_company(firm).name
    page = pages.index(record, None, Look(language='"><script>'))
    assert "<b>B</b>" not in page and "<script>" not in page
    told = summary.markdown(record, None, "x")
    assert told.startswith("# \\<b\\>B\\</b\\>")


def test_every_text_of_a_record_is_escaped_on_every_page():
    """Each text of a whole record is replaced by markup, one after the other."""
    record = json.loads((example() / "record.json").read_text())
    paths = list(texts(record))
    assert len(paths) > 60
    for path in paths:
        if path[-1] in ("status", "written_at", "observed_to", "observed_from"):
            continue
        hostile = json.loads(json.dumps(record))
        put(hostile, path, HOSTILE)
        if path == ("period",):
            continue
        assert "<script" not in pages.index(hostile, record, Look()), path


def texts(node, path=()):
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            yield from texts(value, (*path, key))
        elif isinstance(value, str):
            yield (*path, key)


def put(node, path, value):
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value


@pytest.mark.parametrize(
    "cell", [FORMULA, "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]
)
def test_spreadsheets_get_no_formula(cell):
    table = pd.DataFrame({cell: [cell], "n": [-1]})
    head, row = csv.reader(io.StringIO(csvs.csv(table)))
    shown = cell.replace("\r", " ")
    assert head == [f"'{shown}", "n"] and row == [f"'{shown}", "-1"]


def test_a_company_of_formulas_and_markup_is_harmless_everywhere(tmp_path):
    company = write_company(tmp_path / "acme", name="=1+1 <i>Acme</i>", plan=HOSTILE)
    with (company / "customers.csv").open("a") as file:
        file.write('"=cmd|x",2031-99-99,,"=2+2"\n')
    result = run(company, tmp_path, "study")
    listed = (result.folder / "quarantine.csv").read_text()
    cells = [cell for row in csv.reader(io.StringIO(listed)) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
    for page in result.folder.rglob("*.html"):
        html = page.read_text()
        assert "<script" not in html and "<i>" not in html
    history = (result.folder.parent / "history.csv").read_text()
    assert not re.search(r"(^|,)\"?[=+@]", history, re.MULTILINE)


def test_no_id_of_a_customer_is_on_any_page(tmp_path):
    company = write_company(tmp_path / "acme")
    rows = (company / "customers.csv").read_text()
    (company / "customers.csv").write_text(re.sub(r"(?m)^(\d{3}),", r"ID-\1-X,", rows))
    result = run(company, tmp_path, "study")
    kept = [*result.folder.rglob("*"), *result.folder.parent.glob("*.*")]
    for file in kept:
        if file.is_file() and file.name != "quarantine.csv":
            assert "ID-0" not in file.read_text(), file.name


TABLE = pd.DataFrame(
    {"n": [4, 5, 1200], "share": [0.25, 0.4, 0.5]}, index=["rare", "plain", "large"]
)


def test_groups_too_small_are_not_shown():
    shown = cleaning.cleaned(TABLE.to_html(), smallest=5)
    assert "under 5" in shown and "0.25" not in shown
    assert "0.40" in shown and "1200" in shown
    assert "0.25" in cleaning.cleaned(TABLE.to_html(), smallest=0)


def test_a_score_that_few_gave_is_a_group():
    """Followed 4 of 9: the row says nothing, and still which score it is of."""
    table = pd.DataFrame({"score": [1, 5], "followed": [4, 9], "loss": [0.25, 0.11]})
    shown = cleaning.cleaned(table.to_html(index=False), smallest=5)
    assert "0.25" not in shown and "under 5" in shown and "0.11" in shown
    assert '<td class="number">1</td>' in shown


def test_a_small_group_within_a_group_is_not_shown():
    """The name of the outer group spans rows, so the inner ones have a cell less."""
    inner = TABLE.iloc[[1, 0]].rename_axis("plan")
    nested = pd.concat({"north": inner}, names=["region"]).to_html()
    assert 'rowspan="2"' in nested
    shown = cleaning.cleaned(nested, smallest=5)
    assert "0.25" not in shown and "under 5" in shown and "0.40" in shown


def test_points_in_time_are_no_groups():
    life_table = TABLE.rename(columns={"n": "at_risk"}).set_axis([1, 2, 3])
    assert "0.25" in cleaning.cleaned(life_table.to_html(), smallest=5)


def test_the_smallest_group_is_stated_and_set_by_the_company(tmp_path):
    company = write_company(tmp_path / "acme", settings="smallest_group = 30")
    result = run(company, tmp_path, "study")
    assert "fewer than 30 customers" in result.page.read_text()
    study = (result.folder / "tenure.html").read_text()
    assert study.count("under 30") == 2
    assert "not shown" in study


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ('colour = "red"', "#rrggbb"),
        ('colour = "#fff; } body { background: url(x)"', "#rrggbb"),
        ('logo = "../secret.png"', "beside workbook.toml"),
        ('logo = "none.png"', "no such file"),
        ('logo = "workbook.toml"', "name a picture"),
        ('logo = "big.png"', "make it smaller"),
        ('language = "en\\" onload=x"', "write a tag"),
    ],
)
def test_a_look_that_is_none_is_refused(tmp_path, settings, says):
    company = write_company(tmp_path / "acme", settings=settings)
    (tmp_path / "secret.png").write_bytes(b"x")
    (company / "big.png").write_bytes(b"x" * 100_001)
    with pytest.raises(reports.ReportError, match=re.escape(says)):
        run(company, tmp_path, "short")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("colour", ["#ffff00", "#000000", "#ffffff", "#0b6e7f"])
def test_any_colour_is_made_readable(colour):
    light, dark = look._shades(colour)
    grounds = ((light, (246, 248, 249)), (dark, (29, 35, 40)))
    for shade, ground in grounds:
        assert look.contrast(tuple(bytes.fromhex(shade[1:])), ground) >= 4.5


def test_a_logo_is_carried_by_the_page(tmp_path):
    company = write_company(tmp_path / "acme", settings='logo = "logo.png"')
    (company / "logo.png").write_bytes(b"\x89PNG picture")
    page = run(company, tmp_path, "short").page.read_text()
    assert '<img class="logo" src="data:image/png;base64,iVBORyBwaWN0dXJl"' in page


@pytest.mark.parametrize("name", ["../../up", "/etc", "con", "a/b", "..", "\\\\x"])
def test_a_companys_name_cannot_leave_the_output_folder(tmp_path, name):
    company = write_company(tmp_path / "acme", name=name.replace("\\", "\\\\"))
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "short"})
    asked = reports.Request(company=company, notebooks=folder, out=tmp_path / "out")
    home = reports.job.prepared(asked).home
    assert home.resolve().parent == (tmp_path / "out").resolve()


def test_text_for_chats_moves_no_cursor_and_is_no_markup():
    told = summary.plain("a\x1b[2Jb\n# c [x](http://y) <b>")
    assert "\x1b" not in told and "\n" not in told
    assert "\\[x\\](http://y) \\<b\\>" in told


def test_pdf_without_a_browser_is_refused_before_anything_runs(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    company = write_company(tmp_path / "acme")
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "short"})
    asked = reports.Request(
        company=company, notebooks=folder, out=tmp_path / "out", pdf=True
    )
    with pytest.raises(reports.ReportError, match="needs Chromium"):
        reports.report(asked)
    assert not (tmp_path / "out").exists()
