"""BG/NBD, Pareto/NBD, gamma-gamma, BG/BB: formulas, edges and odd data."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.special import gamma as gamma_function
from scipy.special import hyp2f1

from retention.intervals import jackknife
from retention.projection import (
    BetaGeometricBetaBinomial,
    BetaGeometricNBD,
    GammaGamma,
    ParetoNBD,
    expected_value,
    fit_bg_bb,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_pareto_nbd,
    forecast,
    independence_check,
)
from retention.projection.bg_nbd_likelihood import Likelihood
from retention.projection.buyers_fitting import buyer_cells, maximum, with_differences
from retention.projection.gamma_gamma import _likelihood
from retention.projection.pareto_nbd_likelihood import Likelihood as ParetoLikelihood

BG = BetaGeometricNBD(0.55, 6.0, 0.9, 2.8)
PARETO = ParetoNBD(0.55, 10.6, 0.61, 11.7)
PASTS = [(0, 0, 39), (1, 2, 39), (2, 30, 39), (12, 20, 39), (40, 38, 39)]


def buyers(n, seed, model=BG):
    """Customers drawn one by one from the BG/NBD, 52 to 78 weeks in view."""
    rng = np.random.default_rng(seed)
    rate, stops = rng.gamma(model.r, 1 / model.alpha, n), rng.beta(model.a, model.b, n)
    rows = []
    for own, stop, seen in zip(rate, stops, rng.uniform(52, 78, n), strict=True):
        x, last, now = 0, 0.0, rng.exponential(1 / own)
        while now <= seen:
            x, last = x + 1, now
            now = np.inf if rng.random() < stop else now + rng.exponential(1 / own)
        rows.append((x, last, seen))
    return pd.DataFrame(rows, columns=["x", "t_x", "T"])


@pytest.fixture(scope="module")
def sample():
    table = buyers(3000, seed=4).round({"t_x": 0, "T": 0})
    return table.assign(bucket=np.arange(len(table)) % 100)


def bg_likelihood(x, t_x, T, r, alpha, a, b):
    """Fader, Hardie & Lee (2005), as a product of gamma and beta functions."""
    rate = gamma_function(r + x) / gamma_function(r) * alpha**r
    whole = beta_function(a, b)
    here = beta_function(a, b + x) / whole * (alpha + T) ** -(r + x)
    gone = beta_function(a + 1, b + max(x, 1) - 1) / whole * (alpha + t_x) ** -(r + x)
    return rate * (here + (x > 0) * gone)


def test_the_likelihood_is_the_formula():
    cells = pd.DataFrame(PASTS, columns=["x", "t_x", "T"]).assign(n=[5, 4, 3, 2, 1])
    found, _ = Likelihood(buyer_cells(cells))(BG.theta)
    each = [bg_likelihood(*past, BG.r, BG.alpha, BG.a, BG.b) for past in PASTS]
    assert found == pytest.approx(cells["n"] @ np.log(each))


def test_gradients_are_those_of_the_likelihoods(sample):
    amounts = pd.DataFrame(
        {"x": [1.0, 2, 9], "mean_amount": [3.0, 40, 11], "n": [1.0, 7, 2]}
    )
    cases = [
        (Likelihood(buyer_cells(sample)), np.array([-2.0, -0.3, -0.7, 1.1])),
        (ParetoLikelihood(buyer_cells(sample)), np.array([-2.0, -0.3, -4.0, 0.4])),
        (_likelihood(amounts), np.array([1.2, 0.9, 1.4])),
    ]
    for objective, theta in cases:
        numeric = with_differences(lambda t, f=objective: f(t)[0])(theta)[1]
        assert objective(theta)[1] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("fit", [fit_bg_nbd, fit_pareto_nbd])
def test_collapsed_counts_and_rows_give_one_fit(sample, fit):
    small = sample.head(600)
    cells = small.groupby(["x", "t_x", "T"], as_index=False).size()
    rows, counted = fit(small), fit(cells.rename(columns={"size": "n"}))
    assert counted.theta == pytest.approx(rows.theta, abs=1e-6)
    assert counted.covariance == pytest.approx(rows.covariance, rel=1e-4, abs=1e-8)
    assert (counted.n, rows.n) == (600, 600)


def test_standard_errors_are_those_of_the_jackknife(sample):
    model = fit_bg_nbd(sample)
    again = jackknife(sample, lambda t: np.log(fit_bg_nbd(t).r))
    assert model.covariance[1, 1] ** 0.5 == pytest.approx(again.se, rel=0.3)


@pytest.mark.parametrize("past", PASTS)
@pytest.mark.parametrize("weeks", [1, 52, 520])
def test_expected_orders_are_the_published_formula(past, weeks):
    x, t_x, T = past
    r, alpha, a, b = BG.r, BG.alpha, BG.a, BG.b
    front = (a + b + x - 1) / (a - 1)
    share = ((alpha + T) / (alpha + T + weeks)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + T + weeks))
    silent = (
        (x > 0) * a / (b + max(x, 1) - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    )
    formula = front * (1 - share * series) / (1 + silent)
    found = BG.conditional_orders(x, t_x, T, weeks)
    assert found == pytest.approx(formula, rel=1e-7)


@pytest.mark.parametrize("a", [1.0, 1 + 1e-9, 300.0])
def test_where_the_published_formula_breaks_down_ours_does_not(a):
    model = BetaGeometricNBD(0.5, 5.0, a, 3.0 * a)
    near = BetaGeometricNBD(0.5, 5.0, a * 1.0001, 3.0 * a)
    found = model.conditional_orders([0, 3, 900], [0, 20, 38], 39, 52)
    assert np.isfinite(found).all()
    assert found == pytest.approx(
        near.conditional_orders([0, 3, 900], [0, 20, 38], 39, 52), rel=1e-3
    )


def test_pareto_being_gone_is_the_integral_over_the_moment_of_stopping():
    r, alpha, s, beta = PARETO.r, PARETO.alpha, PARETO.s, PARETO.beta
    for x, t_x, T in PASTS[:4]:
        here = (alpha + T) ** -(r + x) * (beta + T) ** -s
        gone = quad(
            lambda w, x=x: s * (alpha + w) ** -(r + x) * (beta + w) ** -(s + 1), t_x, T
        )[0]
        assert PARETO.p_alive(x, t_x, T) == pytest.approx(here / (here + gone))


def test_pareto_likelihood_is_the_hypergeometric_form():
    """Fader & Hardie's note on the Pareto/NBD, alpha above beta."""
    r, alpha, s, beta = 0.55, 12.0, 0.61, 10.0
    for x, t_x, T in PASTS[:4]:
        k = r + s + x
        near, far = (
            hyp2f1(k, s + 1, k + 1, (alpha - beta) / (alpha + t)) / (alpha + t) ** k
            for t in (t_x, T)
        )
        front = gamma_function(r + x) / gamma_function(r) * alpha**r * beta**s
        here = (alpha + T) ** -(r + x) * (beta + T) ** -s
        cell = pd.DataFrame({"x": [x], "t_x": t_x, "T": T, "n": 1.0})
        theta = ParetoNBD(r, alpha, s, beta).theta
        found = ParetoLikelihood(cell)(theta)[0]
        assert found == pytest.approx(np.log(front * (here + s / k * (near - far))))


def test_pareto_with_exchanged_spreads_is_continuous():
    less, more = (ParetoNBD(0.5, 10 + shift, 0.6, 10.0) for shift in (-1e-7, 1e-7))
    assert less.p_alive(2, 30, 39) == pytest.approx(more.p_alive(2, 30, 39), rel=1e-6)
    one, near = ParetoNBD(0.5, 10.0, 1.0, 9.0), ParetoNBD(0.5, 10.0, 1.00001, 9.0)
    assert one.conditional_orders(2, 30, 39, 52) == pytest.approx(
        near.conditional_orders(2, 30, 39, 52), rel=1e-4
    )


@pytest.mark.parametrize("model", [BG, PARETO], ids=["BG/NBD", "Pareto/NBD"])
def test_draws_agree_with_expectations(model):
    rng, n, past = np.random.default_rng(3), 200_000, (2, 30, 39)
    drawn = model.simulated_orders(rng, *past, 52, draws=n)
    se = drawn.std() / np.sqrt(n)
    assert abs(drawn.mean() - model.conditional_orders(*past, 52)) < 4 * se
    p = model.p_order(*past, 52)
    assert abs((drawn > 0).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize("model", [BG, PARETO], ids=["BG/NBD", "Pareto/NBD"])
def test_frequencies_add_up_and_have_the_expected_mean(model):
    shares = model.frequencies([0.0, 39.0], 400)
    assert shares[0, 0] == pytest.approx(1)
    assert shares[1].sum() == pytest.approx(1, abs=1e-6)
    mean = shares[1] @ np.arange(401)
    assert mean == pytest.approx(model.expected_orders([39]).item(), rel=1e-4)
    assert model.expected_orders([-3, 0]).tolist() == [0, 0]


def test_bg_bb_probabilities_of_all_histories_add_up():
    model, T = BetaGeometricBetaBinomial(1.2, 0.75, 0.66, 2.78), 5
    from math import comb

    from retention.projection.bg_bb import _log_likelihood

    total = np.exp(_log_likelihood(model, *map(np.array, (0.0, 0.0, float(T)))))
    for t_x in range(1, T + 1):
        for x in range(1, t_x + 1):
            one = np.exp(_log_likelihood(model, *map(np.array, (x, t_x, T))))
            total += comb(t_x - 1, x - 1) * one
    assert total == pytest.approx(1)


def test_customers_alike_have_a_spread_without_bounds():
    rng = np.random.default_rng(1)
    weeks = np.full(4000, 52)
    x = rng.poisson(0.05 * weeks)
    last = (weeks * rng.random(4000) ** (1 / np.maximum(x, 1))).round()
    alike = pd.DataFrame({"x": x, "t_x": np.where(x > 0, last, 0), "T": weeks})
    for fit in (fit_bg_nbd, fit_pareto_nbd):
        model = fit(alike)
        table = model.parameters()
        assert table.loc["orders_per_week", "value"] == pytest.approx(0.05, rel=0.05)
        assert np.isfinite(table["value"]).all()
        assert table["upper"].iloc[2] == np.inf
        assert model.p_alive(3, 30, 52) > 0.95
        assert np.isfinite(forecast(model, alike, weeks=26).se)


def test_one_customer_in_many_and_very_active_ones():
    cells = pd.DataFrame(
        {"x": [0, 1, 900, 400], "t_x": [0, 9, 103, 40], "T": 104, "n": [500, 30, 5, 5]}
    )
    for fit in (fit_bg_nbd, fit_pareto_nbd):
        model = fit(cells)
        assert np.isfinite(model.conditional_orders(900, 103, 104, 52))
        assert model.p_alive(400, 40, 104) < 1e-6 < model.p_alive(900, 103, 104) < 1


def broken(**changes):
    return pd.DataFrame({"x": [0, 2], "t_x": [0, 9], "T": [20, 20], **changes})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (broken(x=[0, 0], t_x=[0, 0]), "None of the 2 customers bought again"),
        (broken(t_x=[0, 21]), "1 rows cannot be"),
        (broken(x=[0, 1.5]), "whole number"),
        (broken(x=[0, np.nan]), "1 rows cannot be"),
        (broken(t_x=[3, 9]), "without a repeat purchase"),
        (broken().drop(columns="t_x"), "lacks t_x"),
    ],
)
@pytest.mark.parametrize("fit", [fit_bg_nbd, fit_pareto_nbd, fit_bg_bb])
def test_impossible_purchases_are_named(fit, table, message):
    with pytest.raises(ValueError, match=message):
        fit(table)


def test_bg_bb_takes_whole_periods_only():
    with pytest.raises(ValueError, match="at most t_x"):
        fit_bg_bb(pd.DataFrame({"x": [0, 3], "t_x": [0, 2], "T": 6, "n": 50}))
    with pytest.raises(ValueError, match="whole"):
        fit_bg_bb(pd.DataFrame({"x": [0, 1], "t_x": [0, 1.5], "T": 6, "n": 50}))


def test_too_few_repeaters_are_told():
    few = pd.DataFrame({"x": [0, 1], "t_x": [0, 5.0], "T": 10.0, "n": [90, 9]})
    with pytest.raises(ValueError, match="9 of the 99 customers bought again"):
        fit_bg_nbd(few)


def test_a_likelihood_without_curvature_is_told():
    with pytest.raises(ValueError, match="flat at its maximum"):
        maximum(lambda t: (0.0, np.zeros(2)), [0.0, 0.0], [(-1, 1), (-1, 1)])


AMOUNTS = pd.DataFrame({"x": [1, 2, 3] * 40, "mean_amount": np.arange(1, 121) / 3})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (AMOUNTS.assign(mean_amount=-1.0 * AMOUNTS["mean_amount"]), "not above 0"),
        (AMOUNTS.assign(mean_amount=7.0), "1 different mean amounts"),
        (AMOUNTS.head(5), "5 customers bought again"),
        (AMOUNTS.assign(x=0), "0 customers bought again"),
        (AMOUNTS.drop(columns="x"), "lacks x"),
    ],
)
def test_amounts_that_say_nothing_are_told(table, message):
    with pytest.raises(ValueError, match=message):
        fit_gamma_gamma(table)


def test_the_currency_changes_only_gamma():
    cents = AMOUNTS.assign(mean_amount=100 * AMOUNTS["mean_amount"])
    euro, cent = fit_gamma_gamma(AMOUNTS), fit_gamma_gamma(cents)
    shifted = euro.theta + np.log([1, 1, 100])
    assert cent.theta == pytest.approx(shifted, abs=1e-6)
    shift = len(AMOUNTS) * np.log(100)
    assert cent.log_likelihood == pytest.approx(euro.log_likelihood - shift)


def test_an_amount_without_a_mean_is_not_reached():
    heavy = GammaGamma(2.0, 0.9, 10.0, covariance=0.01 * np.eye(3), n=50)
    assert heavy.expected_value([0], [np.nan]).item() == np.inf
    assert np.isfinite(heavy.expected_value([3], [20.0])).all()


def test_related_frequency_and_value_are_flagged():
    rng = np.random.default_rng(1)
    x = rng.integers(1, 9, 500)
    free = pd.DataFrame({"x": x, "mean_amount": rng.gamma(5, 2, 500)})
    bound = free.assign(mean_amount=free["mean_amount"] + 4 * x)
    assert independence_check(free).status == "PASS"
    assert independence_check(bound).status == "FAIL"
    same = pd.DataFrame({"x": [1] * 20, "mean_amount": rng.gamma(5, 2, 20)})
    assert independence_check(same).status == "REVIEW"


def test_value_is_orders_times_amount_and_discounting_lowers_it():
    table = pd.DataFrame(PASTS, columns=["x", "t_x", "T"], index=list("abcde"))
    table["mean_amount"] = [np.nan, 10, 20, 30, 40]
    amounts = GammaGamma(6.25, 3.74, 15.44)
    plain = expected_value(BG, amounts, table, weeks=53)
    orders = BG.conditional_orders(table["x"], table["t_x"], table["T"], 53)
    each = amounts.expected_value(table["x"], table["mean_amount"])
    assert plain.to_numpy() == pytest.approx(orders * each)
    assert plain.index.tolist() == list("abcde")
    less = expected_value(BG, amounts, table, weeks=53, annual_discount_rate=0.10)
    assert ((less / plain).between(1.1**-1, 1)).all()


def test_the_forecast_holds_chance_and_parameters(sample):
    model = fit_bg_nbd(sample)
    found = forecast(model, sample, weeks=52)
    assert found.value == pytest.approx(
        model.conditional_orders(sample["x"], sample["t_x"], sample["T"], 52).sum()
    )
    assert found.se > np.sqrt(found.value)  # Poisson would be too narrow
    again = forecast(model, sample, weeks=52)
    assert (again.lower, again.upper) == (found.lower, found.upper)
