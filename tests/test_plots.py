"""Figures: drawn on the axes given, labelled, with the numbers of the table."""

import matplotlib

matplotlib.use("Agg")

import inspect
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import counts, plots, projection, survival

TENURE = pd.DataFrame(
    {
        "plan": ["basic"] * 4 + ["plus"] * 4,
        "entry": [0, 0, 6, 0, 0, 0, 0, 3],
        "duration": [2, 5, 14, 20, 3, 9, 16, 20],
        "event": [1, 1, 1, 0, 1, 1, 1, 0],
        "cause": ["price", "moved", "price", "", "moved", "price", "price", ""],
        "n": [30, 20, 10, 40, 10, 15, 20, 60],
    }
)
PERIODS = counts.periods(TENURE, by=["plan"])


def curves():
    return survival.kaplan_meier(TENURE, by="plan")


def drawn():
    """Every figure, from the tables that make it."""
    whole = survival.kaplan_meier(TENURE)
    fit = survival.hazard_regression(PERIODS, ["plan"])
    bands = survival.proportionality(PERIODS, ["plan"], bands=[6, 12])
    model = projection.fit_sbg(counts.censored_at(TENURE, 10))
    triangle = PERIODS.rename(columns={"plan": "cohort"})
    kept = 1 - triangle["events"] / triangle["at_risk"]
    triangle["kept"] = kept.groupby(triangle["cohort"]).cumprod()
    said = [("said", 0.2, 0.3, 0.25, 0.22, 0.28, "HOLDS")]
    names = ["saying", "low", "high", "value", "lower", "upper", "verdict"]
    return {
        "survival_curves": lambda ax: plots.survival_curves(curves(), ax, by="plan"),
        "hazards": lambda ax: plots.hazards(whole, ax),
        "cumulative_incidence": lambda ax: plots.cumulative_incidence(
            survival.aalen_johansen(TENURE), ax
        ),
        "hazard_ratios": lambda ax: plots.hazard_ratios(fit.table, ax),
        "effect_by_band": lambda ax: plots.effect_by_band(bands, ax, term="plan"),
        "cohort_triangle": lambda ax: plots.cohort_triangle(triangle, ax),
        "projected_survival": lambda ax: plots.projected_survival(
            whole, {"sBG": model.projection(range(20))}, ax, fitted_to=10
        ),
        "entries": lambda ax: plots.entries(TENURE, ax),
        "answers": lambda ax: plots.answers(
            pd.DataFrame({"label": ["a"], "value": [3.0], "kind": ["naive"]}),
            ax,
            xlabel="months",
            title="one",
        ),
        "sayings": lambda ax: plots.sayings(
            pd.DataFrame(said, columns=names), ax, xlabel="share", title="said"
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


def drawn_in_all_files():
    """Names of the figures that this file and its sisters draw."""
    names = []
    for path in Path(__file__).parent.glob("test_plots*.py"):
        names += runpy.run_path(str(path))["drawn"]()
    return sorted(names)


def test_every_public_figure_is_tested_and_takes_ax():
    figures = [
        n for n in plots.__all__ if n not in ("use_theme", "panels", "chinese_fonts")
    ]
    assert sorted(figures) == drawn_in_all_files()
    for name in figures:
        parameters = inspect.signature(getattr(plots, name)).parameters.values()
        assert "ax" in [p.name for p in parameters]
        assert not any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def test_curves_are_told_apart_without_colour():
    ax = drawn()["survival_curves"](None)
    styles = [line.get_linestyle() for line in ax.get_lines()]
    assert len(set(styles)) == len(styles) == 2


def test_the_curve_and_the_numbers_at_risk_are_those_of_the_table():
    whole = survival.kaplan_meier(TENURE)
    ax = plots.survival_curves(whole)
    heights = ax.get_lines()[0].get_ydata()
    assert np.allclose(heights, whole["survival"])
    written = {text.get_text() for text in ax.texts}
    assert f"{whole['at_risk'].iloc[0]:,}" in written


def test_an_answer_without_end_is_drawn_as_a_point():
    table = pd.DataFrame(
        {
            "label": ["median"],
            "value": [23.0],
            "lower": [13.0],
            "upper": [np.inf],
            "kind": ["right"],
        }
    )
    ax = plots.answers(table, xlabel="weeks", title="6-MP")
    assert len(ax.collections) == 0
    assert ax.get_lines()[0].get_xdata() == [23.0]


def test_names_from_the_data_are_not_read_as_formulas():
    named = TENURE.assign(plan=TENURE["plan"].map({"basic": "$x^2$", "plus": "_b"}))
    ax = plots.survival_curves(survival.kaplan_meier(named, by="plan"), by="plan")
    ax.figure.canvas.draw()
    legend = [text.get_text().strip() for text in ax.get_legend().get_texts()]
    assert legend == ["$x^2$", "_b"]
    assert not any(t.get_parse_math() for t in ax.get_legend().get_texts())
