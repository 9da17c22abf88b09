"""Cumulative incidence by cause: identities, intervals, errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.intervals import limits
from retention.survival.competing import aalen_johansen, naive_cause_curve
from retention.survival.curves import earliest_start, kaplan_meier

cell = st.tuples(
    st.integers(0, 3), st.integers(1, 8), st.sampled_from(["", "p", "q"]),
    st.integers(1, 20), st.sampled_from("xy"),
)  # fmt: skip


@st.composite
def tenures(draw):
    rows = draw(st.lists(cell, min_size=4, max_size=25))
    table = pd.DataFrame(rows, columns=["entry", "duration", "cause", "n", "plan"])
    table["duration"] += table["entry"]
    table["event"] = (table["cause"] != "").astype(int)
    leaver = {"entry": 0, "duration": 1, "cause": "p", "n": 1, "plan": "x", "event": 1}
    return pd.concat([table, pd.DataFrame([leaver])], ignore_index=True)


@given(tenures())
@settings(max_examples=30, deadline=None)
def test_the_causes_and_the_survivors_add_up(tenure):
    start = earliest_start(tenure)
    curve = kaplan_meier(tenure, start=start)["survival"].to_numpy()
    if tenure.query("event == 1 and duration > @start").empty:
        return
    curves = aalen_johansen(tenure, start=start)
    total = curves.groupby("time")["incidence"].sum().to_numpy()
    assert total + curve == pytest.approx(1)
    naive = naive_cause_curve(tenure, start=start)
    assert (naive["incidence"] >= curves["incidence"] - 1e-12).all()
    assert (curves["se"] >= 0).all()
    inside = curves["incidence"].between(curves["lower"], curves["upper"])
    assert inside.all()


@given(tenures())
@settings(max_examples=25, deadline=None)
def test_order_and_splitting_do_not_matter(tenure):
    start = earliest_start(tenure)
    found = aalen_johansen(tenure, start=start)
    halves = [tenure.assign(n=tenure["n"] // 2), tenure.assign(n=-(-tenure["n"] // 2))]
    for same in (tenure.sample(frac=1, random_state=2), pd.concat(halves)):
        again = aalen_johansen(same, start=start)
        pd.testing.assert_frame_equal(again, found)


def test_one_period_is_multinomial():
    tenure = pd.DataFrame(
        {
            "duration": 1,
            "event": [1, 1, 0],
            "cause": ["price", "moved", ""],
            "n": [200, 100, 700],
        }
    )
    curves = aalen_johansen(tenure).set_index(["cause", "time"])
    price = curves.loc[("price", 1)]
    assert price["incidence"] == pytest.approx(0.2)
    assert price["se"] == pytest.approx(np.sqrt(0.2 * 0.8 / 1000))
    lower, upper = limits(0.2, price["se"], scale="log-log")
    assert (price["lower"], price["upper"]) == pytest.approx((lower, upper))


def test_when_all_have_left_the_shares_are_final():
    tenure = pd.DataFrame(
        {"duration": [1, 2], "event": 1, "cause": ["price", "moved"], "n": [30, 70]}
    )
    last = aalen_johansen(tenure).query("time == 2").set_index("cause")
    assert last["incidence"].to_dict() == pytest.approx({"price": 0.3, "moved": 0.7})
    assert last["se"].to_numpy() == pytest.approx(np.sqrt(0.3 * 0.7 / 100))


def test_strata_come_one_after_the_other():
    tenure = pd.DataFrame(
        {
            "plan": list("aabb"),
            "duration": [1, 3, 2, 3],
            "event": [1, 0, 1, 0],
            "cause": ["price", "", "moved", ""],
            "n": 10,
        }
    )
    curves = aalen_johansen(tenure, by="plan")
    assert list(curves.columns[:3]) == ["plan", "cause", "time"]
    ends = curves[curves["time"] == 3].set_index(["plan", "cause"])["incidence"]
    assert ends[("a", "price")] == 0.5 and ends[("a", "moved")] == 0
    whole = aalen_johansen(tenure[tenure["plan"] == "a"])
    alone = curves.query("plan == 'a' and cause == 'price'")["incidence"].to_numpy()
    assert alone == pytest.approx(whole["incidence"].to_numpy())


def test_coverage_with_late_entry():
    """Incidence of one of two constant causes, half of the customers seen late."""
    rng = np.random.default_rng(12)
    truth = 0.6 * (1 - 0.95**12)
    covered = []
    for _ in range(150):
        time = rng.geometric(0.05, 600)
        entry = rng.integers(0, 12, 600) * (rng.random(600) < 0.5)
        seen = time <= 30
        cause = np.where(seen, np.where(rng.random(600) < 0.6, "p", "q"), "")
        tenure = pd.DataFrame(
            {"entry": entry, "duration": np.minimum(time, 30),
             "event": seen.astype(int), "cause": cause}
        )  # fmt: skip
        row = aalen_johansen(tenure).query("cause == 'p' and time == 12").iloc[0]
        covered.append(row["lower"] <= truth <= row["upper"])
    assert np.mean(covered) == pytest.approx(0.95, abs=0.06)


def test_errors_repair():
    tenure = pd.DataFrame({"duration": [1, 2], "event": [1, 1], "cause": ["p", ""]})
    with pytest.raises(ValueError, match="1 rows of customers who left have no cause"):
        aalen_johansen(tenure)
    with pytest.raises(ValueError, match="cause=True"):
        aalen_johansen(tenure.drop(columns="cause"))
    with pytest.raises(ValueError, match="Nobody left"):
        aalen_johansen(tenure.assign(event=0))
