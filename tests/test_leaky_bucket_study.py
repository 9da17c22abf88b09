"""The leaky bucket on companies that are small, odd or bare answers all the same."""

import json

import numpy as np
import pandas as pd
import pytest

from retention import claims, economics, reports
from retention.company import open_company

LAST = pd.Timestamp("2025-06-30")
SETTINGS = '[company]\nname = "{name}"\nobserved_to = 2025-06-30\ncurrency = "EUR"\n'


def customers(n=400, *, seed=1, mean_days=500):
    rng = np.random.default_rng(seed)
    joined = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 1500, n), "D")
    left = joined + pd.to_timedelta(rng.exponential(mean_days, n).astype(int) + 1, "D")
    return pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(n)],
            "joined_on": joined,
            "left_on": left.where(left <= LAST),
        }
    )


def activity(people, *, margin=4.0):
    rows = []
    for row in people.itertuples():
        end = LAST if pd.isna(row.left_on) else row.left_on
        for month in pd.period_range(row.joined_on, end, freq="M"):
            rows.append((row.customer_id, f"{month}-01", 10.0, margin))
    names = ["customer_id", "month", "revenue", "margin"]
    return pd.DataFrame(rows, columns=names)


def orders(people, *, each=3, seed=2):
    rng = np.random.default_rng(seed)
    rows = []
    for row in people.itertuples():
        end = LAST if pd.isna(row.left_on) else row.left_on
        span = (end - row.joined_on).days + 1
        for days in rng.integers(0, span, each):
            day = row.joined_on + pd.Timedelta(days=int(days))
            rows.append((row.customer_id, day, 25.0))
    return pd.DataFrame(rows, columns=["customer_id", "ordered_on", "amount"])


def without_costs():
    people = customers()
    return {"customers": people, "activity": activity(people)}


def orders_without_margin():
    people = customers()
    return {"customers": people, "orders": orders(people)}


def one_order_each_and_some_before_joining():
    people = customers(120)
    bought = orders(people, each=1)
    early = bought[:20].assign(
        ordered_on=people["joined_on"][:20] - pd.Timedelta(days=40)
    )
    return {"customers": people, "orders": pd.concat([bought, early])}


def negative_margins():
    people = customers()
    return {"customers": people, "activity": activity(people, margin=-2.0)}


def no_margin_at_all():
    people = customers()
    return {"customers": people, "activity": activity(people, margin=0.0)}


def nobody_left():
    people = customers(30).assign(left_on=None)
    return {"customers": people, "activity": activity(people)}


def everybody_gone():
    people = customers(80, mean_days=60)
    people = people[people["left_on"].notna()]
    return {"customers": people, "activity": activity(people)}


def two_customers():
    people = customers(2)
    return {"customers": people, "activity": activity(people)}


def joined_yesterday():
    people = customers(5).assign(joined_on=LAST, left_on=None)
    return {"customers": people, "activity": activity(people)}


def all_money_in_one_customer():
    people = customers()
    paid = activity(people)
    paid.loc[paid["customer_id"] != "00000", ["revenue", "margin"]] = 0.0
    return {"customers": people, "activity": paid}


def costs_and_open_leads_only():
    people = customers()
    month = pd.date_range("2024-07-01", "2025-06-01", freq="MS")
    leads = pd.DataFrame(
        {
            "lead_id": [f"L{i}" for i in range(30)],
            "opened_on": "2025-05-01",
            "closed_on": None,
            "outcome": "open",
        }
    )
    return {
        "customers": people,
        "activity": activity(people),
        "costs": pd.DataFrame({"month": month, "kind": "acquisition", "amount": 900.0}),
        "leads": leads,
    }


EXPECTED = {
    without_costs: "A new customer is worth EUR",
    orders_without_margin: "in revenue",
    one_order_each_and_some_before_joining: "in revenue",
    negative_margins: "A new customer is worth −EUR",
    no_margin_at_all: "A new customer is worth EUR 0",
    nobody_left: "A new customer is worth EUR",
    everybody_gone: "A new customer is worth EUR",
    two_customers: "A new customer is worth EUR",
    joined_yesterday: "No customer was seen for a whole period",
    all_money_in_one_customer: "A new customer is worth EUR",
    costs_and_open_leads_only: "after what winning it cost",
}


# A run of the whole notebook takes its time: the others are for the nightly tests.
OFTEN = (orders_without_margin, negative_margins, nobody_left, joined_yesterday)
RUNS = [
    pytest.param(make, marks=() if make in OFTEN else pytest.mark.slow)
    for make in EXPECTED
]


@pytest.mark.parametrize("company", EXPECTED, ids=lambda make: make.__name__)
def test_every_measure_has_a_value_or_a_reason(company):
    firm = open_company(
        company(),
        settings={"company": {"observed_to": LAST.date(), "currency": "EUR"}},
    )
    judged = claims.judge("leaky_bucket", economics.measures(firm))
    assert all(each.verdict.reason for each in judged)


@pytest.mark.parametrize("company", RUNS, ids=lambda make: make.__name__)
def test_the_study_answers(company, tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    for name, table in company().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    text = SETTINGS.format(name=company.__name__)
    (folder / "workbook.toml").write_text(text)
    done = reports.run(folder, studies=["leaky_bucket"], out=tmp_path / "out")
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["leaky_bucket"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    said = study["answers"][0]["sentence"]
    assert EXPECTED[company] in said
    verdicts = {saying["verdict"] for saying in study["sayings"]}
    assert "NOT IDENTIFIABLE" in verdicts
