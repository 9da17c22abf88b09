"""Loss by score, as counted, with exit surveys, and along a fine scale."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from retention.plots.theme import ACCENT, COLOURS, INK, MUTED, axes, note, per_cent

BAND = "#e3e6ea"


def loss_by_score(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    satisfied_from: float | None = None,
    xlabel: str = "score given",
    ylabel: str = "lost within the horizon",
    title: str = "Each score has a loss of its own",
) -> Axes:
    """Share lost at each score, with its interval and the answers behind it.

    Parameters
    ----------
    table : DataFrame
        `score` (numbers or words), `followed`, `loss`, `lower`, `upper`. Groups without
        a followed answer are left out.
    ax : Axes, optional
    satisfied_from : float, optional
        Shade the scores from here on as satisfied.
    xlabel, ylabel, title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"score": [3.0, 4.0, 5.0], "followed": [200, 800, 500],
    ...                       "loss": [0.12, 0.10, 0.05], "lower": [0.09, 0.08, 0.03],
    ...                       "upper": [0.17, 0.12, 0.07]})
    >>> ax = plots.loss_by_score(table, satisfied_from=4)
    >>> ax.get_title("left"), ax.get_ylabel()
    ('Each score has a loss of its own', 'lost within the horizon')
    """
    shown = table[table["followed"] > 0].reset_index(drop=True)
    ax = axes(ax)
    if satisfied_from is not None and (shown["score"] >= satisfied_from).any():
        first = int((shown["score"] >= satisfied_from).idxmax())
        _counted_as_satisfied(ax, first, len(shown))
    ax.vlines(shown.index, shown["lower"], shown["upper"], color=ACCENT, lw=2.4)
    ax.plot(shown.index, shown["loss"], "o-", color=ACCENT, lw=1, markersize=8)
    for place, row in shown.iterrows():
        ax.annotate(
            f"{100 * row['loss']:.1f} %",
            xy=(place, row["loss"]),
            xytext=(8, 5),
            textcoords="offset points",
            va="bottom",
            fontsize=9.5,
            color=INK,
        )
    names = [s if isinstance(s, str) else f"{s:g}" for s in shown["score"]]
    counts = [f"{n}\nn = {k:,}" for n, k in zip(names, shown["followed"], strict=True)]
    ax.set_xticks(range(len(shown)), counts)
    top = 1.12 * float(np.nanmax(shown["upper"]))
    ax.set(
        xlabel=xlabel,
        ylabel=ylabel,
        title=title,
        ylim=(0, top),
        xlim=(-0.5, len(shown) - 0.5),
    )
    per_cent(ax)
    note(
        ax,
        "n: answers followed. Bars: 95 % intervals (Wilson, effective number of "
        "answers).",
        lower=2,
    )
    return ax


def loss_with_exits(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Loss by score from customers who were there, and with exit surveys thrown in.

    Parameters
    ----------
    table : DataFrame
        From `retention.satisfaction.pooled_with_exits`: `score`, `apart`, `pooled`,
        `followed`, `exit_rows`.
    ax : Axes, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"score": [1.0, 5.0], "apart": [0.2, 0.1],
    ...                       "pooled": [0.6, 0.12], "followed": [50, 500],
    ...                       "exit_rows": [50, 10]})
    >>> ax = plots.loss_with_exits(table)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('score given (answers followed + exit surveys)', 'lost')
    """
    ax = axes(ax, height=4.0)
    place = np.arange(len(table))
    ax.plot(place, table["pooled"], "o--", color=MUTED, mfc="white", mew=1.8)
    ax.plot(place, table["apart"], "o-", color=ACCENT)
    for column, text in (
        ("pooled", "with exit surveys (naive)"),
        ("apart", "asked while customers"),
    ):
        ax.annotate(
            text,
            xy=(0, table[column].iloc[0]),
            xytext=(10, 8),
            textcoords="offset points",
            va="bottom",
            fontsize=9.5,
            color=INK,
        )
    labels = [
        f"{r.score:g}\n{r.followed:,} + {r.exit_rows:,}" for r in table.itertuples()
    ]
    ax.set_xticks(place, labels)
    top = 1.15 * float(np.nanmax(table[["apart", "pooled"]].to_numpy()))
    ax.set(
        xlabel="score given (answers followed + exit surveys)",
        ylabel="lost",
        ylim=(0, max(top, 0.01)),
        title="Exit surveys make the curve steep",
    )
    per_cent(ax)
    return ax


def loss_along_points(
    table: pd.DataFrame, ax: Axes | None = None, *, xlabel: str = "points given"
) -> Axes:
    """Loss along a fine scale: as counted, never rising, and smooth.

    Parameters
    ----------
    table : DataFrame
        From `retention.satisfaction.smooth_losses`: `points`, `n`, `loss`, `monotone`,
        `smooth`.
    ax : Axes, optional
    xlabel : str

    Returns
    -------
    Axes
        The area of a dot is its number of answers.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"points": [2.0, 5.0, 8.0], "n": [50, 200, 400],
    ...                       "loss": [0.3, 0.32, 0.1], "monotone": [0.31, 0.31, 0.1],
    ...                       "smooth": [0.31, 0.25, 0.1]})
    >>> ax = plots.loss_along_points(table)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('points given', 'lost within the horizon')
    """
    ax = axes(ax)
    size = 220 * table["n"] / table["n"].max()
    ax.scatter(table["points"], table["loss"], s=size, color=BAND, edgecolor=MUTED)
    ax.step(
        table["points"],
        table["monotone"],
        where="mid",
        color=COLOURS[2],
        ls="--",
        lw=1.6,
        label="never rising (isotonic)",
    )
    ax.plot(table["points"], table["smooth"], color=ACCENT, label="smooth (spline)")
    often = table.loc[table["n"] >= 0.01 * table["n"].sum(), "loss"]
    top = 1.35 * max(float(often.max()), float(table["smooth"].max()))
    ax.set(
        xlabel=xlabel,
        ylabel="lost within the horizon",
        ylim=(0, min(top, 1.02)),
        title="Where along the scale does loss fall?",
    )
    ax.legend(loc="upper right")
    per_cent(ax)
    note(ax, f"Dots: {table['n'].sum():,.0f} answers followed, area by number.")
    return ax


def _counted_as_satisfied(ax: Axes, first: int, count: int) -> None:
    ax.axvspan(first - 0.5, count - 0.5, color="#eef4f5", zorder=0)
    ax.annotate(
        "counted as satisfied",
        xy=(first - 0.42, 0.985),
        xycoords=("data", "axes fraction"),
        va="top",
        fontsize=9,
        color=MUTED,
    )
