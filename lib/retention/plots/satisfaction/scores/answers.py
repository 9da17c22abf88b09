"""What follows an answer: curves from its day, and both conditionals."""

import pandas as pd
from matplotlib.axes import Axes

from retention.plots.satisfaction.scores.losses import BAND
from retention.plots.survival import survival_curves
from retention.plots.theme import ACCENT, INK, axes, per_cent


def curves_after_answer(
    curves: pd.DataFrame,
    ax: Axes | None = None,
    *,
    unit: str = "month",
    title: str = "Still here, by the score given",
) -> Axes:
    """Kaplan-Meier curves that begin on the day of the answer, score by score.

    Parameters
    ----------
    curves : DataFrame
        From `retention.satisfaction.score_curves`.
    ax : Axes, optional
    unit, title : str

    Returns
    -------
    Axes
        The scale of shares begins below the lowest band, not at zero.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots, satisfaction
    >>> from retention.counts.satisfaction import Scale
    >>> table = pd.DataFrame({"score": [4.0, 4.0, 5.0, 5.0], "entry": 0, "duration": 3,
    ...                       "event": [1, 0] * 2, "bucket": "00",
    ...                       "n": [40, 160, 20, 180]})
    >>> curves = satisfaction.score_curves(table, Scale.of(1, 5))
    >>> ax = plots.curves_after_answer(curves)
    >>> ax.get_title("left"), len(ax.lines)
    ('Still here, by the score given', 2)
    """
    ax = survival_curves(curves, ax, by="score", unit=unit, title=title)
    ax.legend(title="score", loc="lower left", ncols=2)
    lowest = float(curves.loc[curves["at_risk"] > 0, "lower"].min())
    ax.set(
        xlabel=f"{unit}s since the answer",
        ylabel=title.split(",")[0].lower(),
        ylim=(max(lowest - 0.12, 0), 1.01),
    )
    return ax


def both_conditionals(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    low: float,
    high: float,
    said: str = "the saying",
    title: str = "Two shares that are easily exchanged",
) -> Axes:
    """P(left | satisfied) and P(satisfied | left), with the saying's region behind.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, `lower`, `upper`, `n`, drawn from top to bottom.
    ax : Axes, optional
    low, high : float
        Region of the saying, drawn over the whole height.
    said : str
        What the region is called.
    title : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> from retention import plots
    >>> table = pd.DataFrame({"label": ["left, of the satisfied",
    ...                       "satisfied, of the left"],
    ...                       "value": [0.1, 0.7], "lower": [0.08, 0.6],
    ...                       "upper": [0.12, 0.8], "n": [900, 120]})
    >>> ax = plots.both_conditionals(table, low=0.65, high=0.85)
    >>> ax.get_title("left")
    'Two shares that are easily exchanged'
    """
    shown = table.iloc[::-1].reset_index(drop=True)
    ax = axes(ax, height=1.7 + 0.7 * len(shown))
    ax.axvspan(low, high, color=BAND, zorder=0)
    ax.annotate(
        said,
        xy=((low + high) / 2, len(shown) - 0.42),
        ha="center",
        va="top",
        fontsize=9,
        color=INK,
    )
    ax.barh(shown.index, shown["value"], height=0.34, color=ACCENT)
    ax.hlines(shown.index, shown["lower"], shown["upper"], color=INK, lw=2)
    for place, row in shown.iterrows():
        ax.annotate(
            f"{100 * row['value']:.0f} %  (n = {row['n']:,.0f})",
            xy=(row["upper"], place),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9.5,
        )
    ax.set_yticks(shown.index, shown["label"])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set(
        xlim=(0, 1.04),
        ylim=(-0.5, len(shown) - 0.35),
        xlabel="share (black: 95 % interval)",
        title=title,
    )
    per_cent(ax, axis="x")
    return ax
