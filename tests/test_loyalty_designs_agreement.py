"""The designs agree with other implementations, and with counting by hand."""

import datetime as dt

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from retention import counts, loyalty
from retention.company import open_company
from retention.loyalty.sensitivity.confounder import with_confounder
from retention.loyalty.weighting.design import design, with_constant
from retention.loyalty.weighting.nuisance import expit, logistic
from retention.simulate import simulate

LAUNCH = pd.Timestamp("2024-11-01")


@pytest.fixture(scope="module")
def simulated():
    return simulate(seed=5, scale=0.1)


@pytest.fixture(scope="module")
def company(simulated):
    return open_company(simulated.tables, settings=simulated.settings)


@pytest.fixture(scope="module")
def people(simulated):
    """Customers of the draw, with money before and after the launch."""
    tables = simulated.tables
    drawn = tables["memberships"].dropna(subset=["holdout"])
    money = tables["activity"].assign(
        time=lambda t: months(pd.to_datetime(t["month"])) - months(LAUNCH)
    )
    after = money[money["time"].between(0, 11)].groupby("customer_id")["margin"].sum()
    before = money[money["time"].between(-12, -1)].groupby("customer_id")
    rows = drawn.set_index("customer_id")
    enrolled = pd.to_datetime(rows["enrolled_on"])
    rows = rows.assign(
        y=after.reindex(rows.index).fillna(0.0),
        x=before["margin"].mean().reindex(rows.index),
        z=1 - rows["holdout"].astype(int),
        d=(enrolled < "2025-11-01").astype(int),
    )
    return rows.assign(x=rows["x"].fillna(rows["x"].mean())).reset_index()


def months(days):
    days = pd.DatetimeIndex(days) if not isinstance(days, pd.Timestamp) else days
    return 12 * days.year + days.month


def test_sums_an_arm_are_those_of_the_rows(company, people):
    arms = counts.holdout_arms(company)
    own = arms[arms["outcome"] == "margin"].groupby("arm")[["n", "d", "y", "xy"]].sum()
    by_hand = people.assign(
        xy=people["x"] * people["y"],
        n=1,
        arm=np.where(people["z"] == 1, "programme", "holdout"),
    )
    expected = by_hand.groupby("arm")[["n", "d", "y", "xy"]].sum()
    assert np.allclose(own.to_numpy(float), expected.to_numpy(float))


def test_plain_effect_is_least_squares_with_hc2(company, people):
    import statsmodels.api as sm

    found = loyalty.randomised(counts.holdout_arms(company))
    fit = sm.OLS(people["y"], sm.add_constant(people[["z"]].astype(float)))
    fit = fit.fit(cov_type="HC2")
    assert found.itt_plain.value == pytest.approx(fit.params["z"])
    assert found.itt_plain.se == pytest.approx(fit.bse["z"])


def test_adjusted_effect_is_the_interacted_regression(company, people):
    import statsmodels.api as sm

    found = loyalty.randomised(counts.holdout_arms(company))
    x = people["x"] - people["x"].mean()
    design = pd.DataFrame({"c": 1.0, "z": people["z"], "x": x, "zx": people["z"] * x})
    fit = sm.OLS(people["y"], design.astype(float)).fit(cov_type="HC1")
    assert found.itt.value == pytest.approx(fit.params["z"])
    assert found.itt.se == pytest.approx(fit.bse["z"], rel=0.02)
    assert 0.2 < found.variance_reduction < 0.7


def test_effect_on_takers_is_two_stage_least_squares(company, people):
    found = loyalty.randomised(counts.holdout_arms(company))
    z, d, y = (people[c].to_numpy(float) for c in "zdy")
    wald = (y[z == 1].mean() - y[z == 0].mean()) / (d[z == 1].mean() - d[z == 0].mean())
    assert found.cace_plain.value == pytest.approx(wald)
    rest = (y - y.mean()) - wald * (d - d.mean())
    spread = rest[z == 1].var() / z.sum() + rest[z == 0].var() / (1 - z).sum()
    take_up = d[z == 1].mean() - d[z == 0].mean()
    assert found.cace_plain.se == pytest.approx(np.sqrt(spread) / take_up, rel=0.01)
    assert found.cace.lower < found.cace.value < found.cace.upper


def test_buckets_add_up_and_change_nothing(company):
    plain = counts.holdout_arms(company, bucket=False)
    summed = counts.holdout_arms(company)
    one, other = (loyalty.randomised(table) for table in (plain, summed))
    assert one.itt.value == pytest.approx(other.itt.value)
    assert one.itt.se == pytest.approx(other.itt.se)


def test_holm_and_power_agree_with_statsmodels(company):
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.power import NormalIndPower

    p = pd.Series([0.011, 0.02, 0.04, 0.3])
    assert np.allclose(loyalty.adjusted(p), multipletests(p, method="holm")[1])
    arms = counts.holdout_arms(company)
    sums = {
        k: arms[(arms["outcome"] == "margin") & (arms["arm"] == k)].sum(
            numeric_only=True
        )
        for k in ("programme", "holdout")
    }
    sd = {
        k: np.sqrt((s["yy"] - s["y"] ** 2 / s["n"]) / (s["n"] - 1))
        for k, s in sums.items()
    }
    pooled = np.sqrt((sd["programme"] ** 2 + sd["holdout"] ** 2) / 2)
    n = loyalty.sample_size(arms, effect=5.0, use_past=False)
    each = NormalIndPower().solve_power(5.0 / pooled, alpha=0.05, power=0.8)
    assert n == pytest.approx(2 * each, rel=0.01)
    table = loyalty.power(arms, effect=5.0, sizes=(n,), use_past=False)
    assert table["power"].iloc[0] == pytest.approx(0.8, abs=0.001)
    least = loyalty.detectable_effect(arms, n=n, share=0.5, use_past=False)
    assert least == pytest.approx(5.0, rel=0.001)


# Engines


class PandasCompany:
    """The same company with its tables in pandas instead of DuckDB."""

    def __init__(self, company):
        self._company, self._tables = company, {}

    def __getattr__(self, name):
        return getattr(self._company, name)

    def table(self, name):
        if name not in self._tables:
            self._tables[name] = counts.collect(self._company.table(name))
        return nw.from_native(self._tables[name]).lazy()

    def population(self, study):
        return self.table("customers").filter(nw.col("business") == "subscription")


COUNTED = {
    "holdout_arms": {},
    "action_arms": {},
    "arm_covariates": {"covariates": ["plan", "engagement"]},
    "group_changes": {"control": "never", "base": "universal"},
    "group_levels": {"bucket": True},
    "member_tenure": {"by": ["plan"], "reason": "voluntary"},
    "ever_member_tenure": {},
    "member_landmark": {"on": dt.date(2025, 5, 1), "by": ["plan"]},
    "threshold_bins": {"threshold": 900.0, "covariates": ["engagement"]},
}


@pytest.mark.parametrize("name", COUNTED)
def test_engines_count_alike(company, name):
    ours, other = (
        getattr(counts, name)(source, **COUNTED[name])
        for source in (company, PandasCompany(company))
    )
    pd.testing.assert_frame_equal(ours, other, check_dtype=False, rtol=1e-9)


def test_engines_give_the_same_rows(company):
    words = {"covariates": ["plan", "engagement"]}
    ours = counts.loyalty_rows(company, **words).table
    other = counts.loyalty_rows(PandasCompany(company), **words).table
    pd.testing.assert_frame_equal(ours, other, check_dtype=False, rtol=1e-9)


# Differences in differences


def by_hand(simulated, g, t, base, *, control="not yet"):
    """ATT(g, t) and customers, from the rows."""
    tables = simulated.tables
    money = tables["activity"].assign(
        time=lambda x: months(pd.to_datetime(x["month"])) - months(LAUNCH)
    )
    people = tables["customers"].query("business == 'subscription'")["customer_id"]
    money = money[money["customer_id"].isin(people)]
    wide = money.pivot_table(index="customer_id", columns="time", values="revenue")
    enrolled = tables["memberships"].set_index("customer_id")["enrolled_on"]
    day = pd.to_datetime(enrolled.reindex(wide.index))
    cohort = (12 * day.dt.year + day.dt.month - months(LAUNCH)).fillna(np.inf)
    change = (wide[t] - wide[base]).dropna()
    own = change[cohort[change.index] == g]
    others = cohort[change.index]
    others = np.isinf(others) if control == "never" else others > max(t, base)
    return own.mean() - change[others].mean(), len(own), int(others.sum())


@pytest.mark.parametrize("control", ["not yet", "never"])
def test_group_time_effects_are_those_of_the_rows(simulated, company, control):
    changes = counts.group_changes(company, control=control)
    table = loyalty.group_time_effects(changes).set_index(["cohort", "time"])
    for g, t, base in ((2, 6, 1), (1, 1, 0), (5, -3, -4)):
        value, n, others = by_hand(simulated, g, t, base, control=control)
        row = table.loc[(g, t)]
        assert row["effect"] == pytest.approx(value)
        assert (row["n"], row["n_control"]) == (n, others)


def test_universal_base_is_the_month_before_enrolment(simulated, company):
    changes = counts.group_changes(company, base="universal")
    table = loyalty.group_time_effects(changes).set_index(["cohort", "time"])
    assert (table["base"] == table.index.get_level_values("cohort") - 1).all()
    value, n, _ = by_hand(simulated, 4, -2, 3)
    assert table.loc[(4, -2), "effect"] == pytest.approx(value)
    assert table.loc[(4, -2), "n"] == n


def test_jackknife_of_an_average_is_the_one_of_intervals(company):
    from retention.intervals import jackknife

    changes = counts.group_changes(company, after=6, before=3)

    def simple(table):
        cells = loyalty.group_time_effects(table.drop(columns="bucket"))
        post = cells[cells["event_time"] >= 0]
        return np.average(post["effect"], weights=post["n"])

    few = changes.assign(bucket=changes["bucket"].str[0])
    other = jackknife(few, simple)
    assert loyalty.staggered(few).simple.se == pytest.approx(other.se)
    assert loyalty.staggered(few).simple.value == pytest.approx(other.value)


def test_the_joint_band_is_wider_than_single_intervals(company):
    study = loyalty.staggered(counts.group_changes(company)).event_study
    wide = study["band_upper"] - study["band_lower"]
    assert (wide > study["upper"] - study["lower"]).all()


def test_two_way_fixed_effects_are_least_squares(company):
    import statsmodels.formula.api as smf

    levels = counts.group_levels(company)
    found = loyalty.two_way_fixed_effects(levels)
    table = levels.assign(
        mean=levels["total"] / levels["n"],
        cohort=levels["cohort"].astype(float).fillna(99).astype(int),
    )
    table["enrolled"] = (table["time"] >= table["cohort"]).astype(int)
    fit = smf.wls(
        "mean ~ enrolled + C(cohort) + C(time)", table, weights=table["n"]
    ).fit()
    assert found.estimate.value == pytest.approx(fit.params["enrolled"])


# Weighting


@pytest.fixture(scope="module")
def rows(company):
    return counts.loyalty_rows(company)


def test_the_propensity_is_statsmodels_logit(rows):
    import statsmodels.api as sm

    x = with_constant(design(rows.table, ["engagement", "plan", "early"]))
    d = rows.table["member"].to_numpy(float)
    ours = expit(x @ logistic(x, d))
    theirs = sm.Logit(d, x).fit(disp=0).predict(x)
    assert np.allclose(ours, theirs, atol=1e-5)


def test_doubly_robust_without_folds_is_the_textbook_formula(rows):
    import statsmodels.api as sm

    names = ["engagement", "plan", "early", "late"]
    found = loyalty.doubly_robust(rows.table, covariates=names, folds=1)
    x = with_constant(design(rows.table, names))
    d, y = (rows.table[c].to_numpy(float) for c in ("member", "revenue"))
    e = sm.Logit(d, x).fit(disp=0).predict(x)
    rest = y - x @ sm.OLS(y[d == 0], x[d == 0]).fit().params
    w = e / (1 - e) * (d == 0)
    value = rest[d == 1].mean() - (w * rest).sum() / w.sum()
    assert found.estimate.value == pytest.approx(value, abs=1e-3)


def test_bootstraps_agree_with_the_influence_function(rows):
    names = ["engagement", "plan", "early", "late"]
    found = loyalty.doubly_robust(rows.table, covariates=names, folds=1)
    quick = loyalty.bootstrap_estimate(found, replicates=2_000)
    assert quick.se == pytest.approx(found.estimate.se, rel=0.06)
    again = loyalty.bootstrap_estimate(found, replicates=2_000)
    assert (again.lower, again.upper) == (quick.lower, quick.upper)
    rng = np.random.default_rng(2)
    refits = [_refitted(rows.table, names, rng) for _ in range(200)]
    assert found.estimate.se == pytest.approx(np.std(refits), rel=0.2)


def _refitted(table, names, rng):
    drawn = table.iloc[rng.integers(0, len(table), len(table))].reset_index(drop=True)
    x = with_constant(design(drawn, names))
    d, y = (drawn[c].to_numpy(float) for c in ("member", "revenue"))
    e = expit(x @ logistic(x, d))
    rest = y - x @ np.linalg.lstsq(x[d == 0], y[d == 0], rcond=None)[0]
    w = e / (1 - e) * (d == 0)
    return rest[d == 1].mean() - (w * rest).sum() / w.sum()


def test_a_sample_is_the_same_every_time_and_its_size_is_kept(company, rows):
    limit = len(rows.table) // 2
    one, other = (counts.loyalty_rows(company, limit=limit) for _ in range(2))
    assert len(one.table) <= limit and 0.4 < one.share < 0.6
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.customers == rows.customers == len(rows.table)


def test_moments_from_rows_and_from_the_engine_agree(company, people, simulated):
    table = counts.arm_covariates(company, covariates=["engagement", "plan"])
    customers = simulated.tables["customers"].set_index("customer_id")
    own = people.assign(
        arm=np.where(people["z"] == 1, "programme", "holdout"),
        engagement=people["customer_id"].map(customers["engagement"]).astype(float),
        plan=people["customer_id"].map(customers["plan"]),
    )
    ours = loyalty.moments(own, group="arm", covariates=["engagement", "plan"])
    keys = ["group", "covariate", "level"]
    both = ours.merge(table, on=keys, suffixes=("", "_engine"))
    assert len(both) == len(ours) == 8
    assert np.allclose(both["mean"], both["mean_engine"])


# Membership over time


def test_spells_are_those_of_the_rows(simulated, company):
    found = counts.periods(counts.member_tenure(company)).groupby("member").sum()
    tables = simulated.tables
    money = tables["activity"].merge(
        tables["memberships"][["customer_id", "enrolled_on"]], how="left"
    )
    people = tables["customers"].query("business == 'subscription'")["customer_id"]
    money = money[money["customer_id"].isin(people)]
    member = pd.to_datetime(money["enrolled_on"]) <= pd.to_datetime(money["month"])
    assert (
        found["at_risk"].to_dict()
        == member.map({True: "yes", False: "no"}).value_counts().to_dict()
    )


def test_losses_are_counted_once(company):
    whole = counts.periods(counts.tenure(company, study="loyalty"))
    split = counts.periods(counts.member_tenure(company))
    for column in ("at_risk", "events"):
        assert split[column].sum() == whole[column].sum()
    ever = counts.ever_member_tenure(company)
    assert ever["n"].sum() == counts.tenure(company, study="loyalty")["n"].sum()


# Threshold


def test_local_lines_are_weighted_least_squares():
    import statsmodels.api as sm

    rng = np.random.default_rng(4)
    u = rng.uniform(-200, 200, 3_000)
    y = 60 + 0.05 * u + 4e-4 * u**2 + 5 * (u >= 0) + rng.normal(0, 6, len(u))
    rows = pd.DataFrame({"spend": 900 + u, "revenue": y})
    bins = counts.running_bins(
        rows, running="spend", threshold=900, width=10, outcome="revenue"
    )
    found = loyalty.threshold(bins, bandwidth=120)
    for degree, ours in ((1, found.estimate), (2, found.robust)):
        weight = np.maximum(1 - np.abs(u) / 120, 0)
        powers = np.column_stack([u**k for k in range(degree + 1)])
        above = (u >= 0)[:, None]
        fit = sm.WLS(y, np.hstack([powers, powers * above]), weights=weight)
        fit = fit.fit(cov_type="HC1")
        assert ours.value == pytest.approx(fit.params[degree + 1])
        assert ours.se == pytest.approx(fit.bse[degree + 1], rel=0.15)
    near = found.curve[found.curve["middle"].abs() < 120]
    assert near["fit"].notna().all()


def test_pretended_thresholds_use_one_side_only():
    rng = np.random.default_rng(5)
    u = rng.uniform(-200, 200, 4_000)
    rows = pd.DataFrame({"spend": u, "revenue": 50 * (u >= 0) + rng.normal(size=4_000)})
    bins = counts.running_bins(rows, running="spend", width=10, outcome="revenue")
    placebo = loyalty.threshold(bins, bandwidth=100).table.query("kind == 'placebo'")
    assert (placebo["value"].abs() < 1).all()


# Sensitivity


def test_a_confounder_that_is_left_out_is_predicted():
    """Leaving the benchmark itself out moves the estimate as its partial R2 say."""
    rng = np.random.default_rng(6)
    x, z = rng.normal(size=(2, 20_000))
    d = (0.5 * x + 0.5 * z + rng.normal(size=20_000) > 0).astype(int)
    y = 2.0 * d + x + z + rng.normal(size=20_000)
    rows = pd.DataFrame({"x": x, "z": z, "member": d, "revenue": y})
    short = loyalty.confounding(rows, covariates=["x"], benchmark="x")
    full = loyalty.confounding(rows, covariates=["x", "z"], benchmark="x")
    once = short.table["value"].iloc[0]
    assert once == pytest.approx(full.estimate.value, abs=0.1)
    assert full.estimate.value == pytest.approx(2.0, abs=0.1)
    assert short.estimate.value > 2.5


def test_the_robustness_value_brings_the_estimate_to_zero():
    share = loyalty.robustness_value(4.18445, 783)
    left, _ = with_confounder(0.09732, 0.09732 / 4.18445, 783, share, share)
    assert left == pytest.approx(0, abs=1e-9)
