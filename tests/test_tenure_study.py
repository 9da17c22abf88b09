"""The tenure study on companies that are small, odd or bare answers all the same."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from retention import reports

SETTINGS = '[company]\nname = "{name}"\nobserved_to = 2025-06-30\n'
FIRST, LAST = dt.date(2021, 1, 1), dt.date(2025, 6, 30)


def customers(n: int, *, seed: int = 1, mean_days: float = 500) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    joined = [FIRST + dt.timedelta(days=int(d)) for d in rng.integers(0, 1200, n)]
    stays = rng.exponential(mean_days, n).astype(int) + 1
    left = [j + dt.timedelta(days=int(s)) for j, s in zip(joined, stays, strict=True)]
    return pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(n)],
            "joined_on": joined,
            "left_on": [day if day <= LAST else None for day in left],
        }
    )


def nobody_left():
    return {"customers": customers(5).assign(left_on=None)}


def two_customers():
    return {"customers": customers(2)}


def everybody_gone_at_once():
    table = customers(60)
    return {"customers": table.assign(left_on=table["joined_on"])}


def names_that_bite():
    table = customers(600)
    plans = ["<script>alert(1)</script>", "$\\frac{1}$", "=1+1"]
    table["plan | type"] = [plans[i % 3] for i in range(len(table))]
    return {"customers": table}


def a_count_table():
    duration, event = [1, 2, 3, 4, 4], [1, 1, 1, 1, 0]
    n = [120, 60, 40, 30, 350]
    return {
        "tenure_counts": pd.DataFrame({"duration": duration, "event": event, "n": n})
    }


EXPECTED = {
    nobody_left: "None of the 5 customers left",
    two_customers: "too few to say how long they stay",
    everybody_gone_at_once: "Half of new customers leave within 1 month",
    names_that_bite: "Half of new customers leave within",
    a_count_table: "More than half",
}


@pytest.mark.parametrize("company", EXPECTED, ids=lambda make: make.__name__)
def test_the_study_answers(company, tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    for name, table in company().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    text = SETTINGS.format(name=company.__name__)
    (folder / "workbook.toml").write_text(text)
    done = reports.run(folder, studies=["tenure"], out=tmp_path / "out")
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["tenure"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    assert EXPECTED[company] in study["answers"][0]["sentence"]
    page = (done.folder / "tenure.html").read_text()
    assert "<script" not in page
