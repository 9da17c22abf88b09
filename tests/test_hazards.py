"""Discrete-time proportional hazards: against statsmodels and known truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.survival.hazards import (
    hazard_regression,
    left_out,
    proportionality,
    separation,
)
from retention.survival.hazards.baseline import bands, default_ends


def months(seed: int = 4, n: int = 30_000, last: int = 36) -> pd.DataFrame:
    """Period table of a made company whose annual contract binds for twelve months."""
    rng = np.random.default_rng(seed)
    plan = rng.choice(["basic", "plus", "premium"], n)
    contract = rng.choice(["annual", "monthly"], n, p=[0.4, 0.6])
    seats = rng.integers(1, 6, n)
    here, rows = np.ones(n, bool), []
    for period in range(1, last + 1):
        bound = np.where(period <= 12, -1.2, -0.2) * (contract == "annual")
        effect = bound + 0.25 * (plan == "plus") - 0.3 * (plan == "premium")
        base = -3.2 - 0.3 * np.log(period) + 0.1 * (seats - 3)
        left = here & (rng.random(n) < -np.expm1(-np.exp(base + effect)))
        cells = pd.DataFrame(
            {"plan": plan, "contract": contract, "seats": seats, "events": left}
        )[here]
        rows.append(cells.assign(period=period, at_risk=1))
        here &= ~left & (rng.random(n) > 0.01)
    keys = ["period", "plan", "contract", "seats"]
    long = pd.concat(rows).groupby(keys)[["at_risk", "events"]].sum()
    return long.astype(int).reset_index()


EFFECTS = ["plan", "contract", "seats"]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return months()


def glm(table: pd.DataFrame, columns: dict, ends: list[int]):
    """The same regression by statsmodels, one dummy a band."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog
    from statsmodels.genmod.generalized_linear_model import GLM

    band = np.searchsorted(ends, table["period"])
    dummies = (band[:, None] == np.unique(band)).astype(float)
    x = np.column_stack([dummies, *(np.asarray(c, float) for c in columns.values())])
    y = np.column_stack([table["events"], table["at_risk"] - table["events"]])
    return GLM(y, x, family=Binomial(CLogLog())).fit(tol=1e-14, maxiter=100)


def columns_of(table: pd.DataFrame) -> dict:
    return {
        "plus": table["plan"] == "plus",
        "premium": table["plan"] == "premium",
        "monthly": table["contract"] == "monthly",
        "seats": table["seats"],
    }


def close(found, expected, within) -> bool:
    return bool(np.allclose(found, expected, rtol=0, atol=within))


# The same answer as statsmodels ----------------------------------------------------


def test_equals_the_binomial_glm_of_statsmodels(table):
    fit = hazard_regression(table, EFFECTS)
    other = glm(table, columns_of(table), default_ends(36))
    assert close(fit.table["coef"], other.params[-4:], 1e-8)
    assert close(fit.table["se"], other.bse[-4:], 1e-8)
    assert close(fit.covariance, other.cov_params()[-4:, -4:], 1e-8)
    assert fit.table["reference"].tolist() == ["basic", "basic", "annual", ""]


def test_baseline_is_that_of_statsmodels_at_the_mean_number(table):
    fit = hazard_regression(table, EFFECTS)
    other = glm(table, columns_of(table), default_ends(36))
    mean = np.average(table["seats"], weights=table["at_risk"])
    eta = other.params[:-4] + other.params[-1] * mean
    assert close(fit.baseline["hazard"], -np.expm1(-np.exp(eta)), 1e-9)
    at = np.zeros((len(eta), len(other.params)))
    at[:, : len(eta)], at[:, -1] = np.eye(len(eta)), mean
    se = np.sqrt(np.einsum("ij,jk,ik->i", at, other.cov_params(), at))
    reach = 1.959963984540054 * se
    assert close(fit.baseline["upper"], -np.expm1(-np.exp(eta + reach)), 1e-9)
    assert close(fit.baseline["lower"], -np.expm1(-np.exp(eta - reach)), 1e-9)


def test_a_split_effect_equals_interactions_in_statsmodels(table):
    fit = hazard_regression(
        table, EFFECTS, split={"contract": 12}, reference={"contract": "monthly"}
    )
    annual, early = table["contract"] == "annual", table["period"] <= 12
    columns = columns_of(table)
    columns.pop("monthly")
    columns |= {"early": annual & early, "late": annual & ~early}
    other = glm(table, columns, default_ends(36))
    found = fit.table.set_index(["term", "periods"]).sort_index()["coef"]
    assert close(found["contract", "1-12"], other.params[-2], 1e-8)
    assert close(found["contract", "13+"], other.params[-1], 1e-8)
    assert close(found["seats", "all"], other.params[-3], 1e-8)


def test_likelihood_ratio_of_a_break_equals_statsmodels(table):
    found = proportionality(table, EFFECTS, bands=(12, 24))
    columns, period = columns_of(table), table["period"]
    plain = glm(table, columns, default_ends(36))
    parts = {
        f"monthly {k}": columns["monthly"] & (np.searchsorted([12, 24], period) == k)
        for k in range(3)
    }
    others = {k: v for k, v in columns.items() if k != "monthly"}
    free = glm(table, others | parts, default_ends(36))
    contract = found[found["term"] == "contract"]
    assert close(contract["chi2"], 2 * (free.llf - plain.llf), 1e-6)
    assert contract["df"].tolist() == [2, 2, 2]
    assert close(contract["coef"], free.params[-3:], 1e-8)
    assert close(contract["se"], free.bse[-3:], 1e-8)


def test_the_logit_link_answers_another_question(table):
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    yearly = (
        table.assign(period=(table["period"] + 11) // 12)
        .groupby(["period", "contract"], as_index=False)[["events"]]
        .sum()
    )
    start = table[table["period"] % 12 == 1].groupby(["period", "contract"])
    yearly = yearly.assign(at_risk=start["at_risk"].sum().to_numpy())
    fit = hazard_regression(yearly, ["contract"])
    dummies = pd.get_dummies(yearly["period"]).to_numpy(float)
    x = np.column_stack([dummies, yearly["contract"] == "monthly"])
    y = np.column_stack([yearly["events"], yearly["at_risk"] - yearly["events"]])
    logit = GLM(y, x, family=Binomial()).fit().params[-1]
    assert logit > fit.table["coef"][0] + 0.05


# Counts are all that matters ----------------------------------------------------


def test_single_person_periods_give_the_fit_of_their_cells():
    small = months(n=300, last=10)
    kept = small[small["at_risk"] > 0]
    lost = kept.loc[kept.index.repeat(kept["events"])].assign(at_risk=1, events=1)
    stayed = kept.loc[kept.index.repeat(kept["at_risk"] - kept["events"])]
    rows = pd.concat([lost, stayed.assign(at_risk=1, events=0)])
    cells, people = (hazard_regression(t, EFFECTS) for t in (small, rows))
    assert close(people.table["coef"], cells.table["coef"], 1e-10)
    assert close(people.log_likelihood, cells.log_likelihood, 1e-8)
    assert (
        (people.n, people.events)
        == (cells.n, cells.events)
        == (
            kept["at_risk"].sum(),
            kept["events"].sum(),
        )
    )


counts = st.lists(
    st.tuples(st.integers(2, 60), st.integers(0, 60)), min_size=12, max_size=12
)


def drawn_table(drawn) -> pd.DataFrame:
    cells = [(p, g) for p in (1, 2, 3, 4) for g in "abc"]
    rows = [(*c, n, min(1 + d, n - 1)) for c, (n, d) in zip(cells, drawn, strict=True)]
    return pd.DataFrame(rows, columns=["period", "g", "at_risk", "events"])


@settings(max_examples=25, deadline=None)
@given(counts, st.integers(0, 99))
def test_order_names_and_collapsing_do_not_matter(drawn, seed):
    table = drawn_table(drawn)
    fit = hazard_regression(table, ["g"])
    halves = table.assign(at_risk=table["at_risk"] // 2, events=table["events"] // 2)
    rest = table.assign(
        at_risk=table["at_risk"] - halves["at_risk"],
        events=table["events"] - halves["events"],
    )
    pieces = pd.concat([halves, rest]).sample(frac=1, random_state=seed)
    again = hazard_regression(pieces.assign(g="x" + pieces["g"]), ["g"])
    assert close(again.table["coef"], fit.table["coef"], 1e-9)
    assert close(again.log_likelihood, fit.log_likelihood, 1e-7)


@settings(max_examples=25, deadline=None)
@given(counts)
def test_changing_the_reference_changes_no_hazard(drawn):
    table = drawn_table(drawn)
    fits = [hazard_regression(table, ["g"], reference={"g": r}) for r in "abc"]
    hazards = [fit.hazard(table[["period", "g"]]) for fit in fits]
    assert close(hazards[1], hazards[0], 1e-9) and close(hazards[2], hazards[0], 1e-9)
    assert close(fits[0].log_likelihood, fits[2].log_likelihood, 1e-8)


def test_twice_the_customers_give_the_same_effects_more_surely(table):
    fit = hazard_regression(table, EFFECTS)
    double = hazard_regression(pd.concat([table, table]), EFFECTS)
    assert close(double.table["coef"], fit.table["coef"], 1e-9)
    assert close(double.table["se"], fit.table["se"] / np.sqrt(2), 1e-9)


# Truth ---------------------------------------------------------------------------


def test_the_break_of_the_annual_contract_is_found_and_measured(table):
    fit = hazard_regression(
        table, EFFECTS, split={"contract": 12}, reference={"contract": "monthly"}
    )
    rows = fit.table.set_index(["term", "level", "periods"]).sort_index()
    truth = {
        ("plan", "plus", "all"): 0.25,
        ("plan", "premium", "all"): -0.3,
        ("contract", "annual", "1-12"): -1.2,
        ("contract", "annual", "13+"): -0.2,
        ("seats", "", "all"): 0.1,
    }
    for key, value in truth.items():
        assert abs(rows.loc[key, "coef"] - value) < 2.6 * rows.loc[key, "se"], key
    found = proportionality(
        table, EFFECTS, bands=(12, 24), reference={"contract": "monthly"}
    )
    test = found.groupby("term")[["chi2", "p", "spread"]].max()
    assert test.loc["contract", "p"] < 1e-12
    assert test.loc["contract", "spread"] > 0.4
    assert (test.loc[["plan", "seats"], "p"] > 0.01).all()
    assert (test.loc[["plan", "seats"], "spread"] < 0.08).all()
    annual = found[found["term"] == "contract"].set_index("periods")
    assert annual.loc["1-12", "upper"] < annual.loc["13-24", "lower"]
    assert annual["relative"]["1-12"] < 1 < annual["relative"]["25+"]


@pytest.mark.slow
def test_intervals_cover_the_truth_over_twenty_companies():
    covered = np.zeros(4)
    truth = np.log([1 / np.exp(-1.2), 1 / np.exp(-0.2)])
    for seed in range(20):
        rows = (
            hazard_regression(months(seed, n=20_000), EFFECTS, split={"contract": 12})
            .table.set_index(["term", "level"])
            .sort_index()
        )
        contract = rows.loc[("contract", "monthly")]
        low, high = np.log(contract["lower"]), np.log(contract["upper"])
        covered[:2] += ((low < truth) & (truth < high)).to_numpy()
        plan = rows.loc["plan"]
        inside = (np.log(plan["lower"]) < [0.25, -0.3]) & (
            np.log(plan["upper"]) > [0.25, -0.3]
        )
        covered[2:] += inside.to_numpy()
    assert (covered / 20 >= 0.8).all()


def test_yearly_periods_leave_proportional_effects_as_they_were():
    # exact counts: cumulative hazards are proportional by 2 in continuous time
    survival = np.exp(-np.cumsum([0.02, 0.05, 0.09, 0.04, 0.07, 0.12]))
    parts = []
    for factor, name in ((1.0, "one"), (2.0, "two")):
        alive = np.append(1.0, survival) ** factor * 1e6
        for step in (1, 3):
            kept = alive[::step]
            parts.append(
                pd.DataFrame(
                    {
                        "step": step,
                        "period": np.arange(1, len(kept)),
                        "g": name,
                        "at_risk": kept[:-1],
                        "events": kept[:-1] - kept[1:],
                    }
                )
            )
    both = pd.concat(parts)
    for step in (1, 3):
        fit = hazard_regression(both[both["step"] == step], ["g"])
        assert close(fit.table["hazard_ratio"], 2, 1e-9)


# Predictions -----------------------------------------------------------------------


def test_hazards_of_profiles_follow_from_the_coefficients(table):
    fit = hazard_regression(table, EFFECTS)
    beta = fit.table.set_index(["term", "level"]).sort_index()["coef"]
    profiles = pd.DataFrame(
        {
            "plan": ["basic", "plus", "plus"],
            "contract": ["annual", "annual", "monthly"],
            "seats": [2, 2, 4],
            "period": [3, 3, 3],
        },
        index=["a", "b", "c"],
    )
    cumulative = -np.log1p(-fit.hazard(profiles))
    assert close(np.log(cumulative["b"] / cumulative["a"]), beta["plan", "plus"], 1e-12)
    expected = beta["contract", "monthly"] + 2 * beta["seats", ""]
    assert close(np.log(cumulative["c"] / cumulative["b"]), expected, 1e-12)


def test_fitted_events_are_the_observed_ones_in_every_band(table):
    # the baseline terms make them equal for the likelihood's weights; nearly so here
    fit = hazard_regression(table, EFFECTS)
    expected = (fit.hazard(table) * table["at_risk"]).groupby(table["period"]).sum()
    observed = table.groupby("period")["events"].sum()
    assert close(expected.sum() / observed.sum(), 1, 1e-3)
    assert (np.abs(expected[:12] / observed[:12] - 1) < 0.01).all()


def test_survival_of_a_profile_is_the_product_of_its_periods(table):
    fit = hazard_regression(table, EFFECTS)
    profiles = pd.DataFrame(
        {"plan": ["plus", "basic"], "contract": "monthly", "seats": [1, 5]}
    )
    curves = fit.survival(profiles)
    assert len(curves) == 72
    first = curves[curves["plan"] == "plus"]
    assert close(first["survival"], (1 - first["hazard"]).cumprod(), 1e-12)
    assert fit.survival(profiles, periods=40)["survival"].isna().sum() == 8


def test_unknown_profiles_are_refused(table):
    fit = hazard_regression(table, EFFECTS)
    with pytest.raises(ValueError, match="lack the column contract, seats"):
        fit.hazard(pd.DataFrame({"period": [1], "plan": ["basic"]}))
    with pytest.raises(
        ValueError, match="plan has 1 levels that the fit has not seen: gold"
    ):
        fit.hazard(
            pd.DataFrame(
                {"period": [1], "plan": ["gold"], "contract": ["annual"], "seats": [1]}
            )
        )


# Separation --------------------------------------------------------------------


def test_a_level_that_nobody_left_is_named_and_the_rest_is_fitted(table):
    guests = table.head(30).assign(plan="guest", events=0)
    both = pd.concat([table, guests])
    fit, without = (hazard_regression(t, EFFECTS) for t in (both, table))
    assert fit.separated == ("plan=guest",)
    row = fit.table.set_index("level").loc["guest"]
    assert np.isnan(row["coef"]) and np.isnan(row["hazard_ratio"])
    assert row["note"].startswith("nobody left in ")
    others = fit.table[fit.table["level"] != "guest"]
    assert close(others["coef"], without.table["coef"], 1e-9)
    found = separation(both, EFFECTS)
    assert found[["term", "level"]].to_numpy().tolist() == [["plan", "guest"]]
    assert np.isnan(fit.hazard(both.tail(1)).iloc[0])
    assert fit.hazard(both.head(1)).notna().all()


def test_a_level_that_everybody_left_at_once_is_named(table):
    trial = table.head(3).assign(plan="trial", events=lambda t: t["at_risk"])
    fit = hazard_regression(pd.concat([table, trial]), EFFECTS)
    assert fit.separated == ("plan=trial",)
    assert "plus infinity" in fit.table.set_index("level").loc["trial", "note"]
    without = hazard_regression(table, EFFECTS)
    assert close(fit.table["coef"].dropna(), without.table["coef"], 1e-8)


def test_a_stretch_without_events_of_a_level_is_named(table):
    quiet = table.assign(
        events=table["events"].where(
            (table["contract"] == "monthly") | (table["period"] > 12), 0
        )
    )
    fit = hazard_regression(
        quiet, EFFECTS, split={"contract": 12}, reference={"contract": "monthly"}
    )
    assert fit.separated == ("contract=annual, periods 1-12",)
    assert fit.table["coef"].notna().sum() == 4


def test_a_combination_that_separates_is_found_while_climbing():
    # only those with a > 0 and b > 0 ever leave: no single level shows it
    cells = [(a, b, 50, 5 if a + b > 1.5 else 0) for a in (0, 1) for b in (0, 1)]
    table = pd.DataFrame(cells, columns=["a", "b", "at_risk", "events"])
    table = pd.concat([table.assign(period=p) for p in (1, 2)])
    fit = hazard_regression(table, ["a", "b"])
    assert set(fit.separated) == {"a", "b"}
    assert fit.table["note"].str.contains("still rises towards plus infinity").all()


def test_no_separation_no_rows(table):
    assert separation(table, EFFECTS).empty


# Bands ---------------------------------------------------------------------------


def test_default_bands_are_single_periods_then_wider():
    assert default_ends(40) == [*range(1, 13), 18, 24, 36, 48]


def test_bands_without_events_join_a_neighbour_but_never_across_a_cut():
    table = pd.DataFrame(
        {"period": range(1, 9), "at_risk": 100, "events": [3, 0, 2, 0, 0, 4, 1, 0]}
    )
    found = bands(table, ends=None, cuts=[])
    assert found["last"].tolist() == [1, 3, 6, 8]
    assert found["first"].tolist() == [1, 2, 4, 7]
    assert found["at_risk"].tolist() == [100, 200, 300, 200]
    cut = bands(table, ends=None, cuts=[4])
    assert cut["last"].tolist() == [1, 4, 6, 8] and cut["fitted"].all()
    quiet = bands(table.assign(events=[3, 2, 0, 0, 0, 4, 1, 1]), ends=None, cuts=[2, 5])
    assert quiet["last"].tolist() == [1, 2, 5, 6, 7, 8]
    assert quiet["fitted"].tolist() == [True, True, False, True, True, True]


def test_a_stretch_in_which_nobody_leaves_says_nothing_about_effects(table):
    quiet = table.assign(
        events=table["events"].where(~table["period"].between(13, 24), 0)
    )
    fit = hazard_regression(quiet, EFFECTS, split={"seats": (12, 24)})
    assert fit.separated == ("seats, periods 13-24",)
    rows = fit.baseline.set_index("first")
    assert rows.loc[13, "hazard"] == 0 and np.isnan(rows.loc[13, "lower"])


def test_own_bands_are_used(table):
    fit = hazard_regression(table, EFFECTS, bands=[6, 12, 24])
    assert fit.baseline["last"].tolist() == [6, 12, 24, 36]
    assert fit.baseline["at_risk"].sum() == table["at_risk"].sum() == fit.n


# Reading and mistakes -----------------------------------------------------------


def test_categorical_columns_keep_their_own_order(table):
    tiers = pd.CategoricalDtype(["premium", "plus", "basic"], ordered=True)
    fit = hazard_regression(table.assign(plan=table["plan"].astype(tiers)), ["plan"])
    assert fit.table["reference"].unique().tolist() == ["premium"]
    assert fit.table["level"].tolist() == ["plus", "basic"]


def test_true_and_false_enter_as_numbers(table):
    flagged = table.assign(annual=table["contract"] == "annual")
    fit = hazard_regression(flagged, ["annual"])
    by_text = hazard_regression(table, ["contract"], reference={"contract": "monthly"})
    assert close(fit.table["coef"], by_text.table["coef"], 1e-9)


def test_summary_and_check_can_be_read_aloud(table):
    fit = hazard_regression(table, EFFECTS, reference={"contract": "monthly"})
    row = fit.table.set_index("level").loc["annual"]
    assert fit.summary == (
        "The clearest effect is contract annual rather than monthly: "
        f"{row['hazard_ratio']:.2f} times the hazard of leaving (95 % CI "
        f"{row['lower']:.2f} to {row['upper']:.2f}; {fit.events:,} losses in "
        f"{fit.n:,} customer-periods at risk)."
    )
    assert fit.check.status == "PASS"
    few = hazard_regression(months(n=150, last=4), ["contract"])
    assert few.check.status == "FAIL" and few.check.remedy


def test_narrower_confidence_gives_narrower_intervals(table):
    wide, narrow = (
        hazard_regression(table, EFFECTS, confidence=c) for c in (0.99, 0.8)
    )
    assert (wide.table["upper"] > narrow.table["upper"]).all()
    ratio = np.log(wide.table["upper"] / wide.table["hazard_ratio"]) / wide.table["se"]
    assert close(ratio, 2.5758293, 1e-6)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"effects": ["plan", "tariff"]}, "No column tariff; the period table has"),
        ({}, {"effects": []}, "Name each effect once, at least one"),
        ({}, {"reference": {"plan": "gold"}}, "plan has no level 'gold'; it has basic"),
        ({}, {"reference": {"seats": 1}}, "seats is a number and has no reference"),
        ({}, {"split": {"region": 12}}, "region is not among the effects"),
        ({"events": 10_000}, {}, "rows need a whole period from 1 on"),
        ({"period": 0}, {}, "rows need a whole period from 1 on"),
        ({"at_risk": 0, "events": 0}, {}, "Nobody is at risk"),
        ({"events": 0}, {}, "Nobody left, or everybody at once"),
        ({"plan": None}, {}, r"plan is empty in [\d,]+ rows"),
        ({"plan": "basic"}, {}, "plan is basic in every row: nothing to compare"),
        ({"seats": 2}, {}, "seats has the same value in every row"),
        ({"seats": np.inf}, {}, "seats is infinite"),
    ],
)
def test_mistakes_are_named_with_what_to_do(table, change, options, message):
    effects = options.pop("effects", EFFECTS)
    with pytest.raises(ValueError, match=message):
        hazard_regression(table.assign(**change), effects, **options)


def test_effects_that_say_the_same_are_named(table):
    twice = table.assign(term=table["contract"] + " term")
    fit = hazard_regression(twice, ["contract", "seats", "term"])
    alone = hazard_regression(twice, ["contract", "seats"])
    assert fit.separated == ("term=monthly term",)
    assert fit.table["note"].tolist()[-1] == "says no more than the columns before it"
    assert fit.log_likelihood == pytest.approx(alone.log_likelihood)
    pd.testing.assert_frame_equal(fit.table[:-1], alone.table)


def test_bands_beyond_the_data_leave_nothing_to_test(table):
    with pytest.raises(ValueError, match="No band ends before the last period, 36"):
        proportionality(table, EFFECTS, bands=(36, 48))


# Without a group of customers at a time -------------------------------------------
def dealt(table):
    """The table's customers in three groups of unequal size."""
    shares = (0.5, 0.3, 0.2)
    parts = []
    for group, share in enumerate(shares):
        n = (table["at_risk"] * share).astype(int)
        d = np.minimum((table["events"] * share).astype(int), n)
        parts.append(table.assign(at_risk=n, events=d, group=group))
    return pd.concat(parts, ignore_index=True)


def test_without_a_group_is_a_fit_of_the_others(table):
    rows = dealt(table)
    effects = ["contract", "seats"]
    found = left_out(rows, effects, group="group", reference={"contract": "monthly"})
    for group in range(3):
        others = rows[rows["group"] != group]
        fit = hazard_regression(others, effects, reference={"contract": "monthly"})
        assert np.allclose(found.loc[group], fit.table["coef"], rtol=0, atol=1e-8)


def test_a_cell_where_nobody_was_at_risk_counts_for_nothing(table):
    rows = dealt(table)
    empty = rows.head(1).assign(seats=rows["seats"].max() + 1, at_risk=0, events=0)
    effects = {"effects": ["contract", "seats"], "group": "group"}
    more = left_out(pd.concat([rows, empty], ignore_index=True), **effects)
    pd.testing.assert_frame_equal(more, left_out(rows, **effects))


def test_without_the_only_group_that_lost_somebody_there_is_no_coefficient():
    rows = pd.DataFrame(
        {
            "period": 1,
            "plan": ["basic", "plus", "trial"] * 2,
            "group": [1] * 3 + [2] * 3,
            "at_risk": 100,
            "events": [10, 5, 7, 10, 5, 0],
        }
    )
    found = left_out(rows, ["plan"], group="group")
    assert np.isnan(found.loc[1, "plan=trial"])
    assert np.isfinite(found.loc[1, "plan=plus"])
    rows.loc[[0, 3], "events"] = [10, 0]
    assert np.isnan(left_out(rows, ["plan"], group="group").loc[1]).all()
