"""Reports: what is written, what is refused, and what never replaces a good one."""

import functools
import json
import os
import shutil
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from markupsafe import escape

from retention import reports
from retention.company import CompanyError
from retention.notebooks import ParameterError, read, report_copy, serialised
from retention.reports import (
    available_studies,
    cleaning,
    execution,
    folders,
    job,
    memory,
    planning,
    provenance,
    running,
)

FIXTURES = Path(__file__).parent / "fixtures" / "notebooks"
HOSTILE = "<script>alert(1)</script>"
STEM = "02_customer_tenure"


def write_company(folder, *, plan="basic", name="Acme & Sons", settings=""):
    """Forty customers, ten of whom left during 2026, one of them in October."""
    folder.mkdir(parents=True)
    (folder / "workbook.toml").write_text(
        f'[company]\nname = "{name}"\nlabel = "SIMULATED"\ncurrency = "EUR"\n'
        f'observed_to = "2026-10-31"\n{settings}\n'
        '[notes]\ntenure = "Plans were renamed in 2023."\n',
        encoding="utf-8",
    )
    rows = ["customer_id,joined_on,left_on,plan"]
    for i in range(40):
        left = f"2026-{1 + i // 4:02d}-20" if i % 4 == 0 else ""
        rows.append(
            f"{i:03d},202{i % 6}-0{1 + i % 9}-15,{left},{plan if i % 2 else 'x'}"
        )
    (folder / "customers.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def notebooks_of(folder, **fixtures):
    """Folder in which each stem is a copy of the named fixture."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, fixture in fixtures.items():
        shutil.copy(FIXTURES / f"{fixture}.ipynb", folder / f"{stem}.ipynb")
    return folder


@functools.cache
def example() -> Path:
    """Reports of two periods, made once for all tests; the later one's folder."""
    root = Path(tempfile.mkdtemp(prefix="reports-"))
    studies = {STEM: "study", "03_satisfaction_trap": "study"}
    common = {
        "notebooks": notebooks_of(root / "notebooks", **studies),
        "parameters": {"horizon": "9"},
        "out": root / "out",
    }
    company = write_company(root / "acme", plan=HOSTILE)
    reports.run(company, period="2026-07", **common)
    asked = reports.Request(company=company, keep_notebooks=True, **common)
    result = reports.report(asked)
    assert result.exit_code == 0, [study.reason for study in result.studies]
    return result.folder


@functools.cache
def shipped() -> reports.RunResult:
    """Report of one study of the shipped company, made once for all tests."""
    out = tempfile.mkdtemp(prefix="reports-")
    return reports.run("data/lakeshore", studies=["tenure"], out=out)


@functools.cache
def stored() -> Path:
    """All pages of the shipped company, from the outputs kept in the notebooks."""
    out = tempfile.mkdtemp(prefix="reports-")
    made = job.prepared(reports.Request(company="data/lakeshore", out=out))
    made.home.mkdir()
    written = job.Job(made, shop=None)
    written.stage = folders.stage(made.home, made.period)
    (written.stage / "notebooks").mkdir()
    (written.stage / "records").mkdir()
    runs = [ran_before(plan, written.stage / "notebooks") for plan in made.plans]
    options = {"period": made.period, "source": made.source, "plans": made.plans}
    record = provenance.record(made.company, runs, made.request, **options)
    job._write_report(written, runs, record)
    folders.put_in_place(written.stage, made.home / made.period)
    folders.adopt(running.history_drafts(made.home, made.look, {}))
    return made.home / made.period


def ran_before(plan, folder):
    """Outcome of a study as its notebook has stored it."""
    nb = report_copy(read(plan.path))
    (folder / plan.path.name).write_text(serialised(nb), encoding="utf-8")
    told = plan.name, plan.title, plan.path.stem, "done", "", plan.parameters
    return execution.StudyRun(*told, execution._records(nb)[0])


@pytest.fixture
def company(tmp_path):
    return write_company(tmp_path / "acme")


def run(company, tmp_path, fixture, **options):
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: fixture})
    return reports.run(company, notebooks=folder, out=tmp_path / "out", **options)


def listed(folder):
    """Names in a folder, hidden ones left out."""
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_report_has_its_pages_numbers_and_notebooks():
    assert sorted(files(example())) == [
        "index.html",
        f"notebooks/{STEM}.ipynb",
        "quarantine.csv",
        "record.json",
        "tenure.html",
    ]
    assert example().name == "2026-10"
    assert listed(example().parent) == [
        "2026-07",
        "2026-10",
        "history.csv",
        "index.html",
    ]


def test_record_tells_numbers_parameters_data_and_versions():
    record = json.loads((example() / "record.json").read_text())
    study = record["studies"]["tenure"]
    assert study["parameters"]["horizon"] == 9
    assert study["parameters"]["company"] == "acme"
    assert study["answers"][0]["value"] == 0.25
    assert study["answers"][0]["n"] == 40
    assert record["studies"]["satisfaction"]["status"] == "skipped"
    assert record["company"]["label"] == "SIMULATED"
    assert record["company"]["fingerprint"]
    assert record["window"]["observed_to"] == "2026-10-31"
    assert {"python", "pandas", "duckdb", "papermill"} <= set(record["versions"])


def test_executive_page_answers_first_and_names_what_is_missing():
    page = (example() / "index.html").read_text()
    order = [
        "October 2026",
        "have left.",
        "How sure are we?",
        "REVIEW",
        "Observe longer.",
        "UNDECIDED",
        "Not answered",
        "surveys",
        "The data",
        "Where these numbers come from",
    ]
    places = [page.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert "Plans were renamed in 2023." in page


def test_change_since_the_period_before_is_shown_with_its_interval():
    """7 of 40 had left by July, 10 of 40 by October: no clear change."""
    page = (example() / "index.html").read_text()
    assert "Since July 2026" in page and "None of the 2 numbers" in page
    assert "No clear change: +8 percentage points (95\N{NO-BREAK SPACE}% CI" in page
    assert "used before" in page


@pytest.mark.parametrize("name", ["index.html", "tenure.html", "../index.html"])
def test_pages_load_nothing_and_name_no_folder_of_this_machine(name):
    page = (example() / name).read_text()
    assert "<script" not in page
    assert "src=" not in page.replace('src="data:image/png;base64,', "")
    assert "<link" not in page and "@import" not in page and "url(" not in page
    assert str(example().parents[2]) not in page
    assert os.path.expanduser("~") + "/" not in page
    assert len(page) < 500_000


def test_executed_notebook_names_no_folder_of_this_machine():
    text = (example() / "notebooks" / f"{STEM}.ipynb").read_text()
    assert str(example().parents[2]) not in text


def test_text_of_the_company_is_escaped_wherever_it_appears():
    page = (example() / "tenure.html").read_text()
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_study_page_shows_results_without_code_lessons_or_record():
    page = (example() / "tenure.html").read_text()
    assert "<math" in page and "between $5 and $10" in page
    assert 'alt="Customers who left: share who left."' in page
    assert '<th class="number" scope="col">customers</th>' in page
    for hidden in ("open_company(", "By hand", "Recorded for", "You will be able"):
        assert hidden not in page


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"parameters": {"horizn": "9"}}, ParameterError, "Did you mean horizon?"),
        ({"parameters": {"horizon": "nine"}}, ParameterError, "a whole number"),
        ({"parameters": {"by": "plan"}}, reports.ReportError, "Give by as --by"),
        ({"studies": ["tenur"]}, reports.ReportError, "Did you mean tenure?"),
        ({"period": "October"}, reports.ReportError, "is no period"),
        ({"period": "../../x"}, reports.ReportError, "is no period"),
        ({"by": "colour"}, reports.ReportError, "no such column"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_runs(
    company, tmp_path, options, error, says
):
    with pytest.raises(error, match=says.replace("?", r"\?")):
        run(company, tmp_path, "study", **options)
    assert not (tmp_path / "out").exists()


def test_a_company_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CompanyError):
        run(tmp_path / "nowhere", tmp_path, "study")
    assert not (tmp_path / "out").exists()


def test_frames_in_this_process_are_refused():
    with pytest.raises(reports.ReportError, match="process of its own"):
        planning.located({"customers": None})


def test_a_company_on_which_nothing_runs_is_refused(company, tmp_path):
    folder = notebooks_of(tmp_path / "notebooks", **{"03_satisfaction_trap": "study"})
    with pytest.raises(reports.ReportError, match="None of these studies can run"):
        reports.run(
            company, studies=["satisfaction"], notebooks=folder, out=tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()


def test_a_report_without_an_answer_says_what_would_enable_one(company, tmp_path):
    folder = notebooks_of(tmp_path / "notebooks", **{"03_satisfaction_trap": "study"})
    done = reports.run(company, notebooks=folder, out=tmp_path / "out")
    page = done.page.read_text()
    assert done.exit_code == 0
    assert "Not answered, and what would answer it" in page
    assert "surveys" in page


def test_shipped_company_has_its_report():
    result = shipped()
    states = {run.name: (run.status, run.reason) for run in result.studies}
    assert set(states.values()) == {("done", "")}, states
    assert result.folder.parts[-2:] == ("lakeshore", "2026-10")
    for page in result.folder.glob("*.html"):
        html = page.read_text()
        assert len(html) < 500_000
        assert 'alt="Figure"' not in html
        assert "SIMULATED" in html
    record = json.loads((result.folder / "record.json").read_text())
    assert record["company"]["source"] == "data/lakeshore"


def test_an_address_is_named_without_the_one_who_reads_there():
    address = "postgresql://reader@db.example/shop?settings=acme.toml"
    source, names = planning.located(address)
    assert source == address
    assert names[address] == "postgresql://db.example/shop"


def printed(**columns):
    """Texts of a table of numbers as a page shows it, column by column."""
    frame = pd.DataFrame(columns)
    with pd.option_context("display.float_format", "{:,.3f}".format):
        html = cleaning.cleaned(frame.to_html(index=False))
    rows = BeautifulSoup(html, "html.parser").select("tbody tr")
    texts = [[cell.get_text() for cell in row.select("th, td")] for row in rows]
    return dict(zip(columns, map(list, zip(*texts, strict=True)), strict=True))


def test_numbers_of_a_table_are_printed_as_a_reader_expects_them():
    found = printed(
        n=[22438, 9, 1200],
        year=[2024, 2025, 2026],
        median=[44.0, 26.0, -3.0],
        share=[1.0, 1.0, 0.0],
        p=[0.0004, 0.049, 1.0],
        x=[-0.5, 12345.678, 1.0],
        cost=[146112.0, 28180.5, 0.0],
        mean=[25.79, -138.173, 54.0],
    )
    assert found == {
        "n": ["22,438", "9", "1,200"],
        "year": ["2024", "2025", "2026"],
        "median": ["44", "26", "−3"],
        "share": ["1.000", "1.000", "0.000"],
        "p": ["< 0.001", "0.049", "1.000"],
        "x": ["−0.500", "12,345.678", "1.000"],
        "cost": ["146,112", "28,180", "0"],
        "mean": ["25.79", "−138.17", "54.00"],
    }


@pytest.mark.parametrize("study", available_studies())
def test_every_study_of_the_shipped_company_has_its_page(study):
    page = (stored() / f"{study}.html").read_text()
    assert len(page) < 500_000
    assert 'alt="Figure"' not in page and page.count("<figure") > 5
    assert "SIMULATED" in page and "<script" not in page
    assert "Where these numbers come from" in page


def test_the_executive_page_of_all_studies_answers_each_of_them():
    page = (stored() / "index.html").read_text()
    record = json.loads((stored() / "record.json").read_text())
    assert sorted(record["studies"]) == sorted(available_studies())
    for name, study in record["studies"].items():
        assert study["status"] == "done" and f'href="{name}.html"' in page
    assert "do not hold" in page and len(page) < 500_000
    kept = memory.records(stored().parent)["2026-10"]["studies"]
    assert list(kept) == list(available_studies())
    titles = [study["title"] for study in kept.values()]
    for shown in (page, (stored().parent / "index.html").read_text()):
        places = [shown.find(str(escape(title))) for title in titles]
        assert -1 not in places and places == sorted(places)
