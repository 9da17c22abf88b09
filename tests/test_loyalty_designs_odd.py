"""Poor data: each design says in a sentence why it cannot answer."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import pytest

from retention import counts, loyalty
from retention.company import CompanyError, open_company
from retention.simulate import simulate


@pytest.fixture(scope="module")
def simulated():
    return simulate(seed=9, scale=0.05)


def company(simulated, drop=(), settings=None, **tables):
    """The simulated company with some tables replaced or left out."""
    kept = {k: v for k, v in simulated.tables.items() if k not in drop}
    merged = {**simulated.settings, **(settings or {})}
    return open_company({**kept, **tables}, settings=merged)


def memberships(simulated, **columns):
    return simulated.tables["memberships"].assign(**columns)


def test_without_a_holdout_none_is_made_up(simulated):
    bare = memberships(simulated).drop(columns="holdout")
    with pytest.raises(ValueError, match="no randomised holdout"):
        counts.holdout_arms(company(simulated, memberships=bare))
    everybody = memberships(simulated, holdout=0)
    with pytest.raises(ValueError, match="no randomised holdout"):
        counts.holdout_arms(company(simulated, memberships=everybody))


def test_nobody_a_member(simulated):
    nobody = memberships(simulated, enrolled_on=None, ended_on=None, tier=None)
    nobody = nobody.assign(qualifying_spend=np.nan)
    firm = company(simulated, memberships=nobody)
    with pytest.raises(ValueError, match="Nobody enrolled"):
        counts.group_changes(firm)
    found = loyalty.randomised(counts.holdout_arms(firm))
    assert np.isnan(found.cace.value) and "took it" not in found.summary
    assert [c.status for c in found.checks if c.name == "take-up"] == ["FAIL"]
    with pytest.raises(ValueError, match="Where everybody or nobody joined"):
        rows = counts.loyalty_rows(firm)
        loyalty.doubly_robust(rows.table, covariates=["engagement"])
    with pytest.raises(ValueError, match="nobody is a member"):
        loyalty.membership_hazard(
            counts.member_tenure(firm), counts.ever_member_tenure(firm)
        )
    with pytest.raises(ValueError, match="just below and just above"):
        counts.threshold_bins(firm, threshold=900)
    undated = {"loyalty": {"value_of_a_point": 0.01}}
    with pytest.raises(ValueError, match="no beginning"):
        counts.group_changes(company(simulated, settings=undated, memberships=nobody))


def test_everybody_a_member_from_the_start(simulated):
    joined = simulated.tables["customers"].set_index("customer_id")["joined_on"]
    table = memberships(simulated, holdout=np.nan)
    table["enrolled_on"] = table["customer_id"].map(joined)
    firm = company(simulated, memberships=table)
    with pytest.raises(ValueError, match="Where everybody or nobody joined"):
        rows = counts.loyalty_rows(firm)
        loyalty.doubly_robust(rows.table, covariates=["engagement"])


def test_everybody_enrolled_on_one_day(simulated):
    table = memberships(simulated, holdout=None, enrolled_on=dt.date(2024, 12, 1))
    there = simulated.tables["customers"]
    there = there[there["joined_on"] < "2024-11-01"]["customer_id"]
    table = table[table["customer_id"].isin(there)]
    customers = simulated.tables["customers"]
    customers = customers[customers["customer_id"].isin(there)]
    firm = open_company(
        {
            "customers": customers,
            "memberships": table,
            "activity": simulated.tables["activity"].merge(customers[["customer_id"]]),
        },
        settings=simulated.settings,
    )
    with pytest.raises(ValueError, match="with a control"):
        loyalty.staggered(counts.group_changes(firm))


def test_enrolment_before_joining_is_set_aside_by_name():
    customers = pd.DataFrame(
        {"customer_id": ["a"], "joined_on": [dt.date(2025, 3, 1)], "left_on": [None]}
    )
    table = pd.DataFrame({"customer_id": ["a"], "enrolled_on": [dt.date(2025, 1, 1)]})
    firm = open_company(
        {"customers": customers, "memberships": table},
        settings={"company": {"observed_to": dt.date(2025, 12, 31)}},
    )
    with pytest.raises(CompanyError, match="begins before the customer joined"):
        counts.member_tenure(firm)


def test_overlapping_memberships_count_once(simulated):
    table = memberships(simulated)
    again = table[table["enrolled_on"].notna()].assign(
        enrolled_on=lambda t: pd.to_datetime(t["enrolled_on"]) + pd.Timedelta(40, "D"),
        programme="Second club",
    )
    table = table.assign(enrolled_on=pd.to_datetime(table["enrolled_on"]))
    both = company(simulated, memberships=pd.concat([table, again]))
    one = company(simulated)
    first, second = (counts.periods(counts.member_tenure(f)) for f in (one, both))
    assert first["at_risk"].sum() == second["at_risk"].sum()
    pd.testing.assert_frame_equal(counts.holdout_arms(one), counts.holdout_arms(both))


def test_a_membership_that_ends_makes_a_non_member_again():
    customers = pd.DataFrame(
        {"customer_id": ["a"], "joined_on": [dt.date(2025, 1, 1)], "left_on": [None]}
    )
    table = pd.DataFrame(
        {
            "customer_id": ["a"],
            "enrolled_on": [dt.date(2025, 3, 1)],
            "ended_on": [dt.date(2025, 6, 1)],
        }
    )
    firm = open_company(
        {"customers": customers, "memberships": table},
        settings={"company": {"observed_to": dt.date(2025, 12, 31)}},
    )
    found = counts.periods(counts.member_tenure(firm))
    assert found.groupby("member")["at_risk"].sum().to_dict() == {"no": 9, "yes": 3}


def test_no_period_before_the_launch(simulated):
    activity = simulated.tables["activity"]
    late = activity[activity["month"] >= "2024-11-01"]
    settings = dict(simulated.settings)
    settings["company"] = {
        **settings["company"],
        "observed_from": dt.date(2024, 11, 1),
    }
    firm = company(simulated, settings=settings, activity=late)
    with pytest.raises(ValueError, match="needs a pre-period"):
        counts.group_changes(firm)
    with pytest.raises(ValueError, match="no past"):
        counts.loyalty_rows(firm)


def test_a_follow_up_that_was_not_seen(simulated):
    firm = company(simulated)
    with pytest.raises(ValueError, match="Only 24 whole months"):
        counts.holdout_arms(firm, months=30)
    with pytest.raises(ValueError, match="whole months"):
        counts.threshold_bins(firm, threshold=900, months=13)


def test_a_company_without_dates():
    customers = pd.DataFrame({"customer_id": ["a"], "tenure": [3], "left": [0]})
    table = pd.DataFrame({"customer_id": ["a"], "enrolled_on": [dt.date(2025, 1, 1)]})
    firm = open_company({"customers": customers, "memberships": table})
    with pytest.raises(ValueError, match="no joining"):
        counts.holdout_arms(firm)
    with pytest.raises(ValueError, match="joining dates"):
        counts.member_tenure(firm)


def test_experiments_are_named(simulated):
    firm = company(simulated)
    with pytest.raises(ValueError, match="keep in touch"):
        counts.action_arms(firm, experiment="a discount")
    bare = company(simulated, drop=["experiments"])
    with pytest.raises(ValueError, match="no experiments table"):
        counts.action_arms(bare)
    arms = counts.action_arms(firm)
    assert arms.loc[arms["arm"] == "control", "d"].sum() == 0
    with pytest.raises(ValueError, match="Arms: call, card, control"):
        loyalty.randomised(arms)


def test_a_broken_lot_fails():
    arms = pd.DataFrame({"arm": ["a", "b"], "outcome": "margin", "n": [5_000, 5_600]})
    equal = {"a": 0.5, "b": 0.5}
    assert loyalty.sample_ratio(arms, planned=equal).status == "FAIL"
    assert loyalty.sample_ratio(arms).status == "REVIEW"
    fair = arms.assign(n=[5_000, 5_040])
    assert loyalty.sample_ratio(fair, planned=equal).status == "PASS"


def test_several_arms_need_a_method_that_is_known(simulated):
    arms = counts.action_arms(company(simulated))
    found = loyalty.all_arms(arms, outcome="stayed", unit="percentage points")
    assert (found.table["p_adjusted"] >= found.table["p"]).all()
    assert "allowed for" in found.summary or "beat the control" in found.summary
    softer = loyalty.all_arms(arms, outcome="stayed", method="bh")
    assert (softer.table["p_adjusted"] <= found.table["p_adjusted"] + 1e-12).all()
    with pytest.raises(ValueError, match="holm or bh"):
        loyalty.all_arms(arms, method="none")


def test_too_few_for_weights_or_a_threshold():
    rows = pd.DataFrame({"member": [1, 0] * 10, "revenue": 1.0, "x": np.arange(20)})
    with pytest.raises(ValueError, match="Only 10 members and 10 non-members"):
        loyalty.doubly_robust(rows, covariates=["x"])
    with pytest.raises(ValueError, match="No column named"):
        loyalty.doubly_robust(pd.concat([rows] * 9), covariates=["y"])
    few = pd.DataFrame({"spend": np.arange(-9, 9.0), "revenue": 1.0})
    bins = counts.running_bins(few, running="spend", width=1, outcome="revenue")
    with pytest.raises(ValueError, match="use a wider bandwidth"):
        loyalty.threshold(bins, bandwidth=5)


def test_members_without_any_counterpart_fail_the_overlap():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(0, 1, 2_000), rng.normal(4.5, 1, 200)])
    member = np.repeat([0, 1], [2_000, 200])
    rows = pd.DataFrame(
        {"x": x, "member": member, "revenue": x + rng.normal(size=2200)}
    )
    found = loyalty.doubly_robust(rows, covariates=["x"])
    assert found.checks[0].status == "FAIL"
    assert "Restrict" in found.checks[0].remedy
    assert np.isfinite(found.estimate.value)


def test_means_outside_what_the_controls_span_are_refused():
    with pytest.raises(ValueError, match="No weights"):
        loyalty.entropy_balance(np.arange(5.0)[:, None], np.array([9.0]))


def test_an_outcome_that_nobody_has_is_named(simulated):
    firm = company(simulated)
    with pytest.raises(ValueError, match="has no profit"):
        counts.group_changes(firm, outcome="profit")
    with pytest.raises(ValueError, match="varying or universal"):
        counts.group_changes(firm, base="none")


def test_tiny_companies_still_answer(simulated):
    tiny = simulate(seed=3, scale=0.02)
    firm = open_company(tiny.tables, settings=tiny.settings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arms = counts.holdout_arms(firm)
        assert np.isfinite(loyalty.randomised(arms).itt.se)
        study = loyalty.staggered(counts.group_changes(firm))
        assert np.isfinite(study.simple.se)
        rows = counts.loyalty_rows(firm)
        found = loyalty.doubly_robust(
            rows.table, covariates=[*rows.covariates, "early", "late"], placebo="late"
        )
        assert np.isfinite(found.estimate.se)
        loyalty.membership_hazard(
            counts.member_tenure(firm), counts.ever_member_tenure(firm)
        )
