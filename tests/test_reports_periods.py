"""Periods: named, made in a row from the data as they stood, repeated, divided."""

import datetime as dt
import json
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from test_reports import STEM, files, listed, notebooks_of, run, write_company

from retention import reports, schema, simulate
from retention.reports import folders, memory, periods, segments
from retention.reports.verification import _facts

CLAIMS = "07_claims_ledger"


@pytest.fixture
def company(tmp_path):
    return write_company(tmp_path / "acme")


@pytest.fixture
def request_(company, tmp_path):
    folder = notebooks_of(tmp_path / "notebooks", **{STEM: "study"})
    return reports.Request(company=company, notebooks=folder, out=tmp_path / "out")


def home(tmp_path):
    return tmp_path / "out" / "acme_sons"


@pytest.mark.parametrize(
    ("asked", "today", "period"),
    [
        ("last-month", "2026-01-31", "2025-12"),
        ("last-month", "2026-11-01", "2026-10"),
        ("last-quarter", "2026-02-01", "2025-Q4"),
        ("last-year", "2026-02-01", "2025"),
        ("2026-Q3", "2026-02-01", "2026-Q3"),
        ("", "2026-02-01", ""),
    ],
)
def test_periods_that_move_are_counted_from_today(asked, today, period):
    day = dt.date.fromisoformat(today)
    assert periods.checked_period(asked, today=day) == period


@pytest.mark.parametrize("wrong", ["last-week", "2026-13", "../x", "2026-10/..", "q3"])
def test_what_is_no_period_is_refused(wrong):
    with pytest.raises(reports.ReportError, match="is no period"):
        periods.checked_period(wrong)


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        ("2025-12", "2026-02", ["2025-12", "2026-01", "2026-02"]),
        ("2025-Q4", "2026-Q1", ["2025-Q4", "2026-Q1"]),
        ("2024", "2025", ["2024", "2025"]),
    ],
)
def test_periods_between_two(first, last, names):
    assert periods.between(first, last) == names


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-02", "2026-01"), ("2026-01", "2026-Q2"), ("2026-01-01", "2026-01-03")],
)
def test_periods_that_do_not_follow_are_refused(first, last):
    with pytest.raises(reports.ReportError):
        periods.between(first, last)


def test_backfill_is_as_of_each_end_compared_in_order_and_resumable(request_, tmp_path):
    made = list(reports.backfill(request_, "2026-08", "2026-10"))
    assert [r.folder.name for r in made] == ["2026-08", "2026-09", "2026-10"]
    values = [r.record["studies"]["tenure"]["answers"][0]["value"] for r in made]
    assert values == [0.2, 0.225, 0.25]
    assert [r.before and r.before["period"] for r in made] == [
        None,
        "2026-08",
        "2026-09",
    ]
    before = files(home(tmp_path))
    again = list(reports.backfill(request_, "2026-08", "2026-10"))
    assert [r.studies for r in again] == [(), (), ()]
    assert files(home(tmp_path)) == before
    shutil.rmtree(home(tmp_path) / "2026-09")
    third = list(reports.backfill(request_, "2026-08", "2026-10"))
    assert {r.folder.name for r in third if r.studies} == {"2026-09"}
    forced = list(reports.backfill(request_, "2026-10", "2026-10", force=True))
    assert forced[0].studies


def test_backfill_goes_on_past_a_period_that_fails(request_, tmp_path):
    notebooks_of(tmp_path / "notebooks", **{STEM: "fails"})
    made = list(reports.backfill(request_, "2026-09", "2026-10"))
    assert [r.exit_code for r in made] == [1, 1]


def test_backfill_refuses_before_it_begins(request_, tmp_path):
    with pytest.raises(ValueError, match="records of Acme"):
        list(reports.backfill(request_, "2026-09", "2026-11"))
    assert not (tmp_path / "out").exists()


def test_nothing_dated_after_the_period_enters(request_, company, tmp_path):
    """The same company with a flood of later customers, leavers and moved dates."""
    plain = reports.report(replace(request_, period="2026-08"))
    rows = (company / "customers.csv").read_text().splitlines()
    planted = [f"9{i:02d},2026-09-{1 + i % 28:02d},2026-10-15,new" for i in range(60)]
    later = [row.replace("2026-10-20", "2026-09-03") for row in rows]
    (company / "customers.csv").write_text("\n".join([*later, *planted]) + "\n")
    request = replace(request_, period="2026-08", out=tmp_path / "again")
    again = reports.report(request)
    assert numbers(again.record) == numbers(plain.record)
    ahead = reports.report(replace(request, period="2026-10"))
    assert numbers(ahead.record) != numbers(plain.record)


def numbers(record):
    return [
        (a["key"], a["value"], a["lower"], a["upper"], a["n"])
        for study in record["studies"].values()
        for a in study.get("answers", [])
    ]


def test_the_shipped_company_looks_no_further_than_its_period(tmp_path):
    """Its customers and leavers after June are taken away: June stays as it was."""
    whole = tmp_path / "whole"
    cut = tmp_path / "cut"
    rows = pd.read_parquet("data/lakeshore/customers.parquet").sample(
        1_500, random_state=1
    )
    for folder, table in ((whole, rows), (cut, as_known(rows, "2026-06-30"))):
        folder.mkdir()
        table.to_parquet(folder / "customers.parquet")
        (folder / "workbook.toml").write_text(
            '[company]\nname = "Lake"\nlabel = "SIMULATED"\n'
            "observed_from = 2022-11-01\nobserved_to = 2026-10-31\n"
        )
    found = [
        reports.run(
            folder,
            period="2026-06",
            studies=["tenure"],
            out=tmp_path / f"{folder.name}",
        )
        for folder in (whole, cut)
    ]
    assert numbers(found[0].record) == numbers(found[1].record)


@pytest.mark.slow
def test_no_study_looks_further_than_its_period(tmp_path):
    """All that was recorded after the period is moved; no number of it moves."""
    cut, found = "2025-12-31", []
    simulate.write_company(tmp_path / "plain", scale=0.1)
    shutil.copytree(tmp_path / "plain", tmp_path / "moved")
    moved = [falsified(path, cut) for path in (tmp_path / "moved").glob("*.parquet")]
    assert sum(moved) > 1_000
    for name in ("plain", "moved"):
        asked = {"company": tmp_path / name, "out": tmp_path / f"out-{name}"}
        made = reports.report(reports.Request(period=cut[:7], **asked))
        states = {run.name: (run.status, run.reason) for run in made.studies}
        assert set(states.values()) == {("done", "")}, states
        found.append(everything_said(made.record))
    assert found[0] == found[1] and len(found[0]) > 100


def falsified(path, cut):
    """What is dated after a day, made false in its table; how many rows that is."""
    rows, last = pd.read_parquet(path), dt.date.fromisoformat(cut)
    table = schema.TABLES[path.stem]
    kinds = {c: rows[c].dropna().head(1).map(type).tolist() for c in rows}
    dated = [c for c, kind in kinds.items() if kind and issubclass(kind[0], dt.date)]
    ends = [c.name for c in table.columns if c.ends and c.name in dated]
    begins = [c for c in dated if c not in ends][:1]
    later = pd.Series(False, index=rows.index)
    for column in ends + begins:
        own = pd.to_datetime(rows[column]) > pd.Timestamp(last)
        if column in ends:
            rows.loc[own, column] = last + dt.timedelta(days=17)
        else:
            for number in rows.select_dtypes("float"):
                rows.loc[own, number] = 7 * rows.loc[own, number] + 100
        later |= own
    rows.to_parquet(path)
    return int(later.sum())


def everything_said(record):
    """Numbers, checks and verdicts of all studies."""
    studies = record["studies"].items()
    return [(name, fact) for name, study in studies for fact in _facts(study)]


def as_known(rows, day):
    known = rows[pd.to_datetime(rows["joined_on"]) <= day].copy()
    later = pd.to_datetime(known["left_on"]) > day
    known["left_on"] = known["left_on"].where(~later, None)
    if "leave_reason" in known:
        known["leave_reason"] = known["leave_reason"].where(~later, None)
    return known


def test_window_in_months_moves_with_the_period(request_, company, tmp_path):
    text = (tmp_path / "notebooks" / f"{STEM}.ipynb").read_text()
    declared = '\\"\\"  # column that splits the answer; empty for none\\n",'
    added = '\n    "window_from: str = \\"\\"  # first month observed\\n",'
    assert declared in text
    (tmp_path / "notebooks" / f"{STEM}.ipynb").write_text(
        text.replace(declared, declared + added)
    )
    made = list(reports.backfill(replace(request_, months=12), "2026-09", "2026-10"))
    windows = [r.record["studies"]["tenure"]["parameters"]["window_from"] for r in made]
    assert windows == ["2025-10", "2025-11"]
    assert "No clear change" in made[1].page.read_text()


def test_window_without_a_study_that_has_one_is_refused(request_):
    with pytest.raises(reports.ReportError, match="has a window"):
        reports.report(replace(request_, months=12))


def test_claims_come_last_and_read_what_the_others_found(company, tmp_path):
    stems = {STEM: "short", CLAIMS: "reads_records"}
    folder = notebooks_of(tmp_path / "notebooks", **stems)
    result = reports.run(company, notebooks=folder, out=tmp_path / "out")
    claims = result.record["studies"]["claims"]
    assert claims["answers"][0]["sentence"] == "It read the records of tenure."
    assert "records" not in claims["parameters"]
    assert str(tmp_path) not in (result.folder / "claims.html").read_text()
    assert "records" not in listed(result.folder)


def test_verify_an_untouched_report(request_, company):
    folder = reports.report(request_).folder
    found = reports.verify(folder, company=company, notebooks=request_.notebooks)
    assert found.same and found.differs == []
    assert "are the same." in found.summary


def test_verify_names_each_number_and_what_else_differs(request_, company, tmp_path):
    request = replace(request_, parameters={"horizon": "9"})
    folder = reports.report(request).folder
    record = json.loads((folder / "record.json").read_text())
    assert record["asked"]["parameters"] == {"horizon": "9"}
    rows = (company / "customers.csv").read_text().replace("2026-10-20", "")
    (company / "customers.csv").write_text(rows)
    record["versions"]["pandas"] = "1.0"
    (folder / "record.json").write_text(json.dumps(record))
    before = files(folder)
    found = reports.verify(folder, company=company, notebooks=request.notebooks)
    wrong = found.table[found.table["same"] == 0]
    assert set(wrong["key"]) == {"left"} and "value" in set(wrong["what"])
    assert any("the data of customers (40 rows then, 40" in d for d in found.differs)
    assert any(d.startswith("pandas 1.0 became") for d in found.differs)
    assert files(folder) == before


def test_verify_repeats_a_report_after_the_records_have_grown(request_, company):
    folder = reports.report(request_).folder
    toml = company / "workbook.toml"
    toml.write_text(toml.read_text().replace("2026-10-31", "2026-11-30"))
    with (company / "customers.csv").open("a") as file:
        file.write("777,2026-11-02,2026-11-20,new\n")
    found = reports.verify(folder, company=company, notebooks=request_.notebooks)
    assert found.same and "customers" in found.differs[0]


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_verify_refuses_what_is_no_report(tmp_path, content):
    if content:
        (tmp_path / "record.json").write_text(content)
    with pytest.raises(reports.ReportError, match="no record of a report"):
        reports.verify(tmp_path)


def test_each_value_has_a_report_and_the_index_names_them(request_, tmp_path):
    made = list(reports.each(request_, "plan"))
    assert [r.value for r in made] == ["basic", "x"]
    assert [r.result.record["studies"]["tenure"]["answers"][0]["n"] for r in made] == [
        20,
        20,
    ]
    values = [numbers(r.result.record)[0][1] for r in made]
    assert values == [0.0, 0.5]
    index = (home(tmp_path) / "by-plan" / "index.html").read_text()
    assert 'href="basic/2026-10/index.html"' in index
    assert "One report for each plan" in index and str(tmp_path) not in index
    assert made[1].result.record["company"]["name"] == "Acme & Sons, x"


def test_a_segment_that_cannot_be_reported_does_not_end_the_others(
    request_, company, tmp_path
):
    with (company / "customers.csv").open("a") as file:
        file.write("800,2024-01-01,,rare\n")
        file.write("".join(f"81{i},2024-01-01,,../../up\n" for i in range(6)))
        file.write("".join(f"82{i},2024-01-01,,\n" for i in range(6)))
    made = {run.value: run for run in reports.each(request_, "plan")}
    assert "fewer than 5 customers" in made["rare"].reason
    assert made["not recorded"].result.exit_code == 0
    folder = made["../../up"].result.folder
    assert folder.resolve().is_relative_to(home(tmp_path).resolve() / "by-plan")
    assert made["basic"].result and made["x"].result


def test_a_segments_failure_is_told_on_the_index(request_, tmp_path):
    notebooks_of(tmp_path / "notebooks", **{STEM: "fails"})
    made = list(reports.each(request_, "plan"))
    assert [r.result.exit_code for r in made] == [1, 1]
    assert "FAIL" in (home(tmp_path) / "by-plan" / "index.html").read_text()


@pytest.mark.parametrize(
    ("column", "says"), [("colour", "no such"), ("customer_id", "60")]
)
def test_columns_that_divide_nothing_are_refused(request_, company, column, says):
    with (company / "customers.csv").open("a") as file:
        file.write("".join(f"9{i:02d},2024-01-01,,x\n" for i in range(30)))
    with pytest.raises(reports.ReportError, match=says):
        list(reports.each(request_, column))


def test_settings_survive_their_way_into_a_segment(tmp_path):
    hostile = 'a "quoted" \\ name\n[company]'
    text = segments._section("company", {"name": hostile, "n": 1.5, "on": True})
    import tomllib

    day = dt.date(2026, 10, 31)
    more = segments._section("scales", {"a b": (1, 5), "d": {"x": ["y"]}, "day": day})
    found = tomllib.loads(f"{text}\n{more}")
    assert found["company"] == {"name": hostile, "n": 1.5, "on": True}
    assert found["scales"] == {"a b": [1, 5], "d": {"x": ["y"]}, "day": day}


def test_reports_lie_where_memory_finds_them(request_, tmp_path):
    reports.report(request_)
    list(reports.each(request_, "plan"))
    assert list(memory.records(home(tmp_path))) == ["2026-10"]
    with folders.locked(home(tmp_path)):
        assert run(request_.company, tmp_path / "else", "short").exit_code == 0
