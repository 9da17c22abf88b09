"""Customers of a shop without cancellations, on orders with known answers."""

import datetime as dt

import pandas as pd
import pytest

from retention.company import open_company

DAY = dt.date(2025, 1, 1)
# Records of 200 days (0..199), silence of 30 days, so leaving is known to day 169.
VISITS = {
    "unknown start": [5, 20, 40, 60],  # gone on day 60, began before the records
    "new": [31, 50, 70],  # gone on day 70
    "just new": [30],  # 30 silent days before, gone the same day
    "pauses": [33, 40, 71, 80],  # 30 silent days between 40 and 71: two spells
    "no pause": [33, 40, 70, 90, 115, 140, 165, 190],  # 29 silent days: still here
    "last chance": [100, 125, 150, 169],  # silent on days 170..199: gone
    "still here": [100, 125, 150, 170],  # one day short of the silence
    "too late": [175, 180],  # begins after leaving can be known
}
SETTINGS = {
    "company": {
        "observed_from": DAY,
        "observed_to": DAY + dt.timedelta(days=199),
        "time_unit": "week",
    },
    "tables": {"customers": {"from": "orders"}},
    "leaving": {"after_silence_days": 30},
}


def orders(visits):
    rows = [
        {
            "customer_id": who,
            "ordered_on": DAY + dt.timedelta(days=d),
            "amount": 1.0 + i,
        }
        for who, days in visits.items()
        for i, d in enumerate(days)
    ]
    return {"orders": pd.DataFrame(rows)}


def spells(visits, **settings):
    company = open_company(orders(visits), settings={**SETTINGS, **settings})
    found = company.table("customers").collect("pandas").to_native()
    for column in ("joined_on", "left_on"):
        found[column] = (pd.to_datetime(found[column]) - pd.Timestamp(DAY)).dt.days
    found = found.sort_values(["customer_id", "spell"])
    return company, found


def as_tuples(found):
    return {
        (r.customer_id, r.spell): (
            r.joined_on,
            None if pd.isna(r.left_on) else r.left_on,
            r.start_seen,
        )
        for r in found.itertuples()
    }


def test_spells_have_the_known_answers():
    _, found = spells(VISITS)
    assert as_tuples(found) == {
        ("unknown start", 1): (5, 60, 0),
        ("new", 1): (31, 70, 1),
        ("just new", 1): (30, 30, 1),
        ("pauses", 1): (33, 40, 1),
        ("pauses", 2): (71, 80, 1),
        ("no pause", 1): (33, None, 1),
        ("last chance", 1): (100, 169, 1),
        ("still here", 1): (100, None, 1),
        ("too late", 1): (175, None, 1),
    }


def test_tenure_is_observed_until_silence_can_be_told():
    company, _ = spells(VISITS)
    assert company.observed_to == DAY + dt.timedelta(days=199)
    assert company.tenure_to == DAY + dt.timedelta(days=169)


def test_tenure_counts_only_spells_whose_beginning_was_seen():
    company, _ = spells(VISITS)
    counted = company.population("tenure").collect("pandas").to_native()
    assert "unknown start" not in set(counted["customer_id"])
    assert len(counted) == 8
    everyone = company.population("customer_value").collect("pandas").to_native()
    assert len(everyone) == 9


def test_leaving_does_not_depend_on_how_long_the_records_go_on():
    _, short = spells(VISITS)
    longer = {**SETTINGS["company"], "observed_to": DAY + dt.timedelta(days=400)}
    # The one who pauses comes back once more, long after the shorter records.
    visits = {**VISITS, "pauses": [*VISITS["pauses"], 390]}
    leaving = {"after_silence_days": 30, "most_returns": 0.3}
    _, long = spells(visits, company=longer, leaving=leaving)
    short, long = as_tuples(short), as_tuples(long)
    known = {k: v for k, v in short.items() if v[1] is not None}
    assert known.items() <= long.items()


def test_a_look_back_uses_no_later_order():
    company = open_company(
        orders(VISITS), settings=SETTINGS, as_of=str(DAY + dt.timedelta(days=70))
    )
    # "just new" went on day 30 and, as far as day 70 can tell, "pauses" on day 40.
    assert (company.silence.silences, company.silence.returned) == (2, 0)
    assert company.tenure_to == DAY + dt.timedelta(days=40)


def test_new_after_days_can_be_longer_than_the_silence():
    leaving = {"after_silence_days": 30, "new_after_days": 60}
    _, found = spells(VISITS, leaving=leaving)
    seen = as_tuples(found)
    assert seen["new", 1][2] == 0
    assert seen["last chance", 1][2] == 1


def test_the_note_says_that_leaving_is_inferred():
    company, _ = spells(VISITS)
    (note,) = company.notes("tenure")
    assert "Leaving is inferred: 30 days without an order" in note
    assert "Of 6 such silences 1 (17%) ended with another order" in note


def test_silence_that_is_mostly_a_pause_is_no_leaving():
    visits = {f"c{i}": [35, 80, 120] for i in range(6)} | {"gone": [40]}
    company = open_company(orders(visits), settings=SETTINGS)
    silence = company.silence
    assert (silence.silences, silence.returned) == (19, 12)
    assert not silence.trusted
    assert not company.has("customers", "left_on")
    runnable = company.runnable().set_index("study")
    assert not runnable.loc["tenure", "runnable"]
    assert (
        "of 19 silences of 30 days or more, 12 (63%) ended with another order, and at "
        "most 20% may" in runnable.loc["tenure", "reason"]
    )
    assert runnable.loc["customer_value", "runnable"]
    found = company.table("customers").collect("pandas").to_native()
    assert sorted(found.columns) == ["customer_id"] and len(found) == 7


def test_the_share_of_pauses_that_is_tolerated_is_the_users_to_declare():
    visits = {f"c{i}": [35, 80, 120] for i in range(6)} | {"gone": [40]}
    leaving = {"after_silence_days": 30, "most_returns": 0.7}
    company, found = spells(visits, leaving=leaving)
    assert company.runnable().set_index("study").loc["tenure", "runnable"]
    assert len(found) == 19


def test_attributes_join_from_a_file_of_their_own():
    people = pd.DataFrame({"customer_id": ["new", "pauses"], "region": ["N", "S"]})
    company = open_company({**orders(VISITS), "customers": people}, settings=SETTINGS)
    found = company.table("customers").collect("pandas").to_native()
    regions = found.groupby("customer_id")["region"].first()
    assert regions.dropna().to_dict() == {"new": "N", "pauses": "S"}
    assert len(found) == 9


@pytest.mark.parametrize("engine", ["pandas", "duckdb relation"])
def test_engines_agree(engine):
    import duckdb

    source = orders(VISITS)
    if engine == "duckdb relation":
        connection = duckdb.connect()
        connection.register("frame", source["orders"])
        source = {
            "orders": connection.sql(
                "SELECT customer_id, ordered_on::DATE AS ordered_on, amount FROM frame"
            )
        }
    company = open_company(source, settings=SETTINGS)
    found = company.table("customers").collect("pandas").to_native()
    assert found["left_on"].notna().sum() == 6
    assert found["start_seen"].sum() == 8
