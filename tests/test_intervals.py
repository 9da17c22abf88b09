"""Intervals: wording, verdicts, formulas and resampling."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.intervals import (
    Check,
    Estimate,
    Region,
    benjamini_hochberg,
    bootstrap,
    delta,
    difference,
    jackknife,
    limits,
    maximum_likelihood,
    measured,
    verdict,
    wilson,
)

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("value", "lower", "upper", "unit", "text"),
    [
        (30.31, 29.1, 31.93, "months", "30.3 months (95 % CI 29.1 to 31.9)"),
        (0.31, 0.29, 0.33, "%", "31 % (95 % CI 29 to 33 %)"),
        (0.31, 0.3082, 0.3118, "%", "31.00 % (95 % CI 30.82 to 31.18 %)"),
        (8, 4, 11, "months", "8 months (95 % CI 4 to 11)"),
        (1, 1, 2, "months", "1 month (95 % CI 1 to 2)"),
        (23, 13, INF, "weeks", "23 weeks (95 % CI 13 or more)"),
        (INF, 29.1, INF, "months", "not reached (95 % CI 29.1 months or more)"),
        (INF, INF, INF, "months", "not reached"),
        (2, -INF, 3.5, "months", "2.0 months (95 % CI 3.5 or less)"),
        (2, -INF, INF, "", "2 (95 % CI without bounds)"),
        (5.0, NAN, NAN, "years", "5 years (no interval)"),
        (NAN, 0, 1, "%", "not available"),
        (0, 0, 0.1611, "%", "0 % (95 % CI 0 to 16 %)"),
        (0.004, 0.001, 0.9, "%", "0.4 % (95 % CI 0.1 to 90.0 %)"),
        (1.2e-5, 0.8e-5, 1.7e-5, "", "0.000012 (95 % CI 0.000008 to 0.000017)"),
        (0.05, 0.03, 0.07, "percentage points", "5 percentage points (95 % CI 3 to 7)"),
        (4.267, 3.1, 5.44, "EUR per customer",
         "EUR 4.27 per customer (95 % CI 3.10 to 5.44)"),
        (-12, -20, -4, "$", "−$12 (95 % CI −20 to −4)"),
        (-0.02, -0.6, 0.55, "months", "−0.02 months (95 % CI −0.60 to 0.55)"),
        (1_234_567, 1_180_000, 1_290_000, "EUR",
         "EUR 1,230,000 (95 % CI 1,180,000 to 1,290,000)"),
        (12_345, 11_020, 13_710, "customers",
         "12,300 customers (95 % CI 11,000 to 13,700)"),
        (1_234, 1_100, 1_370, "customers", "1,234 customers (95 % CI 1,100 to 1,370)"),
        (2.5, 2.5, 2.5, "", "2.50 (95 % CI 2.50 to 2.50)"),
    ],
)  # fmt: skip
def test_an_estimate_reads_well_aloud(value, lower, upper, unit, text):
    assert Estimate(value, lower, upper, 100, "any", unit).text == text


def test_an_estimate_names_its_confidence():
    narrow = Estimate(8, 4, 11, 21, "any", "weeks", confidence=0.9)
    assert narrow.text == "8 weeks (90 % CI 4 to 11)"
    assert Estimate(8, 4, 11, 21, "any", confidence=0.999).text.count("99.9 % CI") == 1


def test_the_parts_of_a_sentence():
    share = Estimate(0.31, 0.29, 0.33, 100, "Wilson", "%")
    assert share.value_text == "31 %"
    assert share.range_text == "29 to 33 %"
    assert Estimate(23, 13, INF, 21, "any", "weeks").range_text == "13 weeks or more"


@given(
    st.floats(-1e9, 1e9),
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.sampled_from(["", "%", "months", "EUR", "EUR per customer", "$"]),
)
def test_every_estimate_has_a_text(value, below, above, unit):
    text = Estimate(value, value - below, value + above, 9, "any", unit).text
    assert "nan" not in text and "e+" not in text and "95 % CI" in text


@pytest.mark.parametrize(
    ("lower", "upper", "region", "expected"),
    [
        (0.21, 0.29, Region(0.20, 0.30), "HOLDS"),
        (0.20, 0.30, Region(0.20, 0.30), "HOLDS"),
        (0.18, 0.199, Region(0.20, 0.30), "DOES NOT HOLD"),
        (0.31, 0.40, Region(0.20, 0.30), "DOES NOT HOLD"),
        (0.19, 0.25, Region(0.20, 0.30), "UNDECIDED"),
        (0.10, 0.40, Region(0.20, 0.30), "UNDECIDED"),
        (5.1, INF, Region.at_least(5), "HOLDS"),
        (5.1, INF, Region.at_most(5), "DOES NOT HOLD"),
        (4.9, INF, Region.at_least(5), "UNDECIDED"),
    ],
)
def test_the_verdict_is_where_the_interval_lies(lower, upper, region, expected):
    middle = lower + 1 if math.isinf(upper) else (lower + upper) / 2
    assert (
        verdict(Estimate(middle, lower, upper, 50, "any"), region).verdict == expected
    )


def test_undecided_names_the_number_that_would_decide():
    # The half-width .04 must shrink to .02, so four times as many are needed.
    inside = Estimate(0.22, 0.18, 0.26, 400, "any", "%")
    assert verdict(inside, Region(0.20, 0.30)).n_to_decide == 1600
    outside = Estimate(0.19, 0.15, 0.23, 400, "any", "%")
    found = verdict(outside, Region(0.20, 0.30))
    assert found.n_to_decide == 6400
    assert found.text == (
        "UNDECIDED: 15 to 23 % lies across 20 to 30 %: about 6,400 customers would "
        "decide, not 400, if the estimate stayed where it is."
    )
    on_the_edge = Estimate(0.20, 0.15, 0.25, 400, "any", "%")
    assert verdict(on_the_edge, Region(0.20, 0.30)).n_to_decide is None
    wider = Estimate(0.25, 0.10, 0.40, 400, "any", "%")
    assert verdict(wider, Region(0.20, 0.30)).n_to_decide == 3600


def test_at_that_number_the_verdict_would_indeed_be_decided():
    estimate = measured(0.22, 0.02, 400, method="any")
    region = Region(0.20, 0.30)
    needed = verdict(estimate, region).n_to_decide
    larger = measured(0.22, 0.02 * math.sqrt(400 / needed), needed, method="any")
    assert verdict(larger, region).verdict == "HOLDS"
    smaller = measured(0.22, 0.02 * math.sqrt(400 / (0.95 * needed)), 1, method="any")
    assert verdict(smaller, region).verdict == "UNDECIDED"


def test_what_the_data_cannot_say_is_not_identifiable():
    estimate = Estimate(0.22, 0.21, 0.23, 400, "any", "%")
    blocked = verdict(estimate, Region.near_share(0.25), blocked="no column joined_on")
    assert blocked.text == "NOT IDENTIFIABLE: no column joined_on"
    assert verdict(None, Region()).verdict == "NOT IDENTIFIABLE"
    hollow = Estimate(0.2, NAN, NAN, 0, "any")
    assert verdict(hollow, Region()).verdict == "NOT IDENTIFIABLE"


def test_a_saying_that_contradicts_itself_is_inconsistent():
    found = verdict(None, Region(), contradiction="210 years in a bank of 140 years.")
    assert found.text == "INCONSISTENT: 210 years in a bank of 140 years."


def test_regions_say_themselves_and_refuse_to_be_empty():
    assert Region.near_ratio(5).text() == "4 to 6.25"
    assert Region.near_share(0.25).text("%") == "20 to 30 %"
    assert Region.at_least(5).text() == "at least 5"
    assert Region.at_most(0.8).text("EUR") == "at most EUR 0.8"
    assert Region().text() == "any value"
    with pytest.raises(ValueError, match="empty"):
        Region(3, 2)


def test_a_check_has_one_of_three_statuses():
    assert Check("any", "PASS", "fine").remedy == ""
    with pytest.raises(ValueError, match="PASS, REVIEW, FAIL"):
        Check("any", "OK", "fine")


def test_wilson_knows_nothing_without_data_and_refuses_nonsense():
    nothing = wilson(0, 0)
    assert math.isnan(nothing.value) and (nothing.lower, nothing.upper) == (0, 1)
    assert (wilson(0, 20).lower, wilson(20, 20).upper) == (0, 1)
    with pytest.raises(ValueError, match="events = 21 of n = 20"):
        wilson(21, 20)
    with pytest.raises(ValueError, match=r"write 0\.95"):
        wilson(1, 20, confidence=95)


def test_limits_stay_inside_the_possible_range():
    for scale in ("log-log", "logit"):
        lower, upper = limits(np.array([0.02, 0.5, 0.98]), 0.1, scale=scale)
        assert (lower > 0).all() and (upper < 1).all() and (lower < upper).all()
    assert [float(b) for b in limits(1.0, 0.0, scale="log-log")] == [1, 1]
    assert min(limits(0.1, 1.0, scale="log")) > 0
    with pytest.raises(ValueError, match="linear, log, logit, log-log"):
        limits(0.1, 1.0, scale="probit")


def test_the_delta_method_is_exact_for_linear_functions():
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    found = delta(lambda t: np.array([t[0] - t[1], 3 * t[1]]), [2.0, 5.0], covariance)
    assert found["value"].tolist() == [-3, 15]
    assert found["se"].to_numpy() == pytest.approx([math.sqrt(0.11), 0.9], abs=1e-8)


def test_differences_need_one_unit():
    a, b = measured(3, 0.3, 10, method="m"), measured(1, 0.4, 20, method="m")
    gap = difference(a, b)
    assert (gap.value, gap.se, gap.n) == (2, pytest.approx(0.5), 30)
    with pytest.raises(ValueError, match="'%' and ''"):
        difference(wilson(1, 2), b)


def test_the_jackknife_of_a_mean_is_the_usual_standard_error(rows_of_spend):
    found = jackknife(rows_of_spend, lambda t: t["spend"].mean())
    assert found.se == pytest.approx(rows_of_spend["spend"].sem(), rel=1e-12)
    assert found.upper - found.value == pytest.approx(found.se * 2.0227, rel=1e-4)


def test_the_jackknife_repairs():
    with pytest.raises(ValueError, match="bucket=True"):
        jackknife(pd.DataFrame({"n": [1]}), len)
    with pytest.raises(ValueError, match="at least 2 buckets"):
        jackknife(pd.DataFrame({"n": [1], "bucket": "00"}), len)
    with pytest.raises(ValueError, match="restricted mean"):
        jackknife(pd.DataFrame({"n": 1, "bucket": list("ab")}), lambda t: math.inf)


@pytest.fixture
def rows_of_spend():
    rng = np.random.default_rng(5)
    buckets = [f"{k:02x}" for k in range(40)]
    return pd.DataFrame({"bucket": buckets, "spend": rng.gamma(2, 5, 40), "n": 1})


def test_the_bootstrap_of_a_share_is_binomial():
    cells = pd.DataFrame({"kept": [1, 0], "n": [700, 300]})

    def share(table):
        return np.average(table["kept"], weights=table["n"])

    found = bootstrap(cells, share, rng=11, replicates=1999)
    assert found.value == 0.7 and found.n == 1000
    assert found.se == pytest.approx(math.sqrt(0.7 * 0.3 / 1000), rel=0.1)
    again = bootstrap(cells, share, rng=np.random.default_rng(11), replicates=1999)
    assert (again.lower, again.upper) == (found.lower, found.upper)


def test_the_bootstrap_repairs():
    cells = pd.DataFrame({"kept": [1, 0], "n": [700, 300]})
    with pytest.raises(ValueError, match="at least 200"):
        bootstrap(cells, len, rng=1, replicates=100)
    with pytest.raises(ValueError, match="column 'n'"):
        bootstrap(cells[["kept"]], len, rng=1)
    with pytest.raises(ValueError, match="whole numbers"):
        bootstrap(cells.assign(n=0.5), len, rng=1)


def test_benjamini_hochberg_agrees_with_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = pd.Series([0.001, 0.04, 0.03, 0.2, 0.5, 0.04, 1.0], index=list("abcdefg"))
    expected = multipletests(p, method="fdr_bh")[1]
    assert benjamini_hochberg(p).to_numpy() == pytest.approx(expected, abs=1e-15)
    with pytest.raises(ValueError, match="outside 0 to 1"):
        benjamini_hochberg(pd.Series([0.1, 1.2]))


def test_maximum_likelihood_finds_mean_and_variance():
    rng = np.random.default_rng(3)
    x = rng.normal(4, 2, 500)

    def log_likelihood(theta):
        return (
            -np.sum((x - theta[0]) ** 2) / (2 * np.exp(2 * theta[1])) - 500 * theta[1]
        )

    best = maximum_likelihood(log_likelihood, [0, 0], bounds=[(-50, 50), (-9, 9)])
    assert best.parameters == pytest.approx([x.mean(), np.log(x.std())], abs=1e-6)
    expected = np.diag([x.var() / 500, 1 / 1000])
    assert best.covariance == pytest.approx(expected, rel=1e-4, abs=1e-7)
    assert not best.at_bound.any()


def test_a_flat_likelihood_is_named():
    with pytest.raises(ValueError, match="cannot tell the parameters apart"):
        maximum_likelihood(
            lambda t: -((t[0] + t[1]) ** 2), [1, 1], bounds=[(-5, 5), (-5, 5)]
        )
