"""Log-rank tests: invariances, degrees of freedom, words and errors."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retention.survival.comparisons import logrank

cell = st.tuples(
    st.sampled_from("abc"),
    st.sampled_from("xy"),
    st.integers(0, 4),
    st.integers(1, 9),
    st.integers(0, 1),
    st.integers(1, 30),
)


@st.composite
def tenures(draw):
    columns = ["plan", "region", "entry", "duration", "event", "n"]
    table = pd.DataFrame(draw(st.lists(cell, min_size=6, max_size=30)), columns=columns)
    table["duration"] += table["entry"]
    assume(table["plan"].nunique() > 1)
    return table


def compared(tenure, **options):
    try:
        return logrank(tenure, by="plan", **options)
    except ValueError:
        assume(False)


@given(tenures(), st.sampled_from(["logrank", "gehan", "tarone-ware", "peto"]))
@settings(max_examples=30, deadline=None)
def test_order_names_and_splitting_do_not_matter(tenure, weights):
    found = compared(tenure, strata="region", weights=weights)
    assert 0 <= found.p_value <= 1
    assert found.table["observed"].sum() == pytest.approx(found.table["expected"].sum())
    halves = [tenure.assign(n=tenure["n"] // 2), tenure.assign(n=-(-tenure["n"] // 2))]
    for same in (
        tenure.sample(frac=1, random_state=1),
        tenure.assign(plan=tenure["plan"].map({"a": "z", "b": "m", "c": "k"})),
        tenure.assign(region=tenure["region"].map({"x": 2, "y": 1})),
        pd.concat(halves),
        tenure.loc[tenure.index.repeat(tenure["n"])].drop(columns="n"),
    ):
        again = logrank(same, by="plan", strata="region", weights=weights)
        assert again.chi_square == pytest.approx(found.chi_square, rel=1e-6, abs=1e-9)
        assert again.degrees_of_freedom == found.degrees_of_freedom


def two_plans(**changes):
    table = {
        "plan": list("aabb"),
        "duration": [2, 6, 2, 6],
        "event": [1, 0, 1, 0],
        "n": [60, 40, 20, 80],
    }
    return pd.DataFrame(table | changes)


def test_two_levels_in_one_period_by_hand():
    # The 2 x 2 table 60, 40 / 20, 80 with the hypergeometric variance.
    expected, variance = 100 * 80 / 200, 80 * 120 / 199 * 0.25
    found = logrank(two_plans(), by="plan")
    assert found.chi_square == pytest.approx((60 - expected) ** 2 / variance)
    assert found.table["observed"].tolist() == [60, 20]
    assert found.table["expected"].tolist() == [40, 40]
    assert found.table["n"].tolist() == [100, 100]


def test_twice_the_customers_double_the_statistic_but_for_the_correction():
    once = logrank(two_plans(), by="plan").chi_square
    twice = logrank(two_plans(n=[120, 80, 40, 160]), by="plan").chi_square
    assert twice / once == pytest.approx(2 * (399 / 400) / (199 / 200))


def test_a_level_that_shares_no_risk_set_costs_no_degree_of_freedom():
    tenure = pd.concat(
        [
            two_plans(),
            pd.DataFrame(
                {"plan": ["c"], "entry": [6], "duration": 8, "event": 1, "n": 9}
            ),
        ]
    ).fillna({"entry": 0})
    assert logrank(tenure, by="plan").degrees_of_freedom == 1
    assert logrank(tenure, by="plan").chi_square == pytest.approx(
        logrank(two_plans(), by="plan").chi_square
    )


def test_confounding_disappears_within_strata():
    # Region decides who leaves, plan does not, and plan goes with region.
    rows = [
        ("a", "north", 1, 1, 90), ("a", "north", 9, 0, 90),
        ("a", "south", 1, 1, 2), ("a", "south", 9, 0, 18),
        ("b", "north", 1, 1, 10), ("b", "north", 9, 0, 10),
        ("b", "south", 1, 1, 18), ("b", "south", 9, 0, 162),
    ]  # fmt: skip
    tenure = pd.DataFrame(rows, columns=["plan", "region", "duration", "event", "n"])
    assert logrank(tenure, by="plan").p_value < 1e-6
    assert logrank(tenure, by="plan", strata="region").chi_square == pytest.approx(0)


def test_the_test_has_the_right_size_with_late_entry():
    rng = np.random.default_rng(41)
    p_values = []
    for _ in range(250):
        time = rng.geometric(0.08, 300)
        entry = rng.integers(0, 10, 300) * (rng.random(300) < 0.5)
        tenure = pd.DataFrame(
            {
                "plan": rng.choice(["a", "b"], 300),
                "entry": entry,
                "duration": np.minimum(time, 24),
                "event": (time <= 24).astype(int),
            }
        )
        p_values.append(logrank(tenure, by="plan").p_value)
    # 5 % of 250 with four standard errors to spare
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.055)


def test_the_summary_is_a_sentence():
    assert logrank(two_plans(), by="plan").summary == (
        "The 2 groups leave at different rates (log-rank: chi-square 33.2 on 1 degree "
        "of freedom, p < 0.001; 200 customers, 80 left)."
    )
    same = logrank(two_plans(n=[60, 40, 60, 40]), by="plan", weights="gehan")
    assert "cannot tell apart (Gehan-Wilcoxon: chi-square 0.0" in same.summary


def test_errors_repair():
    with pytest.raises(ValueError, match="logrank, gehan, tarone-ware, peto"):
        logrank(two_plans(), by="plan", weights="wilcoxon")
    with pytest.raises(ValueError, match="nothing to compare"):
        logrank(two_plans(plan=list("aaaa")), by="plan")
    with pytest.raises(ValueError, match="lacks the column 'colour'"):
        logrank(two_plans(), by="colour")
