"""The command line: help, exit codes, messages instead of traces."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_reports import STEM, notebooks_of, write_company

from retention import cli, reports
from retention.cli.progress import bar
from retention.reports import planning

ROOT = Path(__file__).parents[1]
COMMANDS = ["report", "check", "check-setup", "simulate", "studies", "handouts"]


@pytest.fixture
def company(tmp_path):
    return str(write_company(tmp_path / "acme"))


@pytest.fixture
def studies(tmp_path, monkeypatch):
    """Function that makes the commands see one fixture as the tenure study."""

    def use(fixture):
        folder = notebooks_of(tmp_path / "notebooks", **{STEM: fixture})
        monkeypatch.setattr(planning, "notebooks_folder", lambda: folder)

    return use


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    said = capsys.readouterr().out
    assert f"retention {command}" in said and "Exit codes" in said


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert all(command in said for command in COMMANDS)


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from retention.cli.options import parser; import retention.cli; "
        "parser(); print(sorted({'pandas', 'numpy', 'papermill'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_help_under_half_a_second_of_work():
    start = time.process_time(), os.times()
    subprocess.run([sys.executable, "-m", "retention", "--help"], stdout=-3, check=True)
    spent = os.times().children_user - start[1].children_user
    assert spent < 0.5


def test_report_prints_a_line_a_study_and_the_page(company, studies, tmp_path, capsys):
    studies("study")
    out = tmp_path / "out"
    assert cli.main(["report", company, "--out", str(out), "-p", "horizon=9"]) == 0
    said, erred = capsys.readouterr()
    lines = said.splitlines()
    assert lines[0].startswith("tenure          done     Of the customers observed")
    assert lines[-1].endswith("2026-10/index.html")
    assert Path(lines[-1]).exists() or (ROOT / lines[-1]).exists()
    assert erred == ""


def test_failed_study_exits_1_and_is_named(company, studies, tmp_path, capsys):
    studies("no_parameters")
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 1
    assert "tenure          failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-p", "horizn=9"], "Did you mean horizon?"),
        (["-p", "horizon=soon"], "a whole number"),
        (["-p", "horizon"], "write it as name=value"),
        (["--study", "tenur"], "Did you mean tenure?"),
        (["--period", "../../etc"], "is no period"),
        (["--by", "colour"], "no such column"),
    ],
)
def test_refused_input_exits_2_with_one_message(
    company, studies, tmp_path, capsys, arguments, says
):
    studies("study")
    out = tmp_path / "out"
    assert cli.main(["report", company, "--out", str(out), *arguments]) == 2
    said, erred = capsys.readouterr()
    assert said == "" and says in erred
    assert erred.startswith("retention: ") and "Traceback" not in erred
    assert not out.exists()


@pytest.mark.parametrize("command", ["report", "check", "studies"])
def test_missing_company_exits_2(command, studies, tmp_path, capsys):
    studies("study")
    assert cli.main([command, str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_unwritable_output_exits_3(company, studies, tmp_path, capsys):
    studies("no_parameters")
    (tmp_path / "file").write_text("in the way")
    assert cli.main(["report", company, "--out", str(tmp_path / "file")]) == 3
    assert "Nothing that stood there was changed" in capsys.readouterr().err


def test_full_disk_exits_3(company, studies, tmp_path, monkeypatch, capsys):
    studies("no_parameters")

    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports.running, "_write_text", full)
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 3
    assert "No space left on device" in capsys.readouterr().err
    assert list((tmp_path / "out").rglob("*.*")) == []


def test_stopping_from_the_keyboard_leaves_nothing(
    company, studies, tmp_path, monkeypatch
):
    studies("no_parameters")

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(reports.running, "executed", stop)
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 130
    assert list((tmp_path / "out").rglob("*.*")) == []


def test_our_own_errors_keep_their_trace(company, studies, monkeypatch):
    def bug(options):
        raise ValueError("ours")

    monkeypatch.setattr("retention.cli.report.report", bug)
    with pytest.raises(ValueError, match="ours"):
        cli.main(["report", company])


def test_debug_shows_the_trace_of_a_users_error(studies, tmp_path):
    studies("study")
    with pytest.raises(ValueError, match="nowhere"):
        cli.main(["report", str(tmp_path / "nowhere"), "--debug"])


def test_check_says_what_the_tables_hold(company, capsys):
    assert cli.main(["check", company]) == 0
    said = capsys.readouterr().out
    assert "customers" in said and "40" in said


def test_check_lists_the_rows_it_set_aside(tmp_path, capsys):
    folder = tmp_path / "corner shop"
    folder.mkdir()
    rows = "customer_id,joined_on,left_on\n1,2024-01-01,\n2,2024-31-01,\n"
    (folder / "customers.csv").write_text(rows)
    out = tmp_path / "out"
    assert cli.main(["check", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    listed = next(out.glob("*/quarantine.csv"))
    assert f"Rows set aside: 1, listed in {listed}" in said
    assert "customers.csv,3,joined_on,2024-31-01" in listed.read_text()


def test_check_of_clean_tables_writes_nothing(company, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main(["check", company, "--out", str(out)]) == 0
    assert not out.exists()


def test_simulate_writes_a_company_and_spares_other_folders(tmp_path, capsys):
    made = tmp_path / "made"
    assert cli.main(["simulate", str(made), "--seed", "3", "--scale", "0.02"]) == 0
    assert (made / "customers.parquet").is_file()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    assert cli.main(["simulate", str(tmp_path / "mine")]) == 2
    assert cli.main(["simulate", str(tmp_path / "huge"), "--scale", "1e6"]) == 2
    said = capsys.readouterr().err
    assert "name another folder" in said and "Traceback" not in said


def test_studies_lists_questions_needs_and_parameters(studies, company, capsys):
    studies("study")
    assert cli.main(["studies", company]) == 0
    said = capsys.readouterr().out
    assert "tenure: How long do customers stay?" in said
    assert "customers.joined_on" in said and "can run" in said
    assert "horizon (int, 12 unless set): months to look ahead" in said


def test_handouts_are_written(studies, tmp_path, capsys):
    studies("study")
    assert cli.main(["handouts", "--out", str(tmp_path / "handouts")]) == 0
    paths = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.parent.name for path in paths] == ["exercises", "solutions"]
    assert all(path.exists() for path in paths)


def test_runs_under_an_empty_environment_as_cron_gives_it(company, tmp_path):
    out = tmp_path / "out"
    ran = subprocess.run(
        [sys.executable, "-m", "retention", "check", company],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "customers" in ran.stdout
    assert not out.exists()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_shows_on_a_terminal_only():
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        draw = bar(stream)
        draw(0, 2, None)
        draw(1, 2, None)
        draw(2, 2, None)
    assert pipe.getvalue() == ""
    assert "] 1 of 2" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
