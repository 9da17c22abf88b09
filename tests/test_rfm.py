"""Recency, frequency and money, judged by the next period."""

import numpy as np
import pandas as pd
import pytest

from retention.value.rfm import captured, rfm, rfm_capture, rfm_cells


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(2)
    n = 2000
    rate = rng.gamma(0.7, 6, n)
    return pd.DataFrame(
        {
            "recency": rng.exponential(60 / (1 + rate)).round(2),
            "orders": 1 + rng.poisson(rate),
            "total_spend": (rng.gamma(2, 20, n) * (1 + rate)).round(2),
            "holdout_spend": (rng.poisson(rate / 2) * rng.gamma(2, 20, n)).round(2),
            "bucket": rng.integers(0, 64, n),
        }
    )


def test_groups_are_of_like_size_and_point_the_right_way(rows):
    scored = rfm(rows)
    for name in ("r", "m"):
        assert scored[name].value_counts().between(395, 405).all()
    means = scored.groupby("r")["recency"].mean()
    assert means.is_monotonic_decreasing
    assert scored.groupby("f")["orders"].mean().is_monotonic_increasing
    assert (scored["rfm"] == scored[["r", "f", "m"]].sum(axis=1)).all()
    assert scored["cell"].str.fullmatch("[1-5]{3}").all()
    assert scored.groupby("orders")["f"].nunique().max() == 1  # ties together


def test_everybody_alike_is_one_group():
    same = pd.DataFrame({"recency": [3.0] * 8, "orders": 1, "total_spend": 9.0})
    assert rfm(same)[["r", "f", "m"]].nunique().tolist() == [1, 1, 1]


def test_cells_add_up(rows):
    scored = rfm(rows)
    cells = rfm_cells(scored)
    total = (cells["customers"] * cells["per_customer"]).sum()
    assert total == pytest.approx(rows["holdout_spend"].sum())
    assert cells["customers"].sum() == len(rows)


def test_capture_is_the_share_of_the_top(rows):
    found = captured(rows, "total_spend", share=0.2)
    top = rows.nlargest(400, "total_spend")["holdout_spend"].sum()
    assert found.value == pytest.approx(top / rows["holdout_spend"].sum(), abs=0.002)
    assert found.lower < found.value < found.upper
    assert found.n == len(rows)


def test_a_score_without_knowledge_captures_its_share(rows):
    assert captured(rows.assign(none=1), "none", share=0.2).value == pytest.approx(0.2)
    chance = rows.assign(score=np.random.default_rng(3).random(len(rows)))
    assert captured(chance, "score").value == pytest.approx(0.2, abs=0.06)


def test_the_order_of_rows_does_not_matter(rows):
    shuffled = rows.sample(frac=1, random_state=4)
    one, other = (captured(t, "orders").value for t in (rows, shuffled))
    assert one == pytest.approx(other)


def test_hindsight_is_the_ceiling(rows):
    scored = rfm(rows)
    table = rfm_capture(scored, scores={"RFM": "rfm", "spend": "total_spend"})
    assert table["label"].tolist() == ["RFM", "spend", "hindsight"]
    assert table["value"].idxmax() == 2


def test_the_same_period_flatters(rows):
    """Validated on the period that made the score, any score of spend looks best."""
    found = captured(rows, "total_spend", outcome="total_spend").value
    assert found > captured(rows, "total_spend").value + 0.05


def test_what_is_missing_is_named(rows):
    with pytest.raises(ValueError, match="lacks recency"):
        rfm(rows.drop(columns="recency"))
    with pytest.raises(ValueError, match="adds up to nothing"):
        captured(rows.assign(holdout_spend=0.0), "orders")
    with pytest.raises(ValueError, match="lacks bucket"):
        captured(rows.drop(columns="bucket"), "orders")
