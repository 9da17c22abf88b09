"""Sums of closed months are kept, and a run with them equals a full one."""

import datetime as dt

import pandas as pd
import pytest

from retention import counts
from retention.company import open_company
from retention.simulate import write_company


@pytest.fixture
def home(tmp_path):
    """A company whose activity comes as a file a month, the last not there yet."""
    folder = tmp_path / "company"
    folder.mkdir()
    write_company(folder, seed=3, scale=0.01)
    whole = pd.read_parquet(folder / "activity.parquet")
    (folder / "activity.parquet").unlink()
    (folder / "activity").mkdir()
    for month, rows in whole[whole["month"] >= dt.date(2026, 7, 1)].groupby("month"):
        rows.to_parquet(folder / "activity" / f"{month:%Y-%m}.parquet")
    return folder


def asked(home, kept):
    return counts.monthly_sums(home, "activity", sums=["revenue", "margin"], kept=kept)


def newest(home):
    return sorted((home / "activity").glob("*.parquet"))[-1]


def test_a_monthly_run_reads_the_new_month_and_equals_a_full_run(home, tmp_path):
    last = newest(home)
    content = last.read_bytes()
    last.unlink()
    before = asked(home, tmp_path / "kept")
    last.write_bytes(content)
    monthly, full = asked(home, tmp_path / "kept"), asked(home, tmp_path / "other")
    assert before.kept == full.kept == ()
    assert monthly.read == (last.name,)
    assert len(monthly.kept) == len(full.read) - 1
    pd.testing.assert_frame_equal(monthly.table, full.table, rtol=1e-9)


def test_the_sums_are_those_of_the_table_as_a_whole(home, tmp_path):
    rows = open_company(home).table("activity").collect("pandas").to_native()
    wanted = rows.assign(month=pd.to_datetime(rows["month"])).groupby("month")
    found = asked(home, tmp_path / "kept").table.set_index("month")
    assert found["n"].tolist() == wanted.size().tolist()
    for name in ("revenue", "margin"):
        assert found[name].tolist() == pytest.approx(wanted[name].sum().tolist())


def test_a_closed_month_that_was_changed_is_read_again(home, tmp_path):
    asked(home, tmp_path / "kept")
    first = sorted((home / "activity").glob("*.parquet"))[0]
    pd.read_parquet(first).assign(revenue=1.0).to_parquet(first)
    again = asked(home, tmp_path / "kept")
    assert again.read == (first.name,)
    assert again.table["revenue"].iloc[0] == again.table["n"].iloc[0]


def test_another_question_or_reading_does_not_take_the_stored_sums(home, tmp_path):
    asked(home, tmp_path / "kept")
    other = counts.monthly_sums(home, "activity", kept=tmp_path / "kept")
    assert other.kept == ()
    toml = home / "workbook.toml"
    toml.write_text(
        toml.read_text("utf-8")
        + '\n[tables.activity]\nkey = ["customer_id", "month"]\n',
        encoding="utf-8",
    )
    assert asked(home, tmp_path / "kept").kept == ()


def test_a_month_with_rows_set_aside_is_counted_each_time(home, tmp_path):
    """The customer may be brought later, and the rows are then good."""
    last = newest(home)
    rows = pd.read_parquet(last)
    late = rows.head(1).assign(customer_id="not yet known")
    pd.concat([rows, late]).to_parquet(last)
    first, again = asked(home, tmp_path / "kept"), asked(home, tmp_path / "kept")
    assert again.read == (last.name,)
    customers = pd.read_parquet(home / "customers.parquet")
    known = customers.head(1).assign(customer_id="not yet known")
    known = known.assign(joined_on=customers["joined_on"].min(), left_on=None)
    pd.concat([customers, known]).to_parquet(home / "customers.parquet")
    then = asked(home, tmp_path / "kept")
    assert then.table["n"].iloc[-1] == first.table["n"].iloc[-1] + 1
    assert "files were read" in then.summary


def test_a_table_of_one_file_is_refused(home, tmp_path):
    with pytest.raises(ValueError, match="folder of Parquet files"):
        counts.monthly_sums(home, "customers", kept=tmp_path)
