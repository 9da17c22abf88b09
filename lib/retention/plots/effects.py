"""Figures of what moves a hazard."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, INK, axes


def hazard_ratios(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Hazard ratios with their intervals on a log scale; 1 means no difference.

    Parameters
    ----------
    table : DataFrame
        The `table` of a hazard regression or a Cox fit: `term`, `level`,
        `reference`, `hazard_ratio`, `lower`, `upper` (bounds of the ratio).
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"term": "plan", "level": ["plus", "premium"],
    ...                       "reference": "basic", "hazard_ratio": [0.8, 0.5],
    ...                       "lower": [0.7, 0.4], "upper": [0.9, 0.6]})
    >>> ax = plots.hazard_ratios(table)
    >>> ax.get_xscale(), [label.get_text() for label in ax.get_yticklabels()]
    ('log', ['plan: premium v basic', 'plan: plus v basic'])
    """
    shown = table.dropna(subset=["hazard_ratio"]).iloc[::-1]
    ax = axes(ax, height=1.3 + 0.36 * len(shown))
    place = np.arange(len(shown))
    ax.hlines(place, shown["lower"], shown["upper"], color=ACCENT, linewidth=2.4)
    ax.plot(shown["hazard_ratio"], place, "o", color=ACCENT, markersize=6)
    ax.axvline(1, color=INK, linewidth=1)
    ax.set_xscale("log")
    _ratio_ticks(ax, shown["lower"].min(), shown["upper"].max())
    ax.set_yticks(place, [_term(row) for row in shown.itertuples()])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel="hazard ratio (left: stay longer, right: leave sooner), 95 % interval",
        title="Who leaves sooner, other things being equal",
        ylim=(-0.6, len(shown) - 0.4),
    )
    return ax


def effect_by_band(
    bands: pd.DataFrame, ax: Axes | None = None, *, term: str, unit: str = "month"
) -> Axes:
    """Hazard ratio of one term in each band of tenure: flat if proportional.

    Parameters
    ----------
    bands : DataFrame
        `periods` (text), `hazard_ratio`, `lower`, `upper`, in order of tenure.
    ax : Axes, optional
    term : str
        What the ratio compares, for the title.
    unit : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> bands = pd.DataFrame({"periods": ["1-6", "7-12"], "hazard_ratio": [0.6, 0.9],
    ...                       "lower": [0.5, 0.7], "upper": [0.7, 1.1]})
    >>> ax = plots.effect_by_band(bands, term="plan: plus")
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['1-6', '7-12']
    """
    ax = axes(ax, height=3.6)
    place = np.arange(len(bands))
    ax.vlines(place, bands["lower"], bands["upper"], color=ACCENT, linewidth=2.4)
    ax.plot(place, bands["hazard_ratio"], "o-", color=ACCENT, linewidth=1)
    ax.axhline(1, color=INK, linewidth=1)
    ax.set_yscale("log")
    _ratio_ticks(ax, bands["lower"].min(), bands["upper"].max(), axis="y")
    ax.set_xticks(place, bands["periods"])
    ax.set(
        xlabel=f"{unit}s of tenure",
        ylabel="hazard ratio, 95 % interval",
        title=f"Does the effect last? {term}",
        xlim=(-0.4, len(bands) - 0.6),
    )
    return ax


def _ratio_ticks(ax: Axes, low: float, high: float, *, axis: str = "x") -> None:
    offered = np.array([0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10])
    inside = offered[(offered >= low * 0.85) & (offered <= high * 1.18)]
    ticks = sorted({1.0, *inside.tolist()})
    chosen = ax.xaxis if axis == "x" else ax.yaxis
    chosen.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
    chosen.set_ticks([], minor=True)


def _term(row) -> str:
    name = row.term.replace("_", " ")
    return f"{name}: {row.level} v {row.reference}" if row.level != "" else name
