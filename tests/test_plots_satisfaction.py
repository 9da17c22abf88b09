"""Figures of the satisfaction study: drawn on the axes given, labelled, true."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import plots, satisfaction
from retention.counts.satisfaction import Products, Scale

SCALE = Scale.of(1, 5)
ASKED = pd.DataFrame(
    [
        (score, 1, 1, lost, lost, bucket, n)
        for score, share in zip(range(1, 6), (0.3, 0.2, 0.2, 0.1, 0.05), strict=True)
        for bucket in ("00", "01", "02", "03")
        for lost, n in ((1, round(200 * share)), (0, round(200 * (1 - share))))
    ],
    columns=["score", "responded", "followed", "lost", "gone", "bucket", "n"],
).astype({"score": float})
FOUND = satisfaction.weighted_losses(ASKED, groups=SCALE.levels)
TENURE = ASKED.rename(columns={"lost": "event"}).assign(entry=0, duration=3)


def rated():
    rng = np.random.default_rng(3)
    rating = {
        f"{side}_{name}": rng.random(400) < 0.3
        for name in ("quality", "service")
        for side in ("low", "high")
    }
    table = pd.DataFrame(rating).astype(float)
    noise = rng.normal(size=400)
    table["satisfaction"] = table["high_service"] - table["low_quality"] + noise
    return Products.of(table, np.arange(400) % 16)


def intents():
    rows = ASKED.assign(intent=np.minimum(ASKED["score"], 4.0))
    return satisfaction.intent_and_behaviour(rows, (1, 5)).table


def drawn():
    """Every figure, from the tables that make it."""
    products = rated()
    kinds = satisfaction.penalties_and_rewards(products)
    points = ASKED.assign(points=ASKED["score"] * 2)
    exits = pd.DataFrame({"score": [1.0, 3.0], "n": [40, 20]})
    both = FOUND.table.head(2)
    both = both.assign(label=["of one", "of the other"], value=both["loss"], n=100)
    silent = satisfaction.silent_customers(ASKED, [], satisfied_from=4)
    return {
        "loss_by_score": lambda ax: plots.loss_by_score(
            FOUND.table, ax, satisfied_from=4
        ),
        "curves_after_answer": lambda ax: plots.curves_after_answer(
            satisfaction.score_curves(TENURE, SCALE), ax
        ),
        "both_conditionals": lambda ax: plots.both_conditionals(
            both, ax, low=0.65, high=0.85
        ),
        "loss_with_exits": lambda ax: plots.loss_with_exits(
            satisfaction.pooled_with_exits(FOUND, exits), ax
        ),
        "loss_along_points": lambda ax: plots.loss_along_points(
            satisfaction.smooth_losses(points), ax
        ),
        "silent_share": lambda ax: plots.silent_share(silent, ax, low=0.85, high=0.95),
        "penalties_rewards": lambda ax: plots.penalties_rewards(
            kinds, ax, margin=0.15, n=400
        ),
        "driver_parts": lambda ax: plots.driver_parts(
            satisfaction.driver_shares(products), ax, n=400, claimed=0.7
        ),
        "intent_and_behaviour": lambda ax: plots.intent_and_behaviour(intents(), ax),
    }


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize("name", sorted(drawn()))
def test_each_figure_is_drawn_on_the_axes_given_and_labelled(name):
    _, ax = plt.subplots()
    assert drawn()[name](ax) is ax
    assert ax.get_title(loc="left") or ax.get_title()
    assert ax.get_xlabel()
    ax.figure.canvas.draw()


def test_the_loss_drawn_is_that_of_the_table():
    ax = drawn()["loss_by_score"](None)
    assert np.allclose(ax.get_lines()[0].get_ydata(), FOUND.table["loss"])
    written = " ".join(label.get_text() for label in ax.get_xticklabels())
    assert f"n = {FOUND.table['followed'].iloc[0]:,}" in written


def test_the_region_of_the_saying_is_behind_both_conditionals():
    ax = drawn()["both_conditionals"](None)
    spans = [p.get_x() + np.array([0, p.get_width()]) for p in ax.patches]
    assert any(np.allclose(span, [0.65, 0.85]) for span in spans)


def test_intent_and_behaviour_are_told_apart_without_colour():
    ax = drawn()["intent_and_behaviour"](None)
    lines = ax.get_lines()
    assert len({line.get_linestyle() for line in lines}) == 2
    assert len({line.get_marker() for line in lines}) == 2
