"""Figures that set several answers to one question side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, INK, MUTED, TRUTH, axes, per_cent

KINDS = {
    "naive": {"marker": "o", "mfc": "white", "color": MUTED},
    "right": {"marker": "o", "mfc": ACCENT, "color": ACCENT},
    "truth": {"marker": "D", "mfc": TRUTH, "color": TRUTH},
}


def answers(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    xlabel: str,
    title: str,
    share: bool = False,
) -> Axes:
    """Naive, right and (where it is known) true answers on one scale.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, `kind` ("naive", "right" or "truth") and, where there is
        an interval, `lower` and `upper` (empty otherwise; an interval without an end
        is not drawn). Drawn from top to bottom.
    ax : Axes, optional
    xlabel, title : str
    share : bool
        Label the scale in per cent.

    Returns
    -------
    Axes
        Hollow markers are naive answers, filled ones right answers, diamonds the
        truth, so that the figure can be read without colour.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"label": ["members - others", "holdout"],
    ...                       "value": [9.0, 2.0], "lower": [8.0, 0.5],
    ...                       "upper": [10.0, 3.5], "kind": ["naive", "right"]})
    >>> ax = plots.answers(table, xlabel="EUR a month", title="What did it change?")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['holdout', 'members - others']
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    ax = axes(ax, height=1.4 + 0.42 * len(shown))
    for place, row in shown.iterrows():
        look = KINDS[row["kind"]]
        bounds = pd.to_numeric(row.reindex(["lower", "upper"]))
        if np.isfinite(bounds).all():
            ax.hlines(place, *bounds, color=look["color"], lw=2.4)
        ax.plot(row["value"], place, markersize=8, ls="none", mew=1.8, **look)
    ax.set_yticks(range(len(shown)), shown["label"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(ylim=(-0.6, len(shown) - 0.4), xlabel=xlabel, title=title)
    if share:
        per_cent(ax, axis="x")
    return ax


def sayings(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    xlabel: str,
    title: str,
    share: bool = False,
) -> Axes:
    """Each saying's region beside this company's interval.

    Parameters
    ----------
    table : DataFrame
        `saying`, `low`, `high` (the region where the saying would be true),
        `value`, `lower`, `upper` (the company's estimate) and `verdict`.
    ax : Axes, optional
    xlabel, title : str
    share : bool
        Label the scale in per cent.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"saying": ["a fifth leave"],
    ...                       "low": [0.18], "high": [0.22],
    ...                       "value": [0.25], "lower": [0.22], "upper": [0.28],
    ...                       "verdict": ["DOES NOT HOLD"]})
    >>> ax = plots.sayings(table, xlabel="lost a year", title="Leaving", share=True)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['a fifth leave']
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    ax = axes(ax, height=1.4 + 0.55 * len(shown))
    edge = np.nanmax(shown[["upper", "high"]].replace(np.inf, np.nan).to_numpy())
    for place, row in shown.iterrows():
        low, high = max(row["low"], 0), min(row["high"], 1.15 * edge)
        ax.barh(place, high - low, left=low, height=0.55, color="#e3e6ea")
        ax.hlines(place, row["lower"], row["upper"], color=ACCENT, lw=2.4)
        ax.plot(row["value"], place, "o", color=ACCENT, markersize=7)
        ax.annotate(
            row["verdict"],
            xy=(1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            color=INK,
        )
    ax.set_yticks(range(len(shown)), shown["saying"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(ylim=(-0.6, len(shown) - 0.4), xlabel=xlabel, title=title)
    if share:
        per_cent(ax, axis="x")
    return ax
