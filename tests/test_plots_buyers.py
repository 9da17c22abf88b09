"""Figures of repeat buyers: drawn on the axes given, with the numbers of the table."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import plots, projection
from retention.value.rfm import rfm_cells

MODEL = projection.BetaGeometricNBD(0.55, 6.0, 0.9, 2.8)
CELLS = pd.DataFrame(
    {
        "x": [0, 1, 1, 2, 4, 9],
        "t_x": [0.0, 8, 30, 40, 44, 50],
        "T": 52.0,
        "n": [60, 20, 10, 10, 8, 6],
        "holdout": [20, 5, 4, 9, 14, 40],
        "holdout_squares": [40, 9, 6, 20, 40, 400],
        "returned": [15, 3, 3, 6, 6, 6],
    }
)
WEEKS = pd.DataFrame({"week": range(-51, 27), "orders": 3})
GRID = rfm_cells(
    pd.DataFrame(
        {"r": [1, 1, 2, 3], "f": [1, 2, 2, 3], "holdout_spend": [0.0, 9, 30, 120]}
    )
)


def drawn():
    """Every figure, from the tables that make it."""
    track = projection.holdout_track(MODEL, CELLS, WEEKS)
    tenths = projection.deciles(MODEL, CELLS, weeks=26)
    silence = projection.alive_by_recency(MODEL, CELLS, weeks=26)
    return {
        "holdout_track": lambda ax: plots.holdout_track(track, ax),
        "decile_plot": lambda ax: plots.decile_plot(tenths, ax),
        "frequency_fit": lambda ax: plots.frequency_fit(
            projection.frequency_fit(MODEL, CELLS), ax
        ),
        "alive_curve": lambda ax: plots.alive_curve(silence, ax, hiatus=9, weeks=26),
        "rfm_grid": lambda ax: plots.rfm_grid(GRID, ax, currency="EUR"),
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
    assert ax.get_xlabel() and ax.get_ylabel()
    ax.figure.canvas.draw()


def test_deciles_and_frequencies_share_a_figure_with_labels_of_their_own():
    table = projection.by_frequency(MODEL, CELLS, weeks=26, most=4)
    ax = plots.decile_plot(table)
    assert "before the cut-off" in ax.get_xlabel()
    assert [t.get_text() for t in ax.get_xticklabels()][-1] == "4+"


def test_without_intervals_no_bar_is_drawn():
    bare = projection.deciles(MODEL, CELLS.drop(columns="holdout_squares"), weeks=26)
    assert len(plots.decile_plot(bare).collections) == 0


def test_a_track_without_a_holdout_is_drawn():
    track = projection.holdout_track(MODEL, CELLS, WEEKS[WEEKS["week"] <= 0])
    ax = plots.holdout_track(track)
    assert np.isfinite(ax.get_xlim()).all()


def test_the_two_lines_are_told_apart_without_colour():
    lines = drawn()["holdout_track"](None).get_lines()
    assert len({line.get_linestyle() for line in lines}) == len(lines)
