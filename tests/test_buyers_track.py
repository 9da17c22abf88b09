"""Holdout, deciles, hiatus: what was foretold beside what came."""

import numpy as np
import pandas as pd
import pytest

from retention.projection import (
    BetaGeometricNBD,
    ParetoNBD,
    alive_by_recency,
    alive_rules,
    by_frequency,
    deciles,
    frequency_fit,
    holdout_track,
    track_check,
    tuned_hiatus,
)

BG = BetaGeometricNBD(0.55, 6.0, 0.9, 2.8)


@pytest.fixture(scope="module")
def cells():
    rng = np.random.default_rng(5)
    x = rng.integers(0, 9, 400) * rng.integers(0, 2, 400)
    T = rng.integers(52, 79, 400).astype(float)
    t_x = np.where(x > 0, np.ceil(rng.random(400) * T), 0.0)
    n = rng.integers(1, 6, 400)
    drawn = [
        BG.simulated_orders(rng, a, b, c, 52, draws=k)
        for k, a, b, c in zip(n, x, t_x, T, strict=True)
    ]
    return pd.DataFrame(
        {
            "x": x,
            "t_x": t_x,
            "T": T,
            "n": n,
            "holdout": [d.sum() for d in drawn],
            "holdout_squares": [(d**2).sum() for d in drawn],
            "returned": [(d > 0).sum() for d in drawn],
        }
    )


def spread(cells):
    """One row a customer, as far as the sums allow."""
    one = cells.loc[cells.index.repeat(cells["n"])].reset_index(drop=True)
    return one.assign(n=1)


@pytest.mark.parametrize("model", [BG, ParetoNBD(0.55, 10.6, 0.61, 11.7)])
def test_the_track_adds_up_expected_orders_of_each_customer(model, cells):
    weekly = pd.DataFrame({"week": range(-78, 53), "orders": 20})
    track = holdout_track(model, cells, weekly)
    alone = [
        n * model.expected_orders([T + 52]).item()
        for T, n in cells.groupby("T")["n"].sum().items()
    ]
    assert track["expected_cumulative"].iloc[-1] == pytest.approx(sum(alone))
    assert track["cumulative"].iloc[-1] == 20 * 131
    assert (track["holdout"] == (track["week"] > 0)).all()
    assert (track["expected"] >= 0).all()


@pytest.mark.parametrize(
    ("orders", "status"), [(100, "PASS"), (112, "REVIEW"), (130, "FAIL"), (0, "FAIL")]
)
def test_the_check_grows_stricter_with_the_error(orders, status):
    track = pd.DataFrame({"orders": [50, orders], "expected": 100.0, "holdout": [0, 1]})
    found = track_check(track)
    assert found.status == status
    assert bool(found.remedy) == (status != "PASS")


def test_deciles_are_ordered_and_add_up(cells):
    table = deciles(BG, cells, weeks=52)
    assert table["decile"].tolist() == list(range(1, 11))
    assert table["expected"].is_monotonic_decreasing
    people = table["customers"]
    assert people.sum() == cells["n"].sum()
    assert (table["actual"] @ people) == pytest.approx(cells["holdout"].sum())
    assert (table["lower"] <= table["actual"]).all()
    inside = table["expected"].between(table["lower"], table["upper"])
    assert inside.sum() >= 8  # drawn from the model itself
    bare = deciles(BG, cells.drop(columns="holdout_squares"), weeks=52)
    assert bare["lower"].isna().all()


def test_frequencies_are_counted_and_expected_for_all(cells):
    fit = frequency_fit(BG, cells, most=5)
    assert fit["x"].tolist() == ["0", "1", "2", "3", "4", "5+"]
    assert fit["customers"].sum() == cells["n"].sum()
    assert fit["expected"].sum() == pytest.approx(cells["n"].sum())
    table = by_frequency(BG, cells, weeks=52, most=5)
    assert table["customers"].tolist() == fit["customers"].tolist()


def test_the_hiatus_is_the_best_of_all_silences(cells):
    rule = tuned_hiatus(cells)
    silence = cells["T"] - cells["t_x"]
    away = cells["n"] - cells["returned"]

    def right(weeks):
        kept = silence <= weeks
        return cells.loc[kept, "returned"].sum() + away[~kept].sum()

    best = max(right(weeks) for weeks in [-1, *silence.unique()])
    assert rule.correct == pytest.approx(best / cells["n"].sum())
    assert right(rule.weeks) == best
    assert rule.n == cells["n"].sum()


def test_nobody_returning_needs_no_rule():
    cells = pd.DataFrame({"x": [0, 1], "t_x": [0, 5], "T": 9, "n": 4, "returned": 0})
    rule = tuned_hiatus(cells)
    assert (rule.weeks, rule.correct) == (0, 1)
    table = alive_rules(BG, rule, cells, weeks=26).set_index("rule")
    assert table.loc["nobody orders again", "correct"] == 1
    assert table["auc"].isna().all() and table["caught"].isna().all()


def test_rules_are_scored_as_by_hand(cells):
    rule = tuned_hiatus(cells)
    table = alive_rules(BG, rule, cells, weeks=52)
    away = cells["n"] - cells["returned"]
    p = BG.p_order(cells["x"], cells["t_x"], cells["T"], 52)
    right = cells.loc[p > 0.5, "returned"].sum() + away[p <= 0.5].sum()
    first = table.iloc[0]
    assert first["correct"] == pytest.approx(right / cells["n"].sum())
    assert first["lower"] < first["correct"] < first["upper"]
    yes = np.repeat(p, cells["returned"])
    no = np.repeat(p, away)
    auc = np.mean((yes[:, None] > no) + 0.5 * (yes[:, None] == no))
    assert first["auc"] == pytest.approx(auc)
    assert table.iloc[-1]["auc"] == 0.5
    assert table.iloc[2]["correct"] == pytest.approx(rule.correct)


def test_silence_groups_hold_everybody(cells):
    table = alive_by_recency(BG, cells, weeks=52)
    assert table["customers"].sum() == cells["n"].sum()
    assert table["weeks_since_last"].is_monotonic_increasing
    mean = (table["p_order"] * table["customers"]).sum()
    p = BG.p_order(cells["x"], cells["t_x"], cells["T"], 52)
    assert mean == pytest.approx((p * cells["n"]).sum())
