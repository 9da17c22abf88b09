"""Figures of customer value: drawn on the axes given, labelled, true to the table."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import plots, value

CELLS = pd.DataFrame(
    {
        "n": [50, 30, 15, 5],
        "revenue": [500.0, 900, 1200, 1400],
        "margin": [200.0, 360, 480, 560],
        "cost": [260.0, 90, 60, 40],
        "net": [-60.0, 270, 420, 520],
        "below": [40, 2, 0, 0],
    }
)
CHANGES = pd.DataFrame(
    {
        "now": [0, 1, 2],
        "customers": [10, 45, 45],
        "this_window": [-20.0, 40, 120],
        "next_window": [5.0, 50, 100],
        "lower": [-5.0, 45, 90],
        "upper": [15.0, 55, 110],
    }
)
MOVES = pd.DataFrame(
    {
        "tier": ["low", "low", "low", "top", "top"],
        "next": ["low", "top", "closed", "low", "top"],
        "n": [900, 20, 80, 5, 95],
    }
)
BOUGHT = pd.DataFrame(
    {
        "holding": ["0", "0", "1"],
        "product": ["$x$", "_b", "_b"],
        "bought": [40, 20, 10],
        "per_100_years": [4.0, 2.0, 5.0],
        "lower": [3.0, 1.5, 3.0],
        "upper": [5.0, 2.6, 8.0],
    }
)
TENTHS = pd.DataFrame(
    {
        "customers": [100, 100],
        "predicted": [0.05, 0.20],
        "observed": [0.04, 0.22],
        "lower": [0.01, 0.15],
        "upper": [0.09, 0.31],
    }
)
GAINS = pd.DataFrame({"called": [0, 0.1, 1.0], "found": [0, 0.4, 1.0]})


def drawn():
    """Every figure of this part, from the tables that make it."""
    whale = value.whale_curve(CELLS)
    curves = {"revenue": value.lorenz(CELLS), "net margin": value.lorenz(CELLS)}
    groups = value.by_revenue(CELLS, groups=4)
    steps = value.transitions(MOVES)
    return {
        "lorenz_curves": lambda ax: plots.lorenz_curves(curves, ax, n=100),
        "whale_curve": lambda ax: plots.whale_curve(whale, ax, n=100),
        "profit_by_revenue": lambda ax: plots.profit_by_revenue(
            groups, ax, currency="EUR"
        ),
        "next_window": lambda ax: plots.next_window(CHANGES, ax, currency="EUR"),
        "transition_matrix": lambda ax: plots.transition_matrix(
            steps, ax, order=["low", "top"], period="a quarter"
        ),
        "calibration_plot": lambda ax: plots.calibration_plot(
            TENTHS, ax, horizon="6 months"
        ),
        "gains_curve": lambda ax: plots.gains_curve(GAINS, ax, capacity=0.1, n=200),
        "next_products": lambda ax: plots.next_products(BOUGHT, ax),
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


def test_the_whale_comes_down_to_the_whole():
    ax = drawn()["whale_curve"](None)
    heights = ax.get_lines()[0].get_ydata()
    assert np.isclose(heights[-1], 1)
    assert heights.max() == pytest.approx((270 + 420 + 520) / 1150)


def test_the_matrix_shows_the_chances_of_its_table():
    ax = drawn()["transition_matrix"](None)
    written = " ".join(text.get_text() for text in ax.texts)
    assert "90.00 %" in written and "95.00 %" in written


def test_products_are_not_read_as_formulas():
    ax = drawn()["next_products"](None)
    ax.figure.canvas.draw()
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "holds 0: $x$",
        "holds 0: _b",
        "holds 1: _b",
    ]
