"""The study of customer value on companies that are small, odd or bare answers."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from retention import reports

SETTINGS = '[company]\nname = "{name}"\ncurrency = "EUR"\nobserved_to = 2025-12-31\n'
MONTHS = [dt.date(2024 + m // 12, m % 12 + 1, 1) for m in range(24)]


def customers(n: int) -> pd.DataFrame:
    joined = [dt.date(2023, 1, 1) + dt.timedelta(days=3 * i) for i in range(n)]
    return pd.DataFrame(
        {
            "customer_id": [f"{i:04d}" for i in range(n)],
            "joined_on": joined,
            "left_on": [
                dt.date(2025, 1 + i % 12, 15) if i % 7 == 0 else None for i in range(n)
            ],
        }
    )


def activity(n: int, *, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    people = customers(n)
    rows = [
        (row.customer_id, month, round(float(rng.gamma(4, 10)), 2))
        for row in people.itertuples()
        for month in MONTHS
        if row.joined_on.replace(day=1) <= month
        and (row.left_on is None or month < row.left_on)
    ]
    return pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])


def no_margin():
    return {"customers": customers(150), "activity": activity(150)}, ""


def margins_below_and_at_zero():
    table = activity(80)
    share = np.where(table.index % 3 == 0, -0.2, np.where(table.index % 3 == 1, 0, 0.4))
    table["margin"] = (table["revenue"] * share).round(2)
    return {"customers": customers(80), "activity": table}, ""


def one_order_each():
    days = [dt.date(2024, 1, 5) + dt.timedelta(days=7 * i) for i in range(100)]
    orders = pd.DataFrame(
        {
            "customer_id": [f"{i:04d}" for i in range(100)],
            "ordered_on": days,
            "amount": [10.0 + i % 9 for i in range(100)],
        }
    )
    return {"orders": orders}, '[tables.customers]\nfrom = "orders"\n'


def returns_and_orders_before_joining():
    rng = np.random.default_rng(2)
    n = 60
    people = customers(n).drop(columns="left_on")
    orders = pd.DataFrame(
        {
            "customer_id": rng.choice(people["customer_id"], 900),
            "ordered_on": [
                dt.date(2023, 1, 1) + dt.timedelta(days=int(d))
                for d in rng.integers(0, 1090, 900)
            ],
            "amount": np.where(rng.random(900) < 0.1, -5.0, 25.0),
        }
    )
    text = "[tables.orders]\nnegative_amounts = true\n"
    return {"customers": people, "orders": orders}, text


def all_value_in_one_customer():
    table = activity(30)
    table["revenue"] = np.where(table["customer_id"] == "0001", 90_000.0, 0.0)
    table["margin"] = table["revenue"] * 0.3
    return {"customers": customers(30), "activity": table}, ""


def everybody_costs_more_than_they_bring():
    people, table = customers(40), activity(40)
    made = table.iloc[::3][["customer_id", "month"]].rename(
        columns={"month": "occurred_on"}
    )
    contacts = made.assign(channel="visit", cost=500.0)
    table = table.assign(margin=table["revenue"] * 0.3)
    return {"customers": people, "activity": table, "contacts": contacts}, ""


def two_customers_for_a_month():
    table = pd.DataFrame(
        {"customer_id": ["a", "b"], "month": [dt.date(2025, 12, 1)] * 2}
    )
    return {"activity": table.assign(revenue=[3.0, 7.0])}, ""  # no customers table


EXPECTED = {
    no_margin: "everything below is revenue",
    margins_below_and_at_zero: "rows have a negative margin",
    one_order_each: "customers have a single row of money",
    returns_and_orders_before_joining: "dated before the month in which",
    all_value_in_one_customer: "One customer brought 100 %",
    everybody_costs_more_than_they_bring: "cost more than their margin, so shares",
    two_customers_for_a_month: "Only 2 customers had money",
}


@pytest.mark.parametrize("company", EXPECTED, ids=lambda make: make.__name__)
def test_the_study_answers(company, tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    tables, more = company()
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    text = SETTINGS.format(name=company.__name__) + more
    (folder / "workbook.toml").write_text(text)
    done = reports.run(folder, studies=["customer_value"], out=tmp_path / "out")
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["customer_value"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    assert "The top fifth of" in study["answers"][0]["sentence"]
    page = (done.folder / "customer_value.html").read_text()
    page = page.replace("\u00a0", " ")  # which keeps a number and its unit together
    assert EXPECTED[company] in page
    assert "Traceback" not in page
