"""Customer value: against formulas, published numbers and other implementations."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from retention import counts, projection, value
from retention.company import open_company
from retention.intervals import bootstrap

SETTINGS = {
    "company": {"observed_to": dt.date(2025, 12, 31), "currency": "EUR"},
    "costs": {"contact_mail": 2.0, "minute_phone": 0.5},
}


def gini_of_rows(x: np.ndarray) -> float:
    x, n = np.sort(x), len(x)
    rank = np.arange(1, n + 1)
    return 2 * (rank * x).sum() / (n * x.sum()) - (n + 1) / n


def small_company(n: int = 300, *, seed: int = 3):
    rng = np.random.default_rng(seed)
    months = [dt.date(2024 + m // 12, m % 12 + 1, 1) for m in range(24)]
    ids = [f"{i:04d}" for i in range(n)]
    size = rng.gamma(1.2, 20, n)
    rows = [
        (who, month, round(float(s * rng.uniform(0.5, 1.5)), 2))
        for who, s in zip(ids, size, strict=True)
        for month in months
    ]
    activity = pd.DataFrame(rows, columns=["customer_id", "month", "revenue"])
    activity["margin"] = (0.4 * activity["revenue"]).round(2)
    contacts = pd.DataFrame(
        {
            "customer_id": rng.choice(ids, 2_000),
            "occurred_on": rng.choice(months, 2_000),
            "channel": rng.choice(["mail", "phone"], 2_000),
            "minutes": rng.integers(1, 30, 2_000),
        }
    )
    people = pd.DataFrame(
        {"customer_id": ids, "joined_on": dt.date(2023, 5, 1), "left_on": None}
    )
    tables = {"customers": people, "activity": activity, "contacts": contacts}
    return open_company(tables, settings=SETTINGS), activity, contacts


@pytest.fixture(scope="module")
def small():
    return small_company()


@pytest.fixture(scope="module")
def base(small):
    return value.ground(small[0])


def by_hand(activity, contacts):
    """Net of each customer in 2025, from the rows."""
    late = activity[activity["month"] >= dt.date(2025, 1, 1)]
    sums = late.groupby("customer_id")[["revenue", "margin"]].sum()
    cost = np.where(
        contacts["channel"] == "mail", 2.0, 0.5 * contacts["minutes"].astype(float)
    )
    made = contacts.assign(cost=cost)[contacts["occurred_on"] >= dt.date(2025, 1, 1)]
    served = made.groupby("customer_id")["cost"].sum()
    sums["net"] = sums["margin"] - served.reindex(sums.index).fillna(0.0)
    return sums


def test_80_from_20_is_a_pareto_law_with_this_exponent_and_gini():
    alpha = value.pareto_alpha(0.2, 0.8)
    assert alpha == pytest.approx(1.16096, abs=5e-6)
    assert value.pareto_gini(alpha) == pytest.approx(0.75647, abs=5e-6)


def test_gini_is_the_formula_for_rows():
    x = np.random.default_rng(1).lognormal(size=500)
    assert value.gini(pd.DataFrame({"n": 1, "revenue": x})) == pytest.approx(
        gini_of_rows(x), abs=1e-12
    )


def test_a_pareto_sample_has_its_gini_and_top_share():
    alpha = value.pareto_alpha(0.2, 0.8)
    share = (np.arange(200_000) + 0.5) / 200_000
    cells = pd.DataFrame({"n": 1, "revenue": share ** (-1 / 3.0)})
    assert value.gini(cells) == pytest.approx(value.pareto_gini(3.0), abs=2e-3)
    assert value.top_share(cells) == pytest.approx(0.2 ** (1 - 1 / 3), abs=2e-3)
    assert 0.2 ** (1 - 1 / alpha) == pytest.approx(0.8)


def test_cells_add_up_to_the_rows(small, base):
    _, activity, contacts = small
    rows, cells = by_hand(activity, contacts), base.cells("net")
    assert cells["n"].sum() == len(rows)
    for name in ("revenue", "margin", "net"):
        assert cells[name].sum() == pytest.approx(rows[name].sum())
    assert cells["below"].sum() == (rows["net"] < 0).sum()
    revenue = base.cells("revenue")
    assert value.gini(revenue) == pytest.approx(gini_of_rows(rows["revenue"]), abs=1e-4)
    top = rows["revenue"].nlargest(60).sum() / rows["revenue"].sum()
    assert value.top_share(revenue) == pytest.approx(top, abs=1e-4)


def test_the_rank_correlation_is_spearmans(small, base):
    from scipy.stats import spearmanr

    rows = by_hand(*small[1:])
    last = base.windows[-1]
    cuts = [counts.value_cuts(base.cells(m), 200, of=m) for m in ("revenue", "net")]
    sides = [(last, m, c) for m, c in zip(("revenue", "net"), cuts, strict=True)]
    found = value.rank_correlation(base.crossed(*sides))
    theirs = spearmanr(rows["revenue"], rows["net"]).statistic
    assert found.value == pytest.approx(theirs, abs=2e-3)


def test_jackknife_and_bootstrap_agree_on_the_top_share():
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"n": 1, "revenue": rng.gamma(2, 50, 1_000)})
    rows["bucket"] = [f"{b:02x}" for b in rng.integers(0, 256, 1_000)]
    ours = value.concentration(rows)["top"]
    theirs = bootstrap(
        rows, lambda t: value.top_share(t.assign(revenue=t["revenue"] * t["n"])), rng=1
    )
    assert ours.se == pytest.approx(theirs.se, rel=0.25)


def test_windows_end_with_whole_months_and_are_halved_when_records_are_short(base):
    assert [w.label for w in base.windows] == [
        "2024-01 to 2024-12",
        "2025-01 to 2025-12",
    ]
    months = [dt.date(2025, m, 1) for m in range(1, 11)]
    company = open_company(
        {
            "activity": pd.DataFrame(
                {"customer_id": "a", "month": months, "revenue": 5.0}
            )
        },
        settings={"company": {"observed_to": dt.date(2025, 10, 20)}},
    )
    found = counts.value_windows(company, counts.value_basis(company))
    assert [w.label for w in found][-1] == "2025-06 to 2025-09"
    assert {w.months for w in found} == {4}


def test_overhead_is_charged_for_every_active_month(small):
    more = value.ground(small[0], overhead=3.0)
    plain = value.ground(small[0])
    gap = plain.cells("net")["net"].sum() - more.cells("net")["net"].sum()
    assert gap == pytest.approx(300 * 12 * 3.0)


def test_time_driven_rates_price_the_minutes(small, base):
    channels = counts.service_channels(small[0], base.windows[-1])
    rate = channels.set_index("channel")
    assert rate.loc["phone", "cost_per_minute"] == pytest.approx(0.5)
    assert rate.loc["mail", "cost_per_contact"] == pytest.approx(2.0)


def test_brier_scores_of_rossi_are_those_of_scikit_survival():
    from lifelines import CoxPHFitter
    from lifelines.datasets import load_rossi

    rossi = load_rossi()
    cox = CoxPHFitter().fit(rossi, "week", "arrest")
    cells = pd.DataFrame({"time": rossi["week"], "event": rossi["arrest"], "n": 1})
    found = []
    for week in (13, 26, 39, 51):
        survival = cox.predict_survival_function(rossi, times=[week]).to_numpy()[0]
        cells["risk"] = 1 - survival
        found.append(value.brier(cells, horizon=week))
    assert np.round(found, 5) == pytest.approx([0.04296, 0.10449, 0.14263, 0.17565])


def moves(rng, n: int, *, memory: float = 0.0):
    """Three periods of a chain in which the tier before may matter."""
    a = rng.integers(0, 2, n)
    b = (rng.random(n) < 0.2 + 0.5 * a).astype(int)
    c = (rng.random(n) < 0.2 + 0.5 * b + memory * (a - b)).astype(int)
    table = pd.DataFrame({"before": a, "tier": b, "next": c, "n": 1, "period": 1})
    return table.astype({"before": str, "tier": str, "next": str})


def test_the_order_test_is_a_sum_of_g_tests():
    from scipy.stats import chi2_contingency

    table = moves(np.random.default_rng(2), 4_000)
    found = value.order_test(table)
    parts = [
        chi2_contingency(
            pd.crosstab(part["before"], part["next"]),
            lambda_="log-likelihood",
            correction=False,
        )
        for _, part in table.groupby("tier")
    ]
    assert found.statistic == pytest.approx(sum(p.statistic for p in parts))
    assert found.df == sum(p.dof for p in parts) == 2


def test_memory_is_found_and_its_absence_too():
    rng = np.random.default_rng(4)
    assert value.order_test(moves(rng, 4_000, memory=0.2)).p < 1e-6
    assert value.order_test(moves(rng, 4_000)).p > 1e-3


def test_reaching_the_top_is_the_powers_of_the_chain():
    chain = pd.DataFrame(
        [[0.9, 0.06, 0.04], [0.1, 0.85, 0.05], [0, 0, 1]],
        index=["low", "top", "gone"],
        columns=["low", "top", "gone"],
    )
    found = value.reached(chain, top="top", periods=3).set_index("tier")
    assert found.loc["low", 3] == pytest.approx(0.06 * (1 + 0.9 + 0.81))
    assert found.loc["gone", 3] == 0


def test_residual_tenure_of_a_constant_hazard_is_a_geometric_sum():
    at_risk, rows = 1_000_000, []
    for month in range(1, 30):
        rows.append((0, month, 1, at_risk * 0.05))
        at_risk *= 0.95
    rows.append((0, 29, 0, at_risk))
    cells = pd.DataFrame(rows, columns=["entry", "duration", "event", "n"])
    d = projection.discount_per_period(0.10, "month")
    left = value.residual_tenure(cells, ahead=24)
    expected = (1 - (0.95 * d) ** 24) / (1 - 0.95 * d)
    assert left.to_numpy() == pytest.approx(np.full(30, expected))


def risky_cells(rng, n: int = 20_000):
    """Tenure cells in which one level doubles the hazard of 0.03 a month."""
    plan = rng.choice(["a", "b"], n)
    entry = rng.integers(0, 20, n)
    hazard = 1 - np.exp(-0.03 * np.where(plan == "b", 2.0, 1.0))
    months = rng.geometric(hazard)
    table = pd.DataFrame(
        {
            "plan": plan,
            "entry": entry,
            "duration": entry + np.minimum(months, 6),
            "event": (months <= 6).astype(int),
            "bucket": [f"{b:02x}" for b in rng.integers(0, 256, n)],
            "margin": 1.0,
        }
    )
    keys = ["plan", "entry", "duration", "event", "bucket"]
    counted = table.groupby(keys).agg(n=("plan", "size"), margin=("margin", "sum"))
    return counted.reset_index()


def test_early_warning_finds_the_risk_that_was_planted():
    rng = np.random.default_rng(7)
    warning = value.fit_early_warning(risky_cells(rng), horizon=6)
    profiles = pd.DataFrame({"plan": ["a", "b"], "entry": [5, 5]})
    truth = 1 - np.exp(-6 * 0.03 * np.array([1.0, 2.0]))
    assert warning.risk(profiles).to_numpy() == pytest.approx(truth, rel=0.12)
    test = risky_cells(rng)
    test = test.assign(risk=warning.risk(test), time=test["duration"] - test["entry"])
    assert value.calibration_slope(test).value == pytest.approx(1, abs=0.15)
    assert value.scaled_brier(test, horizon=6).lower > 0
    statuses = {c.status for c in value.prediction_checks(test, horizon=6)}
    assert statuses <= {"PASS", "REVIEW"}


def test_the_score_in_the_engine_is_the_risk_of_the_cells():
    import duckdb
    import narwhals as nw

    warning = value.fit_early_warning(risky_cells(np.random.default_rng(8)), horizon=6)
    rows = pd.DataFrame(
        {"customer_id": list("wxyz"), "plan": list("abab"), "entry": [0, 3, 9, 19]}
    )
    rows["margin"] = [10.0, 20, -5, 40]
    engine = nw.from_native(duckdb.connect().from_df(rows)).lazy()
    listed = counts.risk_list(
        engine,
        warning.coefficients,
        warning.ahead(range(25)),
        horizon=6,
        most=3,
    )
    ours = rows.assign(risk=warning.risk(rows)).set_index("customer_id")["risk"]
    assert len(listed) == 3
    assert listed["risk"].to_numpy() == pytest.approx(ours[listed["customer_id"]])
    assert (listed["expected_margin_at_risk"] >= 0).all()
    assert list(listed["horizon_months"]) == [6] * 3


def test_nothing_dated_after_the_landmark_enters(small):
    company, activity, contacts = small
    day = dt.date(2025, 6, 30)
    early = {
        "customers": pd.DataFrame(
            {
                "customer_id": sorted(activity["customer_id"].unique()),
                "joined_on": dt.date(2023, 5, 1),
                "left_on": None,
            }
        ),
        "activity": activity[activity["month"] <= day],
        "contacts": contacts[contacts["occurred_on"] <= day],
    }
    before = open_company(early, settings=SETTINGS)
    names = counts.warning_features(company)
    seen = [
        counts.collect(
            counts.warning_frame(
                firm, day, features=names, basis=counts.value_basis(firm)
            )
        )
        .sort_values("customer_id", ignore_index=True)
        .drop(columns="left_on")
        for firm in (company, before)
    ]
    pd.testing.assert_frame_equal(*seen)


def test_the_reason_is_the_commonest_of_those_who_can_be_warned_of():
    """Clients without activity are in no landmark, however many of them leave."""
    left = [*["voluntary"] * 3, *["involuntary"] * 2, *["other"] * 9, None]
    ids = [f"{k:02d}" for k in range(len(left))]
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "joined_on": "2025-01-01",
            "left_on": ["2025-06-30" if reason else None for reason in left],
            "leave_reason": left,
        }
    )
    activity = pd.DataFrame(
        {"customer_id": [*ids[:5], ids[-1]], "month": "2025-03-01", "revenue": 1.0}
    )
    settings = {"company": {"observed_to": "2025-12-31"}}
    tables = {"customers": customers, "activity": activity}
    company = open_company(tables, settings=settings)
    assert value.commonest_reason(company) == "voluntary"
    bare = open_company({"customers": customers}, settings=settings)
    assert value.commonest_reason(bare) == "other"
    assert value.commonest_reason(company, "other") == "other"


def test_rare_levels_join_the_commonest_one():
    cells = risky_cells(np.random.default_rng(9))
    cells["plan"] = cells["plan"].where(cells.index % 500 != 0, "rare")
    warning = value.fit_early_warning(cells, horizon=6)
    risk = warning.risk(pd.DataFrame({"plan": ["rare", "zzz"], "entry": [1, 1]}))
    assert np.isfinite(risk).all()


def test_weights_are_read_and_refused():
    read = value.weights_of("50/20/10/10/10", value_parts())
    assert sum(read.values()) == pytest.approx(1)
    for wrong in ("50 20", "a b c d e", "-1 2 3 4 5"):
        with pytest.raises(ValueError, match="five numbers"):
            value.weights_of(wrong, value_parts())


def value_parts():
    return ["contribution", "potential", "acceptance", "influence", "resources"]


def test_a_score_of_contribution_alone_is_last_year():
    rng = np.random.default_rng(1)
    rows = pd.DataFrame({"bucket": rng.integers(0, 64, 500), "potential": 1.0})
    rows["contribution"] = rng.gamma(2, 50, 500)
    rows["outcome"] = rows["contribution"] + rng.normal(0, 30, 500)
    contest = value.rivals(rows, {"contribution": 1.0})
    gap = value.score_minus(contest, "last_year")
    assert gap.value == pytest.approx(0, abs=1e-12)


def test_below_zero_again_counts_only_those_still_here():
    table = pd.DataFrame(
        {
            "now": [0, 0, 0, 1],
            "then": [-1, 0, 1, 1],
            "n": [10, 30, 70, 500],
            "below_now": [10, 30, 70, 0],
            "below_then": [0, 30, 0, 5],
        }
    )
    assert value.below_zero_again(table).value == pytest.approx(0.3)


def test_measures_never_fail_on_a_bare_company():
    company = open_company(
        {
            "activity": pd.DataFrame(
                {"customer_id": ["a"], "month": [dt.date(2025, 3, 1)], "revenue": [5.0]}
            )
        },
        settings={"company": {"observed_to": dt.date(2025, 3, 31)}},
    )
    found = value.measures(company)
    assert {"top_fifth_of_revenue", "below_zero_again"} <= set(found)
    assert isinstance(found["below_zero_again"], str)


def test_claims_name_only_measures_that_exist(small):
    from retention import claims

    judged = claims.judge("customer_value", value.measures(small[0]))
    assert {"L10a", "L45b", "L56"} <= {each.claim.id for each in judged}
