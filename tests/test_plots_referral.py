"""Figures of the referral study: drawn on the axes given, labelled."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import counts, plots, referral

AUDITED = pd.DataFrame(
    {
        "true": ["referral", "referral", "rep", "<b>$x$</b>"],
        "recorded": ["referral", "rep", "rep", "<b>$x$</b>"],
        "n": [30, 60, 50, 40],
    }
)
PATHS = counts.paths_of(
    [
        ("$ad$ > shop", 20, 9, "00"),
        ("shop", 30, 12, "01"),
        ("$ad$", 25, 2, "02"),
        ("friend > shop", 10, 6, "03"),
    ]
)
TENURE = pd.DataFrame(
    {
        "entry": 0,
        "duration": [3, 6, 9, 9],
        "event": [1, 1, 0, 0],
        "bucket": list("abcd"),
        "n": [100, 200, 300, 400],
    }
)
MADE = pd.DataFrame({"period": [2, 4, 8], "bucket": list("abc"), "n": [20, 30, 10]})
PAIRS = pd.DataFrame(
    [("a", "b"), ("b", "c"), ("b", "d"), ("a", "e")],
    columns=["referrer_id", "referee_id"],
)


def yearly():
    table = {"time": ["2024", "2025"], "customers": [900, 950], "recorded": [0.1, 0.2]}
    return pd.DataFrame(table).assign(share=0.4, lower=0.35, upper=0.45, fewest=20)


def worth():
    share = np.linspace(0, 1, 5)
    return pd.DataFrame(
        {
            "type_one": share,
            "value_per_customer": 20 + 100 * share,
            "lower": 18 + 90 * share,
            "upper": 22 + 110 * share,
        }
    )


def gaps():
    return pd.DataFrame(
        {
            "months": ["1-6", "7 on"],
            "customer_months": [500, 700],
            "gap": [1.5, 0.2],
            "lower": [1.0, -0.2],
            "upper": [2.0, 0.6],
        }
    )


def stages():
    return pd.DataFrame(
        {
            "stage": ["told", "interested", "joined"],
            "per_customer": [6, 1.5, 0.2],
            "lower": [5.5, 1.3, 0.15],
            "upper": [6.5, 1.7, 0.25],
            "said": [25, 8, 1],
        }
    )


def drawn():
    """Every figure of the referral study, from the tables that make it."""
    born = pd.DataFrame({"referrals": [0, 1, 2, 3], "n": [900, 60, 15, 5]})
    return {
        "credit_matrix": lambda ax: plots.credit_matrix(
            referral.credit_matrix(AUDITED), ax
        ),
        "referred_share_over_time": lambda ax: plots.referred_share_over_time(
            yearly(), ax
        ),
        "channel_credit": lambda ax: plots.channel_credit(
            referral.journey_credits(PATHS, order=1), ax
        ),
        "referrals_per_customer": lambda ax: plots.referrals_per_customer(
            referral.reproduction(TENURE, MADE).table, ax
        ),
        "referral_tree": lambda ax: plots.referral_tree(
            referral.referral_tree(PAIRS).largest(), ax
        ),
        "offspring": lambda ax: plots.offspring(referral.offspring_fit(born), ax),
        "margin_gap": lambda ax: plots.margin_gap(gaps(), ax, unit="EUR"),
        "referral_worth": lambda ax: plots.referral_worth(worth(), ax, own=300.0),
        "word_of_mouth": lambda ax: plots.word_of_mouth(stages(), ax),
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
def test_each_figure_draws_itself(name):
    drawn()[name](None).figure.canvas.draw()


def test_rules_of_credit_are_told_apart_without_colour():
    ax = drawn()["channel_credit"](None)
    markers = [line.get_marker() for line in ax.get_lines()]
    assert len(set(markers)) == len(markers) == 6


def test_the_tree_has_a_line_for_each_link():
    ax = drawn()["referral_tree"](None)
    assert len(ax.get_lines()) == len(PAIRS)


def test_the_matrix_writes_every_share_with_its_interval():
    ax = drawn()["credit_matrix"](None)
    written = [text.get_text() for text in ax.texts]
    lost = referral.credit_matrix(AUDITED).query("n == 60").iloc[0]
    low, high = 100 * lost["lower"], 100 * lost["upper"]
    assert f"67 %\n{low:.0f} to {high:.0f}" in written
