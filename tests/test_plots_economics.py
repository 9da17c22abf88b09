"""Figures of the leaky bucket: drawn on the axes given, labelled, as the tables say."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import economics, plots, survival

AGES = pd.DataFrame(
    {
        "age": range(30),
        "worth": np.linspace(900, 1_100, 30),
        "lower": np.linspace(880, 1_000, 30),
        "upper": np.linspace(920, 1_200, 30),
    }
)
PAST = pd.DataFrame({"step": range(-5, 1), "customers": range(1_000, 1_060, 10)})
AHEAD = pd.DataFrame(
    {
        "step": [1, 2, 3],
        "customers": [1_055.0, 1_060.0, 1_065.0],
        "lower": [1_045.0, 1_045.0, 1_040.0],
        "upper": [1_065.0, 1_075.0, 1_090.0],
    }
)
LEADS = pd.DataFrame(
    {
        "entry": 0,
        "duration": [1, 1, 2, 3],
        "event": [1, 1, 1, 0],
        "cause": ["won", "abandoned", "won", ""],
        "n": [20, 30, 10, 60],
    }
)


def paths():
    plain = economics.leaky_bucket(start=0, inflow=10, churn=0.1, periods=30)
    slow = economics.leaky_bucket(start=0, inflow=10, churn=0.05, periods=30)
    return pd.concat([plain.assign(case="10 %"), slow.assign(case="5 %")])


def drawn():
    """Every figure, from the tables that make it."""
    grid = economics.steady_grid(churns=[0.01, 0.02], inflows=[100, 200], margin=10)
    here = pd.DataFrame(
        [("here", 0.18, 0.34, 0.32, 0.36)],
        columns=["label", "yearly_churn", "uplift", "lower", "upper"],
    )
    return {
        "bucket_paths": lambda ax: plots.bucket_paths(paths(), ax),
        "bucket_grid": lambda ax: plots.bucket_grid(grid, ax),
        "worth_by_age": lambda ax: plots.worth_by_age(
            AGES, ax, currency="EUR", acquisition_cost=80, n=5_000
        ),
        "five_percent": lambda ax: plots.five_percent(
            economics.uplift_lines(), ax, here=here
        ),
        "stock_forecast": lambda ax: plots.stock_forecast(
            PAST, AHEAD, ax, earlier=AHEAD.assign(step=[-2, -1, 0])
        ),
        "lead_outcomes": lambda ax: plots.lead_outcomes(
            survival.aalen_johansen(LEADS), ax, n=120
        ),
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
    assert ax.get_ylabel()


@pytest.mark.parametrize("name", sorted(drawn()))
def test_each_figure_makes_its_own_axes(name):
    drawn()[name](None).figure.canvas.draw()


def test_cases_are_told_apart_without_colour():
    ax = drawn()["bucket_paths"](None)
    styles = [line.get_linestyle() for line in ax.get_lines()]
    assert len(set(styles)) == len(styles) == 2


def test_the_forecast_is_the_tables_and_starts_from_today():
    ax = plots.stock_forecast(PAST, AHEAD)
    so_far, ahead = ax.get_lines()[:2]
    assert so_far.get_ydata().tolist() == PAST["customers"].tolist()
    assert ahead.get_ydata()[1:].tolist() == AHEAD["customers"].tolist()
    assert ahead.get_ydata()[0] == PAST["customers"].iloc[-1]


def test_the_cost_of_winning_is_drawn_where_it_is_known():
    assert len(plots.worth_by_age(AGES, acquisition_cost=80).get_lines()) == 3
    assert len(plots.worth_by_age(AGES).get_lines()) == 2


def test_the_grid_shows_what_the_table_holds():
    grid = economics.steady_grid(churns=[0.01], inflows=[100])
    written = {text.get_text() for text in plots.bucket_grid(grid).texts}
    assert written == {"10,000"}
