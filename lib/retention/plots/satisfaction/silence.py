"""What the silent customers could do to the answer."""

import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, INK, axes, per_cent

BAND = "#e3e6ea"


def silent_share(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Axes:
    """Share of satisfied customers, by how the silent may differ from the others.

    Parameters
    ----------
    table : DataFrame
        From `retention.satisfaction.silent_customers`: `odds_ratio`,
        `satisfied_share`.
    ax : Axes, optional
    low, high : float, optional
        Region in which a saying is true.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"odds_ratio": [0.5, 1.0, 2.0],
    ...                       "satisfied_share": [0.7, 0.8, 0.86]})
    >>> ax = plots.silent_share(table, low=0.85, high=0.95)
    >>> ax.get_xlabel()
    'odds of being satisfied: silent customers over like ones who answered'
    """
    ax = axes(ax, height=4.0)
    if low is not None and high is not None:
        _region(ax, low, high)
    ax.plot(table["odds_ratio"], table["satisfied_share"], "-", color=ACCENT)
    here = table.iloc[(table["odds_ratio"] - 1).abs().argmin()]
    ax.plot(here["odds_ratio"], here["satisfied_share"], "o", color=ACCENT, ms=8)
    ax.annotate(
        "weighted estimate",
        xy=(here["odds_ratio"], here["satisfied_share"]),
        xytext=(9, -10),
        textcoords="offset points",
        va="top",
        fontsize=9.5,
    )
    ax.set_xscale("log")
    ticks = [t for t in (0.125, 0.25, 0.5, 1, 2, 4, 8) if _inside(t, table)]
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.set_xticks([], minor=True)
    ax.set(
        xlabel="odds of being satisfied: silent customers over like ones who answered",
        ylabel="satisfied, of all asked",
        title="What if the silent are different?",
    )
    per_cent(ax)
    return ax


def _inside(tick: float, table: pd.DataFrame) -> bool:
    return table["odds_ratio"].min() <= tick <= table["odds_ratio"].max()


def _region(ax: Axes, low: float, high: float) -> None:
    ax.axhspan(low, high, color=BAND, zorder=0)
    ax.annotate(
        "the saying is true",
        xy=(0.01, high),
        xycoords=("axes fraction", "data"),
        xytext=(0, -3),
        textcoords="offset points",
        va="top",
        fontsize=9,
        color=INK,
    )
