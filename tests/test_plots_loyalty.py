"""Figures of a programme's money, as in test_plots.py."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from retention import loyalty, plots

BATCHES = pd.DataFrame(
    [
        (0, 0, "earn", 100.0),
        (0, 1, "redeem", 50.0),
        (0, 2, "redeem", 20.0),
        (0, 2, "expire", 30.0),
        (1, 0, "earn", 100.0),
        (1, 1, "redeem", 40.0),
    ],
    columns=["batch", "lag", "kind", "points"],
)
SALES = pd.DataFrame({"batch": [0, 1], "points": [100.0] * 2, "sales": [1000.0] * 2})
LINKS = [
    ("incremental margin", 9.0, 2.0, 16.0),
    ("rewards, at ultimate redemption", 3.0, 2.9, 3.1),
    ("running cost of the programme", 2.0, 1.9, 2.1),
    ("margin less cost", 4.0, -3.0, 11.0),
]
CHAIN = pd.DataFrame(LINKS, columns=["link", "value", "lower", "upper"])
MOVES = pd.DataFrame({"link": ["margin", "cost"], "low": [-0.4, 0.7], "high": [2, 0.9]})
DECILES = pd.DataFrame(
    {
        "part": [1, 2],
        "n": [50, 50],
        "foretold": [3.0, 1.0],
        "value": [2.5, 0.5],
        "lower": [1.0, -1.0],
        "upper": [4.0, 2.0],
    }
)
CURVE = pd.DataFrame(
    {"share": [0, 0.5, 1], "gain": [0, 2, 2.5], "random": [0, 1.25, 2.5]}
)


def rolled():
    return loyalty.liability(BATCHES, SALES, ultimate=0.67, value_of_a_point=1.0)


def drawn():
    """Every figure, from the tables that make it."""
    curve = loyalty.redemption(BATCHES, expire_after=2).curve
    return {
        "redemption_curve": lambda ax: plots.redemption_curve(curve, ax, to_date=0.55),
        "liability_bridge": lambda ax: plots.liability_bridge(rolled(), ax),
        "return_chain": lambda ax: plots.return_chain(CHAIN, ax),
        "return_moves": lambda ax: plots.return_moves(MOVES, ax, roi=0.8),
        "uplift_deciles": lambda ax: plots.uplift_deciles(DECILES, ax),
        "qini_curve": lambda ax: plots.qini_curve(CURVE, ax),
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
    assert ax.get_xlabel() and (ax.get_ylabel() or name == "return_moves")


def test_a_bridge_begins_and_ends_at_the_balances():
    table = rolled()
    bars = plots.liability_bridge(table).patches
    assert bars[0].get_height() == pytest.approx(table["opening"].iloc[0])
    assert bars[-1].get_height() == pytest.approx(table["closing"].iloc[-1])
    assert bars[1].get_y() + bars[1].get_height() == pytest.approx(
        table["opening"].iloc[0] + table["granted"].sum()
    )


def test_the_chain_ends_at_what_is_left():
    bars = plots.return_chain(CHAIN).patches
    assert bars[-1].get_height() == pytest.approx(9 - 3 - 2)
    assert bars[-1].get_y() == 0
