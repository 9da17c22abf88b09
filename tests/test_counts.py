"""Counting: against the day arithmetic of Python, and against itself rearranged."""

import datetime as dt
from types import SimpleNamespace
from typing import ClassVar

import duckdb
import narwhals as nw
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention import counts
from retention.counts.calendar import completed, completed_between

UNITS = ["day", "week", "month", "quarter", "year"]
FIRST, LAST = dt.date(2017, 3, 15), dt.date(2022, 10, 31)


class Company:
    """As much of a company as counting asks for, over one frame of customers."""

    name = "Corner shop"
    observed_from, tenure_to = FIRST, LAST
    tenure_form = "dates"

    def __init__(self, customers, unit="month", form="dates"):
        self.customers, self.time_unit, self.tenure_form = customers, unit, form

    def population(self, study):
        return nw.from_native(self.customers).lazy()

    def table(self, name):
        return nw.from_native(self.customers).lazy()


days = st.dates(dt.date(2014, 1, 1), dt.date(2023, 6, 30))
customers = st.lists(
    st.tuples(
        days,
        st.none() | st.integers(0, 2500),
        st.sampled_from(["basic", "plus", None]),
        st.sampled_from(["voluntary", "involuntary", None]),
    ),
    min_size=1,
    max_size=40,
)


def frame(rows) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"{i:04d}" for i in range(len(rows))],
            "joined_on": [joined for joined, *_ in rows],
            "left_on": [
                None if stay is None else joined + dt.timedelta(days=stay)
                for joined, stay, *_ in rows
            ],
            "plan": [plan for *_, plan, _ in rows],
            "leave_reason": [reason for *_, reason in rows],
        }
    )


def in_duckdb(table: pd.DataFrame):
    connection = duckdb.connect()
    connection.register("customers", table)
    return connection.sql(
        "SELECT customer_id, CAST(joined_on AS DATE) AS joined_on, "
        "CAST(left_on AS DATE) AS left_on, CAST(plan AS VARCHAR) AS plan, "
        "CAST(leave_reason AS VARCHAR) AS leave_reason FROM customers"
    )


def by_hand(table: pd.DataFrame, unit: str, first=FIRST, last=LAST) -> pd.DataFrame:
    """The definition, one customer at a time."""
    rows = []
    for row in table.itertuples():
        joined, left = row.joined_on, row.left_on
        left = None if pd.isna(left) else left
        if joined > last or (left is not None and left < first):
            continue
        before = first - dt.timedelta(days=1)
        entry = completed_between(joined, before, unit) + 1 if joined < first else 0
        event = left is not None and left <= last
        end = left if event else last + dt.timedelta(days=1)
        duration = completed_between(joined, end, unit) + event
        if duration > entry:
            plan = "not stated" if row.plan is None else row.plan
            rows.append((plan, entry, duration, int(event)))
    names = ["plan", "entry", "duration", "event"]
    cells = pd.DataFrame(rows, columns=names).groupby(names, as_index=False).size()
    return cells.rename(columns={"size": "n"})


@settings(max_examples=25, deadline=None)
@given(rows=customers, unit=st.sampled_from(UNITS))
def test_durations_follow_the_definition(rows, unit):
    table = frame(rows)
    counted = counts.tenure(Company(in_duckdb(table), unit), by=["plan"])
    pd.testing.assert_frame_equal(counted, by_hand(table, unit), check_dtype=False)


@settings(max_examples=40, deadline=None)
@given(start=days, more=st.integers(0, 4000), unit=st.sampled_from(UNITS))
def test_completed_periods_agree_between_engine_and_python(start, more, unit):
    end = start + dt.timedelta(days=more)
    dates = pd.DataFrame({"start": pd.to_datetime([start]), "end": [pd.Timestamp(end)]})
    got = nw.from_native(dates).select(
        periods=completed(nw.col("start"), nw.col("end"), unit)
    )
    assert got["periods"].to_list() == [completed_between(start, end, unit)]


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2024-01-31", "2024-02-29", 0),  # no 31 February: not complete before March
        ("2024-01-31", "2024-03-01", 1),
        ("2024-01-01", "2024-02-01", 1),
        ("2023-11-30", "2024-11-30", 12),
    ],
)
def test_ends_of_months(start, end, months):
    start, end = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    assert completed_between(start, end, "month") == months


@settings(max_examples=15, deadline=None)
@given(rows=customers, cut=st.integers(0, 40))
def test_a_company_split_in_two_adds_up(rows, cut):
    table = frame(rows)
    parts = [table[:cut], table[cut:]]
    counted = [
        counts.tenure(Company(in_duckdb(p)), by=["plan"], cause=True)
        for p in parts
        if len(p)
    ]
    keys = ["plan", "entry", "duration", "event", "cause"]
    added = pd.concat(counted).groupby(keys, as_index=False)["n"].sum()
    whole = counts.tenure(Company(in_duckdb(table)), by=["plan"], cause=True)
    pd.testing.assert_frame_equal(added, whole[[*keys, "n"]])


@settings(max_examples=15, deadline=None)
@given(rows=customers)
def test_flow_adds_up_to_the_table(rows):
    table = frame(rows)
    company = Company(in_duckdb(table))
    flow = counts.tenure_flow(company).set_index("step")["customers"]
    assert flow["in the population"] == len(table)
    assert flow["used"] == counts.tenure(company)["n"].sum()


def test_order_and_buckets_do_not_depend_on_the_engine():
    table = frame(
        [(dt.date(2016, 5, d), d * 90, None, "voluntary") for d in range(1, 29)]
    )
    shuffled = table.sample(frac=1, random_state=1)
    dates = ["joined_on", "left_on"]
    in_pandas = table.assign(**{c: pd.to_datetime(table[c]) for c in dates})
    asked = {"by": ["plan"], "cause": True, "bucket": True}
    first = counts.tenure(Company(in_duckdb(table)), **asked)
    pd.testing.assert_frame_equal(
        first, counts.tenure(Company(in_duckdb(shuffled)), **asked)
    )
    pd.testing.assert_frame_equal(first, counts.tenure(Company(in_pandas), **asked))
    assert first["bucket"].str.fullmatch("[0-9a-f]{2}").all()


def test_a_window_hides_what_came_after_it():
    rows = [(dt.date(2019, 1, 1), 900, "basic", "voluntary")]
    company = Company(in_duckdb(frame(rows)))
    seen = counts.tenure(company, window=("2018-01", "2019-12"))
    assert seen[["entry", "duration", "event"]].values.tolist() == [[0, 12, 0]]
    later = counts.tenure(company, window=("2018-01", "2022-10"))
    assert later[["entry", "duration", "event"]].values.tolist() == [[0, 30, 1]]


def test_a_window_that_makes_no_sense_is_refused():
    company = Company(in_duckdb(frame([(dt.date(2019, 1, 1), None, None, None)])))
    with pytest.raises(ValueError, match="ends before it starts"):
        counts.tenure(company, window=("2019-12", "2018-01"))
    with pytest.raises(ValueError, match="write it as 2026-10"):
        counts.tenure(company, window=("12/2018", "2019-12"))


def test_an_unknown_stratum_is_refused_with_those_there_are():
    company = Company(in_duckdb(frame([(dt.date(2019, 1, 1), None, None, None)])))
    with pytest.raises(ValueError, match=r"No column named colour.*leave_reason, plan"):
        counts.tenure(company, by=["colour"])


def test_durations_instead_of_dates():
    table = pd.DataFrame(
        {"customer_id": list("abcd"), "tenure": [0, 3, 3, 9], "left": [0, 1, 0, 1]}
    )
    company = Company(table, form="tenure")
    counted = counts.tenure(company)
    assert counted[["duration", "event", "n"]].values.tolist() == [
        [3, 0, 1],
        [3, 1, 1],
        [9, 1, 1],
    ]
    with pytest.raises(ValueError, match="brings durations"):
        counts.tenure(company, window=("2018-01", "2019-12"))


def test_a_count_table_brought_from_elsewhere():
    cells = pd.DataFrame(
        {
            "entry": [0, 2, 0],
            "duration": [4, 2, 4],
            "event": [1, 1, 1],
            "plan": ["a", "a", "b"],
            "n": [10, 5, 1],
        }
    )
    company = Company(cells, form="counts")
    assert counts.tenure(company)[["duration", "n"]].values.tolist() == [[4, 11]]
    flow = counts.tenure_flow(company).set_index("step")["customers"]
    assert flow.tolist() == [16, 5, 11]


@settings(max_examples=25, deadline=None)
@given(rows=customers)
def test_risk_sets_count_who_is_there(rows):
    cells = by_hand(frame(rows), "quarter")
    table = counts.periods(cells)
    for row in table.itertuples():
        there = cells[
            (cells["plan"] == row.plan)
            & (cells["entry"] < row.period)
            & (cells["duration"] >= row.period)
        ]
        lost = there[(there["duration"] == row.period) & (there["event"] == 1)]
        assert (row.at_risk, row.events) == (there["n"].sum(), lost["n"].sum())
    assert table["events"].sum() == cells.query("event == 1")["n"].sum()


def test_cohorts_seen_from_joining_only():
    rows = [
        (dt.date(2016, 1, 1), None, None, None),  # joined before records began
        (dt.date(2020, 1, 1), 45, None, None),
        (dt.date(2020, 2, 1), None, None, None),
    ]
    triangle = counts.cohort_triangle(Company(in_duckdb(frame(rows))))
    assert triangle["cohort"].unique().tolist() == ["2020-Q1"]
    second = triangle.query("period == 2").iloc[0]
    assert (second["at_risk"], second["events"], second["kept"]) == (2, 1, 0.5)
    months = counts.cohort_triangle(Company(in_duckdb(frame(rows))), cohort="month")
    assert months["cohort"].unique().tolist() == ["2020-01", "2020-02"]


def test_a_landmark_knows_nothing_of_later():
    rows = [
        (dt.date(2019, 1, 1), 100, "basic", None),  # gone before the landmark
        (dt.date(2019, 1, 1), 366, "basic", None),  # leaves on the second day after
        (dt.date(2019, 1, 1), 700, "plus", None),  # leaves beyond the horizon
        (dt.date(2020, 6, 1), None, "plus", None),  # not there yet
    ]
    followed = counts.landmark(
        Company(in_duckdb(frame(rows))),
        on=[dt.date(2019, 12, 31)],
        horizon=6,
        by=["plan"],
    )
    assert followed[["plan", "duration", "event", "n"]].values.tolist() == [
        ["basic", 1, 1, 1],
        ["plus", 6, 0, 1],
    ]
    with pytest.raises(ValueError, match="outside the observation window"):
        counts.landmark(
            Company(in_duckdb(frame(rows))), on=[dt.date(2030, 1, 1)], horizon=6
        )


class Described(Company):
    """A company whose customers have attributes, as workbook.toml would say."""

    class settings:
        drivers: ClassVar[dict] = {}
        population: ClassVar[dict] = {"tenure": {"plan": ["basic", "plus"]}}

    label = "SIMULATED"


def described(n=400) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": [f"{i:04d}" for i in range(n)],
            "joined_on": pd.to_datetime(["2018-01-01", "2019-06-01"] * (n // 2)),
            "left_on": pd.to_datetime(
                ["2020-02-15", None, "2021-05-20", None] * (n // 4)
            ),
            "plan": ["basic", "plus", None, "basic"] * (n // 4),
            "rare": ["x"] + ["y"] * (n - 1),
            "spend": [float(i % 37) for i in range(n)],
            "told_us": ["friend", "ad"] * (n // 2),
        }
    )


def test_columns_worth_comparing():
    company = Described(described())
    assert counts.comparable(company) == ["plan"]
    assert counts.widths(company) == {"spend": 5.0}
    assert counts.split(company, "") == (["plan"], {"spend": 5.0})
    assert counts.split(company, "spend") == ([], {"spend": 5.0})
    with pytest.raises(ValueError, match=r"by told_us: .* offers plan, spend"):
        counts.split(company, "plan told_us")


def test_listed_drivers_come_first_and_only_as_far_as_they_fit():
    company = Described(described())
    company.settings = SimpleNamespace(drivers={"tenure": ["rare", "spend", "plan"]})
    assert counts.split(company, "") == (["plan"], {"spend": 5.0})


def test_customers_without_attributes_offer_nothing():
    bare = described()[["customer_id", "joined_on", "left_on"]]
    assert counts.split(Described(bare), "") == ([], {})


def test_rounding_strata_keeps_every_customer():
    company = Described(described())
    rounded = counts.tenure(company, by=["plan"], widths={"spend": 5.0})
    assert rounded["n"].sum() == counts.tenure(company)["n"].sum() == 400
    assert set(rounded["spend"] % 5) == {0.0}
    assert set(rounded["plan"]) == {"basic", "plus", "not stated"}


def test_one_reason_at_a_time():
    table = described().assign(leave_reason=["price", None, "moved", None] * 100)
    company = Described(table)
    every = counts.tenure(company)
    price = counts.tenure(company, reason="price")
    assert every["n"].sum() == price["n"].sum()
    assert price.query("event == 1")["n"].sum() == 100
    assert every.query("event == 1")["n"].sum() == 200


def test_sums_for_cox_are_those_of_the_counts():
    company = Described(described())
    sums = counts.tenure_sums(company, ["plan"], ["spend"])
    assert sums.n == 400
    cells = counts.tenure(company, by=["plan"]).rename(columns={"plan": "name"})
    brought = Company(cells, form="counts")
    expanded = counts.tenure_sums(brought, ["name"])
    assert expanded.n == 400


def test_what_a_study_is_about_in_a_sentence():
    said = counts.about(Described(described()))
    assert said == (
        "Corner shop (SIMULATED): customers with plan basic or plus, observed from "
        "2017-03-15 to 2022-10-31. Time is counted in whole months."
    )


def test_halves_of_a_window_meet_in_the_middle():
    tables = counts.halves(Described(described()), ("2018-01", "2020-12"))
    assert list(tables) == ["only 2018-01 to 2019-06", "only 2019-07 to 2020-12"]
    assert counts.halves(Described(described()), ("2020-01", "2020-06")) == {}
    assert counts.halves(Described(described(), form="tenure")) == {}


def test_an_open_window_takes_the_company_own_ends():
    company = Described(described())
    assert counts.window(company) is None
    assert counts.window(company, "2019-01") == ("2019-01", "2022-10")
    assert counts.window(company, last="2021-06") == ("2017-03", "2021-06")
    company.observed_from = None
    with pytest.raises(ValueError, match="needs a first month"):
        counts.window(company, last="2021-06")


def test_cut_follow_up_is_what_was_known_then():
    table = described()
    early = counts.censored_at(counts.tenure(Described(table)), 24)
    assert early["duration"].max() == 24
    assert early["n"].sum() == 400
    later = counts.tenure(Described(table)).query("duration > 24 and event == 1")
    gone = (
        counts.tenure(Described(table))["event"] * counts.tenure(Described(table))["n"]
    )
    assert (early["event"] * early["n"]).sum() == gone.sum() - later["n"].sum()
