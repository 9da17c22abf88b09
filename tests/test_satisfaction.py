"""Satisfaction estimators: printed tables, other implementations, planted faults."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from retention import counts, satisfaction
from retention.company import open_company
from retention.company.errors import CompanyError
from retention.counts.satisfaction import Products, Scale
from retention.intervals import Region, wilson
from retention.satisfaction.clusters import share

PUBLISHED = Path(__file__).parents[1] / "data" / "published"
SCALE = Scale.of(1, 5)


def printed(digits):
    """Tolerance for a number printed with so many decimals."""
    return 0.5 * 10**-digits + 1e-12


def answers(rows, **more):
    """Survey losses from (score, lost, n), dealt into sixteen buckets."""
    table = pd.DataFrame(
        [(s, lost, n // 16, f"{b:02x}") for s, lost, n in rows for b in range(16)],
        columns=["score", "lost", "n", "bucket"],
    )
    return table.assign(responded=1, followed=1, gone=table["lost"], **more)


# --- printed tables -------------------------------------------------------------


@pytest.fixture(scope="module")
def housing():
    """Cox and Snell's table as in Venables and Ripley (2002), section 7.3."""
    table = pd.read_csv(PUBLISHED / "housing.csv")
    return satisfaction.proportional_odds(
        table,
        ["influence", "housing", "contact"],
        outcome="satisfaction",
        levels=["low", "medium", "high"],
        reference={"influence": "low", "housing": "tower", "contact": "low"},
    )


@pytest.mark.parametrize(
    ("term", "level", "coefficient"),
    [
        ("influence", "medium", 0.5664),
        ("influence", "high", 1.2888),
        ("housing", "apartment", -0.5724),
        ("housing", "atrium", -0.3662),
        ("housing", "terrace", -1.0910),
        ("contact", "high", 0.3603),
    ],
)
def test_housing_coefficients(housing, term, level, coefficient):
    row = housing.table.set_index(["term", "level"]).loc[(term, level)]
    assert row["coef"] == pytest.approx(coefficient, abs=printed(4))


def test_housing_cuts_and_deviance(housing):
    assert housing.cuts.tolist() == pytest.approx([-0.4961, 0.6907], abs=printed(4))
    assert housing.deviance == pytest.approx(3479.149, abs=printed(3))
    assert housing.n == 1681


@pytest.mark.parametrize(
    ("events", "n", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_of_unrepeated_answers_is_newcombes(events, n, lower, upper):
    found = share(events / n, np.nan, n)
    assert found.lower == pytest.approx(lower, abs=printed(4))
    assert found.upper == pytest.approx(upper, abs=printed(4))


# --- the same as other implementations ------------------------------------------


def test_proportional_odds_is_statsmodels_on_rows(housing):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    table = pd.read_csv(PUBLISHED / "housing.csv")
    rows = table.loc[table.index.repeat(table["n"])].reset_index(drop=True)
    order = pd.CategoricalDtype(["low", "medium", "high"], ordered=True)
    x = pd.DataFrame({"high": (rows["contact"] == "high").astype(float)})
    theirs = OrderedModel(rows["satisfaction"].astype(order), x, distr="logit")
    theirs = theirs.fit(method="bfgs", disp=False)
    ours = satisfaction.proportional_odds(
        table,
        ["contact"],
        outcome="satisfaction",
        levels=["low", "medium", "high"],
        reference={"contact": "low"},
    )
    assert ours.table["coef"].iloc[0] == pytest.approx(theirs.params["high"], abs=1e-4)
    assert ours.table["se"].iloc[0] == pytest.approx(theirs.bse["high"], abs=1e-4)


def test_loss_of_single_answers_has_the_interval_of_statsmodels():
    rows = pd.DataFrame({"score": 4.0, "lost": [1] * 30 + [0] * 170, "n": 1})
    rows["bucket"] = [
        f"{i % 256:02x}" for i in np.random.default_rng(1).permutation(200)
    ]
    rows = rows.assign(responded=1, followed=1, gone=rows["lost"])
    row = satisfaction.weighted_losses(rows).table.iloc[0]
    low, high = proportion_confint(30, 200, method="wilson")
    # one customer a bucket: never narrower, and wider by less than a tenth
    assert row["lower"] <= low + 1e-9 and row["upper"] >= high - 1e-9
    assert (row["upper"] - row["lower"]) / (high - low) < 1.1


def test_repeated_answers_widen_the_interval():
    once = answers([(4.0, 1, 160), (4.0, 0, 1440)])
    again = once.assign(lost=(once["bucket"] < "02").astype(int), n=100)
    again["gone"] = again["lost"]
    alone = satisfaction.weighted_losses(once).table.iloc[0]
    repeated = satisfaction.weighted_losses(again).table.iloc[0]
    assert repeated["upper"] - repeated["lower"] > 3 * (alone["upper"] - alone["lower"])


def test_least_squares_is_statsmodels_and_the_jackknife_is_near_its_cluster_errors():
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    x = rng.normal(size=(4000, 2))
    group = np.repeat(np.arange(200), 20)
    y = 1 + x @ [0.5, -1.0] + 0.5 * rng.normal(size=200)[group] + rng.normal(size=4000)
    table = pd.DataFrame(x, columns=["a", "b"]).assign(y=y)
    ours = satisfaction.least_squares(
        Products.of(table, group), ["a", "b"], response="y"
    )
    fit = sm.OLS(y, sm.add_constant(x))
    theirs = fit.fit(cov_type="cluster", cov_kwds={"groups": group})
    assert ours.coef == pytest.approx(theirs.params, abs=1e-10)
    assert ours.se == pytest.approx(theirs.bse, rel=0.03)
    assert ours.r2 == pytest.approx(theirs.rsquared, abs=1e-10)


def test_response_weights_are_those_of_a_logistic_regression():
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    rows = pd.DataFrame({"a": rng.normal(size=3000).round(1), "n": 1})
    rows["plan"] = np.where(rng.random(3000) < 0.4, "x", "y")
    odds = np.exp(-0.4 + 0.8 * rows["a"] + 0.5 * (rows["plan"] == "y"))
    rows["responded"] = (rng.random(3000) < odds / (1 + odds)).astype(int)
    ours = satisfaction.response_model(rows, ["a", "plan"])
    x = np.column_stack([np.ones(3000), rows["a"], rows["plan"] == "y"]).astype(float)
    theirs = sm.GLM(rows["responded"], x, family=sm.families.Binomial()).fit()
    assert ours.table["coef"].tolist() == pytest.approx(
        theirs.params[1:].tolist(), 1e-5
    )
    assert abs(ours.table["gap_weighted"]).max() < 0.05 < abs(ours.table["gap"]).max()


def test_hazard_ratios_are_those_of_lifelines_when_ties_are_few():
    from lifelines import CoxPHFitter

    rng = np.random.default_rng(8)
    score = rng.choice([3.0, 4.0, 5.0], 1500)
    effect = pd.Series({3.0: 0.5, 4.0: 0.0, 5.0: -0.8})[score].to_numpy()
    time = np.ceil(rng.exponential(300 / np.exp(effect))).astype(int)
    table = pd.DataFrame({"score": score, "entry": 0, "n": 1})
    table["duration"] = np.minimum(time, 200)
    table["event"] = (time <= 200).astype(int)
    table["bucket"] = [f"{i % 256:02x}" for i in range(1500)]
    ours = satisfaction.score_hazards(table, SCALE).table.set_index("level")["coef"]
    design = table[["duration", "event"]].assign(
        low=(score == 3).astype(int), top=(score == 5).astype(int)
    )
    theirs = CoxPHFitter().fit(design, "duration", "event").params_
    # whole periods in bands of the baseline against exact times
    assert ours["3"] == pytest.approx(theirs["low"], abs=0.03)
    assert ours["5"] == pytest.approx(theirs["top"], abs=0.03)


def test_the_monotone_curve_is_that_of_scikit_learn():
    from sklearn.isotonic import IsotonicRegression

    rows = answers(
        [
            (s, lost, 16 * k)
            for k, (s, lost) in enumerate(
                [(s, lost) for s in range(1, 7) for lost in (0, 1)], start=3
            )
        ]
    )
    found = satisfaction.smooth_losses(rows.rename(columns={"score": "points"}))
    again = IsotonicRegression(increasing=False).fit_transform(
        found["points"], found["loss"], sample_weight=found["n"]
    )
    assert np.allclose(found["monotone"], again)
    assert (np.diff(found["monotone"]) <= 1e-12).all()


def test_shares_of_drivers_add_up_and_treat_twins_alike():
    rng = np.random.default_rng(9)
    base = pd.DataFrame({"low_a": rng.random(2000) < 0.4}).astype(float)
    base["high_a"] = (rng.random(2000) < 0.5) * (1 - base["low_a"])
    base[["low_b", "high_b"]] = base[["low_a", "high_a"]].sample(frac=1, random_state=2)
    y = base["high_a"] + base["high_b"] - base["low_a"] - base["low_b"]
    table = base.assign(satisfaction=y + rng.normal(size=2000))
    found = satisfaction.driver_shares(Products.of(table, np.arange(2000) % 64))
    assert found["share"].sum() == pytest.approx(1)
    fit = satisfaction.penalty_fit(Products.of(table, np.arange(2000) % 64))
    assert found["r2"].sum() == pytest.approx(fit.r2, abs=1e-9)


# --- identities -----------------------------------------------------------------


def test_bayes_takes_one_conditional_to_the_other():
    rows = answers([(2.0, 1, 320), (2.0, 0, 640), (4.0, 1, 480), (4.0, 0, 3200)])
    found = satisfaction.weighted_losses(rows, groups=SCALE.levels)
    a, b, c, d = satisfaction.satisfaction_answer(found, SCALE, horizon=12).link[
        "value"
    ]
    assert a * b / c == pytest.approx(d)


def test_a_perfect_difference_is_not_rejected_and_another_is():
    rng = np.random.default_rng(4)
    x, e = rng.normal(size=(2, 4000))
    noise = rng.normal(size=4000)
    for weight, equal in ((1.0, True), (0.5, False)):
        table = pd.DataFrame({"experience": x, "expectation": e})
        table["satisfaction"] = x - weight * e + noise
        found = satisfaction.disconfirmation(Products.of(table, np.arange(4000) % 64))
        assert (found.equality_p > 0.01) is equal
        assert found.ratio.lower < weight < found.ratio.upper


def test_bounds_hold_whatever_the_silent_would_have_said():
    rng = np.random.default_rng(2)
    n = 4000
    rows = pd.DataFrame({"score": rng.choice([2.0, 4.0], n), "n": 1, "followed": 1})
    rows["lost"] = (rng.random(n) < 0.2).astype(int)
    happy = rows["score"] == 4
    whole = (happy & (rows["lost"] == 1)).sum() / happy.sum()
    for silent in (happy, ~happy, rows["lost"] == 1):
        seen = rows.assign(responded=(~silent).astype(int))
        seen["score"] = seen["score"].where(~silent)
        bounds = satisfaction.no_assumption_bounds(seen, satisfied_from=4)
        low, high = bounds.loc["left given satisfied", ["lower", "upper"]]
        assert low - 1e-12 <= whole <= high + 1e-12


def test_the_turning_tilt_reaches_the_edge():
    rows = answers([(2.0, 0, 1600), (4.0, 0, 6400)])
    silent = rows.assign(responded=0, score=np.nan)
    asked = pd.concat([rows, silent])
    region = Region(0.85, 0.95)
    tilt = satisfaction.turning_tilt(asked, [], satisfied_from=4, region=region)
    shares = satisfaction.silent_customers(asked, [], satisfied_from=4, tilts=[tilt])
    assert shares["satisfied_share"].iloc[0] == pytest.approx(0.85)


# --- planted faults are caught by their checks ----------------------------------


def status(found, tenure=None):
    tenure = pd.DataFrame() if tenure is None else tenure
    checks = satisfaction.satisfaction_checks(found, tenure, horizon=12)
    return {check.name: check.status for check in checks}


def test_planted_non_response_is_seen_and_weighted_away():
    shares = {"calm": (0.8, 0.9), "cross": (0.2, 0.5)}  # answers, satisfied
    rows = []
    for mood, (answered, happy) in shares.items():
        for score, part in ((4.0, happy), (2.0, 1 - happy)):
            rows.append((mood, score, 1, 16_000 * answered * part))
        rows.append((mood, np.nan, 0, 16_000 * (1 - answered)))
    asked = pd.concat(
        pd.DataFrame(rows, columns=["mood", "score", "responded", "n"]).assign(
            n=lambda t: (t["n"] / 16).round().astype(int), bucket=f"{b:02x}"
        )
        for b in range(16)
    ).assign(followed=1, lost=0, gone=0)
    naive = satisfaction.weighted_losses(asked).table.set_index("score")["share"]
    right = satisfaction.weighted_losses(asked, ["mood"])
    assert naive[4] == pytest.approx(0.82, abs=0.001)
    assert right.table.set_index("score")["share"][4] == pytest.approx(0.70, abs=0.001)
    before, after = right.response.worst_gap
    assert before > 0.3 and after < 0.01
    assert status(right)["balance after weighting"] == "PASS"
    blind = satisfaction.weighted_losses(asked)
    assert status(blind)["balance after weighting"] == "REVIEW"


def test_answers_of_a_kind_that_hardly_ever_answers_block_the_verdicts():
    rows = [("a", 4.0, 1, 9600), ("a", np.nan, 0, 6400)]
    rows += [("b", 2.0, 1, 32), ("b", np.nan, 0, 160_000)]
    asked = pd.concat(
        pd.DataFrame(rows, columns=["kind", "score", "responded", "n"]).assign(
            n=lambda t: t["n"] // 16, bucket=f"{b:02x}"
        )
        for b in range(16)
    ).assign(followed=1, lost=0, gone=0)
    found = satisfaction.weighted_losses(asked, ["kind"], groups=SCALE.levels)
    name = "overlap of those who answer with those who do not"
    assert status(found)[name] == "FAIL"
    from retention.satisfaction.measures import behaviour_measures

    measured = behaviour_measures(found, SCALE, horizon=12)
    assert all(isinstance(value, str) for value in measured.values())


def test_separation_is_said_and_no_ratio_is_printed():
    table = answers([(4.0, 1, 320), (4.0, 0, 1600), (5.0, 0, 1600), (2.0, 1, 320)])
    table = pd.concat([table, answers([(2.0, 0, 320)])])
    tenure = table.rename(columns={"lost": "event"}).assign(entry=0, duration=1)
    found = satisfaction.score_hazards(tenure, SCALE)
    row = found.table.set_index("level").loc["5"]
    assert np.isnan(row["hazard_ratio"]) and row["note"]
    assert "score 5" in found.summary and "no hazard ratio" in found.summary
    losses = satisfaction.weighted_losses(table, groups=SCALE.levels)
    assert status(losses, tenure)["a loss at every score"] == "REVIEW"


def test_exit_surveys_make_the_curve_steep_only_when_pooled():
    rows = answers(
        [(s, lost, n) for s in (1.0, 5.0) for lost, n in ((1, 160), (0, 1440))]
    )
    found = satisfaction.weighted_losses(rows)
    exits = pd.DataFrame({"score": [1.0], "n": [800]})
    table = satisfaction.pooled_with_exits(found, exits).set_index("score")
    assert table["apart"].tolist() == pytest.approx([0.1, 0.1])
    assert table["pooled"][1.0] == pytest.approx(960 / 2400)


def test_leaving_right_after_the_answer_asks_for_a_later_clock():
    cells = [(1, 1, 800), (6, 1, 160), (12, 0, 3200)]
    tenure = pd.DataFrame(cells, columns=["duration", "event", "n"]).assign(
        score=4.0, entry=0, bucket="00"
    )
    found = satisfaction.weighted_losses(answers([(4.0, 0, 160)]))
    assert status(found, tenure)["leaving just after an answer"] == "REVIEW"
    later = satisfaction.waited(tenure, 1)
    assert status(found, later)["leaving just after an answer"] == "PASS"


def test_a_threshold_is_found_where_one_is_and_not_where_none_is():
    points = np.arange(0, 10.25, 0.5)
    scale = Scale.of(0, 10)
    for bend, there in ((-1.2, True), (0.0, False)):
        odds = np.exp(-1.0 + bend * np.maximum(points - 6, 0))
        p = odds / (1 + odds)
        rows = [
            (x, lost, f"{b:02x}", n)
            for x, risk in zip(points, p, strict=True)
            for b in range(16)
            for lost, n in ((1, round(60 * risk)), (0, round(60 * (1 - risk))))
        ]
        table = pd.DataFrame(rows, columns=["points", "lost", "bucket", "n"])
        found = satisfaction.delight_threshold(table, scale)
        assert found.identified is there, found.summary
        if there:
            assert found.at.lower <= 6 <= found.at.upper


# --- scales and outcomes --------------------------------------------------------


def company(surveys, customers=None, orders=None, **scales):
    tables = {"surveys": pd.DataFrame(surveys)}
    if customers is not None:
        tables["customers"] = pd.DataFrame(customers)
    if orders is not None:
        tables["orders"] = pd.DataFrame(orders)
    settings = {"company": {"observed_to": pd.Timestamp("2025-06-30").date()}}
    settings["scales"] = scales or {"satisfaction": [1, 5]}
    return open_company(tables, settings=settings)


def day(text):
    return pd.Timestamp(text).date()


@pytest.mark.parametrize(
    ("ends", "satisfied", "top", "low", "high"),
    [
        ((1, 5), 4, 5, 1, 5),
        ((0, 10), 8, 9, 1, 9),
        ((1, 7), 6, 7, 2, 6),
        ((0, 100), 80, 90, 10, 90),
    ],
)
def test_a_declared_scale_says_who_is_satisfied(ends, satisfied, top, low, high):
    scale = Scale.of(*ends)
    assert (scale.satisfied_from, scale.top_from) == (satisfied, top)
    assert (scale.low_to, scale.high_from) == (low, high)


def test_a_scale_is_never_guessed():
    one = {"customer_id": ["a"], "surveyed_on": [day("2024-01-01")]}
    one |= {"satisfaction": [5.0]}
    with pytest.raises(CompanyError, match="scale of satisfaction is not declared"):
        counts.score_scale(open_company({"surveys": pd.DataFrame(one)}))
    with pytest.raises(CompanyError, match="outside the declared scale"):
        counts.score_scale(company(one), "9")


def test_the_clock_starts_with_the_answer_and_later_events_do_not_sort():
    people = {
        "customer_id": list("abcd"),
        "joined_on": [day("2023-01-01")] * 4,
        "left_on": [day("2024-03-15"), day("2024-01-10"), None, day("2024-01-01")],
    }
    asked = {
        "customer_id": list("abcd"),
        "surveyed_on": [day("2024-01-01")] * 4,
        "satisfaction": [4.0, 2.0, 5.0, 1.0],
    }
    firm = company(asked, people)
    table = counts.survey_tenure(firm, horizon=12).set_index("score")
    # d left on the day of the answer and is not in; a left in the third month after
    assert table["duration"].to_dict() == {2.0: 1, 4.0: 3, 5.0: 12}
    assert table["event"].to_dict() == {2.0: 1, 4.0: 1, 5.0: 0}
    flow = counts.survey_flow(firm, horizon=12).set_index("step")["rows"]
    assert flow["not a customer of this study on the day"] == -1


def test_buying_again_is_the_outcome_of_a_shop():
    asked = {
        "customer_id": list("abc"),
        "surveyed_on": [day("2024-01-01")] * 3,
        "satisfaction": [4.0, 4.0, 2.0],
    }
    bought = {
        "customer_id": ["a", "a", "b", "c"],
        "ordered_on": pd.to_datetime(
            ["2023-12-01", "2024-02-20", "2024-01-01", "2025-03-01"]
        ),
        "amount": [10.0] * 4,
    }
    firm = company(asked, orders=bought)
    assert counts.usual_outcome(firm) == "bought"
    table = counts.survey_losses(firm, horizon=12)
    # b's order is of the day of the answer, c's comes after the horizon
    kept = table[table["lost"] == 0].groupby("score")["n"].sum()
    assert kept.to_dict() == {4.0: 1}
    assert table["n"].sum() == 3


def test_a_returned_customer_is_matched_to_the_stay_in_which_it_was_asked():
    people = {
        "customer_id": ["a", "a"],
        "spell": [1, 2],
        "joined_on": [day("2022-01-01"), day("2024-01-01")],
        "left_on": [day("2023-01-01"), None],
    }
    asked = {
        "customer_id": ["a", "a", "a"],
        "surveyed_on": [day("2022-12-01"), day("2023-06-01"), day("2024-02-01")],
        "satisfaction": [3.0, 4.0, 5.0],
    }
    table = counts.survey_tenure(company(asked, people), horizon=12)
    assert table["score"].tolist() == [3.0, 5.0]
    assert table["event"].tolist() == [1, 0]


def test_wilson_is_the_intervals_rooms_own():
    assert share(0.25, np.nan, 8).lower == pytest.approx(wilson(2, 8).lower)
