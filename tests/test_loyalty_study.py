"""The loyalty study on companies that are odd or bare answers all the same."""

import datetime as dt
import json
import tomllib

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import loyalty, notebooks, reports
from retention.company import open_company

FIRST, LAUNCH, LAST = dt.date(2023, 7, 1), dt.date(2024, 7, 1), dt.date(2025, 6, 30)
SETTINGS = """
[company]
name = "{name}"
currency = "EUR"
observed_from = {first}
observed_to = 2025-06-30

[loyalty]
value_of_a_point = 0.01
launched_on = 2024-07-01
points_expire_after = 12

[economics]
margin_rate = 0.4
"""


def months(first: dt.date) -> list[dt.date]:
    return [d.date() for d in pd.date_range(first, LAST, freq="MS")]


def company(*, n: int = 600, seed: int = 3, first: dt.date = FIRST):
    """Customers, their months, and half of them offered a programme by lot."""
    rng = np.random.default_rng(seed)
    ids = [f"{i:04d}" for i in range(n)]
    left = [
        None if u > 0.3 else LAST - dt.timedelta(days=int(400 * u))
        for u in rng.random(n)
    ]
    customers = pd.DataFrame(
        {"customer_id": ids, "joined_on": dt.date(2023, 1, 5), "left_on": left}
    )
    customers["plan"] = rng.choice(["a", "b"], n)
    holdout = rng.integers(0, 2, n)
    joins = (rng.random(n) < 0.5) & (holdout == 0)
    day = [LAUNCH + dt.timedelta(days=31 * int(k)) for k in rng.integers(0, 6, n)]
    start = [d.replace(day=1) if j else None for d, j in zip(day, joins, strict=True)]
    start = [
        s if s and (end is None or s < end) else None
        for s, end in zip(start, left, strict=True)
    ]
    memberships = pd.DataFrame(
        {"customer_id": ids, "enrolled_on": start, "holdout": holdout}
    )
    rows = []
    for i, end, began in zip(ids, left, start, strict=True):
        for month in months(first):
            if end is None or month <= end:
                gain = 4 if began and month >= began else 0
                rows.append((i, month, round(50 + gain + rng.normal(0, 8), 2)))
    activity = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    return {"customers": customers, "memberships": memberships, "activity": activity}


def no_holdout():
    tables = company()
    return tables | {"memberships": tables["memberships"].drop(columns="holdout")}


def everybody_a_member():
    tables = company()
    everybody = tables["memberships"].assign(enrolled_on=LAUNCH).drop(columns="holdout")
    return tables | {"memberships": everybody}


def nobody_a_member():
    tables = company()
    nobody = tables["memberships"].assign(enrolled_on=None)
    return tables | {"memberships": nobody}


def enrolment_before_joining():
    tables = company()
    rows = tables["memberships"]
    early = rows["enrolled_on"].notna() & (rows.index < 100)
    rows.loc[early, "enrolled_on"] = dt.date(2022, 5, 1)
    return tables


def overlapping_memberships():
    tables = company()
    rows = tables["memberships"].assign(ended_on=None)
    again = rows[rows["enrolled_on"].notna()].head(50)
    again = again.assign(enrolled_on=dt.date(2025, 3, 1))
    return tables | {"memberships": pd.concat([rows, again])}


def points_beyond_those_earned():
    tables = company()
    rows = tables["memberships"].dropna(subset=["enrolled_on"]).head(120)
    points = []
    for k, row in enumerate(rows.itertuples()):
        day = row.enrolled_on
        points.append((row.customer_id, day, "earn", 100.0, day))
        later = day + dt.timedelta(days=70)
        spent = 60.0 if k % 4 else 500.0
        points.append((row.customer_id, later, "redeem", spent, day))
    names = ["customer_id", "occurred_on", "kind", "points", "batch_on"]
    return tables | {"points": pd.DataFrame(points, columns=names)}


def no_past_before_the_launch():
    return company(first=LAUNCH)


def orders_only():
    tables = company()
    orders = tables["activity"].rename(
        columns={"month": "ordered_on", "revenue": "amount"}
    )
    memberships = tables["memberships"][["customer_id", "enrolled_on"]]
    return {
        "customers": tables["customers"][["customer_id"]],
        "memberships": memberships,
        "orders": orders,
    }


def two_customers():
    return company(n=2)


EXPECTED = {
    no_holdout: "held nobody out by lot",
    everybody_a_member: "Everybody is a member",
    nobody_a_member: "Nobody",
    enrolment_before_joining: "Enrolment changed",
    overlapping_memberships: "Enrolment changed",
    points_beyond_those_earned: "will be redeemed in the end",
    no_past_before_the_launch: "The programme brought",
    orders_only: "tells who is a member",
    two_customers: "members",
}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def written(make, tmp_path):
    """Folder of a company as a user would bring it."""
    folder = tmp_path / "company"
    folder.mkdir()
    for name, table in make().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    first = LAUNCH if make is no_past_before_the_launch else FIRST
    text = SETTINGS.format(name=make.__name__, first=first)
    (folder / "workbook.toml").write_text(text)
    return folder


def told(folder, monkeypatch):
    """What the report's cells say and record, run here and not in a kernel."""
    said, kept = [], {}
    monkeypatch.setattr(notebooks, "say", lambda *parts: said.extend(parts))
    monkeypatch.setattr(notebooks, "record", lambda **parts: kept.update(parts))
    path = notebooks.notebooks_folder() / "05_loyalty_roi.ipynb"
    names = {}
    for cell in notebooks.report_copy(notebooks.read(path)).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
            if "parameters" in cell.metadata.get("tags", []):
                names["company"] = str(folder)
    return " ".join(said), kept


@pytest.mark.parametrize("make", EXPECTED, ids=lambda make: make.__name__)
def test_the_study_answers(make, tmp_path, monkeypatch):
    said, kept = told(written(make, tmp_path), monkeypatch)
    findings = " ".join(check.finding for check in kept["checks"])
    assert EXPECTED[make].lower() in f"{said} {findings}".lower()
    assert kept["answers"]
    assert "nan" not in said
    verdicts = {saying[0][:4]: saying[2].verdict for saying in kept["sayings"]}
    if make in (no_holdout, everybody_a_member, nobody_a_member, two_customers):
        assert verdicts["L47c"] == "NOT IDENTIFIABLE"


@pytest.mark.parametrize(
    ("share", "status"), [(None, "REVIEW"), (0.5, "PASS"), (0.1, "FAIL")]
)
def test_a_lot_is_held_against_the_share_that_was_planned(share, status):
    settings = tomllib.loads(SETTINGS.format(name="Lot", first=FIRST))
    if share is not None:
        settings["loyalty"]["holdout_share"] = share
    firm = open_company(company(), settings=settings)
    answer = loyalty.holdout_effect(firm, loyalty.drawn_arms(firm))
    found = {check.name: check.status for check in answer.checks}
    assert found["sample ratio"] == status


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (enrolment_before_joining, "membership_before_joining"),
        (overlapping_memberships, "membership_overlap"),
        (points_beyond_those_earned, "redeemed_beyond_earned"),
    ],
)
def test_rows_that_cannot_be_are_set_aside_and_counted(make, rule, tmp_path):
    company = open_company(written(make, tmp_path))
    company.quality()
    assert rule in set(company.rule_counts()["rule"])


def test_a_page_is_written_without_a_holdout(tmp_path):
    folder = written(no_holdout, tmp_path)
    done = reports.run(folder, studies=["loyalty"], out=tmp_path / "out")
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["loyalty"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    page = (done.folder / "loyalty.html").read_text()
    assert "held nobody out by lot" in page
