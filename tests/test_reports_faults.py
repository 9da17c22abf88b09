"""What goes wrong, made to go wrong: each ends in a clear state."""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_reports import STEM, files, listed, notebooks_of, run, write_company

from retention import reports
from retention.company import open_company
from retention.reports import folders

RUN = """
import sys
from pathlib import Path
from retention import cli
from retention.reports import planning

planning.notebooks_folder = lambda: Path(sys.argv[1])
sys.exit(cli.main(sys.argv[2:]))
"""


@pytest.fixture
def company(tmp_path):
    return write_company(tmp_path / "acme")


def command(company, tmp_path, fixture, *more):
    """The report command as a scheduler starts it, with a fixture as the study."""
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: fixture})
    words = ["report", str(company), "--out", str(tmp_path / "out"), *more]
    return [sys.executable, "-c", RUN, str(folder), *words]


def home(tmp_path):
    return tmp_path / "out" / "acme_sons"


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ("no_parameters", "0 cells tagged `parameters`"),
        ("fails", "IndexError: list index out of range"),
        ("spark_hung_up", "EngineError: The Spark session has ended"),
        ("sys_exit", "stopped at cell 4 (SystemExit)"),
        ("dead_kernel", "kernel died"),
        ("killed", "kernel died"),
        ("out_of_memory", "MemoryError"),
        ("timeout", "longer than 2 seconds"),
        ("no_record", "recorded its numbers 0 times"),
        ("another_record", "record is of 'claims'"),
    ],
)
def test_a_wrong_run_never_looks_right(company, tmp_path, fixture, reason):
    result = run(company, tmp_path, fixture, timeout=2 if fixture == "timeout" else 60)
    assert result.exit_code == 1
    assert result.studies[0].status == "failed"
    assert reason in result.studies[0].reason
    assert "1 study failed" in result.page.read_text()
    traceback = result.folder / "notebooks" / f"{STEM}.traceback.txt"
    assert traceback.read_text().strip()
    assert not (result.folder / "tenure.html").exists()


@pytest.mark.parametrize("fixture", ["dead_kernel", "timeout", "sys_exit"])
def test_a_forked_kernel_that_goes_wrong_is_told_like_any_other(
    company, tmp_path, fixture
):
    stems = {STEM: fixture, "07_claims_ledger": "reads_records"}
    folder = notebooks_of(tmp_path / "notebooks", **stems)
    result = reports.run(company, notebooks=folder, out=tmp_path / "out", timeout=2)
    assert [study.status for study in result.studies] == ["failed", "done"]


def test_a_failed_run_leaves_the_good_report_and_a_good_run_clears_it(
    company, tmp_path
):
    good = run(company, tmp_path, "short")
    before = files(good.folder)
    failed = run(company, tmp_path, "fails")
    assert failed.folder.name == "2026-10-failed"
    assert files(good.folder) == before
    assert "failed in this run" in (good.folder.parent / "index.html").read_text()
    run(company, tmp_path, "short")
    assert listed(good.folder.parent) == ["2026-10", "history.csv", "index.html"]


def limited_to(size):
    """The system refuses every byte of a file beyond a size, as a full disk does."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def ends_with_3_and_leaves_all_as_it_was(command, tmp_path, size):
    before = files(home(tmp_path))
    ran = subprocess.run(
        command, preexec_fn=limited_to(size), capture_output=True, text=True
    )
    assert ran.returncode == 3, ran.stderr
    assert "Nothing that stood there was changed" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert files(home(tmp_path)) == before


@pytest.mark.parametrize("first_too_large", ["notebook", "record.json", "index.html"])
def test_a_full_disk_ends_with_3_and_leaves_the_earlier_report(
    company, tmp_path, first_too_large
):
    good = run(company, tmp_path, "short")
    written = {path.name: path.stat().st_size for path in good.folder.iterdir()}
    room = written.get(first_too_large, 1_000) - 1
    words = command(company, tmp_path, "short")
    ends_with_3_and_leaves_all_as_it_was(words, tmp_path, room)


def test_a_disk_that_is_full_for_the_companys_page_leaves_all_as_it_was(
    company, tmp_path
):
    """A long history: its page is the one file that finds no room."""
    good = run(company, tmp_path, "short")
    record = json.loads((good.folder / "record.json").read_text())
    for year in range(1900, 2020):
        folder = home(tmp_path) / f"{year}"
        folder.mkdir()
        dated = {"window": {**record["window"], "observed_to": f"{year}-12-31"}}
        text = json.dumps({**record, "period": f"{year}", **dated})
        (folder / "record.json").write_text(text)
    again = run(company, tmp_path, "short")
    largest = max(path.stat().st_size for path in again.folder.iterdir())
    page = (home(tmp_path) / "index.html").stat().st_size
    assert page > largest + 10_000
    words = command(company, tmp_path, "short")
    ends_with_3_and_leaves_all_as_it_was(words, tmp_path, page - 1_000)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no folder refuses root")
def test_a_folder_that_cannot_be_written_ends_with_3(company, tmp_path):
    words = command(company, tmp_path, "short")
    words[words.index("--out") + 1] = "/proc/reports"
    ran = subprocess.run(words, capture_output=True, text=True)
    assert ran.returncode == 3
    assert "Traceback" not in ran.stderr and "/proc/reports" in ran.stderr


def test_of_two_runs_at_once_the_second_is_refused(company, tmp_path):
    with folders.locked(home(tmp_path)):
        ran = subprocess.run(
            command(company, tmp_path, "short"), capture_output=True, text=True
        )
    assert ran.returncode == 3
    assert "Another run is writing here" in ran.stderr
    assert listed(home(tmp_path)) == []
    assert run(company, tmp_path, "short").exit_code == 0


def test_kill_9_in_the_middle_leaves_the_earlier_report_and_no_kernel(
    company, tmp_path
):
    good = run(company, tmp_path, "short")
    before = files(good.folder)
    words = command(company, tmp_path, "timeout")
    started = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    wait_for(lambda: kernels_of(tmp_path), seconds=60)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert files(good.folder) == before
    assert listed(home(tmp_path)) == ["2026-10", "history.csv", "index.html"]
    wait_for(lambda: not kernels_of(tmp_path), seconds=20)
    assert run(company, tmp_path, "short").exit_code == 0
    hidden = [p.name for p in home(tmp_path).iterdir() if p.name[0] == "."]
    assert hidden == [".lock"]


def test_stopping_from_the_keyboard_ends_the_studies_too(company, tmp_path):
    words = command(company, tmp_path, "timeout")

    def listening():
        # What runs in the background of a shell may be deaf to it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        words, stderr=subprocess.PIPE, text=True, preexec_fn=listening
    ) as started:
        wait_for(lambda: kernels_of(tmp_path), seconds=60)
        started.send_signal(signal.SIGINT)
        said = started.communicate(timeout=60)[1]
    assert started.returncode == 130 and "Stopped." in said
    assert listed(home(tmp_path)) == [] and not kernels_of(tmp_path)


def test_a_company_whose_files_change_during_the_run_is_refused(company, tmp_path):
    good = run(company, tmp_path, "short")
    before = files(good.folder)
    with pytest.raises(reports.ReportError, match=r"changed while.*customers"):
        run(company, tmp_path, "changes_data")
    assert files(good.folder) == before
    assert listed(home(tmp_path)) == ["2026-10", "history.csv", "index.html"]


def test_settings_that_change_during_the_run_are_named(company, tmp_path, monkeypatch):
    began = reports.job.Job.begin

    def edits(job):
        began(job)
        toml = company / "workbook.toml"
        toml.write_text(toml.read_text().replace("EUR", "USD"))

    monkeypatch.setattr(reports.job.Job, "begin", edits)
    with pytest.raises(reports.ReportError, match=r"workbook\.toml"):
        run(company, tmp_path, "short")


def test_a_run_cut_off_while_writing_leaves_the_earlier_report(
    company, tmp_path, monkeypatch
):
    folder = tmp_path / "out" / open_company(company).slug / "2026-10"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("the earlier report")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports.job.pages, "index", full)
    with pytest.raises(OSError, match="No space left"):
        run(company, tmp_path, "no_parameters")
    assert (folder / "index.html").read_text() == "the earlier report"
    assert listed(folder.parent) == ["2026-10"]


def test_a_folder_cut_off_between_two_renames_is_put_back(tmp_path):
    (tmp_path / ".replaced-2026-10").mkdir()
    (tmp_path / ".replaced-2026-10" / "index.html").write_text("old")
    (tmp_path / ".partial-2026-10-x").mkdir()
    (tmp_path / ".draft-x").write_text("half a page")
    with folders.locked(tmp_path):
        assert (tmp_path / "2026-10" / "index.html").read_text() == "old"
    assert listed(tmp_path) == ["2026-10"]
    assert [p.name for p in tmp_path.iterdir() if p.name[0] == "."] == [".lock"]


def test_a_record_that_cannot_be_read_is_no_period(company, tmp_path):
    (home(tmp_path) / "2026-09").mkdir(parents=True)
    (home(tmp_path) / "2026-09" / "record.json").write_text('{"half": ')
    result = run(company, tmp_path, "short")
    assert result.exit_code == 0 and result.before is None


def kernels_of(tmp_path):
    """Processes that run a cell of a notebook in this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").resolve() == (tmp_path / "notebooks").resolve():
                found.append(int(process.name))
    return found


def wait_for(condition, *, seconds):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_record_of_a_failure_says_why(company, tmp_path):
    result = run(company, tmp_path, "fails")
    record = json.loads((result.folder / "record.json").read_text())
    assert "IndexError" in record["studies"]["tenure"]["reason"]
