"""Figures of the designs: drawn on the axes given, with the numbers of the table."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import counts, loyalty, plots

MEANS = pd.DataFrame(
    {
        "cohort": [2, 2, 2, 2, None, None, None, None],
        "time": [0, 1, 2, 3] * 2,
        "mean": [10.0, 11.0, 16.0, 17.0, 8.0, 9.0, 10.0, 11.0],
        "n": [20] * 4 + [60] * 4,
    }
)


def study():
    """Event study without and with intervals."""
    table = loyalty.staggered(loyalty.changes_from_means(MEANS)).event_study
    reach = {"lower": -1, "upper": 1, "band_lower": -2, "band_upper": 2}
    return table, table.assign(**{k: table["effect"] + v for k, v in reach.items()})


def balanced():
    rng = np.random.default_rng(1)
    taste = rng.normal(size=600)
    member = (taste + rng.normal(size=600) > 0.5).astype(int)
    rows = pd.DataFrame({"taste": taste, "member": member, "plan": "a"})
    rows["plan"] = np.where(rng.random(600) < 0.5, "a", "b")
    rows["revenue"] = taste + member
    return loyalty.doubly_robust(rows, covariates=["taste", "plan"]).balance


def discontinuity():
    rng = np.random.default_rng(2)
    u = rng.normal(0, 120, 3_000)
    rows = pd.DataFrame({"spend": u, "revenue": 5 * (u >= 0) + rng.normal(size=3_000)})
    bins = counts.running_bins(rows, running="spend", width=10, outcome="revenue")
    return loyalty.threshold(bins, bandwidth=100)


def drawn():
    """Every figure of this room, from the tables that make it."""
    found = discontinuity()
    return {
        "event_study": lambda ax: plots.event_study(study()[1], ax),
        "love_plot": lambda ax: plots.love_plot(balanced(), ax),
        "threshold_plot": lambda ax: plots.threshold_plot(
            found.curve, ax, threshold=900, bandwidth=100
        ),
        "density_plot": lambda ax: plots.density_plot(
            found.density.table, ax, threshold=900
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


@pytest.mark.parametrize("name", sorted(drawn()))
def test_each_figure_makes_its_own_axes(name):
    assert drawn()[name](None).figure.axes


def test_the_event_study_shows_the_effects_of_the_table():
    plain, whole = study()
    ax = plots.event_study(whole)
    shown = np.concatenate([line.get_ydata() for line in ax.get_lines()[:2]])
    assert np.allclose(np.sort(shown), np.sort(whole["effect"]))
    hollow, full = ax.get_lines()[:2]
    assert hollow.get_markerfacecolor() == "white" != full.get_markerfacecolor()
    without = plots.event_study(plain)
    assert not any("95 %" in text.get_text() for text in without.texts)


def test_times_with_few_customers_are_left_out_on_request():
    whole = study()[1].assign(n=[5, 20, 20])
    ax = plots.event_study(whole, fewest=10)
    points = sum(len(line.get_xdata()) for line in ax.get_lines()[:2])
    assert points == 2


def test_the_love_plot_keeps_the_worst_and_says_what_it_left_out():
    table = balanced()
    ax = plots.love_plot(table, most=1)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["taste"]
    assert any("2 that differ less" in text.get_text() for text in ax.texts)


def test_the_love_plot_takes_a_plain_balance_table():
    rows = pd.DataFrame({"member": [1, 1, 0, 0], "age": [40, 50, 30, 40]})
    moments = loyalty.moments(rows, covariates=["age"])
    table = loyalty.balance(moments, treated=1, control=0)
    ax = plots.love_plot(table, columns=("smd",))
    assert ax.get_lines()[0].get_xdata()[0] == pytest.approx(2.0)
    assert ax.get_legend() is None


def test_lines_at_the_threshold_meet_the_jump():
    found = discontinuity()
    ax = plots.threshold_plot(found.curve, threshold=0, bandwidth=100)
    below, above = (line.get_ydata() for line in ax.get_lines()[:2])
    assert above[0] - below[-1] == pytest.approx(found.estimate.value, abs=0.3)


def test_the_histogram_counts_everybody():
    found = discontinuity()
    ax = plots.density_plot(found.density.table)
    assert sum(bar.get_height() for bar in ax.patches) == 3_000
