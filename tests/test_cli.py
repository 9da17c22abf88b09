"""The command line: help, exit codes, messages instead of traces."""

import configparser
import datetime as dt
import fcntl
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_reports import STEM, notebooks_of, write_company

from retention import cli, reports
from retention.cli.options import parser
from retention.cli.progress import bar
from retention.reports import planning

ROOT = Path(__file__).parents[1]
COMMANDS = [
    "report",
    "verify",
    "check",
    "check-setup",
    "simulate",
    "studies",
    "handouts",
]


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


def test_report_prints_a_summary_in_markdown_and_the_page(
    company, studies, tmp_path, capsys
):
    studies("study")
    out = str(tmp_path / "out")
    for period in ("2026-09", "2026-10"):
        words = ["report", company, "--out", out, "-p", "horizon=9"]
        assert cli.main([*words, "--period", period]) == 0
    said, erred = capsys.readouterr()
    lines = said.split("# Acme & Sons, October 2026")[1].splitlines()
    assert "- **How long do customers stay?** Of the customers observed" in lines[4]
    assert "## Since September 2026" in lines and "## To look at" in lines
    page = lines[-2].removeprefix("Report: ")
    assert page.endswith("2026-10/index.html") and Path(page).exists()
    assert erred == ""


def test_quiet_prints_the_page_and_nothing_else(company, studies, tmp_path, capsys):
    studies("short")
    out = str(tmp_path / "out")
    words = ["report", company, "--out", out, "--quiet", "--notebooks"]
    assert cli.main([*words, "--from", "2026-09", "--to", "2026-10"]) == 0
    assert cli.main([*words, "--from", "2026-09", "--to", "2026-10"]) == 0
    said, erred = capsys.readouterr()
    assert [Path(line).parent.name for line in said.split()] == ["2026-09", "2026-10"]
    assert erred == ""
    assert list((tmp_path / "out").glob(f"*/2026-10/notebooks/{STEM}.ipynb"))


def test_log_json_is_a_line_of_json_for_each_event(company, studies, tmp_path, capsys):
    studies("fails")
    out = str(tmp_path / "out")
    assert cli.main(["report", company, "--out", out, "--log-json", "--quiet"]) == 1
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [e["event"] for e in events] == ["start", "study", "report", "end"]
    assert events[1]["status"] == "failed" and "IndexError" in events[1]["reason"]
    assert events[-1]["exit_code"] == 1


def test_each_names_the_segments_without_a_report(company, studies, tmp_path, capsys):
    studies("study")
    with (Path(company) / "customers.csv").open("a") as file:
        file.write("800,2024-01-01,,rare\n")
    words = ["report", company, "--out", str(tmp_path / "out"), "--quiet"]
    assert cli.main([*words, "--each", "plan"]) == 0
    said, erred = capsys.readouterr()
    assert len(said.split()) == 2 and "by-plan" in said
    assert erred == "rare: no report, it has fewer than 5 customers.\n"


def test_verify_says_what_is_different(company, studies, tmp_path, capsys):
    studies("study")
    out = str(tmp_path / "out")
    assert cli.main(["report", company, "--out", out, "--quiet"]) == 0
    folder = str(Path(capsys.readouterr().out.strip()).parent)
    assert cli.main(["verify", folder, "--company", company]) == 0
    assert "are the same." in capsys.readouterr().out
    table = Path(company) / "customers.csv"
    table.write_text(table.read_text().replace("2026-10-20", ""))
    assert cli.main(["verify", folder, "--company", company]) == 1
    said = capsys.readouterr().out
    assert "tenure left value: 0.25 then, 0.225 now" in said
    assert "the data of customers" in said
    assert cli.main(["verify", folder]) == 2
    assert cli.main(["verify", str(tmp_path)]) == 2


def test_failed_study_exits_1_and_is_named(company, studies, tmp_path, capsys):
    studies("no_parameters")
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 1
    assert "FAILED: The notebook has 0 cells" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-p", "horizn=9"], "Did you mean horizon?"),
        (["-p", "horizon=soon"], "a whole number"),
        (["-p", "horizon"], "write it as name=value"),
        (["--study", "tenur"], "Did you mean tenure?"),
        (["--period", "../../etc"], "is no period"),
        (["--by", "colour"], "no such column"),
        (["--each", "colour"], "no such column"),
        (["--months", "12"], "has a window"),
        (["--months", "-1"], "above 0"),
        (["--from", "2026-01"], "go together"),
        (["--from", "2026-09", "--to", "2026-10", "--each", "plan"], "neither"),
        (["--from", "2026-10", "--to", "2026-09"], "earlier one first"),
        (["--force"], "--force goes with"),
        (["--from", "2016-09", "--to", "2026-11"], "records of Acme"),
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

    monkeypatch.setattr(reports.job, "_write", full)
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 3
    assert "No space left on device" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "out").rglob("*.*")] == [".lock"]


def test_stopping_from_the_keyboard_leaves_nothing(
    company, studies, tmp_path, monkeypatch
):
    studies("no_parameters")

    def stop(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(reports.job, "executed", stop)
    assert cli.main(["report", company, "--out", str(tmp_path / "out")]) == 130
    assert [p.name for p in (tmp_path / "out").rglob("*.*")] == [".lock"]


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


def test_a_class_can_have_some_of_the_studies(tmp_path, monkeypatch, capsys):
    from retention.notebooks import handouts

    asked = {}

    def written(notebooks, out, **options):
        asked.update(options, studies=[path.stem for path in notebooks])
        return handouts.ClassFolder(tmp_path / "learners", tmp_path / "trainer", [{}])

    monkeypatch.setattr(handouts, "write_class", written)
    chosen = ["--studies", "tenure", "claims", "--class", "Spring", "--seed", "7"]
    assert cli.main(["handouts", *chosen, "--out", str(tmp_path)]) == 0
    assert asked["studies"] == ["02_customer_tenure", "07_claims_ledger"]
    assert (asked["name"], asked["seed"]) == ("Spring", 7)
    assert "the answers to 1 exercises" in capsys.readouterr().out


def scheduled(tmp_path):
    """Folder like that of the docs, its company observed to the end of last month."""
    company = write_company(tmp_path / "my_company")
    end = dt.date.today().replace(day=1) - dt.timedelta(days=1)
    toml = company / "workbook.toml"
    toml.write_text(toml.read_text().replace("2026-10-31", end.isoformat()))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return f"{end:%Y-%m}"


def run_from_nothing(words, cwd):
    """A command with an empty environment and without a terminal."""
    return subprocess.run(
        words, env={}, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


def block_with(word):
    """Block of the docs that has a word."""
    blocks = (ROOT / "reports" / "README.md").read_text().split("```")[1::2]
    return next(block for block in blocks if word in block)


def test_the_line_for_cron_runs_with_an_empty_environment(tmp_path):
    period = scheduled(tmp_path)
    line = block_with("MAILTO").strip().splitlines()[-1]
    five, command = line.split("  ", 1)
    assert len(five.split()) == 5
    command = command.replace("/path/to/workbook", str(tmp_path)) + " --study tenure"
    ran = run_from_nothing(["/bin/sh", "-c", command], "/")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("# Acme & Sons, ")
    assert (tmp_path / "reports" / "acme_sons" / period / "index.html").exists()
    with open(tmp_path / ".venv" / "cron.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = run_from_nothing(["/bin/sh", "-c", command], "/")
    assert (ran.returncode, ran.stdout) == (1, "")


def test_the_systemd_unit_runs_with_an_empty_environment(tmp_path):
    period = scheduled(tmp_path)
    unit = configparser.ConfigParser()
    unit.optionxform = str
    unit.read_string(
        block_with("ExecStart").replace("/path/to/workbook", str(tmp_path))
    )
    service = unit["Service"]
    words = [*shlex.split(service["ExecStart"]), "--study", "tenure"]
    ran = run_from_nothing(words, service["WorkingDirectory"])
    assert ran.returncode == 0
    assert ran.stdout == f"reports/acme_sons/{period}/index.html\n"
    events = [json.loads(line)["event"] for line in ran.stderr.splitlines()]
    assert events == ["start", "study", "report", "end"]


@pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd is not installed"
)
def test_systemd_accepts_the_units_of_the_docs(tmp_path):
    scheduled(tmp_path)
    for kind, word in (("service", "ExecStart"), ("timer", "OnCalendar")):
        text = block_with(word).replace("/path/to/workbook", str(tmp_path))
        (tmp_path / f"retention.{kind}").write_text(text)
    verify = ["systemd-analyze", "verify", str(tmp_path / "retention.timer")]
    found = subprocess.run(verify, capture_output=True, text=True)
    ours = [line for line in found.stderr.splitlines() if "retention" in line]
    assert ours == []


def test_the_workflow_file_of_the_docs_is_yaml_and_runs_our_command():
    import yaml

    text = (ROOT / "reports" / "README.md").read_text()
    block = text.split("```yaml\n")[1].split("```")[0]
    job = yaml.safe_load(block)["jobs"]["report"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert any("retention report" in command for command in commands)


def test_every_option_of_the_docs_exists():
    text = (ROOT / "reports" / "README.md").read_text()
    options_ = parser()
    lines = re.findall(r"retention report ([^\n`]+)", text)
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(line.split(" >>")[0].split("  #")[0])
        options_.parse_args(["report", *words])


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
