"""The referral study on companies that bring one record, odd ones or next to none."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from retention import reports

SETTINGS = '[company]\nname = "{name}"\nobserved_to = 2025-06-30\n'
FIRST = dt.date(2022, 1, 1)


def customers(n: int = 400, *, seed: int = 1) -> pd.DataFrame:
    """Customers of whom two fifths were sent: a third of them by code, half answer."""
    rng = np.random.default_rng(seed)
    joined = sorted(FIRST + dt.timedelta(days=int(d)) for d in rng.integers(0, 1200, n))
    stays = rng.exponential(600, n).astype(int) + 1
    left = [j + dt.timedelta(days=int(s)) for j, s in zip(joined, stays, strict=True)]
    sent = rng.random(n) < 0.4
    code, answers = sent & (rng.random(n) < 0.33), rng.random(n) < 0.5
    told = np.where(sent, "referral", "shop")
    return pd.DataFrame(
        {
            "customer_id": [f"{i:05d}" for i in range(n)],
            "joined_on": joined,
            "left_on": [day if day <= dt.date(2025, 6, 30) else None for day in left],
            "recorded_source": np.where(code, "referral", "rep"),
            "referral_code": np.where(code, "F-1", None),
            "told_us": np.where(answers, told, None),
        }
    )


def journeys(n: int = 300, *, channels=("ad", "mail", "friend")) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    rows = []
    for journey in range(n):
        length, bought = rng.integers(1, 4), int(rng.random() < 0.2)
        for position in range(1, length + 1):
            rows.append((f"J{journey}", position, rng.choice(channels), bought))
    names = ["journey_id", "position", "channel", "converted"]
    return pd.DataFrame(rows, columns=names)


def codes_and_answers():
    return {"customers": customers(2000)}


def codes_only():
    return {"customers": customers().drop(columns=["told_us", "recorded_source"])}


def answers_only():
    return {"customers": customers().drop(columns=["referral_code"])}


def a_checked_sample_only():
    people = customers()
    true = people["told_us"].fillna("shop")
    audit = pd.DataFrame({"customer_id": people["customer_id"], "true_source": true})
    people = people.drop(columns=["told_us", "referral_code"])
    return {"customers": people, "referral_audit": audit.head(100)}


def journeys_alone():
    return {"touchpoints": journeys()}


def journeys_that_never_buy():
    return {"touchpoints": journeys(40).assign(converted=0)}


def one_journey():
    return {"touchpoints": journeys(1)}


def two_customers():
    return {"customers": customers(2)}


def nobody_was_sent():
    people = customers(60).assign(referral_code=None, told_us="shop")
    return {"customers": people.assign(recorded_source="rep")}


def everybody_was_sent():
    return {"customers": customers(60).assign(referral_code="F-1", told_us="referral")}


def invitations_alone():
    told = pd.DataFrame({"referrer_id": ["00001", "00002", "00003"], "told": [0, 3, 9]})
    return {"invitations": told.assign(interested=[0, 1, 2], joined=[0, 0, 1])}


def impossible_links():
    people = customers(400)
    ids = people["customer_id"]
    pairs = [(ids[i], ids[i + 200]) for i in range(120)]
    pairs += [(ids[5], ids[5]), (ids[399], ids[150]), (ids[8], ids[220])]
    pairs += [(ids[390], ids[391]), (ids[391], ids[390])]
    links = pd.DataFrame(pairs, columns=["referrer_id", "referee_id"])
    links["referred_on"] = links["referee_id"].map(
        people.set_index("customer_id")["joined_on"]
    )
    # Dated late enough, but the referrer joined after the customer it names.
    links.loc[links["referrer_id"] == ids[399], "referred_on"] = dt.date(2025, 6, 1)
    channels = ("<script>alert(1)</script>", "$\\frac{1}$", "friend")
    broken = journeys(channels=channels).drop(index=[1, 5])
    return {"customers": people, "referrals": links, "touchpoints": broken}


def names_that_bite():
    people = customers(600)
    people["age | group"] = np.where(np.arange(600) % 2, "<b>$x$</b>", "=1+1")
    channels = ("<script>alert(1)</script>", "$\\frac{1}$", "friend")
    return {"customers": people, "touchpoints": journeys(channels=channels)}


EXPECTED = {
    codes_and_answers: "were sent by another customer; the books say",
    codes_only: "At least",
    answers_only: "if those who answered are to be believed",
    a_checked_sample_only: "were sent by another customer",
    journeys_alone: "the model loses",
    journeys_that_never_buy: "of journeys buy",
    one_journey: "",
    two_customers: "of the 2 customers who joined",
    nobody_was_sent: "0 % (95 % CI 0 to 6 %) of the 60 customers",
    everybody_was_sent: "were sent by another customer",
    invitations_alone: "A customer told",
    impossible_links: "were sent by another customer",
    names_that_bite: "were sent by another customer",
}


def studied(company, tmp_path):
    folder = tmp_path / "company"
    folder.mkdir()
    for name, table in company().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    text = SETTINGS.format(name=company.__name__)
    (folder / "workbook.toml").write_text(text)
    return reports.run(folder, studies=["referral"], out=tmp_path / "out")


OFTEN = (codes_only, journeys_alone, impossible_links)
COMPANIES = [
    make if make in OFTEN else pytest.param(make, marks=pytest.mark.slow)
    for make in EXPECTED
]


@pytest.mark.parametrize("company", COMPANIES, ids=lambda make: make.__name__)
def test_the_study_answers(company, tmp_path):
    done = studied(company, tmp_path)
    record = json.loads((done.folder / "record.json").read_text())
    study = record["studies"]["referral"]
    assert (study["status"], done.exit_code) == ("done", 0), study.get("reason")
    assert EXPECTED[company] in study["answers"][0]["sentence"]
    page = (done.folder / "referral.html").read_text()
    assert "<script" not in page
    if company is codes_only:
        assert "Nobody was asked" in page
    if company is impossible_links:
        checks = {check["name"]: check for check in study["checks"]}
        flow = checks["Circles, impossible dates, holes"]
        assert flow["status"] == "REVIEW"
        for rule in ("self_referral", "two_referrers", "referral_cycle"):
            assert rule in flow["finding"]
        assert "referrer_joined_later" in flow["finding"]
        assert "position_gap" in flow["finding"]
