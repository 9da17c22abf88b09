"""Drivers of satisfaction, and intent beside behaviour."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, COLOURS, INK, MUTED, axes, note, per_cent

BAND = "#e3e6ea"


def penalties_rewards(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    margin: float,
    n: int,
    unit: str = "points",
) -> Axes:
    """What a low rating takes away and a high one adds, driver by driver.

    Parameters
    ----------
    table : DataFrame
        From `retention.satisfaction.penalties_and_rewards`.
    ax : Axes, optional
    margin : float
        Half-width of the band that counts as none.
    n : int
        Answers behind it.
    unit : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"penalty": [-0.6, -0.1], "penalty_lower": [-0.8, -0.2],
    ...                       "penalty_upper": [-0.4, 0.0], "reward": [0.1, 0.5],
    ...                       "reward_lower": [0.0, 0.3], "reward_upper": [0.2, 0.7],
    ...                       "kind": ["basic", "excitement"]},
    ...                      index=["quality", "innovation"])
    >>> ax = plots.penalties_rewards(table, margin=0.15, n=400)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['innovation', 'quality']
    """
    shown = table.iloc[::-1]
    ax = axes(ax, height=1.7 + 0.55 * len(shown))
    place = np.arange(len(shown))
    ax.axvspan(-margin, margin, color=BAND, zorder=0)
    ax.barh(place, shown["penalty"], height=0.42, color=COLOURS[2], hatch="///", ec="w")
    ax.barh(place, shown["reward"], height=0.42, color=ACCENT)
    for side in ("penalty", "reward"):
        ends = shown[f"{side}_lower"], shown[f"{side}_upper"]
        ax.hlines(place, *ends, color=INK, lw=2)
    ax.axvline(0, color=INK, lw=1)
    for i, kind in enumerate(shown["kind"]):
        ax.annotate(
            kind,
            xy=(1.01, i),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9.5,
            color=INK,
        )
    ax.set_yticks(place, shown.index)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlabel=f"{unit} of satisfaction, against a middling rating (95 % interval)",
        title="Low ratings take away (hatched), high ones add (filled)",
        ylim=(-0.6, len(shown) - 0.4),
    )
    note(ax, f"{n:,} answers. Grey: too little to count (0.15 standard deviations).")
    return ax


def driver_parts(
    table: pd.DataFrame, ax: Axes | None = None, *, n: int, claimed: float | None = None
) -> Axes:
    """Share of each driver in the explained variance of satisfaction.

    Parameters
    ----------
    table : DataFrame
        From `retention.satisfaction.driver_shares`: `share`, `lower`, `upper`, `r2`.
    ax : Axes, optional
    n : int
        Answers behind it.
    claimed : float, optional
        Share that a saying claims for service: a dashed line.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"share": [0.7, 0.3], "lower": [0.6, 0.2],
    ...                       "upper": [0.8, 0.4], "r2": 0.5},
    ...                      index=["service", "price"])
    >>> ax = plots.driver_parts(table, n=400, claimed=0.7)
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['price', 'service']
    """
    shown = table.sort_values("share")
    ax = axes(ax, height=1.7 + 0.45 * len(shown))
    place = np.arange(len(shown))
    ax.barh(place, shown["share"], height=0.5, color=ACCENT)
    ax.hlines(place, shown["lower"], shown["upper"], color=INK, lw=2)
    if claimed is not None:
        ax.axvline(claimed, color=INK, ls="--", lw=1.4)
        ax.annotate(
            "said of service",
            xy=(claimed, -0.45),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=9,
        )
    ax.set_yticks(place, shown.index)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlim=(0, max(0.8, 1.05 * float(shown["upper"].max()))),
        xlabel="share of what the ratings explain (black: 95 % interval, bootstrap)",
        title="Which driver explains satisfaction?",
    )
    per_cent(ax, axis="x")
    whole = table["r2"].sum()
    note(
        ax, f"{n:,} answers. Together the ratings explain {whole:.0%} of the variance."
    )
    return ax


def intent_and_behaviour(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What customers intend and what they do, score by score, on one scale.

    Parameters
    ----------
    table : DataFrame
        `score`, `n`, `intent` and `kept` with `_lower` and `_upper`, as in
        `retention.satisfaction.intent_and_behaviour`.
    ax : Axes, optional

    Returns
    -------
    Axes
        Each line is drawn as a share of its own climb from the lowest score to the
        highest, so that only the shapes are compared.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"score": [3.0, 5.0], "n": [200, 500],
    ...                       "intent": [0.4, 0.9], "kept": [0.88, 0.95]})
    >>> for name in ("intent", "kept"):
    ...     table[f"{name}_lower"] = table[name] - 0.02
    ...     table[f"{name}_upper"] = table[name] + 0.02
    >>> ax = plots.intent_and_behaviour(table)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['what they say they will do', 'what they did']
    """
    ax = axes(ax)
    place = np.arange(len(table))
    looks = {
        "intent": ("what they say they will do", MUTED, "s", "--", -0.05),
        "kept": ("what they did", ACCENT, "o", "-", 0.05),
    }
    for kind, (label, colour, marker, line, aside) in looks.items():
        start, end = table[kind].iloc[0], table[kind].iloc[-1]
        scaled = [
            (table[c] - start) / (end - start)
            for c in (kind, f"{kind}_lower", f"{kind}_upper")
        ]
        ax.vlines(place + aside, scaled[1], scaled[2], color=colour, lw=2)
        ax.plot(
            place + aside,
            scaled[0],
            marker=marker,
            ls=line,
            color=colour,
            label=label,
        )
    names = [
        f"{s:g}\nn = {n:,}" for s, n in table[["score", "n"]].itertuples(index=False)
    ]
    ax.set_xticks(place, names)
    ax.set(
        xlabel="score given",
        ylabel="share of the climb\nfrom lowest to highest score",
        title="Saying and doing",
    )
    ax.legend(loc="upper left")
    per_cent(ax)
    note(ax, "Bars: 95 % intervals, by customer, before scaling.", lower=2)
    return ax
