"""The ledger's figure: every row on the page, every verdict with a sign."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from retention import plots

TABLE = pd.DataFrame(
    {
        "id": ["L04a", "L10", "L41"],
        "low": [0.2, 0.75, 1.0],
        "high": [0.3, 0.85, np.inf],
        "value": [0.18, 0.8, 0.44],
        "lower": [0.17, 0.79, 0.4],
        "upper": [0.19, 0.81, 0.48],
        "verdict": ["DOES NOT HOLD", "HOLDS", "DOES NOT HOLD"],
        "here": ["18 %", "80 %", "0.44"],
        "true_if": ["20 to 30 %", "75 to 85 %", "at least 1"],
    }
)


def drawn():
    told = TABLE.assign(study=["tenure", "value", "tenure"])
    return {
        "ledger": lambda ax: plots.ledger(TABLE, ax),
        "verdicts": lambda ax: plots.verdicts(told, ax),
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


def test_every_part_of_a_bar_has_its_sign_and_number():
    ax = drawn()["verdicts"](None)
    assert sorted(text.get_text() for text in ax.texts) == ["✓ 1", "✗ 2"]


def test_rows_run_from_top_to_bottom_with_sign_and_word():
    ax = drawn()["ledger"](None)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["L41", "L10", "L04a"]
    assert "✓ HOLDS" in {text.get_text() for text in ax.texts}


def test_an_open_region_reaches_the_frame():
    ax = drawn()["ledger"](None)
    bar = ax.patches[0]
    assert bar.get_x() + bar.get_width() == 1.0
