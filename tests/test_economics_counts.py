"""Money, stock, leads and costs counted in the engine, against counting by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from retention import counts, economics
from retention.company import open_company

FIRST, LAST = dt.date(2023, 1, 1), dt.date(2025, 6, 30)


def people(n=300, seed=3):
    rng = np.random.default_rng(seed)
    joined = pd.to_datetime(FIRST) + pd.to_timedelta(rng.integers(-300, 800, n), "D")
    left = joined + pd.to_timedelta(rng.exponential(500, n).astype(int) + 1, "D")
    table = pd.DataFrame(
        {
            "customer_id": [f"c{i:04d}" for i in range(n)],
            "joined_on": joined,
            "left_on": left.where(left <= pd.to_datetime(LAST)),
            "plan": np.where(rng.random(n) < 0.3, "plus", "basic"),
        }
    )
    table.loc[::17, "plan"] = None
    return table


def monthly(customers, seed=4):
    rng = np.random.default_rng(seed)
    rows = []
    for row in customers.itertuples():
        end = row.left_on if row.left_on == row.left_on else pd.Timestamp(LAST)
        months = pd.period_range(row.joined_on, end, freq="M")
        months = [m for m in months if m >= pd.Period("2023-01")]
        rows += [(row.customer_id, m.start_time, rng.uniform(5, 15)) for m in months]
    table = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    return table.assign(margin=0.4 * table["revenue"])


def company(**tables):
    settings = {
        "company": {"name": "Try", "observed_from": FIRST, "observed_to": LAST},
    }
    return open_company(tables, settings=settings | tables.pop("settings", {}))


@pytest.fixture(scope="module")
def firm():
    customers = people()
    return company(customers=customers, activity=monthly(customers))


def test_at_risk_and_events_are_those_of_the_tenure_table(firm):
    paid = counts.payments(firm)
    risk = counts.periods(counts.tenure(firm))
    pd.testing.assert_frame_equal(paid[["period", "at_risk", "events"]], risk)
    assert paid["n"].sum() == counts.tenure(firm)["n"].sum()


def test_groups_and_buckets_add_up(firm):
    whole = counts.payments(firm)
    split = counts.payments(firm, by=["plan"], bucket=True)
    assert set(split["plan"]) == {"basic", "plus", "not stated"}
    added = split.groupby("period", as_index=False)[
        ["at_risk", "events", "n", "revenue", "margin"]
    ].sum()
    pd.testing.assert_frame_equal(added, whole, check_like=True)


def test_money_falls_in_the_period_of_tenure_it_was_paid_in():
    customers = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "joined_on": [dt.date(2025, 1, 20), dt.date(2025, 1, 1)],
            "left_on": [None, dt.date(2025, 3, 5)],
        }
    )
    orders = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "b"],
            "ordered_on": [
                "2025-01-19",
                "2025-01-20",
                "2025-02-20",
                *["2025-03-04"] * 2,
            ],
            "amount": [99.0, 1.0, 10.0, 100.0, 1_000.0],
        }
    )
    firm = company(customers=customers, orders=orders)
    paid = counts.payments(firm).set_index("period")["revenue"]
    # The order of the day before joining counts for nobody.
    assert paid.tolist() == [1.0, 10.0, 1_100.0, 0.0, 0.0][: len(paid)]
    flow = counts.money_flow(firm).set_index("step")["revenue"]
    assert flow["outside the whole periods observed"] == 99
    assert flow.iloc[0] == flow.iloc[1:].sum()


def test_money_is_right_on_average_whatever_the_day_of_joining():
    rng = np.random.default_rng(8)
    joined = pd.Timestamp("2023-01-01") + pd.to_timedelta(
        rng.integers(0, 365, 900), "D"
    )
    customers = pd.DataFrame(
        {
            "customer_id": [f"{i}" for i in range(900)],
            "joined_on": joined,
            "left_on": pd.NaT,
        }
    )
    rows = [
        (cid, m.start_time, 30.0 * share)
        for cid, day in zip(customers["customer_id"], joined, strict=True)
        for m in pd.period_range(day, LAST, freq="M")
        for share in [
            1 - (day.day - 1) / m.days_in_month if m == day.to_period("M") else 1
        ]
    ]
    activity = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    paid = counts.payments(company(customers=customers, activity=activity))
    assert paid["revenue"].sum() / paid["at_risk"].sum() == pytest.approx(30, rel=0.02)


def test_what_money_stands_for():
    customers = people(30)
    activity = monthly(customers)
    bare = activity.drop(columns="margin")
    assert counts.money_source(company(customers=customers, activity=bare)).word == (
        "revenue"
    )
    assumed = open_company(
        {"customers": customers, "activity": bare},
        settings={
            "company": {"observed_from": FIRST, "observed_to": LAST},
            "economics": {"margin_rate": 0.25},
        },
    )
    paid = counts.payments(assumed)
    assert paid["margin"].sum() == pytest.approx(0.25 * paid["revenue"].sum())
    assert "25%" in counts.money_source(assumed).sentence
    holes = activity.assign(margin=activity["margin"].where(activity.index % 3 > 0))
    paid = counts.payments(company(customers=customers, activity=holes))
    assert paid["margin"].sum() == pytest.approx(0.4 * paid["revenue"].sum())
    with pytest.raises(ValueError, match="neither activity nor orders"):
        counts.money_source(company(customers=customers))


def test_customers_seen_on_both_sides_of_a_period(firm):
    both = counts.payments(firm, across=6)
    tenure = counts.tenure(firm)
    chosen = tenure[(tenure["entry"] < 6) & (tenure["duration"] > 6)]
    assert both["n"].sum() == chosen["n"].sum()


def test_a_window_limits_money_and_people(firm):
    early = counts.payments(firm, window=("2023-01", "2023-12"))
    tenure = counts.tenure(firm, window=("2023-01", "2023-12"))
    assert early["n"].sum() == tenure["n"].sum()


def present(customers, day):
    day = pd.Timestamp(day)
    later = customers["left_on"].isna() | (customers["left_on"] > day)
    return customers[(customers["joined_on"] <= day) & later]


def test_stock_by_hand(firm):
    customers = people()
    on = dt.date(2025, 3, 31)
    history = counts.stock_history(firm, on, steps=[-1, 0, 1])
    for row in history.itertuples():
        assert row.customers == len(present(customers, row.day))
    joined = customers["joined_on"].between("2025-03-01", "2025-03-31")
    assert history["joined"].iloc[1] == joined.sum()
    assert (
        history["customers"].iloc[1]
        == history["customers"].iloc[0]
        + history["joined"].iloc[1]
        - history["left"].iloc[1]
    )
    ages = counts.stock_ages(firm, on, by=["plan"])
    assert ages["n"].sum() == len(present(customers, on))
    here = present(customers, on)["joined_on"]
    months = 12 * (2025 - here.dt.year) + 4 - here.dt.month - (here.dt.day > 1)
    assert (ages["age"] * ages["n"]).sum() == months.sum()


def test_nothing_later_is_known_to_a_forecast(firm):
    on = dt.date(2024, 6, 30)
    then = open_company(
        {"customers": people(), "activity": monthly(people())},
        settings={"company": {"observed_from": FIRST, "observed_to": LAST}},
        as_of="2024-06",
    )
    for by in ([], ["plan"]):
        now = counts.recent_tenure(firm, on, months=12, by=by)
        past = counts.recent_tenure(then, on, months=12, by=by)
        pd.testing.assert_frame_equal(now, past)
        pd.testing.assert_frame_equal(
            counts.stock_ages(firm, on, by=by), counts.stock_ages(then, on, by=by)
        )


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter", "year"])
def test_an_outlook_in_every_unit(unit):
    customers = people(400)
    settings = {
        "company": {"observed_from": FIRST, "observed_to": LAST, "time_unit": unit}
    }
    firm = open_company(
        {"customers": customers, "activity": monthly(customers)}, settings=settings
    )
    ahead = economics.outlook(firm, horizon=3)
    assert len(ahead.forecast) == 3
    assert (ahead.forecast["lower"] <= ahead.forecast["upper"]).all()
    assert ahead.history["customers"].iloc[-1] == len(present(customers, ahead.on))
    terms = economics.company_terms(firm, counts.money_source(firm))
    found = economics.worth(counts.payments(firm, bucket=True), terms)
    assert found.new.lower < found.new.value < found.new.upper


def test_leads_by_hand():
    leads = pd.DataFrame(
        {
            "lead_id": list("abcde"),
            "opened_on": [
                "2025-01-01",
                "2025-01-15",
                "2025-05-01",
                "2022-12-01",
                "2025-06-20",
            ],
            "closed_on": ["2025-01-31", "2025-03-20", None, "2025-01-05", None],
            "outcome": ["won", "abandoned", "open", "won", "open"],
            "source": ["x", None, "x", "x", "x"],
            "cost": [1.0, 2.0, 4.0, 8.0, 16.0],
        }
    )
    firm = company(customers=people(20), activity=monthly(people(20)), leads=leads)
    found = counts.lead_outcomes(firm, by=["source"])
    told = found[["source", "duration", "event", "cause", "cost"]].values.tolist()
    assert told == [
        ["not stated", 3, 1, "abandoned", 2.0],
        ["x", 0, 0, "", 16.0],
        ["x", 1, 1, "won", 1.0],
        ["x", 2, 0, "", 4.0],
    ]
    with pytest.raises(ValueError, match="colour"):
        counts.lead_outcomes(firm, by=["colour"])


def test_costs_and_months(firm):
    assert counts.cost_book(firm).empty
    assert counts.experiment_arms(firm).empty
    months = counts.customer_months(firm).set_index("month")
    customers = people()
    march = pd.Timestamp("2024-03-01")
    left = customers["left_on"].isna() | (customers["left_on"] >= march)
    here = (customers["joined_on"] < "2024-04-01") & left
    assert months.loc[march, "here"] == here.sum()


def test_a_part_of_lakeshore_is_what_pandas_makes_of_it():
    shipped = open_company("data/lakeshore")
    chosen = shipped.population("leaky_bucket").collect("pandas").to_pandas()
    chosen = chosen[chosen["customer_id"].str[-1] == "7"].drop(
        columns="spell", errors="ignore"
    )
    activity = shipped.table("activity").collect("pandas").to_pandas()
    activity = activity[activity["customer_id"].isin(set(chosen["customer_id"]))]
    keep = ["customer_id", "joined_on", "left_on", "segment"]
    window = {
        "observed_from": shipped.observed_from,
        "observed_to": LAST.replace(year=2026, month=10, day=31),
    }
    firm = open_company(
        {"customers": chosen[keep], "activity": activity}, settings={"company": window}
    )
    paid = counts.payments(firm)
    month = pd.to_datetime(activity["month"])
    joined = pd.to_datetime(chosen.set_index("customer_id")["joined_on"])
    began = activity["customer_id"].map(joined)
    period = 12 * (month.dt.year - began.dt.year) + month.dt.month - began.dt.month + 1
    by_hand = activity.groupby(period)["margin"].sum()
    assert paid.set_index("period")["margin"].to_numpy() == pytest.approx(
        by_hand.to_numpy()
    )
    assert paid["at_risk"].tolist() == activity.groupby(period).size().tolist()
