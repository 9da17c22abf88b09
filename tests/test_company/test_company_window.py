"""The day of a report: nothing that was dated later may enter."""

import datetime as dt

import duckdb
import pytest

from retention.company import CompanyError, check_report, last_day, open_company

CUSTOMERS = (
    "customer_id,joined_on,left_on,leave_reason\n"
    "1,2025-01-10,2025-05-20,voluntary\n"
    "2,2025-02-10,2025-09-20,voluntary\n"
    "3,2025-08-10,,\n"
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-10", dt.date(2026, 10, 31)),
        ("2024-02", dt.date(2024, 2, 29)),
        ("2026-Q3", dt.date(2026, 9, 30)),
        ("2026", dt.date(2026, 12, 31)),
        ("2026-10-15", dt.date(2026, 10, 15)),
    ],
)
def test_a_period_ends_on_its_last_day(text, day):
    assert last_day(text) == day


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "May", "26-10", "2026-02-30"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(CompanyError, match="2026-Q3"):
        last_day(text)


def rows(company, table):
    found = company.table(table).collect("pandas").to_native()
    return found.astype(object).where(found.notna(), None)


def test_customers_of_the_future_are_unknown_and_leavers_still_here(company):
    found = company(customers=CUSTOMERS, as_of="2025-06")
    assert found.observed_to == dt.date(2025, 6, 30)
    assert found.period == "2025-06"
    customers = rows(found, "customers")
    assert customers["customer_id"].tolist() == ["1", "2"]
    assert customers["left_on"].map(bool).tolist() == [True, False]
    assert customers["leave_reason"].tolist() == ["voluntary", None]
    quality = found.quality().iloc[0]
    assert quality[["read", "used", "quarantined", "not_yet"]].tolist() == [3, 2, 0, 1]
    assert quality["share_still_here"] == 0.5
    assert "3 rows read, 2 used, 1 dated later" in check_report(found)


def test_rows_dated_later_are_left_out_of_every_table(company):
    found = company(
        customers=CUSTOMERS,
        as_of="2025-06-15",
        activity="customer_id,month,revenue\n1,2025-05,1\n1,2025-06,2\n3,2025-08,3\n",
        orders="customer_id,ordered_on,amount\n"
        "1,2025-06-15 23:59:59,1\n1,2025-06-16 00:00:00,2\n",
        contacts="customer_id,occurred_on,channel\n3,2025-06-01,phone\n",
        memberships="customer_id,enrolled_on,ended_on,tier\n"
        "1,2025-03-01,2025-07-01,gold\n2,2025-07-01,,gold\n",
        leads="lead_id,opened_on,closed_on,outcome\n"
        "a,2025-05-01,2025-05-20,won\nb,2025-06-01,2025-07-01,won\n",
    )
    # The month of the day is not over, so its total would hold later days.
    assert rows(found, "activity")["revenue"].tolist() == [1.0]
    assert rows(found, "orders")["amount"].tolist() == [1.0]
    # A contact with someone who is not a customer yet.
    assert rows(found, "contacts").empty
    assert found.checked("contacts").bin.skipped == 1
    members = rows(found, "memberships")
    assert members["ended_on"].tolist() == [None, None]
    assert members["enrolled_on"].map(bool).tolist() == [True, False]
    assert members["tier"].tolist() == ["gold", None]
    assert rows(found, "leads")["outcome"].tolist() == ["won", "open"]
    assert found.quarantined().empty


def test_before_the_programme_there_are_no_memberships(company):
    found = company(
        '[loyalty]\nlaunched_on = "2025-07-01"\n',
        as_of="2025-06",
        memberships="customer_id,enrolled_on,holdout\n001,,1\n",
    )
    assert rows(found, "memberships").empty


def test_the_look_back_sees_what_a_report_of_that_day_saw(company):
    known = CUSTOMERS.replace("3,2025-08-10,,\n", "")
    known = known.replace("2025-09-20,voluntary", ",")
    then = rows(company(customers=known), "customers")
    now = rows(company(customers=CUSTOMERS, as_of="2025-06"), "customers")
    assert then.equals(now)


def test_a_bad_row_of_the_future_is_not_bad_yet(company):
    text = CUSTOMERS + "4,2025-08-01,2025-07-01,voluntary\n"
    found = company(customers=text, as_of="2025-06")
    found.table("customers")
    assert found.checked("customers").bin.total == 0
    assert found.checked("customers").bin.skipped == 2


def test_a_day_after_the_records_is_refused(company):
    with pytest.raises(CompanyError, match=r"end on 2025-12-31, before 2026-01-31"):
        company(as_of="2026-01")


def test_a_day_before_the_records_is_refused(tmp_path, company):
    settings = {"company": {"observed_from": "2025-01-01"}}
    company()
    with pytest.raises(CompanyError, match="begin on 2025-01-01, after 2024-12-31"):
        open_company(tmp_path, as_of="2024", settings=settings)


def test_durations_have_no_days(company):
    with pytest.raises(CompanyError, match="brings durations, not dates"):
        company(customers="customer_id,tenure,left\n1,3,1\n", as_of="2025-06")


def test_the_cut_runs_in_the_users_own_engine():
    relation = duckdb.connect().sql(
        "SELECT * FROM (VALUES ('1', DATE '2025-01-10', DATE '2025-05-20'), "
        "('2', DATE '2025-02-10', DATE '2025-09-20'), ('3', DATE '2025-08-10', NULL)) "
        "t(customer_id, joined_on, left_on)"
    )
    found = open_company({"customers": relation}, as_of="2025-06")
    customers = rows(found, "customers").sort_values("customer_id")
    assert customers["customer_id"].tolist() == ["1", "2"]
    assert customers["left_on"].map(bool).tolist() == [True, False]


def test_written_quarantine_is_safe_in_a_spreadsheet(company, tmp_path):
    found = company(
        customers="customer_id,joined_on\n1,=1+1\n2,+2\n3,-3\n4,@x\n5,2025-01-01\n"
    )
    found.table("customers")
    path = found.write_quarantine(tmp_path / "out" / "quarantine.csv")
    written = path.read_text(encoding="utf-8").splitlines()
    assert written[0] == "table,file,line,column,value,rule"
    assert written[1] == "customers,customers.csv,2,joined_on,'=1+1,unreadable_date"
    assert [line.split(",")[4] for line in written[1:]] == [
        "'=1+1",
        "'+2",
        "'-3",
        "'@x",
    ]
    counts = (tmp_path / "out" / "quarantine_counts.csv").read_text(encoding="utf-8")
    assert "customers,customers.csv,unreadable_date,joined_on,4," in counts


def test_the_report_names_every_table_and_study(company):
    found = company(
        activity="customer_id,month,revenue\n001,2025-02,1\n009,2025-02,1\n",
    )
    text = check_report(found, quarantine="reports/quarantine.csv")
    assert "3 rows read, 3 used" in text
    assert "2 rows read, 1 used, 1 set aside" in text
    assert "66.7% still here" in text
    assert "2025-01-10 to 2025-03-10" in text
    assert "activity.csv, line 3: customer_id '009'" in text
    assert "02_customer_tenure: can run" in text
    assert (
        "05_loyalty_roi: cannot run; missing: a table memberships (enrolled_on)" in text
    )
    assert text.endswith("Rows set aside: 1, listed in reports/quarantine.csv\n")


def test_what_a_study_lacks_is_named_with_its_alternatives(company):
    found = company(customers="customer_id,joined_on\n1,2025-01-01\n")
    reason = found.runnable().set_index("study").loc["tenure", "reason"]
    assert reason == (
        "missing: customers.left_on, or customers.tenure and customers.left, or a "
        "table tenure_counts (duration, event, n)"
    )
