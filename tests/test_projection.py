"""sBG, BdW, constant churn and discounted tenure."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import beta as beta_function
from scipy.special import hyp2f1

from retention.projection import (
    BetaDiscreteWeibull,
    ShiftedBetaGeometric,
    discount_per_period,
    discounted_expected_tenure,
    fit_bdw,
    fit_constant_churn,
    fit_sbg,
)
from retention.survival.curves import kaplan_meier

REGULAR = pd.Series([1000, 631, 468, 382, 326, 289, 262, 241])


def test_survival_and_retention_are_the_formulas():
    model = ShiftedBetaGeometric(0.8, 2.4)
    t = np.arange(0, 30)
    expected = beta_function(0.8, 2.4 + t) / beta_function(0.8, 2.4)
    assert model.survival(t).to_numpy() == pytest.approx(expected)
    later = np.arange(1, 30)
    rate = (2.4 + later - 1) / (0.8 + 2.4 + later - 1)
    assert model.retention(later).to_numpy() == pytest.approx(rate)
    assert model.survival(t).index.tolist() == t.tolist()


def test_with_exponent_one_the_bdw_is_the_sbg():
    t = range(12)
    sbg = ShiftedBetaGeometric(0.8, 2.4).survival(t)
    bdw = BetaDiscreteWeibull(0.8, 2.4, 1.0).survival(t)
    pd.testing.assert_series_equal(sbg, bdw)
    rising = BetaDiscreteWeibull(0.8, 2.4, 1.5)
    assert (
        rising.retention([8]).item()
        < ShiftedBetaGeometric(0.8, 2.4).retention([8]).item()
    )


def test_a_cohort_and_its_tenure_table_give_one_fit():
    tenure = pd.DataFrame(
        {
            "duration": [*range(1, 8), 7],
            "event": [1] * 7 + [0],
            "n": [369, 163, 86, 56, 37, 27, 21, 241],
        }
    )
    for fit in (fit_sbg, fit_bdw):
        one, other = fit(REGULAR), fit(tenure)
        assert one.log_likelihood == other.log_likelihood
        assert one.alpha == other.alpha


def exact_cells(entry, last, n):
    """Expected counts of sBG(.8, 2.4) customers who had stayed ``entry`` periods."""
    t = np.arange(entry + 1, last + 1)
    survival = ShiftedBetaGeometric(0.8, 2.4).survival(range(last + 1)).to_numpy()
    left = n * (survival[t - 1] - survival[t]) / survival[entry]
    return pd.DataFrame(
        {
            "entry": entry,
            "duration": np.append(t, last),
            "event": np.append(np.ones(len(t), int), 0),
            "n": np.append(left, n * survival[last] / survival[entry]),
        }
    )


def test_late_entrants_are_conditioned_on():
    tenure = pd.concat([exact_cells(0, 6, 1e5), exact_cells(4, 12, 5e4)])
    model = fit_sbg(tenure)
    assert (model.alpha, model.beta) == pytest.approx((0.8, 2.4), rel=1e-4)
    wrong = fit_sbg(tenure.assign(entry=0))
    assert abs(wrong.beta - 2.4) > 0.5


def test_recovery_and_coverage():
    """Cohorts of 1,500 followed for one to five years, as annual plans have them."""
    rng = np.random.default_rng(27)
    truth = ShiftedBetaGeometric(0.8, 2.4)
    hits, forecasts = [], []
    for _ in range(60):
        churn = rng.beta(0.8, 2.4, 7500)
        time, follow = rng.geometric(np.maximum(churn, 1e-12)), np.arange(7500) % 5 + 1
        tenure = pd.DataFrame(
            {
                "duration": np.minimum(time, follow),
                "event": (time <= follow).astype(int),
            }
        )
        model = fit_sbg(tenure)
        table = model.parameters()
        at_10 = model.projection([10]).iloc[0]
        forecasts.append(at_10["survival"])
        hits.append(
            [
                table.loc["alpha", "lower"] <= 0.8 <= table.loc["alpha", "upper"],
                table.loc["beta", "lower"] <= 2.4 <= table.loc["beta", "upper"],
                at_10["lower"] <= truth.survival([10]).item() <= at_10["upper"],
            ]
        )
    assert np.mean(hits, axis=0) == pytest.approx(0.95, abs=0.09)
    assert np.mean(forecasts) == pytest.approx(truth.survival([10]).item(), abs=0.01)


def test_parameter_intervals_are_made_on_the_log_scale():
    table = fit_sbg(REGULAR).parameters()
    row = table.loc["alpha"]
    assert row["value"] ** 2 == pytest.approx(row["lower"] * row["upper"])
    assert table.loc["mean_churn", "value"] == pytest.approx(0.7041 / 1.8861, abs=1e-4)
    wide = fit_bdw(REGULAR).parameters(confidence=0.99)
    assert wide.loc["exponent", "lower"] < 1 < wide.loc["exponent", "upper"]


def test_customers_who_do_not_differ_are_found_not_to():
    kept = pd.Series([100_000, 90_000, 81_000, 72_900, 65_610])
    model = fit_sbg(kept)
    assert not model.differing and fit_sbg(REGULAR).differing
    assert model.parameters().loc["alpha", ["lower", "upper"]].tolist() == [0, math.inf]
    constant = fit_constant_churn(kept)
    assert model.log_likelihood == pytest.approx(constant.log_likelihood, abs=0.1)
    band = model.projection([10]).iloc[0]
    assert band["survival"] == pytest.approx(0.9**10, abs=1e-3)
    assert band["lower"] < 0.9**10 < band["upper"]


def test_constant_churn_is_events_over_exposure():
    model = fit_constant_churn(REGULAR)
    assert model.churn.value == pytest.approx(759 / 3358)
    assert model.n == 1000 and model.churn.n == 3358
    assert model.survival([2]).item() == pytest.approx((1 - 759 / 3358) ** 2)
    assert model.log_likelihood < fit_sbg(REGULAR).log_likelihood - 50


def test_discounted_lifetimes_are_the_hypergeometric_function():
    model = ShiftedBetaGeometric(0.8, 2.4)
    rate = 1 / 1.1
    new = model.discounted_lifetime(annual_discount_rate=0.10, time_unit="year")
    assert new.value == pytest.approx(hyp2f1(1, 2.4, 3.2, rate))
    third = model.discounted_residual_lifetime(
        3, annual_discount_rate=0.10, time_unit="year"
    )
    expected = 4.4 / 5.2 * hyp2f1(1, 5.4, 6.2, rate)
    assert third.value == pytest.approx(expected)
    assert math.isnan(new.lower) and new.text == "4.53 years (no interval)"


def test_scipys_hypergeometric_function_fails_where_the_series_does_not():
    assert math.isnan(hyp2f1(1, 300, 303, 1 / 1.1))
    found = ShiftedBetaGeometric(3, 300).discounted_lifetime(
        annual_discount_rate=0.10, time_unit="year"
    )
    assert found.value == pytest.approx(10.03447, abs=5e-6)


def test_a_fitted_lifetime_has_an_interval():
    found = fit_sbg(REGULAR).discounted_lifetime(
        annual_discount_rate=0.10, time_unit="year"
    )
    assert found.lower < found.value < found.upper
    assert found.text == "3.7 years (95 % CI 3.5 to 3.9)"


def test_one_aggregate_rate_undervalues_the_customers_we_have():
    # Fader & Hardie (2010): survivors are better than the average that joined.
    model = ShiftedBetaGeometric(0.704, 1.182)
    first, fifth = (
        model.discounted_residual_lifetime(
            n, annual_discount_rate=0.10, time_unit="year"
        ).value
        for n in (1, 5)
    )
    kept = 1.182 / 1.886
    constant = kept / (1 - kept / 1.1)
    assert constant < first < fifth


def test_discounted_expected_tenure_of_a_curve():
    tenure = pd.DataFrame(
        {"duration": [1, 2, 3], "event": [1, 1, 0], "n": [300, 200, 500]}
    )
    curve = kaplan_meier(tenure)
    plain = discounted_expected_tenure(curve, annual_discount_rate=0.0, horizon=3)
    assert plain.value == pytest.approx(1 + 0.7 + 0.5)
    monthly = discounted_expected_tenure(curve, annual_discount_rate=0.10)
    v = 1.1 ** (-1 / 12)
    assert monthly.value == pytest.approx(1 + 0.7 * v + 0.5 * v**2)
    assert monthly.unit == "months" and monthly.se < plain.se


def test_units_and_rates_are_checked():
    assert discount_per_period(0.10, "year") == pytest.approx(1 / 1.1)
    assert discount_per_period(0.10, "quarter") ** 4 == pytest.approx(1 / 1.1)
    with pytest.raises(ValueError, match="day, week, month, quarter, year"):
        discount_per_period(0.10, "months")
    with pytest.raises(ValueError, match="must be 0 or more"):
        discount_per_period(-0.01, "year")
    with pytest.raises(ValueError, match="above 0"):
        fit_sbg(REGULAR).discounted_lifetime(annual_discount_rate=0.0)
    with pytest.raises(ValueError, match="from 1"):
        fit_sbg(REGULAR).discounted_residual_lifetime(0, annual_discount_rate=0.1)


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        (pd.Series([100, 63.1, 46.8]), "multiply shares"),
        (pd.Series([100, 60, 61]), "rises in period 2"),
        (pd.Series([100, 60, 50], index=[1, 2, 3]), r"its index is \[1, 2, 3\]"),
        (pd.Series([100, 60]), "at least up to 2"),
        (pd.Series([100, 100, 100]), "Nobody left"),
    ],
)
def test_survivors_that_cannot_be_are_refused(kept, message):
    with pytest.raises(ValueError, match=message):
        fit_sbg(kept)
