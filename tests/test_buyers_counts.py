"""Purchases counted in the engine, against plain Python."""

import datetime as dt
import sys

import numpy as np
import pandas as pd
import pytest

from retention import counts
from retention.company import open_company

AS_OF = dt.date(2025, 6, 30)
SUMS = ["spend", "first_spend", "holdout", "holdout_spend", "returned"]
SETTINGS = {"company": {"name": "Corner shop", "observed_to": dt.date(2025, 12, 31)}}


def orders(n=60, *, seed=1, customers=12):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-11-03")
    minutes = rng.integers(0, 420 * 24 * 60, n)
    table = pd.DataFrame(
        {
            "customer_id": [f"C{k:03d}" for k in rng.integers(0, customers, n)],
            "ordered_on": start + pd.to_timedelta(minutes, unit="min"),
            "amount": rng.gamma(4, 10, n).round(2),
        }
    )
    table["margin"] = (table["amount"] * 0.3 - 2).round(2)
    # several orders of one day, a few minutes and some hours later
    again = table.sample(20, random_state=1)
    later = again["ordered_on"] + pd.to_timedelta(rng.integers(0, 600, 20), unit="min")
    return pd.concat([table, again.assign(ordered_on=later)], ignore_index=True)


def shop(table=None, **tables):
    frames = {"orders": orders() if table is None else table, **tables}
    return open_company(frames, settings=SETTINGS)


def by_hand(table, weeks, *, value="amount", hours=False):
    """One row a customer, straight from the orders."""
    cut = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)
    width = pd.Timedelta(hours=1) if hours else pd.Timedelta(days=1)
    table = table.assign(tick=(table["ordered_on"] - cut) // width)
    per_week = pd.Timedelta(days=7) / width
    rows = []
    for customer, own in table.groupby("customer_id"):
        money = own.groupby("tick")[value].sum()
        money = money[money.index < weeks * per_week]
        before, after = money[money.index < 0], money[money.index >= 0]
        if before.empty:
            continue
        first, last = before.index[0], before.index[-1]
        rows.append(
            {
                "customer_id": customer,
                "x": len(before) - 1,
                "t_x": (last - first) / per_week,
                "T": (-1 - first) / per_week,
                "spend": before.iloc[1:].sum(),
                "first_spend": before.iloc[0],
                "holdout": len(after),
                "holdout_spend": after.sum(),
                "returned": int(len(after) > 0),
            }
        )
    return pd.DataFrame(rows)


@pytest.mark.parametrize("grain", ["day", "hour"])
@pytest.mark.parametrize("value", ["amount", "margin"])
def test_rows_and_cells_are_those_counted_by_hand(grain, value):
    options = {"as_of": AS_OF, "holdout_weeks": 13, "grain": grain, "value": value}
    expected = by_hand(orders(), 13, value=value, hours=grain == "hour")
    rows = counts.purchase_rows(shop(), **options)
    pd.testing.assert_frame_equal(
        rows[list(expected)], expected, check_dtype=False, rtol=1e-9
    )
    cells = counts.purchases(shop(), **options)
    again = expected.assign(n=1).groupby(["x", "t_x", "T"], as_index=False)
    again = again[["n", *SUMS]].sum()
    pd.testing.assert_frame_equal(cells[list(again)], again, check_dtype=False)
    squares = (expected["holdout"] ** 2).sum()
    assert cells["holdout_squares"].sum() == squares
    weekly = counts.weekly_orders(shop(), **options)
    past, later = weekly["week"] <= 0, weekly["week"] > 0
    assert weekly.loc[past, "orders"].sum() == expected["x"].sum()
    assert weekly.loc[later, "orders"].sum() == expected["holdout"].sum()


def test_rows_tell_the_year_before_the_cut_off():
    rows = counts.purchase_rows(shop(), as_of=AS_OF, holdout_weeks=13)
    assert (rows["orders"] == rows["x"] + 1).all()
    assert rows["total_spend"].sum() == pytest.approx(rows["last_year_spend"].sum())
    assert rows["last_year_orders"].tolist() == rows["orders"].tolist()
    later = counts.purchase_rows(shop(), as_of="2025-12-15")
    assert later["last_year_spend"].sum() < later["total_spend"].sum()
    assert rows["bucket"].str.len().eq(2).all()
    assert rows["mean_amount"].isna().equals(rows["x"] == 0)


def test_whole_weeks_are_the_nearest():
    days = counts.purchases(shop(), as_of=AS_OF)
    weeks = counts.purchases(shop(), as_of=AS_OF, grain="week")
    assert weeks["n"].sum() == days["n"].sum()
    assert (weeks[["t_x", "T"]] % 1 == 0).all(axis=None)
    assert (weeks["t_x"] <= weeks["T"]).all()
    mean = np.average(days["T"], weights=days["n"])
    assert np.average(weeks["T"], weights=weeks["n"]) == pytest.approx(mean, abs=0.5)


def test_buckets_part_the_same_customers():
    whole = counts.purchases(shop(), as_of=AS_OF, holdout_weeks=13)
    parted = counts.purchases(shop(), as_of=AS_OF, holdout_weeks=13, bucket=True)
    again = parted.groupby(["x", "t_x", "T"], as_index=False).sum(numeric_only=True)
    pd.testing.assert_frame_equal(again[list(whole)], whole)


def test_order_values_are_the_means_of_repeats():
    rows = counts.purchase_rows(shop(), as_of=AS_OF)
    rows = rows[rows["x"] > 0]
    exact = counts.order_values(shop(), as_of=AS_OF, width=0)
    assert sorted(exact["mean_amount"]) == pytest.approx(sorted(rows["mean_amount"]))
    rounded = counts.order_values(shop(), as_of=AS_OF, width=0.2)
    assert rounded["n"].sum() == len(rows)
    total = (rounded["n"] * rounded["mean_amount"]).sum()
    assert total == pytest.approx(rows["mean_amount"].sum())


def test_customers_who_earn_nothing_have_no_order_value():
    table = orders()
    table["margin"] = np.where(table["customer_id"] == "C001", -1.0, table["margin"])
    company = shop(table)
    values = counts.order_values(company, as_of=AS_OF, value="margin", width=0)
    rows = counts.purchase_rows(company, as_of=AS_OF, value="margin")
    assert values["n"].sum() == ((rows["x"] > 0) & (rows["spend"] > 0)).sum()


def test_occasions_are_periods_with_an_order():
    table, weeks = orders(), 4
    found = counts.purchase_occasions(
        shop(), weeks=weeks, as_of=AS_OF, holdout_weeks=12
    )
    days = (table["ordered_on"].dt.normalize() - pd.Timestamp(AS_OF)).dt.days
    table["period"] = -(-days // (7 * weeks))
    table = table[table["period"] <= 3].drop_duplicates(["customer_id", "period"])
    first = table.groupby("customer_id")["period"].transform("min")
    table = table[first <= 0].assign(first=first)
    past = table[(table["period"] <= 0) & (table["period"] > table["first"])]
    assert (found["x"] * found["n"]).sum() == len(past)
    assert found["holdout"].sum() == (table["period"] > 0).sum()
    assert found["n"].sum() == table["customer_id"].nunique()
    assert ((found["x"] <= found["t_x"]) & (found["t_x"] <= found["T"])).all()


def test_a_cohort_begins_and_ends_with_its_days():
    rows = counts.purchase_rows(shop(), as_of=AS_OF)
    first = pd.Timestamp(AS_OF) - pd.to_timedelta(rows["T"] * 7, unit="D")
    begin, end = dt.date(2024, 12, 1), dt.date(2025, 1, 15)
    inside = first.dt.round("D").between(pd.Timestamp(begin), pd.Timestamp(end))
    for grain in ("day", "hour"):
        cells = counts.purchases(
            shop(), as_of=AS_OF, cohort=(begin, "2025-01-15"), grain=grain
        )
        assert cells["n"].sum() == inside.sum() > 0


def people(business):
    ids = sorted(orders()["customer_id"].unique())
    return pd.DataFrame(
        {
            "customer_id": ids,
            "joined_on": pd.Timestamp("2024-11-01"),
            "business": [business[i % len(business)] for i in range(len(ids))],
        }
    )


def test_where_chooses_customers():
    company = shop(customers=people(["shop", "wealth"]))
    everybody = counts.purchases(company, as_of=AS_OF)["n"].sum()
    parts = [
        counts.purchases(company, as_of=AS_OF, where={"business": [name]})["n"].sum()
        for name in ("shop", "wealth")
    ]
    assert sum(parts) == everybody and min(parts) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"as_of": "2025-12-01", "holdout_weeks": 10}, "do not end by 2025-12-31"),
        ({"as_of": "June"}, "'June' is not a day"),
        ({"as_of": "2019-01-01"}, "No customer had placed an order"),
        ({"grain": "month"}, "can be hour, day, week"),
        ({"value": "profit"}, "can be amount or margin"),
        ({"where": {"town": ["A"]}}, "No column named town"),
        ({"cohort": ("2025-09-01", "2025-09-02"), "as_of": AS_OF}, "No customer"),
    ],
)
def test_what_cannot_be_counted_is_told(options, message):
    company = shop(customers=people(["shop"]))
    with pytest.raises(ValueError, match=message):
        counts.purchases(company, **options)


def test_without_orders_or_margins_the_message_says_so():
    bare = shop(orders().drop(columns="margin"))
    with pytest.raises(ValueError, match="have no column 'margin'"):
        counts.purchases(bare, value="margin")
    none = open_company({"customers": people(["shop"])}, settings=SETTINGS)
    with pytest.raises(ValueError, match="brings no orders"):
        counts.weekly_orders(none)
    for count in (counts.weekly_orders, counts.purchase_occasions):
        with pytest.raises(ValueError, match="No customer had placed"):
            count(bare, as_of="2019-01-01")


def test_more_rows_than_fit_are_refused(monkeypatch):
    module = sys.modules["retention.counts.purchases.counted"]
    monkeypatch.setattr(module, "MOST_ROWS", 5)
    with pytest.raises(ValueError, match="too many for a row each"):
        counts.purchase_rows(shop(), as_of=AS_OF)
