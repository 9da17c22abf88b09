"""Curves, medians, means and what they say of tomorrow."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.intervals import jackknife
from retention.survival.curves import (
    conditional_survival,
    discounted_area,
    earliest_start,
    expected_loss_of_stock,
    interpolated_median,
    kaplan_meier,
    kaplan_meier_ignoring_entry,
    life_table,
    mean_tenure_of_current,
    mean_tenure_of_leavers,
    median_survival,
    median_table,
    naive_tenure,
    new_cohort_loss,
    restricted_mean,
    restricted_mean_difference,
    risk_sets,
    stock_survival,
    survival_at,
    tenure_answer,
    tenure_checks,
)

cell = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 5),
    st.integers(0, 9),
    st.integers(0, 1),
    st.integers(0, 40),
)


@st.composite
def tenures(draw):
    rows = draw(st.lists(cell, min_size=1, max_size=25))
    table = pd.DataFrame(rows, columns=["plan", "entry", "duration", "event", "n"])
    table["duration"] += table["entry"] + table["event"]
    here = {"plan": list("ab"), "entry": 0, "duration": 15, "event": 0, "n": 3}
    return pd.concat([table, pd.DataFrame(here)], ignore_index=True)


def seven():
    """Seven customers, two of them seen late; at risk 5, 5, 6, 5, 4, 2 by hand."""
    return pd.DataFrame(
        {
            "entry": [0, 0, 0, 0, 0, 2, 3],
            "duration": [2, 3, 4, 5, 6, 4, 6],
            "event": [1, 1, 0, 1, 0, 1, 0],
        }
    )


def test_seven_customers_by_hand():
    curve = kaplan_meier(seven())
    assert curve["time"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert curve["at_risk"].tolist() == [5, 5, 5, 5, 5, 3, 2]
    assert curve["events"].tolist() == [0, 0, 1, 1, 1, 1, 0]
    assert curve["censored"].tolist() == [0, 0, 0, 0, 1, 0, 2]
    steps = [1, 1, 4 / 5, 4 / 5, 4 / 5, 2 / 3, 1]
    assert curve["survival"].to_numpy() == pytest.approx(np.cumprod(steps))
    terms = np.cumsum([0, 0, 1 / 20, 1 / 20, 1 / 20, 1 / 6, 0])
    expected = curve["survival"] * np.sqrt(terms)
    assert curve["se"].to_numpy() == pytest.approx(expected.to_numpy())


def test_the_life_table_counts_who_enters():
    table = life_table(seven())
    assert table["period"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["entered"].tolist() == [5, 0, 1, 1, 0, 0]
    assert table["at_risk"].tolist() == [5, 5, 5, 5, 3, 2]
    assert table["hazard_se"].iloc[1] == pytest.approx(math.sqrt(0.2 * 0.8 / 5))


@given(tenures())
@settings(max_examples=40, deadline=None)
def test_counts_of_risk_sets_by_definition(tenure):
    sets = risk_sets(tenure, by="plan")
    for stratum, plan in enumerate(sets.levels["plan"]):
        rows = tenure[tenure["plan"] == plan]
        for k in range(1, sets.at_risk.shape[1]):
            inside = (rows["entry"] < k) & (k <= rows["duration"])
            assert sets.at_risk[stratum, k] == rows.loc[inside, "n"].sum()
            leaving = inside & (rows["duration"] == k) & (rows["event"] == 1)
            assert sets.events[stratum, k] == rows.loc[leaving, "n"].sum()


@given(tenures(), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_order_names_splitting_and_scale(tenure, factor):
    start = earliest_start(tenure, by="plan")
    curve = kaplan_meier(tenure, by="plan", start=start)
    halves = [tenure.assign(n=tenure["n"] // 3), tenure.assign(n=tenure["n"] * 2 // 3)]
    rest = tenure.assign(n=tenure["n"] - halves[0]["n"] - halves[1]["n"])
    for same in (tenure.sample(frac=1, random_state=4), pd.concat([*halves, rest])):
        again = kaplan_meier(same, by="plan", start=start)
        pd.testing.assert_frame_equal(again, curve)
    renamed = tenure.assign(plan=tenure["plan"].map({"a": "z", "b": "y"}))
    renamed = kaplan_meier(renamed, by="plan", start=start)
    for old, new in (("a", "z"), ("b", "y")):
        pd.testing.assert_frame_equal(
            renamed[renamed["plan"] == new].drop(columns="plan").reset_index(drop=True),
            curve[curve["plan"] == old].drop(columns="plan").reset_index(drop=True),
        )
    more = kaplan_meier(tenure.assign(n=tenure["n"] * factor), by="plan", start=start)
    assert more["survival"].to_numpy() == pytest.approx(curve["survival"].to_numpy())
    assert more["se"].to_numpy() * math.sqrt(factor) == pytest.approx(
        curve["se"].to_numpy(), nan_ok=True
    )


@given(tenures())
@settings(max_examples=40, deadline=None)
def test_curves_are_curves(tenure):
    curve = kaplan_meier(tenure, start=earliest_start(tenure))
    assert curve["survival"].iloc[0] == 1
    assert (curve["survival"].diff().dropna() <= 0).all()
    inside = (curve["lower"] <= curve["survival"] + 1e-12) & (
        curve["survival"] <= curve["upper"] + 1e-12
    )
    assert inside.all() and curve["lower"].ge(0).all() and curve["upper"].le(1).all()


# --- late entry --------------------------------------------------------------------


def seen_late():
    """A few customers seen from the start, most from period 3 on."""
    entry, duration, n = [0, 3], [9, 20], [30, 90]
    return pd.DataFrame({"entry": entry, "duration": duration, "event": 0, "n": n})


def emptied_early():
    """The only two customers seen early leave; those seen late stay on."""
    return pd.DataFrame(
        {
            "entry": [0, 1, 5, 5, 5],
            "duration": [2, 3, 9, 8, 9],
            "event": [1, 1, 0, 1, 0],
            "n": [1, 1, 40, 10, 20],
        }
    )


def test_an_empty_risk_set_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"start=5 \(or later"):
        kaplan_meier(emptied_early())
    with pytest.raises(ValueError, match="of plan = a, although"):
        life_table(emptied_early().assign(plan="a"), by="plan")
    assert earliest_start(emptied_early()) == 5
    curve = kaplan_meier(emptied_early(), start=5)
    assert curve["time"].iloc[0] == 5 and curve["at_risk"].iloc[0] == 70
    assert curve["survival"].iloc[-1] == pytest.approx(6 / 7)


def test_nobody_early_is_not_survival_of_one():
    late = pd.DataFrame({"entry": [4, 4], "duration": [6, 9], "event": [1, 0]})
    with pytest.raises(ValueError, match="start=4"):
        kaplan_meier(late)
    assert kaplan_meier(late, start=4)["survival"].tolist()[-1] == 0.5


def test_a_curve_from_a_later_start_is_the_conditional_curve():
    whole = kaplan_meier(seven()).set_index("time")["survival"]
    later = kaplan_meier(seven(), start=3).set_index("time")["survival"]
    assert later.to_numpy() == pytest.approx((whole.loc[3:] / whole[3]).to_numpy())


def simulated(rng, size, window=(40, 70)):
    """Customers of a mixed population who joined before or in an observation window.

    True survival is the mean of (1 - c)^k over two kinds of customers. Those who
    left before the window opened are invisible.
    """
    churn = np.where(rng.random(size) < 0.5, 0.10, 0.01)
    joined = rng.integers(0, window[1], size)
    time = rng.geometric(churn)
    entry = np.maximum(window[0] - joined, 0)
    end = window[1] - joined
    table = pd.DataFrame(
        {
            "entry": entry,
            "duration": np.minimum(time, end),
            "event": (time <= end).astype(int),
            "bucket": rng.integers(0, 32, size),
        }
    )
    return table[table["duration"] > table["entry"]]


def truth(periods):
    periods = np.asarray(periods)
    return 0.5 * 0.90**periods + 0.5 * 0.99**periods


def test_recovery_with_late_entry():
    """Coverage of S(12), restricted mean and the stock's loss in 80 companies."""
    rng = np.random.default_rng(2024)
    hits, naive = [], []
    for _ in range(80):
        tenure = simulated(rng, 2500)
        cells = tenure.groupby(["entry", "duration", "event"], as_index=False).size()
        cells = cells.rename(columns={"size": "n"})
        at_12 = survival_at(kaplan_meier(cells), 12)
        mean = restricted_mean(cells, 24)
        ahead = conditional_survival(cells, 12, 12)
        stock = stock_survival(cells, 6)
        ages = cells[cells["event"] == 0]
        expected = np.average(
            truth(ages["duration"] + 6) / truth(ages["duration"]), weights=ages["n"]
        )
        hits.append(
            [
                at_12.lower <= truth(12) <= at_12.upper,
                mean.lower <= truth(range(24)).sum() <= mean.upper,
                ahead.lower <= truth(24) / truth(12) <= ahead.upper,
                stock.lower <= expected <= stock.upper,
            ]
        )
        naive.append(survival_at(kaplan_meier_ignoring_entry(cells), 12).lower)
    assert np.mean(hits, axis=0) == pytest.approx(0.95, abs=0.08)
    assert np.min(naive) > truth(12)


def test_the_jackknife_agrees_with_greenwood():
    tenure = simulated(np.random.default_rng(6), 4000)
    exact = survival_at(kaplan_meier(tenure), 12)
    again = jackknife(tenure, lambda t: survival_at(kaplan_meier(t), 12).value)
    assert again.value == exact.value
    assert again.se == pytest.approx(exact.se, rel=0.35)


# --- medians, means, shares --------------------------------------------------------


def test_medians_may_be_out_of_reach():
    nobody = pd.DataFrame({"duration": [4, 9], "event": 0, "n": 30})
    median = median_survival(kaplan_meier(nobody), unit="months")
    assert (median.value, median.lower) == (math.inf, math.inf)
    assert median.text == "not reached"
    assert interpolated_median(kaplan_meier(nobody)).value == math.inf


def test_the_median_is_the_first_period_at_one_half():
    # 3/4 * 2/3 is 1/2 but for rounding.
    tenure = pd.DataFrame({"duration": [1, 2, 9], "event": [1, 1, 0], "n": [1, 1, 2]})
    assert median_survival(kaplan_meier(tenure)).value == 2
    assert interpolated_median(kaplan_meier(tenure)).value == pytest.approx(2)


def test_median_tables_hold_every_stratum():
    tenure = pd.DataFrame(
        {"plan": list("aab"), "duration": [4, 9, 9], "event": [1, 0, 0], "n": 60}
    )
    table = median_table(tenure, by="plan")
    assert table["median"].tolist() == [4, math.inf]
    assert table[["n", "events"]].to_numpy().tolist() == [[120, 60], [60, 0]]


def test_one_curve_at_a_time():
    both = kaplan_meier(seven().assign(plan=list("aaaabbb")), by="plan", start=3)
    with pytest.raises(ValueError, match="choose one stratum"):
        median_survival(both)


def test_a_horizon_out_of_reach_names_the_reach():
    with pytest.raises(ValueError, match="from 1 to 7"):
        restricted_mean(seven(), 8)
    with pytest.raises(
        ValueError, match="from 0 to 6 periods and says nothing about 7"
    ):
        survival_at(kaplan_meier(seven()), 7)
    gone = pd.DataFrame({"duration": [1, 3], "event": 1, "n": 5})
    assert restricted_mean(gone, 50).value == 2  # all have left: nothing is unknown
    assert survival_at(kaplan_meier(gone), 50).value == 0


def test_the_restricted_mean_of_complete_data_is_the_mean():
    tenure = pd.DataFrame({"duration": [1, 3, 7], "event": 1, "n": [5, 3, 2]})
    durations = np.repeat([1, 3, 7], [5, 3, 2])
    found = restricted_mean(tenure, 7)
    assert found.value == pytest.approx(durations.mean())
    assert found.se == pytest.approx(durations.std() / math.sqrt(10))


def test_discounting_weighs_the_periods():
    curve = kaplan_meier(seven())
    value, _ = discounted_area(curve, 3, discount=0.9)
    assert value == pytest.approx(1 + 0.9 + 0.81 * 0.8)


def test_differences_of_restricted_means_have_a_reference():
    tenure = pd.DataFrame(
        {"plan": list("aabbcc"), "duration": [2, 6] * 3, "event": [1, 0] * 3,
         "n": [60, 40, 20, 80, 50, 50]}
    )  # fmt: skip
    table = restricted_mean_difference(tenure, 6, by="plan", reference="b")
    assert table["difference"].tolist() == pytest.approx([-1.6, 0, -1.2])
    assert table["p_value"].isna().tolist() == [False, True, False]
    with pytest.raises(ValueError, match="not a level of 'plan': choose a, b, c"):
        restricted_mean_difference(tenure, 6, by="plan", reference="d")


def test_before_anybody_left_the_bound_is_binomial():
    tenure = pd.DataFrame({"duration": [6, 9], "event": [0, 1], "n": [10, 20]})
    at_6 = survival_at(kaplan_meier(tenure), 6)
    assert (at_6.value, at_6.upper) == (1, 1)
    assert at_6.lower == pytest.approx(0.025 ** (1 / 30))


# --- tomorrow ----------------------------------------------------------------------


def constant_churn(churn=0.1, last=60, n=1e6):
    period = np.arange(1, last + 1)
    left = n * (1 - churn) ** (period - 1) * churn
    here = pd.DataFrame({"duration": [last], "event": 0, "n": n * (1 - churn) ** last})
    return pd.concat([pd.DataFrame({"duration": period, "event": 1, "n": left}), here])


def test_with_constant_churn_the_stock_loses_what_a_cohort_loses():
    tenure = constant_churn(last=24)
    stock, new = expected_loss_of_stock(tenure, 12), new_cohort_loss(tenure, 12)
    assert stock.value == pytest.approx(new.value) == pytest.approx(1 - 0.9**12)
    assert "hazard held" in stock.method  # all today's customers are at the end
    assert stock.unit == "%" and stock.lower < stock.value < stock.upper


def test_an_aged_stock_loses_less_than_a_new_cohort():
    tenure = simulated(np.random.default_rng(3), 20_000)
    stock, new = expected_loss_of_stock(tenure, 12), new_cohort_loss(tenure, 12)
    assert stock.upper < new.lower
    assert stock.n == (tenure["event"] == 0).sum()


def test_the_stocks_standard_error_is_the_jackknifes():
    # Past the tail the pooled hazard is correlated with the periods it came from.
    rng = np.random.default_rng(15)
    tenure = simulated(rng, 3000, window=(0, 30)).assign(n=1)
    here = tenure[tenure["event"] == 0]

    def with_todays_stock(table):
        # The stock is taken as it is: a thousand times today's, never at risk.
        fixed = here.assign(entry=here["duration"], n=1000)
        return stock_survival(pd.concat([table, fixed]), 12).value

    again = jackknife(tenure, with_todays_stock)
    exact = stock_survival(tenure, 12)
    assert again.value == pytest.approx(exact.value, abs=1e-3)
    assert again.se == pytest.approx(exact.se, rel=0.4)


def test_without_customers_there_is_no_stock():
    with pytest.raises(ValueError, match="no current customer"):
        stock_survival(pd.DataFrame({"duration": [1], "event": [1], "n": [5]}), 12)


def test_a_stock_that_nobody_left_has_a_binomial_bound():
    tenure = pd.DataFrame({"duration": [9], "event": [0], "n": [60]})
    found = stock_survival(tenure, 3)
    assert found.value == 1 and found.upper == 1
    assert found.lower < 1


# --- the study's answer, its traps and its checks ----------------------------------


def test_the_answer_when_the_median_is_reached():
    answer = tenure_answer(constant_churn(n=1e4).round(), window="2022 to 2026")
    assert answer.summary == (
        "Half of new customers leave within 7 months (95 % CI 7 to 7), and 28.2 % "
        "(95 % CI 27.4 to 29.1 %) are still here after 12 months (9,997 customers, "
        "9,979 left, 2022 to 2026)."
    )
    assert list(answer.kept) == [12, 24, 48]
    assert answer.restricted_mean.value == pytest.approx(10, abs=0.1)


def test_the_answer_when_the_median_is_not_reached():
    tenure = constant_churn(churn=0.01, last=48, n=1e4).round()
    assert tenure_answer(tenure).summary == (
        "More than half of new customers, 61.7 % (95 % CI 60.8 to 62.7 %), are still "
        "here after 48 months, and 88.6 % (95 % CI 88.0 to 89.3 %) after 12 months "
        "(9,999 customers, 3,826 left)."
    )
    short = constant_churn(churn=0.05, last=6, n=400).round()
    assert tenure_answer(short).horizon == 6
    assert tenure_answer(short).summary == (
        "More than half of new customers, 74 % (95 % CI 69 to 78 %), are still here "
        "after 6 months (399 customers, 105 left)."
    )
    unsure = constant_churn(churn=0.05, last=12, n=120).round()
    assert tenure_answer(unsure).summary == (
        "The median is not reached: 54 % (95 % CI 45 to 63 %) of new customers are "
        "still here after 12 months (120 customers, 55 left)."
    )


def test_the_answer_when_nobody_or_hardly_anybody_left():
    nobody = pd.DataFrame({"duration": [14], "event": [0], "n": [120]})
    assert tenure_answer(nobody).summary == (
        "None of the 120 customers left, so all that can be said is that at least 96.9 "
        "% are still here after 12 months (95 % confidence)."
    )
    few = pd.DataFrame({"duration": [5, 14], "event": [1, 0], "n": [7, 38]})
    assert tenure_answer(few, unit="week").summary == (
        "Only 7 of 45 customers left, too few to say how long they stay; the share "
        "still here after 12 weeks could be anything from 70 to 92 %."
    )


def test_the_answer_starts_later_where_nobody_was_seen_early():
    tenure = emptied_early().assign(n=[1, 1, 400, 100, 200])
    answer = tenure_answer(tenure)
    assert answer.start == 5
    assert answer.summary.startswith("More than half of those who had stayed 5 months")


def test_the_horizon_is_cut_to_fifty_at_risk():
    tenure = pd.DataFrame({"duration": [8, 10, 30], "event": [1, 0, 0]})
    tenure["n"] = [60, 9, 40]
    answer = tenure_answer(tenure)
    assert (answer.horizon, answer.last) == (8, 8)


def test_naive_numbers_stand_beside_the_right_ones():
    tenure = simulated(np.random.default_rng(9), 20_000)
    table = naive_tenure(tenure).set_index("quoted")
    assert mean_tenure_of_leavers(tenure) == table["naive"].iloc[0]
    assert mean_tenure_of_current(tenure) == table["naive"].iloc[1]
    share = table.loc["share still here after 12, late entry ignored"]
    assert share["right"] == pytest.approx(truth(12), abs=0.03)
    assert share["naive"] > share["right"] + 0.1
    assert math.isnan(mean_tenure_of_leavers(tenure[tenure["event"] == 0]))


def statuses(tenure, **options):
    return {check.name: check.status for check in tenure_checks(tenure, **options)}


def test_checks_pass_on_good_data():
    good = statuses(simulated(np.random.default_rng(1), 30_000, window=(0, 60)))
    # Nobody can have been watched for longer than the company's oldest customers.
    assert good.pop("today's customers within the curve") == "REVIEW"
    assert set(good.values()) == {"PASS"} and len(good) == 7


@pytest.mark.parametrize(
    ("tenure", "name", "status"),
    [
        (pd.DataFrame({"duration": [5, 40], "event": [1, 0], "n": [30, 30]}),
         "enough customers at the horizon", "REVIEW"),
        (pd.DataFrame({"duration": [5, 8], "event": [1, 0], "n": [30, 30]}),
         "enough customers at the horizon", "FAIL"),
        (emptied_early(), "enough customers in the first periods", "FAIL"),
        (seen_late(),
         "enough customers in the first periods", "REVIEW"),
        (pd.DataFrame({"duration": [5, 20], "event": [1, 0], "n": [9, 500]}),
         "enough customers who left", "FAIL"),
        (seen_late(),
         "late entry", "REVIEW"),
        (pd.DataFrame({"duration": [5, 20], "event": [1, 0], "n": [100, 500]}),
         "median within reach", "REVIEW"),
        (pd.DataFrame({"duration": [1, 5, 20], "event": [1, 1, 0], "n": [90, 9, 500]}),
         "leaving in the first period", "REVIEW"),
        (pd.DataFrame({"duration": [5, 12, 20], "event": [1, 1, 0], "n": [5, 90, 500]}),
         "leaving in yearly waves", "REVIEW"),
        (pd.DataFrame({"duration": [5, 20], "event": [1, 0], "n": [100, 500]}),
         "today's customers within the curve", "REVIEW"),
    ],
)  # fmt: skip
def test_checks_fire_and_name_a_remedy(tenure, name, status):
    found = next(check for check in tenure_checks(tenure) if check.name == name)
    assert found.status == status
    assert found.remedy


# --- bad tables --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"duration": [1]}, "lacks the column 'event'"),
        ({"duration": [1.5], "event": [1]}, "whole periods"),
        ({"duration": [-1], "event": [0]}, "whole periods"),
        ({"duration": [None], "event": [0]}, "whole periods"),
        ({"duration": ["x"], "event": [0]}, "whole periods"),
        ({"duration": [2], "event": [2]}, r"1 \(left\) or 0"),
        ({"duration": [2], "event": [1], "n": [-1]}, "n must be"),
        ({"duration": [0], "event": [1]}, "period 1 or later"),
        ({"duration": [0], "event": [0]}, "No customer"),
        ({"duration": [2], "event": [1], "n": [0]}, "No customer"),
    ],
)
def test_bad_tables_are_refused_with_the_reason(table, message):
    with pytest.raises(ValueError, match=message):
        kaplan_meier(pd.DataFrame(table))


def test_a_stratum_cannot_be_a_measure():
    with pytest.raises(ValueError, match="cannot be a stratum"):
        kaplan_meier(seven(), by="event")


def test_nullable_and_text_free_types_are_welcome():
    nullable = seven().convert_dtypes()
    pd.testing.assert_frame_equal(kaplan_meier(nullable), kaplan_meier(seven()))


def test_strata_with_missing_values_are_kept():
    tenure = seven().assign(plan=["a"] * 4 + [None] * 3)
    curve = kaplan_meier(tenure[tenure["entry"] == 0], by="plan")
    assert curve["plan"].isna().any() and (curve["plan"] == "a").any()


def test_importing_curves_needs_no_heavy_package():
    import subprocess
    import sys

    code = (
        "import sys, retention.survival.curves, retention.survival.comparisons, "
        "retention.survival.parametric, retention.survival.competing, "
        "retention.projection\n"
        "print(sorted({'scipy', 'statsmodels', 'lifelines', 'matplotlib', 'duckdb'} "
        "& set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
