"""The satisfaction study on small, odd or bare companies answers all the same."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from retention import claims, reports, satisfaction
from retention.company import open_company

FIRST, LAST = dt.date(2021, 1, 1), dt.date(2025, 6, 30)
SETTINGS = '[company]\nname = "{name}"\nobserved_to = 2025-06-30\n{more}'
FIVE = "[scales]\nsatisfaction = [1, 5]\n"


def later(days, more):
    return [d + dt.timedelta(days=int(k)) for d, k in zip(days, more, strict=True)]


def people(n, rng, *, mean_days=900):
    joined = later([FIRST] * n, rng.integers(0, 900, n))
    left = later(joined, rng.exponential(mean_days, n).astype(int) + 1)
    return pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(n)],
            "joined_on": joined,
            "left_on": [day if day <= LAST else None for day in left],
        }
    )


def asked(customers, rng, score):
    """One survey a customer, up to a year after it joined."""
    days = later(customers["joined_on"], rng.integers(20, 365, len(customers)))
    table = customers[["customer_id"]].assign(surveyed_on=days, satisfaction=score)
    return table[[d <= LAST for d in days]]


def ten_answers():
    rng = np.random.default_rng(1)
    table = people(10, rng)
    return {"customers": table, "surveys": asked(table, rng, rng.integers(1, 6, 10))}


def nobody_left():
    rng = np.random.default_rng(2)
    table = people(200, rng).assign(left_on=None)
    return {"customers": table, "surveys": asked(table, rng, rng.integers(1, 6, 200))}


def one_score():
    rng = np.random.default_rng(3)
    table = people(600, rng)
    return {"customers": table, "surveys": asked(table, rng, 4)}


def nobody_answered():
    rng = np.random.default_rng(4)
    table = people(100, rng)
    surveys = asked(table, rng, 4).assign(responded=0, satisfaction=None)
    return {"customers": table, "surveys": surveys}


def too_recent():
    rng = np.random.default_rng(5)
    table = people(300, rng)
    surveys = asked(table, rng, rng.integers(1, 6, 300))
    return {"customers": table, "surveys": surveys.assign(surveyed_on="2025-05-15")}


def names_that_bite():
    rng = np.random.default_rng(6)
    table = people(900, rng)
    table["plan | type"] = ["<script>alert(1)</script>", "$\\frac{1}$", "=1+1"] * 300
    surveys = asked(table, rng, rng.integers(1, 6, 900))
    return {"customers": table, "surveys": surveys}


def eleven_levels():
    rng = np.random.default_rng(7)
    table = people(1500, rng)
    score = rng.integers(0, 11, 1500)
    surveys = asked(table, rng, score)
    surveys["responded"] = (rng.random(len(surveys)) < 0.6).astype(int)
    surveys["satisfaction"] = surveys["satisfaction"].where(surveys["responded"] == 1)
    return {"customers": table, "surveys": surveys}


def words_for_scores():
    rng = np.random.default_rng(8)
    table = people(900, rng)
    words = np.array(["poor", "fair", "good", "very good", "excellent"])
    surveys = asked(table, rng, words[rng.integers(0, 5, 900)])
    return {"customers": table, "surveys": surveys}


def exits_only():
    rng = np.random.default_rng(9)
    table = people(300, rng)
    gone = table.dropna(subset=["left_on"])
    surveys = gone[["customer_id"]].assign(
        surveyed_on=gone["left_on"], satisfaction=2, kind="exit"
    )
    return {"customers": table, "surveys": surveys}


def a_shop():
    rng = np.random.default_rng(10)
    n = 800
    ids = np.array([f"{i:05d}" for i in range(n)])
    score = rng.integers(1, 6, n)
    surveys = pd.DataFrame({"customer_id": ids, "satisfaction": score})
    surveys["surveyed_on"] = later([dt.date(2023, 1, 1)] * n, rng.integers(0, 300, n))
    again = rng.random(n) < 0.2 + 0.1 * score
    days = later(surveys.loc[again, "surveyed_on"], rng.integers(5, 340, again.sum()))
    orders = pd.DataFrame({"customer_id": ids[again], "ordered_on": days})
    first = pd.DataFrame({"customer_id": ids, "ordered_on": dt.date(2022, 12, 1)})
    orders = pd.concat([first, orders]).assign(amount=20.0)
    return {"surveys": surveys, "orders": orders}


WORDS = (
    "[scales]\nsatisfaction = [1, 5]\n[tables.surveys.values]\n"
    "satisfaction = {poor = 1, fair = 2, good = 3, 'very good' = 4, excellent = 5}\n"
)
EXPECTED = {
    ten_answers: ("too few to say what satisfaction does", FIVE),
    nobody_left: ("Only 0 of", FIVE),
    one_score: ("4 or more on a scale of 1 to 5", FIVE),
    nobody_answered: ("No answer was followed for 12 months", FIVE),
    too_recent: ("No answer was followed for 12 months", FIVE),
    names_that_bite: ("were still here after 12 months", FIVE),
    eleven_levels: ("8 or more on a scale of 0 to 10", FIVE.replace("1, 5", "0, 10")),
    words_for_scores: ("4 or more on a scale of 1 to 5", WORDS),
    exits_only: ("No answer was followed for 12 months", FIVE),
    a_shop: ("bought again within 12 months", FIVE),
}


def written(make, folder):
    folder.mkdir()
    for name, table in make().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    text = SETTINGS.format(name=make.__name__, more=EXPECTED[make][1])
    (folder / "workbook.toml").write_text(text)
    return folder


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_every_saying_gets_a_verdict(make, tmp_path):
    firm = open_company(written(make, tmp_path / "company"))
    judged = claims.judge("satisfaction", satisfaction.measures(firm))
    assert len(judged) == len(claims.read("satisfaction"))
    assert all(each.verdict.reason for each in judged)


def studied(make, tmp_path):
    folder = written(make, tmp_path / "company")
    done = reports.run(folder, studies=["satisfaction"], out=tmp_path / "out")
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["satisfaction"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    assert EXPECTED[make][0] in study["answers"][0]["sentence"]
    page = (done.folder / "satisfaction.html").read_text()
    assert "<script" not in page
    return study


def test_the_study_answers_whatever_columns_are_called(tmp_path):
    studied(names_that_bite, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [make for make in EXPECTED if make is not names_that_bite],
    ids=lambda make: make.__name__,
)
def test_the_study_answers_for_odder_companies(make, tmp_path):
    studied(make, tmp_path)


def test_without_surveys_the_study_is_skipped_with_the_columns_it_needs(tmp_path):
    rng = np.random.default_rng(11)
    people(50, rng).to_csv(tmp_path / "customers.csv", index=False)
    runnable = open_company(tmp_path).runnable().set_index("study")
    assert not runnable.loc["satisfaction", "runnable"]
    assert (
        "surveys (surveyed_on, satisfaction)" in runnable.loc["satisfaction", "reason"]
    )
