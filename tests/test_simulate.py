"""The simulated company: the same from the same seed, sound, and as planted."""

import datetime as dt
import json
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention import simulate as room
from retention.schema import TABLES
from retention.simulate import DEFAULT_SEED, known, simulate, truths, write_company
from retention.simulate.clock import streams
from retention.simulate.process import history

SHIPPED = Path(__file__).parents[1] / "data" / "lakeshore"
RECORDS, END = pd.Timestamp("2022-11-01"), pd.Timestamp("2026-10-31")
LAUNCH = pd.Timestamp("2024-11-01")
DRIVERS = ["quality", "service", "price", "innovation", "image"]


@pytest.fixture(scope="module")
def company():
    return simulate(seed=DEFAULT_SEED, scale=1)


@pytest.fixture(scope="module")
def tables(company):
    return company.tables


@pytest.fixture(scope="module")
def people(tables):
    return tables["customers"].set_index("customer_id")


@pytest.fixture(scope="module")
def subscribers(tables):
    return tables["customers"].query("business == 'subscription'")


@pytest.fixture(scope="module")
def everybody(company):
    """All subscribers ever, with their months since 2017-11."""
    frame = company.truth["customers"].copy()
    frame["joined"] = month_number(frame["joined_on"])
    frame["left"] = month_number(frame["left_on"].fillna(pd.Timestamp("2099-01-01")))
    return frame.set_index("customer_id")


def month_number(days):
    return (days.dt.year - 2017) * 12 + days.dt.month - 11


def near(events, n, share, *, errors=4.0):
    """Whether a share of n is within so many standard errors of what was planted."""
    return abs(events / n - share) <= errors * np.sqrt(share * (1 - share) / n)


def near_mean(values, mean, *, errors=4.0):
    """Whether the mean of a sample is within so many standard errors of a mean."""
    return abs(np.mean(values) - mean) < errors * np.std(values) / np.sqrt(len(values))


def test_same_seed_gives_identical_tables():
    one, two = (simulate(seed=3, scale=0.05) for _ in range(2))
    for name in one.tables:
        pd.testing.assert_frame_equal(one.tables[name], two.tables[name])
    for name in one.truth:
        pd.testing.assert_frame_equal(one.truth[name], two.truth[name])
    assert one.parameters == two.parameters


def test_another_seed_gives_another_company():
    one, two = (simulate(seed=seed, scale=0.05).tables for seed in (3, 4))
    assert not any(one[name].equals(two[name]) for name in one)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7"])
def test_a_seed_that_cannot_be_is_refused(seed):
    with pytest.raises(ValueError, match="whole number from 0 up"):
        simulate(seed=seed, scale=0.05)


@pytest.mark.parametrize("scale", [0, 0.009, 51, float("nan"), "big"])
def test_a_scale_that_cannot_be_is_refused(scale):
    with pytest.raises(ValueError, match=r"from 0\.01 to 50"):
        simulate(seed=1, scale=scale)


def test_the_smallest_company_still_has_every_table():
    tables = simulate(seed=1, scale=0.01).tables
    assert all(len(table) for table in tables.values())
    assert set(tables) == set(TABLES) - {"tenure_counts"}


def test_tables_have_the_columns_of_the_contract(tables):
    assert set(tables) == set(TABLES) - {"tenure_counts"}
    for name, table in tables.items():
        declared = {column.name for column in TABLES[name].columns}
        assert set(TABLES[name].required) <= set(table), name
        if name not in ("customers", "activity"):
            assert set(table) <= declared, name


def test_tables_keep_their_keys(tables):
    for name, table in tables.items():
        key = [column for column in TABLES[name].key if column in table]
        if key or TABLES[name].whole_row:
            assert not table.duplicated(key or None).any(), name


def test_ids_are_text_with_their_leading_zeros(tables):
    ids = tables["customers"]["customer_id"]
    assert ids.is_unique and ids.map(type).eq(str).all()
    core = ids[tables["customers"]["business"] == "subscription"]
    assert core.str.fullmatch(r"\d{7}").all() and core.str.startswith("0").all()
    other = {"plans": "P-", "shop": "W-", "wealth": "T-"}
    start = tables["customers"]["business"].map(other).dropna()
    assert (ids[start.index].str[:2] == start).all()


def test_every_customer_named_is_known(tables, people):
    for name, table in tables.items():
        for column in ("customer_id", "referrer_id", "referee_id"):
            if name != "customers" and column in table:
                assert table[column].isin(people.index).all(), name


def test_no_date_lies_after_the_records(tables):
    for name, table in tables.items():
        for column in table.select_dtypes("datetime"):
            assert table[column].max() < END + pd.Timedelta(days=1), (name, column)


def test_records_begin_when_they_say(tables, subscribers):
    assert subscribers["left_on"].dropna().min() > RECORDS
    for name, column in (
        ("activity", "month"),
        ("contacts", "occurred_on"),
        ("surveys", "surveyed_on"),
        ("referrals", "referred_on"),
        ("costs", "month"),
        ("leads", "opened_on"),
    ):
        assert tables[name][column].min() == RECORDS, name


def test_nobody_leaves_before_or_on_the_day_of_joining(people):
    gone = people.dropna(subset="left_on")
    assert (gone["left_on"] > gone["joined_on"]).all()
    assert gone["leave_reason"].notna().all()
    assert people.loc[people["left_on"].isna(), "leave_reason"].isna().all()


def test_subscriptions_begin_on_a_first_and_never_end_on_one(subscribers):
    assert subscribers["joined_on"].dt.is_month_start.all()
    assert not subscribers["left_on"].dropna().dt.is_month_start.any()


def test_activity_is_every_month_from_joining_to_leaving(tables, subscribers):
    start = month_number(subscribers["joined_on"]).clip(lower=60)
    end = month_number(subscribers["left_on"].fillna(END))
    months = tables["activity"].groupby("customer_id").size()
    expected = (end - start + 1).to_numpy()
    assert (months[subscribers["customer_id"]].to_numpy() == expected).all()


@pytest.mark.parametrize(
    ("table", "column"), [("contacts", "occurred_on"), ("surveys", "surveyed_on")]
)
def test_events_happen_while_the_customer_is_here(tables, people, table, column):
    events = tables[table].join(people[["joined_on", "left_on"]], on="customer_id")
    assert (events[column] >= events["joined_on"]).all()
    assert (events[column] <= events["left_on"].fillna(END)).all()


def test_orders_happen_while_the_customer_is_here(tables, people):
    events = tables["orders"].join(people[["joined_on", "left_on"]], on="customer_id")
    assert (events["ordered_on"] >= events["joined_on"]).all()
    gone = events.dropna(subset="left_on")
    assert (gone["ordered_on"] < gone["left_on"]).all()


def test_referrals_have_an_order_in_time_and_one_referrer(tables, people):
    links = tables["referrals"]
    assert links["referee_id"].is_unique
    referrer = people.loc[links["referrer_id"]]
    assert (referrer["joined_on"].to_numpy() < links["referred_on"].to_numpy()).all()
    left = referrer["left_on"].fillna(END).to_numpy()
    assert (left >= links["referred_on"].to_numpy()).all()
    code = people.loc[links["referee_id"], "referral_code"].to_numpy()
    assert (code == ("F-" + links["referrer_id"]).to_numpy()).all()


def test_memberships_lie_inside_the_customers_time(tables, people):
    members = (
        tables["memberships"]
        .join(people, on="customer_id")
        .dropna(subset="enrolled_on")
    )
    tenure = month_number(members["enrolled_on"]) - month_number(members["joined_on"])
    assert (tenure >= 3).all() and (members["enrolled_on"] > LAUNCH).all()
    assert members["ended_on"].equals(members["left_on"])
    ended = members.dropna(subset="ended_on")
    assert (ended["ended_on"] >= ended["enrolled_on"]).all()


def test_the_holdout_stays_out_for_a_year(tables, people):
    table = tables["memberships"].join(people["joined_on"], on="customer_id")
    drawn = table["joined_on"] <= LAUNCH
    assert table.loc[drawn, "holdout"].notna().all()
    assert table.loc[~drawn, "holdout"].isna().all()
    out = table[table["holdout"].eq(1).fillna(False)]
    assert near(len(out), drawn.sum(), 0.25)
    assert out["enrolled_on"].min() == pd.Timestamp("2025-12-01")
    assert not out["eligible"].any()
    free = table[table["holdout"].ne(1).fillna(True)]
    assert free.loc[free["enrolled_on"].notna(), "eligible"].all()


def test_points_are_never_spent_before_they_are_earned(tables):
    points = tables["points"].copy()
    sign = points["kind"].map({"earn": 1, "redeem": -1, "expire": -1})
    points["change"] = sign * points["points"]
    points = points.sort_values(["customer_id", "occurred_on", "change"])
    assert points.groupby("customer_id")["change"].cumsum().min() >= 0
    assert (points["points"] > 0).all()
    closed = points[points["kind"] != "earn"]
    assert not closed.duplicated(["customer_id", "batch_on"]).any()


def test_members_earn_a_point_a_euro_each_month(tables):
    earned = tables["points"].query("kind == 'earn'")
    paid = tables["activity"].rename(columns={"month": "batch_on"})
    both = earned.merge(paid, on=["customer_id", "batch_on"], validate="1:1")
    assert len(both) == len(earned)
    assert (both["points"] - both["revenue"]).abs().max() <= 0.5


def test_scores_keep_to_their_scales(company, tables):
    surveys, scales = tables["surveys"], company.settings["scales"]
    for column in ("satisfaction_points", "recommend", "expectation", "intent"):
        low, high = scales[column]
        assert surveys[column].dropna().between(low, high).all()
    for driver in DRIVERS:
        assert surveys[driver].dropna().between(*scales["ratings"]).all()
    silent = surveys[surveys["responded"] == 0]
    assert silent[silent.columns[4:]].isna().all(axis=None)
    assert set(surveys["satisfaction"].dropna()) == {1, 2, 3, 4, 5}


def test_journeys_have_no_holes(tables):
    touches = tables["touchpoints"].groupby("journey_id")
    last = touches["position"].max()
    assert (last == touches["position"].nunique()).all()
    assert (touches["converted"].nunique() == 1).all()


def test_an_opened_company_has_nothing_to_set_aside(tmp_path):
    from retention.company import open_company

    opened = open_company(write_company(tmp_path / "small", seed=5, scale=0.1))
    quality = opened.quality()
    assert (quality["quarantined"] == 0).all()
    assert (quality["read"] == quality["used"]).all()
    assert opened.runnable()["reason"].str.contains("needs").sum() == 0
    assert opened.label == "SIMULATED"


def test_no_column_of_the_truth_is_in_the_tables(company):
    hidden = {"taste", "heavy", "true_referrer", "voluntary", "score", "alive"}
    hidden |= {"margin_on", "margin_off", "would_enrol", "orders_per_week"}
    for name, table in company.tables.items():
        assert not hidden & set(table), name
    named = [name for name, table in company.tables.items() if "true_source" in table]
    assert named == ["referral_audit"] and len(company.tables["referral_audit"]) == 300


def test_those_who_left_before_the_records_are_only_in_the_truth(company, subscribers):
    known_people = set(subscribers["customer_id"])
    truth = company.truth["customers"]
    early = truth["left_on"] < RECORDS
    assert early.sum() > 5000
    assert set(truth.loc[~early, "customer_id"]) == known_people


def test_the_tenure_period_of_leaving_follows_from_the_dates(everybody):
    past = history(streams(DEFAULT_SEED), 1)
    gone = (everybody["left"] < 108).to_numpy()
    assert (past.left_month[gone] == everybody["left"][gone]).all()
    assert (past.customers.joined == everybody["joined"]).all()


def test_attributes_are_as_planted(everybody):
    referred = everybody["true_source"] == "referral"
    n = len(everybody)
    assert near((everybody["plan"] == "premium").sum(), n, 0.15)
    assert near((everybody["plan"] == "plus").sum(), n, 0.35)
    assert near(everybody["sme"].sum(), n, 0.15)
    assert near(everybody["annual"].sum(), n, 0.30)
    assert near(everybody["card"].sum(), n, 0.60)
    assert near(everybody["heavy"].sum(), n, 0.05)
    assert near(everybody.loc[referred, "young"].sum(), referred.sum(), 0.5)
    assert near(everybody.loc[~referred, "young"].sum(), (~referred).sum(), 0.3)
    assert near_mean(everybody.loc[referred, "engagement"], 0.2)
    assert near_mean(everybody.loc[~referred, "engagement"], 0.0)
    assert near_mean(everybody["taste"], 0.0)


def test_arrivals_are_poisson_by_source(everybody):
    outside = everybody[everybody["true_source"] != "referral"]
    a_month = outside.groupby("joined").size()
    assert near_mean(a_month, 160)
    assert 0.6 < a_month.var() / 160 < 1.6
    for source, share in (("rep", 0.45), ("ads", 0.35), ("organic", 0.20)):
        assert near((outside["true_source"] == source).sum(), len(outside), share)
    inside = everybody.query("joined < 60 and true_source == 'referral'")
    assert near_mean(inside.groupby("joined").size(), 160 * 0.4 / 0.6)


def test_referrals_come_from_the_customers_own_rates(company, everybody):
    scores = company.truth["scores"].copy()
    scores["next"] = month_number(scores["month"]) + 1
    scores = scores.join(everybody[["engagement", "left"]], on="customer_id")
    stock = scores[(scores["left"] >= scores["next"]) & (scores["next"] < 108)]
    exponent = (
        0.8 * (stock["score"] == 5)
        - 0.5 * (stock["score"] <= 2)
        + 0.2 * stock["engagement"]
    )
    expected = (0.0085 * np.exp(exponent)).sum()
    referred = everybody.query("joined > 60 and true_source == 'referral'")
    assert abs(len(referred) - expected) < 4 * np.sqrt(expected)
    delighted = stock["score"] == 5
    sent = referred.assign(next=referred["joined"]).merge(
        stock, left_on=["true_referrer", "next"], right_on=["customer_id", "next"]
    )
    assert len(sent) == len(referred)
    share = (0.0085 * np.exp(exponent))[delighted].sum() / expected
    assert near((sent["score"] == 5).sum(), len(sent), share)


def test_sources_are_recorded_as_planted(subscribers, everybody):
    window = subscribers.query("joined_on >= @RECORDS").set_index("customer_id")
    true = everybody.loc[window.index, "true_source"]
    referred, young = true == "referral", window["age_group"] == "young"
    coded = window["recorded_source"] == "referral"
    assert not coded[~referred].any()
    assert (window.loc[~referred, "recorded_source"] == true[~referred]).all()
    for age, code, answer in ((young, 0.45, 0.60), (~young, 0.22, 0.35)):
        assert near(coded[age & referred].sum(), (age & referred).sum(), code)
        assert near(window.loc[age, "told_us"].notna().sum(), age.sum(), answer)
    uncoded = window.loc[referred & ~coded, "recorded_source"]
    assert near((uncoded == "rep").sum(), len(uncoded), 0.65)
    told = window.loc[referred, "told_us"].dropna() == "referral"
    assert near(told.sum(), len(told), 0.92)
    assert not (window.loc[~referred, "told_us"] == "referral").any()


def test_the_audit_tells_the_true_source(tables, everybody, people):
    audit = tables["referral_audit"].set_index("customer_id")["true_source"]
    assert audit.equals(everybody.loc[audit.index, "true_source"])
    assert (people.loc[audit.index, "joined_on"] >= RECORDS).all()


def test_some_referred_customers_share_a_household(people, everybody):
    here = everybody[everybody.index.isin(people.index)]
    pairs = here[here["true_referrer"].isin(people.index)]
    own = people.loc[pairs.index, "household_id"].to_numpy()
    theirs = people.loc[pairs["true_referrer"], "household_id"].to_numpy()
    assert near((own == theirs).sum(), len(pairs), 0.03)


def test_region_has_no_effect(subscribers):
    young = subscribers.query("joined_on >= @RECORDS and joined_on < '2025-11-01'")
    year = (young["left_on"] - young["joined_on"]).dt.days < 365
    for region in "NSEW":
        inside = young["region"] == region
        assert near(inside.sum(), len(young), 0.25)
        assert near(year[inside].sum(), inside.sum(), year.mean())


def test_hazards_given_the_score_are_as_planted():
    past = history(streams(DEFAULT_SEED), 1, months=84)
    effects, errors = truths.hazard_regression(*truths.window_months(past))
    planted = truths.planted_effects() | {
        f"score_{k}": v
        for k, v in zip((1, 2, 3, 5), (0.9, 0.6, 0.15, -0.9), strict=True)
    }
    assert set(planted) == set(effects)
    for name, value in planted.items():
        assert abs(effects[name] - value) < 3.5 * errors[name], name
    assert errors["engagement"] < 0.03


def test_cards_fail_two_and_a_half_times_as_often(company, everybody):
    months = company.truth["scores"]["customer_id"].map(everybody["card"])
    gone = everybody.query("60 <= left < 108 and voluntary == 0")
    for card, rate in ((0, 0.0035), (1, 0.0035 * np.exp(0.9))):
        at_risk = (months == card).sum()
        events = (gone["card"] == card).sum()
        # In a month with another cause this one is seen a little less often.
        assert near(events, at_risk, -np.expm1(-rate) * 0.992)


def test_hazard_regression_equals_statsmodels():
    import statsmodels.api as sm

    past = history(streams(8), 0.1, months=84)
    period, left, columns = truths.window_months(past)
    early = period <= 24
    period, left = period[early], left[early]
    columns = {name: values[early] for name, values in columns.items()}
    baseline = pd.get_dummies(period, dtype=float)
    design = np.column_stack([pd.DataFrame(columns).astype(float), baseline])
    family = sm.families.Binomial(sm.families.links.CLogLog())
    fit = sm.GLM(left, design, family).fit(tol=1e-12)
    effects, errors = truths.hazard_regression(period, left, columns)
    k = len(effects)
    np.testing.assert_allclose(list(effects.values()), fit.params[:k], atol=1e-7)
    np.testing.assert_allclose(list(errors.values()), fit.bse[:k], atol=1e-6)


def test_customers_are_invited_and_answer_as_planted(tables, company, everybody):
    scores = company.truth["scores"]
    waves = scores[(month_number(scores["month"]) % 3 == 0)]
    asked = tables["surveys"].query("kind == 'relationship'")
    assert near(len(asked), len(waves), 0.4)
    complained = tables["contacts"].query("reason == 'complaint'")
    keys = pd.MultiIndex.from_frame(complained[["customer_id", "occurred_on"]])
    dark = pd.MultiIndex.from_frame(asked[["customer_id", "surveyed_on"]]).isin(keys)
    a = everybody.loc[asked["customer_id"], "engagement"].to_numpy()
    chance = 1 / (1 + np.exp(0.6 - 0.9 * a + 1.5 * dark))
    for rows in (dark, ~dark, a > 1, a < -1):
        answered = asked["responded"].to_numpy()[rows].sum()
        assert near(answered, rows.sum(), chance[rows].mean())


def test_answers_carry_the_true_score(tables, company):
    asked = tables["surveys"].query("kind == 'relationship' and responded == 1")
    both = asked.merge(
        company.truth["scores"].rename(columns={"month": "surveyed_on"}),
        on=["customer_id", "surveyed_on"],
    )
    assert len(both) == len(asked)
    assert (both["satisfaction"] == both["score"]).all()
    cuts = np.searchsorted([4.6, 5.5, 6.15, 7.8], both["satisfaction_points"], "right")
    assert (both["satisfaction"] == 1 + cuts).all()


def test_penalties_and_rewards_are_as_planted(tables):
    answers = tables["surveys"].query("kind == 'relationship' and responded == 1")
    answers = answers[answers["satisfaction_points"].between(0.01, 9.99)]
    low = (answers[DRIVERS] <= 2).to_numpy(float)
    high = (answers[DRIVERS] >= 6).to_numpy(float)
    expectation = answers["expectation"].to_numpy(float)
    x = np.column_stack([np.ones(len(answers)), low, high, expectation])
    beta = np.linalg.lstsq(x, answers["satisfaction_points"].to_numpy(), rcond=None)[0]
    planted = [-1.2, -0.7, -0.5, 0, 0, 0, 0.6, 0.5, 0.9, 0, -0.5]
    np.testing.assert_allclose(beta[1:], planted, atol=0.05)


def test_exit_surveys_ask_half_and_are_darker(tables, everybody, company):
    exits = tables["surveys"].query("kind == 'exit'")
    leavers = everybody.query("60 <= left < 108 and voluntary == 1")
    assert near(len(exits), len(leavers), 0.5)
    month = exits["surveyed_on"].dt.to_period("M").dt.to_timestamp()
    both = exits.assign(month=month).merge(
        company.truth["scores"], on=["customer_id", "month"]
    )
    able = both["score"] > 1
    lowered = both["score"][able] - both["satisfaction"][able]
    assert set(lowered) == {0, 1}
    assert near(lowered.sum(), able.sum(), 0.5)


def test_spend_is_as_planted(tables, everybody):
    rows = (
        tables["activity"]
        .query("month < @LAUNCH")
        .join(everybody.drop(columns="left"), on="customer_id", rsuffix="_true")
    )
    t = month_number(rows["month"])
    k = t - rows["joined"] + 1
    referred = rows["true_source"] == "referral"
    expected = (
        45
        + rows["plan"].map({"basic": 0, "plus": 15, "premium": 35})
        + 5 * rows["engagement"]
        + 8 * rows["taste"]
        + 0.05 * t
        + 3 * np.sin(2 * np.pi * t / 12)
        + 4 * np.exp(-(k - 1) / 12) * referred
    )
    usual = expected > 25  # below, the floor of EUR 1 can bite
    residual = (rows["revenue"] - expected)[usual]
    assert near_mean(residual, 0.0)
    assert residual.std() == pytest.approx(6, abs=0.05)
    assert rows["revenue"].min() >= 1
    assert near_mean(residual[referred & (k <= 12)], 0.0)


def test_members_and_gold_spend_more_as_planted(tables, people):
    paid = tables["activity"].pivot(
        index="customer_id", columns="month", values="revenue"
    )
    member = tables["memberships"].set_index("customer_id")
    before = paid[pd.date_range("2024-06-01", "2024-10-01", freq="MS")].mean(axis=1)
    after = paid[pd.date_range("2026-06-01", "2026-10-01", freq="MS")].mean(axis=1)
    change = (after - before).dropna()
    facts = member.loc[change.index]
    never = facts["enrolled_on"].isna()
    for plan, gain in (("basic", 6), ("plus", 3), ("premium", 1)):
        line = people.loc[change.index, "plan"] == plan
        joined = line & (facts["enrolled_on"] < "2026-06-01")
        for gold, more in ((False, 0), (True, 5)):
            rows = joined & ((facts["tier"] == "gold") == gold)
            lift = change[rows] - change[line & never].mean()
            assert near_mean(lift, gain + more, errors=5), (plan, gold)


def test_tiers_of_the_programme_follow_the_qualifying_spend(tables, people):
    member = tables["memberships"].dropna(subset="qualifying_spend")
    year = tables["activity"].query("'2024-11-01' <= month <= '2025-10-01'")
    spent = year.groupby("customer_id")["revenue"].sum()[member["customer_id"]]
    np.testing.assert_allclose(spent, member["qualifying_spend"], atol=0.005)
    cut = pd.cut(
        member["qualifying_spend"],
        [0, 700, 900, np.inf],
        right=False,
        labels=["basic", "silver", "gold"],
    )
    assert (cut.astype(object) == member["tier"]).all()
    joined = people.loc[member["customer_id"], "joined_on"]
    assert (joined <= "2024-11-01").all()


def test_silver_is_manipulated_and_gold_is_not(tables):
    spent = tables["memberships"]["qualifying_spend"]

    def counts(cut, width):
        below = spent.between(cut - width, cut, inclusive="left").sum()
        return below, spent.between(cut, cut + width, inclusive="left").sum()

    below, above = counts(700, 15)
    assert above > 2 * below
    below, above = counts(900, 30)
    assert near(above, above + below, 0.5)


def test_enrolment_follows_engagement_and_taste(company, everybody):
    outcomes = company.truth["potential_outcomes"].set_index("customer_id")
    assert outcomes["would_enrol"].mean() == pytest.approx(0.31, abs=0.02)
    facts = everybody.loc[outcomes.index]
    for name in ("engagement", "taste"):
        by = facts[name].groupby(outcomes["would_enrol"]).mean()
        assert by[1] - by[0] > 0.3


def test_potential_outcomes_agree_with_what_happened(company, tables):
    outcomes = company.truth["potential_outcomes"].set_index("customer_id")
    year = tables["activity"].query("'2024-11-01' <= month <= '2025-10-01'")
    margin = year.groupby("customer_id")["margin"].sum()[outcomes.index]
    months = year.groupby("customer_id").size()[outcomes.index]
    out = outcomes["holdout"] == 1
    lived = np.where(out, outcomes["margin_off"], outcomes["margin_on"])
    np.testing.assert_allclose(margin, lived, atol=0.005)
    assert (
        months == np.where(out, outcomes["months_off"], outcomes["months_on"])
    ).all()
    never = outcomes["would_enrol"] == 0
    assert (outcomes["margin_on"] == outcomes["margin_off"])[never].all()


def test_redemption_follows_its_law(tables):
    points = tables["points"]
    lag = month_number(points["occurred_on"]) - month_number(points["batch_on"])
    old = points["batch_on"] < "2025-05-01"  # batches seen until they expired
    used = points[old & (points["kind"] == "redeem")]
    assert near(len(used), (old & (points["kind"] == "earn")).sum(), 0.7571)
    assert near((lag[used.index] == 1).sum(), len(used), 0.8 * 0.15 / 0.7571)
    assert lag[points["kind"] == "redeem"].between(1, 18).all()
    assert (lag[points["kind"] == "expire"] == 18).all()


def test_the_experiment_is_a_fifth_in_thirds(tables, people, everybody):
    table = tables["experiments"]
    start = pd.Timestamp("2023-11-01")
    assert (table["assigned_on"] == start).all()
    left = people.loc[table["customer_id"], "left_on"]
    assert (people.loc[table["customer_id"], "joined_on"] <= start).all()
    assert not (left <= start).any()
    present = ((everybody["joined"] <= 72) & (everybody["left"] >= 72)).sum()
    assert len(table) == present // 5
    assert np.ptp(table["arm"].value_counts().to_numpy()) <= 1


def test_contacts_and_logins_are_as_planted(tables, everybody):
    activity, contacts = tables["activity"], tables["contacts"]
    heavy = activity["customer_id"].map(everybody["heavy"])
    load = len(activity) + 11 * heavy.sum()
    plain = contacts[contacts["reason"] != "complaint"]
    rates = {"phone": 0.10, "chat": 0.15, "mail": 0.08, "visit": 0.01}
    price = {"phone": 6.0, "chat": 2.5, "mail": 1.5, "visit": 40.0}
    for channel, rate in rates.items():
        n = (plain["channel"] == channel).sum()
        assert abs(n - rate * load) < 4 * np.sqrt(rate * load)
    assert (contacts["cost"] == contacts["channel"].map(price)).all()
    a = activity["customer_id"].map(everybody["engagement"])
    assert near_mean(activity["logins"] - 8 * np.exp(0.3 * a), 0.0)
    np.testing.assert_allclose(
        activity["margin"], 0.4 * activity["revenue"], atol=0.00501
    )


def test_the_cost_book_adds_up(tables, everybody):
    costs = tables["costs"].groupby("kind")["amount"].sum()
    new = everybody.query("joined >= 60")["true_source"].value_counts()
    unit = pd.Series({"rep": 180, "ads": 90, "organic": 20, "referral": 35})
    assert costs["acquisition"] == (new * unit).sum()
    assert costs["retention"] == 2 * len(tables["activity"])
    members = (tables["points"]["kind"] == "earn").sum()
    assert costs["programme"] == pytest.approx(5 / 12 * members, abs=0.5)
    year = tables["activity"].query("'2023-11-01' <= month <= '2024-10-01'")
    arm = tables["experiments"].set_index("customer_id")["arm"]
    months = year["customer_id"].map(arm).value_counts()
    spent = (
        tables["costs"].query("kind == 'experiment'").groupby("channel")["amount"].sum()
    )
    assert spent["card"] == pytest.approx(1.2 * months["card"], abs=0.01)
    assert spent["call"] == pytest.approx(6 * months["call"], abs=0.01)
    assert "control" not in spent


def test_add_ons_are_bought_at_the_planted_hazard(tables, company, everybody):
    people = tables["customers"].set_index("customer_id")
    orders = tables["orders"]
    first = orders[orders["customer_id"].str.isdigit()].drop_duplicates("customer_id")
    bought = first.set_index("customer_id")["ordered_on"].dt.to_period("M")
    rows = company.truth["scores"][["customer_id", "month"]].join(
        everybody[["engagement", "plan", "joined"]], on="customer_id"
    )
    rows = rows[rows["customer_id"].map(people["products_before"]).isna()]
    month = rows["month"].dt.to_period("M")
    end = rows["customer_id"].map(bought)
    at_risk = end.isna() | (month <= end)
    k = month_number(rows["month"]) - rows["joined"] + 1
    rate = 0.010 * np.exp(
        0.2 * rows["engagement"] + 0.4 * (rows["plan"] == "premium") + 0.3 * (k > 12)
    )
    for group in (k <= 12, k > 12, rows["plan"] == "premium"):
        inside = at_risk & group
        chance = -np.expm1(-rate[inside])
        events = (month[inside] == end[inside]).sum()
        assert near(events, inside.sum(), chance.mean())


def test_an_add_on_is_bought_once(tables):
    orders = tables["orders"]
    add_ons = orders[orders["customer_id"].str.isdigit()]
    assert not add_ons.duplicated(["customer_id", "product"]).any()
    before = tables["customers"].set_index("customer_id")["products_before"]
    held = add_ons["customer_id"].map(before).fillna("")
    twice = [p in h.split("+") for p, h in zip(add_ons["product"], held, strict=True)]
    assert not any(twice)


def test_annual_plans_renew_as_a_shifted_beta_geometric(tables):
    plans = tables["customers"].query("business == 'plans'")
    assert plans.groupby("joined_on").size().tolist() == [1500] * 5
    end = plans["left_on"] + pd.Timedelta(days=1)
    years = (month_number(end) - month_number(plans["joined_on"])) / 12
    assert (years.dropna() % 1 == 0).all()
    assert near((years == 1).sum(), len(plans), 0.25)
    old = plans["joined_on"] < "2023-11-01"
    stay = old & ~(years <= 3)
    survival = known.analytic()["plans_survival"]["3"]
    assert near(stay.sum(), old.sum(), survival)


def test_the_shop_buys_as_planted(tables, company):
    shop = tables["customers"].query("business == 'shop'")["customer_id"]
    orders = tables["orders"][tables["orders"]["customer_id"].isin(shop)]
    truth = company.truth["shop"].set_index("customer_id")
    assert len(shop) == 3000
    assert near_mean(truth["orders_per_week"], 0.55 / 6)
    assert near_mean(truth["stops_after_an_order"], 0.9 / 3.7)
    first = orders.groupby("customer_id")["ordered_on"].min()
    weeks = (pd.Timestamp("2026-11-01") - first) / pd.Timedelta(weeks=1) - 52
    assert ((weeks >= 52) & (weeks <= 78)).all()
    np.testing.assert_allclose(
        weeks, truth.loc[weeks.index, "calibration_weeks"], atol=1e-5
    )
    ratio = orders["amount"] / orders["customer_id"].map(truth["mean_amount"])
    assert near_mean(ratio, 1.0)
    assert near_mean(ratio**2, 1 + 1 / 6.25)
    number = orders.groupby("customer_id").cumcount()
    dropped = truth["stops_after_an_order"] > 0.9
    repeat = orders.assign(n=number)[number > 0]["customer_id"].value_counts()
    assert repeat.reindex(truth.index[dropped]).fillna(0).mean() < 1.2


def test_a_repeat_order_strays_at_the_planted_rate(tables):
    orders = tables["orders"][tables["orders"]["customer_id"].str.startswith("W")]
    first = orders.groupby("customer_id")["product"].transform("first")
    repeat = orders.duplicated("customer_id")
    strays = (orders["product"] != first)[repeat]
    assert near(strays.sum(), repeat.sum(), 0.30)
    home = orders.loc[~repeat, "product"]
    for product, share in (("Home", 0.4), ("Kitchen", 0.3), ("Garden", 0.2)):
        assert near((home == product).sum(), len(home), share)


def test_value_tiers_move_by_the_planted_matrix(tables):
    tiers = tables["tiers"]
    assert tiers.groupby("period").size().tolist() == [20_000] * 17
    wide = tiers.pivot(index="customer_id", columns="period", values="tier").to_numpy()
    before, after = wide[:, :-1].ravel(), wide[:, 1:].ravel()
    names = ["mass", "affluent", "private", "closed"]
    matrix = room.wealth.PLANTED["quarterly"]
    for i, old in enumerate(names):
        rows = before == old
        for j, new in enumerate(names[:3]):
            moved = (rows & (after == new)).sum()
            assert near(moved, rows.sum(), matrix[i][j]), (old, new)
    people = tables["customers"].set_index("customer_id")
    closed = tiers.query("tier == 'closed'").groupby("customer_id")["period"].min()
    left = people.loc[people["business"] == "wealth", "left_on"].dropna()
    assert set(left.index) == set(closed.index)
    days = (closed - left[closed.index]).dt.days
    assert days.between(0, 92).all()


def test_journeys_convert_at_the_planted_rate(tables):
    touches = tables["touchpoints"]
    ends = touches.drop_duplicates("journey_id")["converted"]
    assert len(ends) == 30_000
    assert near(ends.sum(), len(ends), 0.1817)
    first = touches.query("position == 1")["channel"]
    for channel, share in (("search", 0.40), ("social", 0.25), ("friend", 0.20)):
        assert near((first == channel).sum(), len(first), share)


def test_leads_are_won_and_given_up_as_planted(tables):
    leads = tables["leads"]
    old = leads[leads["opened_on"] < "2025-12-01"]
    months = month_number(old["closed_on"].fillna(END)) - month_number(old["opened_on"])
    within = old["closed_on"].notna() & (months < 12)
    assert near((within & (old["outcome"] == "abandoned")).sum(), len(old), 0.380)
    assert near((within & (old["outcome"] == "won")).sum(), len(old), 0.337)
    assert (leads["closed_on"].isna() == (leads["outcome"] == "open")).all()
    assert near_mean(leads.groupby("opened_on").size(), 250)


def test_customers_tell_others_as_planted(tables):
    asked = tables["invitations"]
    assert len(asked) == 1500
    told = asked["told"]
    assert near_mean(told, 6)
    variance = 6 + 36 / 0.7
    assert told.var() == pytest.approx(variance, rel=0.25)
    assert near(asked["interested"].sum(), told.sum(), 0.25)
    assert near(asked["joined"].sum(), asked["interested"].sum(), 0.12)


def test_analytic_truths_are_those_of_the_design():
    """Derived by hand from the planted matrices and laws, four digits each."""
    truth = known.analytic()
    assert truth["ultimate_redemption"] == pytest.approx(0.7571, abs=5e-5)
    assert truth["conversion"] == pytest.approx(0.1817, abs=5e-5)
    effects = [0.4035, 0.1488, 0.2463, 0.5309, 0.4337]
    assert list(truth["removal_effects"].values()) == pytest.approx(effects, abs=5e-5)
    tiers = truth["tiers_16_quarters"]
    assert tiers["upgraded_given_private"] == pytest.approx(0.8992, abs=5e-5)
    assert tiers["private_given_lower"] == pytest.approx(0.0138, abs=5e-5)
    assert truth["leads_12_months"]["abandoned"] == pytest.approx(0.380, abs=5e-4)
    assert truth["leads_12_months"]["won"] == pytest.approx(0.337, abs=5e-4)


def test_realised_truths_lie_where_the_design_puts_them(company):
    """Means over 24 companies of a prototype, within four of its spreads."""
    real = company.parameters["realised"]
    assert real["survival"]["S12"] == pytest.approx(0.691, abs=0.016)
    assert real["survival"]["S24"] == pytest.approx(0.551, abs=0.020)
    assert real["survival"]["S48"] == pytest.approx(0.372, abs=0.024)
    assert real["survival"]["median"] in range(27, 34)
    satisfaction = real["satisfaction"]
    assert satisfaction["satisfied_share"] == pytest.approx(0.8306, abs=0.005)
    assert satisfaction["satisfied_given_left"] == pytest.approx(0.778, abs=0.01)
    assert satisfaction["left_given_satisfied"] == pytest.approx(0.118, abs=0.004)
    assert real["referral"]["referred_share"] == pytest.approx(0.4401, abs=0.02)
    assert real["referral"]["recorded_share"] == pytest.approx(0.147, abs=0.02)
    assert real["referral"]["referrals_within_24"] == pytest.approx(0.201, abs=0.03)
    assert real["loyalty"]["margin_itt"] == pytest.approx(3.857, abs=0.4)
    assert real["loyalty"]["spend_att_months_85_94"] == pytest.approx(4.267, abs=0.2)
    assert real["top_fifth_of_revenue"] == pytest.approx(0.325, abs=0.01)
    assert real["revenue_after_first_year"] == pytest.approx(0.752, abs=0.01)
    assert real["loss_of_stock_12_months"] == pytest.approx(0.19, abs=0.01)


def test_parameters_are_plain_numbers(company, tmp_path):
    out = write_company(tmp_path / "c", seed=DEFAULT_SEED, scale=0.02)
    read = json.loads((out / "truth" / "parameters.json").read_text("utf-8"))
    assert read["seed"] == DEFAULT_SEED and read["scale"] == 0.02
    assert read["planted"]["hazard"]["voluntary"]["engagement"] == -0.3
    assert read["reference"] == known.REFERENCE
    assert set(read["realised"]) == set(company.parameters["realised"])


def test_settings_are_the_file_that_is_written(company, tmp_path):
    out = write_company(tmp_path / "c", seed=1, scale=0.02)
    settings = tomllib.loads((out / "workbook.toml").read_text("utf-8"))
    assert settings == company.settings
    assert settings["company"]["observed_to"] == dt.date(2026, 10, 31)
    assert settings["company"]["label"] == "SIMULATED"


def test_writing_replaces_a_simulated_company_and_leaves_no_trace(tmp_path):
    out = tmp_path / "c"
    write_company(out, seed=1, scale=0.02)
    before = (out / "customers.parquet").read_bytes()
    assert write_company(str(out), seed=2, scale=0.02) == out
    assert (out / "customers.parquet").read_bytes() != before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty and holds no simulated company"):
        write_company(tmp_path, seed=1, scale=0.02)
    with pytest.raises(ValueError, match="is a file"):
        write_company(tmp_path / "letter.txt", seed=1, scale=0.02)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_failed_write_keeps_the_company_that_was_there(tmp_path, monkeypatch):
    out = write_company(tmp_path / "c", seed=1, scale=0.02)
    before = {p.name: p.stat().st_size for p in out.iterdir()}

    def full(table, path):
        raise OSError("no space left")

    monkeypatch.setattr("retention.simulate.write.write_table", full)
    with pytest.raises(OSError, match="no space"):
        write_company(out, seed=2, scale=0.02)
    assert {p.name: p.stat().st_size for p in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def same_values(got, expected):
    """Values alike; Parquet knows dates and flags under other types than pandas."""
    if expected.dtype == object:
        assert got.fillna("").equals(expected.fillna("")), expected.name
        return
    got = got.astype(expected.dtype)
    pd.testing.assert_series_equal(got, expected)


def test_the_shipped_company_is_what_the_generator_writes(company):
    frames = {**company.tables}
    frames |= {f"truth/{name}": table for name, table in company.truth.items()}
    written = {p.relative_to(SHIPPED).as_posix() for p in SHIPPED.rglob("*.parquet")}
    assert written == {f"{name}.parquet" for name in frames}
    for name, table in frames.items():
        read = pd.read_parquet(SHIPPED / f"{name}.parquet")
        assert list(read) == list(table), name
        for column in table:
            same_values(read[column], table[column])
    stored = json.loads((SHIPPED / "truth" / "parameters.json").read_text("utf-8"))
    assert stored == json.loads(json.dumps(company.parameters))


def test_the_shipped_company_is_small():
    size = sum(p.stat().st_size for p in SHIPPED.rglob("*") if p.is_file())
    assert size <= 10_000_000


@pytest.mark.slow
def test_reference_figures_come_out_again():
    found = known.rounded(truths.reference(), 4)
    stored = known.REFERENCE
    assert found.keys() == stored.keys()
    for name, value in found.items():
        assert value == pytest.approx(stored[name], abs=2e-4), name
